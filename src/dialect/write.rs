//! Backwards: an attribute's new value in the key, unit and style of the product that reads it.
//!
//! What is written is read again before it is given out: a text that the product would take for anything but the value
//! that was asked for is none.

use super::parameter;
use super::reading::Reader;
use crate::knowledge::{Knowledge, Row, Table, Version};
use crate::model::{Effective, Name, Resource, Value, WrittenBy};

/// `value` of `attribute` as `table`'s product writes it at `version`, in the style of `like` where that can say it;
/// the key to write comes first. `None` where the product has no such key, or cannot say the value.
pub fn spell(
    knowledge: &Knowledge,
    table: &Table,
    kind: &str,
    attribute: &str,
    version: Option<&Version>,
    value: &Value,
    like: Option<&str>,
) -> Option<(Name, String)> {
    let blocks = table.resource.iter().filter(|block| &*block.kind == kind);
    for row in blocks.flat_map(|block| rows(&block.key, attribute, version)) {
        if let Some(text) = row_text(knowledge, table, kind, row, version, value, like) {
            return Some((row.key.to_string().into(), text));
        }
    }
    let name = parameter_name(table, kind, attribute)?;
    let text = parameter_text(table, &name, version, value, like)?;
    Some((name, text))
}

/// `value` as the part of a table that read an attribute of `resource` writes it, in the style of `like`.
pub(super) fn by(
    knowledge: &Knowledge,
    resource: &Resource,
    by: &WrittenBy,
    value: &Value,
    like: Option<&str>,
) -> Option<String> {
    let version = resource.version.as_ref().and_then(|pin| Version::parse(&pin.version));
    match by {
        WrittenBy::Row { table, block, row } => {
            let table = knowledge.table(table)?;
            let block = table.resource.get(usize::from(*block))?;
            let row = block.key.get(usize::from(*row)).filter(|row| row.after.is_none())?;
            row_text(knowledge, table, &block.kind, row, version.as_ref(), value, like)
        }
        WrittenBy::Parameter { table, name } => {
            parameter_text(knowledge.table(table)?, name, version.as_ref(), value, like)
        }
    }
}

/// The rows that set `attribute` in a product of that version.
pub(super) fn rows<'t>(
    rows: &'t [Row],
    attribute: &'t str,
    version: Option<&'t Version>,
) -> impl Iterator<Item = &'t Row> {
    let plain = |row: &&Row| row.after.is_none();
    rows.iter().filter(plain).filter(move |row| row.attribute.as_deref() == Some(attribute)).filter(move |row| {
        match (&row.versions, version) {
            (Some(range), Some(version)) => range.contains(version) != Some(false),
            _ => true,
        }
    })
}

/// `value` as a row's product writes it.
pub(super) fn row_text(
    knowledge: &Knowledge,
    table: &Table,
    kind: &str,
    row: &Row,
    version: Option<&Version>,
    value: &Value,
    like: Option<&str>,
) -> Option<String> {
    let reader = Reader { table, version };
    let declared = row.attribute.as_ref().and_then(|name| knowledge.vocabulary.attribute(kind, name));
    let text = reader.write(row, value, like)?;
    let means_it = row.takes(&text) && reader.read(row, declared, &text).effective == Effective::Known(value.clone());
    means_it.then_some(text)
}

/// The parameter that `attribute` of a `kind` is, by its own name or a shared one.
pub(super) fn parameter_name(table: &Table, kind: &str, attribute: &str) -> Option<Name> {
    let set = table.parameters.as_ref().filter(|set| &*set.kind == kind)?;
    let own = attribute.strip_prefix(&*set.namespace).and_then(|rest| rest.strip_prefix('.'));
    let shared = || set.shared.iter().find(|shared| &*shared.attribute == attribute).map(|shared| shared.name.clone());
    own.map(Name::from).or_else(shared)
}

/// `value` as the server of that version writes it for the parameter `name`.
pub(super) fn parameter_text(
    table: &Table,
    name: &str,
    version: Option<&Version>,
    value: &Value,
    like: Option<&str>,
) -> Option<String> {
    let set = table.parameters.as_ref()?;
    let text = parameter::write(set, name, version, value, like)?;
    (parameter::read(set, name, &text, version).effective == Effective::Known(value.clone())).then_some(text)
}
