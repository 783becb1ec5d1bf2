//! What operations make of items, known or not: the rules of three-valued logic, apart from the walk over the program.

use std::rc::Rc;

use super::bounds::{self, Bounds};
use super::error::Fault;
use super::function::{Function, negated};
use super::item::{Doubt, Item, State};
use super::operator::Gap;
use super::program::{NodeId, ReferenceSet};
use crate::model::Value;

/// The truth that is told, or not.
pub(super) fn told(truth: Option<bool>, references: ReferenceSet) -> Item {
    match truth {
        Some(truth) => Item::truth(truth, references),
        None => Item::unknown(Doubt::Blank, references),
    }
}

/// The item an operation has because one of its operands has no value: unknown beats wrong.
pub(super) fn unanswered(operands: &[&Item]) -> Option<Item> {
    let mut unknown: Option<(Doubt, ReferenceSet)> = None;
    let mut wrong = None;
    for item in operands {
        match item.state {
            State::Unknown(doubt) => {
                let (others, references) = unknown.unwrap_or((doubt, ReferenceSet::EMPTY));
                unknown = Some((others.and(doubt), references.and(item.references)));
            }
            State::Wrong(..) => wrong = wrong.or(Some(*item)),
            _ => {}
        }
    }
    match unknown {
        Some((doubt, references)) => Some(Item::unknown(doubt, references)),
        None => wrong.cloned(),
    }
}

/// The item of an operation that is not defined for these operands: "off" and "no limit" leave it open.
pub(super) fn nothing(operands: &[&Item], id: NodeId) -> Item {
    let open = |item: &&&Item| matches!(item.state, State::Known(Value::Off | Value::Unlimited));
    let references = operands.iter().filter(open).fold(ReferenceSet::EMPTY, |all, item| all.and(item.references));
    unanswered(operands).unwrap_or_else(|| {
        if operands.iter().any(|item| open(&item)) {
            Item::unknown(Doubt::Blank, references)
        } else {
            Item::wrong(Fault::NoOverload, id)
        }
    })
}

/// What an operation on two values or intervals makes of them.
pub(super) fn with_bounds(
    a: &Item,
    b: &Item,
    id: NodeId,
    operation: impl FnOnce(Bounds<'_>, Bounds<'_>) -> Result<State, Gap>,
) -> Item {
    if let Some(item) = unanswered(&[a, b]) {
        return item;
    }
    let references = a.references.and(b.references);
    match (Bounds::of(&a.state), Bounds::of(&b.state)) {
        (Some(low), Some(high)) => settle(operation(low, high), references, id),
        _ => nothing(&[a, b], id),
    }
}

/// The item of an operation's result.
pub(super) fn settle(result: Result<State, Gap>, references: ReferenceSet, id: NodeId) -> Item {
    match result {
        Ok(state) => Item { state, references },
        Err(Gap::Unsure) => Item::unknown(Doubt::Blank, references),
        Err(Gap::Wrong(fault)) => Item::wrong(fault, id),
    }
}

/// `!item`; also what a condition that is no truth makes of the expression around it.
pub(super) fn not(item: Item, id: NodeId) -> Item {
    match item.state {
        State::Known(Value::Bool(truth)) => Item::truth(!truth, item.references),
        State::Unknown(_) | State::Wrong(..) => item,
        _ => nothing(&[&item], id),
    }
}

pub(super) fn negate(item: Item, id: NodeId) -> Item {
    let state = match &item.state {
        State::Known(value) => negated(value).map(State::Known),
        State::Between(ends) => {
            let end = |end: &Option<Value>| end.as_ref().and_then(|end| negated(end).ok());
            Ok(State::between(end(&ends.1), end(&ends.0)))
        }
        _ => return nothing(&[&item], id),
    };
    settle(state, item.references, id)
}

/// A list of the items: known if all are, wrong if one is.
pub(super) fn list_of(items: Vec<Item>) -> Item {
    if items.iter().any(|item| matches!(item.state, State::Wrong(..))) {
        let operands: Vec<&Item> = items.iter().collect();
        if let Some(item) = unanswered(&operands) {
            return item;
        }
    }
    let known = items.iter().map(|item| match &item.state {
        State::Known(value) => Some(value.clone()),
        _ => None,
    });
    let state = match known.collect::<Option<Vec<Value>>>() {
        Some(values) => State::Known(Value::List(values.into())),
        None => State::Items(Rc::from(items.as_slice())),
    };
    // of a list that is not known, those that make it so
    let exact = matches!(state, State::Known(_));
    let involved = items.iter().filter(|item| exact || !matches!(item.state, State::Known(_)));
    let references = involved.fold(ReferenceSet::EMPTY, |all, item| all.and(item.references));
    Item { state, references }
}

