//! In-house files, read by vocabulary: sections and keys whose words mean a kind and an attribute.
//!
//! Nothing here is certain by itself. A section's words, a key's words and the unit of a bare number each have their
//! confidence, and a finding is never surer than the weakest of them.

use std::collections::HashMap;

use super::fragment::{Fragment, Reading, Setting};
use super::recognise::{file_name, format_name, has_key};
use super::tokens;
use super::view::{View, ViewId};
use super::{Context, Read, Source, Text, settle};
use crate::knowledge::{Concept, Generic, Interpolation, Knowledge, Meaning, Section, glob};
use crate::model::{Confidence, Name, Origin, Type, Value, Why, Written};
use crate::quantity::{self, Grammar, Quantity, Unit, Wanted};
use crate::syntax::{Format, LineFlavor, NodeId, NodeKind, ScalarType};

/// Reads a document that no dialect claims.
pub(crate) fn read(knowledge: &Knowledge, context: &Context, source: &Source<'_>, read: &mut Read) {
    let generic = &knowledge.generic;
    let name = file_name(source.path);
    let document = source.document;
    if !generic.formats.contains(&format_name(document.format))
        || document.template.is_some()
        || generic.not_names.iter().any(|pattern| glob(pattern, name))
        || generic.not_paths.iter().any(|pattern| glob(pattern, source.path))
    {
        return;
    }
    for &root in &document.roots {
        let foreign = |keys: &String| keys.split('&').all(|key| has_key(document, root, key.trim()));
        if document.node(document.resolve(root)).kind != NodeKind::Map || generic.not_keys.iter().any(foreign) {
            continue;
        }
        let view = View::new(document, root, Default::default());
        let mut reader =
            Reader { knowledge, generic, context, source, view: &view, fragments: Vec::new(), counts: Vec::new() };
        reader.walk();
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
    fragments: Vec<Fragment>,
    counts: Vec<Count>,
}

/// A key matched to a concept.
struct Match<'a> {
    concept: &'a Concept,
    /// The section between the enclosing resource and the concept, for `pool_max_size` in a client.
    through: Option<&'a Section>,
    unit: Option<Unit>,
}

impl<'a> Reader<'a> {
    fn walk(&mut self) {
        let mut work: Vec<(ViewId, Option<usize>)> = vec![(self.view.root(), None)];
        let mut flat: HashMap<String, usize> = HashMap::new();
        let environment = self.source.document.format == Format::Line(LineFlavor::Env);
        while let Some((at, enclosing)) = work.pop() {
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
                        deeper.push((child, inside));
                    }
                    NodeKind::Map => deeper.push((child, None)),
                    NodeKind::Seq => deeper.push((child, None)),
                    NodeKind::Scalar if entry.item => {}
                    NodeKind::Scalar | NodeKind::Alias => match enclosing {
                        Some(index) => {
                            let words = self.words(&entry.written);
                            self.key(index, child, &words);
                        }
                        // only files that are flat by nature, or flat files of settings
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
        let stands = |section: &&Section| section.within.is_empty();
        let exact = |section: &&Section| section.words.iter().any(|word| **word == *phrase);
        let generic = self.generic;
        let sections = &generic.section;
        if let Some(section) = sections.iter().filter(hangs).find(exact) {
            return Some(self.open(at, section, enclosing, Confidence::High));
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
            includes: Vec::new(),
            part: false,
            throwaway: false,
        });
        self.counts.push(Count::default());
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

    /// A scalar inside a resource.
    fn key(&mut self, index: usize, at: ViewId, words: &[String]) -> bool {
        let kind = self.fragments[index].kind.clone();
        let Some(found) = self.find(&kind, words) else { return false };
        let target = match found.through {
            None => index,
            Some(section) => self.child(index, section, at),
        };
        self.set(target, &found, at);
        true
    }

    /// The resource that hangs at `index` by this section; begun at `at` if it is not there yet.
    fn child(&mut self, index: usize, section: &Section, at: ViewId) -> usize {
        let link = section.link.as_ref();
        let existing = self.fragments.iter().position(|fragment| {
            fragment.parent.as_ref().is_some_and(|(parent, name)| *parent == index && Some(name) == link)
        });
        if let Some(existing) = existing {
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
            let Some(found) = self.find(&section.kind, rest) else { continue };
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
            let target = match found.through {
                None => index,
                Some(section) => self.child(index, section, at),
            };
            self.set(target, &found, at);
            return;
        }
    }

    /// The concept that `words` mean in a resource of `kind`, directly or through a section that hangs there.
    fn find(&self, kind: &Name, words: &[String]) -> Option<Match<'a>> {
        let bare = tokens::unit(words);
        let stripped = bare.map(|(_, taken)| &words[..words.len() - taken]);
        let phrase = words.join(" ");
        let short = stripped.map(|words| words.join(" "));
        let direct = |phrase: &str| {
            self.generic.concept.iter().find(|c| c.kind == *kind && c.words.iter().any(|word| **word == *phrase))
        };
        let inline = |phrase: &str| {
            self.generic.concept.iter().find_map(|concept| {
                let section = self
                    .generic
                    .section
                    .iter()
                    .find(|section| section.kind == concept.kind && section.within.contains(kind))?;
                concept.inline.iter().any(|word| **word == *phrase).then_some((concept, section))
            })
        };
        for (phrase, unit) in [(Some(&phrase), None), (short.as_ref(), bare.map(|(unit, _)| unit))] {
            let Some(phrase) = phrase else { continue };
            if let Some(concept) = direct(phrase) {
                return Some(Match { concept, through: None, unit });
            }
            if let Some((concept, section)) = inline(phrase) {
                return Some(Match { concept, through: Some(section), unit });
            }
        }
        // `retry_max_delay_ms`: a section's words, then a key's
        for length in (1..words.len()).rev() {
            let (head, rest) = words.split_at(length);
            let head = head.join(" ");
            let section = self.generic.section.iter().find(|section| {
                section.prefix && section.within.contains(kind) && section.words.iter().any(|word| **word == *head)
            });
            let Some(section) = section else { continue };
            if let Some(found) = self.find_direct(&section.kind, rest) {
                return Some(Match { through: Some(section), ..found });
            }
        }
        None
    }

