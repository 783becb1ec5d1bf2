//! How a product is read: a [`Document`] in, [`Fragment`]s out, by the tables of [`crate::knowledge`]; and an
//! attribute's new value back into the product's own spelling.
//!
//! A node is read by one dialect: what is embedded before its host, a product before the words of in-house files.

mod addresses;
mod alike;
mod append;
mod bare;
mod beside;
mod blocks;
mod calls;
mod carried;
mod carry;
mod casing;
mod change;
mod command_line;
mod container;
mod context;
mod data_source;
mod environment;
mod fragment;
mod generic;
mod image;
mod inherit;
mod memory_share;
mod mounts;
mod option;
mod parameter;
mod pins;
mod ports;
mod program;
mod quoted;
mod reading;
mod recognise;
mod rows;
mod said_by_container;
mod session_options;
mod site;
mod start;
mod successor;
mod throwaway;
mod tokens;
mod variable_map;
mod view;
mod write;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use carried::read_as;
pub use change::{Change, Refusal, change, rewrite};
pub use context::Context;
pub use fragment::{Contained, Fault, Fragment, IncludeSite, Reading, Setting};
pub(crate) use mounts::MOUNT_NOT_READ;
pub use pins::{BUILD_FOLDERS, BuildProperties, Pinned, names_versions, only_versions, pinned};
pub use ports::port_numbers;
pub use reading::meant;
pub(crate) use reading::value_of;
pub use recognise::{format_in, format_of, may_be_told};
pub use start::start;
pub use successor::rename;
pub use tokens::phrase;
pub use variable_map::{may_hold_variable_maps, note_variable_maps, variable_map_takers};
pub use write::spell;

use crate::knowledge::{FormatName, Interpolation, Knowledge, Table, Version};
use crate::model::{Address, Attribute, Call, Confidence, Declaration, Effective, Location, Name, Origin};
use crate::syntax::interpolation::{self, Settled, Syntax};
use crate::syntax::{Document, NodeId, NodeKind, Span, embed, parse, secret};
use recognise::{beside, directory, first_known};
use view::View;

/// One text to read: a file, or a text embedded in one.
pub struct Source<'a> {
    /// Index of the file in the run.
    pub file: u32,
    /// The file's path; for an embedded file, the host's directory and the embedded name.
    pub path: &'a str,
    /// What resources of this text share with others of the same scope.
    pub scope: Name,
    /// Whether it stands inside another document, and so belongs to nothing around it.
    pub embedded: bool,
    /// The parsed text.
    pub document: &'a Document,
    /// The environment that the text is a variable of, if it is one: its other variables are the same program's.
    pub environment: Option<&'a Document>,
    /// What must never be printed of it; looked for when first needed: most files are nobody's.
    secrets: OnceCell<Vec<Span>>,
}

impl<'a> Source<'a> {
    /// The text of `document`; see the fields.
    pub fn new(file: u32, path: &'a str, scope: Name, embedded: bool, document: &'a Document) -> Self {
        Source { file, path, scope, embedded, document, environment: None, secrets: OnceCell::new() }
    }

    /// Spans of the document that must never be printed, sorted and apart.
    pub fn secrets(&self) -> &[Span] {
        self.secrets.get_or_init(|| secret::find(self.document))
    }

    /// Where an inner span stands in the file.
    fn locate(&self, span: Span) -> Location {
        let span = self.document.host(span);
        Location { file: self.file, start: span.start, end: span.end }
    }

    /// Whether no key around says that what stands at `node` is a secret.
    fn is_open(&self, node: NodeId) -> bool {
        let Some(key) = self.document.key(node) else { return false };
        let around = self.document.node(node).parent.and_then(|parent| self.document.key(parent));
        let hides = |key: &str| secret::is_secret_key(key) || matches!(key, "value" | "Value" | "data" | "stringData");
        !hides(key) && !around.is_some_and(hides)
    }

    /// A scalar's text for messages: `***` if any of it is secret.
    fn show(&self, node: NodeId) -> Name {
        if !(is_harmless(self.document.scalar(node)) && self.is_open(node)) && secret::hides(self.document, node) {
            return "***".into();
        }
        let text = self.document.scalar(node);
        let line = text.lines().next().unwrap_or("");
        if line.len() < text.len() || line.chars().count() > 80 {
            return format!("{}…", line.chars().take(80).collect::<String>()).into();
        }
        line.into()
    }
}

