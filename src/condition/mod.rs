//! Rule conditions: a subset of CEL (the Common Expression Language) over what is known of a system's configuration.
//!
//! In goes the text of a condition and the names it may use ([`Names`]); out comes a [`Program`] that can be judged
//! any number of times, on any thread, against what is known of one resource ([`Environment`]). What is not known is
//! not guessed: the answer is then [`Outcome::Unknown`], with the references that would decide it.
//!
//! ```
//! use trueup::condition::*;
//! use trueup::model::{Effective, Type, Value, Why};
//!
//! struct Pool;
//! impl Names for Pool {
//!     fn resolve(&self, root: &str, path: &[&str]) -> Result<Meaning, UnknownName> {
//!         match (root, path) {
//!             ("self", ["max_size" | "replicas"]) => Ok(Meaning::Attribute(Type::Int)),
//!             _ => Err(UnknownName::at(path.len().min(1))),
//!         }
//!     }
//! }
//! impl Environment for Pool {
//!     fn attribute(&self, reference: &Reference) -> Effective {
//!         match &*reference.path()[0] {
//!             "max_size" => Effective::Known(Value::Int(200)),
//!             _ => Effective::Unknown(Why::NotSet),
//!         }
//!     }
//!     fn declared(&self, _: &Reference) -> Declaration {
//!         Declaration::Set
//!     }
//!     fn exists(&self, _: &Reference) -> Option<bool> {
//!         None
//!     }
//! }
//!
//! let program = compile("self.max_size > 100 || self.replicas > 3", &Pool)?;
//! assert!(matches!(program.judge(&Pool), Outcome::True));
//! let program = compile("self.max_size > 100 && self.replicas > 3", &Pool)?;
//! assert!(matches!(program.judge(&Pool), Outcome::Unknown(_)));
//! # Ok::<(), CompileError>(())
//! ```
//!
//! `docs/conditions.md` is the language's reference. Everything is bounded by construction: the limits below hold
//! for any source, and an evaluation takes at most [`FUEL`] steps.

mod bounds;
mod builder;
mod call;
mod check;
mod error;
mod evaluate;
mod function;
mod item;
mod lexer;
mod literal;
mod logic;
mod names;
mod operator;
mod parser;
mod program;
mod template;

#[cfg(test)]
mod tests;

pub use error::{CompileError, EvalError, UnknownName};
pub use evaluate::{Answer, Outcome};
pub use names::{Environment, Meaning, Names};
pub use parser::compile;
pub use program::{Program, Reference, References};
pub use template::{Template, Unrendered};

pub use crate::model::Declaration;

/// The longest source, in bytes.
pub const MAX_SOURCE: usize = 2048;
/// The deepest nesting, and the greatest height of the tree of an expression. Chains of `&&` and `||` count once.
pub const MAX_NESTING: usize = 48;
/// How many of `exists`, `all`, `exists_one`, `filter` and `map` may stand inside one another.
pub const MAX_LOOPS: usize = 2;
/// How many different names one program may refer to.
pub const MAX_REFERENCES: usize = 64;
/// How many steps one evaluation may take.
pub const FUEL: u32 = 20_000;
