//! `postgresql.conf`: the tokens and the one-line grammar of the server's own lexer (`guc-file.l`).
//!
//! A line is `name [=] value [# comment]`. The server tokenises by longest match, which decides the surprising cases:
//! `1.5GB` is a number and a name (an error), `foo.bar` is a qualified name (an error as a value), `a.b.c` is a string.
//! One bad line makes the server refuse the whole file, so errors here are certain; the entry is kept for the repair.

use super::escape;
use super::lines::{LineEnd, line_at, skip_blanks, trim_end};
use super::tree::{Key, Tree, Value};
use crate::syntax::{Span, Style};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    Name,
    QualifiedName,
    Text,
    Quoted,
    Number,
    Equals,
    Other,
}

#[derive(Debug, Clone, Copy)]
struct Token {
    kind: TokenKind,
    start: usize,
    end: usize,
}

/// The tokens of one line; blanks are skipped, and a comment ends the line and is remembered.
struct Tokens<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    comment: Option<usize>,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let bytes = self.text.as_bytes();
        while self.at < self.end && matches!(bytes[self.at], b' ' | b'\t' | b'\r') {
            self.at += 1;
        }
        if self.at >= self.end {
            return None;
        }
        if bytes[self.at] == b'#' {
            self.comment = Some(self.at);
            self.at = self.end;
            return None;
        }
        let start = self.at;
        let (kind, length) = token(&bytes[start..self.end]);
        // An unexpected character may be several bytes long only where it is a letter, so this stays on a boundary.
        self.at = start + length;
        Some(Token { kind, start, end: self.at })
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// The longest token at the start of `rest`, which is not empty.
fn token(rest: &[u8]) -> (TokenKind, usize) {
    match rest[0] {
        b'=' => (TokenKind::Equals, 1),
        b'\'' => quoted(rest).map_or((TokenKind::Other, 1), |length| (TokenKind::Quoted, length)),
        first if is_letter(first) => word(rest),
        _ => number(rest).map_or((TokenKind::Other, 1), |length| (TokenKind::Number, length)),
    }
}

fn word(rest: &[u8]) -> (TokenKind, usize) {
    let part = |byte: u8| is_letter(byte) || byte.is_ascii_digit();
    let run = |from: usize, of: &dyn Fn(u8) -> bool| rest[from..].iter().take_while(|&&byte| of(byte)).count();
    let length = run(0, &|byte| part(byte) || matches!(byte, b'-' | b'.' | b'_' | b':' | b'/'));
    let name = run(0, &part);
    if name == length {
        return (TokenKind::Name, length);
    }
    let qualified = rest[name] == b'.' && rest.get(name + 1).is_some_and(|&byte| is_letter(byte));
    if qualified && name + 1 + run(name + 1, &part) == length {
        return (TokenKind::QualifiedName, length);
    }
    (TokenKind::Text, length)
}

fn quoted(rest: &[u8]) -> Option<usize> {
    let mut at = 1;
    // The longest match: a doubled quote goes on, unless nothing closes the string behind it.
    let mut closed = None;
    while let Some(&byte) = rest.get(at) {
        at += match byte {
            b'\\' => 2,
            b'\'' => {
                closed = Some(at + 1);
                if rest.get(at + 1) != Some(&b'\'') {
                    return closed;
                }
                2
            }
            _ => 1,
        };
    }
    closed
}

/// The longer of an integer with a unit glued to it, and a decimal number with an exponent.
fn number(rest: &[u8]) -> Option<usize> {
    let digits = |from: usize| rest[from.min(rest.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(matches!(rest.first(), Some(b'-' | b'+')));
    let whole = sign + digits(sign);

    let mut integer = whole;
    if whole == sign + 1 && rest[sign] == b'0' && rest.get(whole) == Some(&b'x') {
        integer += match rest[whole + 1..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count() {
            0 => 0,
            hex => 1 + hex,
        };
    }
    let integer =
        (whole > sign).then(|| integer + rest[integer..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count());

    let real = (rest.get(whole) == Some(&b'.')).then(|| {
        let fraction = whole + 1 + digits(whole + 1);
        if !matches!(rest.get(fraction), Some(b'e' | b'E')) {
            return fraction;
        }
        let sign = usize::from(matches!(rest.get(fraction + 1), Some(b'-' | b'+')));
        match digits(fraction + 1 + sign) {
            0 => fraction,
            exponent => fraction + 1 + sign + exponent,
        }
    });
    integer.max(real)
}

/// Reads the whole text into `tree`.
pub(super) fn read(tree: &mut Tree<'_>) {
    let text = tree.text;
    let mut at = tree.start();
    if at > 0 {
        tree.error(0, at, "the server reads the byte order mark as part of the first name");
    }
    while let Some(line) = line_at(text, at, LineEnd::LineFeed) {
        at = line.next;
        read_line(tree, line.start, line.end);
    }
}

fn read_line(tree: &mut Tree<'_>, start: usize, end: usize) {
    let text = tree.text;
    let mut tokens = Tokens { text, at: start, end, comment: None };
    let Some(name) = tokens.next() else {
        if let Some(comment) = tokens.comment {
            tree.comment(comment, trim_end(text, comment, end), true);
        }
        return;
    };
    let mut value = tokens.next();
    let mut before_value = name.end;
    if let Some(equals) = value.filter(|token| token.kind == TokenKind::Equals) {
        before_value = equals.end;
        value = tokens.next();
    }
    let mut unexpected = match value {
        Some(token) if is_value(token.kind) => tokens.next(),
        other => other,
    };
    let named = matches!(name.kind, TokenKind::Name | TokenKind::QualifiedName);
    if !named {
        unexpected = Some(name);
    }
    // What the value would have to be: everything to the comment.
    let mut last = value.map_or(before_value, |token| token.end);
    for token in unexpected.into_iter().chain(&mut tokens) {
        last = last.max(token.end);
    }
    if named {
        let key = Key::plain(name.start, name.end);
        tree.entry(name.start, key, value_of(text, value, unexpected.is_some(), before_value, last));
    }
    match (unexpected, value) {
        (Some(token), _) => tree.error(token.start, token.end, complaint(text, token, named)),
        (None, None) => tree.error(name.start, last, format!("`{}` has no value", &text[name.start..name.end])),
        (None, Some(_)) => {}
    }
    if let Some(comment) = tokens.comment {
        tree.comment(comment, trim_end(text, comment, end), false);
    }
}

fn is_value(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Name | TokenKind::Text | TokenKind::Quoted | TokenKind::Number)
}

fn value_of(text: &str, value: Option<Token>, broken: bool, before: usize, last: usize) -> Value {
    match value {
        None => Value::absent(before),
        Some(_) if broken => Value::plain(skip_blanks(text, before, last), last),
        Some(token) if token.kind == TokenKind::Quoted => {
            let inner = Span::new(token.start + 1, token.end - 1).slice(text);
            Value::decoded(token.start, token.end, Style::SingleQuoted, escape::postgres(inner))
        }
        Some(token) => Value::plain(token.start, token.end),
    }
}

fn complaint(text: &str, token: Token, named: bool) -> String {
    let spelled: String = text[token.start..token.end].chars().take(40).collect();
    let near = format!("syntax error near `{spelled}`");
    match spelled.as_str() {
        _ if !named => format!("{near}: a parameter name was expected"),
        "'" => format!("{near}: the quote is never closed on this line"),
        "\"" => format!("{near}: only single quotes quote a value"),
        _ => format!(
            "{near}: without single quotes a value is a number, or a letter and then letters, digits and `_-.:/`"
        ),
    }
}
