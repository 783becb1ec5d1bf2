//! `trueup baseline`: writes down the findings that are there now, so that a check shows only those that come.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use clap::Args;

use super::choice::ChoiceArguments;
use super::{Console, Ended, scope};
use crate::analysis::Status;
use crate::report::{Report, counted};
use crate::workspace::{
    BASELINE, Baseline, BaselineSource, Checked, Engine, Exit, Known, Overrides, Problem, Request, check, paths, root,
    settings_for,
};

#[derive(Debug, Args)]
pub(super) struct BaselineArguments {
    /// Files and directories whose findings are written down; what the baseline holds of others stays
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// The file to write, instead of the one that the settings name, or else trueup-baseline.json in the repository's root
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Add nothing, and drop what is no longer found in the files checked
    #[arg(long, conflicts_with_all = ["select", "ignore", "pedantic"])]
    prune: bool,
    #[command(flatten)]
    choice: ChoiceArguments,
    #[command(flatten)]
    scope: scope::ScopeArguments,
}

pub(super) fn run(engine: &dyn Engine, arguments: &BaselineArguments, console: &mut Console<'_>) -> Ended {
    let mut overrides = arguments.choice.overrides();
    if arguments.prune {
        // a finding that only the level hides is still there
        overrides = Overrides { pedantic: true, ..overrides };
    }
    let request = Request {
        cwd: console.cwd.clone(),
        targets: arguments.paths.clone(),
        texts: Vec::new(),
        settings: arguments.scope.source(),
        overrides,
        baseline: BaselineSource::Nowhere,
        changed: None,
        fixing: None,
        repairs: false,
        resources: false,
    };
    let checked = check(engine, &request, &|_| {})?;
    if !checked.problems.is_empty() {
        // what could not be checked may hold findings that are to be kept
        return Err(checked.problems);
    }
    let redact = |text: &str| engine.redact(text);
    let places = Places { request: &request, output: arguments.output.as_deref() };
    // every baseline that the run concerns, also where nothing is found any more
    let mut found: BTreeMap<PathBuf, Vec<Known>> = BTreeMap::from([(places.default()?, Vec::new())]);
    let folders: BTreeSet<&str> = checked.outcome.files.iter().map(|file| folder(&file.path)).collect();
    let mut of_folder = HashMap::new();
    for folder in folders {
        let path = places.of(folder)?;
        found.entry(path.clone()).or_default();
        of_folder.insert(folder, path);
    }
    for known in Report::new(&checked, &redact).known() {
        if let Some(found) = of_folder.get(folder(&known.path)).and_then(|path| found.get_mut(path)) {
            found.push(known);
        }
    }
    for (path, found) in found {
        let shown = match &arguments.output {
            Some(output) => output.display().to_string(),
            None => paths::relative(&console.cwd, &path),
        };
        let read = Baseline::read(&path, &shown).map_err(|problem| vec![problem])?;
        if arguments.prune && read.is_none() {
            let problem = Problem::new(&*shown, "no such file or directory");
            return Err(vec![problem.advice("`trueup baseline` writes it")]);
        }
        let mut baseline = read.unwrap_or_default();
        let before = baseline.len();
        let said = if arguments.prune {
            prune(&mut baseline, &found, &checked, &request);
            format!("{shown}: {} dropped, {} left\n", before - baseline.len(), baseline.len())
        } else {
            baseline.retain(|known| !is_below(&request, &known.path));
            baseline.extend(found);
            format!("{shown}: {}\n", counted(baseline.len(), "finding"))
        };
        std::fs::write(&path, baseline.text())
            .map_err(|error| vec![Problem::new(&*shown, format!("cannot be written: {error}"))])?;
        console.print(&said).map_err(|problem| vec![problem])?;
    }
    Ok(Exit::Clean)
}

/// Drops what is no longer found in files that were checked, or that are gone.
fn prune(baseline: &mut Baseline, found: &[Known], checked: &Checked, request: &Request) {
    let found: HashSet<&str> = found.iter().map(|known| &*known.fingerprint).collect();
    let was_read = |status: &Status| !matches!(status, Status::Skipped(_));
    let files = checked.outcome.files.iter().filter(|file| was_read(&file.status));
    let read: HashSet<&str> = files.map(|file| &*file.path).collect();
    let is_gone = |path: &str| is_below(request, path) && !root(&request.cwd).join(path).exists();
    baseline
        .retain(|known| found.contains(&*known.fingerprint) || !(read.contains(&*known.path) || is_gone(&known.path)));
}

/// Whether the file that reports call `path` is one of the targets, or stands in one.
fn is_below(request: &Request, path: &str) -> bool {
    let path = paths::absolute(root(&request.cwd), Path::new(path));
    request.targets.iter().any(|target| path.starts_with(paths::absolute(&request.cwd, target)))
}

/// The folder of a file, as reports name it.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Which baseline a file's findings belong to.
struct Places<'a> {
    request: &'a Request,
    output: Option<&'a Path>,
}

impl Places<'_> {
    /// The one that is written even if it holds nothing.
    fn default(&self) -> Result<PathBuf, Vec<Problem>> {
        let anything_here = Path::new("trueup.toml");
        self.governing(anything_here)
    }

    /// That of the files in a folder, itself named as reports do.
    fn of(&self, folder: &str) -> Result<PathBuf, Vec<Problem>> {
        let anything_there = paths::absolute(root(&self.request.cwd), Path::new(folder)).join("trueup.toml");
        self.governing(&anything_there)
    }

    fn governing(&self, file: &Path) -> Result<PathBuf, Vec<Problem>> {
        if let Some(output) = self.output {
            return Ok(paths::absolute(&self.request.cwd, output));
        }
        let settings = settings_for(self.request, file)?;
        let named = settings.baseline.as_ref().map(|(path, _)| path.clone());
        Ok(named.unwrap_or_else(|| root(&self.request.cwd).join(BASELINE)))
    }
}
