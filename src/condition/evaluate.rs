//! Programs into answers, by Kleene's three-valued logic: what is not known stays so until something else decides.
//!
//! Recursion follows the tree of the program, whose height is bounded when it is compiled.

use super::bounds::{self, Bounds};
use super::error::Fault;
use super::function::Function;
use super::item::{Doubt, Item, State};
use super::logic::{Tally, apply, element_at, extreme, list_of, negate, not, nothing, told, unanswered, with_bounds};
use super::operator::Operator;
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
    elements: Vec<Option<Item>>,
}

impl<'p> Evaluator<'p> {
    pub(super) fn new(program: &'p Program, environment: &'p dyn Environment) -> Self {
        Evaluator { program, environment, fuel: FUEL, elements: Vec::new() }
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
                list_of(items)
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
        list_of(elements.chain((0..second).filter_map(|index| b.element(index))).collect())
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
            if self.elements.is_empty() {
                self.elements.resize(MAX_LOOPS, None);
            }
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
            Loop::Filter => tally.doubtful().unwrap_or_else(|| list_of(results)),
            Loop::Map => list_of(results),
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
