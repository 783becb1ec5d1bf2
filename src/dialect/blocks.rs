//! Fragments from a recognised document: the table's blocks and rows, its parameters, its includes.

use std::sync::Arc;

use super::fragment::{Fault, Fragment, IncludeSite, Reading, Setting};
use super::reading::Reader;
use super::recognise::{directory, file_name};
use super::view::{Found, View, ViewId, canonical};
use super::{Context, Read, Source, Text, parameter, settle, throwaway};
use crate::knowledge::{Block, Inherit, Knowledge, Pattern, Recognise, Row, Spelling, Table, Version};
use crate::model::{Confidence, Name, Origin, Pin, Type, Value, Why, Written, nearest};
use crate::syntax::{Format, NodeId, NodeKind};

/// Reads one document of one dialect.
pub(crate) struct BlockReader<'a, 'r> {
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) context: &'a Context,
    pub(crate) source: &'a Source<'a>,
    pub(crate) table: &'a Arc<Table>,
    pub(crate) how: Option<&'a Recognise>,
    pub(crate) read: &'r mut Read,
}

/// What holds for every fragment of one document.
pub(crate) struct Frame {
    pub(crate) scope: Name,
    pub(crate) layer: u8,
    pub(crate) profile: Option<Name>,
    pub(crate) pin: Option<Pin>,
    pub(crate) version: Option<Version>,
    pub(crate) closed: bool,
    pub(crate) part: bool,
    pub(crate) throwaway: bool,
}

impl BlockReader<'_, '_> {
    /// Reads the document below `root`.
    pub(crate) fn document(&mut self, root: NodeId) {
        let view = View::new(self.source.document, root, self.table.spelling);
        let frame = self.frame(&view, root);
        let mut places: Vec<(ViewId, usize)> = Vec::new();
        if self.source.document.format == Format::Line(crate::syntax::LineFlavor::Env)
            && super::reads_environment(self.table)
        {
            self.environment(&view, &frame);
            return;
        }
        if self.table.parameters.is_some() {
            self.parameters(&view, &frame);
        }
        let table = self.table.clone();
        for block in &table.resource {
            for found in view.select(view.root(), &block.at) {
                self.block(&view, &frame, block, &found, &mut places);
            }
        }
        self.containers(&view, &frame, &places);
    }

    /// What the document as a whole says: its scope, layer, profile, version.
    fn frame(&self, view: &View<'_>, root: NodeId) -> Frame {
        let table = self.table;
        let path = self.source.path;
        let alone = self.how.is_some_and(|how| how.alone);
        let layered = table.layers.len() > 1 && !self.source.embedded && !alone;
        let scope: Name = if layered {
            directory(path).into()
        } else {
            format!("{}#{}", self.source.scope, self.source.document.node(root).document).into()
        };
        let mut profile = table
            .profile_keys
            .iter()
            .find_map(|pattern| view.one(view.root(), pattern))
            .and_then(|id| view.text(id))
            .map(Name::from);
        if let Some(pattern) = self.how.and_then(|how| how.profile.as_ref())
            && let Some((head, tail)) = pattern.split_once('*')
            && let Some(name) = file_name(path).strip_prefix(head).and_then(|rest| rest.strip_suffix(tail))
        {
            profile = profile.or(Some(name.into()));
        }
        let pin = self.context.version(table.product(), path);
        let version = pin.as_ref().and_then(|pin| Version::parse(&pin.version));
        Frame {
            scope,
            layer: self.how.map_or(0, |how| table.layer(&how.layer)),
            profile,
            pin,
            version,
            closed: self.how.is_some_and(|how| how.closed) && self.source.document.template.is_none(),
            part: self.how.is_some_and(|how| how.part),
            throwaway: throwaway::said_by(&table.throwaway, &self.source.scope),
        }
    }

    /// A fragment without settings.
    pub(crate) fn fragment(&self, frame: &Frame, kind: &Name, identity: Vec<Name>, node: NodeId) -> Fragment {
        Fragment {
            table: Some(self.table.clone()),
            dialect: self.table.id.clone(),
            kind: kind.clone(),
            product: Some(self.table.product().clone()),
            version: frame.pin.clone(),
            scope: frame.scope.clone(),
            identity,
            layer: frame.layer,
            profile: frame.profile.clone(),
            location: self.source.locate(self.source.document.node(node).entry),
            closed: frame.closed,
            confidence: Confidence::Certain,
            settings: Vec::new(),
            parent: None,
            ties: Vec::new(),
            rows: Vec::new(),
            includes: Vec::new(),
            part: frame.part,
            throwaway: frame.throwaway,
        }
    }

