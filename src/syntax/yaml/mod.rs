//! YAML text into a [`Document`]: granit's events become the arena, and what the events do not say (where an
//! entry's indicator, a block scalar's header or an absent value stands) is read from the gaps between them.
//!
//! ```
//! use trueup::syntax::yaml;
//! let document = yaml::parse("pool:\n  max: &max 10 # enough\n  min: *max\n");
//! let min = document.lookup(document.roots[0], &["pool", "min"]).unwrap();
//! assert_eq!(document.scalar(document.resolve(min)), "10");
//! ```

mod builder;
mod gap;
pub mod schema;

use granit_parser::{Parser, options};

use self::builder::{Builder, Stop, source_span};
use super::document::Document;
use super::{MAX_DEPTH, template};

/// Reads `text`: all documents of the file. A broken document keeps what stands before its first error, and those
/// after it are read all the same.
pub fn parse(text: &str) -> Document {
    template::parse(text, b'x', parse_plain)
}

fn parse_plain(text: &str) -> Document {
    let options = options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        // A comment has two bytes at least, so this only lifts the limit.
        max_buffered_comment_events: text.len(),
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder::new(text);
    while let Some(next) = parser.next_event() {
        let step = next.map_err(Stop::Syntax).and_then(|(event, span)| {
            let anchor = if event.anchor_id().is_some() && event.is_node() && !event.is_alias() {
                // The parser promises an anchor's own event right behind its node's.
                parser.next_event().transpose().map_err(Stop::Syntax)?.map(|(_, span)| source_span(&span))
            } else {
                None
            };
            builder.event(event, &span, anchor)
        });
        match step {
            Ok(()) => {}
            Err(Stop::Limit(message, at)) => {
                builder.abandon(message, at);
                break;
            }
            Err(Stop::Syntax(error)) => {
                builder.abandon(error.info(), error.marker().byte_offset().unwrap_or(text.len()));
                match parser.proceed_next_document() {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        builder.abandon(error.info(), error.marker().byte_offset().unwrap_or(text.len()));
                        break;
                    }
                }
            }
        }
    }
    builder.finish()
}
