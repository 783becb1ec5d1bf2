//! Messages with holes: `every retry waits the same {self.initial_delay}`.

use std::fmt::Write;

use super::lexer::TokenKind;
use super::parser::parse;
use super::{Answer, CompileError, Environment, EvalError, MAX_SOURCE, Names, Program, Reference, References};
use crate::model::Value;

/// A compiled message: text with expressions between braces; `{{` and `}}` are braces.
#[derive(Debug, Clone)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(Box<str>),
    Hole(Program),
}

/// Why a message cannot be written: it never shows a guess.
#[derive(Debug, Clone)]
pub enum Unrendered<'t> {
    /// These are not known.
    Unknown(References<'t>),
    /// An expression makes no sense with these values.
    Error(EvalError),
}

impl Template {
    /// Compiles a message.
    pub fn compile(source: &str, names: &dyn Names) -> Result<Template, CompileError> {
        if source.len() > MAX_SOURCE {
            return Err(CompileError::new(format!("longer than {MAX_SOURCE} bytes"), MAX_SOURCE..source.len()));
        }
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut at = 0;
        loop {
            let rest = source.get(at..).unwrap_or("");
            let Some(brace) = rest.find(['{', '}']) else {
                text.push_str(rest);
                break;
            };
            let (before, after) = rest.split_at(brace);
            text.push_str(before);
            at += brace;
            if after.starts_with("{{") || after.starts_with("}}") {
                text.push_str(&after[..1]); // a brace is one byte
                at += 2;
            } else if after.starts_with('}') {
                return Err(CompileError::new("nothing is open here: write `}}` for a brace", at..at + 1));
            } else {
                let (program, next) = parse(source, at + 1, names)?;
                if next.kind != TokenKind::Symbol("}") {
                    return Err(CompileError::new("expected an operator or `}` after this", at..next.at.start));
                }
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text).into()));
                }
                pieces.push(Piece::Hole(program));
                at = next.at.end;
            }
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text.into()));
        }
        Ok(Template { pieces })
    }

    /// The names its expressions refer to; a name used in two of them comes twice.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.pieces.iter().flat_map(|piece| match piece {
            Piece::Text(_) => &[],
            Piece::Hole(program) => program.references(),
        })
    }

    /// The message, values as [`Value`] prints them, intervals as `4 to 8`, `at least 4`, `at most 8`.
    pub fn render(&self, environment: &dyn Environment) -> Result<String, Unrendered<'_>> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Hole(program) => match program.value(environment).map_err(Unrendered::Error)? {
                    Answer::Known(value) => print(&mut text, "", &value),
                    Answer::Between(Some(low), Some(high)) => {
                        print(&mut text, "", &low);
                        print(&mut text, " to ", &high);
                    }
                    Answer::Between(Some(low), None) => print(&mut text, "at least ", &low),
                    Answer::Between(None, Some(high)) => print(&mut text, "at most ", &high),
                    Answer::Between(None, None) => {
                        let all = super::program::ReferenceSet::first(program.references().len());
                        return Err(Unrendered::Unknown(References::new(program, all)));
                    }
                    Answer::Unknown(references) => return Err(Unrendered::Unknown(references)),
                },
            }
        }
        Ok(text)
    }
}

fn print(text: &mut String, before: &str, value: &Value) {
    write!(text, "{before}{value}").expect("a String takes any text");
}
