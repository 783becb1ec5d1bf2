//! Findings silenced by the settings, for files that have no comments: by file, and by key where one is named.
//!
//! ```toml
//! [[suppress]]
//! path = "config/*.json"
//! key = "database.pool.max_size"
//! rules = ["pool-too-large"]
//! reason = "load test of the new shop, OPS-12"
//! until = "2027-01-31"
//! ```

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::settings::{Pattern, Suppression};
use super::{Problem, today::today};
use crate::analysis::File;
use crate::knowledge;
use crate::model::{Finding, Location, Name};
use crate::syntax::{self, Document, NodeId, NodeKind, Span};

/// One suppression of the settings, its rules resolved.
#[derive(Debug)]
pub(super) struct Silence {
    at: Pattern,
    key: Option<knowledge::Pattern>,
    rules: BTreeSet<String>,
    reason: Name,
    expired: bool,
}

impl Silence {
    pub(super) fn new(said: &Suppression, rules: BTreeSet<String>) -> Silence {
        let expired = said.until.is_some_and(|until| until < today());
        Silence { at: said.at.clone(), key: said.key.clone(), rules, reason: said.reason.as_str().into(), expired }
    }

    /// Whether it speaks of a file in which one of its rules is on.
    pub(super) fn concerns(&self, path: &Path, is_on: impl Fn(&str) -> bool) -> bool {
        self.at.matches(path) && self.rules.iter().any(|rule| is_on(rule))
    }

    /// What to say of one that silenced nothing, or does not any more.
    pub(super) fn complaint(&self, said: &Suppression, path: &str, used: bool) -> Option<Problem> {
        let problem = |message: String| Problem::new(path, message).at(said.place.line, said.place.column);
        match (&said.until, self.expired, used) {
            (Some(until), true, _) => Some(problem(format!("this suppression ended on {until}")).advice("delete it")),
            (_, _, false) => Some(problem("this suppression silences nothing".into()).advice("delete it")),
            _ => None,
        }
    }
}

/// The suppressions of a scope over the files of a run, whose keys are looked up once.
pub(super) struct Silencer<'a, F> {
    silences: &'a [Silence],
    files: &'a [File],
    absolute: F,
    spans: HashMap<(usize, u32), Vec<Span>>,
    /// Those that reached a finding.
    pub(super) used: BTreeSet<usize>,
}

impl<'a, 'p, F: Fn(usize) -> &'p Path> Silencer<'a, F> {
    pub(super) fn new(silences: &'a [Silence], files: &'a [File], absolute: F) -> Self {
        Silencer { silences, files, absolute, spans: HashMap::new(), used: BTreeSet::new() }
    }

    /// Why a finding is not to be shown, if it is not.
    pub(super) fn reason(&mut self, finding: &Finding) -> Option<Name> {
        let mut reason = None;
        for (index, silence) in self.silences.iter().enumerate() {
            if !silence.rules.contains(&*finding.rule) || !self.reaches(index, silence, finding) {
                continue;
            }
            self.used.insert(index);
            if !silence.expired && reason.is_none() {
                reason = Some(silence.reason.clone());
            }
        }
        reason
    }

    fn reaches(&mut self, index: usize, silence: &Silence, finding: &Finding) -> bool {
        let Some(key) = &silence.key else {
            return silence.at.matches((self.absolute)(finding.primary.file as usize));
        };
        let related = finding.related.iter().map(|related| related.location);
        let evidence = finding.evidence.iter().filter_map(|evidence| evidence.location);
        let places: Vec<Location> = std::iter::once(finding.primary).chain(related).chain(evidence).collect();
        places.into_iter().any(|place| {
            silence.at.matches((self.absolute)(place.file as usize))
                && self
                    .spans_of(index, key, place.file)
                    .iter()
                    .any(|span| span.contains(Span { start: place.start, end: place.end.max(place.start) }))
        })
    }

    /// Where a key stands in a file.
    fn spans_of(&mut self, index: usize, key: &knowledge::Pattern, file: u32) -> &[Span] {
        let files = self.files;
        self.spans.entry((index, file)).or_insert_with(|| {
            let Some(file) = files.get(file as usize) else { return Vec::new() };
            let (Some(text), Some(format)) = (&file.text, file.format) else { return Vec::new() };
            let document = syntax::parse(text, format);
            let found = document.roots.iter().flat_map(|&root| select(&document, root, key));
            found.map(|node| document.host(document.node(node).entry)).collect()
        })
    }
}

/// The entries that a pattern leads to; keys are spelled as in the file.
fn select(document: &Document, root: NodeId, pattern: &knowledge::Pattern) -> Vec<NodeId> {
    let mut at = vec![root];
    for step in &pattern.segments {
        let is_step = |child: &NodeId| document.key(*child).is_some_and(|key| knowledge::glob(&step.key, key));
        at = at.into_iter().flat_map(|node| document.children(document.resolve(node)).filter(is_step)).collect();
        if step.items {
            let items = |node: NodeId| match document.node(document.resolve(node)).kind {
                NodeKind::Seq => document.children(document.resolve(node)).collect(),
                _ => vec![node],
            };
            at = at.into_iter().flat_map(items).collect();
        }
    }
    at
}
