//! A page that can be passed around: the counts, the stack as a picture, the findings with the lines they are about.
//!
//! It needs nothing but itself: no script, no font, no other address. Every word of a file or a finding is escaped.

use std::fmt::Write as _;

use super::excerpt::Excerpt;
use super::place::Place;
use super::view::Entry;
use super::{Options, Report, closing, sarif};

/// Lines shown around the primary place.
const CONTEXT: usize = 2;

/// Columns of a line that are shown; a narrow window scrolls.
const WIDTH: usize = 120;

/// What all of our pages look like: colours by their meaning, light and dark.
pub(crate) const PAGE: &str = "\
:root{color-scheme:light dark;--paper:#fff;--box:#f6f8fa;--ink:#1f2328;--quiet:#59636e;--line:#8c959f;--link:#0550ae;--bad:#c4141f;--warn:#8a5a00;--edge:#d1d9e0}
@media(prefers-color-scheme:dark){:root{--paper:#0d1117;--box:#161b22;--ink:#e6edf3;--quiet:#9198a1;--line:#6e7681;--link:#79c0ff;--bad:#ff7b72;--warn:#e3b341;--edge:#3d444d}}
body{margin:0 auto;padding:1rem clamp(.75rem,2vw,1.5rem) 3rem;max-width:90rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2rem}a{color:var(--link)}
";

const STYLE: &str = "\
.trueup-counts{display:flex;flex-wrap:wrap;gap:.5rem 2rem;list-style:none;padding:0;margin:1rem 0;color:var(--quiet)}.trueup-counts b{color:var(--ink)}
.trueup-finding{border:1px solid var(--edge);border-left:4px solid var(--line);border-radius:8px;padding:.7rem .9rem;margin:0 0 1rem;overflow-wrap:anywhere}
.trueup-finding.error{border-left-color:var(--bad)}.trueup-finding.warning{border-left-color:var(--warn)}
.trueup-finding h3{font-size:1rem;margin:0}.trueup-finding.error .severity{color:var(--bad)}.trueup-finding.warning .severity{color:var(--warn)}
.trueup-finding p{margin:.35rem 0}.trueup-finding .where{color:var(--quiet);font-size:.875rem}.trueup-finding ul{margin:.35rem 0;padding-left:1.2rem}
.trueup-finding pre,.trueup-closing{overflow-x:auto;background:var(--box);border:1px solid var(--edge);border-radius:6px;padding:.5rem .7rem;margin:.5rem 0;font:.8125rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.trueup-finding pre i{color:var(--quiet);font-style:normal;user-select:none}.trueup-finding mark{background:none;color:inherit;text-decoration:underline 2px var(--warn);text-underline-offset:3px}
.trueup-finding.error mark{text-decoration-color:var(--bad)}code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:.9em}
";

/// A drawing for the page, made elsewhere.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The rules that it adds to those of the page.
    pub style: String,
    /// Elements, escaped and complete.
    pub body: String,
}

pub(super) fn render(report: &Report<'_>, options: &Options) -> String {
    let summary = &report.summary;
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>trueup: {found}</title>\n<style>\n{PAGE}{STYLE}{drawn}</style>\n</head>\n<body>\n<h1>trueup: {found}</h1>\n",
        found = escaped(&summary.found()),
        drawn = options.picture.as_ref().map_or("", |picture| picture.style.as_str()),
    );
    let counts = [
        ("errors", summary.findings.error),
        ("warnings", summary.findings.warning),
        ("info", summary.findings.info),
        ("files read", summary.files.read),
        ("recognised", summary.files.recognised),
    ];
    text.push_str("<ul class=\"trueup-counts\">\n");
    for (name, count) in counts {
        let _ = writeln!(text, "<li><b>{count}</b> {name}</li>"); // a string takes any write
    }
    text.push_str("</ul>\n");
    if let Some(picture) = &options.picture {
        let _ = write!(text, "<h2>The stack</h2>\n{}", picture.body);
    }
    let entries = report.most_severe_first();
    if !entries.is_empty() {
        text.push_str("<h2>Findings</h2>\n");
    }
    for entry in entries {
        finding(&mut text, report, entry, options);
    }
    let closing = closing::text(report, options);
    if !closing.is_empty() {
        let _ = writeln!(text, "<pre class=\"trueup-closing\">{}</pre>", escaped(&closing));
    }
    text + "</body>\n</html>\n"
}

