//! What an attribute can be, and how sure we are of it.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A typed value. Durations and sizes carry no unit: they are nanoseconds and bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// A switch.
    Bool(bool),
    /// A count.
    Int(i64),
    /// A ratio, a factor, a rate.
    Double(f64),
    /// Text, an enum's word, a name.
    Text(Arc<str>),
    /// Nanoseconds.
    Duration(i64),
    /// Bytes.
    Size(i64),
    /// Several values.
    List(Arc<[Value]>),
    /// "No limit", said on purpose: greater than every number.
    Unlimited,
    /// "Switched off", where that is not a number: incomparable.
    Off,
}

/// What is known of a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Effective {
    /// Exactly this.
    Known(Value),
    /// Between two values of one type, both possible; `None` is an open end.
    Between(Option<Value>, Option<Value>),
    /// Not known, and why.
    Unknown(Why),
}

/// Why a value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Why {
    /// Nothing sets it and no default is certain.
    NotSet,
    /// The default depends on the product's version, which is not pinned.
    Version,
    /// It comes from a variable without a value here.
    Interpolated,
    /// It stands in a template.
    Template,
    /// A bare number whose unit cannot be told.
    Unit,
    /// It could not be read.
    Unreadable,
    /// It needs something only a running system or another file can tell.
    OutOfSight,
    /// Layers disagree and their order is not known.
    Ambiguous,
}

impl Why {
    /// One sentence for a person.
    pub fn sentence(self) -> &'static str {
        match self {
            Why::NotSet => "nothing sets it, and no default is certain",
            Why::Version => "its default depends on the version, which is not pinned",
            Why::Interpolated => "it comes from a variable that has no value here",
            Why::Template => "it stands in a template",
            Why::Unit => "the unit of the bare number cannot be told",
            Why::Unreadable => "it could not be read",
            Why::OutOfSight => "it is decided outside the files read",
            Why::Ambiguous => "several places set it, and which one wins cannot be told",
        }
    }
}

/// The type of an attribute, as the vocabulary and the tables declare it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// [`Value::Bool`]
    Bool,
    /// [`Value::Int`]
    Int,
    /// [`Value::Double`]
    Double,
    /// [`Value::Text`]
    Text,
    /// [`Value::Duration`]
    Duration,
    /// [`Value::Size`]
    Size,
    /// [`Value::List`]
    List,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Double => "double",
            Type::Text => "text",
            Type::Duration => "duration",
            Type::Size => "size",
            Type::List => "list",
        })
    }
}

/// Nanoseconds in a second.
pub const SECOND: i64 = 1_000_000_000;

impl Value {
    /// Text.
    pub fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    /// The order of two values of one type, numbers compared as numbers; `None` where there is none.
    /// [`Value::Unlimited`] is above every number, duration and size, and equal to itself.
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        use Value::*;
        match (self, other) {
            (Bool(a), Bool(b)) => Some(a.cmp(b)),
            (Int(a), Int(b)) | (Duration(a), Duration(b)) | (Size(a), Size(b)) => Some(a.cmp(b)),
            (Double(a), Double(b)) => a.partial_cmp(b),
            (Int(a), Double(b)) => compare_exactly(*a, *b),
            (Double(a), Int(b)) => compare_exactly(*b, *a).map(Ordering::reverse),
            (Text(a), Text(b)) => Some(a.cmp(b)),
            (Unlimited, Unlimited) => Some(Ordering::Equal),
            (Unlimited, Int(_) | Double(_) | Duration(_) | Size(_)) => Some(Ordering::Greater),
            (Int(_) | Double(_) | Duration(_) | Size(_), Unlimited) => Some(Ordering::Less),
            _ => None,
        }
    }
}

/// The order of an integer and a float as numbers: `i64::MAX` is less than 2^63, which a cast to `f64` would call equal.
fn compare_exactly(int: i64, double: f64) -> Option<Ordering> {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    if double.is_nan() {
        None
    } else if double >= TWO_TO_63 {
        Some(Ordering::Less)
    } else if double < -TWO_TO_63 {
        Some(Ordering::Greater)
    } else {
        // in range, so the cast only drops the fraction
        let whole = double as i64;
        Some(int.cmp(&whole).then_with(|| whole_to_fraction(double)))
    }
}

