//! What a client has the server set when a session begins: `options=-c statement_timeout=5s` in an address, `PGOPTIONS` in
//! the environment. It is a command line of the server, which takes from it what a connection may set.

use super::blocks::BlockReader;
use super::environment::Variable;
use super::fragment::{Fault, Fragment, Reading, Setting};
use super::{Context, Source, Text, parameter, settle};
use crate::knowledge::{Interpolation, Knowledge, Table, Version};
use crate::model::{Location, Name, Origin, Why, Written, WrittenBy};
use crate::syntax::{NodeId, NodeKind, Span, command, embed};

/// The program's name, which the options leave out.
const PROGRAM: &str = "postgres ";

/// Adds what the options of an address set to the client that uses it.
pub(super) fn of_address(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    server: &Table,
    root: NodeId,
    client: &mut Fragment,
) {
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
    let options = Options { knowledge, context, path: source.path, server, kind: &client.kind };
    client.settings.extend(options.read(&embedded.text, Interpolation::Shell, |setting| {
        let (key, value) = (locate(setting.name_span), locate(setting.value_span));
        let entry = Location { file: source.file, start: key.start.min(value.start), end: key.end.max(value.end) };
        Written::new(entry, value, setting.name.as_str())
    }));
}

impl BlockReader<'_, '_> {
    /// What a variable that holds options sets in a session.
    pub(super) fn session_options(&self, kind: &Name, variable: &Variable) -> Vec<Setting> {
        let server = self.table.server.as_ref().and_then(|server| self.knowledge.table(server));
        let Some((server, text)) = server.zip(variable.value.as_ref()) else { return Vec::new() };
        let options =
            Options { knowledge: self.knowledge, context: self.context, path: self.source.path, server, kind };
        options.read(text, self.interpolation, |setting| Written {
            key: setting.name.as_str().into(),
            ..variable.written.clone()
        })
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
    fn read(
        &self,
        text: &str,
        interpolation: Interpolation,
        place: impl Fn(&command::Setting) -> Written,
    ) -> Vec<Setting> {
        let Some(set) = &self.server.parameters else { return Vec::new() };
        let version = self.context.version(self.server.product(), self.path);
        let version = version.as_ref().and_then(|pin| Version::parse(&pin.version));
        let read = |setting: command::Setting| {
            let text = setting.value.as_ref()?;
            let name = setting.name.replace('-', "_").to_ascii_lowercase();
            let reading = match settle(self.context, self.path, interpolation, text) {
                Text::Open => Reading::unknown(Why::Interpolated),
                Text::Written(text) => parameter::read(set, &name, &text, version.as_ref()),
                Text::Filled(text) => {
                    Reading { origin: Origin::Interpolated, ..parameter::read(set, &name, &text, version.as_ref()) }
                }
            };
            let reading = match parameter::not_at_connection(set, &name, version.as_ref()) {
                Some(when) => Reading::unknown(Why::NotSet).with(
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
            let by = WrittenBy::Parameter { table: self.server.id.clone(), name: canonical.into() };
            Some(Setting {
                attribute: Some(attribute.into()),
                reading,
                written: place(&setting).by(by),
                text: text.as_str().into(),
                needs: Vec::new(),
            })
        };
        command::parse(&format!("{PROGRAM}{text}")).settings().into_iter().filter_map(read).collect()
    }
}
