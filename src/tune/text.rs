//! A plan for people at a terminal.

use std::fmt::Write;

use super::{Plan, Server, Setting, Sourced, Was, size};
use crate::report::paragraph;

/// Columns of a line.
const WIDTH: usize = 80;

/// What the plan is made from, each setting with why and with what it was on the server, and the budget.
pub fn table(plan: &Plan, inputs: &[Sourced], server: Option<&Server>) -> String {
    whole(plan, inputs, server, &|text, setting| paragraph(text, setting.why, "    ", "    ", WIDTH))
}

/// The same with the expression, the numbers in it and the source of each setting.
pub fn explanation(plan: &Plan, inputs: &[Sourced], server: Option<&Server>) -> String {
    let mut text = whole(plan, inputs, server, &|text, setting| {
        paragraph(text, setting.why, "    ", "    ", WIDTH);
        paragraph(text, &format!("= {}", setting.formula), "    ", "    ", WIDTH);
        if !setting.inputs.is_empty() {
            let numbers: Vec<String> = setting.inputs.iter().map(|(name, value)| format!("{name} {value}")).collect();
            paragraph(text, &format!("with {}", numbers.join(", ")), "    ", "    ", WIDTH);
        }
        let _ = writeln!(text, "    {}", setting.source);
    });
    text.push_str("\nTerms\n");
    for term in &plan.terms {
        let _ = writeln!(text, "  term.{:<24} {:>10}", term.name, size(term.bytes));
        paragraph(&mut text, &format!("= {}", term.formula), "    ", "    ", WIDTH);
    }
    text
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
    for warning in &plan.warnings {
        text.push('\n');
        paragraph(&mut text, &format!("warning: {warning}"), "", "", WIDTH);
    }
    text
}
