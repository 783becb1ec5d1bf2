//! Nodes into a program: bounded in height, names once each, constant parts computed.

use std::ops::Range;

use super::check::Shape;
use super::evaluate::Evaluator;
use super::item::State;
use super::program::{Node, NodeId, Operands, Program, Reference, ReferenceId};
use super::{CompileError, Declaration, Environment, MAX_NESTING, MAX_REFERENCES, Meaning, Names};
use crate::model::{Effective, Why};

/// A node that has been added.
pub(super) struct Term {
    pub(super) id: NodeId,
    pub(super) shape: Shape,
    /// The source it comes from.
    pub(super) at: Range<usize>,
    /// The longest way down to a leaf.
    height: usize,
}

/// A program being made.
pub(super) struct Builder<'n> {
    names: &'n dyn Names,
    program: Program,
}

impl<'n> Builder<'n> {
    pub(super) fn new(names: &'n dyn Names) -> Self {
        let program = Program {
            nodes: Vec::with_capacity(16),
            spans: Vec::with_capacity(16),
            operands: Vec::new(),
            references: Vec::new(),
            root: NodeId(0),
        };
        Builder { names, program }
    }

    /// The program whose result is that of `root`.
    pub(super) fn finish(self, root: Term) -> Program {
        Program { root: root.id, ..self.program }
    }

    /// Adds a node whose operands are `terms`.
    pub(super) fn add(
        &mut self,
        node: Node,
        shape: Shape,
        terms: &[Term],
        at: Range<usize>,
    ) -> Result<Term, CompileError> {
        let height = 1 + terms.iter().map(|term| term.height).max().unwrap_or(0);
        if height > MAX_NESTING {
            return Err(CompileError::new(format!("more than {MAX_NESTING} operations inside one another"), at));
        }
        let id = u16::try_from(self.program.nodes.len()).map(NodeId);
        let (Ok(id), Ok(start), Ok(end)) = (id, u16::try_from(at.start), u16::try_from(at.end)) else {
            return Err(CompileError::new("the expression is too large", at));
        };
        // a list of no elements is constant too, a leaf that asks the environment is not
        let constant = match node {
            Node::List(_) | Node::Call(..) => terms.iter().all(|term| self.is_constant(term)),
            Node::Loop { .. } => false,
            _ => !terms.is_empty() && terms.iter().all(|term| self.is_constant(term)),
        };
        self.program.nodes.push(node);
        self.program.spans.push((start, end));
        let term = Term { id, shape, at, height };
        if constant { self.folded(term) } else { Ok(term) }
    }

    /// Adds a node with any number of operands.
    pub(super) fn many(
        &mut self,
        node: impl FnOnce(Operands) -> Node,
        shape: Shape,
        terms: Vec<Term>,
    ) -> Result<Term, CompileError> {
        let at = terms.first().map_or(0, |term| term.at.start)..terms.last().map_or(0, |term| term.at.end);
        let start = self.program.operands.len();
        self.program.operands.extend(terms.iter().map(|term| term.id));
        let (Ok(start), Ok(end)) = (u16::try_from(start), u16::try_from(self.program.operands.len())) else {
            return Err(CompileError::new("the expression is too large", at));
        };
        self.add(node(Operands { start, end }), shape, &terms, at)
    }

    /// Says where a term stands, if that is more than its operands.
    pub(super) fn place(&mut self, term: &mut Term, at: Range<usize>) {
        if let (Some(span), Ok(start), Ok(end)) =
            (self.program.spans.get_mut(usize::from(term.id.0)), u16::try_from(at.start), u16::try_from(at.end))
        {
            *span = (start, end);
        }
        term.at = at;
    }

    fn is_constant(&self, term: &Term) -> bool {
        matches!(self.program.node(term.id), Node::Constant(_))
    }

    /// The term as a constant. What always fails is a mistake of the author.
    fn folded(&mut self, mut term: Term) -> Result<Term, CompileError> {
        let item = Evaluator::new(&self.program, &Nothing).run(term.id);
        match item.state {
            State::Known(value) => {
                if let Some(node) = self.program.nodes.get_mut(usize::from(term.id.0)) {
                    *node = Node::Constant(value);
                    term.height = 1;
                }
                Ok(term)
            }
            State::Wrong(fault, _) => Err(CompileError::new(fault.message(), term.at)),
            _ => Ok(term),
        }
    }

    /// The reference for a name of at least one part.
    pub(super) fn refer(&mut self, parts: &[(&str, Range<usize>)]) -> Result<(ReferenceId, Meaning), CompileError> {
        let names: Vec<&str> = parts.iter().map(|part| part.0).collect();
        let (root, path) = names.split_first().map_or(("", &[][..]), |(root, path)| (*root, path));
        let meaning = self.names.resolve(root, path).map_err(|unknown| {
            let part = unknown.part.min(parts.len().saturating_sub(1));
            let (known, word) = names.split_at(part);
            let word = word.first().copied().unwrap_or(root);
            let whole = if known.is_empty() { String::new() } else { format!("`{}` has no ", known.join(".")) };
            let what = if known.is_empty() { format!("there is no `{word}`") } else { format!("{whole}`{word}`") };
            let advice = unknown.suggestion.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
            CompileError::new(what + &advice, parts.get(part).map_or(0..0, |part| part.1.clone()))
        })?;
        let same = |known: &Reference| {
            known.root() == root && known.path().iter().map(|part| &**part).eq(path.iter().copied())
        };
        if let Some(index) = self.program.references.iter().position(same) {
            return Ok((ReferenceId(index as u8), meaning)); // fewer than MAX_REFERENCES
        }
        let index = self.program.references.len();
        if index == MAX_REFERENCES {
            let at = parts.first().map_or(0..0, |part| part.1.clone());
            return Err(CompileError::new(format!("more than {MAX_REFERENCES} different names"), at));
        }
        self.program.references.push(Reference::new(root, path, meaning));
        Ok((ReferenceId(index as u8), meaning)) // likewise
    }
}

/// What constants are computed in.
struct Nothing;

impl Environment for Nothing {
    fn attribute(&self, _: &Reference) -> Effective {
        Effective::Unknown(Why::NotSet)
    }

    fn declared(&self, _: &Reference) -> Declaration {
        Declaration::Unreadable
    }

    fn exists(&self, _: &Reference) -> Option<bool> {
        None
    }
}
