//! One run: targets into files, files into scopes by settings, scopes through the engine, findings through the selection.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::baseline::{BASELINE, BaselineSource};
use super::before::{Before, Compared, Since, known_here, known_to_all};
use super::chosen::Chosen;
use super::mend::{Fixing, Mended};
use super::past::{Past, Present, Reference};
use super::read::{Texts, version_folders, versions_around};
use super::seen::{Seen, Standing};
use super::selection::{Overrides, Selection};
use super::settings::{Discovery, Settings};
use super::walk::{Found, Origin, unreadable, walk};
use super::{Engine, Problem, RuleInfo, paths};
use crate::analysis::{Analysed, Input, Outcome, Status};
use crate::fix::Repair;
use crate::model::{Finding, Location, Severity};

/// What to check, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// The working directory, absolute.
    pub cwd: PathBuf,
    /// Files and directories, as the user named them.
    pub targets: Vec<PathBuf>,
    /// Texts that are in no file, each with the name it goes by.
    pub texts: Vec<(PathBuf, Vec<u8>)>,
    /// Where settings come from.
    pub settings: SettingsSource,
    /// What the command line says beside the settings.
    pub overrides: Overrides,
    /// Where the findings stand that are known.
    pub baseline: BaselineSource,
    /// The git reference that what is shown has changed since, if only that is to be shown.
    pub changed: Option<Reference>,
    /// What is to be done with fixes, if anything.
    pub fixing: Option<Fixing>,
    /// Whether fixes are wanted as what they replace.
    pub repairs: bool,
    /// Whether the resources are wanted, and not only what is found of them.
    pub resources: bool,
}

/// Where settings come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsSource {
    /// The nearest `trueup.toml` above each file.
    Discovered,
    /// This file, for everything.
    File(PathBuf),
    /// None: the defaults.
    Isolated,
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Checked {
    /// The findings that are shown, and every file that was read.
    pub outcome: Outcome,
    /// How many findings only the level hides.
    pub hidden: usize,
    /// How many directories of others, such as `node_modules`, were passed over.
    pub passed_over: usize,
    /// What the baseline made of the findings, if there is one.
    pub baseline: Option<Compared>,
    /// What the git reference made of them, if there is one.
    pub since: Option<Since>,
    /// What fixing came to, if it was asked for.
    pub mended: Option<Mended>,
    /// Whether files would change that were not written.
    pub would_change: bool,
    /// What could not be read or understood; the rest was checked all the same.
    pub problems: Vec<Problem>,
    /// What the files of each settings scope say, if that was asked for.
    pub analysed: Vec<Analysed>,
    /// Fixes as what they replace, if they were asked for.
    pub repairs: Vec<Repair>,
    /// What to say of the settings that is no trouble.
    pub notes: Vec<Problem>,
    /// The rules of the run, the user's included.
    pub rules: Vec<RuleInfo>,
}

/// How a run ends. Ordered: trouble outranks findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings at or above it.
    Findings,
    /// Something could not be read, or was not understood.
    Trouble,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Trouble => 2,
        }
    }
}

impl Checked {
    /// How the run ends when findings of `fail_on` and above count; with `None`, none do.
    pub fn exit(&self, fail_on: Option<Severity>) -> Exit {
        let fails = |finding: &Finding| fail_on.is_some_and(|least| finding.severity >= least);
        if !self.problems.is_empty() {
            Exit::Trouble
        } else if self.outcome.findings.iter().any(fails) || self.would_change {
            Exit::Findings
        } else {
            Exit::Clean
        }
    }

    /// What a finding is beside the baseline, if there is one.
    pub fn standing(&self, finding: &Finding) -> Option<Standing> {
        let compared = self.baseline.as_ref()?;
        Some(if compared.changed.contains(&finding.fingerprint) { Standing::Changed } else { Standing::New })
    }

    /// Whether any file was recognised.
    pub fn recognised_any(&self) -> bool {
        self.outcome.files.iter().any(|file| matches!(&file.status, Status::Recognised(_) | Status::Template(_)))
    }
}

/// The directory reports name files from: the repository that holds the working directory, else that directory itself.
pub fn root(cwd: &Path) -> &Path {
    paths::repository_root(cwd).unwrap_or(cwd)
}

