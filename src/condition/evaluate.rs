//! Programs into answers, by Kleene's three-valued logic: what is not known stays so until something else decides.
//!
//! Recursion follows the tree of the program, whose height is bounded when it is compiled.

use std::rc::Rc;

use super::bounds::{self, Bounds};
use super::error::Fault;
use super::function::{Function, negated};
use super::item::{Doubt, Item, State};
use super::operator::{Gap, Operator};
use super::program::{Loop, Node, NodeId, Operands, Program, ReferenceSet, References};
use super::{Declaration, Environment, EvalError, FUEL, MAX_LOOPS, MAX_NESTING};
use crate::model::Value;

/// What a condition says.
#[derive(Debug, Clone)]
pub enum Outcome<'p> {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// That depends on these, which are not known well enough.
    Unknown(References<'p>),
    /// It makes no sense with these values.
    Error(EvalError),
}

/// What the value of an expression is.
#[derive(Debug, Clone)]
pub enum Answer<'p> {
    /// Exactly this.
    Known(Value),
    /// Between two values of one type, both possible; `None` is an open end.
    Between(Option<Value>, Option<Value>),
    /// That depends on these, which are not known well enough.
    Unknown(References<'p>),
}

impl Program {
    /// Whether the condition holds.
    pub fn judge(&self, environment: &dyn Environment) -> Outcome<'_> {
        let item = Evaluator::new(self, environment).answer();
        match item.state {
            State::Known(Value::Bool(true)) => Outcome::True,
            State::Known(Value::Bool(false)) => Outcome::False,
            State::Wrong(fault, node) => Outcome::Error(self.error(fault, node)),
            State::Known(Value::Off | Value::Unlimited) | State::Unknown(_) | State::Between(_) => {
                Outcome::Unknown(References::new(self, item.references))
            }
            State::Known(_) | State::Items(_) => Outcome::Error(self.error(Fault::NoOverload, self.root)),
        }
    }

    /// The value of the expression, for messages and fixes.
    pub fn value(&self, environment: &dyn Environment) -> Result<Answer<'_>, EvalError> {
        let item = Evaluator::new(self, environment).answer();
        match item.state {
            State::Known(value) => Ok(Answer::Known(value)),
            State::Between(ends) => Ok(Answer::Between(ends.0, ends.1)),
            State::Items(_) | State::Unknown(_) => Ok(Answer::Unknown(References::new(self, item.references))),
            State::Wrong(fault, node) => Err(self.error(fault, node)),
        }
    }

    fn error(&self, fault: Fault, node: NodeId) -> EvalError {
        EvalError { message: fault.message(), at: self.span(node) }
    }
}

/// One evaluation.
pub(super) struct Evaluator<'p> {
    program: &'p Program,
    environment: &'p dyn Environment,
    fuel: u32,
    /// The elements the loops around are at.
    elements: [Option<Item>; MAX_LOOPS],
}

impl<'p> Evaluator<'p> {
    pub(super) fn new(program: &'p Program, environment: &'p dyn Environment) -> Self {
        Evaluator { program, environment, fuel: FUEL, elements: Default::default() }
    }

    /// The result of the whole program. Without fuel there is none, whatever the operators made of its lack.
    fn answer(&mut self) -> Item {
        let root = self.program.root;
        let item = self.run(root);
        if self.fuel == 0 { Item::wrong(Fault::OutOfFuel, root) } else { item }
    }

    /// Takes `steps` off the fuel; whether some is left.
    fn spend(&mut self, steps: usize) -> bool {
        self.fuel = self.fuel.saturating_sub(u32::try_from(steps).unwrap_or(u32::MAX));
        self.fuel > 0
    }