/// Whether a text is a number, a switch or a short word: no secret, unless a key says so. Tokens are longer.
fn is_harmless(text: &str) -> bool {
    text.len() < 16
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/'))
}

/// What was read of one text.
#[derive(Debug, Default)]
pub struct Read {
    /// The fragments.
    pub fragments: Vec<Fragment>,
    /// The containers described.
    pub containers: Vec<Contained>,
    /// The names of containers described.
    pub addresses: Vec<Address>,
    /// Addresses that something of a deploy unit calls, and is no container.
    pub calls: Vec<(Name, Call)>,
    /// The dialects that recognised something.
    pub dialects: Vec<Name>,
    /// Where the data source names that were read begin, in the file: a variable's is found once more in the file around.
    pub data_sources: BTreeSet<u32>,
    /// Secrets of embedded texts, as spans of the file.
    pub secrets: Vec<Span>,
    /// The embedded files, for what stands in their comments.
    pub embedded: Vec<Document>,
}

impl Read {
    fn recognised(&mut self, dialect: &Name) {
        if !self.dialects.contains(dialect) {
            self.dialects.push(dialect.clone());
        }
    }
}

/// Reads one file with everything embedded in it.
pub fn read(knowledge: &Knowledge, context: &Context, source: &Source<'_>) -> Read {
    let mut read = Read::default();
    let document = source.document;
    let mut claimed = false;
    for &root in &document.roots {
        if document.node(document.resolve(root)).kind != NodeKind::Map {
            continue;
        }
        let Some((entry, how)) = first_known(knowledge, document, root, source.path) else {
            read_beside(knowledge, context, source, (root, None), &mut read);
            continue;
        };
        claimed = true;
        read.recognised(&entry.head.id);
        let table = entry.table();
        let interpolation = table.interpolation;
        let how = Some(how);
        for root in listed(document, table, root) {
            let view = View::of(document, root, table);
            let mut reader =
                blocks::BlockReader { knowledge, context, source, table, how, interpolation, read: &mut read };
            reader.view(&view, root);
            embedded(knowledge, context, source, table, &view, &mut read);
            data_sources(knowledge, context, source, table, &view, &mut read);
            read_beside(knowledge, context, source, (root, Some(&entry.head.id)), &mut read);
        }
        data_source::sweep(knowledge, context, source, interpolation, root, &mut read);
    }
    if !claimed {
        environment::read_all(knowledge, context, source, None, &mut read);
        // what is left of a file that nobody knows and that cannot be parsed is nothing to go by
        if document.errors.is_empty() && !generic::is_foreign(knowledge, source) {
            for &root in &document.roots {
                data_source::sweep(knowledge, context, source, Interpolation::Shell, root, &mut read);
            }
        }
    }
    read
}

/// The documents of a list of documents, or the document itself.
fn listed(document: &Document, table: &Table, root: NodeId) -> Vec<NodeId> {
    let list = table.list.as_ref().and_then(|list| document.entry(document.resolve(root), list));
    match list.map(|list| document.resolve(list)).filter(|&list| document.node(list).kind == NodeKind::Seq) {
        Some(list) => document
            .children(list)
            .map(|item| document.resolve(item))
            .filter(|&item| document.node(item).kind == NodeKind::Map)
            .collect(),
        None => vec![root],
    }
}

/// Reads the data source names that stand in a product's own keys, named after what `*` stands for.
fn data_sources(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    table: &Arc<Table>,
    view: &View<'_>,
    read: &mut Read,
) {
    // what the values describe hangs at the resource that was read of the document itself
    let host = read.fragments.iter().rposition(|fragment| fragment.dialect == table.id);
    for (site, pattern) in table.embedded.iter().filter_map(|site| Some((site, site.dsn.as_ref()?))) {
        for found in view.select(view.root(), pattern) {
            let Some(node) = view.get(found.id).value else { continue };
            let names: Vec<Name> = found.captures.iter().map(|capture| (**capture).into()).collect();
            let first = read.fragments.len();
            match site.table.as_ref().and_then(|id| knowledge.table(id)) {
                Some(described) => {
                    data_source::read_as(knowledge, context, source, described, node, names, read);
                }
                None => data_source::read_named(knowledge, context, source, table.interpolation, node, names, read),
            }
            for fragment in &mut read.fragments[first..] {
                fragment.parent = site.link.as_ref().and(host).zip(site.link.clone());
            }
        }
    }
}

