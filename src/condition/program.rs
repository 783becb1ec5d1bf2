//! A compiled condition: an arena of nodes, children before their parents, and the names they refer to.

use std::ops::Range;

use super::Meaning;
use super::function::Function;
use super::operator::Operator;
use crate::model::Value;

/// A name a program refers to: `self.pool.max_size`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    root: Box<str>,
    path: Box<[Box<str>]>,
    meaning: Meaning,
    name: std::sync::Arc<str>,
    last_two: Box<str>,
}

impl Reference {
    /// The reference `root.path…`.
    pub fn new(root: &str, path: &[&str], meaning: Meaning) -> Self {
        let name = std::iter::once(&root).chain(path).copied().collect::<Vec<_>>().join(".").into();
        let last_two = path[path.len().saturating_sub(2)..].join(".").into();
        let path = path.iter().map(|part| Box::from(*part)).collect();
        Reference { root: root.into(), path, meaning, name, last_two }
    }

    /// The first part of the name: `self`, `host`, `facts`.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The parts after the root.
    pub fn path(&self) -> &[Box<str>] {
        &self.path
    }

    /// All of it, as it is written: `self.pool.max_size`.
    pub fn name(&self) -> &std::sync::Arc<str> {
        &self.name
    }

    /// The last two parts of the path, as parameters are called: `postgres.work_mem`.
    pub fn last_two(&self) -> &str {
        &self.last_two
    }

    /// What [`Names`](super::Names) said it is.
    pub fn meaning(&self) -> Meaning {
        self.meaning
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

/// A compiled condition; immutable, to be shared between threads.
#[derive(Debug, Clone)]
pub struct Program {
    pub(super) nodes: Vec<Node>,
    /// The source bytes of each node.
    pub(super) spans: Vec<(u16, u16)>,
    /// The operands of the nodes that have any number of them.
    pub(super) operands: Vec<NodeId>,
    pub(super) references: Vec<Reference>,
    pub(super) root: NodeId,
}

impl Program {
    /// The names it refers to, each once, in the order of their first use.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[usize::from(id.0)] // ids are made by `Builder::add` only
    }

    pub(super) fn operands(&self, operands: Operands) -> &[NodeId] {
        &self.operands[usize::from(operands.start)..usize::from(operands.end)] // likewise
    }

    pub(super) fn reference(&self, id: ReferenceId) -> &Reference {
        &self.references[usize::from(id.0)] // likewise
    }

    pub(super) fn span(&self, id: NodeId) -> Range<usize> {
        let (start, end) = self.spans[usize::from(id.0)];
        start.into()..end.into()
    }
}

/// Index of a node in its program. 2 kB of source make fewer nodes than a `u16` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeId(pub(super) u16);

/// Index of a reference in its program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReferenceId(pub(super) u8);

/// Consecutive entries of a program's operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operands {
    pub(super) start: u16,
    pub(super) end: u16,
}

/// One operation.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// A value that depends on nothing.
    Constant(Value),
    /// An attribute's value.
    Attribute(ReferenceId),
    /// `has(x)`
    Exists(ReferenceId),
    /// `declared(x)`
    Declared(ReferenceId),
    /// The element a loop is at, by the depth of the loop.
    Element(u8),
    /// `[a, b]`
    List(Operands),
    /// `!a`
    Not(NodeId),
    /// `-a`
    Negate(NodeId),
    /// `a && b && …`
    And(Operands),
    /// `a || b || …`
    Or(Operands),
    /// `a < b`, `a + b`, `a in b` …
    Binary(Operator, NodeId, NodeId),
    /// `a ? b : c`
    Conditional(NodeId, NodeId, NodeId),
    /// `a[b]`
    Index(NodeId, NodeId),
    /// `f(a, b)`, `a.f(b)`
    Call(Function, Operands),
    /// `list.exists(x, body)`
    Loop {
        /// What is made of the bodies.
        kind: Loop,
        /// What is looped over.
        list: NodeId,
        /// The depth of this loop.
        depth: u8,
        /// What is evaluated for each element.
        body: NodeId,
    },
}

/// The macros that evaluate a body for each element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loop {
    /// Whether it is true for some.
    Exists,
    /// Whether it is true for each.
    All,
    /// Whether it is true for exactly one.
    ExistsOne,
    /// The elements for which it is true.
    Filter,
    /// Its value for each.
    Map,
}

impl Loop {
    /// All of them with their names.
    pub(super) const NAMES: [(&'static str, Loop); 5] = [
        ("exists", Loop::Exists),
        ("all", Loop::All),
        ("exists_one", Loop::ExistsOne),
        ("filter", Loop::Filter),
        ("map", Loop::Map),
    ];
}

/// Some of a program's references.
#[derive(Debug, Clone, Copy)]
pub struct References<'p> {
    program: &'p Program,
    left: ReferenceSet,
}

impl<'p> References<'p> {
    pub(super) fn new(program: &'p Program, set: ReferenceSet) -> Self {
        References { program, left: set }
    }
}

impl<'p> Iterator for References<'p> {
    type Item = &'p Reference;

    fn next(&mut self) -> Option<&'p Reference> {
        let index = self.left.0.trailing_zeros();
        let reference = self.program.references.get(index as usize)?; // none left: 64, which is out of range
        self.left.0 &= self.left.0 - 1;
        Some(reference)
    }
}

/// A set of references of one program, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ReferenceSet(u64);

impl ReferenceSet {
    pub(super) const EMPTY: ReferenceSet = ReferenceSet(0);

    pub(super) fn of(id: ReferenceId) -> Self {
        ReferenceSet(1 << id.0) // fewer than MAX_REFERENCES
    }

    /// The first `count` references of a program.
    pub(super) fn first(count: usize) -> Self {
        ReferenceSet(if count < 64 { (1 << count) - 1 } else { u64::MAX })
    }

    pub(super) fn and(self, other: Self) -> Self {
        ReferenceSet(self.0 | other.0)
    }
}
