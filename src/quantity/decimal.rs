//! Decimal numbers, exact: digits and a power of ten, scaled to an integer with checked arithmetic.

use super::error::{ErrorKind, QuantityError};
use super::unit::Factor;

/// The spelling of numbers a notation reads, each wider than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Digits {
    /// `30`
    Whole,
    /// `30`, `1.5`, `.5`
    Fraction,
    /// `30`, `1.5`, `1e3`
    Exponent,
    /// `30`, `1.5`, `1e3`, `10_000`
    Grouped,
}

/// What to do with what is smaller than the smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rounding {
    Nearest,
    Down,
    Up,
}

/// A number without its sign: `digits × 10^exponent`, plus a trace of digits too small to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: u128,
    exponent: i32,
    /// Non-zero digits were dropped from the end.
    truncated: bool,
}

/// A scaled number: an integer, and the exact value when it had to be rounded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scaled {
    pub(super) value: i128,
    pub(super) before_rounding: Option<f64>,
}

/// More digits than any 64-bit number has, few enough that `digits × unit` fits 128 bits.
const KEPT: u128 = 10_000_000_000_000_000_000;

impl Decimal {
    /// Reads the number at the start of `text`; says where it ends, `None` when there is none.
    pub(super) fn scan(text: &str, spelling: Digits) -> Option<(Decimal, usize)> {
        let bytes = text.as_bytes();
        let mut number = Decimal { digits: 0, exponent: 0, truncated: false };
        let mut seen = false;
        let mut point = false;
        let mut end = 0;
        while let Some(&byte) = bytes.get(end) {
            match byte {
                b'0'..=b'9' => {
                    number.push(byte - b'0', point);
                    seen = true;
                }
                b'.' if !point && spelling != Digits::Whole => point = true,
                // between digits only
                b'_' if spelling == Digits::Grouped
                    && end > 0
                    && bytes[end - 1].is_ascii_digit()
                    && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) => {}
                _ => break,
            }
            end += 1;
        }
        if !seen {
            return None;
        }
        if matches!(spelling, Digits::Exponent | Digits::Grouped)
            && let Some((exponent, after)) = exponent(text, end)
        {
            number.exponent = number.exponent.saturating_add(exponent);
            end = after;
        }
        Some((number, end))
    }

    fn push(&mut self, digit: u8, after_point: bool) {
        if self.digits < KEPT {
            self.digits = self.digits * 10 + u128::from(digit);
            if after_point {
                self.exponent = self.exponent.saturating_sub(1);
            }
        } else {
            self.truncated |= digit != 0;
            if !after_point {
                self.exponent = self.exponent.saturating_add(1);
            }
        }
    }

    /// `self × factor`, as an integer.
    pub(super) fn scale(self, factor: Factor, rounding: Rounding) -> Result<Scaled, QuantityError> {
        let overflow = || QuantityError::new(ErrorKind::Overflow, 0);
        let product = self.digits.checked_mul(u128::from(factor.multiplier.unsigned_abs())).ok_or_else(overflow)?;
        let exponent = self.exponent.saturating_add(factor.exponent);
        if product == 0 {
            return Ok(Scaled { value: 0, before_rounding: self.truncated.then_some(0.0) });
        }
        let power = 10u128.checked_pow(exponent.unsigned_abs());
        let (whole, rest, half) = match (exponent >= 0, power) {
            (true, Some(power)) => (product.checked_mul(power).ok_or_else(overflow)?, 0, 1),
            (true, None) => return Err(overflow()),
            (false, Some(power)) => (product / power, product % power, power / 2),
            // less than one by many orders of magnitude
            (false, None) => (0, 1, u128::MAX),
        };
        let inexact = rest != 0 || self.truncated;
        let up = match rounding {
            Rounding::Down => false,
            Rounding::Up => inexact,
            Rounding::Nearest => rest > half || (rest == half && (self.truncated || whole % 2 == 1)),
        };
        let value = i128::try_from(whole + u128::from(up)).map_err(|_| overflow())?;
        let exact = || product as f64 * 10f64.powi(exponent);
        Ok(Scaled { value, before_rounding: inexact.then(exact) })
    }
}

/// `e` with digits behind it, from `at` on: its value and its end.
fn exponent(text: &str, at: usize) -> Option<(i32, usize)> {
    let bytes = text.as_bytes();
    if !matches!(bytes.get(at), Some(b'e' | b'E')) {
        return None;
    }
    let negative = bytes.get(at + 1) == Some(&b'-');
    let start = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
    let mut value = 0i32;
    let mut end = start;
    while let Some(digit) = bytes.get(end).filter(|byte| byte.is_ascii_digit()) {
        value = value.saturating_mul(10).saturating_add(i32::from(digit - b'0'));
        end += 1;
    }
    (end > start).then_some((if negative { -value } else { value }, end))
}

#[cfg(test)]
mod tests {
    use super::super::unit::{MILLI, MS, ONE, S};
    use super::*;

    fn scaled(text: &str, factor: Factor, rounding: Rounding) -> (i128, bool) {
        let (number, end) = Decimal::scan(text, Digits::Grouped).expect("a number");
        assert_eq!(end, text.len(), "{text}");
        let scaled = number.scale(factor, rounding).expect("in range");
        (scaled.value, scaled.before_rounding.is_some())
    }

    #[test]
    fn fractions_and_exponents_are_exact() {
        for (text, factor, value) in [
            ("0.1", S, 100_000_000),
            ("1.000000001", S, 1_000_000_001),
            ("1e3", MS, 1_000_000_000),
            ("25e-1", S, 2_500_000_000),
            (".5", S, 500_000_000),
            ("5.", S, 5_000_000_000),
            ("10_000", ONE, 10_000),
            ("9223372036854775807", ONE, i128::from(i64::MAX)),
            ("1000000000000000000000e-3", ONE, 1_000_000_000_000_000_000),
            ("500", MILLI, 0),
        ] {
            let (got, rounded) = scaled(text, factor, Rounding::Nearest);
            assert_eq!((got, rounded), (value, text == "500"), "{text}");
        }
    }

    #[test]
    fn rounding_is_to_even_down_or_up() {
        for (text, nearest, down, up) in
            [("0.5", 0, 0, 1), ("1.5", 2, 1, 2), ("2.50000000000000000000000001", 3, 2, 3), ("0.4", 0, 0, 1)]
        {
            assert_eq!(scaled(text, ONE, Rounding::Nearest), (nearest, true), "{text}");
            assert_eq!(scaled(text, ONE, Rounding::Down), (down, true), "{text}");
            assert_eq!(scaled(text, ONE, Rounding::Up), (up, true), "{text}");
        }
    }

    #[test]
    fn huge_and_tiny_numbers_end_in_an_error_or_zero() {
        let (huge, _) = Decimal::scan("1e999999999999", Digits::Exponent).expect("a number");
        assert!(huge.scale(S, Rounding::Nearest).is_err());
        assert_eq!(scaled("1e-999999999999", S, Rounding::Nearest), (0, true));
        assert_eq!(scaled("0e999999999999", S, Rounding::Nearest), (0, false));
    }
}
