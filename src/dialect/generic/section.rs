//! Which maps are sections: by their key, by the file's name, or by what they hold.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::super::recognise::file_name;
use super::lexicon::{Known, says_address};
use super::{NEIGHBOURS, Reader, ViewId, Words, tokens};
use crate::knowledge::{Generic, Section, SectionEvidence};
use crate::model::{Confidence, Name};
use crate::syntax::NodeKind;

/// What a map is.
pub(super) struct Entered<'a> {
    /// The resource that its keys describe.
    pub(super) resource: Option<usize>,
    /// The section that each map inside of it is.
    pub(super) each: Option<&'a Section>,
}

impl Entered<'_> {
    /// Nothing that is known.
    pub(super) fn nothing() -> Self {
        Entered { resource: None, each: None }
    }
}

impl<'a> Reader<'a> {
    /// Enters a map: the resource it describes, or the one around it where its key only groups.
    pub(super) fn enter(
        &mut self,
        at: ViewId,
        words: &Words,
        enclosing: Option<usize>,
        each: Option<&'a Section>,
    ) -> Entered<'a> {
        let entered = self.entered(at, words, enclosing, each);
        if let (Some(around), Some(inside)) = (enclosing, entered.resource)
            && around != inside
            && self.fragments[inside].parent.is_none()
            && self.role(around).is_some()
            && self.role(around) == self.role(inside)
        {
            self.shared.insert(around);
        }
        entered
    }

    fn entered(
        &mut self,
        at: ViewId,
        words: &Words,
        enclosing: Option<usize>,
        each: Option<&'a Section>,
    ) -> Entered<'a> {
        let phrase = &*words.phrase;
        let generic = self.generic;
        let is = |list: &[Name]| list.iter().any(|word| **word == *phrase);
        let inside = |resource: usize| Entered { resource: Some(resource), each: None };
        let kind = enclosing.map(|index| self.fragments[index].kind.clone());
        if enclosing.is_some() && is(&generic.serving) {
            return Entered::nothing();
        }
        if let (Some(index), Some(kind)) = (enclosing, &kind) {
            if let Some(section) = generic.sections(phrase).find(|section| section.within.contains(kind)) {
                return inside(self.open(at, section, Some(index), Confidence::High));
            }
            // `backoff` in `retry` says more of the same
            if generic.sections(phrase).any(|section| !section.within.is_empty() && section.kind == *kind) {
                return inside(index);
            }
        }
        // a part of the enclosing client is not a client of its own: `llm.embedding`, `database.redis` are
        // `semantic_search` with an engine and its address is the client that searches
        let searches = |section: &&Section| &*section.kind == "query";
        let client = self.standing(at, phrase).filter(searches).and_then(|_| self.evident(at));
        if let Some((section, confidence)) = client
            && section.role.as_deref() == Some("vector-database")
        {
            return inside(self.open(at, section, None, confidence));
        }
        if let Some(section) = self.standing(at, phrase) {
            if self.is_container(at, section) {
                return Entered { resource: None, each: Some(section) };
            }
            return inside(self.open(at, section, None, Confidence::High));
        }
        if let Some(section) = self.plural(words).filter(|section| self.is_container(at, section)) {
            return Entered { resource: None, each: Some(section) };
        }
        // `databases: { default: …, reports: … }`: here `default` is a name
        if let Some(section) = each.filter(|_| self.scalars(at).next().is_some()) {
            return inside(self.open(at, section, None, Confidence::High));
        }
        // `production: { type: postgresql, host: … }` in a file of databases
        if enclosing.is_none()
            && self.says_nothing(at)
            && let Some((section, confidence)) = self.evident(at)
            && section.role.as_deref() == Some("database")
        {
            return inside(self.open(at, section, None, confidence));
        }
        if words.groups || self.says_nothing(at) || words.leaves_out {
            return Entered { resource: enclosing, each };
        }
        if let Some(section) = each {
            return inside(self.open(at, section, None, Confidence::High));
        }
        if let Some((section, confidence)) = self.evident(at) {
            return inside(self.open(at, section, None, confidence));
        }
        if enclosing.is_none()
            && words.len() <= 4
            && let Some(section) = self.qualified(at, words)
        {
            let confidence = if self.is_addressed(at) { Confidence::High } else { Confidence::Medium };
            return inside(self.open(at, section, None, confidence));
        }
        Entered::nothing()
    }

    /// Enters the root of a file that is named after what it describes: `redis.yaml`, `database.prod.toml`.
    pub(super) fn enter_file(&mut self) -> Entered<'a> {
        let root = self.view.root();
        let stem = stem(self.source.path);
        let generic = self.generic;
        let Some(section) = file_section(generic, &self.words_of(stem)) else { return Entered::nothing() };
        let says = |words: &[String]| self.find(&section.kind, words).iter().any(|found| !found.concept.weak);
        if self.scalars(root).any(|(_, words)| says(words)) {
            return Entered { resource: Some(self.open(root, section, None, Confidence::High)), each: None };
        }
        // `database.yaml` with a map for each environment, and nothing that has a name of its own
        let named = |&child: &ViewId| self.words(child).is_section;
        let children = self.view.children(root);
        let each = (!children.is_empty()
            && children.iter().all(|&child| self.is(child, NodeKind::Map))
            && !children.iter().any(named))
        .then_some(section);
        Entered { resource: None, each }
    }

    /// The section that stands for itself and is called `phrase`.
    fn standing(&self, at: ViewId, phrase: &str) -> Option<&'a Section> {
        let mut found = self.generic.sections(phrase).filter(|section| section.within.is_empty() || section.alone);
        let first = found.next()?;
        let http = |section: &Section| section.role.as_deref() == Some("http");
        if !http(first) {
            return Some(first);
        }
        if !self.listens(at) { Some(first) } else { found.find(|section| !http(section)) }
    }

    /// The section whose plural `words` are: `vector stores`, `databases`.
    pub(super) fn plural(&self, words: &Words) -> Option<&'a Section> {
        let singular = words.phrase.strip_suffix('s')?;
        if words.last().is_none_or(|last| last.len() <= 2) {
            return None;
        }
        // what an HTTP client is called is said of too much else: it takes an address to be one
        self.generic
            .sections(singular)
            .find(|section| section.within.is_empty() && section.role.as_deref() != Some("http"))
    }

    /// Whether a map only holds several of what its name says: no key of its own, no part of one.
    fn is_container(&self, at: ViewId, section: &Section) -> bool {
        let children = self.view.children(at);
        let part = |&child: &ViewId| self.words(child).is_part();
        section.within.is_empty()
            && !children.is_empty()
            && children.len() <= NEIGHBOURS
            && children.iter().all(|&child| self.is(child, NodeKind::Map))
            && !children.iter().any(part)
            && !children.iter().all(|&child| self.says_nothing(child))
    }

    /// Whether the key says nothing of what it holds: `config`, `settings`, `production`.
    pub(super) fn says_nothing(&self, at: ViewId) -> bool {
        self.words(at).says_nothing
    }

    /// The section whose words end or begin the key: `orders_database`, `qdrant_primary`.
    fn qualified(&self, at: ViewId, words: &[String]) -> Option<&'a Section> {
        let ends = (1..words.len()).map(|from| words[from..].join(" "));
        let begins = (1..words.len()).rev().map(|to| words[..to].join(" "));
        let direct = |phrase: String| {
            let section = self.standing(at, &phrase)?;
            section.within.is_empty().then_some(section)
        };
        ends.filter_map(direct).next().or_else(|| {
            // what begins a key may qualify something else: only together with an address
            begins
                .filter_map(direct)
                .next()
                .filter(|section| section.role.as_deref().is_some_and(|role| role != "http") && self.is_addressed(at))
        })
    }

    /// The section that the map's own keys and values tell.
    fn evident(&self, at: ViewId) -> Option<(&'a Section, Confidence)> {
        let tells = |&child: &ViewId| self.words(child).tells;
        if !self.view.children(at).iter().take(NEIGHBOURS).any(tells) {
            return None;
        }
        let keys: Vec<(ViewId, &Words)> = self.scalars(at).collect();
        let phrases: HashSet<&str> = keys.iter().map(|(_, words)| words.unitless()).collect();
        let said =
            |evidence: &SectionEvidence| evidence.keys.iter().all(|any| any.iter().any(|key| phrases.contains(&**key)));
        if keys.is_empty() || !self.generic.evidence.iter().any(said) || self.listens(at) {
            return None;
        }
        // what the map's keys name, looked up once for all that may tell it
        let values: OnceCell<Vec<NamedValue>> = OnceCell::new();
        self.generic.evidence.iter().find_map(|evidence| {
            let means = |section: &&Section| match (&evidence.role, &evidence.kind) {
                (Some(role), _) => section.role.as_ref() == Some(role),
                (None, Some(kind)) => section.kind == *kind && section.alone,
                (None, None) => false,
            };
            let section = self.generic.section.iter().find(means)?;
            if !said(evidence) {
                return None;
            }
            let named = || {
                let read = || keys.iter().filter_map(|(child, words)| self.named_value(*child, words)).collect();
                values.get_or_init(read)
            };
            let valued = evidence.values.is_empty() || named().iter().any(|value| value.is_one_of(evidence));
            let strong = |words: &[String]| self.find(&section.kind, words).iter().any(|found| !found.concept.weak);
            let bounded = !evidence.concept
                || keys.iter().any(|(_, words)| strong(words))
                || self.grouped(at).any(|(_, words)| strong(words));
            let apart = evidence.without.is_empty() || !self.beside(at, &evidence.without);
            (apart && valued && bounded).then_some((section, evidence.confidence.unwrap_or(Confidence::High)))
        })
    }

    /// Whether one of these is a key of the map, or of a map or sequence that it stands in.
    pub(super) fn beside(&self, at: ViewId, keys: &[Name]) -> bool {
        let is = |id: ViewId| {
            let phrase = &*self.words(id).phrase;
            keys.iter().any(|key| **key == *phrase)
        };
        let around = std::iter::successors(Some(at), |&id| self.view.parent(id));
        self.view.children(at).iter().take(NEIGHBOURS).any(|&child| is(child)) || around.into_iter().any(is)
    }

    /// The scalars of the maps below `at` that only group.
    fn grouped(&self, at: ViewId) -> impl Iterator<Item = (ViewId, &Words)> {
        let groups = |&&child: &&ViewId| self.is(child, NodeKind::Map) && self.words(child).groups;
        self.view.children(at).iter().take(NEIGHBOURS).filter(groups).flat_map(|&child| self.scalars(child))
    }

    /// What a key for the product or the address names.
    fn named_value(&self, at: ViewId, words: &Words) -> Option<NamedValue> {
        if !words.addresses && !says_address(&words.phrase) {
            return None;
        }
        Some(NamedValue::of(self.view.text(at).unwrap_or_default()))
    }

    /// Whether a map names what it connects to.
    fn is_addressed(&self, at: ViewId) -> bool {
        self.scalars(at).any(|(_, words)| words.addresses)
    }

    /// Whether the map at `at` describes what others connect to, and not a client.
    fn listens(&self, at: ViewId) -> bool {
        self.view.children(at).iter().take(NEIGHBOURS).any(|&child| {
            let address = self.view.text(child).map(str::trim);
            self.words(child).listens || matches!(address, Some("0.0.0.0" | "::" | "[::]" | "*"))
        })
    }
}

