//! `trueup inspect`: what is understood of one file.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Console, Ended, scope};
use crate::analysis::Input;
use crate::report::Redacted;
use crate::workspace::{Engine, Exit, Problem, paths, read_file, root, versions_around};

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    /// The file; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    scope: scope::ScopeArguments,
    /// The name `-` goes by
    #[arg(long, value_name = "PATH", default_value = "stdin")]
    stdin_filename: PathBuf,
}

pub(super) fn run(engine: &dyn Engine, arguments: &InspectArguments, console: &mut Console<'_>) -> Ended {
    let (name, bytes) = content(arguments, console).map_err(|problem| vec![problem])?;
    let settings = arguments.scope.settings_at(name, console)?;
    let own = engine.prepare(&settings)?;
    let engine = own.as_deref().unwrap_or(engine);
    let root = root(&console.cwd);
    let file = paths::absolute(&console.cwd, name);
    let around = versions_around(engine, root, [file.as_path()], &|path| path == file);
    let text = engine.inspect(Input { path: paths::relative(root, &file).into(), bytes }, around, &settings);
    let text = Redacted::lines(&text, &|text| engine.redact(text));
    console.print(&format!("{text}\n")).map_err(|problem| vec![problem])?;
    Ok(Exit::Clean)
}

fn content<'a>(arguments: &'a InspectArguments, console: &mut Console<'_>) -> Result<(&'a Path, Vec<u8>), Problem> {
    if arguments.file == Path::new("-") {
        return Ok((&arguments.stdin_filename, console.read()?));
    }
    Ok((&arguments.file, read_file(&console.cwd, &arguments.file)?))
}
