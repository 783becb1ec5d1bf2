//! What can go wrong: when a program is compiled, and when it is evaluated.

use std::fmt;
use std::ops::Range;

/// Why a source is not a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// What is wrong and what to write instead, in one line.
    pub message: String,
    /// The bytes of the source it is about.
    pub at: Range<usize>,
}

impl CompileError {
    /// An error about the bytes `at`.
    pub(super) fn new(message: impl Into<String>, at: Range<usize>) -> Self {
        CompileError { message: message.into(), at }
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.message, self.at.start)
    }
}

impl std::error::Error for CompileError {}

/// A name that [`Names`](super::Names) does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// Which part is unknown: 0 is the root, 1 the first part of the path.
    pub part: usize,
    /// A known name close to that part.
    pub suggestion: Option<String>,
}

impl UnknownName {
    /// Unknown from `part` on, with nothing like it.
    pub fn at(part: usize) -> Self {
        UnknownName { part, suggestion: None }
    }

    /// Unknown from `part` on, with the nearest of the names that could stand there.
    pub fn among<'a>(part: usize, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        UnknownName { part, suggestion: crate::model::nearest(word, known).map(str::to_owned) }
    }
}

/// Why an evaluation has no answer, although what it needed was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvalError {
    /// What went wrong, in one line.
    pub message: &'static str,
    /// The bytes of the source that went wrong.
    pub at: Range<usize>,
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.message, self.at.start)
    }
}

impl std::error::Error for EvalError {}

/// What can go wrong in an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A result that does not fit.
    Overflow,
    /// Division or remainder by zero.
    DivisionByZero,
    /// An operator or function on types it does not take.
    NoOverload,
    /// An index outside its list.
    OutOfRange,
    /// The least or greatest of an empty list.
    Empty,
    /// A text that is not a number.
    NotANumber,
    /// A text that is not a duration.
    NotADuration,
    /// A text that is not a quantity.
    NotAQuantity,
    /// Lists inside lists, deeper than any program makes them.
    TooDeep,
    /// More steps than an evaluation may take.
    OutOfFuel,
}

impl Fault {
    /// For a person.
    pub(super) fn message(self) -> &'static str {
        match self {
            Fault::Overflow => "the result is too large",
            Fault::DivisionByZero => "division by zero",
            Fault::NoOverload => "not defined for values of these types",
            Fault::OutOfRange => "the list has no such index",
            Fault::Empty => "an empty list has no least or greatest element",
            Fault::NotANumber => "the text is not a number",
            Fault::NotADuration => "not a duration: write it like '1h30m', '30s', '250ms'",
            Fault::NotAQuantity => "not a quantity of whole bytes: write it like '64Mi', '1.5Gi', '500M'",
            Fault::TooDeep => "lists are nested too deeply",
            Fault::OutOfFuel => "the condition takes too many steps",
        }
    }
}
