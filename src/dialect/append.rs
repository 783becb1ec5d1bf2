//! What no map of its product holds: one more option of a command line, one more line of a file inside a scalar, one more
//! variable beside those of the same resource.

use super::change::{Change, host, inside, is_word, nodes, styled};
use super::write;
use crate::knowledge::{Knowledge, Row, Version};
use crate::model::{Resource, Value, Written, WrittenBy};
use crate::syntax::edit::{self, Edit};
use crate::syntax::{Document, NodeId, NodeKind, ScalarType, Span};

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
    let (host, whole) = host(document, place).filter(|_| is_word(&text))?;
    let end = inside(&whole, place.start)? + place.len();
    let option = format!("{name}={text}");
    let line = whole.text[..end].rsplit('\n').next()?;
    let assign = table.container.iter().flat_map(|container| &container.assign);
    let assign: Vec<&str> = assign.map(String::as_str).collect();
    let in_line = assign.iter().find(|marker| line.split_whitespace().any(|word| word == **marker));
    // an option of another form, such as `-N 50`
    let is_option = |word: &str| word.len() > 1 && word.starts_with('-');
    let seq = document.node(host).parent.filter(|&id| document.node(id).kind == NodeKind::Seq);
    let beside_option = || line.split_whitespace().any(is_option).then(|| assign.first()).flatten();
    let in_line = in_line.or_else(|| beside_option().filter(|_| seq.is_none()));
    let edits = if whole.text.contains('\n') && in_line.is_none() {
        // a file of its own, a line per parameter
        let at = whole.text[end..].find('\n').map_or(whole.text.len(), |line_end| end + line_end);
        vec![Edit::Within { node: host, range: Span::at(at), text: format!("\n{name} = {text}") }]
    } else if let Some(marker) = in_line {
        let quoted = whole.text[end..].starts_with(['"', '\'']);
        let at = end + usize::from(quoted);
        vec![Edit::Within { node: host, range: Span::at(at), text: format!(" {marker} {option}") }]
    } else {
        // arguments: the option and its marker are items
        let seq = seq?;
        let items: Vec<NodeId> = document.children(seq).collect();
        let at = items.iter().position(|&id| id == host)?;
        let marker = *items.get(at.checked_sub(1)?)?;
        let said = document.scalar(marker);
        let said = if assign.contains(&said) {
            said
        } else {
            assign.first().filter(|_| is_option(said) || is_option(document.scalar(host)))?
        };
        let said = said.to_owned();
        if at + 1 != items.len() {
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

/// The edit that says it as one more environment variable; `None` where no other variable tells how they are named.
pub(super) fn variable(
    knowledge: &Knowledge,
    file: u32,
    document: &Document,
    resource: &Resource,
    attribute: &str,
    value: &Value,
) -> Option<Change> {
    let version = resource.version.as_ref().and_then(|pin| Version::parse(&pin.version));
    let said = resource.attributes.values().flat_map(|attribute| &attribute.written);
    let mut said: Vec<&Written> = said.filter(|written| written.value.file == file && !written.shared).collect();
    said.sort_by_key(|written| std::cmp::Reverse(written.value.start));
    said.into_iter().find_map(|written| {
        let Some(WrittenBy::Row { table, block, row }) = &written.by else { return None };
        let table = knowledge.table(table)?;
        let block = table.resource.get(usize::from(*block))?;
        let like = block.key.get(usize::from(*row))?;
        // names with dots, as labels and options have them, end with the key as it is
        let dotted = written.key.contains('.');
        let name_of = |row: &Row| if dotted { row.key.to_string() } else { variable_name(row) };
        let end = name_of(like);
        let start = written.key.len().checked_sub(end.len())?;
        let prefix = written
            .key
            .get(start..)
            .filter(|tail| *tail == end || dotted && tail.eq_ignore_ascii_case(&end))
            .map(|_| &written.key[..start])?;
        let (row, text) = write::rows(&block.key, attribute, version.as_ref()).find_map(|row| {
            Some((row, write::row_text(knowledge, table, &block.kind, row, version.as_ref(), value, None)?))
        })?;
        let key = format!("{prefix}{}", name_of(row));
        let place = Span { start: written.entry.start, end: written.entry.end };
        // an item begins before its text with a dash or a quote, and a value may end with one
        let around = |span: Span| span.start <= place.start && place.end <= span.end;
        let sibling = nodes(document).find(|&id| {
            let node = document.node(id);
            let keyed = document.key(id) == Some(&*written.key) && around(node.entry);
            node.entry == place || keyed || node.kind == NodeKind::Scalar && around(node.content)
        })?;
        let parent = document.node(sibling).parent?;
        let style = document.node(sibling).style;
        let edit = match document.node(parent).kind {
            NodeKind::Map if document.key(sibling) == Some(&*written.key) => {
                Edit::InsertEntry { map: parent, key: key.clone(), value: styled(document, style, &text) }
            }
            NodeKind::Seq if said_by(document.scalar(sibling), &written.key).is_some() => {
                let dashes = said_by(document.scalar(sibling), &written.key)?;
                let item = edit::spell(document.format, style, &format!("{dashes}{key}={text}"), ScalarType::Text);
                Edit::InsertItem { seq: parent, value: item }
            }
            _ => return None,
        };
        Some(Change { edits: vec![edit], key: key.into(), shared: false, assumed: false })
    })
}

/// What stands before the name in `item`, which says `name=…`: nothing, or the dashes of an option.
fn said_by<'i>(item: &'i str, name: &str) -> Option<&'i str> {
    let (said, _) = item.split_once('=')?;
    said.strip_suffix(name).filter(|dashes| matches!(*dashes, "" | "--"))
}

/// The end of the variable that says a row.
fn variable_name(row: &Row) -> String {
    let key = row.key.to_string();
    key.chars().filter(|&c| c != '-').map(|c| if c == '.' { '_' } else { c.to_ascii_uppercase() }).collect()
}
