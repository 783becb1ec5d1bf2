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
//! text, number or word, and what a later statement takes back (`RESET`). Functions and blocks in dollars are one text to the lexer, and are not looked into.

mod lexer;
mod order;
mod statement;

use std::collections::HashMap;

use super::{Document, Format, Node, NodeId, NodeKind, Span, Style, template};
use lexer::{Kind, Token, tokens};
use order::Around;
use statement::{Statement, alter, created_table, own, reset};

/// Words of which one must be there for anything to be found.
const SIGNS: [&str; 2] = ["autovacuum_", "set"];

/// Parses a text.
pub fn parse(text: &str) -> Document {
    let mut document = Document::new(text, Format::Sql);
    let root = document.push(Node::new(NodeKind::Map, Style::Plain, Span::new(0, text.len())), None);
    document.roots.push(root);
    let mut statements = Statements::default();
    statements.read(text, 0, &[]);
    for comment in statements.take_comments() {
        document.push_comment(comment);
    }
    if worth_reading(text) {
        document.markers = template::spans(text);
    }
    statements.build(&mut document, root);
    document
}

/// The statements of one text, or of several parts of one.
#[derive(Debug, Default)]
pub(super) struct Statements {
    blocks: Vec<Block>,
    comments: Vec<Span>,
    /// Where a setting is taken back last: of a name, or all of them.
    resets: HashMap<(Target, Option<String>), u32>,
}

impl Statements {
    /// Reads the part `text` that stands at `offset`; what something else fills in at the places `open` of it is not known.
    pub(super) fn read(&mut self, text: &str, offset: usize, open: &[Span]) {
        if !worth_reading(text) {
            return;
        }
        let found = tokens(text);
        let ends = |token: &Token| token.kind == Kind::Symbol && token.span.slice(text) == ";";
        let mut statements: Vec<&[Token]> = found.tokens.split(ends).collect();
        if found.open {
            statements.pop();
        }
        let mut blocks = Vec::new();
        for (statement, around) in statements.iter().zip(order::around(text, &statements)) {
            self.take(text, statement, around, offset, &mut blocks);
        }
        self.comments.extend(found.comments.into_iter().map(|span| behind(span, offset)));
        for mut block in blocks {
            // the places come in order
            let is_open = |span: Span| {
                let next = open.partition_point(|open| open.end <= span.start);
                open.get(next).is_some_and(|open| open.start < span.end)
            };
            block.settings.retain(|(key, value, _)| !is_open(key.span) && !is_open(*value));
            block.shift(offset);
            merge(&mut self.blocks, block);
        }
    }

    /// Reads a part that may be run or not: what it sets is not known afterwards.
    pub(super) fn read_doubtful(&mut self, text: &str, offset: usize) {
        let mut doubtful = Statements::default();
        doubtful.read(text, offset, &[]);
        self.comments.append(&mut doubtful.comments);
        self.resets.extend(doubtful.resets);
        for block in doubtful.blocks {
            for (key, ..) in block.settings {
                let place = Span { start: key.span.start - offset as u32, end: key.span.end - offset as u32 };
                let name = key.name.unwrap_or_else(|| place.slice(text).to_owned());
                self.resets.insert((block.target.anywhere(), Some(name)), key.span.start);
            }
        }
    }

    /// The comments.
    pub(super) fn take_comments(&mut self) -> Vec<Span> {
        std::mem::take(&mut self.comments)
    }

    /// Adds the list of statements to `root`; what is taken back later is left out.
    pub(super) fn build(self, document: &mut Document, root: NodeId) {
        let Statements { mut blocks, resets, .. } = self;
        if !resets.is_empty() {
            // what the server refuses, it has not to take back
            for block in blocks.iter_mut().filter(|block| block.target != Target::System(Around::Transaction)) {
                let target = block.target.anywhere();
                let all = resets.get(&(target.clone(), None)).copied();
                block.settings.retain(|(key, ..)| {
                    let name = key.name.clone().unwrap_or_else(|| key.span.slice(&document.text).to_owned());
                    let last = resets.get(&(target.clone(), Some(name))).copied().max(all);
                    last.is_none_or(|last| last < key.span.start)
                });
            }
        }
        blocks.retain(|block| !block.settings.is_empty());
        let Some(first) = blocks.first().map(|block| block.span) else { return };
        let place = blocks.iter().fold(first, |all, block| all.cover(block.span));
        let list = child(document, root, named(place.start, "statements"), NodeKind::Seq, place);
        for block in blocks {
            block.build(document, list);
        }
    }