    /// The parameters at the top of the document, and the files it includes.
    fn parameters(&mut self, view: &View<'_>, frame: &Frame) {
        let Some(set) = &self.table.parameters else { return };
        let Some(root) = view.get(view.root()).value else { return };
        let mut fragment = self.fragment(frame, &set.kind, Vec::new(), root);
        let document = self.source.document;
        for child in document.children(root) {
            let Some(key) = document.key(child) else { continue };
            if document.node(child).kind != NodeKind::Scalar {
                continue;
            }
            let written = self.written(child, key);
            if let Some(include) = self.table.include.iter().find(|include| include.key.eq_ignore_ascii_case(key)) {
                fragment.includes.push(IncludeSite {
                    after: fragment.settings.len(),
                    target: document.scalar(child).to_string(),
                    written,
                    directory: include.directory,
                    optional: include.optional,
                });
                continue;
            }
            let text = document.scalar(child);
            self.parameter(&mut fragment, frame, key, text, written, self.source.show(child));
        }
        if let Some(location) = fragment.settings.first().map(|setting| setting.written.entry) {
            fragment.location = location;
        }
        self.read.fragments.push(fragment);
    }

    /// One parameter: its attribute in the namespace, and under its common name where it has one.
    pub(crate) fn parameter(
        &self,
        fragment: &mut Fragment,
        frame: &Frame,
        key: &str,
        text: &str,
        written: Written,
        shown: Name,
    ) {
        let Some(set) = &self.table.parameters else { return };
        let name = key.to_ascii_lowercase();
        let reading = match settle(self.context, self.source.path, self.table.interpolation, text) {
            Text::Open => Reading::unknown(Why::Interpolated),
            _ if self.source.document.is_templated(self.source.document_span(&written)) => {
                Reading::unknown(Why::Template)
            }
            Text::Written(text) => parameter::read(set, &name, &text, frame.version.as_ref()),
            Text::Filled(text) => {
                Reading { origin: Origin::Interpolated, ..parameter::read(set, &name, &text, frame.version.as_ref()) }
            }
        };
        let canonical = parameter::canonical(&name).unwrap_or(&name).to_string();
        if let Some(shared) = set.shared.iter().find(|shared| *shared.name == *canonical) {
            fragment.settings.push(Setting {
                attribute: Some(shared.attribute.clone()),
                reading: Reading { faults: Vec::new(), ..reading.clone() },
                written: written.clone(),
                text: shown.clone(),
                shared: false,
                needs: Vec::new(),
            });
        }
        fragment.settings.push(Setting {
            attribute: Some(format!("{}.{canonical}", set.namespace).into()),
            reading,
            written,
            text: shown,
            shared: false,
            needs: Vec::new(),
        });
    }

    /// One resource of a block.
    fn block(
        &mut self,
        view: &View<'_>,
        frame: &Frame,
        block: &Block,
        found: &Found,
        places: &mut Vec<(ViewId, usize)>,
    ) {
        let Some(node) = view.get(found.id).entry.or_else(|| first_node(view, found.id)) else { return };
        let mut identity: Vec<Name> = found.captures.iter().map(|capture| (**capture).into()).collect();
        if let Some(name) = block.name.as_deref().or(block.at.last_key()) {
            identity.push(name.into());
        }
        let mut fragment = self.fragment(frame, &block.kind, identity, node);
        let complete = |key: &Name| view.child(found.id, key).is_some() && view.child(found.id, "extends").is_none();
        fragment.closed |= block.closed || block.closed_with.as_ref().is_some_and(complete);
        fragment.rows = block.key.clone();
        if let Some(base) = self.inherited(view, block, found) {
            self.rows(view, frame, block, base, &mut fragment);
        }
        self.rows(view, frame, block, found.id, &mut fragment);
        if fragment.settings.is_empty() && !block.exists {
            return;
        }
        for constant in &block.attributes {
            fragment.settings.push(Setting {
                attribute: Some(constant.attribute.clone()),
                reading: Reading { origin: Origin::Derived, ..Reading::known(Value::text(&constant.value)) },
                written: self.written(node, view.get(found.id).written.as_ref()),
                text: constant.value.as_str().into(),
                shared: false,
                needs: Vec::new(),
            });
        }
        if block.keys_closed {
            self.unknown_keys(view, block, found.id, &mut fragment);
        }
        let index = self.read.fragments.len();
        if let Some(link) = &block.link {
            let mut at = Some(found.id);
            while let Some(id) = at {
                if let Some(&(_, parent)) = places.iter().rev().find(|(place, _)| *place == id) {
                    fragment.parent = Some((parent, link.clone()));
                    break;
                }
                at = view.parent(id);
            }
        }
        places.push((found.id, index));
        self.read.fragments.push(fragment);
    }

