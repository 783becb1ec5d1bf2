//! `trueup probe`: a running Postgres server, asked and judged.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::choice::ChoiceArguments;
use super::outputs::OutputArguments;
use super::{Console, Ended, scope};
use crate::analysis::Input;
use crate::model::{Effective, Safety, Severity};
use crate::probe::{Target, may_hold_secrets, script, snapshot};
use crate::report::{self, Format, Options, Paint, Report};
use crate::workspace::{BaselineSource, Engine, Fixing, Problem, Request, check, read_file};

#[derive(Debug, Args)]
pub(super) struct ProbeArguments {
    /// The server: a URI or libpq's `key=value`; what it leaves out is taken from PGHOST and its kin
    #[arg(value_name = "DSN", default_value = "", hide_default_value = true)]
    dsn: String,
    /// Save what the server says, without secrets; `trueup check FILE` judges it again
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Compare what is in force with what this file says; several times
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
    /// Write the fixes as a script of ALTER SYSTEM statements, to read and run; nothing is changed
    #[arg(long, value_name = "FILE")]
    sql: Option<PathBuf>,
    /// Seconds after which the probe gives up
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    #[command(flatten)]
    outputs: OutputArguments,
    #[command(flatten)]
    choice: ChoiceArguments,
    #[command(flatten)]
    scope: scope::ScopeArguments,
    /// Print findings and errors only
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(engine: &dyn Engine, arguments: &ProbeArguments, console: &mut Console<'_>) -> Ended {
    let problem = |message: String| vec![Problem::new("probe", message)];
    let target = Target::parse(&arguments.dsn, &|name| std::env::var(name).ok()).map_err(problem)?;
    let said = snapshot(&target, Duration::from_secs(arguments.timeout))
        .map_err(|why| vec![Problem::new(target.name.clone(), why)])?;
    let (mut said, mut drift) = (said, Vec::new());
    for file in &arguments.against {
        let bytes = read_file(&console.cwd, file).map_err(|problem| vec![problem])?;
        let file = Input { path: file.to_string_lossy().replace('\\', "/").into(), bytes };
        let running = Input { path: SNAPSHOT.into(), bytes: said.text().into_bytes() };
        drift.extend(drifted(engine, running, file));
    }
    if !arguments.against.is_empty() {
        said.note("drifted", &drift.join(", "));
    }
    let text = said.text();
    if let Some(file) = &arguments.save {
        super::check::write(&console.cwd, file, &text)?;
    }
    let name: String =
        said.name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '-' }).collect();
    let request = Request {
        cwd: console.cwd.clone(),
        targets: Vec::new(),
        text: Some((PathBuf::from(format!("{}.probe.json", name.trim_start_matches('-'))), text.into_bytes())),
        settings: arguments.scope.source(),
        overrides: arguments.choice.overrides(),
        baseline: BaselineSource::Nowhere,
        changed: None,
        fixing: None,
        repairs: false,
    };
    let checked = check(engine, &request, &|_| {})?;
    if let Some(file) = &arguments.sql {
        let fixing = Fixing { least: Safety::Unsafe, write: false };
        let fixed = check(engine, &Request { fixing: Some(fixing), ..request }, &|_| {})?;
        let mended = fixed.mended.unwrap_or_default();
        let scripts = mended.texts.iter().filter_map(|mended| script(&mended.before, &mended.after));
        let text: String = scripts.collect();
        let text = if text.is_empty() { "-- There is nothing to fix by a setting.\n".to_owned() } else { text };
        super::check::write(&console.cwd, file, &text)?;
    }
    let redact = |text: &str| engine.redact(text);
    let report = Report::new(&checked, &redact);
    for output in arguments.outputs.reports() {
        let is_coloured = console.shows_colour && output.file.is_none();
        let options = Options {
            paint: if is_coloured { Paint::Coloured } else { Paint::Plain },
            width: console.width,
            quiet: arguments.quiet,
            ..Options::default()
        };
        let text = report::render(&report, output.format.unwrap_or(Format::Full), &options);
        match &output.file {
            Some(file) => super::check::write(&console.cwd, file, &text)?,
            None => console.print(&text).map_err(|problem| vec![problem])?,
        }
    }
    if !arguments.quiet {
        let notes: Vec<Problem> =
            said.unseen.iter().map(|note| Problem::new(said.name.clone(), note.clone())).collect();
        console.notes(engine, &notes);
    }
    console.problems(engine, &checked.problems);
    Ok(checked.exit(Some(Severity::Warning)))
}

/// A name under which a snapshot is read.
const SNAPSHOT: &str = "running.probe.json";

/// The parameters that a file sets otherwise than they are in force, each with both values.
fn drifted(engine: &dyn Engine, running: Input, file: Input) -> Vec<String> {
    let name = file.path.clone();
    let model = engine.resources(vec![running], &[]).model;
    let running = model.resources.iter().find(|resource| &*resource.kind == "server");
    let model = engine.resources(vec![file], &[]).model;
    let mut found = Vec::new();
    for resource in model.resources.iter().filter(|resource| &*resource.kind == "server") {
        for (attribute, said) in &resource.attributes {
            let (Some((_, parameter)), false) = (attribute.split_once('.'), said.written.is_empty()) else { continue };
            if may_hold_secrets(parameter) {
                continue; // of these it is known only whether they are set
            }
            let now = running.map(|running| running.effective(attribute));
            if let (Effective::Known(said), Some(Effective::Known(now))) = (&said.effective, now)
                && *said != now
            {
                found.push(format!("{parameter} is {said} in {name} and {now} in force"));
            }
        }
    }
    found
}
