//! Text that several resources read, through an anchor: it is changed when all of them have the finding.

use crate::analysis::Judged;
use crate::model::{Assignment, Finding, ResourceId};
use crate::syntax::edit::Edit;
use crate::syntax::{Document, NodeId, NodeKind, Span};

/// Whether every reader of what `edits` change has the finding, and would get the same value.
pub(super) fn by_all(
    judged: &Judged,
    (finding, set): (&Finding, &Assignment),
    (file, document): (u32, &Document),
    edits: &[Edit],
) -> bool {
    edits.iter().filter_map(edited).all(|node| {
        let readers: Vec<ResourceId> = readers(judged, set, file, document.node(node).entry).collect();
        let aliases = document.nodes.iter().filter(|other| {
            let target = other.target.filter(|_| other.kind == NodeKind::Alias);
            target.is_some_and(|target| stands_in(document, node, target))
        });
        // an alias in a part that nobody understands is a reader, too
        aliases.count() <= readers.len() && readers.iter().all(|&reader| has(judged, finding, set, reader))
    })
}

/// Where an edit changes something.
fn edited(edit: &Edit) -> Option<NodeId> {
    match edit {
        Edit::Replace { node, .. } | Edit::Within { node, .. } | Edit::Delete { node } | Edit::Rename { node, .. } => {
            Some(*node)
        }
        Edit::InsertEntry { map: node, .. }
        | Edit::InsertPath { map: node, .. }
        | Edit::InsertItem { seq: node, .. } => Some(*node),
        Edit::RemoveComment { .. } | Edit::TrimComment { .. } => None,
    }
}

/// The resources of the same kind of which something is written in `span`.
fn readers<'a>(
    judged: &'a Judged,
    set: &'a Assignment,
    file: u32,
    span: Span,
) -> impl Iterator<Item = ResourceId> + 'a {
    let kind = &judged.model.get(set.resource).kind;
    let ids = (0..judged.model.resources.len() as u32).map(ResourceId);
    ids.filter(move |&id| {
        let resource = judged.model.get(id);
        let mut written = resource.attributes.values().flat_map(|attribute| &attribute.written);
        resource.kind == *kind
            && written.any(|written| {
                let place = written.entry;
                place.file == file && span.contains(Span { start: place.start, end: place.end })
            })
    })
}

fn stands_in(document: &Document, node: NodeId, outer: NodeId) -> bool {
    std::iter::successors(Some(node), |&node| document.node(node).parent).any(|node| node == outer)
}

/// Whether `reader` has the finding with the same cure.
fn has(judged: &Judged, finding: &Finding, set: &Assignment, reader: ResourceId) -> bool {
    let same =
        |other: &Assignment| other.resource == reader && other.attribute == set.attribute && other.value == set.value;
    let findings = judged.findings.iter().filter(|other| other.rule == finding.rule);
    findings.flat_map(|other| &other.fixes).flat_map(|offer| offer.sets.iter().chain(&offer.others)).any(same)
}
