//! A key of a product: a part per row of its tables that reads it.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::super::nearest;
use super::{Explained, Facts, Part, UnknownKey, judges};
use crate::knowledge::{Block, Knowledge, Pattern, Place, Ranged, Row, Table, VersionRange};

/// A row and one way to its key.
struct Found<'k> {
    table: &'k Table,
    block: &'k Block,
    place: Option<&'k Place>,
    row: &'k Row,
    path: String,
    whole: bool,
}

pub(super) fn explain(knowledge: &Knowledge, tables: &[&Table], key: &str) -> Result<Explained, UnknownKey> {
    let wanted = steps(key);
    let mut found: Vec<Found<'_>> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for (table, block) in tables.iter().flat_map(|table| table.resource.iter().map(move |block| (*table, block))) {
        let also = block.place.iter().map(|place| (&place.at, Some(place)));
        let places: Vec<_> =
            std::iter::once((&block.at, None)).chain(block.also.iter().map(|at| (at, None))).chain(also).collect();
        for (row, spelled) in block
            .key
            .iter()
            .flat_map(|row| std::iter::once(&row.key).chain(&row.also).map(move |spelled| (row, spelled)))
        {
            known.push(spelled.to_string());
            for (at, place) in &places {
                let path = if row.top { spelled.to_string() } else { joined(at, spelled) };
                if let Some(whole) = is_meant(&path, &wanted) {
                    found.push(Found { table, block, place: *place, row, path: path.clone(), whole });
                }
                known.push(path);
            }
        }
    }
    if found.iter().any(|found| found.whole) {
        found.retain(|found| found.whole);
    }
    let Some(first) = found.first() else {
        let title = tables.first().map_or("", |table| table.title.as_str());
        let near = nearest(key, known.iter().map(String::as_str)).map(str::to_owned);
        return Err(UnknownKey { message: format!("nothing is known of a key `{key}` of {title}"), near });
    };
    let mut attributes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for found in &found {
        attributes.entry(&found.block.kind).or_default().extend(found.row.attribute.as_deref());
    }
    let name = if found.iter().all(|other| other.path == first.path) { first.path.clone() } else { key.to_owned() };
    let summary = format!("A key of {}.", first.table.title);
    let rules = judges(knowledge, &attributes);
    let mut parts: Vec<Part> = found.iter().map(|found| part(knowledge, found)).collect();
    parts.dedup();
    Ok(Explained { name, summary, parts, note: None, rules })
}

/// The steps of a path, spelled so that case, dashes and underscores do not count.
fn steps(path: &str) -> Vec<String> {
    let plain = |step: &str| {
        let step = step.split('[').next().unwrap_or_default();
        step.chars().filter(|c| !matches!(c, '-' | '_' | '"')).flat_map(char::to_lowercase).collect()
    };
    path.split('.').map(plain).collect()
}

/// Whether a path is the one that is asked for (`true`) or ends so (`false`).
fn is_meant(path: &str, wanted: &[String]) -> Option<bool> {
    let have = steps(path);
    let start = have.len().checked_sub(wanted.len())?;
    let same = have[start..].iter().zip(wanted).all(|(have, want)| have == want || have == "*"); // `start` is at most the length
    let last = have.last().is_some_and(|last| Some(last) == wanted.last());
    (same && last).then_some(start == 0)
}

fn joined(at: &Pattern, key: &Pattern) -> String {
    match (at.segments.is_empty(), key.segments.is_empty()) {
        (true, _) => key.to_string(),
        (_, true) => at.to_string(),
        _ => format!("{at}.{key}"),
    }
}

fn part(knowledge: &Knowledge, found: &Found<'_>) -> Part {
    let Found { table, block, place, row, path, .. } = found;
    let mut facts = Facts::default();
    let kind = knowledge.vocabulary.kind.get(&block.kind);
    if let Some(name) = &row.attribute {
        let noun = kind.map_or(&*block.kind, |kind| kind.noun.as_str());
        let doc = kind.and_then(|kind| kind.attributes.get(name)).map(|known| format!(": {}", known.doc));
        facts.say("sets", format!("{name} of a {noun}{}", doc.unwrap_or_default()));
    }
    let of_attribute = || row.attribute.as_ref().and_then(|name| knowledge.vocabulary.attribute(&block.kind, name));
    facts.say_some("type", row.kind.or_else(of_attribute).map(|kind| kind.to_string()));
    facts.say_some("one of", Some(list(&row.words)));
    facts.say_some("meant by values like", row.fits.clone());
    facts.say_some("a bare number is in", said(&row.bare, |unit| unit.name().to_owned()));
    facts.say_some("counts", (row.plus != 0).then(|| format!("as the number {:+}", row.plus)));
    facts.say_some("default", said(&row.default, Clone::clone));
    facts.say_some("0 means", said(&row.zero, |meaning| meaning.said().to_owned()));
    facts.say_some("-1 means", said(&row.negative, |meaning| meaning.said().to_owned()));
    facts.say_some("empty means", said(&row.empty, |meaning| meaning.said().to_owned()));
    facts.say_some("least", said(&row.min, Clone::clone));
    facts.say_some("greatest", said(&row.max, Clone::clone));
    facts.say_some("takes effect from", said(&row.min_effective, Clone::clone));
    let below = if row.needs.is_empty() && row.needs_anywhere.is_empty() { "below that" } else { "else" };
    facts.say_some("needs", Some(list(row.needs.iter().chain(&row.needs_anywhere))));
    facts.say_some(below, said(&row.below, |below| below.word().to_owned()));
    let words = row.translate.iter().map(|(word, means)| format!("{word} is {means}"));
    facts.say_some("words", Some(words.collect::<Vec<_>>().join(", ")));
    facts.say_some("does nothing", row.inert.clone());
    facts.say_some("unless beside", row.inert.as_ref().map(|_| list(&row.unless)));
    facts.say_some("versions", row.versions.as_ref().map(VersionRange::to_string));
    facts.say_some("place read by", place.and_then(|place| place.versions.as_ref()).map(VersionRange::to_string));
    facts.say_some("replaced by", row.replaced_by.as_ref().map(ToString::to_string));
    facts.say_some("place replaced by", place.and_then(|place| place.replaced_by.as_ref()).map(ToString::to_string));
    facts.say_some("secret", row.secret.then(|| "its value is never shown".to_owned()));
    facts.say("source", row.source.as_ref().map_or(table.source.clone(), ToString::to_string));
    Part { heading: path.clone(), facts: facts.0 }
}

fn list<T: Display>(words: impl IntoIterator<Item = T>) -> String {
    words.into_iter().map(|word| word.to_string()).collect::<Vec<_>>().join(", ")
}

/// Each value with the versions for which it holds.
fn said<T: PartialEq>(field: &Ranged<T>, word: impl Fn(&T) -> String) -> Option<String> {
    let cases = field.cases().map(|(versions, value)| match versions {
        Some(versions) => format!("{} in {versions}", word(value)),
        None => word(value),
    });
    let cases: Vec<String> = cases.collect();
    (!cases.is_empty()).then(|| cases.join("; "))
}
