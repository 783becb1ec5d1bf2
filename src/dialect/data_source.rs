//! Data source names, wherever they stand: in a value of any file, in the environment of a container, in an argument,
//! in a section of an in-house file, where what they say belongs to the client that uses them.
//!
//! Each is read by the first table that knows it. What the driver cannot be told from is read only as far as it holds for
//! every driver.

use std::collections::HashMap;

use super::blocks::BlockReader;
use super::fragment::Fragment;
use super::recognise::first_known;
use super::{Context, Read, Source, Text, session_options, settle};
use crate::knowledge::{Interpolation, Knowledge, Table};
use crate::model::Name;
use crate::syntax::{Document, Format, LineFlavor, NodeId, NodeKind, Span, SpanMap, dsn, embed};

/// The longest text that is taken for a data source name.
const LONGEST: usize = 4_096;

/// Reads every data source name among the values below `root` that was not read before; `interpolation` is how the
/// document writes variables.
pub(crate) fn sweep(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    interpolation: Interpolation,
    root: NodeId,
    read: &mut Read,
) {
    let document = source.document;
    // `postgresql.conf` and `pgbouncer.ini` hold what servers use, and are read by their own tables
    if matches!(document.format, Format::Line(LineFlavor::PostgresConf | LineFlavor::PgBouncer)) {
        return;
    }
    let mut items = ItemNames::new();
    let mut signs = SIGNS.map(|sign| Sign { sign, searched: None, text: &document.text });
    for index in document.own_nodes(root) {
        let id = NodeId(index as u32);
        let node = document.node(id);
        let is_value = node.kind == NodeKind::Scalar && node.parent.is_some() && node.content.len() <= LONGEST;
        if !is_value {
            continue;
        }
        // what is written with escapes is looked at as it is meant
        let may_be = match &node.decoded {
            Some(text) => SIGNS.iter().any(|sign| text.contains(sign)),
            None => signs.iter_mut().any(|sign| sign.stands_in(node.content)),
        };
        if !may_be {
            continue;
        }
        if let Some((entry, skip)) = session_options::told_by(knowledge, document, id) {
            let names = path(document, id, &mut items);
            session_options::read(knowledge, context, source, interpolation, (id, entry, skip), names, read);
            continue;
        }
        let Some(inner) = find(context, source, interpolation, id) else { continue };
        if read.data_sources.contains(&start(&inner)) {
            continue;
        }
        let names = path(document, id, &mut items);
        read_at(knowledge, context, source, interpolation, id, names, &inner, read);
    }
}

/// What every data source name has one of: pairs, a scheme behind which an authority stands, a driver's prefix.
const SIGNS: [&str; 3] = ["=", "://", "jdbc:"];

/// A sign that is looked for in a text from its beginning to its end, as the nodes come.
struct Sign<'t> {
    sign: &'static str,
    /// From where it was looked for last, and where it stands next.
    searched: Option<(usize, usize)>,
    text: &'t str,
}

impl Sign<'_> {
    /// Whether it begins within `span`.
    fn stands_in(&mut self, span: Span) -> bool {
        let (start, end) = (span.start as usize, span.end as usize);
        let known = self.searched.filter(|&(from, next)| from <= start && start <= next);
        let (_, next) = known.unwrap_or_else(|| {
            let rest = self.text.as_bytes().get(start..).unwrap_or_default();
            let found = memchr::memmem::find(rest, self.sign.as_bytes());
            (start, found.map_or(self.text.len(), |at| start + at))
        });
        self.searched = known.or(Some((start, next)));
        (start..end).contains(&next)
    }
}

/// Reads the data source name that stands in `node`, if it is one, under these names.
pub(crate) fn read_named(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    interpolation: Interpolation,
    node: NodeId,
    names: Vec<Name>,
    read: &mut Read,
) {
    if let Some(inner) = find(context, source, interpolation, node) {
        read_at(knowledge, context, source, interpolation, node, names, &inner, read);
    }
}

/// Reads the `key=value` pairs in `node` by a table that the host names.
pub(crate) fn read_as(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    table: &std::sync::Arc<Table>,
    node: NodeId,
    names: Vec<Name>,
    read: &mut Read,
) {
    let Some(text) = embed::scalar(source.document, node) else { return };
    let Some(mut inner) = dsn::parse_as(&text.text, dsn::DsnKind::KeyValue) else { return };
    inner.map = inner.map.through(&text.map);
    read.secrets.extend(inner.secrets.iter().map(|&secret| inner.host(secret)));
    let place = source.document.node(node).document;
    let scope: Name = format!("{}#{place}#{}", source.scope, names.join("/")).into();
    let inner = Source::new(source.file, source.path, scope, true, &inner);
    let first = read.fragments.len();
    for &root in &inner.document.roots {
        let interpolation = table.interpolation;
        BlockReader { knowledge, context, source: &inner, table, how: None, interpolation, read }.document(root);
    }
    for fragment in &mut read.fragments[first..] {
        fragment.identity.splice(0..0, names.iter().cloned());
    }
}

