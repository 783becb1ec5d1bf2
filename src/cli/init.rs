//! `trueup init`: a settings file for what is found in a directory.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Console, Ended};
use crate::report::Redacted;
use crate::workspace::settings::{Discovery, settings_in, starter};
use crate::workspace::{Engine, Exit, Problem, Survey, paths, root, survey};

/// The file that is written.
const NAME: &str = "trueup.toml";

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The directory the settings are for
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Write over a settings file that is there, or take the place of one further up
    #[arg(long)]
    force: bool,
    /// Print the settings instead of writing them
    #[arg(long, conflicts_with = "force")]
    stdout: bool,
}

pub(super) fn run(engine: &dyn Engine, arguments: &InitArguments, console: &mut Console<'_>) -> Ended {
    let directory = paths::absolute(&console.cwd, &arguments.directory);
    let file = directory.join(NAME);
    let shown = arguments.directory.join(NAME);
    let shown = if arguments.directory == Path::new(".") { NAME.into() } else { shown.display().to_string() };
    if !directory.is_dir() {
        let message = "no such directory; settings are written into one that is there";
        return Err(vec![Problem::new(arguments.directory.display().to_string(), message)]);
    }
    if !arguments.stdout && !arguments.force {
        free(console, &directory).map_err(|problem| vec![problem])?;
    }
    let survey = survey(engine, root(&directory), &directory);
    if survey.read == 0 && !survey.problems.is_empty() {
        return Err(survey.problems);
    }
    let text = starter(&survey, example(engine));
    let text = Redacted::lines(&text, &|text| engine.redact(text)).to_string();
    let text = text.trim_end_matches('\n').to_string() + "\n";
    let said = if arguments.stdout {
        text
    } else {
        write(&file, &text, arguments.force).map_err(|error| vec![Problem::new(shown.clone(), error)])?;
        summary(&shown, &survey)
    };
    console.print(&said).map_err(|problem| vec![problem])?;
    console.problems(engine, &survey.problems);
    Ok(if survey.problems.is_empty() { Exit::Clean } else { Exit::Trouble })
}

/// Whether nothing governs `directory` yet: what is written there would take its place, for settings are not merged.
fn free(console: &Console<'_>, directory: &Path) -> Result<(), Problem> {
    let shown = |file: &Path| paths::relative(&console.cwd, file);
    if let Some(file) = settings_in(directory) {
        return Err(Problem::new(shown(&file), "is there already").advice("--force writes a new trueup.toml"));
    }
    match Discovery::default().governing(directory) {
        Some(file) => Err(Problem::new(shown(&file), "governs this directory, and would no longer do so")
            .advice("--force writes trueup.toml all the same")),
        None => Ok(()),
    }
}

/// The rule that stands in examples: any one, always the same.
fn example(engine: &dyn Engine) -> &str {
    engine.rules().first().map_or("rule", |rule| rule.id.as_str())
}

fn write(file: &Path, text: &str, force: bool) -> Result<(), String> {
    let mut options = OpenOptions::new();
    options.write(true);
    // without --force, what came to be there in the meantime stays, too
    let options = if force { options.create(true).truncate(true) } else { options.create_new(true) };
    let written = options.open(file).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => "is there already; --force writes over it".into(),
        _ => format!("cannot be written: {error}"),
    })
}

fn summary(shown: &str, survey: &Survey) -> String {
    let dialects = survey.dialects.iter().map(|(dialect, number)| format!("{dialect} {number}"));
    let found = match survey.recognised {
        0 => "no configuration recognised yet".to_string(),
        1 => format!("1 file recognised ({})", dialects.collect::<Vec<_>>().join(", ")),
        number => format!("{number} files recognised ({})", dialects.collect::<Vec<_>>().join(", ")),
    };
    format!("{shown} written: {found}\n")
}
