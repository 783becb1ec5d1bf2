//! The keys of in-house files, each taken apart once in a run: files repeat their keys, and most say nothing.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use super::super::tokens;
use super::concept::find;
use super::flat::{flat_section, heads, without_unit};
use crate::knowledge::{ADDRESSES, Generic};
use crate::model::Name;

/// What is known of a key. As a slice it is its words, without those that only say "configuration".
#[derive(Debug, Default)]
pub(crate) struct Known {
    words: Box<[String]>,
    /// The words with a space between them.
    pub(super) phrase: Box<str>,
    /// How much of the phrase a unit at its end leaves.
    unitless: usize,
    /// Whether such a key may tell a section that its own name does not.
    pub(super) tells: bool,
    /// What such a key tells of a section, for [`Generic::told`].
    pub(super) evidence: u64,
    /// Whether a map or a sequence of this name may be a section.
    pub(super) opens: bool,
    /// Whether a scalar of this name says what it belongs to.
    pub(super) is_flat: bool,
    /// Whether it says nothing of what it holds: `config`, `settings`, `production`.
    pub(super) says_nothing: bool,
    /// Whether a map of this name only groups what it holds.
    pub(super) groups: bool,
    /// Whether the keys of a map of this name leave out a word.
    pub(super) leaves_out: bool,
    /// Whether a map of this name is a section of some kind.
    pub(super) is_section: bool,
    /// Whether it is a key of what listens.
    pub(super) listens: bool,
    /// Whether a client names its product or its address so.
    pub(super) addresses: bool,
}

/// The words of a key, with what is known of it.
pub(super) type Words = Arc<Known>;

impl Deref for Known {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.words
    }
}

impl Known {
    fn of(generic: &Generic, key: &str) -> Known {
        let words = tokens::words(key);
        let is = |list: &[Name], word: &str| list.iter().any(|name| **name == *word);
        let filler = |word: &String| is(&generic.filler, word);
        let says_nothing = !words.is_empty() && words.iter().all(|word| filler(word) || is(&generic.environment, word));
        let words: Box<[String]> = match words.iter().all(filler) {
            true => words.into(),
            false => words.into_iter().filter(|word| !filler(word)).collect(),
        };
        let phrase = words.join(" ");
        let left = without_unit(&words);
        let unitless = phrase.len() - words[left.len()..].iter().map(|word| word.len() + 1).sum::<usize>();
        let named = |phrase: &str| {
            let mut found = generic.concepts("client", phrase).map(|concept| &*concept.attribute).peekable();
            found.peek().is_some().then(|| found.any(|attribute| matches!(attribute, "product" | "url")))
        };
        let addresses = [&*phrase, &phrase[..unitless]].into_iter().find_map(named).unwrap_or(false);
        let evidence = generic.tells(&phrase[..unitless]);
        let tells = evidence != 0 || says_address(&phrase) || addresses;
        let is_section = generic.sections(&phrase).next().is_some();
        Known {
            tells,
            evidence,
            opens: opens(generic, &words),
            is_flat: is_flat(generic, &words),
            says_nothing,
            groups: is(&generic.wrapper, &phrase),
            leaves_out: generic.leaves_out.iter().any(|left| *left.under == *phrase),
            is_section,
            listens: is(&generic.listener, &phrase),
            addresses,
            words,
            phrase: phrase.into(),
            unitless,
        }
    }

    /// The phrase without a unit at its end.
    pub(super) fn unitless(&self) -> &str {
        &self.phrase[..self.unitless]
    }

    /// Whether it may begin a resource, or tell of one.
    fn speaks(&self) -> bool {
        self.opens || self.is_flat || self.leaves_out || self.tells || self.may_name_address()
    }

    /// Whether its value may be an address, whosever.
    pub(super) fn may_name_address(&self) -> bool {
        self.addresses || self.last().is_some_and(|last| ADDRESSES.contains(&&**last))
    }

    /// Whether a map of this name is one thing with the others of its kind: a section, a group, a word left out.
    pub(super) fn is_part(&self) -> bool {
        self.is_section || self.groups || self.leaves_out
    }
}

/// Whether some of these words, next to each other, are a section's or its plural.
fn opens(generic: &Generic, words: &[String]) -> bool {
    let section = |phrase: &str| generic.sections(phrase).next().is_some();
    let any = |words: &[String]| {
        let phrase = words.join(" ");
        section(&phrase) || phrase.strip_suffix('s').is_some_and(section)
    };
    let begins = |from: usize| {
        generic.begins_section(&words[from])
            && (1..=LONGEST.min(words.len() - from)).any(|length| any(&words[from..from + length]))
    };
    (0..words.len()).any(begins)
}

