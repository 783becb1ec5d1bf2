//! Values and keys in the spelling of their format.

use crate::syntax::yaml::schema;
use crate::syntax::{
    Document, Format, LineFlavor, NodeId, NodeKind, ScalarType, Style, caddyfile, haproxy, hcl, json, launch, line,
    nginx, odyssey, sql, toml,
};

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
        (Format::Line(flavor), style) => in_lines(flavor, style, text).unwrap_or_else(|| text.to_owned()),
        (Format::Shell | Format::Dockerfile | Format::Systemd, style) => launch::spell(style, text),
        (Format::Sql, style) => sql::spell(style, text),
        (Format::Hcl, style) => hcl::spell(style, text),
        (Format::Nginx, style) => nginx::spell(style, text),
        (Format::Odyssey, style) => odyssey::spell(style, text),
        (Format::Haproxy, style) => haproxy::spell(style, text),
        (Format::Caddyfile, style) => caddyfile::spell(style, text),
        (Format::CommandLine | Format::Dsn, _) => text.to_owned(),
    }
}

/// `text` as a value of the line family, in quotes if it was or if it must be; `None` where the flavor cannot say it.
/// What is given out has been read back.
pub(super) fn in_lines(flavor: LineFlavor, style: Style, text: &str) -> Option<String> {
    let quoted = |quote: char| match flavor {
        LineFlavor::Env | LineFlavor::Ini if quote == '"' => {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r");
            Some(format!("\"{escaped}\""))
        }
        LineFlavor::Env | LineFlavor::Ini => Some(format!("'{text}'")),
        LineFlavor::PostgresConf if quote == '\'' => {
            Some(format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''").replace('\n', "\\n")))
        }
        LineFlavor::PgBouncer if quote == '\'' => Some(format!("'{}'", text.replace('\'', "''"))),
        LineFlavor::PostgresConf | LineFlavor::PgBouncer | LineFlavor::Properties => None,
    };
    let plain = match flavor {
        LineFlavor::Properties => {
            let escaped = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
            Some(if escaped.starts_with(' ') { format!("\\{escaped}") } else { escaped })
        }
        _ => Some(text.to_owned()),
    };
    let spellings = match style {
        Style::SingleQuoted => [quoted('\''), quoted('"'), plain],
        Style::DoubleQuoted => [quoted('"'), quoted('\''), plain],
        _ => [plain, quoted('\''), quoted('"')],
    };
    let reads_back = |spelled: &String| {
        let document = entry(flavor, "k", spelled);
        let only = only_entry(&document);
        let clean = document.errors.is_empty() && document.comments.is_empty();
        clean
            && only.is_some_and(|only| {
                document.scalar(only) == text && document.node(only).content.slice(&document.text) == spelled
            })
    };
    spellings.into_iter().flatten().find(reads_back)
}

/// One entry as a file of its own, in a section where the flavor wants one.
fn entry(flavor: LineFlavor, key: &str, value: &str) -> Document {
    let header = if flavor == LineFlavor::PgBouncer { "[pgbouncer]\n" } else { "" };
    line::parse(&format!("{header}{key} = {value}\n"), flavor)
}

/// The entry of a file that holds no other.
fn only_entry(document: &Document) -> Option<NodeId> {
    let mut map = *document.roots.first()?;
    loop {
        let mut children = document.children(map);
        let only = children.next().filter(|_| children.next().is_none())?;
        if document.node(only).kind == NodeKind::Scalar {
            return Some(only);
        }
        map = only;
    }
}

/// `key` in the style of another one, if the format can say it so.
pub(super) fn spell_key_like(format: Format, style: Style, key: &str) -> Option<String> {
    match format {
        Format::Line(flavor) => {
            let document = entry(flavor, key, "v");
            let only = only_entry(&document)?;
            let good = document.errors.is_empty() && document.key(only) == Some(key);
            good.then(|| key.to_owned())
        }
        Format::Yaml if matches!(style, Style::SingleQuoted | Style::DoubleQuoted) => {
            Some(spell(format, style, key, ScalarType::Text))
        }
        Format::Yaml | Format::Json | Format::Toml => Some(spell_key(format, key)),
        Format::CommandLine
        | Format::Dsn
        | Format::Sql
        | Format::Hcl
        | Format::Nginx
        | Format::Odyssey
        | Format::Haproxy
        | Format::Caddyfile
        | Format::Shell
        | Format::Dockerfile
        | Format::Systemd => None,
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

/// The type that a value spelled so has by itself.
pub(super) fn type_of(format: Format, spelled: &str) -> Option<ScalarType> {
    if spelled.starts_with(['"', '\'']) { Some(ScalarType::Text) } else { plain_type(format, spelled) }
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
        Format::Line(_)
        | Format::CommandLine
        | Format::Dsn
        | Format::Sql
        | Format::Hcl
        | Format::Nginx
        | Format::Odyssey
        | Format::Haproxy
        | Format::Caddyfile
        | Format::Shell
        | Format::Dockerfile
        | Format::Systemd => None,
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
