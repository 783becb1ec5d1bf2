//! Variables that words set: `NAME=value`.

use std::collections::HashSet;

use super::Entry;
use crate::syntax::Span;
use crate::syntax::command::{self, Word};

/// The variables that the words of a text at `place` set: `"NAME=a b"`, `NAME=a`.
pub(super) fn variables(text: &str, place: usize) -> Vec<Entry> {
    command::words(text).iter().filter_map(|word| variable(word, text, place)).collect()
}

/// The variable that a word of a text at `place` sets; none where it does not stand there as it is meant.
pub(super) fn variable(word: &Word, text: &str, place: usize) -> Option<Entry> {
    let spelled = word.span.slice(text);
    let (name, value) = word.text.split_once('=')?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let quote = usize::from(spelled.len() == word.text.len() + 2 && !spelled.starts_with(name));
    let start = place + word.span.start as usize + quote;
    let key = Span::new(start, start + name.len());
    let behind = |length: usize| Span::new(key.end as usize + 1, key.end as usize + 1 + length);
    let value_span = if spelled.get(quote..quote + word.text.len()) == Some(&*word.text) {
        behind(value.len())
    } else {
        // `NAME="a b"`
        let quoted = spelled.strip_prefix(name)?.strip_prefix('=')?;
        let is_quoted = |quote| quoted.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) == Some(value);
        (is_quoted('"') || is_quoted('\'')).then(|| behind(quoted.len()))?
    };
    Some(Entry { key, name: name.to_owned(), value: value_span, text: value.to_owned() })
}

/// Leaves out what is set again behind it.
pub(super) fn last_of_each_name(entries: &mut Vec<Entry>) {
    let mut known = HashSet::new();
    entries.reverse();
    entries.retain(|entry| known.insert(entry.name.clone()));
    entries.reverse();
}
