//! Configurations of Postgres, measured against each other on throw-away servers.
//!
//! ```text
//! NAME=FILE … ──► one server each, the first a twin ──blocks of pgbench, rotated──► rounds ──paired──► Outcome ──► text | json | html
//! ```
//!
//! All servers are up at once, each on a copy of the same data directory, and take turns: a round is one block on each. A
//! change is the ratio of two servers in the same round, so that what slows the machine down slows both. The first
//! configuration has a second server, its twin: what these two differ by is what chance makes here and now, and nothing
//! is called better or worse that is not beyond it.

mod account;
mod comparison;
mod configuration;
mod counters;
mod html;
mod json;
mod machine;
mod outcome;
mod pgbench;
mod plot;
mod preparation;
mod process;
mod programs;
mod run;
mod schedule;
mod server;
mod startup;
mod statistics;
mod table;
mod terminal;
mod words;

use crate::report::Redactor;

pub use comparison::{Comparison, Scale, Verdict};
pub use configuration::{Aside, Configuration};
pub use outcome::{Block, Compared, Differing, Machine, MetricInfo, Outcome, Round, Setup};
pub use pgbench::Load;
pub use run::{Plan, Stage, run};
pub use statistics::Interval;
pub use table::Better;

/// How an outcome is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// For programs: the whole of it.
    Json,
    /// A page with plots.
    Html,
}

/// Writes an outcome in one format; `width` is in columns, for the terminal. The text ends with a line end.
pub fn render(outcome: &Outcome, format: Format, width: usize, redact: Redactor<'_>) -> String {
    match format {
        Format::Text => terminal::render(outcome, width, redact),
        Format::Json => json::render(outcome, redact),
        Format::Html => html::render(outcome, redact),
    }
}
