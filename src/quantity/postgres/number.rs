//! Numbers as the server reads them: C's `strtol` and `strtod`, then a unit, then rounding to the parameter's base unit.
//!
//! Measured on 13 to 18 (`tests/postgres_values.rs`): `010` is 8, `0x10` is 16, `1.5min` is 90,000 ms, `500us` is 0 ms,
//! `30.1GB` is rounded to whole MB first, units are case sensitive, blanks may stand before the number and around the unit.

use super::super::error::{ErrorKind, QuantityError};
use super::super::notation::Units;
use super::super::unit::{Dimension, Factor, Unit};
use super::super::units::{POSTGRES_SIZE, POSTGRES_TIME, meant};

/// A number in the base unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Number {
    /// The value the server keeps.
    pub(in super::super) value: f64,
    /// The value as written, in the base unit.
    pub(in super::super) exact: f64,
    /// A unit was written.
    pub(in super::super) explicit_unit: bool,
    /// The digits were octal, and another number than they are in decimal.
    pub(in super::super) octal: bool,
}

/// Reads the value of an integer parameter; `unit` is its base unit.
pub(in super::super) fn integer(text: &str, unit: Option<Unit>) -> Result<Number, QuantityError> {
    let mut scanned = strtol(text);
    let stopped_at = scanned.as_ref().map_or(0, |it| it.end);
    let goes_on = text[stopped_at..].starts_with(['.', 'e', 'E']);
    if goes_on || scanned.as_ref().is_some_and(|it| it.overflow) {
        scanned = strtod(text);
    }
    let number = finish(text, scanned, unit)?;
    let value = number.value.round_ties_even();
    if !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value) {
        return Err(QuantityError::new(ErrorKind::Overflow, 0));
    }
    Ok(Number { value, ..number })
}

/// Reads the value of a floating-point parameter; `unit` is its base unit.
pub(in super::super) fn real(text: &str, unit: Option<Unit>) -> Result<Number, QuantityError> {
    finish(text, strtod(text), unit)
}

/// Reads a whole number as `strtol` with base 0 does, nothing behind it, and whether its digits are octal and mean another number in decimal.
pub(in super::super) fn whole(text: &str) -> Result<(i64, bool), QuantityError> {
    let number = finish(text, strtol(text), None)?;
    let value = super::super::nearest(number.value).ok_or_else(|| QuantityError::new(ErrorKind::Overflow, 0))?;
    Ok((value, number.octal))
}

/// The units in which a quantity of `unit` may be written, as the server spells them, largest first.
pub fn unit_words(unit: Unit) -> impl Iterator<Item = &'static str> {
    units_of(unit).unwrap_or_default().iter().map(|(spelling, _)| *spelling)
}

/// The units of what `unit` measures; `None` where it measures nothing that has any.
fn units_of(unit: Unit) -> Option<Units> {
    match unit.dimension() {
        Dimension::Time => Some(POSTGRES_TIME),
        Dimension::Size => Some(POSTGRES_SIZE),
        Dimension::Number => None,
    }
}

/// The number at the start of a text.
#[derive(Debug, Clone, Copy)]
struct Scanned {
    value: f64,
    end: usize,
    octal: bool,
    overflow: bool,
}

fn finish(text: &str, scanned: Option<Scanned>, unit: Option<Unit>) -> Result<Number, QuantityError> {
    let start = skip_blanks(text, 0);
    let Some(scanned) = scanned else {
        let kind = match text.len() == start {
            true => ErrorKind::Empty,
            false => ErrorKind::NotANumber { expected: "a number, such as 30" },
        };
        return Err(QuantityError::new(kind, start));
    };
    if scanned.overflow {
        return Err(QuantityError::new(ErrorKind::Overflow, start));
    }
    let at = skip_blanks(text, scanned.end);
    let number = |value, exact, explicit_unit| Number { value, exact, explicit_unit, octal: scanned.octal };
    if at == text.len() {
        return Ok(number(scanned.value, scanned.value, false));
    }
    let word_end = text[at..].find(is_blank).map_or(text.len(), |length| at + length);
    let (word, after) = (&text[at..word_end], skip_blanks(text, word_end));
    let Some(units) = unit.and_then(units_of) else {
        let unit = text[at..].trim_end_matches(is_blank).to_owned();
        return Err(QuantityError::new(ErrorKind::UnitNotAllowed { unit }, at));
    };
    let base = unit.map_or(Factor { multiplier: 1, exponent: 0 }, Unit::factor);
    let found = units.iter().position(|(spelling, _)| *spelling == word);
    let Some(found) = found else {
        return Err(QuantityError::new(
            ErrorKind::UnknownUnit {
                unit: word.to_owned(),
                known: units.iter().map(|(spelling, _)| *spelling).collect(),
                suggestion: meant(word, units),
            },
            at,
        ));
    };
    if after < text.len() {
        return Err(QuantityError::new(ErrorKind::TrailingText { rest: text[after..].to_owned() }, after));
    }
    let (value, exact) = convert(scanned.value, units, found, base);
    Ok(number(value, exact, true))
}

