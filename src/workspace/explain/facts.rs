//! What a row, an option or a carrier says of a key, in words.

use std::fmt::Display;

use super::key::Reads;
use super::{Fact, Facts};
use crate::dialect;
use crate::knowledge::{
    Block, Carried, Consequence, Globs, Knowledge, Place, ProgramOption, Ranged, Row, Table, VersionRange, glob,
};

pub(super) fn of(knowledge: &Knowledge, table: &Table, reads: &Reads<'_>) -> Vec<Fact> {
    let mut facts = Facts::default();
    if let Some((kind, attribute)) = reads.sets() {
        facts.say("sets", attribute_of(knowledge, kind, attribute));
    }
    match reads {
        Reads::Row(block, place, row) => row_facts(&mut facts, knowledge, table, block, *place, row),
        Reads::Place(place) => {
            place_facts(&mut facts, place);
            facts.say("source", &*table.source);
        }
        Reads::Variable(..) => {
            facts.say("read from", "the environment of the program");
            facts.say("source", &*table.source);
        }
        Reads::Option(option) => option_facts(&mut facts, table, option),
        Reads::Carried(carried, setting) => carried_facts(&mut facts, knowledge, table, carried, setting),
    }
    facts.0
}

/// An attribute of the vocabulary, with its meaning.
pub(super) fn attribute_of(knowledge: &Knowledge, kind: &str, attribute: &str) -> String {
    let known = knowledge.vocabulary.kind.get(kind);
    let noun = known.map_or(kind, |known| &known.noun);
    let doc = known.and_then(|known| known.attributes.get(attribute)).map(|known| format!(": {}", known.doc));
    format!("{attribute} of a {noun}{}", doc.unwrap_or_default())
}

fn row_facts(facts: &mut Facts, knowledge: &Knowledge, table: &Table, block: &Block, place: Option<&Place>, row: &Row) {
    let declared = row.attribute.as_ref().and_then(|name| knowledge.vocabulary.attribute(&block.kind, name));
    facts.say_some("type", row.kind.or(declared).map(|kind| kind.to_string()));
    facts.say_some("one of", Some(list(&row.words)));
    facts.say_some("spelled", row.exact.then(|| "as it stands here, and in no other case".to_owned()));
    facts.say_some("only of values", fitting(&row.fits));
    facts.say_some("left to the product", fitting(&row.left_open));
    facts.say_some("a bare number is in", said(&row.bare, |unit| unit.name().to_owned()));
    facts.say_some("counts", (row.plus != 0).then(|| format!("as the number {:+}", row.plus)));
    let meant = |text: &String| match dialect::meant(table, row, declared, text) {
        Some(meant) if says_more(text, &meant) => format!("{text} ({meant})"),
        _ => text.clone(),
    };
    facts.say_some("default", said(&row.default, meant));
    facts.say_some("0 means", said(&row.zero, |meaning| meaning.said().to_owned()));
    facts.say_some("-1 means", said(&row.negative, |meaning| meaning.said().to_owned()));
    facts.say_some("empty means", said(&row.empty, |meaning| meaning.said().to_owned()));
    facts.say_some("least", said(&row.min, meant));
    facts.say_some("greatest", said(&row.max, meant));
    facts.say_some("takes effect from", said(&row.min_effective, meant));
    let needs = list(row.needs.iter().chain(&row.needs_anywhere));
    let otherwise = if needs.is_empty() { "below that" } else { "without it" };
    facts.say_some("needs", Some(needs));
    facts.say_some(otherwise, said(&row.below, |below| below.said().to_owned()));
    let words = row.translate.iter().map(|(word, means)| format!("{word} is {means}"));
    facts.say_some("words", Some(list(words)));
    facts.say_some("a value that cannot be read", block.unreadable.clone());
    let unquoted = |who| format!("as a text: {who} refuses numbers and switches");
    facts.say_some("written", block.texts.as_deref().map(unquoted));
    facts.say_some("does nothing", row.inert.clone());
    facts.say_some("unless beside", row.inert.as_ref().map(|_| list(&row.unless)));
    facts.say_some("versions", row.versions.as_ref().map(VersionRange::to_string));
    facts.say_some("replaced by", row.replaced_by.as_ref().map(ToString::to_string));
    if let Some(place) = place {
        place_facts(facts, place);
    }
    facts.say_some("secret", row.secret.then(|| "its value is never shown".to_owned()));
    facts.say("source", row.source.as_deref().unwrap_or(&table.source));
}

