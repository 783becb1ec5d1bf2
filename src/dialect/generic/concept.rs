//! The words of a key into the concepts they may mean.
//!
//! ```text
//! client, [retry, delay, ms]  →  retry.initial_delay in milliseconds, through the section `retry`
//! ```

use super::super::tokens;
use super::Reader;
use crate::knowledge::{Concept, Generic, Section};
use crate::quantity::Unit;

/// A key matched to a concept.
pub(super) struct Match<'a> {
    /// What it means.
    pub(super) concept: &'a Concept,
    /// The section between the enclosing resource and the concept, for `pool_max_size` in a client.
    pub(super) through: Option<&'a Section>,
    /// The unit that its last word names.
    pub(super) unit: Option<Unit>,
    /// Whether the words of the map around it were needed, and may only group: `connection: { timeout: … }`.
    pub(super) guessed: bool,
}

impl<'a> Reader<'a> {
    /// The concepts that `words` may mean in a resource of `kind`: [`find`].
    pub(super) fn find(&self, kind: &str, words: &[String]) -> Vec<Match<'a>> {
        find(self.generic, kind, words)
    }

    /// The concepts of `kind` that are called by these words: [`named`].
    pub(super) fn named(&self, kind: &str, words: &[String]) -> Vec<Match<'a>> {
        named(self.generic, kind, words)
    }
}

/// The concepts that `words` may mean in a resource of `kind`, directly or through a section that hangs there. They
/// share their words (`backoff` is a wait or a way of growing) and the section; the value tells which is meant.
pub(super) fn find<'a>(generic: &'a Generic, kind: &str, words: &[String]) -> Vec<Match<'a>> {
    let within = |section: &&Section| section.within.iter().any(|name| **name == *kind);
    let bare = tokens::unit(words);
    let readings =
        std::iter::once((words, None)).chain(bare.map(|(unit, taken)| (&words[..words.len() - taken], Some(unit))));
    for (words, unit) in readings {
        let phrase = words.join(" ");
        let found = direct(generic, kind, &phrase, unit);
        if !found.is_empty() {
            return found;
        }
        let inline = generic.inline(&phrase).filter_map(|concept| {
            let section = generic.section.iter().find(|section| section.kind == concept.kind && within(section))?;
            Some(Match { concept, through: Some(section), unit, guessed: false })
        });
        let inline: Vec<Match<'a>> = inline.collect();
        if let Some(first) = inline.first() {
            let kind = first.concept.kind.clone();
            return inline.into_iter().filter(|found| found.concept.kind == kind).collect();
        }
    }
    // `retry_max_delay_ms`: a section's words, then a key's
    for length in (1..words.len()).rev() {
        let (head, rest) = words.split_at(length);
        let head = head.join(" ");
        let Some(section) = generic.sections(&head).find(|section| section.prefix && within(section)) else { continue };
        let found = named(generic, &section.kind, rest);
        if !found.is_empty() {
            return found.into_iter().map(|found| Match { through: Some(section), ..found }).collect();
        }
    }
    Vec::new()
}

/// The concepts of `kind` that are called by these words, a unit at their end taken off if need be.
pub(super) fn named<'a>(generic: &'a Generic, kind: &str, words: &[String]) -> Vec<Match<'a>> {
    with_and_without_unit(words)
        .map(|(words, unit)| direct(generic, kind, &words.join(" "), unit))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// The concepts of `kind` that are called `phrase`.
fn direct<'a>(generic: &'a Generic, kind: &str, phrase: &str, unit: Option<Unit>) -> Vec<Match<'a>> {
    generic.concepts(kind, phrase).map(|concept| Match { concept, through: None, unit, guessed: false }).collect()
}

/// The words as they are, and without the unit at their end.
fn with_and_without_unit(words: &[String]) -> impl Iterator<Item = (&[String], Option<Unit>)> {
    let bare = tokens::unit(words).map(|(unit, taken)| (&words[..words.len() - taken], Some(unit)));
    std::iter::once((words, None)).chain(bare)
}
