//! JSON text into a [`Document`]. Comments and trailing commas are read as well, as tools that call their format
//! JSON commonly allow them; anything else outside the grammar ends the reading with an error.
//!
//! ```
//! use trueup::syntax::json;
//! let document = json::parse("{\"pool\": {\"max\": 10}, // small\n}");
//! let max = document.lookup(document.roots[0], &["pool", "max"]).unwrap();
//! assert_eq!(document.scalar(max), "10");
//! assert_eq!(document.comments.len(), 1);
//! ```

use jsonc_parser::errors::ParseError;
use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};

use super::document::{Document, Node, NodeId, NodeKind, ScalarType, Style};
use super::span::Span;
use super::{Format, MAX_DEPTH, MAX_NODES, template};

/// Reads `text`. What stands before an error is kept.
pub fn parse(text: &str) -> Document {
    // A run of digits is a value wherever a marker may stand for one, and harmless inside a string.
    template::parse(text, b'1', parse_plain)
}

fn parse_plain(text: &str) -> Document {
    let mut reader = Reader {
        document: Document::new(text, Format::Json),
        open: Vec::new(),
        expect: Expect::Value,
        key: None,
        last_end: 0,
    };
    reader.run(text);
    reader.document
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    ValueOrClose,
    KeyOrClose,
    Colon,
    CommaOrClose,
    End,
}

impl Expect {
    fn describe(self) -> &'static str {
        match self {
            Expect::Value => "a value",
            Expect::ValueOrClose => "a value or `]`",
            Expect::KeyOrClose => "a key in double quotes or `}`",
            Expect::Colon => "`:`",
            Expect::CommaOrClose => "`,` or the end of the collection",
            Expect::End => "the end of the text",
        }
    }
}

struct Reader {
    document: Document,
    open: Vec<NodeId>,
    expect: Expect,
    /// The key whose value comes next.
    key: Option<NodeId>,
    last_end: usize,
}

/// Why reading stops.
struct Stop {
    message: String,
    span: (usize, usize),
}

