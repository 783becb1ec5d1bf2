//! The lossless tree of one text, the same for every format.
//!
//! A [`Document`] is an arena of [`Node`]s over the untouched text. Nothing is normalised: duplicate keys stay,
//! comments keep their place, aliases are never expanded. Every node knows three spans:
//!
//! ```text
//! timeout: &t 30   # seconds
//! ^^^^^^^^^^^^^^      entry    key through value
//!          ^^^^^      outer    the value with anchor, tag or block-scalar header
//!             ^^      content  the value itself, quotes included
//! ```

use super::Format;
use super::span::{LineIndex, Span, SpanMap, floor_char_boundary};

/// Index of a node in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// Keys with values, in order, duplicates kept. Also an INI section and a TOML table.
    Map,
    /// Items in order.
    Seq,
    /// A single value.
    Scalar,
    /// A YAML alias; [`Node::target`] is the anchored node. Never expanded.
    Alias,
}

/// How a value is spelled; an edit keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes, or a block collection.
    Plain,
    /// `'…'`.
    SingleQuoted,
    /// `"…"`.
    DoubleQuoted,
    /// A YAML literal block scalar (`|`), or a TOML multi-line string.
    Literal,
    /// A YAML folded block scalar (`>`).
    Folded,
    /// A flow collection, `{…}` or `[…]`.
    Flow,
}

/// How the format itself types a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarType {
    /// Text, or a format without types.
    Text,
    /// An integer literal.
    Integer,
    /// A number with fraction or exponent.
    Float,
    /// `true` or `false` (in YAML also what 1.1 readers take for it is *text* here; see `Node::plain`).
    Bool,
    /// `null`, `~`, or nothing at all.
    Null,
    /// A TOML date or time.
    Date,
}

/// One node of the tree.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// How it is spelled.
    pub style: Style,
    /// How the format types it (scalars; `Text` elsewhere).
    pub scalar: ScalarType,
    /// The value itself, quotes included. For a block scalar: its lines without the header.
    /// For an absent value: the empty span at which one would be inserted.
    pub content: Span,
    /// The value with anchor, tag and block-scalar header.
    pub outer: Span,
    /// From the key (or the item's dash) to the end of the value.
    pub entry: Span,
    /// The key, in a map.
    pub key: Option<NodeId>,
    /// The collection it stands in.
    pub parent: Option<NodeId>,
    /// First child, of a collection.
    pub first_child: Option<NodeId>,
    /// Last child, of a collection.
    pub last_child: Option<NodeId>,
    /// Next sibling.
    pub next: Option<NodeId>,
    /// Which document of the file, from 0.
    pub document: u32,
    /// Decoded text of a scalar, where it differs from `content` without its quotes.
    pub decoded: Option<Box<str>>,
    /// The anchor's span (`&name`), if any.
    pub anchor: Option<Span>,
    /// The tag's span (`!!str`), if any.
    pub tag: Option<Span>,
    /// What an alias refers to.
    pub target: Option<NodeId>,
}

/// One comment, marker included, line end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands.
    pub span: Span,
    /// Whether it has its line to itself.
    pub own_line: bool,
}

/// Where and why a text does not follow its format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newline {
    /// `\n`.
    Lf,
    /// `\r\n`.
    Crlf,
    /// `\r` alone.
    Cr,
    /// More than one kind.
    Mixed,
}

/// Why a text can be read only in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// `{{ … }}`: Helm, Jinja, Go templates.
    Curly,
    /// `{% … %}`.
    Percent,
    /// `<% … %>`: ERB.
    Erb,
}

/// A parsed text.
#[derive(Debug, Clone)]
pub struct Document {
    /// The text, byte for byte (a BOM included).
    pub text: Box<str>,
    /// Its format.
    pub format: Format,
    /// All nodes; [`NodeId`] indexes here.
    pub nodes: Vec<Node>,
    /// The top node of each document in the file.
    pub roots: Vec<NodeId>,
    /// Comments, in order.
    pub comments: Vec<Comment>,
    /// What is wrong with the text. Nodes before the first error are still good.
    pub errors: Vec<SyntaxError>,
    /// The structural template language it is written in, if any: read as far as certain, never fixed.
    pub template: Option<Template>,
    /// Every template marker in the text, structural or inside a scalar, in order; see [`Document::is_templated`].
    pub markers: Vec<Span>,
    /// Spans that must never be printed.
    pub secrets: Vec<Span>,
    /// Where this text stands in its file.
    pub map: SpanMap,
}

impl Document {
    /// An empty document over `text`.
    pub fn new(text: impl Into<Box<str>>, format: Format) -> Self {
        Document {
            text: text.into(),
            format,
            nodes: Vec::new(),
            roots: Vec::new(),
            comments: Vec::new(),
            errors: Vec::new(),
            template: None,
            markers: Vec::new(),
            secrets: Vec::new(),
            map: SpanMap::identity(),
        }
    }

