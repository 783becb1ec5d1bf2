//! Files of HAProxy into a [`Document`].
//!
//! ```text
//! defaults                              defaults:
//!     timeout connect 5s                  timeout connect: 5s
//! backend app                           backend app:
//!     server a 10.0.0.1:80 check          server: a 10.0.0.1:80 check
//!     server b 10.0.0.2:80                server#2: b 10.0.0.2:80
//! ```
//!
//! A section is a map under its keyword and its name, a line of it an entry: its first word is the key, the rest the
//! value. Of `timeout`, `option`, `no option` and rules such as `http-request deny` the next word belongs to the key. What stands more than once in its
//! section is numbered from the second on. Words are cut as the program cuts them (`parse_line`): single quotes keep
//! everything, double quotes let `\` and `$` speak, `#` outside of quotes begins a comment even within a word.
//!
//! A section that names the defaults it takes (`backend app from base`) stands under `from base backend app`, one that takes
//! them from defaults that take from others (`defaults web from base`) under `from defaults backend app`, and the lines
//! between `.if` and `.endif` are passed over: which of them hold is said by the program that reads them. What stands behind
//! an `.if` is an entry of the section before it.

use std::collections::HashMap;

use super::document::{Document, Node, NodeId, NodeKind, Style};
use super::span::Span;
use super::{Format, MAX_NODES, template};

/// The words that begin a section.
const SECTIONS: &[&str] = &[
    "global",
    "defaults",
    "frontend",
    "backend",
    "listen",
    "userlist",
    "peers",
    "resolvers",
    "mailers",
    "program",
    "cache",
    "http-errors",
    "ring",
    "log-forward",
    "log-profile",
    "fcgi-app",
    "crt-store",
    "traces",
    "acme",
];

/// Reads `text`. What stands before an error is kept.
pub fn parse(text: &str) -> Document {
    template::parse(text, b'x', parse_plain)
}

fn parse_plain(text: &str) -> Document {
    let mut document = Document::new(text, Format::Haproxy);
    let root = document.push(Node::new(NodeKind::Map, Style::Plain, Span::new(0, text.len())), None);
    document.roots.push(root);
    let mut reader = Reader { document, root, section: None, seen: vec![HashMap::new()], skipped: 0, derived: false };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if reader.document.nodes.len() >= MAX_NODES {
            reader.document.push_error("the file has too many lines", start, start + 1);
            break;
        }
        let body = line.trim_end_matches(['\n', '\r']);
        if let Err((message, at)) = reader.line(text, start, body) {
            reader.document.push_error(message, at, at + 1);
            break;
        }
        start += line.len();
    }
    reader.close(text.len());
    reader.document
}

/// A word: its place, and its text where that is spelled in another way.
struct Word {
    span: Span,
    meant: Option<String>,
}

impl Word {
    fn text<'a>(&'a self, source: &'a str) -> &'a str {
        self.meant.as_deref().unwrap_or_else(|| self.span.slice(source))
    }
}

