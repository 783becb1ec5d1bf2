//! Single statements: what is set, of whom, to what. One that is not of exactly these forms gives nothing.

use super::lexer::{Kind, Token};
use super::order::Around;
use super::{Block, Key, Target};
use crate::syntax::{Span, Style};

/// A statement, read from its tokens on.
pub(super) struct Statement<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: &'t [Token],
    pub(super) at: usize,
}

impl<'t> Statement<'t> {
    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    fn slice(&self, token: Token) -> &'t str {
        token.span.slice(self.text)
    }

    /// Takes one of these words or symbols.
    pub(super) fn word(&mut self, words: &[&str]) -> Option<Token> {
        let token = self.peek().filter(|token| matches!(token.kind, Kind::Word | Kind::Symbol))?;
        let slice = self.slice(token);
        words.iter().any(|word| slice.eq_ignore_ascii_case(word)).then(|| self.at += 1)?;
        Some(token)
    }

    /// Takes a name, with dots where it has them.
    fn name(&mut self) -> Option<(Span, Style)> {
        let first = self.peek().filter(|token| matches!(token.kind, Kind::Word | Kind::Quoted))?;
        self.at += 1;
        let mut style = if first.kind == Kind::Quoted { Style::DoubleQuoted } else { Style::Plain };
        let mut span = first.span;
        while let Some(dot) = self.peek().filter(|dot| self.slice(*dot) == "." && dot.span.start == span.end) {
            let next = self.tokens.get(self.at + 1)?;
            if !matches!(next.kind, Kind::Word | Kind::Quoted) || next.span.start != dot.span.end {
                return None;
            }
            span = span.cover(next.span);
            style = Style::Plain;
            self.at += 2;
        }
        Some((span, style))
    }

    /// Takes a value: a text, a number with or without a sign, or a word.
    fn value(&mut self) -> Option<(Span, Style)> {
        let sign = self.word(&["-", "+"]);
        let token = self.peek()?;
        self.at += 1;
        match token.kind {
            Kind::Number => Some((sign.map_or(token.span, |sign| sign.span.cover(token.span)), Style::Plain)),
            Kind::Text if sign.is_none() && !is_filled_in(self.slice(token)) => Some((token.span, Style::SingleQuoted)),
            Kind::Word if sign.is_none() && !self.slice(token).eq_ignore_ascii_case("default") => {
                Some((token.span, Style::Plain))
            }
            _ => None,
        }
    }

    /// `name = value` or `name TO value`, and nothing behind it.
    fn assignment(&mut self) -> Option<(Key, Span, Style)> {
        let (name, style) = self.name()?;
        self.word(&["=", "to"])?;
        let (value, how) = self.value()?;
        let spelled = name.slice(self.text);
        let spelled = if style == Style::DoubleQuoted { &spelled[1..spelled.len() - 1] } else { spelled };
        let lower = spelled.to_ascii_lowercase();
        let name_differs = (lower != name.slice(self.text)).then_some(lower);
        self.peek().is_none().then_some((Key { span: name, name: name_differs }, value, how))
    }
}

/// Whether something else puts the value in before the server reads it.
fn is_filled_in(text: &str) -> bool {
    ["${", "$(", "{{", "{%", "<%", "@@"].iter().any(|mark| text.contains(mark))
}

/// `SET [SESSION | LOCAL] name = value`.
pub(super) fn own(statement: &mut Statement<'_>, set: Token) -> Option<Block> {
    statement.word(&["session", "local"]);
    let settings = vec![statement.assignment()?];
    let key = Key { span: set.span, name: Some("session".into()) };
    let end = statement.tokens.last()?.span;
    Some(Block { target: Target::Own, names: Vec::new(), key, settings, span: set.span.cover(end) })
}

