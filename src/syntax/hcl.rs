//! HCL, the language of Terraform, into a [`Document`].
//!
//! The root map has one entry, `blocks`, a list with a map for each block of the file:
//!
//! ```text
//! resource "aws_db_parameter_group" "main" {      resource: aws_db_parameter_group, main:
//!   family = "postgres16"                             family: postgres16
//!   parameter {                                       parameter: [ {name: work_mem, value: 65536} ]
//!     name  = "work_mem"
//!     value = "65536"
//!   }
//! }
//! ```
//!
//! A block's kind is the key of its first label, its second label, else `body`, that of what it holds. In a body, blocks of one kind that follow
//! each other are a list. Strings, numbers, switches, lists and objects are read;
//! every other expression, and a string with `${…}`, is a scalar under a marker ([`Document::is_templated`]): what it
//! comes to is not known here.

use hcl_edit::expr::{Expression, Object, ObjectKey};
use hcl_edit::structure::{Block, BlockLabel, Body, Structure};
use hcl_edit::{Ident, parser};

use super::document::{Document, Node, NodeId, NodeKind, ScalarType, Style};
use super::span::Span;
use super::{Format, MAX_NODES};

/// Reads `text`; nothing of it where it does not follow its format.
pub fn parse(text: &str) -> Document {
    let mut document = Document::new(text, Format::Hcl);
    let root = document.push(Node::new(NodeKind::Map, Style::Plain, Span::new(0, text.len())), None);
    document.roots.push(root);
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = match parser::parse_body(&text[start..]) {
        Ok(body) => body,
        Err(error) => {
            let at = start + error.location().offset();
            document.push_error(error.message(), at, at + 1);
            return document;
        }
    };
    let mut reader = Reader { document, start, covered: Vec::new() };
    reader.top(root, &body);
    reader.comments();
    reader.document
}

struct Reader {
    document: Document,
    /// Where the text begins behind a byte order mark.
    start: usize,
    /// What is no comment: keys, labels and values, in order.
    covered: Vec<Span>,
}

impl Reader {
    fn span(&self, spanned: &impl hcl_edit::Span) -> Option<Span> {
        spanned.span().map(|range| Span::new(self.start + range.start, self.start + range.end))
    }

    fn full(&self) -> bool {
        self.document.nodes.len() >= MAX_NODES
    }

    /// A key that stands in the text.
    fn key(&mut self, span: Span, name: Option<&str>) -> NodeId {
        let style = if span.slice(&self.document.text).starts_with('"') { Style::DoubleQuoted } else { Style::Plain };
        let mut node = Node::new(NodeKind::Scalar, style, span);
        node.decoded = name.map(Into::into);
        self.document.push(node, None)
    }

    fn child(&mut self, parent: NodeId, key: Option<NodeId>, kind: NodeKind, style: Style, place: Span) -> NodeId {
        let mut node = Node::new(kind, style, place);
        node.key = key;
        node.entry = key.map_or(place, |key| self.document.node(key).content.cover(place));
        self.document.push(node, Some(parent))
    }

