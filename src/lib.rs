//! trueup: a linter for configuration that will hurt.

#![warn(missing_docs)]

pub mod analysis;
pub mod cli;
pub mod model;
pub mod report;
pub mod syntax;
pub mod workspace;
