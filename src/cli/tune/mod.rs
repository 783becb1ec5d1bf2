//! `trueup tune`: settings of a Postgres server from its machine and its load, into the files that configure it.

mod chosen;
mod input;
#[cfg(feature = "probe")]
mod live;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use self::chosen::Chosen;
use super::{Console, Ended, check::write, scope};
use crate::fix::Beside;
use crate::model::Name;
use crate::quantity::{Grammar, Quantity, Unit, Wanted, parse};
use crate::report;
use crate::tune::{
    Plan, Running, Sourced, TuneError, conf, explanation, json, plan_on, sql, summary, table, unasked, undo,
};
use crate::workspace::{Engine, Exit, Mended, MendedText, Problem, nearest};

#[derive(Debug, Args)]
pub(super) struct TuneArguments {
    /// Files and directories that describe the server; else this directory, but nothing is read where --pg-version is said
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Which of several servers: its name or its place, as they are listed where it is not said
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// A running server to ask, as a URI or libpq's `key=value`: its settings, what it takes, and what it shows
    #[cfg(feature = "probe")]
    #[arg(long, value_name = "DSN")]
    dsn: Option<String>,
    /// Seconds after which no more is asked of it
    #[cfg(feature = "probe")]
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "dsn", value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// A role of the running server to bound whoever it is, an administrator's or the one that asks among them; may be repeated
    #[arg(long, value_name = "NAME")]
    role: Vec<String>,
    /// What the server may use, such as 16GB, or `host`: what this host has, or its control group; else what the files say
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory: Option<Amount>,
    /// How many CPUs the server may use, or `host`: those of this host; else what the files say
    #[arg(long, value_name = "N", value_parser = cpus)]
    cpus: Option<Amount>,
    /// What the data lie on; else ssd
    #[arg(long, value_enum)]
    storage: Option<StorageName>,
    /// The major version of the server; else what the files say
    #[arg(long, value_name = "MAJOR")]
    pg_version: Option<u16>,
    /// What is asked of the server; else mixed
    #[arg(long, value_enum)]
    workload: Option<WorkloadName>,
    /// How many sessions clients hold at once: the sum of their pools; else what the files say, else 100, or 40 for analytics
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(10..=100_000))]
    connections: Option<i64>,
    /// How to print the settings [default: diff where files describe the server, else text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write them into the files that describe the server
    #[arg(long, conflicts_with_all = ["format", "explain", "undo", "output"])]
    fix: bool,
    /// Show what each setting was, the expression behind it, its numbers and its source
    #[arg(long, conflicts_with_all = ["format", "undo"])]
    explain: bool,
    /// Print the statements that take those of --format sql back
    #[arg(long)]
    undo: bool,
    /// Write to this file instead of the standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    scope: scope::ScopeArguments,
}

/// An amount that is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Amount {
    /// Bytes, or CPUs.
    Of(i64),
    /// What this host has.
    Host,
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
    /// What changes in the files that describe the server
    Diff,
    /// Each setting with its value and why
    Text,
    /// Lines for postgresql.conf
    Conf,
    /// ALTER SYSTEM statements
    Sql,
    /// For programs
    Json,
}

pub(super) fn run(engine: &dyn Engine, arguments: &TuneArguments, console: &mut Console<'_>) -> Ended {
    if arguments.undo && arguments.format != Some(Format::Sql) {
        return Err(vec![Problem::new("--undo", "takes statements back").advice("say --format sql")]);
    }
    #[cfg(feature = "probe")]
    let live = live::asked(engine, arguments, console)?;
    #[cfg(not(feature = "probe"))]
    let live: Option<Chosen> = None;
    // where a running server is asked, files are read only if they are named
    let reads = live.is_none() || !arguments.paths.is_empty() || arguments.server.is_some() || arguments.fix;
    let described = if reads { chosen::chosen(engine, arguments, console)? } else { None };
    // statements are run on the server that was asked, other settings are held against the files
    let statements = arguments.format == Some(Format::Sql);
    let chosen = if statements { live.as_ref().or(described.as_ref()) } else { described.as_ref().or(live.as_ref()) };
    let server = chosen.map(|chosen| &chosen.server);
    let running = live.as_ref().map(|live| &live.server).or(server).and_then(|server| server.running.as_ref());
    let running = wanting(arguments, running).map_err(|problem| vec![problem])?;
    let running = running.as_ref();
    let (mut input, mut inputs) =
        input::input(arguments, described.as_ref().or(chosen), running).map_err(|problem| vec![problem])?;
    let trouble = |error: TuneError| vec![Problem::new("tune", error.to_string())];
    let mut plan = plan_on(&input, running).map_err(trouble)?;
    if running.is_none() {
        plan.notes.extend(unasked(&input, server).map_err(trouble)?);
    }
    // the files tell of pools, whichever server the statements are for
    let mut beside = Vec::new();
    if let Some(described) = &described
        && let Some(fitting) = described.server.pools.fitting(&plan).map_err(trouble)?
    {
        let is_written = |format: Option<Format>| !matches!(format, Some(Format::Sql | Format::Conf));
        let writable = is_written(arguments.format)
            && !fitting.sizes.is_empty()
            && described.patched(engine, &[], &fitting.sizes).refused.is_empty();
        if writable {
            // with smaller pools the server needs no more than they open
            if arguments.connections.is_none() {
                input.connections = fitting.connections;
                input::connect(&mut inputs, fitting.connections);
                let notes = std::mem::take(&mut plan.notes);
                plan = Plan { notes, ..plan_on(&input, running).map_err(trouble)? };
            }
            plan.notes.push(fitting.says);
            beside = fitting.sizes;
        } else {
            plan.warnings.push(fitting.says);
        }
    }
    let format = arguments.format.unwrap_or(match server {
        Some(_) if arguments.explain => Format::Text,
        Some(server) if server.running.is_some() && !arguments.fix => Format::Sql,
        Some(_) => Format::Diff,
        None => Format::Text,
    });
    let text = match format {
        Format::Diff => match chosen {
            Some(chosen) => return patch(engine, arguments, console, chosen, (&plan, &inputs), &beside),
            None => {
                let problem = Problem::new("--format", "no files were read that a diff could be of");
                return Err(vec![problem.advice("name them: trueup tune .")]);
            }
        },
        Format::Text if arguments.explain => explanation(&plan, &inputs, server),
        Format::Text => table(&plan, &inputs, server),
        Format::Conf => conf(&plan, &inputs),
        Format::Sql if arguments.undo => undo(&plan, server),
        Format::Sql => sql(&plan, &inputs, server),
        Format::Json => json(&plan, &inputs, server),
    };
    let text = format!("{}\n", report::Redacted::lines(&text, &|text| engine.redact(text)));
    match &arguments.output {
        Some(file) => write(&console.cwd, file, &text)?,
        None => console.print(&text).map_err(|problem| vec![problem])?,
    }
    Ok(ended(engine, console, chosen))
}