/// What a data source name says of the client that stands around it; where it begins, and the
/// resources besides.
pub(crate) fn of_client(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    interpolation: Interpolation,
    node: NodeId,
    client: &mut Fragment,
) -> Option<(u32, Vec<Fragment>)> {
    let inner = find(context, source, interpolation, node)?;
    let mut read = Read::default();
    read_at(knowledge, context, source, interpolation, node, Vec::new(), &inner, &mut read);
    let (own, others): (Vec<Fragment>, Vec<Fragment>) =
        read.fragments.into_iter().partition(|fragment| fragment.kind == client.kind);
    for fragment in own {
        if fragment.closed {
            client.defaults.extend(super::defaults(knowledge, &fragment, true));
        }
        client.throwaway |= fragment.throwaway;
        client.product = client.product.take().or(fragment.product);
        client.settings.extend(fragment.settings);
    }
    Some((start(&inner), others))
}

/// Where a data source name begins, in the file.
fn start(inner: &Document) -> u32 {
    inner.host(Span::at(0)).start
}

/// The data source name in `node`: all of its text, what stands behind `NAME=` in an item of a list, or the default of
/// the variable that it is.
fn find(context: &Context, source: &Source<'_>, interpolation: Interpolation, node: NodeId) -> Option<Document> {
    let document = source.document;
    let text = document.scalar(node);
    let item = document.node(node).key.is_none();
    let skip = match dsn::recognise(text) {
        Some(_) => 0,
        None if item => assigned(text)?,
        None if text.starts_with("${") || text.starts_with("<%=") => {
            let Text::Filled(filled) = settle(context, source.path, interpolation, text) else { return None };
            let mut inner = dsn::parse(&filled)?;
            let mut nowhere = SpanMap::identity();
            nowhere.push(0, document.node(node).content.start as usize, 0);
            inner.map = inner.map.through(&nowhere).through(&document.map);
            return Some(inner);
        }
        None => return None,
    };
    let embedded = embed::scalar(document, node)?;
    let mut inner = dsn::parse(&embedded.text[skip..])?;
    let mut rest = SpanMap::identity();
    rest.push(0, skip, embedded.text.len() - skip);
    inner.map = inner.map.through(&rest).through(&embedded.map);
    Some(inner)
}

/// Where the value begins in `NAME=value` or `--name=value`.
fn assigned(text: &str) -> Option<usize> {
    let (name, value) = text.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte));
    (is_name && dsn::recognise(value).is_some()).then_some(name.len() + 1)
}

/// The names of list items, each looked up once: an item may hold very many addresses.
type ItemNames = HashMap<NodeId, Option<Name>>;

/// The keys from the outside in; an item goes by its name, if it has one.
fn path(document: &Document, node: NodeId, items: &mut ItemNames) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    let mut at = Some(node);
    while let Some(id) = at {
        let parent = document.node(id).parent;
        match document.key(id) {
            Some(key) => names.push(key.into()),
            None if parent.is_some() => {
                names.extend(items.entry(id).or_insert_with(|| item_name(document, id)).clone())
            }
            None => {}
        }
        at = parent;
    }
    names.reverse();
    names
}

/// What an item of a list calls itself.
fn item_name(document: &Document, item: NodeId) -> Option<Name> {
    let name = document.entry(item, "name").filter(|&name| document.node(name).kind == NodeKind::Scalar)?;
    Some(document.scalar(name).into())
}

/// Reads a parsed data source name by the first table that knows it.
#[expect(clippy::too_many_arguments, reason = "what is read, where, and how")]
fn read_at(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    interpolation: Interpolation,
    node: NodeId,
    names: Vec<Name>,
    inner: &Document,
    read: &mut Read,
) {
    read.data_sources.insert(start(inner));
    read.secrets.extend(inner.secrets.iter().map(|&secret| inner.host(secret)));
    let place = source.document.node(node).document;
    let scope: Name = format!("{}#{place}#{}", source.scope, names.join("/")).into();
    let environment = Some(source.document).filter(|document| document.format == Format::Line(LineFlavor::Env));
    let inner = Source { environment, ..Source::new(source.file, source.path, scope, true, inner) };
    let first = read.fragments.len();
    for &root in &inner.document.roots {
        let Some((entry, how)) = first_known(knowledge, inner.document, root, source.path) else { continue };
        read.recognised(&entry.head.id);
        let table = entry.table();
        BlockReader { knowledge, context, source: &inner, table, how: Some(how), interpolation, read }.document(root);
        if let Some(server) = table.server.as_ref().and_then(|server| knowledge.table(server)) {
            for fragment in read.fragments[first..].iter_mut().filter(|fragment| &*fragment.kind == "client") {
                session_options::of_address(knowledge, context, &inner, (table, server), root, fragment);
            }
        }
    }
    for fragment in &mut read.fragments[first..] {
        fragment.identity.splice(0..0, names.iter().cloned());
    }
}
