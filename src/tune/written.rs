//! Values as Postgres writes them.

use crate::model::Value;
use crate::quantity::{Grammar, Quantity, Unit, print};

const SIZES: [(i64, &str); 4] = [(1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")];
/// A value for `postgresql.conf`, without quotes, in the largest unit that loses nothing; `None` for what no parameter holds.
pub(super) fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(true) => "on".into(),
        Value::Bool(false) => "off".into(),
        Value::Int(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Size(bytes) => print(Quantity::Size(*bytes), Grammar::Postgres, Unit::Kilobyte, None)?,
        Value::Duration(nanos) => print(Quantity::Duration(*nanos), Grammar::Postgres, Unit::Millisecond, None)?,
        Value::List(_) | Value::Unlimited | Value::Off => return None,
    })
}

/// The same for people: sizes that no large unit holds whole are rounded.
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Size(bytes) if bytes % 1024 != 0 => Some(size(*bytes)),
        _ => written(value),
    }
}

/// Bytes for people: in the largest unit of which there is one, with at most one decimal.
pub fn size(bytes: i64) -> String {
    let (unit, name) = SIZES.into_iter().find(|(unit, _)| bytes >= *unit).unwrap_or((1, "B"));
    let tenths = (i128::from(bytes) * 10 + i128::from(unit) / 2) / i128::from(unit);
    if tenths % 10 == 0 { format!("{} {name}", tenths / 10) } else { format!("{}.{} {name}", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::{size, written};
    use crate::model::{SECOND, Value};

    #[test]
    fn the_largest_unit_that_loses_nothing() {
        for (value, expected) in [
            (Value::Size(4 << 30), "4GB"),
            (Value::Size((4 << 20) + (64 << 10)), "4160kB"),
            (Value::Size(1 << 40), "1TB"),
            (Value::Duration(900 * SECOND), "15min"),
            (Value::Duration(10 * SECOND), "10s"),
            (Value::Double(2.0), "2"),
            (Value::Double(0.05), "0.05"),
            (Value::Bool(false), "off"),
        ] {
            assert_eq!(written(&value).as_deref(), Some(expected));
        }
        assert_eq!(written(&Value::Unlimited), None);
        assert_eq!(size(1536 << 20), "1.5 GB");
        assert_eq!(size(16 << 30), "16 GB");
    }
}
