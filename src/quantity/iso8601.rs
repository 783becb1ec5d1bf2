//! ISO 8601 durations, as `java.time.Duration` reads them: `PT30S`, `P1DT12H`, `pt0.5s`, `-PT5M`; and `P2W`.
//! Years and months have no fixed length and are refused.

use super::decimal::{Decimal, Digits, Rounding};
use super::error::{ErrorKind, QuantityError};
use super::unit::{D, Factor, H, MIN, S, W};

/// Does the text begin as an ISO 8601 duration does?
pub(super) fn looks_like(text: &str) -> bool {
    text.trim_start().trim_start_matches(['+', '-']).starts_with(['P', 'p'])
}

/// Reads a duration; `weeks` says whether `P2W` is one (not in Java).
pub(super) fn parse(text: &str, weeks: bool) -> Result<i64, QuantityError> {
    let not_one = |at: usize| {
        QuantityError::new(ErrorKind::NotANumber { expected: "an ISO 8601 duration, such as PT30S or PT5M" }, at)
    };
    let overflow = || QuantityError::new(ErrorKind::Overflow, 0);
    let (sign, mut at) = sign_at(text, 0);
    if !text[at..].starts_with(['P', 'p']) {
        return Err(not_one(at));
    }
    at += 1;
    let mut sum = 0i128;
    let mut in_time = false;
    // the units still allowed, in the order of the standard
    let mut step = 0;
    let mut parts_since_letter = 0;
    while at < text.len() {
        if !in_time && text[at..].starts_with(['T', 't']) {
            (in_time, parts_since_letter) = (true, 0);
            at += 1;
            continue;
        }
        let (part_sign, start) = sign_at(text, at);
        let normal = text[start..].replacen(',', ".", 1);
        let (number, length) = Decimal::scan(&normal, Digits::Fraction).ok_or_else(|| not_one(start))?;
        let end = start + length;
        let letter = text[end..].chars().next().ok_or_else(|| not_one(end))?;
        let (rank, factor) = unit(letter, in_time, weeks).ok_or_else(|| unknown(letter, end, in_time))?;
        if rank < step {
            return Err(not_one(start));
        }
        // Java takes fractions of seconds only, to the nanosecond
        if factor != S && text[start..end].contains(['.', ',']) {
            return Err(QuantityError::new(ErrorKind::NotWhole, start));
        }
        let scaled = number.scale(factor, Rounding::Nearest).map_err(|error| error.shifted(start))?;
        if scaled.before_rounding.is_some() || text[start..].starts_with(['.', ',']) {
            return Err(not_one(start));
        }
        sum = sum.checked_add(sign * part_sign * scaled.value).ok_or_else(overflow)?;
        (step, parts_since_letter) = (rank + 1, parts_since_letter + 1);
        at = end + letter.len_utf8();
    }
    if parts_since_letter == 0 {
        return Err(not_one(at));
    }
    i64::try_from(sum).map_err(|_| overflow())
}

/// The sign at `at`, and where the rest begins.
fn sign_at(text: &str, at: usize) -> (i128, usize) {
    match text.as_bytes().get(at) {
        Some(b'-') => (-1, at + 1),
        Some(b'+') => (1, at + 1),
        _ => (1, at),
    }
}

fn unit(letter: char, in_time: bool, weeks: bool) -> Option<(u8, Factor)> {
    match (letter.to_ascii_uppercase(), in_time) {
        ('W', false) if weeks => Some((0, W)),
        ('D', false) => Some((1, D)),
        ('H', true) => Some((2, H)),
        ('M', true) => Some((3, MIN)),
        ('S', true) => Some((4, S)),
        _ => None,
    }
}

fn unknown(letter: char, at: usize, in_time: bool) -> QuantityError {
    let suggestion = match letter.to_ascii_uppercase() {
        'H' | 'M' | 'S' if !in_time => Some("T"),
        _ => None,
    };
    let known = if in_time { vec!["H", "M", "S"] } else { vec!["D", "T"] };
    QuantityError::new(ErrorKind::UnknownUnit { unit: letter.into(), known, suggestion }, at)
}

/// Writes hours, minutes and seconds, the way `java.time.Duration` does: `PT36H`, `PT1M30S`, `PT0S`.
pub(super) fn print(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let rest = i128::from(nanos).unsigned_abs();
    let [second, minute, hour] = [S, MIN, H].map(|unit| u128::from(unit.multiplier.unsigned_abs()));
    let (hours, minutes, seconds, fraction) =
        (rest / hour, rest % hour / minute, rest % minute / second, rest % second);
    let mut text = format!("{sign}PT");
    if hours > 0 {
        text += &format!("{hours}H");
    }
    if minutes > 0 {
        text += &format!("{minutes}M");
    }
    if fraction > 0 {
        let digits = format!("{fraction:09}");
        text += &format!("{seconds}.{}S", digits.trim_end_matches('0'));
    } else if seconds > 0 || rest == 0 {
        text += &format!("{seconds}S");
    }
    text
}
