//! Files of Odyssey into a [`Document`].
//!
//! ```text
//! workers 4                                 workers: 4
//! database "shop" {                         database shop:
//!   user default {                            user default:
//!     pool "transaction"                        pool: transaction
//!     pool_size 20                              pool_size: 20
//!   }
//! }
//! ```
//!
//! A word is followed by its value, or by a block, which may have a name before it. Lines mean nothing, `#` begins a
//! comment. What stands more than once in a block is numbered from the second on.

use std::collections::HashMap;

use super::document::{Document, Node, NodeId, NodeKind, Style};
use super::span::Span;
use super::{Format, MAX_DEPTH, MAX_NODES, template};

/// Reads `text`. What stands before an error is kept.
pub fn parse(text: &str) -> Document {
    template::parse(text, b'x', parse_plain)
}

fn parse_plain(text: &str) -> Document {
    let mut document = Document::new(text, Format::Odyssey);
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let root = document.push(Node::new(NodeKind::Map, Style::Plain, Span::new(start, text.len())), None);
    document.roots.push(root);
    let mut reader = Reader { bytes: text.as_bytes(), at: start, document, open: vec![(root, HashMap::new())] };
    if let Err((message, at)) = reader.run() {
        reader.document.push_error(message, at, at + 1);
    }
    let end = text.len();
    while reader.open.len() > 1 {
        reader.close(end, end);
    }
    reader.document
}

/// The blocks that are open, each with how often a key stood in it.
type Open = Vec<(NodeId, HashMap<String, usize>)>;

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    document: Document,
    open: Open,
}

