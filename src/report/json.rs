//! The findings for programs. The format is described by `schema/findings.schema.json` and has a version.

use serde::Serialize;

use super::place::{Place, Range};
use super::redact::Redacted;
use super::statistics::{self, Count};
use super::summary::Summary;
use super::view::{Entry, Gap, Proof};
use super::{Options, Report};
use crate::model::{Confidence, Safety, Severity};
use crate::workspace::Standing;

/// The version of the format: grows when a reader of the old one would go wrong.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Log<'a> {
    version: u32,
    findings: Vec<Finding<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unjudged: Option<Vec<Unjudged<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<Vec<Count>>,
    summary: &'a Summary,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    severity: Severity,
    confidence: Confidence,
    message: &'a Redacted,
    help: &'a Redacted,
    #[serde(flatten)]
    place: At<'a>,
    related: Vec<Related<'a>>,
    evidence: Vec<Evidence<'a>>,
    fixes: Vec<Fix<'a>>,
    fingerprint: &'a str,
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Standing>,
}

#[derive(Serialize)]
struct At<'a> {
    path: &'a str,
    range: Range,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    place: At<'a>,
    message: &'a Redacted,
}

#[derive(Serialize)]
struct Evidence<'a> {
    attribute: &'a str,
    value: &'a Redacted,
    origin: &'a str,
    #[serde(flatten)]
    place: Option<At<'a>>,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a Redacted,
    safety: Safety,
}

#[derive(Serialize)]
struct Unjudged<'a> {
    rule: &'a str,
    #[serde(flatten)]
    place: At<'a>,
    missing: &'a [Redacted],
}

pub(super) fn render(report: &Report<'_>, options: &Options) -> String {
    let gaps = if options.show_unjudged { report.unjudged() } else { Vec::new() };
    let log = Log {
        version: VERSION,
        findings: report.entries.iter().map(Finding::from).collect(),
        unjudged: options.show_unjudged.then(|| gaps.iter().map(Unjudged::from).collect()),
        statistics: options.statistics.then(|| statistics::counts(report)),
        summary: &report.summary,
    };
    super::pretty(&log)
}

impl<'a> From<&'a Place> for At<'a> {
    fn from(place: &'a Place) -> Self {
        At { path: &place.path, range: place.range }
    }
}

impl<'a> From<&'a Entry> for Finding<'a> {
    fn from(entry: &'a Entry) -> Self {
        Finding {
            rule: &entry.rule,
            severity: entry.severity,
            confidence: entry.confidence,
            message: &entry.message,
            help: &entry.help,
            place: At::from(&entry.place),
            related: entry.related.iter().map(|(place, message)| Related { place: place.into(), message }).collect(),
            evidence: entry.evidence.iter().map(Evidence::from).collect(),
            fixes: entry.fixes.iter().map(|(title, safety)| Fix { title, safety: *safety }).collect(),
            fingerprint: &entry.fingerprint,
            state: &entry.state,
            baseline: entry.standing,
        }
    }
}

impl<'a> From<&'a Proof> for Evidence<'a> {
    fn from(proof: &'a Proof) -> Self {
        Evidence {
            attribute: &proof.attribute,
            value: &proof.value,
            origin: proof.origin,
            place: proof.place.as_ref().map(At::from),
        }
    }
}

impl<'a> From<&'a Gap> for Unjudged<'a> {
    fn from(gap: &'a Gap) -> Self {
        Unjudged { rule: &gap.rule, place: (&gap.place).into(), missing: &gap.missing }
    }
}
