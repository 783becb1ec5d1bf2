//! Servers that are gone, hang, are slow, refuse, are full, or let the role see little: a clear message within the bound,
//! exit code 2 where there is no answer, and no secret.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::postgres_server::Server;
use super::{dsn, left, probe, servers};

/// What it says on standard error, once it is sure that there is no answer and no secret.
fn refusal(done: &Output) -> String {
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(2), "{said}");
    let out = String::from_utf8_lossy(&done.stdout);
    assert!(!said.contains("s3cret") && !out.contains("s3cret"), "{said}{out}");
    assert!(said.starts_with("error: ") && said.lines().count() == 1, "{said}");
    said
}

#[test]
fn one_that_is_gone_is_told_of() {
    let folder = TempDir::new().expect("a folder");
    let gone = probe(&folder, "host=127.0.0.1 port=1 user=app password=s3cret dbname=shop", &["--timeout", "3"]);
    let said = refusal(&gone);
    assert!(said.starts_with("error: 127.0.0.1:1/shop: ") && said.contains("onnection refused"), "{said}");
    for (address, expected) in [
        ("host=/nowhere user=app password=s3cret dbname=shop", "/nowhere"),
        ("postgresql://app:s3cret@no-such-host.invalid/shop", "no-such-host.invalid"),
    ] {
        let said = refusal(&probe(&folder, address, &["--timeout", "8"]));
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn one_that_takes_the_connection_and_is_silent_is_given_up() {
    let folder = TempDir::new().expect("a folder");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let started = Instant::now();
    let hung = probe(&folder, &format!("postgresql://app:s3cret@127.0.0.1:{port}/shop"), &["--timeout", "2"]);
    assert!(started.elapsed() < Duration::from_secs(4));
    assert!(refusal(&hung).contains("no answer within 2 s"));
}

/// A server on TCP, and its port.
fn on_tcp(bin: &Path, options: &[&str]) -> (Server, u16) {
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let port_option = format!("port={port}");
    let all: Vec<&str> =
        ["-c", "listen_addresses=127.0.0.1", "-c", &port_option].into_iter().chain(options.iter().copied()).collect();
    (Server::start_on(bin, port, &all, |_| Ok(Vec::new())).expect("the server starts"), port)
}

/// A server on TCP of the first installation, if there is one.
fn first(options: &[&str]) -> Option<(Server, u16)> {
    let bin = super::postgres_server::installed().into_iter().next();
    if bin.is_none() {
        println!("skipped: there is no Postgres server");
    }
    Some(on_tcp(&bin?, options))
}

#[test]
fn one_that_is_stopped_in_its_tracks_is_given_up() {
    let Some((server, port)) = first(&[]) else { return };
    let folder = TempDir::new().expect("a folder");
    let signal = |name: &str| {
        let sent = Command::new("kill").arg(name).arg(server.process().to_string()).status().expect("kill runs");
        assert!(sent.success());
    };
    signal("-STOP");
    let started = Instant::now();
    let address = format!("host=127.0.0.1 port={port} user=postgres password=s3cret dbname=postgres");
    let hung = probe(&folder, &address, &["--timeout", "2"]);
    let took = started.elapsed();
    signal("-CONT");
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert!(refusal(&hung).contains("no answer within 2 s"));
}

#[test]
fn a_slow_one_is_waited_for_within_the_bound() {
    let Some((_server, port)) = first(&[]) else { return };
    let slow = TcpListener::bind("127.0.0.1:0").expect("a port");
    let through = slow.local_addr().expect("an address").port();
    // each answer comes 150 ms late
    std::thread::spawn(move || {
        for client in slow.incoming() {
            let Ok(mut client) = client else { continue };
            let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
            let (Ok(mut from_client), Ok(mut to_server)) = (client.try_clone(), server.try_clone()) else { continue };
            std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
            std::thread::spawn(move || {
                let mut buffer = [0; 65536];
                while let Ok(read) = server.read(&mut buffer)
                    && read > 0
                {
                    std::thread::sleep(Duration::from_millis(150));
                    if client.write_all(&buffer[..read]).is_err() {
                        break;
                    }
                }
            });
        }
    });
    let folder = TempDir::new().expect("a folder");
    let address = format!("host=127.0.0.1 port={through} user=postgres dbname=postgres");
    let done = probe(&folder, &address, &["--save", "slow.json"]);
    assert!(done.status.code() < Some(2), "{}", String::from_utf8_lossy(&done.stderr));
    let saved = std::fs::read_to_string(folder.path().join("slow.json")).expect("it is saved");
    assert!(saved.contains("\"connection_limit\""));
    assert!(refusal(&probe(&folder, &address, &["--timeout", "1"])).contains("no answer within 1 s"));
}

#[test]
fn one_that_is_full_or_wants_another_password_says_so() {
    let Some((server, port)) = first(&["-c", "max_connections=4", "-c", "superuser_reserved_connections=1"]) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let mut client = server.connect().expect("a connection");
    for statement in
        ["CREATE ROLE app LOGIN", "CREATE DATABASE closed", "REVOKE CONNECT ON DATABASE closed FROM PUBLIC"]
    {
        client.batch_execute(statement).expect("it is done");
    }
    let hba = "host all app 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\nlocal all all trust\n";
    std::fs::write(server.socket().join("data/pg_hba.conf"), hba).expect("the file is there");
    client
        .batch_execute(
            "SET password_encryption = 'scram-sha-256'; ALTER ROLE app PASSWORD 'right'; SELECT pg_reload_conf()",
        )
        .expect("it is read");
    std::thread::sleep(Duration::from_millis(300));
    let address = |rest: &str| format!("host=127.0.0.1 port={port} user=app {rest}");
    let wrong = refusal(&probe(&folder, &address("password=s3cret dbname=postgres"), &[]));
    assert!(wrong.contains("password authentication failed"), "{wrong}");
    let none = refusal(&probe(&folder, &address("dbname=postgres"), &[]));
    assert!(none.contains("password missing"), "{none}");
    let closed = refusal(&probe(&folder, &address("password=right dbname=closed"), &[]));
    assert!(closed.contains("permission denied for database"), "{closed}");
    let absent = refusal(&probe(&folder, &address("password=right dbname=absent"), &[]));
    assert!(absent.contains("database \"absent\" does not exist"), "{absent}");
    let done = probe(&folder, &address("password=right dbname=postgres"), &[]);
    assert!(done.status.code() < Some(2), "{}", String::from_utf8_lossy(&done.stderr));
    // the three that ordinary roles may open are taken
    let _taken: Vec<_> = (0..3).filter_map(|_| server.connect().ok()).collect();
    let full = refusal(&probe(&folder, &address("password=right dbname=postgres"), &[]));
    assert!(full.contains("remaining connection slots are reserved") || full.contains("too many clients"), "{full}");
}

#[test]
fn one_that_does_not_know_the_role_says_so_and_a_weak_role_sees_less() {
    for (major, server) in servers() {
        let folder = TempDir::new().expect("a folder");
        let said =
            refusal(&probe(&folder, &format!("host={} user=nobody dbname=postgres", server.socket().display()), &[]));
        assert!(said.contains("role \"nobody\" does not exist"), "Postgres {major}: {said}");
        let mut client = server.connect().expect("a connection");
        client
            .batch_execute("CREATE ROLE weak LOGIN; CREATE ROLE watcher LOGIN; GRANT pg_monitor TO watcher")
            .expect("roles");
        let of = |role: &str| format!("host={} user={role} dbname=postgres", server.socket().display());
        let done = probe(&folder, &of("weak"), &[]);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(said.contains("the role is no member of pg_monitor"), "Postgres {major}: {said}");
        assert!(done.status.code() < Some(2), "{said}");
        // pg_monitor is enough to see all that is looked at by default, files excepted
        let (watcher, superuser) = (
            probe(&folder, &of("watcher"), &["--save", "w.json"]),
            probe(&folder, &dsn(&server), &["--save", "s.json"]),
        );
        assert_eq!(String::from_utf8_lossy(&watcher.stderr), "", "Postgres {major}");
        assert_eq!(super::rules(&watcher), super::rules(&superuser), "Postgres {major}");
        let saved = |name: &str| {
            let text = std::fs::read_to_string(folder.path().join(name)).expect("it is saved");
            serde_json::from_str::<serde_json::Value>(&text).expect("JSON")
        };
        let (watched, whole) = (saved("w.json"), saved("s.json"));
        assert_eq!(watched["settings"], whole["settings"], "Postgres {major}");
        let figures =
            |of: &serde_json::Value| of["figures"].as_object().expect("figures").keys().cloned().collect::<Vec<_>>();
        let missing: Vec<String> =
            figures(&whole).into_iter().filter(|name| !figures(&watched).contains(name)).collect();
        assert_eq!(missing, ["refused_settings"], "Postgres {major}");
        assert_eq!(left(&mut client), 0, "Postgres {major}");
    }
}
