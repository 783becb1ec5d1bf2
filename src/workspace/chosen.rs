//! What a run shows of one scope: the selection, then what is known already.

use std::collections::BTreeSet;
use std::path::Path;

use super::before::{Before, Compared, Since};
use super::selection::Selection;
use crate::analysis::{Choice, Outcome};

/// The selection over the files of one scope.
pub(super) struct Chosen<'a> {
    selection: &'a Selection,
    /// Where the inputs stand, absolute.
    places: &'a [&'a Path],
    before: &'a Before,
    /// The fingerprints of findings that are not shown, because their fixes are.
    pub(super) mended: BTreeSet<String>,
    pub(super) hidden: usize,
    /// The suppressions of the settings that reached a finding.
    pub(super) used: BTreeSet<usize>,
    pub(super) since: Option<Since>,
    pub(super) baseline: Option<Compared>,
}

impl<'a> Chosen<'a> {
    pub(super) fn new(selection: &'a Selection, places: &'a [&'a Path], before: &'a Before) -> Self {
        let (mended, hidden, since, baseline) = (BTreeSet::new(), 0, None, None);
        Chosen { selection, places, before, mended, hidden, used: BTreeSet::new(), since, baseline }
    }

    /// The same, going on with these counts.
    pub(super) fn counting(self, since: Option<Since>, baseline: Option<Compared>) -> Self {
        Chosen { since, baseline, ..self }
    }

    fn place(&self, file: usize) -> &Path {
        self.places.get(file).copied().unwrap_or(Path::new(""))
    }
}

impl Choice for Chosen<'_> {
    fn is_on(&self, rule: &str, file: u32) -> bool {
        self.selection.is_on(rule, self.place(file as usize))
    }

    fn is_locked(&self, rule: &str) -> bool {
        self.selection.is_locked(rule)
    }

    fn choose(&mut self, outcome: &mut Outcome) {
        let applied = self.selection.apply(outcome, |file| self.place(file));
        self.hidden += applied.hidden;
        self.used.extend(applied.used);
        self.before.apply(outcome, &mut self.since, &mut self.baseline);
        outcome.findings.retain(|finding| !self.mended.contains(&finding.fingerprint));
    }
}
