//! A plan for people at a terminal.

use std::fmt::Write;

use super::{Plan, Setting, Sourced, size};
use crate::report::paragraph;

/// Columns of a line.
const WIDTH: usize = 80;

/// What the plan is made from, each setting with why, and the budget.
pub fn table(plan: &Plan, inputs: &[Sourced]) -> String {
    whole(plan, inputs, &|text, setting| paragraph(text, setting.why, "    ", "    ", WIDTH))
}

/// The same with the expression, the numbers in it and the source of each setting.
pub fn explanation(plan: &Plan, inputs: &[Sourced]) -> String {
    let mut text = whole(plan, inputs, &|text, setting| {
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

fn whole(plan: &Plan, inputs: &[Sourced], more: &dyn Fn(&mut String, &Setting)) -> String {
    let mut text = format!("PostgreSQL {}\n", plan.version);
    for input in inputs {
        let _ = writeln!(text, "  {:<12} {:<10} {}", input.name, input.value, input.origin);
    }
    text.push('\n');
    for setting in &plan.settings {
        let note = match (setting.is_default, setting.needs_restart) {
            (true, _) => "the default",
            (false, true) => "restart",
            (false, false) => "reload",
        };
        let _ = writeln!(text, "{:<40} {:<12} {note}", setting.parameter, setting.value);
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
