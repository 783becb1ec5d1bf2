//! `trueup probe`: running Postgres servers, asked side by side and judged.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::choice::ChoiceArguments;
use super::outputs::{Named, OutputArguments};
use super::{Console, Ended, check::write, scope};
use crate::analysis::Input;
use crate::model::{Safety, Severity};
use crate::probe::{
    Adopted, Drift, Snapshot, Target, adopt, compare, drift, openmetrics, point_at_files, script, snapshot,
};
use crate::report::{self, Format, Options, Paint, Report};
use crate::workspace::{BaselineSource, Engine, Fixing, Mended, MendedText, Problem, Request, check, read_file};

#[derive(Debug, Args)]
pub(super) struct ProbeArguments {
    /// Servers: each a URI or libpq's `key=value`; what it leaves out is taken from PGHOST and its kin
    #[arg(value_name = "DSN")]
    dsns: Vec<String>,
    /// Save what the server says, without secrets; `trueup check FILE` judges it again; of several servers, into a directory
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Compare with what this file of --save says: what changed, which figure got worse; several times
    #[arg(long, value_name = "FILE")]
    since: Vec<PathBuf>,
    /// Compare what is in force with what this configuration file says; several times
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
    /// Write a patch that takes what is in force into the files of --against
    #[arg(long, value_name = "FILE", requires = "against")]
    patch: Option<PathBuf>,
    /// Write the fixes as a script of ALTER SYSTEM statements, to read and run; nothing is changed
    #[arg(long, value_name = "FILE")]
    sql: Option<PathBuf>,
    /// Seconds after which the probe gives up
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    #[command(flatten)]
    outputs: OutputArguments<true>,
    #[command(flatten)]
    choice: ChoiceArguments,
    #[command(flatten)]
    scope: scope::ScopeArguments,
    /// Print findings and errors only
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(engine: &dyn Engine, arguments: &ProbeArguments, console: &mut Console<'_>) -> Ended {
    let mut asked = ask(arguments);
    let cwd = console.cwd.clone();
    for file in &arguments.since {
        hold_against(&mut asked, &cwd, file)?;
    }
    let files = arguments.against.iter().map(|file| input(&cwd, file)).collect::<Result<Vec<_>, _>>()?;
    // for each file, what drifts from it on the first server that says so
    let mut drifts: Vec<Vec<Drift>> = files.iter().map(|_| Vec::new()).collect();
    for said in &mut asked.snapshots {
        for (file, of_file) in files.iter().zip(&mut drifts) {
            let found = drift(engine, said, file);
            of_file.extend(if of_file.is_empty() { found } else { Vec::new() });
        }
    }
    save(&asked, arguments, &cwd)?;
    let request = Request {
        cwd: cwd.clone(),
        targets: Vec::new(),
        texts: asked.snapshots.iter().map(|said| (said.file_name().into(), said.text().into_bytes())).collect(),
        settings: arguments.scope.source(),
        overrides: arguments.choice.overrides(),
        baseline: BaselineSource::Nowhere,
        changed: None,
        fixing: None,
        repairs: false,
        resources: false,
    };
    let mut checked = check(engine, &request, &|_| {})?;
    point_at_files(&mut checked, &cwd);
    let redact = |text: &str| engine.redact(text);
    if let Some(file) = &arguments.sql {
        let fixing = Fixing { least: Safety::Unsafe, write: false };
        let fixed = check(engine, &Request { fixing: Some(fixing), ..request }, &|_| {})?;
        let texts = fixed.mended.unwrap_or_default().texts;
        let after = |name: &str| texts.iter().find(|text| text.path.ends_with(name)).map(|text| text.after.as_str());
        let all = drifts.concat();
        let scripts = asked.snapshots.iter().filter_map(|said| script(said, after(&said.file_name()), &all));
        let text: String = scripts.collect();
        let text = if text.is_empty() { "-- There is nothing to fix by a setting.\n".to_owned() } else { text };
        write(&cwd, file, &text)?;
    }
    if let Some(file) = &arguments.patch {
        let mut patch = Mended::default();
        for (file, drift) in files.iter().zip(&drifts) {
            let Adopted { text, refused } = adopt(engine, file, drift);
            let before = String::from_utf8_lossy(&file.bytes).into_owned();
            let why = |(name, why)| Problem::new(file.path.to_string(), format!("{name} is not in the patch: {why}"));
            asked.notes.extend(refused.into_iter().map(why));
            if before != text {
                patch.texts.push(MendedText { path: file.path.clone(), before, after: text });
            }
        }
        write(&cwd, file, &report::diff(&patch, &redact))?;
    }
    let report = Report::new(&checked, &redact);
    for output in arguments.outputs.reports() {
        let is_coloured = console.shows_colour && output.file.is_none();
        let options = Options {
            paint: if is_coloured { Paint::Coloured } else { Paint::Plain },
            width: console.width,
            quiet: arguments.quiet,
            ..Options::default()
        };
        let text = match output.format {
            Some(Named::Figures) => openmetrics(&asked.snapshots, &asked.silent),
            Some(Named::Findings(format)) => report::render(&report, format, &options),
            // where no server answered, there is nothing to sum up
            None if asked.snapshots.is_empty() => continue,
            None => report::render(&report, Format::Full, &options),
        };
        match &output.file {
            Some(file) => write(&cwd, file, &text)?,
            None => console.print(&text).map_err(|problem| vec![problem])?,
        }
    }
    if !arguments.quiet {
        console.notes(engine, &asked.notes);
    }
    checked.problems.extend(asked.problems);
    console.problems(engine, &checked.problems);
    Ok(checked.exit(Some(Severity::Warning)))
}

/// What the servers said.
#[derive(Default)]
struct Asked {
    snapshots: Vec<Snapshot>,
    /// The names of those that did not answer.
    silent: Vec<String>,
    problems: Vec<Problem>,
    notes: Vec<Problem>,
}

/// Asks all servers at the same time.
fn ask(arguments: &ProbeArguments) -> Asked {
    let bound = Duration::from_secs(arguments.timeout);
    let one = |dsn: &str| {
        let target = Target::parse(dsn, &|name| std::env::var(name).ok()).map_err(|why| (None, why))?;
        snapshot(&target, bound).map_err(|why| (Some(target.name), why))
    };
    let unnamed = [String::new()];
    let dsns = if arguments.dsns.is_empty() { &unnamed[..] } else { &arguments.dsns };
    let answers: Vec<Result<Snapshot, (Option<String>, String)>> = std::thread::scope(|scope| {
        let threads: Vec<_> = dsns.iter().map(|dsn| scope.spawn(move || one(dsn))).collect();
        let gone = || (None, "the server could not be asked".to_owned());
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(gone()))).collect()
    });
    let mut asked = Asked::default();
    for answer in answers {
        match answer {
            Ok(said) if asked.snapshots.iter().any(|other| other.name == said.name) => {
                let why = "this server is named twice: it is asked once".to_owned();
                asked.notes.push(Problem::new(said.name, why));
            }
            Ok(said) => {
                asked.notes.extend(said.unseen.iter().map(|note| Problem::new(said.name.clone(), note.clone())));
                asked.snapshots.push(said);
            }
            Err((name, why)) => {
                asked.problems.push(Problem::new(name.as_deref().unwrap_or("probe"), why));
                asked.silent.extend(name);
            }
        }
    }
    asked
}

