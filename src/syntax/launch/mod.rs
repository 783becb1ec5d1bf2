//! Files that start a program: units of systemd, Dockerfiles and entry points of shell. Read is the program that runs in the end,
//! with the settings on its command line, and what a unit sets in its environment; all else is passed over.
//!
//! In goes a text, out comes a document whose root map has the entries that are there:
//!
//! ```text
//! exec postgres -c work_mem=64MB                      command: {postgres: {work_mem: 64MB}}
//! ExecStart=/usr/bin/postgres -c work_mem=64MB        command: {postgres: {work_mem: 64MB}}
//! psql -c "ALTER SYSTEM SET jit = off"                statements: [{system: {jit: off}}]
//! pg_ctl start -o "-c work_mem=64MB"                  command: {pg_ctl: {start: , options: {work_mem: 64MB}}}
//! Environment=DATABASE_URL=postgres://db/shop         DATABASE_URL: postgres://db/shop
//! ```
//!
//! Variables are those of `Environment=`, `ENV`, `export` and `NAME=value command`.
//!
//! Settings are `-c name=value` and `--name=value`; `-` and `_` are alike in their names, case does not count, and the
//! last of a name is the one that holds. One whose value is filled in when the program starts is left out. Options that a
//! program hands on to another one stand below `options`, beside the plain words of its command.

mod dockerfile;
mod program;
mod shell;
mod statements;
mod unit;
mod variables;

use program::Command;

use super::command::Word;
use super::sql::Statements;
use super::{Document, Format, Node, NodeId, NodeKind, Span, Style, template};

/// Parses a shell script.
pub fn shell(text: &str) -> Document {
    let mut launch = Launch::default();
    let signs = ["exec", " -o", "--options", "export ", "PG"];
    let is_of_interest = signs.iter().any(|sign| text.contains(sign)) || statements::may_be_in(text);
    let comments = if is_of_interest { shell::read(text, &mut launch) } else { Vec::new() };
    build(text, Format::Shell, launch, comments)
}

/// Parses a Dockerfile.
pub fn dockerfile(text: &str) -> Document {
    let mut launch = Launch::default();
    let comments = dockerfile::read(text, &mut launch);
    build(text, Format::Dockerfile, launch, comments)
}

/// Parses a unit of systemd, or a part of one.
pub fn unit(text: &str) -> Document {
    let mut launch = Launch::default();
    let comments = unit::read(text, &mut launch);
    build(text, Format::Systemd, launch, comments)
}

/// What a file says of commands of other files, or they of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// Nothing.
    #[default]
    Own,
    /// What runs the image may name another command.
    Replaceable,
    /// It takes back the commands that are read before it.
    TakesBack,
}

/// What a document of this module says of commands.
pub fn start(document: &Document) -> Start {
    let says = |node: NodeId| document.scalar(node).is_empty();
    let has = |key: &str| document.roots.iter().any(|&root| document.entry(root, key).is_some_and(says));
    match document.format {
        Format::Dockerfile if has(REPLACEABLE) => Start::Replaceable,
        Format::Systemd if has(TAKES_BACK) => Start::TakesBack,
        _ => Start::Own,
    }
}

/// The keys without a value that say so, after the words that stand there.
const REPLACEABLE: &str = "CMD";
const TAKES_BACK: &str = "ExecStart";

/// The spelling of `text` as a word of a command line.
pub fn spell(style: Style, text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/+,@=-".contains(&byte);
    match style {
        Style::DoubleQuoted if !text.contains(['"', '\\', '$', '`', '%']) => format!("\"{text}\""),
        Style::Plain if !text.is_empty() && text.bytes().all(plain) => text.to_owned(),
        _ => format!("'{text}'"),
    }
}

/// Marks of what is put in before the file is read: `{{ }}`, `<% %>`, `@NAME@`.
const TEMPLATE: [char; 4] = ['{', '<', '@', '`'];

/// What a file starts.
#[derive(Debug, Default)]
struct Launch {
    command: Option<Command>,
    environment: Vec<Entry>,
    statements: Statements,
    /// Whether others may take the place of its command, or its of theirs.
    start: Start,
}

/// A name with its value.
#[derive(Debug)]
struct Entry {
    key: Span,
    name: String,
    value: Span,
    text: String,
}

