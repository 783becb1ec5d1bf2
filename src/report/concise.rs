//! One line per finding: `path:line:column: severity[rule] message`.

use std::fmt::Write as _;

use super::{Options, Report, closing};

pub(super) fn render(report: &Report<'_>, options: &Options) -> String {
    let mut text = String::new();
    for entry in &report.entries {
        let address = entry.place.address_from(&options.from);
        let (severity, rule) = (options.paint.severity(entry.severity), &entry.rule);
        let _ = writeln!(text, "{address}: {severity}[{rule}] {}", entry.headline()); // writing to a string cannot fail
    }
    let closing = closing::text(report, options);
    if !text.is_empty() && !closing.is_empty() {
        text.push('\n');
    }
    text + &closing
}
