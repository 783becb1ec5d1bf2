//! `trueup tune` on running servers: it reacts to what is planted and to nothing else, asks for nothing that the server
//! refuses, and is undone; and on snapshots, which any server may say anything in.
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
use std::thread::sleep;
use std::time::Duration;

use postgres::Client;
use postgres_server::Server;
use serde_json::{Value, json};
use statements::{run, state};

/// The machine that the servers are tuned for.
const MACHINE: [&str; 4] = ["--memory", "4GB", "--cpus", "2"];

/// What `postgresql.conf` says of the servers under test: autovacuum leaves alone what is planted.
const SETTINGS: &str = "\nautovacuum_naptime = 1h\nmax_connections = 20\nmin_wal_size = 32MB\n";

fn start(bin: &Path) -> Server {
    let settings = |folder: &Path| {
        let file = folder.join("data/postgresql.conf");
        fs::write(&file, fs::read_to_string(&file)? + SETTINGS)?;
        Ok(vec![file])
    };
    Server::start_on(bin, 5432, &["-c", "listen_addresses="], settings)
        .unwrap_or_else(|error| panic!("{} does not start: {error}", bin.display()))
}

/// A running server that is planted in.
struct Planted {
    server: Server,
    client: Client,
    major: i32,
}

impl Planted {
    fn on(bin: &Path) -> Planted {
        let server = start(bin);
        let mut client = server.connect().expect("a session");
        let version = "SELECT current_setting('server_version_num')::int / 10000";
        let major = client.query_one(version, &[]).expect("a version").get(0);
        Planted { server, client, major }
    }

    fn all(&mut self, statements: &[&str]) {
        for statement in statements {
            self.client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
    }

    fn number(&mut self, query: &str) -> i64 {
        self.client.query_one(query, &[]).unwrap_or_else(|error| panic!("{query}: {error}")).get(0)
    }

    /// What a session did is told of at most once in a second; then its figures begin anew.
    fn forget(&mut self) {
        sleep(Duration::from_millis(1200));
        self.all(&["SELECT pg_stat_reset()", "SELECT pg_stat_reset_shared('bgwriter')"]);
        if self.major >= 14 {
            self.all(&["SELECT pg_stat_reset_shared('wal')"]);
        }
        if self.major >= 17 {
            self.all(&["SELECT pg_stat_reset_shared('checkpointer')"]);
        }
    }

    fn tune(&self, arguments: &[&str]) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let dsn = format!("host={} user=postgres dbname=postgres", self.server.socket().display());
        let (code, out, err) =
            program::run(folder.path(), "tune", &[&["--dsn", &dsn], &MACHINE[..], arguments].concat());
        assert_eq!((code, err.as_str()), (0, ""), "Postgres {}: {out}", self.major);
        out
    }

    /// The plan, once the server has told of what was done.
    fn plan(&mut self) -> Value {
        sleep(Duration::from_millis(1200));
        self.all(&["SELECT 1"]);
        sleep(Duration::from_millis(700));
        serde_json::from_str(&self.tune(&["--format", "json"])).expect("JSON")
    }

    /// What the plan reacts to, in its order.
    fn seen(&mut self) -> (Vec<String>, Value) {
        let plan = self.plan();
        let names = |list: &str| -> Vec<String> {
            let all = plan[list].as_array().unwrap_or_else(|| panic!("{list}: {plan}"));
            all.iter().map(|one| one["name"].as_str().expect("a name").to_owned()).collect()
        };
        ([names("seen"), names("tables")].concat(), plan)
    }
}

fn setting<'p>(plan: &'p Value, name: &str) -> &'p str {
    let all = plan["settings"].as_array().expect("settings");
    let one = all.iter().find(|setting| setting["parameter"] == name);
    one.and_then(|one| one["value"].as_str()).unwrap_or_else(|| panic!("{name}: {plan}"))
}