fn build(text: &str, format: Format, mut launch: Launch, comments: Vec<super::Comment>) -> Document {
    // over several lines there may be comments in a value
    let on_one_line = |entry: &Entry| !entry.value.slice(text).contains('\n');
    launch.environment.retain(on_one_line);
    launch.command.iter_mut().for_each(|command| command.settings.retain(on_one_line));
    launch.command = launch.command.filter(|command| !command.settings.is_empty());
    let mut document = Document::new(text, format);
    let root = document.push(Node::new(NodeKind::Map, Style::Plain, Span::new(0, text.len())), None);
    document.roots.push(root);
    for comment in comments {
        document.comments.push(comment);
    }
    document.markers = template::spans(text);
    let start = launch.command.as_ref().map_or(u32::MAX, |command| command.span.start);
    let (before, behind): (Vec<Entry>, Vec<Entry>) =
        launch.environment.into_iter().partition(|entry| entry.key.start < start);
    before.iter().for_each(|entry| scalar(&mut document, root, entry));
    if let Some(Command { program, span, settings, hands_on }) = launch.command {
        let empty = |span: Span| Span { start: span.start, end: span.start };
        let map = child(&mut document, root, empty(span), "command", NodeKind::Map, span);
        let place = cover(&settings);
        match hands_on {
            None => {
                let inner = child(&mut document, map, empty(place), &program, NodeKind::Map, place);
                settings.iter().for_each(|entry| scalar(&mut document, inner, entry));
            }
            Some(words) => {
                let starter = child(&mut document, map, empty(span), &program, NodeKind::Map, span);
                let (before, behind): (Vec<Entry>, Vec<Entry>) =
                    words.into_iter().partition(|word| word.key.start < place.start);
                before.iter().for_each(|word| scalar(&mut document, starter, word));
                let inner = child(&mut document, starter, empty(place), "options", NodeKind::Map, place);
                settings.iter().for_each(|entry| scalar(&mut document, inner, entry));
                behind.iter().for_each(|word| scalar(&mut document, starter, word));
            }
        }
    }
    behind.iter().for_each(|entry| scalar(&mut document, root, entry));
    launch.statements.build(&mut document, root);
    let said = match launch.start {
        Start::Own => return document,
        Start::Replaceable => REPLACEABLE,
        Start::TakesBack => TAKES_BACK,
    };
    let end = Span::at(text.len());
    child(&mut document, root, end, said, NodeKind::Scalar, end);
    document
}

fn cover(entries: &[Entry]) -> Span {
    let whole = |entry: &Entry| entry.key.cover(entry.value);
    entries.iter().map(whole).reduce(Span::cover).unwrap_or_default()
}

fn child(document: &mut Document, parent: NodeId, key: Span, name: &str, kind: NodeKind, place: Span) -> NodeId {
    let mut node = Node::new(NodeKind::Scalar, Style::Plain, key);
    node.decoded = (key.slice(&document.text) != name).then(|| name.into());
    let id = document.push(node, None);
    let mut node = Node::new(kind, Style::Plain, place);
    node.entry = key.cover(place);
    node.key = Some(id);
    document.push(node, Some(parent))
}

fn scalar(document: &mut Document, parent: NodeId, entry: &Entry) {
    let id = child(document, parent, entry.key, &entry.name, NodeKind::Scalar, entry.value);
    let source = entry.value.slice(&document.text);
    let style = match source.chars().next() {
        Some('\'') => Style::SingleQuoted,
        Some('"') => Style::DoubleQuoted,
        _ => Style::Plain,
    };
    let decoded = (source != entry.text).then(|| entry.text.as_str().into());
    let node = document.node_mut(id);
    (node.style, node.decoded) = (style, decoded);
}

