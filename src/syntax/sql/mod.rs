//! SQL of Postgres, as far as it sets parameters: a small part of the language, all else is passed over.
//!
//! In goes a text, out comes a document whose root map has one entry, `statements`: a list with a map for each run of
//! statements about the same thing.
//!
//! ```text
//! ALTER SYSTEM SET work_mem = '64MB';               system: {work_mem: 64MB}
//! BEGIN; ALTER SYSTEM SET …; COMMIT;                system-in-transaction: {…}
//! ALTER SYSTEM SET …; SELECT pg_reload_conf();      system-then-reload: {…}
//! ALTER ROLE app IN DATABASE shop SET …;            role: app, database: shop, settings: {…}
//! ALTER DATABASE shop SET …;                        database: shop, settings: {…}
//! SET LOCAL work_mem = '1GB';                       session: {work_mem: 1GB}
//! ALTER TABLE t SET (autovacuum_enabled = off);     table: t, storage: {autovacuum_enabled: off}
//! CREATE TABLE t (…) WITH (…);                      table: t, storage: {…}
//! ```
//!
//! A statement that is not of exactly this form, such as another database's, is passed over; so is a value that is no plain
//! text, number or word. Functions and blocks in dollars are one text to the lexer, and are not looked into.

mod lexer;
mod order;

use super::{Document, Format, Node, NodeId, NodeKind, Span, Style, template};
use lexer::{Kind, Token, tokens};
use order::Around;

/// Words of which one must be there for anything to be found.
const SIGNS: [&str; 2] = ["autovacuum_", "set"];

/// Parses a text.
pub fn parse(text: &str) -> Document {
    let mut document = Document::new(text, Format::Sql);
    let root = document.push(Node::new(NodeKind::Map, Style::Plain, Span::new(0, text.len())), None);
    document.roots.push(root);
    if !worth_reading(text) {
        return document;
    }
    let found = tokens(text);
    for comment in found.comments {
        document.push_comment(comment);
    }
    document.markers = template::spans(text);
    let ends = |token: &Token| token.kind == Kind::Symbol && token.span.slice(text) == ";";
    let mut statements: Vec<&[Token]> = found.tokens.split(ends).collect();
    if found.open {
        statements.pop();
    }
    let mut blocks: Vec<Block> = Vec::new();
    for (statement, around) in statements.iter().zip(order::around(text, &statements)) {
        take(text, statement, around, &mut blocks);
    }
    if blocks.is_empty() {
        return document;
    }
    let place = blocks.iter().fold(blocks[0].span, |all, block| all.cover(block.span));
    let list = child(&mut document, root, named(place.start, "statements"), NodeKind::Seq, place);
    for block in blocks {
        block.build(&mut document, list);
    }
    document
}

/// Whether some statement may be of interest; most SQL is not, and is not cut into tokens.
fn worth_reading(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has = |word: &str| bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
    SIGNS.iter().any(|sign| has(sign))
}

/// A key: where it stands, and its name where that is not what stands there.
#[derive(Debug, Clone)]
struct Key {
    span: Span,
    name: Option<String>,
}

/// A key that no text spells, at the place of what it is the key of.
fn named(at: u32, name: &str) -> Key {
    Key { span: Span { start: at, end: at }, name: Some(name.to_owned()) }
}

/// What a run of statements is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    System(Around),
    /// The session that runs the script.
    Own,
    Session {
        role: Option<String>,
        database: Option<String>,
    },
    Table(String),
}

