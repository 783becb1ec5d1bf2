//! Tokens of Postgres's SQL as its own lexer cuts them, `psql`'s additions included.
//!
//! <https://www.postgresql.org/docs/current/sql-syntax-lexical.html>. Comments nest; `'` is doubled within quotes; a
//! dollar-quoted text ends with its own tag; a line that begins with `\` is a command of `psql`; what stands between
//! `COPY … FROM stdin;` and `\.` is data.

use crate::syntax::Span;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword without quotes.
    Word,
    /// A name in double quotes.
    Quoted,
    /// A text in single quotes, without escapes.
    Text,
    /// A number.
    Number,
    /// A text with escapes, in dollars, of bits; a parameter; a variable of `psql`: not to be known from here.
    Opaque,
    /// Any other character.
    Symbol,
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// What a text consists of.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) tokens: Vec<Token>,
    pub(super) comments: Vec<Span>,
    /// Whether a quote, comment or dollar-quoted text is never closed: the last statement is not whole then.
    pub(super) open: bool,
}

/// Cuts a text; ends where a quote, comment or dollar-quoted text is never closed.
pub(super) fn tokens(text: &str) -> Tokens {
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lexer = Lexer { text, bytes: text.as_bytes(), at, found: Tokens::default(), copies: false };
    while lexer.at < lexer.bytes.len() && !lexer.found.open {
        lexer.found.open = lexer.step().is_none();
    }
    lexer.found
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    found: Tokens,
    /// Whether the statement so far begins with `COPY` and names `stdin`.
    copies: bool,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.found.tokens.push(Token { kind, span: Span::new(start, self.at) });
    }

    /// One token, comment or run of blanks; `None` where something is never closed.
    fn step(&mut self) -> Option<()> {
        let start = self.at;
        match (self.peek(0), self.peek(1)) {
            (byte, _) if byte.is_ascii_whitespace() => self.at += 1,
            (b'-', b'-') => {
                self.skip_line();
                self.found.comments.push(Span::new(start, self.at));
            }
            (b'/', b'*') => {
                self.block_comment()?;
                self.found.comments.push(Span::new(start, self.at));
            }
            (b'\'', _) => {
                self.quoted(b'\'', false)?;
                self.push(Kind::Text, start);
            }
            (b'"', _) => {
                self.quoted(b'"', false)?;
                self.push(Kind::Quoted, start);
            }
            (b'\\', _) => self.skip_line(),
            (b'$', _) => self.dollar(start)?,
            (b':', next) if next == b'\'' || next == b'"' => {
                self.at += 1;
                self.quoted(next, false)?;
                self.push(Kind::Opaque, start);
            }
            (b':', next) if is_name_start(next) => {
                self.at += 1;
                self.name();
                self.push(Kind::Opaque, start);
            }
            (b':', b':') => {
                self.at += 2;
                self.push(Kind::Symbol, start);
            }
            (byte, _) if byte.is_ascii_digit() => {
                while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == b'.' {
                    self.at += 1;
                }
                self.push(Kind::Number, start);
            }
            (byte, _) if is_name_start(byte) => self.word(start)?,
            (b';', _) => {
                self.at += 1;
                self.push(Kind::Symbol, start);
                if std::mem::take(&mut self.copies) {
                    self.copied_data();
                }
            }
            _ => {
                self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8);
                self.push(Kind::Symbol, start);
            }
        }
        Some(())
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(rest.len());
    }

    fn block_comment(&mut self) -> Option<()> {
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return Some(());
                    }
                }
                _ => self.at += 1,
            }
        }
        None
    }

    /// To behind the closing quote, which a doubled one is not.
    fn quoted(&mut self, quote: u8, escapes: bool) -> Option<()> {
        self.at += 1;
        while self.at < self.bytes.len() {
            let byte = self.peek(0);
            if byte == quote && self.peek(1) == quote || escapes && byte == b'\\' {
                self.at += 2;
            } else {
                self.at += 1;
                if byte == quote {
                    return Some(());
                }
            }
        }
        None
    }

    fn name(&mut self) {
        while is_name_start(self.peek(0)) || self.peek(0).is_ascii_digit() || self.peek(0) == b'$' {
            self.at += 1;
        }
    }

    fn word(&mut self, start: usize) -> Option<()> {
        self.name();
        let word = &self.bytes[start..self.at];
        let prefix = [&b"e"[..], b"b", b"x", b"n"].iter().any(|prefix| word.eq_ignore_ascii_case(prefix));
        if self.peek(0) == b'\'' && prefix {
            self.quoted(b'\'', word.eq_ignore_ascii_case(b"e"))?;
            self.push(Kind::Opaque, start);
            return Some(());
        }
        if self.peek(0) == b'&' && matches!(self.peek(1), b'\'' | b'"') && word.eq_ignore_ascii_case(b"u") {
            let quote = self.peek(1);
            self.at += 1;
            self.quoted(quote, false)?;
            self.push(Kind::Opaque, start);
            return Some(());
        }
        let begins = self.found.tokens.last().is_none_or(|last| last.span.slice(self.text) == ";");
        if begins {
            self.copies = false;
        }
        let first = |this: &Self| {
            let from =
                this.found.tokens.iter().rposition(|token| token.span.slice(this.text) == ";").map_or(0, |at| at + 1);
            this.found.tokens.get(from).is_some_and(|token| token.span.slice(this.text).eq_ignore_ascii_case("copy"))
        };
        if word.eq_ignore_ascii_case(b"stdin") && first(self) {
            self.copies = true;
        }
        self.push(Kind::Word, start);
        Some(())
    }

    /// A parameter (`$1`), a dollar-quoted text (`$tag$…$tag$`), or a lone `$`.
    fn dollar(&mut self, start: usize) -> Option<()> {
        self.at += 1;
        if self.peek(0).is_ascii_digit() {
            while self.peek(0).is_ascii_digit() {
                self.at += 1;
            }
            self.push(Kind::Opaque, start);
            return Some(());
        }
        while is_name_start(self.peek(0)) || self.at > start + 1 && self.peek(0).is_ascii_digit() {
            self.at += 1;
        }
        if self.peek(0) != b'$' {
            self.at = start + 1;
            self.push(Kind::Symbol, start);
            return Some(());
        }
        self.at += 1;
        let tag = &self.text[start..self.at];
        self.at += self.text[self.at..].find(tag)? + tag.len();
        self.push(Kind::Opaque, start);
        Some(())
    }

    /// Lines of data up to `\.`.
    fn copied_data(&mut self) {
        let rest = &self.text[self.at..];
        let end = rest.find("\n\\.").map_or(rest.len(), |end| end + 3);
        self.at += end;
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::{Kind, tokens};

    #[test]
    fn texts_are_cut_as_the_server_cuts_them() {
        for (text, expected) in [
            ("SET a = 'it''s'; -- x;\nb", "SET a = 'it''s' ; b"),
            ("/* a /* b */ ; */ x", "x"),
            ("E'a\\'b' 'a\\' c", "E'a\\'b' 'a\\' c"),
            ("$$ ; $$ $f$ $$; $f$ $1 $ a$b", "$$ ; $$ $f$ $$; $f$ $1 $ a$b"),
            ("\\set x ';\ny :x :'x' a::b", "y :x :'x' a :: b"),
            ("COPY t FROM stdin;\nit's\tdata\n\\.\nSELECT 1", "COPY t FROM stdin ; SELECT 1"),
            ("\"a\"\"b\".c 1.5e3", "\"a\"\"b\" . c 1.5e3"),
            ("a 'open", "a"),
        ] {
            let found = tokens(text).tokens;
            let found: Vec<&str> = found.iter().map(|token| token.span.slice(text)).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
        assert_eq!(tokens("E'x'").tokens[0].kind, Kind::Opaque);
    }
}
