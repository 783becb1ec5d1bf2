//! Bytes of a file into text, or the reason why they are none.
//!
//! ```
//! use trueup::syntax::decode::{DecodeError, decode};
//! assert_eq!(decode(b"\xef\xbb\xbfa: 1"), Ok("\u{feff}a: 1"));
//! assert_eq!(decode(b"\xff\xfea\0"), Err(DecodeError::Utf16));
//! assert_eq!(decode(b"ab\0"), Err(DecodeError::NotText { at: 2 }));
//! ```

use std::fmt;

/// The largest file that is read.
pub const MAX_BYTES: usize = 16 << 20;

/// Why a file is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// Not UTF-8, or a NUL, first at byte `at`.
    NotText {
        /// Offset of the first offending byte.
        at: usize,
    },
    /// Encoded as UTF-16 (or UTF-32), by its byte order mark or the NULs of its first characters.
    Utf16,
    /// Over [`MAX_BYTES`].
    TooLarge {
        /// How many bytes it has.
        bytes: usize,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::NotText { at } => write!(f, "not UTF-8 text: invalid byte at offset {at}"),
            DecodeError::Utf16 => write!(f, "encoded as UTF-16; only UTF-8 is read"),
            DecodeError::TooLarge { bytes } => write!(f, "{bytes} bytes, more than the {MAX_BYTES} that are read"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// The text of a file, its byte order mark included: offsets of the text are offsets of the file.
pub fn decode(bytes: &[u8]) -> Result<&str, DecodeError> {
    if bytes.len() > MAX_BYTES {
        return Err(DecodeError::TooLarge { bytes: bytes.len() });
    }
    // Without a mark, UTF-16 of an ASCII character is one NUL beside one byte.
    if matches!(
        bytes,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..]
    ) {
        return Err(DecodeError::Utf16);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| DecodeError::NotText { at: error.valid_up_to() })?;
    match text.find('\0') {
        Some(at) => Err(DecodeError::NotText { at }),
        None => Ok(text),
    }
}
