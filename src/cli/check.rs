//! `trueup check`: the main job.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::choice::ChoiceArguments;
use super::outputs::{Named, Output, OutputArguments};
use super::progress::Progress;
use super::{Console, Ended, map, scope};
use crate::model::{Safety, Severity};
use crate::report::{self, Format, Options, Paint, Picture, Report};
use crate::suppress::Until;
use crate::workspace::{
    BaselineSource, Checked, Engine, Fixing, Problem, Reference, Request, add_ignore, check, paths, root,
};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Files and directories to check; `-` is the standard input
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    outputs: OutputArguments,
    #[command(flatten)]
    choice: ChoiceArguments,
    /// Leave out the findings that this file knows; `trueup baseline` writes it
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Show the findings of the baseline that the settings name too
    #[arg(long, conflicts_with = "baseline")]
    no_baseline: bool,
    /// Only findings that are new or have other values than at this git reference [default: where the default branch was left]
    #[arg(long, value_name = "REF", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    changed: Option<String>,
    /// Apply the fixes that cannot change what a correct system does
    #[arg(long, conflicts_with = "add_ignore")]
    fix: bool,
    /// With --fix or --diff: also those that change what the system does, by judgement
    #[arg(long)]
    unsafe_fixes: bool,
    /// Show what --fix would change, and write nothing
    #[arg(long, conflicts_with_all = ["fix", "add_ignore"])]
    diff: bool,
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Warning, value_name = "SEVERITY")]
    fail_on: FailOn,
    #[command(flatten)]
    scope: scope::ScopeArguments,
    /// Print findings and errors only
    #[arg(long, short)]
    quiet: bool,
    /// Count findings per rule
    #[arg(long)]
    statistics: bool,
    /// List what could not be judged, and what was missing
    #[arg(long)]
    show_unjudged: bool,
    /// The name `-` goes by: decides how it is read, and which settings apply
    #[arg(long, value_name = "PATH", default_value = "stdin")]
    stdin_filename: PathBuf,
    /// Write comments into the files that silence all that is found, each with this reason
    #[arg(long, value_name = "REASON", value_parser = reason)]
    add_ignore: Option<String>,
    /// The last day on which those comments hold, as 2027-01-31
    #[arg(long, value_name = "DATE", requires = "add_ignore", value_parser = last_day)]
    until: Option<Until>,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Info,
    /// Findings do not fail
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

pub(super) fn run(engine: &dyn Engine, arguments: &CheckArguments, console: &mut Console<'_>) -> Ended {
    let request = request(arguments, console)?;
    let progress = Progress::new(console.shows_progress && !arguments.quiet);
    let mut checked = check(engine, &request, &|stage| progress.stage(stage))?;
    progress.end();
    if let Some(reason) = &arguments.add_ignore {
        if !request.texts.is_empty() {
            return Err(vec![Problem::new("--add-ignore", "writes into files, and the standard input is none")]);
        }
        let written = add_ignore(&checked, root(&console.cwd), reason, arguments.until.as_ref());
        console.say(&format!("comments written: {} (files: {})\n", written.comments, written.files));
        // what is reported then is what is left
        checked = check(engine, &request, &|_| {})?;
        checked.problems.extend(written.problems);
    }

    let redact = |text: &str| engine.redact(text);
    if let Some(mended) = &checked.mended {
        if arguments.diff {
            let text = report::diff(mended, &redact);
            console.print(&text).map_err(|problem| vec![problem])?;
        }
        if !arguments.quiet {
            console.say(&report::mended(mended, &checked, arguments.fix, &redact));
        }
    }
    let report = Report::new(&checked, &redact);
    for output in arguments.outputs.reports() {
        let mut options = options(arguments, output, console);
        if output.format == Some(Named::Findings(Format::Html)) {
            let drawn = map::drawn(&checked, engine, &console.cwd, output.file.as_deref(), &|map, options| {
                crate::map::embedded(map, &options)
            });
            options.picture = drawn.map(|(style, body)| Picture { style, body });
            if options.files.is_empty() {
                options.files = folder(&console.cwd, output.file.as_deref());
            }
        }
        let text = match (output.format, &output.file) {
            (Some(Named::Findings(format)), _) => report::render(&report, format, &options),
            (None, None) if console.github_actions.is_some() => {
                report::annotations(&report) + &report::render(&report, Format::Full, &options)
            }
            (None | Some(Named::Figures), _) => report::render(&report, Format::Full, &options),
        };
        match &output.file {
            Some(file) => write(&console.cwd, file, &text)?,
            None => console.print(&text).map_err(|problem| vec![problem])?,
        }
    }
    if !arguments.quiet {
        console.notes(engine, &checked.notes);
    }
    console.problems(engine, &checked.problems);
    if checked.problems.is_empty() && !checked.recognised_any() && !arguments.quiet {
        console.say(&nothing_recognised(&checked));
    }
    Ok(checked.exit(arguments.fail_on()))
}

