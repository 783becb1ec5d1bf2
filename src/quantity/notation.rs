//! Numbers with unit suffixes: one reader for every notation that a table can describe.
//!
//! In: a text, a [`Notation`] (which numbers, which units, how they may stand together), the unit of a bare number.
//! Out: a whole number of nanoseconds, bytes or ones. `1m30s` in Go's notation is 90,000,000,000.

use super::decimal::{Decimal, Digits, Rounding, Scaled};
use super::error::{ErrorKind, QuantityError};
use super::unit::Factor;

/// A unit's spelling and worth. Among spellings of one unit, the first is the one to write.
pub(super) type Units = &'static [(&'static str, Factor)];

/// How a product writes numbers with units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notation {
    /// The units; none where only bare numbers are read.
    pub(super) units: Units,
    /// `MS` is `ms`.
    pub(super) ignore_case: bool,
    pub(super) digits: Digits,
    pub(super) sign: bool,
    pub(super) bare: Bare,
    pub(super) parts: Parts,
    pub(super) blanks: Blanks,
    pub(super) rounding: Rounding,
    /// What a reader is told to write when there is no number at all.
    pub(super) expected: &'static str,
}

/// May a number stand without its unit?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    Yes,
    /// Only `0`, where every unit means the same.
    OnlyZero,
    No,
}

/// May several numbers with units add up?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    One,
    /// `1m30s`, in any order.
    Any,
    /// `1h 30m`, each unit smaller than the one before.
    Descending,
}

/// Where blanks may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    Nowhere,
    /// Before and after the whole.
    Around,
    /// One space between number and unit.
    OneInside,
    /// Between parts, not within one.
    BetweenParts,
    Anywhere,
}

/// What a notation read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    pub(super) value: i64,
    pub(super) explicit_unit: bool,
    pub(super) before_rounding: Option<f64>,
}

impl Notation {
    /// Reads the whole of `text`; `bare` is the unit of a bare number, `None` when a bare number says nothing.
    pub(super) fn read(&self, text: &str, bare: Option<Factor>) -> Result<Reading, QuantityError> {
        let around = matches!(self.blanks, Blanks::Around | Blanks::Anywhere);
        let end = if around { text.trim_end().len() } else { text.len() };
        let mut at = if around { blanks(text, 0) } else { 0 };
        if at >= end {
            return Err(QuantityError::new(ErrorKind::Empty, 0));
        }
        let text = &text[..end];
        let negative = self.sign && text[at..].starts_with('-');
        if self.sign && text[at..].starts_with(['-', '+']) {
            at += 1;
        }
        let mut sum = Sum::default();
        let mut previous: Option<Factor> = None;
        loop {
            let (part, unit, next) = self.part(text, at, bare)?;
            if self.parts == Parts::Descending
                && previous.is_some_and(|previous| unit.factor.multiplier >= previous.multiplier)
            {
                let rule = "units must go from large to small, each at most once";
                return Err(QuantityError::new(ErrorKind::OutOfRange { rule }, at));
            }
            sum.add(part, unit.explicit).map_err(|error| error.shifted(at))?;
            previous = Some(unit.factor);
            at = match self.blanks {
                Blanks::Anywhere | Blanks::BetweenParts => blanks(text, next),
                _ => next,
            };
            if at == text.len() {
                break;
            }
            if self.parts == Parts::One || !unit.explicit {
                let rest = text[at..].to_owned();
                return Err(QuantityError::new(ErrorKind::TrailingText { rest }, at));
            }
        }
        sum.reading(negative)
    }

