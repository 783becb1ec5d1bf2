//! A parameter of Postgres: a part per range of versions in which it is the same, then what later versions change.

use super::super::RuleInfo;
use super::{Explained, Facts, Part, Problem, names_word, unknown};
use crate::knowledge::{LaterVersion, ParameterSet};
use crate::model::Name;
use crate::quantity::postgres::{
    Came, Context, Kind, NEWEST, OLDEST, Parameter, check, parameters, renamed, unit_words,
};
use crate::quantity::{Grammar, print};

pub(super) fn explain(set: &ParameterSet, rules: &[RuleInfo], id: &str, key: &str) -> Result<Explained, Problem> {
    let table = parameters();
    let name = renamed(key, NEWEST).unwrap_or(key);
    let history = table.history(name);
    let come = set.later.iter().flat_map(|later| &later.names).find(|known| known.eq_ignore_ascii_case(name));
    let Some(name) = history.first().map(|row| row.name.as_str()).or(come.map(|name| &**name)) else {
        if let Some(gone) = set.gone.iter().find(|gone| gone.name.eq_ignore_ascii_case(name)) {
            let problem =
                Problem::new("explain", format!("PostgreSQL {} was the last that had `{}`", gone.last, gone.name));
            return Err(gone.instead.iter().fold(problem, |problem, instead| problem.advice(&**instead)));
        }
        let known = table.iter().map(|row| row.name.as_str());
        let later = set.later.iter().flat_map(|later| &later.names).map(|name| &**name);
        return Err(unknown(format!("Postgres has no parameter `{key}`"), id, key, known.chain(later)));
    };
    let mut parts: Vec<Part> = history.iter().map(|row| measured(set, row)).collect();
    parts.extend(set.later.iter().filter_map(|later| noted(later, name)));
    let last = history.iter().map(|row| row.last).max();
    let summary = match last {
        Some(_) => format!("A parameter of PostgreSQL, measured from servers {OLDEST} to {NEWEST}."),
        None => format!("A parameter of PostgreSQL that no server from {OLDEST} to {NEWEST} has."),
    };
    let note = last.filter(|last| *last < NEWEST).map(|last| format!("Version {last} is the last that has it."));
    Ok(Explained { name: name.to_owned(), summary, parts, note, rules: speaking(rules, name) })
}

/// What servers say of it.
fn measured(set: &ParameterSet, row: &Parameter) -> Part {
    let heading = if row.first == row.last { row.first.to_string() } else { format!("{} to {}", row.first, row.last) };
    let mut facts = Facts::default();
    let unit = row.unit.map(|unit| format!(", a bare number is in {}", unit.name())).unwrap_or_default();
    facts.say("type", format!("{}{unit}", kind(&row.kind)));
    facts.say("default", if row.default.is_empty() { "empty".to_owned() } else { shown(row, &row.default) });
    let special = || set.special.iter().filter(|special| is_among(&special.names, &row.name));
    facts.say_some("a new cluster has", special().find_map(|special| special.initial.clone()));
    facts.say_some("0 means", special().find_map(|special| special.zero).map(|meaning| meaning.said().to_owned()));
    facts.say_some("-1 means", special().find_map(|special| special.negative).map(|meaning| meaning.said().to_owned()));
    facts.say("may be changed", changed(row.context));
    let came: Vec<String> = row.came.iter().map(|came| came_with(*came)).collect();
    facts.say_some("came with a minor", Some(came.join("; ")));
    Part { heading, facts: facts.0 }
}

fn came_with(came: Came) -> String {
    let Came { major, without, with } = came;
    match with == without + 1 {
        true => format!("{major}.{with}"),
        false => format!("{major}.{with} has it, {major}.{without} does not"),
    }
}

/// What the release notes of a version say of it, if anything.
fn noted(later: &LaterVersion, name: &str) -> Option<Part> {
    let said = [
        (&later.names, "comes", "with this version"),
        (&later.removed, "goes", "this version does not know it"),
        (&later.changed, "changes", "takes other values than before, or may be set by others"),
        (&later.defaults, "default", "another than before"),
    ];
    let mut facts = Facts::default();
    for (_, label, text) in said.into_iter().filter(|(names, ..)| is_among(names, name)) {
        facts.say(label, text);
    }
    if facts.0.is_empty() {
        return None;
    }
    facts.say("source", format!("{}, not a server", later.source));
    let heading = format!("{}, from its release notes", later.version);
    Some(Part { heading, facts: facts.0 })
}

fn is_among(names: &[Name], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The rules whose pages name it.
fn speaking(rules: &[RuleInfo], name: &str) -> Vec<String> {
    let code = format!("`{name}");
    rules.iter().filter(|rule| names_word(&rule.page_markdown, &code)).map(|rule| rule.id.clone()).collect()
}

/// A value as the server shows it, and in a larger unit where that takes fewer digits; pages in one anyway.
fn shown(row: &Parameter, value: &str) -> String {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let larger = || {
        let unit = row.unit.filter(|_| value.parse::<f64>().is_ok_and(|number| number > 0.0))?;
        let quantity = check(row, value).ok()?.quantity?;
        let words = unit_words(unit).map(|word| format!("1{word}"));
        let said = words.filter_map(|like| print(quantity, Grammar::Postgres, unit, Some(&like)));
        let same = said.filter(|said| check(row, said).is_ok_and(|read| read.setting() == value));
        let pages = unit_words(unit).all(|word| word != unit.name());
        let better = same.filter(|said| (pages || digits(said) < digits(value)) && !said.contains('.'));
        better.min_by_key(|said| digits(said))
    };
    larger().map_or_else(|| value.to_owned(), |said| format!("{value} ({said})"))
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "switch".into(),
        Kind::Int { min, max } => format!("whole number from {min} to {max}"),
        Kind::Real { min, max } => format!("number from {min} to {max}"),
        Kind::Enum(values) => {
            let words: Vec<&str> =
                values.iter().filter(|value| value.listed).map(|value| value.word.as_str()).collect();
            format!("one of {}", words.join(", "))
        }
        Kind::String => "text".into(),
    }
}

fn changed(context: Context) -> &'static str {
    match context {
        Context::Internal => "never: it reports a fact",
        Context::Postmaster => "at the server's start",
        Context::Sighup => "by a reload of the configuration",
        Context::SuperuserBackend => "at a connection's start, by a superuser",
        Context::Backend => "at a connection's start",
        Context::Superuser => "in a session, by a superuser",
        Context::User => "in a session, by anyone",
    }
}
