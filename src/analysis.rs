//! Documents and settings into findings: the whole pipeline as one function, without I/O.

use std::sync::Arc;

use crate::model::{Finding, Unjudged};
use crate::syntax::Span;

/// One file to judge.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its path as reports print it: relative to the root of the run, `/` between parts.
    pub path: Arc<str>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What became of one file.
#[derive(Debug, Clone)]
pub struct File {
    /// As given.
    pub path: Arc<str>,
    /// How it was read.
    pub status: Status,
    /// The text, kept where a finding or an unjudged rule points into it.
    pub text: Option<Arc<str>>,
    /// Spans of that text that must never be printed.
    pub secrets: Vec<Span>,
}

/// How a file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// These dialects read it.
    Recognised(Vec<Arc<str>>),
    /// Parsed, and no dialect knows it.
    Unknown,
    /// Of a kind trueup does not read.
    Unsupported,
    /// A template, read only as far as certain.
    Template(Vec<Arc<str>>),
    /// Could not be read: not text, too large. The reason in one line.
    Skipped(String),
}

/// What came out.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The files, in the order of the inputs.
    pub files: Vec<File>,
    /// Findings, ordered by path, place and rule; suppressed ones are left out.
    pub findings: Vec<Finding>,
    /// What could not be judged.
    pub unjudged: Vec<Unjudged>,
}
