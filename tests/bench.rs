//! `trueup bench` on real servers: what differs is seen, what does not is not claimed, and nothing is left behind.
//!
//! Skips itself where there is no server with a pgbench.
#![cfg(all(unix, feature = "bench"))]

#[path = "support/postgres_server.rs"]
#[allow(dead_code)]
mod postgres_server;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// The programs of a server that has a pgbench beside it.
fn programs() -> Option<PathBuf> {
    let found = postgres_server::installed().into_iter().find(|bin| bin.join("pgbench").exists());
    if found.is_none() {
        println!("skipped: there is no Postgres server with a pgbench");
    }
    found
}

/// A folder that stands for the one of temporary files, which the user of the servers may enter.
fn room() -> TempDir {
    let folder = tempfile::Builder::new().prefix("room").tempdir().expect("a folder");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).expect("its owner opens it");
    folder
}

fn command(bin: &Path, folder: &TempDir, room: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    command.current_dir(folder.path()).env("TMPDIR", room.path()).env("COLUMNS", "80");
    // what would lead a client of Postgres elsewhere
    command.env("PGPORT", "1").env("PGOPTIONS", "-c nonsense=1");
    command.args(["bench", "--server-dir"]).arg(bin).args(["--scale", "1", "--block", "1s"]);
    command.args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Neither files nor processes that stand in the room.
fn is_left_clean(room: &TempDir) {
    let left: Vec<_> = std::fs::read_dir(room.path()).expect("a folder").flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "{left:?}");
    let room = room.path().display().to_string();
    for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        assert!(!text(&line).contains(&room), "{}", text(&line));
    }
}

fn write(folder: &TempDir, name: &str, content: &str) {
    std::fs::write(folder.path().join(name), content).expect("a file");
}

#[test]
fn what_differs_is_seen_and_chance_is_not() {
    let Some(bin) = programs() else { return };
    let (folder, room) = (TempDir::new().expect("a folder"), room());
    write(
        &folder,
        "lean.conf",
        "shared_buffers = 1MB\nfull_page_writes = off\nshared_preload_libraries = 'not_there'\nsynchronous_standby_names = 'x'\n",
    );
    let arguments = ["plain=/dev/null", "lean=lean.conf", "--rounds", "3", "--format", "json"];
    let done: Output = command(&bin, &folder, &room, &arguments).output().expect("it runs");
    assert!(done.status.success(), "{}", text(&done.stderr));
    is_left_clean(&room);
    let said: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(said["version"], 1);

    let verdict = |name: &str, metric: &str| -> String {
        let compared = said["compared"].as_array().expect("a list").iter().find(|one| one["name"] == name);
        let metrics = compared.and_then(|one| one["metrics"].as_array()).expect("its metrics");
        let found = metrics.iter().find(|one| one["metric"] == metric).unwrap_or_else(|| panic!("{metric}: {said:#}"));
        found["verdict"].as_str().expect("a word").to_owned()
    };
    assert_eq!(verdict("lean", "misses"), "worse", "{said:#}");
    assert_eq!(verdict("lean", "wal-bytes"), "better", "{said:#}");
    assert_eq!(verdict("lean", "checkpoints-timed"), "not-distinguishable", "{said:#}");

    let rounds = said["rounds"].as_array().expect("a list");
    let counted: Vec<_> = rounds.iter().filter(|round| round["warm_up"] == false).collect();
    assert_eq!(counted.len(), 3);
    assert_eq!(rounds[0]["warm_up"], true);
    for round in rounds {
        assert_eq!(round["blocks"].as_array().map(Vec::len), Some(3), "two configurations and a twin");
    }
    assert_ne!(rounds[0]["blocks"][0]["server"], rounds[1]["blocks"][0]["server"], "the order is rotated");
    let names = |list: &Value| -> Vec<String> {
        let items = list.as_array().expect("a list").iter();
        items.map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
    };
    let aside = names(&said["setup"]["configurations"][1]["aside"]);
    assert_eq!(aside, ["shared_preload_libraries", "synchronous_standby_names"]);
    let differing = names(&said["settings"]);
    assert!(differing.contains(&"shared_buffers".to_owned()), "{differing:?}");
    assert!(!differing.contains(&"port".to_owned()), "{differing:?}");
    // where the error output is no terminal, a line says how far it is
    assert!(text(&done.stderr).contains("block 1 of 12, about "), "{}", text(&done.stderr));
}

