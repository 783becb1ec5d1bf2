//! Every name in a page or table must exist: a typo fails the build, or is an error at its place in a user's file.

use std::collections::BTreeSet;

use super::page::position;
use super::{Generic, Page, PageError, Table, Vocabulary};
use crate::condition::{self, CompileError, Meaning, Names, Program, Reference, Template, UnknownName};
use crate::model::{Name, Type, nearest};
use crate::quantity::postgres;

/// The names a page about one kind may use: `self.<attribute>`, `self.<link>.<attribute>`, `self.<namespace>.<parameter>`,
/// and `facts.<name>`, `host.<name>`.
#[derive(Debug, Clone, Copy)]
pub struct AttributeNames<'a> {
    /// The vocabulary.
    pub vocabulary: &'a Vocabulary,
    /// The kind that `self` is.
    pub kind: &'a str,
}

/// What `host` offers, from `trueup.toml`.
const HOST: [(&str, Type); 3] = [("memory", Type::Size), ("cpus", Type::Double), ("storage", Type::Text)];

impl Names for AttributeNames<'_> {
    fn resolve(&self, root: &str, path: &[&str]) -> Result<Meaning, UnknownName> {
        match root {
            "self" => {}
            "host" => {
                let name = path.first().copied().unwrap_or("");
                return match HOST.iter().find(|(known, _)| path.len() == 1 && *known == name) {
                    Some((_, kind)) => Ok(Meaning::Attribute(*kind)),
                    None => Err(UnknownName::among(1, name, HOST.iter().map(|(known, _)| *known))),
                };
            }
            _ => return Err(UnknownName::among(0, root, ["self", "host"])),
        }
        let mut kind = self.kind;
        for (i, part) in path.iter().enumerate() {
            let known = self.vocabulary.kind.get(kind).ok_or(UnknownName::at(i))?;
            let rest = &path[i + 1..];
            if let Some(attribute) = known.attributes.get(*part)
                && rest.is_empty()
            {
                return Ok(Meaning::Attribute(attribute.kind));
            }
            if let ([name], true) = (rest, known.parameters.iter().any(|set| **set == **part)) {
                return match postgres::parameters().history(name).first() {
                    Some(parameter) => Ok(Meaning::Attribute(parameter_type(parameter))),
                    None => {
                        let known = postgres::parameters().iter().map(|parameter| parameter.name.as_str());
                        Err(UnknownName::among(i + 2, name, known))
                    }
                };
            }
            match known.links.get(*part) {
                Some(_) if rest.is_empty() => return Ok(Meaning::Resource),
                Some(target) => kind = target,
                None => {
                    let names = known.attributes.keys().chain(known.links.keys()).chain(&known.parameters);
                    return Err(UnknownName::among(i + 1, part, names.map(|name| &**name)));
                }
            }
        }
        Err(UnknownName::at(path.len()))
    }
}

/// The type of a Postgres parameter in conditions.
pub fn parameter_type(parameter: &postgres::Parameter) -> Type {
    use crate::quantity::{Dimension, Unit};
    match (&parameter.kind, parameter.unit.map(Unit::dimension)) {
        (postgres::Kind::Bool, _) => Type::Bool,
        (postgres::Kind::Int { .. } | postgres::Kind::Real { .. }, Some(Dimension::Time)) => Type::Duration,
        (postgres::Kind::Int { .. } | postgres::Kind::Real { .. }, Some(Dimension::Size)) => Type::Size,
        (postgres::Kind::Int { .. }, _) => Type::Int,
        (postgres::Kind::Real { .. }, _) => Type::Double,
        (postgres::Kind::Enum(_) | postgres::Kind::String, _) => Type::Text,
    }
}

/// Checks a page: its kind, and every expression in it. Out come the parameters that it reads, as `namespace.name`.
///
/// # Errors
/// Names the place of the first mistake, with the nearest name that exists.
pub fn validate_page(
    vocabulary: &Vocabulary,
    path: &str,
    text: &str,
    page: &Page,
) -> Result<BTreeSet<Name>, PageError> {
    let wanted = validate_for(vocabulary, path, text, page, &page.rule.on)?;
    for kind in &page.rule.also_on {
        validate_for(vocabulary, path, text, page, kind).map_err(|error| {
            let message = format!("also-on '{kind}': {}", error.message);
            PageError { message, ..error }
        })?;
    }
    Ok(wanted)
}

