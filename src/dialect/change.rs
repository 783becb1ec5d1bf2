//! From attribute to edit: "set `max_lifetime` to 30 min" as edits of the document that says it, in the spelling, unit
//! and style found there.
//!
//! The attribute's written place carries the row or parameter that read it, so nothing is guessed on the way back. An
//! attribute that nothing writes goes to the strongest place of its resource in the document, its key in the case of
//! its neighbours. The edits still have to pass the gate of [`crate::syntax::edit`].

use std::fmt;

use super::view::{View, ViewId};
use super::{alike, append, casing, option, write};
use crate::knowledge::{Block, Knowledge, Member, Pattern, Row, Segment, Spelling, Table, Version};
use crate::model::{Effective, Location, Name, Origin, Resource, Site, Value, Why, Written, WrittenBy};
use crate::quantity::{Dimension, Quantity, Unit, Wanted};
use crate::syntax::edit::{self, Edit};
use crate::syntax::{Document, NodeId, NodeKind, ScalarType, Span, Style, embed};

/// What sets an attribute to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The edits of the document.
    pub edits: Vec<Edit>,
    /// The key, as it is or will be written.
    pub key: Name,
    /// Whether it changes other resources too, which read the same text.
    pub shared: bool,
    /// Whether no table knows the key: that the program reads it is assumed.
    pub assumed: bool,
}

/// Why an attribute is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No table says how it is written.
    NoKey,
    /// The product cannot say the value.
    Value,
    /// It is written in another place than this document.
    Elsewhere(Location),
    /// Its value comes from a variable.
    Interpolated,
    /// Its value stands in a template.
    Template,
    /// A table leaves it open what that value comes to; it may be another key that makes it so.
    LeftOpen,
    /// It stands in a text inside the document in a way that cannot be written back.
    Embedded,
    /// There is no place for its key.
    NoPlace,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::NoKey => "no table says how it is written",
            Refusal::Value => "the product cannot say this value",
            Refusal::Elsewhere(_) => "it is written in another file",
            Refusal::Interpolated => "its value comes from a variable",
            Refusal::Template => "its value stands in a template",
            Refusal::LeftOpen => "what its value comes to is not known",
            Refusal::Embedded => "it stands in an embedded text that cannot be written back",
            Refusal::NoPlace => "there is no place to write it",
        })
    }
}

impl std::error::Error for Refusal {}

/// The edits of `document`, the file with index `file` of the run, that set `attribute` of `resource` to `value`.
///
/// # Errors
/// Says why it is not to be changed, or not here.
pub fn change(
    knowledge: &Knowledge,
    file: u32,
    document: &Document,
    resource: &Resource,
    attribute: &str,
    value: &Value,
) -> Result<Change, Refusal> {
    let found = resource.attribute(attribute);
    match found.and_then(|found| Some((found, found.written.first()?))) {
        Some((found, written)) => {
            match (&found.origin, &found.effective) {
                (Origin::Interpolated, _) | (_, Effective::Unknown(Why::Interpolated)) => {
                    return Err(Refusal::Interpolated);
                }
                (_, Effective::Unknown(Why::Template)) => return Err(Refusal::Template),
                _ => {}
            }
            if matches!(found.effective, Effective::Unknown(Why::Unreadable))
                && row_of(knowledge, written).is_some_and(|row| !row.left_open.is_empty())
            {
                return Err(Refusal::LeftOpen);
            }
            if written.entry.file != file {
                return Err(Refusal::Elsewhere(written.entry));
            }
            let edits = replace(knowledge, document, resource, (written, &found.effective), value)?;
            Ok(Change { edits, key: written.key.clone(), shared: written.shared, assumed: false })
        }
        None => insert(knowledge, file, document, resource, attribute, value)
            .or_else(|refusal| append::parameter(knowledge, file, document, resource, attribute, value).ok_or(refusal))
            .or_else(|refusal| append::variable(knowledge, file, document, resource, attribute, value).ok_or(refusal))
            .or_else(|refusal| {
                // a product that a table knows reads no other keys
                let here = resource.location.file == file && knowledge.table(&resource.dialect).is_none();
                here.then(|| alike::entry(document, resource, attribute, value)).flatten().ok_or(refusal)
            }),
    }
}

