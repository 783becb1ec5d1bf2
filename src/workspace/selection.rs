//! Which findings are shown, and at which severity: select, ignore, severities, per-file ignores and the level.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::settings::{Named, Pattern};
use super::silence::{Silence, Silencer};
use super::{Problem, RuleInfo, Settings, nearest};
use crate::analysis::Outcome;
use crate::model::{Confidence, Finding, Severity};
use crate::suppress::Suppressed;

/// What the command line says beside the settings file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Instead of the file's `select`, if any are named.
    pub select: Vec<String>,
    /// In addition to the file's `ignore`.
    pub ignore: Vec<String>,
    /// Shows findings below the default level too.
    pub pedantic: bool,
    /// What the settings exclude stays out although it is named, as by a hook that names whatever changed.
    pub force_exclude: bool,
}

impl Overrides {
    /// The names no rule and no category has.
    pub fn problems<'a>(&self, rules: impl Iterator<Item = &'a RuleInfo> + Clone) -> Vec<Problem> {
        let unknown = |option: &'static str, names: &[String]| -> Vec<Problem> {
            let unknown = names.iter().filter(|name| resolve(name, rules.clone()).is_empty());
            unknown.map(|name| unknown_rule(Problem::new(option, ""), name, rules.clone())).collect()
        };
        [unknown("--select", &self.select), unknown("--ignore", &self.ignore)].concat()
    }
}

/// The resolved choice of one settings scope.
#[derive(Debug, Default)]
pub struct Selection {
    select: Option<BTreeSet<String>>,
    ignore: BTreeSet<String>,
    lock: BTreeSet<String>,
    severity: HashMap<String, Severity>,
    per_file: Vec<(Pattern, BTreeSet<String>)>,
    silences: Vec<Silence>,
    pedantic: bool,
}

/// What a selection did.
#[derive(Debug, Default)]
pub struct Applied {
    /// How many findings only the level hides.
    pub hidden: usize,
    /// The suppressions of the settings that reached a finding.
    pub used: BTreeSet<usize>,
}

impl Selection {
    /// Resolves every name of `settings` and `overrides`; names in `settings` that no rule has are problems.
    pub fn new(settings: &Settings, overrides: &Overrides, rules: &[RuleInfo]) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut ids = |names: &[Named]| -> BTreeSet<String> {
            let mut ids = BTreeSet::new();
            for named in names {
                let found = resolve(&named.name, rules.iter());
                if found.is_empty() {
                    problems.push(unknown_rule(settings.problem(named, ""), &named.name, rules.iter()));
                }
                ids.extend(found);
            }
            ids
        };
        let mut select = ids(&settings.select);
        let mut ignore = ids(&settings.ignore);
        let lock = ids(&settings.lock);
        let per_file = settings.per_file_ignores.iter().map(|(at, names)| (at.clone(), ids(names))).collect();
        let silences = settings.suppressions.iter().map(|said| Silence::new(said, ids(&said.rules))).collect();
        let mut severity = HashMap::new();
        let mut levels: Vec<_> = settings.severity.iter().collect();
        levels.sort_by_key(|(named, _)| rules.iter().any(|rule| rule.id == named.name)); // a rule's own outranks its category's
        for (named, level) in levels {
            severity.extend(ids(std::slice::from_ref(named)).into_iter().map(|id| (id, *level)));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        // names of the command line were checked against all scopes; one this scope lacks selects nothing here
        if !overrides.select.is_empty() {
            select = overrides.select.iter().flat_map(|name| resolve(name, rules.iter())).collect();
        }
        ignore.extend(overrides.ignore.iter().flat_map(|name| resolve(name, rules.iter())));
        let selects = !settings.select.is_empty() || !overrides.select.is_empty();
        Ok(Selection {
            select: selects.then_some(select),
            ignore,
            lock,
            severity,
            per_file,
            silences,
            pedantic: overrides.pedantic,
        })
    }

    /// Whether a rule is on in the file at `path` (absolute).
    pub fn is_on(&self, rule: &str, path: &Path) -> bool {
        let off_here = |(at, rules): &(Pattern, BTreeSet<String>)| rules.contains(rule) && at.matches(path);
        self.select.as_ref().is_none_or(|select| select.contains(rule))
            && !self.ignore.contains(rule)
            && !self.per_file.iter().any(off_here)
    }

