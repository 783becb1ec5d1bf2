//! The engine that is shipped: the knowledge packed by the build, and what users' settings add to it.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::today::today;
use super::{DialectInfo, Engine, Explained, Problem, RuleInfo, Settings, explain, front_matter, inspect, own};
use crate::analysis::{self, Analysed, Choice, Input, Known, Outcome};
use crate::dialect;
use crate::fix::{self, Beside, Fixed, Patched, Repair};
use crate::knowledge::Knowledge;
use crate::model::{Name, ResourceId, Safety, Value};
use crate::quantity;
use crate::rule::{Facts, RuleSet};
use crate::suppress::Date;
use crate::syntax::secret;

static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/knowledge.bin"));

/// Knowledge, compiled rules, facts.
pub struct Shipped {
    knowledge: Arc<Knowledge>,
    rules: RuleSet,
    facts: Facts,
    versions: Vec<(Name, Name)>,
    today: Date,
    infos: OnceLock<Vec<RuleInfo>>,
}

impl Default for Shipped {
    fn default() -> Self {
        Shipped::new()
    }
}

impl Shipped {
    /// The shipped knowledge alone.
    pub fn new() -> Shipped {
        Shipped::over(Shipped::knowledge())
    }

    /// An engine over this knowledge.
    pub fn over(knowledge: Knowledge) -> Shipped {
        let knowledge = Arc::new(knowledge);
        let rules = RuleSet::new(knowledge.clone());
        let facts = Facts::new();
        Shipped { knowledge, rules, facts, versions: Vec::new(), today: today(), infos: OnceLock::new() }
    }

    /// The shipped knowledge, to be added to.
    pub fn knowledge() -> Knowledge {
        Knowledge::unpack(BLOB).expect("the build packed it with the same code")
    }

    /// What a run knows besides its files.
    pub fn known(&self) -> Known<'_> {
        Known {
            knowledge: &self.knowledge,
            rules: &self.rules,
            facts: &self.facts,
            versions: &self.versions,
            around: &[],
            today: self.today,
        }
    }
}

impl Engine for Shipped {
    fn wants(&self, path: &Path) -> bool {
        path.to_str().is_some_and(|path| analysis::wants(&self.knowledge, &path.replace('\\', "/")))
    }