/// Into the base unit, in floats as the server does it: through the next smaller unit, so that a fraction of a
/// large unit does not ask for more precision than was meant.
fn convert(value: f64, units: Units, found: usize, base: Factor) -> (f64, f64) {
    let in_base = |factor: Factor| {
        let (large, small) = (factor.multiplier, base.multiplier);
        // the server's table holds whole multipliers, and quotients below one
        if large >= small { (large / small) as f64 } else { 1.0 / (small / large) as f64 }
    };
    let multiplier = units.get(found).map_or(1.0, |(_, factor)| in_base(*factor));
    let exact = value * multiplier;
    let rounded = match units.get(found + 1) {
        Some((_, next)) => {
            let next = in_base(*next);
            (exact / next).round_ties_even() * next
        }
        None => exact,
    };
    (rounded, exact)
}

/// C's `strtol` with base 0: blanks, sign, `0` for octal, `0x` for hexadecimal.
fn strtol(text: &str) -> Option<Scanned> {
    let bytes = text.as_bytes();
    let (negative, start) = sign(text, skip_blanks(text, 0));
    let is_hex_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let (radix, first) = match (bytes.get(start), bytes.get(start + 1)) {
        (Some(b'0'), Some(b'x' | b'X')) if is_hex_digit(start + 2) => (16, start + 2),
        (Some(b'0'), _) => (8, start),
        _ => (10, start),
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(radix);
    let mut value = 0i64;
    let mut end = first;
    let mut overflow = false;
    while let Some(digit) = bytes.get(end).and_then(digit) {
        let digit = if negative { -i64::from(digit) } else { i64::from(digit) };
        match value.checked_mul(i64::from(radix)).and_then(|value| value.checked_add(digit)) {
            Some(sum) => value = sum,
            None => overflow = true,
        }
        end += 1;
    }
    let octal = radix == 8 && value.unsigned_abs() >= 8;
    (end > first).then_some(Scanned { value: value as f64, end, octal, overflow })
}

/// C's `strtod`: decimal or hexadecimal, with exponent, or `inf`; not-a-number is no number for the server.
fn strtod(text: &str) -> Option<Scanned> {
    let bytes = text.as_bytes();
    let (negative, start) = sign(text, skip_blanks(text, 0));
    let signed = |value: f64| if negative { -value } else { value };
    for word in ["infinity", "inf"] {
        let end = start + word.len();
        if text.get(start..end).is_some_and(|it| it.eq_ignore_ascii_case(word)) {
            return Some(Scanned { value: signed(f64::INFINITY), end, octal: false, overflow: false });
        }
    }
    if matches!((bytes.get(start), bytes.get(start + 1)), (Some(b'0'), Some(b'x' | b'X')))
        && let Some((value, end)) = hexadecimal(bytes, start + 2)
    {
        let overflow = value.is_infinite();
        return Some(Scanned { value: signed(value), end, octal: false, overflow });
    }
    let digits_end = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut end = digits_end(start);
    let mut count = end - start;
    if bytes.get(end) == Some(&b'.') {
        let after = digits_end(end + 1);
        count += after - end - 1;
        end = after;
    }
    if count == 0 {
        return None;
    }
    let mantissa = &text[start..end];
    if let Some(after) = exponent_end(bytes, end, b"eE") {
        end = after;
    }
    let value: f64 = text[start..end].parse().ok()?;
    let nonzero = mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    // out of range above, and below what a normal number holds
    let overflow = value.is_infinite() || (nonzero && value < f64::MIN_POSITIVE);
    Some(Scanned { value: signed(value), end, octal: false, overflow })
}

/// `1f.8p3` after the `0x`: its value and end.
fn hexadecimal(bytes: &[u8], start: usize) -> Option<(f64, usize)> {
    // 15 digits and a sticky bit are more than a float holds
    const KEPT: u64 = 1 << 56;
    let (mut mantissa, mut shift, mut end) = (0u64, 0i32, start);
    let (mut point, mut count) = (false, 0usize);
    while let Some(&byte) = bytes.get(end) {
        if byte == b'.' && !point {
            point = true;
        } else if let Some(digit) = char::from(byte).to_digit(16) {
            count += 1;
            if mantissa < KEPT {
                mantissa = mantissa * 16 + u64::from(digit);
                shift = shift.saturating_sub(if point { 4 } else { 0 });
            } else {
                mantissa |= u64::from(digit != 0);
                shift = shift.saturating_add(if point { 0 } else { 4 });
            }
        } else {
            break;
        }
        end += 1;
    }
    if count == 0 {
        return None;
    }
    if let Some(after) = exponent_end(bytes, end, b"pP") {
        let digits = std::str::from_utf8(&bytes[end + 1..after]).ok()?;
        let limit = if digits.starts_with('-') { i32::MIN } else { i32::MAX };
        shift = shift.saturating_add(digits.trim_start_matches('+').parse().unwrap_or(limit));
        end = after;
    }
    Some((mantissa as f64 * 2f64.powi(shift), end))
}

/// Where the exponent at `at` ends, if there is one with digits.
fn exponent_end(bytes: &[u8], at: usize, letters: &[u8]) -> Option<usize> {
    bytes.get(at).filter(|byte| letters.contains(byte))?;
    let start = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
    let mut end = start;
    while bytes.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    (end > start).then_some(end)
}

/// The sign at `at`: is it a minus, and where the rest begins.
fn sign(text: &str, at: usize) -> (bool, usize) {
    match text.as_bytes().get(at) {
        Some(b'-') => (true, at + 1),
        Some(b'+') => (false, at + 1),
        _ => (false, at),
    }
}

/// C's `isspace`.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

fn skip_blanks(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches(is_blank).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_the_server_reads_them() {
        for (text, unit, value) in [
            ("30", Some(Unit::Millisecond), Some(30.0)),
            ("30s", Some(Unit::Millisecond), Some(30_000.0)),
            (" 30 s ", Some(Unit::Millisecond), Some(30_000.0)),
            ("1.5min", Some(Unit::Millisecond), Some(90_000.0)),
            ("1e3", Some(Unit::Millisecond), Some(1000.0)),
            ("500us", Some(Unit::Millisecond), Some(0.0)),
            ("1500us", Some(Unit::Millisecond), Some(2.0)),
            ("010", None, Some(8.0)),
            ("0x10", None, Some(16.0)),
            ("0x1.8p3", None, Some(12.0)),
            ("010.5", None, Some(10.0)),
            ("08", None, None),
            ("-5", None, Some(-5.0)),
            ("-.5", None, None),
            (".5", None, Some(0.0)),
            ("1day", Some(Unit::Second), None),
            ("1S", Some(Unit::Second), None),
            ("1gb", Some(Unit::Kilobyte), None),
            ("30.1GB", Some(Unit::Kilobyte), Some(31_561_728.0)),
            ("1GB", Some(Unit::Block8k), Some(131_072.0)),
            ("12kB", Some(Unit::Block8k), Some(2.0)),
            ("5s", None, None),
            ("", None, None),
            ("99999999999", None, None),
            ("99999999999999999999", None, None),
            ("nan", None, None),
        ] {
            let got = integer(text, unit);
            assert_eq!(got.as_ref().ok().map(|number| number.value), value, "{text:?}: {got:?}");
        }
    }

    #[test]
    fn floats_end_where_c_ends() {
        for (text, value) in [
            ("0.1", Some(0.1)),
            ("1e-400", None),
            ("1e400", None),
            ("inf", Some(f64::INFINITY)),
            ("1e", None),
            ("0x", None),
            ("20%", None),
            ("1,5", None),
            ("-.5", Some(-0.5)),
            ("5.", Some(5.0)),
        ] {
            assert_eq!(real(text, None).ok().map(|number| number.value), value, "{text:?}");
        }
    }
}
