//! Builds the tree: a root map, sections in it, entries in the section that is open.

use crate::syntax::{Comment, Document, Format, Node, NodeId, NodeKind, ScalarType, Span, Style, SyntaxError};

/// A document under construction.
pub(super) struct Tree<'a> {
    pub(super) text: &'a str,
    document: Document,
    root: NodeId,
    section: Option<NodeId>,
}

/// A key as it stands in the text.
pub(super) struct Key {
    pub(super) span: Span,
    pub(super) style: Style,
    pub(super) decoded: Option<String>,
}

/// A value as it stands in the text.
pub(super) struct Value {
    pub(super) span: Span,
    pub(super) style: Style,
    pub(super) decoded: Option<String>,
    absent: bool,
}

impl Key {
    /// A key spelled as it is meant.
    pub(super) fn plain(start: usize, end: usize) -> Self {
        Key { span: Span::new(start, end), style: Style::Plain, decoded: None }
    }
}

impl Value {
    /// A value spelled as it is meant.
    pub(super) fn plain(start: usize, end: usize) -> Self {
        Value { span: Span::new(start, end), style: Style::Plain, decoded: None, absent: false }
    }

    /// A value whose meaning differs from its spelling.
    pub(super) fn decoded(start: usize, end: usize, style: Style, decoded: String) -> Self {
        Value { span: Span::new(start, end), style, decoded: Some(decoded), absent: false }
    }

    /// No value; one would be inserted at `offset`.
    pub(super) fn absent(offset: usize) -> Self {
        Value { span: Span::at(offset), style: Style::Plain, decoded: None, absent: true }
    }
}

impl<'a> Tree<'a> {
    pub(super) fn new(text: &'a str, format: Format) -> Self {
        let mut document = Document::new(text, format);
        let start = if document.bom() { '\u{feff}'.len_utf8() } else { 0 };
        let root = document.push(Node::new(NodeKind::Map, Style::Plain, Span::new(start, text.len())), None);
        document.roots.push(root);
        Tree { text, document, root, section: None }
    }

    /// Where the text begins behind a byte order mark.
    pub(super) fn start(&self) -> usize {
        self.document.node(self.root).content.start as usize
    }

    pub(super) fn has_section(&self) -> bool {
        self.section.is_some()
    }

    pub(super) fn comment(&mut self, start: usize, end: usize, own_line: bool) {
        self.document.comments.push(Comment { span: Span::new(start, end), own_line });
    }

    pub(super) fn error(&mut self, start: usize, end: usize, message: impl Into<String>) {
        self.document.errors.push(SyntaxError { message: message.into(), span: Span::new(start, end) });
    }

    /// Opens the section `name`, whose header stands at `start..end`.
    pub(super) fn section(&mut self, start: usize, end: usize, name: Span) {
        let mut node = Node::new(NodeKind::Map, Style::Plain, Span::at(end));
        node.entry = Span::new(start, end);
        node.key = Some(self.document.push(Node::new(NodeKind::Scalar, Style::Plain, name), None));
        self.section = Some(self.document.push(node, Some(self.root)));
    }

    /// Adds an entry that begins at `start` (an `export` before the key included) to the open section.
    pub(super) fn entry(&mut self, start: usize, key: Key, value: Value) {
        let mut key_node = Node::new(NodeKind::Scalar, key.style, key.span);
        key_node.decoded = key.decoded.map(Into::into);
        let entry = Span::new(start, value.span.end.max(key.span.end) as usize);
        let mut node = Node::new(NodeKind::Scalar, value.style, value.span);
        node.decoded = value.decoded.map(Into::into);
        node.entry = entry;
        if value.absent {
            node.scalar = ScalarType::Null;
        }
        node.key = Some(self.document.push(key_node, None));
        if let Some(section) = self.section {
            let section = self.document.node_mut(section);
            section.content = if section.first_child.is_none() { entry } else { section.content.cover(entry) };
            section.outer = section.content;
            section.entry = section.entry.cover(entry);
        }
        self.document.push(node, Some(self.section.unwrap_or(self.root)));
    }

    pub(super) fn finish(self) -> Document {
        self.document
    }
}
