//! What the description of a container says in the keys of other products: labels by which a proxy is told what to do with
//! it (`name.of.a.key=value`), and options of its command that are named after keys.
//!
//! Both are read as environment variables are, by the tables that say they take them.

use super::blocks::BlockReader;
use super::site::Place;
use super::view::ViewId;
use super::{Source, environment};
use crate::knowledge::{Head, Knowledge};
use crate::model::Name;
use crate::syntax::{Document, embed, environment as variables};

/// Whether a table reads such texts.
type Reads = fn(&Head) -> bool;

impl BlockReader<'_, '_> {
    /// What its labels and the options of its command say to products that read those as they do variables. Each says
    /// all there is of a resource, unless the description only adds to another one.
    pub(super) fn own_texts(&mut self, place: Place<'_>, home: &Name) {
        let whole = place.view.one(place.at, &place.site.image).is_some();
        let labels: Reads = |head| !head.labels.is_empty();
        let options: Reads = |head| head.options;
        let texts = [("labels", place.labels(self.knowledge), labels), ("options", place.options(), options)];
        for (kind, document, reads) in texts {
            let scope: Name = format!("{home}#{kind}").into();
            let inner = Source::new(self.source.file, self.source.path, scope, true, &document);
            let first = self.read.fragments.len();
            environment::read_by(self.knowledge, self.context, &inner, Some(self.interpolation), self.read, &reads);
            for fragment in &mut self.read.fragments[first..] {
                let block = fragment.table.as_ref().zip(fragment.block).and_then(|(table, at)| table.resource.get(at));
                fragment.closed = whole && block.is_some_and(|block| block.closed);
                fragment.home = Some(home.clone());
            }
        }
    }
}

impl Place<'_> {
    /// Its labels that others read, as a document of their own.
    fn labels(&self, knowledge: &Knowledge) -> Document {
        let document = self.source.document;
        let prefixes: Vec<&String> = knowledge.tables.iter().flat_map(|entry| &entry.head.labels).collect();
        let text = |node| embed::scalar(document, node);
        let places = self.site.own_labels.iter().flat_map(|pattern| self.view.select(self.at, pattern));
        let children: Vec<ViewId> = places.flat_map(|found| self.view.children(found.id).to_vec()).collect();
        let labels = children.into_iter().filter_map(|child| {
            let entry = self.view.get(child);
            if entry.item {
                return Some(variables::Variable { name: text(entry.value?)?, value: None });
            }
            let key = document.node(entry.entry?).key?;
            Some(variables::Variable { name: text(key)?, value: Some(text(entry.value?)?) })
        });
        let begins =
            |name: &str, prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        variables::document(labels.filter(|label| prefixes.iter().any(|prefix| begins(&label.name.text, prefix))))
    }

    /// The options `--name=value` of its command, as a document of their own.
    fn options(&self) -> Document {
        let arguments = self.arguments();
        let words = arguments.iter().flat_map(|arguments| arguments.words().map(|word| (&arguments.document, word)));
        let options = words.filter_map(|(document, word)| {
            let option = document.scalar(word);
            let name = embed::scalar(document, word).filter(|_| option.starts_with("--") && option.contains('='))?;
            Some(variables::Variable { name: name.behind(2), value: None })
        });
        variables::document(options)
    }
}
