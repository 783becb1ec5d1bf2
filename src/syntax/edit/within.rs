//! Another text for a part of a scalar, in the lines and the quotes that the scalar has.

use super::spell::{self, spell};
use super::{Refusal, Splice};
use crate::syntax::{Document, Format, NodeId, NodeKind, ScalarType, Span, SpanMap, Style, embed};

pub(super) fn splice(document: &Document, id: NodeId, range: Span, text: &str) -> Result<Splice, Refusal> {
    let node = document.node(id);
    match node.kind {
        NodeKind::Alias => return Err(Refusal::Alias),
        NodeKind::Scalar if node.scalar == ScalarType::Text => {}
        _ => return Err(Refusal::Kind),
    }
    let whole = document.scalar(id);
    let (before, after) = (whole.get(..range.start as usize), whole.get(range.end as usize..));
    let (Some(before), Some(after)) = (before, after) else { return Err(Refusal::Kind) };
    let embedded = embed::scalar(document, id).filter(|embedded| embedded.faithful).ok_or(Refusal::Spelling)?;
    if node.style == Style::Literal && document.format == Format::Yaml {
        return lines_of(document, node.content, whole, range, text);
    }
    if node.style == Style::Folded || !embedded.map.is_contiguous(Span::new(0, whole.len())) {
        return in_folded_line(document, id, &embedded.map, range, text).ok_or(Refusal::Spelling);
    }
    let new = format!("{before}{text}{after}");
    let spelled = match document.format {
        Format::Line(flavor) => spell::in_lines(flavor, node.style, &new).ok_or(Refusal::Spelling)?,
        format => spell(format, node.style, &new, ScalarType::Text),
    };
    Ok(trimmed(&document.text, node.content, &spelled))
}

/// The part where it stands, on one line of a scalar whose lines are folded, or with the line break before it.
fn in_folded_line(document: &Document, id: NodeId, map: &SpanMap, range: Span, text: &str) -> Option<Splice> {
    let node = document.node(id);
    let is_block = node.style == Style::Folded;
    let is_said_plainly = |text: &str| {
        !text.contains(['#', ',', '[', ']', '{', '}', '"', '\'']) && !text.contains(": ") && !text.ends_with(':')
    };
    if text.contains(['\n', '\r']) || !is_block && !is_said_plainly(text) {
        return None;
    }
    // both ends lie on a line's text or at its end
    let place = if range.is_empty() {
        Span::new(map.offset(range.start) as usize, map.offset(range.start) as usize)
    } else {
        map.span(range)
    };
    let (before, after) = (&document.text[..place.start as usize], &document.text[place.end as usize..]);
    let before = &before[before.rfind('\n').map_or(0, |at| at + 1).max(node.content.start as usize)..];
    let after = &after[..after.find(['\r', '\n']).unwrap_or(after.len())];
    let after = &after[..after.len().min(node.content.end.saturating_sub(place.end) as usize)];
    let body = format!("{}{text}{after}", before.trim_start_matches(' '));
    // a line that is empty, begins with a space or ends with one is folded in another way
    let is_kept = !body.is_empty() && !body.starts_with([' ', '\t']) && !body.ends_with([' ', '\t']);
    is_kept.then(|| Splice { span: place, text: text.to_owned() })
}

/// The lines of a literal block scalar that the part stands on, written anew at their depth.
fn lines_of(document: &Document, content: Span, whole: &str, range: Span, text: &str) -> Result<Splice, Refusal> {
    let source = content.slice(&document.text);
    let (start, end) = (range.start as usize, range.end as usize);
    // pairs of a line of the scalar and the line of the file that it stands on
    let lines: Vec<(&str, &str)> = whole.split_inclusive('\n').zip(source.split_inclusive('\n')).collect();
    let first_line = lines.iter().find(|(line, _)| !line.trim_matches(['\n', '\r', ' ']).is_empty());
    let (line, spelled) = first_line.ok_or(Refusal::Spelling)?;
    let depth = spelled.trim_end_matches(['\n', '\r']).len().checked_sub(line.trim_end_matches('\n').len());
    let indent = spelled.get(..depth.ok_or(Refusal::Spelling)?).ok_or(Refusal::Spelling)?;
    let line_break = if spelled.ends_with("\r\n") { "\r\n" } else { "\n" };

    let (mut inner, mut host) = (0, content.start as usize);
    let mut touched: Option<(usize, usize)> = None; // where the first touched line begins, inside and in the file
    let (mut inner_end, mut host_end) = (0, host);
    for (line, spelled) in &lines {
        let next = inner + line.len();
        if touched.is_none() && start < next {
            touched = Some((inner, host));
        }
        if touched.is_some() && (inner < end || inner == start) {
            (inner_end, host_end) = (next, host + spelled.len());
        }
        (inner, host) = (next, host + spelled.len());
    }
    let (from, at) = match touched {
        Some(place) => place,
        // behind the last line
        None => {
            (inner_end, host_end) = (inner, host);
            (inner, host)
        }
    };
    let middle = format!("{}{text}{}", &whole[from..start], &whole[end.min(inner_end)..inner_end]);
    let mut new = String::new();
    for line in middle.split_inclusive('\n') {
        let body = line.strip_suffix('\n');
        let (body, ended) = (body.unwrap_or(line), body.is_some());
        if !body.is_empty() {
            new.push_str(indent);
            new.push_str(body);
        }
        if ended {
            new.push_str(line_break);
        }
    }
    let place = Span::new(at, host_end);
    // the break of the scalar's last line may stand behind it
    let unbroken = !document.text[..host_end].ends_with('\n') && whole.ends_with('\n');
    if unbroken && new.ends_with(line_break) {
        new.truncate(new.len() - line_break.len());
        if place.is_empty() {
            new.insert_str(0, line_break);
        }
    }
    Ok(trimmed(&document.text, place, &new))
}

/// The new text of a place, less what is the same at both of its ends.
fn trimmed(source: &str, place: Span, new: &str) -> Splice {
    let old = place.slice(source);
    let same = |a: &[u8], b: &[u8]| a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let mut front = same(old.as_bytes(), new.as_bytes());
    while !old.is_char_boundary(front) || !new.is_char_boundary(front) {
        front -= 1;
    }
    let most = old.len().min(new.len()) - front;
    let mut back = old.bytes().rev().zip(new.bytes().rev()).take(most).take_while(|(a, b)| a == b).count();
    while !old.is_char_boundary(old.len() - back) || !new.is_char_boundary(new.len() - back) {
        back -= 1;
    }
    let (start, end) = (place.start as usize + front, place.end as usize - back);
    Splice { span: Span::new(start, end), text: new[front..new.len() - back].to_owned() }
}
