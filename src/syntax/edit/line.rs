//! Entries of the line family: a new line behind the last of its section, in the style of its neighbours.

use super::spell::spell_key_like;
use super::{Refusal, Splice, lines};
use crate::syntax::{Document, LineFlavor, NodeId, NodeKind, Span, Style};

/// How the entries around a new one are written.
struct Neighbour<'a> {
    /// What stands before the key: an indentation, `export`.
    before: &'a str,
    /// What stands between key and value.
    separator: String,
}

pub(super) fn entry(
    document: &Document,
    flavor: LineFlavor,
    map: NodeId,
    key: &str,
    value: &str,
) -> Result<Vec<Splice>, Refusal> {
    let text = &*document.text;
    let node = document.node(map);
    let entries = || document.children(map).filter(|&child| document.node(child).kind == NodeKind::Scalar);
    let last = entries().last();
    let mut neighbours: Vec<Neighbour> = entries().filter_map(|entry| neighbour(document, entry)).collect();
    // a line without a mark may be an include
    let marked = neighbours.iter().rposition(|neighbour| neighbour.separator != " ");
    let style = match (marked, flavor) {
        (Some(marked), _) => Some(neighbours.swap_remove(marked)),
        (None, LineFlavor::PostgresConf | LineFlavor::Properties) => neighbours.pop(),
        (None, _) => None,
    };
    let separator = style.as_ref().map_or(usual(flavor), |style| &*style.separator);
    let before = style.as_ref().map_or("", |style| style.before);
    let key = spell_key_like(document.format, Style::Plain, key).ok_or(Refusal::Spelling)?;
    let line = format!("{before}{key}{separator}{value}");
    let after = match last {
        Some(last) => document.node(last).entry.end as usize,
        // a section that holds nothing yet: behind its header
        None if node.parent.is_some() => node.entry.end as usize,
        None if node.first_child.is_none() => text.len(),
        None => return Err(Refusal::NoPlace),
    };
    let line_end = lines::end(text, after);
    let own_break = lines::break_at(text, line_end);
    let line_break = lines::break_near(text, after);
    let empty = last.is_none() && node.parent.is_none() && (text.is_empty() || text.ends_with(['\n', '\r']));
    Ok(vec![if empty {
        Splice::insert(text.len(), format!("{line}{line_break}"))
    } else if own_break.is_empty() {
        Splice::insert(line_end, format!("{line_break}{line}"))
    } else {
        Splice::insert(line_end + own_break.len(), format!("{line}{line_break}"))
    }])
}

pub(super) fn delete(document: &Document, entry: Span) -> Splice {
    let text = &*document.text;
    let line_end = lines::end(text, entry.end as usize);
    let start = lines::start(text, entry.start as usize);
    Splice::remove(start, line_end + lines::break_at(text, line_end).len())
}

fn neighbour(document: &Document, entry: NodeId) -> Option<Neighbour<'_>> {
    let text = &*document.text;
    let node = document.node(entry);
    let key = document.node(node.key?);
    let before = &text[lines::start(text, node.entry.start as usize)..key.content.start as usize];
    let between = text.get(key.content.end as usize..node.content.start as usize)?;
    // columns are lined up for the keys that are there
    let blank = |part: &str| if part.is_empty() { "" } else { " " };
    let separator = match between.trim_matches([' ', '\t']) {
        "" if between.is_empty() => return None,
        "" => " ".to_owned(),
        mark @ ("=" | ":") => {
            let (left, right) = between.split_once(mark)?;
            format!("{}{mark}{}", blank(left), blank(right))
        }
        _ => return None,
    };
    Some(Neighbour { before, separator })
}

/// The separator that the documentation of a format uses.
fn usual(flavor: LineFlavor) -> &'static str {
    match flavor {
        LineFlavor::Properties | LineFlavor::Env => "=",
        LineFlavor::Ini | LineFlavor::PostgresConf | LineFlavor::PgBouncer => " = ",
    }
}