    /// The result of one node.
    pub(super) fn run(&mut self, id: NodeId) -> Item {
        if !self.spend(1) {
            return Item::wrong(Fault::OutOfFuel, id);
        }
        let program = self.program;
        match program.node(id) {
            Node::Constant(value) => Item::known(value.clone()),
            Node::Attribute(reference) => {
                Item::of(self.environment.attribute(program.reference(*reference)), ReferenceSet::of(*reference))
            }
            Node::Exists(reference) => {
                let exists = self.environment.exists(program.reference(*reference));
                told(exists, ReferenceSet::of(*reference))
            }
            Node::Declared(reference) => {
                let declared = match self.environment.declared(program.reference(*reference)) {
                    Declaration::Set => Some(true),
                    Declaration::NotSet => Some(false),
                    Declaration::Unreadable => None,
                };
                told(declared, ReferenceSet::of(*reference))
            }
            Node::Element(depth) => {
                let element = self.elements.get(usize::from(*depth)).cloned().flatten();
                element.unwrap_or_else(|| Item::wrong(Fault::NoOverload, id))
            }
            Node::List(operands) => {
                let items = program.operands(*operands).iter().map(|operand| self.run(*operand)).collect();
                list(items)
            }
            Node::Not(operand) => {
                let item = self.run(*operand);
                not(item, id)
            }
            Node::Negate(operand) => {
                let item = self.run(*operand);
                negate(item, id)
            }
            Node::And(operands) => self.connect(*operands, false, id),
            Node::Or(operands) => self.connect(*operands, true, id),
            Node::Binary(operator, a, b) => {
                let a = self.run(*a);
                let b = self.run(*b);
                self.binary(*operator, &a, &b, id)
            }
            Node::Conditional(condition, yes, no) => {
                let condition = self.run(*condition);
                match condition.state {
                    State::Known(Value::Bool(true)) => self.run(*yes),
                    State::Known(Value::Bool(false)) => self.run(*no),
                    _ => not(condition, id),
                }
            }
            Node::Index(list, index) => {
                let list = self.run(*list);
                let index = self.run(*index);
                element_at(&list, &index, id)
            }
            Node::Call(function, operands) => {
                let arguments: Vec<Item> =
                    program.operands(*operands).iter().map(|operand| self.run(*operand)).collect();
                self.call(*function, &arguments, id)
            }
            Node::Loop { kind, list, depth, body } => {
                let list = self.run(*list);
                self.each(*kind, &list, usize::from(*depth), *body, id)
            }
        }
    }

    /// `&&` (decided by `false`) and `||` (decided by `true`).
    fn connect(&mut self, operands: Operands, decides: bool, id: NodeId) -> Item {
        let mut tally = Tally::default();
        for operand in self.program.operands(operands) {
            let item = self.run(*operand);
            if tally.add(item, id) == Some(decides) {
                return tally.decided(decides);
            }
        }
        tally.undecided(!decides)
    }

