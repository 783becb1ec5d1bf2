//! Settings of one product in the file of another: an operator's manifest holds the parameters of the servers it runs.
//!
//! The carrier's table says where ([`Carried`]), the product's own table says what they mean. What the carrier does to
//! them on the way (refuses some, drops some, fills in others) is the carrier's.

use super::blocks::{At, BlockReader, Frame};
use super::container::image_parts;
use super::fragment::{Fault, Fragment, Reading, Setting};
use super::reading::Reader;
use super::rows::unknown_key;
use super::view::{Found, View, ViewId};
use super::{Context, Read, Text, parameter, settle, throwaway};
use crate::knowledge::{Carried, Given, ParameterSet, Table, Version, glob};
use crate::model::{Attribute, Effective, Name, Origin, Pin, Site, Type, Value, Why};
use crate::syntax::{NodeKind, ScalarType};

impl BlockReader<'_, '_> {
    /// The settings that this document carries for other products.
    pub(crate) fn carried(&mut self, view: &View<'_>, places: &[(ViewId, usize)]) {
        let table = self.table.clone();
        for site in &table.carried {
            let Some(other) = self.knowledge.table(&site.table).cloned() else { continue };
            for found in view.select(view.root(), &site.within) {
                let mut inner = BlockReader {
                    knowledge: self.knowledge,
                    context: self.context,
                    source: self.source,
                    table: &other,
                    how: None,
                    interpolation: self.interpolation,
                    read: &mut Read::default(),
                };
                let layer = table.layer(&site.layer);
                let Some(mut fragment) = inner.carried_at(view, site, layer, &found) else { continue };
                let around = |&&(place, index): &&(ViewId, usize)| {
                    let kind = &self.read.fragments[index].kind;
                    let links = self.knowledge.vocabulary.kind.get(kind).map(|kind| &kind.links);
                    place == found.id && links.is_some_and(|links| links.get(&site.kind) == Some(&site.kind))
                };
                fragment.parent = places.iter().find(around).map(|&(_, index)| (index, site.kind.clone()));
                self.read.recognised(&other.id);
                self.read.fragments.push(fragment);
            }
        }
    }

    /// The resource that one place describes.
    fn carried_at(&mut self, view: &View<'_>, site: &Carried, layer: u8, found: &Found) -> Option<Fragment> {
        let within = found.id;
        let there = |keys: &Name| keys.split('|').any(|key| view.child(within, key).is_some());
        if !site.needs.iter().all(there) {
            return None;
        }
        let is_place = |id: &ViewId| if site.pairs.is_some() { is_list(view, *id) } else { is_map(view, *id) };
        let map = view.one(within, &site.at).filter(is_place);
        let alone = site.pairs.as_ref().filter(|_| map.is_none()).and_then(|_| view.one(within, &site.at));
        let map = map.or(alone.filter(|&id| is_map(view, id)));
        let node = view.first_node(map.unwrap_or(within))?;
        if map.is_none() && !(site.exists && is_map(view, within)) {
            return None;
        }
        let document = self.source.document;
        let name = site.name.as_ref().and_then(|name| view.one(view.root(), name)).and_then(|id| view.text(id));
        // one of several is told by its place
        let identity: Vec<Name> =
            found.captures.iter().map(|capture| Name::from(&**capture)).chain(name.map(Name::from)).collect();
        let scope: Name =
            format!("{}#{}#{}", self.source.scope, document.node(node).document, identity.join("/")).into();
        let pin = self
            .context
            .version(self.table.product(), self.source.path)
            .filter(|pin| pin.location.is_none())
            .or_else(|| site.version.iter().find_map(|place| self.version_at(view, within, place)));
        let closed = !site.closed_with.is_empty()
            && site.closed_with.iter().all(|place| view.one(within, place).is_some())
            && document.template.is_none();
        let frame = Frame {
            version: pin.as_ref().and_then(|pin| Version::parse(&pin.version)),
            throwaway: throwaway::said_by(&self.table.throwaway, &scope),
            scope,
            layer,
            profile: None,
            pin,
            closed,
            part: false,
            rehearsal: false,
        };
        let mut fragment = self.fragment(&frame, &site.kind, identity, node);
        if let Some(key) = document.node(node).key {
            fragment.location = self.source.locate(document.node(key).content);
        }
        fragment.given = site.given.clone();
        fragment.given_source = site.source.clone();
        if let Some(map) = map {
            if self.table.parameters.is_some()
                && let Some(node) = view.get(map).value
            {
                let entry = self.source.locate(document.node(node).entry);
                let unitless = site.unitless;
                fragment.site = Some(Site { table: self.table.id.clone(), block: None, entry, unitless });
            }
            // a map in the place of a list is its only pair
            let only = [map];
            let children = if alone.is_some() { &only[..] } else { view.children(map) };
            for &child in children {
                match &site.pairs {
                    Some([name, value]) => {
                        let place = view.child(child, value);
                        let name =
                            view.child(child, name).filter(|&id| self.is_plain(view, id)).and_then(|id| view.text(id));
                        if let (Some(name), Some(place)) = (name, place) {
                            self.carried_setting(view, &frame, site, (name, place), &mut fragment);
                        }
                    }
                    None => {
                        let name = view.get(child).written.clone();
                        self.carried_setting(view, &frame, site, (&*name, child), &mut fragment);
                    }
                }
            }
        }
        if !site.names.is_empty() && fragment.settings.is_empty() {
            return None;
        }
        for also in &site.also {
            // an empty key sets nothing
            let is_set = |place: &ViewId| {
                let node = view.get(*place).value.map(|node| document.node(node));
                node.is_none_or(|node| node.scalar != ScalarType::Null) && view.text(*place) != Some("")
            };
            if let Some(place) = view.one(within, &also.key).filter(is_set) {
                self.setting_named(view, &frame, &site.kind, &also.setting, place, &mut fragment);
            }
        }
        // the layers are the carrier's
        fragment.settings.iter_mut().for_each(|setting| setting.written.layer = Some(site.layer.clone()));
        fragment.block = self.table.resource.iter().position(|block| block.kind == site.kind);
        Some(fragment)
    }

