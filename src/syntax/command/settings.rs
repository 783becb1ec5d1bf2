//! The options of a command line: Postgres settings, and flags with values in general.

use super::{Arguments, words};
use crate::syntax::{NodeId, Span};

/// A name with its value, read from one word or two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The name; flags keep their dashes.
    pub name: String,
    /// The value; `None` for a flag that stands alone.
    pub value: Option<String>,
    /// Where the name stands in the document's text, if it stands there as it is meant.
    pub name_span: Option<Span>,
    /// Where the value stands, shell quotes included, if exactly the value stands there.
    pub value_span: Option<Span>,
    /// The word that holds the value, or else the name.
    pub word: NodeId,
    /// Whether name and value are two words: the value may then be an argument of its own.
    pub separate: bool,
}

impl Arguments {
    /// The settings a Postgres server reads: `-c name=value`, `-cname=value`, `--name=value`. Names stay as spelled:
    /// the server takes `-` for `_` in them. Other flags (`-N`, `-B`, `-F`) are in [`Arguments::flags`].
    pub fn settings(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        let mut words = self.words().skip(usize::from(!self.only_options));
        while let Some(word) = words.next() {
            let text = self.document.scalar(word);
            let found = match text {
                "--" => break,
                "-c" => words.next().and_then(|next| self.pair(next, 0)),
                _ if text.starts_with("--") || text.starts_with("-c") => self.pair(word, 2),
                _ => None,
            };
            settings.extend(found);
        }
        settings
    }

    /// All words that begin with a dash, with the value behind `=`, else with the next word if that has no dash.
    pub fn flags(&self) -> Vec<Setting> {
        let words: Vec<NodeId> = self.words().collect();
        let mut flags = Vec::new();
        for (index, &word) in words.iter().enumerate().skip(1) {
            let text = self.document.scalar(word);
            if text == "--" {
                break;
            }
            if !text.starts_with('-') || text == "-" {
                continue;
            }
            if let Some(pair) = self.pair(word, 0) {
                flags.push(pair);
                continue;
            }
            let value = words.get(index + 1).copied().filter(|&next| {
                let next = self.document.scalar(next);
                !next.starts_with('-') || next == "-" || next[1..].starts_with(|char: char| char.is_ascii_digit())
            });
            flags.push(Setting {
                name: text.to_owned(),
                value: value.map(|next| self.document.scalar(next).to_owned()),
                name_span: self.span_of(word, 0, text),
                value_span: value.map(|next| self.document.node(next).content),
                word: value.unwrap_or(word),
                separate: value.is_some(),
            });
        }
        flags
    }

    /// `name=value` in one word, behind its first `skip` bytes.
    fn pair(&self, word: NodeId, skip: usize) -> Option<Setting> {
        let text = self.document.scalar(word);
        let (name, value) = text.get(skip..)?.split_once('=')?;
        let name_span = self.span_of(word, skip, name);
        let value_span = name_span.and_then(|name| self.value_behind(word, name.end + 1, value));
        Some(Setting {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            name_span,
            value_span,
            word,
            separate: false,
        })
    }

    /// Where `part`, `skip` bytes into the word's text, stands in the source.
    fn span_of(&self, word: NodeId, skip: usize, part: &str) -> Option<Span> {
        let content = self.document.node(word).content;
        let start = content.start as usize + skip + self.quote(word);
        let span = Span::new(start, start + part.len());
        (content.contains(span) && span.slice(&self.document.text) == part).then_some(span)
    }

    /// Length of a quote around the whole word.
    fn quote(&self, word: NodeId) -> usize {
        let source = self.document.node(word).content.slice(&self.document.text);
        let text = self.document.scalar(word);
        let quoted = |quote: char| source.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) == Some(text);
        usize::from(self.shell && (quoted('"') || quoted('\'')))
    }

    fn value_behind(&self, word: NodeId, start: u32, value: &str) -> Option<Span> {
        let content = self.document.node(word).content;
        let quote = self.quote(word) as u32;
        let end = content.end.checked_sub(quote)?;
        if start > end || self.document.text.as_bytes().get(start as usize - 1) != Some(&b'=') {
            return None;
        }
        let span = Span { start, end };
        let source = span.slice(&self.document.text);
        let quoted = || quote == 0 && self.shell && matches!(words(source).as_slice(), [only] if only.text == value);
        (source == value || quoted()).then_some(span)
    }
}
