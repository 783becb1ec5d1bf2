//! The line family: one lossless lexer for `ini`, `.properties`, `.env`, `postgresql.conf` and `pgbouncer.ini`.
//!
//! In goes a text and its flavor; out comes a [`Document`] whose root is a map. Keys outside a section stand in the
//! root itself, each section is a map in it, duplicates are kept:
//!
//! ```
//! use trueup::syntax::{LineFlavor, line};
//!
//! let document = line::parse("[pool]\nsize = 20 ; per host\n", LineFlavor::Ini);
//! let size = document.lookup(document.roots[0], &["pool", "size"]).expect("it is there");
//! assert_eq!(document.scalar(size), "20");
//! assert_eq!(document.comments[0].span.slice(&document.text), "; per host");
//! ```
//!
//! A key without any value (`skip-networking`) has an absent value: an empty `content` after the key, typed `Null`.
//! An empty value (`key =`) is empty text. What the format forbids is recorded in `errors`, and the rest is still read.
//! Nothing is interpolated. Every reader looks at each byte a bounded number of times.

mod env;
mod escape;
mod ini;
mod lines;
mod pgbouncer;
mod postgres;
mod properties;
mod tree;

use super::{Document, Format, LineFlavor, template};
use tree::Tree;

/// Reads `text` as `flavor`. Never fails: see [`Document::errors`].
pub fn parse(text: &str, flavor: LineFlavor) -> Document {
    let plain: fn(&str) -> Document = match flavor {
        LineFlavor::Ini => |text| parse_plain(text, LineFlavor::Ini),
        LineFlavor::Properties => |text| parse_plain(text, LineFlavor::Properties),
        LineFlavor::Env => |text| parse_plain(text, LineFlavor::Env),
        LineFlavor::PostgresConf => |text| parse_plain(text, LineFlavor::PostgresConf),
        LineFlavor::PgBouncer => |text| parse_plain(text, LineFlavor::PgBouncer),
    };
    template::parse(text, b'x', plain)
}

fn parse_plain(text: &str, flavor: LineFlavor) -> Document {
    let mut tree = Tree::new(text, Format::Line(flavor));
    match flavor {
        LineFlavor::Ini => ini::read(&mut tree),
        LineFlavor::Properties => properties::read(&mut tree),
        LineFlavor::Env => env::read(&mut tree),
        LineFlavor::PostgresConf => postgres::read(&mut tree),
        LineFlavor::PgBouncer => pgbouncer::read(&mut tree),
    }
    tree.finish()
}
