//! Data source names: where to connect, as whom, with which options.
//!
//! In goes a text, out comes a document whose root map has the entries `scheme`, `user`, `password`, `host`, `port`,
//! `database` and a map `options`; several hosts repeat `host`, each with its `port` behind it. The `key=value` forms
//! have their own keys in the root. Values are decoded, spans are raw, passwords are in `secrets`.
//!
//! ```
//! use trueup::syntax::dsn;
//!
//! let document = dsn::parse("postgresql://app:s%40fe@db:6432/shop?connect_timeout=5").expect("a DSN");
//! let root = document.roots[0];
//! let timeout = document.lookup(root, &["options", "connect_timeout"]).expect("it is there");
//! assert_eq!(document.scalar(timeout), "5");
//! assert_eq!(document.secrets[0].slice(&document.text), "s%40fe");
//! ```
//!
//! Variables (`${HOST}`, `$(HOST)`, `{{ host }}`) may stand anywhere and hide the separators inside them.

use super::{Document, Format, Node, NodeId, NodeKind, Span, Style, secret};

/// The spelling of a data source name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DsnKind {
    /// `scheme://user:password@host:port/database?option=value`.
    Uri,
    /// The same behind `jdbc:`.
    Jdbc,
    /// libpq's `host=a port=5432 dbname='x y'`; also the values of PgBouncer's `[databases]`.
    KeyValue,
    /// `Host=a;Port=5432;Password="x;y"`: ADO.NET and ODBC.
    Ado,
}

/// Schemes of databases, caches and brokers, without the driver (`+asyncpg`).
const SCHEMES: &[&str] = &[
    "postgres",
    "postgresql",
    "pgsql",
    "postgis",
    "ecto",
    "cockroachdb",
    "timescaledb",
    "redshift",
    "mysql",
    "mysql2",
    "mariadb",
    "redis",
    "rediss",
    "valkey",
    "valkeys",
    "mongodb",
    "amqp",
    "amqps",
    "mssql",
    "sqlserver",
    "oracle",
    "clickhouse",
    "clickhouses",
    "nats",
    "cassandra",
    "neo4j",
    "neo4js",
    "bolt",
    "memcached",
    "opensearch",
    "elasticsearch",
    "milvus",
    "qdrant",
];

const HOST_KEYS: &[&str] =
    &["host", "hostaddr", "dbname", "service", "server", "datasource", "database", "initialcatalog"];
const OTHER_KEYS: &[&str] = &["port", "user", "userid", "username", "uid", "password", "pwd", "sslmode", "options"];

/// Says whether `text` as a whole is a data source name, and how it is spelled.
pub fn recognise(text: &str) -> Option<DsnKind> {
    let trimmed = text.trim();
    if let Some(rest) = trimmed.strip_prefix("jdbc:") {
        return rest.contains("://").then_some(DsnKind::Jdbc);
    }
    if let Some((scheme, _)) = trimmed.split_once("://") {
        let base = scheme.split('+').next().unwrap_or(scheme).to_ascii_lowercase();
        if SCHEMES.contains(&base.as_str()) {
            return Some(DsnKind::Uri);
        }
    }
    if trimmed.contains('\n') {
        return None;
    }
    let known = |kind: DsnKind| {
        let pairs = pairs(text, kind)?;
        let named =
            |keys: &[&str]| pairs.iter().filter(|pair| keys.contains(&folded(pair.key.slice(text)).as_str())).count();
        let hosts = named(HOST_KEYS);
        let enough = match kind {
            DsnKind::Ado => hosts > 0 && hosts + named(OTHER_KEYS) > 1,
            _ => hosts > 0,
        };
        enough.then_some(kind)
    };
    if trimmed.contains(';') { known(DsnKind::Ado) } else { known(DsnKind::KeyValue) }
}

/// Parses a text that [`recognise`] takes for a data source name.
pub fn parse(text: &str) -> Option<Document> {
    recognise(text).and_then(|kind| parse_as(text, kind))
}

/// Parses a text known to be of this kind; `None` if it does not have its form.
pub fn parse_as(text: &str, kind: DsnKind) -> Option<Document> {
    let mut document = Document::new(text, Format::Dsn);
    let root = document.push(Node::new(NodeKind::Map, Style::Plain, Span::new(0, text.len())), None);
    document.roots.push(root);
    let mut builder = Builder { document, root };
    match kind {
        DsnKind::Uri | DsnKind::Jdbc => uri(&mut builder, kind)?,
        DsnKind::KeyValue | DsnKind::Ado => {
            for pair in pairs(text, kind)? {
                builder.entry(root, Some(pair.key), pair.key.slice(text), pair.value, pair.style, pair.decoded);
            }
        }
    }
    builder.document.secrets.sort_unstable();
    Some(builder.document)
}