    /// One entry of the map, with what the carrier does to it.
    fn carried_setting(
        &self,
        view: &View<'_>,
        frame: &Frame,
        site: &Carried,
        (name, place): (&str, ViewId),
        fragment: &mut Fragment,
    ) {
        let written = name;
        let name = name.to_ascii_lowercase();
        if !site.names.is_empty() && !site.names.iter().any(|pattern| glob(pattern, &name)) {
            return;
        }
        let Some(node) = view.get(place).value else { return };
        let first = fragment.settings.len();
        self.setting_named(view, frame, &site.kind, &name, place, fragment);
        let read = fragment.settings.len() > first;
        if site.pairs.is_some() {
            // the name of a pair is its setting's
            fragment.settings[first..].iter_mut().for_each(|setting| setting.written.key = written.into());
        }
        if read && self.source.document.node(node).kind == NodeKind::Scalar {
            self.carry(view, frame, site, &name, node, &mut fragment.settings[first..]);
            return;
        }
        if read {
            return;
        }
        let block = self.table.resource.iter().find(|block| block.kind == site.kind && block.keys_closed);
        let fault = match block {
            _ if !site.only.is_empty() && !site.only.iter().any(|only| **only == *name) => {
                Fault::new("rejected", "it is not among those that are passed on").by(&site.title)
            }
            Some(block) => unknown_key(self.table, block, &name),
            None => return,
        };
        fragment.settings.push(Setting {
            attribute: None,
            reading: Reading::unknown(Why::NotSet).with(fault),
            written: self.written(view.get(place).entry.unwrap_or(node), written),
            text: self.source.show(node),
            needs: Vec::new(),
        });
    }

    /// The setting `name` of this table's product at a place of any document.
    pub(crate) fn setting_named(
        &self,
        view: &View<'_>,
        frame: &Frame,
        kind: &Name,
        name: &str,
        place: ViewId,
        fragment: &mut Fragment,
    ) {
        let entry = view.get(place);
        let Some(node) = entry.value else { return };
        let has_parameters = |set: &ParameterSet| {
            let of_kind = self.knowledge.vocabulary.kind.get(kind);
            set.kind == *kind || of_kind.is_some_and(|of_kind| of_kind.parameters.contains(&set.namespace))
        };
        if self.table.parameters.as_ref().is_some_and(has_parameters) {
            let document = self.source.document;
            if document.node(node).kind != NodeKind::Scalar {
                return;
            }
            // `!Ref`, `!Sub` and their kin: what stands there is the name of another value
            if document.node(node).tag.is_some_and(|tag| !tag.slice(&document.text).starts_with("!!")) {
                return;
            }
            let written = self.written(entry.entry.unwrap_or(node), &entry.written).shared(entry.shared);
            let text = document.scalar(node);
            self.parameter(fragment, frame, name, text, written, self.source.show(node));
            return;
        }
        for (index, block) in self.table.resource.iter().enumerate().filter(|(_, block)| block.kind == *kind) {
            let at = At { block, index, inherited: false };
            let row = block.key.iter().enumerate().find(|(_, row)| {
                std::iter::once(&row.key).chain(&row.also).any(|key| key.to_string().eq_ignore_ascii_case(name))
            });
            if let Some(row) = row {
                fragment.settings.extend(self.row(view, frame, at, row, place));
                return;
            }
        }
    }

