//! A comment less, or a part of one.

use super::{Refusal, Splice, lines};
use crate::syntax::{Document, Span};

pub(super) fn splice(document: &Document, comment: usize) -> Result<Splice, Refusal> {
    let comment = document.comments.get(comment).ok_or(Refusal::Kind)?;
    let text = &*document.text;
    let (start, end) = (comment.span.start as usize, comment.span.end as usize);
    if comment.own_line && lines::begins(text, start) {
        let line_end = lines::end(text, end);
        if text[end..line_end].trim_matches([' ', '\t']).is_empty() {
            let next = line_end + lines::break_at(text, line_end).len();
            // the comment may be all that keeps a line of blanks out of a block scalar
            let behind = &text[next..lines::end(text, next)];
            if !behind.is_empty() && behind.trim_matches([' ', '\t']).is_empty() {
                return Err(Refusal::Comment);
            }
            return Ok(Splice::remove(lines::start(text, start), next));
        }
    }
    let before = text[..start].trim_end_matches([' ', '\t']).len().max(lines::start(text, start));
    // what follows a comment between two marks stays apart from what stands before it
    let follows = !text[end..lines::end(text, end)].trim_matches([' ', '\t']).is_empty();
    Ok(Splice::remove(if follows { start } else { before }, end))
}

pub(super) fn trim(document: &Document, comment: usize, part: Span) -> Result<Splice, Refusal> {
    let comment = document.comments.get(comment).ok_or(Refusal::Kind)?;
    let within = comment.span.start < part.start && part.end < comment.span.end && part.start <= part.end;
    let one_line = !part.slice(&document.text).contains(['\n', '\r']);
    if within && one_line { Ok(Splice { span: part, text: String::new() }) } else { Err(Refusal::Comment) }
}
