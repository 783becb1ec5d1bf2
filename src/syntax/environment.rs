//! Environment variables that stand in another document, a container's `environment`, as a document of their own.
//!
//! In go names and values with their places, out comes a document of the `.env` format whose spans lead back to the
//! host, so that whoever reads `.env` files reads these alike. The text is rebuilt line by line and never written back.

use super::embed::Embedded;
use super::{Document, Format, LineFlavor, Node, NodeKind, Span, SpanMap, Style};

/// One variable: its name and its value.
#[derive(Debug, Clone)]
pub struct Variable {
    /// The name, or the whole of `NAME=value` where [`Variable::value`] is none.
    pub name: Embedded,
    /// The value, where it stands apart.
    pub value: Option<Embedded>,
}

/// The document of `variables`, in order.
///
/// ```
/// use trueup::syntax::{Format, embed, environment, parse};
///
/// let host = parse("env:\n  - POOL=40\n", Format::Yaml);
/// let item = host.children(host.lookup(host.roots[0], &["env"]).unwrap()).next().unwrap();
/// let name = embed::scalar(&host, item).unwrap();
/// let document = environment::document([environment::Variable { name, value: None }]);
/// let pool = document.lookup(document.roots[0], &["POOL"]).unwrap();
/// assert_eq!(document.scalar(pool), "40");
/// assert_eq!(document.host(document.node(pool).content).slice(&host.text), "40");
/// ```
pub fn document(variables: impl IntoIterator<Item = Variable>) -> Document {
    let mut text = String::new();
    let mut map = SpanMap::identity();
    let mut found: Vec<(Span, Span)> = Vec::new();
    let add = |text: &mut String, map: &mut SpanMap, embedded: &Embedded| {
        let start = text.len();
        embedded.append(map, start);
        text.push_str(&embedded.text);
        Span::new(start, text.len())
    };
    for variable in variables {
        let name = add(&mut text, &mut map, &variable.name);
        let pair = match &variable.value {
            Some(value) => {
                text.push('=');
                Some((name, add(&mut text, &mut map, value)))
            }
            None => variable.name.text.split_once('=').map(|(key, _)| {
                let end = name.start as usize + key.len();
                (Span::new(name.start as usize, end), Span::new(end + 1, name.end as usize))
            }),
        };
        found.extend(pair);
        text.push('\n');
    }
    let mut document = Document::new(text, Format::Line(LineFlavor::Env));
    document.map = map;
    let root = document.push(Node::new(NodeKind::Map, Style::Plain, Span::new(0, document.text.len())), None);
    document.roots.push(root);
    for (name, value) in found {
        let key = document.push(Node::new(NodeKind::Scalar, Style::Plain, name), None);
        let mut node = Node::new(NodeKind::Scalar, Style::Plain, value);
        node.entry = name.cover(value);
        node.key = Some(key);
        document.push(node, Some(root));
    }
    document
}