/// In kB.
fn size(text: &str) -> i64 {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "kB" => 1,
        "MB" => 1 << 10,
        "GB" => 1 << 20,
        other => panic!("{text}: what is {other}?"),
    };
    digits.parse::<i64>().expect("a number") * unit
}

fn evidence_of(bin: &Path) {
    let mut planted = Planted::on(bin);
    let major = planted.major;
    planted.forget();
    let (seen, before) = planted.seen();
    assert_eq!(seen, [""; 0], "Postgres {major}: nothing is planted");

    // checkpoints that the log asks for
    planted.all(&["ALTER SYSTEM SET max_wal_size = '32MB'", "SELECT pg_reload_conf()"]);
    sleep(Duration::from_millis(300));
    let requested = match major {
        17.. => "SELECT num_requested FROM pg_stat_checkpointer",
        _ => "SELECT checkpoints_req FROM pg_stat_bgwriter",
    };
    for _ in 0..80 {
        planted.all(&["SELECT pg_logical_emit_message(false, 'x', repeat('x', 17000000)), pg_sleep(0.05)"]);
        if planted.number(requested) >= 12 {
            break;
        }
    }
    let (seen, plan) = planted.seen();
    assert_eq!(seen, ["requested checkpoints"], "Postgres {major}");
    assert!(size(setting(&plan, "max_wal_size")) >= 2 * size(setting(&before, "max_wal_size")), "{plan}");
    planted.all(&["ALTER SYSTEM RESET max_wal_size", "SELECT pg_reload_conf()"]);

    // sorts that do not fit
    planted.forget();
    for _ in 0..12 {
        planted.all(&["SET work_mem = '64kB'; SELECT count(*) FROM (SELECT g FROM generate_series(1, 200000) g ORDER BY g % 1000) s"]);
    }
    let (seen, plan) = planted.seen();
    assert_eq!(seen, ["temporary files"], "Postgres {major}");
    assert_eq!(plan["seen"][0]["parameter"], "work_mem", "{plan}");

    // more data than the cache holds, read again and again
    planted.all(&[
        "RESET work_mem",
        "CREATE TABLE wide (id int, v text)",
        "ALTER TABLE wide ALTER v SET STORAGE PLAIN",
        "INSERT INTO wide SELECT g, repeat('x', 5000) FROM generate_series(1, 25000) g",
    ]);
    planted.forget();
    for _ in 0..12 {
        planted.all(&["SELECT count(*) FROM wide"]);
    }
    let (seen, plan) = planted.seen();
    assert_eq!(seen, ["reads past the cache"], "Postgres {major}");
    assert!(size(setting(&plan, "shared_buffers")) >= size(setting(&before, "shared_buffers")), "{plan}");
    planted.all(&["DROP TABLE wide"]);

    // connections that do nothing
    planted.forget();
    let idle: Vec<Client> = (0..11).map(|_| planted.server.connect().expect("a session")).collect();
    sleep(Duration::from_secs(62));
    let (seen, _) = planted.seen();
    assert_eq!(seen, ["idle connections"], "Postgres {major}");
    drop(idle);

    // a large table that vacuum is behind with
    planted.all(&[
        "CREATE TABLE \"Large one\" (id int) WITH (autovacuum_vacuum_threshold = 77)",
        "INSERT INTO \"Large one\" SELECT generate_series(1, 1000000)",
        "VACUUM ANALYZE \"Large one\"",
    ]);
    planted.forget();
    planted.all(&["UPDATE \"Large one\" SET id = id WHERE id > 500000"]);
    let (seen, plan) = planted.seen();
    assert_eq!(seen, ["Large one"], "Postgres {major}");
    let options = plan["tables"][0]["options"].as_array().expect("options");
    assert_eq!(options[0]["name"], "autovacuum_vacuum_scale_factor", "{options:?}");

    // the script is taken, changes nothing a second time, and is undone
    planted.all(&["ALTER SYSTEM SET work_mem = '7MB'", "SELECT pg_reload_conf()"]);
    let options = "SELECT coalesce(string_agg(one, ',' ORDER BY one), '') FROM pg_class LEFT JOIN unnest(reloptions) one ON true \
                   WHERE relname = 'Large one'";
    let of_table = |planted: &mut Planted| -> String { planted.client.query_one(options, &[]).expect("a row").get(0) };
    let (was, own) = (state(&mut planted.client), of_table(&mut planted));
    let (script, undo) = (planted.tune(&[]), planted.tune(&["--format", "sql", "--undo"]));
    run(&mut planted.client, &script);
    assert_eq!(
        of_table(&mut planted),
        "autovacuum_vacuum_scale_factor=0.02,autovacuum_vacuum_threshold=1000",
        "Postgres {major}: {script}"
    );
    let tuned = state(&mut planted.client);
    assert_ne!(was, tuned);
    let again = planted.tune(&[]);
    assert!(!again.contains("ALTER "), "Postgres {major}: a second time there is\n{again}");
    run(&mut planted.client, &undo);
    assert_eq!(was, state(&mut planted.client), "Postgres {major}: {undo}");
    assert_eq!(own, of_table(&mut planted), "Postgres {major}: {undo}");
}