/// Another value at a written place.
fn replace(
    knowledge: &Knowledge,
    document: &Document,
    resource: &Resource,
    (written, meaning): (&Written, &Effective),
    value: &Value,
) -> Result<Vec<Edit>, Refusal> {
    let spell = |like: &str| match &written.by {
        Some(by) => write::by(knowledge, resource, by, value, Some(like)).ok_or(Refusal::Value),
        None => alike::spell(like, meaning, value).ok_or(Refusal::Value),
    };
    let place = Span { start: written.value.start, end: written.value.end };
    let entry = Span { start: written.entry.start, end: written.entry.end };
    let exact = nodes(document).find(|&id| {
        let node = document.node(id);
        node.content == place && node.entry == entry
    });
    let Some(id) = exact else {
        return Ok(vec![embedded(document, place, spell)?]);
    };
    let node = document.node(id);
    match node.kind {
        NodeKind::Map => members(knowledge, document, written.by.as_ref().ok_or(Refusal::NoKey)?, id, value),
        _ => {
            // how many retries no limit stands for is not said
            let anew = || match &written.by {
                None if &*resource.kind != "retry" || !matches!(value, Value::Int(_)) => {
                    alike::anew(document, id, meaning, value)
                }
                _ => None,
            };
            let text = spell(document.scalar(id)).or_else(|refusal| anew().ok_or(refusal))?;
            let text = spelled(document, node.style, &text, takes_texts(knowledge, written.by.as_ref()));
            Ok(vec![Edit::Replace { node: id, text }])
        }
    }
}

/// Another text, letter by letter, at a written place.
///
/// # Errors
/// Says why it cannot be written there.
pub fn rewrite(knowledge: &Knowledge, document: &Document, written: &Written, text: &str) -> Result<Edit, Refusal> {
    let place = Span { start: written.value.start, end: written.value.end };
    let exact = nodes(document).find(|&id| document.node(id).content == place);
    match exact {
        Some(id) => {
            let texts = takes_texts(knowledge, written.by.as_ref());
            Ok(Edit::Replace { node: id, text: spelled(document, document.node(id).style, text, texts) })
        }
        None => embedded(document, place, |like| {
            let is_quoted = like.len() > 1 && like.starts_with('\'') && like.ends_with('\'');
            Ok(if is_quoted { format!("'{text}'") } else { text.to_owned() })
        }),
    }
}

/// Another value inside the text of a scalar: one option of a command line or of a data source name.
fn embedded(
    document: &Document,
    place: Span,
    spell: impl Fn(&str) -> Result<String, Refusal>,
) -> Result<Edit, Refusal> {
    let (host, text) = host(document, place).ok_or(Refusal::Embedded)?;
    let start = inside(&text, place.start).ok_or(Refusal::Embedded)?;
    let range = start..start + place.len();
    let old = text.text.get(range.clone()).ok_or(Refusal::Embedded)?;
    let new = spell(old)?;
    // what the inner language might take for more than a word is left alone
    let quoted = |text: &str| text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).is_some_and(is_word);
    if !(is_word(old) || quoted(old)) || !(is_word(&new) || quoted(&new)) {
        return Err(Refusal::Embedded);
    }
    Ok(Edit::Within { node: host, range: Span::new(range.start, range.end), text: new })
}

/// Whether no language inside another takes `text` for more than a word.
pub(super) fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// The scalar around `place`, and its text, where what is written into that can be written back.
pub(super) fn host(document: &Document, place: Span) -> Option<(NodeId, embed::Embedded)> {
    let around = |&id: &NodeId| {
        let node = document.node(id);
        node.kind == NodeKind::Scalar && node.content.contains(place)
    };
    let host = nodes(document).find(around)?;
    Some((host, embed::scalar(document, host).filter(|text| text.faithful)?))
}

/// Where the byte at `offset` of the file stands in a text that the file holds.
pub(super) fn inside(text: &embed::Embedded, offset: u32) -> Option<usize> {
    (0..text.text.len()).find(|&at| text.map.offset(at as u32) == offset)
}

/// A quantity in parts: `{seconds: 5, nanos: 0}`, the largest part first.
fn members(
    knowledge: &Knowledge,
    document: &Document,
    by: &WrittenBy,
    map: NodeId,
    value: &Value,
) -> Result<Vec<Edit>, Refusal> {
    let row = row_by(knowledge, by).ok_or(Refusal::NoKey)?;
    let Value::Duration(nanos) = value else { return Err(Refusal::Value) };
    let mut parts: Vec<(&Member, i64)> =
        row.object.iter().filter_map(|part| Some((part, nanos_of(part.unit)?))).collect();
    parts.sort_by_key(|&(_, size)| std::cmp::Reverse(size));
    let mut rest = *nanos;
    let mut edits = Vec::new();
    for (part, size) in parts {
        let count = rest / size;
        rest %= size;
        let text = count.to_string();
        match document.entry(map, &part.key) {
            Some(node) => {
                let text = styled(document, document.node(node).style, &text);
                edits.push(Edit::Replace { node, text });
            }
            None if count != 0 => edits.push(Edit::InsertEntry { map, key: part.key.to_string(), value: text }),
            None => {}
        }
    }
    if rest == 0 { Ok(edits) } else { Err(Refusal::Value) }
}