/// Holds an earlier snapshot against that of the same server.
fn hold_against(asked: &mut Asked, cwd: &Path, file: &Path) -> Result<(), Vec<Problem>> {
    let earlier = input(cwd, file)?;
    let text = String::from_utf8_lossy(&earlier.bytes);
    let mut refused = None;
    for said in &mut asked.snapshots {
        match compare(said, &earlier.path, &text) {
            Ok(()) => return Ok(()),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    asked.problems.extend(refused.map(|why| Problem::new("--since", why)));
    Ok(())
}

fn save(asked: &Asked, arguments: &ProbeArguments, cwd: &Path) -> Result<(), Vec<Problem>> {
    let Some(place) = &arguments.save else { return Ok(()) };
    if arguments.dsns.len() < 2 {
        return asked.snapshots.iter().try_for_each(|said| write(cwd, place, &said.text()));
    }
    let folder = cwd.join(place);
    std::fs::create_dir_all(&folder).map_err(|error| {
        vec![Problem::new(place.display().to_string(), format!("is no directory to save in: {error}"))]
    })?;
    asked.snapshots.iter().try_for_each(|said| write(cwd, &folder.join(said.file_name()), &said.text()))
}

fn input(cwd: &Path, file: &Path) -> Result<Input, Vec<Problem>> {
    let bytes = read_file(cwd, file).map_err(|problem| vec![problem])?;
    Ok(Input { path: file.to_string_lossy().replace('\\', "/").into(), bytes })
}