    /// The node behind an id of this document.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// A scalar's decoded text; for other nodes the source of `content`.
    pub fn scalar(&self, id: NodeId) -> &str {
        let node = self.node(id);
        if let Some(text) = &node.decoded {
            return text;
        }
        let source = node.content.slice(&self.text);
        let quote = match node.style {
            Style::SingleQuoted => '\'',
            Style::DoubleQuoted => '"',
            _ => return source,
        };
        source.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).unwrap_or(source)
    }

    /// Whether a template marker touches `span`: what stands there is known only once the template is rendered.
    pub fn is_templated(&self, span: Span) -> bool {
        let after = self.markers.partition_point(|marker| marker.end <= span.start);
        self.markers.get(after).is_some_and(|marker| marker.start < span.end)
    }

    /// The decoded key of a map entry.
    pub fn key(&self, id: NodeId) -> Option<&str> {
        self.node(id).key.map(|key| self.scalar(key))
    }

    /// The children of a collection, in order.
    pub fn children(&self, id: NodeId) -> Children<'_> {
        Children { document: self, next: self.node(id).first_child }
    }

    /// The indexes of the nodes of the document under `root`: they stand behind it and before the next one's.
    pub fn own_nodes(&self, root: NodeId) -> std::ops::Range<usize> {
        let next = self.roots.partition_point(|other| other.0 <= root.0);
        root.0 as usize..self.roots.get(next).map_or(self.nodes.len(), |next| next.0 as usize)
    }

    /// Where an inner span stands in the file.
    pub fn host(&self, span: Span) -> Span {
        self.map.span(span)
    }

    /// The value behind an alias (one step), else the node itself.
    pub fn resolve(&self, id: NodeId) -> NodeId {
        self.node(id).target.unwrap_or(id)
    }

    /// The last entry named `key` of a map: the one that counts where duplicates are accepted.
    pub fn entry(&self, map: NodeId, key: &str) -> Option<NodeId> {
        self.children(map).filter(|&child| self.key(child) == Some(key)).last()
    }

    /// Follows `path` of keys from `map`, through aliases.
    pub fn lookup(&self, map: NodeId, path: &[&str]) -> Option<NodeId> {
        path.iter().try_fold(map, |at, key| self.entry(self.resolve(at), key))
    }

    /// Lines and columns of this text.
    pub fn line_index(&self) -> LineIndex {
        LineIndex::new(&self.text)
    }

    /// How its lines end.
    pub fn newline(&self) -> Newline {
        let bytes = self.text.as_bytes();
        let (mut lf, mut crlf, mut cr) = (false, false, false);
        for (i, &byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' if i > 0 && bytes[i - 1] == b'\r' => crlf = true,
                b'\n' => lf = true,
                b'\r' if bytes.get(i + 1) != Some(&b'\n') => cr = true,
                _ => {}
            }
        }
        match (lf, crlf, cr) {
            (false, true, false) => Newline::Crlf,
            (false, false, true) => Newline::Cr,
            (_, false, false) => Newline::Lf,
            _ => Newline::Mixed,
        }
    }

    /// Whether it starts with a byte order mark.
    pub fn bom(&self) -> bool {
        self.text.starts_with('\u{feff}')
    }

    /// Appends a node under `parent` and links it; the builders' only way to grow the tree.
    pub fn push(&mut self, mut node: Node, parent: Option<NodeId>) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        node.parent = parent;
        self.nodes.push(node);
        if let Some(parent) = parent {
            let last = self.nodes[parent.0 as usize].last_child.replace(id);
            match last {
                Some(last) => self.nodes[last.0 as usize].next = Some(id),
                None => self.nodes[parent.0 as usize].first_child = Some(id),
            }
        }
        id
    }

    /// Records a comment; whether it has its line to itself is read from the text.
    pub(super) fn push_comment(&mut self, span: Span) {
        let before = self.text.get(..span.start as usize).unwrap_or("");
        let before = before.trim_end_matches([' ', '\t', '\u{feff}']);
        let own_line = before.is_empty() || before.ends_with(['\n', '\r']);
        self.comments.push(Comment { span, own_line });
    }

    /// Records that the text does not follow its format.
    pub(super) fn push_error(&mut self, message: impl Into<String>, start: usize, end: usize) {
        let start = floor_char_boundary(&self.text, start);
        let end = floor_char_boundary(&self.text, end).max(start);
        self.errors.push(SyntaxError { message: message.into(), span: Span::new(start, end) });
    }

    /// Mutable access for builders.
    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }
}

impl Node {
    /// A node without links.
    pub fn new(kind: NodeKind, style: Style, content: Span) -> Self {
        Node {
            kind,
            style,
            scalar: ScalarType::Text,
            content,
            outer: content,
            entry: content,
            key: None,
            parent: None,
            first_child: None,
            last_child: None,
            next: None,
            document: 0,
            decoded: None,
            anchor: None,
            tag: None,
            target: None,
        }
    }

    /// Whether it is a scalar without quotes.
    pub fn plain(&self) -> bool {
        self.kind == NodeKind::Scalar && self.style == Style::Plain
    }
}

/// Iterator over the children of a collection.
pub struct Children<'a> {
    document: &'a Document,
    next: Option<NodeId>,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let id = self.next?;
        self.next = self.document.node(id).next;
        Some(id)
    }
}

#[cfg(test)]
impl Document {
    /// What is below a node, in a line; what is unknown in angles.
    pub(crate) fn in_a_line(&self, id: NodeId) -> String {
        let inner = |id: NodeId| {
            let one = |child| match self.key(child) {
                Some(key) => format!("{key}: {}", self.in_a_line(child)),
                None => self.in_a_line(child),
            };
            self.children(id).map(one).collect::<Vec<_>>().join(", ")
        };
        match self.node(id).kind {
            NodeKind::Map => format!("{{{}}}", inner(id)),
            NodeKind::Seq => format!("[{}]", inner(id)),
            _ if self.is_templated(self.node(id).content) => format!("<{}>", self.scalar(id)),
            _ => self.scalar(id).to_owned(),
        }
    }
}
