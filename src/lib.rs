//! trueup: a linter for configuration that will hurt.
//!
//! The modules in the order in which data flows. A module may use those above it, never those below; a test keeps it so.
//!
//! | module | turns | into |
//! |---|---|---|
//! | [`syntax`] | bytes of one file | a lossless tree of spans, secrets marked; and edits back into bytes, each gated |
//! | [`quantity`] | text in a product's notation | durations, sizes, counts, ratios, switches; and back |
//! | [`model`] | – | resources, attributes, values, origins, findings; no I/O, no syntax, no product |
//! | [`condition`] | an expression of a rule page | true, false or unknown for a resource |
//! | [`knowledge`] | tables and pages | the vocabulary, dialect tables and rule pages, typed and checked |
//! | [`dialect`] | a tree | fragments: partial assignments of attributes; and a new value of an attribute back into edits |
//! | [`assemble`] | fragments of all files | resources: layers folded, defaults resolved, links tied |
//! | [`topology`] | resources and containers | links between them, and the attributes only the whole can know |
//! | [`rule`] | resources | findings |
//! | [`suppress`] | comments | findings silenced, and what is to be said of the comments |
//! | [`analysis`] | files and what is known | findings: the whole pipeline as one pure function |
//! | [`fix`] | findings | new bytes of files, proven by judging them again |
//! | [`workspace`] | paths and `trueup.toml` | the files to read and the settings of each, then `analysis` over them |
//! | [`probe`] | a running Postgres server | a file of its settings and figures, which `analysis` reads like any other |
//! | [`report`] | findings, redacted | text for people and for programs |
//! | [`tune`] | a machine and its load | settings of a Postgres server, and the memory they may take |
//! | [`map`] | resources, what they reach, and findings | the stack as a picture |
//! | [`bench`] | configurations of Postgres | which is better, measured on throw-away servers |
//! | [`cli`] | arguments | one of the above |
//!
//! [`bench`]: mod@bench

#![warn(missing_docs)]

pub mod analysis;
pub mod assemble;
#[cfg(all(unix, feature = "bench"))]
pub mod bench;
pub mod cli;
pub mod condition;
pub mod dialect;
pub mod fix;
pub mod knowledge;
pub mod map;
pub mod model;
#[cfg(feature = "probe")]
pub mod probe;
pub mod quantity;
pub mod report;
pub mod rule;
pub mod suppress;
pub mod syntax;
pub mod topology;
pub mod tune;
pub mod workspace;
