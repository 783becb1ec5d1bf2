//! What is said of nginx's files, held against nginx itself: which texts it can read at all, and which times.
//!
//! Needs `nginx`; without it the test says so and passes.

#[path = "support/damaged.rs"]
mod damaged;
#[path = "support/random.rs"]
mod random;

use std::path::Path;
use std::process::Command;

use damaged::damaged;
use random::Random;
use trueup::analysis::{Input, analyse};
use trueup::syntax::{Document, Format, NodeId, NodeKind, parse};
use trueup::workspace::Shipped;

fn installed() -> bool {
    let found = Command::new("nginx").arg("-v").output().is_ok();
    if !found {
        println!("skipped: there is no nginx");
    }
    found
}

/// What `nginx -t` says of a text, if it refuses it.
fn refusal(folder: &Path, text: &str) -> Option<String> {
    let file = folder.join("nginx.conf");
    std::fs::write(&file, text).expect("the folder can be written");
    let pid = format!("pid {}/nginx.pid; error_log stderr;", folder.display());
    let done = Command::new("nginx").args(["-t", "-g", &pid, "-c"]).arg(&file).output().expect("it runs");
    (!done.status.success()).then(|| String::from_utf8_lossy(&done.stderr).into_owned())
}

/// Whether the directive that nginx names is read as one with a block.
fn has_block(document: &Document, why: &str) -> bool {
    let name = why.split("directive \"").nth(1).and_then(|rest| rest.split('"').next()).expect("it names one");
    let ids = (0..document.nodes.len()).map(|index| NodeId(index as u32));
    ids.filter(|&id| document.node(id).kind == NodeKind::Map)
        .any(|id| document.key(id).is_some_and(|key| key.split_whitespace().next() == Some(name)))
}

#[test]
fn texts_that_cannot_be_read_are_those_that_nginx_cannot_read() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let seed = "# c\nevents { worker_connections 16; }\nhttp {\n  map $uri $x { default \"a b\"; '~^/(\\\\d+)' c; }\n  server {\n    \
                listen 127.0.0.1:8099;\n    location ~ \"^/a{2}$\" { return 204; }\n    location = /b { set $y ${x}z; return 200 'it\\'s'; }\n  }\n}\n";
    assert_eq!(refusal(folder.path(), seed), None);
    let pieces = [";", "{", "}", "\"", "'", "#", "\\", " ", "\n", "$", "${", "x", "\t", "\r\n"];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut broken, mut sound) = (0, 0);
    for _ in 0..600 {
        let text = damaged(&mut random, seed, &pieces);
        let ours = parse(&text, Format::Nginx);
        let theirs = refusal(folder.path(), &text);
        // of the words in it we know nothing: only how they are cut is compared
        let words = ["unexpected", "is not terminated", "unexpected end of file", "too many arguments"];
        let cannot_read = theirs.as_deref().is_some_and(|why| words.iter().any(|word| why.contains(word)));
        // that a directive may not have the block that it is read with, only who knows it can say
        let is_block =
            theirs.as_deref().is_some_and(|why| why.contains("is not terminated by") && has_block(&ours, why));
        let cannot_read = cannot_read && !is_block;
        if ours.errors.is_empty() {
            assert!(!cannot_read, "{text:?}: {theirs:?}");
            sound += 1;
        } else {
            assert!(theirs.is_some(), "{text:?}: {:?}", ours.errors);
            broken += 1;
        }
    }
    println!("{sound} texts read, {broken} refused by nginx and by us alike");
    assert!(broken > 100 && sound > 100);
}

#[test]
fn times_are_refused_that_nginx_refuses() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let shipped = Shipped::new();
    let mut asked = 0;
    for directive in
        ["proxy_connect_timeout", "proxy_read_timeout", "proxy_send_timeout", "proxy_next_upstream_timeout"]
    {
        for value in [
            "60",
            "60s",
            "1m",
            "500ms",
            "1h30m",
            "\"1m 30s\"",
            "1h",
            "1d",
            "30sec",
            "30S",
            "-1",
            "1.5s",
            "abc",
            "1min",
            "0",
            "10 s",
            "1w",
            "60 s",
            "1y",
            "1M",
            "s",
            "''",
            "10sm",
        ] {
            let text = format!(
                "events {{}}\nhttp {{\n  server {{\n    listen 127.0.0.1:8099;\n    location / {{\n      proxy_pass http://127.0.0.1:1;\n      \
                 {directive} {value};\n    }}\n  }}\n}}\n"
            );
            let theirs = refusal(folder.path(), &text);
            let outcome = analyse(shipped.known(), vec![Input { path: "nginx.conf".into(), bytes: text.into_bytes() }]);
            let refused = outcome.findings.iter().any(|finding| &*finding.rule == "setting-rejected");
            asked += 1;
            // a wrong number of words is not looked at
            if theirs.as_deref().is_some_and(|why| why.contains("invalid number of arguments")) {
                continue;
            }
            assert_eq!(refused, theirs.is_some(), "{directive} {value}: {theirs:?}");
        }
    }
    println!("{asked} values asked");
}