pub(super) fn alter(statement: &mut Statement<'_>, around: Around) -> Option<Block> {
    let start = statement.tokens.first()?.span;
    let end = statement.tokens.last()?.span;
    let block = |target, names, key, settings| Block { target, names, key, settings, span: start.cover(end) };
    if let Some(system) = statement.word(&["system"]) {
        statement.word(&["set"])?;
        let name = match around {
            Around::Nothing => "system",
            Around::Transaction => "system-in-transaction",
            Around::Reload => "system-then-reload",
        };
        let key = Key { span: system.span, name: Some(name.into()) };
        return Some(block(Target::System(around), Vec::new(), key, vec![statement.assignment()?]));
    }
    if statement.word(&["table"]).is_some() {
        if statement.word(&["if"]).is_some() {
            statement.word(&["exists"])?;
        }
        statement.word(&["only"]);
        let (table, style) = statement.name()?;
        let set = statement.word(&["set"])?;
        let settings = storage(statement)?;
        let key = Key { span: set.span, name: Some("storage".into()) };
        let target = Target::Table(table.slice(statement.text).to_owned());
        return Some(block(target, vec![("table", table, style)], key, settings));
    }
    let (mut role, mut database, mut names) = (None, None, Vec::new());
    if statement.word(&["role", "user"]).is_some() {
        let (name, style) = statement.name()?;
        role = Some(name.slice(statement.text).to_owned());
        names.push(("role", name, style));
        if statement.word(&["in"]).is_some() {
            statement.word(&["database"])?;
            let (name, style) = statement.name()?;
            database = Some(name.slice(statement.text).to_owned());
            names.push(("database", name, style));
        }
    } else {
        statement.word(&["database"])?;
        let (name, style) = statement.name()?;
        database = Some(name.slice(statement.text).to_owned());
        names.push(("database", name, style));
    }
    let set = statement.word(&["set"])?;
    let key = Key { span: set.span, name: Some("settings".into()) };
    Some(block(Target::Session { role, database }, names, key, vec![statement.assignment()?]))
}

/// `CREATE TABLE … (…) WITH (…)`; what is not kept, and not logged, is passed over.
pub(super) fn created_table(statement: &mut Statement<'_>) -> Option<Block> {
    let start = statement.tokens.first()?.span;
    let end = statement.tokens.last()?.span;
    statement.word(&["table"])?;
    if statement.word(&["if"]).is_some() {
        statement.word(&["not"])?;
        statement.word(&["exists"])?;
    }
    let (table, style) = statement.name()?;
    let mut depth = 0usize;
    while let Some(token) = statement.peek() {
        match statement.slice(token) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            word if depth == 0 && token.kind == Kind::Word && word.eq_ignore_ascii_case("with") => {
                statement.at += 1;
                let settings = storage(statement)?;
                let key = Key { span: token.span, name: Some("storage".into()) };
                let target = Target::Table(table.slice(statement.text).to_owned());
                let names = vec![("table", table, style)];
                return Some(Block { target, names, key, settings, span: start.cover(end) });
            }
            _ => {}
        }
        statement.at += 1;
    }
    None
}

/// `(name = value, …)` of which some belong to autovacuum; a name alone, which means true, is left out.
fn storage(statement: &mut Statement<'_>) -> Option<Vec<(Key, Span, Style)>> {
    statement.word(&["("])?;
    let mut found = Vec::new();
    loop {
        let (name, _) = statement.name()?;
        if statement.word(&["="]).is_some() {
            let (value, style) = statement.value()?;
            let lower = name.slice(statement.text).to_ascii_lowercase();
            let differs = (lower != name.slice(statement.text)).then_some(lower);
            found.push((Key { span: name, name: differs }, value, style));
        }
        if statement.word(&[","]).is_none() {
            break;
        }
    }
    statement.word(&[")"])?;
    let of_autovacuum = |(key, ..): &(Key, Span, Style)| {
        key.name.as_deref().unwrap_or(key.span.slice(statement.text)).starts_with("autovacuum_")
    };
    found.iter().any(of_autovacuum).then_some(found)
}
