//! Durations, sizes, counts, ratios and switches, in the notation of each product; and back into text.
//!
//! In: a text, its [`Grammar`], what is [`Wanted`], the [`Unit`] of a bare number. Out: a [`Quantity`] in nanoseconds or
//! bytes, or a [`QuantityError`] that says what to write instead. [`print()`] is the way back, in the style of the old text.
//!
//! ```ignore
//! parse("1.5min", Grammar::Postgres, Wanted::Duration, Unit::Millisecond)?.quantity  // Duration(90_000_000_000)
//! parse("30", Grammar::Spring, Wanted::Duration, Unit::Millisecond)?.quantity        // Duration(30_000_000)
//! print(Quantity::Size(1 << 30), Grammar::Kubernetes, Unit::Byte, Some("512Mi"))     // Some("1024Mi")
//! ```
//!
//! The build script compiles this module too: it depends on nothing else in this crate.

mod clock;
mod decimal;
mod error;
mod iso8601;
mod notation;
pub mod postgres;
mod print;
mod switch;
#[cfg(test)]
mod tests;
mod unit;
mod units;

use serde::{Deserialize, Serialize};

pub use error::{ErrorKind, QuantityError};
pub use print::print;
pub use unit::{Dimension, Unit};

use decimal::{Decimal, Digits};
use notation::Reading;
use unit::Factor;
use units::Target;

/// How a product writes quantities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grammar {
    /// A bare number: `30`, `0.5`, `1e3`.
    Plain,
    /// A Postgres parameter: `30s`, `1.5min`, `64MB`; see [`postgres`].
    Postgres,
    /// Go's `time.ParseDuration`: `1m30s`; no bare numbers but `0`.
    Go,
    /// The Gateway API's durations (GEP-2257): `1h30m`, whole numbers, milliseconds at the least, a unit behind each.
    #[serde(rename = "gep-2257")]
    Gep2257,
    /// Linkerd's annotations: one whole number with its unit, `500ms`; no bare numbers but `0`.
    Linkerd,
    /// Spring's `Duration` and `DataSize`: `10s`, `PT10S`, `10MB`, bare numbers.
    Spring,
    /// ISO 8601: `PT30S`, `P1D`.
    Iso8601,
    /// Kubernetes: `128Mi`, `500m`, `1e3`; durations as in Go, or bare.
    Kubernetes,
    /// Compose files: sizes `512m`, `64mb`, 1024-based; durations as in Go, with days and weeks.
    Docker,
    /// pgbouncer.ini: counts and switches as [`Grammar::Strtol`] reads them, times as plain numbers.
    #[serde(rename = "pgbouncer")]
    PgBouncer,
    /// C's `strtol` with base 0: whole numbers, also octal and hexadecimal, whatever they count; as a switch, all but 0 is on.
    Strtol,
    /// libpq's connection parameters: whole decimal numbers, blanks around them allowed.
    Libpq,
    /// In-house files: `30 seconds`, `5 min`, `00:00:30`, `PT30S`, `64KB`, `20%`.
    Human,
    /// .NET's `TimeSpan`: `00:00:30`, `1.12:00:00`; a bare number is days.
    #[serde(rename = "timespan")]
    TimeSpan,
    /// nginx: `1m 30s`, `10m`, `8k`.
    Nginx,
    /// HAProxy: `30s`, `64k`.
    Haproxy,
    /// Prometheus: `1h30m`, `15d`, `512MB`; no bare numbers but `0`.
    Prometheus,
    /// Protocol buffers' JSON durations (Envoy, gRPC): `0.25s`, seconds only.
    Protobuf,
    /// redis.conf: `1k` is 1000 bytes, `1kb` is 1024.
    Redis,
    /// Elasticsearch and OpenSearch: `30s`, `500micros`, `512mb`.
    Elasticsearch,
}

/// What a text is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// A time, in nanoseconds.
    Duration,
    /// Bytes.
    Size,
    /// A whole number.
    Int,
    /// A ratio, a factor, a rate.
    Float,
    /// A switch.
    Bool,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Quantity {
    /// Nanoseconds.
    Duration(i64),
    /// Bytes.
    Size(i64),
    /// A whole number.
    Int(i64),
    /// A ratio, a factor, a rate.
    Float(f64),
    /// A switch.
    Bool(bool),
}

