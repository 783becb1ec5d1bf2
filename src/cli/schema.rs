//! `trueup schema`: the JSON Schemas of what trueup reads and prints.

use clap::{Args, ValueEnum};

use super::{Console, Ended};
use crate::workspace::{Engine, Exit};

#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// Of what
    #[arg(value_enum, default_value_t = Subject::Findings, value_name = "SUBJECT")]
    subject: Subject,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// What `check --format json` prints
    Findings,
    /// The settings file, trueup.toml
    Settings,
    /// The front matter of a rule's page
    Rule,
}

pub(super) fn run(engine: &dyn Engine, arguments: &SchemaArguments, console: &mut Console<'_>) -> Ended {
    let schema = match arguments.subject {
        Subject::Findings => include_str!("../../schema/findings.schema.json"),
        Subject::Settings => include_str!("../../schema/settings.schema.json"),
        Subject::Rule => engine.rule_schema(),
    };
    console.print(schema).map_err(|problem| vec![problem])?;
    Ok(Exit::Clean)
}
