//! The proof that an edit did what it says and nothing else.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::{Edit, Refusal, apply, splices};
use crate::syntax::{self, Document, Newline, Node, NodeId, NodeKind, ScalarType, Span, SyntaxError};

/// In what the new text is not the old one with the edits made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateError {
    /// The edits are not to be made at all.
    Refused(Refusal),
    /// A byte outside of the splices differs.
    Bytes,
    /// The new text does not follow its format.
    Syntax(SyntaxError),
    /// The tree differs; the old node where it does.
    Tree(NodeId),
    /// A comment is lost, new or elsewhere.
    Comments,
    /// Lines end in another way.
    Newline,
}

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GateError::Refused(refusal) => refusal.fmt(f),
            GateError::Bytes => f.write_str("the edit would change other bytes"),
            GateError::Syntax(error) => write!(f, "the edit would make the file unreadable: {}", error.message),
            GateError::Tree(_) => f.write_str("the edit would change another value"),
            GateError::Comments => f.write_str("the edit would change a comment"),
            GateError::Newline => f.write_str("the edit would mix line ends"),
        }
    }
}

impl std::error::Error for GateError {}

/// Reads `new_text` and compares it with `old` after `edits`: bytes, tree (keys, values, styles, anchors, tags, alias
/// targets), comments and line ends.
pub fn verify(old: &Document, new_text: &str, edits: &[Edit]) -> Result<(), GateError> {
    let splices = splices(old, edits).map_err(GateError::Refused)?;
    if apply(&old.text, &splices) != new_text {
        return Err(GateError::Bytes);
    }
    let new = syntax::parse(new_text, old.format);
    if let Some(error) = new.errors.first() {
        return Err(GateError::Syntax(error.clone()));
    }
    if new.template.is_some() {
        return Err(GateError::Refused(Refusal::Template));
    }
    Comparison::new(old, &new, edits).run()?;
    comments(old, &new, edits)?;
    let had_lines = old.text.contains(['\n', '\r']);
    if had_lines && new.text.contains(['\n', '\r']) && new.newline() != old.newline() && old.newline() != Newline::Mixed
    {
        return Err(GateError::Newline);
    }
    Ok(())
}

/// The comments are all there, in order, and each has its line as before; those alone are gone that an edit removes, or
/// that belong to an entry it deletes.
fn comments(old: &Document, new: &Document, edits: &[Edit]) -> Result<(), GateError> {
    let removing = |edit: &&Edit| matches!(edit, Edit::Delete { .. } | Edit::RemoveComment { .. });
    let removing: Vec<Edit> = edits.iter().filter(removing).cloned().collect();
    let splices = splices(old, &removing).map_err(GateError::Refused)?;
    let kept = old
        .comments
        .iter()
        .enumerate()
        .filter(|(_, comment)| !splices.iter().any(|splice| splice.span.contains(comment.span)));
    let of = |document: &Document, comment: &crate::syntax::Comment| {
        (comment.span.slice(&document.text).to_owned(), comment.own_line)
    };
    let kept = kept.map(|(index, comment)| {
        let (mut text, own_line) = of(old, comment);
        let trims = edits.iter().filter_map(|edit| match edit {
            Edit::TrimComment { comment, part } if *comment == index => Some(*part),
            _ => None,
        });
        let mut trims: Vec<Span> = trims.collect();
        trims.sort_unstable_by_key(|part| std::cmp::Reverse(part.start));
        for part in trims {
            let at = |byte: u32| (byte - comment.span.start) as usize; // a splice was made of it
            text.replace_range(at(part.start)..at(part.end), "");
        }
        (text, own_line)
    });
    if kept.eq(new.comments.iter().map(|comment| of(new, comment))) { Ok(()) } else { Err(GateError::Comments) }
}

/// A walk over both trees at once.
struct Comparison<'a> {
    old: &'a Document,
    new: &'a Document,
    replaced: HashMap<NodeId, &'a str>,
    /// Parts of scalars with their new text, in the order of the edits.
    within: HashMap<NodeId, Vec<(Span, &'a str)>>,
    /// Entries with their keys from the outside in, and items (no key), that are new.
    inserted: HashMap<NodeId, Vec<(&'a [String], &'a str)>>,
    deleted: HashSet<NodeId>,
    /// The new keys, by the entries' old key nodes.
    renamed: HashMap<NodeId, &'a str>,
    /// The new node of each old one, for the targets of aliases.
    same: HashMap<NodeId, NodeId>,
}

/// Whether an entry or item is the value `text` below `keys`, and nothing else.
fn is_new(document: &Document, child: NodeId, keys: &[String], text: &str) -> bool {
    let is_key = |id: NodeId, key: Option<&String>| document.key(id) == key.map(String::as_str);
    let mut at = child;
    for deeper in keys.iter().skip(1) {
        let mut inner = document.children(at);
        match (inner.next(), inner.next()) {
            (Some(only), None) if document.node(at).kind == NodeKind::Map && is_key(only, Some(deeper)) => at = only,
            _ => return false,
        }
    }
    is_key(child, keys.first()) && document.node(at).outer.slice(&document.text) == text.trim_start()
}

