//! TOML text into a [`Document`]: tables, dotted keys and arrays of tables become one tree.
//!
//! ```
//! use trueup::syntax::toml;
//! let document = toml::parse("[pool]\nmax = 10\ntimeout.idle = \"30s\"\n");
//! let idle = document.lookup(document.roots[0], &["pool", "timeout", "idle"]).unwrap();
//! assert_eq!(document.scalar(idle), "30s");
//! ```
//!
//! The text of a table does not hold its subtables, which may stand anywhere, so spans nest only so far: the entry of
//! `[table]` reaches from its header to the last pair of its own; an implicit table (`a` in `[a.b]` or `a.b = 1`) and
//! an array of tables reach over all they hold.

use std::borrow::Cow;
use std::collections::HashMap;

use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::{Event, EventKind, RecursionGuard, parse_document};
use toml_parser::{ParseError, Source};

use super::document::{Document, Node, NodeId, NodeKind, ScalarType, Style};
use super::span::Span;
use super::{Format, MAX_DEPTH, MAX_NODES, template};

/// Reads `text`. What is wrong is left out and recorded; a key that stands twice is kept twice and recorded.
pub fn parse(text: &str) -> Document {
    template::parse(text, b'1', parse_plain)
}

fn parse_plain(text: &str) -> Document {
    let source = Source::new(text);
    let tokens: Vec<_> = source.lex().collect();
    let mut errors: Vec<ParseError> = Vec::new();
    let mut events: Vec<Event> = Vec::new();
    parse_document(&tokens, &mut RecursionGuard::new(&mut events, MAX_DEPTH as u32), &mut errors);

    let mut root = Node::new(NodeKind::Map, Style::Plain, Span::new(0, text.len()));
    root.document = 0;
    let mut document = Document::new(text, Format::Toml);
    let id = document.push(root, None);
    document.roots.push(id);
    let mut builder = Builder {
        source,
        document,
        errors,
        names: HashMap::new(),
        explicit: HashMap::new(),
        table: id,
        path: Vec::new(),
        header: None,
        open: Vec::new(),
        overflow: false,
    };
    for event in events {
        builder.event(event);
        if builder.overflow {
            break;
        }
    }
    builder.finish()
}

/// Who made a table, which says who may still add to it.
#[derive(Clone, Copy, PartialEq)]
enum Origin {
    /// A longer header than its own.
    HeaderPath,
    /// Its own header.
    Header,
    /// A dotted key.
    Dotted,
}

/// One part of a dotted key.
struct Part {
    span: Span,
    name: Box<str>,
    style: Style,
    /// Spelled with escapes.
    escaped: bool,
}

/// An inline table or array that is open.
struct Open {
    node: NodeId,
    /// The key's parts before its value, as they were before it opened.
    first: Option<Span>,
}

struct Builder<'a> {
    source: Source<'a>,
    document: Document,
    errors: Vec<ParseError>,
    /// The last entry of each name in each table.
    names: HashMap<(NodeId, Box<str>), NodeId>,
    /// Tables that are not inline, and who made them.
    explicit: HashMap<NodeId, Origin>,
    /// The table that key/value lines go into.
    table: NodeId,
    /// The key that is being read.
    path: Vec<Part>,
    /// The opening bracket of the header that is being read.
    header: Option<Span>,
    open: Vec<Open>,
    overflow: bool,
}

fn bytes(span: toml_parser::Span) -> Span {
    Span::new(span.start(), span.end().max(span.start()))
}