    /// The place a resource inherits from.
    fn inherited(&self, view: &View<'_>, block: &Block, found: &Found) -> Option<ViewId> {
        match block.inherit.as_ref()? {
            Inherit::Preceding(word) => {
                let siblings = view.children(view.parent(found.id)?);
                let own = siblings.iter().position(|&sibling| sibling == found.id)?;
                siblings[..own].iter().rev().copied().find(|&sibling| {
                    let key = &view.get(sibling).written;
                    key.split_whitespace().next() == Some(word)
                })
            }
            Inherit::Named { key, among, otherwise } => {
                let named = view.child(found.id, key).and_then(|id| view.text(id)).unwrap_or(otherwise);
                let base = view
                    .select(view.root(), among)
                    .into_iter()
                    .find(|place| place.captures.last().is_some_and(|name| **name == *named))?;
                (base.id != found.id).then_some(base.id)
            }
        }
    }

    /// The rows of a block, read at one place.
    fn rows(&self, view: &View<'_>, frame: &Frame, block: &Block, at: ViewId, fragment: &mut Fragment) {
        let first = fragment.settings.len();
        for row in &block.key {
            for pattern in std::iter::once(&row.key).chain(&row.also) {
                for place in view.select(at, pattern) {
                    if let Some(setting) = self.row(view, frame, &block.kind, row, place.id) {
                        fragment.settings.push(setting);
                    }
                }
            }
        }
        let present: Vec<Box<str>> = view.children(at).iter().map(|&child| view.get(child).key.clone()).collect();
        for setting in &mut fragment.settings[first..] {
            let missing = setting.needs.iter().find(|need| !present.contains(&canonical(need, self.table.spelling)));
            if let Some(missing) = missing {
                setting.reading.set = false;
                setting.reading.faults.push(
                    Fault::new("ignored", format!("it counts only where '{missing}' is set beside it"))
                        .cure(format!("set '{missing}' at the same level")),
                );
            }
        }
    }

    /// One row at one place.
    fn row(&self, view: &View<'_>, frame: &Frame, kind: &Name, row: &Row, at: ViewId) -> Option<Setting> {
        let entry = view.get(at);
        let node = entry.value?;
        let document = self.source.document;
        let declared = row.attribute.as_ref().and_then(|name| self.knowledge.vocabulary.attribute(kind, name));
        let reader = Reader { table: self.table, version: frame.version.as_ref() };
        let reading = match document.node(node).kind {
            NodeKind::Scalar if document.is_templated(document.node(node).content) => Reading::unknown(Why::Template),
            NodeKind::Scalar => {
                let text = document.scalar(node);
                match settle(self.context, self.source.path, self.table.interpolation, text) {
                    Text::Open => Reading::unknown(Why::Interpolated),
                    Text::Written(text) => reader.read(row, declared, &text),
                    Text::Filled(text) => Reading { origin: Origin::Interpolated, ..reader.read(row, declared, &text) },
                }
            }
            NodeKind::Map if !row.object.is_empty() => {
                let members: Vec<(&str, &str)> = view
                    .children(at)
                    .iter()
                    .filter_map(|&child| Some((&*view.get(child).written, view.text(child)?)))
                    .collect();
                reader.read_object(row, &members)
            }
            NodeKind::Seq if row.kind == Some(Type::List) => {
                let items = view.children(at).iter().filter_map(|&child| view.text(child)).map(Value::text);
                Reading::known(Value::List(items.collect()))
            }
            _ => Reading::unknown(Why::Unreadable),
        };
        let shown = if row.secret { "***".into() } else { self.source.show(node) };
        Some(Setting {
            attribute: row.attribute.clone(),
            reading,
            written: self.written(entry.entry.unwrap_or(node), &entry.written),
            text: shown,
            shared: entry.shared,
            needs: row.needs.clone(),
        })
    }