/// Runs. `stage` is told what is being done now, in a few words. The errors are those of the command line itself:
/// a `--select` that names no rule, a `--config` that cannot be read; nothing was checked then.
pub fn check(engine: &dyn Engine, request: &Request, stage: &dyn Fn(&str)) -> Result<Checked, Vec<Problem>> {
    let mut checked = Checked { rules: engine.rules().to_vec(), ..Checked::default() };
    stage("listing files");
    let found = walk(&request.cwd, &request.targets, &|path| engine.wants(path));

    checked.passed_over = found.passed_over;
    let places: Vec<PathBuf> = request
        .targets
        .iter()
        .chain(request.texts.iter().map(|(name, _)| name))
        .map(|target| paths::absolute(&request.cwd, target))
        .collect();
    let known = |path: &Path| found.files.contains_key(path);
    let around = versions_around(engine, root(&request.cwd), places.iter().map(PathBuf::as_path), &known);

    let mut scopes = Scopes::new(request)?;
    let known_everywhere = known_to_all(request).map_err(|problem| vec![problem])?;
    let root = root(&request.cwd);
    let mut past = None;
    if let Some(reference) = &request.changed {
        stage("asking git");
        let version_folders = version_folders(root, places.iter().map(PathBuf::as_path));
        let present = Present { engine, root, places: &places, found: &found, version_folders: &version_folders };
        past = Some(Past::read(&present, reference).map_err(|problem| vec![problem])?);
    }
    for (path, bytes) in past.iter_mut().flat_map(|past| past.files.drain(..)) {
        if found.files.get(&path) == Some(&Origin::Named) || !scopes.excludes(&path) {
            scopes.add_past(path, bytes);
        }
    }
    let (scopes, problems) = scopes.finish(found);
    checked.problems.extend(problems);

    let mut prepared = Vec::new();
    for scope in scopes {
        match engine.prepare(&scope.settings) {
            Ok(own) => prepared.push((scope, own)),
            Err(problems) => checked.problems.extend(problems),
        }
    }
    add_rules(&mut checked.rules, prepared.iter().filter_map(|(_, own)| own.as_deref()));
    let problems = request.overrides.problems(checked.rules.iter());
    if !problems.is_empty() {
        // a rule may be unknown because its page is broken: what is wrong with the page comes first
        checked.problems.extend(problems);
        return Err(checked.problems);
    }
    let Request { fixing, repairs, resources, .. } = *request;
    let now = Surroundings { root, around: &around, stage, fixing, repairs, resources };
    checked.since = past.as_ref().map(|past| Since { name: past.name.clone(), unchanged: 0 });
    for (scope, own) in prepared {
        let engine = own.as_deref().unwrap_or(engine);
        let selection = match Selection::new(&scope.settings, &request.overrides, engine.rules()) {
            Ok(selection) => selection,
            Err(problems) => {
                checked.problems.extend(problems);
                continue;
            }
        };
        let known = match known_here(request, &scope.settings) {
            Ok(known) => known.or_else(|| known_everywhere.clone()),
            Err(problem) => {
                checked.problems.push(problem);
                continue;
            }
        };
        let then = past.as_ref().map(|past| {
            stage(&format!("judging {} files as they were at {}", scope.past.len(), past.name));
            scope.seen(engine, &selection, Surroundings { around: &past.around, ..now })
        });
        scope.check(engine, &selection, &Before { known, then }, now, &mut checked);
    }
    Ok(checked)
}

/// What the files of a scope are judged in.
#[derive(Clone, Copy)]
struct Surroundings<'a> {
    root: &'a Path,
    around: &'a [Input],
    stage: &'a dyn Fn(&str),
    fixing: Option<Fixing>,
    repairs: bool,
    resources: bool,
}

/// The settings that govern `file`, as a run would find them.
pub fn settings_for(request: &Request, file: &Path) -> Result<Arc<Settings>, Vec<Problem>> {
    let mut scopes = Scopes::new(request)?;
    let index = scopes.scope_of(&paths::absolute(&request.cwd, file));
    match scopes.list.swap_remove(index) {
        Ok(scope) => Ok(scope.settings),
        Err(problems) => Err(problems),
    }
}

fn add_rules<'a>(rules: &mut Vec<RuleInfo>, engines: impl Iterator<Item = &'a dyn Engine>) {
    let mut known: BTreeSet<String> = rules.iter().map(|rule| rule.id.clone()).collect();
    for engine in engines {
        for rule in engine.rules() {
            if known.insert(rule.id.clone()) {
                rules.push(rule.clone());
            }
        }
    }
    rules.sort_by(|a, b| a.id.cmp(&b.id));
}

