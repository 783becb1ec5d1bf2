//! Down the document: which map is a resource, which belongs to the one around it, which scalar is a key of it.

use super::flat::Heads;
use super::section::Entered;
use super::{Reader, ViewId, Words};
use crate::knowledge::Section;
use crate::syntax::{Format, LineFlavor, NodeKind};

/// A map, a sequence or the root, and what holds inside of it.
struct Place<'a> {
    at: ViewId,
    /// The resource around.
    enclosing: Option<usize>,
    /// The words of its key.
    heading: Words,
    /// What its maps are, whatever they are called: `databases: { primary: …, replica: … }`.
    each: Option<&'a Section>,
    /// Whether nothing but `app`, `settings`, `production` and the like stands between it and the root.
    plain: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn walk(&mut self) {
        let root = self.view.root();
        let environment = self.source.document.format == Format::Line(LineFlavor::Env);
        let entered = if environment { Entered::nothing() } else { self.enter_file() };
        let mut work = vec![Place {
            at: root,
            enclosing: entered.resource,
            heading: Words::default(),
            each: entered.each,
            plain: true,
        }];
        while let Some(place) = work.pop() {
            let children = self.view.children(place.at).to_vec();
            let heads = if place.enclosing.is_none() { self.heads(place.at) } else { Heads::default() };
            let mut deeper = Vec::new();
            for &child in &children {
                let item = self.view.get(child).item;
                if self.is_manifest(child) {
                    continue;
                }
                if self.is(child, NodeKind::Map) {
                    deeper.push(self.map(child, &place));
                } else if self.is(child, NodeKind::Seq) {
                    deeper.push(self.sequence(child, &place));
                } else if !item {
                    self.scalar(child, &place, &heads);
                }
            }
            // in the order of the file
            work.extend(deeper.into_iter().rev());
        }
    }

    /// A map below `place`.
    fn map(&mut self, at: ViewId, place: &Place<'a>) -> Place<'a> {
        let item = self.view.get(at).item;
        // the items of a sequence have no name of their own
        let heading = if item { Words::default() } else { self.words(at).clone() };
        let entered = self.enter(at, &heading, place.enclosing.filter(|_| !item), place.each);
        let plain = place.plain && !item && entered.resource.is_none() && self.says_nothing(at);
        Place { at, enclosing: entered.resource, heading, each: entered.each, plain }
    }

    /// A sequence below `place`: of the same things if its name is their plural.
    fn sequence(&mut self, at: ViewId, place: &Place<'a>) -> Place<'a> {
        let words = self.words(at).clone();
        Place { at, enclosing: None, heading: Words::default(), each: self.plural(&words).or(place.each), plain: false }
    }

    /// A scalar below `place`.
    fn scalar(&mut self, at: ViewId, place: &Place<'a>, heads: &Heads) {
        let words = self.words(at).clone();
        if let Some(index) = place.enclosing
            && self.key(index, at, &place.heading, &words)
        {
            return;
        }
        // a variable may also be named by the key itself: `spring.data.redis.timeout`
        let spelled = |written: &str| written.replace(['.', '-'], "_").to_ascii_uppercase();
        let claimed = !self.claimed.is_empty() && {
            let name = spelled(&self.view.get(at).written);
            self.claimed.iter().any(|prefix| name.starts_with(&spelled(prefix)))
        };
        if !claimed && (place.enclosing.is_none() || place.at == self.view.root()) {
            match self.left_out(&place.heading, &words) {
                Some(whole) => self.flat_key(at, &whole, heads, place.plain),
                None => self.flat_key(at, &words, heads, place.plain),
            }
        }
    }

    /// Whether a map is a manifest of Kubernetes inside of another file.
    fn is_manifest(&self, at: ViewId) -> bool {
        self.view.child(at, "apiVersion").is_some() && self.view.child(at, "kind").is_some()
    }

    /// The words of a key with the one that the map around it leaves out, before its unit.
    pub(super) fn left_out(&self, heading: &[String], words: &[String]) -> Option<Vec<String>> {
        let last = heading.last()?;
        let left_out = self.generic.leaves_out.iter().find(|left_out| *left_out.under == **last)?;
        if words.iter().any(|word| **word == *left_out.word) {
            return None;
        }
        let taken = super::tokens::unit(words).map_or(0, |(_, taken)| taken);
        let mut whole = words[..words.len() - taken].to_vec();
        whole.push(left_out.word.to_string());
        whole.extend_from_slice(&words[words.len() - taken..]);
        Some(whole)
    }
}
