//! `trueup probe` against real servers: an untouched one of each version, one with planted faults (here); standbys that are
//! behind (`behind`); ones that refuse,
//! hang or are gone (`refusing`); files, earlier snapshots and several servers beside each other (`comparing`); and the
//! server's own log, which shows what it was asked (`watched`).
#![cfg(feature = "probe")]

mod behind;
mod comparing;
mod planted;
#[path = "../support/postgres_server.rs"]
#[allow(dead_code)]
mod postgres_server;
mod refusing;
mod watched;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use postgres_server::Server;
use tempfile::TempDir;

/// One server per major version.
fn servers() -> Vec<(u32, Server)> {
    let mut found = std::collections::BTreeMap::new();
    for bin in postgres_server::installed() {
        let Ok(output) = Command::new(bin.join("postgres")).arg("--version").output() else { continue };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let major = text.split_whitespace().nth(2).and_then(|version| version.split('.').next()?.parse::<u32>().ok());
        found.extend(major.map(|major| (major, bin)));
    }
    if found.is_empty() {
        println!("skipped: there is no Postgres server");
    }
    found.into_iter().map(|(major, bin)| (major, Server::start(&bin).expect("the server starts"))).collect()
}

fn probe(folder: &TempDir, dsn: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    command.current_dir(folder.path()).env_clear().args(["probe", dsn, "--format", "concise"]).args(arguments);
    command.output().expect("it runs")
}

fn dsn(server: &Server) -> String {
    format!("host={} user=postgres dbname=postgres", server.socket().display())
}

/// The rules of the findings.
fn rules(output: &Output) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rule = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    text.lines().filter_map(rule).collect()
}

#[test]
fn an_untouched_server_of_each_version_is_read_without_a_claim() {
    for (major, server) in servers() {
        let folder = TempDir::new().expect("a folder");
        let started = Instant::now();
        let done = probe(&folder, &dsn(&server), &["--save", "db.json", "--pedantic"]);
        let took = started.elapsed();
        let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert_eq!(err, "", "Postgres {major}");
        // what the test itself sets for speed
        let found: Vec<String> = rules(&done).into_iter().filter(|rule| rule != "fsync-off").collect();
        assert!(found.iter().all(|rule| is_of_defaults(rule)), "Postgres {major}: {found:?}\n{out}");
        let saved = std::fs::read_to_string(folder.path().join("db.json")).expect("it is saved");
        let saved: serde_json::Value = serde_json::from_str(&saved).expect("JSON");
        assert!(saved["server"]["version"].as_str().is_some_and(|version| version.starts_with(&major.to_string())));
        assert_eq!(saved["settings"]["fsync"], "off");
        assert!(saved["figures"]["connection_limit"].as_i64().is_some_and(|limit| limit > 50), "{saved}");
        assert!(saved["figures"].as_object().is_some_and(|figures| figures.len() >= 10), "{saved}");
        println!(
            "Postgres {major}: {} ms, {} settings",
            took.as_millis(),
            saved["settings"].as_object().map_or(0, |map| map.len())
        );
        // the file is judged like any other
        let mut again = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
        let again =
            again.current_dir(folder.path()).args(["check", "db.json", "--format", "concise", "--pedantic"]).output();
        assert_eq!(rules(&again.expect("it runs")), rules(&done));
    }
}

/// A certificate authority, and certificates of it for a server called `localhost` and for a client; made by openssl.
fn certificates(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let run = |arguments: &[&str]| {
        let done = Command::new("openssl").current_dir(folder).args(arguments).output()?;
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        if done.status.success() { Ok(()) } else { Err(std::io::Error::other(said)) }
    };
    let key = ["-newkey", "rsa:2048", "-nodes"];
    run(&[
        &["req", "-x509", "-days", "2", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.crt"],
        &key[..],
    ]
    .concat())?;
    std::fs::write(folder.join("san"), "subjectAltName=DNS:localhost\n")?;
    for (name, subject) in [("server", "/CN=localhost"), ("client", "/CN=postgres")] {
        let (secret, request, certificate) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.crt"));
        run(&[&["req", "-subj", subject, "-keyout", &secret, "-out", &request], &key[..]].concat())?;
        run(&[
            "x509",
            "-req",
            "-days",
            "2",
            "-in",
            &request,
            "-CA",
            "ca.crt",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-out",
            &certificate,
            "-extfile",
            "san",
        ])?;
    }
    use std::os::unix::fs::PermissionsExt;
    let secret = folder.join("server.key");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600))?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    Ok(vec![secret, folder.join("server.crt"), folder.join("ca.crt")])
}

