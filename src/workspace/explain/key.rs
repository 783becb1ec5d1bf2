//! A key of a product: a part for all that its tables read of that name.

use std::collections::BTreeMap;

use super::{Explained, Fact, Part, Problem, facts, judges, unknown};
use crate::knowledge::{Block, Carried, CarrierKey, Knowledge, Pattern, Place, ProgramOption, Row, Table, glob};
use crate::model::Name;
use crate::quantity::postgres::parameters;

/// The kind of what a program's options and a resource's variables describe.
const WORKLOAD: &str = "workload";

/// What reads a key.
pub(super) enum Reads<'k> {
    /// A row of a resource, at the place that only some versions read.
    Row(&'k Block, Option<&'k Place>, &'k Row),
    /// A place that only some versions read, whatever stands there.
    Place(&'k Place),
    /// A variable of its program, with the attribute it sets.
    Variable(&'k Block, &'k Name),
    /// An option of a program.
    Option(&'k ProgramOption),
    /// A place of another product's settings, with the setting of that name.
    Carried(&'k Carried, &'k str),
}

impl<'k> Reads<'k> {
    /// The kind and the attribute it sets.
    pub(super) fn sets(&self) -> Option<(&'k str, &'k str)> {
        match self {
            Reads::Row(block, _, row) => Some((&block.kind, row.attribute.as_deref()?)),
            Reads::Variable(block, attribute) => Some((&block.kind, attribute)),
            Reads::Option(option) => Some((WORKLOAD, &option.attribute)),
            Reads::Place(_) | Reads::Carried(..) => None,
        }
    }
}

/// A key that is known, and what reads it.
struct Candidate<'k> {
    table: &'k Table,
    /// As the table spells it, below its place.
    spelled: String,
    /// From the top of the document.
    path: String,
    reads: Reads<'k>,
}

pub(super) fn explain(knowledge: &Knowledge, tables: &[&Table], id: &str, key: &str) -> Result<Explained, Problem> {
    let candidates: Vec<Candidate<'_>> =
        tables.iter().flat_map(|table| read(table).chain(carried(knowledge, table, key))).collect();
    let wanted = steps(key);
    let variable = is_variable(key).then(|| plain(key));
    let as_variable = |known: &Candidate<'_>| {
        let variable = variable.as_ref().filter(|_| known.table.environment.is_some());
        variable.is_some_and(|variable| *variable == plain(&known.path.replace('.', "")))
    };
    let ends = |known: &Candidate<'_>| {
        let path = steps(&known.path);
        let whole = match known.reads {
            _ if as_variable(known) => Some(true),
            Reads::Place(_) => return is_meant(wanted.get(..path.len())?, &path).map(|_| false),
            // such a place often stands for all that is below it, of which these are no keys
            Reads::Row(_, Some(_), _) => return is_meant(&path, &wanted).filter(|whole| *whole),
            _ => is_meant(&path, &wanted),
        };
        whole.or_else(|| is_meant(&steps(&known.spelled), &wanted).map(|_| false))
    };
    let mut found: Vec<(&Candidate<'_>, bool)> =
        candidates.iter().filter_map(|known| Some((known, ends(known)?))).collect();
    let whole: Vec<&Name> = found.iter().filter(|(_, whole)| *whole).map(|(found, _)| &found.table.id).collect();
    found.retain(|(found, is_whole)| *is_whole || !whole.contains(&&found.table.id));
    if found.iter().any(|(found, _)| !matches!(found.reads, Reads::Place(_))) {
        found.retain(|(found, _)| !matches!(found.reads, Reads::Place(_)));
    }
    let mut tables_found: Vec<&Table> = Vec::new();
    for (found, _) in &found {
        if !tables_found.iter().any(|table| table.id == found.table.id) {
            tables_found.push(found.table);
        }
    }
    let Some((first, _)) = found.first() else {
        let known = candidates.iter().flat_map(|known| [&*known.spelled, &*known.path]);
        return Err(unknown(format!("nothing is known of a key `{key}` of the {}", named(tables)), id, key, known));
    };
    let mut attributes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (kind, attribute) in found.iter().filter_map(|(found, _)| found.reads.sets()) {
        attributes.entry(kind).or_default().push(attribute);
    }
    let name = match found.iter().all(|(other, _)| other.path == first.path) {
        true => first.path.clone(),
        false => key.to_owned(),
    };
    let parts = found.iter().map(|(found, _)| Part {
        heading: if tables_found.len() > 1 {
            format!("{} ({})", found.path, found.table.id)
        } else {
            found.path.clone()
        },
        facts: facts::of(knowledge, found.table, &found.reads),
    });
    Ok(Explained {
        name,
        summary: format!("A key of the {}.", named(&tables_found)),
        parts: alike_once(parts),
        note: None,
        rules: judges(knowledge, &attributes),
    })
}

/// Tables, for people.
fn named(tables: &[&Table]) -> String {
    let named: Vec<String> = tables.iter().map(|table| format!("{} ({})", table.id, table.title)).collect();
    format!("{} {}", if named.len() == 1 { "table" } else { "tables" }, named.join(", "))
}

