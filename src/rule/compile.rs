//! Pages into programs.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::condition::{self, CompileError, Program, Template};
use crate::knowledge::{AttributeNames, Knowledge, Page};
use crate::model::{Confidence, Name, Safety, Severity};

/// One case of a rule.
#[derive(Debug)]
pub struct Case {
    /// What is found.
    pub when: Program,
    /// What is wrong.
    pub message: Template,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
}

/// A repair.
#[derive(Debug)]
pub struct Fix {
    /// Whether it may be applied unseen.
    pub safety: Safety,
    /// What it does.
    pub title: Template,
    /// What it sets.
    pub set: Vec<(Name, Program)>,
    /// Whether it removes the comment at which the finding stands.
    pub removes_comment: bool,
    /// The key to which it renames the one at which the finding stands.
    pub renames: Option<Program>,
    /// The text that takes the place of the value at which the finding stands.
    pub rewrites: Option<Program>,
}

/// A page ready to judge.
#[derive(Debug)]
pub struct Rule {
    /// Its id.
    pub id: Name,
    /// The kind it judges.
    pub on: Name,
    /// Its cases; the first that holds speaks.
    pub cases: Vec<Case>,
    /// What to do.
    pub help: Template,
    /// The path below `self` at which a finding stands.
    pub at: Option<Vec<Name>>,
    /// Repairs.
    pub fixes: Vec<Fix>,
}

/// Every rule, by the kind it judges; compiled when the first resource of that kind is judged.
#[derive(Debug)]
pub struct RuleSet {
    knowledge: Arc<Knowledge>,
    /// As the pages are numbered.
    compiled: Vec<OnceLock<Rule>>,
    by_kind: HashMap<Name, Vec<usize>>,
}

impl RuleSet {
    /// The rules of pages that were checked when they were read.
    pub fn new(knowledge: Arc<Knowledge>) -> RuleSet {
        let mut by_kind: HashMap<Name, Vec<usize>> = HashMap::new();
        for (index, page) in knowledge.pages.iter().enumerate() {
            // what an expression reads is found by name, so that it serves every kind that has it
            for kind in page.rule.kinds() {
                by_kind.entry(kind.clone()).or_default().push(index);
            }
        }
        let compiled = knowledge.pages.iter().map(|_| OnceLock::new()).collect();
        RuleSet { knowledge, compiled, by_kind }
    }

    /// The rules that judge a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Rule> {
        self.by_kind.get(kind).into_iter().flatten().filter_map(|&index| {
            let page = self.knowledge.pages.get(index)?;
            let rule = self.compiled.get(index)?;
            Some(rule.get_or_init(|| compile(&self.knowledge, page).expect("pages are checked when they are read")))
        })
    }

    /// Whether one of the rules that judge a kind has that id.
    pub fn judges(&self, kind: &str, id: &str) -> bool {
        let of_kind = self.by_kind.get(kind).into_iter().flatten();
        of_kind.filter_map(|&index| self.knowledge.pages.get(index)).any(|page| *page.rule.id == *id)
    }
}

fn compile(knowledge: &Knowledge, page: &Page) -> Result<Rule, CompileError> {
    let names = AttributeNames { vocabulary: &knowledge.vocabulary, kind: &page.rule.on };
    let program = |source: &str| condition::compile(source, &names);
    let template = |source: &str| Template::compile(source, &names);
    let cases = page
        .cases()
        .iter()
        .map(|case| {
            Ok(Case {
                when: program(&case.when)?,
                message: template(&case.message)?,
                severity: case.severity.unwrap_or(page.rule.severity),
                confidence: case.confidence.unwrap_or(page.rule.confidence),
            })
        })
        .collect::<Result<_, CompileError>>()?;
    let fixes = page
        .rule
        .fix
        .iter()
        .map(|fix| {
            let set = fix.set.iter().map(|(name, value)| Ok((name.clone(), program(value)?)));
            Ok(Fix {
                safety: fix.safety,
                title: template(&fix.title)?,
                set: set.collect::<Result<_, CompileError>>()?,
                removes_comment: fix.removes_comment,
                renames: fix.renames.as_deref().map(program).transpose()?,
                rewrites: fix.rewrites.as_deref().map(program).transpose()?,
            })
        })
        .collect::<Result<_, CompileError>>()?;
    Ok(Rule {
        id: page.rule.id.clone(),
        on: page.rule.on.clone(),
        cases,
        help: template(&page.rule.help)?,
        at: page.rule.at.as_ref().map(|at| at.split('.').skip(1).map(Name::from).collect()),
        fixes,
    })
}
