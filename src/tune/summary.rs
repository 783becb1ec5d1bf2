//! What writing a plan into files came to, for people.

use std::fmt::Write;

use super::text::{origins, said};
use super::{Plan, Sourced, size};
use crate::fix::Patched;
use crate::report::paragraph;

/// Columns of a line.
const WIDTH: usize = 80;

/// What the plan is made from, what was written, or would be, to `files`, what was not and why, and what is found then.
pub fn summary(plan: &Plan, inputs: &[Sourced], patched: &Patched, files: &[&str], is_written: bool) -> String {
    let mut text = origins(plan, inputs);
    let mut line = |words: String, first: &str| paragraph(&mut text, &words, first, &" ".repeat(first.len()), WIDTH);
    let of = |is_wanted: &dyn Fn(&&super::Setting) -> bool| -> Vec<&str> {
        let made = plan.settings.iter().filter(|setting| patched.made.iter().any(|made| **made == *setting.parameter));
        made.filter(is_wanted).map(|setting| setting.parameter).collect()
    };
    let count = |number: usize| if number == 1 { "1 setting".to_owned() } else { format!("{number} settings") };
    match (patched.made.len(), is_written) {
        (0, _) if patched.refused.is_empty() => line("nothing to change: the server has these settings".into(), ""),
        (0, _) => line("nothing can be written".into(), ""),
        (made, true) => line(format!("wrote {} to {}", count(made), files.join(", ")), ""),
        (made, false) => line(format!("would write {} to {}", count(made), files.join(", ")), ""),
    }
    let restart = of(&|setting| setting.needs_restart);
    if !restart.is_empty() {
        line(format!("only at the next start: {}", restart.join(", ")), "  ");
    }
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for (name, why) in &patched.refused {
        let setting = match plan.value(name) {
            Some(value) => format!("{name} = {value}"),
            None => name.to_string(),
        };
        match reasons.iter_mut().find(|(reason, _)| reason == why) {
            Some((_, settings)) => settings.push(setting),
            None => reasons.push((why, vec![setting])),
        }
    }
    for (why, settings) in reasons {
        line(format!("not written, as {why}: {}", settings.join(", ")), "  ");
    }
    for (rule, message) in &patched.brings {
        line(format!("then found: {rule}: {message}"), "  ");
    }
    for seen in &plan.seen {
        let follows = seen.value.as_ref().zip(seen.parameter).map(|(value, name)| format!(": {name} = {value}"));
        line(format!("seen: {}: {}{}", seen.name, seen.says, follows.unwrap_or_default()), "  ");
    }
    for role in &plan.roles {
        let words = format!(
            "seen: {}: {}: {} = {}; --format sql has what it needs",
            role.role, role.says, role.parameter, role.value
        );
        line(words, "  ");
    }
    for table in &plan.tables {
        let words = format!("seen: {}: {}; --format sql has what it needs", table.shown(), table.says);
        line(words, "  ");
    }
    let (sum, limit) = (size(plan.budget.sum()), size(plan.budget.limit));
    let also = if patched.refused.is_empty() { "" } else { ", with what is not written" };
    let _ = writeln!(text, "memory at worst: {sum}, at most {limit}{also}");
    for (kind, line) in said(plan) {
        paragraph(&mut text, &format!("{kind}: {line}"), "", "", WIDTH);
    }
    text
}