/// Reads what a document says for products other than the one whose table knows it, if any does.
fn read_beside(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    (root, known): (NodeId, Option<&Name>),
    read: &mut Read,
) {
    let tables = beside(knowledge, source.document, root, source.path);
    for (entry, how) in tables.into_iter().filter(|(entry, _)| known != Some(&entry.head.id)) {
        let table = entry.table();
        let interpolation = table.interpolation;
        let first = read.fragments.len();
        blocks::BlockReader { knowledge, context, source, table, how: Some(how), interpolation, read }.document(root);
        if read.fragments.len() > first {
            read.recognised(&entry.head.id);
        }
    }
}

/// Reads an embedded text by the first table that knows it.
fn inner_text(knowledge: &Knowledge, context: &Context, source: &Source<'_>, read: &mut Read) {
    for &root in &source.document.roots {
        let known = first_known(knowledge, source.document, root, source.path);
        let Some((entry, how)) = known else { continue };
        read.recognised(&entry.head.id);
        let table = entry.table();
        let interpolation = table.interpolation;
        blocks::BlockReader { knowledge, context, source, table, how: Some(how), interpolation, read }.document(root);
    }
}

/// Reads the files embedded in maps of names to texts (`data` of a ConfigMap, `configs` of a compose file).
fn embedded(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    table: &Arc<Table>,
    view: &View<'_>,
    read: &mut Read,
) {
    let host = read.fragments.iter().rposition(|fragment| fragment.dialect == table.id);
    for (site, pattern) in table.embedded.iter().filter_map(|site| Some((site, site.files.as_ref()?))) {
        for found in view.select(view.root(), pattern) {
            let entry = view.get(found.id);
            let Some(node) = entry.value else { continue };
            if source.document.node(node).kind != NodeKind::Scalar {
                continue;
            }
            // the name is what `*` stands for: the text may be a key further down
            let captured = found.captures.last().map(|name| &**name);
            let Some(name) = site.named.as_deref().or(captured) else { continue };
            let Some(format) = format_of(name) else { continue };
            let Some(text) = embed::scalar(source.document, node) else { continue };
            let faithful = text.faithful;
            let document = text.document(|text| parse(text, format));
            let path = format!("{}/{name}", directory(source.path));
            let scope: Name = format!("{}#{}", source.scope, source.document.node(node).document).into();
            let inner = Source::new(source.file, &path, scope, true, &document);
            read.secrets.extend(inner.secrets().iter().map(|&secret| inner.document.host(secret)));
            let first = read.fragments.len();
            inner_text(knowledge, context, &inner, read);
            for fragment in &mut read.fragments[first..] {
                fragment.parent = site.link.as_ref().and(host).zip(site.link.clone());
            }
            for &root in &inner.document.roots {
                data_source::sweep(knowledge, context, &inner, table.interpolation, root, read);
            }
            if faithful {
                read.embedded.push(document);
            }
        }
    }
}

/// An attribute that nothing sets.
fn absent(effective: Effective, origin: Origin) -> Attribute {
    Attribute { declared: Declaration::NotSet, effective, origin, confidence: Confidence::Certain, written: Vec::new() }
}

/// The attributes that hold in a resource of this fragment although no row sets them; those that hold in one that is not
/// `closed` are few.
pub fn defaults(knowledge: &Knowledge, fragment: &Fragment, closed: bool) -> Vec<(Name, Attribute)> {
    let Some(table) = &fragment.table else { return Vec::new() };
    if !closed && !fragment.rows().iter().any(|row| row.default_holds) {
        return Vec::new();
    }
    let version = fragment.version.as_ref().and_then(|pin| Version::parse(&pin.version));
    let reader = reading::Reader { table, version: version.as_ref() };
    let declared = |name: &str| knowledge.vocabulary.attribute(&fragment.kind, name);
    let source = fragment.given_source.as_ref();
    let mut defaults = Vec::new();
    if closed {
        defaults = carried::given(table, &fragment.kind, &fragment.given, source, version.as_ref(), &declared);
        defaults.extend(fragment.defaults.iter().cloned());
    }
    for row in fragment.rows().iter().filter(|row| closed || row.default_holds) {
        let Some(name) = &row.attribute else { continue };
        let declared = knowledge.vocabulary.attribute(&fragment.kind, name);
        if let Some((effective, origin)) = reader.default(row, declared) {
            defaults.push((name.clone(), absent(effective, origin)));
        }
    }
    defaults
}

