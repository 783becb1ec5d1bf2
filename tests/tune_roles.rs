//! `trueup tune` and the roles of a server: which of them get limits, that a second run asks for nothing, and that all is
//! undone; on running servers of every version, and on snapshots.
#![cfg(feature = "probe")]

#[path = "support/postgres_server.rs"]
#[allow(dead_code)] // other tests use the rest of it
mod postgres_server;
#[path = "support/program.rs"]
mod program;
#[path = "support/statements.rs"]
mod statements;

use std::fs;
use std::path::Path;

use postgres::{Client, NoTls};
use postgres_server::Server;
use serde_json::{Value, json};
use statements::run;

const MACHINE: [&str; 6] = ["--memory", "4GB", "--cpus", "2", "--workload", "oltp"];

/// Every role and database, and what is set for their sessions, in the order in which it is kept.
fn of_sessions(client: &mut Client) -> Vec<String> {
    let query = "SELECT setdatabase || ' ' || setrole || ' ' || setconfig::text FROM pg_db_role_setting \
                 UNION ALL SELECT rolname || ' ' || coalesce(rolconfig::text, 'nothing') FROM pg_roles ORDER BY 1";
    client.query(query, &[]).expect("rows").iter().map(|row| row.get(0)).collect()
}

fn session(server: &Server, user: &str, application: &str) -> Client {
    Client::configure()
        .host_path(server.socket())
        .user(user)
        .dbname("postgres")
        .application_name(application)
        .connect(NoTls)
        .unwrap_or_else(|error| panic!("{user}: {error}"))
}