impl Builder<'_> {
    fn event(&mut self, event: Event) {
        let span = bytes(event.span());
        match event.kind() {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                self.path.clear();
                self.open.clear();
                self.header = Some(span);
            }
            EventKind::StdTableClose => self.close_header(span, false),
            EventKind::ArrayTableClose => self.close_header(span, true),
            EventKind::SimpleKey => self.key(event, span),
            EventKind::InlineTableOpen => self.open_value(NodeKind::Map, span),
            EventKind::ArrayOpen => self.open_value(NodeKind::Seq, span),
            EventKind::InlineTableClose | EventKind::ArrayClose => self.close_value(span),
            EventKind::Scalar => self.scalar(event, span),
            EventKind::Comment => {
                self.document.push_comment(span);
                if let Some(raw) = self.source.get(event) {
                    raw.decode_comment(&mut self.errors);
                }
            }
            // A line that ended too early must not lend its key to the next one.
            EventKind::Newline if self.open.is_empty() => self.path.clear(),
            EventKind::Newline
            | EventKind::KeySep
            | EventKind::KeyValSep
            | EventKind::ValueSep
            | EventKind::Whitespace
            | EventKind::Error => {}
        }
    }

    fn key(&mut self, event: Event, span: Span) {
        let Some(raw) = self.source.get(event) else { return };
        if self.path.len() >= MAX_DEPTH {
            if self.path.len() == MAX_DEPTH {
                self.error(format!("a key of more than {MAX_DEPTH} parts"), span);
            }
            self.overflow = true;
            return;
        }
        let mut name = Cow::Borrowed("");
        raw.decode_key(&mut name, &mut self.errors);
        let style = match event.encoding() {
            Some(Encoding::BasicString | Encoding::MlBasicString) => Style::DoubleQuoted,
            Some(Encoding::LiteralString | Encoding::MlLiteralString) => Style::SingleQuoted,
            None => Style::Plain,
        };
        let escaped = style == Style::DoubleQuoted && name.len() + 2 != span.len();
        self.path.push(Part { span, name: name.into(), style, escaped });
    }

    /// Makes the table that the header read so far names the current one.
    fn close_header(&mut self, close: Span, array: bool) {
        let Some(open) = self.header.take() else { return };
        let header = open.cover(close);
        let mut path = std::mem::take(&mut self.path);
        let Some(last) = path.pop() else { return };
        let mut parent = self.document.roots[0]; // pushed before any event
        for part in path {
            parent = self.descend(parent, part, header, Origin::HeaderPath);
        }
        let known = self.names.get(&(parent, last.name.clone())).copied();
        self.table = match known {
            Some(seq) if array && self.explicit.contains_key(&seq) && self.is(seq, NodeKind::Seq) => {
                self.cover(seq, header);
                self.push_table(header, Some(seq), None)
            }
            Some(map)
                if !array && self.explicit.get(&map) == Some(&Origin::HeaderPath) && self.is(map, NodeKind::Map) =>
            {
                self.explicit.insert(map, Origin::Header);
                let key = self.key_node(last, Some(parent));
                let node = self.document.node_mut(map);
                (node.content, node.outer, node.entry) = (header, header, header);
                node.key = Some(key);
                map
            }
            known => {
                if known.is_some() {
                    self.error(format!("`{}` is defined twice", last.name), last.span);
                }
                let mut parent = Some(parent);
                let mut key = Some(last);
                if array {
                    let seq = self.push_keyed(NodeKind::Seq, header, parent, key.take());
                    self.explicit.insert(seq, Origin::Header);
                    parent = Some(seq);
                }
                self.push_table(header, parent, key)
            }
        };
    }

    fn push_table(&mut self, header: Span, parent: Option<NodeId>, key: Option<Part>) -> NodeId {
        let id = self.push_keyed(NodeKind::Map, header, parent, key);
        self.explicit.insert(id, Origin::Header);
        id
    }

    fn push_keyed(&mut self, kind: NodeKind, span: Span, parent: Option<NodeId>, key: Option<Part>) -> NodeId {
        let mut node = Node::new(kind, Style::Plain, span);
        node.key = key.map(|part| self.key_node(part, parent));
        self.push(node, parent)
    }

    /// The table named `part` inside `parent`, made if there is none.
    fn descend(&mut self, parent: NodeId, part: Part, mention: Span, origin: Origin) -> NodeId {
        if let Some(&known) = self.names.get(&(parent, part.name.clone())) {
            let made_by = self.explicit.get(&known).copied();
            match (self.document.node(known).kind, made_by) {
                // A header reaches into the last table of an array of tables.
                (NodeKind::Seq, Some(_)) if origin == Origin::HeaderPath => {
                    return self.document.node(known).last_child.unwrap_or(known);
                }
                (NodeKind::Map, Some(made_by)) if origin == Origin::HeaderPath || made_by == Origin::Dotted => {
                    if made_by != Origin::Header {
                        self.cover(known, mention);
                    }
                    return known;
                }
                _ => self.error(format!("`{}` is defined twice", part.name), part.span),
            }
        }
        let id = self.push_keyed(NodeKind::Map, mention, Some(parent), Some(part));
        self.explicit.insert(id, origin);
        id
    }

    /// Adds a value with the key read so far, or as the next item of the open array.
    fn value(&mut self, mut node: Node) -> Option<NodeId> {
        let container = self.open.last().map_or(self.table, |open| open.node);
        if self.is(container, NodeKind::Seq) && !self.open.is_empty() {
            return Some(self.push(node, Some(container)));
        }
        let mut path = std::mem::take(&mut self.path);
        let last = path.pop()?;
        let start = path.first().map_or(last.span, |first| first.span);
        node.entry = start.cover(last.span).cover(node.outer);
        let mut parent = container;
        for part in path {
            parent = self.descend(parent, part, node.entry, Origin::Dotted);
        }
        if self.names.contains_key(&(parent, last.name.clone())) {
            self.error(format!("`{}` is defined twice", last.name), last.span);
        }
        node.key = Some(self.key_node(last, Some(parent)));
        Some(self.push(node, Some(parent)))
    }

    fn open_value(&mut self, kind: NodeKind, span: Span) {
        let first = self.path.first().map(|part| part.span);
        if let Some(node) = self.value(Node::new(kind, Style::Flow, span)) {
            self.open.push(Open { node, first });
        }
    }

    fn close_value(&mut self, span: Span) {
        let Some(open) = self.open.pop() else { return };
        self.cover(open.node, span);
        self.path.clear();
        if self.open.is_empty() {
            self.extend_tables(open.node, open.first);
        }
    }

    fn scalar(&mut self, event: Event, span: Span) {
        let Some(raw) = self.source.get(event) else { return };
        let mut text = Cow::Borrowed("");
        let kind = raw.decode_scalar(&mut text, &mut self.errors);
        let style = match event.encoding() {
            Some(Encoding::BasicString) => Style::DoubleQuoted,
            Some(Encoding::LiteralString) => Style::SingleQuoted,
            Some(Encoding::MlBasicString | Encoding::MlLiteralString) => Style::Literal,
            None => Style::Plain,
        };
        let mut node = Node::new(NodeKind::Scalar, style, span);
        node.scalar = match kind {
            ScalarKind::String => ScalarType::Text,
            ScalarKind::Boolean(_) => ScalarType::Bool,
            ScalarKind::DateTime => ScalarType::Date,
            ScalarKind::Float => ScalarType::Float,
            ScalarKind::Integer(_) => ScalarType::Integer,
        };
        // Every escape is longer than what it stands for.
        if style == Style::Literal || (style == Style::DoubleQuoted && text.len() + 2 != span.len()) {
            node.decoded = Some(text.into());
        }
        let first = self.path.first().map(|part| part.span);
        if let (Some(id), true) = (self.value(node), self.open.is_empty()) {
            self.extend_tables(id, first);
        }
    }

    /// Widens the tables around a key/value line that is now complete.
    fn extend_tables(&mut self, id: NodeId, first: Option<Span>) {
        let node = self.document.node(id);
        let line = first.map_or(node.entry, |first| first.cover(node.entry));
        let mut at = node.parent;
        while let Some(table) = at {
            if table != self.document.roots[0] {
                self.cover(table, line);
            }
            if table == self.table {
                break;
            }
            at = self.document.node(table).parent;
        }
    }

    fn key_node(&mut self, part: Part, parent: Option<NodeId>) -> NodeId {
        let mut node = Node::new(NodeKind::Scalar, part.style, part.span);
        node.decoded = part.escaped.then_some(part.name);
        let id = self.document.push(node, None);
        self.document.node_mut(id).parent = parent;
        id
    }

    fn push(&mut self, node: Node, parent: Option<NodeId>) -> NodeId {
        if self.document.nodes.len() >= MAX_NODES && !self.overflow {
            self.overflow = true;
            self.error(format!("more than {MAX_NODES} values"), node.content);
        }
        let id = self.document.push(node, parent);
        if let (Some(parent), Some(name)) = (parent, self.document.key(id)) {
            let name = name.into();
            self.names.insert((parent, name), id);
        }
        id
    }

    fn is(&self, id: NodeId, kind: NodeKind) -> bool {
        self.document.node(id).kind == kind
    }

    fn cover(&mut self, id: NodeId, span: Span) {
        let node = self.document.node_mut(id);
        node.content = node.content.cover(span);
        node.outer = node.outer.cover(span);
        node.entry = node.entry.cover(span);
    }

    fn error(&mut self, message: String, span: Span) {
        self.document.push_error(message, span.start as usize, span.end as usize);
    }

    /// The document with the parser's errors and the reader's, in order; arrays of tables and implicit tables reach over what they hold.
    fn finish(mut self) -> Document {
        // Children come after their parents, so backwards every span is final before it is needed.
        for index in (1..self.document.nodes.len()).rev() {
            let id = NodeId(index as u32);
            let covers = match self.explicit.get(&id) {
                Some(Origin::Header) => self.is(id, NodeKind::Seq),
                Some(_) => true,
                None => false,
            };
            if let (true, Some(last)) = (covers, self.document.node(id).last_child) {
                let span = self.document.node(last).entry;
                self.cover(id, span);
            }
        }
        for error in std::mem::take(&mut self.errors) {
            let span = bytes(error.unexpected().or(error.context()).unwrap_or_default());
            self.document.push_error(error.description(), span.start as usize, span.end as usize);
        }
        self.document.errors.sort_by_key(|error| error.span.start);
        self.document
    }
}
