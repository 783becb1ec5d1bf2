//! What a client has the server set when a session begins: `options=-c statement_timeout=5s` in an address, `PGOPTIONS` in
//! the environment. It is a command line of the server, which takes from it what a connection may set.
//!
//! A variable is read with the others of its environment file or container, and else wherever it stands.

use super::blocks::{BlockReader, Frame};
use super::environment::Variable;
use super::fragment::{Fault, Fragment, Reading, Setting};
use super::{Context, Read, Source, Text, parameter, settle, throwaway};
use crate::knowledge::{Entry, Interpolation, Knowledge, Table, Version};
use crate::model::{Location, Name, Origin, Why, Written, WrittenBy};
use crate::syntax::embed::{self, Embedded};
use crate::syntax::{Document, NodeId, NodeKind, Span, SpanMap, command};

/// Adds what the options of an address set to the client that uses it, or those of the variable that `table`'s driver
/// reads where the address has none.
pub(super) fn of_address(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    (table, server): (&Table, &Table),
    root: NodeId,
    client: &mut Fragment,
) {
    let options = Options { knowledge, context, path: source.path, server, kind: &client.kind };
    let document = source.document;
    let own = document.lookup(root, &["options", "options"]).or_else(|| document.lookup(root, &["options"]));
    if let Some(node) = own.filter(|&node| document.node(node).kind == NodeKind::Scalar) {
        let Some(text) = embed::scalar(document, node) else { return };
        let place = source.locate(document.node(node).content);
        client.settings.extend(options.read(text, Interpolation::Shell, place, false));
        return;
    }
    let Some((document, name)) = source.environment.zip(table.session_variable.as_ref()) else { return };
    let node = document.roots.iter().find_map(|&root| document.entry(root, name));
    let Some(text) = node.and_then(|node| embed::scalar(document, node)) else { return };
    let place = document.host(document.node(node.expect("it has a text")).content);
    let place = Location { file: source.file, start: place.start, end: place.end };
    let settings = options.read(text, Interpolation::Shell, place, false);
    // the variable's faults are its own
    let alone = |setting: Setting| Setting { reading: Reading { faults: Vec::new(), ..setting.reading }, ..setting };
    client.settings.extend(settings.into_iter().map(alone));
}

/// The table that reads `node` as options, if that is its variable; and where the value begins.
pub(super) fn told_by<'k>(knowledge: &'k Knowledge, document: &Document, node: NodeId) -> Option<(&'k Entry, usize)> {
    let mut entries = knowledge.tables.iter().filter_map(|entry| Some((entry, entry.head.options_variable.as_ref()?)));
    entries.find_map(|(entry, name)| match document.key(node) {
        Some(key) => (*key == **name).then_some((entry, 0)),
        None => {
            let value = document.scalar(node).strip_prefix(&**name)?.strip_prefix('=')?;
            Some((entry, document.scalar(node).len() - value.len()))
        }
    })
}

/// Reads the sessions of a variable that stands in `node`, from its byte `skip` on, if no environment was read with it.
pub(super) fn read(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    interpolation: Interpolation,
    (node, entry, skip): (NodeId, &Entry, usize),
    names: Vec<Name>,
    read: &mut Read,
) {
    let document = source.document;
    let table = entry.table();
    let Some(block) = table.resource.iter().find(|block| block.key.iter().any(|row| row.options)) else { return };
    let Some(text) = text_behind(document, node, skip) else { return };
    if source.embedded && !is_here(&text) || !read.data_sources.insert(text.map.offset(0)) {
        return;
    }
    let scope: Name = format!("{}#{}#{}", source.scope, document.node(node).document, names.join("/")).into();
    let pin = context.version(table.product(), source.path);
    let frame = Frame {
        version: pin.as_ref().and_then(|pin| Version::parse(&pin.version)),
        throwaway: throwaway::said_by(&table.throwaway, &scope),
        scope,
        layer: 0,
        profile: None,
        pin,
        closed: false,
        part: false,
        rehearsal: false,
    };
    let reader = BlockReader { knowledge, context, source, table, how: None, interpolation, read };
    let settings = reader.options(&block.kind, node, text);
    if !settings.is_empty() {
        let mut fragment = reader.fragment(&frame, &block.kind, names, node);
        fragment.settings = settings;
        reader.read.recognised(&table.id);
        reader.read.fragments.push(fragment);
    }
}

/// The text of `node` behind its first `skip` bytes.
fn text_behind(document: &Document, node: NodeId, skip: usize) -> Option<Embedded> {
    let whole = embed::scalar(document, node)?;
    let text = whole.text.get(skip..)?.to_owned();
    let mut behind = SpanMap::identity();
    behind.push(0, skip, text.len());
    Some(Embedded { map: behind.through(&whole.map), text, faithful: whole.faithful })
}

