//! `trueup bench`: configurations of Postgres, measured against each other.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::{Args, ValueEnum};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::progress::Progress;
use super::{Console, Ended, check};
use crate::bench::{self, Configuration, Load, Plan, Stage};
use crate::workspace::{Engine, Exit, Problem, paths, read_file};

#[derive(Debug, Args)]
pub(super) struct BenchArguments {
    /// Configurations; the others are compared with the first. default=/dev/null is what initdb sets
    #[arg(value_name = "NAME=FILE", required = true, num_args = 2..)]
    configurations: Vec<String>,
    /// The directory of initdb and postgres; else PATH, then the newest that is installed
    #[arg(long, value_name = "DIR")]
    server_dir: Option<PathBuf>,
    /// Size of the tables: 100,000 accounts and about 15 MB each
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    scale: u32,
    /// Connections [default: two for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    clients: Option<u32>,
    /// Rounds that count; each measures every server once
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(3..=1_000))]
    rounds: u32,
    /// Length of a block, such as 10s or 2min
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = seconds)]
    block: Duration,
    /// What the clients do
    #[arg(long, value_enum, default_value_t = BuiltinName::TpcbLike, value_name = "NAME")]
    builtin: BuiltinName,
    /// A script of pgbench that they run instead
    #[arg(long, value_name = "FILE", conflicts_with = "builtin")]
    script: Option<PathBuf>,
    /// Where random numbers come from; the same number makes the same load
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = FormatName::Text, value_name = "FORMAT")]
    format: FormatName,
    /// Write it to this file, and the text to the standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// Tables for the terminal
    Text,
    /// For programs
    Json,
    /// A page with plots
    Html,
}

impl From<FormatName> for bench::Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Text => bench::Format::Text,
            FormatName::Json => bench::Format::Json,
            FormatName::Html => bench::Format::Html,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BuiltinName {
    /// Reads and writes, five statements
    TpcbLike,
    /// Reads and writes, without the rows that all clients update
    SimpleUpdate,
    /// Reads one row
    SelectOnly,
}

impl BuiltinName {
    /// As pgbench calls it.
    fn name(self) -> &'static str {
        match self {
            BuiltinName::TpcbLike => "tpcb-like",
            BuiltinName::SimpleUpdate => "simple-update",
            BuiltinName::SelectOnly => "select-only",
        }
    }
}

/// A time of whole seconds, as pgbench takes it: `10`, `10s`, `2min`.
fn seconds(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..) {
        Some("" | "s") => Some(1),
        Some("min" | "m") => Some(60),
        _ => None,
    };
    let whole = digits.parse::<u64>().ok().filter(|number| (1..=86_400).contains(number));
    match (whole, unit) {
        (Some(number), Some(unit)) => Ok(Duration::from_secs(number * unit)),
        _ => Err("write whole seconds or minutes, such as 10s or 2min".to_owned()),
    }
}

pub(super) fn run(engine: &dyn Engine, arguments: &BenchArguments, console: &mut Console<'_>) -> Ended {
    let plan = plan(arguments, console)?;
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, interrupted.clone())
            .map_err(|error| vec![Problem::new("bench", format!("cannot wait for interrupts: {error}"))])?;
    }
    let progress = Progress::new(console.shows_progress);
    let is_terminal = console.shows_progress;
    let lines = RefCell::new(&mut *console);
    let outcome = bench::run(&plan, &interrupted, &|stage| {
        let text = said(&stage);
        if is_terminal {
            progress.stage(&text);
        } else if is_milestone(&stage, plan.configurations.len() + 1) {
            lines.borrow_mut().say(&format!("{text}\n"));
        }
    });
    progress.end();
    let outcome = outcome?;
    let redact = |text: &str| engine.redact(text);
    let render = |format: bench::Format| bench::render(&outcome, format, console.width, &redact);
    match &arguments.output {
        Some(file) => {
            check::write(&console.cwd, file, &render(arguments.format.into()))?;
            let text = render(bench::Format::Text);
            console.print(&text)
        }
        None => {
            let text = render(arguments.format.into());
            console.print(&text)
        }
    }
    .map_err(|problem| vec![problem])?;
    Ok(Exit::Clean)
}

fn plan(arguments: &BenchArguments, console: &Console<'_>) -> Result<Plan, Vec<Problem>> {
    let (mut configurations, mut problems) = (Vec::<Configuration>::new(), Vec::new());
    for argument in &arguments.configurations {
        match Configuration::read(argument, &console.cwd) {
            Ok(read) if configurations.iter().any(|other| other.name == read.name) => {
                problems.push(Problem::new(argument, "has the name of another configuration"));
            }
            Ok(read) => configurations.push(read),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let load = match &arguments.script {
        Some(file) => {
            let bytes = read_file(&console.cwd, file).map_err(|problem| vec![problem])?;
            Load::Script { name: file.display().to_string(), bytes }
        }
        None => Load::Builtin(arguments.builtin.name().to_owned()),
    };
    Ok(Plan {
        server_dir: arguments.server_dir.as_ref().map(|folder| paths::absolute(&console.cwd, folder)),
        configurations,
        load,
        scale: arguments.scale,
        clients: arguments.clients,
        rounds: arguments.rounds,
        block: arguments.block,
        seed: arguments.seed,
    })
}

/// A stage in words.
fn said(stage: &Stage) -> String {
    match stage {
        Stage::Preparing(what) => what.clone(),
        Stage::Measuring { done, all, left } => {
            let left = match left.as_secs() {
                seconds if seconds >= 90 => format!("{} min", seconds.div_ceil(60)),
                seconds => format!("{seconds} s"),
            };
            format!("block {} of {all}, about {left} left", done + 1)
        }
    }
}

/// Whether a stage is worth a line where lines stay: what prepares, and the first block of a round.
fn is_milestone(stage: &Stage, servers: usize) -> bool {
    match stage {
        Stage::Preparing(_) => true,
        Stage::Measuring { done, .. } => done % servers == 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_whole_seconds() {
        assert_eq!(seconds("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(seconds("3"), Ok(Duration::from_secs(3)));
        assert_eq!(seconds("2min"), Ok(Duration::from_secs(120)));
        for wrong in ["", "0s", "500ms", "1.5s", "-1s", "99999999999s", "s"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_left_is_said() {
        let stage = |secs| Stage::Measuring { done: 3, all: 33, left: Duration::from_secs(secs) };
        assert_eq!(said(&stage(89)), "block 4 of 33, about 89 s left");
        assert_eq!(said(&stage(301)), "block 4 of 33, about 6 min left");
        assert!(is_milestone(&stage(1), 3) && !is_milestone(&stage(1), 2));
    }
}