impl<'a> Comparison<'a> {
    fn new(old: &'a Document, new: &'a Document, edits: &'a [Edit]) -> Self {
        let mut comparison = Comparison {
            old,
            new,
            replaced: HashMap::new(),
            within: HashMap::new(),
            inserted: HashMap::new(),
            deleted: HashSet::new(),
            renamed: HashMap::new(),
            same: HashMap::new(),
        };
        for edit in edits {
            match edit {
                Edit::Replace { node, text } => {
                    comparison.replaced.insert(*node, text);
                }
                Edit::Within { node, range, text } => {
                    comparison.within.entry(*node).or_default().push((*range, text));
                }
                Edit::InsertEntry { map, key, value } => {
                    comparison.inserted.entry(*map).or_default().push((std::slice::from_ref(key), value));
                }
                Edit::InsertPath { map, keys, value } => {
                    comparison.inserted.entry(*map).or_default().push((keys, value));
                }
                Edit::InsertItem { seq, value } => {
                    comparison.inserted.entry(*seq).or_default().push((&[], value));
                }
                Edit::Rename { node, key } => {
                    if let Some(old) = old.node(*node).key {
                        comparison.renamed.insert(old, key);
                    }
                }
                Edit::RemoveComment { .. } | Edit::TrimComment { .. } => {}
                Edit::Delete { node } => {
                    comparison.deleted.insert(*node);
                }
            }
        }
        comparison
    }

    fn run(mut self) -> Result<(), GateError> {
        let (old, new) = (self.old, self.new);
        if old.roots.len() != new.roots.len() {
            return Err(GateError::Tree(old.roots.first().copied().unwrap_or(NodeId(0))));
        }
        let mut pairs: Vec<(NodeId, NodeId)> = old.roots.iter().copied().zip(new.roots.iter().copied()).collect();
        while let Some((left, right)) = pairs.pop() {
            self.same.insert(left, right);
            if !self.equal(left, right) {
                return Err(GateError::Tree(left));
            }
            match (old.node(left).key, new.node(right).key) {
                (Some(left), Some(right)) => pairs.push((left, right)),
                (None, None) => {}
                _ => return Err(GateError::Tree(left)),
            }
            if matches!(new.node(right).kind, NodeKind::Map | NodeKind::Seq) {
                self.children(left, right, &mut pairs)?;
            }
        }
        // Aliases last, when every target has its counterpart.
        for (left, right) in &self.same {
            let target = old.node(*left).target.map(|target| self.same.get(&target).copied());
            if old.node(*left).kind == NodeKind::Alias && target != new.node(*right).target.map(Some) {
                return Err(GateError::Tree(*left));
            }
        }
        Ok(())
    }

    /// Pairs the children that stay; the others are those deleted, and those inserted.
    fn children(&self, left: NodeId, right: NodeId, pairs: &mut Vec<(NodeId, NodeId)>) -> Result<(), GateError> {
        let (old, new) = (self.old, self.new);
        let mut missing = self.inserted.get(&left).cloned().unwrap_or_default();
        let mut stay = old.children(left).filter(|child| !self.deleted.contains(child)).peekable();
        for child in new.children(right) {
            // items come behind those that stay, and may equal one of them
            let item_too_early = new.key(child).is_none() && stay.peek().is_some();
            let expected = missing.iter().position(|&(keys, text)| !item_too_early && is_new(new, child, keys, text));
            match expected {
                Some(at) => {
                    missing.remove(at);
                }
                None => pairs.push((stay.next().ok_or(GateError::Tree(left))?, child)),
            }
        }
        if missing.is_empty() && stay.next().is_none() { Ok(()) } else { Err(GateError::Tree(left)) }
    }

    fn equal(&self, left: NodeId, right: NodeId) -> bool {
        let (before, after) = (self.old.node(left), self.new.node(right));
        // a key without a value becomes a map when an entry is put below it
        let filled = before.scalar == ScalarType::Null && before.outer.is_empty() && self.inserted.contains_key(&left);
        if filled {
            return after.kind == NodeKind::Map && before.document == after.document;
        }
        let same_properties = before.kind == after.kind
            && before.document == after.document
            && self.slices(before, after, |node| node.anchor)
            && self.slices(before, after, |node| node.tag);
        if let Some(&text) = self.replaced.get(&left) {
            return same_properties && after.content.slice(&self.new.text) == text;
        }
        if let Some(parts) = self.within.get(&left) {
            let is_text = after.scalar == ScalarType::Text;
            return same_properties && is_text && self.parts(left, parts) == self.new.scalar(right);
        }
        let same_value = match before.kind {
            NodeKind::Scalar => {
                let text = self.renamed.get(&left).copied().unwrap_or_else(|| self.old.scalar(left));
                text == self.new.scalar(right)
            }
            NodeKind::Alias => before.content.slice(&self.old.text) == after.content.slice(&self.new.text),
            NodeKind::Map | NodeKind::Seq => true,
        };
        same_properties && same_value && before.style == after.style && before.scalar == after.scalar
    }

    /// A scalar's text with its parts replaced.
    fn parts(&self, id: NodeId, parts: &[(Span, &str)]) -> String {
        let mut text = self.old.scalar(id).to_owned();
        let mut parts = parts.to_vec();
        parts.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        for (range, new) in parts {
            if text.get(range.range()).is_some() {
                text.replace_range(range.range(), new);
            }
        }
        text
    }

    fn slices(&self, before: &Node, after: &Node, of: fn(&Node) -> Option<Span>) -> bool {
        let text = |document: &'a Document, node: &Node| of(node).map(|span| span.slice(&document.text));
        text(self.old, before) == text(self.new, after)
    }
}