/// Files that share their settings: they are judged together.
pub(super) struct Scope {
    pub(super) settings: Arc<Settings>,
    pub(super) files: Vec<(PathBuf, Option<Vec<u8>>)>,
    /// Its files as they were at the git reference.
    past: Vec<(PathBuf, Vec<u8>)>,
}

impl Scope {
    /// The findings that would have been shown of its files as they were.
    fn seen(&self, engine: &dyn Engine, selection: &Selection, then: Surroundings<'_>) -> Seen {
        let input = |(path, bytes): &(PathBuf, Vec<u8>)| Input {
            path: paths::relative(then.root, path).into(),
            bytes: bytes.clone(),
        };
        let inputs = self.past.iter().map(input).collect();
        let mut seen = Seen::default();
        let mut choose = |outcome: &mut Outcome| {
            selection.apply(outcome, |file| self.past.get(file).map_or(Path::new(""), |(path, _)| path));
            seen = outcome.findings.drain(..).map(|finding| (finding.fingerprint, finding.state)).collect();
            outcome.unjudged.clear();
        };
        engine.analyse(inputs, then.around, &self.settings, &mut choose);
        seen
    }

    /// Reads and judges its files, and adds what came out to `checked`.
    fn check(
        self,
        engine: &dyn Engine,
        selection: &Selection,
        before: &Before,
        now: Surroundings<'_>,
        checked: &mut Checked,
    ) {
        let Surroundings { root, around, stage, fixing, repairs, resources } = now;
        stage(&format!("reading {} files", self.files.len()));
        let Texts { mut inputs, places, skipped, problems } = Texts::read(root, &self.files);
        checked.problems.extend(problems);
        stage(&format!("judging {} files", inputs.len()));
        let mut mended = BTreeSet::new();
        if let Some(fixing) = fixing {
            let mut chosen = Chosen::new(selection, &places, before).counting(checked.since.clone(), None);
            let fixed = engine.fix(&inputs, around, fixing.least, &mut chosen);
            let of_run = checked.mended.get_or_insert_default();
            mended = of_run.take(fixed, fixing, &mut inputs, &places, &mut checked.problems);
            checked.would_change |= !fixing.write && !of_run.texts.is_empty();
        }
        let offset = u32::try_from(checked.outcome.files.len()).unwrap_or(u32::MAX);
        let of_scope = repairs.then(|| {
            let mut chosen = Chosen::new(selection, &places, before).counting(checked.since.clone(), None);
            engine.repairs(&inputs, around, &mut chosen)
        });
        for mut repair in of_scope.into_iter().flatten() {
            repair.edits.iter_mut().for_each(|(place, _)| place.file = place.file.saturating_add(offset));
            checked.repairs.push(repair);
        }
        if resources {
            checked.analysed.push(engine.resources(inputs.clone(), around));
        }
        let mut chosen =
            Chosen::new(selection, &places, before).counting(checked.since.take(), checked.baseline.take());
        chosen.mended = mended;
        let mut outcome = engine.analyse(inputs, around, &self.settings, &mut chosen);
        checked.hidden += chosen.hidden;
        checked.notes.extend(selection.complaints(&self.settings, &chosen.used, &places));
        (checked.since, checked.baseline) = (chosen.since, chosen.baseline);
        outcome.files.extend(skipped);
        append(&mut checked.outcome, outcome);
    }
}

/// Adds the outcome of one scope: its files come after those already there.
fn append(whole: &mut Outcome, mut part: Outcome) {
    let offset = u32::try_from(whole.files.len()).unwrap_or(u32::MAX);
    let shift = |location: &mut Location| location.file = location.file.saturating_add(offset);
    let suppressed = part.suppressed.iter_mut().map(|suppressed| &mut suppressed.finding);
    for finding in part.findings.iter_mut().chain(suppressed) {
        shift(&mut finding.primary);
        finding.related.iter_mut().for_each(|related| shift(&mut related.location));
        finding.evidence.iter_mut().filter_map(|evidence| evidence.location.as_mut()).for_each(shift);
    }
    part.unjudged.iter_mut().for_each(|unjudged| shift(&mut unjudged.location));
    whole.files.append(&mut part.files);
    whole.findings.append(&mut part.findings);
    whole.locked.extend(part.locked.into_iter().map(|(rule, file)| (rule, file.saturating_add(offset))));
    whole.suppressed.append(&mut part.suppressed);
    whole.unjudged.append(&mut part.unjudged);
}

