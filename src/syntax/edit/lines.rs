//! Lines of a text around an offset.

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
