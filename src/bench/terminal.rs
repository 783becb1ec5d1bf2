//! The report for people at a terminal: eighty columns, no colour.

use std::fmt::Write as _;

use super::comparison::{Comparison, Scale, Verdict};
use super::outcome::{Compared, Outcome};
use super::words::{self, LEGEND, change, figure, range};
use crate::report::{Redacted, Redactor, paragraph};

/// The widths of title, first, other, change, interval and A/A, which make 78 columns.
const COLUMNS: [usize; 6] = [25, 9, 9, 8, 15, 12];

/// The widest value of a setting that is shown whole.
const WIDEST: usize = 24;

pub(super) fn render(outcome: &Outcome, width: usize, redact: Redactor<'_>) -> String {
    let safe = |text: &str| Redacted::words(text, redact).as_str().to_owned();
    let mut text = String::new();
    // a string takes any write
    for line in words::setup(outcome) {
        let _ = writeln!(text, "{}", safe(&line));
    }
    for compared in &outcome.compared {
        let _ = writeln!(text, "\n{}\n", words::heading(outcome, compared));
        table(&mut text, outcome, compared);
    }
    text.push('\n');
    for line in LEGEND {
        paragraph(&mut text, line, "", "", width);
    }
    if let Some(machine) = words::machine(outcome) {
        let _ = writeln!(text, "\nThe machine: {machine}.");
    }
    for note in &outcome.notes {
        text.push('\n');
        paragraph(&mut text, &format!("note: {}", safe(note)), "", "  ", width);
    }
    settings(&mut text, outcome, &safe);
    let aside: Vec<_> = outcome.setup.configurations.iter().flat_map(|named| &named.aside).collect();
    if !aside.is_empty() {
        text.push_str("\nNot in force on these servers\n");
    }
    for aside in aside {
        let line = format!("{}:{} {}: {}", aside.path, aside.line, aside.name, aside.why);
        paragraph(&mut text, &safe(&line), "  ", "    ", width);
    }
    text
}

/// The metrics of one configuration, by verdict.
fn table(text: &mut String, outcome: &Outcome, compared: &Compared) {
    let first = outcome.setup.configurations.first().map_or("", |first| first.name.as_str());
    for verdict in [Verdict::Better, Verdict::Worse, Verdict::NotDistinguishable] {
        let metrics: Vec<&Comparison> = compared.metrics.iter().filter(|metric| metric.verdict == verdict).collect();
        if metrics.is_empty() {
            continue;
        }
        row(text, [verdict.words(), first, &compared.name, "change", "95 %", "A/A"]);
        for it in metrics {
            let interval = range(it.scale, it.change.low, it.change.high);
            let band = match it.scale {
                Scale::Difference if it.band.1 == 0.0 => "0".to_owned(),
                Scale::Difference => format!("±{}", figure(it.band.1)),
                Scale::Ratio => range(it.scale, it.band.0, it.band.1),
            };
            let change = change(it.scale, it.change.mean);
            let title = words::title(outcome, it);
            row(text, [&title, &figure(it.first), &figure(it.other), &change, &interval, &band]);
        }
    }
}

fn row(text: &mut String, cells: [&str; 6]) {
    let mut line = String::from("  ");
    for (at, (cell, width)) in cells.iter().zip(COLUMNS).enumerate() {
        // a blank before each column but the first
        let cell = shortened(cell, width - usize::from(at > 0));
        let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
        line.push_str(&if at == 0 { format!("{cell}{gap}") } else { format!("{gap}{cell}") });
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

fn settings(text: &mut String, outcome: &Outcome, safe: &dyn Fn(&str) -> String) {
    if outcome.settings.is_empty() {
        text.push_str("\nThe servers do not differ in any setting.\n");
        return;
    }
    text.push_str("\nSettings in which they differ\n");
    let names = outcome.setup.configurations.iter().map(|named| named.name.clone());
    let header: Vec<String> = std::iter::once(String::new()).chain(names).collect();
    let rows = outcome.settings.iter().map(|setting| {
        let values = setting.values.iter().map(|value| shortened(&safe(value), WIDEST));
        std::iter::once(setting.name.clone()).chain(values).collect::<Vec<_>>()
    });
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "  {}", line.trim_end());
    }
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_to_their_columns() {
        let mut text = String::new();
        row(
            &mut text,
            ["temp files/transaction, B", "1,234,567", "a-long-name", "+1,234", "-1,234..-1,234", "±1,234,567"],
        );
        assert!(text.trim_end().chars().count() <= 80, "{text}");
        assert!(text.starts_with("  temp files/transaction, B 1,234,5… a-long-…  +1,234"), "{text}");
    }
}
