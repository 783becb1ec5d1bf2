//! Workflow commands, which GitHub shows as annotations on the changed lines.
//!
//! GitHub shows ten of each kind per step, so the most severe come first.

use std::fmt::Write as _;

use super::view::Entry;
use super::{Options, Report, closing};
use crate::model::Severity;

/// How many annotations of each kind GitHub displays.
const DISPLAYED: usize = 10;

/// All findings.
pub(super) fn render(report: &Report<'_>, options: &Options) -> String {
    let commands: String = report.most_severe_first().into_iter().map(command).collect();
    commands + &closing::text(report, options)
}

/// Those that GitHub displays, for beside a report that says the rest.
pub(super) fn displayed(report: &Report<'_>) -> String {
    let entries = report.most_severe_first();
    let of_each = entries.chunk_by(|a, b| a.severity == b.severity);
    of_each.flat_map(|alike| alike.iter().take(DISPLAYED)).map(|entry| command(entry)).collect()
}

fn command(entry: &Entry) -> String {
    let command = match entry.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let (start, end) = (entry.place.range.start, entry.place.range.end);
    let mut text = format!("::{command} file={},line={}", property(&entry.place.path), start.line);
    // columns count only within one line
    let _ = if start.line == end.line {
        write!(text, ",endLine={},col={},endColumn={}", end.line, start.column, end.column)
    } else {
        write!(text, ",endLine={}", end.line)
    }; // writing to a string cannot fail
    let message = format!("{}\n{}", entry.headline(), entry.help);
    let title = property(&format!("trueup {}", entry.rule));
    let _ = writeln!(text, ",title={title}::{}", data(message.trim_end()));
    text
}

/// A message: the characters that would end the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property: also those that would end the property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
