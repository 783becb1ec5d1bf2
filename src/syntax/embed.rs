//! Texts inside scalars: a block scalar that holds a whole `postgresql.conf`, a quoted DSN, a command line.
//!
//! In goes a scalar, out comes its text with the map back to the file, piece by piece: one per line of a block scalar,
//! or of a folded one, one for a scalar that stands in the file as it is meant. An escaped scalar can be read but not
//! mapped.
//!
//! ```
//! use trueup::syntax::{LineFlavor, embed, line};
//!
//! let host = line::parse("URL=\"postgres://h/db\"\n", LineFlavor::Env);
//! let url = host.lookup(host.roots[0], &["URL"]).expect("it is there");
//! let embedded = embed::scalar(&host, url).expect("it is a scalar");
//! assert_eq!(embedded.text, "postgres://h/db");
//! assert_eq!(embedded.map.offset(0), 5);
//! ```

use super::{Document, Format, NodeId, NodeKind, Span, SpanMap, Style};

/// The text of a scalar, and where it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// The text, decoded.
    pub text: String,
    /// Its way back to the file.
    pub map: SpanMap,
    /// Whether each byte is where `map` says. If not, all of it maps to the scalar's start and nothing can be edited.
    pub faithful: bool,
}

impl Embedded {
    /// A text that is written in another file and read at `offset` of `host`.
    pub fn elsewhere(host: &Document, text: &str, offset: u32) -> Embedded {
        let map = unmappable(offset as usize).through(&host.map);
        Embedded { text: text.to_owned(), map, faithful: false }
    }

    /// Parses the text and gives the document its place in the file.
    pub fn document(&self, parse: impl FnOnce(&str) -> Document) -> Document {
        let mut document = parse(&self.text);
        document.map = document.map.through(&self.map);
        document
    }

    /// What stands behind its first `skip` bytes; nothing of them where that is no place between two characters.
    pub fn behind(&self, skip: usize) -> Embedded {
        let mut map = SpanMap::identity();
        self.pieces(skip, &mut map, 0);
        Embedded { text: self.text.get(skip..).unwrap_or_default().to_owned(), map, faithful: self.faithful }
    }

    /// Adds to `map` the way back of this text, which now stands at `offset` of a larger one.
    pub(super) fn append(&self, map: &mut SpanMap, offset: usize) {
        self.pieces(0, map, offset);
    }

    /// Adds to `map` the way back of this text from its byte `first` on, which now stands at `offset` of another.
    fn pieces(&self, first: usize, map: &mut SpanMap, offset: usize) {
        if !self.faithful {
            return map.push(offset, self.map.offset(0) as usize, 0);
        }
        let length = self.text.len();
        let mut at = first;
        while at < length {
            let host = self.map.offset(at as u32);
            // a piece ends where the next byte does not follow in the host
            let follows = |&end: &usize| self.map.offset(end as u32) == host + (end - at) as u32;
            let end = (at + 1..length).take_while(follows).last().map_or(at + 1, |last| last + 1);
            map.push(offset + at - first, host as usize, end - at);
            at = end;
        }
    }
}

/// The text of the scalar `node`; `None` for collections and aliases.
pub fn scalar(host: &Document, node: NodeId) -> Option<Embedded> {
    let found = host.node(node);
    if found.kind != NodeKind::Scalar {
        return None;
    }
    let text = host.scalar(node);
    let map = verbatim(host, node, text).or_else(|| {
        let source = found.content.slice(&host.text);
        match found.style {
            Style::Literal => by_line(source, found.content, text),
            Style::Folded | Style::Plain if host.format == Format::Yaml => by_folded_line(source, found.content, text),
            _ => None,
        }
    });
    let faithful = map.is_some();
    let map = map.unwrap_or_else(|| unmappable(found.content.start as usize));
    Some(Embedded { text: text.to_owned(), map: map.through(&host.map), faithful })
}

/// A map that sends everything to `offset`.
pub(super) fn unmappable(offset: usize) -> SpanMap {
    let mut map = SpanMap::identity();
    map.push(0, offset, 0);
    map
}

/// One piece, if the text stands in the source as it is meant, apart from quotes around it.
fn verbatim(host: &Document, node: NodeId, text: &str) -> Option<SpanMap> {
    let content = host.node(node).content;
    let source = content.slice(&host.text);
    let offset = if source == text {
        0
    } else {
        ["\"\"\"", "'''", "\"", "'"].into_iter().find_map(|quote| {
            let inner = source.strip_prefix(quote)?.strip_suffix(quote)?;
            // TOML drops a line end right behind the opening quotes.
            let dropped = ["", "\n", "\r\n"].into_iter().find(|dropped| inner.strip_prefix(dropped) == Some(text))?;
            (quote.len() == 3 || dropped.is_empty()).then_some(quote.len() + dropped.len())
        })?
    };
    let mut map = SpanMap::identity();
    map.push(0, content.start as usize + offset, text.len());
    Some(map)
}

/// One piece per line of a block scalar: each line of the text is the end of its line in the source.
fn by_line(source: &str, content: Span, text: &str) -> Option<SpanMap> {
    let mut map = SpanMap::identity();
    let mut lines = source.split_inclusive('\n');
    let (mut inner, mut host) = (0, content.start as usize);
    for line in text.split_inclusive('\n') {
        let spelled = lines.next()?;
        let body = line.trim_end_matches('\n');
        let spelled_body = spelled.strip_suffix('\n').unwrap_or(spelled);
        let crlf = spelled_body.ends_with('\r') && !body.ends_with('\r');
        let spelled_body = if crlf { &spelled_body[..spelled_body.len() - 1] } else { spelled_body };
        let indent = spelled_body.strip_suffix(body)?;
        if !body.is_empty() && !indent.bytes().all(|byte| byte == b' ') {
            return None;
        }
        let ends = line.len() > body.len() && spelled.len() > spelled_body.len();
        let start = host + indent.len();
        if crlf && ends {
            map.push(inner, start, body.len());
            map.push(inner + body.len(), start + body.len() + 1, 1);
        } else {
            map.push(inner, start, body.len() + usize::from(ends));
        }
        inner += line.len();
        host += spelled.len();
    }
    (inner > 0).then_some(map)
}