    /// The blocks of the file; attributes there, as in `*.tfvars`, are entries of the root.
    fn top(&mut self, root: NodeId, body: &Body) {
        let blocks: Vec<&Block> = body.iter().filter_map(Structure::as_block).collect();
        let spans: Vec<Span> = blocks.iter().filter_map(|block| self.span(*block)).collect();
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return };
        let place = first.cover(*last);
        let key = self.key(Span { start: place.start, end: place.start }, Some("blocks"));
        let list = self.child(root, Some(key), NodeKind::Seq, Style::Plain, place);
        for (block, span) in blocks.into_iter().zip(spans) {
            if self.full() {
                return;
            }
            let item = self.child(list, None, NodeKind::Map, Style::Plain, span);
            let Some(ident) = self.span(&block.ident) else { continue };
            self.covered.push(ident);
            let labels: Vec<(Span, String)> = block.labels.iter().filter_map(|label| self.label(label)).collect();
            self.covered.extend(labels.iter().map(|(span, _)| *span));
            let mut labels = labels.into_iter();
            match labels.next() {
                Some((place, text)) => {
                    let key = self.key(ident, None);
                    let id = self.child(item, Some(key), NodeKind::Scalar, quoted(place, &self.document), place);
                    self.document.node_mut(id).decoded = Some(text.into());
                }
                None => {
                    let key = self.key(Span { start: ident.start, end: ident.start }, Some("kind"));
                    self.child(item, Some(key), NodeKind::Scalar, Style::Plain, ident);
                }
            }
            let Some(inner) = self.body_span(block, span) else { continue };
            let key = match labels.next() {
                Some((place, text)) => self.key(place, Some(&text)),
                None => self.key(Span { start: inner.start, end: inner.start }, Some("body")),
            };
            let map = self.child(item, Some(key), NodeKind::Map, Style::Plain, inner);
            self.body(map, &block.body);
        }
    }

    fn label(&self, label: &BlockLabel) -> Option<(Span, String)> {
        Some(match label {
            BlockLabel::Ident(ident) => (self.span(ident)?, ident.to_string()),
            BlockLabel::String(text) => (self.span(text)?, text.to_string()),
        })
    }

    /// Between the braces of a block.
    fn body_span(&self, block: &Block, span: Span) -> Option<Span> {
        let labels = block.labels.iter().filter_map(|label| self.label(label)).map(|(span, _)| span.end).max();
        let from = labels.or(self.span(&block.ident).map(|ident| ident.end))? as usize;
        let open = from + self.document.text.get(from..span.end as usize)?.find('{')? + 1;
        let close = span.end.checked_sub(1)? as usize;
        (open <= close).then(|| Span::new(open, close))
    }

    fn body(&mut self, map: NodeId, body: &Body) {
        // the list that the last blocks went into, and their kind
        let mut run: Option<(NodeId, String)> = None;
        for structure in body.iter() {
            if self.full() {
                return;
            }
            match structure {
                Structure::Attribute(attribute) => {
                    run = None;
                    let (Some(key), Some(value)) = (self.span(&attribute.key), self.span(&attribute.value)) else {
                        continue;
                    };
                    self.covered.push(key);
                    let key = self.key(key, None);
                    self.value(map, Some(key), &attribute.value, value);
                }
                Structure::Block(block) => {
                    let (Some(ident), Some(span)) = (self.span(&block.ident), self.span(block)) else { continue };
                    let Some(inner) = self.body_span(block, span) else { continue };
                    self.covered.push(ident);
                    let kind = block.ident.as_str();
                    let list = match &run {
                        Some((list, of)) if of == kind => {
                            let list = *list;
                            let whole = self.document.node_mut(list);
                            whole.content.end = span.end;
                            whole.outer.end = span.end;
                            whole.entry.end = span.end;
                            list
                        }
                        _ => {
                            let key = self.key(Span { start: ident.start, end: ident.start }, Some(kind));
                            self.child(map, Some(key), NodeKind::Seq, Style::Plain, span)
                        }
                    };
                    run = Some((list, kind.to_owned()));
                    let item = self.child(list, None, NodeKind::Map, Style::Plain, inner);
                    self.document.node_mut(item).entry = span;
                    for label in &block.labels {
                        self.covered.extend(self.label(label).map(|(span, _)| span));
                    }
                    self.body(item, &block.body);
                }
            }
        }
    }

    fn value(&mut self, parent: NodeId, key: Option<NodeId>, value: &Expression, place: Span) {
        let scalar = |kind| (NodeKind::Scalar, kind);
        let text = place.slice(&self.document.text).to_owned();
        let (kind, of_type) = match value {
            Expression::Array(_) => (NodeKind::Seq, ScalarType::Text),
            Expression::Object(object) if readable(object) => (NodeKind::Map, ScalarType::Text),
            Expression::String(_) => scalar(ScalarType::Text),
            Expression::Bool(_) => scalar(ScalarType::Bool),
            Expression::Null(_) => scalar(ScalarType::Null),
            Expression::Number(_) if text.contains(['.', 'e', 'E']) => scalar(ScalarType::Float),
            Expression::Number(_) => scalar(ScalarType::Integer),
            Expression::UnaryOp(_) if text.parse::<i64>().is_ok() => scalar(ScalarType::Integer),
            _ => {
                self.document.markers.push(place);
                scalar(ScalarType::Text)
            }
        };
        let style = match (kind, value) {
            (NodeKind::Scalar, Expression::String(_) | Expression::StringTemplate(_)) => Style::DoubleQuoted,
            (NodeKind::Scalar, _) => Style::Plain,
            _ => Style::Flow,
        };
        let id = self.child(parent, key, kind, style, place);
        self.document.node_mut(id).scalar = of_type;
        match value {
            Expression::Array(array) if kind == NodeKind::Seq => {
                for item in array.iter().filter_map(|item| Some((item, self.span(item)?))).collect::<Vec<_>>() {
                    if self.full() {
                        return;
                    }
                    self.value(id, None, item.0, item.1);
                }
            }
            Expression::Object(object) if kind == NodeKind::Map => self.object(id, object),
            Expression::String(inner) => {
                self.covered.push(place);
                if text.contains('\\') || text.contains("$$") || text.contains("%%") {
                    self.document.node_mut(id).decoded = Some(inner.as_str().into());
                }
            }
            _ => self.covered.push(place),
        }
    }

    fn object(&mut self, map: NodeId, object: &Object) {
        for (key, value) in object {
            if self.full() {
                return;
            }
            let place = match key {
                ObjectKey::Ident(ident) => self.span(ident).map(|span| (span, Ident::as_str(ident).to_owned())),
                ObjectKey::Expression(Expression::String(text)) => {
                    self.span(text).map(|span| (span, text.as_str().to_owned()))
                }
                ObjectKey::Expression(_) => None,
            };
            let (Some((place, name)), Some(span)) = (place, self.span(value.expr())) else { continue };
            self.covered.push(place);
            let differs = name != place.slice(&self.document.text).trim_matches('"');
            let key = self.key(place, differs.then_some(name.as_str()));
            self.value(map, Some(key), value.expr(), span);
        }
    }

    /// What stands between keys, labels and values, but for braces and the like, is comments.
    fn comments(&mut self) {
        let mut covered = std::mem::take(&mut self.covered);
        covered.sort_unstable_by_key(|span| (span.start, span.end));
        let text = self.document.text.clone();
        let mut at = 0;
        for gap in covered.iter().map(|span| (span.start as usize, span.end as usize)).chain([(text.len(), text.len())])
        {
            while at < gap.0 {
                let rest = &text[at..gap.0];
                let Some(found) = rest.find(['#', '/']) else { break };
                let start = at + found;
                let inner = &text[start..];
                let length = if inner.starts_with("/*") {
                    inner.find("*/").map_or(inner.len(), |end| end + 2)
                } else if inner.starts_with('#') || inner.starts_with("//") {
                    inner.find(['\n', '\r']).unwrap_or(inner.len())
                } else {
                    at = start + 1;
                    continue;
                };
                self.document.push_comment(Span::new(start, start + length));
                at = start + length;
            }
            at = at.max(gap.1);
        }
        self.document.markers.sort_unstable();
    }
}

