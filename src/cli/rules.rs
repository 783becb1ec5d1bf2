//! `trueup rules`: every rule, one line each, or as JSON with its page.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};

use super::{Console, Ended, scope};
use crate::workspace::{Engine, Exit, RuleInfo};

#[derive(Debug, Args)]
pub(super) struct RulesArguments {
    /// How to print the list
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    scope: scope::ScopeArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(engine: &dyn Engine, arguments: &RulesArguments, console: &mut Console<'_>) -> Ended {
    let own = arguments.scope.engine_here(engine, console)?;
    let rules = own.as_deref().unwrap_or(engine).rules();
    let text = match arguments.format {
        Format::Text => table(rules),
        Format::Json => serde_json::to_string_pretty(rules).expect("strings and words always serialize") + "\n",
    };
    console.print(&text).map_err(|problem| vec![problem])?;
    Ok(Exit::Clean)
}

fn table(rules: &[RuleInfo]) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for RuleInfo { id, severity, confidence, title, .. } in rules {
        let _ = writeln!(text, "{id:<width$}  {severity:<7}  {confidence:<7}  {title}"); // a string takes any write
    }
    text
}
