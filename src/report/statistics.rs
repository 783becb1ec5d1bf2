//! How often each rule was found, most often first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::Report;
use crate::model::Severity;

/// One rule's count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Count {
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) count: usize,
}

pub(super) fn counts(report: &Report<'_>) -> Vec<Count> {
    let mut counts: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
    for entry in &report.entries {
        *counts.entry((&entry.rule, entry.severity)).or_default() += 1;
    }
    let mut counts: Vec<Count> =
        counts.into_iter().map(|((rule, severity), count)| Count { rule: rule.into(), severity, count }).collect();
    counts.sort_by_key(|it| std::cmp::Reverse(it.count)); // stable: equal counts stay in the order of their ids
    counts
}

pub(super) fn text(report: &Report<'_>) -> String {
    let mut text = String::new();
    for Count { rule, severity, count } in counts(report) {
        let _ = writeln!(text, "{count:>6}  {severity:<7}  {rule}"); // writing to a string cannot fail
    }
    text
}