/// Checks a page for one of its kinds.
fn validate_for(
    vocabulary: &Vocabulary,
    path: &str,
    text: &str,
    page: &Page,
    kind: &str,
) -> Result<BTreeSet<Name>, PageError> {
    let at = |needle: &str, offset: usize, message: String| {
        let start = text.find(needle).map(|at| at + offset);
        let (line, column) = start.map_or((2, 1), |start| position(text, start));
        PageError { path: path.into(), line: Some(line), column: Some(column), message }
    };
    if !vocabulary.kind.contains_key(kind) {
        let near = nearest(kind, vocabulary.kind.keys().map(|name| &**name));
        let hint = near.map_or(String::new(), |near| format!("; did you mean '{near}'?"));
        return Err(at("on =", 0, format!("there is no kind '{kind}'{hint}")));
    }
    let names = AttributeNames { vocabulary, kind };
    let failed = |source: &str, error: CompileError| at(source, error.at.start, error.message);
    let mut wanted = BTreeSet::new();
    let mut want = |program: &Program| wanted.extend(program.references().iter().filter_map(parameter));
    for case in page.cases() {
        want(&condition::compile(&case.when, &names).map_err(|error| failed(&case.when, error))?);
        Template::compile(&case.message, &names).map_err(|error| failed(&case.message, error))?;
    }
    Template::compile(&page.rule.help, &names).map_err(|error| failed(&page.rule.help, error))?;
    // `self` alone is the resource's own place
    if let Some(place) = page.rule.at.as_ref().filter(|place| *place != "self") {
        condition::compile(place, &names).map_err(|error| failed(place, error))?;
    }
    for fix in &page.rule.fix {
        Template::compile(&fix.title, &names).map_err(|error| failed(&fix.title, error))?;
        for (attribute, value) in &fix.set {
            let path: Vec<&str> = attribute.split('.').collect();
            if names.resolve("self", &path).is_err() {
                return Err(at(attribute, 0, format!("a {kind} has no attribute '{attribute}'")));
            }
            want(&condition::compile(value, &names).map_err(|error| failed(value, error))?);
        }
        for text in fix.renames.iter().chain(&fix.rewrites) {
            condition::compile(text, &names).map_err(|error| failed(text, error))?;
        }
    }
    Ok(wanted)
}

/// `namespace.name` of a reference that ends in one.
fn parameter(reference: &Reference) -> Option<Name> {
    let [.., namespace, name] = reference.path() else { return None };
    matches!(reference.meaning(), Meaning::Attribute(_)).then(|| format!("{namespace}.{name}").into())
}