/// A run of statements about one thing.
#[derive(Debug)]
struct Block {
    target: Target,
    /// Where its names stand: role and database, or table.
    names: Vec<(&'static str, Span, Style)>,
    /// The key of its settings.
    key: Key,
    settings: Vec<(Key, Span, Style)>,
    span: Span,
}

impl Block {
    fn build(self, document: &mut Document, list: NodeId) {
        let item = document.push(Node::new(NodeKind::Map, Style::Plain, self.span), Some(list));
        for (key, span, style) in self.names {
            scalar(document, item, named(span.start, key), span, style);
        }
        let place = self.settings.iter().fold(self.key.span, |all, (key, value, _)| all.cover(key.span).cover(*value));
        let place =
            Span { start: self.settings.first().map_or(place.start, |(key, ..)| key.span.start), end: place.end };
        let map = child(document, item, self.key, NodeKind::Map, place);
        for (key, value, style) in self.settings {
            scalar(document, map, key, value, style);
        }
    }
}

fn key_node(document: &mut Document, key: Key) -> NodeId {
    let mut node = Node::new(NodeKind::Scalar, Style::Plain, key.span);
    node.decoded = key.name.map(Into::into);
    document.push(node, None)
}

fn child(document: &mut Document, parent: NodeId, key: Key, kind: NodeKind, place: Span) -> NodeId {
    let entry = key.span.cover(place);
    let key = key_node(document, key);
    let mut node = Node::new(kind, Style::Plain, place);
    node.entry = entry;
    node.key = Some(key);
    document.push(node, Some(parent))
}

fn scalar(document: &mut Document, parent: NodeId, key: Key, place: Span, style: Style) {
    let inner = place.slice(&document.text);
    let decoded = match style {
        Style::SingleQuoted => Some(inner[1..inner.len() - 1].replace("''", "'")),
        Style::DoubleQuoted => Some(inner[1..inner.len() - 1].replace("\"\"", "\"")),
        _ => None,
    };
    let id = child(document, parent, key, NodeKind::Scalar, place);
    document.node_mut(id).decoded = decoded.map(Into::into);
}

/// A statement, read from its tokens on.
struct Statement<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
}

impl<'t> Statement<'t> {
    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    fn slice(&self, token: Token) -> &'t str {
        token.span.slice(self.text)
    }

    /// Takes one of these words or symbols.
    fn word(&mut self, words: &[&str]) -> Option<Token> {
        let token = self.peek().filter(|token| matches!(token.kind, Kind::Word | Kind::Symbol))?;
        let slice = self.slice(token);
        words.iter().any(|word| slice.eq_ignore_ascii_case(word)).then(|| self.at += 1)?;
        Some(token)
    }

    /// Takes a name, with dots where it has them.
    fn name(&mut self) -> Option<(Span, Style)> {
        let first = self.peek().filter(|token| matches!(token.kind, Kind::Word | Kind::Quoted))?;
        self.at += 1;
        let mut style = if first.kind == Kind::Quoted { Style::DoubleQuoted } else { Style::Plain };
        let mut span = first.span;
        while let Some(dot) = self.peek().filter(|dot| self.slice(*dot) == "." && dot.span.start == span.end) {
            let next = self.tokens.get(self.at + 1)?;
            if !matches!(next.kind, Kind::Word | Kind::Quoted) || next.span.start != dot.span.end {
                return None;
            }
            span = span.cover(next.span);
            style = Style::Plain;
            self.at += 2;
        }
        Some((span, style))
    }

    /// Takes a value: a text, a number with or without a sign, or a word.
    fn value(&mut self) -> Option<(Span, Style)> {
        let sign = self.word(&["-", "+"]);
        let token = self.peek()?;
        self.at += 1;
        match token.kind {
            Kind::Number => Some((sign.map_or(token.span, |sign| sign.span.cover(token.span)), Style::Plain)),
            Kind::Text if sign.is_none() && !is_filled_in(self.slice(token)) => Some((token.span, Style::SingleQuoted)),
            Kind::Word if sign.is_none() && !self.slice(token).eq_ignore_ascii_case("default") => {
                Some((token.span, Style::Plain))
            }
            _ => None,
        }
    }

    /// `name = value` or `name TO value`, and nothing behind it.
    fn assignment(&mut self) -> Option<(Key, Span, Style)> {
        let (name, style) = self.name()?;
        self.word(&["=", "to"])?;
        let (value, how) = self.value()?;
        let spelled = name.slice(self.text);
        let spelled = if style == Style::DoubleQuoted { &spelled[1..spelled.len() - 1] } else { spelled };
        let lower = spelled.to_ascii_lowercase();
        let name_differs = (lower != name.slice(self.text)).then_some(lower);
        self.peek().is_none().then_some((Key { span: name, name: name_differs }, value, how))
    }
}