fn roles_of(bin: &Path) {
    let options = ["-c", "listen_addresses=", "-c", "shared_preload_libraries=pg_stat_statements"];
    let server = Server::start_on(bin, 5432, &options, |_| Ok(Vec::new()));
    let server = server.unwrap_or_else(|error| panic!("{} does not start: {error}", bin.display()));
    let mut client = server.connect().expect("a session");
    let planted = [
        "CREATE EXTENSION pg_stat_statements",
        "CREATE DATABASE \"other one\"",
        "CREATE ROLE \"App \"\"1\"\"\" LOGIN",
        "ALTER ROLE \"App \"\"1\"\"\" SET work_mem = '8MB'",
        "ALTER ROLE \"App \"\"1\"\"\" IN DATABASE \"other one\" SET work_mem = '9MB'",
        "CREATE ROLE slow LOGIN",
        "CREATE ROLE bounded LOGIN",
        "ALTER ROLE bounded SET statement_timeout = '5s'",
        "CREATE ROLE elsewhere LOGIN",
        "ALTER ROLE elsewhere IN DATABASE \"other one\" SET statement_timeout = 0",
        "ALTER ROLE elsewhere IN DATABASE \"other one\" SET lock_timeout = '3s'",
        "CREATE ROLE owner LOGIN",
        "CREATE TABLE owned (id int)",
        "ALTER TABLE owned OWNER TO owner",
        "CREATE ROLE migrations NOLOGIN",
        "CREATE ROLE heir LOGIN IN ROLE owner",
        "CREATE ROLE copies LOGIN REPLICATION",
        "CREATE ROLE passes LOGIN BYPASSRLS",
        "CREATE ROLE watches LOGIN IN ROLE pg_monitor",
        "CREATE ROLE reporting LOGIN",
        "CREATE ROLE person LOGIN",
        "CREATE ROLE single LOGIN",
        "CREATE ROLE unused LOGIN",
        "CREATE ROLE root LOGIN SUPERUSER",
        "CREATE ROLE asker LOGIN IN ROLE pg_monitor",
    ];
    for statement in planted {
        client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let app = "App \"1\"";
    let all =
        [app, "slow", "bounded", "elsewhere", "owner", "heir", "copies", "passes", "watches", "reporting", "root"];
    let mut open: Vec<Client> =
        all.iter().flat_map(|user| [session(&server, user, "shop"), session(&server, user, "shop")]).collect();
    open.extend([
        session(&server, "person", "psql"),
        session(&server, "person", "psql"),
        session(&server, "single", "shop"),
    ]);
    let mut slow = session(&server, "slow", "shop");
    slow.batch_execute("SELECT pg_sleep(31.2)").expect("slept");

    let dsn = format!("host={} user=postgres dbname=postgres", server.socket().display());
    let folder = tempfile::tempdir().expect("a folder");
    let tune = |arguments: &[&str]| {
        let (code, out, err) =
            program::run(folder.path(), "tune", &[&["--dsn", &dsn], &MACHINE[..], arguments].concat());
        assert_eq!((code, err.as_str()), (0, ""), "{}: {out}", bin.display());
        out
    };
    let statements = |script: &str| -> Vec<String> {
        let lines = script.lines().filter(|line| line.starts_with("ALTER ROLE"));
        lines.map(|line| line.split(" -- ").next().unwrap_or(line).to_owned()).collect()
    };
    let (before, script, undo) = (of_sessions(&mut client), tune(&[]), tune(&["--format", "sql", "--undo"]));
    assert_eq!(
        statements(&script),
        [
            "ALTER ROLE \"App \"\"1\"\"\" SET statement_timeout = '1min';",
            "ALTER ROLE \"App \"\"1\"\"\" SET lock_timeout = '10s';",
            "ALTER ROLE \"slow\" SET statement_timeout = '64s';",
            "ALTER ROLE \"slow\" SET lock_timeout = '32s';",
        ],
        "{}: {script}",
        bin.display()
    );
    assert!(script.contains("-- programs that own what they use: owner: owns 1 objects"), "{script}");
    run(&mut client, &script);
    let shown: String = session(&server, app, "shop").query_one("SHOW statement_timeout", &[]).expect("a row").get(0);
    assert_eq!(shown, "1min", "{}", bin.display());
    assert_ne!(before, of_sessions(&mut client));
    let again = tune(&[]);
    assert!(!again.contains("ALTER "), "{}: a second time there is\n{again}", bin.display());
    run(&mut client, &undo);
    assert_eq!(before, of_sessions(&mut client), "{}: {undo}", bin.display());

    // what is named is bounded whoever it is, unless something bounds it
    let named = tune(&["--role", "root", "--role", "postgres", "--role", "bounded", "--role", "elsewhere"]);
    let named = statements(&named);
    for role in ["root", "postgres"] {
        assert!(named.contains(&format!("ALTER ROLE \"{role}\" SET lock_timeout = '10s';")), "{named:?}");
    }
    assert!(named.iter().all(|one| !one.contains("bounded") && !one.contains("elsewhere")), "{named:?}");
    let (code, _, err) =
        program::run(folder.path(), "tune", &[&["--dsn", &dsn], &MACHINE[..], &["--role", "rot"]].concat());
    assert!(code == 2 && err.contains("no role `rot` that may log in; did you mean `root`?"), "{err}");
    // reports are what a server for analytics is there for
    let mixed = [&["--dsn", &dsn], &MACHINE[..4]].concat();
    let (_, out, _) = program::run(folder.path(), "tune", &mixed);
    assert_eq!(statements(&out), [""; 0], "{out}");
    // a server that has no limit on purpose
    for statement in
        ["ALTER SYSTEM SET idle_in_transaction_session_timeout = 0", "SELECT pg_reload_conf(), pg_sleep(0.5)"]
    {
        client.batch_execute(statement).expect("it is taken");
    }
    let (_, out, _) = program::run(folder.path(), "tune", &mixed);
    let ends = statements(&out);
    assert!(
        ends.contains(&"ALTER ROLE \"slow\" SET idle_in_transaction_session_timeout = '10min';".to_owned()),
        "{out}"
    );
    assert!(ends.iter().all(|one| one.contains("idle_in_transaction")), "{out}");
    drop(open);
}

#[test]
fn roles_of_programs_get_limits_and_are_given_back() {
    postgres_server::at_each(roles_of);
}

fn snapshot(change: impl FnOnce(&mut Value)) -> Value {
    let login = |role: &str| {
        json!({ "role": role, "superuser": false, "replication": false, "bypasses": false, "creates": false,
            "operates": false, "asked": false, "owns": 0, "sessions": 8, "tools": 0, "idle_in_transaction": 0, "running": 0 })
    };
    let mut whole = json!({
        "trueup-probe": 1,
        "server": {
            "name": "db:5432/shop", "version": "17.10", "database": "shop",
            "build": "PostgreSQL 17.10 on x86_64-pc-linux-gnu", "standby": false,
        },
        "settings": { "max_connections": "100" },
        "sources": { "max_connections": "/etc/postgresql.conf:9" },
        "limits": {}, "absent": [], "overridden": {}, "roles": [], "tables": [],
        "figures": { "connections": 5, "connection_limit": 97, "idle_connections": 0 },
        "logins": [login("shop")],
    });
    change(&mut whole);
    whole
}

fn plan(snapshot: &Value) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("db.probe.json"), snapshot.to_string()).expect("written");
    let arguments = [&["db.probe.json"], &MACHINE[..], &["--format", "json"]].concat();
    let (code, out, err) = program::run(folder.path(), "tune", &arguments);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let plan: Value = serde_json::from_str(&out).expect("JSON");
    let list = |name: &str| plan[name].as_array().cloned().unwrap_or_else(|| panic!("{name}: {out}"));
    let set =
        |one: &Value| format!("{} {}", one["parameter"].as_str().unwrap_or(""), one["value"].as_str().unwrap_or(""));
    let name = |one: &Value| one["name"].as_str().unwrap_or("").to_owned();
    (list("roles").iter().map(set).collect(), list("seen").iter().map(name).collect())
}

