//! Secrets in a text of unknown format: found by looking at keys, addresses and shapes, in linear time.
//!
//! Prefers to hide too much: it is used on what is printed, never on what is judged.

use std::cell::Cell;

use super::is_reference;
use super::key::is_secret_key;
use crate::syntax::Span;

/// Spans of `text` that look secret; neither sorted nor merged.
pub(super) fn scan(text: &str) -> Vec<Span> {
    let mut scanner =
        Scanner { text, bytes: text.as_bytes(), found: Vec::new(), unclosed: [false; 3], line: Cell::new((0, 0)) };
    scanner.keys();
    scanner.addresses();
    scanner.go_addresses();
    scanner.pem();
    scanner.found
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    found: Vec<Span>,
    /// Quotes of which it is known that none follows any more, in the order of [`QUOTES`].
    unclosed: [bool; 3],
    /// The part of a line whose end was looked for last: a line with many keys is walked once.
    line: Cell<(usize, usize)>,
}

/// No line's key stands further in: bounds the looking back.
const LONGEST_HEAD: usize = 200;

/// Schemes whose addresses have a password where others have a user (RedisConnectionConfiguration of Spring Boot).
const WITHOUT_USERS: [&str; 2] = ["redis", "rediss"];

const QUOTES: &[u8] = b"\"'`";

/// Beginnings of well-known tokens.
const PREFIXES: &[&str] = &[
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "sk-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxs-",
    "AIza",
    "hvs.",
    "hvb.",
    "SG.",
    "npm_",
    "pypi-",
    "dop_v1_",
    "shpat_",
    "hf_",
    "eyJ",
    "AKIA",
    "ASIA",
    "ya29.",
];

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

