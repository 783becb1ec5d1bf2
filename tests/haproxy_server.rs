//! What is said of HAProxy's files, held against HAProxy itself: which texts it can read at all, and which times.
//!
//! Needs `haproxy`; without it the test says so and passes.

#[path = "support/damaged.rs"]
mod damaged;
#[path = "support/random.rs"]
mod random;

use std::path::Path;
use std::process::Command;

use damaged::damaged;
use random::Random;
use trueup::analysis::{Input, analyse};
use trueup::syntax::{Format, parse};
use trueup::workspace::Shipped;

fn installed() -> bool {
    let found = Command::new("haproxy").arg("-v").output().is_ok();
    if !found {
        println!("skipped: there is no haproxy");
    }
    found
}

/// What `haproxy -c` says of a text, if it refuses it.
fn refusal(folder: &Path, text: &str) -> Option<String> {
    let file = folder.join("haproxy.cfg");
    std::fs::write(&file, text).expect("the folder can be written");
    let done = Command::new("haproxy").args(["-c", "-f"]).arg(&file).output().expect("it runs");
    (!done.status.success()).then(|| String::from_utf8_lossy(&done.stderr).into_owned())
}

#[test]
fn texts_that_cannot_be_read_are_those_that_haproxy_cannot_read() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let seed = "# c\nglobal\n  maxconn 16\n  log-tag \"a b\"\ndefaults\n  mode http\n  timeout client 5s\n  timeout server 5s # c\n  timeout connect 5s\n\
                frontend a\n  bind 127.0.0.1:8199\n  http-request set-header X 'it is' if { path \\/a }\n  default_backend b\n\
                backend b\n  server s 127.0.0.1:1 check\n";
    assert_eq!(refusal(folder.path(), seed), None);
    let pieces = ["\"", "'", "#", "\\", " ", "\n", "\t", "\\x4", "\\ ", "\r\n", "\nglobal\n", "\n.if true\n"];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut broken, mut sound) = (0, 0);
    for _ in 0..600 {
        let text = damaged(&mut random, seed, &pieces);
        let ours = parse(&text, Format::Haproxy);
        let theirs = refusal(folder.path(), &text);
        // of the words in it we know nothing: only how they are cut is compared
        let words = ["unmatched quote", "unmatched brace", "invalid escape", "out of section"];
        let cannot_read = theirs.as_deref().is_some_and(|why| words.iter().any(|word| why.contains(word)));
        if ours.errors.is_empty() {
            assert!(!cannot_read, "{text:?}: {theirs:?}");
            sound += 1;
        } else {
            assert!(theirs.is_some(), "{text:?}: {:?}", ours.errors);
            broken += 1;
        }
    }
    println!("{sound} texts read, {broken} refused by HAProxy and by us alike");
    assert!(broken > 100 && sound > 100);
}

#[test]
fn no_time_is_refused_that_haproxy_takes() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let shipped = Shipped::new();
    let (mut asked, mut alike) = (0, 0);
    for timeout in ["connect", "server", "client", "http-request", "queue"] {
        for value in [
            "5000",
            "5s",
            "5m",
            "5ms",
            "5us",
            "1h",
            "1d",
            "24d",
            "25d",
            "5min",
            "1m30s",
            "30sec",
            "5S",
            "-1",
            "1.5s",
            "1w",
            "abc",
            "0",
            "00",
            "2147483647",
            "2147483648",
            "35791m",
            "35792m",
            "'5s'",
            "\"5s\"",
            "\\x35s",
        ] {
            let text = format!(
                "defaults\n  mode http\n  timeout client 9s\n  timeout server 9s\n  timeout connect 9s\nlisten a\n  \
                 bind 127.0.0.1:8199\n  timeout {timeout} {value}\n"
            );
            let theirs = refusal(folder.path(), &text);
            let outcome =
                analyse(shipped.known(), vec![Input { path: "haproxy.cfg".into(), bytes: text.into_bytes() }]);
            let refused = outcome.findings.iter().any(|finding| &*finding.rule == "setting-rejected");
            asked += 1;
            alike += usize::from(refused == theirs.is_some());
            assert!(!refused || theirs.is_some(), "{timeout} {value}: {theirs:?}");
        }
    }
    println!("{asked} values asked, {alike} judged alike");
    assert!(alike * 10 >= asked * 7);
}
