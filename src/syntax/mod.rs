//! Bytes of one file into a [`Document`]: a lossless tree of spans with secrets marked; and edits back into bytes.
//!
//! Knows formats (YAML, JSON, TOML, the line family, command lines, scripts, units, SQL, HCL, nginx's, Caddy's and Odyssey's own, DSNs), never products.

pub mod caddyfile;
pub mod command;
pub mod decode;
mod document;
pub mod dsn;
pub mod edit;
pub mod embed;
pub mod environment;
pub mod haproxy;
pub mod hcl;
pub mod interpolation;
pub mod json;
pub mod launch;
pub mod line;
pub mod nginx;
pub mod odyssey;
pub mod secret;
mod span;
pub mod sql;
mod template;
pub mod toml;
pub mod yaml;

pub use document::{
    Children, Comment, Document, Newline, Node, NodeId, NodeKind, ScalarType, Style, SyntaxError, Template,
};
pub use span::{LineIndex, Span, SpanMap, floor_char_boundary};

/// How deep collections may nest; deeper text is a syntax error, so that no walk over a tree needs care.
pub const MAX_DEPTH: usize = 255;

/// How many nodes a document may have; reading stops there with an error.
pub const MAX_NODES: usize = 1_000_000;

/// The format of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// YAML 1.2, several documents, with what 1.1 readers accept.
    Yaml,
    /// JSON; comments and trailing commas are read and reported where the format forbids them.
    Json,
    /// TOML 1.0.
    Toml,
    /// One of the line formats.
    Line(LineFlavor),
    /// A command line; its nodes are the words.
    CommandLine,
    /// SQL of Postgres, as far as it sets parameters.
    Sql,
    /// A shell script, as far as it says what it starts in the end.
    Shell,
    /// A Dockerfile, as far as it says what its last stage starts.
    Dockerfile,
    /// A unit of systemd, as far as it says what it starts.
    Systemd,
    /// HCL, the language of Terraform.
    Hcl,
    /// Files of nginx.
    Nginx,
    /// Files of Odyssey.
    Odyssey,
    /// Files of HAProxy.
    Haproxy,
    /// Files of Caddy.
    Caddyfile,
    /// A data source name: URI, JDBC, or `key=value` pairs.
    Dsn,
}

/// The members of the line family: one lexer, these flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineFlavor {
    /// `[section]`, `key = value`, `;` and `#` comments at line start and after blank.
    Ini,
    /// Java `.properties`: `=`, `:` or blank, `\` continuation, `\u` escapes, `#` and `!` comments.
    Properties,
    /// `.env`: `export`, quotes, `#` after blank.
    Env,
    /// `postgresql.conf`: `=` optional, `#` anywhere outside quotes, single quotes, includes.
    PostgresConf,
    /// `pgbouncer.ini`: comments at line start only, `%include`.
    PgBouncer,
}

/// Parses `text` as `format`.
pub fn parse(text: &str, format: Format) -> Document {
    match format {
        Format::Yaml => yaml::parse(text),
        Format::Json => json::parse(text),
        Format::Toml => toml::parse(text),
        Format::Line(flavor) => line::parse(text, flavor),
        Format::CommandLine => command::parse(text).document,
        Format::Sql => sql::parse(text),
        Format::Shell => launch::shell(text),
        Format::Dockerfile => launch::dockerfile(text),
        Format::Systemd => launch::unit(text),
        Format::Hcl => hcl::parse(text),
        Format::Nginx => nginx::parse(text),
        Format::Odyssey => odyssey::parse(text),
        Format::Haproxy => haproxy::parse(text),
        Format::Caddyfile => caddyfile::parse(text),
        Format::Dsn => dsn::parse(text).unwrap_or_else(|| Document::new(text, Format::Dsn)),
    }
}