    /// Adds what a statement says.
    fn take(&mut self, text: &str, tokens: &[Token], around: Around, offset: usize, blocks: &mut Vec<Block>) {
        let mut statement = Statement::new(text, tokens);
        let found = if statement.word(&["alter"]).is_some() {
            if let Some((target, name)) = reset(Statement::new(text, tokens.get(1..).unwrap_or_default())) {
                let at = tokens.first().map_or(0, |token| token.span.start);
                self.resets.insert((target, name), behind(Span { start: at, end: at }, offset).start);
                return;
            }
            alter(&mut statement, around)
        } else if let Some(set) = statement.word(&["set"]) {
            own(&mut statement, set)
        } else if statement.word(&["create"]).is_some() {
            created_table(&mut statement)
        } else {
            None
        };
        if let Some(found) = found {
            merge(blocks, found);
        }
    }
}

/// A span of a part that stands at `offset`.
fn behind(span: Span, offset: usize) -> Span {
    Span { start: span.start + offset as u32, end: span.end + offset as u32 }
}

/// Adds a block, to the last one where that is about the same thing.
fn merge(blocks: &mut Vec<Block>, mut found: Block) {
    match blocks.last_mut().filter(|last| last.target == found.target && last.key.name == found.key.name) {
        Some(last) => {
            last.span = last.span.cover(found.span);
            last.settings.append(&mut found.settings);
        }
        None => blocks.push(found),
    }
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

impl Target {
    /// The same, whatever stands around the statement.
    fn anywhere(&self) -> Target {
        match self {
            Target::System(_) => Target::System(Around::Nothing),
            other => other.clone(),
        }
    }
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
    /// Moves it to where its part stands.
    fn shift(&mut self, offset: usize) {
        self.span = behind(self.span, offset);
        self.key.span = behind(self.key.span, offset);
        self.names.iter_mut().for_each(|(_, span, _)| *span = behind(*span, offset));
        for (key, value, _) in &mut self.settings {
            key.span = behind(key.span, offset);
            *value = behind(*value, offset);
        }
    }

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
    // a file of statements spells values by what they are, a script as they were
    if document.format == Format::Shell {
        document.node_mut(id).style = style;
    }
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
            // taken back
            (
                "ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET jit = off; ALTER SYSTEM RESET Fsync;",
                "[{system: {jit: off}}]",
            ),
            ("ALTER SYSTEM RESET ALL; ALTER SYSTEM SET a = 1; ALTER SYSTEM SET a TO DEFAULT;", ""),
            (
                "ALTER ROLE x SET a = 1; ALTER ROLE y RESET a; ALTER DATABASE x RESET ALL;",
                "[{role: x, settings: {a: 1}}]",
            ),
            ("ALTER ROLE x IN DATABASE d SET a = 1; ALTER ROLE x IN DATABASE d RESET ALL;", ""),
            ("ALTER SYSTEM SET a = 1; SELECT pg_reload_conf(); ALTER SYSTEM RESET a;", ""),
            ("BEGIN; ALTER SYSTEM SET a = 1; END; ALTER SYSTEM RESET a;", "[{system-in-transaction: {a: 1}}]"),
            // a table of another database's
            ("ALTER SYSTEM RESET a b; ALTER SYSTEM SET a = 1", "[{system: {a: 1}}]"),
        ] {
            let document = parse(text);
            let list = document.entry(document.roots[0], "statements");
            assert_eq!(list.map_or(String::new(), |list| document.in_a_line(list)), expected, "{text}");
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
