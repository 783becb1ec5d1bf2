//! The keys of a resource: what each row of a table makes of the value that stands at its place.

use super::blocks::{At, BlockReader, Frame};
use super::environment::Variable;
use super::fragment::{Fault, Fragment, Reading, Setting, attribute_type};
use super::reading::Reader;
use super::recognise::file_name;
use super::view::{View, ViewId, canonical};
use super::{Text, quoted, settle_by};
use crate::knowledge::{Block, Interpolation, Pattern, Row, Spelling, Table};
use crate::model::{Confidence, Origin, Type, Value, Why, Written, WrittenBy, nearest};
use crate::syntax::yaml::schema;
use crate::syntax::{Format, NodeId, NodeKind, Style};

impl BlockReader<'_, '_> {
    /// The rows of a block, read at one place.
    pub(super) fn rows(&self, view: &View<'_>, frame: &Frame, at: At<'_>, place: ViewId, fragment: &mut Fragment) {
        let first = fragment.settings.len();
        for (index, row) in at.block.key.iter().enumerate().filter(|(_, row)| !(at.inherited && row.own)) {
            let from = if row.top { view.root() } else { place };
            for pattern in std::iter::once(&row.key).chain(&row.also) {
                for found in view.select(from, pattern) {
                    if !row.fits.is_empty() && !view.text(found.id).is_some_and(|text| self.is_meant(row, text)) {
                        continue;
                    }
                    if row.exact && !view.is_spelled(found.id, pattern) {
                        continue;
                    }
                    fragment.settings.extend(self.row(view, frame, at, (index, row), found.id));
                }
            }
        }
        self.siblings(view, at, place, fragment, first);
    }

    /// One row at one place.
    pub(crate) fn row(
        &self,
        view: &View<'_>,
        frame: &Frame,
        at: At<'_>,
        (index, row): (usize, &Row),
        place: ViewId,
    ) -> Option<Setting> {
        let entry = view.get(place);
        let node = entry.value?;
        let document = self.source.document;
        let declared =
            row.attribute.as_ref().and_then(|name| self.knowledge.vocabulary.attribute(&at.block.kind, name));
        let reader = Reader { table: self.table, version: frame.version.as_ref() };
        let mut reading = match document.node(node).kind {
            NodeKind::Scalar if self.is_opaque(node) => Reading::unknown(Why::Template),
            NodeKind::Scalar => self.text(frame, row, declared, document.scalar(node)),
            NodeKind::Seq if row.after.is_some() => match self.word_after(view, place, row) {
                Some(word) if word.starts_with(|c: char| c.is_ascii_digit()) => reader.read(row, declared, &word),
                // a variable, or a word of the program's own: `sleep infinity`
                Some(_) => Reading::unknown(Why::Interpolated),
                None => return None,
            },
            NodeKind::Map if !row.object.is_empty() => {
                let members: Option<Vec<(&str, &str)>> = view
                    .children(place)
                    .iter()
                    .map(|&child| Some((&*view.get(child).written, view.text(child)?)))
                    .collect();
                members.map_or(Reading::unknown(Why::Unreadable), |members| reader.read_object(row, declared, &members))
            }
            NodeKind::Seq if row.joined.is_some() => {
                let items: Option<Vec<&str>> = view.children(place).iter().map(|&child| view.text(child)).collect();
                let between = row.joined.as_deref().unwrap_or_default();
                items
                    .map_or(Reading::unknown(Why::Unreadable), |items| reader.read(row, declared, &items.join(between)))
            }
            NodeKind::Seq if self.table.spelling == Spelling::Relaxed && self.is_text(at, row) => {
                let items: Vec<&str> = view.children(place).iter().filter_map(|&child| view.text(child)).collect();
                reader.read(row, declared, &items.join(","))
            }
            NodeKind::Seq if row.kind == Some(Type::List) => {
                let items = view.children(place).iter().filter_map(|&child| view.text(child)).map(Value::text);
                reader.out_of_version(row).unwrap_or_else(|| Reading::known(Value::List(items.collect())))
            }
            _ => Reading::unknown(Why::Unreadable),
        };
        if view.text(place).is_some_and(|text| leaves_open(at.block, row, declared, text)) {
            reading = Reading::unknown(Why::Unreadable);
        }
        let refused = reading.faults.iter().any(|fault| fault.code == "rejected");
        if self.is_spelled_number(node) && refused || is_number(row, declared) && self.is_disputed(node) {
            reading = Reading::unknown(Why::Unreadable);
        }
        if let Some(why) = &at.block.unreadable {
            reading.pass_over(why);
        }
        if let Some(who) = &at.block.texts
            && document.node(node).kind == NodeKind::Scalar
            && !self.is_opaque(node)
            && let Some(fault) = quoted::fault(view, node, document.scalar(node), who)
        {
            // quoted, it is what it says: unless something else is wrong with it too
            let alone = reading.faults.is_empty();
            reading.faults = vec![if alone { fault.instead(document.scalar(node)) } else { fault }];
        }
        for fault in reading.faults.iter_mut().filter(|fault| fault.code == "removed") {
            fault.successor = view.text(place).and_then(|text| self.successor(at, row, frame.version.as_ref(), text));
        }
        let shown = if row.secret { "***".into() } else { self.source.show(node) };
        Some(Setting {
            attribute: row.attribute.clone(),
            reading,
            written: self
                .written(entry.entry.unwrap_or(node), &entry.written)
                .by(WrittenBy::Row { table: self.table.id.clone(), block: at.index as u16, row: index as u16 })
                .shared(entry.shared || at.inherited),
            text: shown,
            needs: row.needs.iter().chain(&row.needs_anywhere).cloned().collect(),
        })
    }

