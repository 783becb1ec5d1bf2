//! Counts that are known, or known to lie between two numbers.

use crate::model::{Effective, Resource, Value};

/// How many: at least `low`, at most `high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) low: i64,
    /// `None` where there is no limit, or none is known.
    pub(super) high: Option<i64>,
}

impl Count {
    /// Exactly `number`.
    pub(super) fn exactly(number: i64) -> Count {
        Count { low: number, high: Some(number) }
    }

    /// At least `number`.
    pub(super) fn at_least(number: i64) -> Count {
        Count { low: number, high: None }
    }

    /// What `resource` says of `attribute`; `None` where that is nothing, or no count.
    pub(super) fn of(resource: &Resource, attribute: &str) -> Option<Count> {
        let int = |value: &Value| match value {
            Value::Int(number) if *number >= 0 => Some(*number),
            _ => None,
        };
        match &resource.attribute(attribute)?.effective {
            Effective::Known(Value::Unlimited) => Some(Count::at_least(0)),
            Effective::Known(value) => int(value).map(Count::exactly),
            Effective::Between(low, high) => {
                Some(Count { low: low.as_ref().and_then(int).unwrap_or(0), high: high.as_ref().and_then(int) })
            }
            Effective::Unknown(_) => None,
        }
    }

    pub(super) fn plus(self, other: Count) -> Count {
        let high = self.high.zip(other.high).and_then(|(a, b)| a.checked_add(b));
        Count { low: self.low.saturating_add(other.low), high }
    }

    pub(super) fn times(self, other: Count) -> Count {
        let high = self.high.zip(other.high).and_then(|(a, b)| a.checked_mul(b));
        Count { low: self.low.saturating_mul(other.low), high }
    }

    /// The lesser of the two.
    pub(super) fn at_most(self, other: Count) -> Count {
        let high = match (self.high, other.high) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        };
        Count { low: self.low.min(other.low), high }
    }

    /// As a value of the model.
    pub(super) fn effective(self) -> Effective {
        match self.high {
            Some(high) if high == self.low => Effective::Known(Value::Int(self.low)),
            high => Effective::Between(Some(Value::Int(self.low)), high.map(Value::Int)),
        }
    }

    /// As a factor of a product: `4`, `at least 4`, `4 to 8`.
    pub(super) fn text(self) -> String {
        match self.high {
            Some(high) if high == self.low => high.to_string(),
            Some(high) => format!("{} to {high}", self.low),
            None => format!("{} or more", self.low),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn bounds_go_through_arithmetic() {
        let open = Count::at_least(2);
        assert_eq!(open.times(Count::exactly(20)), Count::at_least(40));
        assert_eq!(open.plus(Count::exactly(1)), Count::at_least(3));
        assert_eq!(open.at_most(Count::exactly(5)), Count { low: 2, high: Some(5) });
        assert_eq!(Count::exactly(i64::MAX).times(Count::exactly(2)), Count::at_least(i64::MAX));
    }
}