/// Whether something else puts the value in before the server reads it.
fn is_filled_in(text: &str) -> bool {
    ["${", "$(", "{{", "{%", "<%", "@@"].iter().any(|mark| text.contains(mark))
}

/// Adds what a statement says, to the last block where that is about the same thing.
fn take(text: &str, tokens: &[Token], around: Around, blocks: &mut Vec<Block>) {
    let mut statement = Statement { text, tokens, at: 0 };
    let found = if statement.word(&["alter"]).is_some() {
        alter(&mut statement, around)
    } else if let Some(set) = statement.word(&["set"]) {
        own(&mut statement, set)
    } else if statement.word(&["create"]).is_some() {
        created_table(&mut statement)
    } else {
        None
    };
    let Some(mut found) = found else { return };
    match blocks.last_mut().filter(|last| last.target == found.target && last.key.name == found.key.name) {
        Some(last) => {
            last.span = last.span.cover(found.span);
            last.settings.append(&mut found.settings);
        }
        None => blocks.push(found),
    }
}

/// `SET [SESSION | LOCAL] name = value`.
fn own(statement: &mut Statement<'_>, set: Token) -> Option<Block> {
    statement.word(&["session", "local"]);
    let settings = vec![statement.assignment()?];
    let key = Key { span: set.span, name: Some("session".into()) };
    let end = statement.tokens.last()?.span;
    Some(Block { target: Target::Own, names: Vec::new(), key, settings, span: set.span.cover(end) })
}

fn alter(statement: &mut Statement<'_>, around: Around) -> Option<Block> {
    let start = statement.tokens.first()?.span;
    let end = statement.tokens.last()?.span;
    let block = |target, names, key, settings| Block { target, names, key, settings, span: start.cover(end) };
    if let Some(system) = statement.word(&["system"]) {
        statement.word(&["set"])?;
        let name = match around {
            Around::Nothing => "system",
            Around::Transaction => "system-in-transaction",
            Around::Reload => "system-then-reload",
        };
        let key = Key { span: system.span, name: Some(name.into()) };
        return Some(block(Target::System(around), Vec::new(), key, vec![statement.assignment()?]));
    }
    if statement.word(&["table"]).is_some() {
        if statement.word(&["if"]).is_some() {
            statement.word(&["exists"])?;
        }
        statement.word(&["only"]);
        let (table, style) = statement.name()?;
        let set = statement.word(&["set"])?;
        let settings = storage(statement)?;
        let key = Key { span: set.span, name: Some("storage".into()) };
        let target = Target::Table(table.slice(statement.text).to_owned());
        return Some(block(target, vec![("table", table, style)], key, settings));
    }
    let (mut role, mut database, mut names) = (None, None, Vec::new());
    if statement.word(&["role", "user"]).is_some() {
        let (name, style) = statement.name()?;
        role = Some(name.slice(statement.text).to_owned());
        names.push(("role", name, style));
        if statement.word(&["in"]).is_some() {
            statement.word(&["database"])?;
            let (name, style) = statement.name()?;
            database = Some(name.slice(statement.text).to_owned());
            names.push(("database", name, style));
        }
    } else {
        statement.word(&["database"])?;
        let (name, style) = statement.name()?;
        database = Some(name.slice(statement.text).to_owned());
        names.push(("database", name, style));
    }
    let set = statement.word(&["set"])?;
    let key = Key { span: set.span, name: Some("settings".into()) };
    Some(block(Target::Session { role, database }, names, key, vec![statement.assignment()?]))
}

