//! The outcome as a page of its own: verdicts, pictures, figures, settings. It needs no script and nothing else.

use std::fmt::Write as _;

use super::comparison::{Comparison, Verdict};
use super::outcome::{Compared, Outcome};
use super::plot;
use super::words::{self, LEGEND, change, figure, range};
use crate::report::{PAGE, escaped};
use crate::report::{Redacted, Redactor};

const STYLE: &str = "\
:root{--good:#116329}@media(prefers-color-scheme:dark){:root{--good:#56d364}}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr));gap:.8rem;list-style:none;padding:0;margin:.8rem 0}
.cards li{border:1px solid var(--edge);border-radius:8px;background:var(--box);padding:.7rem .8rem;min-width:0;display:flex;flex-direction:column}
.cards h3{font-size:.95rem;margin:0 0 .2rem}.cards p{margin:0 0 .4rem;font-size:.875rem}.cards .quiet,.quiet{color:var(--quiet)}
.better{color:var(--good);font-weight:700}.worse{color:var(--bad);font-weight:700}.cards li.better,.cards li.worse{color:inherit;font-weight:inherit}
.cards li.better{border-color:var(--good)}.cards li.worse{border-color:var(--bad)}
.wide{overflow-x:auto;border:1px solid var(--edge);border-radius:8px}table{border-collapse:collapse;font-size:.875rem;width:100%}
th,td{padding:.35rem .6rem;text-align:right;border-bottom:1px solid var(--edge);white-space:nowrap;font-variant-numeric:tabular-nums}
th:first-child,td:first-child{text-align:left}tbody tr:last-child td{border-bottom:0}th{color:var(--quiet);font-weight:600}
td.text{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:6rem}summary{cursor:pointer;margin:1rem 0 .6rem}li{overflow-wrap:anywhere}
";

pub(super) fn render(outcome: &Outcome, redact: Redactor<'_>) -> String {
    let safe = |text: &str| escaped(Redacted::words(text, redact).as_str());
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>Configurations compared</title>\n<style>\n{PAGE}{STYLE}{}</style>\n</head>\n<body>\n<h1>Configurations compared</h1>\n",
        plot::STYLE
    );
    // a string takes any write
    for line in words::setup(outcome) {
        let _ = writeln!(text, "<p>{}.</p>", safe(&line));
    }
    for note in &outcome.notes {
        let _ = writeln!(text, "<p><strong>Note:</strong> {}.</p>", safe(note));
    }
    for compared in &outcome.compared {
        pictures(&mut text, outcome, compared);
    }
    text.push_str("<h2>How to read this</h2>\n<ul>\n");
    for line in LEGEND {
        let _ = writeln!(text, "<li>{}</li>", escaped(line));
    }
    text.push_str(
        "<li>A point is a round, a diamond the mean, a whisker its interval, the grey band A/A.</li>\n</ul>\n",
    );
    if let Some(machine) = words::machine(outcome) {
        let _ = writeln!(text, "<p class=\"quiet\">The machine meanwhile: {}.</p>", escaped(&machine));
    }
    settings(&mut text, outcome, &safe);
    aside(&mut text, outcome, &safe);
    blocks(&mut text, outcome);
    text + "</body>\n</html>\n"
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::NotDistinguishable => "other",
    }
}

fn pictures(text: &mut String, outcome: &Outcome, compared: &Compared) {
    let first = outcome.setup.configurations.first().map_or("", |first| first.name.as_str());
    let _ = writeln!(text, "<h2>{}</h2>\n<ul class=\"cards\">", escaped(&words::heading(outcome, compared)));
    let (nothing, mut metrics): (Vec<&Comparison>, Vec<_>) = compared.metrics.iter().partition(|it| it.is_nothing());
    metrics.sort_by_key(|metric| metric.verdict);
    for it in metrics {
        let title = words::title(outcome, it);
        let class = class(it.verdict);
        let picture = plot::drawn(it, &title, first, &compared.name, class);
        let _ = writeln!(
            text,
            "<li class=\"{class}\"><h3>{}</h3><p><span class=\"{class}\">{}</span> <span class=\"quiet\">{} → {}, change {} ({})</span></p>\n{picture}</li>",
            escaped(&title),
            it.verdict.words(),
            figure(it.first),
            figure(it.other),
            change(it.scale, it.change.mean),
            range(it.scale, it.change.low, it.change.high)
        );
    }
    text.push_str("</ul>\n");
    if !nothing.is_empty() {
        let titles: Vec<String> = nothing.into_iter().map(|it| words::title(outcome, it)).collect();
        let _ = writeln!(text, "<p class=\"quiet\">None on any server: {}.</p>", escaped(&titles.join("; ")));
    }
}

fn settings(text: &mut String, outcome: &Outcome, safe: &dyn Fn(&str) -> String) {
    text.push_str("<h2>Settings in which they differ</h2>\n");
    if outcome.settings.is_empty() {
        text.push_str("<p>None.</p>\n");
        return;
    }
    text.push_str("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Settings\"><table><thead><tr><th>parameter</th>");
    for named in &outcome.setup.configurations {
        let _ = write!(text, "<th>{}</th>", escaped(&named.name));
    }
    text.push_str("</tr></thead><tbody>\n");
    for setting in &outcome.settings {
        let _ = write!(text, "<tr><td>{}</td>", escaped(&setting.name));
        for value in &setting.values {
            let _ = write!(text, "<td>{}</td>", safe(value));
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</tbody></table></div>\n");
}

fn aside(text: &mut String, outcome: &Outcome, safe: &dyn Fn(&str) -> String) {
    let mut rows = outcome.setup.configurations.iter().flat_map(|named| &named.aside).peekable();
    if rows.peek().is_none() {
        return;
    }
    text.push_str("<h2>Not in force on these servers</h2>\n<ul>\n");
    for row in rows {
        let place = format!("{}:{}", row.path, row.line);
        let _ = writeln!(text, "<li>{} <code>{}</code>: {}</li>", safe(&place), escaped(&row.name), safe(&row.why));
    }
    text.push_str("</ul>\n");
}

/// Every block, for those who want to see for themselves.
fn blocks(text: &mut String, outcome: &Outcome) {
    text.push_str("<details>\n<summary>Every block</summary>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Blocks\"><table><thead><tr><th>round</th><th>server</th>");
    for metric in &outcome.metrics {
        let unit = if metric.unit.is_empty() { String::new() } else { format!(", {}", metric.unit) };
        let _ = write!(text, "<th>{}{unit}</th>", escaped(metric.title));
    }
    text.push_str("<th>load</th><th>steal, %</th></tr></thead><tbody>\n");
    let names: Vec<&str> = outcome.setup.configurations.iter().map(|named| named.name.as_str()).collect();
    let cell = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), figure);
    let mut number = 0;
    for round in &outcome.rounds {
        number += usize::from(!round.warm_up);
        for block in &round.blocks {
            let twin = || format!("{} again", names.first().copied().unwrap_or_default());
            let name = names.get(block.server).map_or_else(twin, |&name| name.to_owned());
            let label = if round.warm_up { "discarded".to_owned() } else { number.to_string() };
            let _ = write!(text, "<tr><td>{label}</td><td>{}</td>", escaped(&name));
            for value in &block.values {
                let _ = write!(text, "<td>{}</td>", cell(*value));
            }
            let stolen = cell(block.stolen.map(|share| share * 100.0));
            let _ = writeln!(text, "<td>{}</td><td>{stolen}</td></tr>", cell(block.load));
        }
    }
    text.push_str("</tbody></table></div>\n</details>\n");
}
