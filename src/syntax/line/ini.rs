//! Windows, PHP, Git, systemd and Python style `ini`.
//!
//! `=` or `:` separates, whichever comes first. `;` and `#` begin a comment at the start of a line and after a blank.
//! Values are raw: quotes stay part of them, but hide comment signs. A value goes on in the following lines
//! - behind a `\` that follows a blank (systemd, Git), joined by one blank;
//! - where a line is indented deeper than its key and either has no separator or follows an empty value (Python's
//!   `configparser`), joined by line feeds.

use super::lines::{Line, LineEnd, find, is_blank, line_at, skip_blanks, trim_end};
use super::tree::{Key, Tree, Value};
use crate::syntax::{Span, Style};

/// Reads the whole text into `tree`.
pub(super) fn read(tree: &mut Tree<'_>) {
    let text = tree.text;
    let mut at = tree.start();
    while let Some(line) = line_at(text, at, LineEnd::Any) {
        at = line.next;
        let start = skip_blanks(text, line.start, line.end);
        match text.as_bytes()[start..line.end].first() {
            None => {}
            Some(b';' | b'#') => tree.comment(start, trim_end(text, start, line.end), true),
            Some(b'[') => at = section(tree, line, start),
            Some(_) => at = entry(tree, line, start),
        }
    }
}

/// Reads a header and what stands behind it; the offset of the next line.
fn section(tree: &mut Tree<'_>, line: Line, start: usize) -> usize {
    let text = tree.text;
    let Some(close) = closing_bracket(text, start + 1, line.end) else {
        let end = trim_end(text, start, line.end);
        tree.error(start, end, "the section's `]` is missing");
        tree.section(start, end, Span::new(start + 1, end));
        return line.next;
    };
    tree.section(start, close + 1, Span::new(start + 1, close));
    let rest = skip_blanks(text, close + 1, line.end);
    match text.as_bytes()[rest..line.end].first() {
        None => line.next,
        Some(b';' | b'#') => {
            tree.comment(rest, trim_end(text, rest, line.end), false);
            line.next
        }
        Some(_) => entry(tree, line, rest), // `[core] bare = true`, as Git has it
    }
}

/// The `]` that ends a header, outside of double quotes (`[remote "a]b"]`), else the last one.
fn closing_bracket(text: &str, start: usize, end: usize) -> Option<usize> {
    let mut quoted = false;
    let bytes = &text.as_bytes()[start..end];
    let outside = bytes.iter().position(|&byte| {
        quoted ^= byte == b'"';
        byte == b']' && !quoted
    });
    outside.or_else(|| bytes.iter().rposition(|&byte| byte == b']')).map(|offset| start + offset)
}

/// Reads the entry at `start` of `line`; the offset of the next line.
fn entry(tree: &mut Tree<'_>, line: Line, start: usize) -> usize {
    let text = tree.text;
    let content_end = before_comment(text, start, line.end);
    let Some(separator) = find(text, start, content_end, b"=:") else {
        let end = trim_end(text, start, content_end);
        tree.entry(start, Key::plain(start, end), Value::absent(end));
        comment_behind(tree, content_end, line.end);
        return line.next;
    };
    let key_end = trim_end(text, start, separator);
    if key_end == start {
        tree.error(start, separator + 1, "the key is missing");
    }
    let value_start = skip_blanks(text, separator + 1, line.end);
    let value_end = before_comment(text, value_start, line.end);
    let end = trim_end(text, value_start, value_end);
    // An empty value before a comment goes right behind the separator, or it would end up glued to the comment.
    let (value_start, end) =
        if end == value_start && value_end < line.end { (separator + 1, separator + 1) } else { (value_start, end) };
    let mut value = Continued { start: value_start, end, decoded: None, comments: Vec::new() };
    if value_end < line.end {
        value.comments.push((value_end, line.end, false));
    }
    let next = value.read_on(text, line, start - line.start);
    tree.entry(
        start,
        Key::plain(start, key_end),
        match value.decoded {
            Some(decoded) => Value::decoded(value.start, value.end, Style::Plain, decoded),
            None => Value::plain(value.start, value.end),
        },
    );
    for (from, to, own_line) in value.comments {
        tree.comment(from, trim_end(text, from, to), own_line);
    }
    next
}

/// A value that may go on in the lines below.
struct Continued {
    start: usize,
    end: usize,
    decoded: Option<String>,
    comments: Vec<(usize, usize, bool)>,
}

impl Continued {
    /// Takes the lines that belong to the value; the offset of the first that does not.
    fn read_on(&mut self, text: &str, first: Line, indent: usize) -> usize {
        let mut next = first.next;
        let was_empty = self.end == self.start;
        // Comments between two lines of the value; they stand on their own if it does not go on.
        let mut between = Vec::new();
        let mut at = next;
        loop {
            let joined = between.is_empty() && self.drop_backslash(text);
            let Some(line) = line_at(text, at, LineEnd::Any) else { return next };
            let start = skip_blanks(text, line.start, line.end);
            let head = text.as_bytes()[start..line.end].first();
            at = line.next;
            if joined {
                self.append(text, start, line.end, ' ');
                next = line.next;
                continue;
            }
            if matches!(head, Some(b';' | b'#')) {
                between.push((start, line.end, true));
                continue;
            }
            if start - line.start <= indent || matches!(head, None | Some(b'[')) {
                return next;
            }
            let end = before_comment(text, start, line.end);
            if !was_empty && find(text, start, end, b"=:").is_some() {
                return next;
            }
            self.append(text, start, end, '\n');
            self.comments.append(&mut between);
            if end < line.end {
                self.comments.push((end, line.end, false));
            }
            next = line.next;
        }
    }

    /// Whether the value ends in a `\` after a blank (or is only that), which is then left out of its text.
    fn drop_backslash(&mut self, text: &str) -> bool {
        let spelled = &text.as_bytes()[self.start..self.end];
        let joins = match spelled {
            [.., before, b'\\'] => is_blank(*before),
            [b'\\'] => true,
            _ => false,
        };
        if joins {
            let decoded = self.decoded.get_or_insert_with(|| text[self.start..self.end].to_owned());
            decoded.pop();
            decoded.truncate(decoded.trim_end().len());
        }
        joins
    }

    fn append(&mut self, text: &str, start: usize, end: usize, joint: char) {
        let end = trim_end(text, start, end);
        let decoded = self.decoded.get_or_insert_with(|| text[self.start..self.end].to_owned());
        if !decoded.is_empty() && end > start {
            decoded.push(joint);
        }
        decoded.push_str(&text[start..end]);
        if self.end == self.start && end > start {
            self.start = start;
        }
        if end > start {
            self.end = end;
        }
    }
}

/// Where the inline comment of `start..end` begins, else `end`. A value that begins with a quote hides the signs in it.
fn before_comment(text: &str, start: usize, end: usize) -> usize {
    let bytes = text.as_bytes();
    let mut from = start;
    if let Some(&quote @ (b'"' | b'\'')) = bytes[start..end].first() {
        let closing = bytes[start + 1..end].iter().position(|&byte| byte == quote);
        from = closing.map_or(start, |offset| start + offset + 2);
    }
    let is_comment = |&at: &usize| {
        matches!(bytes[at], b';' | b'#') && at.checked_sub(1).is_some_and(|before| is_blank(bytes[before]))
    };
    (from..end).find(is_comment).unwrap_or(end)
}

fn comment_behind(tree: &mut Tree<'_>, start: usize, end: usize) {
    if start < end {
        tree.comment(start, trim_end(tree.text, start, end), false);
    }
}
