//! What stands between two tokens of YAML: blanks, comments, node properties and indicators.
//!
//! The parser reports scalars and collections; where an entry's `-`, `?` or `:` and a block scalar's header stand
//! is found here, by reading on from the end of the last token. Every gap is read once.

/// The offset of indicator `wanted` in the gap of `text` that begins at `from`: behind blanks, line breaks, commas,
/// comments, anchors and tags. `None` when the gap ends before.
pub(super) fn find(text: &str, from: usize, wanted: &[u8]) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            _ if wanted.contains(&byte) => return Some(at),
            b' ' | b'\t' | b'\n' | b'\r' | b',' => at += 1,
            b'#' => at = line_end(bytes, at),
            b'&' | b'!' => at = property_end(bytes, at),
            0xef if bytes[at..].starts_with("\u{feff}".as_bytes()) => at += 3,
            _ => return None,
        }
    }
    None
}

/// The end of the line that `at` stands on, its break excluded.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(bytes.len(), |length| at + length)
}

/// The start of the line after the one `at` stands on; the end of the text when it is the last.
pub(super) fn next_line(bytes: &[u8], at: usize) -> usize {
    let end = line_end(bytes, at);
    match (bytes.get(end), bytes.get(end + 1)) {
        (Some(b'\r'), Some(b'\n')) => end + 2,
        (Some(_), _) => end + 1,
        (None, _) => end,
    }
}

/// The start of the line that `at` stands on.
pub(super) fn line_start(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |before| before + 1)
}

fn property_end(bytes: &[u8], at: usize) -> usize {
    let verbatim = bytes[at..].starts_with(b"!<");
    let length = bytes[at..].iter().position(|byte| match byte {
        b' ' | b'\t' | b'\n' | b'\r' => true,
        b',' | b'[' | b']' | b'{' | b'}' => !verbatim,
        _ => false,
    });
    length.map_or(bytes.len(), |length| at + length.max(1))
}
