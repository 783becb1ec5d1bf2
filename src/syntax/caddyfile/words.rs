//! The words of a Caddyfile, cut as Caddy cuts them (`caddyconfig/caddyfile/lexer.go`).
//!
//! Blanks end a word; one that begins with `"` or a backtick goes up to the next, over lines too, one that begins with `<<END`
//! up to the next `END`. `\` keeps a quote within double quotes and joins two lines at the end of one. `#` begins a comment only
//! where a word may begin. `{$NAME:default}` is put in before all of this, so that nothing within it counts.

use super::Stop;
use crate::syntax::span::Span;

/// What encloses a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// Nothing.
    None,
    /// Double quotes.
    Double,
    /// Backticks, or the marks of a text of several lines.
    Raw,
}

/// A word.
#[derive(Debug)]
pub(super) struct Word {
    /// Its place, quotes included.
    pub span: Span,
    /// Whether it begins a line.
    pub first: bool,
    pub quote: Quote,
    /// Its text, where that is another than the one within double quotes.
    pub meant: Option<String>,
}

/// The words of a text, its comments, and why it could not be read further.
pub(super) struct Words {
    pub words: Vec<Word>,
    pub comments: Vec<Span>,
    pub broken: Option<Stop>,
}

/// Cuts `text` from `start` on.
pub(super) fn words(text: &str, start: usize) -> Words {
    let mut cutter = Cutter {
        text,
        at: start,
        first: true,
        variables: true,
        found: Words { words: Vec::new(), comments: Vec::new(), broken: None },
    };
    cutter.found.broken = cutter.run().err();
    cutter.found
}

struct Cutter<'t> {
    text: &'t str,
    at: usize,
    /// Whether the next word begins a line.
    first: bool,
    /// Whether a `}` stands further on, so that a variable may end.
    variables: bool,
    found: Words,
}

impl Cutter<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn run(&mut self) -> Result<(), Stop> {
        while let Some(c) = self.rest().chars().next() {
            match c {
                '\n' => {
                    self.first = true;
                    self.at += 1;
                }
                c if c.is_whitespace() => self.at += c.len_utf8(),
                // the line goes on
                '\\' if self.rest()[1..].trim_start_matches([' ', '\t', '\r']).starts_with('\n') => {
                    self.at += self.rest().find('\n').map_or(1, |length| length + 1);
                }
                '#' => {
                    let length = self.rest().find('\n').unwrap_or(self.rest().len());
                    let line = self.rest()[..length].trim_end_matches('\r').len();
                    self.found.comments.push(Span::new(self.at, self.at + line));
                    self.at += length;
                }
                '"' => self.double_quoted(),
                '`' => {
                    let inner = self.rest()[1..].split('`').next().unwrap_or_default().to_owned();
                    let length = (inner.len() + 2).min(self.rest().len());
                    self.word(length, Quote::Raw, Some(inner));
                }
                '<' if self.rest().starts_with("<<") => self.heredoc()?,
                _ => {
                    let length = self.plain();
                    self.word(length, Quote::None, None);
                }
            }
        }
        Ok(())
    }

    fn word(&mut self, length: usize, quote: Quote, meant: Option<String>) {
        let span = Span::new(self.at, self.at + length);
        self.found.words.push(Word { span, first: std::mem::take(&mut self.first), quote, meant });
        self.at += length;
    }

    /// How long the variable is that begins at `at` of the rest, if one does.
    fn variable(&mut self, at: usize) -> Option<usize> {
        let rest = self.rest().get(at..)?;
        if !self.variables || !rest.starts_with("{$") {
            return None;
        }
        let end = rest.find('}');
        self.variables = end.is_some();
        end.map(|end| end + 1)
    }

    fn plain(&mut self) -> usize {
        let mut length = 0;
        while let Some(c) = self.rest()[length..].chars().next() {
            if let Some(variable) = self.variable(length) {
                length += variable;
                continue;
            }
            // carriage returns are passed over, wherever they stand
            let from = self.rest()[length..].trim_start_matches('\r');
            let joined = |from: &str| from.trim_start_matches('\r').starts_with('\n');
            if from.chars().next().is_none_or(char::is_whitespace) || c == '\\' && joined(&from[1..]) {
                break;
            }
            length = self.rest().len() - from.len() + if c == '\r' { 0 } else { c.len_utf8() };
        }
        length
    }

    fn double_quoted(&mut self) {
        let (mut length, mut meant, mut escaped) = (1, String::new(), false);
        loop {
            if let Some(variable) = self.variable(length) {
                meant.push_str(&self.rest()[length..length + variable]);
                length += variable;
                escaped = false;
                continue;
            }
            let Some(c) = self.rest()[length..].chars().next() else { break };
            length += c.len_utf8();
            match c {
                '"' if escaped => {
                    meant.pop();
                    meant.push('"');
                }
                '"' => break,
                c => meant.push(c),
            }
            escaped = c == '\\' && !escaped;
        }
        let plain = self.rest().get(1..length.max(2) - 1).is_some_and(|inner| inner == meant);
        self.word(length, Quote::Double, (!plain).then_some(meant));
    }

    /// A text of several lines, between two marks.
    fn heredoc(&mut self) -> Result<(), Stop> {
        let rest = self.rest();
        let of_mark = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        let mark = rest[2..].split(|c| !of_mark(c)).next().unwrap_or_default();
        let after = rest[2 + mark.len()..].trim_start_matches('\r');
        let line = rest.len() - after.len();
        let named = !mark.is_empty() && after.starts_with('\n');
        if rest.starts_with("<<<") || !named {
            // no mark: older versions take it for a word like others
            let broken = rest.starts_with("<<<");
            let length = self.plain();
            let at = self.at;
            self.word(length, Quote::None, None);
            return if broken { Err(("a text of several lines begins with '<<' and its mark", at)) } else { Ok(()) };
        }
        let found = rest[line..].find(mark).map(|at| line + at + mark.len());
        match found {
            Some(length) => {
                let meant = rest[..length].to_owned();
                self.word(length, Quote::Raw, Some(meant));
                Ok(())
            }
            None => Err(("a text of several lines is not ended by its mark", self.at)),
        }
    }
}