#[test]
fn encryption_is_what_sslmode_asks_for() {
    let Some(bin) = postgres_server::installed().into_iter().next() else {
        println!("skipped: there is no Postgres server");
        return;
    };
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: there is no openssl");
        return;
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let port_option = format!("port={port}");
    let mut folder = PathBuf::new();
    let files = |directory: &Path| {
        folder = directory.to_path_buf();
        certificates(directory)
    };
    let options = [
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        &port_option,
        "-c",
        "ssl=on",
        "-c",
        "ssl_cert_file=../server.crt",
        "-c",
        "ssl_key_file=../server.key",
        "-c",
        "ssl_ca_file=../ca.crt",
    ];
    let server = Server::start_on(&bin, port, &options, files).expect("the server starts with ssl on");
    let mut client = server.connect().expect("a connection");
    let here = TempDir::new().expect("a folder");
    let ask = |host: &str, more: &str| {
        let done = probe(&here, &format!("postgresql://postgres@{host}:{port}/postgres?{more}"), &[]);
        (done.status.code() < Some(2), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let (root, other) = (folder.join("ca.crt").display().to_string(), folder.join("client.crt").display().to_string());
    for (host, more, works) in [
        ("localhost", "sslmode=disable".to_owned(), true),
        ("localhost", "sslmode=prefer".to_owned(), true),
        ("127.0.0.1", "sslmode=require".to_owned(), true),
        ("127.0.0.1", format!("sslmode=require&sslrootcert={root}"), true),
        ("localhost", format!("sslmode=require&sslrootcert={other}"), false),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={root}"), true),
        ("localhost", format!("sslmode=verify-full&sslrootcert={root}"), true),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={root}"), false),
        ("localhost", "sslmode=verify-full&sslrootcert=system".to_owned(), false),
    ] {
        let (worked, said) = ask(host, &more);
        assert_eq!(worked, works, "{host} {more}: {said}");
    }
    // only a client with a certificate of the authority is let in
    let hba = "hostssl all all 127.0.0.1/32 cert\nlocal all all trust\n";
    std::fs::write(folder.join("data/pg_hba.conf"), hba).expect("the file is there");
    client.batch_execute("SELECT pg_reload_conf()").expect("it is read");
    std::thread::sleep(Duration::from_millis(300));
    let certificate = format!("&sslcert={other}&sslkey={}", folder.join("client.key").display());
    assert!(!ask("localhost", "sslmode=require").0);
    let (worked, said) = ask("localhost", &format!("sslmode=verify-full&sslrootcert={root}{certificate}"));
    assert!(worked, "{said}");
}

/// Rules that speak of what every server has by default.
fn is_of_defaults(rule: &str) -> bool {
    [
        "shared-buffers-left-at-default",
        "idle-in-transaction-unlimited",
        "slow-log-off",
        "lock-waits-not-logged",
        "full-page-writes-off",
        "fsync-off",
    ]
    .contains(&rule)
}

#[test]
fn planted_faults_are_found_and_nothing_is_written() {
    for (major, server) in servers() {
        let folder = TempDir::new().expect("a folder");
        let mut client = server.connect().expect("a connection");
        for statement in [
            "ALTER SYSTEM SET max_connections = 12",
            "ALTER SYSTEM SET autovacuum = off",
            "ALTER SYSTEM SET log_statement = 'all'",
            "SELECT pg_reload_conf()",
            "CREATE TABLE dead (id int)",
            "INSERT INTO dead SELECT generate_series(1, 20000)",
            "DELETE FROM dead",
            "CREATE TABLE narrow (id serial PRIMARY KEY, v int)",
            "SELECT setval('narrow_id_seq', 2100000000)",
            "CREATE TABLE left_out (id int) WITH (autovacuum_enabled = off)",
            "INSERT INTO narrow (v) VALUES (1), (1)",
            "CREATE ROLE app LOGIN",
            "ALTER ROLE app SET lock_timeout = '1min'",
            "ALTER ROLE app SET statement_timeout = '30s'",
            "ALTER ROLE app SET app.secret = 'canary-in-a-setting'",
        ] {
            client.batch_execute(statement).expect("it is done");
        }
        // a unique index that cannot be built is left behind invalid
        assert!(client.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON narrow (v)").is_err());
        std::thread::sleep(Duration::from_millis(800));
        client.batch_execute("SELECT pg_stat_clear_snapshot()").expect("it is cleared");
        let before: String =
            client.query_one("SELECT pg_current_wal_insert_lsn()::text", &[]).expect("a position").get(0);
        let done = probe(&folder, &dsn(&server), &["--pedantic", "--save", "db.json"]);
        let after: String =
            client.query_one("SELECT pg_current_wal_insert_lsn()::text", &[]).expect("a position").get(0);
        let found = rules(&done);
        for rule in [
            "autovacuum-off",
            "restart-pending",
            "invalid-index",
            "sequence-nearly-used-up",
            "tables-left-out-of-autovacuum",
            "log-statement-all",
        ] {
            assert!(found.contains(rule), "Postgres {major}: {rule} is not among {found:?}");
        }
        assert_eq!(done.status.code(), Some(1));
        let saved = std::fs::read_to_string(folder.path().join("db.json")).expect("it is saved");
        assert!(!saved.contains("canary"), "Postgres {major}: {saved}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&saved).expect("JSON")["roles"][0]["role"], "app");
        // hint bits and the like aside, a probe writes no log of its own
        let written: i64 = client
            .query_one("SELECT ($1::text::pg_lsn - $2::text::pg_lsn)::bigint", &[&after, &before])
            .expect("a difference")
            .get(0);
        assert!(written < 64 << 10, "Postgres {major}: {written} bytes were written");
        // the script mends what a setting can mend
        probe(&folder, &dsn(&server), &["--sql", "fix.sql", "--quiet"]);
        let script = std::fs::read_to_string(folder.path().join("fix.sql")).expect("a script");
        for statement in script.lines().filter(|line| !line.starts_with("--")) {
            client.batch_execute(statement.split(" -- ").next().unwrap_or_default()).expect("the server takes it");
        }
        std::thread::sleep(Duration::from_millis(300));
        let mended = rules(&probe(&folder, &dsn(&server), &[]));
        assert!(!mended.contains("autovacuum-off"), "Postgres {major}: {mended:?}\n{script}");
        let left = left(&mut client);
        assert_eq!(left, 0, "Postgres {major}: a connection is left");
    }
}

/// How many sessions of the probe the server still has; a session ends a little after its client.
fn left(client: &mut postgres::Client) -> i64 {
    let mut left = 1;
    for _ in 0..20 {
        let query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'trueup'";
        left = client.query_one(query, &[]).expect("a count").get::<_, i64>(0);
        if left == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    left
}
