//! The operators on intervals: an answer only where it holds for every value inside.

use std::cmp::Ordering;

use super::error::Fault;
use super::item::State;
use super::operator::{Gap, Operator, arithmetic, order};
use crate::model::Value;

/// A value or an interval: its least and its greatest possible value.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'a> {
    low: Option<&'a Value>,
    high: Option<&'a Value>,
}

impl<'a> Bounds<'a> {
    /// The bounds of what has some.
    pub(super) fn of(state: &'a State) -> Option<Bounds<'a>> {
        match state {
            State::Known(value) => Some(Bounds::exactly(value)),
            State::Between(ends) => Some(Bounds { low: ends.0.as_ref(), high: ends.1.as_ref() }),
            _ => None,
        }
    }

    /// A single value.
    pub(super) fn exactly(value: &'a Value) -> Self {
        Bounds { low: Some(value), high: Some(value) }
    }

    /// The single value it is.
    fn single(self) -> Option<&'a Value> {
        self.low.filter(|low| self.high.is_some_and(|high| std::ptr::eq(*low, high)))
    }

    /// Whether all of it compares to `zero` as `wanted` says.
    pub(super) fn is_above(self, strictly: bool) -> bool {
        self.low.is_some_and(|low| match low {
            Value::Int(low) | Value::Duration(low) | Value::Size(low) => *low > 0 || (*low == 0 && !strictly),
            Value::Double(low) => *low > 0.0 || (*low == 0.0 && !strictly),
            Value::Unlimited => true,
            _ => false,
        })
    }
}

/// `a` compared with `b`; `None` where it depends on where in the intervals they are.
pub(super) fn compare(operator: Operator, a: Bounds<'_>, b: Bounds<'_>) -> Result<Option<bool>, Gap> {
    match operator {
        Operator::Greater => return compare(Operator::Less, b, a),
        Operator::GreaterOrEqual => return compare(Operator::LessOrEqual, b, a),
        _ => {}
    }
    let strict = operator == Operator::Less;
    if let (Some(a), Some(b)) = (a.single(), b.single()) {
        let order = order(a, b)?;
        return Ok(Some(order.is_some_and(|order| order.is_lt() || (!strict && order.is_eq()))));
    }
    if is_nan(a) || is_nan(b) {
        return Ok(Some(false));
    }
    let holds = before(a.high, b.low, strict)?;
    let fails = before(b.high, a.low, !strict)?;
    Ok(if holds {
        Some(true)
    } else if fails {
        Some(false)
    } else {
        None
    })
}

/// Whether `a` and `b` are equal; `None` where it depends on where in the intervals they are. Unlike values are unequal.
pub(super) fn equal(a: Bounds<'_>, b: Bounds<'_>) -> Option<bool> {
    // unlike values, or one that is off, are apart: an interval never is off
    let apart = |a, b| before(a, b, true).unwrap_or(true);
    match (a.single(), b.single()) {
        (Some(a), Some(b)) => Some(match (a, b) {
            (Value::Off, Value::Off) => true,
            _ => a.compare(b) == Some(Ordering::Equal),
        }),
        _ if is_nan(a) || is_nan(b) || apart(a.high, b.low) || apart(b.high, a.low) => Some(false),
        _ => None,
    }
}

fn is_nan(bounds: Bounds<'_>) -> bool {
    matches!(bounds.single(), Some(Value::Double(value)) if value.is_nan())
}

/// Whether the upper end `high` certainly lies before the lower end `low`, or also on it if not `strict`.
fn before(high: Option<&Value>, low: Option<&Value>, strict: bool) -> Result<bool, Gap> {
    match (high, low) {
        (Some(high), Some(low)) => {
            Ok(order(high, low)?.is_some_and(|order| order.is_lt() || (!strict && order.is_eq())))
        }
        // "no limit" is the one value nothing lies above
        (None, Some(Value::Unlimited)) => Ok(!strict),
        _ => Ok(false),
    }
}

/// Arithmetic on intervals, where the result is one: sums, differences, and products and quotients that keep the order.
pub(super) fn combine(operator: Operator, a: Bounds<'_>, b: Bounds<'_>) -> Result<State, Gap> {
    if let (Some(a), Some(b)) = (a.single(), b.single()) {
        return arithmetic(operator, a, b).map(State::Known);
    }
    let ends = match operator {
        Operator::Add => (end(operator, a.low, b.low)?, end(operator, a.high, b.high)?),
        Operator::Subtract => (end(operator, a.low, b.high)?, end(operator, a.high, b.low)?),
        Operator::Multiply if a.is_above(false) && b.is_above(false) => {
            (end(operator, a.low, b.low)?, end(operator, a.high, b.high)?)
        }
        Operator::Multiply if b.single().is_some() && b.is_above(false) => {
            (end(operator, a.low, b.low)?, end(operator, a.high, b.low)?)
        }
        Operator::Multiply if a.single().is_some() && a.is_above(false) => {
            (end(operator, a.low, b.low)?, end(operator, a.low, b.high)?)
        }
        Operator::Divide if a.is_above(false) && b.is_above(true) => {
            (end(operator, a.low, b.high)?, end(operator, a.high, b.low)?)
        }
        Operator::Divide if b.single().is_some() && b.is_above(true) => {
            (end(operator, a.low, b.low)?, end(operator, a.high, b.low)?)
        }
        _ => return Err(Gap::Unsure),
    };
    Ok(State::between(ends.0, ends.1))
}

/// One end of a result: open if an end it comes from is open, or if it does not fit.
fn end(operator: Operator, a: Option<&Value>, b: Option<&Value>) -> Result<Option<Value>, Gap> {
    let (Some(a), Some(b)) = (a, b) else { return Ok(None) };
    match arithmetic(operator, a, b) {
        Ok(Value::Double(value)) if value.is_nan() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(Gap::Wrong(Fault::NoOverload)) => Err(Fault::NoOverload.into()),
        Err(_) => Ok(None),
    }
}

/// The least (or the greatest) of two values or intervals.
pub(super) fn extreme(greatest: bool, a: Bounds<'_>, b: Bounds<'_>) -> Result<State, Gap> {
    let pick = |a: &Value, b: &Value| -> Result<Value, Gap> {
        let a_is_less = order(a, b)?.is_some_and(Ordering::is_le);
        Ok(if a_is_less == greatest { b.clone() } else { a.clone() })
    };
    if let (Some(a), Some(b)) = (a.single(), b.single()) {
        return pick(a, b).map(State::Known);
    }
    // an open end on the far side decides, one on the near side leaves it to the other
    let end = |a: Option<&Value>, b: Option<&Value>, open_decides: bool| match (a, b) {
        (Some(a), Some(b)) => pick(a, b).map(Some),
        (None, None) => Ok(None),
        (Some(end), None) | (None, Some(end)) => Ok((!open_decides).then(|| end.clone())),
    };
    Ok(State::between(end(a.low, b.low, !greatest)?, end(a.high, b.high, greatest)?))
}
