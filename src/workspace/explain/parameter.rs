//! A parameter of Postgres: a part per range of versions in which it is the same, then what later versions change.

use super::super::{RuleInfo, nearest};
use super::{Explained, Facts, Part, UnknownKey, ends_word};
use crate::knowledge::{LaterVersion, ParameterSet};
use crate::model::Name;
use crate::quantity::postgres::{Came, Context, Kind, NEWEST, OLDEST, Parameter, check, parameters, renamed};
use crate::quantity::{Grammar, Quantity, print};

pub(super) fn explain(set: &ParameterSet, rules: &[RuleInfo], name: &str) -> Result<Explained, UnknownKey> {
    let table = parameters();
    let name = renamed(name, NEWEST).unwrap_or(name);
    let history = table.history(name);
    let come = set.later.iter().flat_map(|later| &later.names).find(|known| known.eq_ignore_ascii_case(name));
    let Some(name) = history.first().map(|row| row.name.as_str()).or(come.map(|name| &**name)) else {
        let gone = set.gone.iter().find(|gone| gone.name.eq_ignore_ascii_case(name));
        let known = table.iter().map(|row| row.name.as_str());
        let later = set.later.iter().flat_map(|later| &later.names).map(|name| &**name);
        let message = match gone {
            Some(gone) => {
                let instead = gone.instead.as_ref().map(|instead| format!(": {instead}")).unwrap_or_default();
                format!("Postgres {} was the last that has `{name}`{instead}", gone.last)
            }
            None => format!("Postgres has no parameter `{name}`"),
        };
        let near = if gone.is_some() { None } else { nearest(name, known.chain(later)).map(str::to_owned) };
        return Err(UnknownKey { message, near });
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
        (&later.names, "is new"),
        (&later.removed, "is gone: the server refuses it"),
        (&later.changed, "takes other values than before, or may be set by others"),
        (&later.defaults, "has another default than before"),
    ];
    let said: Vec<&str> = said.into_iter().filter(|(names, _)| is_among(names, name)).map(|(_, said)| said).collect();
    let mut facts = Facts::default();
    facts.say_some("it", Some(said.join("; ")));
    facts.say("source", format!("{}, not a server", later.source));
    let heading = format!("{}, from its release notes", later.version);
    (!said.is_empty()).then_some(Part { heading, facts: facts.0 })
}

fn is_among(names: &[Name], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The rules whose pages name it.
fn speaking(rules: &[RuleInfo], name: &str) -> Vec<String> {
    let code = format!("`{name}");
    let speaks = |page: &str| page.match_indices(&code).any(|(at, found)| ends_word(page, at + found.len()));
    rules.iter().filter(|rule| speaks(&rule.page_markdown)).map(|rule| rule.id.clone()).collect()
}

/// A value as the server shows it, and in a larger unit where that says more.
fn shown(row: &Parameter, value: &str) -> String {
    let larger = || {
        let unit = row.unit?;
        let quantity = check(row, value).ok()?.quantity?;
        if matches!(quantity, Quantity::Duration(amount) | Quantity::Size(amount) if amount <= 0) {
            return None;
        }
        // a larger unit is one that says it in fewer digits
        let units = ["kB", "MB", "GB", "TB", "s", "min", "h", "d"];
        let said = units
            .iter()
            .filter_map(|unit_like| print(quantity, Grammar::Postgres, unit, Some(&format!("1{unit_like}"))));
        said.filter(|said| said.parse::<f64>().is_err() && check(row, said).is_ok_and(|read| read.setting() == value))
            .min_by_key(String::len)
    };
    match larger() {
        Some(said) if said != format!("{value}{}", row.unit.map_or("", |unit| unit.name())) => {
            format!("{value} ({said})")
        }
        _ => value.to_owned(),
    }
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
