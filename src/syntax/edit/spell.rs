//! Values and keys in the spelling of their format.

use crate::syntax::yaml::schema;
use crate::syntax::{Document, Format, ScalarType, Style, json, toml};

/// `text` as a scalar of type `scalar`, quoted as the one it replaces was, or as it must be to stay what it is.
///
/// ```
/// use trueup::syntax::{Format, ScalarType, Style, edit::spell};
/// assert_eq!(spell(Format::Yaml, Style::Plain, "30s", ScalarType::Text), "30s");
/// assert_eq!(spell(Format::Yaml, Style::Plain, "yes", ScalarType::Text), "\"yes\"");
/// assert_eq!(spell(Format::Yaml, Style::SingleQuoted, "it's", ScalarType::Text), "'it''s'");
/// assert_eq!(spell(Format::Json, Style::Plain, "30", ScalarType::Integer), "30");
/// assert_eq!(spell(Format::Toml, Style::Plain, "30s", ScalarType::Text), "\"30s\"");
/// ```
pub fn spell(format: Format, style: Style, text: &str, scalar: ScalarType) -> String {
    if scalar != ScalarType::Text && plain_type(format, text) == Some(scalar) {
        return text.to_owned();
    }
    match (format, style) {
        (Format::Json, _) => double_quoted(text),
        (Format::Yaml, Style::SingleQuoted) if printable(text) => format!("'{}'", text.replace('\'', "''")),
        (Format::Yaml, Style::DoubleQuoted) => double_quoted(text),
        (Format::Yaml, _) if is_plain(text) => text.to_owned(),
        (Format::Toml, Style::SingleQuoted) if printable(text) && !text.contains('\'') => format!("'{text}'"),
        (Format::Yaml | Format::Toml, _) => double_quoted(text),
        (Format::Line(_) | Format::CommandLine | Format::Dsn, _) => text.to_owned(),
    }
}

/// `key` as the format writes keys: bare where it may be.
pub fn spell_key(format: Format, key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    match format {
        Format::Toml if bare => key.to_owned(),
        Format::Toml => double_quoted(key),
        _ => spell(format, Style::Plain, key, ScalarType::Text),
    }
}

/// The type `text` has when it is written without quotes, if it may be.
fn plain_type(format: Format, text: &str) -> Option<ScalarType> {
    let only = |document: Document| {
        let root = document.roots.first().copied()?;
        let scalar = document.children(root).next()?;
        let node = document.node(scalar);
        let whole = node.content.slice(&document.text) == text && document.errors.is_empty();
        (whole && node.plain()).then_some(node.scalar)
    };
    match format {
        Format::Yaml => Some(schema::scalar_type(text)).filter(|_| !schema::ambiguous(text)),
        Format::Json => only(json::parse(&format!("[{text}]"))),
        Format::Toml => only(toml::parse(&format!("a = {text}"))),
        Format::Line(_) | Format::CommandLine | Format::Dsn => None,
    }
}

/// Whether `text` may stand in YAML without quotes, in block and flow, and is text to readers of 1.1 and of 1.2.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let second = text[first.len_utf8()..].chars().next();
    let begins = match first {
        '-' | '?' | ':' => second.is_some_and(|c| !c.is_whitespace()),
        _ => !"#&*!|>'\"%@`=".contains(first),
    };
    begins
        && printable(text)
        && !text.starts_with(' ')
        && !text.ends_with([' ', ':'])
        && !text.contains([',', '[', ']', '{', '}'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("---")
        && !text.starts_with("...")
        && schema::scalar_type(text) == ScalarType::Text
        && !schema::ambiguous(text)
}

/// Whether every character may stand in one line as it is.
fn printable(text: &str) -> bool {
    !text.chars().any(needs_escape)
}

fn needs_escape(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// In double quotes, with the escapes that JSON, YAML and TOML share.
fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if needs_escape(c) => quoted.push_str(&format!("\\u{:04x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
