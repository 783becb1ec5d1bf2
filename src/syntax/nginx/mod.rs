//! Files of nginx into a [`Document`].
//!
//! ```text
//! http {                                       http:
//!   proxy_read_timeout 60s;                      proxy_read_timeout: 60s
//!   server {                                     server:
//!     location /api { proxy_pass http://a; }       location /api: {proxy_pass: http://a}
//!   }
//!   server { listen 81; }                        server#2: {listen: 81}
//! }
//! ```
//!
//! A directive is an entry, its arguments are the value; a block is a map, and its arguments belong to its key. What
//! stands more than once in a block is numbered from the second on, so that each has a key of its own. Words are cut as
//! nginx itself cuts them (`ngx_conf_read_token`): quotes count at the start of a word only, `\` keeps the next character,
//! `#` begins a comment only where a word may begin, and `${name}` is part of a word.

mod lua;

use std::collections::HashMap;

use super::document::{Document, Node, NodeId, NodeKind, Style};
use super::span::Span;
use super::{Format, MAX_DEPTH, MAX_NODES, template};

/// Reads `text`. What stands before an error is kept.
pub fn parse(text: &str) -> Document {
    template::parse(text, b'x', parse_plain)
}

fn parse_plain(text: &str) -> Document {
    let mut document = Document::new(text, Format::Nginx);
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let root = document.push(Node::new(NodeKind::Map, Style::Plain, Span::new(start, text.len())), None);
    document.roots.push(root);
    let mut reader = Reader { bytes: text.as_bytes(), at: start, document, open: vec![Open::new(root)] };
    if let Err((message, at)) = reader.run() {
        reader.document.push_error(message, at, at + 1);
    }
    let end = text.len();
    for open in std::mem::take(&mut reader.open).iter().skip(1) {
        close(&mut reader.document, open.map, end, end);
    }
    reader.document
}

/// A block that is not closed yet.
struct Open {
    map: NodeId,
    /// How often each key stood in it.
    seen: HashMap<String, usize>,
}

impl Open {
    fn new(map: NodeId) -> Self {
        Open { map, seen: HashMap::new() }
    }
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    document: Document,
    open: Vec<Open>,
}

/// What ended a run of words.
enum End {
    Semicolon,
    Brace,
    Close,
    Text,
}

