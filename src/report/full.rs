//! Each finding with the lines it is about, for people.
//!
//! ```text
//! warning[pool-without-limit]
//!
//!   ⚠ the pool has no limit
//!    ╭─[app.yaml:3:5]
//!  3 │ max: 0
//!    · ──────
//!    ╰────
//!   help: set `max`
//!         see: trueup explain pool-without-limit
//! ```
//!
//! miette draws it, from excerpts that are already cut, masked and escaped: given a whole file it panics from column
//! 65,536 on, prints control characters as they are, and indexes the file for every finding anew.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::excerpt::Excerpt;
use super::paint::Paint;
use super::place::Place;
use super::view::Entry;
use super::{Options, Report, closing};
use crate::model::Severity;

/// Lines shown around the primary place, and how close a related place must be to share its excerpt.
const CONTEXT: usize = 2;

/// Related places drawn; what is beyond is counted.
const MOST_RELATED: usize = 6;

pub(super) fn render(report: &Report<'_>, options: &Options) -> String {
    let theme = match options.paint {
        Paint::Plain => GraphicalTheme::unicode_nocolor(),
        Paint::Coloured => GraphicalTheme::unicode(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(options.width)
        .with_links(false)
        .with_context_lines(CONTEXT)
        .without_primary_span_start()
        .without_cause_chain();
    let mut text = String::new();
    for entry in &report.entries {
        for part in parts(report, entry, options) {
            if handler.render_report(&mut text, &part).is_err() {
                // the theme or the layout failed, not the finding: say it plainly
                text.push_str(&format!("{}: {}\n", entry.place.address_from(&options.from), entry.headline()));
            }
        }
        text.push('\n');
    }
    text + &closing::text(report, options)
}

/// One drawing: a message over an excerpt. A finding is one for its own place and one for each related place elsewhere.
#[derive(Debug)]
struct Part {
    head: Option<String>,
    message: String,
    severity: Severity,
    window: Option<Window>,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
}

fn parts(report: &Report<'_>, entry: &Entry, options: &Options) -> Vec<Part> {
    let is_near = |place: &Place| {
        place.file == entry.place.file
            && place.range.start.line.abs_diff(entry.place.range.start.line) <= 2 * CONTEXT
            && place.range.start != entry.place.range.start
    };
    let related = entry.related.iter().take(MOST_RELATED);
    let (near, far): (Vec<_>, Vec<_>) = related.partition(|(place, _)| is_near(place));

    let mut places = vec![&entry.place];
    places.extend(near.iter().map(|(place, _)| place));
    let mut words = vec![None];
    words.extend(near.iter().map(|(_, message)| Some(message.to_string())));
    let mut parts = vec![Part {
        head: Some(format!("{}[{}]", entry.severity, entry.rule)),
        message: entry.headline(),
        severity: entry.severity,
        ..Part::over(report, &places, words, CONTEXT, options)
    }];
    parts.extend(far.iter().map(|(place, message)| Part {
        message: message.to_string(),
        ..Part::over(report, &[place], vec![None], 0, options)
    }));
    let mut help = entry.help.to_string();
    let more = entry.related.len().saturating_sub(MOST_RELATED);
    if more > 0 {
        help.push_str(&format!("\nand {more} more places"));
    }
    // the others are ways to the same end, for where the first cannot be made
    if let Some((title, safety)) = entry.fixes.first() {
        help.push_str(&format!("\nfix ({safety}): {title}"));
    }
    help.push_str(&format!("\nsee: trueup explain {}", entry.rule));
    if let Some(last) = parts.last_mut() {
        last.help = Some(help.trim_start().to_owned());
    }
    parts
}

impl Part {
    /// The excerpt around `places`, each labelled with its words; the address alone where there is no text to show.
    fn over(
        report: &Report<'_>,
        places: &[&Place],
        words: Vec<Option<String>>,
        context: usize,
        options: &Options,
    ) -> Part {
        let mut part = Part {
            head: None,
            message: String::new(),
            severity: Severity::Info,
            window: None,
            labels: Vec::new(),
            help: None,
        };
        let Some(first) = places.first() else { return part };
        let name = first.address_from(&options.from);
        // what miette puts before a line: two blanks, the number, a bar, blanks
        let gutter = 6 + first.range.start.line.to_string().len();
        let excerpt = report.excerpt(places, context, options.width.saturating_sub(gutter));
        let (marks, excerpt) = match excerpt {
            Some(excerpt) => (excerpt.marks.clone(), excerpt),
            None => {
                let text = super::redact::Redacted::default();
                let first_line = first.range.start.line;
                (places.iter().map(|_| 0..0).collect(), Excerpt { text, first_line, marks: Vec::new() })
            }
        };
        part.labels = marks
            .into_iter()
            .zip(words)
            .enumerate()
            .map(|(i, (mark, words))| match i {
                0 => LabeledSpan::new_primary_with_span(words, mark),
                _ => LabeledSpan::new_with_span(words, mark),
            })
            .collect();
        part.window = Some(Window { name, excerpt });
        part
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Part {}

impl Diagnostic for Part {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.head.as_ref().map(|head| Box::new(head) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.window.as_ref().map(|window| window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// An excerpt that knows which line of the file it begins at.
#[derive(Debug)]
struct Window {
    name: String,
    excerpt: Excerpt,
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.excerpt.text.as_str().read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line() + self.excerpt.first_line - 1,
            contents.column(),
            contents.line_count(),
        )))
    }
}