    fn binary(&mut self, operator: Operator, a: &Item, b: &Item, id: NodeId) -> Item {
        match operator {
            Operator::Equal | Operator::Unequal | Operator::In => {
                if let Some(item) = unanswered(&[a, b]) {
                    return item;
                }
                let truth = if operator == Operator::In { self.contains(b, a, id) } else { self.equal(a, b, id, 0) };
                if operator == Operator::Unequal { not(truth, id) } else { truth }
            }
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                with_bounds(a, b, id, |a, b| {
                    bounds::compare(operator, a, b).map(|truth| {
                        truth.map_or(State::Unknown(Doubt::Overlap), |truth| State::Known(Value::Bool(truth)))
                    })
                })
            }
            Operator::Add if a.length().is_some() && b.length().is_some() => self.concatenate(a, b, id),
            _ => {
                if let (State::Known(Value::Text(a)), State::Known(Value::Text(b))) = (&a.state, &b.state)
                    && !self.spend((a.len() + b.len()) / 16)
                {
                    return Item::wrong(Fault::OutOfFuel, id);
                }
                with_bounds(a, b, id, |a, b| bounds::combine(operator, a, b))
            }
        }
    }

    /// Whether two items are equal, lists element by element.
    fn equal(&mut self, a: &Item, b: &Item, id: NodeId, depth: usize) -> Item {
        if let Some(item) = unanswered(&[a, b]) {
            return item;
        }
        let references = a.references.and(b.references);
        if let (Some(length), Some(other)) = (a.length(), b.length()) {
            if length != other {
                return Item::truth(false, references);
            }
            if depth > MAX_NESTING {
                return Item::wrong(Fault::TooDeep, id);
            }
            let mut tally = Tally::default();
            for index in 0..length {
                if !self.spend(1) {
                    return Item::wrong(Fault::OutOfFuel, id);
                }
                let (Some(a), Some(b)) = (a.element(index), b.element(index)) else { break };
                let item = self.equal(&a, &b, id, depth + 1);
                if tally.add(item, id) == Some(false) {
                    return Item::truth(false, references);
                }
            }
            return tally.undecided(true);
        }
        if let (State::Known(Value::Text(a)), State::Known(Value::Text(_))) = (&a.state, &b.state)
            && !self.spend(a.len() / 64)
        {
            return Item::wrong(Fault::OutOfFuel, id);
        }
        match (Bounds::of(&a.state), Bounds::of(&b.state)) {
            (Some(a), Some(b)) => match bounds::equal(a, b) {
                Some(truth) => Item::truth(truth, references),
                None => Item::unknown(Doubt::Overlap, references),
            },
            _ => Item::truth(false, references), // a list and something else
        }
    }

    /// Whether `element` is in `list`.
    fn contains(&mut self, list: &Item, element: &Item, id: NodeId) -> Item {
        let Some(length) = list.length() else { return nothing(&[list], id) };
        let mut tally = Tally::default();
        for index in 0..length {
            if !self.spend(1) {
                return Item::wrong(Fault::OutOfFuel, id);
            }
            let Some(candidate) = list.element(index) else { break };
            let item = self.equal(&candidate, element, id, 0);
            if tally.add(item, id) == Some(true) {
                return tally.decided(true);
            }
        }
        let mut item = tally.undecided(false);
        if length == 0 {
            item.references = list.references.and(element.references);
        }
        item
    }

    fn concatenate(&mut self, a: &Item, b: &Item, id: NodeId) -> Item {
        let (first, second) = (a.length().unwrap_or(0), b.length().unwrap_or(0));
        if !self.spend(first + second) {
            return Item::wrong(Fault::OutOfFuel, id);
        }
        let elements = (0..first).filter_map(|index| a.element(index));
        list(elements.chain((0..second).filter_map(|index| b.element(index))).collect())
    }

    /// A loop over the elements of `list`.
    fn each(&mut self, kind: Loop, list: &Item, depth: usize, body: NodeId, id: NodeId) -> Item {
        if let Some(item) = unanswered(&[list]) {
            return item;
        }
        let Some(length) = list.length() else { return nothing(&[list], id) };
        let mut tally = Tally::default();
        let mut results = Vec::new();
        for index in 0..length {
            let Some(element) = list.element(index) else { break };
            let kept = (kind == Loop::Filter).then(|| element.clone());
            if let Some(slot) = self.elements.get_mut(depth) {
                *slot = Some(element);
            }
            let item = self.run(body);
            if self.fuel == 0 {
                return Item::wrong(Fault::OutOfFuel, id);
            }
            if kind == Loop::Map {
                results.push(item);
                continue;
            }
            match (kind, tally.add(item, id)) {
                (Loop::Exists, Some(true)) => return tally.decided(true),
                (Loop::All, Some(false)) => return tally.decided(false),
                (Loop::Filter, Some(true)) => results.extend(kept),
                _ => {}
            }
        }
        let mut item = match kind {
            Loop::Exists => tally.undecided(false),
            Loop::All => tally.undecided(true),
            Loop::ExistsOne => tally.exactly_one(),
            Loop::Filter => tally.doubtful().unwrap_or_else(|| self::list(results)),
            Loop::Map => self::list(results),
        };
        if length == 0 {
            item.references = list.references;
        }
        item
    }

    fn call(&mut self, function: Function, arguments: &[Item], id: NodeId) -> Item {
        let text = |item: &Item| match &item.state {
            State::Known(Value::Text(text)) => text.len(),
            _ => 0,
        };
        if !self.spend(arguments.iter().map(text).sum::<usize>() / 16) {
            return Item::wrong(Fault::OutOfFuel, id);
        }
        match (function, arguments) {
            (Function::Possibly, [item]) => match item.state {
                State::Unknown(Doubt::Overlap) => Item::truth(true, item.references),
                _ => item.clone(),
            },
            (Function::Min | Function::Max, [list]) if list.length().is_some() => {
                let elements: Vec<Item> =
                    (0..list.length().unwrap_or(0)).filter_map(|index| list.element(index)).collect();
                if !self.spend(elements.len()) {
                    return Item::wrong(Fault::OutOfFuel, id);
                }
                extreme(function, &elements, id)
            }
            (Function::Min | Function::Max, arguments) => extreme(function, arguments, id),
            (Function::Size, [list]) if list.length().is_some() => {
                let length = list.length().and_then(|length| i64::try_from(length).ok()).unwrap_or(i64::MAX);
                Item { state: State::Known(Value::Int(length)), references: list.references }
            }
            (function, [item]) => apply(function, item, id),
            (function, [a, b]) => with_bounds(a, b, id, |_, _| match (&a.state, &b.state) {
                (State::Known(a), State::Known(b)) => function.of_two(a, b).map(State::Known),
                _ => Err(Fault::NoOverload.into()),
            }),
            _ => Item::wrong(Fault::NoOverload, id),
        }
    }
}

