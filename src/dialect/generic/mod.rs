//! In-house files, read by vocabulary: sections and keys whose words mean a kind and an attribute.
//!
//! Nothing here is certain by itself. A section's words, a key's words and the unit of a bare number each have their
//! confidence, and a finding is never surer than the weakest of them.

mod concept;
mod duration;
mod value;

use std::collections::{HashMap, HashSet};

use self::concept::Match;
use super::fragment::{Fragment, Reading, Setting};
use super::recognise::{file_name, format_name, has_key};
use super::tokens;
use super::view::{View, ViewId};
use super::{Context, Read, Source, data_source};
use crate::knowledge::{Generic, Interpolation, Knowledge, Section, glob};
use crate::model::{Confidence, Effective, Name, Origin, Value, Why, Written};
use crate::syntax::{Format, LineFlavor, NodeId, NodeKind};

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
            addresses: Vec::new(),
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
    /// Values that may be data source names, with the client they stand in.
    addresses: Vec<(usize, ViewId, NodeId)>,
}

impl<'a> Reader<'a> {
    fn walk(&mut self) {
        let mut work: Vec<(ViewId, Option<usize>, Vec<String>)> = vec![(self.view.root(), None, Vec::new())];
        let mut flat: HashMap<String, usize> = HashMap::new();
        let environment = self.source.document.format == Format::Line(LineFlavor::Env);
        while let Some((at, enclosing, heading)) = work.pop() {
            let children = self.view.children(at).to_vec();
            let mut deeper = Vec::new();
            for &child in &children {
                let entry = self.view.get(child);
                let Some(node) = entry.value else { continue };
                let kind = self.source.document.node(node).kind;
                // keys are taken apart only where their words may mean something
                match kind {
                    NodeKind::Map if !entry.item => {
                        let words = self.words(&entry.written);
                        let inside = self.enter(child, &words, enclosing);
                        deeper.push((child, inside, words));
                    }
                    NodeKind::Map | NodeKind::Seq => deeper.push((child, None, Vec::new())),
                    NodeKind::Scalar if entry.item => {}
                    NodeKind::Scalar | NodeKind::Alias => match enclosing {
                        Some(index) => {
                            let words = self.words(&entry.written);
                            self.key(index, child, &heading, &words);
                        }
                        // only files that are flat by nature, or flat files of settings
                        None if self.claimed.iter().any(|prefix| entry.written.starts_with(prefix)) => {}
                        None if environment || at == self.view.root() => {
                            let words = self.words(&entry.written);
                            self.flat_key(child, &words, &mut flat);
                        }
                        None => {}
                    },
                }
            }
            // in the order of the file
            work.extend(deeper.into_iter().rev());
        }
    }

    /// The words of a key, without those that only say "configuration".
    fn words(&self, key: &str) -> Vec<String> {
        let words = tokens::words(key);
        let kept: Vec<String> = words
            .iter()
            .filter(|word| !self.generic.filler.iter().any(|filler| **filler == ***word))
            .cloned()
            .collect();
        if kept.is_empty() { words } else { kept }
    }

    /// Enters a map: the resource it describes, or the one around it where the key is filler.
    fn enter(&mut self, at: ViewId, words: &[String], enclosing: Option<usize>) -> Option<usize> {
        let phrase = words.join(" ");
        let kind = enclosing.map(|index| self.fragments[index].kind.clone());
        let hangs = |section: &&Section| match &kind {
            Some(kind) => section.within.contains(kind),
            None => false,
        };
        let listens = self.listens(at);
        let stands = |section: &&Section| {
            (section.within.is_empty() || section.alone)
                && !(listens && section.role.as_deref().is_some_and(|role| role == "http"))
        };
        let exact = |section: &&Section| section.words.iter().any(|word| **word == *phrase);
        let generic = self.generic;
        let sections = &generic.section;
        if let Some(section) = sections.iter().filter(hangs).find(exact) {
            return Some(self.open(at, section, enclosing, Confidence::High));
        }
        // `backoff` in `retry` says more of the same
        let same = |section: &&Section| !section.within.is_empty() && Some(&section.kind) == kind.as_ref();
        if sections.iter().filter(same).any(|section| exact(&section)) {
            return enclosing;
        }
        // a part of the enclosing client is not a client of its own: `llm.embedding`, `database.redis` are
        if let Some(section) = sections.iter().filter(stands).find(exact) {
            return Some(self.open(at, section, None, Confidence::High));
        }
        let filler = tokens::words(&self.view.get(at).written)
            .iter()
            .all(|word| self.generic.filler.iter().any(|filler| **filler == **word));
        if filler {
            return enclosing;
        }
        let ends = |section: &&Section| {
            section
                .words
                .iter()
                .any(|word| phrase.ends_with(&**word) && phrase[..phrase.len() - word.len()].ends_with(' '))
        };
        if enclosing.is_none()
            && words.len() <= 4
            && let Some(section) = sections.iter().filter(stands).find(ends)
        {
            return Some(self.open(at, section, None, Confidence::Medium));
        }
        None
    }