    /// Whether comments cannot silence a rule.
    pub fn is_locked(&self, rule: &str) -> bool {
        self.lock.contains(rule)
    }

    /// What to say of the suppressions of `settings` that concern one of `files` and are of no use.
    pub fn complaints(&self, settings: &Settings, used: &BTreeSet<usize>, files: &[&Path]) -> Vec<Problem> {
        let each = self.silences.iter().zip(&settings.suppressions).enumerate();
        let concerned = each
            .filter(|(_, (silence, _))| files.iter().any(|file| silence.concerns(file, |rule| self.is_on(rule, file))));
        let complaints = concerned
            .filter_map(|(index, (silence, said))| silence.complaint(said, &settings.path, used.contains(&index)));
        complaints.collect()
    }

    /// Drops what is not to be shown and sets severities. `absolute` tells where a file of the outcome stands.
    pub fn apply<'a>(&self, outcome: &mut Outcome, absolute: impl Fn(usize) -> &'a Path) -> Applied {
        let mut hidden = 0;
        let ignored_here: Vec<Vec<&BTreeSet<String>>> = (0..outcome.files.len())
            .map(|file| {
                self.per_file.iter().filter(|(at, _)| at.matches(absolute(file))).map(|(_, rules)| rules).collect()
            })
            .collect();
        let chosen = |rule: &str, file: u32| {
            self.select.as_ref().is_none_or(|select| select.contains(rule))
                && !self.ignore.contains(rule)
                && !ignored_here.get(file as usize).is_some_and(|sets| sets.iter().any(|set| set.contains(rule)))
        };
        outcome.unjudged.retain(|unjudged| chosen(&unjudged.rule, unjudged.location.file));
        let shows = |finding: &mut Finding| {
            if !chosen(&finding.rule, finding.primary.file) {
                return Shown::Off;
            }
            if let Some(severity) = self.severity.get(&*finding.rule) {
                finding.severity = *severity;
            }
            let shown = self.pedantic || self.select.is_some() || is_default_level(finding);
            if shown { Shown::Yes } else { Shown::BelowLevel }
        };
        outcome.suppressed.retain_mut(|suppressed| shows(&mut suppressed.finding) == Shown::Yes);
        outcome.findings.retain_mut(|finding| {
            let shown = shows(finding);
            hidden += usize::from(shown == Shown::BelowLevel);
            shown == Shown::Yes
        });
        let mut silencer = Silencer::new(&self.silences, &outcome.files, absolute);
        let suppressed = &mut outcome.suppressed;
        outcome.findings.retain(|finding| {
            let reason = silencer.reason(finding).filter(|_| !self.is_locked(&finding.rule));
            let silent = reason.is_some();
            suppressed.extend(reason.map(|reason| Suppressed { finding: finding.clone(), reason: Some(reason) }));
            !silent
        });
        Applied { hidden, used: silencer.used }
    }
}

/// Whether a finding is shown.
#[derive(PartialEq, Eq)]
enum Shown {
    Yes,
    /// The level hides it.
    BelowLevel,
    /// Its rule is off there.
    Off,
}

/// The default level: will hurt, and nearly always right.
fn is_default_level(finding: &Finding) -> bool {
    finding.severity >= Severity::Warning && finding.confidence >= Confidence::High
}

/// The rules a name stands for: the rule of that id, else the rules of that category.
fn resolve<'a>(name: &str, rules: impl Iterator<Item = &'a RuleInfo> + Clone) -> Vec<String> {
    if rules.clone().any(|rule| rule.id == name) {
        return vec![name.to_owned()];
    }
    rules.filter(|rule| rule.category == name).map(|rule| rule.id.clone()).collect()
}

fn unknown_rule<'a>(problem: Problem, name: &str, rules: impl Iterator<Item = &'a RuleInfo> + Clone) -> Problem {
    let names = rules.clone().map(|rule| rule.id.as_str()).chain(rules.map(|rule| rule.category.as_str()));
    let near = nearest(name, names);
    let problem = Problem { message: format!("no rule is called `{name}`"), ..problem };
    if near.is_some() { problem.meant(near) } else { problem.advice("`trueup rules` lists them") }
}