    /// One number with its unit, from `at` on: its worth, its unit, its end.
    fn part(&self, text: &str, at: usize, bare: Option<Factor>) -> Result<(Scaled, Part, usize), QuantityError> {
        let missing = || QuantityError::new(ErrorKind::NotANumber { expected: self.expected }, at);
        let (number, length) = Decimal::scan(&text[at..], self.digits).ok_or_else(missing)?;
        let mut start = at + length;
        let after_number = start;
        match self.blanks {
            Blanks::OneInside if text[start..].starts_with(' ') => start += 1,
            Blanks::Anywhere => start = blanks(text, start),
            _ => {}
        }
        let word_end = text[start..].find(|c: char| !is_unit_char(c)).map_or(text.len(), |length| start + length);
        let word = &text[start..word_end];
        let scale =
            |factor: Factor| number.scale(factor, self.rounding).map_err(|error: QuantityError| error.shifted(at));
        if !word.is_empty() {
            let factor = self.unit(word, self.units).ok_or_else(|| self.not_a_unit(text, start, word))?;
            return Ok((scale(factor)?, Part { factor, explicit: true }, word_end));
        }
        if after_number < text.len() && text[after_number..].starts_with('.') {
            let kind = match self.digits {
                Digits::Whole => ErrorKind::NotWhole,
                _ => ErrorKind::TrailingText { rest: text[after_number..].to_owned() },
            };
            return Err(QuantityError::new(kind, after_number));
        }
        let zero = scale(Factor { multiplier: 1, exponent: 0 }).is_ok_and(|it| it == Scaled::ZERO);
        let factor = match self.bare {
            Bare::No => None,
            Bare::OnlyZero => bare.filter(|_| zero).or(zero.then_some(Factor { multiplier: 1, exponent: 0 })),
            Bare::Yes => bare,
        };
        let Some(factor) = factor else {
            return Err(QuantityError::new(ErrorKind::UnitMissing { known: self.spellings() }, after_number));
        };
        Ok((scale(factor)?, Part { factor, explicit: false }, after_number))
    }

    fn unit(&self, word: &str, units: Units) -> Option<Factor> {
        let same = |spelling: &str| {
            if self.ignore_case { spelling.eq_ignore_ascii_case(word) } else { spelling == word }
        };
        units.iter().find(|(spelling, _)| same(spelling)).map(|(_, factor)| *factor)
    }

    /// The worth of the unit that stands behind a number, `None` when there is none; `at` is where it stands.
    pub(super) fn factor(&self, word: &str, at: usize) -> Result<Option<Factor>, QuantityError> {
        match self.unit(word, self.units) {
            _ if word.is_empty() => Ok(None),
            Some(factor) => Ok(Some(factor)),
            None => Err(self.not_a_unit(word, 0, word).shifted(at)),
        }
    }

    fn not_a_unit(&self, text: &str, at: usize, word: &str) -> QuantityError {
        let kind = if self.units.is_empty() {
            ErrorKind::UnitNotAllowed { unit: text[at..].to_owned() }
        } else {
            ErrorKind::UnknownUnit {
                unit: word.to_owned(),
                known: self.spellings(),
                suggestion: super::units::meant(word, self.units),
            }
        };
        QuantityError::new(kind, at)
    }

    /// The spelling to write for each unit.
    pub(super) fn spellings(&self) -> Vec<&'static str> {
        let mut seen: Vec<Factor> = Vec::new();
        let mut spellings = Vec::new();
        for (spelling, factor) in self.units {
            if !seen.contains(factor) && !spelling.is_empty() {
                seen.push(*factor);
                spellings.push(*spelling);
            }
        }
        spellings
    }
}

/// The unit of one part.
#[derive(Clone, Copy)]
struct Part {
    factor: Factor,
    explicit: bool,
}

impl Scaled {
    const ZERO: Scaled = Scaled { value: 0, before_rounding: None };
}

/// Parts added up.
#[derive(Default)]
struct Sum {
    value: i128,
    exact: f64,
    rounded: bool,
    explicit: bool,
}

impl Sum {
    fn add(&mut self, part: Scaled, explicit: bool) -> Result<(), QuantityError> {
        let sum = self.value.checked_add(part.value).ok_or_else(|| QuantityError::new(ErrorKind::Overflow, 0))?;
        self.value = sum;
        self.exact += part.before_rounding.unwrap_or(part.value as f64);
        self.rounded |= part.before_rounding.is_some();
        self.explicit |= explicit;
        Ok(())
    }

    fn reading(self, negative: bool) -> Result<Reading, QuantityError> {
        let (value, exact) = if negative { (-self.value, -self.exact) } else { (self.value, self.exact) };
        let value = i64::try_from(value).map_err(|_| QuantityError::new(ErrorKind::Overflow, 0))?;
        Ok(Reading { value, explicit_unit: self.explicit, before_rounding: self.rounded.then_some(exact) })
    }
}

/// Where the blanks from `at` on end.
pub(super) fn blanks(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

fn is_unit_char(c: char) -> bool {
    c.is_alphabetic() || c == '%' || c == 'µ'
}
