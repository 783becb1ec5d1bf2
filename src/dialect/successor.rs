//! A key that took another's place: which one it is, and the edit that renames to it.
//!
//! A table says `replaced-by`; a rename is offered only where the row of the new key makes of the text what the old one
//! made of it, so that a count of attempts never becomes one of retries.

use super::blocks::{At, BlockReader};
use super::casing;
use super::change::nodes;
use super::reading::Reader;
use super::view::{canonical, plain_path};
use crate::knowledge::{Row, Spelling, Table, Version};
use crate::model::{Effective, Location, Name};
use crate::syntax::edit::Edit;
use crate::syntax::{Document, Format, LineFlavor, NodeId, NodeKind, Span};

impl BlockReader<'_, '_> {
    /// The whole path of the key that says the same as `row` does with `text`, in the version at hand.
    pub(super) fn successor(&self, at: At<'_>, row: &Row, version: Option<&Version>, text: &str) -> Option<Name> {
        let named = row.replaced_by.as_deref()?;
        let here = plain_path(&at.block.at)?;
        let beside = format!("{here}.{named}");
        let (path, block, new) = self.table.resource.iter().find_map(|block| {
            let place = plain_path(&block.at)?;
            let found = block.key.iter().find_map(|row| {
                let path = format!("{place}.{}", plain_path(&row.key)?);
                (path == named || path == beside).then_some((path, row))
            });
            found.map(|(path, row)| (path, block, row))
        })?;
        let attribute = |kind: &str, row: &Row| {
            row.attribute.as_ref().and_then(|name| self.knowledge.vocabulary.attribute(kind, name))
        };
        let (old_type, new_type) = (attribute(&at.block.kind, row), attribute(&block.kind, new));
        let reads = |version| Reader { table: self.table, version }.read(new, new_type, text);
        let meant = reads(version);
        // of its own version, the old row would have said this
        let before = Reader { table: self.table, version: None }.read(row, old_type, text);
        let same = row.attribute.is_none() || before.effective == meant.effective;
        let known = matches!(meant.effective, Effective::Known(_)) && meant.faults.is_empty();
        (new.attribute.is_some() && known && same).then(|| path.into())
    }
}

/// The edits that give the entry at `place` the key at the path `to`; `None` where it would have to move too far.
pub fn rename(document: &Document, table: &Table, place: Location, to: &str) -> Option<Vec<Edit>> {
    let entry = Span { start: place.start, end: place.end };
    let node = nodes(document).find(|&id| document.node(id).entry == entry && document.node(id).key.is_some())?;
    let old = document.key(node)?;
    let relaxed = table.spelling == Spelling::Relaxed;
    if document.format == Format::Line(LineFlavor::Env) || is_variable(old) {
        let key = to.replace('-', "").replace('.', "_").to_uppercase();
        return (relaxed && is_variable(old)).then(|| vec![Edit::Rename { node, key }]);
    }
    let parents = keys_above(document, node);
    let steps: Vec<&str> = to.split('.').collect();
    let same = |a: &str, b: &str| canonical(a, table.spelling) == canonical(b, table.spelling);
    let stays = steps.len() > parents.len() && parents.iter().zip(&steps).all(|(parent, step)| same(parent, step));
    let mut rest = stays.then(|| &steps[parents.len()..])?;
    // into the maps that are there already
    let parent = document.node(node).parent?;
    let mut map = parent;
    while let [step, deeper @ ..] = rest
        && !deeper.is_empty()
        && let Some(child) =
            document.children(map).find(|&child| document.key(child).is_some_and(|key| same(key, step)))
    {
        (map, rest) = (child, deeper);
    }
    if rest.len() > 1 && !relaxed {
        return None;
    }
    let like = document.children(map).filter_map(|child| document.key(child)).flat_map(|key| key.split('.'));
    let like: Vec<&str> = like.chain(old.split('.')).collect();
    let key: Vec<String> = rest.iter().map(|step| casing::like(step, like.iter().copied())).collect();
    let key = key.join(".");
    if map == parent {
        return Some(vec![Edit::Rename { node, key }]);
    }
    let value = document.node(node);
    let line = lines_after(document, value.entry.end as usize);
    let plain = value.kind == NodeKind::Scalar && value.outer == value.content && !line.contains(['#', ',', '}']);
    plain.then(|| {
        let text = value.content.slice(&document.text).to_owned();
        vec![Edit::InsertEntry { map, key, value: text }, Edit::Delete { node }]
    })
}

/// What stands behind `at` in its line.
fn lines_after(document: &Document, at: usize) -> &str {
    document.text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default()
}

/// `SPRING_DATASOURCE_URL`
fn is_variable(key: &str) -> bool {
    key.contains('_') && key.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The steps of the keys around an entry, from the outside in.
fn keys_above(document: &Document, node: NodeId) -> Vec<&str> {
    let above = std::iter::successors(document.node(node).parent, |&id| document.node(id).parent);
    let mut keys: Vec<&str> = above.filter_map(|id| document.key(id)).collect();
    keys.reverse();
    keys.into_iter().flat_map(|key| key.split('.')).collect()
}
