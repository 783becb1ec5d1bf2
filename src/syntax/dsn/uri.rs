//! Addresses: `scheme://user:password@host:port,host:port/database?option=value`, alone or behind `jdbc:`.

use super::variables::Hidden;
use super::{Builder, DsnKind, Node, NodeKind, Span, Style, is_scheme};

/// Reads an address.
pub(super) fn uri(builder: &mut Builder, kind: DsnKind) -> Option<()> {
    let text: Box<str> = builder.document.text.clone();
    let start = text.len() - text.trim_start().len();
    let end = text.trim_end().len();
    let (scheme, rest) = match kind {
        DsnKind::Jdbc => {
            let start = start + text[start..].starts_with("jdbc:").then_some("jdbc:".len())?;
            let length = jdbc_scheme(text.get(start..end)?)?;
            builder.entry(builder.root, None, "jdbc", Span::new(start - "jdbc:".len(), start - 1), Style::Plain, None);
            (Span::new(start, start + length), start + length + ":".len())
        }
        _ => {
            let length = text.get(start..end)?.find("://")?;
            (Span::new(start, start + length), start + length + ":".len())
        }
    };
    builder.entry(builder.root, None, "scheme", scheme, Style::Plain, None);

    let hidden = Hidden::new(&text);
    // `jdbc:postgresql:shop` names no host
    let slashes = text[rest..end].len() - text[rest..end].trim_start_matches('/').len();
    let authority = if slashes >= 2 { rest + "//".len() } else { rest };
    if slashes < 2 {
        tail(builder, &text, &hidden, rest + slashes, end);
        return Some(());
    }
    // JDBC of SQL Server separates its options with `;` and has no path.
    let stops: &[u8] = if kind == DsnKind::Jdbc { b"/?#;" } else { b"/?#" };
    let mut stop = hidden.find(&text, authority..end, stops).unwrap_or(end);
    let mut hosts = authority;
    let mut at = hidden.rfind(&text, authority..stop, b'@');
    if at.is_none() && kind == DsnKind::Uri && hidden.find(&text, authority..stop, b":").is_some() {
        // A password with a raw `/`, `?` or `#`: what stands before it is no port then.
        let colon = hidden.find(&text, authority..stop, b":").unwrap_or(stop);
        let port = &text[(colon + 1).min(stop)..stop];
        if !port.is_empty()
            && !port.bytes().all(|byte| byte.is_ascii_digit())
            && hidden.find(&text, colon..stop, b"$").is_none()
        {
            at = hidden.rfind(&text, stop..end, b'@');
            if let Some(at) = at {
                stop = hidden.find(&text, at..end, stops).unwrap_or(end);
            }
        }
    }
    if let Some(at) = at {
        let colon = hidden.find(&text, authority..at, b":");
        builder.component("user", authority, colon.unwrap_or(at));
        if let Some(colon) = colon {
            builder.component("password", colon + 1, at);
        }
        hosts = at + 1;
    }
    host_list(builder, &text, &hidden, hosts, stop);

    let stop = if text.as_bytes().get(stop) == Some(&b'/') && stop < end { stop + 1 } else { stop };
    tail(builder, &text, &hidden, stop, end);
    Some(())
}

/// How long the scheme behind `jdbc:` is: all before `://`, as drivers that wrap others put theirs in front, or before `:`
/// for a known one.
pub(super) fn jdbc_scheme(rest: &str) -> Option<usize> {
    let address = &rest[..rest.find(['?', ';']).unwrap_or(rest.len())];
    address.find("://").or_else(|| address.find(':').filter(|&end| is_scheme(&address[..end])))
}

/// What stands behind the hosts: `database?option=value`.
fn tail(builder: &mut Builder, text: &str, hidden: &Hidden, start: usize, end: usize) {
    let path_end = hidden.find(text, start..end, b"?#;").unwrap_or(end);
    if path_end > start {
        builder.component("database", start, path_end);
    }
    let separators: &[u8] = match text.as_bytes().get(path_end) {
        Some(b'?') if path_end < end => b"&",
        Some(b';') if path_end < end => b";",
        _ => return,
    };
    options(builder, text, hidden, path_end + 1, end, separators);
}

/// `host:port,host:port`, with IPv6 addresses in brackets.
fn host_list(builder: &mut Builder, text: &str, hidden: &Hidden, start: usize, end: usize) {
    if hidden.find(text, start..end, b",").is_some() {
        builder.component("hosts", start, end);
    }
    let mut from = start;
    while from < end {
        let to = hidden.find(text, from..end, b",").unwrap_or(end);
        let bracket = text[from..to].starts_with('[').then(|| hidden.find(text, from..to, b"]")).flatten();
        let colon = hidden.find(text, bracket.unwrap_or(from)..to, b":");
        match bracket {
            Some(close) => builder.component("host", from + 1, close),
            None if colon.unwrap_or(to) > from => builder.component("host", from, colon.unwrap_or(to)),
            None => {}
        }
        if let Some(colon) = colon.filter(|colon| colon + 1 < to) {
            builder.component("port", colon + 1, to);
        }
        from = to + 1;
    }
}

fn options(builder: &mut Builder, text: &str, hidden: &Hidden, start: usize, end: usize, separators: &[u8]) {
    let span = Span::new(start, end);
    let key = builder.key(None, "options", span.start);
    let mut node = Node::new(NodeKind::Map, Style::Plain, span);
    node.key = Some(key);
    let map = builder.document.push(node, Some(builder.root));
    let mut from = start;
    while from < end {
        let to = hidden.find(text, from..end, separators).unwrap_or(end);
        if to > from {
            let equals = hidden.find(text, from..to, b"=").unwrap_or(to);
            let key = Span::new(from, equals);
            let value = Span::new((equals + 1).min(to), to);
            let spelled = key.slice(text);
            let name = percent_decoded(spelled);
            let decoded = percent_decoded(value.slice(text));
            builder.entry(map, Some(key), name.as_deref().unwrap_or(spelled), value, Style::Plain, decoded);
        }
        from = to + 1;
    }
}

/// The text with `%41` undone, where there is any.
pub(super) fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8); // two hexadecimal digits fit a byte
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}
