//! The arena from events: where every node stands, what it is called, and where its indicators are.

use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, ScanError, StructureStyle, Tag};

use super::{gap, schema};
use crate::syntax::document::{Document, Node, NodeId, NodeKind, ScalarType, Style};
use crate::syntax::span::Span;
use crate::syntax::{Format, MAX_DEPTH, MAX_NODES};

/// Why a document is not read to its end.
pub(super) enum Stop {
    Syntax(ScanError),
    Limit(String, usize),
}

/// Builds the arena, event by event.
pub(super) struct Builder<'a> {
    text: &'a str,
    document: Document,
    /// End of the last token: where the next gap begins.
    cursor: usize,
    open: Vec<Frame>,
    anchors: HashMap<usize, NodeId>,
    /// Number of the document in the file.
    number: u32,
}

/// An open collection.
struct Frame {
    node: NodeId,
    place: Place,
    /// In a map: the key whose value comes next.
    key: Option<PendingKey>,
}

#[derive(Clone, Copy)]
struct PendingKey {
    node: NodeId,
    /// The `?` before it.
    question: Option<usize>,
}

/// Where a node stands in what is around it.
#[derive(Clone, Copy)]
enum Place {
    Root,
    /// In a sequence, behind its dash if it has one.
    Item {
        dash: Option<usize>,
    },
    Key {
        question: Option<usize>,
    },
    /// In a map, behind its colon if it has one.
    Value {
        key: PendingKey,
        colon: Option<usize>,
    },
}