    /// Whether the map at `at` describes what others connect to, and not a client.
    fn listens(&self, at: ViewId) -> bool {
        self.view.children(at).iter().any(|&child| {
            let phrase = self.words(&self.view.get(child).written).join(" ");
            let address = self.view.text(child).map(str::trim);
            self.generic.listener.iter().any(|word| **word == *phrase)
                || matches!(address, Some("0.0.0.0" | "::" | "[::]" | "*"))
        })
    }

    /// Begins a resource.
    fn open(&mut self, at: ViewId, section: &Section, parent: Option<usize>, confidence: Confidence) -> usize {
        let entry = self.view.get(at);
        let node = entry.entry.or(entry.value).expect("a section is entered at a node");
        let document = self.source.document;
        let place = document.node(node).key.map_or(document.node(node).entry, |key| document.node(key).content);
        let mut identity: Vec<Name> = match parent {
            Some(parent) => self.fragments[parent].identity.clone(),
            None => self.path(at),
        };
        if parent.is_some() {
            identity.push((&*entry.written).into());
        }
        self.add(section, identity, self.source.locate(place), parent, confidence)
    }

    fn add(
        &mut self,
        section: &Section,
        identity: Vec<Name>,
        location: crate::model::Location,
        parent: Option<usize>,
        confidence: Confidence,
    ) -> usize {
        let index = self.fragments.len();
        let mut settings = Vec::new();
        for (attribute, value) in [("role", &section.role), ("product", &section.product)] {
            if let Some(value) = value {
                settings.push(Setting {
                    attribute: Some(attribute.into()),
                    reading: Reading { origin: Origin::Derived, ..Reading::known(Value::text(value)) },
                    written: Written::new(location, location, attribute),
                    text: value.clone(),
                    needs: Vec::new(),
                });
            }
        }
        self.fragments.push(Fragment {
            table: None,
            dialect: self.generic.id.clone(),
            kind: section.kind.clone(),
            product: section.product.clone(),
            version: None,
            scope: self.source.scope.clone(),
            identity,
            layer: 0,
            profile: None,
            location,
            site: None,
            closed: false,
            confidence: parent.map_or(confidence, |parent| confidence.min(self.fragments[parent].confidence)),
            settings,
            parent: parent.and_then(|parent| Some((parent, section.link.clone()?))),
            ties: Vec::new(),
            rows: Vec::new(),
            given: Vec::new(),
            given_source: None,
            includes: Vec::new(),
            part: false,
            selects: None,
            throwaway: false,
            rehearsal: false,
            completes: false,
            defaults: Vec::new(),
            home: None,
            rank: 0,
        });
        self.counts.push(Count::default());
        if let (Some(parent), Some(link)) = (parent, &section.link) {
            self.hanging.entry((parent, link.clone())).or_insert(index);
        }
        index
    }

    fn path(&self, at: ViewId) -> Vec<Name> {
        let mut path = Vec::new();
        let mut next = Some(at);
        while let Some(id) = next {
            let entry = self.view.get(id);
            if !entry.written.is_empty() {
                path.push(Name::from(&*entry.written));
            }
            next = self.view.parent(id);
        }
        path.reverse();
        path
    }

