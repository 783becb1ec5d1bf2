//! `trueup map`: the stack as a picture.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::choice::ChoiceArguments;
use super::{Console, Ended, check, scope};
use crate::map::{self, Map};
use crate::workspace::{BaselineSource, Checked, Engine, Exit, Request, check as run_check, paths, root};

#[derive(Debug, Args)]
pub(super) struct MapArguments {
    /// Files and directories that are read
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// How to draw it
    #[arg(long, value_enum, default_value_t = FormatName::Terminal, value_name = "FORMAT")]
    format: FormatName,
    /// Write it to this file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    choice: ChoiceArguments,
    #[command(flatten)]
    scope: scope::ScopeArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// A drawing for the terminal
    Terminal,
    /// For programs
    Json,
    /// For Graphviz
    Dot,
    /// For Markdown that draws
    Mermaid,
    /// A picture
    Svg,
    /// A page with the picture and a list
    Html,
}

impl From<FormatName> for map::Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Terminal => map::Format::Terminal,
            FormatName::Json => map::Format::Json,
            FormatName::Dot => map::Format::Dot,
            FormatName::Mermaid => map::Format::Mermaid,
            FormatName::Svg => map::Format::Svg,
            FormatName::Html => map::Format::Html,
        }
    }
}

pub(super) fn run(engine: &dyn Engine, arguments: &MapArguments, console: &mut Console<'_>) -> Ended {
    let request = Request {
        cwd: console.cwd.clone(),
        targets: arguments.paths.clone(),
        texts: Vec::new(),
        settings: arguments.scope.source(),
        overrides: arguments.choice.overrides(),
        baseline: BaselineSource::Settings,
        changed: None,
        fixing: None,
        repairs: false,
        resources: true,
    };
    let checked = run_check(engine, &request, &|_| {})?;
    let text = drawn(&checked, engine, &console.cwd, arguments.output.as_deref(), &|map, options| {
        map::render(map, arguments.format.into(), &map::Options { width: console.width, ..options })
    });
    match &arguments.output {
        Some(file) => check::write(&console.cwd, file, &text)?,
        None => console.print(&text).map_err(|problem| vec![problem])?,
    }
    console.problems(engine, &checked.problems);
    Ok(if checked.problems.is_empty() { Exit::Clean } else { Exit::Trouble })
}

/// The map of a run that asked for its resources, as `write` writes it; links lead from `output`, or from `cwd`.
pub(super) fn drawn<T>(
    checked: &Checked,
    engine: &dyn Engine,
    cwd: &Path,
    output: Option<&Path>,
    write: &dyn Fn(&Map, map::Options<'_>) -> T,
) -> T {
    let map = Map::new(checked, &|text| engine.redact(text));
    let from = output.and_then(Path::parent).map_or_else(|| cwd.to_owned(), |folder| paths::absolute(cwd, folder));
    let root = root(cwd);
    let address = |path: &str| paths::relative(&from, &paths::absolute(root, path.as_ref()));
    write(&map, map::Options { width: 80, address: &address })
}
