//! trueup: a linter for configuration that will hurt.

#![warn(missing_docs)]

pub mod analysis;
pub mod condition;
pub mod model;
pub mod quantity;
pub mod syntax;
