//! What stands beside a setting: keys that it needs, keys without which it is read past, resources of the same document
//! that it works with, and places that a version does not read.

use super::blocks::{At, BlockReader, Frame};
use super::fragment::{Fault, Fragment, Reading, Setting};
use super::view::{Found, View, ViewId, canonical};
use crate::knowledge::{Inherit, Pattern, Place, Row, Version};
use crate::model::{Effective, Name, Value, Why, WrittenBy};

impl BlockReader<'_, '_> {
    /// Settings that count only beside others, and those that count only without.
    pub(crate) fn siblings(&self, view: &View<'_>, at: At<'_>, place: ViewId, fragment: &mut Fragment, first: usize) {
        let version = fragment.version.as_ref().and_then(|pin| Version::parse(&pin.version));
        let version = version.as_ref();
        let is_set = |place: ViewId, key: &Name| {
            let pattern = Pattern::parse(key);
            pattern.is_ok_and(|pattern| !view.select(place, &pattern).is_empty())
        };
        let (inherited, own) = fragment.settings.split_at_mut(first);
        // what its base lacked stands here
        for setting in inherited.iter_mut().filter(|setting| !setting.reading.set) {
            let lacked = setting.reading.faults.iter().any(|fault| fault.code == "ignored");
            let needs = self.row_of(at, setting).map(|row| row.needs.as_slice()).unwrap_or_default();
            let known = matches!(setting.reading.effective, Effective::Known(_));
            if known
                && (lacked || setting.reading.faults.is_empty())
                && !needs.is_empty()
                && needs.iter().all(|need| is_set(place, need))
            {
                setting.reading.set = true;
                setting.reading.faults.retain(|fault| fault.code != "ignored");
            }
        }
        for setting in own {
            let Some(row) = self.row_of(at, setting) else { continue };
            if let Some(why) = &row.inert
                && !row.unless.iter().any(|key| is_set(place, key))
            {
                let mut fault = Fault::new("ignored", why.clone());
                if let Some(replacement) = &row.replaced_by {
                    fault = fault.cure(format!("use '{replacement}'"));
                    fault.successor = self.successor(at, row, version, &setting.text);
                }
                fault.confidence = row.confidence.unwrap_or(fault.confidence);
                setting.reading.set = false;
                setting.reading.faults.push(fault);
                continue;
            }
            // what is switched off needs nothing, and what the base says already changes nothing here
            let off = matches!(setting.reading.effective, Effective::Known(Value::Bool(false) | Value::Int(0)))
                || ["false", "no", "off"].iter().any(|word| setting.text.eq_ignore_ascii_case(word));
            let by_base = inherited.iter().any(|base| {
                base.reading.set
                    && base.written.by == setting.written.by
                    && base.reading.effective == setting.reading.effective
            });
            let beside = row.needs.iter().find(|need| !is_set(place, need));
            // a switch that stands for a word of its own says nothing where it does not count
            if off && beside.is_some() && matches!(setting.reading.effective, Effective::Known(Value::Text(_))) {
                setting.reading.set = false;
            }
            if off || by_base {
                continue;
            }
            let anywhere = row.needs_anywhere.iter().find(|need| {
                let from_base = |base: &Setting| {
                    canonical(&base.written.key, self.table.spelling) == canonical(need, self.table.spelling)
                };
                !is_set(place, need) && !inherited.iter().any(from_base)
            });
            if let Some(missing) = beside.or(anywhere) {
                // without the quotes that a path has around a key with dots
                let named = missing.replace('"', "");
                setting.reading.set = false;
                // a base from which some place takes it that has what is missing does not stand there in vain
                let serves = self.is_inherited(view, at, place)
                    && view
                        .select(view.root(), &at.block.at)
                        .iter()
                        .any(|user| user.id != place && is_set(user.id, missing));
                if serves {
                    continue;
                }
                setting.reading.faults.push(
                    Fault::new("ignored", format!("it counts only where '{named}' is set beside it"))
                        .cure(format!("set '{named}' at the same level")),
                );
            }
        }
    }

