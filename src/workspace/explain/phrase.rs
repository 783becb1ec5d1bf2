//! A key of a program's own configuration: a part per attribute that its words mean.

use std::collections::BTreeMap;

use super::{Explained, Facts, Part, Problem, judges, unknown};
use crate::dialect;
use crate::knowledge::{Concept, Knowledge};

pub(super) fn explain(knowledge: &Knowledge, id: &str, key: &str) -> Result<Explained, Problem> {
    let generic = &knowledge.generic;
    let (phrase, unit) = dialect::phrase(key);
    let means = |concept: &&Concept| concept.words.iter().chain(&concept.inline).any(|known| **known == *phrase);
    let found: Vec<&Concept> = generic.concept.iter().filter(means).collect();
    if found.is_empty() {
        let known = generic.concept.iter().flat_map(|concept| &concept.words).map(|words| &**words);
        return Err(unknown(format!("the words `{phrase}` mean nothing by themselves"), id, &phrase, known));
    }
    let mut attributes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for concept in &found {
        attributes.entry(&concept.kind).or_default().push(&concept.attribute);
    }
    let mut parts: Vec<Part> = Vec::new();
    for concept in found {
        let mut facts = Facts::default();
        facts.say("sets", super::facts::attribute_of(knowledge, &concept.kind, &concept.attribute));
        facts.say_some("a bare number is in", unit.map(|unit| unit.name().to_owned()));
        facts.say_some("counts", (concept.plus != 0).then(|| format!("as the number {:+}", concept.plus)));
        facts.say_some("0 means", concept.zero.map(|meaning| meaning.said().to_owned()));
        facts.say_some("-1 means", concept.negative.map(|meaning| meaning.said().to_owned()));
        facts.say_some("null means", concept.empty.map(|meaning| meaning.said().to_owned()));
        let other = concept.words.iter().map(|words| &**words).filter(|words| *words != phrase);
        facts.say_some("other words for it", Some(other.collect::<Vec<_>>().join(", ")));
        facts.say("source", &*generic.source);
        let noun = knowledge.vocabulary.kind.get(&concept.kind).map_or(&*concept.kind, |kind| &*kind.noun);
        parts.push(Part { heading: format!("in a section that describes a {noun}"), facts: facts.0 });
    }
    let summary = format!("Words of: {}. Where they stand decides what they mean.", generic.title);
    Ok(Explained { name: phrase, summary, parts, note: None, rules: judges(knowledge, &attributes) })
}
