//! A parameter that no map holds: one more option of a command line, one more line of a file inside a scalar.

use super::change::{Change, inside, is_word, nodes};
use super::write;
use crate::knowledge::{Knowledge, Version};
use crate::model::{Resource, Value, WrittenBy};
use crate::syntax::edit::{self, Edit};
use crate::syntax::{Document, NodeId, NodeKind, ScalarType, Span, embed};

/// The edits that say it behind the last parameter of the same server; `None` where there is none, or no place behind it.
pub(super) fn parameter(
    knowledge: &Knowledge,
    file: u32,
    document: &Document,
    resource: &Resource,
    attribute: &str,
    value: &Value,
) -> Option<Change> {
    let version = resource.version.as_ref().and_then(|pin| Version::parse(&pin.version));
    let said = resource.attributes.values().flat_map(|attribute| &attribute.written);
    let said = said.filter(|written| written.value.file == file && !written.shared);
    let (written, table) = said
        .filter_map(|written| match &written.by {
            Some(WrittenBy::Parameter { table, .. }) => Some((written, knowledge.table(table)?)),
            _ => None,
        })
        .max_by_key(|(written, _)| written.value.start)?;
    let name = write::parameter_name(table, &resource.kind, attribute)?;
    let text = write::parameter_text(table, &name, version.as_ref(), value, None)?;
    let place = Span { start: written.value.start, end: written.value.end };
    let host = nodes(document).find(|&id| {
        let node = document.node(id);
        node.kind == NodeKind::Scalar && node.content.contains(place)
    })?;
    let whole = embed::scalar(document, host).filter(|whole| whole.faithful && is_word(&text))?;
    let end = inside(&whole, place.start)? + place.len();
    let option = format!("{name}={text}");
    let line = whole.text[..end].rsplit('\n').next()?;
    let assign = table.container.iter().flat_map(|container| &container.assign);
    let assign: Vec<&str> = assign.map(String::as_str).collect();
    let in_line = assign.iter().find(|marker| line.split_whitespace().any(|word| word == **marker));
    let edits = if whole.text[end..].contains('\n') && in_line.is_none() {
        // a file of its own, a line per parameter
        let at = end + whole.text[end..].find('\n')?;
        vec![Edit::Within { node: host, range: Span::at(at), text: format!("\n{name} = {text}") }]
    } else if let Some(marker) = in_line {
        let quoted = whole.text[end..].starts_with(['"', '\'']);
        let at = end + usize::from(quoted);
        vec![Edit::Within { node: host, range: Span::at(at), text: format!(" {marker} {option}") }]
    } else {
        // arguments: the option and its marker are items
        let seq = document.node(host).parent.filter(|&id| document.node(id).kind == NodeKind::Seq)?;
        let items: Vec<NodeId> = document.children(seq).collect();
        let at = items.iter().position(|&id| id == host)?;
        let marker = *items.get(at.checked_sub(1)?)?;
        let said = document.scalar(marker).to_owned();
        if !assign.contains(&&*said) || at + 1 != items.len() {
            return None;
        }
        let spelled =
            |like: NodeId, text: &str| edit::spell(document.format, document.node(like).style, text, ScalarType::Text);
        vec![
            Edit::InsertItem { seq, value: spelled(marker, &said) },
            Edit::InsertItem { seq, value: spelled(host, &option) },
        ]
    };
    Some(Change { edits, key: name, shared: false, assumed: false })
}