struct Builder {
    document: Document,
    root: NodeId,
}

impl Builder {
    /// Adds an entry; without a key in the text, an empty one named `name` at the value's start.
    fn entry(
        &mut self,
        map: NodeId,
        key: Option<Span>,
        name: &str,
        value: Span,
        style: Style,
        decoded: Option<String>,
    ) {
        let key = self.key(key, name, value.start);
        let mut node = Node::new(NodeKind::Scalar, style, value);
        node.entry = self.document.node(key).content.cover(value);
        node.key = Some(key);
        node.decoded = decoded.map(Into::into);
        self.document.push(node, Some(map));
        if secret::is_secret_key(name) && !value.is_empty() {
            self.document.secrets.push(value);
        }
    }

    fn key(&mut self, span: Option<Span>, name: &str, at: u32) -> NodeId {
        let mut node = Node::new(NodeKind::Scalar, Style::Plain, span.unwrap_or(Span { start: at, end: at }));
        if node.content.slice(&self.document.text) != name {
            node.decoded = Some(name.into());
        }
        self.document.push(node, None)
    }

    /// Adds a percent-encoded component of a URI.
    fn component(&mut self, name: &str, start: usize, end: usize) {
        let value = Span::new(start, end);
        let decoded = percent_decoded(value.slice(&self.document.text));
        self.entry(self.root, None, name, value, Style::Plain, decoded);
    }
}

/// Which bytes stand inside a variable and separate nothing: one pass, sorted spans.
struct Hidden(Vec<Span>);

impl Hidden {
    fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut spans = Vec::new();
        let mut open: Vec<u8> = Vec::new();
        let mut start = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| bytes[before]);
            match byte {
                b'{' if matches!(before, Some(b'$' | b'{' | b'#')) || !open.is_empty() => {
                    if open.is_empty() {
                        start = at - 1; // there is a byte before it
                    }
                    open.push(b'}');
                }
                b'(' if before == Some(b'$') => {
                    if open.is_empty() {
                        start = at - 1;
                    }
                    open.push(b')');
                }
                _ if open.last() == Some(&byte) => {
                    open.pop();
                    if open.is_empty() {
                        spans.push(Span::new(start, at + 1));
                    }
                }
                _ => {}
            }
        }
        if !open.is_empty() {
            spans.push(Span::new(start, text.len()));
        }
        Hidden(spans)
    }

    fn hides(&self, at: usize) -> bool {
        let after = self.0.partition_point(|span| span.start as usize <= at);
        after.checked_sub(1).is_some_and(|index| at < self.0[index].end as usize)
    }

    /// The first (or last) of `wanted` in `range` that no variable hides.
    fn find(&self, text: &str, range: std::ops::Range<usize>, wanted: &[u8]) -> Option<usize> {
        let bytes = text.as_bytes();
        range.into_iter().find(|&at| wanted.contains(&bytes[at]) && !self.hides(at))
    }

    fn rfind(&self, text: &str, range: std::ops::Range<usize>, wanted: u8) -> Option<usize> {
        let bytes = text.as_bytes();
        range.into_iter().rev().find(|&at| bytes[at] == wanted && !self.hides(at))
    }
}

fn uri(builder: &mut Builder, kind: DsnKind) -> Option<()> {
    let text: Box<str> = builder.document.text.clone();
    let start = text.len() - text.trim_start().len();
    let end = text.trim_end().len();
    let scheme_start = match kind {
        DsnKind::Jdbc => start + text[start..].starts_with("jdbc:").then_some("jdbc:".len())?,
        _ => start,
    };
    let scheme_end = start + text.get(start..end)?.find("://")?;
    if scheme_end < scheme_start {
        return None;
    }
    let scheme = Span::new(scheme_start, scheme_end);
    builder.entry(builder.root, None, "scheme", scheme, Style::Plain, None);

    let hidden = Hidden::new(&text);
    let authority = scheme_end + "://".len();
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

    let mut rest = stop;
    if text.as_bytes().get(rest) == Some(&b'/') && rest < end {
        let path_end = hidden.find(&text, rest + 1..end, b"?#;").unwrap_or(end);
        if path_end > rest + 1 {
            builder.component("database", rest + 1, path_end);
        }
        rest = path_end;
    }
    let separators: &[u8] = match text.as_bytes().get(rest) {
        Some(b'?') if rest < end => b"&",
        Some(b';') if rest < end => b";",
        _ => return Some(()),
    };
    options(builder, &text, &hidden, rest + 1, end, separators);
    Some(())
}

