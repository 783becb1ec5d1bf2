//! A document as its product sees it: keys in one canonical spelling, dotted keys taken apart, aliases and merge
//! keys followed, the last of two equal keys in force; and every entry remembering where it is written.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::knowledge::{Inherit, Pattern, Segment, Spelling, Table, glob};
use crate::syntax::{Document, Format, NodeId, NodeKind};

/// Index of an entry in its [`View`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ViewId(u32);

impl ViewId {
    /// Which of the view's entries it is.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One entry.
#[derive(Debug)]
pub(crate) struct Entry<'d> {
    /// The key in canonical spelling; the index of an item.
    pub(crate) key: Cow<'d, str>,
    /// The key as written (one part of it, for a dotted key).
    pub(crate) written: Cow<'d, str>,
    /// The value, aliases resolved; none for a part of a dotted key that has none of its own.
    pub(crate) value: Option<NodeId>,
    /// The entry as written at this place: the alias where there is one.
    pub(crate) entry: Option<NodeId>,
    /// Whether it came through an alias or a merge key: other places share the text.
    pub(crate) shared: bool,
    /// Whether it is an item of a sequence.
    pub(crate) item: bool,
    parent: Option<ViewId>,
    children: Vec<ViewId>,
}

/// The entries of one document.
#[derive(Debug)]
pub(crate) struct View<'d> {
    pub(crate) document: &'d Document,
    spelling: Spelling,
    entries: Vec<Entry<'d>>,
    keys: HashMap<(ViewId, Cow<'d, str>), ViewId, foldhash::fast::RandomState>,
    /// First words of keys that may repeat, each repetition a place of its own (HAProxy's `defaults`).
    repeated: Vec<Rc<str>>,
    /// Nodes that an alias refers to.
    anchored: HashSet<NodeId>,
    /// Entries that a later equal key of the same map overrides: `(earlier, later)` value nodes.
    pub(crate) overridden: Vec<(NodeId, NodeId)>,
}

/// Where an entry is written.
#[derive(Debug, Clone, Copy)]
struct Site {
    value: NodeId,
    entry: NodeId,
    shared: bool,
}

/// A place found by a pattern, with what its `*` and items stood for.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) id: ViewId,
    pub(crate) captures: Vec<Rc<str>>,
}

/// The most entries of one view: an alias bomb stops here, with what was read until then.
const MAX_ENTRIES: usize = 400_000;
/// So many keys at most are looked through one by one.
const FEW: usize = 24;
/// The deepest entry.
const MAX_DEPTH: u16 = 200;