type Stop = (&'static str, usize);

struct Reader {
    document: Document,
    root: NodeId,
    /// The section that is open, and where it begins.
    section: Option<(NodeId, usize)>,
    /// How often each key stood at the root, and in the section that is open.
    seen: Vec<HashMap<String, usize>>,
    /// How many `.if` are open.
    skipped: usize,
    /// Whether the last defaults take from others.
    derived: bool,
}

impl Reader {
    fn line(&mut self, text: &str, start: usize, line: &str) -> Result<(), Stop> {
        let (words, comment) = words(line, start)?;
        if let Some(comment) = comment {
            self.document.push_comment(comment);
        }
        let Some(first) = words.first() else { return Ok(()) };
        match first.text(text) {
            ".if" => {
                if self.skipped == 0 && self.section.is_some() {
                    self.entry(text, &words);
                }
                self.skipped += 1;
            }
            ".endif" => self.skipped = self.skipped.saturating_sub(1),
            word if word.starts_with('.') || self.skipped > 0 => {}
            word if SECTIONS.contains(&word) => self.open(text, &words),
            word if self.section.is_none() => {
                let _ = word;
                return Err(("a line before the first section", first.span.start as usize));
            }
            _ => self.entry(text, &words),
        }
        Ok(())
    }

    fn open(&mut self, text: &str, words: &[Word]) {
        let place = words.iter().take(2).fold(words[0].span, |all, word| all.cover(word.span));
        self.close(words[0].span.start as usize);
        let from = words.windows(2).find(|pair| pair[0].text(text) == "from").map(|pair| pair[1].text(text));
        let own: Vec<&str> = words.iter().take(2).map(|word| word.text(text)).filter(|word| *word != "from").collect();
        let keyword = words[0].text(text);
        let name = match from {
            Some(from) => format!("from {from} {}", own.join(" ")),
            None if self.derived && matches!(keyword, "frontend" | "backend" | "listen") => {
                format!("from defaults {}", own.join(" "))
            }
            None => own.join(" "),
        };
        if keyword == "defaults" {
            self.derived = from.is_some();
        }
        let key = self.key(0, place, name, " #");
        let line_end = words.last().map_or(place.end, |word| word.span.end) as usize;
        let mut node = Node::new(NodeKind::Map, Style::Plain, Span::new(line_end, line_end));
        node.key = Some(key);
        node.entry = Span::new(place.start as usize, line_end);
        let id = self.document.push(node, Some(self.root));
        self.section = Some((id, place.start as usize));
        self.seen.truncate(1);
        self.seen.push(HashMap::new());
    }

    /// Ends the section that is open, before `end`.
    fn close(&mut self, end: usize) {
        if let Some((section, _)) = self.section.take() {
            let node = self.document.node_mut(section);
            for span in [&mut node.content, &mut node.outer, &mut node.entry] {
                span.end = end as u32;
            }
        }
    }

    fn entry(&mut self, text: &str, words: &[Word]) {
        let length = match words[0].text(text) {
            "timeout" | "option" | "http-request" | "http-response" | "tcp-request" | "tcp-response" => 2,
            "no" | "default" => 3,
            _ => 1,
        };
        let (name, arguments) = words.split_at(length.min(words.len()));
        let place = name.iter().fold(name[0].span, |all, word| all.cover(word.span));
        let key = name.iter().map(|word| word.text(text)).collect::<Vec<_>>().join(" ");
        let key = self.key(1, place, key, "#");
        let value = match (arguments.first(), arguments.last()) {
            (Some(first), Some(last)) => first.span.cover(last.span),
            _ => Span { start: place.end, end: place.end },
        };
        let mut node = Node::new(NodeKind::Scalar, style(arguments, text), value);
        node.key = Some(key);
        node.entry = place.cover(value);
        if let [word] = arguments {
            node.decoded = word.meant.as_deref().map(Into::into);
        }
        let parent = self.section.map(|(section, _)| section);
        self.document.push(node, parent);
    }

    /// A key that the map at this depth does not have yet.
    fn key(&mut self, depth: usize, place: Span, name: String, mark: &str) -> NodeId {
        let count = self.seen[depth].entry(name.clone()).or_default();
        *count += 1;
        let unique = if *count == 1 { name } else { format!("{name}{mark}{count}") };
        let mut node = Node::new(NodeKind::Scalar, Style::Plain, place);
        if place.slice(&self.document.text) != unique {
            node.decoded = Some(unique.into());
        }
        self.document.push(node, None)
    }
}

fn style(arguments: &[Word], text: &str) -> Style {
    let [word] = arguments else { return Style::Plain };
    let source = word.span.slice(text);
    let is_within = |quote: char| source.len() > 1 && source.starts_with(quote) && source.ends_with(quote);
    match () {
        () if is_within('"') => Style::DoubleQuoted,
        () if is_within('\'') => Style::SingleQuoted,
        () => Style::Plain,
    }
}

/// The words of a line that begins at `start`, and its comment.
fn words(line: &str, start: usize) -> Result<(Vec<Word>, Option<Span>), Stop> {
    let mut words = Vec::new();
    let mut quote = None;
    // where the word begins, and what it says
    let mut word: Option<(usize, String)> = None;
    let mut chars = line.char_indices().peekable();
    let mut comment = None;
    let end = |words: &mut Vec<Word>, word: &mut Option<(usize, String)>, at: usize| {
        if let Some((from, meant)) = word.take() {
            let spelled = &line[from..at];
            let meant = (spelled != meant).then_some(meant);
            words.push(Word { span: Span::new(start + from, start + at), meant });
        }
    };
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None, ' ' | '\t' | '\r') => end(&mut words, &mut word, at),
            (None, '#') => {
                end(&mut words, &mut word, at);
                comment = Some(Span::new(start + at, start + line.len()));
                break;
            }
            (None, '"' | '\'') => {
                quote = Some((c, at));
                word.get_or_insert((at, String::new()));
            }
            (Some((open, _)), _) if c == open => quote = None,
            (None | Some(('"', _)), '\\') => {
                let (_, next) = chars.next().ok_or(("a backslash stands at the end of the line", start + at))?;
                let meant = &mut word.get_or_insert((at, String::new())).1;
                match next {
                    'n' => meant.push('\n'),
                    'r' => meant.push('\r'),
                    't' => meant.push('\t'),
                    'x' => {
                        let digit = |chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>| {
                            chars.next().and_then(|(_, digit)| digit.to_digit(16))
                        };
                        let code = digit(&mut chars).and_then(|high| Some(high * 16 + digit(&mut chars)?));
                        let code = code.ok_or(("two hexadecimal digits are missing behind '\\x'", start + at))?;
                        meant.extend(char::from_u32(code));
                    }
                    other => meant.push(other),
                }
            }
            _ => word.get_or_insert((at, String::new())).1.push(c),
        }
    }
    if let Some((_, at)) = quote {
        return Err(("a quote is not closed", start + at));
    }
    let until = comment.map_or(line.len(), |comment| comment.start as usize - start);
    end(&mut words, &mut word, until);
    Ok((words, comment))
}

