//! Text that may be printed: secrets are masked, and no character in it can move the cursor, hide text or turn its direction.
//!
//! Renderers take [`Redacted`] and cannot make one, so a raw text cannot be printed by mistake. This is the one place
//! where the lexical redactor meets the words of findings.
//!
//! ```text
//! "password=hunter2\u{1b}[2J"   →   "password=***␛[2J"
//! ```

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

/// Masks what looks like a secret in any text.
pub type Redactor<'a> = &'a dyn Fn(&str) -> String;

/// What stands for a secret.
pub(super) const MASK: &str = "***";

/// Text that is safe to print.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Redacted(String);

impl Redacted {
    /// One line of words, such as a message.
    pub(crate) fn words(text: &str, redact: Redactor<'_>) -> Self {
        Redacted(visible(&redact(text)).into_owned())
    }

    /// A path. Only its characters are made visible: a file's name is no secret.
    pub(crate) fn path(path: &str) -> Self {
        Redacted(visible(path).into_owned())
    }

    /// Several lines; their ends stay. For texts that an engine made, such as an inspection.
    pub fn lines(text: &str, redact: Redactor<'_>) -> Self {
        let redacted = redact(text);
        let lines: Vec<_> = redacted.lines().map(visible).collect();
        Redacted(lines.join("\n"))
    }

    /// Text of which [`super::excerpt`] has masked and escaped every piece itself.
    pub(super) fn assembled(text: String) -> Self {
        Redacted(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for Redacted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// `text` with each character that a terminal would act upon replaced by one that shows it.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| escape(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match escape(c) {
            Some(escaped) => shown.push_str(&escaped),
            None => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// What stands for a character that must not be printed as it is.
pub(super) fn escape(c: char) -> Option<Cow<'static, str>> {
    match c {
        '\t' => Some("    ".into()),
        // the control pictures: one column wide, like what they stand for
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32).map(|picture| picture.to_string().into()),
        '\u{7f}' => Some("\u{2421}".into()),
        // C1 controls; soft hyphen, joiners, marks and overrides of direction, tags, line separators, the byte order mark
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Some(format!("\\u{{{:x}}}", c as u32).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_acts_on_the_terminal() {
        for (raw, shown) in [
            ("plain é 漢", "plain é 漢"),
            ("a\tb", "a    b"),
            ("\u{1b}[31m\r\n\0", "␛[31m␍␊␀"),
            ("a\u{202e}b\u{9b}", "a\\u{202e}b\\u{9b}"),
        ] {
            assert_eq!(visible(raw), shown);
        }
    }
}