impl<'d> View<'d> {
    /// The view of one root of `document`, as the product of `table` reads it.
    pub(crate) fn of(document: &'d Document, root: NodeId, table: &Table) -> View<'d> {
        let repeated = table.resource.iter().filter_map(|block| match &block.inherit {
            Some(Inherit::Preceding(word)) => Some(Rc::from(&**word)),
            _ => None,
        });
        View::build(document, root, table.spelling, repeated.collect())
    }

    /// The view of one root of `document`.
    pub(crate) fn new(document: &'d Document, root: NodeId, spelling: Spelling) -> View<'d> {
        View::build(document, root, spelling, Vec::new())
    }

    fn build(document: &'d Document, root: NodeId, spelling: Spelling, repeated: Vec<Rc<str>>) -> View<'d> {
        // anchors hold within their document
        let own = document.nodes.get(document.own_nodes(root)).unwrap_or_default();
        let mut view = View {
            document,
            spelling,
            entries: Vec::with_capacity(own.len() / 2),
            keys: HashMap::default(),
            repeated,
            anchored: own.iter().filter_map(|node| node.target).collect(),
            overridden: Vec::new(),
        };
        let top = view.add(Cow::Borrowed(""), Cow::Borrowed(""), None, false);
        view.write(top, Site { value: document.resolve(root), entry: root, shared: false });
        let mut work = vec![(document.resolve(root), top, false, 0u16)];
        while let Some((node, at, shared, depth)) = work.pop() {
            if view.entries.len() > MAX_ENTRIES || depth > MAX_DEPTH {
                continue;
            }
            match document.node(node).kind {
                NodeKind::Map => view.read_map(node, at, shared, depth, &mut work),
                NodeKind::Seq => {
                    for (index, child) in document.children(node).enumerate() {
                        let value = document.resolve(child);
                        let shared = shared || view.anchored.contains(&value);
                        let index = number(index);
                        let id = view.add(index.clone(), index, Some(at), true);
                        view.write(id, Site { value, entry: child, shared });
                        work.push((value, id, shared, depth + 1));
                    }
                }
                NodeKind::Scalar | NodeKind::Alias => {}
            }
        }
        view
    }

    fn read_map(
        &mut self,
        map: NodeId,
        at: ViewId,
        shared: bool,
        depth: u16,
        work: &mut Vec<(NodeId, ViewId, bool, u16)>,
    ) {
        let document = self.document;
        let merges = document.format == Format::Yaml;
        let mut merged = Vec::new();
        for child in document.children(map) {
            let Some(key) = document.key(child) else { continue };
            let value = document.resolve(child);
            if merges && key == "<<" {
                match document.node(value).kind {
                    NodeKind::Map => merged.push(value),
                    // the first of several wins
                    NodeKind::Seq => merged.extend(document.children(value).map(|item| document.resolve(item))),
                    NodeKind::Scalar | NodeKind::Alias => {}
                }
                continue;
            }
            let site = Site { value, entry: child, shared: shared || self.anchored.contains(&value) };
            self.insert(at, key, site, true, depth, work);
        }
        let mut budget: u32 = 64;
        let mut queue: std::collections::VecDeque<NodeId> = merged.into();
        while let (Some(map), Some(left)) = (queue.pop_front(), budget.checked_sub(1)) {
            budget = left;
            if document.node(map).kind != NodeKind::Map {
                continue;
            }
            let mut deeper = Vec::new();
            for child in document.children(map) {
                let Some(key) = document.key(child) else { continue };
                let value = document.resolve(child);
                if key == "<<" {
                    deeper.push(value);
                } else {
                    self.insert(at, key, Site { value, entry: child, shared: true }, false, depth, work);
                }
            }
            for value in deeper.into_iter().rev() {
                queue.push_front(value);
            }
        }
    }

    /// Puts `key: value` under `at`, key parts apart where the spelling allows dotted keys.
    fn insert(
        &mut self,
        at: ViewId,
        key: &'d str,
        site: Site,
        replace: bool,
        depth: u16,
        work: &mut Vec<(NodeId, ViewId, bool, u16)>,
    ) {
        let mut place = at;
        let whole = [(key, false)];
        let apart;
        let parts = if self.spelling == Spelling::Relaxed && key.contains(['.', '[']) {
            apart = self.parts(key);
            &*apart
        } else {
            &whole
        };
        for (i, part) in parts.iter().enumerate() {
            let canonical = spelled(part.0, self.spelling);
            let last = i + 1 == parts.len();
            let word = part.0.split_whitespace().next();
            let repeats = word.is_some_and(|word| self.repeated.iter().any(|repeated| **repeated == *word));
            place = match self.lookup(place, &canonical) {
                Some(child) if !repeats => child,
                _ => self.add(canonical, Cow::Borrowed(part.0), Some(place), part.1),
            };
            if !last {
                continue;
            }
            let there = &mut self.entries[place.0 as usize];
            if let Some(earlier) = there.value {
                if !replace {
                    return;
                }
                let scalars = self.document.node(earlier).kind == NodeKind::Scalar;
                if scalars && !there.shared {
                    self.overridden.push((earlier, site.value));
                }
                if scalars || self.document.node(site.value).kind != NodeKind::Map {
                    let gone = std::mem::take(&mut there.children);
                    for child in gone {
                        self.keys.remove(&(place, self.entries[child.0 as usize].key.clone()));
                    }
                }
            }
            self.write(place, site);
            self.entries[place.0 as usize].written = Cow::Borrowed(part.0);
            work.push((site.value, place, site.shared, depth + 1));
        }
    }

    /// The parts of a key: one, unless the spelling allows `a.b[0].c`. The flag marks list indexes.
    fn parts<'k>(&self, key: &'k str) -> Vec<(&'k str, bool)> {
        let mut parts = Vec::new();
        let mut rest = key;
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('[') {
                let end = inner.find(']').unwrap_or(inner.len());
                let part = &inner[..end];
                parts.push((part, !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())));
                rest = inner.get(end + 1..).unwrap_or("");
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                if end > 0 {
                    parts.push((&rest[..end], false));
                }
                rest = &rest[end..];
            }
            rest = rest.strip_prefix('.').unwrap_or(rest);
            if parts.len() > 32 {
                return vec![(key, false)];
            }
        }
        if parts.is_empty() { vec![(key, false)] } else { parts }
    }

