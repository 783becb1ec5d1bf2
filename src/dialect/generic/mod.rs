//! In-house files, read by vocabulary: sections and keys whose words mean a kind and an attribute.
//!
//! Nothing here is certain by itself. A section's words, a key's words and the unit of a bare number each have their
//! confidence, and a finding is never surer than the weakest of them.
//!
//! ```text
//! payments:                      a client, because it holds an address and what bounds calls   (section)
//!   base_url: https://…
//!   resilience:                  groups, and says nothing by itself                            (walk)
//!     retry: { attempts: 5 }     hangs at the client                                           (resource)
//! ```

mod addresses;
mod concept;
mod duration;
mod finish;
mod flat;
mod resource;
mod section;
mod value;
mod walk;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use self::concept::Match;
use super::fragment::Fragment;
use super::recognise::{file_name, format_name, has_key};
use super::tokens;
use super::view::{View, ViewId};
use super::{Context, Read, Source};
use crate::knowledge::{Generic, Knowledge, glob};
use crate::model::Name;
use crate::syntax::{NodeId, NodeKind};

/// Whether the file stands where others' files stand, which configure nothing.
pub(crate) fn is_foreign(knowledge: &Knowledge, source: &Source<'_>) -> bool {
    knowledge.generic.not_paths.iter().any(|pattern| glob(pattern, source.path))
}

/// Reads a document that no dialect claims.
///
/// Of an environment file, variables whose names begin with one of `claimed` are a product's.
pub(crate) fn read(knowledge: &Knowledge, context: &Context, source: &Source<'_>, claimed: &[&str], read: &mut Read) {
    let generic = &knowledge.generic;
    let name = file_name(source.path);
    let document = source.document;
    if !generic.formats.contains(&format_name(document.format))
        || document.template.is_some()
        || generic.not_names.iter().any(|pattern| glob(pattern, name))
        || is_foreign(knowledge, source)
    {
        return;
    }
    for &root in &document.roots {
        let foreign = |keys: &String| keys.split('&').all(|key| has_key(document, root, key.trim()));
        if document.node(document.resolve(root)).kind != NodeKind::Map || generic.not_keys.iter().any(foreign) {
            continue;
        }
        let view = View::new(document, root, Default::default());
        let mut reader = Reader {
            knowledge,
            generic,
            context,
            source,
            view: &view,
            claimed,
            fragments: Vec::new(),
            counts: Vec::new(),
            hanging: HashMap::new(),
            shared: HashSet::new(),
            aside: HashSet::new(),
            flat: HashMap::new(),
            addresses: Vec::new(),
            known_words: RefCell::default(),
        };
        reader.walk();
        read.data_sources.extend(reader.own_addresses());
        let fragments = reader.finish();
        if !fragments.is_empty() {
            read.recognised(&generic.id);
            let offset = read.fragments.len();
            read.fragments.extend(fragments.into_iter().map(|mut fragment| {
                if let Some((parent, _)) = &mut fragment.parent {
                    *parent += offset;
                }
                for (_, target) in &mut fragment.ties {
                    *target += offset;
                }
                fragment
            }));
        }
    }
}

/// How much a section says, to decide whether it is all there is.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    strong: usize,
    weak: usize,
}

struct Reader<'a> {
    knowledge: &'a Knowledge,
    generic: &'a Generic,
    context: &'a Context,
    source: &'a Source<'a>,
    view: &'a View<'a>,
    /// What the names of variables begin with that are a product's.
    claimed: &'a [&'a str],
    fragments: Vec<Fragment>,
    counts: Vec<Count>,
    /// What hangs at a fragment, by link.
    hanging: HashMap<(usize, Name), usize>,
    /// Clients with others of their role inside: what one does not say, another may.
    shared: HashSet<usize>,
    /// Clients that are switched off, or call nothing over a network.
    aside: HashSet<usize>,
    /// The resources of flat keys, by what their keys begin with.
    flat: HashMap<String, usize>,
    /// Values that may be data source names, with the client they stand in.
    addresses: Vec<(usize, ViewId, NodeId)>,
    /// Keys that were taken apart, and whether they may tell a section.
    known_words: RefCell<HashMap<Box<str>, Known>>,
}

/// The words of a key.
type Words = Rc<[String]>;

/// What is known of a key.
#[derive(Debug, Clone)]
struct Known {
    words: Words,
    /// The words without a unit at their end.
    phrase: Rc<str>,
    /// Whether such a key may tell a section that its own name does not.
    tells: bool,
}

/// How many keys of a map are looked at to tell what it is: enough for what people write, and bounded.
const NEIGHBOURS: usize = 200;

impl Reader<'_> {
    /// The words of a key, without those that only say "configuration". A file repeats its keys: each is taken apart once.
    fn words(&self, key: &str) -> Words {
        self.known(key).words
    }

    /// What is known of a key.
    fn known(&self, key: &str) -> Known {
        if let Some(known) = self.known_words.borrow().get(key) {
            return known.clone();
        }
        let words = tokens::words(key);
        let filler = |word: &String| self.generic.filler.iter().any(|filler| **filler == **word);
        let kept: Words = match words.iter().all(filler) {
            true => words.into(),
            false => words.into_iter().filter(|word| !filler(word)).collect(),
        };
        let phrase = flat::without_unit(&kept).join(" ");
        let addresses = |found: &Match<'_>| matches!(&*found.concept.attribute, "product" | "url");
        let tells = self.generic.tells(&phrase)
            || section::says_address(&kept.join(" "))
            || self.named(&"client".into(), &kept).iter().any(addresses);
        let known = Known { words: kept, phrase: phrase.into(), tells };
        self.known_words.borrow_mut().insert(key.into(), known.clone());
        known
    }

    /// The scalars directly below `at`, with the words of their keys, and those words without a unit at their end.
    fn scalars(&self, at: ViewId) -> impl Iterator<Item = (ViewId, Words)> {
        self.view
            .children(at)
            .iter()
            .take(NEIGHBOURS)
            .filter(|&&child| self.is(child, NodeKind::Scalar) && !self.view.get(child).item)
            .map(|&child| (child, self.words(&self.view.get(child).written)))
    }

    /// Whether the entry holds a node of this kind; a part of a dotted key that has no node of its own is a map.
    fn is(&self, at: ViewId, kind: NodeKind) -> bool {
        match self.view.get(at).value {
            Some(node) => self.source.document.node(node).kind == kind,
            None => kind == NodeKind::Map,
        }
    }
}