impl Reader {
    fn run(&mut self, text: &str) {
        let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let options = ScannerOptions {
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let mut scanner = Scanner::new(&text[bom..], &options);
        loop {
            let token = scanner.scan();
            let span = (bom + scanner.token_start(), bom + scanner.token_end());
            let step = match token {
                Ok(Some(token)) => self.token(token, span),
                Ok(None) if self.expect == Expect::End => return,
                Ok(None) => Err(Stop {
                    message: format!("expected {}, found the end of the text", self.expect.describe()),
                    span: (text.len(), text.len()),
                }),
                Err(error) => Err(scan_error(&error, bom)),
            };
            if let Err(Stop { message, span: (start, end) }) = step {
                self.document.push_error(message, start, end);
                self.close_all();
                return;
            }
        }
    }

    fn token(&mut self, token: Token<'_>, span: (usize, usize)) -> Result<(), Stop> {
        let (start, end) = span;
        match token {
            Token::CommentLine(_) | Token::CommentBlock(_) => {
                self.document.push_comment(Span::new(start, end));
                return Ok(());
            }
            Token::Colon if self.expect == Expect::Colon => self.expect = Expect::Value,
            Token::Comma if self.expect == Expect::CommaOrClose => {
                self.expect = if self.inside(NodeKind::Map) { Expect::KeyOrClose } else { Expect::ValueOrClose };
            }
            Token::CloseBrace
                if matches!(self.expect, Expect::KeyOrClose | Expect::CommaOrClose) && self.inside(NodeKind::Map) =>
            {
                self.close(end);
            }
            Token::CloseBracket
                if matches!(self.expect, Expect::ValueOrClose | Expect::CommaOrClose) && self.inside(NodeKind::Seq) =>
            {
                self.close(end);
            }
            Token::String(text) if self.expect == Expect::KeyOrClose => {
                let mut node = string(&text, span);
                node.parent = self.open.last().copied();
                let parent = node.parent;
                let id = self.document.push(node, None);
                self.document.node_mut(id).parent = parent;
                self.key = Some(id);
                self.expect = Expect::Colon;
            }
            _ if !matches!(self.expect, Expect::Value | Expect::ValueOrClose) => {
                return Err(self.unexpected(&token, span));
            }
            Token::OpenBrace => self.open(NodeKind::Map, span, Expect::KeyOrClose)?,
            Token::OpenBracket => self.open(NodeKind::Seq, span, Expect::ValueOrClose)?,
            Token::String(text) => self.scalar(string(&text, span), ScalarType::Text)?,
            Token::Boolean(_) => self.scalar(plain(span), ScalarType::Bool)?,
            Token::Null => self.scalar(plain(span), ScalarType::Null)?,
            Token::Number(number) => {
                let float = number.contains(['.', 'e', 'E']);
                self.scalar(plain(span), if float { ScalarType::Float } else { ScalarType::Integer })?;
            }
            _ => return Err(self.unexpected(&token, span)),
        }
        self.last_end = end;
        Ok(())
    }

    fn unexpected(&self, token: &Token<'_>, span: (usize, usize)) -> Stop {
        let found = match token {
            Token::String(_) => "a string".to_owned(),
            Token::Word(_) => "a word without quotes".to_owned(),
            other => format!("`{}`", other.as_str()),
        };
        Stop { message: format!("expected {}, found {found}", self.expect.describe()), span }
    }

    fn inside(&self, kind: NodeKind) -> bool {
        self.open.last().is_some_and(|&id| self.document.node(id).kind == kind)
    }

    /// Adds a value where one is expected.
    fn add(&mut self, mut node: Node) -> Result<NodeId, Stop> {
        let span = (node.content.start as usize, node.content.end as usize);
        if self.document.nodes.len() >= MAX_NODES {
            return Err(Stop { message: format!("more than {MAX_NODES} values"), span });
        }
        if let Some(key) = self.key.take() {
            node.key = Some(key);
            node.entry = self.document.node(key).content.cover(node.content);
        }
        let id = self.document.push(node, self.open.last().copied());
        if self.open.is_empty() {
            self.document.roots.push(id);
        }
        self.expect = if self.open.is_empty() { Expect::End } else { Expect::CommaOrClose };
        Ok(id)
    }

    fn scalar(&mut self, mut node: Node, scalar: ScalarType) -> Result<(), Stop> {
        node.scalar = scalar;
        self.add(node).map(drop)
    }

    fn open(&mut self, kind: NodeKind, span: (usize, usize), inner: Expect) -> Result<(), Stop> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Stop { message: format!("nested deeper than {MAX_DEPTH} levels"), span });
        }
        let id = self.add(Node::new(kind, Style::Flow, Span::new(span.0, span.1)))?;
        self.open.push(id);
        self.expect = inner;
        Ok(())
    }

    fn close(&mut self, end: usize) {
        if let Some(id) = self.open.pop() {
            let node = self.document.node_mut(id);
            for span in [&mut node.content, &mut node.outer, &mut node.entry] {
                span.end = span.end.max(end as u32);
            }
        }
        self.expect = if self.open.is_empty() { Expect::End } else { Expect::CommaOrClose };
    }

    /// What an error left open ends where reading ended.
    fn close_all(&mut self) {
        while !self.open.is_empty() {
            self.close(self.last_end);
        }
    }
}

fn scan_error(error: &ParseError, bom: usize) -> Stop {
    let range = error.range();
    Stop { message: error.kind().to_string(), span: (bom + range.start, bom + range.end) }
}

fn plain((start, end): (usize, usize)) -> Node {
    Node::new(NodeKind::Scalar, Style::Plain, Span::new(start, end))
}

fn string(text: &str, (start, end): (usize, usize)) -> Node {
    let mut node = Node::new(NodeKind::Scalar, Style::DoubleQuoted, Span::new(start, end));
    // Every escape is longer than what it stands for.
    if text.len() + 2 != end - start {
        node.decoded = Some(text.into());
    }
    node
}