    /// A scalar inside a resource; `heading` are the words of the map around it.
    fn key(&mut self, index: usize, at: ViewId, heading: &[String], words: &[String]) {
        let kind = self.fragments[index].kind.clone();
        // `max` under `backoff` is `backoff max` before it is `max`
        let whole: Vec<String> = heading.iter().chain(words).cloned().collect();
        let mut found = self.named(&kind, &whole);
        if found.is_empty() {
            found = self.find(&kind, words);
        }
        self.record(index, &found, at);
    }

    /// The resource that hangs at `index` by this section; begun at `at` if it is not there yet.
    fn child(&mut self, index: usize, section: &Section, at: ViewId) -> usize {
        let link = section.link.as_ref();
        if let Some(&existing) = link.and_then(|link| self.hanging.get(&(index, link.clone()))) {
            return existing;
        }
        let node = self.view.get(at).entry.or(self.view.get(at).value).expect("a key is read at a node");
        let location = self.source.locate(self.source.document.node(node).entry);
        let mut identity = self.fragments[index].identity.clone();
        identity.push(section.link.clone().unwrap_or_else(|| section.kind.clone()));
        let confidence = self.fragments[index].confidence;
        self.add(section, identity, location, Some(index), confidence)
    }

    /// A scalar outside every section: `DB_POOL_SIZE=40`.
    fn flat_key(&mut self, at: ViewId, words: &[String], flat: &mut HashMap<String, usize>) {
        for length in (1..words.len().min(4)).rev() {
            let (head, rest) = words.split_at(length);
            let phrase = head.join(" ");
            let section = self.generic.section.iter().find(|section| {
                section.prefix && section.within.is_empty() && section.words.iter().any(|w| **w == *phrase)
            });
            let Some(section) = section else { continue };
            let found = self.find(&section.kind, rest);
            if found.is_empty() {
                continue;
            }
            let index = match flat.get(&phrase) {
                Some(&index) => index,
                None => {
                    let node = self.view.get(at).entry.or(self.view.get(at).value).expect("read at a node");
                    let location = self.source.locate(self.source.document.node(node).entry);
                    let index = self.add(section, vec![phrase.as_str().into()], location, None, Confidence::High);
                    flat.insert(phrase, index);
                    index
                }
            };
            self.record(index, &found, at);
            return;
        }
    }

    /// Records a key as the first of `found` that can read its value.
    fn record(&mut self, index: usize, found: &[Match<'_>], at: ViewId) {
        let Some(first) = found.first() else { return };
        let Some(node) = self.view.get(at).value else { return };
        let fits = |found: &&Match<'_>| {
            !matches!(self.reading(found, at, node).effective, Effective::Unknown(Why::Unreadable))
        };
        let chosen = if found.len() == 1 { first } else { found.iter().find(fits).unwrap_or(first) };
        let target = match chosen.through {
            None => index,
            Some(section) => self.child(index, section, at),
        };
        self.set(target, chosen, at, node);
    }

    /// Sets the attribute of a matched key.
    fn set(&mut self, index: usize, found: &Match<'_>, at: ViewId, node: NodeId) {
        let entry = self.view.get(at);
        let concept = found.concept;
        let document = self.source.document;
        let reading = self.reading(found, at, node);
        let written_node = entry.entry.unwrap_or(node);
        let written = Written::new(
            self.source.locate(document.node(written_node).entry),
            self.source.locate(document.node(written_node).content),
            &*entry.written,
        )
        .shared(entry.shared);
        if concept.dsn {
            self.addresses.push((index, at, node));
        }
        let count = &mut self.counts[index];
        if concept.weak {
            count.weak += 1
        } else {
            count.strong += 1
        }
        // before everything that is written, so that a key of its own says more
        let implied = concept.implies.iter().map(|implied| Setting {
            attribute: Some(implied.attribute.clone()),
            reading: Reading { origin: Origin::Derived, ..Reading::known(Value::text(&implied.is)) },
            written: written.clone(),
            text: implied.is.clone(),
            needs: Vec::new(),
        });
        self.fragments[index].settings.splice(0..0, implied);
        let confidence = concept.confidence.unwrap_or(Confidence::Certain);
        self.fragments[index].settings.push(Setting {
            attribute: Some(concept.attribute.clone()),
            reading: Reading { confidence: reading.confidence.min(confidence), ..reading },
            written,
            text: self.source.show(node),
            needs: Vec::new(),
        });
    }