#[test]
fn a_plan_reacts_to_what_is_planted_and_is_undone() {
    postgres_server::at_each(evidence_of);
}

#[test]
fn files_are_patched_by_what_their_server_shows() {
    let Some(bin) = postgres_server::installed().into_iter().last() else {
        println!("no Postgres server is installed: nothing was asked");
        return;
    };
    let mut planted = Planted::on(&bin);
    for _ in 0..12 {
        planted.all(&["SET work_mem = '64kB'; SELECT count(*) FROM (SELECT g FROM generate_series(1, 200000) g ORDER BY g % 1000) s"]);
    }
    sleep(Duration::from_millis(1200));
    planted.all(&["SELECT 1"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = "# ours\nwork_mem = 4MB   # as ever\nmax_connections = 20\n";
    fs::write(folder.path().join("postgresql.conf"), file).expect("written");
    let dsn = format!("host={} user=postgres dbname=postgres", planted.server.socket().display());
    let arguments = [&["postgresql.conf", "--dsn", &dsn], &MACHINE[..]].concat();
    let (code, out, err) = program::run(folder.path(), "tune", &arguments);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("-work_mem = 4MB   # as ever") && out.contains("+work_mem = "), "{out}");
    let one_line = err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line.contains("seen: temporary files: ") && one_line.contains(": work_mem = "), "{err}");
    assert!(one_line.contains("for what it takes and shows"), "{err}");
    let (code, _, err) = program::run(folder.path(), "tune", &[&arguments[..], &["--pg-version", "12"]].concat());
    assert!(code == 2 && err.contains("leave it out: the server is asked"), "{err}");
    let (code, _, err) = program::run(folder.path(), "tune", &[&arguments[..], &["--fix"]].concat());
    assert_eq!(code, 0, "{err}");
    let (_, again, err) = program::run(folder.path(), "tune", &arguments);
    assert_eq!(again, "", "{err}");
    // the statements are for the server, whatever its files say
    let (_, script, _) = program::run(folder.path(), "tune", &[&arguments[..], &["--format", "sql"]].concat());
    assert!(script.contains("ALTER SYSTEM SET work_mem = ") && script.contains("was 4MB, by default"), "{script}");
}

