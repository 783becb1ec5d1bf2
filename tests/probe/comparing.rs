//! A server beside the file that should say the same, beside an earlier snapshot, and beside other servers.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::{dsn, probe, rules, servers};

fn read(folder: &TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn what_drifted_from_a_file_is_told_there_and_either_side_can_follow() {
    for (major, server) in servers() {
        let folder = TempDir::new().expect("a folder");
        let mut client = server.connect().expect("a connection");
        for statement in
            ["ALTER SYSTEM SET work_mem = '8MB'", "ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()"]
        {
            client.batch_execute(statement).expect("it is done");
        }
        std::thread::sleep(Duration::from_millis(500));
        let file = "# ours\nmax_connections = 33   # few\nautovacuum = off\nwork_mem = 4096kB\nfsync = on\n\
                    maintenance_work_mem = 64MB\nprimary_conninfo = 'host=a password=s3cret'\n";
        std::fs::write(folder.path().join("postgresql.conf"), file).expect("a file");
        let arguments = [
            "--against",
            "postgresql.conf",
            "--select",
            "settings-drifted",
            "--save",
            "drift.json",
            "--sql",
            "follow.sql",
            "--patch",
            "adopt.patch",
        ];
        let drift = probe(&folder, &dsn(&server), &arguments);
        let said = String::from_utf8_lossy(&drift.stdout).into_owned();
        for line in [
            "postgresql.conf:2:1: warning[settings-drifted] max_connections is 33 here and 100 in force until the server is restarted",
            "postgresql.conf:4:1: warning[settings-drifted] work_mem is 4096kB here and 8MB in force, by ALTER SYSTEM",
            "postgresql.conf:5:1: warning[settings-drifted] fsync is on here and off in force, by the command line",
        ] {
            assert!(said.contains(line), "Postgres {major}: {line}\n{said}");
        }
        assert!(!said.contains("autovacuum") && !said.contains("maintenance_work_mem"), "Postgres {major}: {said}");
        let everywhere =
            said + &read(&folder, "drift.json") + &read(&folder, "follow.sql") + &read(&folder, "adopt.patch");
        assert!(!everywhere.contains("s3cret"), "Postgres {major}: {everywhere}");
        // the patch takes into the file what is in force, and nothing else
        let patched = Command::new("patch").current_dir(folder.path()).args(["-p1", "-i", "adopt.patch"]).output();
        if patched.is_ok_and(|done| done.status.success()) {
            let expected = file.replace("33 ", "100 ").replace("4096kB", "8MB").replace("fsync = on", "fsync = off");
            assert_eq!(read(&folder, "postgresql.conf").replace("8192kB", "8MB"), expected, "Postgres {major}");
        }
        std::fs::write(folder.path().join("postgresql.conf"), file).expect("a file");
        // the script lets the server follow the file
        let script = read(&folder, "follow.sql");
        assert!(script.contains("ALTER SYSTEM RESET work_mem;"), "{script}");
        assert!(script.contains("-- max_connections takes effect at the next restart."), "{script}");
        assert!(script.contains("-- fsync takes effect when the server is started with other options."), "{script}");
        for statement in script.lines().filter(|line| !line.starts_with("--")) {
            client.batch_execute(statement.split(" -- ").next().unwrap_or_default()).expect("the server takes it");
        }
        std::thread::sleep(Duration::from_millis(500));
        let again = probe(&folder, &dsn(&server), &arguments[..4]);
        let said = String::from_utf8_lossy(&again.stdout).into_owned();
        assert!(!said.contains("work_mem") && said.contains("max_connections"), "Postgres {major}: {said}");
    }
}

#[test]
fn a_finding_stands_where_the_repository_has_the_file() {
    for (major, server) in servers() {
        let folder = TempDir::new().expect("a folder");
        let mut client = server.connect().expect("a connection");
        // the server's own file, and the same one in a repository
        let own = server.socket().join("data/postgresql.conf");
        let text = std::fs::read_to_string(&own).expect("it is there") + "autovacuum = off\n";
        std::fs::write(&own, &text).expect("it is written");
        client.batch_execute("SELECT pg_reload_conf()").expect("it is read");
        std::thread::sleep(Duration::from_millis(500));
        let line = text.lines().count();
        std::fs::create_dir_all(folder.path().join("db/data")).expect("a folder");
        std::fs::write(folder.path().join("db/data/postgresql.conf"), &text).expect("a file");
        std::fs::write(folder.path().join("postgresql.conf"), "autovacuum = off\n").expect("another file");
        let done = probe(&folder, &dsn(&server), &["--select", "autovacuum-off"]);
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(
            said.contains(&format!("db/data/postgresql.conf:{line}:1: error[autovacuum-off]")),
            "Postgres {major}: {said}"
        );
        // a file that says otherwise on that line is not it
        std::fs::write(folder.path().join("db/data/postgresql.conf"), "\n".repeat(line)).expect("a file");
        let done = probe(&folder, &dsn(&server), &["--select", "autovacuum-off"]);
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(said.contains(".probe.json:"), "Postgres {major}: {said}");
    }
}

#[test]
fn an_earlier_snapshot_shows_what_changed_and_what_grew() {
    for (major, server) in servers() {
        let folder = TempDir::new().expect("a folder");
        let mut client = server.connect().expect("a connection");
        probe(&folder, &dsn(&server), &["--save", "then.json"]);
        let nothing =
            probe(&folder, &dsn(&server), &["--since", "then.json", "--select", "setting-changed,figure-worse"]);
        assert_eq!(rules(&nothing).len(), 0, "Postgres {major}: {}", String::from_utf8_lossy(&nothing.stdout));
        for statement in [
            "ALTER SYSTEM SET work_mem = '64MB'",
            "SELECT pg_reload_conf()",
            "CREATE ROLE app",
            "ALTER ROLE app SET lock_timeout = '2s'",
            "CREATE TABLE left_out (id int) WITH (autovacuum_enabled = off)",
        ] {
            client.batch_execute(statement).expect("it is done");
        }
        std::thread::sleep(Duration::from_millis(500));
        let done = probe(&folder, &dsn(&server), &["--since", "then.json", "--select", "setting-changed,figure-worse"]);
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        for expected in [
            "warning[setting-changed] work_mem was unset and is 64MB",
            "warning[setting-changed] lock_timeout of role app was unset and is 2s",
            "warning[figure-worse] tables for which autovacuum is off: 0 at the last snapshot, 1 now",
        ] {
            assert!(said.contains(expected), "Postgres {major}: {expected}\n{said}");
        }
        let other =
            probe(&folder, &dsn(&server).replace("dbname=postgres", "dbname=template1"), &["--since", "then.json"]);
        assert_eq!(other.status.code(), Some(2));
        let said = String::from_utf8_lossy(&other.stderr).into_owned();
        assert!(said.contains("then.json is a snapshot of"), "Postgres {major}: {said}");
    }
}

#[test]
fn several_servers_are_asked_at_once() {
    let servers = servers();
    let [(_, one), .., (_, two)] = servers.as_slice() else { return };
    let folder = TempDir::new().expect("a folder");
    let gone = "host=127.0.0.1 port=1 user=app password=s3cret dbname=shop";
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    command.current_dir(folder.path()).env_clear().args(["probe", &dsn(one), &dsn(two), gone, "--save", "all"]);
    let done = command
        .args(["--format", "openmetrics", "--format", "concise", "--output", "found.txt"])
        .output()
        .expect("it runs");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    // one does not answer: that is told of, and the others are judged all the same
    assert_eq!(done.status.code(), Some(2), "{err}");
    assert!(err.contains("error: 127.0.0.1:1/shop: ") && !err.contains("s3cret"), "{err}");
    let saved = std::fs::read_dir(folder.path().join("all")).expect("a folder of snapshots").count();
    assert_eq!(saved, 2);
    for server in [one, two] {
        let name = format!("{}:5432/postgres", server.socket().display());
        assert!(out.contains(&format!("trueup_postgres_up{{server=\"{name}\"}} 1")), "{out}");
        assert!(out.contains(&format!("trueup_postgres_connections{{server=\"{name}\"}} ")), "{out}");
    }
    assert!(out.contains("trueup_postgres_up{server=\"127.0.0.1:1/shop\"} 0") && out.ends_with("# EOF\n"), "{out}");
    let found = read(&folder, "found.txt");
    assert!(found.matches("fsync-off").count() == 2, "{found}");
    if Path::new("/usr/bin/promtool").exists() {
        let metrics = folder.path().join("metrics");
        std::fs::write(&metrics, out.as_bytes()).expect("a file");
        let checked = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(std::fs::File::open(metrics).expect("it is there"))
            .output();
        assert!(checked.expect("it runs").status.success());
    }
}