    /// What `text` means as the setting `name`.
    pub(super) fn value_of(&self, frame: &Frame, kind: &Name, name: &str, text: &str) -> Option<Value> {
        let declared = |attribute: &str| self.knowledge.vocabulary.attribute(kind, attribute);
        match read_as(self.table, kind, name, text, frame.version.as_ref(), &declared)? {
            (_, Effective::Known(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether a scalar says what it is: nothing is filled in later.
    pub(super) fn is_plain(&self, view: &View<'_>, id: ViewId) -> bool {
        let document = self.source.document;
        view.get(id).value.is_some_and(|node| !document.is_templated(document.node(node).content))
    }

    /// The version that a text names, or the tag of the image that it names.
    fn version_at(&self, view: &View<'_>, within: ViewId, place: &crate::knowledge::Pattern) -> Option<Pin> {
        let id = view.one(within, place).filter(|&id| self.is_plain(view, id))?;
        let text = version_text(self.context, self.source.path, self.interpolation, view.text(id)?)?;
        // a family: the number behind the product's name
        let number = text.rfind(|c: char| !c.is_ascii_digit() && c != '.').map_or(0, |at| at + 1);
        let text = if Version::parse(&text).is_some() { text } else { text.get(number..)?.to_owned() };
        Version::parse(&text)?;
        let node = view.get(id).value?;
        let location = Some(self.source.locate(self.source.document.node(node).content));
        Some(Pin { version: text.into(), source: place.to_string().into(), location })
    }
}

/// `16`, or the tag of `registry/postgresql:16.4`.
fn version_text(
    context: &Context,
    path: &str,
    interpolation: crate::knowledge::Interpolation,
    text: &str,
) -> Option<String> {
    let (Text::Written(text) | Text::Filled(text)) = settle(context, path, interpolation, text) else { return None };
    if !text.contains(['/', ':', '@']) {
        return Some(text);
    }
    image_parts(&text).1.map(str::to_string)
}

/// The attribute and value of a setting as the product of `table` reads it.
pub(crate) fn read_as(
    table: &Table,
    kind: &Name,
    name: &str,
    text: &str,
    version: Option<&Version>,
    declared: &dyn Fn(&str) -> Option<Type>,
) -> Option<(Name, Effective)> {
    if let Some(set) = table.parameters.as_ref().filter(|set| set.kind == *kind) {
        let canonical = parameter::canonical(name)?;
        let reading = parameter::read(set, canonical, text, version);
        return Some((format!("{}.{canonical}", set.namespace).into(), reading.effective));
    }
    let blocks = table.resource.iter().filter(|block| block.kind == *kind);
    let row = blocks.flat_map(|block| &block.key).find(|row| row.key.to_string() == name)?;
    let attribute = row.attribute.clone()?;
    let reading = Reader { table, version }.read(row, declared(&attribute), text);
    Some((attribute, reading.effective))
}

/// What a carrier gives where nobody sets it, as attributes.
pub(crate) fn given(
    table: &Table,
    kind: &Name,
    given: &[Given],
    source: Option<&Name>,
    version: Option<&Version>,
    declared: &dyn Fn(&str) -> Option<Type>,
) -> Vec<(Name, Attribute)> {
    let source = source.cloned().unwrap_or_else(|| table.source.as_str().into());
    let mut attributes = Vec::new();
    for one in given {
        let Some((name, effective)) = read_as(table, kind, &one.name, &one.value, version, declared) else { continue };
        let origin = Origin::Default { source: source.clone() };
        let shared = table.parameters.iter().flat_map(|set| &set.shared).find(|shared| shared.name == one.name);
        if let Some(shared) = shared {
            attributes.push((shared.attribute.clone(), super::absent(effective.clone(), origin.clone())));
        }
        attributes.push((name, super::absent(effective, origin)));
    }
    attributes
}

fn is_list(view: &View<'_>, id: ViewId) -> bool {
    view.get(id).value.is_some_and(|node| view.document.node(node).kind == NodeKind::Seq)
}

fn is_map(view: &View<'_>, id: ViewId) -> bool {
    view.get(id).value.is_some_and(|node| view.document.node(node).kind == NodeKind::Map)
}
