//! Source text into programs, in one pass: CEL's grammar, names resolved and types checked on the way.

use std::ops::Range;

use super::builder::{Builder, Term};
use super::check::{self, Shape};
use super::function::Call;
use super::lexer::{Lexer, Token, TokenKind};
use super::operator::Operator;
use super::program::{Node, Program};
use super::{CompileError, MAX_NESTING, MAX_SOURCE, Meaning, Names};
use crate::model::{Type, Value};

/// Compiles a condition, or any other expression.
pub fn compile(source: &str, names: &dyn Names) -> Result<Program, CompileError> {
    let (program, next) = parse(source, 0, names)?;
    match next.kind {
        TokenKind::End => Ok(program),
        _ => Err(unexpected(&next, "an operator or the end", source)),
    }
}

/// Compiles the expression that begins at the byte `start`; also the token after it.
pub(super) fn parse(source: &str, start: usize, names: &dyn Names) -> Result<(Program, Token), CompileError> {
    if source.len() > MAX_SOURCE {
        return Err(CompileError::new(format!("longer than {MAX_SOURCE} bytes"), MAX_SOURCE..source.len()));
    }
    let mut lexer = Lexer::new(source, start);
    let next = lexer.next()?;
    let mut parser = Parser { source, lexer, next, builder: Builder::new(names), nesting: 0, variables: Vec::new() };
    let root = parser.expression()?;
    Ok((parser.builder.finish(root), parser.next))
}

fn unexpected(token: &Token, wanted: &str, source: &str) -> CompileError {
    let found = match &token.kind {
        TokenKind::End => "the end".to_owned(),
        TokenKind::Symbol("{" | "}") => "a brace, maps are not part of the language".to_owned(),
        TokenKind::Symbol("=") => "`=`; to compare, write `==`".to_owned(),
        TokenKind::Text(_) => "a text".to_owned(),
        _ => format!("`{}`", source.get(token.at.clone()).unwrap_or("")),
    };
    CompileError::new(format!("expected {wanted}, found {found}"), token.at.clone())
}

/// One compilation.
pub(super) struct Parser<'s> {
    source: &'s str,
    lexer: Lexer<'s>,
    /// The token to be read next.
    pub(super) next: Token,
    pub(super) builder: Builder<'s>,
    /// How many brackets, calls and conditionals are open.
    nesting: usize,
    /// The variables of the loops around, with the shapes of their elements.
    pub(super) variables: Vec<(&'s str, Shape)>,
}

