//! Pages into programs.

use std::collections::{BTreeSet, HashMap};

use crate::condition::{self, Meaning, Program, Reference, Template};
use crate::knowledge::{AttributeNames, Knowledge, Page, PageError};
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

/// Every rule, by the kind it judges.
#[derive(Debug)]
pub struct RuleSet {
    /// The rules.
    pub rules: Vec<Rule>,
    /// Rules by kind, as indexes.
    pub by_kind: HashMap<Name, Vec<usize>>,
    /// The parameters that some rule reads, as `namespace.name`.
    pub wanted: BTreeSet<Name>,
}

impl RuleSet {
    /// Compiles every page.
    ///
    /// # Errors
    /// The first page whose expressions are wrong; shipped pages are checked by the build.
    pub fn compile(knowledge: &Knowledge) -> Result<RuleSet, PageError> {
        let mut set = RuleSet { rules: Vec::new(), by_kind: HashMap::new(), wanted: BTreeSet::new() };
        for page in &knowledge.pages {
            let rule = compile(knowledge, page)?;
            let references = rule.cases.iter().flat_map(|case| case.when.references());
            let fixed = rule.fixes.iter().flat_map(|fix| fix.set.iter().flat_map(|(_, program)| program.references()));
            set.wanted.extend(references.chain(fixed).filter_map(parameter));
            // what an expression reads is found by name, so that it serves every kind that has it
            for kind in page.rule.kinds() {
                set.by_kind.entry(kind.clone()).or_default().push(set.rules.len());
            }
            set.rules.push(rule);
        }
        Ok(set)
    }
}

/// `namespace.name` of a reference that ends in one.
fn parameter(reference: &Reference) -> Option<Name> {
    let path = reference.path();
    let [.., namespace, name] = path else { return None };
    matches!(reference.meaning(), Meaning::Attribute(_)).then(|| format!("{namespace}.{name}").into())
}

fn compile(knowledge: &Knowledge, page: &Page) -> Result<Rule, PageError> {
    let names = AttributeNames { vocabulary: &knowledge.vocabulary, kind: &page.rule.on };
    let wrong = |error: condition::CompileError| PageError {
        path: format!("{}/{}.md", page.category, page.rule.id),
        line: None,
        column: None,
        message: error.message,
    };
    let program = |source: &str| condition::compile(source, &names).map_err(wrong);
    let template = |source: &str| Template::compile(source, &names).map_err(wrong);
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
        .collect::<Result<_, PageError>>()?;
    let fixes = page
        .rule
        .fix
        .iter()
        .map(|fix| {
            let set = fix.set.iter().map(|(name, value)| Ok((name.clone(), program(value)?)));
            Ok(Fix {
                safety: fix.safety,
                title: template(&fix.title)?,
                set: set.collect::<Result<_, PageError>>()?,
                removes_comment: fix.removes_comment,
                renames: fix.renames.as_deref().map(program).transpose()?,
                rewrites: fix.rewrites.as_deref().map(program).transpose()?,
            })
        })
        .collect::<Result<_, PageError>>()?;
    Ok(Rule {
        id: page.rule.id.clone(),
        on: page.rule.on.clone(),
        cases,
        help: template(&page.rule.help)?,
        at: page.rule.at.as_ref().map(|at| at.split('.').skip(1).map(Name::from).collect()),
        fixes,
    })
}