    fn add(&mut self, key: Cow<'d, str>, written: Cow<'d, str>, parent: Option<ViewId>, item: bool) -> ViewId {
        let id = ViewId(self.entries.len() as u32);
        self.entries.push(Entry {
            written,
            key: key.clone(),
            value: None,
            entry: None,
            shared: false,
            item,
            parent,
            children: Vec::new(),
        });
        if let Some(parent) = parent {
            let children = &mut self.entries[parent.0 as usize].children;
            children.push(id);
            match children.len() {
                ..=FEW => {}
                length if length == FEW + 1 => {
                    for child in children.clone() {
                        self.keys.insert((parent, self.entries[child.0 as usize].key.clone()), child);
                    }
                }
                _ => {
                    self.keys.insert((parent, key), id);
                }
            }
        }
        id
    }

    /// The child with that canonical key. Few are looked through one by one, more are indexed.
    fn lookup(&self, id: ViewId, canonical: &str) -> Option<ViewId> {
        let children = self.children(id);
        match children.len() {
            ..=FEW => children.iter().rev().copied().find(|&child| *self.get(child).key == *canonical),
            _ => self.keys.get(&(id, Cow::Borrowed(canonical))).copied(),
        }
    }

    fn write(&mut self, id: ViewId, site: Site) {
        let entry = &mut self.entries[id.0 as usize];
        entry.value = Some(site.value);
        entry.entry = Some(site.entry);
        entry.shared = site.shared;
    }

    /// The document's own entry.
    pub(crate) fn root(&self) -> ViewId {
        ViewId(0)
    }

