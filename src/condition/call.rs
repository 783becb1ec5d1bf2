//! The calls: functions, questions about names, loops.

use std::ops::Range;

use super::builder::Term;
use super::check::{self, Shape};
use super::function::{Call, Function};
use super::lexer::TokenKind;
use super::parser::{Parser, must_be_free, span};
use super::program::{Loop, Node};
use super::{CompileError, MAX_LOOPS, Meaning};
use crate::model::nearest;

impl<'s> Parser<'s> {
    /// `has(self.pool)` and `declared(self.pool.max_size)`: their argument is a name, not its value.
    pub(super) fn about_name(&mut self, function: &str, at: Range<usize>) -> Result<Term, CompileError> {
        self.expect("(")?;
        let wanted = "a name like `self.pool`";
        let word = self.word(wanted)?;
        must_be_free(self.text(&word), &word)?;
        let mut parts = vec![(self.text(&word), word)];
        while self.take(".")? {
            let word = self.word("a name")?;
            parts.push((self.text(&word), word));
        }
        let argument = span(&parts);
        if parts.len() < 2 || self.variables.iter().any(|variable| Some(variable.0) == parts.first().map(|part| part.0))
        {
            return Err(CompileError::new(format!("`{function}` needs {wanted}"), argument));
        }
        let at = at.start..self.expect(")")?;
        let (id, meaning) = self.builder.refer(&parts)?;
        let node = match (function, meaning) {
            ("has", _) => Node::Exists(id),
            (_, Meaning::Attribute(_)) => Node::Declared(id),
            (_, Meaning::Resource) => {
                let name = self.text(&argument);
                return Err(CompileError::new(format!("`{name}` is no attribute: write has({name})"), argument));
            }
        };
        self.builder.add(node, Shape::BOOL, &[], at)
    }

    /// `receiver.word(…)`
    pub(super) fn method(&mut self, receiver: Term, word: Range<usize>) -> Result<Term, CompileError> {
        let name = self.text(&word);
        match Loop::NAMES.iter().find(|(known, _)| *known == name) {
            Some((_, kind)) => self.looped(*kind, receiver, word),
            None => self.function(name, word, Call::Method, Some(receiver)),
        }
    }

    /// `list.exists(x, body)` and its like, from the opening parenthesis on.
    fn looped(&mut self, kind: Loop, list: Term, word: Range<usize>) -> Result<Term, CompileError> {
        let Some(element) = list.shape.element() else {
            return Err(CompileError::new(format!("this needs a list, not {}", list.shape.described()), list.at));
        };
        if self.variables.len() == MAX_LOOPS {
            return Err(CompileError::new(format!("more than {MAX_LOOPS} loops inside one another"), word));
        }
        self.expect("(")?;
        let variable = self.word("the name of the element")?;
        must_be_free(self.text(&variable), &variable)?;
        self.expect(",")?;
        let depth = self.variables.len() as u8; // at most MAX_LOOPS
        self.variables.push((self.text(&variable), element));
        let body = self.expression();
        self.variables.pop();
        let body = body?;
        let at = list.at.start..self.expect(")")?;
        let Some(shape) = check::looped(kind, list.shape, body.shape) else {
            return Err(CompileError::new(
                format!("expected a condition, this is {}", body.shape.described()),
                body.at,
            ));
        };
        let node = Node::Loop { kind, list: list.id, depth, body: body.id };
        self.builder.add(node, shape, &[list, body], at)
    }

    /// A call, from the opening parenthesis on.
    pub(super) fn function(
        &mut self,
        name: &str,
        word: Range<usize>,
        call: Call,
        receiver: Option<Term>,
    ) -> Result<Term, CompileError> {
        let function = Function::NAMES.iter().find(|(known, _)| *known == name).map(|(_, function)| *function);
        let Some(function) = function.filter(|function| function.allows(call)) else {
            return Err(CompileError::new(no_function(name, call), word));
        };
        let start = receiver.as_ref().map_or(word.start, |receiver| receiver.at.start);
        let mut arguments: Vec<Term> = receiver.into_iter().collect();
        self.expect("(")?;
        if !matches!(self.next.kind, TokenKind::Symbol(")")) {
            arguments.push(self.expression()?);
            while self.take(",")? {
                arguments.push(self.expression()?);
            }
        }
        let at = start..self.expect(")")?;
        let (least, most) = function.arity();
        if arguments.len() < least || arguments.len() > most {
            let given = usize::from(call == Call::Method);
            let message = format!("`{name}` takes {}, not {}", count(least - given), arguments.len() - given);
            return Err(CompileError::new(message, at));
        }
        let shapes: Vec<Shape> = arguments.iter().map(|argument| argument.shape).collect();
        let shape = check::call(function, &shapes).map_err(|(index, message)| {
            let at = arguments.get(index).map_or(at.clone(), |argument| argument.at.clone());
            CompileError::new(message, at)
        })?;
        let mut term = self.builder.many(|operands| Node::Call(function, operands), shape, arguments)?;
        self.builder.place(&mut term, at);
        Ok(term)
    }
}

/// That there is no such function, and which was probably meant.
fn no_function(name: &str, call: Call) -> String {
    let written =
        |known: &str, as_method: bool| if as_method { format!("x.{known}(…)") } else { format!("{known}(…)") };
    let is_loop = Loop::NAMES.iter().any(|(known, _)| *known == name);
    if is_loop || Function::NAMES.iter().any(|(known, _)| *known == name) {
        return format!("`{name}` is written {}", written(name, call == Call::Global));
    }
    let functions = Function::NAMES.iter().filter(|(_, function)| function.allows(call)).map(|(known, _)| *known);
    let others: Vec<&str> = match call {
        Call::Method => Loop::NAMES.iter().map(|(known, _)| *known).collect(),
        Call::Global => vec!["has", "declared"],
    };
    match nearest(name, functions.chain(others)) {
        Some(known) => format!("there is no function `{name}`; did you mean {}?", written(known, call == Call::Method)),
        None => format!("there is no function `{name}`"),
    }
}

fn count(arguments: usize) -> String {
    match arguments {
        0 => "no arguments".to_owned(),
        1 => "one argument".to_owned(),
        more => format!("{more} arguments"),
    }
}