impl Scanner<'_> {
    fn push(&mut self, start: usize, end: usize) {
        if start < end {
            self.found.push(Span::new(start, end));
        }
    }

    fn skip(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        from + self.bytes[from.min(self.bytes.len())..].iter().take_while(|&&byte| wanted(byte)).count()
    }

    fn line_end(&self, from: usize) -> usize {
        let (start, end) = self.line.get();
        if (start..=end).contains(&from) && end > 0 {
            return end;
        }
        let end = self.skip(from, |byte| !matches!(byte, b'\n' | b'\r'));
        self.line.set((from, end));
        end
    }

    /// Where the line of `to` begins, if it is not `before`: looked for from `from` on.
    fn line_start(&self, from: usize, to: usize, before: usize) -> usize {
        let found = self.bytes[from..to].iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
        found.map_or(before, |offset| from + offset + 1)
    }

    /// Looks at each word: may it be a key with a value behind it, or a token itself?
    fn keys(&mut self) {
        let mut at = 0;
        let mut line_start = 0;
        while at < self.bytes.len() {
            if !is_word(self.bytes[at]) {
                at += 1;
                if matches!(self.bytes[at - 1], b'\n' | b'\r') {
                    line_start = at;
                }
                continue;
            }
            let start = at;
            at = self.skip(at, is_word);
            let word = &self.text[start..at];
            if self.is_token(word) {
                let end = self.skip(at, |byte| is_word(byte) || matches!(byte, b'/' | b'+' | b'='));
                self.push(start, end);
                at = end;
            } else if word.eq_ignore_ascii_case("bearer") {
                self.bearer(at);
            } else if is_secret_key(word) {
                at = self.value_of(line_start, start, at).max(at);
                line_start = self.line_start(start, at, line_start);
            } else if word == "IDENTIFIED" {
                let by = self.skip(at, is_blank);
                if self.text[by..].starts_with("BY") {
                    at = self.quoted(self.skip(by + 2, is_blank)).unwrap_or(at);
                }
            }
        }
    }

    fn is_token(&self, word: &str) -> bool {
        let Some(prefix) = PREFIXES.iter().find(|prefix| word.starts_with(**prefix)) else { return false };
        let rest = &word[prefix.len()..];
        match *prefix {
            "AKIA" | "ASIA" => {
                rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            }
            "eyJ" => rest.len() > 16 && rest.contains('.'),
            _ => rest.len() >= 12 && rest.bytes().any(|byte| byte.is_ascii_digit()),
        }
    }

    fn bearer(&mut self, at: usize) {
        let start = self.skip(at, is_blank);
        let end = self.skip(start, |byte| is_word(byte) || matches!(byte, b'~' | b'+' | b'/' | b'='));
        let token = &self.bytes[start..end];
        if start > at && token.len() >= 8 && (token.len() >= 20 || token.iter().any(u8::is_ascii_digit)) {
            self.push(start, end);
        }
    }

    /// Marks the value behind the key at `start..end`; how far the text is done with.
    fn value_of(&mut self, line_start: usize, start: usize, end: usize) -> usize {
        let closed = self.skip(end, |byte| QUOTES.contains(&byte) || matches!(byte, b'\\' | b']' | b')'));
        let at = self.skip(closed, is_blank);
        match self.bytes.get(at) {
            Some(b'=' | b':' | b'?' | b'+') => {
                let value = self.skip(at, |byte| matches!(byte, b'=' | b':' | b'>' | b'?' | b'+'));
                let blank = self.bytes.get(value).is_some_and(|&byte| is_blank(byte));
                let to_line_end = self.begins_line(line_start, start) || (self.bytes[value - 1] == b':' && blank);
                self.value(line_start, self.skip(value, is_blank), to_line_end)
            }
            Some(b'>') if start > 0 && self.bytes[start - 1] == b'<' => {
                let value_end = self.skip(at + 1, |byte| byte != b'<');
                self.push(at + 1, value_end);
                value_end
            }
            Some(quote) if closed == end && at > end && QUOTES.contains(quote) => self.quoted(at).unwrap_or(at),
            Some(_) if closed == end && at > end && self.bytes[start] == b'-' => {
                let value_end = self.skip(at, |byte| !byte.is_ascii_whitespace());
                if self.bytes[at] != b'-' {
                    self.push_unless_reference(at, value_end);
                }
                value_end
            }
            Some(_) if closed == end && at > end && self.begins_line(line_start, start) => {
                let line_end = self.line_end(at);
                // `requirepass x`: one word. More are prose.
                let word_end = self.skip(at, |byte| !byte.is_ascii_whitespace());
                if self.text[word_end..line_end].trim().is_empty() {
                    self.push_unless_reference(at, word_end);
                }
                at
            }
            _ => self.named_value(closed, line_start),
        }
    }

    /// `name: KEY` or `name="key"`, then `value: …` or `value="…"`.
    fn named_value(&mut self, from: usize, line_start: usize) -> usize {
        let between =
            |byte: u8| byte.is_ascii_whitespace() || QUOTES.contains(&byte) || matches!(byte, b',' | b';' | b'\\');
        let at = self.skip(from, between);
        let end = self.skip(at, is_word);
        if !self.text[at..end].eq_ignore_ascii_case("value") {
            return from;
        }
        let closed = self.skip(end, |byte| QUOTES.contains(&byte) || byte == b'\\');
        let separator = self.skip(closed, is_blank);
        match self.bytes.get(separator) {
            Some(b'=' | b':') => {
                let line_start = self.line_start(from, at, line_start);
                self.value(line_start, self.skip(separator + 1, is_blank), self.bytes[separator] == b':')
            }
            _ => end,
        }
    }

    /// Whether only blanks, comment signs, a list dash, an opening quote or `export` stand before `start` in its line.
    fn begins_line(&self, line_start: usize, start: usize) -> bool {
        if start - line_start > LONGEST_HEAD {
            return false;
        }
        let head = self.text[line_start..start]
            .trim_start_matches([' ', '\t', '#', ';', '/', '-', '*', '"', '\'', '!', '\u{feff}']);
        let head = ["export", "set", "ENV", "ARG"].into_iter().find_map(|word| head.strip_prefix(word)).unwrap_or(head);
        head.trim().is_empty() || head.trim() == "\""
    }

    fn push_unless_reference(&mut self, start: usize, end: usize) {
        let text = self.text[start..end].trim_end_matches([',', ' ', '\t']);
        if !is_reference(text) {
            self.push(start, start + text.len());
        }
    }

    /// Marks the value at `start` of a key in the line at `line_start`; how far the text is done with.
    fn value(&mut self, line_start: usize, start: usize, to_line_end: bool) -> usize {
        let mut at = start;
        if self.bytes.get(at) == Some(&b'!') {
            at = self.skip(self.skip(at, |byte| !byte.is_ascii_whitespace()), is_blank); // a YAML tag
        }
        if let Some(end) = self.quoted(at) {
            return end;
        }
        let line_end = self.line_end(at);
        let rest = &self.text[at..line_end];
        let block = rest.starts_with(['|', '>']) && {
            let behind = self.skip(at + 1, |byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+'));
            let behind = self.skip(behind, is_blank);
            behind == line_end || self.bytes[behind] == b'#'
        };
        if rest.is_empty() || block {
            return self.lines_below(line_start, line_end, block);
        }
        match rest.as_bytes()[0] {
            b'{' if !rest.starts_with("{{") => return at,
            b'[' => {
                let end = rest.find(']').map_or(line_end, |close| at + close);
                self.push(at + 1, end);
                return end;
            }
            _ => {}
        }
        if to_line_end {
            let mut end = line_end;
            // `\` at the end joins the next line.
            while self.bytes[..end].ends_with(b"\\") && end < self.bytes.len() {
                let next = end + if self.bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
                end = self.line_end(next);
            }
            self.push_unless_reference(at, end);
            return end;
        }
        let end = self
            .skip(at, |byte| !byte.is_ascii_whitespace() && !matches!(byte, b'&' | b';') && !QUOTES.contains(&byte));
        self.push_unless_reference(at, end);
        end
    }

    /// Marks the quoted string at `at`, also one within a string (`\"…\"`); its end, or `None` if there is no quote.
    fn quoted(&mut self, at: usize) -> Option<usize> {
        // Python and Rust write letters before the quote.
        let letter = self.bytes.get(at).is_some_and(|byte| b"bfruBFRU".contains(byte));
        let at = if letter && self.bytes.get(at + 1).is_some_and(|byte| QUOTES.contains(byte)) { at + 1 } else { at };
        let open = self.skip(at, |byte| byte == b'\\');
        let level = open - at;
        let quote = *self.bytes.get(open)?;
        let index = QUOTES.iter().position(|&known| known == quote)?;
        let triple = [quote; 3];
        if self.bytes[open..].starts_with(&triple) {
            let start = open + triple.len();
            let end = self.bytes[start..].windows(triple.len()).position(|window| window == triple);
            let end = end.map_or(self.bytes.len(), |length| start + length);
            self.push(start, end);
            return Some((end + triple.len()).min(self.bytes.len()));
        }
        let start = open + 1;
        if !self.unclosed[index] {
            if let Some((end, next)) = self.closing(start, quote, level) {
                if !is_reference(&self.text[start..end]) {
                    self.push(start, end);
                }
                return Some(next);
            }
            self.unclosed[index] = true;
        }
        let end = self.line_end(start);
        self.push(start, end);
        Some(end)
    }

    /// Where the string that begins at `start` ends, and the offset behind its closing quote.
    fn closing(&self, start: usize, quote: u8, level: usize) -> Option<(usize, usize)> {
        let mut at = start;
        let mut backslashes = 0;
        while let Some(&byte) = self.bytes.get(at) {
            if byte == quote {
                let escaped = backslashes % 2 == 1 && (quote != b'\'' || self.quote_follows(at + 1));
                let closes = if level == 0 { !escaped } else { backslashes <= level };
                if closes && self.bytes.get(at + 1) == Some(&quote) && at > start {
                    at += 2; // doubled
                    backslashes = 0;
                    continue;
                }
                if closes {
                    return Some((at - backslashes.min(level), at + 1));
                }
            }
            backslashes = if byte == b'\\' { backslashes + 1 } else { 0 };
            at += 1;
        }
        None
    }

    /// Whether the line goes on to another single quote: `'it\'s'`, but not `'C:\'`.
    fn quote_follows(&self, from: usize) -> bool {
        let rest = &self.bytes[from..];
        rest.iter().take_while(|&&byte| byte != b'\n').any(|&byte| byte == b'\'')
    }

    /// Marks the lines below a key without a value in its line: those of a block, or of a value that begins there.
    fn lines_below(&mut self, line_start: usize, line_end: usize, block: bool) -> usize {
        let indent = self.skip(line_start, is_blank) - line_start;
        let mut at = line_end;
        loop {
            let start = self.skip(at, |byte| matches!(byte, b'\n' | b'\r'));
            let text = self.skip(start, is_blank);
            let end = self.line_end(text);
            if text >= self.bytes.len() || start == at {
                return at;
            }
            if text == end {
                at = end;
                continue;
            }
            let line = &self.text[text..end];
            let item = line.starts_with("- ");
            let deeper = text - start > indent || (!block && item && text - start == indent);
            if !deeper || (!block && is_entry(line)) {
                return at;
            }
            if !block && let Some(next) = self.quoted(text) {
                return next;
            }
            self.push_unless_reference(if item { text + 2 } else { text }, end);
            at = end;
        }
    }

    /// `scheme://user:password@host`.
    fn addresses(&mut self) {
        let starts: Vec<usize> = self.text.match_indices("://").map(|(at, _)| at + 3).collect();
        for (index, &start) in starts.iter().enumerate() {
            let limit = starts.get(index + 1).map_or(self.bytes.len(), |next| next - 3).max(start);
            let run =
                |stop: &dyn Fn(u8) -> bool| self.bytes[start..limit].iter().take_while(|&&byte| !stop(byte)).count();
            let end = start + run(&|byte| byte.is_ascii_whitespace());
            let quote = start + run(&|byte| byte.is_ascii_whitespace() || QUOTES.contains(&byte) || byte == b'<');
            let within = |end: usize| self.text[start..end].rfind('@').map(|at| start + at);
            let Some(at) = within(quote).or_else(|| within(end)) else { continue };
            let userinfo = &self.text[start..at];
            let Some(colon) = userinfo.find(':') else {
                // `https://TOKEN@github.com`; who has no users has a password there
                let scheme = self.text[..start - 3].rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
                let password = scheme.is_some_and(|scheme| WITHOUT_USERS.contains(&scheme));
                if (userinfo.len() >= 20 || password) && !userinfo.contains(['/', '?']) && !is_reference(userinfo) {
                    self.push(start, at);
                }
                continue;
            };
            let password = &userinfo[colon + 1..];
            let port = password
                .split_once('/')
                .is_some_and(|(port, _)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
            let path = userinfo[..colon].contains('/');
            if !port && !path && !is_reference(password) {
                self.push(start + colon + 1, at);
            }
        }
    }

    /// `user:password@tcp(host)`, as the MySQL driver of Go has it.
    fn go_addresses(&mut self) {
        for network in ["@tcp(", "@unix("] {
            let mut done = 0;
            for (at, _) in self.text.match_indices(network) {
                let head = &self.bytes[done..at];
                let start = head.iter().rposition(|&byte| byte.is_ascii_whitespace() || QUOTES.contains(&byte));
                let start = start.map_or(done, |offset| done + offset + 1);
                if let Some(colon) = self.text.get(start..at).and_then(|user| user.find(':')) {
                    self.push(start + colon + 1, at);
                }
                done = at + network.len();
            }
        }
    }

    /// `-----BEGIN …` to the line of `-----END …`, or to the end of the text.
    fn pem(&mut self) {
        let mut from = 0;
        while let Some(begin) = self.text[from..].find("-----BEGIN ").map(|at| from + at) {
            let end = self.text[begin..].find("-----END ").map(|at| begin + at + "-----END ".len());
            let end = end.map_or(self.bytes.len(), |end| {
                self.skip(end, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-'))
            });
            self.push(begin, end);
            from = end;
        }
    }
}

/// Whether a line begins with a key of its own.
fn is_entry(line: &str) -> bool {
    let line = line.strip_prefix("- ").unwrap_or(line).trim_start_matches(['"', '\'']);
    let key = line.bytes().take_while(|&byte| is_word(byte)).count();
    let rest = line[key..].trim_start_matches(['"', '\'']).trim_start();
    key > 0 && (rest.starts_with(": ") || rest == ":" || rest.starts_with('=') || rest.starts_with(":\""))
}
