//! Every rule that only a running server can break, broken on purpose on each version: what is planted is found, and
//! nothing else.
//!
//! Hours pass by libfaketime (Debian: libfaketime), which moves the server's clock; without it those faults are left out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::{Client, NoTls};
use tempfile::TempDir;

use super::postgres_server::{Server, installed};
use super::{dsn, is_of_defaults, probe, rules};

/// What libfaketime is loaded from.
pub(crate) fn clock() -> Option<PathBuf> {
    ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"]
        .into_iter()
        .map(PathBuf::from)
        .find(|library| library.exists())
}

/// A session of a role in a database.
fn session(server: &Server, database: &str) -> Client {
    let mut config = Client::configure();
    config.host_path(server.socket()).port(5432).user("postgres").dbname(database);
    config.connect(NoTls).expect("a session")
}

fn major(server: &Server) -> i32 {
    let version = "SELECT current_setting('server_version_num')::int / 10000";
    server.connect().expect("a session").query_one(version, &[]).expect("a version").get(0)
}

/// The rules found, without those that speak of every server's defaults.
pub(crate) fn found(folder: &TempDir, server: &Server) -> BTreeSet<String> {
    let done = probe(folder, &dsn(server), &["--pedantic"]);
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
    rules(&done).into_iter().filter(|rule| !is_of_defaults(rule)).collect()
}

pub(crate) fn expected(rules: &[&str]) -> BTreeSet<String> {
    rules.iter().map(|rule| (*rule).to_owned()).collect()
}

