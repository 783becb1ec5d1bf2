//! Files of Caddy into a [`Document`].
//!
//! ```text
//! {                                            global options:
//!   grace_period 10s                             grace_period: 10s
//! }
//! a.example, b.example {                       a.example, b.example:
//!   reverse_proxy app:80 {                       reverse_proxy app:80:
//!     lb_try_duration 5s                           lb_try_duration: 5s
//!   }
//!   header X 1                                   header: X 1
//!   header Y 2                                   header#2: Y 2
//! }
//! ```
//!
//! A line is an entry: its first word is the key, the others are the value. Where the line ends in `{` it is a map, and all its
//! words are the key. The block without addresses stands under `global options`, a snippet under its name in parentheses, and a
//! site without braces takes all of the file. What stands more than once in a block is numbered from the second on. Words
//! are cut by `words`, and what `import` brings is not read.

mod words;

use std::collections::HashMap;

use super::document::{Document, Node, NodeId, NodeKind, Style};
use super::span::Span;
use super::{Format, MAX_DEPTH, MAX_NODES, template};
use words::{Quote, Word};

/// The key of the block without addresses.
const OPTIONS: &str = "global options";

/// Reads `text`. What stands before an error is kept.
pub fn parse(text: &str) -> Document {
    template::parse(text, b'x', parse_plain)
}

fn parse_plain(text: &str) -> Document {
    let mut document = Document::new(text, Format::Caddyfile);
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let root = document.push(Node::new(NodeKind::Map, Style::Plain, Span::new(start, text.len())), None);
    document.roots.push(root);
    let cut = words::words(text, start);
    let mut reader = Reader { document, words: &cut.words, at: 0, open: vec![Open::new(root)], braces: true };
    let stopped = reader.run();
    let end = text.len();
    for open in std::mem::take(&mut reader.open).iter().skip(1) {
        close(&mut reader.document, open.map, end, end);
    }
    let mut document = reader.document;
    for comment in cut.comments {
        document.push_comment(comment);
    }
    if let Some((message, at)) = stopped.err().or(cut.broken) {
        document.push_error(message, at, at + 1);
    }
    document
}

/// A block that is not closed yet.
struct Open {
    map: NodeId,
    /// Whether its lines are names with what they are known by.
    secret: bool,
    /// How often each key stood in it.
    seen: HashMap<String, usize>,
}

impl Open {
    fn new(map: NodeId) -> Self {
        Open { map, secret: false, seen: HashMap::new() }
    }
}

type Stop = (&'static str, usize);

struct Reader<'w> {
    document: Document,
    words: &'w [Word],
    at: usize,
    open: Vec<Open>,
    /// Whether the site that is open has a brace to close.
    braces: bool,
}