/// `CREATE TABLE … (…) WITH (…)`; what is not kept, and not logged, is passed over.
fn created_table(statement: &mut Statement<'_>) -> Option<Block> {
    let start = statement.tokens.first()?.span;
    let end = statement.tokens.last()?.span;
    statement.word(&["table"])?;
    if statement.word(&["if"]).is_some() {
        statement.word(&["not"])?;
        statement.word(&["exists"])?;
    }
    let (table, style) = statement.name()?;
    let mut depth = 0usize;
    while let Some(token) = statement.peek() {
        match statement.slice(token) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            word if depth == 0 && token.kind == Kind::Word && word.eq_ignore_ascii_case("with") => {
                statement.at += 1;
                let settings = storage(statement)?;
                let key = Key { span: token.span, name: Some("storage".into()) };
                let target = Target::Table(table.slice(statement.text).to_owned());
                let names = vec![("table", table, style)];
                return Some(Block { target, names, key, settings, span: start.cover(end) });
            }
            _ => {}
        }
        statement.at += 1;
    }
    None
}

/// `(name = value, …)` of which some belong to autovacuum; a name alone, which means true, is left out.
fn storage(statement: &mut Statement<'_>) -> Option<Vec<(Key, Span, Style)>> {
    statement.word(&["("])?;
    let mut found = Vec::new();
    loop {
        let (name, _) = statement.name()?;
        if statement.word(&["="]).is_some() {
            let (value, style) = statement.value()?;
            let lower = name.slice(statement.text).to_ascii_lowercase();
            let differs = (lower != name.slice(statement.text)).then_some(lower);
            found.push((Key { span: name, name: differs }, value, style));
        }
        if statement.word(&[","]).is_none() {
            break;
        }
    }
    statement.word(&[")"])?;
    let of_autovacuum = |(key, ..): &(Key, Span, Style)| {
        key.name.as_deref().unwrap_or(key.span.slice(statement.text)).starts_with("autovacuum_")
    };
    found.iter().any(of_autovacuum).then_some(found)
}