/// A snapshot with what a test changes of it.
fn snapshot(change: impl FnOnce(&mut Value)) -> Value {
    let mut whole = json!({
        "trueup-probe": 1,
        "server": {
            "name": "db:5432/shop", "version": "17.10", "database": "shop",
            "build": "PostgreSQL 17.10 on x86_64-pc-linux-gnu", "standby": false,
        },
        "settings": { "max_connections": "100" },
        "sources": { "max_connections": "/etc/postgresql.conf:9" },
        "limits": {}, "absent": [], "overridden": {}, "roles": [],
        "figures": { "connections": 5, "connection_limit": 97, "idle_connections": 0, "commits": 100000, "temp_files": 0,
            "temp_bytes": 0, "blocks_hit": 1000000, "blocks_read": 1000, "database_bytes": 100000000,
            "checkpoints_timed": 900, "checkpoints_requested": 3, "wal_bytes": 1000000, "wal_seconds": 100000 },
        "tables": [],
    });
    change(&mut whole);
    whole
}

fn said(snapshot: &Value, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("db.probe.json"), snapshot.to_string()).expect("written");
    let (code, out, err) = program::run(folder.path(), "tune", &[&["db.probe.json"], &MACHINE[..], arguments].concat());
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    out
}

fn plan_of(snapshot: &Value) -> Value {
    serde_json::from_str(&said(snapshot, &["--format", "json"])).expect("JSON")
}