/// Whether all keys of an object are names or texts.
fn readable(object: &Object) -> bool {
    object.iter().all(|(key, _)| matches!(key, ObjectKey::Ident(_) | ObjectKey::Expression(Expression::String(_))))
}

fn quoted(place: Span, document: &Document) -> Style {
    if place.slice(&document.text).starts_with('"') { Style::DoubleQuoted } else { Style::Plain }
}

/// `text` as a value: what it was typed as where it still is, else a string.
pub(super) fn spell(style: Style, text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok() && text.bytes().all(|b| b.is_ascii_digit() || b".-".contains(&b));
    if style == Style::Plain && (is_number || matches!(text, "true" | "false" | "null")) {
        return text.to_owned();
    }
    let escaped =
        text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
    format!("\"{}\"", escaped.replace("${", "$${").replace("%{", "%%{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_values_are_read() {
        for (text, expected) in [
            (
                "# c\nresource \"a\" \"b\" {\n  x = \"y\" # d\n  p {\n    n = 1\n  }\n  p {\n    n = -2\n  }\n  z = [true, 1.5]\n}\n",
                "[{resource: a, b: {x: y, p: [{n: 1}, {n: -2}], z: [true, 1.5]}}]",
            ),
            (
                "locals {\n  a = { b = \"c\", \"d e\" : null }\n  f = var.g\n  h = \"${i}-j\"\n  k = \"a\\\"b$${c}\"\n}\r\n",
                "[{kind: locals, body: {a: {b: c, d e: null}, f: <var.g>, h: <${i}-j>, k: a\"b${c}}}]",
            ),
            (
                "resource \"a\" \"b\" {\n  dynamic \"p\" {\n    for_each = x\n    content {\n      n = p.value\n    }\n  }\n  q = <<EOT\n# no comment\nEOT\n}\n",
                "[{resource: a, b: {dynamic: [{for_each: <x>, content: [{n: <p.value>}]}], q: <<<EOT\n# no comment\nEOT>}}]",
            ),
            (
                "\u{feff}terraform {}\n/* x */ module \"m\" { source = \"./m\" }",
                "[{kind: terraform, body: {}}, {module: m, body: {source: ./m}}]",
            ),
        ] {
            let document = parse(text);
            assert_eq!(document.errors, [], "{text}");
            let list = document.entry(document.roots[0], "blocks").expect("there are blocks");
            assert_eq!(document.in_a_line(list), expected, "{text}");
        }
        assert_eq!(parse("a = 1 # x\n// y\nb \"c\" { /* z */ d = \"#\" }").comments.len(), 3);
        assert!(!parse("resource {{\n").errors.is_empty());
    }

    #[test]
    fn nesting_without_end_is_an_error() {
        for text in
            ["[".repeat(100_000), "a {\n".repeat(50_000), "x = ".to_owned() + &"(".repeat(100_000), "{".repeat(100_000)]
        {
            assert!(!parse(&text).errors.is_empty());
        }
    }
}
