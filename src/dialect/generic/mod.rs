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
mod lexicon;
mod resource;
mod section;
mod value;
mod walk;

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

use self::concept::Match;
pub(crate) use self::lexicon::Lexicon;
use self::lexicon::Words;
use super::fragment::Fragment;
use super::recognise::{file_name, format_name, has_key};
use super::tokens;
use super::view::{View, ViewId};
use super::{Context, Read, Source};
use crate::knowledge::{Generic, KeyTests, Knowledge, glob};
use crate::model::Name;
use crate::syntax::{NodeId, NodeKind};

/// Whether the file stands where others' files stand, which configure nothing.
pub(crate) fn is_foreign(knowledge: &Knowledge, source: &Source<'_>) -> bool {
    knowledge.generic.is_foreign(source.path)
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
    {
        return;
    }
    let lexicon = RefCell::new(context.lexicon());
    for &root in &document.roots {
        let foreign = |keys: &KeyTests| keys.0.iter().all(|key| has_key(document, root, key));
        if document.node(document.resolve(root)).kind != NodeKind::Map
            || is_silent(generic, source, root, &mut lexicon.borrow_mut())
            || is_foreign(knowledge, source)
            || generic.not_keys.iter().any(foreign)
        {
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
            lexicon: &lexicon,
            known: vec![OnceCell::new(); view.len()],
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
    context.keep_lexicon(lexicon.into_inner());
}

/// Whether no key of the document, nor the file's name, begins a resource.
fn is_silent(generic: &Generic, source: &Source<'_>, root: NodeId, lexicon: &mut Lexicon) -> bool {
    let document = source.document;
    let words = lexicon.known(generic, section::stem(source.path));
    if section::file_section(generic, &words).is_some() {
        return false;
    }
    let mut evidence = 0;
    for index in document.own_nodes(root) {
        let Some(key) = document.nodes[index].key else { continue };
        let Some(known) = lexicon.speaking(generic, document.scalar(key)) else { continue };
        let value = document.resolve(NodeId(index as u32));
        let opens = match document.node(value).kind {
            NodeKind::Scalar => known.is_flat || section::names_evidence(generic, known, document.scalar(value)),
            _ => known.opens || known.leaves_out,
        };
        evidence |= known.evidence;
        if opens || generic.told(evidence) {
            return false;
        }
    }
    true
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
    /// What is known of keys, and of each entry of the view once it was asked for.
    lexicon: &'a RefCell<Lexicon>,
    known: Vec<OnceCell<Words>>,
}

/// How many keys of a map are looked at to tell what it is: enough for what people write, and bounded.
const NEIGHBOURS: usize = 200;

impl Reader<'_> {
    /// The words of a key, and what is known of it.
    fn words(&self, at: ViewId) -> &Words {
        self.known[at.index()].get_or_init(|| self.words_of(&self.view.get(at).written))
    }

    /// The words of a text that is like a key.
    fn words_of(&self, key: &str) -> Words {
        self.lexicon.borrow_mut().known(self.generic, key)
    }

    /// The scalars directly below `at`, with the words of their keys.
    fn scalars(&self, at: ViewId) -> impl Iterator<Item = (ViewId, &Words)> {
        self.view
            .children(at)
            .iter()
            .take(NEIGHBOURS)
            .filter(|&&child| self.is(child, NodeKind::Scalar) && !self.view.get(child).item)
            .map(|&child| (child, self.words(child)))
    }

    /// Whether the entry holds a node of this kind; a part of a dotted key that has no node of its own is a map.
    fn is(&self, at: ViewId, kind: NodeKind) -> bool {
        match self.view.get(at).value {
            Some(node) => self.source.document.node(node).kind == kind,
            None => kind == NodeKind::Map,
        }
    }
}
