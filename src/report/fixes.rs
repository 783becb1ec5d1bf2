//! What fixing came to, for people: the changes as a unified diff, and what was made and what was not.

use std::collections::BTreeMap;
use std::fmt::Write;

use similar::TextDiff;

use super::redact::{Redacted, Redactor};
use super::summary::counted;
use crate::workspace::{Checked, Mended};

/// How many fixes that were not made are named.
const NAMED: usize = 20;

/// The changes as `diff -u` prints them. The texts come with their secrets masked.
pub fn diff(mended: &Mended, redact: Redactor<'_>) -> String {
    let mut text = String::new();
    for change in &mended.texts {
        let path = Redacted::path(&change.path);
        let diff = TextDiff::from_lines(change.before.as_str(), change.after.as_str());
        let unified =
            diff.unified_diff().context_radius(3).header(&format!("a/{path}"), &format!("b/{path}")).to_string();
        let _ = writeln!(text, "{}", Redacted::lines(&unified, redact));
    }
    text
}

/// How much was fixed, or would be, and why the rest was not; a line each. Nothing was asked for: nothing.
pub fn mended(mended: &Mended, checked: &Checked, written: bool, redact: Redactor<'_>) -> String {
    let mut text = String::new();
    let (fixes, files) = (counted(mended.applied.len(), "finding"), counted(mended.texts.len(), "file"));
    let verb = if written { "fixed" } else { "would fix" };
    let _ = writeln!(text, "{verb} {fixes} in {files}");
    let mut by_title: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for (rule, title, path) in &mended.applied {
        *by_title.entry((path, rule, title)).or_default() += 1;
    }
    for ((path, rule, title), count) in by_title {
        let times = if count > 1 { format!(" ({count} times)") } else { String::new() };
        let _ = writeln!(text, "  {}: {rule}: {}{times}", Redacted::path(path), Redacted::words(title, redact));
    }
    let left = checked.outcome.findings.iter().filter_map(|finding| {
        let (_, why) = mended.refused.iter().find(|(fingerprint, _)| *fingerprint == finding.fingerprint)?;
        let path = checked.outcome.files.get(finding.primary.file as usize)?;
        Some((path, &finding.rule, why))
    });
    let left: Vec<_> = left.collect();
    for (file, rule, why) in left.iter().take(NAMED) {
        let _ = writeln!(text, "not fixed: {}: {rule}: {}", Redacted::path(&file.path), Redacted::words(why, redact));
    }
    if left.len() > NAMED {
        let _ = writeln!(text, "not fixed: {} more", left.len() - NAMED);
    }
    text
}
