//! What an edit is meant to do, and a reader's tree with that done.

use std::collections::BTreeMap;

use trueup::syntax::{Document, NodeId, NodeKind, Span};

use crate::readers::{self, Tree};

/// What an edit is meant to do, in the readers' terms.
#[derive(Debug, Clone)]
pub(crate) enum Meant {
    Set(Tree),
    /// Of the text of a scalar, the bytes of the range.
    Part(Span, String),
    Add(Vec<String>, Tree),
    Push(Tree),
    Remove,
    Rename(String),
    Nothing,
}

/// A step from a collection to what it holds.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Key(String),
    Item(usize),
}

/// Where a node stands, from its document down; several times where aliases lead to it.
pub(crate) fn places(document: &Document, node: NodeId, depth: usize) -> Option<Vec<Vec<Step>>> {
    if depth > 60 {
        return None;
    }
    let mut found = match document.node(node).parent {
        None => vec![Vec::new()],
        Some(parent) => {
            let step = match document.key(node) {
                Some(key) => Step::Key(key.to_owned()),
                None => Step::Item(document.children(parent).position(|child| child == node)?),
            };
            let mut above = places(document, parent, depth + 1)?;
            above.iter_mut().for_each(|place| place.push(step.clone()));
            above
        }
    };
    for (index, other) in document.nodes.iter().enumerate() {
        if other.kind == NodeKind::Alias && other.target == Some(node) {
            found.extend(places(document, NodeId(index as u32), depth + 1)?);
        }
    }
    (found.len() < 100).then_some(found)
}

/// Where an entry or item itself stands.
pub(crate) fn entry(document: &Document, node: NodeId) -> Option<Vec<Vec<Step>>> {
    let parent = document.node(node).parent?;
    let step = match document.key(node) {
        Some(key) => Step::Key(key.to_owned()),
        None => Step::Item(document.children(parent).position(|child| child == node)?),
    };
    let mut above = places(document, parent, 0)?;
    above.iter_mut().for_each(|place| place.push(step.clone()));
    Some(above)
}

/// What stands at a place.
fn at<'t>(tree: &'t mut Tree, place: &[Step]) -> Option<&'t mut Tree> {
    place.iter().try_fold(tree, |tree, step| match (tree, step) {
        (Tree::Map(map), Step::Key(key)) => map.get_mut(key),
        (Tree::List(items), Step::Item(index)) => items.get_mut(*index),
        _ => None,
    })
}

/// What a document must say after an operation at `place`; `None` where the reader sees no such place.
pub(crate) fn done(tree: &mut Tree, place: &[Step], meant: &Meant, old: &str) -> Option<()> {
    match meant {
        Meant::Nothing => {}
        Meant::Set(value) => {
            let there = at(tree, place)?;
            // what it reads otherwise than we do is a matter of other tests
            if matches!(&*there, Tree::Leaf(leaf) if leaf.starts_with("s:") && !leaf.contains(readers::TAGGED) && *leaf != format!("s:{old}"))
            {
                return None;
            }
            // a tag of the user's stays
            let tag = match (&*there, value) {
                (Tree::Leaf(old), Tree::Leaf(new)) => {
                    old.find(readers::TAGGED).map(|at| Tree::Leaf(new.clone() + &old[at..]))
                }
                _ => None,
            };
            *there = tag.unwrap_or_else(|| value.clone());
        }
        Meant::Part(range, text) => {
            let leaf = at(tree, place)?;
            if *leaf != readers::text(old) {
                return None;
            }
            let (start, end) = (range.start as usize, range.end as usize);
            *leaf = readers::text(format!("{}{text}{}", &old[..start], &old[end..]));
        }
        Meant::Add(keys, value) => {
            let mut value = value.clone();
            for key in keys.iter().skip(1).rev() {
                value = Tree::Map([(key.clone(), value)].into());
            }
            let map = at(tree, place)?;
            if *map == Tree::Leaf("n:".into()) {
                *map = Tree::Map(BTreeMap::new());
            }
            let Tree::Map(map) = map else { return None };
            map.insert(keys[0].clone(), value);
        }
        Meant::Push(value) => {
            let Tree::List(items) = at(tree, place)? else { return None };
            items.push(value.clone());
        }
        Meant::Remove => {
            let (last, above) = place.split_last()?;
            match (at(tree, above)?, last) {
                (Tree::Map(map), Step::Key(key)) => drop(map.remove(key)?),
                (Tree::List(items), Step::Item(index)) => drop((*index < items.len()).then(|| items.remove(*index))?),
                _ => return None,
            }
        }
        Meant::Rename(new) => {
            let (last, above) = place.split_last()?;
            let (Tree::Map(map), Step::Key(key)) = (at(tree, above)?, last) else { return None };
            let value = map.remove(key)?;
            map.insert(new.clone(), value);
        }
    }
    Some(())
}

/// Whether a key of the place stands twice in its map.
pub(crate) fn is_ambiguous(document: &Document, node: NodeId) -> bool {
    std::iter::successors(Some(node), |&node| document.node(node).parent).any(|node| {
        let (Some(parent), Some(key)) = (document.node(node).parent, document.key(node)) else { return false };
        document.children(parent).filter(|&other| document.key(other) == Some(key)).count() > 1
    })
}