/// A text understood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parsed {
    /// What the product makes of it.
    pub quantity: Quantity,
    /// The unit was written, not assumed.
    pub explicit_unit: bool,
    /// The exact value, in the same unit as `quantity`, where the product rounds it: `500us` to 0 ms in Postgres.
    pub rounded: Option<f64>,
    /// The digits were octal, and another number than they are in decimal.
    pub octal: bool,
}

/// Reads `text` as a product with this grammar does. `bare` is the unit of a number without one; where it measures
/// something else than what is wanted, a bare number is an error.
pub fn parse(text: &str, grammar: Grammar, wanted: Wanted, bare: Unit) -> Result<Parsed, QuantityError> {
    let unitless = |quantity| Parsed { quantity, explicit_unit: false, rounded: None, octal: false };
    match (grammar, wanted) {
        (Grammar::Postgres, _) => postgres_value(text, wanted, bare),
        (Grammar::PgBouncer | Grammar::Strtol, Wanted::Bool) => {
            Ok(unitless(Quantity::Bool(postgres::number::whole(text)?.0 != 0)))
        }
        (Grammar::Libpq, Wanted::Bool) => match parse(text, grammar, Wanted::Int, Unit::Count)?.quantity {
            Quantity::Int(value) => Ok(unitless(Quantity::Bool(value != 0))),
            other => Ok(unitless(other)),
        },
        (_, Wanted::Bool) => switch::parse(text, grammar).map(|value| unitless(Quantity::Bool(value))),
        (_, Wanted::Float) => float(text, grammar, bare),
        (Grammar::PgBouncer, Wanted::Int | Wanted::Size) | (Grammar::Strtol, _) => {
            let (value, octal) = postgres::number::whole(text)?;
            let value = value.checked_mul(unit_of(bare, wanted)?.multiplier);
            let value = value.ok_or_else(|| QuantityError::new(ErrorKind::Overflow, 0))?;
            let quantity = match wanted {
                Wanted::Duration => Quantity::Duration(value),
                Wanted::Size => Quantity::Size(value),
                _ => Quantity::Int(value),
            };
            Ok(Parsed { octal, ..unitless(quantity) })
        }
        // C's `strtod` reads hexadecimal numbers too
        (Grammar::PgBouncer, Wanted::Duration) if text.contains(['x', 'X']) => {
            let value = postgres::number::real(text, None)?.value * unit_of(bare, wanted)?.value();
            let value = nearest(value).ok_or_else(|| QuantityError::new(ErrorKind::Overflow, 0))?;
            Ok(unitless(Quantity::Duration(value)))
        }
        (_, Wanted::Int) => {
            let reading = number(text, grammar, Target::Number, bare)?;
            match reading.before_rounding {
                Some(_) => Err(QuantityError::new(ErrorKind::NotWhole, 0)),
                None => Ok(parsed(reading, Quantity::Int)),
            }
        }
        (_, Wanted::Size) => Ok(parsed(number(text, grammar, Target::Size, bare)?, Quantity::Size)),
        (_, Wanted::Duration) => duration(text, grammar, bare),
    }
}

/// The unit of a bare number, where it measures what is wanted.
fn unit_of(bare: Unit, wanted: Wanted) -> Result<Factor, QuantityError> {
    let missing = || QuantityError::new(ErrorKind::UnitMissing { known: Vec::new() }, 0);
    Some(bare).filter(|bare| bare.dimension() == dimension(wanted)).map(Unit::factor).ok_or_else(missing)
}

fn dimension(wanted: Wanted) -> Dimension {
    match wanted {
        Wanted::Duration => Dimension::Time,
        Wanted::Size => Dimension::Size,
        _ => Dimension::Number,
    }
}

fn parsed(reading: Reading, quantity: fn(i64) -> Quantity) -> Parsed {
    Parsed {
        quantity: quantity(reading.value),
        explicit_unit: reading.explicit_unit,
        rounded: reading.before_rounding,
        octal: false,
    }
}

fn number(text: &str, grammar: Grammar, target: Target, bare: Unit) -> Result<Reading, QuantityError> {
    let dimension = match target {
        Target::Duration => Dimension::Time,
        Target::Size => Dimension::Size,
        Target::Number => Dimension::Number,
    };
    let bare = Some(bare).filter(|bare| bare.dimension() == dimension).map(Unit::factor);
    units::notation(grammar, target).read(text, bare)
}