#[test]
fn only_what_is_certain_is_bounded() {
    let both = ["statement_timeout 1min", "lock_timeout 10s"].map(str::to_owned);
    assert_eq!(plan(&snapshot(|_| {})), (both.to_vec(), Vec::new()));
    let nothing = |change: &dyn Fn(&mut Value)| {
        let (roles, seen) = plan(&snapshot(|whole| change(whole)));
        assert_eq!(roles, [""; 0]);
        assert!(seen.iter().all(|name| name == "a standby"), "{seen:?}");
    };
    for (figure, value) in [
        ("superuser", json!(true)),
        ("replication", json!(true)),
        ("bypasses", json!(true)),
        ("creates", json!(true)),
        ("operates", json!(true)),
        ("asked", json!(true)),
        ("sessions", json!(1)),
        ("tools", json!(1)),
        ("role", json!("nightly_report")),
        ("role", json!("line\nbreak")),
    ] {
        nothing(&|whole| whole["logins"][0][figure] = value.clone());
    }
    // what is not told is not guessed
    for missing in ["superuser", "owns", "asked", "sessions", "running"] {
        nothing(&|whole| {
            whole["logins"][0].as_object_mut().expect("a role").remove(missing);
        });
    }
    nothing(&|whole| whole["logins"] = json!("no list"));
    nothing(&|whole| whole["server"]["standby"] = json!(true));
    nothing(&|whole| whole["settings"]["transaction_timeout"] = json!("1min"));
    nothing(&|whole| whole["overridden"] = json!({ "statement_timeout": "user", "lock_timeout": "user" }));
    for of in
        [json!({ "role": "shop" }), json!({ "role": "shop", "database": "x" }), json!({ "database": "x" }), json!({})]
    {
        let mut of = of;
        of["settings"] = json!({ "statement_timeout": "0", "lock_timeout": "0" });
        nothing(&|whole| whole["roles"] = json!([of]));
    }
    // few sessions, and many statements
    let (roles, _) = plan(&snapshot(|whole| {
        whole["logins"][0]["sessions"] = json!(0);
        whole["statements_of_logins"] = json!([{ "role": "shop", "calls": 20000, "slowest": 40 }]);
    }));
    assert_eq!(roles, ["statement_timeout 80s", "lock_timeout 40s"]);
    // a limit of its own leaves room for one on locks, or none
    for (own, expected) in [("20s", &["lock_timeout 10s"][..]), ("10s", &[])] {
        let (roles, _) = plan(&snapshot(|whole| {
            whole["roles"] = json!([{ "role": "shop", "settings": { "statement_timeout": own } }]);
        }));
        assert_eq!(roles, expected);
    }
    let (roles, seen) = plan(&snapshot(|whole| whole["logins"][0]["running"] = json!(151)));
    assert_eq!((roles, seen), (Vec::new(), vec!["statements that take long".to_owned()]));
}

#[test]
fn where_no_server_was_asked_it_is_told_what_to_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let compose = "services:\n  api:\n    image: shop/api:1\n    environment:\n      DATABASE_URL: postgresql://app@db:5432/shop\n  \
                   db:\n    image: postgres:17\n    mem_limit: 2g\n    cpus: 2\n";
    fs::write(folder.path().join("compose.yml"), compose).expect("written");
    let notes = |arguments: &[&str]| {
        let (code, out, err) = program::run(folder.path(), "tune", &[arguments, &["--format", "json"]].concat());
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<Value>(&out).expect("JSON")["notes"].clone()
    };
    let said = notes(&[".", "--workload", "web"]);
    let said = said[0].as_str().unwrap_or_else(|| panic!("{said}"));
    for statement in ["SET statement_timeout = '30s';", "SET lock_timeout = '10s';"] {
        assert!(said.contains(&format!("ALTER ROLE \"app\" {statement}")), "{said}");
    }
    assert_eq!(notes(&["."]), json!([]));
    let (_, _, err) = program::run(folder.path(), "tune", &[".", "--workload", "oltp", "--fix"]);
    assert!(err.contains("note: Roles are not seen here"), "{err}");
    assert!(!fs::read_to_string(folder.path().join("compose.yml")).expect("a file").contains("statement_timeout"));
    let (code, _, err) = program::run(folder.path(), "tune", &[".", "--role", "app"]);
    assert!(code == 2 && err.contains("no server was asked for the role `app`"), "{err}");
}
