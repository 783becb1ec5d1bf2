//! What is known of one key of a product, or of one parameter of a server: a table and a key in, facts in words out.
//!
//! ```text
//! pgbouncer:pool_mode  ──rows of the table──►  # pool_mode · where it stands · its default, its words, who judges it
//! ```

mod parameter;
mod row;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Problem, RuleInfo, nearest};
use crate::knowledge::{Knowledge, Table};

/// The short name of the product whose parameters were measured.
const MEASURED: &str = "pg";

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Its name, as the product spells it.
    pub name: String,
    /// One sentence: what it is, and whence this is known.
    pub summary: String,
    /// A part per place or per range of versions.
    pub parts: Vec<Part>,
    /// One sentence on its end, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The rules that speak of it.
    pub rules: Vec<String>,
}

/// What holds at one place, or in one range of versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The place, or the versions.
    pub heading: String,
    /// What is said of it, each under its label, in the order in which it is read.
    pub facts: Vec<Fact>,
}

/// One thing that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is about: `default`.
    pub label: &'static str,
    /// What is known.
    pub text: String,
}

/// Explains `key` of `table`.
///
/// # Errors
/// Nothing is known of one of them; the nearest that is known is named.
pub(super) fn explain(knowledge: &Knowledge, rules: &[RuleInfo], table: &str, key: &str) -> Result<Explained, Problem> {
    let entries = || knowledge.tables.iter().map(|entry| entry.table());
    let measured = entries().filter(|known| known.parameters.is_some());
    let named = |known: &Table| *known.id == *table || **known.product() == *table;
    if let Some(set) = measured
        .filter(|known| named(known) || table == MEASURED)
        .filter(|known| known.resource.is_empty())
        .find_map(|known| known.parameters.as_ref())
    {
        return parameter::explain(set, rules, key).map_err(|problem| unknown(problem, table));
    }
    let exact: Vec<&Table> = entries().map(|known| &**known).filter(|known| *known.id == *table).collect();
    let tables =
        if exact.is_empty() { entries().map(|known| &**known).filter(|known| named(known)).collect() } else { exact };
    if tables.is_empty() {
        let near = nearest(table, knowledge.tables.iter().map(|entry| &*entry.head.id));
        let starting = || knowledge.tables.iter().map(|entry| &*entry.head.id).find(|id| id.starts_with(table));
        let problem = Problem::new("explain", format!("no product is called `{table}`"));
        let near =
            near.or_else(|| if table.is_empty() { None } else { starting() }).map(|near| format!("{near}:{key}"));
        return Err(match near {
            Some(near) => problem.meant(Some(&near)),
            None => problem.advice("`trueup dialects` lists them"),
        });
    }
    row::explain(knowledge, &tables, key).map_err(|problem| unknown(problem, table))
}

/// A key that is not known, and the one that was probably meant.
struct UnknownKey {
    message: String,
    near: Option<String>,
}

fn unknown(unknown: UnknownKey, table: &str) -> Problem {
    let near = unknown.near.map(|near| format!("{table}:{near}"));
    Problem::new("explain", unknown.message).meant(near.as_deref())
}

/// Facts in the order in which they are said.
#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn say(&mut self, label: &'static str, text: impl Into<String>) {
        self.0.push(Fact { label, text: text.into() });
    }

    fn say_some(&mut self, label: &'static str, text: Option<String>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.say(label, text);
        }
    }
}

/// Ids of the rules of a kind whose conditions read an attribute of it.
fn judges(knowledge: &Knowledge, of: &BTreeMap<&str, Vec<&str>>) -> Vec<String> {
    let reads = |when: &str, attribute: &str| {
        let code = format!("self.{attribute}");
        when.match_indices(&code).any(|(at, found)| ends_word(when, at + found.len()))
    };
    let pages = knowledge.pages.iter().filter(|page| {
        let attributes = of.get(&*page.rule.on).map(Vec::as_slice).unwrap_or_default();
        page.cases().iter().any(|case| attributes.iter().any(|attribute| reads(&case.when, attribute)))
    });
    let mut ids: Vec<String> = pages.map(|page| page.rule.id.to_string()).collect();
    ids.sort();
    ids
}

/// Whether no word goes on at `at`.
fn ends_word(text: &str, at: usize) -> bool {
    !text[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
}