    /// Keys of a closed section that no row knows.
    fn unknown_keys(&self, view: &View<'_>, block: &Block, at: ViewId, fragment: &mut Fragment) {
        let first =
            |pattern: &Pattern| pattern.segments.first().map(|segment| canonical(&segment.key, self.table.spelling));
        let known: Vec<Box<str>> =
            block.key.iter().flat_map(|row| std::iter::once(&row.key).chain(&row.also)).filter_map(first).collect();
        for &child in view.children(at) {
            let entry = view.get(child);
            if known.contains(&entry.key) || known.iter().any(|key| **key == *"*") {
                continue;
            }
            let Some(node) = entry.entry.or(entry.value) else { continue };
            let mut fault = Fault::new("unknown", format!("{} does not know this key here", self.table.product()));
            let names = block.key.iter().filter_map(|row| row.key.last_key());
            if let Some(near) = nearest(&entry.written, names) {
                fault = fault.cure(format!("did you mean '{near}'?"));
            }
            fragment.settings.push(Setting {
                attribute: None,
                reading: Reading::unknown(Why::NotSet).with(fault),
                written: self.written(node, &entry.written),
                text: entry.value.map_or("".into(), |value| self.source.show(value)),
                shared: entry.shared,
                needs: Vec::new(),
            });
        }
    }

    /// Settings by environment variables named after keys.
    fn environment(&mut self, view: &View<'_>, frame: &Frame) {
        let Some(layer) = self.table.environment.as_ref().map(|environment| self.table.layer(&environment.layer))
        else {
            return;
        };
        let table = self.table.clone();
        for block in &table.resource {
            let mut found: Vec<(Vec<Name>, Fragment)> = Vec::new();
            for &child in view.children(view.root()) {
                let entry = view.get(child);
                let Some(node) = entry.value else { continue };
                for row in &block.key {
                    let patterns = std::iter::once(&row.key).chain(&row.also);
                    let Some(captures) =
                        patterns.filter_map(|pattern| environment_match(&block.at, pattern, &entry.written)).next()
                    else {
                        continue;
                    };
                    let Some(setting) = self.row(view, frame, &block.kind, row, child) else { continue };
                    let mut identity: Vec<Name> = captures;
                    if let Some(name) = block.name.as_deref().or(block.at.last_key()) {
                        identity.push(name.into());
                    }
                    let at = match found.iter().position(|(known, _)| *known == identity) {
                        Some(at) => at,
                        None => {
                            let mut fragment = self.fragment(frame, &block.kind, identity.clone(), node);
                            fragment.layer = layer;
                            fragment.rows = block.key.clone();
                            found.push((identity, fragment));
                            found.len() - 1
                        }
                    };
                    found[at].1.settings.push(setting);
                }
            }
            self.read.fragments.extend(found.into_iter().map(|(_, fragment)| fragment));
        }
    }

    /// Where a node is written.
    pub(crate) fn written(&self, node: NodeId, key: &str) -> Written {
        let document = self.source.document;
        let found = document.node(node);
        Written { entry: self.source.locate(found.entry), value: self.source.locate(found.content), key: key.into() }
    }
}

/// The captures of `*` where an environment variable's name spells the key `at.key` (Spring's relaxed binding).
fn environment_match(at: &Pattern, key: &Pattern, name: &str) -> Option<Vec<Name>> {
    let mut rest: &str = &canonical(name, Spelling::Relaxed);
    let owned = rest.to_string();
    rest = &owned;
    let segments: Vec<&str> = at.segments.iter().chain(&key.segments).map(|segment| &*segment.key).collect();
    let mut captures = Vec::new();
    let mut segments = segments.iter().peekable();
    while let Some(segment) = segments.next() {
        if *segment != "*" {
            rest = rest.strip_prefix(&*canonical(segment, Spelling::Relaxed))?;
            continue;
        }
        let next = segments.peek()?;
        let next = canonical(next, Spelling::Relaxed);
        let end = rest.rfind(&*next).filter(|&end| end > 0)?;
        captures.push(rest[..end].into());
        rest = &rest[end..];
    }
    rest.is_empty().then_some(captures)
}

/// The first node below an entry that has none of its own: a part of a dotted key.
fn first_node(view: &View<'_>, id: ViewId) -> Option<NodeId> {
    let mut at = id;
    loop {
        let entry = view.get(at);
        if let Some(node) = entry.entry.or(entry.value) {
            return Some(node);
        }
        at = *view.children(at).first()?;
    }
}
