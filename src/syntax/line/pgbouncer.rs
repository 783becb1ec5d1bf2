//! `pgbouncer.ini`, as its own loader reads it: no inline comments, no quotes around values.
//!
//! `default_pool_size = 20 ; note` has the value `20 ; note`. `%include FILE` is an entry with the key `%include`.

use super::lines::{LineEnd, find, line_at, skip_blanks, trim_end};
use super::tree::{Key, Tree, Value};
use crate::syntax::{Span, Style};

const INCLUDE: &str = "%include";

/// Reads the whole text into `tree`.
pub(super) fn read(tree: &mut Tree<'_>) {
    let text = tree.text;
    let mut at = tree.start();
    while let Some(line) = line_at(text, at, LineEnd::LineFeed) {
        at = line.next;
        let start = skip_blanks(text, line.start, line.end);
        let end = trim_end(text, start, line.end);
        match text.as_bytes()[start..end].first() {
            None => {}
            Some(b';' | b'#') => tree.comment(start, end, true),
            Some(b'[') => section(tree, start, end),
            Some(b'%') if is_include(&text[start..end]) => {
                let value = skip_blanks(text, start + INCLUDE.len(), end);
                tree.entry(start, Key::plain(start, start + INCLUDE.len()), Value::plain(value, end));
            }
            Some(_) => entry(tree, start, end),
        }
    }
}

fn is_include(line: &str) -> bool {
    line.strip_prefix(INCLUDE).is_some_and(|rest| rest.starts_with([' ', '\t']))
}

fn section(tree: &mut Tree<'_>, start: usize, end: usize) {
    let text = tree.text;
    let Some(close) = find(text, start, end, b"]") else {
        tree.error(start, end, "the section's `]` is missing");
        return tree.section(start, end, Span::new(start + 1, end));
    };
    tree.section(start, close + 1, Span::new(start + 1, close));
    // The loader goes on behind `]` as if a new line had begun.
    let rest = skip_blanks(text, close + 1, end);
    match text.as_bytes()[rest..end].first() {
        None => {}
        Some(b';' | b'#') => tree.comment(rest, end, false),
        Some(_) => entry(tree, rest, end),
    }
}

fn entry(tree: &mut Tree<'_>, start: usize, end: usize) {
    let text = tree.text;
    let line = &text[start..end];
    let quoted = line.starts_with('"').then(|| line[1..].find('"').map(|at| start + at + 2)).flatten();
    let Some(equals) = find(text, quoted.unwrap_or(start), end, b"=") else {
        tree.error(start, end, "`=` is missing");
        return tree.entry(start, Key::plain(start, end), Value::absent(end));
    };
    let key_end = trim_end(text, start, equals);
    let spelled = &text[start..key_end];
    let key = match quoted {
        Some(close) if close == key_end => Key {
            span: Span::new(start, key_end),
            style: Style::DoubleQuoted,
            decoded: Some(spelled.trim_matches('"').to_owned()),
        },
        _ => Key::plain(start, key_end),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-*".contains(&byte);
    if key.style == Style::Plain && (spelled.is_empty() || !spelled.bytes().all(plain)) {
        tree.error(start, key_end.max(start), "a name of letters, digits and `_.-*` was expected");
    } else if !tree.has_section() {
        tree.error(start, key_end, "an entry outside of a section");
    }
    let value = skip_blanks(text, equals + 1, end);
    tree.entry(start, key, Value::plain(value, end));
}