/// What a map's key for the product or the address names.
enum NamedValue {
    /// The scheme of an address, without its driver.
    Scheme(String),
    /// The words of anything else.
    Phrase(String),
}

impl NamedValue {
    fn of(text: &str) -> NamedValue {
        let text = text.trim().to_ascii_lowercase();
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.split('+').next().unwrap_or(scheme));
        match scheme {
            Some(scheme) => NamedValue::Scheme(scheme.to_string()),
            None => NamedValue::Phrase(tokens::words(&text).join(" ")),
        }
    }

    fn is_one_of(&self, evidence: &SectionEvidence) -> bool {
        match self {
            NamedValue::Scheme(scheme) => evidence.values.iter().any(|value| value.strip_suffix("://") == Some(scheme)),
            NamedValue::Phrase(said) => evidence.values.iter().any(|value| **value == **said),
        }
    }
}

/// Whether a key for the product or the address names one that tells a section.
pub(super) fn names_evidence(generic: &Generic, words: &Known, text: &str) -> bool {
    words.may_name_address() && {
        let value = NamedValue::of(text);
        generic.evidence.iter().any(|evidence| value.is_one_of(evidence))
    }
}

/// The section that a file of this name is.
pub(super) fn file_section<'a>(generic: &'a Generic, words: &[String]) -> Option<&'a Section> {
    let environment = |word: &&str| generic.environment.iter().any(|name| **name == **word);
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !environment(word)).collect();
    generic.sections(&words.join(" ")).find(|section| section.file)
}

/// The name of a file without its ending.
pub(super) fn stem(path: &str) -> &str {
    let name = file_name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