/// `text` as a value: a number or switch as it is, all else in quotes, as many words are reserved (`all`, `user`).
pub(super) fn spell(style: Style, text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok() && text.bytes().all(|b| b.is_ascii_digit() || b".-+".contains(&b));
    let is_switch = matches!(text, "on" | "off" | "true" | "false");
    if style == Style::Plain && (is_number || is_switch) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in a line.
    fn shown(document: &Document, id: NodeId) -> String {
        let inner = |id: NodeId| {
            let one = |child| match document.key(child) {
                Some(key) => format!("{key}: {}", shown(document, child)),
                None => shown(document, child),
            };
            document.children(id).map(one).collect::<Vec<_>>().join(", ")
        };
        match document.node(id).kind {
            NodeKind::Map => format!("{{{}}}", inner(id)),
            NodeKind::Seq => format!("[{}]", inner(id)),
            _ => document.scalar(id).to_owned(),
        }
    }

    #[test]
    fn statements_that_set_parameters_are_found_and_no_others() {
        for (text, expected) in [
            (
                "ALTER SYSTEM SET work_mem TO '64MB';\nalter system set Jit = off",
                "[{system: {work_mem: 64MB, jit: off}}]",
            ),
            ("ALTER ROLE app SET statement_timeout = '30s';", "[{role: app, settings: {statement_timeout: 30s}}]"),
            (
                "ALTER USER \"a b\" IN DATABASE shop SET lock_timeout = 5000; ALTER DATABASE shop SET jit TO on;",
                "[{role: a b, database: shop, settings: {lock_timeout: 5000}}, {database: shop, settings: {jit: on}}]",
            ),
            (
                "ALTER TABLE ONLY s.t SET (autovacuum_enabled = false, fillfactor = 70)",
                "[{table: s.t, storage: {autovacuum_enabled: false, fillfactor: 70}}]",
            ),
            (
                "CREATE TABLE IF NOT EXISTS t (id int CHECK (id > 0)) WITH (autovacuum_vacuum_scale_factor = 0.01);",
                "[{table: t, storage: {autovacuum_vacuum_scale_factor: 0.01}}]",
            ),
            ("SET work_mem = '1GB'; set local Jit TO off;", "[{session: {work_mem: 1GB, jit: off}}]"),
            // what is open around it, and what comes after
            (
                "BEGIN; SAVEPOINT a; ALTER SYSTEM SET a = 1; ROLLBACK TO a; ALTER SYSTEM SET b = 1; END; ALTER SYSTEM SET c = 1",
                "[{system-in-transaction: {a: 1, b: 1}}, {system: {c: 1}}]",
            ),
            (
                "start transaction read write; COMMIT AND CHAIN; ALTER SYSTEM SET a = 1; COMMIT AND NO CHAIN; ALTER SYSTEM SET b = 1",
                "[{system-in-transaction: {a: 1}}, {system: {b: 1}}]",
            ),
            (
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; ALTER SYSTEM SET a = 1; COMMIT; ALTER SYSTEM SET b = 1",
                "[{system: {a: 1, b: 1}}]",
            ),
            (
                "ALTER SYSTEM SET a = 1; SELECT pg_reload_conf(); ALTER SYSTEM SET b = 1",
                "[{system-then-reload: {a: 1}}, {system: {b: 1}}]",
            ),
            ("-- a needs a restart\nALTER SYSTEM SET a = 1; SELECT pg_reload_conf();", "[{system: {a: 1}}]"),
            ("BEGIN ALTER SYSTEM SET a = 1; ALTER SYSTEM SET b = 1", "[{system: {b: 1}}]"),
            // of others, or not to be known
            (
                "SET SESSION AUTHORIZATION app; SET ROLE app; SET TIME ZONE 'UTC'; SET a = DEFAULT; SET a = b, c; SET @x = 1;",
                "",
            ),
            ("ALTER SYSTEM SET processes = 300 SCOPE = SPFILE;", ""),
            ("ALTER DATABASE d CHARACTER SET = utf8; ALTER DATABASE d SET READ_COMMITTED_SNAPSHOT ON;", ""),
            ("ALTER SYSTEM SET work_mem = :mem; ALTER SYSTEM RESET ALL; ALTER SYSTEM SET a = DEFAULT;", ""),
            ("ALTER ROLE app SET work_mem FROM CURRENT; ALTER ROLE app WITH LOGIN;", ""),
            (
                "DO $$ BEGIN ALTER SYSTEM SET a = 1; END $$; CREATE UNLOGGED TABLE t () WITH (autovacuum_enabled = off)",
                "",
            ),
            ("ALTER TABLE t SET (fillfactor = 70); ALTER TABLE t ADD COLUMN autovacuum_x int", ""),
            ("ALTER ROLE app SET search_path = a, b;", ""),
        ] {
            let document = parse(text);
            let list = document.entry(document.roots[0], "statements");
            assert_eq!(list.map_or(String::new(), |list| shown(&document, list)), expected, "{text}");
        }
    }

    #[test]
    fn values_are_quoted_where_they_must_be() {
        for (style, text, expected) in [
            (Style::Plain, "30", "30"),
            (Style::Plain, "-1", "-1"),
            (Style::Plain, "off", "off"),
            (Style::Plain, "30s", "'30s'"),
            (Style::Plain, "default", "'default'"),
            (Style::Plain, "all", "'all'"),
            (Style::SingleQuoted, "it's", "'it''s'"),
        ] {
            assert_eq!(spell(style, text), expected, "{text}");
        }
    }
}
