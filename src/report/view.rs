//! An outcome made ready for printing: places resolved, texts redacted, everything in its order.
//!
//! This is the only input of a renderer. It holds no text of a file that could be printed as it is.

use std::collections::HashMap;
use std::sync::Arc;

use super::excerpt::{self, Excerpt};
use super::place::{Place, Range};
use super::redact::{Redacted, Redactor};
use super::source::Source;
use super::summary::Summary;
use crate::analysis::Outcome;
use crate::fix::Repair;
use crate::model::{Confidence, Finding, Location, Safety, Severity};
use crate::syntax::Span;
use crate::workspace::{Checked, Known, RuleInfo, Standing};

/// Everything a renderer may know.
pub struct Report<'a> {
    /// The findings, by path, place and rule.
    pub entries: Vec<Entry>,
    /// The counts.
    pub summary: Summary,
    rules: HashMap<&'a str, &'a RuleInfo>,
    sources: HashMap<usize, Source>,
    outcome: &'a Outcome,
    redact: Redactor<'a>,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The rule's id.
    pub rule: Arc<str>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What is wrong.
    pub message: Redacted,
    /// What to do.
    pub help: Redacted,
    /// Where.
    pub place: Place,
    /// Other places that explain it.
    pub related: Vec<(Place, Redacted)>,
    /// What the judgement read.
    pub evidence: Vec<Proof>,
    /// Repairs on offer.
    pub fixes: Vec<(Redacted, Safety)>,
    /// What a fix replaces, and its title, where it was asked for and can be made.
    pub repair: Option<(Redacted, Vec<(Place, String)>)>,
    /// Identity across runs.
    pub fingerprint: String,
    /// Hash of the evidence.
    pub state: String,
    /// What it is beside the baseline, if there is one.
    pub standing: Option<Standing>,
}

impl Entry {
    /// What is wrong, and whether it was known with other values.
    pub fn headline(&self) -> String {
        match self.standing {
            Some(Standing::Changed) => format!("{} (changed since the baseline)", self.message),
            _ => self.message.to_string(),
        }
    }
}

/// One piece of evidence.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The attribute's name.
    pub attribute: Arc<str>,
    /// Its value.
    pub value: Redacted,
    /// Where the value comes from.
    pub origin: &'static str,
    /// Where it is written, if it is.
    pub place: Option<Place>,
}

/// A rule that could not be judged.
#[derive(Debug, Clone)]
pub struct Gap {
    /// The rule's id.
    pub rule: Arc<str>,
    /// The resource's place.
    pub place: Place,
    /// What it would have needed.
    pub missing: Vec<Redacted>,
}

impl<'a> Report<'a> {
    /// Prepares what a run found. `redact` masks what looks like a secret in any text.
    pub fn new(checked: &'a Checked, redact: Redactor<'a>) -> Self {
        let outcome = &checked.outcome;
        let mut places = Places { outcome, sources: HashMap::new() };
        let words = |text: &str| Redacted::words(text, redact);
        let repairs: HashMap<&str, &Repair> =
            checked.repairs.iter().map(|repair| (repair.fingerprint.as_str(), repair)).collect();
        // what is put in is shown as it is, or not at all
        let is_open = |repair: &&Repair| {
            let files =
                |place: &Location| outcome.files.get(place.file as usize).is_some_and(|file| file.text.is_some());
            repair.edits.iter().all(|(place, text)| files(place) && redact(text) == text.as_str())
        };
        let entry = |finding: &Finding| Entry {
            rule: finding.rule.clone(),
            severity: finding.severity,
            confidence: finding.confidence,
            message: words(&finding.message),
            help: words(&finding.help),
            place: places.place(finding.primary),
            related: finding.related.iter().map(|it| (places.place(it.location), words(&it.message))).collect(),
            evidence: finding
                .evidence
                .iter()
                .map(|evidence| Proof {
                    attribute: evidence.attribute.clone(),
                    value: words(&evidence.value),
                    origin: evidence.origin,
                    place: evidence.location.map(|location| places.place(location)),
                })
                .collect(),
            fixes: finding.fixes.iter().map(|fix| (words(&fix.title), fix.safety)).collect(),
            repair: repairs.get(finding.fingerprint.as_str()).copied().filter(is_open).map(|repair| {
                let edits = repair.edits.iter().map(|(place, text)| (places.place(*place), text.clone()));
                (words(&repair.title), edits.collect())
            }),
            fingerprint: finding.fingerprint.clone(),
            state: finding.state.clone(),
            standing: checked.standing(finding),
        };
        let mut entries: Vec<Entry> = outcome.findings.iter().map(entry).collect();
        entries.sort_by(|a, b| (&a.place, &a.rule, &a.message).cmp(&(&b.place, &b.rule, &b.message)));
        Report {
            summary: Summary::new(checked, &entries, redact),
            entries,
            outcome,
            rules: checked.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect(),
            sources: places.sources,
            redact,
        }
    }

    /// The findings from the most severe to the least, by place and rule where they are alike.
    pub fn most_severe_first(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.severity)); // stable
        entries
    }

    /// The findings as a baseline keeps them.
    pub fn known(&self) -> impl Iterator<Item = Known> {
        self.entries.iter().map(|entry| Known {
            path: entry.place.path.to_string(),
            rule: entry.rule.to_string(),
            fingerprint: entry.fingerprint.clone(),
            state: entry.state.clone(),
            message: entry.message.to_string(),
        })
    }

    /// What could not be judged, by place: made when it is asked for, as there is much of it.
    pub fn unjudged(&self) -> Vec<Gap> {
        let mut places = Places { outcome: self.outcome, sources: HashMap::new() };
        let words = |text: &str| Redacted::words(text, self.redact);
        let mut unjudged: Vec<Gap> = self
            .outcome
            .unjudged
            .iter()
            .map(|gap| Gap {
                rule: gap.rule.clone(),
                place: places.place(gap.location),
                missing: gap.missing.iter().map(|it| words(&it.to_string())).collect(),
            })
            .collect();
        unjudged.sort_by(|a, b| (&a.place, &a.rule).cmp(&(&b.place, &b.rule)));
        unjudged
    }

    /// What is known of a rule.
    pub fn rule(&self, id: &str) -> Option<&RuleInfo> {
        self.rules.get(id).copied()
    }

    /// The lines around `places`, all of them in one file, no more than `width` columns wide; `None` where the text is
    /// not at hand or cannot be shown without its secrets. The marks come in the order of `places`.
    pub(super) fn excerpt(&self, places: &[&Place], context: usize, width: usize) -> Option<Excerpt> {
        let source = self.sources.get(&places.first()?.file)?;
        let spans: Vec<_> = places.iter().map(|place| place.range.start.byte..place.range.end.byte).collect();
        excerpt::cut(source, &spans, context, width, self.redact)
    }
}

/// Resolves locations, reading each file once.
struct Places<'o> {
    outcome: &'o Outcome,
    sources: HashMap<usize, Source>,
}

impl Places<'_> {
    fn place(&mut self, location: Location) -> Place {
        let file = location.file as usize;
        let known = self.outcome.files.get(file);
        let source = self.sources.entry(file).or_insert_with(|| {
            let text = known.and_then(|file| file.text.clone()).unwrap_or_else(|| "".into());
            let secrets: &[Span] = known.map_or(&[], |file| &file.secrets);
            Source::new(text, secrets)
        });
        let start = source.position(location.start);
        let end = source.position(location.end.max(location.start));
        Place { path: known.map_or_else(|| "".into(), |file| file.path.clone()), range: Range { start, end }, file }
    }
}
