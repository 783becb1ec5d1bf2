//! Pairs: libpq's `host=a dbname='x y'`, and `Host=a;Password="x;y"` of ADO.NET and ODBC.

use super::variables::Hidden;
use super::{DsnKind, Span, Style};

/// One `key=value` of the pair forms.
pub(super) struct Pair {
    pub(super) key: Span,
    pub(super) value: Span,
    pub(super) style: Style,
    pub(super) decoded: Option<String>,
}

/// A keyword without case, blanks and underscores.
pub(super) fn folded(key: &str) -> String {
    key.chars().filter(|char| !matches!(char, ' ' | '_')).flat_map(char::to_lowercase).collect()
}

/// Splits the pair forms; `None` if anything is not a pair.
pub(super) fn pairs(text: &str, kind: DsnKind) -> Option<Vec<Pair>> {
    let bytes = text.as_bytes();
    let ado = kind == DsnKind::Ado;
    let hidden = Hidden::new(text);
    let mut pairs = Vec::new();
    let mut at = 0;
    loop {
        while bytes.get(at).is_some_and(|&byte| byte.is_ascii_whitespace() || (ado && byte == b';')) {
            at += 1;
        }
        if at == bytes.len() {
            return (!pairs.is_empty()).then_some(pairs);
        }
        let is_key =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || (ado && byte == b' ');
        let length = bytes[at..].iter().take_while(|&&byte| is_key(byte)).count();
        let key = Span::new(at, at + text[at..at + length].trim_end().len());
        at = skip_spaces(bytes, at + length);
        if key.is_empty() || bytes.get(at) != Some(&b'=') {
            return None;
        }
        at = skip_spaces(bytes, at + 1);
        let (value, style, decoded) = match bytes.get(at) {
            Some(&quote @ b'\'') => quoted(text, at, quote, !ado)?,
            Some(&quote @ b'"') if ado => quoted(text, at, quote, false)?,
            _ => plain(text, at, &hidden, ado),
        };
        at = value.end as usize;
        if ado {
            at = skip_spaces(bytes, at);
        }
        let ends = bytes.get(at).is_none_or(|byte| if ado { *byte == b';' } else { byte.is_ascii_whitespace() });
        if !ends {
            return None;
        }
        pairs.push(Pair { key, value, style, decoded });
    }
}

fn skip_spaces(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// A quoted value: a doubled quote is one, and in libpq's form `\` escapes.
fn quoted(text: &str, start: usize, quote: u8, escapes: bool) -> Option<(Span, Style, Option<String>)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = start + 1;
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        match byte {
            b'\\' if escapes => {
                out.push(*bytes.get(at)?);
                at += 1;
            }
            _ if byte == quote && bytes.get(at) == Some(&quote) => {
                out.push(quote);
                at += 1;
            }
            _ if byte == quote => break,
            _ => out.push(byte),
        }
    }
    let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
    Some((Span::new(start, at), style, Some(String::from_utf8_lossy(&out).into_owned())))
}

fn plain(text: &str, start: usize, hidden: &Hidden, ado: bool) -> (Span, Style, Option<String>) {
    let bytes = text.as_bytes();
    let mut at = start;
    let mut escaped = false;
    while let Some(&byte) = bytes.get(at) {
        let ends = if ado { byte == b';' } else { byte.is_ascii_whitespace() };
        if ends && !hidden.hides(at) {
            break;
        }
        let escape = !ado && byte == b'\\' && bytes.get(at + 1).is_some_and(u8::is_ascii);
        escaped |= escape;
        at += if escape { 2 } else { 1 };
    }
    let end = start + text[start..at].trim_end().len();
    let decoded = escaped.then(|| {
        let mut chars = text[start..end].chars();
        let mut out = String::new();
        while let Some(char) = chars.next() {
            out.extend(if char == '\\' { chars.next() } else { Some(char) });
        }
        out
    });
    (Span::new(start, end), Style::Plain, decoded)
}
