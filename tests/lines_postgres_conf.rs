//! `postgresql.conf` against the servers: random files, and the lines that each real `postgres` calls syntax errors.
//!
//! Skips itself where no server is installed.

#[path = "support/random.rs"]
mod random;

#[path = "support/postgres_server.rs"]
#[allow(dead_code)]
mod postgres_server;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use random::Random;
use trueup::syntax::{LineFlavor, line};

const NAMES: &[&str] = &[
    "application_name",
    "a.b",
    "a.b",
    "a.b",
    "x.y_1",
    "A.B",
    "a.b.c",
    "1a",
    "a-b",
    "a:b",
    "é.b",
    "a.1",
    ".a",
    "a.",
    "_a._b",
    "'a.b'",
    "",
    "a b",
];
const SEPARATORS: &[&str] = &[" = ", "=", " ", "\t", " =", "= ", "", " == ", " : ", ":", "\r=\r", " = = "];
const VALUES: &[&str] = &[
    "on",
    "value",
    "foo.bar",
    "a.b.c",
    "a/b:c-d",
    "''",
    "'x'",
    "'x y'",
    "'it''s'",
    "'it\\'s'",
    "'\\\\'",
    "'open",
    "'x\\'",
    "'x''",
    "'''",
    "''''",
    "\"x\"",
    "a,b",
    "50%",
    "1",
    "-1",
    "+1",
    "- 1",
    "1.5",
    "1.5GB",
    "1.5e3",
    "1.5e+3",
    "1.5e",
    "1e5",
    ".5",
    "5.",
    ".",
    "-.",
    "-",
    "0x1F",
    "0x1FkB",
    "0xZZ",
    "0x",
    "00x1",
    "10ms",
    "10 ms",
    "5:30",
    "$x",
    "${X}",
    "{{ x }}",
    "é",
    "x y",
    "x#y",
    "1#y",
    "'x'#y",
    "'a' 'b'",
    "a'b'",
    "'a'b",
    "'a' = b",
    "x;",
    "(1)",
    "@x",
    "~/x",
    "/tmp",
    "'/tmp'",
    "x\\",
    "",
    "1_000",
    "'\t'",
    "\u{1}",
    "x\u{b}y",
    "x\ry",
    "1.2.3",
    "1..2",
    "_x",
    "-x",
    "x-",
    "x--y",
    "TRUE",
    "'é\\é'",
    "127.0.0.1",
];
const TAILS: &[&str] =
    &["", "", "", " ", "\t", "\r", " # note", "# note", "#", " ; note", " // x", " 'x'", " =", "\r# \r x"];
const LINES: &[&str] = &["", " ", "# only a comment", "   # indented", "#", "=", "'", "\r", "\t#\r", "garbage", ";"];

fn pick<'a>(random: &mut Random, from: &[&'a str]) -> &'a str {
    from[random.below(from.len())]
}

fn file(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..1 + random.below(12) {
        if random.below(6) == 0 {
            text.push_str(pick(random, LINES));
        } else {
            // Most parts are right, so that a wrong one decides alone.
            let part = |random: &mut Random, good: &'static str, from: &[&'static str]| {
                if random.below(3) == 0 { pick(random, from) } else { good }
            };
            text.push_str(part(random, "", &[" ", "\t", "\r"]));
            text.push_str(part(random, "a.b", NAMES));
            text.push_str(part(random, " = ", SEPARATORS));
            text.push_str(pick(random, VALUES));
            text.push_str(part(random, "", TAILS));
        }
        text.push_str(if random.below(8) == 0 { "\r\n" } else { "\n" });
    }
    if random.below(6) == 0 {
        text.pop();
    }
    text
}

/// The lines the server calls syntax errors. `-C` reads the configuration and stops there, which even root may do.
fn server_errors(server: &Path, folder: &Path, text: &str) -> BTreeSet<usize> {
    let file = folder.join("random.conf");
    std::fs::write(&file, text).expect("the folder is writable");
    let output = Command::new(server)
        .args(["-C", "application_name", "-D"])
        .arg(folder)
        .arg(format!("--config-file={}", file.display()))
        .env("LC_ALL", "C")
        .output()
        .expect("the server starts");
    let log = String::from_utf8_lossy(&output.stderr);
    let number = |line: &str| line.split_once("line ")?.1.split(',').next()?.trim().parse().ok();
    log.lines().filter(|line| line.contains("syntax error in file")).filter_map(number).collect()
}

#[test]
fn syntax_errors_are_those_of_every_server() {
    let servers = postgres_server::installed();
    if servers.is_empty() {
        println!("skipped: no Postgres server is installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut lines, mut refused) = (0, 0);
    for _ in 0..300 {
        let text = file(&mut random);
        let document = line::parse(&text, LineFlavor::PostgresConf);
        if document.template.is_some() {
            continue; // no server sees it before it is rendered
        }
        // The server ends lines at LF alone, so its numbers count those.
        let line_of = |offset: u32| 1 + text[..offset as usize].matches('\n').count();
        let found: BTreeSet<usize> = document.errors.iter().map(|error| line_of(error.span.start)).collect();
        for bin in &servers {
            let expected = server_errors(&bin.join("postgres"), folder.path(), &text);
            if text.ends_with('\n') {
                assert_eq!(found, expected, "{}: {text:?}", bin.display());
            } else {
                // An error at the very end of a text is counted to the line before by the server.
                assert_eq!(found.is_empty(), expected.is_empty(), "{}: {text:?}", bin.display());
            }
            refused += expected.len();
        }
        lines += text.lines().count();
    }
    println!("{lines} lines in 300 files, {refused} refused by {} servers and by us alike", servers.len());
    assert!(refused > 100, "the fragments no longer produce errors");
}
