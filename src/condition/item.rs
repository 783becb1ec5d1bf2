//! What an expression evaluates to: a value, an interval, a list of these, not known, or wrong.

use std::rc::Rc;

use super::error::Fault;
use super::program::{NodeId, ReferenceSet};
use crate::model::{Effective, Value};

/// The result of one node.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// What is known.
    pub(super) state: State,
    /// The references it depends on; of an unknown one, those that make it unknown.
    pub(super) references: ReferenceSet,
}

/// What is known of a result.
#[derive(Debug, Clone)]
pub(super) enum State {
    /// Exactly this.
    Known(Value),
    /// Between two values; `None` is an open end, which may also be "no limit".
    Between(Box<Interval>),
    /// A list some elements of which are not exactly known.
    Items(Rc<[Item]>),
    /// Not known.
    Unknown(Doubt),
    /// No result, and the node that has none.
    Wrong(Fault, NodeId),
}

/// The ends of an interval, both possible.
pub(super) type Interval = (Option<Value>, Option<Value>);

/// Why a truth is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is false for some values of the intervals involved and true for others.
    Overlap,
    /// Nothing is known.
    Blank,
}

impl Doubt {
    /// The doubt of two together: overlapping only if both are.
    pub(super) fn and(self, other: Doubt) -> Doubt {
        if self == Doubt::Overlap { other } else { Doubt::Blank }
    }
}

impl Item {
    /// A value that depends on nothing.
    pub(super) fn known(value: Value) -> Self {
        Item { state: State::Known(value), references: ReferenceSet::EMPTY }
    }

    /// A truth.
    pub(super) fn truth(truth: bool, references: ReferenceSet) -> Self {
        Item { state: State::Known(Value::Bool(truth)), references }
    }

    /// Not known because of `references`.
    pub(super) fn unknown(doubt: Doubt, references: ReferenceSet) -> Self {
        Item { state: State::Unknown(doubt), references }
    }

    /// No result.
    pub(super) fn wrong(fault: Fault, at: NodeId) -> Self {
        Item { state: State::Wrong(fault, at), references: ReferenceSet::EMPTY }
    }

    /// What is known of an attribute.
    pub(super) fn of(effective: Effective, references: ReferenceSet) -> Self {
        let state = match effective {
            Effective::Known(value) => State::Known(value),
            Effective::Between(low, high) => State::between(low, high),
            Effective::Unknown(_) => State::Unknown(Doubt::Blank),
        };
        Item { state, references }
    }

    /// The number of elements, of a list.
    pub(super) fn length(&self) -> Option<usize> {
        match &self.state {
            State::Known(Value::List(values)) => Some(values.len()),
            State::Items(items) => Some(items.len()),
            _ => None,
        }
    }

    /// An element, of a list that has it.
    pub(super) fn element(&self, index: usize) -> Option<Item> {
        match &self.state {
            State::Known(Value::List(values)) => {
                let state = State::Known(values.get(index)?.clone());
                Some(Item { state, references: self.references })
            }
            State::Items(items) => items.get(index).cloned(),
            _ => None,
        }
    }
}

impl State {
    /// An interval; what is none (its ends of unlike or unordered types, or the wrong way round) is not known.
    pub(super) fn between(low: Option<Value>, high: Option<Value>) -> State {
        let is_end = |end: &Value| match end {
            Value::Int(_) | Value::Duration(_) | Value::Size(_) | Value::Unlimited => true,
            Value::Double(value) => !value.is_nan(),
            _ => false,
        };
        match (&low, &high) {
            (None, None) => return State::Unknown(Doubt::Blank),
            (Some(low), Some(high)) => match low.compare(high) {
                Some(order) if is_end(low) && is_end(high) => {
                    if order.is_eq() {
                        return State::Known(low.clone());
                    }
                    if order.is_gt() {
                        return State::Unknown(Doubt::Blank);
                    }
                }
                _ => return State::Unknown(Doubt::Blank),
            },
            (Some(end), None) | (None, Some(end)) if !is_end(end) => return State::Unknown(Doubt::Blank),
            (Some(Value::Unlimited), None) => return State::Known(Value::Unlimited),
            _ => {}
        }
        State::Between(Box::new((low, high)))
    }
}
