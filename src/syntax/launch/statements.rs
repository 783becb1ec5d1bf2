//! Statements of SQL that a script hands to `psql`: in here-documents, behind `-c`, and through a pipe.
//!
//! Each is read where it stands: what the shell takes away or fills in is blanked or marked as open, byte for byte, so that
//! all else keeps its place.

use super::shell::Body;
use crate::syntax::Span;
use crate::syntax::command::Word;
use crate::syntax::sql::Statements;

/// Programs that take statements: `psql`, and a function of the official images.
const CLIENTS: [&str; 2] = ["psql", "docker_process_sql"];

/// Whether a text may name one of them.
pub(super) fn may_be_in(text: &str) -> bool {
    CLIENTS.iter().any(|client| text.contains(client)) || text.contains("PSQL")
}

/// Reads what one command hands to a client, if it runs one; `producer` is the command whose output it takes. What is
/// `certain` is run in any case.
pub(super) fn read(
    text: &str,
    bodies: &[Body],
    (producer, line): (&[Word], &[Word]),
    certain: bool,
    statements: &mut Statements,
) {
    let Some(client) = line.iter().position(is_client) else { return };
    if matches!(line[0].text.as_str(), "echo" | "printf") {
        return;
    }
    let mut parts = Vec::new();
    parts.extend(piped(bodies, producer));
    parts.extend(documents(bodies, line));
    parts.extend(arguments(&line[client + 1..]));
    parts.sort_by_key(|(span, _)| span.start);
    for (span, quoting) in parts {
        let Some((masked, open)) = mask(span.slice(text), quoting) else { continue };
        if certain {
            statements.read(&masked, span.start as usize, &open);
        } else {
            statements.read_doubtful(&masked, span.start as usize);
        }
    }
}

/// Whether a word is the client, a variable that is named after it, or a command of which it is the program.
fn is_client(word: &Word) -> bool {
    let is_named = |part: &str| {
        let base = part.rsplit('/').next().unwrap_or(part);
        let base = base.trim_matches(['$', '{', '}', '[', '@', ']']);
        CLIENTS.iter().any(|client| base.eq_ignore_ascii_case(client))
    };
    is_named(&word.text) || word.text.split_whitespace().next().is_some_and(is_named)
}

/// How a part of a script is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// Not at all: it is taken as it stands.
    Literal,
    /// As a here-document in which variables are filled in.
    Document,
    /// As a word.
    Word,
}

/// What comes through a pipe: `echo "…" |`, `cat <<EOF |`.
fn piped(bodies: &[Body], producer: &[Word]) -> Vec<(Span, Quoting)> {
    match producer.split_first() {
        Some((program, _)) if program.text == "cat" => documents(bodies, producer),
        Some((program, [only])) if program.text == "echo" => vec![(only.span, Quoting::Word)],
        _ => Vec::new(),
    }
}

/// The here-documents and strings that a command reads.
fn documents(bodies: &[Body], line: &[Word]) -> Vec<(Span, Quoting)> {
    let (Some(first), Some(last)) = (line.first(), line.last()) else { return Vec::new() };
    let begun = bodies.partition_point(|body| body.operator < first.span.start);
    let ended = bodies.partition_point(|body| body.operator < last.span.end);
    let quoting = |body: &Body| if body.literal { Quoting::Literal } else { Quoting::Document };
    let mut found: Vec<_> = bodies[begun..ended].iter().map(|body| (body.span, quoting(body))).collect();
    let string = line.windows(2).find(|pair| pair[0].text == "<<<").map(|pair| (pair[1].span, Quoting::Word));
    found.extend(string);
    // of several, the last is what is read
    found.pop().into_iter().collect()
}

/// The arguments of `-c` and `--command`, behind the program.
fn arguments(words: &[Word]) -> Vec<(Span, Quoting)> {
    /// Options without a value, which may stand before the `c` of one word.
    const SWITCHES: &[u8] = b"aAbeEHlLnqsStxXwWz01";
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let is_short = || {
            let letters = word.text.strip_prefix('-').and_then(|letters| letters.strip_suffix('c'));
            letters.is_some_and(|letters| letters.bytes().all(|letter| SWITCHES.contains(&letter)))
        };
        if word.text == "--command" || is_short() {
            found.extend(words.get(at).map(|next| (next.span, Quoting::Word)));
            at += 1;
        } else if word.text.starts_with("--command=") {
            let start = word.span.start + "--command=".len() as u32;
            found.push((Span { start, end: word.span.end }, Quoting::Word));
        }
    }
    found
}

/// A part as the client gets it, in as many bytes: quotes of the shell are blanks, what it fills in is a word. With it
/// the places that are filled in, or spelled otherwise.
fn mask(text: &str, quoting: Quoting) -> Option<(String, Vec<Span>)> {
    if quoting == Quoting::Literal {
        return Some((text.to_owned(), Vec::new()));
    }
    let mut mask = Mask { bytes: text.as_bytes(), at: 0, out: Vec::with_capacity(text.len()), open: Vec::new() };
    let mut state = if quoting == Quoting::Document { State::Document } else { State::Plain };
    // whether the part is within quotes of SQL
    let (mut in_text, mut in_name) = (false, false);
    while mask.at < mask.bytes.len() {
        let byte = mask.bytes[mask.at];
        match (state, byte) {
            // `'\''` is a quote in a text in quotes, and so is `'"'"'`
            (State::Single, b'\'') if mask.goes_on(b"'\\''") => mask.quote(4, b'\'', &mut in_text),
            (State::Single, b'\'') if mask.goes_on(b"'\"'\"'") => mask.quote(5, b'\'', &mut in_text),
            (State::Double, b'\\') if mask.goes_on(b"\\\"") => mask.quote(2, b'"', &mut in_name),
            (State::Plain, b'\'') => {
                state = State::Single;
                mask.edge();
            }
            (State::Plain, b'"') => {
                state = State::Double;
                mask.edge();
            }
            (State::Single, b'\'') | (State::Double, b'"') => {
                state = State::Plain;
                mask.edge();
            }
            (State::Single, _) => mask.copy(),
            (_, b'$') => mask.variable(),
            (_, b'`') => {
                let rest = &mask.bytes[mask.at + 1..];
                let length = rest.iter().position(|&byte| byte == b'`').map_or(rest.len() + 1, |at| at + 2);
                mask.open(length);
            }
            (_, b'\\') if state == State::Plain || mask.escapes(state) => mask.escaped(),
            _ => {
                in_text ^= byte == b'\'';
                mask.copy();
            }
        }
    }
    Some((String::from_utf8(mask.out).ok()?, mask.open))
}

