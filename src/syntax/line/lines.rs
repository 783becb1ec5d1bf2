//! Physical lines and blanks: what every flavor shares.

/// One physical line: `start..end` without its line end, `next` is where the following one begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) next: usize,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// LF, CRLF, or CR alone.
    Any,
    /// LF alone ends a line and CR is a blank, as in the lexers of Postgres and PgBouncer.
    LineFeed,
}

/// The line that begins at `start`, or `None` at the end of the text.
pub(super) fn line_at(text: &str, start: usize, line_end: LineEnd) -> Option<Line> {
    let rest = text.as_bytes().get(start..).filter(|rest| !rest.is_empty())?;
    let found = rest.iter().position(|&byte| byte == b'\n' || (byte == b'\r' && line_end == LineEnd::Any));
    let Some(length) = found else {
        return Some(Line { start, end: text.len(), next: text.len() });
    };
    let end = start + length;
    let crlf = rest.get(length) == Some(&b'\r') && rest.get(length + 1) == Some(&b'\n');
    Some(Line { start, end, next: end + if crlf { 2 } else { 1 } })
}

/// Whether `byte` is a blank within a line.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c)
}

/// The first offset in `start..end` that is no blank, else `end`.
pub(super) fn skip_blanks(text: &str, start: usize, end: usize) -> usize {
    let found = text.as_bytes()[start..end].iter().position(|&byte| !is_blank(byte));
    found.map_or(end, |offset| start + offset)
}

/// `end` moved back over the blanks at the end of `start..end`.
pub(super) fn trim_end(text: &str, start: usize, end: usize) -> usize {
    let found = text.as_bytes()[start..end].iter().rposition(|&byte| !is_blank(byte));
    found.map_or(start, |offset| start + offset + 1)
}

/// Where the first of `bytes` stands in `start..end`.
pub(super) fn find(text: &str, start: usize, end: usize, wanted: &[u8]) -> Option<usize> {
    let found = text.as_bytes()[start..end].iter().position(|byte| wanted.contains(byte));
    found.map(|offset| start + offset)
}