/// What was asked, with the roles that are named.
fn wanting(arguments: &TuneArguments, running: Option<&Running>) -> Result<Option<Running>, Problem> {
    if let (Some(role), None) = (arguments.role.first(), running) {
        let problem = Problem::new("--role", format!("no server was asked for the role `{role}`"));
        return Err(problem.advice("name one: --dsn, or a snapshot of trueup probe"));
    }
    let wanted = |running: &Running| {
        running.clone().wanting(&arguments.role).map_err(|(role, known)| {
            let near = nearest(&role, known.iter().map(String::as_str)).map(str::to_owned);
            Problem::new("--role", format!("the server has no role `{role}` that may log in")).meant(near.as_deref())
        })
    };
    running.map(wanted).transpose()
}

/// Writes the plan into the files that describe the server, or shows what that would change.
fn patch(
    engine: &dyn Engine,
    arguments: &TuneArguments,
    console: &mut Console<'_>,
    chosen: &Chosen,
    (plan, inputs): (&Plan, &[Sourced]),
    beside: &[Beside],
) -> Ended {
    let server = &chosen.server;
    if server.running.is_some() {
        let problem = Problem::new(server.place.clone(), "is what a running server said, and configures none");
        return Err(vec![problem.advice("take --format sql")]);
    }
    let wanted = plan.settings.iter().filter(|setting| server.changes(setting, plan.version));
    let wanted: Vec<(Name, String)> = wanted.map(|setting| (setting.parameter.into(), setting.value.clone())).collect();
    let mut patched = chosen.patched(engine, &wanted, beside);
    let part = chosen.part();
    let paths: Vec<_> =
        patched.changes.iter().map(|change| part.map(|part| part.path(change.file)).unwrap_or_default()).collect();
    let redact = |text: &str| engine.redact(text);
    if arguments.fix {
        part.map_or(Ok(()), |part| part.write(&patched.changes)).map_err(|problem| vec![problem])?;
    } else {
        let mut mended = Mended::default();
        for (change, path) in patched.changes.iter_mut().zip(&paths) {
            let (before, after) = (std::mem::take(&mut change.before), std::mem::take(&mut change.after));
            mended.texts.push(MendedText { path: path.clone(), before, after });
        }
        let text = report::diff(&mended, &redact);
        match &arguments.output {
            Some(file) => write(&console.cwd, file, &text)?,
            None => console.print(&text).map_err(|problem| vec![problem])?,
        }
    }
    let paths: Vec<&str> = paths.iter().map(|path| &**path).collect();
    let text = summary(plan, inputs, &patched, &paths, arguments.fix);
    console.say(&format!("{}\n", report::Redacted::lines(&text, &redact)));
    Ok(ended(engine, console, Some(chosen)))
}

/// Says what could not be read, and how the run ends.
fn ended(engine: &dyn Engine, console: &mut Console<'_>, chosen: Option<&Chosen>) -> Exit {
    let problems = chosen.map_or(&[][..], |chosen| &chosen.gathering.problems);
    console.problems(engine, problems);
    if problems.is_empty() { Exit::Clean } else { Exit::Trouble }
}

/// A size as people write it, in bytes: `16GB`, `512m`; or `host`.
fn memory(text: &str) -> Result<Amount, String> {
    if text == "host" {
        return Ok(Amount::Host);
    }
    match parse(text, Grammar::Docker, Wanted::Size, Unit::Byte).map(|parsed| parsed.quantity) {
        Ok(Quantity::Size(bytes)) => Ok(Amount::Of(bytes)),
        Ok(_) => Err("write a size, such as 16GB, or host".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// A number of CPUs, or `host`.
fn cpus(text: &str) -> Result<Amount, String> {
    match text.parse() {
        _ if text == "host" => Ok(Amount::Host),
        Ok(cpus) if (1..=1024).contains(&cpus) => Ok(Amount::Of(cpus)),
        _ => Err("write a number from 1 to 1024, or host".into()),
    }
}
