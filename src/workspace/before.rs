//! What a run leaves out because it was there before: in a baseline, or at a git reference.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use super::baseline::{Baseline, BaselineSource};
use super::seen::{Seen, Standing};
use super::walk::unreadable;
use super::{Problem, Request, Settings, paths};
use crate::analysis::Outcome;

/// Findings beside a baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// How many it knows; they are left out.
    pub known: usize,
    /// The fingerprints of those it knows with other values.
    pub changed: BTreeSet<String>,
}

/// Findings beside those at a git reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// What the user calls the reference.
    pub name: String,
    /// How many findings are the same there; they are left out.
    pub unchanged: usize,
}

/// Findings of before, where they are not to be shown again.
pub(super) struct Before {
    /// Those of the baseline.
    pub(super) known: Option<Seen>,
    /// Those at the git reference.
    pub(super) then: Option<Seen>,
}

impl Before {
    /// Drops the findings of before, and counts them.
    pub(super) fn apply(&self, outcome: &mut Outcome, since: &mut Option<Since>, baseline: &mut Option<Compared>) {
        if let (Some(then), Some(since)) = (&self.then, since) {
            let all = outcome.findings.len();
            outcome.findings.retain(|finding| then.standing(finding) != Standing::Unchanged);
            since.unchanged += all - outcome.findings.len();
        }
        if let Some(known) = &self.known {
            let compared = baseline.get_or_insert_default();
            outcome.findings.retain(|finding| {
                let standing = known.standing(finding);
                match standing {
                    Standing::New => {}
                    Standing::Changed => {
                        compared.changed.insert(finding.fingerprint.clone());
                    }
                    Standing::Unchanged => compared.known += 1,
                }
                standing != Standing::Unchanged
            });
        }
    }
}

/// The findings that the baseline of the command line knows; `None` without one.
pub(super) fn known_to_all(request: &Request) -> Result<Option<Seen>, Problem> {
    let BaselineSource::File(file) = &request.baseline else { return Ok(None) };
    let path = paths::absolute(&request.cwd, file);
    let missing = || {
        let problem = unreadable(file, &path, &ErrorKind::NotFound.into());
        if problem.suggestion.is_some() { problem } else { problem.advice("`trueup baseline` writes it") }
    };
    let baseline = Baseline::read(&path, &file.display().to_string())?.ok_or_else(missing)?;
    Ok(Some(baseline.seen()))
}

/// The findings that the baseline of a settings file knows; `None` without one.
pub(super) fn known_here(request: &Request, settings: &Settings) -> Result<Option<Seen>, Problem> {
    let named = settings.baseline.as_ref().filter(|_| request.baseline == BaselineSource::Settings);
    let Some((path, named)) = named else { return Ok(None) };
    let missing = || {
        let problem = settings.problem(named, format!("`{}`: no such file", named.name));
        problem.advice("`trueup baseline` writes it")
    };
    let baseline = Baseline::read(path, &paths::relative(&request.cwd, path))?.ok_or_else(missing)?;
    Ok(Some(baseline.seen()))
}