/// All keys that a table reads by itself.
fn read<'k>(table: &'k Table) -> impl Iterator<Item = Candidate<'k>> {
    let rows = table.resource.iter().flat_map(move |block| {
        let also = block.also.iter().map(|at| (at, None));
        let places = std::iter::once((&block.at, None)).chain(also);
        let places: Vec<_> = places.chain(block.place.iter().map(|place| (&place.at, Some(place)))).collect();
        let spelled =
            block.key.iter().flat_map(|row| std::iter::once(&row.key).chain(&row.also).map(move |key| (row, key)));
        spelled.flat_map(move |(row, key)| {
            let places = if row.top { places.iter().take(1).copied().collect() } else { places.clone() };
            places.into_iter().map(move |(at, place)| Candidate {
                table,
                spelled: key.to_string(),
                path: if row.top { key.to_string() } else { joined([at, key]) },
                reads: Reads::Row(block, place, row),
            })
        })
    });
    let places = table.resource.iter().flat_map(|block| &block.place).map(move |place| Candidate {
        table,
        spelled: place.at.to_string(),
        path: place.at.to_string(),
        reads: Reads::Place(place),
    });
    let variables = table.resource.iter().flat_map(move |block| {
        block.variable.iter().map(move |variable| Candidate {
            table,
            spelled: variable.name.to_string(),
            path: variable.name.to_string(),
            reads: Reads::Variable(block, &variable.attribute),
        })
    });
    let options = table.program.iter().flat_map(|program| &program.option).flat_map(move |option| {
        let names = option.names.iter().map(|name| &**name).chain(option.variable.as_deref());
        names.map(move |name| Candidate {
            table,
            spelled: name.trim_start_matches('-').to_owned(),
            path: name.to_owned(),
            reads: Reads::Option(option),
        })
    });
    rows.chain(places).chain(variables).chain(options)
}

/// The keys by which a table carries the setting of another product that `key` may mean.
fn carried<'k>(knowledge: &'k Knowledge, table: &'k Table, key: &str) -> impl Iterator<Item = Candidate<'k>> {
    let last = steps(key).pop().unwrap_or_default();
    table.carried.iter().flat_map(move |carried| {
        let settings = settings(knowledge, &carried.table, &last).into_iter().filter(move |setting| {
            let passed = carried.only.is_empty() || carried.only.iter().any(|only| **only == **setting);
            passed && (carried.names.is_empty() || carried.names.iter().any(|name| glob(name, setting)))
        });
        let below = settings.map(move |setting| Candidate {
            table,
            spelled: setting.to_owned(),
            path: format!("{}.{setting}", joined([&carried.within, &carried.at])),
            reads: Reads::Carried(carried, setting),
        });
        let own = carried.also.iter().map(move |CarrierKey { key, setting }| Candidate {
            table,
            spelled: key.to_string(),
            path: joined([&carried.within, key]),
            reads: Reads::Carried(carried, setting),
        });
        below.chain(own).collect::<Vec<_>>()
    })
}

/// The settings of a table that `last` names, in plain letters.
fn settings<'k>(knowledge: &'k Knowledge, table: &str, last: &str) -> Vec<&'k str> {
    let Some(table) = knowledge.table(table) else { return Vec::new() };
    let known: Vec<&str> = match &table.parameters {
        Some(_) => parameters().iter().map(|row| row.name.as_str()).collect(),
        None => table.resource.iter().flat_map(|block| &block.key).filter_map(|row| row.key.last_key()).collect(),
    };
    let mut found: Vec<&str> = known.into_iter().filter(|name| plain(name) == last).collect();
    found.dedup();
    found
}

/// Parts of which the same is said become one, which names the other places.
fn alike_once(parts: impl Iterator<Item = Part>) -> Vec<Part> {
    let mut once: Vec<(Part, Vec<String>)> = Vec::new();
    for part in parts {
        match once.iter_mut().find(|(first, _)| first.facts == part.facts) {
            Some((first, others)) if first.heading != part.heading && !others.contains(&part.heading) => {
                others.push(part.heading);
            }
            Some(_) => {}
            None => once.push((part, Vec::new())),
        }
    }
    let parts = once.into_iter().map(|(mut part, others)| {
        if !others.is_empty() {
            part.facts.insert(0, Fact { label: "also at", text: others.join(", ") });
        }
        part
    });
    parts.collect()
}

/// A step of a path without case, dashes, underscores, quotes and conditions.
pub(super) fn plain(step: &str) -> String {
    let step = step.split('[').next().unwrap_or_default();
    step.chars().filter(|c| !matches!(c, '-' | '_' | '"' | ' ')).flat_map(char::to_lowercase).collect()
}

fn steps(path: &str) -> Vec<String> {
    path.split('.').map(plain).collect()
}

/// Whether a path is the one that is asked for (`true`) or ends so (`false`); what `*` stands for may be written.
fn is_meant(path: &[String], wanted: &[String]) -> Option<bool> {
    let start = path.len().checked_sub(wanted.len())?;
    let same = path.iter().skip(start).zip(wanted).all(|(have, want)| have == want || glob(have, want));
    (same && path.last() == wanted.last()).then_some(start == 0)
}

/// Whether it is written as variables of the environment are.
fn is_variable(key: &str) -> bool {
    key.contains('_') && key.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

fn joined<const N: usize>(patterns: [&Pattern; N]) -> String {
    let parts = patterns.iter().filter(|pattern| !pattern.segments.is_empty());
    parts.map(ToString::to_string).collect::<Vec<_>>().join(".")
}
