//! Resources as they are found, and what their keys set.

use super::super::fragment::{Fragment, Reading, Setting};
use super::{Count, Match, Reader, ViewId};
use crate::knowledge::Section;
use crate::model::{Confidence, Effective, Location, Name, Origin, Value, Why, Written};
use crate::syntax::NodeId;

impl Reader<'_> {
    /// Begins a resource.
    pub(super) fn open(
        &mut self,
        at: ViewId,
        section: &Section,
        parent: Option<usize>,
        confidence: Confidence,
    ) -> usize {
        let document = self.source.document;
        let own = self.view.first_node(at).expect("a section is entered at a node");
        // the root has no key: what it describes stands at its first one
        let root = at == self.view.root();
        let node = if root {
            self.view.children(at).iter().find_map(|&child| self.view.first_node(child)).unwrap_or(own)
        } else {
            own
        };
        let place = document.node(node).key.map_or(document.node(node).entry, |key| document.node(key).content);
        let mut identity: Vec<Name> = match parent {
            Some(parent) => self.fragments[parent].identity.clone(),
            None => self.path(at),
        };
        if parent.is_some() || root {
            identity.push(if root { section.words[0].clone() } else { (&*self.view.get(at).written).into() });
        }
        self.add(section, identity, self.source.locate(place), parent, confidence)
    }

    pub(super) fn add(
        &mut self,
        section: &Section,
        identity: Vec<Name>,
        location: Location,
        parent: Option<usize>,
        confidence: Confidence,
    ) -> usize {
        let index = self.fragments.len();
        let mut settings = Vec::new();
        // whatever library it is, the program's own code reads these keys
        let own = self.knowledge.vocabulary.attribute(&section.kind, "driver").map(|_| Name::from("own"));
        for (attribute, value) in [("role", &section.role), ("product", &section.product), ("driver", &own)] {
            if let Some(value) = value {
                settings.push(self.derived(attribute, value, Written::new(location, location, attribute)));
            }
        }
        let scope = self.source.scope.clone();
        self.fragments.push(Fragment {
            product: section.product.clone(),
            identity,
            confidence: parent.map_or(confidence, |parent| confidence.min(self.fragments[parent].confidence)),
            settings,
            parent: parent.and_then(|parent| Some((parent, section.link.clone()?))),
            ..Fragment::new(self.generic.id.clone(), section.kind.clone(), scope, location)
        });
        self.counts.push(Count::default());
        if let (Some(parent), Some(link)) = (parent, &section.link) {
            self.hanging.entry((parent, link.clone())).or_insert(index);
        }
        index
    }

    /// The product whose scheme an address begins with.
    fn product_of(&self, address: &Reading) -> Option<Name> {
        let Effective::Known(Value::Text(text)) = &address.effective else { return None };
        let (scheme, _) = text.split_once("://")?;
        let word = scheme.split('+').next()?.to_ascii_lowercase();
        let products = self.generic.concepts("client", "provider");
        products.flat_map(|concept| &concept.values).find(|value| *value.word == *word).map(|value| value.is.clone())
    }

    /// A setting that follows from others.
    fn derived(&self, attribute: &str, value: &Name, written: Written) -> Setting {
        Setting {
            attribute: Some(attribute.into()),
            reading: Reading { origin: Origin::Derived, ..Reading::known(Value::text(value)) },
            written,
            text: value.clone(),
            needs: Vec::new(),
        }
    }

    /// The keys from the root to `at`.
    pub(super) fn path(&self, at: ViewId) -> Vec<Name> {
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

    /// A scalar inside a resource, and whether it means something there; `heading` are the words of the map around it.
    pub(super) fn key(&mut self, index: usize, at: ViewId, heading: &[String], words: &[String]) -> bool {
        let kind = self.fragments[index].kind.clone();
        let mut found = match self.left_out(heading, words) {
            Some(whole) => self.find(&kind, &whole),
            None => Vec::new(),
        };
        if found.is_empty() {
            // `max` under `backoff` is `backoff max` before it is `max`
            let whole: Vec<String> = heading.iter().chain(words).cloned().collect();
            found = self.named(&kind, &whole);
            let groups = self.generic.wrapper.iter().any(|word| **word == *heading.join(" "));
            if groups {
                found.iter_mut().for_each(|found| found.guessed = true);
            }
        }
        if found.is_empty() {
            found = self.find(&kind, words);
        }
        self.record(index, &found, at);
        !found.is_empty()
    }

    /// The resource that hangs at `index` by this section; begun at `at` if it is not there yet.
    pub(super) fn child(&mut self, index: usize, section: &Section, at: ViewId) -> usize {
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

    /// Records a key as the first of `found` that can read its value.
    pub(super) fn record(&mut self, index: usize, found: &[Match<'_>], at: ViewId) {
        let Some(first) = found.first() else { return };
        let Some(node) = self.view.get(at).value else { return };
        let fits = |found: &&Match<'_>| {
            !matches!(self.reading(found, at, node).effective, Effective::Unknown(Why::Unreadable))
        };
        let chosen = match found.iter().find(fits) {
            Some(chosen) => chosen,
            // a value that is none of those known says something else
            None if found.iter().all(|found| found.concept.listed) => return,
            None => first,
        };
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
            if let Some(product) = self.product_of(&reading) {
                let setting = self.derived("product", &product, written.clone());
                // what a key of its own says counts more
                self.fragments[index].settings.insert(0, setting);
            }
        }
        let count = &mut self.counts[index];
        if concept.weak {
            count.weak += 1
        } else {
            count.strong += 1
        }
        // before everything that is written, so that a key of its own says more
        let implied: Vec<Setting> = concept
            .implies
            .iter()
            .map(|implied| self.derived(&implied.attribute, &implied.is, written.clone()))
            .collect();
        self.fragments[index].settings.splice(0..0, implied);
        let confidence = concept.confidence.unwrap_or(Confidence::Certain);
        let confidence = if found.guessed { confidence.min(Confidence::Medium) } else { confidence };
        self.fragments[index].settings.push(Setting {
            attribute: Some(concept.attribute.clone()),
            reading: Reading { confidence: reading.confidence.min(confidence), ..reading },
            written,
            text: self.source.show(node),
            needs: Vec::new(),
        });
    }
}
