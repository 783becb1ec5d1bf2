//! Where a resource takes what it does not set: the section before it, the maps around it, a place that it names.

use super::blocks::{BlockReader, Frame};
use super::view::{Found, View, ViewId};
use crate::knowledge::{Block, Inherit};

/// What a resource inherits from.
#[derive(Default)]
pub(super) struct Inherited {
    /// These places, the strongest last.
    pub(super) from: Vec<ViewId>,
    /// Whether there is another one from which some versions take, and this may be one of them.
    pub(super) or_more: bool,
}

impl BlockReader<'_, '_> {
    /// The places a resource inherits from.
    pub(super) fn inherited(&self, view: &View<'_>, frame: &Frame, block: &Block, found: &Found) -> Inherited {
        let Some(inherit) = &block.inherit else { return Inherited::default() };
        let (from, or_more) = match inherit {
            Inherit::Around => {
                let mut around: Vec<ViewId> =
                    std::iter::successors(view.parent(found.id), |&id| view.parent(id)).collect();
                around.reverse();
                (around, false)
            }
            Inherit::Preceding(word) => (preceding(view, found, word).into_iter().collect(), false),
            Inherit::Named { key, among, otherwise, versions } => {
                let bases = view.select(view.root(), among);
                let base = |name: &str| {
                    let mut named = bases.iter().filter(|base| base.captures.last().is_some_and(|of| **of == *name));
                    named.next().map(|base| base.id).filter(|&id| id != found.id)
                };
                let name = view.child(found.id, key).and_then(|id| view.text(id));
                let (named, general) = (name.and_then(base), base(otherwise));
                let namesake = found.captures.last().and_then(|own| base(own));
                match (versions, name) {
                    // one that names none may take from its namesake
                    (_, None) if namesake.is_some() => (Vec::new(), true),
                    (_, Some(name)) if *name == **otherwise => (named.into_iter().collect(), false),
                    // a named one takes from the general one too
                    (Some(range), _) => {
                        let certain = frame.version.as_ref().and_then(|version| range.contains(version)) == Some(true);
                        let above = general.filter(|_| certain);
                        (above.into_iter().chain(named).collect(), general.is_some() && !certain)
                    }
                    (None, Some(_)) => (named.into_iter().collect(), false),
                    // one of the bases takes only from the base that it names
                    (None, None) if bases.iter().any(|base| base.id == found.id) => (Vec::new(), false),
                    (None, None) => (general.into_iter().collect(), false),
                }
            }
        };
        Inherited { from, or_more }
    }
}

/// The nearest section before a place whose key starts with `word`.
fn preceding(view: &View<'_>, found: &Found, word: &str) -> Option<ViewId> {
    let siblings = view.children(view.parent(found.id)?);
    let own = siblings.iter().position(|&sibling| sibling == found.id)?;
    siblings[..own].iter().rev().copied().find(|&sibling| {
        let key = &view.get(sibling).written;
        key.split_whitespace().next() == Some(word)
    })
}
