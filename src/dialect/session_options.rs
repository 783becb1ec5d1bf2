//! What clients hand the server for their sessions: `options` of a data source name, and the variable that stands for it.
//!
//! ```text
//! postgresql://db/shop?options=-c%20statement_timeout%3D5s       the client's
//! PGOPTIONS="-c statement_timeout=5s"                            sessions, whoever opens them
//! ```

use super::blocks::{BlockReader, Frame};
use super::fragment::{Fault, Reading};
use super::{Context, Read, Source, parameter, throwaway};
use crate::knowledge::{Entry, Interpolation, Knowledge, ParameterSet, Version};
use crate::model::{Location, Name, Why, Written};
use crate::syntax::embed::{self, Embedded};
use crate::syntax::{Document, NodeId, Span, SpanMap, command};

/// One parameter of a text of options.
pub(super) struct Parameter {
    /// Its name, lower case with underscores.
    pub(super) name: Name,
    pub(super) text: String,
    pub(super) written: Written,
}

/// The parameters that a text of options sets; `place` is where the text stands, for what has no place of its own.
pub(super) fn parameters(text: Embedded, place: Location) -> Vec<Parameter> {
    let faithful = text.faithful;
    let arguments = command::options(text, command::Split::Server);
    let locate = |span: Option<Span>| match span {
        Some(span) if faithful && arguments.document.map.is_contiguous(span) => {
            let span = arguments.document.host(span);
            Location { file: place.file, start: span.start, end: span.end }
        }
        _ => place,
    };
    let read = |setting: command::Setting| {
        let text = setting.value?;
        let (key, value) = (locate(setting.name_span), locate(setting.value_span));
        let entry = Location { file: place.file, start: key.start.min(value.start), end: key.end.max(value.end) };
        // what is filled in may hold blanks, and is cut there
        let marks = ["{{", "{%", "<%", "`", "("];
        let whole =
            text.matches("${").count() <= text.matches('}').count() && !marks.iter().any(|mark| text.contains(mark));
        let name = setting.name.replace('-', "_").to_ascii_lowercase().into();
        whole.then(|| Parameter { name, text, written: Written::new(entry, value, setting.name.as_str()) })
    };
    arguments.settings().into_iter().filter_map(read).collect()
}

/// The table whose server reads what stands in `node`, if that is the value of its variable; and where the value begins.
pub(super) fn told_by<'k>(knowledge: &'k Knowledge, document: &Document, node: NodeId) -> Option<(&'k Entry, usize)> {
    let mut entries = knowledge.tables.iter().filter_map(|entry| Some((entry, entry.head.session_variable.as_ref()?)));
    entries.find_map(|(entry, name)| match document.key(node) {
        Some(key) => (*key == **name).then_some((entry, 0)),
        None => {
            let value = document.scalar(node).strip_prefix(&**name)?.strip_prefix('=')?;
            Some((entry, document.scalar(node).len() - value.len()))
        }
    })
}

/// The text of `node` behind its first `skip` bytes.
pub(super) fn text_behind(document: &Document, node: NodeId, skip: usize) -> Option<Embedded> {
    let whole = embed::scalar(document, node)?;
    let text = whole.text.get(skip..)?.to_owned();
    let mut behind = SpanMap::identity();
    behind.push(0, skip, text.len());
    Some(Embedded { map: behind.through(&whole.map), text, faithful: whole.faithful })
}

/// Reads the sessions that a variable sets parameters of.
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
    let Some(set) = &table.parameters else { return };
    let Some(text) = text_behind(document, node, skip) else { return };
    if !read.data_sources.insert(text.map.offset(0)) {
        return;
    }
    let found = parameters(text, source.locate(document.node(node).content));
    if found.is_empty() {
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
    read.recognised(&table.id);
    let reader = BlockReader { knowledge, context, source, table, how: None, interpolation, read };
    let mut fragment = reader.fragment(&frame, &"session".into(), names, node);
    for Parameter { name, text, written } in found {
        let first = fragment.settings.len();
        let shown = if &*source.show(node) == "***" { "***".into() } else { Name::from(text.as_str()) };
        reader.parameter(&mut fragment, &frame, &name, &text, written, shown);
        if let (Some(refused), Some(last)) =
            (refused(set, &name, frame.version.as_ref()), fragment.settings[first..].last_mut())
        {
            last.reading = refused;
        }
    }
    read.fragments.push(fragment);
}

/// What becomes of a parameter that no session may set: the connection is refused.
pub(super) fn refused(set: &ParameterSet, name: &str, version: Option<&Version>) -> Option<Reading> {
    let when = parameter::not_by_connections(set, name, version)?;
    let fault = Fault::new("rejected", format!("it takes effect {when}, for all sessions alike"))
        .by(&"A session".into())
        .cure("set it for the server: ALTER SYSTEM, or its file");
    Some(Reading { set: true, ..Reading::unknown(Why::NotSet) }.with(fault))
}
