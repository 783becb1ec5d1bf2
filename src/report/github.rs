//! Workflow commands, which GitHub shows as annotations on the changed lines.
//!
//! GitHub shows ten per step, so the most severe come first.

use std::fmt::Write as _;

use super::{Options, Report, closing};
use crate::model::Severity;

pub(super) fn render(report: &Report<'_>, options: &Options) -> String {
    let mut entries: Vec<_> = report.entries.iter().collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.severity)); // stable: places stay in order
    let mut text = String::new();
    for entry in entries {
        let command = match entry.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let (start, end) = (entry.place.range.start, entry.place.range.end);
        let _ = write!(text, "::{command} file={},line={}", property(&entry.place.path), start.line); // cannot fail
        // columns count only within one line
        if start.line == end.line {
            let _ = write!(text, ",endLine={},col={},endColumn={}", end.line, start.column, end.column);
        } else {
            let _ = write!(text, ",endLine={}", end.line);
        }
        let message = format!("{}\n{}", entry.message, entry.help);
        let _ = writeln!(text, ",title={}::{}", property(&format!("trueup {}", entry.rule)), data(message.trim_end()));
    }
    text + &closing::text(report, options)
}

/// A message: the characters that would end the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property: also those that would end the property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