/// Whether the first words are a section's that flat keys may begin with, and the others mean something there.
fn is_flat(generic: &Generic, words: &[String]) -> bool {
    heads(words).any(|(head, rest)| {
        generic.begins_section(&head[0])
            && flat_section(generic, &head.join(" "))
                .is_some_and(|section| !find(generic, &section.kind, rest).is_empty())
    })
}

/// No section's name has more words.
const LONGEST: usize = 4;

/// `billing url`, `api base url`: an address, whose it may be.
pub(super) fn says_address(phrase: &str) -> bool {
    phrase.ends_with(" url") || phrase.ends_with(" uri") || phrase.ends_with(" endpoint")
}

/// Keys that were taken apart.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    /// Nothing for a key that begins no resource, until its words are asked for: most keys are like that.
    known: HashMap<Box<str>, Option<Words>, foldhash::fast::RandomState>,
}

/// A lexicon with more keys is not kept for the next file.
const MOST_KEYS: usize = 20_000;

impl Lexicon {
    /// What is known of a key.
    pub(super) fn known(&mut self, generic: &Generic, key: &str) -> Words {
        match self.known.get_mut(key) {
            Some(known) => known.get_or_insert_with(|| Arc::new(Known::of(generic, key))).clone(),
            None => {
                let known = Arc::new(Known::of(generic, key));
                self.known.insert(key.into(), Some(known.clone()));
                known
            }
        }
    }

    /// The same, if the key may begin a resource or tell of one.
    pub(super) fn speaking(&mut self, generic: &Generic, key: &str) -> Option<&Known> {
        // most keys are in no vocabulary, and many are in one file only: they are not worth keeping
        if !tokens::any_word(key, |word| generic.may_tell(word)) {
            return None;
        }
        if !self.known.contains_key(key) {
            let known = Known::of(generic, key);
            self.known.insert(key.into(), known.speaks().then(|| Arc::new(known)));
        }
        self.known.get(key)?.as_deref()
    }

    /// Whether the next file should find these keys.
    pub(crate) fn is_kept(&self) -> bool {
        self.known.len() <= MOST_KEYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;

    fn shipped() -> Knowledge {
        Knowledge::unpack(include_bytes!(concat!(env!("OUT_DIR"), "/knowledge.bin"))).expect("the build packed it")
    }

    #[test]
    fn what_may_begin_a_resource_does() {
        let knowledge = shipped();
        for (key, opens, is_flat) in [
            ("database", true, false),
            ("ordersDatabase", true, false),
            ("databases", true, false),
            ("DB_POOL_SIZE", true, true),
            ("ORDERS_SERVICE_DB_POOL_SIZE", true, true),
            ("retry", true, false),
            ("labels", false, false),
            ("description", false, false),
        ] {
            let known = Known::of(&knowledge.generic, key);
            assert_eq!((known.opens, known.is_flat), (opens, is_flat), "{key}");
        }
    }

    #[test]
    fn what_has_none_of_the_telling_words_does_not_speak() {
        let knowledge = shipped();
        let generic = &knowledge.generic;
        let sections = generic.section.iter().flat_map(|section| &section.words);
        let concepts = generic.concept.iter().flat_map(|concept| concept.words.iter().chain(&concept.inline));
        let others = generic.leaves_out.iter().map(|left| &left.under).chain(&generic.wrapper).chain(&generic.listener);
        let keys = generic.evidence.iter().flat_map(|evidence| evidence.keys.iter().flatten());
        let mut silent = 0;
        for phrase in sections.chain(concepts).chain(others).chain(keys) {
            for key in
                [phrase.replace(' ', "_"), format!("{phrase}s"), format!("app {phrase} ms"), format!("{phrase} url")]
            {
                let may = tokens::any_word(&key, |word| generic.may_tell(word));
                assert!(may || !Known::of(generic, &key).speaks(), "{key}");
                silent += usize::from(!may);
            }
        }
        assert!(silent > 100, "the words of a key mostly belong to no section: {silent}");
    }

    #[test]
    fn no_section_has_a_longer_name() {
        let knowledge = shipped();
        for word in knowledge.generic.section.iter().flat_map(|section| &section.words) {
            assert!(word.split(' ').count() <= LONGEST, "{word}");
        }
    }
}