/// `list[index]`
pub(super) fn element_at(list: &Item, index: &Item, id: NodeId) -> Item {
    if let Some(item) = unanswered(&[list, index]) {
        return item;
    }
    let references = list.references.and(index.references);
    match (list.length(), &index.state) {
        (Some(_), State::Known(Value::Int(at))) => match usize::try_from(*at).ok().and_then(|at| list.element(at)) {
            Some(item) => item,
            None => Item::wrong(Fault::OutOfRange, id),
        },
        (Some(_), State::Between(_)) => Item::unknown(Doubt::Blank, references),
        _ => nothing(&[list, index], id),
    }
}

/// A function of one argument.
pub(super) fn apply(function: Function, item: &Item, id: NodeId) -> Item {
    let one = |value: &Value| function.of_one(value);
    let state = match &item.state {
        State::Known(value) => one(value).map(State::Known),
        State::Between(ends) => match function {
            Function::Off => Ok(State::Known(Value::Bool(false))),
            Function::Unlimited => Ok(match ends.1 {
                None | Some(Value::Unlimited) => State::Unknown(Doubt::Overlap),
                Some(_) => State::Known(Value::Bool(false)),
            }),
            function if function.keeps_order() => {
                let end = |end: &Option<Value>| end.as_ref().and_then(|end| one(end).ok());
                Ok(State::between(end(&ends.0), end(&ends.1)))
            }
            Function::Abs => match Bounds::of(&item.state) {
                Some(bounds) if bounds.is_above(false) => Ok(item.state.clone()),
                _ => Err(Gap::Unsure),
            },
            _ => Err(Fault::NoOverload.into()),
        },
        State::Items(_) if matches!(function, Function::Off | Function::Unlimited) => {
            Ok(State::Known(Value::Bool(false)))
        }
        _ => return nothing(&[item], id),
    };
    settle(state, item.references, id)
}

/// The least or greatest of the items.
pub(super) fn extreme(function: Function, items: &[Item], id: NodeId) -> Item {
    let operands: Vec<&Item> = items.iter().collect();
    if let Some(item) = unanswered(&operands) {
        return item;
    }
    let Some((first, rest)) = items.split_first() else { return Item::wrong(Fault::Empty, id) };
    rest.iter().fold(first.clone(), |best, item| {
        with_bounds(&best, item, id, |a, b| bounds::extreme(function == Function::Max, a, b))
    })
}

/// The truths of several operands taken together.
#[derive(Default)]
pub(super) struct Tally {
    /// How many are true.
    yes: usize,
    /// The references of those that are known.
    known: ReferenceSet,
    /// The doubt and the references of those that are not.
    unknown: Option<(Doubt, ReferenceSet)>,
    /// The first that is wrong.
    wrong: Option<Item>,
}

impl Tally {
    /// Counts one operand of `id` in; its truth, if it has one.
    pub(super) fn add(&mut self, item: Item, id: NodeId) -> Option<bool> {
        match item.state {
            State::Known(Value::Bool(truth)) => {
                self.yes += usize::from(truth);
                self.known = self.known.and(item.references);
                return Some(truth);
            }
            State::Unknown(doubt) => {
                let (others, references) = self.unknown.unwrap_or((doubt, ReferenceSet::EMPTY));
                self.unknown = Some((others.and(doubt), references.and(item.references)));
            }
            State::Wrong(..) if self.wrong.is_none() => self.wrong = Some(item),
            State::Wrong(..) => {}
            _ => {
                let item = nothing(&[&item], id);
                return self.add(item, id); // unknown or wrong now
            }
        }
        None
    }

    /// One operand has decided.
    pub(super) fn decided(&self, truth: bool) -> Item {
        Item::truth(truth, self.known)
    }

    /// None has decided: unknown or wrong if one operand is.
    pub(super) fn undecided(self, otherwise: bool) -> Item {
        let known = self.known;
        self.doubtful().unwrap_or_else(|| Item::truth(otherwise, known))
    }

    /// Unknown, else wrong, if one operand is.
    pub(super) fn doubtful(self) -> Option<Item> {
        match self.unknown {
            Some((doubt, references)) => Some(Item::unknown(doubt, references)),
            None => self.wrong,
        }
    }

    /// Whether exactly one is true: two are too many, whatever the unknown ones are.
    pub(super) fn exactly_one(self) -> Item {
        let (yes, known) = (self.yes, self.known);
        if yes > 1 && self.wrong.is_none() {
            return Item::truth(false, known);
        }
        self.doubtful().unwrap_or_else(|| Item::truth(yes == 1, known))
    }
}