fn finding(text: &mut String, report: &Report<'_>, entry: &Entry, options: &Options) {
    let severity = entry.severity;
    let _ = write!(
        text,
        "<article class=\"trueup-finding {severity}\">\n<h3><span class=\"severity\">{severity}</span> {}</h3>\n<p class=\"where\">{} · <code>{}</code></p>\n",
        inline(&entry.headline()),
        link(&entry.place, options),
        escaped(&entry.rule)
    );
    lines(text, report.excerpt(&[&entry.place], CONTEXT, WIDTH));
    if !entry.related.is_empty() {
        text.push_str("<ul>\n");
        for (place, words) in &entry.related {
            let _ = writeln!(
                text,
                "<li>{} <span class=\"where\">{}</span></li>",
                inline(words.as_str()),
                link(place, options)
            );
        }
        text.push_str("</ul>\n");
    }
    if !entry.help.as_str().is_empty() {
        let _ = writeln!(text, "<p>{}</p>", inline(entry.help.as_str()));
    }
    // the others are ways to the same end, for where the first cannot be made
    if let Some((title, safety)) = entry.fixes.first() {
        let _ = writeln!(text, "<p>Fix ({safety}): {}</p>", inline(title.as_str()));
    }
    let _ = writeln!(text, "<p class=\"where\"><code>trueup explain {}</code></p>\n</article>", escaped(&entry.rule));
}

/// A place as people read it, leading to the file.
fn link(place: &Place, options: &Options) -> String {
    let line = place.range.start.line;
    let address = format!("{}{}#L{line}", options.files, sarif::percent_encoded(&place.path));
    format!("<a href=\"{}\">{}:{line}</a>", escaped(&address), escaped(place.shown_from("").as_str()))
}

/// The lines of an excerpt with their numbers, the place marked.
fn lines(text: &mut String, excerpt: Option<Excerpt>) {
    let Some(excerpt) = excerpt else { return };
    let digits = (excerpt.first_line + excerpt.text.as_str().lines().count()).to_string().len();
    text.push_str("<pre>");
    let mut start = 0;
    for (index, line) in excerpt.text.as_str().split('\n').enumerate() {
        let number = excerpt.first_line + index;
        let _ = write!(text, "<i>{number:>digits$}  </i>");
        let end = start + line.len();
        let mark = excerpt.marks.iter().find(|mark| mark.start >= start && mark.end <= end && mark.start < mark.end);
        let parts = mark.and_then(|mark| {
            let (from, to) = (mark.start - start, mark.end - start);
            Some((line.get(..from)?, line.get(from..to)?, line.get(to..)?))
        });
        let _ = match parts {
            Some((before, marked, after)) => {
                writeln!(text, "{}<mark>{}</mark>{}", escaped(before), escaped(marked), escaped(after))
            }
            None => writeln!(text, "{}", escaped(line)),
        };
        start = end + 1;
    }
    text.push_str("</pre>\n");
}

/// Words with code between backticks, as messages have it.
fn inline(text: &str) -> String {
    if text.matches('`').count() % 2 == 1 {
        return escaped(text);
    }
    let part = |(index, part): (usize, &str)| match index % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    };
    text.split('`').enumerate().map(part).collect()
}

/// Text of XML and HTML, also within an attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            // XML knows no other controls, and these two code points not at all
            c if c.is_control() && c != '\n' => written.push(' '),
            '\u{fffe}' | '\u{ffff}' => written.push(' '),
            c => written.push(c),
        }
    }
    written
}