/// The place of the words of a command.
fn place(words: &[Word]) -> Option<Span> {
    Some(words.first()?.span.cover(words.last()?.span))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `program name=value …` of the command, and the environment.
    fn shown(document: &Document) -> String {
        let mut parts = Vec::new();
        for &root in &document.roots {
            for part in document.children(root) {
                // one without a value is no variable
                if document.node(part).kind == NodeKind::Scalar && !document.scalar(part).is_empty() {
                    parts.push(format!("{}={}", document.key(part).unwrap_or_default(), document.scalar(part)));
                }
                for one in document.children(part) {
                    parts.push(document.key(one).unwrap_or_default().to_owned());
                    for entry in document.children(one) {
                        let key = document.key(entry).unwrap_or_default();
                        match document.node(entry).kind {
                            NodeKind::Map => {
                                let inner = |id| format!("{}={}", document.key(id).unwrap_or("-"), document.scalar(id));
                                let all: Vec<String> = document.children(entry).map(inner).collect();
                                parts.push(format!("({})", all.join(" ")));
                            }
                            _ if document.scalar(entry).is_empty() => parts.push(key.to_owned()),
                            _ => parts.push(format!("{key}={}", document.scalar(entry))),
                        }
                    }
                }
            }
        }
        parts.join(" ")
    }

    #[test]
    fn the_command_that_a_script_becomes_is_read() {
        for (text, expected) in [
            ("#!/bin/sh\nset -e\nexec postgres -c work_mem=4MB -c jit=off\n", "postgres work_mem=4MB jit=off"),
            ("exec gosu postgres postgres -D /data --Work-Mem='4 MB'", "postgres work_mem=4 MB"),
            ("exec docker-entrypoint.sh postgres \\\n  -c a=1 \\\n  -c \"b=2\" \"$@\"\n", "postgres a=1 b=2"),
            ("exec postgres -c a=1 -c a=2\n", "postgres a=2"),
            ("exec postgres -c a=1 -c a=$A -c b=2\n", "postgres b=2"),
            ("if true; then\n  x\nfi\nexec postgres -c a=1 # c\n", "postgres a=1"),
            ("cat <<EOF\nexec postgres -c a=1\nEOF\n", ""),
            ("if true; then\n  exec postgres -c a=1\nfi\n", ""),
            ("case $1 in\n  a) exec postgres -c a=1 ;;\nesac\n", ""),
            ("f() {\n  exec postgres -c a=1\n}\n", ""),
            ("( cd /x\n  exec postgres -c a=1 )\n", ""),
            ("[ $A ] && exec postgres -c a=1\n", ""),
            ("exec sh -c 'postgres -c a=1'\n", "postgres a=1"),
            ("exec sh -c 'x && exec postgres -c a=1 || y'\n", ""),
            ("[ $A ] &&\n  exec postgres -c a=1\n", ""),
            ("exec >log\nexec postgres -c a=1\n", "postgres a=1"),
            ("postgres -c a=1\n", ""),
            ("echo 'x\nexec postgres -c a=1\n'\n", ""),
            ("echo \"x\nexec postgres -c a=1\n", ""),
            ("exec postgres -c a=1 | tee log\n", ""),
            ("exec postgres -c a=1 &\n", ""),
            ("exec postgres -c a=`nproc`\n", ""),
            ("exec postgres -c a=1\nexec postgres -c a=2\n", "postgres a=1"),
            ("exec postgres -c a=1 >log 2>&1\n", "postgres a=1"),
            ("pg_ctl -D /d start -o \"-c a=1 -c b='2 3'\"\n", "pg_ctl start (a=1 b=2 3)"),
            ("pg_ctl start -o \"-c a=1 \\\n  -c b='2' \\\n\"\n", "pg_ctl start (a=1 b=2)"),
            ("pg_ctl start -o \"-c a=1\\\n2 -c b=2\"\n", ""),
            ("pg_ctl start -o \"-c a=1\n-c b=2\"\n", ""),
            ("pg_ctl restart -o '-c a=1' -w -o --a=2 || exit 1\nexit\n", "pg_ctl restart (a=2)"),
            (
                "exec su-exec postgres pg_ctl --options='-c a=1 -c b=$B' start >log 2>&1\n",
                "pg_ctl postgres (a=1) start",
            ),
            ("pg_ctl start -o \"-c a=\\\"1 2\\\"\"\n", ""),
            ("pg_ctl start -o '-c a=1'\nload\npg_ctl stop\n", ""),
            ("if x; then\n pg_ctl start -o '-c a=1'\nfi\n", ""),
            ("d=$(mktemp -d)\npg_ctl -D $d start -o '-c a=1'\n", ""),
            ("pg_ctl start -o '-c a=1'\nexec postgres -c b=1\n", "postgres b=1"),
            ("pg_ctl start -o '-p 5433'\n", ""),
            ("ssh -o a=1 -o '--b=1' host\n", "ssh (b=1) host"),
            ("set -e\nexport A=1 B='2 3' C\nD=\"4 5\" x\nE=6\nif x; then\n export F=7\nfi\n", "A=1 B=2 3 D=4 5"),
            ("export A=1\nA=2 x\n", "A=1 A=2"),
            ("{{ exec }}\nexec $X -c a=1\n", ""),
        ] {
            assert_eq!(shown(&shell(text)), expected, "{text}");
        }
    }

    /// The statements, and where their values stand.
    fn said(text: &str) -> Vec<String> {
        let document = shell(text);
        let mut found = Vec::new();
        let list = document.entry(document.roots[0], "statements");
        for block in list.into_iter().flat_map(|list| document.children(list)) {
            for map in document.children(block).filter(|&id| document.node(id).kind == NodeKind::Map) {
                for entry in document.children(map) {
                    let value = document.node(entry).content.slice(&document.text);
                    found.push(format!("{}={value}", document.key(entry).unwrap_or_default()));
                }
            }
        }
        found
    }

    #[test]
    fn the_statements_that_a_script_hands_to_psql_are_read_at_their_places() {
        for (text, expected) in [
            ("psql -U x <<EOF\nALTER SYSTEM SET a = '1';\nALTER SYSTEM SET b=2\nEOF\n", vec!["a='1'", "b=2"]),
            ("gosu postgres psql <<-'E' || exit 1\n\tALTER ROLE x SET a = '$1';\n\tE\n", vec!["a='$1'"]),
            (
                "psql <<E\nALTER SYSTEM SET a = '${A}MB';\nALTER SYSTEM SET b = $B;\nALTER SYSTEM SET c = 3;\nE\n",
                vec!["c=3"],
            ),
            ("psql <<E\n$(x) ALTER SYSTEM SET a = 1;\nALTER ROLE \"$X\" SET b = 2;\nE\n", vec!["b=2"]),
            ("psql <<E\nDO \\$\\$ BEGIN x; ALTER SYSTEM SET a = 1; END \\$\\$;\nE\n", vec![]),
            (
                "psql -tAc \"ALTER SYSTEM SET a = '1'; SELECT 1\" -c 'ALTER SYSTEM SET b = 2' $db\n",
                vec!["a='1'", "b=2"],
            ),
            (
                "psql --command='ALTER SYSTEM SET a = '\\''1'\\'''\npsql --command \"ALTER ROLE \\\"x\\\" SET b = 2\"\n",
                vec!["a='1'", "b=2"],
            ),
            (
                "psql -c \"ALTER SYSTEM SET a = '$A'\" -c \"ALTER SYSTEM SET b = `b`\" -c \"ALTER SYSTEM SET c = 3\"\n",
                vec!["c=3"],
            ),
            ("psql -c 'ALTER SYSTEM SET a = '\"$A\"\n", vec![]),
            ("echo \"ALTER SYSTEM SET a = 1;\" | sudo -u postgres psql >/dev/null 2>&1\n", vec!["a=1"]),
            ("cat <<E | psql\nALTER SYSTEM SET a = 1\nE\n", vec!["a=1"]),
            ("psql <<< \"ALTER SYSTEM SET a = 1\"\n", vec!["a=1"]),
            ("\"${psql[@]}\" <<E\nALTER SYSTEM SET a = 1\nE\n$PSQL -c 'ALTER SYSTEM SET b = 2'\n", vec!["a=1", "b=2"]),
            ("su - postgres -c \"psql -d x\" <<E\nALTER SYSTEM SET a = 1\nE\n", vec!["a=1"]),
            // another program's, or not run in any case
            ("mysql <<E\nALTER SYSTEM SET a = 1\nE\nmysql -c 'ALTER SYSTEM SET a = 1'; x psql\n", vec![]),
            ("echo psql -c 'ALTER SYSTEM SET a = 1'\n", vec![]),
            ("cat >x.sh <<E\npsql -c 'ALTER SYSTEM SET a = 1'\nE\npsql -f y\n", vec![]),
            ("if x; then\n  psql -c 'ALTER SYSTEM SET a = 1'\nfi\nx && psql -c 'ALTER SYSTEM SET a = 1'\n", vec![]),
            ("f() {\n  psql -c 'ALTER SYSTEM SET a = 1'\n}\n", vec![]),
            ("exec postgres\npsql -c 'ALTER SYSTEM SET a = 1'\n", vec![]),
            // taken back, perhaps
            ("psql -c 'ALTER SYSTEM SET a = 1'\nload\npsql -c 'ALTER SYSTEM RESET a'\n", vec![]),
            ("psql -c 'ALTER SYSTEM SET a = 1'\nif x; then psql -c 'ALTER SYSTEM SET a = 2'; fi\n", vec![]),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn the_command_of_the_last_stage_of_a_dockerfile_is_read() {
        for (text, expected) in [
            ("FROM a\nCMD [\"postgres\", \"-c\", \"a=1\", \"-c\",\"b=2 3\"]\n", "postgres a=1 b=2 3"),
            ("FROM a\ncmd postgres -c a=1 \\\n  # c\n  -c b=2", "postgres a=1 b=2"),
            ("FROM a\nCMD [\"postgres\", \"-c\", \"a=1\"]\nFROM b\n", ""),
            ("FROM a\nENTRYPOINT [\"docker-entrypoint.sh\"]\nCMD [\"postgres\", \\\n \"-ca=1\"]\n", "postgres a=1"),
            ("FROM a\nENTRYPOINT [\"x\"]\nCMD [\"postgres\", \"-c\", \"a=1\"]\n", ""),
            ("FROM a\nENTRYPOINT [\"postgres\", \"-c\", \"a=1\"]\n", "postgres a=1"),
            ("FROM a\nHEALTHCHECK \\\n  CMD postgres -c a=1\n", ""),
            ("FROM a\nRUN <<EOF\nCMD postgres -c a=1\nEOF\n", ""),
            ("FROM a\nCMD x && postgres -c a=1\n", ""),
            ("# escape=`\nFROM a\nCMD postgres -c a=1\n", ""),
            ("FROM a\nCMD postgres -c a=$A -c b=2\n", "postgres b=2"),
            ("FROM a\nCMD [\"pg_ctl\", \"start\", \"-o\", \"-c a=1\"]\n", "pg_ctl start (a=1)"),
            ("FROM a\nENV A=1\nFROM b\nENV B=2 C=\"3 4\" \\\n  D=5\nENV E 6 7\n", "B=2 C=3 4 D=5 E=6 7"),
            ("FROM a\nRUN pg_ctl start -o '-c a=1'\n", ""),
        ] {
            assert_eq!(shown(&dockerfile(text)), expected, "{text}");
        }
    }

    #[test]
    fn the_command_and_the_environment_of_a_unit_are_read() {
        for (text, expected) in [
            ("[Service]\nExecStart=/usr/bin/postgres -D /d -c a=1\n", "postgres a=1"),
            ("[Service]\nExecStart=-/usr/bin/postgres \\\n# c\n  -c a=1 \\\n  -c 'b=2 3'\n", "postgres a=1 b=2 3"),
            (
                "[Service]\nExecStart=a -c b=1\nExecStart=\nExecStart=/bin/sh -c 'exec postgres -c a=1'\n",
                "postgres a=1",
            ),
            ("[Service]\nExecStart=postgres -c a=%i -c b=$B -c c=1\n", "postgres c=1"),
            ("[Unit]\nExecStart=postgres -c a=1\n", ""),
            ("[Service]\nExecStart=/usr/bin/pg_ctl start -D ${D} -s -o \"-c a=1 -p ${P}\"\n", "pg_ctl start (a=1)"),
            ("[Service]\nExecStart=a -c b=1\nExecStart=postgres -c a=1\n", ""),
            ("[Service]\nExecStart=@postgres x -c a=1\n", ""),
            ("[Service]\n;ExecStart=postgres -c a=1\n", ""),
            ("[Service]\nEnvironment=A=1 \"B=2 3\" C=%h\n", "A=1 B=2 3"),
            ("[Service]\nEnvironment=A=\"1 2\"\n", ""),
            ("[Service]\nEnvironment=A=1\nEnvironment=\nEnvironment=B=2\n", "B=2"),
        ] {
            assert_eq!(shown(&unit(text)), expected, "{text}");
        }
    }
}