/// Files by the settings that govern them.
pub(super) struct Scopes<'a> {
    request: &'a Request,
    discovery: Discovery,
    by_file: BTreeMap<Option<PathBuf>, usize>,
    list: Vec<Result<Scope, Vec<Problem>>>,
}

impl<'a> Scopes<'a> {
    pub(super) fn new(request: &'a Request) -> Result<Self, Vec<Problem>> {
        let mut scopes =
            Scopes { request, discovery: Discovery::default(), by_file: BTreeMap::new(), list: Vec::new() };
        if let SettingsSource::File(file) = &request.settings {
            // read at once: a broken `--config` is a usage error, whatever the files are
            let scope = scopes.scope(Some(paths::absolute(&request.cwd, file)));
            if let Err(problems) = &scopes.list[scope] {
                return Err(problems.clone());
            }
        }
        Ok(scopes)
    }

    /// Whether a file that was found in a directory is not read: the settings say so, or it is a baseline.
    fn excludes(&mut self, path: &Path) -> bool {
        let scope = self.scope_of(path);
        let settings = self.list[scope].as_ref().ok().map(|scope| &scope.settings);
        let is_baseline = path.file_name().is_some_and(|name| name == BASELINE)
            || matches!(&self.request.baseline, BaselineSource::File(file) if paths::absolute(&self.request.cwd, file) == path)
            || settings.and_then(|settings| settings.baseline.as_ref()).is_some_and(|(baseline, _)| baseline == path);
        is_baseline || settings.is_some_and(|settings| settings.exclude.matches(path))
    }

    fn add(&mut self, path: PathBuf, bytes: Option<Vec<u8>>) {
        let scope = self.scope_of(&path);
        if let Ok(scope) = &mut self.list[scope] {
            scope.files.push((path, bytes));
        }
    }

    fn add_past(&mut self, path: PathBuf, bytes: Vec<u8>) {
        let scope = self.scope_of(&path);
        if let Ok(scope) = &mut self.list[scope] {
            scope.past.push((path, bytes));
        }
    }

    /// The index in `list` of the scope that governs `path` (absolute).
    fn scope_of(&mut self, path: &Path) -> usize {
        let file = match &self.request.settings {
            SettingsSource::Isolated => None,
            SettingsSource::File(file) => Some(paths::absolute(&self.request.cwd, file)),
            SettingsSource::Discovered => self.discovery.governing(path.parent().unwrap_or(path)),
        };
        self.scope(file)
    }

    fn scope(&mut self, file: Option<PathBuf>) -> usize {
        if let Some(&known) = self.by_file.get(&file) {
            return known;
        }
        let settings = match &file {
            Some(file) => load(file, &self.request.cwd),
            None => Ok(Settings::default_for(&self.request.cwd)),
        };
        self.list.push(settings.map(|settings| Scope {
            settings: Arc::new(settings),
            files: Vec::new(),
            past: Vec::new(),
        }));
        self.by_file.insert(file, self.list.len() - 1);
        self.list.len() - 1
    }

    /// The scopes with files, those that were found and those that were given, in the order of their first file; and what
    /// could not be read, with the problems of scopes that have no settings.
    pub(super) fn finish(mut self, found: Found) -> (Vec<Scope>, Vec<Problem>) {
        let (mut scopes, mut problems) = (Vec::new(), Vec::new());
        for (path, problem) in found.problems {
            if !self.excludes(&path) {
                problems.push(problem);
            }
        }
        for (path, origin) in found.files {
            if (origin == Origin::Named && !self.request.overrides.force_exclude) || !self.excludes(&path) {
                self.add(path, None);
            }
        }
        for (name, bytes) in &self.request.texts {
            self.add(paths::absolute(&self.request.cwd, name), Some(bytes.clone()));
        }
        for scope in self.list {
            match scope {
                Ok(scope) if scope.files.is_empty() => {}
                Ok(scope) => scopes.push(scope),
                Err(trouble) => problems.extend(trouble),
            }
        }
        (scopes, problems)
    }
}

fn load(file: &Path, cwd: &Path) -> Result<Settings, Vec<Problem>> {
    let shown = paths::relative(cwd, file);
    let bytes = std::fs::read(file).map_err(|error| vec![unreadable(shown.as_ref(), file, &error)])?;
    let text = String::from_utf8(bytes).map_err(|_| vec![Problem::new(&*shown, "is not UTF-8 text")])?;
    Settings::parse(file, &shown, &text)
}