/// Checks a table: layers, kinds and attributes it names.
///
/// # Errors
/// Names the place of the first mistake, with the nearest name that exists.
pub fn validate_table(vocabulary: &Vocabulary, path: &str, text: &str, table: &Table) -> Result<(), PageError> {
    let at = |needle: &str, message: String| {
        let (line, column) = text.find(needle).map_or((1, 1), |start| position(text, start));
        PageError { path: path.into(), line: Some(line), column: Some(column), message }
    };
    for recognise in &table.recognise {
        if !table.layers.contains(&recognise.layer) {
            return Err(at(&recognise.layer, format!("the table has no layer '{}'", recognise.layer)));
        }
    }
    if let Some(container) = &table.container
        && !table.layers.contains(&container.layer)
    {
        return Err(at(&container.layer, format!("the table has no layer '{}'", container.layer)));
    }
    if let Some(set) = &table.parameters {
        for shared in &set.shared {
            known(vocabulary, &set.kind, &shared.attribute).map_err(|message| at(&shared.attribute, message))?;
            if postgres::parameters().history(&shared.name).is_empty() {
                return Err(at(&shared.name, format!("there is no parameter '{}'", shared.name)));
            }
        }
    }
    for carried in &table.carried {
        if !table.layers.contains(&carried.layer) {
            return Err(at(&carried.layer, format!("the table has no layer '{}'", carried.layer)));
        }
        if !vocabulary.kind.contains_key(&carried.kind) {
            return Err(at(&format!("\"{}\"", carried.kind), format!("there is no kind '{}'", carried.kind)));
        }
    }
    for block in &table.resource {
        let links = vocabulary.kind.get(&block.kind).map(|kind| &kind.links);
        for link in block.link.iter().chain(block.tie.iter().map(|tie| &tie.link)) {
            // a block hangs by its link at another kind, which is not known here
            let known = vocabulary.kind.values().any(|kind| kind.links.contains_key(link));
            let own = links.is_some_and(|links| links.contains_key(link));
            if !known || (block.tie.iter().any(|tie| tie.link == *link) && !own) {
                return Err(at(&format!("\"{link}\""), format!("a {} has no link '{link}'", block.kind)));
            }
        }
        for tie in &block.tie {
            if !table.resource.iter().any(|other| other.at == tie.to) {
                return Err(at(&format!("\"{}\"", tie.to), format!("no block of this table stands at '{}'", tie.to)));
            }
        }
        let attributes = block.key.iter().filter_map(|row| row.attribute.as_ref());
        let constants = block.attributes.iter().map(|constant| &constant.attribute);
        let variables = block.variable.iter().map(|variable| &variable.attribute);
        for attribute in attributes.chain(constants).chain(variables) {
            known(vocabulary, &block.kind, attribute).map_err(|message| at(&format!("\"{attribute}\""), message))?;
        }
        for row in &block.key {
            let numeric = row.attribute.as_deref().and_then(|name| vocabulary.attribute(&block.kind, name));
            let needs_unit = matches!(row.kind.or(numeric), Some(Type::Duration | Type::Size));
            let has_unit = !row.bare.is_silent() || row.grammar.is_some() || table.grammar.is_some();
            if needs_unit && !has_unit && row.object.is_empty() {
                return Err(at(
                    &format!("\"{}\"", row.key),
                    format!("'{}' is a quantity: its row needs 'bare', the unit of a bare number", row.key),
                ));
            }
        }
    }
    Ok(())
}

/// Checks the words of in-house files.
///
/// # Errors
/// Names the place of the first mistake, with the nearest name that exists.
pub fn validate_generic(vocabulary: &Vocabulary, path: &str, text: &str, generic: &Generic) -> Result<(), PageError> {
    let at = |needle: &str, message: String| {
        let (line, column) = text.find(needle).map_or((1, 1), |start| position(text, start));
        PageError { path: path.into(), line: Some(line), column: Some(column), message }
    };
    for section in &generic.section {
        for within in &section.within {
            let links = vocabulary.kind.get(within).map(|kind| &kind.links);
            let link = section.link.as_ref().ok_or_else(|| at(within, "'within' needs 'link'".into()))?;
            if links.and_then(|links| links.get(link)) != Some(&section.kind) {
                return Err(at(link, format!("a {within} has no link '{link}' to a {}", section.kind)));
            }
        }
    }
    for concept in &generic.concept {
        known(vocabulary, &concept.kind, &concept.attribute)
            .map_err(|message| at(&format!("\"{}\"", concept.attribute), message))?;
        for implied in &concept.implies {
            known(vocabulary, &concept.kind, &implied.attribute).map_err(|message| at(&implied.attribute, message))?;
        }
    }
    Ok(())
}

/// Whether a kind has an attribute, and what it might have been.
fn known(vocabulary: &Vocabulary, kind: &str, attribute: &str) -> Result<(), String> {
    let Some(found) = vocabulary.kind.get(kind) else {
        let near = nearest(kind, vocabulary.kind.keys().map(|name| &**name));
        return Err(format!(
            "there is no kind '{kind}'{}",
            near.map_or(String::new(), |near| format!("; did you mean '{near}'?"))
        ));
    };
    if found.attributes.contains_key(attribute) {
        return Ok(());
    }
    let near = nearest(attribute, found.attributes.keys().map(|name| &**name));
    Err(format!(
        "a {kind} has no attribute '{attribute}'{}",
        near.map_or(String::new(), |near| format!("; did you mean '{near}'?"))
    ))
}
