//! Lines of a text around an offset.

use crate::syntax::{Document, Format, NodeKind, Style};

/// The start of the line that `at` stands on; a byte order mark is not part of the first line.
pub(super) fn start(text: &str, at: usize) -> usize {
    let line = text[..at].rfind(['\n', '\r']).map_or(0, |before| before + 1);
    if text[line..].starts_with('\u{feff}') && line == 0 { '\u{feff}'.len_utf8().min(at) } else { line }
}

/// The end of the line that `at` stands on, its break excluded.
pub(super) fn end(text: &str, at: usize) -> usize {
    text[at..].find(['\n', '\r']).map_or(text.len(), |length| at + length)
}

/// The line break at `at`, or none.
pub(super) fn break_at(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    match rest.as_bytes() {
        [b'\r', b'\n', ..] => &rest[..2],
        [b'\r' | b'\n', ..] => &rest[..1],
        _ => "",
    }
}

/// The break of the line that `at` stands on, or that of the line before where it has none.
pub(super) fn break_near(text: &str, at: usize) -> &str {
    let here = break_at(text, end(text, at));
    if !here.is_empty() {
        return here;
    }
    match text[..at].rfind(['\n', '\r']) {
        Some(last) if text[..last].ends_with('\r') && text[last..].starts_with('\n') => &text[last - 1..=last],
        Some(last) => &text[last..=last],
        None => "\n",
    }
}

/// Whether there are only blanks between the start of its line and `at`.
pub(super) fn begins(text: &str, at: usize) -> bool {
    text[start(text, at)..at].trim_matches([' ', '\t']).is_empty()
}

/// Whether a line of a YAML file, other than one of a text or a flow collection, begins with a tab among its blanks.
pub(super) fn indented_by_tabs(document: &Document) -> bool {
    let text = &*document.text;
    if document.format != Format::Yaml || !text.contains('\t') {
        return false;
    }
    let free = |style: Style| !matches!(style, Style::Plain);
    let nodes = document.nodes.iter().filter(|node| free(node.style) || node.kind == NodeKind::Scalar);
    let mut spans: Vec<(usize, usize)> =
        nodes.map(|node| (node.content.start as usize, node.content.end as usize)).collect();
    spans.sort_unstable();
    // the furthest end of all that begin before
    let mut furthest = 0;
    for span in &mut spans {
        furthest = furthest.max(span.1);
        span.1 = furthest;
    }
    let mut start = 0;
    text.split_inclusive(['\n', '\r']).any(|line| {
        let at = start;
        start += line.len();
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        let before = spans.partition_point(|span| span.0 <= at);
        line[..blanks].contains('\t') && before.checked_sub(1).is_none_or(|before| spans[before].1 <= at)
    })
}