    /// How many entries it has.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// An entry of this view.
    pub(crate) fn get(&self, id: ViewId) -> &Entry<'d> {
        &self.entries[id.0 as usize]
    }

    /// The entries below one.
    pub(crate) fn children(&self, id: ViewId) -> &[ViewId] {
        &self.get(id).children
    }

    /// The entry around one.
    pub(crate) fn parent(&self, id: ViewId) -> Option<ViewId> {
        self.get(id).parent
    }

    /// The child with that key.
    pub(crate) fn child(&self, id: ViewId, key: &str) -> Option<ViewId> {
        let children = self.children(id);
        if self.spelling == Spelling::Exact && children.len() <= FEW {
            return children.iter().rev().copied().find(|&child| *self.get(child).key == *key);
        }
        self.lookup(id, &spelled(key, self.spelling))
    }

    /// The text of a scalar entry.
    pub(crate) fn text(&self, id: ViewId) -> Option<&'d str> {
        let node = self.get(id).value?;
        (self.document.node(node).kind == NodeKind::Scalar).then(|| self.document.scalar(node))
    }

    /// The first node at or below an entry: a part of a dotted key has none of its own.
    pub(crate) fn first_node(&self, id: ViewId) -> Option<NodeId> {
        let mut at = id;
        loop {
            let entry = self.get(at);
            if let Some(node) = entry.entry.or(entry.value) {
                return Some(node);
            }
            at = *self.children(at).first()?;
        }
    }

    /// Every place below `from` that fits the pattern.
    pub(crate) fn select(&self, from: ViewId, pattern: &Pattern) -> Vec<Found> {
        let mut found = vec![Found { id: from, captures: Vec::new() }];
        for segment in &pattern.segments {
            let mut next = Vec::new();
            for place in found {
                self.step(&place, segment, &mut next);
            }
            found = next;
            if found.is_empty() {
                break;
            }
        }
        found
    }

    /// Whether the keys that lead to a place that fits `pattern` are written as the pattern has them. Names of several
    /// words around the last are the product's own, and may be joined in its other ways.
    pub(crate) fn is_spelled(&self, id: ViewId, pattern: &Pattern) -> bool {
        // the items of lists have no key of their own
        let keys = std::iter::successors(Some(id), |&id| self.parent(id)).filter(|&id| !self.get(id).item);
        pattern.segments.iter().rev().zip(keys).enumerate().all(|(depth, (segment, id))| {
            *self.get(id).written == *segment.key || (depth > 0 && segment.key.contains('-'))
        })
    }

    /// The single place below `from` that fits the pattern, if there is exactly one.
    pub(crate) fn one(&self, from: ViewId, pattern: &Pattern) -> Option<ViewId> {
        match self.select(from, pattern).as_slice() {
            [one] => Some(one.id),
            _ => None,
        }
    }

    fn step(&self, place: &Found, segment: &Segment, next: &mut Vec<Found>) {
        let mut keyed = Vec::new();
        if segment.key.contains('*') {
            let wanted = spelled(&segment.key, self.spelling);
            for &child in self.children(place.id) {
                let entry = self.get(child);
                if !entry.item && (&*segment.key == "*" || glob(&wanted, &entry.key)) {
                    let mut captures = place.captures.clone();
                    captures.push(Rc::from(&*entry.written));
                    keyed.push(Found { id: child, captures });
                }
            }
        } else if let Some(child) = self.child(place.id, &segment.key) {
            keyed.push(Found { id: child, captures: place.captures.clone() });
        }
        if !segment.items {
            next.extend(keyed);
            return;
        }
        for place in keyed {
            let items: Vec<ViewId> =
                self.children(place.id).iter().copied().filter(|&child| self.get(child).item).collect();
            // a filter on a map that is no list applies to the map itself
            let itself = items.is_empty() && segment.filter.is_some();
            let candidates = if itself { vec![place.id] } else { items };
            for item in candidates {
                let name = match &segment.filter {
                    Some((key, wanted)) => {
                        let text = self.child(item, key).and_then(|child| self.text(child));
                        match text {
                            Some(text) if glob(wanted, text) => text,
                            _ => continue,
                        }
                    }
                    None => self.child(item, "name").and_then(|c| self.text(c)).unwrap_or(&*self.get(item).written),
                };
                let mut captures = place.captures.clone();
                if !itself {
                    captures.push(name.into());
                }
                next.push(Found { id: item, captures });
            }
        }
    }
}

/// The number of an item as its key.
fn number(index: usize) -> Cow<'static, str> {
    const FIRST: [&str; 16] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"];
    FIRST.get(index).map_or_else(|| Cow::Owned(index.to_string()), |&number| Cow::Borrowed(number))
}

/// The characters of a key that count where case, `-` and `_` do not.
pub(crate) fn relaxed(key: &str) -> impl Iterator<Item = char> {
    key.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase)
}

/// A key in the spelling that all its spellings share.
/// A pattern without names of the user's, as its keys with dots between.
pub(super) fn plain_path(pattern: &Pattern) -> Option<String> {
    let plain = pattern.segments.iter().all(|segment| !segment.items && !segment.key.contains('*'));
    let keys: Vec<&str> = pattern.segments.iter().map(|segment| &*segment.key).collect();
    plain.then(|| keys.join("."))
}

pub(crate) fn canonical(key: &str, spelling: Spelling) -> Rc<str> {
    spelled(key, spelling).into()
}

/// The same, borrowed where the key is spelled so.
pub(crate) fn spelled(key: &str, spelling: Spelling) -> Cow<'_, str> {
    let lower = |key: &str| !key.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii());
    match spelling {
        Spelling::Exact => Cow::Borrowed(key),
        Spelling::Relaxed if lower(key) && !key.contains(['-', '_']) => Cow::Borrowed(key),
        Spelling::Relaxed => relaxed(key).collect::<String>().into(),
        Spelling::Insensitive if lower(key) && !key.contains(char::is_whitespace) => Cow::Borrowed(key),
        Spelling::Insensitive => {
            key.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect::<String>().into()
        }
        Spelling::Camel => {
            let mut snake = String::with_capacity(key.len() + 4);
            for c in key.chars() {
                if c.is_ascii_uppercase() && !snake.is_empty() {
                    snake.push('_');
                }
                snake.push(c.to_ascii_lowercase());
            }
            snake.into()
        }
    }
}
