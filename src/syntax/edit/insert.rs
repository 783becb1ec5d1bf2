//! A new entry behind the last one of a map, laid out as its siblings are.

use super::spell::spell_key;
use super::{Refusal, Splice, lines};
use crate::syntax::{Document, Format, NodeId, NodeKind, Style};

pub(super) fn splices(document: &Document, map: NodeId, key: &str, value: &str) -> Result<Vec<Splice>, Refusal> {
    match document.node(map).kind {
        NodeKind::Map => {}
        NodeKind::Alias => return Err(Refusal::Alias),
        _ => return Err(Refusal::Kind),
    }
    if document.entry(map, key).is_some() {
        return Err(Refusal::KeyExists);
    }
    let separator = if document.format == Format::Toml { " = " } else { ": " };
    let entry = format!("{}{separator}{value}", spell_key(document.format, key));
    if document.node(map).style == Style::Flow {
        return flow(document, map, &entry);
    }
    match document.format {
        Format::Toml => toml(document, map, &entry),
        _ => block(document, map, &entry),
    }
}

/// Into `{…}`.
fn flow(document: &Document, map: NodeId, entry: &str) -> Result<Vec<Splice>, Refusal> {
    let text = &*document.text;
    let content = document.node(map).content;
    if !content.slice(text).starts_with('{') || !content.slice(text).ends_with('}') {
        return Err(Refusal::NoPlace); // a single pair in a list, without braces
    }
    let Some(last) = document.node(map).last_child else {
        return Ok(vec![Splice::insert(content.start as usize + 1, entry)]);
    };
    let last = document.node(last).entry;
    let (last_start, last_end) = (last.start as usize, last.end as usize);
    let (comma, after) = match comma_behind(document, last_end) {
        Some(comma) => (true, comma + 1),
        None => (false, last_end),
    };
    let line_end = lines::end(text, after);
    let rest = text[after..line_end].trim_matches([' ', '\t']);
    let comment = document.comments.iter().any(|comment| {
        let span = comment.span;
        span.start as usize >= after && span.end as usize <= line_end && span.slice(text) == rest
    });
    // On lines of their own, the new one gets a line too, behind the comment of the last.
    if lines::begins(text, last_start) && (rest.is_empty() || comment) {
        let indent = &text[lines::start(text, last_start)..last_start];
        let line_break = lines::break_near(text, after);
        let tail = if comma { "," } else { "" };
        let mut splices = vec![Splice::insert(line_end, format!("{line_break}{indent}{entry}{tail}"))];
        if !comma {
            splices.insert(0, Splice::insert(last_end, ","));
        }
        return Ok(splices);
    }
    Ok(vec![Splice::insert(last_end, format!(", {entry}"))])
}

/// The comma behind `from`, past blanks, line breaks and comments.
pub(super) fn comma_behind(document: &Document, from: usize) -> Option<usize> {
    let bytes = document.text.as_bytes();
    let mut comments = document.comments.iter().map(|comment| comment.span).filter(|span| span.start as usize >= from);
    let mut comment = comments.next();
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b',' => return Some(at),
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            _ if comment.is_some_and(|span| span.start as usize == at) => {
                at = comment.map_or(at, |span| span.end as usize);
                comment = comments.next();
            }
            _ => return None,
        }
    }
}

/// Into a YAML block map.
fn block(document: &Document, map: NodeId, entry: &str) -> Result<Vec<Splice>, Refusal> {
    let node = document.node(map);
    let (Some(first), Some(last)) = (node.first_child, node.last_child) else { return Err(Refusal::NoPlace) };
    let first = document.node(first).entry.start as usize;
    let head = &document.text[lines::start(&document.text, first)..first];
    // A compact map (`- a: 1`) continues below its first key.
    let indent: String = head.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    Ok(vec![below(document, document.node(last).entry.end as usize, &indent, entry)])
}

/// Into a TOML table with a header, or the top of the file.
fn toml(document: &Document, map: NodeId, entry: &str) -> Result<Vec<Splice>, Refusal> {
    let text = &*document.text;
    let node = document.node(map);
    let is_header = |id: NodeId| document.node(id).entry.slice(text).starts_with('[');
    let pairs = document.children(map).map(|child| (child, document.node(child).entry));
    let last = if node.parent.is_none() {
        pairs.filter(|&(child, _)| !is_header(child)).map(|(_, entry)| entry).max_by_key(|entry| entry.end)
    } else {
        // An implicit table has no lines of its own to add to.
        let explicit = match node.key {
            Some(key) => {
                text[document.node(key).content.end as usize..].trim_start_matches([' ', '\t']).starts_with(']')
            }
            None => true,
        };
        if !is_header(map) || !explicit {
            return Err(Refusal::NoPlace);
        }
        let own = pairs.map(|(_, entry)| entry).filter(|entry| node.content.contains(*entry));
        Some(own.max_by_key(|entry| entry.end).unwrap_or(node.content))
    };
    let last = last.ok_or(Refusal::NoPlace)?;
    let start = last.start as usize;
    let indent = if lines::begins(text, start) { &text[lines::start(text, start)..start] } else { "" };
    Ok(vec![below(document, last.end as usize, indent, entry)])
}

/// A line behind the one that `end` stands on.
fn below(document: &Document, end: usize, indent: &str, entry: &str) -> Splice {
    let text = &*document.text;
    let line_break = lines::break_near(text, end);
    let line_end = lines::end(text, end);
    let own_break = lines::break_at(text, line_end);
    if own_break.is_empty() {
        Splice::insert(line_end, format!("{line_break}{indent}{entry}"))
    } else {
        Splice::insert(line_end + own_break.len(), format!("{indent}{entry}{line_break}"))
    }
}