/// In which quotes a byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    Single,
    Double,
    Document,
}

struct Mask<'t> {
    bytes: &'t [u8],
    at: usize,
    out: Vec<u8>,
    open: Vec<Span>,
}

impl Mask<'_> {
    fn goes_on(&self, with: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(with)
    }

    fn copy(&mut self) {
        self.out.push(self.bytes[self.at]);
        self.at += 1;
    }

    /// A quote of SQL that is spelled in so many bytes: what it encloses begins behind it, and ends before it.
    fn quote(&mut self, length: usize, quote: u8, within: &mut bool) {
        let start = self.out.len();
        self.out.resize(start + length, b' ');
        self.out[if *within { start } else { start + length - 1 }] = quote;
        *within = !*within;
        self.at += length;
    }

    /// A quote of the shell: the first and the last are no part of the text; where others are, pieces are put together.
    fn edge(&mut self) {
        if self.at == 0 || self.at + 1 == self.bytes.len() {
            self.out.push(b' ');
            self.at += 1;
        } else {
            self.open(1);
        }
    }

    /// So many bytes that are not known: they stand for a word.
    fn open(&mut self, length: usize) {
        let end = (self.at + length).min(self.bytes.len());
        let part = &self.bytes[self.at..end];
        self.out.extend(part.iter().map(|&byte| if byte.is_ascii_alphanumeric() { byte } else { b'_' }));
        self.open.push(Span::new(self.at, end));
        self.at = end;
    }

    /// `$NAME`, `${…}`, `$(…)`, `$1`, `$$`; a dollar alone is one.
    fn variable(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        let length = match rest.first() {
            Some(b'{') => closed(rest, b'{', b'}'),
            Some(b'(') => closed(rest, b'(', b')'),
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => {
                let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                rest.iter().take_while(is_name).count()
            }
            Some(byte) if byte.is_ascii_digit() || b"$?!#@*-".contains(byte) => 1,
            _ => return self.copy(),
        };
        self.open(1 + length);
    }

    /// Whether the backslash here takes the next byte's meaning away.
    fn escapes(&self, state: State) -> bool {
        let next = self.bytes.get(self.at + 1);
        next.is_some_and(|next| b"$`\\\n".contains(next) || state == State::Double && *next == b'"')
    }

    /// A word with escapes, without them and with blanks at its end: `\$\$` is a quote of SQL.
    fn escaped(&mut self) {
        let start = self.at;
        let end = |byte: &u8| byte.is_ascii_whitespace() || b"'\"`;".contains(byte);
        while let Some(byte) = self.bytes.get(self.at).filter(|byte| !end(byte)) {
            let escaped = *byte == b'\\' && self.bytes.get(self.at + 1).is_some_and(u8::is_ascii_punctuation);
            self.at += usize::from(escaped);
            self.copy();
        }
        self.out.resize(self.at, b' ');
        self.open.push(Span::new(start, self.at));
    }
}

/// The length of a group up to its closing mark, which is the text's end where there is none.
fn closed(rest: &[u8], opens: u8, closes: u8) -> usize {
    let mut depth = 0usize;
    for (at, &byte) in rest.iter().enumerate() {
        depth += usize::from(byte == opens);
        if byte == closes {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_shell_takes_away_or_fills_in_is_blanked_byte_for_byte() {
        for (quoting, text, expected, open) in [
            (Quoting::Literal, "a $b \\", "a $b \\", 0),
            (Quoting::Document, "a = '$b' \"c\" \\d", "a = '_b' \"c\" \\d", 1),
            (Quoting::Document, "${A:-{x}} $(b (c)) $1 5$ `d", "__A___x__ __b__c__ _1 5$ _d", 4),
            (Quoting::Document, "DO \\$\\$ a \\$\\$; é", "DO $$   a $$  ; é", 2),
            (Quoting::Word, "\"a = 'b' \\\"c\\\"\"", " a = 'b'  \"c\"  ", 0),
            (Quoting::Word, "'a = '\\''b'\\'''", " a =    'b'    ", 0),
            (Quoting::Word, "'a = '\"$B\"", " a = ___B ", 3),
            (Quoting::Word, "a\\;b", "a;b ", 1),
            (Quoting::Word, "\"a", " a", 0),
            (Quoting::Word, "\"a\\", " a\\", 0),
            (Quoting::Word, "a\\", "a\\", 1),
            (Quoting::Word, "\"é$é\"", " é$é ", 0),
        ] {
            let (masked, places) = mask(text, quoting).expect("it is text");
            assert_eq!((masked.as_str(), places.len()), (expected, open), "{text}");
            assert_eq!(masked.len(), text.len(), "{text}");
        }
    }
}