/// What stands before a dot or a bracket.
enum Operand<'s> {
    /// A name, which may go on.
    Name(Vec<(&'s str, Range<usize>)>),
    /// A value.
    Term(Term),
}

impl<'s> Parser<'s> {
    fn advance(&mut self) -> Result<Token, CompileError> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.next, next))
    }

    /// Takes `symbol` if it is next.
    pub(super) fn take(&mut self, symbol: &str) -> Result<bool, CompileError> {
        let found = matches!(self.next.kind, TokenKind::Symbol(next) if next == symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Takes `symbol`, which must be next; the end of it.
    pub(super) fn expect(&mut self, symbol: &str) -> Result<usize, CompileError> {
        let end = self.next.at.end;
        if self.take(symbol)? { Ok(end) } else { Err(unexpected(&self.next, &format!("`{symbol}`"), self.source)) }
    }

    pub(super) fn text(&self, at: &Range<usize>) -> &'s str {
        self.source.get(at.clone()).unwrap_or("")
    }

    /// Parses something nested, if it is not nested too deeply.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, CompileError>) -> Result<T, CompileError> {
        if self.nesting == MAX_NESTING {
            return Err(CompileError::new(format!("nested more than {MAX_NESTING} deep"), self.next.at.clone()));
        }
        self.nesting += 1;
        let result = parse(self);
        self.nesting -= 1;
        result
    }

    /// `a ? b : c`, or less.
    pub(super) fn expression(&mut self) -> Result<Term, CompileError> {
        self.nested(|parser| {
            let condition = parser.either()?;
            if !parser.take("?")? {
                return Ok(condition);
            }
            parser.must_be_bool(&condition)?;
            let yes = parser.either()?;
            parser.expect(":")?;
            let no = parser.expression()?;
            let Some(shape) = yes.shape.either(no.shape) else {
                return Err(CompileError::new(check::unlike(yes.shape, no.shape), no.at));
            };
            let at = condition.at.start..no.at.end;
            let node = Node::Conditional(condition.id, yes.id, no.id);
            parser.builder.add(node, shape, &[condition, yes, no], at)
        })
    }

    /// `a || b || …`
    fn either(&mut self) -> Result<Term, CompileError> {
        self.chain("||", Self::both, Node::Or)
    }

    /// `a && b && …`
    fn both(&mut self) -> Result<Term, CompileError> {
        self.chain("&&", |parser| parser.binary(0), Node::And)
    }

    fn chain(
        &mut self,
        symbol: &str,
        operand: fn(&mut Self) -> Result<Term, CompileError>,
        node: fn(super::program::Operands) -> Node,
    ) -> Result<Term, CompileError> {
        let first = operand(self)?;
        if !matches!(self.next.kind, TokenKind::Symbol(next) if next == symbol) {
            return Ok(first);
        }
        self.must_be_bool(&first)?;
        let mut terms = vec![first];
        while self.take(symbol)? {
            let term = operand(self)?;
            self.must_be_bool(&term)?;
            terms.push(term);
        }
        self.builder.many(node, Shape::BOOL, terms)
    }

    /// Comparisons (level 0), sums (level 1), products (level 2); all from the left.
    fn binary(&mut self, level: u8) -> Result<Term, CompileError> {
        let operand = |parser: &mut Self| if level == 2 { parser.unary() } else { parser.binary(level + 1) };
        let mut left = operand(self)?;
        while let Some(operator) = self.operator(level) {
            self.advance()?;
            let right = operand(self)?;
            let at = left.at.start..right.at.end;
            let shape = check::binary(operator, left.shape, right.shape)
                .map_err(|message| CompileError::new(message, at.clone()))?;
            left = self.builder.add(Node::Binary(operator, left.id, right.id), shape, &[left, right], at)?;
        }
        Ok(left)
    }

    /// The operator of that level that is next.
    fn operator(&self, level: u8) -> Option<Operator> {
        let symbol = match self.next.kind {
            TokenKind::Symbol(symbol) => symbol,
            TokenKind::Word => self.text(&self.next.at),
            _ => return None,
        };
        Some(match (level, symbol) {
            (0, "==") => Operator::Equal,
            (0, "!=") => Operator::Unequal,
            (0, "<") => Operator::Less,
            (0, "<=") => Operator::LessOrEqual,
            (0, ">") => Operator::Greater,
            (0, ">=") => Operator::GreaterOrEqual,
            (0, "in") => Operator::In,
            (1, "+") => Operator::Add,
            (1, "-") => Operator::Subtract,
            (2, "*") => Operator::Multiply,
            (2, "/") => Operator::Divide,
            (2, "%") => Operator::Remainder,
            _ => return None,
        })
    }

    /// Any number of `!`, or any number of `-`, and what they apply to. Pairs cancel out, as in CEL.
    fn unary(&mut self) -> Result<Term, CompileError> {
        let start = self.next.at.start;
        let mut signs = 0;
        while self.take("!")? {
            signs += 1;
        }
        if signs > 0 {
            let term = self.member(false)?;
            self.must_be_bool(&term)?;
            if signs % 2 == 0 {
                return Ok(term);
            }
            let at = start..term.at.end;
            return self.builder.add(Node::Not(term.id), Shape::BOOL, &[term], at);
        }
        while self.take("-")? {
            signs += 1;
        }
        if signs == 0 {
            return self.member(false);
        }
        // the last minus before a number is part of it, or the least int could not be written
        let minus = matches!(self.next.kind, TokenKind::Int(_) | TokenKind::Double(_));
        let term = self.member(minus)?;
        self.negate(term, (signs - usize::from(minus)) % 2 == 1, start)
    }

    fn negate(&mut self, term: Term, odd: bool, start: usize) -> Result<Term, CompileError> {
        if ![Type::Int, Type::Double, Type::Duration].iter().any(|wanted| term.shape.may_be(*wanted)) {
            let message = format!("`-` needs a number or a duration, this is {}", term.shape.described());
            return Err(CompileError::new(message, term.at));
        }
        if !odd {
            return Ok(term);
        }
        let (shape, at) = (term.shape, start..term.at.end);
        self.builder.add(Node::Negate(term.id), shape, &[term], at)
    }

    /// An operand with everything that follows it: `.size()`, `[0]`, `.max_size`. A number may have a minus before it.
    fn member(&mut self, minus: bool) -> Result<Term, CompileError> {
        let mut operand = self.primary(minus)?;
        loop {
            if self.take(".")? {
                let word = self.word("a name")?;
                if matches!(self.next.kind, TokenKind::Symbol("(")) {
                    let receiver = self.settle(operand)?;
                    operand = Operand::Term(self.method(receiver, word)?);
                    continue;
                }
                match &mut operand {
                    Operand::Name(parts) => parts.push((self.text(&word), word)),
                    Operand::Term(_) => return Err(CompileError::new("only names have parts", word)),
                }
            } else if self.take("[")? {
                let list = self.settle(operand)?;
                let index = self.expression()?;
                let end = self.expect("]")?;
                let Some(shape) = list.shape.element() else {
                    let message = format!("only lists have elements, this is {}", list.shape.described());
                    return Err(CompileError::new(message, list.at));
                };
                if !index.shape.may_be(Type::Int) {
                    let message = format!("an index is an int, this is {}", index.shape.described());
                    return Err(CompileError::new(message, index.at));
                }
                let at = list.at.start..end;
                let node = Node::Index(list.id, index.id);
                operand = Operand::Term(self.builder.add(node, shape, &[list, index], at)?);
            } else {
                return self.settle(operand);
            }
        }
    }

    /// A literal, a name, a call, a list, or something in parentheses.
    fn primary(&mut self, minus: bool) -> Result<Operand<'s>, CompileError> {
        let at = self.next.at.clone();
        match self.next.kind {
            TokenKind::Word => return self.name_or_call(),
            TokenKind::Symbol("(") => {
                self.advance()?;
                let mut term = self.expression()?;
                term.at = at.start..self.expect(")")?;
                return Ok(Operand::Term(term));
            }
            TokenKind::Symbol("[") => {
                self.advance()?;
                return self.list(at.start).map(Operand::Term);
            }
            TokenKind::Symbol(_) | TokenKind::End => return Err(unexpected(&self.next, "a value", self.source)),
            _ => {}
        }
        let (value, shape) = match self.advance()?.kind {
            TokenKind::Int(number) => {
                let number = if minus { 0i64.checked_sub_unsigned(number) } else { i64::try_from(number).ok() };
                let Some(number) = number else {
                    return Err(CompileError::new("the number is too large", at));
                };
                (Value::Int(number), Shape::INT)
            }
            TokenKind::Double(number) => (Value::Double(if minus { -number } else { number }), Shape::Is(Type::Double)),
            TokenKind::Text(text) => (Value::Text(text.into()), Shape::TEXT),
            TokenKind::Word | TokenKind::Symbol(_) | TokenKind::End => {
                return Err(CompileError::new("expected a value", at));
            }
        };
        self.builder.add(Node::Constant(value), shape, &[], at).map(Operand::Term)
    }

    /// The elements of a list, and its closing bracket; a comma may follow the last.
    fn list(&mut self, start: usize) -> Result<Term, CompileError> {
        let mut terms = Vec::new();
        while !matches!(self.next.kind, TokenKind::Symbol("]")) {
            terms.push(self.expression()?);
            if !self.take(",")? {
                break;
            }
        }
        let end = self.expect("]")?;
        let shape = match terms.split_first() {
            Some((first, rest)) if rest.iter().all(|term| term.shape == first.shape) => first.shape.listed(),
            _ => Shape::LIST,
        };
        let mut list = self.builder.many(Node::List, shape, terms)?;
        list.at = start..end;
        Ok(list)
    }

    /// A word that may be a name, and its bytes.
    pub(super) fn word(&mut self, wanted: &str) -> Result<Range<usize>, CompileError> {
        match self.next.kind {
            TokenKind::Word if !matches!(self.text(&self.next.at), "true" | "false" | "null" | "in") => {
                Ok(self.advance()?.at)
            }
            _ => Err(unexpected(&self.next, wanted, self.source)),
        }
    }

    fn name_or_call(&mut self) -> Result<Operand<'s>, CompileError> {
        let at = self.advance()?.at;
        let word = self.text(&at);
        let truth = match word {
            "true" => Some(true),
            "false" => Some(false),
            "null" => return Err(CompileError::new("nothing is null here: write `!declared(…)` or `!has(…)`", at)),
            "in" => return Err(CompileError::new("expected a value, found `in`", at)),
            _ => None,
        };
        if let Some(truth) = truth {
            return self.builder.add(Node::Constant(Value::Bool(truth)), Shape::BOOL, &[], at).map(Operand::Term);
        }
        must_be_free(word, &at)?;
        if !matches!(self.next.kind, TokenKind::Symbol("(")) {
            return Ok(Operand::Name(vec![(word, at)]));
        }
        match word {
            "has" | "declared" => self.about_name(word, at).map(Operand::Term),
            _ => self.function(word, at, Call::Global, None).map(Operand::Term),
        }
    }

    /// A name as a value.
    fn settle(&mut self, operand: Operand<'s>) -> Result<Term, CompileError> {
        let parts = match operand {
            Operand::Term(term) => return Ok(term),
            Operand::Name(parts) => parts,
        };
        let at = span(&parts);
        let root = parts.first().map_or("", |part| part.0);
        if let Some(depth) = self.variables.iter().rposition(|variable| variable.0 == root) {
            let shape = self.variables[depth].1; // just found
            return match parts.get(1) {
                Some(part) => {
                    Err(CompileError::new(format!("`{root}` is an element, it has no parts"), part.1.clone()))
                }
                None => self.builder.add(Node::Element(depth as u8), shape, &[], at),
            };
        }
        match self.builder.refer(&parts)? {
            (id, Meaning::Attribute(base)) => self.builder.add(Node::Attribute(id), Shape::Is(base), &[], at),
            (_, Meaning::Resource) => {
                let name = self.text(&at);
                let message = format!("`{name}` has no value: name one of its attributes, or write has({name})");
                Err(CompileError::new(message, at))
            }
        }
    }

    fn must_be_bool(&self, term: &Term) -> Result<(), CompileError> {
        if term.shape.may_be(Type::Bool) {
            return Ok(());
        }
        let message = format!("expected a condition, this is {}", term.shape.described());
        Err(CompileError::new(message, term.at.clone()))
    }
}

/// The bytes of a name.
pub(super) fn span(parts: &[(&str, Range<usize>)]) -> Range<usize> {
    let start = parts.first().map_or(0, |part| part.1.start);
    start..parts.last().map_or(start, |part| part.1.end)
}

/// CEL keeps some words for later.
pub(super) fn must_be_free(word: &str, at: &Range<usize>) -> Result<(), CompileError> {
    const RESERVED: [&str; 17] = [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "namespace",
        "package",
        "return",
        "var",
        "void",
        "while",
    ];
    if RESERVED.contains(&word) {
        return Err(CompileError::new(format!("`{word}` is a reserved word"), at.clone()));
    }
    Ok(())
}
