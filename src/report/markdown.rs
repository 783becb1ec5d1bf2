//! Markdown for the summary of a job or a comment: the counts, then the findings, the most severe first.
//!
//! Words of findings may hold what a file says, so everything in them that Markdown or HTML would act upon is escaped.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::view::Entry;
use super::{Options, Report, closing, sarif};

/// What GitHub takes as the summary of a job, in bytes; a larger one is refused as a whole.
const LARGEST: usize = 1 << 20;

/// Kept for the words that say how much was left out.
const NOTE: usize = 200;

pub(super) fn render(report: &Report<'_>, options: &Options) -> String {
    let summary = &report.summary;
    let counts = summary.findings;
    let mut text = format!("## trueup: {}\n\n", summary.found());
    let _ = writeln!(
        text,
        "| errors | warnings | info | files read | recognised |\n|---:|---:|---:|---:|---:|\n| {} | {} | {} | {} | {} |\n",
        counts.error, counts.warning, counts.info, summary.files.read, summary.files.recognised
    ); // writing to a string cannot fail
    // as code: no word of it is acted upon
    let mut closing = closing::text(report, options);
    closing.truncate(crate::syntax::floor_char_boundary(&closing, LARGEST / 4));
    let closing: String = closing.lines().map(|line| format!("    {line}\n")).collect();
    let entries = report.most_severe_first();
    for (shown, entry) in entries.iter().enumerate() {
        let item = item(entry, options);
        if text.len() + item.len() + closing.len() + NOTE > LARGEST {
            let left = super::counted(entries.len() - shown, "more finding");
            let _ = writeln!(text, "\n{left} would go beyond what GitHub takes as the summary of a job (1 MiB).");
            break;
        }
        text.push_str(&item);
    }
    if !closing.is_empty() {
        // a comment parts the code from the list, which would take it in
        let _ = write!(text, "\n<!-- -->\n\n{closing}");
    }
    text
}

fn item(entry: &Entry, options: &Options) -> String {
    let line = entry.place.range.start.line;
    let path = entry.place.shown_from("");
    let url = format!("{}{}#L{line}", options.files, sarif::percent_encoded(&entry.place.path));
    let mut text = format!(
        "- **{}** [{}:{line}]({url}) {} (`{}`)\n",
        entry.severity,
        escaped(path.as_str()),
        inline(&entry.headline()),
        entry.rule
    );
    if !entry.help.as_str().is_empty() {
        let _ = writeln!(text, "  <br>{}", inline(entry.help.as_str()));
    }
    text
}

/// Words with code between backticks, as messages have it.
fn inline(text: &str) -> Cow<'_, str> {
    if text.matches('`').count() % 2 == 1 || text.contains("``") {
        return escaped(text).into();
    }
    let part = |(index, part): (usize, &str)| match index % 2 {
        0 => escaped(part),
        _ => format!("`{part}`"),
    };
    text.split('`').enumerate().map(part).collect()
}

/// Words that mean nothing to Markdown.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // an entity, so that nobody is called and nothing else is linked
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}