/// Whether a text stands in the file in one stretch.
fn is_here(text: &Embedded) -> bool {
    text.faithful && text.map.is_contiguous(Span::new(0, text.text.len()))
}

impl BlockReader<'_, '_> {
    /// What a variable that holds options sets in a session.
    pub(super) fn session_options(&mut self, kind: &Name, variable: &Variable) -> Vec<Setting> {
        let node = self.source.document.resolve(variable.node);
        // what stands in a map that is taken over, or in several lines, is read where it does
        let text = embed::scalar(self.source.document, node).filter(is_here);
        let Some(text) = text else { return Vec::new() };
        self.read.data_sources.insert(text.map.offset(0));
        self.options(kind, node, text)
    }

    /// What the text of `node`, or its end, sets in a session.
    fn options(&self, kind: &Name, node: NodeId, text: Embedded) -> Vec<Setting> {
        let Some(server) = self.table.server.as_ref().and_then(|server| self.knowledge.table(server)) else {
            return Vec::new();
        };
        let options =
            Options { knowledge: self.knowledge, context: self.context, path: self.source.path, server, kind };
        let place = self.source.locate(self.source.document.node(node).content);
        options.read(text, self.interpolation, place, &*self.source.show(node) == "***")
    }
}

/// How options are read.
struct Options<'a> {
    knowledge: &'a Knowledge,
    context: &'a Context,
    path: &'a str,
    /// The table of the server that takes them.
    server: &'a Table,
    /// What they are settings of.
    kind: &'a Name,
}

impl Options<'_> {
    /// The settings of a text that stands at `place`; `secret` values are not shown.
    fn read(&self, text: Embedded, interpolation: Interpolation, place: Location, secret: bool) -> Vec<Setting> {
        let Some(set) = &self.server.parameters else { return Vec::new() };
        let version = self.context.version(self.server.product(), self.path);
        let version = version.as_ref().and_then(|pin| Version::parse(&pin.version));
        let faithful = text.faithful;
        let arguments = command::options(text, command::Split::Server);
        let locate = |span: Option<Span>| {
            let span = span.filter(|&span| faithful && arguments.document.map.is_contiguous(span))?;
            let span = arguments.document.host(span);
            Some(Location { file: place.file, start: span.start, end: span.end })
        };
        let read = |setting: command::Setting| {
            let text = setting.value?;
            let name = setting.name.replace('-', "_").to_ascii_lowercase();
            let reading = match settle(self.context, self.path, interpolation, &text) {
                _ if is_cut(&text) => Reading::unknown(Why::Interpolated),
                Text::Open => Reading::unknown(Why::Interpolated),
                Text::Written(text) => parameter::read(set, &name, &text, version.as_ref()),
                Text::Filled(text) => {
                    Reading { origin: Origin::Interpolated, ..parameter::read(set, &name, &text, version.as_ref()) }
                }
            };
            let reading = match parameter::not_at_connection(set, &name, version.as_ref()) {
                Some(when) => Reading { set: true, ..Reading::unknown(Why::NotSet) }.with(
                    Fault::new("rejected", format!("it takes effect {when}, for all sessions alike"))
                        .by(&"A session".into())
                        .cure("set it for the server: ALTER SYSTEM, or its file"),
                ),
                None => reading,
            };
            let canonical = parameter::canonical(&name).unwrap_or(&name);
            let attribute = match self.knowledge.vocabulary.attribute(self.kind, canonical) {
                Some(_) => canonical.to_string(),
                None => format!("{}.{canonical}", set.namespace),
            };
            let by = || WrittenBy::Parameter { table: self.server.id.clone(), name: canonical.into() };
            let key = setting.name.as_str();
            let written = match locate(setting.name_span).zip(locate(setting.value_span)) {
                Some((name, value)) => {
                    let (start, end) = (name.start.min(value.start), name.end.max(value.end));
                    Written::new(Location { file: place.file, start, end }, value, key).by(by())
                }
                // what does not stand there as it is meant cannot be written either
                None => Written::new(place, place, key),
            };
            let text = if secret { "***".into() } else { text.as_str().into() };
            Some(Setting { attribute: Some(attribute.into()), reading, written, text, needs: Vec::new() })
        };
        arguments.settings().into_iter().filter_map(read).collect()
    }
}

/// Whether a value may go on behind a blank, in what is filled in there.
fn is_cut(text: &str) -> bool {
    let marks = ["{{", "{%", "<%", "`", "("];
    text.matches("${").count() > text.matches('}').count() || marks.iter().any(|mark| text.contains(mark))
}
