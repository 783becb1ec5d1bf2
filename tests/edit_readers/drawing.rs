//! Edits drawn at random, the same ones for the same seed.

use trueup::syntax::edit::{Edit, spell};
use trueup::syntax::{Document, Format, LineFlavor, NodeId, NodeKind, ScalarType, Span, Style};

use crate::meaning::Meant;
use crate::readers::{self, Tree};

pub(crate) const OPERATIONS: [&str; 9] =
    ["replace", "part", "entry", "path", "item", "delete", "rename", "comment", "trim"];

/// New values: what is meant, and its type.
const VALUES: [(&str, ScalarType); 12] = [
    ("zz9", ScalarType::Text),
    ("77", ScalarType::Integer),
    ("true", ScalarType::Bool),
    ("77", ScalarType::Text),
    ("a b", ScalarType::Text),
    ("yes", ScalarType::Text),
    ("it's", ScalarType::Text),
    ("x: y #z", ScalarType::Text),
    ("-", ScalarType::Text),
    ("all", ScalarType::Text),
    ("-1.5", ScalarType::Text),
    ("a\\${b} \"c\";{%", ScalarType::Text),
];

/// A small generator: the same numbers for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn of(name: &str, seed: u64) -> Random {
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Random(hash | 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

/// One drawn edit of an operation, and what it is meant to do.
pub(crate) fn draw(
    document: &Document,
    operation: &str,
    nodes: &[NodeId],
    random: &mut Random,
) -> Option<(Edit, Meant)> {
    let fitting = |node: &&NodeId| {
        let found = document.node(**node);
        match operation {
            "replace" | "part" => found.kind == NodeKind::Scalar,
            "entry" | "path" => {
                found.kind == NodeKind::Map || found.kind == NodeKind::Scalar && found.content.is_empty()
            }
            "item" => found.kind == NodeKind::Seq,
            "rename" => found.key.is_some(),
            _ => true,
        }
    };
    let has_types = matches!(document.format, Format::Yaml | Format::Json | Format::Toml | Format::Hcl);
    let (value, scalar) = VALUES[random.below(VALUES.len())];
    let scalar = if has_types { scalar } else { ScalarType::Text };
    if operation == "comment" {
        let count = document.comments.len();
        return (count > 0).then(|| (Edit::RemoveComment { comment: random.below(count) }, Meant::Nothing));
    }
    if operation == "trim" {
        let comment = random.below(document.comments.len());
        let span = document.comments.get(comment)?.span;
        let text = span.slice(&document.text);
        let edges: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
        let (a, b) = (edges[random.below(edges.len())], edges[random.below(edges.len())]);
        let start = span.start as usize;
        let part = Span::new(start + a.min(b), start + a.max(b));
        return Some((Edit::TrimComment { comment, part }, Meant::Nothing));
    }
    let fitting: Vec<NodeId> = nodes.iter().filter(fitting).copied().collect();
    let node = *fitting.get(random.below(fitting.len()))?;
    let style = if operation == "replace" { document.node(node).style } else { Style::Plain };
    let spelled = spell(document.format, style, value, scalar);
    let scalar = match document.format {
        // what it is is told by its quotes
        Format::Hcl if spelled.starts_with('"') => ScalarType::Text,
        Format::Hcl if spelled.parse::<i64>().is_ok() => ScalarType::Integer,
        Format::Hcl if spelled.parse::<f64>().is_ok() => ScalarType::Float,
        _ => scalar,
    };
    let leaf = match scalar {
        ScalarType::Integer => Tree::Leaf(format!("i:{value}")),
        ScalarType::Bool => Tree::Leaf(format!("b:{value}")),
        ScalarType::Float => Tree::Leaf(format!("f:{value}")),
        _ => readers::text(value),
    };
    Some(match operation {
        "replace" => (Edit::Replace { node, text: spelled }, Meant::Set(leaf)),
        "part" => {
            let text = document.scalar(node);
            let edges: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
            let (a, b) = (edges[random.below(edges.len())], edges[random.below(edges.len())]);
            let range = Span::new(a.min(b), a.max(b));
            let new = ["zz", "=5", " -c k=v"][random.below(3)].to_owned();
            (Edit::Within { node, range, text: new.clone() }, Meant::Part(range, new))
        }
        "entry" => {
            let dotted = !matches!(document.format, Format::Line(LineFlavor::Env));
            let key = ["zzk", "zz-k.l"][random.below(1 + usize::from(dotted))].to_owned();
            (Edit::InsertEntry { map: node, key: key.clone(), value: spelled }, Meant::Add(vec![key], leaf))
        }
        "path" => {
            let keys = vec!["zzk".to_owned(), "inner".to_owned(), "k".to_owned()];
            (Edit::InsertPath { map: node, keys: keys.clone(), value: spelled }, Meant::Add(keys, leaf))
        }
        "item" => (Edit::InsertItem { seq: node, value: spelled }, Meant::Push(leaf)),
        "delete" => (Edit::Delete { node }, Meant::Remove),
        _ => (Edit::Rename { node, key: "zzk".to_owned() }, Meant::Rename("zzk".to_owned())),
    })
}

/// The node of an edit.
pub(crate) fn target(edit: &Edit) -> Option<NodeId> {
    match edit {
        Edit::Replace { node, .. } | Edit::Within { node, .. } | Edit::Delete { node } | Edit::Rename { node, .. } => {
            Some(*node)
        }
        Edit::InsertEntry { map, .. } | Edit::InsertPath { map, .. } => Some(*map),
        Edit::InsertItem { seq, .. } => Some(*seq),
        Edit::RemoveComment { .. } | Edit::TrimComment { .. } => None,
    }
}