impl Reader<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        while let Some(word) = self.words.get(self.at) {
            if self.document.nodes.len() >= MAX_NODES {
                return Err(("the file has too many lines", word.span.start as usize));
            }
            if self.open.len() == 1 { self.site()? } else { self.line()? }
        }
        // of a site whose brace is missing Caddy takes the last one of a block in it for its own
        let taken = !self.braces || self.words.len().checked_sub(1).is_some_and(|last| self.is(last, "}"));
        let left_open = self.open.len() > if taken { 2 } else { 1 };
        let end = self.document.text.len();
        if left_open { Err(("a block is not closed: '}' is missing", end)) } else { Ok(()) }
    }

    fn is(&self, at: usize, sign: &str) -> bool {
        self.words.get(at).is_some_and(|word| word.quote == Quote::None && word.span.slice(&self.document.text) == sign)
    }

    /// The words from here up to the end of the line, or up to a brace.
    fn run_of_words(&self, from: usize) -> usize {
        let rest = self.words.get(from + 1..).unwrap_or_default().iter().enumerate();
        let mut ends = rest.map(|(index, word)| (from + 1 + index, word));
        ends.find(|&(at, word)| word.first || self.is(at, "{") || self.is(at, "}"))
            .map_or(self.words.len(), |(at, _)| at)
    }

    /// A block of the file, with what it is for.
    fn site(&mut self) -> Result<(), Stop> {
        let from = self.at;
        let here = self.words[from].span;
        if self.is(from, "}") {
            return Err(("'}' closes no block", here.start as usize));
        }
        if self.is(from, "{") {
            self.braces = true;
            self.at += 1;
            return self.block(here, OPTIONS.to_owned(), here.end as usize);
        }
        let mut to = self.run_of_words(from);
        if here.slice(&self.document.text) == "import" || self.brings_blocks(from, to) {
            self.at = to;
            self.entry(from, to);
            return Ok(());
        }
        // behind a comma another address follows, if need be on the next line
        while self.words[to - 1].span.slice(&self.document.text).ends_with(',')
            && to < self.words.len()
            && !self.is(to, "{")
        {
            to = self.run_of_words(to);
        }
        let place = here.cover(self.words[to - 1].span);
        let name = self.joined(from, to);
        self.braces = self.is(to, "{");
        let (open, after) = match self.words.get(to) {
            Some(brace) if self.braces => (brace.span.end as usize, to + 1),
            _ => (place.end as usize, to),
        };
        self.at = after;
        self.block(place, name, open)
    }

    /// Whether a line at the top is a variable that stands for blocks, or for nothing, and not for the address of the only site:
    /// what comes next is then no directive, whose names are words.
    fn brings_blocks(&self, from: usize, to: usize) -> bool {
        let text = |at: usize| self.words.get(at).map(|word| word.span.slice(&self.document.text));
        let variable = to == from + 1 && text(from).is_some_and(|word| word.starts_with("{$") && !word.contains(':'));
        let is_name = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '@');
        variable && self.words.get(to).is_none_or(|next| next.first) && !text(to).is_some_and(is_name)
    }

    /// A line of a block.
    fn line(&mut self) -> Result<(), Stop> {
        let from = self.at;
        let here = self.words[from].span;
        if self.is(from, "}") {
            self.at += 1;
            // a site without braces ends there too
            if let Some(open) = self.open.pop() {
                close(&mut self.document, open.map, here.start as usize, here.end as usize);
            }
            return Ok(());
        }
        if self.is(from, "{") {
            return Err(("'{' stands alone: it belongs at the end of the line before", here.start as usize));
        }
        let to = self.run_of_words(from);
        match self.words.get(to) {
            Some(brace) if !brace.first && self.is(to, "{") => {
                let place = here.cover(self.words[to - 1].span);
                let (name, open) = (self.joined(from, to), brace.span.end as usize);
                self.at = to + 1;
                self.block(place, name, open)
            }
            _ => {
                self.at = to;
                self.entry(from, to);
                Ok(())
            }
        }
    }

    /// The words of a line as they are written, with single blanks between them.
    fn joined(&self, from: usize, to: usize) -> String {
        let words = self.words[from..to].iter().map(|word| word.span.slice(&self.document.text));
        words.collect::<Vec<_>>().join(" ")
    }

    /// A key that the block does not have yet.
    fn key(&mut self, place: Span, name: String) -> NodeId {
        let seen = self.open.last_mut().map(|open| open.seen.entry(name.clone()).or_default());
        let count = seen.map_or(1, |count| {
            *count += 1;
            *count
        });
        let unique = if count == 1 { name } else { format!("{name}#{count}") };
        let mut node = Node::new(NodeKind::Scalar, Style::Plain, place);
        if place.slice(&self.document.text) != unique {
            node.decoded = Some(unique.into());
        }
        self.document.push(node, None)
    }

    fn entry(&mut self, from: usize, to: usize) {
        let (name, arguments) = (self.words[from].span, &self.words[from + 1..to]);
        let key = self.key(name, name.slice(&self.document.text).to_owned());
        let mut node = match arguments {
            [] => Node::new(NodeKind::Scalar, Style::Plain, Span { start: name.end, end: name.end }),
            [only] => {
                let style = if only.quote == Quote::Double { Style::DoubleQuoted } else { Style::Plain };
                let mut node = Node::new(NodeKind::Scalar, style, only.span);
                node.decoded = only.meant.clone().map(Into::into);
                node
            }
            [first, .., last] => Node::new(NodeKind::Scalar, Style::Plain, first.span.cover(last.span)),
        };
        // who may answer for a domain is shown by a token
        let token = matches!(name.slice(&self.document.text), "dns" | "acme_dns");
        let hidden = if self.open.last().is_some_and(|open| open.secret) { 0 } else { 1 };
        if token || hidden == 0 {
            self.document.secrets.extend(arguments.iter().skip(hidden).map(|word| word.span));
        }
        node.key = Some(key);
        node.entry = name.cover(node.content);
        let parent = self.open.last().map(|open| open.map);
        self.document.push(node, parent);
    }

    /// Opens a block, whose content begins at `open`.
    fn block(&mut self, place: Span, name: String, open: usize) -> Result<(), Stop> {
        if self.open.len() >= MAX_DEPTH {
            return Err(("blocks are nested too deeply", place.start as usize));
        }
        let secret = name.starts_with("basic_auth") || name.starts_with("basicauth");
        let key = self.key(place, name);
        let mut node = Node::new(NodeKind::Map, Style::Plain, Span::new(open, open));
        node.key = Some(key);
        node.entry = Span::new(place.start as usize, open);
        let parent = self.open.last().map(|open| open.map);
        let id = self.document.push(node, parent);
        self.open.push(Open { secret, ..Open::new(id) });
        Ok(())
    }
}

