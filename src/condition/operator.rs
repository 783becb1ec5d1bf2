//! The operators on values that are known.

use std::cmp::Ordering;

use super::error::Fault;
use crate::model::Value;

/// The binary operators, `&&` and `||` apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
}

impl Operator {
    /// As it is written.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Remainder => "%",
            Operator::Equal => "==",
            Operator::Unequal => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::In => "in",
        }
    }
}

/// Why an operation on known values has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// It is not defined for "off" or for "no limit", so nothing is known.
    Unsure,
    /// It is wrong.
    Wrong(Fault),
}

impl From<Fault> for Gap {
    fn from(fault: Fault) -> Self {
        Gap::Wrong(fault)
    }
}

/// Arithmetic on two values that are not lists.
pub(super) fn arithmetic(operator: Operator, a: &Value, b: &Value) -> Result<Value, Gap> {
    use Value::*;
    if let (Unlimited | Off, _) | (_, Unlimited | Off) = (a, b) {
        return beyond_numbers(operator, a, b);
    }
    Ok(match (operator, a, b) {
        (Operator::Multiply, Duration(a), Double(k)) | (Operator::Multiply, Double(k), Duration(a)) => {
            Duration(scaled(*a, *k)?)
        }
        (Operator::Multiply, Size(a), Double(k)) | (Operator::Multiply, Double(k), Size(a)) => Size(scaled(*a, *k)?),
        (Operator::Divide, Duration(_) | Size(_), Double(0.0)) => return Err(Fault::DivisionByZero.into()),
        (Operator::Divide, Duration(a), Double(k)) => Duration(nearest(*a as f64 / k)?),
        (Operator::Divide, Size(a), Double(k)) => Size(nearest(*a as f64 / k)?),
        (Operator::Multiply, Duration(a), Int(k)) | (Operator::Multiply, Int(k), Duration(a)) => {
            Duration(integers(operator, *a, *k)?)
        }
        (Operator::Multiply, Size(a), Int(k)) | (Operator::Multiply, Int(k), Size(a)) => {
            Size(integers(operator, *a, *k)?)
        }
        (Operator::Divide, Duration(a), Int(k)) => Duration(integers(operator, *a, *k)?),
        (Operator::Divide, Size(a), Int(k)) => Size(integers(operator, *a, *k)?),
        (Operator::Divide, Duration(_), Duration(0)) | (Operator::Divide, Size(_), Size(0)) => {
            return Err(Fault::DivisionByZero.into());
        }
        (Operator::Divide, Duration(a), Duration(b)) | (Operator::Divide, Size(a), Size(b)) => {
            Double(*a as f64 / *b as f64)
        }
        (_, Int(a), Int(b)) => Int(integers(operator, *a, *b)?),
        (Operator::Add | Operator::Subtract, Duration(a), Duration(b)) => Duration(integers(operator, *a, *b)?),
        (Operator::Add | Operator::Subtract, Size(a), Size(b)) => Size(integers(operator, *a, *b)?),
        (Operator::Add, Double(a), Double(b)) => Double(a + b),
        (Operator::Subtract, Double(a), Double(b)) => Double(a - b),
        (Operator::Multiply, Double(a), Double(b)) => Double(a * b),
        (Operator::Divide, Double(a), Double(b)) => Double(a / b),
        (Operator::Add, Text(a), Text(b)) => Text([&**a, &**b].concat().into()),
        _ => return Err(Fault::NoOverload.into()),
    })
}

/// "No limit" plus, minus, or times something limited is still no limit; everything else is undecided.
fn beyond_numbers(operator: Operator, a: &Value, b: &Value) -> Result<Value, Gap> {
    let positive = |value: &Value| match value {
        Value::Int(value) | Value::Duration(value) | Value::Size(value) => *value > 0,
        Value::Double(value) => *value > 0.0,
        _ => false,
    };
    let limited = |value: &Value| !matches!(value, Value::Unlimited | Value::Off);
    let unlimited = match (operator, a, b) {
        (Operator::Add, Value::Unlimited, other) | (Operator::Add, other, Value::Unlimited) => limited(other),
        (Operator::Subtract, Value::Unlimited, other) => limited(other),
        (Operator::Multiply, Value::Unlimited, other) | (Operator::Multiply, other, Value::Unlimited) => {
            positive(other)
        }
        (Operator::Divide, Value::Unlimited, other) => positive(other),
        _ => false,
    };
    if unlimited { Ok(Value::Unlimited) } else { Err(Gap::Unsure) }
}

fn integers(operator: Operator, a: i64, b: i64) -> Result<i64, Fault> {
    match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide | Operator::Remainder if b == 0 => return Err(Fault::DivisionByZero),
        Operator::Divide => a.checked_div(b),
        Operator::Remainder => a.checked_rem(b),
        _ => return Err(Fault::NoOverload),
    }
    .ok_or(Fault::Overflow)
}

fn scaled(value: i64, factor: f64) -> Result<i64, Fault> {
    nearest(value as f64 * factor)
}

/// The nearest integer, halves away from zero.
pub(super) fn nearest(value: f64) -> Result<i64, Fault> {
    truncated(value.round())
}

/// The integer towards zero. CEL leaves out -2^63 on purpose: it may stand for anything a double rounds to it.
pub(super) fn truncated(value: f64) -> Result<i64, Fault> {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    // NaN compares false
    if -TWO_TO_63 < value && value < TWO_TO_63 { Ok(value as i64) } else { Err(Fault::Overflow) }
}

/// The order of two values; `None` if one is not a number at all, so that every comparison is false.
pub(super) fn order(a: &Value, b: &Value) -> Result<Option<Ordering>, Gap> {
    match (a.compare(b), a, b) {
        (Some(order), ..) => Ok(Some(order)),
        (None, Value::Off, _) | (None, _, Value::Off) => Err(Gap::Unsure),
        (None, Value::Int(_) | Value::Double(_), Value::Int(_) | Value::Double(_) | Value::Unlimited)
        | (None, Value::Unlimited, Value::Double(_)) => Ok(None),
        _ => Err(Fault::NoOverload.into()),
    }
}
