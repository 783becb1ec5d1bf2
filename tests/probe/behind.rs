//! What is behind: a slot that nobody reads, a replica that does not replay, and the standby's own view of it, planted on
//! each version with a real standby.
//!
//! The rules speak from 10 GiB of log on, which a test does not write: each is judged by its own page with a smaller
//! figure in the place of that one. What the standby says of its age takes libfaketime (Debian: libfaketime).

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::planted::{all, clock, expected, found};
use super::postgres_server::{Server, installed};
use super::{dsn, probe, rules};

/// Log that is written, and more than the rules here let pass.
const SEGMENTS: usize = 6;
const LIMIT: &str = "64Mi";

/// Copies a cluster that is not running; gives back all that was made.
fn copy(from: &Path, to: &Path) -> io::Result<Vec<PathBuf>> {
    let mut made = Vec::new();
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.map_err(io::Error::other)?;
        let target = to.join(entry.path().strip_prefix(from).map_err(io::Error::other)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
        fs::set_permissions(&target, entry.metadata().map_err(io::Error::other)?.permissions())?;
        made.push(target);
    }
    Ok(made)
}

/// A primary whose clock may be behind, and a standby of it.
fn pair(bin: &Path, variables: &[(&str, &Path)]) -> (Server, Server) {
    let pristine = TempDir::new().expect("a folder");
    // what belongs to the servers' user is read by the one that runs the test
    fs::set_permissions(pristine.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
    let options = [
        "-c",
        "listen_addresses=",
        "-c",
        "wal_keep_size=1GB",
        "-c",
        "autovacuum=off",
        "-c",
        "checkpoint_timeout=1h",
        "-c",
        "log_min_duration_statement=1s",
    ];
    let keep = |folder: &Path| {
        copy(&folder.join("data"), &pristine.path().join("data"))?;
        let hba = folder.join("data/pg_hba.conf");
        fs::write(&hba, fs::read_to_string(&hba)? + "local replication all trust\n")?;
        Ok(vec![hba])
    };
    let primary = Server::start_with(bin, 5432, &options, variables, keep).expect("the primary starts");
    let conninfo = format!("primary_conninfo=host={} port=5432 user=postgres", primary.socket().display());
    let options =
        ["-c", "listen_addresses=", "-c", "hot_standby=on", "-c", "log_min_duration_statement=1s", "-c", &conninfo];
    let take = |folder: &Path| {
        let data = folder.join("data");
        fs::remove_dir_all(&data)?;
        let mut made = copy(&pristine.path().join("data"), &data)?;
        let signal = data.join("standby.signal");
        fs::write(&signal, "")?;
        made.push(signal);
        Ok(made)
    };
    let standby = Server::start_on(bin, 5432, &options, take).expect("the standby starts");
    (primary, standby)
}

/// Waits until a query of the server says true.
fn until(client: &mut postgres::Client, query: &str) {
    for _ in 0..150 {
        if client.query_one(query, &[]).expect("a row").get::<_, Option<bool>>(0) == Some(true) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{query}: not within 15 s");
}

fn write_log(client: &mut postgres::Client) {
    for _ in 0..SEGMENTS {
        all(client, &["INSERT INTO t VALUES (1)", "SELECT pg_switch_wal()"]);
    }
}

/// The rules that speak of a server, by pages whose figure is smaller.
fn found_above(limit: &str, server: &Server) -> BTreeSet<String> {
    let folder = TempDir::new().expect("a folder");
    let own = folder.path().join("own");
    fs::create_dir(&own).expect("a folder");
    fs::write(folder.path().join("trueup.toml"), "rules = [\"./own/\"]\n").expect("it is written");
    for rule in ["slot-holds-wal", "replica-far-behind"] {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("rules/live/{rule}.md"));
        let text = fs::read_to_string(page).expect("the page is there");
        assert_eq!(text.matches("quantity('10Gi')").count(), 1, "{rule}");
        let name = format!("{rule}-here");
        let text = text.replace("quantity('10Gi')", &format!("quantity('{limit}')")).replacen(rule, &name, 1);
        let text = text.split("## Examples").next().expect("a first part");
        fs::write(own.join(format!("{name}.md")), text).expect("it is written");
    }
    let done = probe(&folder, &dsn(server), &["--save", "db.probe.json"]);
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    command.current_dir(folder.path()).env_clear().args([
        "check",
        "db.probe.json",
        "--pedantic",
        "--format",
        "concise",
    ]);
    let mut said = rules(&command.output().expect("it runs"));
    said.retain(|rule| rule.ends_with("-here"));
    said
}

#[test]
fn a_slot_that_nobody_reads_and_a_replica_that_does_not_replay_are_found() {
    for bin in installed() {
        let (primary, standby) = pair(&bin, &[]);
        let mut client = primary.connect().expect("a session");
        let mut reader = standby.connect().expect("a session");
        all(&mut client, &["CREATE TABLE t (id int)", "SELECT pg_create_physical_replication_slot('left', true)"]);
        until(&mut client, "SELECT replay_lsn >= pg_current_wal_lsn() FROM pg_stat_replication");
        assert_eq!(found_above(LIMIT, &primary), expected(&[]), "{}: nothing is behind", bin.display());
        all(&mut reader, &["SELECT pg_wal_replay_pause()"]);
        write_log(&mut client);
        until(&mut client, "SELECT flush_lsn >= pg_current_wal_lsn() FROM pg_stat_replication");
        let both = ["slot-holds-wal-here", "replica-far-behind-here"];
        assert_eq!(found_above(LIMIT, &primary), expected(&both), "{}", bin.display());
        // a slot that nobody reads stays when the replica has caught up, and goes when it is dropped
        all(&mut reader, &["SELECT pg_wal_replay_resume()"]);
        until(&mut client, "SELECT replay_lsn >= pg_current_wal_lsn() FROM pg_stat_replication");
        assert_eq!(found_above(LIMIT, &primary), expected(&both[..1]), "{}", bin.display());
        all(&mut client, &["SELECT pg_drop_replication_slot('left')"]);
        assert_eq!(found_above(LIMIT, &primary), expected(&[]), "{}", bin.display());
    }
}

#[test]
fn a_standby_that_does_not_replay_is_found() {
    let Some(library) = clock() else {
        println!("skipped: there is no libfaketime");
        return;
    };
    for bin in installed() {
        // commits that are an hour old when they arrive
        let variables = [
            ("LD_PRELOAD", library.as_path()),
            ("FAKETIME", Path::new("-1h")),
            ("DONT_FAKE_MONOTONIC", Path::new("1")),
        ];
        let (primary, standby) = pair(&bin, &variables);
        let mut client = primary.connect().expect("a session");
        let mut reader = standby.connect().expect("a session");
        all(&mut client, &["CREATE TABLE t (id int)"]);
        until(&mut client, "SELECT replay_lsn >= pg_current_wal_lsn() FROM pg_stat_replication");
        let folder = TempDir::new().expect("a folder");
        // it is not behind as long as there is nothing more to replay, however long nothing was written
        assert_eq!(found(&folder, &standby), expected(&[]), "{}", bin.display());
        all(&mut reader, &["SELECT pg_wal_replay_pause()"]);
        all(&mut client, &["INSERT INTO t VALUES (1)"]);
        until(&mut reader, "SELECT pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn()");
        assert_eq!(found(&folder, &standby), expected(&["standby-far-behind"]), "{}", bin.display());
        all(&mut reader, &["SELECT pg_wal_replay_resume()"]);
        until(&mut reader, "SELECT pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()");
        assert_eq!(found(&folder, &standby), expected(&[]), "{}", bin.display());
    }
}
