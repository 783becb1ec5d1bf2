//! trueup: a linter for configuration that will hurt.

#![warn(missing_docs)]

pub mod analysis;
pub mod assemble;
pub mod cli;
pub mod condition;
pub mod dialect;
pub mod knowledge;
pub mod model;
pub mod quantity;
pub mod report;
pub mod rule;
pub mod syntax;
pub mod workspace;
