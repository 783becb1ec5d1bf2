//! Source text into tokens, by CEL's lexical rules.

use std::ops::Range;

use super::CompileError;
use super::literal;

/// A token and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: TokenKind,
    /// Where it stands.
    pub(super) at: Range<usize>,
}

/// The tokens of the language.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// An integer without its sign: `9223372036854775808` is only valid after a minus.
    Int(u64),
    /// A number with a fraction or an exponent.
    Double(f64),
    /// A text, its escapes resolved.
    Text(String),
    /// A name or a keyword; its text is that of the span.
    Word,
    /// An operator or bracket, one of [`SYMBOLS`].
    Symbol(&'static str),
    /// The end of the source.
    End,
}

/// Longer symbols stand before their prefixes.
const SYMBOLS: [&str; 25] = [
    "&&", "||", "==", "!=", "<=", ">=", "!", "<", ">", "+", "-", "*", "/", "%", "?", ":", ",", ".", "(", ")", "[", "]",
    "{", "}", "=",
];

/// Reads tokens from `at` on.
pub(super) struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    /// A lexer over `source` from the byte `at` on.
    pub(super) fn new(source: &'s str, at: usize) -> Self {
        Lexer { source, at }
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or("")
    }

    /// The next token; [`TokenKind::End`] again and again after the last.
    pub(super) fn next(&mut self) -> Result<Token, CompileError> {
        self.skip_blank();
        let start = self.at;
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let kind = match bytes.first() {
            None => TokenKind::End,
            Some(b'0'..=b'9') => self.number()?,
            Some(b'.') if bytes.get(1).is_some_and(u8::is_ascii_digit) => self.number()?,
            Some(b'"' | b'\'') => self.text(0)?,
            Some(b'r' | b'R') if matches!(bytes.get(1), Some(b'"' | b'\'')) => self.text(1)?,
            Some(first) if is_word(*first) => {
                let length = bytes.iter().take_while(|byte| is_word(**byte)).count();
                if matches!(bytes.get(length), Some(b'"' | b'\'')) {
                    return Err(CompileError::new("bytes are not part of the language", start..start + length + 1));
                }
                self.at += length;
                TokenKind::Word
            }
            Some(_) => {
                let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) else {
                    let length = rest.chars().next().map_or(1, char::len_utf8);
                    return Err(CompileError::new("this character has no meaning here", start..start + length));
                };
                self.at += symbol.len();
                TokenKind::Symbol(symbol)
            }
        };
        Ok(Token { kind, at: start..self.at })
    }

    /// Blanks, and comments from `//` to the end of the line.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)).count();
            self.at += blank;
            let rest = self.rest();
            if !rest.starts_with("//") {
                return;
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    /// `12`, `0x1F`, `1.5`, `.5`, `1e9`.
    fn number(&mut self) -> Result<TokenKind, CompileError> {
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let (length, base) = if matches!(bytes, [b'0', b'x', ..]) {
            (2 + bytes.iter().skip(2).take_while(|byte| byte.is_ascii_hexdigit()).count(), 16)
        } else {
            (digits(0), 10)
        };
        let mut end = length;
        let mut whole = true;
        if base == 10 {
            if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
                end += 1 + digits(end + 1);
                whole = false;
            }
            if matches!(bytes.get(end), Some(b'e' | b'E')) {
                let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                let exponent = digits(end + 1 + sign);
                if exponent > 0 {
                    end += 1 + sign + exponent;
                    whole = false;
                }
            }
        }
        self.at = start + end;
        let at = start..self.at;
        match bytes.get(end) {
            Some(b'u' | b'U') => {
                return Err(CompileError::new("unsigned integers are not part of the language: leave out the `u`", at));
            }
            Some(byte) if is_word(*byte) => return Err(CompileError::new("a number must end before a letter", at)),
            _ => {}
        }
        let text = self.source.get(at.clone()).unwrap_or("");
        let too_large = || CompileError::new("the number is too large", at.clone());
        if whole {
            let digits = if base == 16 { text.get(2..).unwrap_or("") } else { text };
            return u64::from_str_radix(digits, base).map(TokenKind::Int).map_err(|_| too_large());
        }
        text.parse().ok().filter(|value: &f64| value.is_finite()).map(TokenKind::Double).ok_or_else(too_large)
    }

    /// A quoted text whose quotes begin `prefix` bytes further on: raw if there is a prefix.
    fn text(&mut self, prefix: usize) -> Result<TokenKind, CompileError> {
        let start = self.at;
        let raw = prefix > 0;
        let open = self.rest().get(prefix..).unwrap_or("");
        let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| open.starts_with(quote)).unwrap_or("'");
        let body = open.get(quote.len()..).unwrap_or("");
        let bytes = body.as_bytes();
        let mut end = 0;
        loop {
            match bytes.get(end) {
                Some(_) if bytes[end..].starts_with(quote.as_bytes()) => break,
                Some(b'\\') if !raw => end += 2,
                Some(b'\n' | b'\r') if quote.len() == 1 => {
                    return Err(CompileError::new("the text has no closing quote on its line", start..start + 1));
                }
                Some(_) => end += 1,
                None => return Err(CompileError::new("the text has no closing quote", start..start + 1)),
            }
        }
        let body_at = start + prefix + quote.len();
        self.at = body_at + end + quote.len();
        let body = body.get(..end).unwrap_or("");
        if raw {
            return Ok(TokenKind::Text(body.to_owned()));
        }
        literal::unescape(body).map(TokenKind::Text).map_err(|at| {
            CompileError::new(
                "not an escape sequence: write `\\\\` for a backslash",
                body_at + at.start..body_at + at.end,
            )
        })
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