/// How many nanoseconds a unit of time has.
fn nanos_of(unit: Unit) -> Option<i64> {
    let one = crate::quantity::parse("1", crate::quantity::Grammar::Plain, Wanted::Duration, unit).ok()?;
    match (unit.dimension(), one.quantity) {
        (Dimension::Time, Quantity::Duration(nanos)) if nanos > 0 => Some(nanos),
        _ => None,
    }
}

/// A key that is not there yet, at the strongest place of the resource in this document.
fn insert(
    knowledge: &Knowledge,
    file: u32,
    document: &Document,
    resource: &Resource,
    attribute: &str,
    value: &Value,
) -> Result<Change, Refusal> {
    let version = resource.version.as_ref().and_then(|pin| Version::parse(&pin.version));
    let mut refusal = match resource.sites.last() {
        Some(site) if resource.sites.iter().all(|site| site.entry.file != file) => Refusal::Elsewhere(site.entry),
        Some(_) => Refusal::NoPlace,
        None => Refusal::NoKey,
    };
    for site in resource.sites.iter().rev().filter(|site| site.entry.file == file) {
        let Some(table) = knowledge.table(&site.table) else { continue };
        if option::reads(table) {
            match option::insert(knowledge, table, document, resource, site, (attribute, value)) {
                Ok(change) => return Ok(change),
                Err(why) => refusal = why,
            }
            continue;
        }
        let Some(block) = site.block else {
            let Some(name) = write::parameter_name(table, &resource.kind, attribute) else { continue };
            // a number without a unit is written like one
            let like = site.unitless.then_some("1");
            let text = write::parameter_text(table, &name, version.as_ref(), value, like).ok_or(Refusal::Value)?;
            let top = document.roots.iter().copied().find(|&root| is_at(document, root, site));
            // in another product's file, which may take texts only
            let carried =
                || nodes(document).find(|&id| document.node(id).kind == NodeKind::Map && is_at(document, id, site));
            let (map, style) = match top {
                Some(map) => (map, Style::Plain),
                None => (carried().ok_or(Refusal::Embedded)?, Style::DoubleQuoted),
            };
            let edit = Edit::InsertEntry { map, key: name.to_string(), value: styled(document, style, &text) };
            return Ok(Change { edits: vec![edit], key: name, shared: false, assumed: false });
        };
        let Some(block) = table.resource.get(usize::from(block)) else { continue };
        for row in write::rows(&block.key, attribute, version.as_ref()) {
            let text = write::row_text(knowledge, table, &block.kind, row, version.as_ref(), value, None);
            let Some(text) = text else {
                refusal = Refusal::Value;
                continue;
            };
            let mut views = roots(document, table).map(|root| View::of(document, root, table));
            let place = views.find_map(|view| {
                let gap = Gap::find(&view, block, site)?;
                if row.top {
                    // one of several places, which the document's other keys tell
                    let mut patterns = std::iter::once(&row.key).chain(&row.also).filter_map(keys_of);
                    let keys = patterns.find(|keys| Gap(view.root()).has_parents(&view, keys))?;
                    return Gap(view.root()).key(&view, table.spelling, &keys, row.exact);
                }
                gap.key(&view, table.spelling, &keys_of(&row.key)?, row.exact)
            });
            let Some((map, keys, shared)) = place else { continue };
            let value = spelled(document, Style::Plain, &text, writes_texts(block));
            let name = keys.join(".").into();
            let edit = Edit::InsertPath { map, keys, value };
            return Ok(Change { edits: vec![edit], key: name, shared, assumed: false });
        }
    }
    Err(refusal)
}

/// Where a table's documents begin: those of the file, and what stands in a list of them.
fn roots<'d>(document: &'d Document, table: &'d Table) -> impl Iterator<Item = NodeId> + 'd {
    document.roots.iter().flat_map(move |&root| {
        let list = table.list.as_deref().and_then(|list| document.entry(root, list));
        std::iter::once(root).chain(list.into_iter().flat_map(|list| document.children(list)))
    })
}

/// The keys of a pattern without names of the user's.
pub(super) fn keys_of(pattern: &Pattern) -> Option<Vec<&str>> {
    let plain = |segment: &Segment| !segment.items && !segment.key.contains('*');
    pattern.segments.iter().map(|segment| plain(segment).then_some(&*segment.key)).collect()
}