    /// The row that read a setting of the block under way.
    fn row_of<'b>(&self, at: At<'b>, setting: &Setting) -> Option<&'b Row> {
        match setting.written.by {
            Some(WrittenBy::Row { block, row, .. }) if usize::from(block) == at.index => {
                at.block.key.get(usize::from(row))
            }
            _ => None,
        }
    }

    /// Whether others inherit from `place`.
    fn is_inherited(&self, view: &View<'_>, at: At<'_>, place: ViewId) -> bool {
        let Some(Inherit::Named { among, .. }) = &at.block.inherit else { return false };
        view.select(view.root(), among).iter().any(|base| base.id == place)
    }

    /// What is wrong with a place that the version at hand no longer reads, or does not read yet.
    pub(crate) fn place_fault(&self, frame: &Frame, place: &Place) -> Option<Fault> {
        let (range, version) = (place.versions.as_ref()?, frame.version.as_ref()?);
        if range.contains(version) != Some(false) {
            return None;
        }
        let product = self.table.product();
        let code = if range.is_before(version) { "too-new" } else { "removed" };
        let fault = Fault::new(code, format!("{product} {version} does not read what stands here (versions {range})"));
        Some(match place.replaced_by.as_ref().filter(|_| code == "removed") {
            Some(replacement) => fault.cure(format!("use '{replacement}'")),
            None => fault,
        })
    }

    /// A place whose settings count for nothing: the fault stands at the place, once.
    pub(crate) fn lost_place(&mut self, view: &View<'_>, frame: &Frame, at: At<'_>, found: &Found, fault: Fault) {
        let Some(node) = view.first_node(found.id) else { return };
        let mut keys: Vec<&str> = Vec::new();
        let mut next = Some(found.id);
        while let Some(id) = next {
            keys.extend(Some(&*view.get(id).written).filter(|key| !key.is_empty()));
            next = view.parent(id);
        }
        keys.reverse();
        let key = keys.join(".");
        let mut fragment = self.fragment(frame, &"setting".into(), vec![key.as_str().into()], node);
        fragment.scope = format!("{}#{}#{key}", fragment.scope, at.index).into();
        fragment.settings.push(Setting {
            attribute: None,
            reading: Reading::unknown(Why::NotSet).with(fault),
            written: self.written(node, &key),
            text: "".into(),
            needs: Vec::new(),
        });
        self.read.fragments.push(fragment);
    }

    /// Ties resources of this document to others of it: those of the same name, where names tell them apart.
    pub(crate) fn ties(&mut self, places: &[(ViewId, usize)]) {
        let table = self.table.clone();
        let block_of = |reader: &Self, index: usize| {
            reader.read.fragments[index].site.as_ref().and_then(|site| site.block).map(usize::from)
        };
        let own: Vec<(usize, usize)> =
            places.iter().filter_map(|&(_, index)| Some((block_of(self, index)?, index))).collect();
        for (block, index) in &own {
            for tie in &table.resource[*block].tie {
                let kind = self.knowledge.vocabulary.kind.get(&table.resource[*block].kind);
                let target = kind.and_then(|kind| kind.links.get(&tie.link));
                let wanted =
                    |other: &usize| table.resource[*other].at == tie.to && target == Some(&table.resource[*other].kind);
                let named = !tie.any_name && tie.to.segments.iter().any(|segment| segment.key.contains('*'));
                let name = |index: usize| self.read.fragments[index].canonical_identity();
                let others: Vec<usize> = own
                    .iter()
                    .filter(|(block, other)| wanted(block) && (!named || name(*other) == name(*index)))
                    .map(|(_, other)| *other)
                    .collect();
                // several alike are for the evaluation to call ambiguous
                self.read.fragments[*index].ties.extend(others.into_iter().map(|other| (tie.link.clone(), other)));
            }
        }
    }
}