    /// Whether a plain scalar may be a whole number to the product's reader of YAML or TOML, in another spelling than decimal.
    fn is_spelled_number(&self, node: NodeId) -> bool {
        let document = self.source.document;
        let found = document.node(node);
        matches!(document.format, Format::Yaml | Format::Toml)
            && found.kind == NodeKind::Scalar
            && found.style == Style::Plain
            && schema::spelled_number(document.scalar(node))
    }

    /// Whether readers of YAML 1.1 see another number in a plain scalar than readers of 1.2: `010`, `1:30`.
    fn is_disputed(&self, node: NodeId) -> bool {
        let document = self.source.document;
        let found = document.node(node);
        document.format == Format::Yaml
            && found.kind == NodeKind::Scalar
            && found.style == Style::Plain
            && schema::ambiguous(document.scalar(node))
    }

    /// Whether the row's value is a text; Spring joins a list into one with commas.
    fn is_text(&self, at: At<'_>, row: &Row) -> bool {
        let declared =
            row.attribute.as_ref().and_then(|name| self.knowledge.vocabulary.attribute(&at.block.kind, name));
        attribute_type(row, declared) == Type::Text
    }

    /// Whether a row is meant by a text, its variables settled where they can be.
    pub(super) fn is_meant(&self, row: &Row, text: &str) -> bool {
        match settle_by(&|name| self.variable(name), self.interpolation, text) {
            Text::Written(text) | Text::Filled(text) => row.takes(&text),
            Text::Open => row.takes(text),
        }
    }

    /// A text as the row's value, its variables settled.
    fn text(&self, frame: &Frame, row: &Row, declared: Option<Type>, text: &str) -> Reading {
        let reader = Reader { table: self.table, version: frame.version.as_ref() };
        let document = self.source.document;
        match settle_by(&|name| self.variable(name), self.interpolation, text) {
            Text::Open => Reading::unknown(Why::Interpolated),
            // a variable in a spelling that is not the document's
            Text::Written(text) if document.format == Format::Dsn && text.contains(['$', '{', '<', '(', '#']) => {
                Reading::unknown(Why::Interpolated)
            }
            Text::Written(text) => reader.read(row, declared, &text),
            Text::Filled(text) => {
                let reading = reader.read(row, declared, &text);
                // what a program's own configuration falls back to is seldom what runs
                let most =
                    if self.interpolation == Interpolation::Erb { Confidence::Medium } else { reading.confidence };
                Reading { origin: Origin::Interpolated, confidence: reading.confidence.min(most), ..reading }
            }
        }
    }