/// `text` as an argument: in quotes where it must be.
pub(super) fn spell(style: Style, text: &str) -> String {
    let special = |c: char| c.is_whitespace() || matches!(c, '#' | '"' | '\'' | '\\' | '$');
    if style == Style::Plain && !text.is_empty() && !text.contains(special) {
        return text.to_owned();
    }
    if style == Style::SingleQuoted && !text.contains(['\'', '\n', '\r']) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '"' | '\\' | '$' => quoted.extend(['\\', c]),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_lines_are_read() {
        for (text, expected) in [
            (
                "global\n  maxconn 100 # all\ndefaults\n\ttimeout  connect 5s#c\n  option httplog\n",
                "{global: {maxconn: 100}, defaults: {timeout connect: 5s, option httplog: }}",
            ),
            (
                "backend a\r\n  server x h:1 check\r\n  server y h:2\r\nbackend a\r\n",
                "{backend a: {server: x h:1 check, server#2: y h:2}, backend a #2: {}}",
            ),
            ("listen s :80\n  no option httpclose\n", "{listen s: {no option httpclose: }}"),
            (
                "backend b from base\n  retries 2\ndefaults base\n",
                "{from base backend b: {retries: 2}, defaults base: {}}",
            ),
            (
                "defaults web from base\nbackend b\n  retries 2\ndefaults\nbackend c\n",
                "{from base defaults web: {}, from defaults backend b: {retries: 2}, defaults: {}, backend c: {}}",
            ),
            (
                "defaults\n.if true\n  retries 1\n.else\n  retries 2\n.endif\n  retries 3\n",
                "{defaults: {.if: true, retries: 3}}",
            ),
            (
                "defaults\n  log-tag \"a b\\\"\"\n  \"timeout\" 'client' '5s'\n  mode \\x74cp\n",
                "{defaults: {log-tag: a b\", timeout client: 5s, mode: tcp}}",
            ),
        ] {
            let document = parse(text);
            assert_eq!(document.errors, [], "{text}");
            assert_eq!(document.in_a_line(document.roots[0]), expected, "{text}");
        }
    }

    #[test]
    fn what_it_refuses_is_an_error() {
        for text in
            ["retries 3\n", "global\n log-tag \"a\n", "global\n log-tag 'a\n", "global\n a \\", "global\n a \\xz1"]
        {
            assert_eq!(parse(text).errors.len(), 1, "{text}");
        }
    }

    #[test]
    fn what_is_spelled_reads_back() {
        for style in [Style::Plain, Style::SingleQuoted, Style::DoubleQuoted] {
            for text in ["5s", "a b", "$x", "a\"b", "it's", "a#b", "a\\b", "", "ä\tö"] {
                let spelled = spell(style, text);
                let (words, comment) = words(&spelled, 0).expect("it can be read");
                assert!(comment.is_none());
                assert_eq!(words.iter().map(|word| word.text(&spelled)).collect::<Vec<_>>(), [text], "{spelled}");
            }
        }
    }
}
