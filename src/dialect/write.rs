//! Backwards: an attribute's new value in the spelling, unit and style of the file that sets it.

use super::reading::Reader;
use crate::knowledge::{Table, Version};
use crate::model::{Name, Value};

/// `value` of `attribute` as `table`'s product writes it at `version`, in the style of `like` where that can say it;
/// the key to write comes first. `None` where the product has no such key, or cannot say the value.
pub fn spell(
    table: &Table,
    kind: &str,
    attribute: &str,
    version: Option<&Version>,
    value: &Value,
    like: Option<&str>,
) -> Option<(Name, String)> {
    let reader = Reader { table, version };
    let rows = table.resource.iter().filter(|block| &*block.kind == kind).flat_map(|block| &block.key);
    for row in rows.filter(|row| row.attribute.as_deref() == Some(attribute)) {
        let known = match (&row.versions, version) {
            (Some(range), Some(version)) => range.contains(version) != Some(false),
            _ => true,
        };
        if known && let Some(text) = reader.write(row, value, like) {
            return Some((row.key.to_string().into(), text));
        }
    }
    None
}
