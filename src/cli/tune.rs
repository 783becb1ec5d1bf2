//! `trueup tune`: settings of a Postgres server from its machine and its load.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Console, Ended, check::write};
use crate::quantity::postgres::{NEWEST, OLDEST};
use crate::quantity::{Grammar, Quantity, Unit, Wanted, parse};
use crate::tune::{
    Input, Sourced, Storage, Workload, conf, explanation, json, plan, size, sql, table, undo, usual_connections,
};
use crate::workspace::{Exit, Found, Problem, host_cpus, host_memory};

/// The least memory that a plan is made for: 512 MB.
const LEAST_MEMORY: i64 = 512 << 20;
/// The most: 16 TB.
const MOST_MEMORY: i64 = 16 << 40;

#[derive(Debug, Args)]
pub(super) struct TuneArguments {
    /// What the server may use, such as 16GB; else the limit of the control group, or what this host has
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory: Option<i64>,
    /// How many CPUs the server may use; else those of this host
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=1024))]
    cpus: Option<i64>,
    /// What the data lie on; else ssd
    #[arg(long, value_enum)]
    storage: Option<StorageName>,
    /// The major version of the server
    #[arg(long, value_name = "MAJOR")]
    pg_version: Option<u16>,
    /// What is asked of the server; else mixed
    #[arg(long, value_enum)]
    workload: Option<WorkloadName>,
    /// How many sessions clients hold at once: the sum of their pools; else 100, or 40 for analytics
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(10..=100_000))]
    connections: Option<i64>,
    /// How to print the settings
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    /// Show the expression behind each setting, its numbers and its source
    #[arg(long, conflicts_with_all = ["format", "undo"])]
    explain: bool,
    /// Print the statements that take those of --format sql back
    #[arg(long)]
    undo: bool,
    /// Write to this file instead of the standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StorageName {
    /// A disk that seeks
    Hdd,
    /// Flash behind SATA or SAS, or a volume of a cloud
    Ssd,
    /// Flash behind PCIe
    Nvme,
    /// An array behind a network
    San,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum WorkloadName {
    /// Many short reads, few writes
    Web,
    /// Many short transactions that write
    Oltp,
    /// Few long queries
    Analytics,
    /// Some of each
    Mixed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Each setting with its value and why
    Text,
    /// Lines for postgresql.conf
    Conf,
    /// ALTER SYSTEM statements
    Sql,
    /// For programs
    Json,
}

pub(super) fn run(arguments: &TuneArguments, console: &mut Console<'_>) -> Ended {
    if arguments.undo && arguments.format != Format::Sql {
        return Err(vec![Problem::new("--undo", "takes statements back").advice("say --format sql")]);
    }
    let (input, inputs) = input(arguments).map_err(|problem| vec![problem])?;
    let plan = plan(&input).map_err(|error| vec![Problem::new("tune", error.to_string())])?;
    let text = match arguments.format {
        Format::Text if arguments.explain => explanation(&plan, &inputs),
        Format::Text => table(&plan, &inputs),
        Format::Conf => conf(&plan, &inputs),
        Format::Sql if arguments.undo => undo(&plan),
        Format::Sql => sql(&plan, &inputs),
        Format::Json => json(&plan, &inputs),
    };
    match &arguments.output {
        Some(file) => write(&console.cwd, file, &text)?,
        None => console.print(&text).map_err(|problem| vec![problem])?,
    }
    Ok(Exit::Clean)
}

/// What is said, and what the host says of the rest.
fn input(arguments: &TuneArguments) -> Result<(Input, Vec<Sourced>), Problem> {
    let version = arguments.pg_version.ok_or_else(|| {
        Problem::new("--pg-version", "which settings there are depends on the version")
            .advice("say it: --pg-version 17; `SHOW server_version` tells")
    })?;
    if !(OLDEST..=NEWEST).contains(&version) {
        let message = format!("{version} is not known: {OLDEST} to {NEWEST} are");
        return Err(Problem::new("--pg-version", message));
    }
    let said = |amount: Option<i64>, option: &str| amount.map(|amount| Found { amount, origin: option.to_owned() });
    let memory = said(arguments.memory, "--memory").map_or_else(|| host_memory(Path::new("/")), Ok)?;
    if !(LEAST_MEMORY..=MOST_MEMORY).contains(&memory.amount) {
        let message = format!("{} of memory: plans are made for 512 MB to 16 TB", size(memory.amount));
        return Err(Problem::new("--memory", message));
    }
    let mut cpus = said(arguments.cpus, "--cpus").map_or_else(host_cpus, Ok)?;
    cpus.amount = cpus.amount.min(1024); // max_parallel_workers takes no more
    let storage = match arguments.storage.unwrap_or(StorageName::Ssd) {
        StorageName::Hdd => Storage::Hdd,
        StorageName::Ssd => Storage::Ssd,
        StorageName::Nvme => Storage::Nvme,
        StorageName::San => Storage::San,
    };
    let workload = match arguments.workload.unwrap_or(WorkloadName::Mixed) {
        WorkloadName::Web => Workload::Web,
        WorkloadName::Oltp => Workload::Oltp,
        WorkloadName::Analytics => Workload::Analytics,
        WorkloadName::Mixed => Workload::Mixed,
    };
    let usual = || -> Result<Found, Problem> {
        let amount = usual_connections(workload).map_err(|error| Problem::new("tune", error.to_string()))?;
        Ok(Found { amount, origin: format!("where nobody says, for {}", workload.word()) })
    };
    let connections = said(arguments.connections, "--connections").map_or_else(usual, Ok)?;
    let show = |name, value: String, origin: &str| Sourced { name, value, origin: origin.to_owned() };
    let whence = |is_said: bool, option: &'static str| if is_said { option } else { "where nobody says" };
    let inputs = vec![
        show("memory", size(memory.amount), &memory.origin),
        show("cpus", cpus.amount.to_string(), &cpus.origin),
        show("storage", storage.word().to_owned(), whence(arguments.storage.is_some(), "--storage")),
        show("workload", workload.word().to_owned(), whence(arguments.workload.is_some(), "--workload")),
        show("connections", connections.amount.to_string(), &connections.origin),
    ];
    let input =
        Input { memory: memory.amount, cpus: cpus.amount, storage, workload, connections: connections.amount, version };
    Ok((input, inputs))
}

/// A size as people write it, in bytes: `16GB`, `512m`.
fn memory(text: &str) -> Result<i64, String> {
    match parse(text, Grammar::Docker, Wanted::Size, Unit::Byte).map(|parsed| parsed.quantity) {
        Ok(Quantity::Size(bytes)) => Ok(bytes),
        Ok(_) => Err("write a size, such as 16GB".into()),
        Err(error) => Err(error.to_string()),
    }
}