fn duration(text: &str, grammar: Grammar, bare: Unit) -> Result<Parsed, QuantityError> {
    let explicit =
        |nanos| Parsed { quantity: Quantity::Duration(nanos), explicit_unit: true, rounded: None, octal: false };
    let is_iso = matches!(grammar, Grammar::Spring | Grammar::Iso8601 | Grammar::Human) && iso8601::looks_like(text);
    if is_iso {
        let text = if grammar == Grammar::Human { text.trim() } else { text };
        return iso8601::parse(text, grammar != Grammar::Spring).map(explicit);
    }
    if matches!(grammar, Grammar::TimeSpan | Grammar::Human)
        && let Some(clock) = clock::parse(text)
    {
        return clock.map(explicit);
    }
    let bare = if grammar == Grammar::TimeSpan { Unit::Day } else { bare };
    Ok(parsed(number(text, grammar, Target::Duration, bare)?, Quantity::Duration))
}

/// A float: the number as the standard library reads it, times its unit.
fn float(text: &str, grammar: Grammar, bare: Unit) -> Result<Parsed, QuantityError> {
    // percent signs and suffixes first; what they say of the text holds for floats too
    let notation = units::notation(grammar, Target::Number);
    let bare = Some(bare).filter(|bare| bare.dimension() == Dimension::Number).unwrap_or(Unit::Count);
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    let digits_start = usize::from(trimmed.starts_with(['-', '+']));
    let unsigned = trimmed.get(digits_start..).unwrap_or_default();
    let scanned = Decimal::scan(unsigned, Digits::Exponent.max(notation.digits));
    let Some((_, length)) = scanned else {
        let kind = match trimmed.is_empty() {
            true => ErrorKind::Empty,
            false => ErrorKind::NotANumber { expected: notation.expected },
        };
        return Err(QuantityError::new(kind, start));
    };
    let (digits, word) = unsigned.split_at(length);
    let value: f64 = digits.replace('_', "").parse().unwrap_or(f64::INFINITY);
    let factor = notation.factor(word.trim_start(), start + digits_start + length)?;
    let value = value * factor.unwrap_or(bare.factor()).value();
    if !value.is_finite() {
        return Err(QuantityError::new(ErrorKind::Overflow, start));
    }
    let value = if trimmed.starts_with('-') { -value } else { value };
    Ok(Parsed { quantity: Quantity::Float(value), explicit_unit: factor.is_some(), rounded: None, octal: false })
}

fn postgres_value(text: &str, wanted: Wanted, bare: Unit) -> Result<Parsed, QuantityError> {
    let overflow = || QuantityError::new(ErrorKind::Overflow, 0);
    let expected = dimension(wanted);
    let unit = Some(bare).filter(|bare| bare.dimension() == expected && expected != Dimension::Number);
    let factor = unit.map_or(unit::ONE, Unit::factor);
    if wanted == Wanted::Bool {
        let value = postgres::switch(text);
        let value = value.ok_or_else(|| QuantityError::new(ErrorKind::NotABool { known: "on or off" }, 0))?;
        return Ok(Parsed { quantity: Quantity::Bool(value), explicit_unit: false, rounded: None, octal: false });
    }
    let number = match wanted {
        Wanted::Float => postgres::number::real(text, None)?,
        _ => postgres::number::integer(text, unit)?,
    };
    let in_base = || in_base(number.value, factor).ok_or_else(overflow);
    let quantity = match wanted {
        Wanted::Float if number.value.is_finite() => Quantity::Float(number.value),
        Wanted::Float => return Err(overflow()),
        Wanted::Duration => Quantity::Duration(in_base()?),
        Wanted::Size => Quantity::Size(in_base()?),
        _ => Quantity::Int(in_base()?),
    };
    let rounded = (number.exact != number.value).then_some(number.exact * factor.value());
    Ok(Parsed { quantity, explicit_unit: number.explicit_unit, rounded, octal: number.octal })
}

fn in_base(value: f64, factor: Factor) -> Option<i64> {
    nearest(value).and_then(|value| value.checked_mul(factor.multiplier))
}

/// The whole number nearest to a float, when 64 bits hold it.
fn nearest(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let value = value.round_ties_even();
    // the cast is exact: the value is whole and in range
    (-LIMIT..LIMIT).contains(&value).then_some(value as i64)
}
