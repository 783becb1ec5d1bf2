//! A Code Quality report of GitLab, for the widget in merge requests: the part of Code Climate's format that GitLab reads.

use serde::Serialize;

use super::Report;
use super::view::Entry;
use crate::model::Severity;

#[derive(Serialize)]
struct Violation<'a> {
    description: String,
    check_name: &'a str,
    /// GitLab compares two reports by it.
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

pub(super) fn render(report: &Report<'_>) -> String {
    let violations: Vec<Violation<'_>> = report.entries.iter().map(violation).collect();
    super::pretty(&violations)
}

fn violation(entry: &Entry) -> Violation<'_> {
    Violation {
        description: entry.headline(),
        check_name: &entry.rule,
        fingerprint: &entry.fingerprint,
        severity: severity(entry.severity),
        location: Location { path: &entry.place.path, lines: Lines { begin: entry.place.range.start.line } },
    }
}

/// GitLab's own words; `blocker` and `minor` are not used.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "info",
    }
}