type Stop = (&'static str, usize);

impl Reader<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        loop {
            if self.document.nodes.len() >= MAX_NODES {
                return Err(("the file has too many entries", self.at));
            }
            let Some(key) = self.token()? else {
                return if self.open.len() == 1 {
                    Ok(())
                } else {
                    Err(("a block is not closed: '}' is missing", self.at))
                };
            };
            match self.bytes[key.start as usize] {
                b'}' if self.open.len() > 1 => {
                    self.close(key.start as usize, key.end as usize);
                    continue;
                }
                b'}' => return Err(("'}' closes no block", key.start as usize)),
                b'{' | b'"' => return Err(("a word is expected here", key.start as usize)),
                _ => {}
            }
            let behind = self.token()?.ok_or(("a value is missing", key.end as usize))?;
            if self.is(behind, b'{') {
                self.block(key, key)?;
                continue;
            }
            if self.is(behind, b'}') {
                return Err(("a value is missing", behind.start as usize));
            }
            let before = (self.at, self.document.comments.len());
            match self.token()? {
                Some(brace) if self.is(brace, b'{') => self.block(key, behind)?,
                _ => {
                    // the next entry: read again
                    self.at = before.0;
                    self.document.comments.truncate(before.1);
                    self.entry(key, behind);
                }
            }
        }
    }

    fn is(&self, token: Span, byte: u8) -> bool {
        self.bytes[token.start as usize] == byte
    }

    /// The next word, text or brace.
    fn token(&mut self) -> Result<Option<Span>, Stop> {
        while let Some(&byte) = self.bytes.get(self.at) {
            let start = self.at;
            match byte {
                b'#' => {
                    let rest = &self.bytes[self.at..];
                    let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                    let line = &rest[..end];
                    let length = line.strip_suffix(b"\r").unwrap_or(line).len();
                    self.document.push_comment(Span::new(start, start + length));
                    self.at += end;
                }
                byte if byte.is_ascii_whitespace() => self.at += 1,
                b'{' | b'}' => {
                    self.at += 1;
                    return Ok(Some(Span::new(start, self.at)));
                }
                b'"' => {
                    self.at += 1;
                    while self.bytes.get(self.at).is_some_and(|&byte| byte != b'"') {
                        self.at += if self.bytes[self.at] == b'\\' { 2 } else { 1 };
                    }
                    if self.at >= self.bytes.len() {
                        self.at = self.bytes.len();
                        return Err(("a quote is not closed", start));
                    }
                    self.at += 1;
                    let next = self.bytes.get(self.at).copied().unwrap_or(b' ');
                    if !next.is_ascii_whitespace() && !matches!(next, b'{' | b'}' | b'#') {
                        return Err(("a blank is missing behind a quoted text", self.at));
                    }
                    return Ok(Some(Span::new(start, self.at)));
                }
                _ => {
                    self.word();
                    if self.bytes.get(self.at) == Some(&b'"') {
                        return Err(("a blank is missing before a quoted text", self.at));
                    }
                    return Ok(Some(Span::new(start, self.at)));
                }
            }
        }
        Ok(None)
    }

    /// To the end of a word; a variable that something else fills in, `${name}`, is part of it.
    fn word(&mut self) {
        let mut variable = false;
        while let Some(&byte) = self.bytes.get(self.at) {
            let inner = variable && byte != b'}';
            if !inner && (byte.is_ascii_whitespace() || matches!(byte, b'{' | b'"' | b'#') || byte == b'}' && !variable)
            {
                return;
            }
            let opens = byte == b'$' && self.bytes.get(self.at + 1) == Some(&b'{');
            variable = opens || inner && !byte.is_ascii_whitespace();
            self.at += 1;
        }
    }

    fn key(&mut self, place: Span, name: &str) -> NodeId {
        let unique = match self.open.last_mut() {
            Some((_, seen)) => {
                let count = seen.entry(name.to_owned()).or_default();
                *count += 1;
                if *count == 1 { name.to_owned() } else { format!("{name}#{count}") }
            }
            None => name.to_owned(),
        };
        let mut node = Node::new(NodeKind::Scalar, Style::Plain, place);
        if place.slice(&self.document.text) != unique {
            node.decoded = Some(unique.into());
        }
        self.document.push(node, None)
    }

    fn parent(&self) -> Option<NodeId> {
        self.open.last().map(|(map, _)| *map)
    }

    fn entry(&mut self, key: Span, value: Span) {
        let name = key.slice(&self.document.text).to_owned();
        let id = self.key(key, &name);
        let style = if self.is(value, b'"') { Style::DoubleQuoted } else { Style::Plain };
        let mut node = Node::new(NodeKind::Scalar, style, value);
        let source = value.slice(&self.document.text);
        if style == Style::DoubleQuoted && source.contains('\\') {
            node.decoded = Some(unescaped(&source[1..source.len() - 1]).into());
        }
        node.key = Some(id);
        node.entry = key.cover(value);
        self.document.push(node, self.parent());
    }

    /// A block behind its word, and its name where it has one; the reader stands behind the brace.
    fn block(&mut self, key: Span, name: Span) -> Result<(), Stop> {
        if self.open.len() >= MAX_DEPTH {
            return Err(("blocks are nested too deeply", key.start as usize));
        }
        let place = key.cover(name);
        let text = &self.document.text;
        let title = match key == name {
            true => key.slice(text).to_owned(),
            false => format!("{} {}", key.slice(text), name.slice(text).trim_matches('"')),
        };
        let id = self.key(place, &title);
        let mut node = Node::new(NodeKind::Map, Style::Plain, Span::new(self.at, self.at));
        node.key = Some(id);
        node.entry = Span::new(place.start as usize, self.at);
        let map = self.document.push(node, self.parent());
        self.open.push((map, HashMap::new()));
        Ok(())
    }

    /// Ends the innermost block: its content before `end`, its entry at `entry`.
    fn close(&mut self, end: usize, entry: usize) {
        if let Some((map, _)) = self.open.pop() {
            let node = self.document.node_mut(map);
            node.content.end = end as u32;
            node.outer.end = end as u32;
            node.entry.end = entry as u32;
        }
    }
}

fn unescaped(text: &str) -> String {
    let mut chars = text.chars();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

/// `text` as a value: a number or a word as it is where it was one, else in quotes.
pub(super) fn spell(style: Style, text: &str) -> String {
    let is_word = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if style == Style::Plain && is_word {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_values_and_blocks_are_read() {
        for (text, expected) in [
            ("workers 4 # c\nunix_socket_dir \"/tmp\"\r\n", "{workers: 4, unix_socket_dir: /tmp}"),
            (
                "listen {\n host \"*\" port 6432\n}\ndatabase \"a b\" { user default { pool \"session\" } user \"x\" {} }",
                "{listen: {host: *, port: 6432}, database a b: {user default: {pool: session}, user x: {}}}",
            ),
            ("a ${B}/c d 1", "{a: ${B}/c, d: 1}"),
            (
                "include \"a\"\ninclude \"b\"\nlog_format \"%p \\\"x\\\"\\n\"",
                "{include: a, include#2: b, log_format: %p \"x\"n}",
            ),
        ] {
            let document = parse(text);
            assert_eq!(document.errors, [], "{text}");
            assert_eq!(document.in_a_line(document.roots[0]), expected, "{text}");
        }
        for text in ["workers", "a {", "}", "\"a\" b", "a \"b", "a { b }"] {
            assert_eq!(parse(text).errors.len(), 1, "{text}");
        }
        assert_eq!(parse(&"a {".repeat(100_000)).errors.len(), 1);
    }
}