/// The truth that is told, or not.
fn told(truth: Option<bool>, references: ReferenceSet) -> Item {
    match truth {
        Some(truth) => Item::truth(truth, references),
        None => Item::unknown(Doubt::Blank, references),
    }
}

/// The item an operation has because one of its operands has no value: unknown beats wrong.
fn unanswered(operands: &[&Item]) -> Option<Item> {
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
fn nothing(operands: &[&Item], id: NodeId) -> Item {
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
fn with_bounds(
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
fn settle(result: Result<State, Gap>, references: ReferenceSet, id: NodeId) -> Item {
    match result {
        Ok(state) => Item { state, references },
        Err(Gap::Unsure) => Item::unknown(Doubt::Blank, references),
        Err(Gap::Wrong(fault)) => Item::wrong(fault, id),
    }
}

/// `!item`; also what a condition that is no truth makes of the expression around it.
fn not(item: Item, id: NodeId) -> Item {
    match item.state {
        State::Known(Value::Bool(truth)) => Item::truth(!truth, item.references),
        State::Unknown(_) | State::Wrong(..) => item,
        _ => nothing(&[&item], id),
    }
}

fn negate(item: Item, id: NodeId) -> Item {
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
fn list(items: Vec<Item>) -> Item {
    if items.iter().any(|item| matches!(item.state, State::Wrong(..))) {
        let operands: Vec<&Item> = items.iter().collect();
        if let Some(item) = unanswered(&operands) {
            return item;
        }
    }
    let references = items.iter().fold(ReferenceSet::EMPTY, |all, item| all.and(item.references));
    let known = items.iter().map(|item| match &item.state {
        State::Known(value) => Some(value.clone()),
        _ => None,
    });
    let state = match known.collect::<Option<Vec<Value>>>() {
        Some(values) => State::Known(Value::List(values.into())),
        None => State::Items(Rc::from(items)),
    };
    Item { state, references }
}

fn element_at(list: &Item, index: &Item, id: NodeId) -> Item {
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
fn apply(function: Function, item: &Item, id: NodeId) -> Item {
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
fn extreme(function: Function, items: &[Item], id: NodeId) -> Item {
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
struct Tally {
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
    fn add(&mut self, item: Item, id: NodeId) -> Option<bool> {
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
    fn decided(&self, truth: bool) -> Item {
        Item::truth(truth, self.known)
    }

    /// None has decided: unknown or wrong if one operand is.
    fn undecided(self, otherwise: bool) -> Item {
        let known = self.known;
        self.doubtful().unwrap_or_else(|| Item::truth(otherwise, known))
    }

    /// Unknown, else wrong, if one operand is.
    fn doubtful(self) -> Option<Item> {
        match self.unknown {
            Some((doubt, references)) => Some(Item::unknown(doubt, references)),
            None => self.wrong,
        }
    }

    /// Whether exactly one is true: two are too many, whatever the unknown ones are.
    fn exactly_one(self) -> Item {
        let (yes, known) = (self.yes, self.known);
        if yes > 1 && self.wrong.is_none() {
            return Item::truth(false, known);
        }
        self.doubtful().unwrap_or_else(|| Item::truth(yes == 1, known))
    }
}
