//! The functions, and what they do with values that are known.

use super::error::Fault;
use super::literal;
use super::operator::{Gap, nearest, truncated};
use crate::model::Value;

/// The functions; `has`, `declared` and the loops are not among them, their arguments are not values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    /// Elements of a list, characters of a text.
    Size,
    /// Whether a text begins with another.
    StartsWith,
    /// Whether a text ends with another.
    EndsWith,
    /// Whether a text contains another.
    Contains,
    /// The least of its arguments, or of a list.
    Min,
    /// The greatest of its arguments, or of a list.
    Max,
    /// Without its sign.
    Abs,
    /// As an integer, fractions dropped.
    Int,
    /// As a double.
    Double,
    /// As a text.
    Text,
    /// The duration a text stands for.
    Duration,
    /// The size a text stands for.
    Quantity,
    /// Whether it is "no limit".
    Unlimited,
    /// Whether it is "off".
    Off,
    /// Whether it may be true.
    Possibly,
    /// The nearest integer.
    Round,
}

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// `f(x)`
    Global,
    /// `x.f()`
    Method,
}

impl Function {
    /// All of them with their names.
    pub(super) const NAMES: [(&'static str, Function); 16] = [
        ("size", Function::Size),
        ("startsWith", Function::StartsWith),
        ("endsWith", Function::EndsWith),
        ("contains", Function::Contains),
        ("min", Function::Min),
        ("max", Function::Max),
        ("abs", Function::Abs),
        ("int", Function::Int),
        ("double", Function::Double),
        ("string", Function::Text),
        ("duration", Function::Duration),
        ("quantity", Function::Quantity),
        ("unlimited", Function::Unlimited),
        ("off", Function::Off),
        ("possibly", Function::Possibly),
        ("round", Function::Round),
    ];

    /// Whether it may be called that way.
    pub(super) fn allows(self, call: Call) -> bool {
        match self {
            Function::Size => true,
            Function::StartsWith | Function::EndsWith | Function::Contains => call == Call::Method,
            _ => call == Call::Global,
        }
    }

    /// How many arguments it takes, the one before the dot included: at least and at most.
    pub(super) fn arity(self) -> (usize, usize) {
        match self {
            Function::Min | Function::Max => (1, usize::MAX),
            Function::StartsWith | Function::EndsWith | Function::Contains => (2, 2),
            _ => (1, 1),
        }
    }

    /// Whether it keeps the order of numbers, so that an interval becomes the interval of its ends' results.
    pub(super) fn keeps_order(self) -> bool {
        matches!(self, Function::Int | Function::Double | Function::Round)
    }

    /// Its result for one value.
    pub(super) fn of_one(self, value: &Value) -> Result<Value, Gap> {
        use Value::{Bool, Double, Duration, Int, List, Off, Size, Text, Unlimited};
        match (self, value) {
            (Function::Unlimited, value) => return Ok(Bool(matches!(value, Unlimited))),
            (Function::Off, value) => return Ok(Bool(matches!(value, Off))),
            (Function::Int | Function::Double | Function::Round | Function::Abs, Unlimited) => return Ok(Unlimited),
            (_, Unlimited | Off) => return Err(Gap::Unsure),
            _ => {}
        }
        Ok(match (self, value) {
            (Function::Size, Text(text)) => Int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)),
            (Function::Size, List(values)) => Int(i64::try_from(values.len()).unwrap_or(i64::MAX)),
            (Function::Abs, Int(value)) => Int(value.checked_abs().ok_or(Fault::Overflow)?),
            (Function::Abs, Duration(value)) => Duration(value.checked_abs().ok_or(Fault::Overflow)?),
            (Function::Abs, Size(value)) => Size(value.checked_abs().ok_or(Fault::Overflow)?),
            (Function::Abs, Double(value)) => Double(value.abs()),
            (Function::Int | Function::Round, Int(value)) => Int(*value),
            (Function::Int, Double(value)) => Int(truncated(*value)?),
            (Function::Int, Text(text)) => Int(text.parse().map_err(|_| Fault::NotANumber)?),
            (Function::Round, Double(value)) => Int(nearest(*value)?),
            (Function::Double, Int(value)) => Double(*value as f64),
            (Function::Double, Double(value)) => Double(*value),
            (Function::Double, Text(text)) => Double(text.parse().map_err(|_| Fault::NotANumber)?),
            (Function::Text, Text(text)) => Text(text.clone()),
            (Function::Text, Int(value)) => Text(value.to_string().into()),
            (Function::Text, Double(value)) => Text(value.to_string().into()),
            (Function::Text, Bool(value)) => Text(value.to_string().into()),
            (Function::Duration, Duration(value)) => Duration(*value),
            (Function::Duration, Text(text)) => Duration(literal::duration(text).ok_or(Fault::NotADuration)?),
            (Function::Quantity, Size(value)) => Size(*value),
            (Function::Quantity, Text(text)) => Size(literal::quantity(text).ok_or(Fault::NotAQuantity)?),
            _ => return Err(Fault::NoOverload.into()),
        })
    }

    /// Its result for two texts.
    pub(super) fn of_two(self, a: &Value, b: &Value) -> Result<Value, Gap> {
        match (self, a, b) {
            (_, Value::Unlimited | Value::Off, _) | (_, _, Value::Unlimited | Value::Off) => Err(Gap::Unsure),
            (Function::StartsWith, Value::Text(a), Value::Text(b)) => Ok(Value::Bool(a.starts_with(&**b))),
            (Function::EndsWith, Value::Text(a), Value::Text(b)) => Ok(Value::Bool(a.ends_with(&**b))),
            (Function::Contains, Value::Text(a), Value::Text(b)) => Ok(Value::Bool(a.contains(&**b))),
            _ => Err(Fault::NoOverload.into()),
        }
    }
}

/// `-value`
pub(super) fn negated(value: &Value) -> Result<Value, Gap> {
    Ok(match value {
        Value::Int(value) => Value::Int(value.checked_neg().ok_or(Fault::Overflow)?),
        Value::Duration(value) => Value::Duration(value.checked_neg().ok_or(Fault::Overflow)?),
        Value::Double(value) => Value::Double(-value),
        Value::Unlimited | Value::Off => return Err(Gap::Unsure),
        _ => return Err(Fault::NoOverload.into()),
    })
}
