//! Arguments into a run of the workspace, and its result into text and an exit code. One subcommand per file, nothing but glue.
//!
//! ```text
//! trueup .                      the same as: trueup check .
//! trueup explain <rule>         why a rule exists, and what to do
//! trueup explain <table>:<key>  what is known of a key of a product
//! trueup inspect <file>         what trueup understands of a file
//! ```
//!
//! Everything the process shares with the outside is in [`Console`], so a whole command can be run in a test.

mod baseline;
#[cfg(all(unix, feature = "bench"))]
mod bench;
mod check;
mod choice;
mod completions;
mod console;
mod dialects;
mod explain;
mod init;
mod inspect;
mod man;
mod map;
mod outputs;
#[cfg(feature = "probe")]
mod probe;
mod progress;
mod rules;
mod schema;
mod scope;
mod tune;
mod vocabulary;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

pub use console::{Console, GithubActions};

use crate::workspace::{Engine, Exit, Problem};

/// Finds the timeouts, pools, retries, limits and database settings that will hurt.
#[derive(Debug, Parser)]
#[command(name = "trueup", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: check::CheckArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check files and directories (the default)
    Check(check::CheckArguments),
    /// Write down the findings that are known, so that only new ones are shown
    Baseline(baseline::BaselineArguments),
    /// Write a commented trueup.toml for what is found in a directory
    Init(init::InitArguments),
    /// Show what is understood of one file: resources, attributes, values and where they come from
    Inspect(inspect::InspectArguments),
    /// Draw the stack: who calls whom, with pools, timeouts and retries, and where that hurts
    Map(map::MapArguments),
    /// Ask a running Postgres server for its settings and key figures, and judge them
    #[cfg(feature = "probe")]
    Probe(probe::ProbeArguments),
    /// Measure configurations of Postgres against each other, on throw-away servers
    #[cfg(all(unix, feature = "bench"))]
    Bench(bench::BenchArguments),
    /// Compute the settings of a Postgres server from its machine and its load, and write them where it is configured
    Tune(tune::TuneArguments),
    /// Explain a rule, a parameter of Postgres, or a key of a product
    Explain(explain::ExplainArguments),
    /// List the rules
    Rules(rules::RulesArguments),
    /// List the products whose configuration is read
    Dialects,
    /// List the attributes that rules may name
    Vocabulary,
    /// Print a JSON Schema
    Schema(schema::SchemaArguments),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArguments),
    /// Print the manual page
    Man,
}

/// The whole program.
pub fn main(engine: &dyn Engine) -> ExitCode {
    ExitCode::from(run(engine, std::env::args_os(), &mut Console::process()))
}

/// One command: `arguments` begin with the program's name. Returns the exit code.
pub fn run(engine: &dyn Engine, arguments: impl IntoIterator<Item = OsString>, console: &mut Console<'_>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error, console),
    };
    let result = match arguments.command.unwrap_or(Command::Check(arguments.check)) {
        Command::Check(arguments) => check::run(engine, &arguments, console),
        Command::Baseline(arguments) => baseline::run(engine, &arguments, console),
        Command::Init(arguments) => init::run(engine, &arguments, console),
        Command::Inspect(arguments) => inspect::run(engine, &arguments, console),
        Command::Map(arguments) => map::run(engine, &arguments, console),
        #[cfg(feature = "probe")]
        Command::Probe(arguments) => probe::run(engine, &arguments, console),
        #[cfg(all(unix, feature = "bench"))]
        Command::Bench(arguments) => bench::run(engine, &arguments, console),
        Command::Tune(arguments) => tune::run(engine, &arguments, console),
        Command::Explain(arguments) => explain::run(engine, &arguments, console),
        Command::Rules(arguments) => rules::run(engine, &arguments, console),
        Command::Dialects => dialects::run(engine, console),
        Command::Vocabulary => vocabulary::run(engine, console),
        Command::Schema(arguments) => schema::run(engine, &arguments, console),
        Command::Completions(arguments) => completions::run(&arguments, console),
        Command::Man => man::run(console),
    };
    match result {
        Ok(exit) => exit.code(),
        Err(problems) => {
            console.problems(engine, &problems);
            Exit::Trouble.code()
        }
    }
}

/// What a subcommand returns: how it ended, or what kept it from starting.
type Ended = Result<Exit, Vec<Problem>>;

/// Help and version on the standard output, anything else clap has to say on the error output.
fn usage(error: &clap::Error, console: &mut Console<'_>) -> u8 {
    let text = error.render().to_string();
    if error.use_stderr() {
        console.say(&text);
    } else if let Err(problem) = console.print(&text) {
        console.say(&format!("error: {problem}\n"));
        return Exit::Trouble.code();
    }
    u8::try_from(error.exit_code()).unwrap_or(Exit::Trouble.code())
}

/// The definition of the command line, for completions and the manual page.
fn definition() -> clap::Command {
    Arguments::command()
}
