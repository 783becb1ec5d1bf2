//! Several fragments, weakest first, into one resource.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{derived, version_of};
use crate::dialect::{self, Fragment};
use crate::knowledge::Knowledge;
use crate::model::{Attribute, Confidence, Declaration, Effective, Name, Origin, Resource, Value, Why, Written};

/// A dialect, a kind of its resources, and a version.
type Edition = (Name, Name, Option<Name>);

/// Defaults of parameters, resolved once for each table, kind and version.
pub(super) struct Defaults<'w> {
    /// The parameters that some rule reads.
    wanted: &'w BTreeSet<Name>,
    known: HashMap<Edition, Arc<BTreeMap<Name, Attribute>>>,
}

impl<'w> Defaults<'w> {
    pub(super) fn new(wanted: &'w BTreeSet<Name>) -> Self {
        Defaults { wanted, known: HashMap::new() }
    }

    fn of(&mut self, fragment: &Fragment) -> Arc<BTreeMap<Name, Attribute>> {
        let version = fragment.version.as_ref().map(|pin| pin.version.clone());
        let key = (fragment.dialect.clone(), fragment.kind.clone(), version);
        let wanted = self.wanted;
        self.known.entry(key).or_insert_with(|| Arc::new(dialect::parameter_defaults(fragment, wanted))).clone()
    }
}

/// Folds `fragments`, of which there is at least one.
pub(super) fn fold(
    knowledge: &Knowledge,
    shared: &mut Defaults<'_>,
    fragments: &[&Fragment],
    profile: Option<Name>,
) -> Resource {
    let first = fragments[0]; // groups are never empty
    let strongest = fragments.last().copied().unwrap_or(first);
    let mut attributes: BTreeMap<Name, Attribute> = BTreeMap::new();
    for fragment in fragments {
        let layer = fragment.table.as_ref().and_then(|table| table.layers.get(usize::from(fragment.layer)));
        for setting in &fragment.settings {
            let Some(name) = &setting.attribute else { continue };
            if !setting.reading.set {
                continue;
            }
            // the deciding place last for now: a key that is set again and again stays linear
            let mut written = attributes.remove(name).map(|attribute| attribute.written).unwrap_or_default();
            // most are written once
            written.reserve_exact(usize::from(written.is_empty()));
            written
                .push(Written { layer: setting.written.layer.as_ref().or(layer).cloned(), ..setting.written.clone() });
            // a template may render to nothing; whatever else cannot be read is written all the same
            let declared = match setting.reading.effective {
                Effective::Unknown(Why::Template) => Declaration::Unreadable,
                _ => Declaration::Set,
            };
            attributes.insert(
                name.clone(),
                Attribute {
                    declared,
                    effective: setting.reading.effective.clone(),
                    origin: setting.reading.origin.clone(),
                    confidence: setting.reading.confidence,
                    written,
                },
            );
        }
    }
    attributes.values_mut().for_each(|attribute| attribute.written.reverse());
    let closed = fragments.iter().any(|fragment| fragment.closed) && !fragments.iter().any(|fragment| fragment.open);
    let version = fragments.iter().rev().find_map(|fragment| fragment.version.clone());
    for fragment in fragments {
        for (name, attribute) in dialect::defaults(knowledge, fragment, closed) {
            attributes.entry(name).or_insert(attribute);
        }
    }
    // what is switched off is judged by nothing that it lacks
    let off =
        matches!(attributes.get("enabled"), Some(Attribute { effective: Effective::Known(Value::Bool(false)), .. }));
    let closed = closed && !off;
    let defaults = if closed { shared.of(strongest) } else { Arc::default() };
    if let Some(version) = fragments.iter().rev().find_map(|fragment| version_of(fragment))
        && knowledge.vocabulary.attribute(&first.kind, "major").is_some()
    {
        attributes
            .entry("major".into())
            .or_insert_with(|| derived(Value::Int(i64::from(version.major())), Origin::Derived));
    }
    if knowledge.vocabulary.attribute(&first.kind, "throwaway").is_some() {
        let throwaway = fragments.iter().any(|fragment| fragment.throwaway);
        attributes.entry("throwaway".into()).or_insert_with(|| derived(Value::Bool(throwaway), Origin::Derived));
    }
    if let Some(product) = &first.product
        && !first.table.as_ref().is_some_and(|table| table.calls_others)
        && knowledge.vocabulary.attribute(&first.kind, "product").is_some()
    {
        attributes.entry("product".into()).or_insert_with(|| derived(Value::Text(product.clone()), Origin::Derived));
    }
    Resource {
        kind: first.kind.clone(),
        dialect: first.dialect.clone(),
        product: strongest.product.clone().or(first.product.clone()),
        version,
        identity: first.identity.clone(),
        profile,
        home: fragments.iter().find_map(|fragment| fragment.home.clone()),
        location: strongest.location,
        sites: fragments.iter().filter_map(|fragment| fragment.site.clone()).collect(),
        attributes,
        defaults,
        links: BTreeMap::new(),
        closed,
        confidence: fragments.iter().map(|fragment| fragment.confidence).min().unwrap_or(Confidence::Low),
        rehearsal: fragments.iter().any(|fragment| fragment.rehearsal),
    }
}