/// One piece per line of a scalar whose lines are folded into one. What stands for a line break maps to that line's end and
/// can be read only.
fn by_folded_line(source: &str, content: Span, text: &str) -> Option<SpanMap> {
    let mut map = SpanMap::identity();
    let (mut inner, mut host) = (0, content.start as usize);
    for spelled in source.split_inclusive('\n') {
        let body = spelled.trim_start_matches([' ', '\t']);
        let indent = spelled.len() - body.len();
        let body = body.trim_end_matches(['\n', '\r']);
        let left = &text[inner..];
        let folded = left.len() - left.trim_start_matches([' ', '\t', '\n']).len();
        // a block keeps the spaces at the end of a line, other scalars do not
        let kept =
            [body, body.trim_end_matches([' ', '\t'])].into_iter().find(|kept| left[folded..].starts_with(kept))?;
        if !kept.is_empty() {
            map.push(inner + folded, host + indent, kept.len());
            inner += folded + kept.len();
        }
        host += spelled.len();
    }
    (inner > 0 && text[inner..].trim().is_empty()).then_some(map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Format, LineFlavor, Node, line};

    fn host(text: &str, content: Span, style: Style, decoded: Option<&str>) -> (Document, NodeId) {
        let mut document = Document::new(text, Format::Yaml);
        let mut node = Node::new(NodeKind::Scalar, style, content);
        node.decoded = decoded.map(Into::into);
        let id = document.push(node, None);
        (document, id)
    }

    #[test]
    fn a_block_scalar_maps_line_by_line() {
        for newline in ["\n", "\r\n"] {
            let yaml = "conf: |\n    a.b = 1\n\n      c.d = 'x'\n    e.f = 2\n".replace('\n', newline);
            let start = yaml.find("    a").expect("the block");
            let decoded = "a.b = 1\n\n  c.d = 'x'\ne.f = 2\n";
            let (document, node) = host(&yaml, Span::new(start, yaml.len()), Style::Literal, Some(decoded));
            let embedded = scalar(&document, node).expect("a scalar");
            assert!(embedded.faithful);
            let inner = embedded.document(|text| line::parse(text, LineFlavor::PostgresConf));
            for key in ["a.b", "c.d", "e.f"] {
                let entry = inner.lookup(inner.roots[0], &[key]).expect("the key");
                let span = inner.node(entry).entry;
                assert!(inner.map.is_contiguous(span));
                assert_eq!(inner.host(span).slice(&yaml), span.slice(&inner.text));
            }
        }
    }

    #[test]
    fn content_may_begin_behind_the_first_indentation_and_end_early() {
        let yaml = "k: |2-\n   x = 1\n  y = 2";
        let start = yaml.find("x").expect("the text") - 1;
        let (document, node) = host(yaml, Span::new(start, yaml.len()), Style::Literal, Some(" x = 1\ny = 2"));
        let embedded = scalar(&document, node).expect("a scalar");
        assert_eq!(embedded.map.span(Span::new(7, 12)).slice(yaml), "y = 2");
    }

    #[test]
    fn the_lines_of_a_folded_scalar_map_one_by_one() {
        for (style, head) in [(Style::Folded, ">-\n  "), (Style::Plain, "")] {
            for newline in ["\n", "\r\n"] {
                let yaml = format!("k: {head}postgres -c\n    a=1\n\n   -c b=2").replace('\n', newline);
                let start = yaml.find("postgres").expect("the text");
                let decoded =
                    if style == Style::Plain { "postgres -c a=1\n-c b=2" } else { "postgres -c\n  a=1\n\n -c b=2" };
                let (document, node) = host(&yaml, Span::new(start, yaml.len()), style, Some(decoded));
                let embedded = scalar(&document, node).expect("a scalar");
                assert!(embedded.faithful);
                for word in ["postgres", "a=1", "b=2"] {
                    let at = decoded.find(word).expect("the word");
                    let span = Span::new(at, at + word.len());
                    assert!(embedded.map.is_contiguous(span));
                    assert_eq!(embedded.map.span(span).slice(&yaml), word);
                }
                let broken =
                    Span::new(decoded.find("-c").expect("the word"), decoded.find("a=1").expect("the word") + 3);
                assert!(!embedded.map.is_contiguous(broken));
            }
        }
    }

    #[test]
    fn an_escaped_scalar_can_be_read_only() {
        let (document, node) = host("\"a\\n\"", Span::new(0, 5), Style::DoubleQuoted, Some("a\n"));
        let embedded = scalar(&document, node).expect("a scalar");
        assert!(!embedded.faithful);
        assert_eq!(embedded.map.offset(2), 0);
    }

    #[test]
    fn maps_compose_through_two_hosts() {
        let yaml = "env: |\n  URL='x=1'\n";
        let (document, node) = host(yaml, Span::new(7, 19), Style::Literal, Some("URL='x=1'\n"));
        let env = scalar(&document, node).expect("a scalar").document(|text| line::parse(text, LineFlavor::Env));
        let url = env.lookup(env.roots[0], &["URL"]).expect("the key");
        let inner = scalar(&env, url).expect("a scalar");
        assert_eq!(inner.map.span(Span::new(0, 3)).slice(yaml), "x=1");
    }
}
