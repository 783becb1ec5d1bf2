//! What a run found into text: one small renderer per format, each a pure function of a [`Report`].
//!
//! ```text
//! Checked ──► Report (places resolved, texts redacted, sorted) ──► full | concise | json | sarif | …
//! ```
//!
//! A renderer never sees the text of a file: a [`Report`] gives it [`Redacted`] words and excerpts only. Output is a
//! function of the findings alone: no clock, no environment, no terminal is looked at here ([`Options`] says it all).

mod closing;
mod concise;
mod excerpt;
mod fixes;
mod full;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod paint;
mod paragraph;
mod place;
mod redact;
mod sarif;
mod source;
mod statistics;
mod summary;
mod view;

use serde::Serialize;

pub use fixes::{diff, mended};
pub use html::Picture;
pub(crate) use html::{PAGE, escaped};
pub use paint::Paint;
pub(crate) use paragraph::paragraph;
pub use place::{Place, Position, Range};
pub use redact::{Redacted, Redactor};
pub(crate) use sarif::percent_encoded;
pub use summary::{BySeverity, Files, Since, Skipped, Summary, Trouble, counted};
pub use view::{Entry, Gap, Proof, Report};

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people: each finding with the lines it is about.
    Full,
    /// For people and editors: one line per finding.
    Concise,
    /// For programs.
    Json,
    /// For code scanning: SARIF 2.1.0.
    Sarif,
    /// For GitHub Actions: annotations.
    Github,
    /// For GitLab: Code Quality.
    Gitlab,
    /// For what shows test results: JUnit XML.
    Junit,
    /// For the summary of a job, and comments.
    Markdown,
    /// A page to pass around.
    Html,
}

/// What the user wants to see, and what the terminal can show.
#[derive(Debug, Clone)]
pub struct Options {
    /// Colour or not; only the formats for people know any.
    pub paint: Paint,
    /// Columns to lay out for.
    pub width: usize,
    /// The directory people read paths from, named from the root of the run; empty for the root itself.
    pub from: String,
    /// Where the files of the run are shown, a URL that ends with `/`, for links; empty where links are relative.
    pub files: String,
    /// Adds a table of counts per rule.
    pub statistics: bool,
    /// Lists what could not be judged.
    pub show_unjudged: bool,
    /// Leaves the summary out.
    pub quiet: bool,
    /// The stack, for the page.
    pub picture: Option<Picture>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            paint: Paint::Plain,
            width: 80,
            from: String::new(),
            files: String::new(),
            statistics: false,
            show_unjudged: false,
            quiet: false,
            picture: None,
        }
    }
}

/// Renders in one format. The text ends with a line end unless it is empty.
pub fn render(report: &Report<'_>, format: Format, options: &Options) -> String {
    match format {
        Format::Full => full::render(report, options),
        Format::Concise => concise::render(report, options),
        Format::Json => json::render(report, options),
        Format::Sarif => sarif::render(report),
        Format::Github => github::render(report, options),
        Format::Gitlab => gitlab::render(report),
        Format::Junit => junit::render(report),
        Format::Markdown => markdown::render(report, options),
        Format::Html => html::render(report, options),
    }
}

/// The annotations that GitHub Actions displays: for beside another report.
pub fn annotations(report: &Report<'_>) -> String {
    github::displayed(report)
}

/// JSON for people and programs: indented, and each line ends.
fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("strings, numbers and lists with string keys always serialize") + "\n"
}
