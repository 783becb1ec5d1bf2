//! Java `.properties`, as `java.util.Properties.load` reads them.
//!
//! The key ends at the first `=`, `:` or blank that is not escaped; blanks at the end of a value belong to it; an odd
//! number of `\` at the end joins the next line without its leading blanks. A comment line is never joined.

use super::lines::{LineEnd, line_at, trim_end};
use super::tree::{Key, Tree, Value};
use crate::syntax::{Span, Style};

/// Reads the whole text into `tree`.
pub(super) fn read(tree: &mut Tree<'_>) {
    let text = tree.text;
    let mut at = tree.start();
    while at < text.len() {
        let bytes = text.as_bytes();
        match bytes[at] {
            byte if is_space(byte) || is_newline(byte) => at += 1,
            b'#' | b'!' => {
                let line = line_at(text, at, LineEnd::Any);
                let (end, next) = line.map_or((text.len(), text.len()), |line| (line.end, line.next));
                tree.comment(at, trim_end(text, at, end), true);
                at = next;
            }
            _ => at = entry(tree, at),
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0c)
}

fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Reads the entry at `start`; the offset behind its logical line.
fn entry(tree: &mut Tree<'_>, start: usize) -> usize {
    let text = tree.text;
    let mut reader = Reader { text, at: start };
    let key = reader.part(tree, |char| matches!(char, '=' | ':' | ' ' | '\t' | '\u{c}'));
    reader.skip_spaces();
    let mut separated = reader.at > key.span.end as usize;
    if matches!(reader.peek(), Some(b'=' | b':')) {
        separated = true;
        reader.at += 1;
        reader.skip_spaces();
    }
    let value = reader.part(tree, |_| false);
    let value_start = value.span.start as usize;
    let value = match value.decoded {
        _ if value.span.is_empty() && !separated => Value::absent(value_start),
        Some(decoded) => Value::decoded(value_start, value.span.end as usize, Style::Plain, decoded),
        None => Value::plain(value_start, value.span.end as usize),
    };
    tree.entry(start, Key { span: key.span, style: Style::Plain, decoded: key.decoded }, value);
    reader.at
}

/// A part of a logical line: where it stands, and its meaning where that differs.
struct Part {
    span: Span,
    decoded: Option<String>,
}

/// A cursor over one logical line.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips blanks, and continuations between them.
    fn skip_spaces(&mut self) {
        loop {
            match self.peek() {
                Some(byte) if is_space(byte) => self.at += 1,
                Some(b'\\') if self.skip_continuation() => {}
                _ => return,
            }
        }
    }

    /// Skips `\`, the line end behind it and the blanks of the next line, if that is what stands here.
    fn skip_continuation(&mut self) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        let length = match rest {
            [b'\\', b'\r', b'\n', ..] => 3,
            [b'\\', b'\n' | b'\r', ..] => 2,
            _ => return false,
        };
        self.at += length;
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
        true
    }

    /// Reads up to an unescaped `stop` or the end of the logical line.
    fn part(&mut self, tree: &mut Tree<'_>, stop: impl Fn(char) -> bool) -> Part {
        let start = self.at;
        let mut end = start;
        let mut decoded: Option<String> = None;
        while let Some(char) = self.text[self.at..].chars().next() {
            if matches!(char, '\n' | '\r') || stop(char) {
                break;
            }
            let before = self.at;
            if char != '\\' {
                self.at += char.len_utf8();
                end = self.at;
                if let Some(decoded) = &mut decoded {
                    decoded.push(char);
                }
                continue;
            }
            let decoded = decoded.get_or_insert_with(|| self.text[start..before].to_owned());
            if self.skip_continuation() {
                continue;
            }
            self.escape(tree, decoded);
            end = self.at;
        }
        Part { span: Span::new(start, end), decoded }
    }

    /// Reads the escape at the cursor.
    fn escape(&mut self, tree: &mut Tree<'_>, decoded: &mut String) {
        let start = self.at;
        self.at += 1;
        let Some(char) = self.text[self.at..].chars().next() else {
            return; // a lone `\` at the end of the text is dropped
        };
        self.at += char.len_utf8();
        match char {
            'n' => decoded.push('\n'),
            'r' => decoded.push('\r'),
            't' => decoded.push('\t'),
            'f' => decoded.push('\u{c}'),
            'u' => match self.unit() {
                Some(unit) => decoded.push(self.pair(unit)),
                None => {
                    tree.error(start, self.at, "`\\u` needs four hexadecimal digits");
                    decoded.push_str("\\u");
                }
            },
            other => decoded.push(other),
        }
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u16::from_str_radix(digits, 16).ok()
    }

    /// The character of a UTF-16 unit, together with the second half of a pair if one follows.
    fn pair(&mut self, unit: u16) -> char {
        let before = self.at;
        let mut low = None;
        if (0xd800..0xdc00).contains(&unit) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            low = self.unit().filter(|low| (0xdc00..0xe000).contains(low));
            if low.is_none() {
                self.at = before;
            }
        }
        let units = [Some(unit), low];
        let char = char::decode_utf16(units.into_iter().flatten()).next();
        char.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}