    fn prepare(&self, settings: &Settings) -> Result<Option<Box<dyn Engine>>, Vec<Problem>> {
        if settings.rules.is_empty() && settings.facts.values.is_empty() && settings.facts.versions.is_empty() {
            return Ok(None);
        }
        let mut problems = Vec::new();
        let mut knowledge = Shipped::knowledge();
        for (folder, named) in &settings.rules {
            problems.extend(own::add(&mut knowledge, folder, named, settings));
        }
        let mut facts = Facts::new();
        for (name, (fact, place)) in &settings.facts.values {
            match fact.value(name) {
                Some(value) => {
                    facts.insert(name.as_str().into(), value);
                }
                None => problems.push(settings.problem(place, "memory is a size, such as \"16GiB\"".to_string())),
            }
        }
        let versions = settings
            .facts
            .versions
            .iter()
            .map(|(product, (version, _))| (Name::from(&**product), Name::from(&**version)));
        let versions = versions.collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Some(Box::new(Shipped { facts, versions, ..Shipped::over(knowledge) })))
    }

    fn analyse(&self, inputs: Vec<Input>, around: &[Input], _: &Settings, choice: &mut dyn Choice) -> Outcome {
        analysis::analyse_chosen(Known { around, ..self.known() }, inputs, choice)
    }

    fn fix(&self, inputs: &[Input], around: &[Input], least: Safety, choice: &mut dyn Choice) -> Fixed {
        fix::fix(Known { around, ..self.known() }, inputs, least, choice)
    }

    fn repairs(&self, inputs: &[Input], around: &[Input], choice: &mut dyn Choice) -> Vec<Repair> {
        fix::repairs(Known { around, ..self.known() }, inputs, choice)
    }

    fn rewritten(&self, input: &Input, kind: &str, sets: &[(usize, Name, Value)]) -> (String, Vec<(Name, String)>) {
        fix::rewritten(self.known(), input, kind, sets)
    }

    fn patched(
        &self,
        inputs: &[Input],
        around: &[Input],
        server: ResourceId,
        settings: &[(Name, String)],
        beside: &[Beside],
    ) -> Patched {
        fix::settings(Known { around, ..self.known() }, inputs, server, settings, beside)
    }

    fn resources(&self, inputs: Vec<Input>, around: &[Input]) -> Analysed {
        analysis::resources(Known { around, ..self.known() }, inputs)
    }

    fn rules(&self) -> &[RuleInfo] {
        self.infos.get_or_init(|| {
            let info = |page: &crate::knowledge::Page| RuleInfo {
                id: page.rule.id.to_string(),
                title: page.title.clone(),
                category: page.category.to_string(),
                severity: page.cases().iter().filter_map(|case| case.severity).fold(page.rule.severity, Ord::max),
                confidence: page.cases().iter().filter_map(|case| case.confidence).fold(page.rule.confidence, Ord::max),
                since: page.rule.since.clone(),
                summary: summary(&page.body),
                page_markdown: page.body.clone(),
            };
            let mut infos: Vec<RuleInfo> = self.knowledge.pages.iter().map(info).collect();
            infos.sort_by(|a, b| a.id.cmp(&b.id));
            infos
        })
    }

    fn dialects(&self) -> Vec<DialectInfo> {
        let mut dialects: Vec<DialectInfo> = self
            .knowledge
            .tables
            .iter()
            .map(|entry| {
                let table = entry.table();
                let parameters = match table.parameters {
                    Some(_) => parameter_count(),
                    None => 0,
                };
                DialectInfo {
                    id: table.id.to_string(),
                    title: table.title.clone(),
                    keys: table.resource.iter().map(|block| block.key.len()).sum::<usize>() + parameters,
                    hooks: if table.parameters.is_some() { vec!["parameters".into()] } else { Vec::new() },
                }
            })
            .collect();
        dialects.push(DialectInfo {
            id: self.knowledge.generic.id.to_string(),
            title: self.knowledge.generic.title.clone(),
            keys: self.knowledge.generic.concept.iter().map(|concept| concept.words.len()).sum(),
            hooks: vec!["words".into()],
        });
        dialects.sort_by(|a, b| a.id.cmp(&b.id));
        dialects
    }

    fn explain(&self, table: &str, key: &str) -> Result<Explained, Problem> {
        explain::explain(&self.knowledge, self.rules(), table, key)
    }

    fn vocabulary(&self) -> String {
        inspect::vocabulary(&self.knowledge.vocabulary)
    }

    fn names_versions(&self, path: &Path) -> bool {
        path.to_str().is_some_and(|path| dialect::names_versions(&self.knowledge, &path.replace('\\', "/")))
    }

    fn inspect(&self, input: Input, around: Vec<Input>, _: &Settings) -> String {
        secret::redact_text(&inspect::inspect(Known { around: &around, ..self.known() }, input))
    }

    fn redact(&self, text: &str) -> String {
        secret::redact_text(text)
    }

    fn rule_schema(&self) -> &str {
        front_matter::SCHEMA
    }
}

/// The first sentence of a page's prose.
fn summary(body: &str) -> String {
    let paragraph = body.lines().skip(1).map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let paragraph = paragraph.unwrap_or("");
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    paragraph[..end].to_string()
}

/// How many parameters there are, versions apart counted once.
fn parameter_count() -> usize {
    let mut names: Vec<&str> = quantity::postgres::parameters().iter().map(|row| row.name.as_str()).collect();
    names.dedup();
    names.len()
}