/// The place of a resource in a view, for a key that it lacks.
struct Gap(ViewId);

impl Gap {
    /// The place that `site` names.
    fn find(view: &View<'_>, block: &Block, site: &Site) -> Option<Gap> {
        let places = std::iter::once(&block.at).chain(&block.also);
        let mut found = places.flat_map(|at| view.select(view.root(), at)).map(|found| found.id);
        found.find(|&id| view.first_node(id).is_some_and(|node| is_at(view.document, node, site))).map(Gap)
    }

    /// Whether all but the last of the keys are there.
    fn has_parents(&self, view: &View<'_>, keys: &[&str]) -> bool {
        let parents = keys.split_last().map_or(&[][..], |(_, parents)| parents);
        parents.iter().try_fold(self.0, |at, key| view.child(at, key)).is_some()
    }

    /// The map to write into, the keys to write there from the outside in, and whether other resources read that map.
    /// `exact` keys are written as they are, the others as their neighbours.
    fn key(
        &self,
        view: &View<'_>,
        spelling: Spelling,
        keys: &[&str],
        exact: bool,
    ) -> Option<(NodeId, Vec<String>, bool)> {
        // down into what is there
        let mut at = self.0;
        let mut rest = keys;
        while let [key, deeper @ ..] = rest
            && !deeper.is_empty()
            && let Some(child) = view.child(at, key)
        {
            at = child;
            rest = deeper;
        }
        let siblings = view.children(at).iter().map(|&child| &*view.get(child).written);
        let mut parts: Vec<String> = match spelling {
            Spelling::Relaxed | Spelling::Camel if !exact => {
                let siblings: Vec<&str> = siblings.collect();
                rest.iter().map(|key| casing::like(key, siblings.iter().copied())).collect()
            }
            _ => rest.iter().map(|key| key.to_string()).collect(),
        };
        // up to a map, for what is a part of a dotted key
        let map = loop {
            let entry = view.get(at);
            if let Some(node) = entry.value {
                break node;
            }
            parts.insert(0, entry.written.to_string());
            at = view.parent(at)?;
        };
        if spelling == Spelling::Relaxed {
            parts = vec![parts.join(".")];
        }
        (view.document.node(map).kind == NodeKind::Map).then(|| (map, parts, view.get(at).shared))
    }
}

pub(super) fn is_at(document: &Document, node: NodeId, site: &Site) -> bool {
    let entry = document.host(document.node(node).entry);
    (entry.start, entry.end) == (site.entry.start, site.entry.end)
}

pub(super) fn nodes(document: &Document) -> impl Iterator<Item = NodeId> + '_ {
    // children come after their parents, so the last that fits is the innermost
    (0..document.nodes.len() as u32).rev().map(NodeId)
}

/// The row that read a setting.
fn row_of<'k>(knowledge: &'k Knowledge, written: &Written) -> Option<&'k Row> {
    row_by(knowledge, written.by.as_ref()?)
}

fn row_by<'k>(knowledge: &'k Knowledge, by: &WrittenBy) -> Option<&'k Row> {
    let WrittenBy::Row { table, block, row } = by else { return None };
    knowledge.table(table)?.resource.get(usize::from(*block))?.key.get(usize::from(*row))
}

/// Whether what reads a setting takes texts only, so that numbers must stand in quotes.
fn takes_texts(knowledge: &Knowledge, by: Option<&WrittenBy>) -> bool {
    let Some(WrittenBy::Row { table, block, .. }) = by else { return false };
    let block = knowledge.table(table).and_then(|table| table.resource.get(usize::from(*block)));
    block.is_some_and(writes_texts)
}

fn writes_texts(block: &Block) -> bool {
    block.quoted || block.texts.is_some()
}

/// `text` as the document's format spells it in that style: as a text where it is to be one.
fn spelled(document: &Document, style: Style, text: &str, is_text: bool) -> String {
    if is_text { edit::spell(document.format, style, text, ScalarType::Text) } else { styled(document, style, text) }
}

/// `text` as the document's format spells it in that style: numbers and switches stay what they are.
pub(super) fn styled(document: &Document, style: Style, text: &str) -> String {
    let types = [ScalarType::Integer, ScalarType::Float, ScalarType::Bool];
    let plain = types
        .into_iter()
        .map(|scalar| edit::spell(document.format, style, text, scalar))
        .find(|spelled| spelled == text);
    match plain {
        Some(text) if style == Style::Plain => text,
        _ => edit::spell(document.format, style, text, ScalarType::Text),
    }
}