/// Ends a block: its content before `end`, its entry at `entry`.
fn close(document: &mut Document, map: NodeId, end: usize, entry: usize) {
    let node = document.node_mut(map);
    node.content.end = end as u32;
    node.outer.end = end as u32;
    node.entry.end = entry as u32;
}

/// `text` as a word: in quotes where it must be.
pub(super) fn spell(style: Style, text: &str) -> String {
    let special = |c: char| c.is_whitespace() || matches!(c, '"' | '`' | '\\' | '#');
    let sign = matches!(text, "" | "{" | "}" | "{}") || text.starts_with("<<");
    if style == Style::Plain && !sign && !text.contains(special) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_lines_are_read() {
        for (text, expected) in [
            (
                "{\n\tgrace_period 10s # c\n}\n\na.example, b.example {\n\treverse_proxy app:80 {\n\t\tlb_try_duration 5s\n\t}\n\theader X 1\n\theader Y 2\n}\n",
                "{global options: {grace_period: 10s}, a.example, b.example: {reverse_proxy app:80: {lb_try_duration: 5s}, header: X 1, header#2: Y 2}}",
            ),
            (
                "a.example\n\nfile_server\nlog {\n output stdout\n}\n",
                "{a.example: {file_server: , log: {output: stdout}}}",
            ),
            ("a,\nb\n{\n}\n(c) {\nimport d e\n}\nimport f/*\n", "{a, b: {}, (c): {import: d e}, import: f/*}"),
            (
                "a {\n x \"b \\\"c\\\\\" `d\n{`\n y `e\"f`\n z \"g\\n\"\n}",
                "{a: {x: \"b \\\"c\\\\\" `d\n{`, y: e\"f, z: g\\n}}",
            ),
            ("a {\n x b \\\n c\n y d\\\\e}\n z #f\n}", "{a: {x: b \\\n c, y: d\\\\e}, z: }}"),
            (
                "a {\n x <<END\n  }\n  b\n  END 200\n y {$B:c d} {e}\n}",
                "{a: {x: <<END\n  }\n  b\n  END 200, y: {$B:c d} {e}}}",
            ),
            ("{\n}\n{$A}\n{$B}\nb.c {\n {$D}\n}\n", "{global options: {}, {$A}: , {$B}: , b.c: {{$D}: }}"),
            ("{$A}\nfile_server\n", "{{$A}: {file_server: }}"),
            ("a {\n x \"{$Y:b}\"\n log {}\n}\na {\n}", "{a: {x: {$Y:b}, log: {}}, a#2: {}}"),
        ] {
            let document = parse(text);
            assert_eq!(document.errors, [], "{text}");
            assert_eq!(document.in_a_line(document.roots[0]), expected, "{text}");
        }
    }

    #[test]
    fn what_caddy_refuses_is_an_error() {
        for text in [
            "a {",
            "a {\n b {\n c {\n }",
            "a {\n}\n}",
            "}",
            "a {\n b\n {\n }\n}",
            "a {\n x <<E\n b\n}",
            "a {\n x <<<E\n}",
        ] {
            assert_eq!(parse(text).errors.len(), 1, "{text}");
        }
        assert_eq!(parse(&"a {\n".repeat(100_000)).errors.len(), 1);
    }

    #[test]
    fn what_names_are_known_by_is_secret() {
        let document = parse("a {\n basic_auth {\n  b $2a$14$c\n }\n tls {\n  dns d e\n }\n}");
        let secrets: Vec<&str> = document.secrets.iter().map(|span| span.slice(&document.text)).collect();
        assert_eq!(secrets, ["$2a$14$c", "e"]);
    }

    #[test]
    fn a_word_is_spelled_so_that_it_is_read_back() {
        for word in ["5s", "", "a b", "a\"b", "}", "{", "#a", "<<A", "a`b", "{$A:b c}"] {
            let text = format!("a {{\n x {}\n}}", spell(Style::Plain, word));
            let document = parse(&text);
            let read = document.lookup(document.roots[0], &["a", "x"]).map(|id| document.scalar(id).to_owned());
            assert_eq!(read.as_deref(), Some(word), "{text}");
        }
    }
}
