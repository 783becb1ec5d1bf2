//! What stands below the findings in the formats for people: what could not be judged, statistics, the summary.

use std::fmt::Write as _;

use super::{Options, Report, statistics};

pub(super) fn text(report: &Report<'_>, options: &Options) -> String {
    let mut text = String::new();
    if options.show_unjudged {
        for gap in report.unjudged() {
            let missing: Vec<&str> = gap.missing.iter().map(|it| it.as_str()).collect();
            let address = gap.place.address_from(&options.from);
            let _ = writeln!(text, "{address}: unjudged[{}] {}", gap.rule, missing.join("; ")); // cannot fail
        }
    }
    let mut parts = vec![text];
    if options.statistics {
        parts.push(statistics::text(report));
    }
    if !options.quiet {
        parts.push(report.summary.text(options.show_unjudged));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}