    /// Reads the data source names of clients that say more of themselves, and returns where they begin. What a client's
    /// own keys say counts more than its address.
    fn own_addresses(&mut self) -> Vec<u32> {
        let mut own = Vec::new();
        let says_more =
            |(&(parent, _), &child): (&(usize, Name), &usize)| (self.counts[child].strong > 0).then_some(parent);
        let parents: HashSet<usize> = self.hanging.iter().filter_map(says_more).collect();
        for (index, at, node) in std::mem::take(&mut self.addresses) {
            if self.counts[index].strong == 0 && !parents.contains(&index) {
                continue;
            }
            let first = self.fragments[index].settings.len();
            let client = &mut self.fragments[index];
            let found =
                data_source::of_client(self.knowledge, self.context, self.source, Interpolation::Shell, node, client);
            let Some((start, others)) = found else { continue };
            // what such a section leaves open, code may set
            client.defaults.clear();
            own.push(start);
            let said = client.settings.len() - first;
            client.settings.rotate_right(said);
            for other in others {
                let hangs =
                    |section: &&Section| section.kind == other.kind && section.within.contains(&"client".into());
                let Some(section) = self.generic.section.iter().find(hangs) else { continue };
                if other.settings.iter().any(|setting| setting.reading.origin != Origin::Derived) {
                    let child = self.child(index, section, at);
                    self.fragments[child].settings.splice(0..0, other.settings);
                }
            }
        }
        own
    }

    /// Drops what says nothing, decides what is closed, ties clients to the file's benchmark.
    fn finish(mut self) -> Vec<Fragment> {
        for index in (0..self.fragments.len()).rev() {
            if let Some((parent, _)) = self.fragments[index].parent {
                let strong = self.counts[index].strong;
                self.counts[parent].strong += strong.min(1);
            }
        }
        for (fragment, count) in self.fragments.iter_mut().zip(&self.counts) {
            fragment.closed = match (&*fragment.kind, count.strong) {
                ("client" | "benchmark", strong) => strong >= 2 || (strong >= 1 && count.weak >= 1),
                (_, strong) => strong >= 1 || fragment.parent.is_some(),
            };
        }
        // what is switched off, or lives in the program's own process, is judged by nothing that is missing
        let generic = self.generic;
        for fragment in self.fragments.iter_mut().filter(|fragment| &*fragment.kind == "client") {
            if fragment.settings.iter().any(|setting| is_aside(generic, setting)) {
                fragment.closed = false;
            }
        }
        let benchmarks: Vec<usize> =
            (0..self.fragments.len()).filter(|&index| &*self.fragments[index].kind == "benchmark").collect();
        if let [benchmark] = benchmarks.as_slice() {
            for fragment in self.fragments.iter_mut().filter(|fragment| &*fragment.kind == "client") {
                fragment.ties.push(("benchmark".into(), *benchmark));
            }
        }
        // a section in which nothing was understood is not a client; keep indexes stable for parents
        let says = |index: usize| {
            self.counts[index].strong + self.counts[index].weak > 0 || self.fragments[index].parent.is_some()
        };
        if (0..self.fragments.len()).any(says) { self.fragments } else { Vec::new() }
    }
}

/// Whether a setting takes its client out of use, or says that it calls nothing over a network.
fn is_aside(generic: &Generic, setting: &Setting) -> bool {
    let Some(attribute) = &setting.attribute else { return false };
    match (&**attribute, &setting.reading.effective) {
        ("enabled", Effective::Known(Value::Bool(enabled))) => !enabled,
        ("product" | "url", Effective::Known(Value::Text(text))) => {
            let scheme = text.split([':', '+']).next().unwrap_or(text);
            generic.in_process.iter().any(|name| name.eq_ignore_ascii_case(scheme))
        }
        _ => false,
    }
}