/// Whether a fragment brings defaults that others of its table, block and version need not have.
pub fn brings_defaults(fragment: &Fragment) -> bool {
    !fragment.given.is_empty() || !fragment.defaults.is_empty()
}

/// The same for the parameters in `wanted`: they are alike for every fragment of this table, kind and version.
pub fn parameter_defaults(fragment: &Fragment, wanted: &BTreeSet<Name>) -> BTreeMap<Name, Attribute> {
    let mut defaults = BTreeMap::new();
    let Some(table) = &fragment.table else { return defaults };
    let version = fragment.version.as_ref().and_then(|pin| Version::parse(&pin.version));
    let Some(set) = table.parameters.as_ref().filter(|set| set.kind == fragment.kind) else { return defaults };
    for name in wanted {
        let Some(parameter) = name.strip_prefix(&*set.namespace).and_then(|rest| rest.strip_prefix('.')) else {
            continue;
        };
        let Some(effective) = parameter::default(set, parameter, version.as_ref()) else { continue };
        let origin = Origin::Default { source: table.source.as_str().into() };
        if let Some(shared) = set.shared.iter().find(|shared| *shared.name == *parameter) {
            defaults.insert(shared.attribute.clone(), absent(effective.clone(), origin.clone()));
        }
        defaults.insert(name.clone(), absent(effective, origin));
    }
    defaults
}

/// A text after its variables are settled.
enum Text {
    /// As written.
    Written(String),
    /// With the value or default of a variable.
    Filled(String),
    /// Not known here.
    Open,
}

/// Settles the variables of `text`.
fn settle(context: &Context, path: &str, interpolation: Interpolation, text: &str) -> Text {
    settle_by(&|name| context.variable(directory(path), name), interpolation, text)
}

/// Settles the variables of `text` as `lookup` knows them.
fn settle_by(lookup: &dyn Fn(&str) -> Option<String>, interpolation: Interpolation, text: &str) -> Text {
    let syntax = match interpolation {
        Interpolation::None => return Text::Written(text.to_string()),
        Interpolation::Shell => Syntax::Shell,
        Interpolation::Spring => Syntax::Spring,
        Interpolation::Kubernetes => Syntax::Kubernetes,
        Interpolation::Erb => Syntax::Erb,
        Interpolation::Caddy => Syntax::Caddy,
    };
    // what applies a manifest may put values in before Kubernetes sees it: envsubst, Flux
    let placed = || !matches!(interpolation::settle(text, Syntax::Shell, &|_| None), Settled::Literal(_));
    if syntax == Syntax::Kubernetes && text.contains("${") && placed() {
        return Text::Open;
    }
    match interpolation::settle(text, syntax, lookup) {
        Settled::Literal(text) => Text::Written(text),
        Settled::Settled(text) | Settled::WithDefault(text) => Text::Filled(text),
        Settled::Unsettled { .. } => Text::Open,
    }
}

/// Whether a head asks for a format at all: spares parsing what no dialect reads.
pub fn reads_format(knowledge: &Knowledge, format: FormatName) -> bool {
    knowledge.generic.formats.contains(&format)
        || knowledge.tables.iter().any(|entry| entry.head.recognise.iter().any(|how| how.formats.contains(&format)))
}

/// `target` relative to `folder`; `None` for an absolute one, which is another machine's, and for one above the run.
pub fn join(folder: &str, target: &str) -> Option<Box<str>> {
    if target.starts_with('/') || target.is_empty() {
        return None;
    }
    let mut parts: Vec<&str> = if folder.is_empty() { Vec::new() } else { folder.split('/').collect() };
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/").into())
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn names_are_relative_to_their_folder() {
        for (folder, target, joined) in [
            ("db", "conf.d/a.conf", Some("db/conf.d/a.conf")),
            ("db/x", "../a.conf", Some("db/a.conf")),
            ("", "./a.conf", Some("a.conf")),
            ("", "/etc/a.conf", None),
            ("", "../a.conf", None),
            ("/srv", "a.conf", Some("/srv/a.conf")),
        ] {
            assert_eq!(join(folder, target).as_deref(), joined, "{folder} {target}");
        }
    }
}