    fn find_direct(&self, kind: &Name, words: &[String]) -> Option<Match<'a>> {
        let bare = tokens::unit(words);
        let phrase = words.join(" ");
        let short = bare.map(|(_, taken)| words[..words.len() - taken].join(" "));
        for (phrase, unit) in [(Some(&phrase), None), (short.as_ref(), bare.map(|(unit, _)| unit))] {
            let Some(phrase) = phrase else { continue };
            let concept =
                self.generic.concept.iter().find(|c| c.kind == *kind && c.words.iter().any(|word| **word == **phrase));
            if let Some(concept) = concept {
                return Some(Match { concept, through: None, unit });
            }
        }
        None
    }

    /// Records a matched key.
    fn set(&mut self, index: usize, found: &Match<'_>, at: ViewId) {
        let entry = self.view.get(at);
        let Some(node) = entry.value else { return };
        let concept = found.concept;
        let Some(declared) = self.knowledge.vocabulary.attribute(&concept.kind, &concept.attribute) else { return };
        let document = self.source.document;
        let text = document.scalar(node);
        let reading = if document.is_templated(document.node(node).content) {
            Reading::unknown(Why::Template)
        } else {
            match settle(self.context, self.source.path, Interpolation::Shell, text) {
                Text::Open => Reading::unknown(Why::Interpolated),
                Text::Written(text) => self.value(found, declared, &text, at, node),
                Text::Filled(text) => {
                    Reading { origin: Origin::Interpolated, ..self.value(found, declared, &text, at, node) }
                }
            }
        };
        let written_node = entry.entry.unwrap_or(node);
        let written = Written::new(
            self.source.locate(document.node(written_node).entry),
            self.source.locate(document.node(written_node).content),
            &*entry.written,
        )
        .shared(entry.shared);
        if concept.dsn {
            super::dsn::read(self.knowledge, self.context, self.source, node, &mut self.fragments[index]);
        }
        let count = &mut self.counts[index];
        if concept.weak {
            count.weak += 1
        } else {
            count.strong += 1
        }
        let confidence = concept.confidence.unwrap_or(Confidence::Certain);
        self.fragments[index].settings.push(Setting {
            attribute: Some(concept.attribute.clone()),
            reading: Reading { confidence: reading.confidence.min(confidence), ..reading },
            written,
            text: self.source.show(node),
            needs: Vec::new(),
        });
    }

    /// Reads a value by what people mean, not by a product's grammar.
    fn value(&self, found: &Match<'_>, declared: Type, text: &str, at: ViewId, node: NodeId) -> Reading {
        let concept = found.concept;
        let special = |meaning: Option<Meaning>| match meaning {
            Some(Meaning::Unlimited) => Some(Reading::known(Value::Unlimited)),
            Some(Meaning::Off) => Some(Reading::known(Value::Off)),
            _ => None,
        };
        let null = self.source.document.node(node).scalar == ScalarType::Null || text.trim().is_empty();
        if null {
            return special(concept.empty).unwrap_or(Reading { set: false, ..Reading::unknown(Why::NotSet) });
        }
        let number: Option<f64> = text.trim().parse().ok();
        let meaning = match number {
            Some(0.0) => concept.zero,
            Some(number) if number < 0.0 => concept.negative,
            _ => None,
        };
        if let Some(reading) = special(meaning) {
            return reading;
        }
        match declared {
            Type::Text | Type::List => {
                let lower = tokens::words(text).join(" ");
                let translated = concept.values.iter().find(|value| *value.word == *lower);
                match translated {
                    Some(translation) => Reading::known(Value::text(&translation.is)),
                    None if concept.values.is_empty() => Reading::known(Value::text(text.trim())),
                    None => Reading::unknown(Why::Unreadable),
                }
            }
            Type::Bool => match quantity::parse(text, Grammar::Human, Wanted::Bool, Unit::Count) {
                Ok(parsed) => Reading::known(super::reading::value_of(parsed.quantity)),
                Err(_) => Reading::unknown(Why::Unreadable),
            },
            Type::Int => match number {
                Some(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                    Reading::known(Value::Int(number as i64 + concept.plus))
                }
                _ => Reading::unknown(Why::Unreadable),
            },
            Type::Double => match number {
                Some(number) if number.is_finite() => Reading::known(Value::Double(number)),
                _ => Reading::unknown(Why::Unreadable),
            },
            Type::Duration => self.duration(found, text, number, at, node),
            Type::Size => {
                let bare = found.unit.unwrap_or(Unit::Byte);
                match quantity::parse(text, Grammar::Human, Wanted::Size, bare) {
                    Ok(parsed) if parsed.explicit_unit || found.unit.is_some() => {
                        Reading::known(super::reading::value_of(parsed.quantity))
                    }
                    _ => Reading::unknown(Why::Unit),
                }
            }
        }
    }

    /// A duration; the unit of a bare number by the ladder: the key, its neighbours, a comment, the magnitude.
    fn duration(&self, found: &Match<'_>, text: &str, number: Option<f64>, at: ViewId, node: NodeId) -> Reading {
        let with =
            |unit: Unit, confidence: Confidence| match quantity::parse(text, Grammar::Human, Wanted::Duration, unit)
                .map(|parsed| parsed.quantity)
            {
                Ok(Quantity::Duration(nanos)) => Reading { confidence, ..Reading::known(Value::Duration(nanos)) },
                _ => Reading::unknown(Why::Unreadable),
            };
        let Some(number) = number else { return with(found.unit.unwrap_or(Unit::Second), Confidence::Certain) };
        if let Some(unit) = found.unit {
            return with(unit, Confidence::Certain);
        }
        if let Some(unit) = self.unit_key(at) {
            return with(unit, Confidence::Certain);
        }
        if let Some(unit) = self.comment_unit(node) {
            return with(unit, Confidence::High);
        }
        if let Some(unit) = self.neighbour_unit(at) {
            return with(unit, Confidence::Medium);
        }
        let lifetime = matches!(&*found.concept.attribute, "ttl" | "max_lifetime");
        let round = [60.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 86400.0, 604_800.0].contains(&number);
        match number {
            _ if lifetime && round => with(Unit::Second, Confidence::High),
            number if number.fract() != 0.0 && number < 100.0 => with(Unit::Second, Confidence::High),
            number if number >= 1000.0 && number % 100.0 == 0.0 && !round => with(Unit::Millisecond, Confidence::High),
            number if (1.0..=120.0).contains(&number) => with(Unit::Second, Confidence::Medium),
            _ => Reading::unknown(Why::Unit),
        }
    }

    /// `timeoutUnit: seconds` beside `timeout`.
    fn unit_key(&self, at: ViewId) -> Option<Unit> {
        let own = self.view.get(at).written.to_ascii_lowercase();
        let parent = self.view.parent(at)?;
        self.view.children(parent).iter().find_map(|&sibling| {
            let key = self.view.get(sibling).written.to_ascii_lowercase();
            let key = key.strip_suffix("unit")?.trim_end_matches(['_', '-']);
            if key != own && key != "time" {
                return None;
            }
            let word = tokens::words(self.view.text(sibling)?);
            tokens::unit(&[String::from("in"), word.last()?.clone()]).map(|(unit, _)| unit)
        })
    }

    /// `# seconds` at the end of the line.
    fn comment_unit(&self, node: NodeId) -> Option<Unit> {
        let document = self.source.document;
        let end = document.node(node).content.end;
        let after = document.comments.partition_point(|comment| comment.span.start < end);
        let comment = document.comments.get(after).filter(|comment| !comment.own_line)?;
        let between = document.text.get(end as usize..comment.span.start as usize)?;
        if between.contains('\n') {
            return None;
        }
        let words = tokens::words(comment.span.slice(&document.text));
        let known = ["seconds", "secs", "sec", "milliseconds", "millis", "ms", "minutes", "mins", "hours"];
        let named: Vec<&String> = words.iter().filter(|word| known.contains(&word.as_str())).collect();
        match named.as_slice() {
            [one] => tokens::unit(&[String::from("in"), (*one).clone()]).map(|(unit, _)| unit),
            _ => None,
        }
    }

    /// The one unit that the keys beside this one name.
    fn neighbour_unit(&self, at: ViewId) -> Option<Unit> {
        let parent = self.view.parent(at)?;
        let mut units = self
            .view
            .children(parent)
            .iter()
            .filter(|&&sibling| sibling != at)
            .filter_map(|&sibling| tokens::unit(&tokens::words(&self.view.get(sibling).written)).map(|(unit, _)| unit))
            .filter(|unit| unit.dimension() == crate::quantity::Dimension::Time);
        let first = units.next()?;
        units.all(|unit| unit == first).then_some(first)
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
