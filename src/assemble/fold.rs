//! Several fragments, weakest first, into one resource.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{derived, version_of};
use crate::dialect::{self, Fragment};
use crate::knowledge::{Knowledge, Table};
use crate::model::{
    Attribute, Confidence, Declaration, Effective, Name, NameMap, Origin, Resource, Value, Why, Written,
};

/// A table (of the knowledge at hand, so that its place tells it), a kind of its resources, the block that describes
/// them, and a version.
type Edition = (*const Table, Name, Option<usize>, Option<Name>);

/// What holds although nothing sets it, resolved once for each table, kind, block and version.
pub(super) struct Defaults<'w> {
    knowledge: &'w Knowledge,
    /// The parameters that some rule reads.
    wanted: &'w BTreeSet<Name>,
    known: HashMap<Edition, Arc<NameMap<Attribute>>, foldhash::fast::RandomState>,
}

impl<'w> Defaults<'w> {
    pub(super) fn new(knowledge: &'w Knowledge, wanted: &'w BTreeSet<Name>) -> Self {
        Defaults { knowledge, wanted, known: HashMap::default() }
    }

    /// Those of a resource of `fragments` that are the same for every such resource; what only these fragments bring
    /// goes into `own`.
    fn of(
        &mut self,
        fragments: &[&Fragment],
        strongest: &Fragment,
        own: &mut BTreeMap<Name, Attribute>,
    ) -> Arc<NameMap<Attribute>> {
        let place = |fragment: &Fragment| fragment.table.as_ref().map(Arc::as_ptr);
        let Some(table) = place(strongest) else {
            self.bring(fragments, true, own);
            return Arc::default();
        };
        let alike = |fragment: &&Fragment| {
            fragment.block == strongest.block
                && place(fragment) == Some(table)
                && fragment.kind == strongest.kind
                && version(fragment) == version(strongest)
                && !dialect::brings_defaults(fragment)
        };
        let alike = fragments.iter().all(alike);
        if !alike {
            self.bring(fragments, true, own);
        }
        let block = strongest.block.filter(|_| alike);
        let key = (table, strongest.kind.clone(), block, version(strongest).cloned());
        let (knowledge, wanted) = (self.knowledge, self.wanted);
        let shared = self.known.entry(key).or_insert_with(|| {
            let mut shared = dialect::parameter_defaults(strongest, wanted);
            if alike {
                let mut rows = BTreeMap::new();
                for (name, attribute) in dialect::defaults(knowledge, strongest, true) {
                    rows.entry(name).or_insert(attribute);
                }
                shared.extend(rows);
            }
            Arc::new(shared.into())
        });
        shared.clone()
    }

    /// Every default of `fragments`, the first that speaks of an attribute first, where nothing sets it. Few hold in a
    /// resource that is not `closed`.
    fn bring(&self, fragments: &[&Fragment], closed: bool, own: &mut BTreeMap<Name, Attribute>) {
        for fragment in fragments {
            for (name, attribute) in dialect::defaults(self.knowledge, fragment, closed) {
                own.entry(name).or_insert(attribute);
            }
        }
    }
}

/// The version of what a fragment configures.
fn version(fragment: &Fragment) -> Option<&Name> {
    fragment.version.as_ref().map(|pin| &pin.version)
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
    let mut defaults = if closed {
        shared.of(fragments, strongest, &mut attributes)
    } else {
        shared.bring(fragments, false, &mut attributes);
        Arc::default()
    };
    // what is switched off is judged by nothing that it lacks
    let enabled = attributes.get("enabled").or_else(|| defaults.get("enabled"));
    let off = matches!(enabled, Some(Attribute { effective: Effective::Known(Value::Bool(false)), .. }));
    if off && closed {
        shared.bring(fragments, true, &mut attributes);
        defaults = Arc::default();
    }
    let closed = closed && !off;
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
        attributes: attributes.into(),
        defaults,
        links: NameMap::new(),
        closed,
        confidence: fragments.iter().map(|fragment| fragment.confidence).min().unwrap_or(Confidence::Low),
        rehearsal: fragments.iter().any(|fragment| fragment.rehearsal),
    }
}