/// How a float without its fraction compares to the float itself.
fn whole_to_fraction(double: f64) -> Ordering {
    double.trunc().partial_cmp(&double).unwrap_or(Ordering::Equal)
}

impl fmt::Display for Value {
    /// As a message prints it: `30 s`, `128 MiB`, `4`, `off`. Exact: what does not divide is printed in the smaller unit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{}", grouped(*value)),
            Value::Double(value) => write!(f, "{value}"),
            Value::Text(value) => f.write_str(value),
            Value::Duration(value) => f.write_str(&duration_text(*value)),
            Value::Size(value) => f.write_str(&size_text(*value)),
            Value::List(values) => {
                for (i, value) in values.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{value}")?;
                }
                Ok(())
            }
            Value::Unlimited => f.write_str("no limit"),
            Value::Off => f.write_str("off"),
        }
    }
}

/// An integer with a comma between thousands from 10,000 on.
fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    if digits.len() < 5 {
        return value.to_string();
    }
    let mut text = String::from(if value < 0 { "-" } else { "" });
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `90 s`, `30 min`, `250 ms`: the largest unit that divides; seconds up to two minutes.
fn duration_text(nanos: i64) -> String {
    const UNITS: [(i64, &str); 7] = [
        (86_400 * SECOND, "days"),
        (3_600 * SECOND, "h"),
        (60 * SECOND, "min"),
        (SECOND, "s"),
        (1_000_000, "ms"),
        (1_000, "µs"),
        (1, "ns"),
    ];
    if nanos == 0 {
        return "0 s".into();
    }
    for (size, unit) in UNITS {
        if nanos % size != 0 {
            continue;
        }
        let count = nanos / size;
        // 90 s reads better than "1.5 min", and 1 day is "24 h"
        if (size >= 60 * SECOND && count.abs() < 2) || (unit == "days" && count.abs() < 3) {
            continue;
        }
        return format!("{} {unit}", grouped(count));
    }
    unreachable!("every number of nanoseconds is divisible by one")
}

/// `128 MiB`, `4 kiB` …: the largest binary unit that divides.
fn size_text(bytes: i64) -> String {
    for (shift, unit) in [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "kiB")] {
        if bytes != 0 && bytes % (1i64 << shift) == 0 {
            return format!("{} {unit}", grouped(bytes >> shift));
        }
    }
    format!("{} B", grouped(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_print_as_people_write_them() {
        for (value, text) in [
            (Value::Duration(300 * SECOND), "5 min"),
            (Value::Duration(90 * SECOND), "90 s"),
            (Value::Duration(60 * SECOND), "60 s"),
            (Value::Duration(1_500_000_000), "1,500 ms".replace(',', "").as_str()),
            (Value::Duration(0), "0 s"),
            (Value::Duration(86_400 * SECOND), "24 h"),
            (Value::Size(128 << 20), "128 MiB"),
            (Value::Size(8000), "8000 B"),
            (Value::Int(10_000), "10,000"),
            (Value::Int(-1), "-1"),
        ] {
            assert_eq!(value.to_string(), text);
        }
    }

    #[test]
    fn unlimited_is_above_every_number() {
        assert_eq!(Value::Unlimited.compare(&Value::Duration(i64::MAX)), Some(Ordering::Greater));
        assert_eq!(Value::Off.compare(&Value::Int(0)), None);
    }

    #[test]
    fn integers_and_floats_compare_as_numbers() {
        for (int, double, order) in [
            (i64::MAX, 9_223_372_036_854_775_808.0, Some(Ordering::Less)),
            (i64::MIN, -9_223_372_036_854_775_808.0, Some(Ordering::Equal)),
            ((1 << 53) + 1, (1i64 << 53) as f64, Some(Ordering::Greater)),
            (1, 1.5, Some(Ordering::Less)),
            (-1, -1.5, Some(Ordering::Greater)),
            (0, -0.0, Some(Ordering::Equal)),
            (0, f64::NEG_INFINITY, Some(Ordering::Greater)),
            (0, f64::NAN, None),
        ] {
            assert_eq!(Value::Int(int).compare(&Value::Double(double)), order, "{int} {double}");
            assert_eq!(Value::Double(double).compare(&Value::Int(int)), order.map(Ordering::reverse));
        }
    }
}
