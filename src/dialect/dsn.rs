//! A DSN inside an in-house file: what it says belongs to the client that uses it.

use super::blocks::BlockReader;
use super::fragment::{Fragment, Reading, Setting};
use super::recognise::recognise;
use super::{Context, Read, Source, Text, parameter, settle};
use crate::knowledge::{Interpolation, Knowledge, Table, Version};
use crate::model::{Location, Origin, Why, Written, WrittenBy};
use crate::syntax::{NodeId, NodeKind, Span, command, dsn, embed};

/// Adds what the DSN at `node` says to `client`; `interpolation` is how the host document writes variables.
pub(crate) fn read(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    interpolation: Interpolation,
    node: NodeId,
    client: &mut Fragment,
) {
    let Some(embedded) = embed::scalar(source.document, node) else { return };
    let Some(mut document) = dsn::parse(&embedded.text) else { return };
    document.map = document.map.through(&embedded.map);
    let inner = Source::new(source.file, source.path, source.scope.clone(), true, &document);
    for &root in &document.roots {
        for entry in &knowledge.tables {
            let Some(how) = recognise(&entry.head, &document, root, source.path) else { continue };
            let mut read = Read::default();
            let table = entry.table();
            let mut reader = BlockReader {
                knowledge,
                context,
                source: &inner,
                table,
                how: Some(how),
                interpolation: if interpolation == Interpolation::None { table.interpolation } else { interpolation },
                read: &mut read,
            };
            reader.document(root);
            for fragment in read.fragments.into_iter().filter(|fragment| fragment.kind == client.kind) {
                client.product = client.product.take().or(fragment.product);
                client.settings.extend(fragment.settings);
            }
            if let Some(server) = knowledge.table(table.product()) {
                options(knowledge, context, &inner, server, root, client);
            }
        }
    }
}

/// `options=-c statement_timeout=5s` is a command line of the server: what it sets holds for this client's sessions.
fn options(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    server: &Table,
    root: NodeId,
    client: &mut Fragment,
) {
    /// The program's name, which the option leaves out.
    const PROGRAM: &str = "postgres ";
    let Some(set) = &server.parameters else { return };
    let document = source.document;
    let found = document.lookup(root, &["options", "options"]).or_else(|| document.lookup(root, &["options"]));
    let Some(node) = found.filter(|&node| document.node(node).kind == NodeKind::Scalar) else { return };
    let Some(embedded) = embed::scalar(document, node) else { return };
    let whole = source.locate(document.node(node).content);
    let locate = |span: Option<Span>| {
        let inner = span.and_then(|span| {
            let start = (span.start as usize).checked_sub(PROGRAM.len())?;
            Some(Span::new(start, start + span.len()))
        });
        match inner.filter(|&inner| embedded.faithful && embedded.map.is_contiguous(inner)) {
            Some(inner) => {
                let span = embedded.map.span(inner);
                Location { file: source.file, start: span.start, end: span.end }
            }
            None => whole,
        }
    };
    let version = context.version(server.product(), source.path);
    let version = version.as_ref().and_then(|pin| Version::parse(&pin.version));
    for setting in command::parse(&format!("{PROGRAM}{}", embedded.text)).settings() {
        let Some(text) = &setting.value else { continue };
        let name = setting.name.replace('-', "_").to_ascii_lowercase();
        let reading = match settle(context, source.path, Interpolation::Shell, text) {
            Text::Open => Reading::unknown(Why::Interpolated),
            Text::Written(text) => parameter::read(set, &name, &text, version.as_ref()),
            Text::Filled(text) => {
                Reading { origin: Origin::Interpolated, ..parameter::read(set, &name, &text, version.as_ref()) }
            }
        };
        let canonical = parameter::canonical(&name).unwrap_or(&name);
        let attribute = match knowledge.vocabulary.attribute(&client.kind, canonical) {
            Some(_) => canonical.to_string(),
            None => format!("{}.{canonical}", set.namespace),
        };
        let (key, value) = (locate(setting.name_span), locate(setting.value_span));
        let entry = Location { file: source.file, start: key.start.min(value.start), end: key.end.max(value.end) };
        let by = WrittenBy::Parameter { table: server.id.clone(), name: canonical.into() };
        client.settings.push(Setting {
            attribute: Some(attribute.into()),
            reading,
            written: Written::new(entry, value, setting.name.as_str()).by(by),
            text: text.as_str().into(),
            needs: Vec::new(),
        });
    }
}
