//! What is said of Caddyfiles, held against Caddy itself: which texts it can read at all, which times, and what an edit changes.
//!
//! Needs `caddy`; without it the test says so and passes.

#[path = "support/damaged.rs"]
mod damaged;
#[path = "support/random.rs"]
mod random;

use std::path::Path;
use std::process::Command;

use damaged::damaged;
use random::Random;
use trueup::analysis::{Input, analyse};
use trueup::syntax::edit::{self, Edit};
use trueup::syntax::{Document, Format, NodeId, NodeKind, ScalarType, parse};
use trueup::workspace::Shipped;

fn installed() -> bool {
    let found = Command::new("caddy").arg("version").output().is_ok();
    if !found {
        println!("skipped: there is no caddy");
    }
    found
}

/// What Caddy makes of a text, or why it refuses it.
fn adapted(folder: &Path, text: &str) -> Result<serde_json::Value, String> {
    let file = folder.join("Caddyfile");
    std::fs::write(&file, text).expect("the folder can be written");
    let done = Command::new("caddy").args(["adapt", "--adapter", "caddyfile", "--config"]).arg(&file).output();
    let done = done.expect("it runs");
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&done.stdout).expect("it writes JSON"))
}

const SEED: &str = "{\n\tgrace_period 10s # c\n}\n\n(s) {\n\theader X \"a \\\"b\"\n}\n\na.example, b.example {\n\timport s\n\thandle /c/* {\n\t\t\
                    reverse_proxy d:81 e:82 {\n\t\t\tlb_try_duration 5s\n\t\t\tfail_duration \"30s\"\n\t\t\ttransport http {\n\t\t\t\tdial_timeout `2s`\n\t\t\t\t\
                    response_header_timeout {$F:20s}\n\t\t\t}\n\t\t}\n\t}\n\trespond `{\"g\": 1}` \\\n\t\t200\n}\n";

#[test]
fn texts_that_cannot_be_read_are_those_that_caddy_cannot_read() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(adapted(folder.path(), SEED).err(), None);
    let pieces = ["\"", "`", "#", "\\", " ", "\n", "{", "}", "{$", " {\n", "\n}\n", "\r\n", "\t", "x"];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut broken, mut sound) = (0, 0);
    for _ in 0..120 {
        let text = damaged(&mut random, SEED, &pieces);
        let ours = parse(&text, Format::Caddyfile);
        let theirs = adapted(folder.path(), &text);
        // of the words in it we know nothing: only how blocks are cut is compared
        let words = ["unexpected EOF", "Unexpected EOF", "because no matching opening brace"];
        let cannot_read = theirs.as_ref().is_err_and(|why| words.iter().any(|word| why.contains(word)));
        if ours.errors.is_empty() {
            assert!(!cannot_read, "{text:?}: {theirs:?}");
            sound += 1;
        } else {
            assert!(theirs.is_err(), "{text:?}: {:?}", ours.errors);
            broken += 1;
        }
    }
    println!("{sound} texts read, {broken} refused by Caddy and by us alike");
    assert!(broken > 5 && sound > 50);
}

#[test]
fn times_are_refused_that_caddy_refuses() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let shipped = Shipped::new();
    let (mut asked, mut alike) = (0, 0);
    let proxy = |lines: &str| format!("a.example {{\n\treverse_proxy b:81 {{\n\t\thealth_uri /\n{lines}\t}}\n}}\n");
    let transport = |key: &str, value: &str| proxy(&format!("\t\ttransport http {{\n\t\t\t{key} {value}\n\t\t}}\n"));
    for key in [
        "lb_try_duration",
        "fail_duration",
        "health_interval",
        "dial_timeout",
        "response_header_timeout",
        "grace_period",
    ] {
        for value in [
            "60",
            "60s",
            "1h30m",
            "\"1m 30s\"",
            "1d12h",
            ".5s",
            "-1s",
            "1min",
            "0",
            "`5s`",
            "5S",
            "10µs",
            "\"\"",
            "+5s",
        ] {
            let text = match key {
                "grace_period" => format!("{{\n\t{key} {value}\n}}\na.example\n"),
                "dial_timeout" | "response_header_timeout" => transport(key, value),
                _ => proxy(&format!("\t\t{key} {value}\n")),
            };
            let theirs = adapted(folder.path(), &text);
            let outcome = analyse(shipped.known(), vec![Input { path: "Caddyfile".into(), bytes: text.into_bytes() }]);
            let refused = outcome.findings.iter().any(|finding| &*finding.rule == "setting-rejected");
            asked += 1;
            alike += usize::from(refused == theirs.is_err());
            assert!(!refused || theirs.is_err(), "{key} {value}");
        }
    }
    println!("{asked} values asked, {alike} judged alike");
    assert!(alike * 10 >= asked * 8);
}

/// The places of a JSON text at which two differ.
fn differences(one: &serde_json::Value, other: &serde_json::Value) -> usize {
    use serde_json::Value::{Array, Object};
    match (one, other) {
        (Array(one), Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).map(|(one, other)| differences(one, other)).sum()
        }
        (Object(one), Object(other)) if one.keys().eq(other.keys()) => {
            one.iter().map(|(key, value)| differences(value, &other[key])).sum()
        }
        (one, other) => usize::from(one != other),
    }
}

#[test]
fn an_edit_changes_one_value_of_what_caddy_reads() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let before = adapted(folder.path(), SEED).expect("it is read");
    let document: Document = parse(SEED, Format::Caddyfile);
    let mut changed = 0;
    for id in (0..document.nodes.len()).map(|index| NodeId(index as u32)) {
        let times = ["grace_period", "lb_try_duration", "fail_duration", "dial_timeout", "response_header_timeout"];
        if document.node(id).kind != NodeKind::Scalar || !document.key(id).is_some_and(|key| times.contains(&key)) {
            continue;
        }
        let text = edit::spell(Format::Caddyfile, document.node(id).style, "7s", ScalarType::Text);
        let edits = [Edit::Replace { node: id, text }];
        let splices = edit::splices(&document, &edits).expect("a value may be replaced");
        let after = edit::apply(SEED, &splices);
        edit::verify(&document, &after, &edits).expect("nothing else changes");
        let after = adapted(folder.path(), &after).expect("it is still read");
        assert_eq!(differences(&before, &after), 1, "{after}");
        changed += 1;
    }
    assert_eq!(changed, 5);
}