#[test]
fn a_run_that_is_interrupted_late_reports_what_it_has() {
    let Some(bin) = programs() else { return };
    let (folder, room) = (TempDir::new().expect("a folder"), room());
    let elsewhere = "listen_addresses = '*'\nport = 6543\nssl = on\nssl_key_file = '/gone'\n";
    write(&folder, "b.conf", &format!("work_mem = 8MB\n{elsewhere}"));
    write(
        &folder,
        "load.sql",
        "\\set id random(1, 100000 * :scale)\nSELECT abalance FROM pgbench_accounts WHERE aid = :id;\n",
    );
    let mut arguments = vec!["a=/dev/null", "b=b.conf", "--rounds", "100", "--script", "load.sql"];
    arguments.extend(["--format", "html", "--output", "page.html"]);
    let (code, out, err) = interrupted(command(&bin, &folder, &room, &arguments), &folder, "block 16 ", "INT");
    assert_eq!(code, Some(0), "{err}");
    is_left_clean(&room);
    assert!(out.contains("note: interrupted after "), "{out}");
    assert!(out.contains("b against a: "), "{out}");
    // what a server counts is the same under the same settings
    let (_, same) = out.split_once("  not distinguishable ").expect("what is the same");
    for metric in ["WAL/", "page images/", "misses/", "temp files/", "checkpoints requested", "checkpoints timed"] {
        assert!(same.contains(&format!("\n  {metric}")), "{metric}: {out}");
    }
    for line in ["b.conf:2 listen_addresses", "b.conf:3 port", "b.conf:4 ssl", "b.conf:5 ssl_key_file"] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let page = std::fs::read_to_string(folder.path().join("page.html")).expect("a page");
    assert!(page.contains("<svg") && page.contains("work_mem") && !page.contains("<script"), "{page}");
    for outside in ["src=", "href=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_configuration_that_does_not_start_is_told_first() {
    let Some(bin) = programs() else { return };
    let (folder, room) = (TempDir::new().expect("a folder"), room());
    write(&folder, "b.conf", "work_mem = 8MB\ninclude 'more.conf'\n");
    write(&folder, "more.conf", "\n\nwork_memory = 8MB\n");
    write(&folder, "c.conf", "wal_level = minimal\nshared_buffers = lots\n");
    let done = command(&bin, &folder, &room, &["a=/dev/null", "b=b.conf", "c=c.conf"]).output().expect("it runs");
    assert_eq!(done.status.code(), Some(2));
    let err = text(&done.stderr);
    assert!(
        err.contains(
            "error: more.conf:3:1: the server does not start: unrecognized configuration parameter \"work_memory\""
        ),
        "{err}"
    );
    assert!(err.contains("error: c.conf:2:1: the server does not start: invalid value"), "{err}");
    assert!(!err.contains("block 1"), "{err}");
    is_left_clean(&room);

    let done = command(&bin, &folder, &room, &["a=/dev/null", "b=gone.conf"]).output().expect("it runs");
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).starts_with("error: gone.conf: "), "{}", text(&done.stderr));
}

#[test]
fn a_load_that_fails_is_told_of_its_configuration() {
    let Some(bin) = programs() else { return };
    let (folder, room) = (TempDir::new().expect("a folder"), room());
    write(&folder, "few.conf", "max_connections = 3\nsuperuser_reserved_connections = 0\nmax_wal_senders = 0\n");
    let done =
        command(&bin, &folder, &room, &["a=/dev/null", "b=few.conf", "--clients", "9"]).output().expect("it runs");
    let err = text(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{err}");
    assert!(err.contains("error: few.conf: the load failed: ") && err.contains("too many clients"), "{err}");
    is_left_clean(&room);
}

#[test]
fn a_run_that_is_interrupted_early_leaves_nothing() {
    let Some(bin) = programs() else { return };
    for (signal, until) in [("HUP", "block 1 "), ("TERM", "filling the tables")] {
        let (folder, room) = (TempDir::new().expect("a folder"), room());
        let arguments = ["a=/dev/null", "b=/dev/null", "--rounds", "100"];
        let (code, out, err) = interrupted(command(&bin, &folder, &room, &arguments), &folder, until, signal);
        assert_eq!(code, Some(2), "{err}");
        assert!(out.is_empty() && err.contains("interrupted: the servers are stopped"), "{out}{err}");
        is_left_clean(&room);
    }
}

/// Sends a signal once the error output holds a text; returns the exit code, and what the run said.
fn interrupted(mut command: Command, folder: &TempDir, until: &str, signal: &str) -> (Option<i32>, String, String) {
    let path = |name: &str| folder.path().join(name);
    let stream = |name: &str| std::fs::File::create(path(name)).expect("a file");
    let mut running = command.stdout(stream("out")).stderr(stream("err")).spawn().expect("it starts");
    let said = |name: &str| std::fs::read_to_string(path(name)).expect("what it says");
    let deadline = Instant::now() + Duration::from_secs(120);
    while !said("err").contains(until) {
        assert!(Instant::now() < deadline && running.try_wait().expect("its status").is_none(), "{}", said("err"));
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    let asked = Command::new("kill").args(["-s", signal]).arg(running.id().to_string()).status().expect("kill runs");
    assert!(asked.success());
    let status = running.wait().expect("its status");
    (status.code(), said("out"), said("err"))
}