/// The bytes a span of the parser covers.
pub(super) fn source_span(span: &granit_parser::Span) -> Span {
    let range = span.byte_range().unwrap_or_default();
    Span::new(range.start, range.end.max(range.start))
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Builder {
            text,
            document: Document::new(text, Format::Yaml),
            cursor: 0,
            open: Vec::new(),
            anchors: HashMap::new(),
            number: 0,
        }
    }

    pub(super) fn finish(self) -> Document {
        let mut document = self.document;
        // Comments that the parser held back come after tokens that follow them.
        document.comments.sort_by_key(|comment| comment.span.start);
        document
    }

    /// Adds what an event says; `anchor` is the span of its node's anchor.
    pub(super) fn event(
        &mut self,
        event: Event<'_>,
        source: &granit_parser::Span,
        anchor: Option<Span>,
    ) -> Result<(), Stop> {
        let span = source_span(source);
        let properties = Properties { anchor, tag: source.tag_span().map(|tag| source_span(&tag)) };
        match event {
            // Marks that are not written are reported at the next token.
            Event::DocumentStart(explicit, _) => {
                if explicit {
                    self.cursor = self.cursor.max(span.end as usize);
                }
                self.anchors.clear();
            }
            Event::DocumentEnd => {
                if span.slice(self.text) == "..." {
                    self.cursor = self.cursor.max(span.end as usize);
                }
                self.number += 1;
            }
            Event::Comment(..) => self.document.push_comment(span),
            Event::Alias(target) => self.alias(span, self.anchors.get(&target).copied())?,
            Event::UnresolvedAlias(name) => {
                self.document.push_error(format!("unknown anchor `{name}`"), span.start as usize, span.end as usize);
                self.alias(span, None)?;
            }
            Event::Scalar(text, style, id, tag) => {
                let node = self.scalar(&text, style, tag.as_deref(), span, properties)?;
                self.anchor(id, node);
            }
            Event::SequenceStart(style, id, _) => {
                let node = self.open(NodeKind::Seq, style, span, properties)?;
                self.anchor(id, node);
            }
            Event::MappingStart(style, id, _) => {
                let node = self.open(NodeKind::Map, style, span, properties)?;
                self.anchor(id, node);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(Some(span)),
            _ => {} // the stream's bounds, and an anchor, which came with its node
        }
        Ok(())
    }

    fn anchor(&mut self, id: usize, node: NodeId) {
        if id != 0 {
            self.anchors.insert(id, node);
        }
    }

    /// Finds the place of the node whose tokens come next, and moves the cursor behind its indicator.
    fn place(&mut self) -> Place {
        let Some(frame) = self.open.last() else { return Place::Root };
        let collection = self.document.node(frame.node);
        let key = frame.key;
        let place = match (collection.kind, key) {
            (NodeKind::Seq, _) if collection.style == Style::Flow => Place::Item { dash: None },
            (NodeKind::Seq, _) => Place::Item { dash: gap::find(self.text, self.cursor, b"-") },
            (_, None) => Place::Key { question: self.question() },
            (_, Some(key)) => Place::Value { key, colon: self.colon(key) },
        };
        if let Place::Item { dash: Some(at) }
        | Place::Key { question: Some(at) }
        | Place::Value { colon: Some(at), .. } = place
        {
            self.cursor = at + 1;
        }
        place
    }

    /// A `?` is an indicator only before a blank; else it begins a plain scalar.
    fn question(&self) -> Option<usize> {
        let at = gap::find(self.text, self.cursor, b"?")?;
        let next = self.text.as_bytes().get(at + 1);
        matches!(next, None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b'}' | b']')).then_some(at)
    }

    /// The colon of `key`; not that of an enclosing explicit key, which stands further left.
    fn colon(&self, key: PendingKey) -> Option<usize> {
        let colon = gap::find(self.text, self.cursor, b":")?;
        let in_flow = self.open.last().is_some_and(|frame| self.document.node(frame.node).style == Style::Flow);
        let Some(question) = key.question.filter(|_| !in_flow) else { return Some(colon) };
        let bytes = self.text.as_bytes();
        let line = gap::line_start(bytes, colon);
        let indicator = matches!(bytes.get(colon + 1), None | Some(b' ' | b'\t' | b'\n' | b'\r'));
        let column = |at: usize| at - gap::line_start(bytes, at);
        let aligned = line <= self.cursor || column(question) == column(colon);
        (indicator && aligned).then_some(colon)
    }

    fn alias(&mut self, span: Span, target: Option<NodeId>) -> Result<(), Stop> {
        let place = self.place();
        let mut node = Node::new(NodeKind::Alias, Style::Plain, span);
        node.target = target;
        self.cursor = span.end as usize;
        let id = self.add(node, place)?;
        self.settle(id, place);
        Ok(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
        properties: Properties,
    ) -> Result<NodeId, Stop> {
        let place = self.place();
        let before = properties.end().max(self.cursor);
        let mut header = None;
        let (style, content) = match style {
            ScalarStyle::SingleQuoted => (Style::SingleQuoted, span),
            ScalarStyle::DoubleQuoted => (Style::DoubleQuoted, span),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let at = gap::find(self.text, before, b"|>").unwrap_or(before);
                header = Some(at);
                let style = if style == ScalarStyle::Literal { Style::Literal } else { Style::Folded };
                (style, self.block_lines(at, span))
            }
            // An absent value is reported somewhere before its colon.
            _ if span.is_empty() => (Style::Plain, self.absent(place, before, span)),
            _ => (Style::Plain, span),
        };
        let mut node = Node::new(NodeKind::Scalar, style, content);
        node.scalar = match tag {
            None if style == Style::Plain => schema::scalar_type(content.slice(self.text)),
            None => ScalarType::Text,
            Some(tag) => tagged_type(tag),
        };
        let source = content.slice(self.text);
        let undecoded = match style {
            Style::SingleQuoted | Style::DoubleQuoted => {
                source.get(1..source.len().saturating_sub(1)).unwrap_or(source)
            }
            _ => source,
        };
        if !content.is_empty() && undecoded != text || style == Style::Literal || style == Style::Folded {
            node.decoded = Some(text.into());
        }
        properties.apply(&mut node, header);
        self.cursor = self.cursor.max(node.outer.end as usize);
        let id = self.add(node, place)?;
        self.settle(id, place);
        Ok(id)
    }

    /// Where the value would stand that is absent at `place`.
    fn absent(&self, place: Place, before: usize, reported: Span) -> Span {
        let at = match place {
            Place::Root => before.max(reported.start as usize),
            Place::Key { question: None } => gap::find(self.text, before, b":").unwrap_or(before),
            _ => before,
        };
        Span::at(at)
    }

    /// The lines of the block scalar whose header is at `header`, from the start of the first to the end of the last.
    fn block_lines(&self, header: usize, reported: Span) -> Span {
        let bytes = self.text.as_bytes();
        let start = gap::next_line(bytes, header);
        let mut end = reported.end as usize;
        let indicators = &self.text[header..gap::line_end(bytes, header)];
        let keep = indicators.split([' ', '\t']).next().is_some_and(|indicators| indicators.contains('+'));
        // The reported end is the next token's: its indentation is not of this scalar.
        let line = gap::line_start(bytes, end);
        if bytes[line..end].iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            end = line;
        }
        let lines = self.text.get(start..end).unwrap_or("");
        let lines = if keep {
            lines.strip_suffix("\r\n").or_else(|| lines.strip_suffix(['\n', '\r'])).unwrap_or(lines)
        } else {
            lines.trim_end_matches([' ', '\t', '\n', '\r'])
        };
        // Without a line of content the scalar ends with its header.
        if lines.is_empty() { Span::at(gap::line_end(bytes, header)) } else { Span::new(start, start + lines.len()) }
    }

    fn open(
        &mut self,
        kind: NodeKind,
        style: StructureStyle,
        span: Span,
        properties: Properties,
    ) -> Result<NodeId, Stop> {
        let place = self.place();
        if self.open.len() >= MAX_DEPTH {
            return Err(Stop::Limit(format!("nested deeper than {MAX_DEPTH} levels"), span.start as usize));
        }
        let style = if style == StructureStyle::Flow { Style::Flow } else { Style::Plain };
        let mut node = Node::new(kind, style, span);
        properties.apply(&mut node, None);
        self.cursor = self.cursor.max(properties.end());
        if style == Style::Flow {
            self.cursor = self.cursor.max(span.end as usize);
        }
        let id = self.add(node, place)?;
        self.open.push(Frame { node: id, place, key: None });
        Ok(id)
    }

    /// Ends the innermost collection; `end` is the span of its closing event.
    fn close(&mut self, end: Option<Span>) {
        let Some(frame) = self.open.pop() else { return };
        let node = self.document.node(frame.node);
        let (first, last) = (node.first_child, node.last_child);
        let mut content = node.content;
        let bracketed = matches!(content.slice(self.text), "{" | "[");
        let properties = Properties { anchor: node.anchor, tag: node.tag };
        if let (Some(first), Some(last)) = (first, last) {
            let children = self.document.node(first).entry.cover(self.document.node(last).entry);
            content = if bracketed { content.cover(children) } else { children };
        }
        if let (true, Some(end)) = (bracketed, end) {
            content = content.cover(end);
        }
        // An error may cut an entry behind its key.
        if let Some(key) = frame.key {
            content = content.cover(self.document.node(key.node).entry);
        }
        let node = self.document.node_mut(frame.node);
        node.content = content;
        node.outer = content;
        properties.apply(node, None);
        self.cursor = self.cursor.max(content.end as usize);
        self.settle(frame.node, frame.place);
    }

    fn add(&mut self, mut node: Node, place: Place) -> Result<NodeId, Stop> {
        if self.document.nodes.len() >= MAX_NODES {
            return Err(Stop::Limit(format!("more than {MAX_NODES} values"), node.outer.start as usize));
        }
        node.document = self.number;
        let parent = self.open.last().map(|frame| frame.node);
        let id = match place {
            Place::Root => {
                let id = self.document.push(node, None);
                self.document.roots.push(id);
                id
            }
            // A key belongs to its map without being one of its entries.
            Place::Key { .. } => {
                let id = self.document.push(node, None);
                self.document.node_mut(id).parent = parent;
                id
            }
            Place::Value { key, .. } => {
                node.key = Some(key.node);
                self.document.push(node, parent)
            }
            Place::Item { .. } => self.document.push(node, parent),
        };
        if let (Place::Value { .. }, Some(frame)) = (place, self.open.last_mut()) {
            frame.key = None;
        }
        Ok(id)
    }

    /// Gives a node that is read to its end its entry span.
    fn settle(&mut self, id: NodeId, place: Place) {
        let outer = self.document.node(id).outer;
        let mut entry = outer;
        match place {
            Place::Root => {}
            Place::Item { dash } => {
                if let Some(dash) = dash {
                    entry = entry.cover(Span::new(dash, dash + 1));
                }
            }
            Place::Key { question } => {
                if let Some(question) = question {
                    entry = entry.cover(Span::new(question, question + 1));
                }
                if let Some(frame) = self.open.last_mut() {
                    frame.key = Some(PendingKey { node: id, question });
                }
            }
            Place::Value { key, colon } => {
                entry = entry.cover(self.document.node(key.node).entry);
                if let Some(colon) = colon {
                    entry = entry.cover(Span::new(colon, colon + 1));
                }
            }
        }
        self.document.node_mut(id).entry = entry;
    }

    /// Records an error and ends the document there.
    pub(super) fn abandon(&mut self, message: String, at: usize) {
        let end = gap::line_end(self.text.as_bytes(), at.min(self.text.len()));
        self.document.push_error(message, at, end.min(at + 1));
        while !self.open.is_empty() {
            self.close(None);
        }
        self.number += 1;
    }
}

/// What may stand before a node's content.
#[derive(Clone, Copy)]
struct Properties {
    anchor: Option<Span>,
    tag: Option<Span>,
}

impl Properties {
    fn end(self) -> usize {
        let end = |span: Option<Span>| span.map_or(0, |span| span.end as usize);
        end(self.anchor).max(end(self.tag))
    }

    /// Records the properties, and widens `outer` over them and over a block scalar's header.
    fn apply(self, node: &mut Node, header: Option<usize>) {
        node.anchor = self.anchor;
        node.tag = self.tag;
        let header = header.map(|at| Span::new(at, at + 1));
        for span in [self.anchor, self.tag, header].into_iter().flatten() {
            node.outer = node.outer.cover(span);
        }
        node.entry = node.outer;
    }
}

/// The type a tag gives; an unknown tag makes text.
fn tagged_type(tag: &Tag) -> ScalarType {
    match tag.core_suffix() {
        Some("null") => ScalarType::Null,
        Some("bool") => ScalarType::Bool,
        Some("int") => ScalarType::Integer,
        Some("float") => ScalarType::Float,
        Some("timestamp") => ScalarType::Date,
        _ => ScalarType::Text,
    }
}
