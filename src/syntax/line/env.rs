//! `.env` files: what Docker Compose and the dotenv libraries agree on.
//!
//! `[export ]KEY=value`, also `KEY: value`; a lone `KEY` passes the variable through. Single quotes are literal, double
//! quotes know escapes, both may span lines. Without quotes, `#` after a blank begins a comment. Variables stay as text.

use super::escape;
use super::lines::{Line, LineEnd, find, is_blank, line_at, skip_blanks, trim_end};
use super::tree::{Key, Tree, Value};
use crate::syntax::Style;

/// Reads the whole text into `tree`.
pub(super) fn read(tree: &mut Tree<'_>) {
    let text = tree.text;
    let mut at = tree.start();
    while let Some(line) = line_at(text, at, LineEnd::Any) {
        let start = skip_blanks(text, line.start, line.end);
        at = match text.as_bytes()[start..line.end].first() {
            None => line.next,
            Some(b'#') => {
                tree.comment(start, trim_end(text, start, line.end), true);
                line.next
            }
            Some(_) => entry(tree, line, start),
        };
    }
}

/// Reads the entry at `start` of `line`; the offset of the next line.
fn entry(tree: &mut Tree<'_>, line: Line, start: usize) -> usize {
    let text = tree.text;
    let key_start = after_export(text, start, line.end);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let name = text.as_bytes()[key_start..line.end].iter().take_while(|&&byte| is_name(byte)).count();
    let behind = skip_blanks(text, key_start + name, line.end);
    match text.as_bytes()[behind..line.end].first() {
        Some(b'=' | b':') if name > 0 => value(tree, line, start, Key::plain(key_start, key_start + name), behind + 1),
        None if name > 0 => {
            let end = key_start + name;
            tree.entry(start, Key::plain(key_start, end), Value::absent(end));
            line.next
        }
        Some(b'#') if name > 0 && behind > key_start + name => {
            let end = key_start + name;
            tree.entry(start, Key::plain(key_start, end), Value::absent(end));
            tree.comment(behind, trim_end(text, behind, line.end), false);
            line.next
        }
        _ => odd_line(tree, line, start, key_start),
    }
}

/// Reads a line whose name is not a variable's; what stands before `=` is still taken as the key.
fn odd_line(tree: &mut Tree<'_>, line: Line, start: usize, key_start: usize) -> usize {
    let text = tree.text;
    let end = trim_end(text, key_start, line.end);
    match find(text, key_start, line.end, b"=") {
        Some(equals) => {
            let key_end = trim_end(text, key_start, equals);
            tree.error(key_start, key_end, "a variable name was expected");
            value(tree, line, start, Key::plain(key_start, key_end), equals + 1)
        }
        None => {
            tree.error(start, end, "`NAME=value` was expected");
            line.next
        }
    }
}

fn after_export(text: &str, start: usize, end: usize) -> usize {
    const EXPORT: &str = "export";
    let behind = start + EXPORT.len();
    let is_export = text[start..end].starts_with(EXPORT)
        && text.as_bytes()[behind..end].first().is_some_and(|&byte| is_blank(byte));
    let key = if is_export { skip_blanks(text, behind, end) } else { start };
    // `export = x` sets a variable of that name.
    if matches!(text.as_bytes()[key..end].first(), None | Some(b'=' | b'#')) { start } else { key }
}

/// Reads the value behind the separator; the offset of the next line.
fn value(tree: &mut Tree<'_>, line: Line, start: usize, key: Key, from: usize) -> usize {
    let text = tree.text;
    let at = skip_blanks(text, from, line.end);
    let quote = text.as_bytes()[at..line.end].first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let Some(quote) = quote else {
        return plain(tree, line, start, key, from, at);
    };
    match closing_quote(text, at, line.end, quote) {
        Some(close) => {
            let inner = &text[at + 1..close];
            let (style, decoded) = match quote {
                b'"' => (Style::DoubleQuoted, escape::env(inner)),
                _ => (Style::SingleQuoted, inner.replace("\\'", "'")),
            };
            tree.entry(start, key, Value::decoded(at, close + 1, style, decoded));
            let last = line_at(text, close + 1, LineEnd::Any);
            let (end, next) = last.map_or((text.len(), text.len()), |last| (last.end, last.next));
            let behind = skip_blanks(text, close + 1, end);
            match text.as_bytes()[behind..end].first() {
                None => {}
                Some(b'#') => tree.comment(behind, trim_end(text, behind, end), false),
                Some(_) => tree.error(behind, trim_end(text, behind, end), "text behind the closing quote"),
            }
            next
        }
        None => {
            tree.error(at, at + 1, "the quote is never closed");
            plain(tree, line, start, key, from, at)
        }
    }
}

/// Reads an unquoted value at `at`; blanks between `from` and it may make a `#` there a comment.
fn plain(tree: &mut Tree<'_>, line: Line, start: usize, key: Key, from: usize, at: usize) -> usize {
    let text = tree.text;
    let bytes = text.as_bytes();
    let is_comment = |&at: &usize| bytes[at] == b'#' && at > from && is_blank(bytes[at - 1]);
    let comment = (at..line.end).find(is_comment);
    let end = trim_end(text, at, comment.unwrap_or(line.end));
    // An empty value before a comment goes right behind the separator, or it would end up glued to the comment.
    let (at, end) = if end == at && comment.is_some() { (from, from) } else { (at, end) };
    tree.entry(start, key, Value::plain(at, end));
    if let Some(comment) = comment {
        tree.comment(comment, trim_end(text, comment, line.end), false);
    }
    line.next
}

/// The quote that closes the one at `open`: on the same line, or on a later one if nothing but a comment follows it.
///
/// A quote on a later line with more text behind it belongs to another value, so this one was never closed. Each scan
/// stops at the next quote, so the whole file is scanned a bounded number of times, except behind its last quote.
fn closing_quote(text: &str, open: usize, line_end: usize, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = open + 1;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' && (quote == b'"' || (bytes.get(at + 1) == Some(&quote) && closes_later(bytes, at, line_end)))
        {
            at += 2;
            continue;
        }
        if byte == quote {
            let own_line = at < line_end;
            let last = line_at(text, at + 1, LineEnd::Any).map_or(text.len(), |line| line.end);
            let behind = skip_blanks(text, at + 1, last);
            let alone = matches!(bytes[behind..last].first(), None | Some(b'#'));
            return (own_line || alone).then_some(at);
        }
        at += 1;
    }
    None
}

/// Whether the escaped single quote at `at` is followed by another one on its line: `'Let\'s go'`, but not `'C:\'`.
fn closes_later(bytes: &[u8], at: usize, line_end: usize) -> bool {
    bytes.get(at + 2..line_end).is_some_and(|rest| rest.contains(&b'\''))
}
