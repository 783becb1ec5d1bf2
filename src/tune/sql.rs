//! A plan as `ALTER SYSTEM` statements, and their undoing.

use std::fmt::Write;

use super::conf::heading;
use super::{Plan, Sourced};

/// Statements that set all of a plan, to read and run as a superuser.
pub fn sql(plan: &Plan, inputs: &[Sourced]) -> String {
    let mut text = heading(plan, inputs, "--");
    for setting in &plan.settings {
        let value = setting.value.replace('\'', "''");
        let _ = writeln!(text, "ALTER SYSTEM SET {} = '{value}'; -- {}", setting.parameter, setting.why);
    }
    closing(&mut text, plan);
    text
}

/// Statements that take all of a plan back: what the files say holds again.
pub fn undo(plan: &Plan) -> String {
    let mut text = String::from(
        "-- Takes back what trueup tune proposed: what postgresql.conf says holds again.\n\
         -- What ALTER SYSTEM had set before is not known here: see postgresql.auto.conf first.\n",
    );
    for setting in &plan.settings {
        let _ = writeln!(text, "ALTER SYSTEM RESET {};", setting.parameter);
    }
    closing(&mut text, plan);
    text
}

fn closing(text: &mut String, plan: &Plan) {
    text.push_str("SELECT pg_reload_conf();\n-- These take effect at the next restart:\n");
    for setting in plan.settings.iter().filter(|setting| setting.needs_restart) {
        let _ = writeln!(text, "--   {}", setting.parameter);
    }
}