fn names(plan: &Value) -> Vec<&str> {
    plan["seen"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect()
}

#[test]
fn nothing_is_asked_for_that_the_server_refuses() {
    let plan = plan_of(&snapshot(|whole| {
        whole["limits"] = json!({
            "work_mem": { "max": "1024" },
            "random_page_cost": { "min": "2" },
            "wal_compression": { "words": "pglz,off" },
        });
        whole["absent"] = json!(["client_connection_check_interval"]);
        whole["overridden"] = json!({ "jit": "database", "max_wal_size": "user" });
        whole["settings"]["max_wal_size"] = json!("1GB");
    }));
    let settings = plan["settings"].as_array().expect("settings");
    let warnings = plan["warnings"].to_string();
    for left_out in
        ["work_mem", "random_page_cost", "wal_compression", "client_connection_check_interval", "max_wal_size"]
    {
        assert!(settings.iter().all(|setting| setting["parameter"] != left_out), "{left_out}: {plan}");
        assert!(warnings.contains(&format!("{left_out} = ")), "{warnings}");
    }
    assert!(warnings.contains("takes no more than 1024") && warnings.contains("the user that was asked through"));
    // a system on which the server takes no reading ahead, and no check of clients
    let plan = plan_of(&snapshot(|whole| {
        whole["server"]["build"] = json!("PostgreSQL 17.1, compiled by Visual C++ build 1941, 64-bit");
    }));
    for parameter in ["effective_io_concurrency", "client_connection_check_interval"] {
        assert!(!plan["settings"].to_string().contains(&format!("\"{parameter}\"")), "{plan}");
    }
}

#[test]
fn what_the_memory_does_not_hold_is_told_of() {
    let sorts = |bytes: i64| {
        snapshot(|whole| {
            whole["figures"]["temp_files"] = json!(1000);
            whole["figures"]["temp_bytes"] = json!(bytes * 1000);
        })
    };
    let fits = plan_of(&sorts(2_000_000));
    assert_eq!(names(&fits), ["temporary files"]);
    let beyond = plan_of(&sorts(500_000_000));
    assert_eq!(names(&beyond), ["temporary files", "temporary files beyond the memory"]);
    let (sum, limit) = (beyond["budget"]["sum"].as_i64(), beyond["budget"]["limit"].as_i64());
    assert!(sum.is_some() && sum <= limit, "{beyond}");
    // as many files in ten times as many transactions are no reason
    let rare = snapshot(|whole| {
        whole["figures"]["temp_files"] = json!(90);
        whole["figures"]["temp_bytes"] = json!(90_000_000);
    });
    assert_eq!(names(&plan_of(&rare)), [""; 0]);
}

#[test]
fn what_answered_earlier_evidence_stays() {
    let has = |buffers: &str| {
        let plan = plan_of(&snapshot(|whole| {
            whole["settings"]["shared_buffers"] = json!(buffers);
            whole["settings"]["max_wal_size"] = json!("40GB");
        }));
        assert_eq!(setting(&plan, "max_wal_size"), "40GB", "{plan}");
        setting(&plan, "shared_buffers").to_owned()
    };
    assert_eq!(has("1500MB"), "1500MB");
    assert_eq!(has("3GB"), "1GB", "more than two fifths of 4 GB do not stay");
    assert_eq!(has("128MB"), "1GB");
}

#[test]
fn an_undo_script_knows_what_waits_and_what_is_hidden() {
    let snapshot = snapshot(|whole| {
        whole["waiting"] = json!({ "shared_buffers": "2GB", "max_worker_processes": "8" });
        whole["settings"]["work_mem"] = json!("7MB");
        whole["sources"]["work_mem"] = json!("configuration file"); // a role without pg_monitor does not see which
    });
    let undo = said(&snapshot, &["--format", "sql", "--undo"]);
    assert!(undo.contains("ALTER SYSTEM SET shared_buffers = '2GB';\n"), "{undo}");
    assert!(undo.contains("ALTER SYSTEM SET work_mem = '7MB';\n"), "{undo}");
    assert!(undo.contains("ALTER SYSTEM RESET random_page_cost;\n"), "{undo}");
}

#[test]
fn a_standby_keeps_what_its_primary_needs() {
    let plan = plan_of(&snapshot(|whole| {
        whole["server"]["standby"] = json!(true);
        whole["settings"]["max_worker_processes"] = json!("24");
        whole["settings"]["max_connections"] = json!("60");
    }));
    assert_eq!(names(&plan), ["a standby"]);
    assert_eq!(setting(&plan, "max_worker_processes"), "24");
}

#[test]
fn names_of_tables_are_names_and_nothing_else() {
    let behind = |name: &str| {
        json!({ "schema": "public", "name": name, "rows": 20_000_000, "dead": 9_000_000, "trigger": 4_000_050,
                "autovacuum_vacuum_threshold": "50; DROP TABLE x", "autovacuum_vacuum_scale_factor": "0.3" })
    };
    let snapshot = snapshot(|whole| {
        whole["tables"] = json!([behind("x\" SET (a=1); DROP TABLE y; --"), behind("line\nDROP TABLE z"), behind("t")]);
    });
    let (script, undo) = (said(&snapshot, &[]), said(&snapshot, &["--format", "sql", "--undo"]));
    assert!(
        script.contains("ALTER TABLE \"public\".\"x\"\" SET (a=1); DROP TABLE y; --\" SET (autovacuum"),
        "{script}"
    );
    assert!(
        script.contains(
            "ALTER TABLE \"public\".\"t\" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000); -- "
        ),
        "{script}"
    );
    assert!(!script.contains("DROP TABLE z") && !undo.contains("DROP TABLE x"), "{script}{undo}");
    assert!(undo.contains("ALTER TABLE \"public\".\"t\" SET (autovacuum_vacuum_scale_factor = 0.3);\n"), "{undo}");
    assert!(undo.contains("ALTER TABLE \"public\".\"t\" RESET (autovacuum_vacuum_threshold);\n"), "{undo}");
    let explained = said(&snapshot, &["--explain"]);
    assert!(explained.contains("Seen on the server") && explained.contains("table.rows 20000000"), "{explained}");
    assert!(explained.lines().all(|line| line.chars().count() <= 80 || line.contains("https://")), "{explained}");
}

#[test]
fn a_server_that_cannot_be_asked_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let dsn = format!("host={} user=postgres password=s3cr3t-canary", folder.path().display());
    let (code, out, err) = program::run(folder.path(), "tune", &[&["--dsn", &dsn], &MACHINE[..]].concat());
    assert!(code == 2 && out.is_empty() && !err.is_empty() && !err.contains("s3cr3t"), "{err}");
}
