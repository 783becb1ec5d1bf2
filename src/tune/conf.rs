//! A plan as lines for `postgresql.conf`.

use std::fmt::Write;

use super::{Plan, Sourced, size};

/// The settings with why above each, what they are made from before them all.
pub fn conf(plan: &Plan, inputs: &[Sourced]) -> String {
    let mut text = heading(plan, inputs, "#");
    for setting in &plan.settings {
        let restart = if setting.needs_restart { " (restart)" } else { "" };
        let _ = write!(text, "\n# {}{restart}\n{} = {}\n", setting.why, setting.parameter, quoted(&setting.value));
    }
    text
}

/// A value between quotes where it is not a plain word or number.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if value.chars().all(is_plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', "''")) }
}

/// What a plan is for and made from, as comments behind `mark`.
pub(super) fn heading(plan: &Plan, inputs: &[Sourced], mark: &str) -> String {
    let mut text = format!("{mark} PostgreSQL {}, computed by trueup tune\n", plan.version);
    for input in inputs {
        let _ = writeln!(text, "{mark} {}: {} ({})", input.name, input.value, input.origin);
    }
    let (sum, limit) = (size(plan.budget.sum()), size(plan.budget.limit));
    let _ = writeln!(text, "{mark} memory at worst: {sum}, at most {limit}");
    for seen in &plan.seen {
        let _ = writeln!(text, "{mark} {}: {}", seen.name, seen.says);
    }
    for line in plan.warnings.iter().chain(&plan.notes) {
        let _ = writeln!(text, "{mark} {line}");
    }
    text
}