fn request(arguments: &CheckArguments, console: &mut Console<'_>) -> Result<Request, Vec<Problem>> {
    let changed = arguments.changed.as_ref().map(|name| match name.as_str() {
        "" => Reference::Default,
        name => Reference::Named(name.to_owned()),
    });
    let fixing = (arguments.fix || arguments.diff).then_some(Fixing {
        least: if arguments.unsafe_fixes { Safety::Unsafe } else { Safety::Safe },
        write: arguments.fix,
    });
    if arguments.unsafe_fixes && fixing.is_none() {
        let problem = Problem::new("--unsafe-fixes", "says which fixes are made, and none are asked for");
        return Err(vec![problem.advice("add --fix, or --diff to see them")]);
    }
    let (input, targets): (Vec<_>, Vec<_>) = arguments.paths.iter().cloned().partition(|path| path == Path::new("-"));
    let texts = match input.first() {
        Some(_) if changed.is_some() => {
            let problem = Problem::new("--changed", "git knows nothing of the standard input");
            return Err(vec![problem.advice("name files or directories")]);
        }
        Some(_) if fixing.is_some() => {
            let problem = Problem::new("--fix", "writes into files, and the standard input is none");
            return Err(vec![problem.advice("name files or directories")]);
        }
        Some(_) => vec![(arguments.stdin_filename.clone(), console.read().map_err(|problem| vec![problem])?)],
        None => Vec::new(),
    };
    let reports =
        |format| arguments.outputs.reports().iter().any(|output| output.format == Some(Named::Findings(format)));
    Ok(Request {
        cwd: console.cwd.clone(),
        targets,
        texts,
        settings: arguments.scope.source(),
        overrides: arguments.choice.overrides(),
        baseline: match &arguments.baseline {
            Some(file) => BaselineSource::File(file.clone()),
            None if arguments.no_baseline => BaselineSource::Nowhere,
            None => BaselineSource::Settings,
        },
        changed,
        fixing,
        resources: reports(Format::Html),
        repairs: reports(Format::Sarif),
    })
}

fn options(arguments: &CheckArguments, output: &Output, console: &Console<'_>) -> Options {
    let is_coloured = match arguments.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => console.shows_colour && output.file.is_none(),
    };
    Options {
        paint: if is_coloured { Paint::Coloured } else { Paint::Plain },
        width: console.width,
        from: paths::relative(root(&console.cwd), &console.cwd),
        files: console.github_actions.as_ref().map(|actions| actions.files.clone()).unwrap_or_default(),
        statistics: arguments.statistics,
        show_unjudged: arguments.show_unjudged,
        quiet: arguments.quiet,
        picture: None,
    }
}

/// The root of the run as seen from where a report will be read, to put paths behind.
fn folder(cwd: &Path, output: Option<&Path>) -> String {
    let from = output.and_then(Path::parent).map_or_else(|| cwd.to_owned(), |folder| paths::absolute(cwd, folder));
    match paths::relative(&from, root(cwd)).as_str() {
        "." => String::new(),
        folder => format!("{folder}/"),
    }
}

/// A reason that fits behind a comment's marker.
fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why the findings are fine".into()),
        text if text.contains(char::is_control) => Err("a reason is one line".into()),
        text => Ok(text.into()),
    }
}

fn last_day(text: &str) -> Result<Until, String> {
    let date = text.parse().map_err(|()| "a day that exists is needed, as 2027-01-31".to_owned())?;
    Ok(Until { date, text: text.into() })
}

pub(super) fn write(cwd: &Path, file: &Path, text: &str) -> Result<(), Vec<Problem>> {
    std::fs::write(cwd.join(file), text)
        .map_err(|error| vec![Problem::new(file.display().to_string(), format!("cannot be written: {error}"))])
}

fn nothing_recognised(checked: &Checked) -> String {
    match checked.outcome.files.len() {
        0 => "warning: no files to check\n".into(),
        files => format!("warning: no configuration recognised (files: {files})\n"),
    }
}

impl CheckArguments {
    fn fail_on(&self) -> Option<Severity> {
        match self.fail_on {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Info => Some(Severity::Info),
            FailOn::Never => None,
        }
    }
}
