//! What a program asks of the world: at compile time which names exist, at evaluation what is known of them.

use super::{Reference, UnknownName};
use crate::model::{Declaration, Effective, Type};

/// The names a condition may use.
pub trait Names {
    /// What `root.path…` means, or where the name stops being known.
    fn resolve(&self, root: &str, path: &[&str]) -> Result<Meaning, UnknownName>;
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// An attribute: it has a value, known or not.
    Attribute(Type),
    /// A resource: it has no value, `has(…)` tells whether there is one.
    Resource,
}

/// What is known of the names of one program.
pub trait Environment {
    /// What is known of an attribute's value.
    fn attribute(&self, reference: &Reference) -> Effective;
    /// Whether an attribute is written down, for `declared(…)`.
    fn declared(&self, reference: &Reference) -> Declaration;
    /// Whether there is such a resource or attribute, for `has(…)`; `None` where that cannot be told.
    fn exists(&self, reference: &Reference) -> Option<bool>;
}
