//! Data source names: where to connect, as whom, with which options.
//!
//! In goes a text, out comes a document whose root map has the entries `scheme`, `user`, `password`, `host`, `port`,
//! `database` and a map `options`; several hosts repeat `host`, each with its `port` behind it, after `hosts` with all of
//! them as written, and `jdbc` stands first where the address is one of JDBC. The `key=value` forms have their own keys in the root. Values are decoded, spans are raw, passwords
//! are in `secrets`.
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

mod pairs;
#[cfg(test)]
mod tests;
mod uri;
mod variables;

use pairs::{folded, pairs};
use uri::{percent_decoded, uri};

use super::{Document, Format, Node, NodeId, NodeKind, Span, Style, secret, template};

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
        return uri::jdbc_scheme(rest).map(|_| DsnKind::Jdbc);
    }
    if let Some((scheme, _)) = trimmed.split_once("://")
        && is_scheme(scheme)
    {
        return Some(DsnKind::Uri);
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

/// Whether a scheme, its driver aside (`+asyncpg`), is that of a database, cache or broker.
fn is_scheme(scheme: &str) -> bool {
    let base = scheme.split('+').next().unwrap_or(scheme).to_ascii_lowercase();
    SCHEMES.contains(&base.as_str())
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
    builder.document.markers = template::spans(text);
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
