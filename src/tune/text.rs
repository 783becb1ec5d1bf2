//! A plan for people at a terminal.

use std::fmt::Write;

use super::{Plan, RolePlan, Seen, Server, Setting, Sourced, TablePlan, Was, size};
use crate::report::paragraph;

/// Columns of a line.
const WIDTH: usize = 80;

/// What the plan is made from, each setting with why and with what it was on the server, and the budget.
pub fn table(plan: &Plan, inputs: &[Sourced], server: Option<&Server>) -> String {
    let mut text = whole(plan, inputs, server, &|text, setting| paragraph(text, setting.why, "    ", "    ", WIDTH));
    evidence(&mut text, plan, false);
    text
}

/// The same with the expression, the numbers in it and the source of each setting.
pub fn explanation(plan: &Plan, inputs: &[Sourced], server: Option<&Server>) -> String {
    let mut text = whole(plan, inputs, server, &|text, setting| {
        paragraph(text, setting.why, "    ", "    ", WIDTH);
        paragraph(text, &format!("= {}", setting.formula), "    ", "    ", WIDTH);
        with(text, &setting.inputs);
        let _ = writeln!(text, "    {}", setting.source);
    });
    evidence(&mut text, plan, true);
    text.push_str("\nTerms\n");
    for term in &plan.terms {
        let _ = writeln!(text, "  term.{:<24} {:>10}", term.name, size(term.bytes));
        paragraph(&mut text, &format!("= {}", term.formula), "    ", "    ", WIDTH);
    }
    text
}

/// The numbers in an expression.
fn with(text: &mut String, inputs: &[(String, String)]) {
    if !inputs.is_empty() {
        let numbers: Vec<String> = inputs.iter().map(|(name, value)| format!("{name} {value}")).collect();
        paragraph(text, &format!("with {}", numbers.join(", ")), "    ", "    ", WIDTH);
    }
}

/// What a running server showed, and what follows; with the conditions and their numbers where it is explained.
fn evidence(text: &mut String, plan: &Plan, is_explained: bool) {
    if plan.seen.is_empty() && plan.tables.is_empty() && plan.roles.is_empty() {
        return;
    }
    text.push_str("\nSeen on the server\n");
    for Seen { name, says, parameter, value, when, formula, inputs, source } in &plan.seen {
        paragraph(text, &format!("{name}: {says}"), "  ", "    ", WIDTH);
        if let (Some(parameter), Some(value)) = (parameter, value) {
            paragraph(text, &format!("so {parameter} = {value}"), "    ", "    ", WIDTH);
        }
        if is_explained {
            paragraph(text, &format!("if {when}"), "    ", "    ", WIDTH);
            if let Some(formula) = formula {
                paragraph(text, &format!("= {formula}"), "    ", "    ", WIDTH);
            }
            with(text, inputs);
            let _ = writeln!(text, "    {source}");
        }
    }
    for role in &plan.roles {
        let RolePlan { says, parameter, value, why, when, formula, inputs, source, .. } = role;
        paragraph(text, &format!("{}: {says}", role.role), "  ", "    ", WIDTH);
        paragraph(text, &format!("so {parameter} = {value} for its sessions: {why}"), "    ", "    ", WIDTH);
        if is_explained {
            paragraph(text, &format!("if {when}"), "    ", "    ", WIDTH);
            paragraph(text, &format!("= {formula}"), "    ", "    ", WIDTH);
            with(text, inputs);
            let _ = writeln!(text, "    {source}");
        }
    }
    for table in &plan.tables {
        let TablePlan { says, options, inputs, source, .. } = table;
        paragraph(text, &format!("{}: {says}", table.shown()), "  ", "    ", WIDTH);
        for option in options {
            let was = option.was.as_ref().map_or_else(|| "not set".to_owned(), |was| format!("set to {was}"));
            paragraph(text, &format!("so {} = {}, which was {was}", option.name, option.value), "    ", "    ", WIDTH);
            if is_explained {
                paragraph(text, &format!("= {}", option.formula), "    ", "    ", WIDTH);
            }
        }
        if is_explained {
            with(text, inputs);
            let _ = writeln!(text, "    {source}");
        }
    }
}

/// The warnings of a plan and its notes, each with which of them it is.
pub(super) fn said(plan: &Plan) -> impl Iterator<Item = (&'static str, &str)> {
    let warnings = plan.warnings.iter().map(|line| ("warning", line.as_str()));
    warnings.chain(plan.notes.iter().map(|line| ("note", line.as_str())))
}

/// What a plan is for and made from.
pub(super) fn origins(plan: &Plan, inputs: &[Sourced]) -> String {
    let mut text = format!("PostgreSQL {}\n", plan.version);
    for input in inputs {
        let head = format!("  {:<12} {:<10} ", input.name, input.value);
        paragraph(&mut text, &input.origin, &head, &" ".repeat(26), WIDTH);
    }
    text
}

fn whole(plan: &Plan, inputs: &[Sourced], server: Option<&Server>, more: &dyn Fn(&mut String, &Setting)) -> String {
    let mut text = origins(plan, inputs);
    text.push('\n');
    for setting in &plan.settings {
        let note = match (setting.is_default, setting.needs_restart) {
            _ if server.is_some_and(|server| server.waits(setting, plan.version)) => "waits for a restart",
            _ if server.is_some_and(|server| !server.changes(setting, plan.version)) => "stays as it is",
            (true, _) => "the default",
            (false, true) => "restart",
            (false, false) => "reload",
        };
        let _ = writeln!(text, "{:<40} {:<12} {note}", setting.parameter, setting.value);
        if let Some(server) = server {
            let was = match server.was(setting.parameter, plan.version) {
                Was::Set(said) => format!("was {}, {}", said.text, said.place),
                Was::Default(text) => format!("was {text}, by default"),
                Was::Unseen => "was not seen in the files".to_owned(),
            };
            paragraph(&mut text, &was, "    ", "    ", WIDTH);
        }
        more(&mut text, setting);
    }
    text.push_str("\nMemory at worst\n");
    for part in &plan.budget.parts {
        let _ = writeln!(text, "  {:<24} {:>10}", part.name, size(part.bytes));
    }
    let _ = writeln!(text, "  {:<24} {:>10}, at most {}", "sum", size(plan.budget.sum()), size(plan.budget.limit));
    for (kind, line) in said(plan) {
        text.push('\n');
        paragraph(&mut text, &format!("{kind}: {line}"), "", "", WIDTH);
    }
    text
}