type Stop = (&'static str, usize);

impl Reader<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        loop {
            if self.document.nodes.len() >= MAX_NODES {
                return Err(("the file has too many directives", self.at));
            }
            let mut words = Vec::new();
            match (self.words(&mut words)?, words.as_slice()) {
                (End::Text, []) if self.open.len() == 1 => return Ok(()),
                (End::Text, []) => return Err(("a block is not closed: '}' is missing", self.at)),
                (End::Text, _) => return Err(("a directive does not end: ';' or a block is missing", self.at)),
                (End::Close, []) if self.open.len() > 1 => {
                    let open = self.open.pop().map(|open| open.map);
                    if let Some(map) = open {
                        close(&mut self.document, map, self.at - 1, self.at);
                    }
                }
                (End::Close, []) => return Err(("'}' closes no block", self.at - 1)),
                (End::Close, _) => return Err(("a directive does not end before '}': ';' is missing", self.at - 1)),
                (End::Semicolon | End::Brace, []) => return Err(("a directive has no name", self.at - 1)),
                (End::Semicolon, [name, arguments @ ..]) => self.directive(*name, arguments),
                (End::Brace, [name, arguments @ ..]) => {
                    if self.open.len() >= MAX_DEPTH {
                        return Err(("blocks are nested too deeply", self.at - 1));
                    }
                    self.block(*name, arguments)?;
                }
            }
        }
    }

    /// Words up to what ends them; comments between them are kept.
    fn words(&mut self, words: &mut Vec<Span>) -> Result<End, Stop> {
        loop {
            let Some(&byte) = self.bytes.get(self.at) else { return Ok(End::Text) };
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => {
                    let rest = &self.bytes[self.at..];
                    let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                    let line = &rest[..end];
                    let length = line.strip_suffix(b"\r").unwrap_or(line).len();
                    self.document.push_comment(Span::new(self.at, self.at + length));
                    self.at += end;
                }
                b';' | b'{' | b'}' => {
                    self.at += 1;
                    return Ok(match byte {
                        b';' => End::Semicolon,
                        b'{' => End::Brace,
                        _ => End::Close,
                    });
                }
                b'"' | b'\'' => {
                    let start = self.at;
                    self.quoted(byte)?;
                    words.push(Span::new(start, self.at));
                    let next = self.bytes.get(self.at).copied().unwrap_or(b' ');
                    if !matches!(next, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b')') {
                        return Err(("a blank is missing behind a quoted text", self.at));
                    }
                }
                _ => {
                    let start = self.at;
                    self.word();
                    words.push(Span::new(start, self.at));
                }
            }
        }
    }

    fn quoted(&mut self, quote: u8) -> Result<(), Stop> {
        let start = self.at;
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == quote {
                return Ok(());
            }
        }
        self.at = self.bytes.len();
        Err(("a quote is not closed", start))
    }

    fn word(&mut self) {
        let mut variable = false;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'{' if variable => {}
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' => return,
                b'\\' => self.at += 1,
                _ => {}
            }
            variable = byte == b'$';
            self.at += 1;
        }
        self.at = self.at.min(self.bytes.len());
    }

    /// A key that the block does not have yet.
    fn unique(&mut self, name: &str) -> Option<String> {
        let seen = &mut self.open.last_mut()?.seen;
        let count = seen.entry(name.to_owned()).or_default();
        *count += 1;
        Some(if *count == 1 { name.to_owned() } else { format!("{name}#{count}") })
    }

    fn key(&mut self, place: Span, name: &str) -> NodeId {
        let unique = self.unique(name).unwrap_or_else(|| name.to_owned());
        let mut node = Node::new(NodeKind::Scalar, Style::Plain, place);
        if place.slice(&self.document.text) != unique {
            node.decoded = Some(unique.into());
        }
        self.document.push(node, None)
    }

    fn parent(&self) -> Option<NodeId> {
        self.open.last().map(|open| open.map)
    }

    fn directive(&mut self, name: Span, arguments: &[Span]) {
        let text = name.slice(&self.document.text).to_owned();
        let key = self.key(name, &text);
        let place = match (arguments.first(), arguments.last()) {
            (Some(first), Some(last)) => first.cover(*last),
            _ => Span { start: name.end, end: name.end },
        };
        let source = place.slice(&self.document.text);
        let style = match (arguments, source.as_bytes().first()) {
            ([_], Some(b'"')) => Style::DoubleQuoted,
            ([_], Some(b'\'')) => Style::SingleQuoted,
            _ => Style::Plain,
        };
        let inner = if style == Style::Plain { source } else { source.get(1..source.len() - 1).unwrap_or("") };
        let decoded = (arguments.len() == 1 && source.contains('\\')).then(|| unescaped(inner));
        let mut node = Node::new(NodeKind::Scalar, style, place);
        node.key = Some(key);
        node.entry = name.cover(place);
        node.decoded = decoded.map(Into::into);
        self.document.push(node, self.parent());
    }

    fn block(&mut self, name: Span, arguments: &[Span]) -> Result<(), Stop> {
        let place = arguments.last().map_or(name, |last| name.cover(*last));
        let words = std::iter::once(&name).chain(arguments).map(|word| word.slice(&self.document.text));
        let text = words.collect::<Vec<_>>().join(" ");
        let key = self.key(place, &text);
        let open = self.at;
        let lua = name.slice(&self.document.text).ends_with("_by_lua_block");
        let (kind, style) = if lua { (NodeKind::Scalar, Style::Literal) } else { (NodeKind::Map, Style::Plain) };
        let mut node = Node::new(kind, style, Span::new(open, open));
        node.key = Some(key);
        node.entry = Span::new(place.start as usize, open);
        let id = self.document.push(node, self.parent());
        if !lua {
            self.open.push(Open::new(id));
            return Ok(());
        }
        let Some(end) = lua::end(&self.document.text, open) else {
            return Err(("a block is not closed: '}' is missing", open));
        };
        self.at = end + 1;
        close(&mut self.document, id, self.at - 1, self.at);
        Ok(())
    }
}

