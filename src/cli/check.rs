//! `trueup check`: the main job.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::progress::Progress;
use super::{Console, Ended, scope};
use crate::model::Severity;
use crate::report::{self, Format, Options, Paint, Report};
use crate::suppress::Until;
use crate::workspace::{Checked, Engine, Overrides, Problem, Request, add_ignore, check, paths, root};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Files and directories to check; `-` is the standard input
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// How to print findings
    #[arg(long, value_enum, default_value_t = FormatName::Full, value_name = "FORMAT")]
    format: FormatName,
    /// Write the report to this file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only these rules or categories, whatever their level
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    select: Vec<String>,
    /// Without these rules or categories
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Also show what is less severe or less sure
    #[arg(long)]
    pedantic: bool,
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
enum FormatName {
    /// Each finding with the lines it is about
    Full,
    /// One line per finding
    Concise,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations in GitHub Actions
    Github,
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
        if request.text.is_some() {
            return Err(vec![Problem::new("--add-ignore", "writes into files, and the standard input is none")]);
        }
        let written = add_ignore(&checked, root(&console.cwd), reason, arguments.until.as_ref());
        console.say(&format!("comments written: {} (files: {})\n", written.comments, written.files));
        // what is reported then is what is left
        checked = check(engine, &request, &|_| {})?;
        checked.problems.extend(written.problems);
    }

    let redact = |text: &str| engine.redact(text);
    let text = report::render(&Report::new(&checked, &redact), arguments.format(), &options(arguments, console));
    match &arguments.output {
        Some(file) => write(&console.cwd, file, &text)?,
        None => console.print(&text).map_err(|problem| vec![problem])?,
    }
    console.problems(engine, &checked.problems);
    if checked.problems.is_empty() && !checked.recognised_any() && !arguments.quiet {
        console.say(&nothing_recognised(&checked));
    }
    Ok(checked.exit(arguments.fail_on()))
}

fn request(arguments: &CheckArguments, console: &mut Console<'_>) -> Result<Request, Vec<Problem>> {
    let (input, targets): (Vec<_>, Vec<_>) = arguments.paths.iter().cloned().partition(|path| path == Path::new("-"));
    let text = match input.first() {
        Some(_) => Some((arguments.stdin_filename.clone(), console.read().map_err(|problem| vec![problem])?)),
        None => None,
    };
    Ok(Request {
        cwd: console.cwd.clone(),
        targets,
        text,
        settings: arguments.scope.source(),
        overrides: Overrides {
            select: arguments.select.clone(),
            ignore: arguments.ignore.clone(),
            pedantic: arguments.pedantic,
        },
    })
}

fn options(arguments: &CheckArguments, console: &Console<'_>) -> Options {
    let is_coloured = match arguments.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => console.shows_colour && arguments.output.is_none(),
    };
    Options {
        paint: if is_coloured { Paint::Coloured } else { Paint::Plain },
        width: console.width,
        from: paths::relative(root(&console.cwd), &console.cwd),
        statistics: arguments.statistics,
        show_unjudged: arguments.show_unjudged,
        quiet: arguments.quiet,
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

fn write(cwd: &Path, file: &Path, text: &str) -> Result<(), Vec<Problem>> {
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
    fn format(&self) -> Format {
        match self.format {
            FormatName::Full => Format::Full,
            FormatName::Concise => Format::Concise,
            FormatName::Json => Format::Json,
            FormatName::Sarif => Format::Sarif,
            FormatName::Github => Format::Github,
        }
    }

    fn fail_on(&self) -> Option<Severity> {
        match self.fail_on {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Info => Some(Severity::Info),
            FailOn::Never => None,
        }
    }
}
