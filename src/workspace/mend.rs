//! Fixes over the files of a run: made by [`crate::fix`], written here or only shown.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::Problem;
use super::write::{Replacement, replace};
use crate::analysis::Input;
use crate::fix::Fixed;
use crate::model::Safety;

/// What is to be done with fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fixing {
    /// The least safety of the fixes that are made.
    pub least: Safety,
    /// Whether files are written; if not, the new texts are only shown.
    pub write: bool,
}

/// What fixing came to.
#[derive(Debug, Default)]
pub struct Mended {
    /// The findings that were mended, or would be: rule, what was done, and the file.
    pub applied: Vec<(Arc<str>, String, Arc<str>)>,
    /// Why fixes were not made, by the finding's fingerprint.
    pub refused: Vec<(String, String)>,
    /// The files that changed, or would.
    pub texts: Vec<MendedText>,
}

/// A file's text before and after, as it may be printed.
#[derive(Debug)]
pub struct MendedText {
    /// Its path.
    pub path: Arc<str>,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

impl Mended {
    /// Takes what was made of `inputs`, and writes it if it is to be written; the inputs then hold the new bytes. Where
    /// nothing is written, they keep theirs, and the fingerprints of what would be mended come back.
    pub(super) fn take(
        &mut self,
        fixed: Fixed,
        fixing: Fixing,
        inputs: &mut [Input],
        places: &[&Path],
        problems: &mut Vec<Problem>,
    ) -> BTreeSet<String> {
        let (mut tried, mut failed) = (BTreeSet::new(), BTreeSet::new());
        for change in fixed.changes.iter().filter(|_| fixing.write) {
            if tried.contains(&change.file) {
                continue; // with another file of its group
            }
            tried.extend(change.with.iter().copied());
            let group: Vec<_> = fixed.changes.iter().filter(|one| change.with.contains(&one.file)).collect();
            let files = group.iter().map(|one| Replacement {
                path: places.get(one.file).copied().unwrap_or(Path::new("")),
                old: &inputs[one.file].bytes,
                new: &one.bytes,
            });
            match replace(&files.collect::<Vec<_>>()) {
                Ok(()) => group.iter().for_each(|one| inputs[one.file].bytes = one.bytes.clone()),
                Err((path, why)) => {
                    failed.extend(change.with.iter().copied());
                    problems.push(Problem::new(path.display().to_string(), format!("not fixed: {why}")));
                }
            }
        }
        let mut mended = BTreeSet::new();
        for applied in fixed.applied.into_iter().filter(|applied| failed.is_disjoint(&applied.edited)) {
            let path = inputs.get(applied.file).map_or_else(|| "".into(), |input| input.path.clone());
            self.applied.push((applied.rule, applied.title, path));
            mended.insert(applied.fingerprint);
        }
        for change in fixed.changes.into_iter().filter(|change| !failed.contains(&change.file)) {
            let path = inputs[change.file].path.clone();
            self.texts.push(MendedText { path, before: change.before, after: change.after });
        }
        self.refused.extend(fixed.refused.into_iter().map(|refused| (refused.fingerprint, refused.why)));
        if fixing.write { BTreeSet::new() } else { mended }
    }
}
