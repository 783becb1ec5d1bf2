//! Clock times: `00:30:00`, and .NET's `TimeSpan` `[-][d.]hh:mm[:ss[.fffffff]]`, whose bare number is days.

use super::error::{ErrorKind, QuantityError};
use super::unit::{D, H, MIN, S};

/// Reads a clock time; `None` when the text has no colon, so is something else.
pub(super) fn parse(text: &str) -> Option<Result<i64, QuantityError>> {
    text.contains(':').then(|| read(text.trim(), text.len() - text.trim_start().len()))
}

fn read(text: &str, offset: usize) -> Result<i64, QuantityError> {
    let not_a_time = || {
        QuantityError::new(
            ErrorKind::NotANumber { expected: "a time, such as 00:30:00 (hours:minutes:seconds)" },
            offset,
        )
    };
    let out_of_range = |rule: &'static str| QuantityError::new(ErrorKind::OutOfRange { rule }, offset);
    let overflow = || QuantityError::new(ErrorKind::Overflow, offset);

    let (negative, clock) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (days_and_hours, rest) = clock.split_once(':').ok_or_else(not_a_time)?;
    let (days, hours) = days_and_hours.split_once('.').unwrap_or(("0", days_and_hours));
    let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "0"));
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));

    let number = |digits: &str, longest: usize| -> Result<i64, QuantityError> {
        if digits.is_empty() || digits.len() > longest || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(not_a_time());
        }
        digits.parse().map_err(|_| overflow())
    };
    let (days, hours, minutes, whole) = (number(days, 9)?, number(hours, 2)?, number(minutes, 2)?, number(seconds, 2)?);
    let nanos = number(&format!("{fraction:0<9}"), 9)?;
    if hours > 23 {
        return Err(out_of_range("hours go from 0 to 23; write days before them, as in 1.12:00:00"));
    }
    if minutes > 59 || whole > 59 {
        return Err(out_of_range("minutes and seconds go from 0 to 59"));
    }
    let parts = [(days, D), (hours, H), (minutes, MIN), (whole, S)];
    let sum = parts.into_iter().try_fold(nanos, |sum, (count, unit)| {
        count.checked_mul(unit.multiplier).and_then(|part| sum.checked_add(part))
    });
    sum.map(|nanos| if negative { -nanos } else { nanos }).ok_or_else(overflow)
}

/// Writes `[-][d.]hh:mm:ss[.fffffff]`.
pub(super) fn print(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = i128::from(nanos).unsigned_abs();
    let [second, minute, hour, day] = [S, MIN, H, D].map(|unit| u128::from(unit.multiplier.unsigned_abs()));
    let days = nanos / day;
    let (hours, minutes, seconds) = (nanos % day / hour, nanos % hour / minute, nanos % minute / second);
    let mut text = String::from(sign);
    if days > 0 {
        text += &format!("{days}.");
    }
    text += &format!("{hours:02}:{minutes:02}:{seconds:02}");
    if !nanos.is_multiple_of(second) {
        let fraction = format!("{:09}", nanos % second);
        text += &format!(".{}", fraction.trim_end_matches('0'));
    }
    text
}
