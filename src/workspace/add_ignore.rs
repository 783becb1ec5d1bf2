//! Suppressions for everything that a run shows, written into the files as comments.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::write::{Replacement, replace};
use super::{Checked, Problem, paths};
use crate::analysis::File;
use crate::model::Finding;
use crate::suppress::{self, Until, Wanted};
use crate::syntax::{self, Span, decode};

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// How many comments.
    pub comments: usize,
    /// Into how many files.
    pub files: usize,
    /// What could not be written.
    pub problems: Vec<Problem>,
}

/// Writes comments that silence the findings of `checked`, whose paths are named from `root`. What comments cannot
/// silence stays reported.
pub fn add_ignore(checked: &Checked, root: &Path, reason: &str, until: Option<&Until>) -> Written {
    let mut by_file: BTreeMap<u32, BTreeSet<Wanted>> = BTreeMap::new();
    let locked = |finding: &&Finding| checked.outcome.locked.contains(&(finding.rule.clone(), finding.primary.file));
    for finding in checked.outcome.findings.iter().filter(|finding| !locked(finding)) {
        let primary = Span { start: finding.primary.start, end: finding.primary.end };
        by_file.entry(finding.primary.file).or_default().insert(Wanted { rule: finding.rule.clone(), primary });
    }
    let mut written = Written::default();
    for (file, wanted) in by_file {
        let Some(file) = checked.outcome.files.get(file as usize) else { continue };
        let problem = |message: String| Problem::new(&*file.path, message);
        let Some(text) = &file.text else { continue };
        match into_file(file, text, root, &wanted, reason, until) {
            Ok(added) => {
                written.comments += added.comments;
                written.files += usize::from(added.comments > 0);
                let left = added.left.iter().map(|left| {
                    let line = text[..left.primary.start as usize].matches('\n').count() + 1;
                    problem(format!("line {line}: no comment can silence {} here", left.rule))
                });
                written.problems.extend(left);
            }
            Err(message) => written.problems.push(problem(message)),
        }
    }
    written
}

fn into_file(
    file: &File,
    text: &Arc<str>,
    root: &Path,
    wanted: &BTreeSet<Wanted>,
    reason: &str,
    until: Option<&Until>,
) -> Result<suppress::Added, String> {
    let path = &*file.path;
    let place = paths::absolute(root, path.as_ref());
    let bytes = std::fs::read(&place).map_err(|error| format!("cannot be read: {error}"))?;
    if decode::decode(&bytes).ok() != Some(&**text) {
        return Err("has changed since it was read; run again".into());
    }
    let format = file.format.ok_or("is of a format that has no comments")?;
    let document = syntax::parse(text, format);
    let may_hold_comments = path.ends_with(".jsonc") || path.ends_with(".json5");
    let added = suppress::add(&document, wanted, reason, until, may_hold_comments)
        .map_err(|refused| refused.message().to_owned())?;
    if added.comments > 0 {
        let file = Replacement { path: &place, old: &bytes, new: added.text.as_bytes() };
        replace(&[file]).map_err(|(_, why)| format!("cannot be written: {why}"))?;
    }
    Ok(added)
}