    /// One row set by an environment variable.
    pub(crate) fn set_by_variable(
        &self,
        frame: &Frame,
        at: At<'_>,
        (index, row): (usize, &Row),
        variable: &Variable,
    ) -> Setting {
        let declared =
            row.attribute.as_ref().and_then(|name| self.knowledge.vocabulary.attribute(&at.block.kind, name));
        let mut reading = match &variable.value {
            Some(text) if leaves_open(at.block, row, declared, text) => Reading::unknown(Why::Unreadable),
            Some(text) => self.text(frame, row, declared, text),
            None => Reading::unknown(Why::OutOfSight),
        };
        if let Some(why) = &row.inert
            && row.unless.is_empty()
        {
            reading = Reading { set: false, ..reading.with(Fault::new("ignored", why.clone())) };
        }
        Setting {
            attribute: row.attribute.clone(),
            reading,
            written: variable.written.clone().by(WrittenBy::Row {
                table: self.table.id.clone(),
                block: at.index as u16,
                row: index as u16,
            }),
            text: if row.secret { "***".into() } else { variable.shown.clone() },
            needs: Vec::new(),
        }
    }

    /// Whether a template decides what stands at `node`; of ERB, what an expression puts there may be told.
    fn is_opaque(&self, node: NodeId) -> bool {
        let content = self.source.document.node(node).content;
        let erb = self.interpolation == Interpolation::Erb && content.slice(&self.source.document.text).contains("<%=");
        !erb && self.source.document.is_templated(content)
    }

    /// The word of a command, given as a list of words, behind the one it begins with; also where a shell runs it.
    fn word_after(&self, view: &View<'_>, place: ViewId, row: &Row) -> Option<String> {
        let texts: Option<Vec<&str>> = view.children(place).iter().map(|&child| view.text(child)).collect();
        let texts = texts?;
        let shell = texts.first().is_some_and(|first| first.ends_with("sh"));
        let mut words = texts.iter().flat_map(|text| text.split_whitespace()).skip(usize::from(shell));
        let mut first = words.next()?;
        while shell && first.starts_with('-') {
            first = words.next()?;
        }
        if file_name(first) != row.after.as_deref()? {
            return None;
        }
        Some(words.next()?.trim_end_matches([';', '&']).to_string())
    }

    /// Keys of a closed section that no row knows.
    pub(super) fn unknown_keys(&self, view: &View<'_>, block: &Block, at: ViewId, fragment: &mut Fragment) {
        let first =
            |pattern: &Pattern| pattern.segments.first().map(|segment| canonical(&segment.key, self.table.spelling));
        let known: Vec<std::rc::Rc<str>> =
            block.key.iter().flat_map(|row| std::iter::once(&row.key).chain(&row.also)).filter_map(first).collect();
        for &child in view.children(at) {
            let entry = view.get(child);
            if known.iter().any(|key| **key == *entry.key || **key == *"*") {
                continue;
            }
            let Some(node) = entry.entry.or(entry.value) else { continue };
            // where any part of a program may read keys of its own, a section is more likely one than a key is
            let section = entry.value.is_none_or(|value| self.source.document.node(value).kind == NodeKind::Map);
            if section && self.table.spelling == Spelling::Relaxed {
                continue;
            }
            let fault = unknown_key(self.table, block, &entry.written);
            fragment.settings.push(Setting {
                attribute: None,
                reading: Reading::unknown(Why::NotSet).with(fault),
                written: self.written(node, &entry.written).shared(entry.shared),
                text: entry.value.map_or("".into(), |value| self.source.show(value)),
                needs: Vec::new(),
            });
        }
    }

    /// Where a node is written.
    pub(crate) fn written(&self, node: NodeId, key: &str) -> Written {
        let document = self.source.document;
        let found = document.node(node);
        Written::new(self.source.locate(found.entry), self.source.locate(found.content), key)
    }
}

/// A key that the product of `table` does not know where `block` stands.
pub(super) fn unknown_key(table: &Table, block: &Block, key: &str) -> Fault {
    let fault = Fault::new("unknown", format!("{} does not know this key here", table.product()));
    match nearest(key, block.key.iter().filter_map(|row| row.key.last_key())) {
        Some(near) => fault.cure(format!("did you mean '{near}'?")),
        None => fault,
    }
}

/// Whether a block leaves a number written so to the product.
fn leaves_open(block: &Block, row: &Row, declared: Option<Type>, text: &str) -> bool {
    !block.left_open.is_empty() && is_number(row, declared) && block.left_open.fit(text.trim())
}

/// Whether a row's value is a number, with or without a unit.
fn is_number(row: &Row, declared: Option<Type>) -> bool {
    matches!(attribute_type(row, declared), Type::Int | Type::Double | Type::Duration | Type::Size)
}