/// A word as nginx keeps it: `\` is taken away before a quote and itself, makes the blanks of `\t`, `\r` and `\n`, and
/// stays before all else. Measured with nginx 1.22.
fn unescaped(word: &str) -> String {
    let mut plain = String::new();
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some(next @ ('"' | '\'' | '\\' | 't' | 'r' | 'n'))) => {
                chars.next();
                plain.push(match next {
                    't' => '\t',
                    'r' => '\r',
                    'n' => '\n',
                    quote => quote,
                });
            }
            _ => plain.push(c),
        }
    }
    plain
}

/// Ends a block: its content before `end`, its entry at `entry`.
fn close(document: &mut Document, map: NodeId, end: usize, entry: usize) {
    let node = document.node_mut(map);
    node.content.end = end as u32;
    node.outer.end = end as u32;
    node.entry.end = entry as u32;
}

/// `text` as an argument: in quotes where it must be.
pub(super) fn spell(style: Style, text: &str) -> String {
    let special = |c: char| c.is_whitespace() || matches!(c, ';' | '{' | '}' | '"' | '\'' | '\\' | '#');
    if style == Style::Plain && !text.is_empty() && !text.contains(special) {
        return text.to_owned();
    }
    let quote = if style == Style::SingleQuoted { '\'' } else { '"' };
    let escaped = text.replace('\\', "\\\\").replace(quote, &format!("\\{quote}"));
    format!("{quote}{escaped}{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_and_blocks_are_read() {
        for (text, expected) in [
            ("user www;\nevents { worker_connections 1024; } # c\n", "{user: www, events: {worker_connections: 1024}}"),
            (
                "server { listen 80; }\nserver { listen 81 default_server; location = / {} location ~ \"a{2}\" { return 204; } }",
                "{server: {listen: 80}, server#2: {listen: 81 default_server, location = /: {}, location ~ \"a{2}\": {return: 204}}}",
            ),
            (
                "upstream a { server b:1; server c:2; ip_hash; }",
                "{upstream a: {server: b:1, server#2: c:2, ip_hash: }}",
            ),
            (
                "set $x \"a;b\\\"c\"; log_format m '$a ${b}#c' \"d\";",
                "{set: $x \"a;b\\\"c\", log_format: m '$a ${b}#c' \"d\"}",
            ),
            ("proxy_pass http://${h}:80/a#b; x 'it\\'s';", "{proxy_pass: http://${h}:80/a#b, x: it's}"),
            ("a \"a\\\\b\\d\\te\"; b c\\\\\\.d;", "{a: a\\b\\d\te, b: c\\\\.d}"),
            (
                "content_by_lua_block {\n  if x then y = { z } end\n}\nz 1;",
                "{content_by_lua_block: \n  if x then y = { z } end\n, z: 1}",
            ),
        ] {
            let document = parse(text);
            assert_eq!(document.errors, [], "{text}");
            assert_eq!(document.in_a_line(document.roots[0]), expected, "{text}");
        }
    }

    #[test]
    fn what_nginx_refuses_is_an_error() {
        for text in ["a", "a {", "a } ", "}", "a 'b", "; ", "{ }", "a \"b\"c;", "a b c"] {
            assert_eq!(parse(text).errors.len(), 1, "{text}");
        }
        assert_eq!(parse(&"a {".repeat(100_000)).errors.len(), 1);
    }
}
