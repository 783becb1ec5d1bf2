//! `trueup completions`: a completion script for a shell.

use clap::Args;
use clap_complete::Shell;

use super::{Console, Ended, definition};
use crate::workspace::Exit;

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(arguments: &CompletionsArguments, console: &mut Console<'_>) -> Ended {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut definition(), "trueup", &mut script);
    console.print(&String::from_utf8_lossy(&script)).map_err(|problem| vec![problem])?;
    Ok(Exit::Clean)
}
