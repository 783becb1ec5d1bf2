//! Why a text is no quantity, in one line that says what to write instead.

use std::fmt;

/// A text its grammar does not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityError {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Byte offset in the text where it goes wrong.
    pub at: usize,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// Nothing, or nothing but blanks.
    Empty,
    /// No number where one must stand.
    NotANumber {
        /// What is accepted, as a reader says it: `a number with a unit, such as 30s`.
        expected: &'static str,
    },
    /// A number followed by a word that is no unit here.
    UnknownUnit {
        /// The word.
        unit: String,
        /// The units there are.
        known: Vec<&'static str>,
        /// The unit that was most likely meant.
        suggestion: Option<&'static str>,
    },
    /// A bare number where the unit must be written.
    UnitMissing {
        /// The units there are.
        known: Vec<&'static str>,
    },
    /// A unit where only a bare number is read.
    UnitNotAllowed {
        /// The word.
        unit: String,
    },
    /// A fraction where only whole numbers are read.
    NotWhole,
    /// A part of a clock time outside its range, as in `00:75:00`.
    OutOfRange {
        /// The rule it breaks.
        rule: &'static str,
    },
    /// More than 64 bits hold, or than the product's own integer.
    Overflow,
    /// Readable up to here, then something else.
    TrailingText {
        /// The something else.
        rest: String,
    },
    /// Not one of the words of a switch.
    NotABool {
        /// The words.
        known: &'static str,
    },
}

impl QuantityError {
    pub(super) fn new(kind: ErrorKind, at: usize) -> QuantityError {
        QuantityError { kind, at }
    }

    /// Whether the number is more than is held here.
    pub(crate) fn is_overflow(&self) -> bool {
        matches!(self.kind, ErrorKind::Overflow)
    }

    /// `text` with the unit that was most likely meant.
    pub(crate) fn mended(&self, text: &str) -> Option<String> {
        let ErrorKind::UnknownUnit { unit, suggestion: Some(suggestion), .. } = &self.kind else { return None };
        let (before, rest) = (text.get(..self.at)?, text.get(self.at..)?);
        Some(format!("{before}{suggestion}{}", rest.strip_prefix(unit.as_str())?))
    }

    /// The same error in a text that begins `by` bytes earlier.
    pub(super) fn shifted(mut self, by: usize) -> QuantityError {
        self.at += by;
        self
    }
}

impl std::error::Error for QuantityError {}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Empty => f.write_str("the value is empty"),
            ErrorKind::NotANumber { expected } => write!(f, "not a number; write {expected}"),
            ErrorKind::UnknownUnit { unit, known, suggestion: Some(suggestion) } => {
                write!(f, "'{}' is not a unit here; write '{suggestion}' (units: {})", shown(unit), known.join(", "))
            }
            ErrorKind::UnknownUnit { unit, known, suggestion: None } => {
                write!(f, "'{}' is not a unit here (units: {})", shown(unit), known.join(", "))
            }
            ErrorKind::UnitMissing { known } if known.len() == 1 => {
                write!(f, "the unit is missing; add '{}'", known[0])
            }
            ErrorKind::UnitMissing { known } => write!(f, "the unit is missing; add one of {}", known.join(", ")),
            ErrorKind::UnitNotAllowed { unit } => {
                write!(f, "no unit is read here; write the bare number without '{}'", shown(unit))
            }
            ErrorKind::NotWhole => f.write_str("only whole numbers are read here; use a smaller unit or round"),
            ErrorKind::OutOfRange { rule } => f.write_str(rule),
            ErrorKind::Overflow => f.write_str("the number is too large; write a smaller one"),
            ErrorKind::TrailingText { rest } => write!(f, "'{}' does not belong to the value; remove it", shown(rest)),
            ErrorKind::NotABool { known } => write!(f, "not a switch; write {known}"),
        }
    }
}

/// A foreign word, short enough for a line and free of control characters.
fn shown(text: &str) -> String {
    const LONGEST: usize = 24;
    let mut short: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
