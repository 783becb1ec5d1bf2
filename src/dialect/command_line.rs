//! The command line of a container, as far as it says something to the product in it.

use super::container::ContainerReader;
use crate::knowledge::Starter;
use crate::model::{Name, Written};
use crate::syntax::{Document, NodeId, Span, command};

/// What a command line says to the product.
#[derive(Default)]
pub(super) struct Options {
    pub(super) assignments: Vec<Assignment>,
    /// Whether another program stands before it, which may add to them.
    pub(super) wrapped: bool,
}

/// An option of a command line.
pub(super) struct Assignment {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) written: Written,
    pub(super) shown: Name,
}

impl ContainerReader<'_, '_> {
    /// The settings on the command line; `None` if another program is started.
    pub(super) fn options(&self) -> Option<Options> {
        let mut nodes: Vec<NodeId> = Vec::new();
        let place = |pattern| self.view.one(self.at, pattern).and_then(|id| self.view.get(id).value);
        nodes.extend(self.site.entrypoint.as_ref().and_then(&place));
        nodes.extend(place(&self.site.arguments));
        if nodes.is_empty() {
            return Some(Options::default());
        }
        let arguments = command::read(self.reader.source.document, &nodes)?;
        let document = &arguments.document;
        let words: Vec<NodeId> = arguments.words().collect();
        let texts: Vec<&str> = words.iter().map(|&word| document.scalar(word)).collect();
        if let Some(starter) = self.starter(&texts) {
            let inner = arguments.values(&starter.options).into_iter().map(|text| {
                let inner = command::options(text, command::Split::Shell);
                let words: Vec<NodeId> = inner.words().collect();
                self.assignments(&inner.document, &words)
            });
            return Some(Options { assignments: inner.flatten().collect(), wrapped: true });
        }
        let starts = |word: &&str| {
            let base = word.rsplit('/').next().unwrap_or(word);
            self.container.programs.iter().any(|program| *program == base)
        };
        let first = match texts.iter().position(starts) {
            Some(at) => at + 1,
            None if texts.first().is_some_and(|word| word.starts_with('-')) => 0,
            None if texts.is_empty() => return Some(Options::default()),
            None => 1, // a script that passes its arguments on, if they are settings
        };
        let wrapped = !texts.iter().take(first).any(starts) && first > 0;
        let assignments = self.assignments(document, &words[first..]);
        let known = |assignment: &Assignment| super::parameter::canonical(&assignment.name.replace('-', "_")).is_some();
        if wrapped && (assignments.is_empty() || !assignments.iter().all(known)) {
            return None;
        }
        Some(Options { assignments, wrapped })
    }

    /// The program that starts the product with options of its own, if the words call it for that.
    fn starter(&self, texts: &[&str]) -> Option<&Starter> {
        self.container.starter.iter().find(|starter| {
            let called = texts.iter().position(|word| word.rsplit('/').next() == Some(&*starter.program));
            called.is_some_and(|at| texts[at + 1..].iter().any(|word| starter.when.iter().any(|when| **when == **word)))
        })
    }

    /// What options assign.
    fn assignments(&self, document: &Document, words: &[NodeId]) -> Vec<Assignment> {
        let texts: Vec<&str> = words.iter().map(|&word| document.scalar(word)).collect();
        let mut assignments = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let text = texts[at];
            let pair = |word: usize, skip: usize| self.pair(document, words[word], skip);
            if self.container.assign.iter().any(|option| option == text) && at + 1 < words.len() {
                assignments.extend(pair(at + 1, 0));
                at += 2;
                continue;
            }
            let glued = self
                .container
                .assign
                .iter()
                .find(|option| !option.starts_with("--") && text.starts_with(option.as_str()));
            if let Some(option) = glued {
                assignments.extend(pair(at, option.len()));
            } else if self.container.long && text.starts_with("--") {
                assignments.extend(pair(at, 2));
            } else if let Some(short) = self.container.short.iter().find(|short| text.starts_with(&short.option)) {
                match (&short.value, text.len() == short.option.len()) {
                    (Some(value), _) => assignments.push(self.short(document, words[at], &short.name, value)),
                    (None, true) if at + 1 < words.len() => {
                        at += 1;
                        assignments.push(self.short(document, words[at], &short.name, texts[at]));
                    }
                    (None, true) => {}
                    (None, false) => {
                        assignments.push(self.short(document, words[at], &short.name, &text[short.option.len()..]));
                    }
                }
            }
            at += 1;
        }
        assignments
    }

    fn short(&self, document: &Document, word: NodeId, name: &Name, value: &str) -> Assignment {
        let location = self.locate(document, document.node(word).content);
        let written = Written::new(location, location, name.clone());
        Assignment { name: name.to_string(), value: value.into(), written, shown: value.into() }
    }

    /// `name=value` in one word, from byte `skip` of it.
    fn pair(&self, document: &Document, word: NodeId, skip: usize) -> Option<Assignment> {
        let text = document.scalar(word);
        let rest = text.get(skip..)?;
        let (name, value) = rest.split_once('=')?;
        let span = document.node(word).content;
        let raw = span.slice(&document.text);
        // where the word is written as it is meant, name and value have places of their own
        let (entry, value_span) = match raw.find(rest) {
            Some(at) => {
                let start = span.start as usize + at;
                let value_at = start + name.len() + 1;
                (Span::new(start, start + rest.len()), Span::new(value_at, value_at + value.len()))
            }
            None => (span, span),
        };
        let written = Written::new(self.locate(document, entry), self.locate(document, value_span), name);
        Some(Assignment { name: name.into(), value: value.into(), written, shown: value.into() })
    }
}
