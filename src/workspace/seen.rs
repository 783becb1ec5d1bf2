//! Findings seen before, in a baseline or at a git reference, and what a finding of now is beside them.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::model::Finding;

/// What a finding is beside those seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It was not there.
    New,
    /// It was there, judged from other values.
    Changed,
    /// It was there, judged from the same values.
    Unchanged,
}

/// Fingerprints, each with its states: two branches may have brought different ones into one baseline.
#[derive(Debug, Clone, Default)]
pub struct Seen(HashMap<String, HashSet<String>>);

impl Seen {
    /// What a finding is beside these.
    pub fn standing(&self, finding: &Finding) -> Standing {
        match self.0.get(&finding.fingerprint) {
            Some(states) if states.contains(&finding.state) => Standing::Unchanged,
            Some(_) => Standing::Changed,
            None => Standing::New,
        }
    }
}

/// From pairs of fingerprint and state.
impl FromIterator<(String, String)> for Seen {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut seen = Seen::default();
        for (fingerprint, state) in pairs {
            seen.0.entry(fingerprint).or_default().insert(state);
        }
        seen
    }
}