pub(crate) fn all(client: &mut Client, statements: &[&str]) {
    for statement in statements {
        client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

const QUIET: [&str; 6] =
    ["-c", "listen_addresses=", "-c", "autovacuum_naptime=5min", "-c", "log_min_duration_statement=1s"];

#[test]
fn what_the_figures_of_tables_and_slots_show_is_found() {
    for bin in installed() {
        let mut options = QUIET.to_vec();
        options.extend([
            "-c",
            "wal_init_zero=off",
            "-c",
            "wal_recycle=off",
            "-c",
            "max_wal_size=2GB",
            "-c",
            "min_wal_size=32MB",
        ]);
        let server = Server::start_on(&bin, 5432, &options, |_| Ok(Vec::new())).expect("the server starts");
        let folder = TempDir::new().expect("a folder");
        let mut client = server.connect().expect("a session");
        assert_eq!(found(&folder, &server), expected(&[]), "{}", bin.display());
        // an index that could not be built, a sequence at its end, a table that autovacuum leaves out
        all(
            &mut client,
            &[
                "CREATE TABLE narrow (id serial PRIMARY KEY, v int)",
                "SELECT setval('narrow_id_seq', 2100000000)",
                "INSERT INTO narrow (v) VALUES (1), (1)",
                "CREATE TABLE left_out (id int) WITH (autovacuum_enabled = off)",
            ],
        );
        assert!(client.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON narrow (v)").is_err());
        // dead rows and rows changed since statistics were taken
        all(
            &mut client,
            &["CREATE TABLE dead (id int)", "INSERT INTO dead SELECT generate_series(1, 20000)", "DELETE FROM dead"],
        );
        // checkpoints that nobody needed
        for _ in 0..21 {
            client.batch_execute("CHECKPOINT").expect("a checkpoint");
        }
        // a slot whose log is gone
        all(
            &mut client,
            &[
                "SELECT pg_create_physical_replication_slot('lost', true)",
                "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'",
                "SELECT pg_reload_conf()",
            ],
        );
        std::thread::sleep(Duration::from_millis(300));
        for _ in 0..3 {
            all(&mut client, &["INSERT INTO dead VALUES (1)", "SELECT pg_switch_wal()"]);
        }
        all(&mut client, &["CHECKPOINT", "CHECKPOINT"]);
        // ids that are old: what a database says of itself
        all(
            &mut client,
            &[
                "UPDATE pg_database SET datfrozenxid = '3294967296', datminmxid = '3294967296' WHERE datname = 'template0'",
            ],
        );
        // a session reports what it did with the first statement after a second
        std::thread::sleep(Duration::from_millis(1200));
        client.batch_execute("SELECT 1").expect("it runs");
        let planted = [
            "invalid-index",
            "sequence-nearly-used-up",
            "tables-left-out-of-autovacuum",
            "tables-behind-vacuum",
            "statistics-behind",
            "checkpoints-requested",
            "slot-lost",
            "transaction-ids-nearly-used-up",
            "multixact-ids-nearly-used-up",
        ];
        assert_eq!(found(&folder, &server), expected(&planted), "{}", bin.display());
    }
}

#[test]
fn what_settings_and_files_show_is_found() {
    for bin in installed() {
        let mut options = QUIET.to_vec();
        options.extend(["-c", "max_connections=13", "-c", "max_wal_senders=2"]);
        let server = Server::start_on(&bin, 5432, &options, |_| Ok(Vec::new())).expect("the server starts");
        let folder = TempDir::new().expect("a folder");
        let mut client = server.connect().expect("a session");
        let file = server.socket().join("data/postgresql.conf");
        let text = std::fs::read_to_string(&file).expect("it is there");
        std::fs::write(&file, format!("{text}\nmax_worker_processes = 9\n")).expect("it is written");
        all(&mut client, &["SELECT pg_reload_conf()"]);
        std::thread::sleep(Duration::from_millis(300));
        let waiting = found(&folder, &server);
        assert_eq!(waiting, expected(&["restart-pending"]), "{}", bin.display());
        std::fs::write(&file, format!("{text}\nwork_mem = lots\n")).expect("it is written");
        let refused = found(&folder, &server);
        assert_eq!(refused, expected(&["configuration-line-refused", "restart-pending"]), "{}", bin.display());
        std::fs::write(&file, &text).expect("it is written");
        all(&mut client, &["SELECT pg_reload_conf()"]);
        std::thread::sleep(Duration::from_millis(300));
        // the server forgets what waits only when it is started; ten connections are for ordinary roles: this one, the probe's, and eight more
        let _open: Vec<Client> = (0..8).map(|_| session(&server, "postgres")).collect();
        let full = found(&folder, &server);
        assert_eq!(full, expected(&["connections-nearly-used-up", "restart-pending"]), "{}", bin.display());
    }
}

#[test]
fn what_takes_hours_is_found() {
    let Some(library) = clock() else {
        println!("skipped: there is no libfaketime");
        return;
    };
    for bin in installed() {
        let now = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(now.path(), "+0\n").expect("it is written");
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(now.path(), readable).expect("a mode");
        let variables = [
            ("LD_PRELOAD", library.as_path()),
            ("FAKETIME_TIMESTAMP_FILE", now.path()),
            ("FAKETIME_NO_CACHE", Path::new("1")),
            // only what tells the time of day; how long is waited stays as it is
            ("DONT_FAKE_MONOTONIC", Path::new("1")),
            ("FAKETIME_DONT_FAKE_MONOTONIC", Path::new("1")),
        ];
        let mut options = QUIET.to_vec();
        options.extend(["-c", "max_prepared_transactions=2", "-c", "archive_mode=on", "-c", "archive_command=false"]);
        let server =
            Server::start_with(&bin, 5432, &options, &variables, |_| Ok(Vec::new())).expect("the server starts");
        let folder = TempDir::new().expect("a folder");
        let mut client = server.connect().expect("a session");
        all(
            &mut client,
            &[
                "CREATE TABLE t (id int)",
                "BEGIN",
                "INSERT INTO t VALUES (1)",
                "PREPARE TRANSACTION 'left'",
                "INSERT INTO t VALUES (2)",
                "SELECT pg_switch_wal()",
            ],
        );
        // one holds a lock and does nothing, one waits for it
        let mut holder = session(&server, "postgres");
        all(&mut holder, &["BEGIN", "LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE"]);
        let mut waiter = session(&server, "postgres");
        std::thread::spawn(move || {
            let _ = waiter.batch_execute("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
        });
        let mut runner = session(&server, "postgres");
        std::thread::spawn(move || {
            let _ = runner.batch_execute("SELECT pg_sleep(600)");
        });
        // the archiver tries and fails, one session waits, one sleeps: only then does the clock jump
        let under_way = "SELECT (SELECT failed_count > 0 FROM pg_stat_archiver)
            AND EXISTS (SELECT FROM pg_locks WHERE NOT granted)
            AND EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')";
        let is_under_way = (0..120).any(|_| {
            std::thread::sleep(Duration::from_millis(250));
            client.query_one(under_way, &[]).expect("a row").get::<_, bool>(0)
        });
        assert!(is_under_way, "{}: what takes hours has not begun", bin.display());
        std::fs::write(now.path(), "+7h\n").expect("it is written");
        let planted = [
            "transaction-left-open",
            "prepared-transaction-left",
            "archiving-fails",
            "query-runs-for-hours",
            "lock-wait-without-end",
        ];
        // a process that is forked while its clock jumps may stand still for good: another one is asked
        let stands_still = || probe(&folder, &dsn(&server), &["--timeout", "5"]).status.code() == Some(2);
        if (0..4).all(|_| stands_still()) {
            println!("skipped: the clock of {} cannot be moved here", bin.display());
            continue;
        }
        let seen = found(&folder, &server);
        assert_eq!(seen, expected(&planted), "{}", bin.display());
    }
}

#[test]
fn a_page_that_storage_has_damaged_is_found() {
    for bin in installed() {
        let server = Server::start_checked(&bin, &QUIET).expect("the server starts");
        let folder = TempDir::new().expect("a folder");
        let mut client = server.connect().expect("a session");
        let copied = if major(&server) >= 15 { " STRATEGY file_copy" } else { "" };
        client.batch_execute("CREATE DATABASE a").expect("a database");
        let mut of_a = session(&server, "a");
        all(&mut of_a, &["CREATE TABLE t AS SELECT generate_series(1, 1000) AS id"]);
        let path: String = of_a.query_one("SELECT pg_relation_filepath('t')", &[]).expect("a path").get(0);
        drop(of_a);
        std::thread::sleep(Duration::from_millis(300));
        all(&mut client, &["CHECKPOINT", &format!("CREATE DATABASE b TEMPLATE a{copied}")]);
        let oid: u32 = client.query_one("SELECT oid FROM pg_database WHERE datname = 'b'", &[]).expect("a row").get(0);
        let relation = path.rsplit('/').next().expect("a name");
        let file = server.socket().join(format!("data/base/{oid}/{relation}"));
        let mut bytes = std::fs::read(&file).expect("the copy is there");
        bytes[4000] ^= 0xff;
        std::fs::write(&file, bytes).expect("it is written");
        let mut of_b = session(&server, "b");
        assert!(of_b.batch_execute("SELECT count(*) FROM t").is_err(), "the page is read all the same");
        drop(of_b);
        std::thread::sleep(Duration::from_millis(1200));
        assert_eq!(found(&folder, &server), expected(&["page-checksum-failed"]), "{}", bin.display());
    }
}

#[test]
fn statements_that_do_not_fit_are_told_of() {
    for bin in installed() {
        let mut options = QUIET.to_vec();
        options.extend(["-c", "shared_preload_libraries=pg_stat_statements", "-c", "pg_stat_statements.max=100"]);
        let Ok(server) = Server::start_on(&bin, 5432, &options, |_| Ok(Vec::new())) else {
            println!("skipped: {} does not start with pg_stat_statements", bin.display());
            continue;
        };
        let folder = TempDir::new().expect("a folder");
        let mut client = server.connect().expect("a session");
        client.batch_execute("CREATE EXTENSION pg_stat_statements").expect("the extension is there");
        // each with one column more is another statement
        for columns in 1..=1500 {
            client.batch_execute(&format!("SELECT {}", vec!["1"; columns].join(","))).expect("it runs");
        }
        let rules: &[&str] = if major(&server) >= 14 { &["statements-forgotten"] } else { &[] };
        assert_eq!(found(&folder, &server), expected(rules), "{}", bin.display());
    }
}
