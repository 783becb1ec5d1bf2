//! The counts: what was found, what was read, what was not, and what is not shown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::redact::{Redacted, Redactor};
use super::view::Entry;
use crate::analysis::Status;
use crate::model::Severity;
use crate::workspace::{Checked, Problem};

/// The counts of a run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// Findings shown.
    pub findings: BySeverity,
    /// Files by what became of them.
    pub files: Files,
    /// Findings only the level hides.
    pub hidden: usize,
    /// Findings that the baseline knows, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<usize>,
    /// What a git reference leaves out, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// Findings that comments silence.
    pub suppressed: usize,
    /// Judgements that lacked a value.
    pub unjudged: usize,
    /// What could not be read or understood.
    pub problems: Vec<Trouble>,
}

/// Findings left out because they are the same at a git reference.
#[derive(Debug, Clone, Serialize)]
pub struct Since {
    /// What the user calls the reference.
    pub reference: Redacted,
    /// How many they are.
    pub unchanged: usize,
}

/// Findings by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BySeverity {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// The rest.
    pub info: usize,
}

/// Files by what became of them. `read` is the sum of all but the skipped ones.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Files {
    /// Read.
    pub read: usize,
    /// Read by a dialect.
    pub recognised: usize,
    /// Templates, read as far as certain.
    pub templates: usize,
    /// Read, and no dialect knows them.
    pub unknown: usize,
    /// Of a kind that is not read.
    pub unsupported: usize,
    /// Not read, each with the reason.
    pub skipped: Vec<Skipped>,
    /// Directories of others, such as `node_modules`, whose files were not looked at.
    pub passed_over: usize,
    /// Files with at least one finding.
    pub with_findings: usize,
}

/// A file that was not read.
#[derive(Debug, Clone, Serialize)]
pub struct Skipped {
    /// The file.
    pub path: String,
    /// Why.
    pub reason: Redacted,
}

/// A [`Problem`] as reports print it.
#[derive(Debug, Clone, Serialize)]
pub struct Trouble {
    /// The file, directory or option.
    pub path: Redacted,
    /// What is wrong, place and suggestion included.
    pub message: Redacted,
}

impl Summary {
    pub(super) fn new(checked: &Checked, entries: &[Entry], redact: Redactor<'_>) -> Self {
        let mut findings = BySeverity::default();
        for entry in entries {
            *match entry.severity {
                Severity::Error => &mut findings.error,
                Severity::Warning => &mut findings.warning,
                Severity::Info => &mut findings.info,
            } += 1;
        }
        let mut files = Files { passed_over: checked.passed_over, ..Files::default() };
        for file in &checked.outcome.files {
            files.read += 1;
            match &file.status {
                Status::Recognised(_) => files.recognised += 1,
                Status::Template(_) => files.templates += 1,
                Status::Unknown => files.unknown += 1,
                Status::Unsupported => files.unsupported += 1,
                Status::Skipped(reason) => {
                    files.read -= 1;
                    let reason = Redacted::words(reason, redact);
                    files.skipped.push(Skipped { path: file.path.to_string(), reason });
                }
            }
        }
        files.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        // entries are sorted by path
        files.with_findings = entries.chunk_by(|a, b| a.place.path == b.place.path).count();
        let trouble = |problem: &Problem| Trouble {
            path: Redacted::path(&problem.path),
            message: Redacted::words(&problem.to_string(), redact),
        };
        Summary {
            findings,
            files,
            hidden: checked.hidden,
            baseline: checked.baseline.as_ref().map(|compared| compared.known),
            since: checked
                .since
                .as_ref()
                .map(|since| Since { reference: Redacted::path(&since.name), unchanged: since.unchanged }),
            suppressed: checked.outcome.suppressed.len(),
            unjudged: checked.outcome.unjudged.len(),
            problems: checked.problems.iter().map(trouble).collect(),
        }
    }

    /// The summary in lines, for people. `shows_unjudged`: they are listed above already.
    pub(super) fn text(&self, shows_unjudged: bool) -> String {
        let mut text = self.found();
        text.push('\n');
        let files = &self.files;
        let mut line = format!("{} read, {} recognised", counted(files.read, "file"), files.recognised);
        if files.templates > 0 {
            let _ = write!(line, ", {} read in part", counted(files.templates, "template")); // a string takes any write
        }
        for (number, what) in [(files.unknown, "not recognised"), (files.unsupported, "of other kinds")] {
            if number > 0 {
                let _ = write!(line, ", {number} {what}");
            }
        }
        text.push_str(&line);
        text.push('\n');
        for (reason, paths) in self.skipped_by_reason() {
            let more = if paths.len() > 1 { " and others" } else { "" };
            let first = Redacted::path(paths[0]);
            let _ = writeln!(text, "{} skipped: {reason} ({first}{more})", counted(paths.len(), "file"));
        }
        match files.passed_over {
            0 => {}
            1 => text.push_str("1 directory of others passed over, such as node_modules\n"),
            number => {
                let _ = writeln!(text, "{number} directories of others passed over, such as node_modules");
            }
        }
        if !self.problems.is_empty() {
            let _ = writeln!(text, "{} kept something from being checked", counted(self.problems.len(), "problem"));
        }
        if let Some(known) = self.baseline {
            let _ = writeln!(text, "{} in the baseline", counted(known, "finding"));
        }
        if let Some(since) = &self.since {
            let unchanged = counted(since.unchanged, "finding");
            let _ = writeln!(text, "{unchanged} unchanged since {}", since.reference);
        }
        if self.suppressed > 0 {
            let _ = writeln!(text, "{} suppressed", counted(self.suppressed, "finding"));
        }
        if self.hidden > 0 {
            let _ =
                writeln!(text, "{} below the default level: --pedantic shows them", counted(self.hidden, "finding"));
        }
        if self.unjudged > 0 && !shows_unjudged {
            let lacked = counted(self.unjudged, "judgement");
            let _ = writeln!(text, "{lacked} lacked a value: --show-unjudged lists them");
        }
        text
    }

    /// `2 errors, 1 warning in 2 files`, or `no findings`.
    pub(super) fn found(&self) -> String {
        let findings = self.findings;
        let parts: Vec<String> = [(findings.error, "error"), (findings.warning, "warning"), (findings.info, "info")]
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| if what == "info" { format!("{number} info") } else { counted(number, what) })
            .collect();
        if parts.is_empty() {
            return "no findings".into();
        }
        format!("{} in {}", parts.join(", "), counted(self.files.with_findings, "file"))
    }

    fn skipped_by_reason(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for skipped in &self.files.skipped {
            reasons.entry(skipped.reason.as_str()).or_default().push(&skipped.path);
        }
        reasons
    }
}

/// `1 file`, `2 files`.
pub fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
