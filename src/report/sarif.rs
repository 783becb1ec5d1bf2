//! SARIF 2.1.0, for code scanning. Only the parts of the format that are used are described here.
//!
//! Silenced findings are left out: code scanning of GitHub reads no `suppressions`, and would show them as open.
//! Columns count code points, as everywhere in trueup. The fingerprint is the one of the other formats and the baseline.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use serde::Serialize;

use super::place::Place;
use super::redact::Redacted;
use super::view::Entry;
use super::{Report, Trouble};
use crate::model::{Confidence, Severity};
use crate::workspace::Standing;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The name of the fingerprint, its version last.
const FINGERPRINT: &str = "trueup/v1";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: [Invocation<'a>; 1],
    column_kind: &'static str,
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_description: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Help<'a>>,
    default_configuration: Configuration,
    properties: RuleProperties<'a>,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Help<'a> {
    text: String,
    markdown: &'a str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties<'a> {
    tags: Vec<&'a str>,
    precision: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Notification<'a> {
    level: &'static str,
    message: Message<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    text: &'a Redacted,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Message<'a>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
    properties: ResultProperties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix<'a> {
    description: Message<'a>,
    artifact_changes: Vec<ArtifactChange<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: Artifact,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Content<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct ResultProperties<'a> {
    confidence: Confidence,
    help: &'a Redacted,
    state: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
    byte_offset: usize,
    byte_length: usize,
}

pub(super) fn render(report: &Report<'_>) -> String {
    let (mut rules, mut indexes) = (Vec::new(), BTreeMap::new());
    let mut results = Vec::new();
    for entry in &report.entries {
        let rule_index = match indexes.entry(&*entry.rule) {
            Slot::Occupied(known) => *known.get(),
            Slot::Vacant(slot) => {
                rules.push(rule(report, entry));
                *slot.insert(rules.len() - 1)
            }
        };
        results.push(result(entry, rule_index));
    }
    let problems = &report.summary.problems;
    super::pretty(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: Driver { name: "trueup", semantic_version: env!("CARGO_PKG_VERSION"), rules } },
            invocations: [Invocation {
                execution_successful: problems.is_empty(),
                tool_execution_notifications: problems.iter().map(notification).collect(),
            }],
            column_kind: "unicodeCodePoints",
            results,
        }],
    })
}

/// What is known of the entry's rule; its id alone for a rule without a page.
fn rule<'a>(report: &'a Report<'_>, entry: &'a Entry) -> Rule<'a> {
    let info = report.rule(&entry.rule);
    let severity = info.map_or(entry.severity, |info| info.severity);
    let confidence = info.map_or(entry.confidence, |info| info.confidence);
    Rule {
        id: &entry.rule,
        short_description: info.map(|info| Text { text: &info.title }),
        full_description: info.map(|info| Text { text: &info.summary }),
        help: info.map(|info| Help {
            text: format!("{} See: trueup explain {}", info.summary, info.id),
            markdown: &info.page_markdown,
        }),
        default_configuration: Configuration { level: level(severity) },
        properties: RuleProperties {
            tags: info.map(|info| info.category.as_str()).into_iter().collect(),
            precision: precision(confidence),
        },
    }
}

fn result(entry: &Entry, rule_index: usize) -> Outcome<'_> {
    let related = entry.related.iter().enumerate();
    Outcome {
        rule_id: &entry.rule,
        rule_index,
        level: level(entry.severity),
        message: Message { text: &entry.message },
        locations: [Location { id: None, physical_location: physical(&entry.place), message: None }],
        related_locations: related
            .map(|(i, (place, message))| Location {
                id: Some(i + 1),
                physical_location: physical(place),
                message: Some(Message { text: message }),
            })
            .collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, entry.fingerprint.as_str())]),
        baseline_state: entry.standing.map(baseline_state),
        fixes: entry.repair.iter().map(fix).collect(),
        properties: ResultProperties { confidence: entry.confidence, help: &entry.help, state: &entry.state },
    }
}

fn fix((title, edits): &(Redacted, Vec<(Place, String)>)) -> Fix<'_> {
    let mut changes: BTreeMap<&str, Vec<Replacement<'_>>> = BTreeMap::new();
    for (place, text) in edits {
        let replacement = Replacement { deleted_region: region(place), inserted_content: Content { text } };
        changes.entry(&place.path).or_default().push(replacement);
    }
    let change = |(path, replacements)| ArtifactChange { artifact_location: artifact(path), replacements };
    Fix { description: Message { text: title }, artifact_changes: changes.into_iter().map(change).collect() }
}

fn notification(problem: &Trouble) -> Notification<'_> {
    Notification { level: "error", message: Message { text: &problem.message } }
}

fn physical(place: &Place) -> Physical {
    Physical { artifact_location: artifact(&place.path), region: region(place) }
}

fn region(place: &Place) -> Region {
    let (start, end) = (place.range.start, place.range.end);
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
        byte_offset: start.byte,
        byte_length: end.byte.saturating_sub(start.byte),
    }
}

/// A path as a URI: relative to the root of the sources, or a `file:` one.
fn artifact(path: &str) -> Artifact {
    let uri = percent_encoded(path);
    if path.starts_with('/') {
        return Artifact { uri: format!("file://{uri}"), uri_base_id: None };
    }
    Artifact { uri, uri_base_id: Some("%SRCROOT%") }
}

pub(crate) fn percent_encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn baseline_state(standing: Standing) -> &'static str {
    match standing {
        Standing::New => "new",
        Standing::Changed => "updated",
        Standing::Unchanged => "unchanged",
    }
}

/// The words code scanning knows for how often a rule is right.
fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "very-high",
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}
