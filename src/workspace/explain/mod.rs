//! What is known of one key of a product, or of one parameter of a server: a table and a key in, facts in words out.
//!
//! ```text
//! pgbouncer:pool_mode  ──what the table says of it──►  # pgbouncer.pool_mode · what it sets, its words, its default, who judges it
//! ```

mod facts;
mod key;
mod parameter;
mod phrase;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Problem, RuleInfo, nearest};
use crate::knowledge::{Knowledge, Page, Table};

/// Short names of the product whose parameters were measured.
const MEASURED: [&str; 2] = ["pg", "postgres"];

/// The most keys that are named where an unknown one is like several.
const MOST_ALIKE: usize = 5;

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

/// Explains `key` of `table`: of the table with that id, else of those of that product, else of those with that word in
/// their id (`spring`, `psycopg`), whichever knows it first.
///
/// # Errors
/// Nothing is known of one of them; what is near is named.
pub(super) fn explain(knowledge: &Knowledge, rules: &[RuleInfo], table: &str, key: &str) -> Result<Explained, Problem> {
    if key.is_empty() {
        return Err(Problem::new("explain", format!("`{table}:` names no key")));
    }
    if *table == *knowledge.generic.id {
        return phrase::explain(knowledge, table, key);
    }
    let all: Vec<&Table> = knowledge.tables.iter().map(|entry| &**entry.table()).collect();
    let is = |known: &Table| *known.id == *table || known.parameters.is_some() && MEASURED.contains(&table);
    let of_product = |known: &Table| **known.product() == *table;
    let with_word = |known: &Table| known.id.split('-').any(|word| word == table);
    let ways: [&dyn Fn(&Table) -> bool; 3] = [&is, &of_product, &with_word];
    let mut last = None;
    for way in ways {
        let meant: Vec<&Table> = all.iter().copied().filter(|known| way(known)).collect();
        if let Some(set) = meant.iter().find_map(|known| known.parameters.as_ref()) {
            return parameter::explain(set, rules, table, key);
        }
        if !meant.is_empty() {
            match key::explain(knowledge, &meant, table, key) {
                Ok(explained) => return Ok(explained),
                Err(problem) => last = Some(problem),
            }
        }
    }
    Err(last.unwrap_or_else(|| {
        let problem = Problem::new("explain", format!("no product is called `{table}`"));
        match nearest(table, all.iter().map(|known| &*known.id)) {
            Some(near) => problem.meant(Some(&format!("{near}:{key}"))),
            None => problem.advice("`trueup dialects` lists them"),
        }
    }))
}

/// The problem of a key that is not known, with those of `known` that may have been meant.
fn unknown<'k>(message: String, table: &str, key: &str, known: impl Iterator<Item = &'k str>) -> Problem {
    let problem = Problem::new("explain", message);
    let known: Vec<&str> = known.collect();
    if let Some(near) = nearest(key, known.iter().copied()) {
        return problem.meant(Some(&format!("{table}:{near}")));
    }
    let part = key::plain(key);
    let mut alike: Vec<&str> =
        known.into_iter().filter(|known| part.len() > 2 && key::plain(known).contains(&part)).collect();
    // those that begin with it first
    alike.sort_by_key(|known| (!key::plain(known).starts_with(&part), known.len(), *known));
    alike.dedup();
    let alike: Vec<String> = alike.iter().take(MOST_ALIKE).map(|known| format!("`{table}:{known}`")).collect();
    if alike.is_empty() { problem } else { problem.advice(format!("known are {}", alike.join(", "))) }
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

/// Ids of the rules whose conditions read one of these attributes, by kind: their own, or of what they are linked to.
fn judges(knowledge: &Knowledge, attributes: &BTreeMap<&str, Vec<&str>>) -> Vec<String> {
    let judges = |page: &&Page| {
        let kind = knowledge.vocabulary.kind.get(&page.rule.on);
        let links = kind.into_iter().flat_map(|kind| &kind.links).map(|(link, to)| (format!("self.{link}."), &**to));
        let mut ways = std::iter::once(("self.".to_owned(), &*page.rule.on)).chain(links);
        ways.any(|(way, kind)| {
            let attributes = attributes.get(kind).map(Vec::as_slice).unwrap_or_default();
            let mut names = attributes.iter().map(|attribute| format!("{way}{attribute}"));
            names.any(|name| page.cases().iter().any(|case| names_word(&case.when, &name)))
        })
    };
    let mut ids: Vec<String> = knowledge.pages.iter().filter(judges).map(|page| page.rule.id.to_string()).collect();
    ids.sort();
    ids
}

/// Whether `word` stands in `text` and no word goes on behind it.
fn names_word(text: &str, word: &str) -> bool {
    text.match_indices(word)
        .any(|(at, found)| !text[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}