fn place_facts(facts: &mut Facts, place: &Place) {
    facts.say_some("place read by versions", place.versions.as_ref().map(VersionRange::to_string));
    facts.say_some("place replaced by", place.replaced_by.as_ref().map(ToString::to_string));
}

fn option_facts(facts: &mut Facts, table: &Table, option: &ProgramOption) {
    let spelled = option.names.iter().map(|name| &**name);
    facts.say("option", list(spelled));
    facts.say_some("where it is not given", option.variable.as_ref().map(|name| format!("the variable {name}")));
    facts.say_some("a bare number is in", option.bare.map(|unit| unit.name().to_owned()));
    facts.say("source", &*table.source);
}

fn carried_facts(facts: &mut Facts, knowledge: &Knowledge, table: &Table, carried: &Carried, setting: &str) {
    let title = knowledge.table(&carried.table).map_or(&*carried.table, |table| &*table.title);
    facts.say("setting of", format!("{title}: see `trueup explain {}:{setting}`", carried.table));
    let withheld = carried.withheld.iter().filter(|list| list.names.iter().any(|name| glob(name, setting)));
    for list in withheld {
        let values =
            if list.values.is_empty() { String::new() } else { format!(" where it is {}", words(&list.values)) };
        let label = if list.consequence == Consequence::Error { "refused" } else { "not passed on" };
        let cure = list.cure.as_ref().map(|cure| format!("; {cure}")).unwrap_or_default();
        facts.say(label, format!("{}{values}{cure}", list.detail));
    }
    let given = carried.given.iter().find(|given| given.name.eq_ignore_ascii_case(setting));
    facts.say_some("value where nobody sets it", given.map(|given| given.value.to_string()));
    let least = carried.least.iter().find(|least| least.name.eq_ignore_ascii_case(setting));
    facts.say_some("least", least.map(|least| format!("{}; below that {} is set", least.value, least.otherwise)));
    facts.say_some("written", carried.texts.then(|| "as a text: numbers and switches are refused".to_owned()));
    facts.say_some("units", carried.unitless.then(|| "refused: numbers are in the setting's own unit".to_owned()));
    facts.say("source", carried.source.as_deref().unwrap_or(&table.source));
}

/// Which values a glob takes.
fn fitting(globs: &Globs) -> Option<String> {
    let said = globs.0.iter().map(|glob| match glob.strip_prefix('!') {
        Some(others) => format!("unlike `{others}`"),
        None => format!("like `{glob}`"),
    });
    (!globs.is_empty()).then(|| said.collect::<Vec<_>>().join(", "))
}

/// Whether a value says more than the text it is written as, whose unit is said already.
fn says_more(text: &str, value: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    if digits(text).is_empty() { !text.eq_ignore_ascii_case(value) } else { digits(text) != digits(value) }
}

fn words<T: Display>(words: &[T]) -> String {
    words.iter().map(|word| word.to_string()).collect::<Vec<_>>().join(" or ")
}

fn list<T: Display>(words: impl IntoIterator<Item = T>) -> String {
    words.into_iter().map(|word| word.to_string()).collect::<Vec<_>>().join(", ")
}

/// Each value, with the versions for which it holds where these are not all.
fn said<T: PartialEq>(field: &Ranged<T>, word: impl Fn(&T) -> String) -> Option<String> {
    let cases = field.cases().map(|(versions, value)| match versions {
        Some(versions) => format!("{} (versions {versions})", word(value)),
        None => word(value),
    });
    let cases: Vec<String> = cases.collect();
    (!cases.is_empty()).then(|| cases.join("; "))
}