/// `host:port,host:port`, with IPv6 addresses in brackets.
fn host_list(builder: &mut Builder, text: &str, hidden: &Hidden, start: usize, end: usize) {
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
fn percent_decoded(text: &str) -> Option<String> {
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

/// One `key=value` of the pair forms.
struct Pair {
    key: Span,
    value: Span,
    style: Style,
    decoded: Option<String>,
}

fn folded(key: &str) -> String {
    key.chars().filter(|char| !matches!(char, ' ' | '_')).flat_map(char::to_lowercase).collect()
}

/// Splits the pair forms; `None` if anything is not a pair.
fn pairs(text: &str, kind: DsnKind) -> Option<Vec<Pair>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// All entries as `key=value`, options indented by a dot.
    fn entries(text: &str) -> Vec<String> {
        let document = parse(text).unwrap_or_else(|| panic!("{text} is a DSN"));
        let list = |map: NodeId, dot: &str| -> Vec<String> {
            let scalars = document.children(map).filter(|&id| document.node(id).kind == NodeKind::Scalar);
            scalars.map(|id| format!("{dot}{}={}", document.key(id).unwrap_or("?"), document.scalar(id))).collect()
        };
        let root = document.roots[0];
        let mut all = list(root, "");
        all.extend(document.entry(root, "options").map(|map| list(map, ".")).into_iter().flatten());
        all
    }

    #[test]
    fn uris_of_many_kinds() {
        assert_eq!(
            entries("postgresql+asyncpg://app:p%40ss@h1:5432,h2,[::1]:5433/shop?a=1&b=x%20y&c"),
            [
                "scheme=postgresql+asyncpg",
                "user=app",
                "password=p@ss",
                "host=h1",
                "port=5432",
                "host=h2",
                "host=::1",
                "port=5433",
                "database=shop",
                ".a=1",
                ".b=x y",
                ".c="
            ]
        );
        assert_eq!(entries("postgres:///shop"), ["scheme=postgres", "database=shop"]);
        assert_eq!(
            entries("redis://:pw@cache:6379/0"),
            ["scheme=redis", "user=", "password=pw", "host=cache", "port=6379", "database=0"]
        );
        assert_eq!(
            entries("mongodb+srv://u@c.example/?w=1"),
            ["scheme=mongodb+srv", "user=u", "host=c.example", ".w=1"]
        );
        assert_eq!(
            entries("jdbc:postgresql://h:1/d?socketTimeout=30"),
            ["scheme=postgresql", "host=h", "port=1", "database=d", ".socketTimeout=30"]
        );
        assert_eq!(
            entries("jdbc:sqlserver://h:1;databaseName=d;loginTimeout=5"),
            ["scheme=sqlserver", "host=h", "port=1", ".databaseName=d", ".loginTimeout=5"]
        );
        assert_eq!(
            entries("amqp://u:a/b#c@h:5672/v"),
            ["scheme=amqp", "user=u", "password=a/b#c", "host=h", "port=5672", "database=v"]
        );
    }

    #[test]
    fn variables_hide_separators() {
        assert_eq!(
            entries("postgres://$USER:${PW:-a/b@c}@${HOST:-x:y}:${PORT}/{{ .Values.a/b }}?t=${T:-1&2}"),
            [
                "scheme=postgres",
                "user=$USER",
                "password=${PW:-a/b@c}",
                "host=${HOST:-x:y}",
                "port=${PORT}",
                "database={{ .Values.a/b }}",
                ".t=${T:-1&2}"
            ]
        );
    }

    #[test]
    fn pairs_of_both_kinds() {
        assert_eq!(
            entries("host=a port = 5432 dbname='x y\\'z' pool_size=5"),
            ["host=a", "port=5432", "dbname=x y'z", "pool_size=5"]
        );
        assert_eq!(
            entries("Host=a;Port=1;Password=\"x;\"\"y\";Maximum Pool Size=20;"),
            ["Host=a", "Port=1", "Password=x;\"y", "Maximum Pool Size=20"]
        );
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "http://a:b@c/d",
            "a=b",
            "port=1",
            "Host=a;b",
            "the host = a",
            "host",
            "x://",
            "password=1;b=2",
            "jdbc:",
        ] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }

    #[test]
    fn passwords_are_secret() {
        for text in [
            "postgres://u:canary@h/d",
            "redis://h?password=canary",
            "host=a password=canary",
            "Server=a;Uid=b;Pwd='canary'",
        ] {
            let document = parse(text).expect("a DSN");
            assert_eq!(document.secrets.len(), 1, "{text}");
            assert!(document.secrets[0].slice(text).contains("canary"));
        }
    }
}
