//! What is said of statements that set parameters, held against the servers that run them: every parameter for a role and
//! for a connection, and every statement of the fixtures. Without a server the test says so and passes.

#[path = "support/postgres_server.rs"]
#[allow(dead_code)]
mod postgres_server;

use std::collections::BTreeSet;
use std::path::Path;

use postgres_server::Server;
use trueup::analysis::{Input, Outcome, analyse};
use trueup::model::Name;
use trueup::quantity::postgres::parameters;
use trueup::syntax::{Format, NodeKind, parse};
use trueup::workspace::Shipped;

fn servers() -> Vec<(u16, Server)> {
    let found: Vec<(u16, Server)> = postgres_server::installed()
        .iter()
        .map(|bin| {
            let server = Server::start(bin).expect("the server starts");
            let mut client = server.connect().expect("a session");
            let version = "SELECT current_setting('server_version_num')::int / 10000";
            let major: i32 = client.query_one(version, &[]).expect("a version").get(0);
            (major as u16, server)
        })
        .collect();
    if found.is_empty() {
        println!("skipped: there is no Postgres server");
    }
    found
}

/// The rules found in a file, with the lines.
fn found(text: &str, major: u16) -> Vec<(String, usize)> {
    let line = |at: u32| text[..at as usize].matches('\n').count() + 1;
    let findings = outcome(vec![("x.sql".into(), text.into())], major).findings;
    findings.iter().map(|finding| (finding.rule.to_string(), line(finding.primary.start))).collect()
}

/// What is said of files that concern a server of this version.
fn outcome(files: Vec<(String, String)>, major: u16) -> Outcome {
    let shipped = Shipped::new();
    let versions: [(Name, Name); 1] = [("postgresql".into(), major.to_string().into())];
    let known = trueup::analysis::Known { versions: &versions, ..shipped.known() };
    analyse(known, files.into_iter().map(|(path, text)| Input { path: path.into(), bytes: text.into() }).collect())
}

#[test]
fn a_role_may_set_what_the_server_lets_it() {
    let mut asked = 0;
    for (major, server) in servers() {
        let mut client = server.connect().expect("a session");
        client.batch_execute("CREATE ROLE app").expect("a role");
        let rows = client.query("SELECT name, setting FROM pg_settings WHERE name !~ '[.]' ORDER BY name", &[]);
        let mut statements = Vec::new();
        for row in rows.expect("settings") {
            let (name, value): (String, String) = (row.get(0), row.get(1));
            // what sessions have of their own is no setting to keep
            if parameters().find(&name, major).is_none() || ["role", "session_authorization"].contains(&name.as_str()) {
                continue;
            }
            let value = value.replace(['\n', '\r'], " ").replace('\'', "''");
            statements.push(format!("ALTER ROLE app SET {name} = '{value}'"));
        }
        let said = found(&(statements.join(";\n") + ";\n"), major);
        for (line, statement) in (1..).zip(&statements) {
            let taken = client.batch_execute(statement);
            let refused = said.iter().any(|(rule, at)| *at == line && rule == "setting-rejected");
            // some values cannot be set at all, whatever the statement
            let of_context = taken.as_ref().err().and_then(|error| error.as_db_error()).is_some_and(|error| {
                ["cannot be changed", "cannot be set"].iter().any(|words| error.message().contains(words))
            });
            assert_eq!(refused, of_context, "Postgres {major}: {statement}: {taken:?}");
            asked += 1;
        }
    }
    println!("{asked} parameters asked");
}

/// What a session may set as it begins and later, asked of the server: every parameter.
#[test]
fn a_session_may_set_what_the_server_lets_it() {
    let mut asked = 0;
    for (major, server) in servers() {
        let mut client = server.connect().expect("a session");
        let query =
            "SELECT name, setting FROM pg_settings WHERE name !~ '[.]' AND setting ~ '^[a-z0-9]+$' ORDER BY name";
        let mut settings: Vec<(String, String)> =
            client.query(query, &[]).expect("settings").iter().map(|row| (row.get(0), row.get(1))).collect();
        settings.retain(|(name, _)| {
            parameters().find(name, major).is_some() && !["role", "session_authorization"].contains(&name.as_str())
        });
        let of_context = |error: Option<postgres::Error>| {
            let message = error.as_ref().and_then(|error| error.as_db_error()).map(|error| error.message().to_owned());
            message.is_some_and(|it| ["cannot be changed", "cannot be set"].iter().any(|words| it.contains(words)))
        };
        let rejected = |files: Vec<(String, String)>| -> BTreeSet<String> {
            let outcome = outcome(files, major);
            let findings = outcome.findings.iter().filter(|finding| &*finding.rule == "setting-rejected");
            let name = |message: &str| message.split(" does not accept ").nth(1)?.split(' ').next().map(str::to_owned);
            findings.map(|finding| name(&finding.message).expect("a message with a name")).collect()
        };
        // a variable of the environment, and the connection that it makes
        let options: Vec<String> = settings.iter().map(|(name, value)| format!("-c {name}={value}")).collect();
        let file = |options: &String| (format!("{}/.env", &options[3..]), format!("PGOPTIONS={options}\n"));
        let said = rejected(options.iter().map(file).collect());
        for ((name, _), options) in settings.iter().zip(&options) {
            let mut config = postgres::Client::configure();
            config.host_path(server.socket()).port(5432).user("postgres").dbname("postgres").options(options);
            let refused = of_context(config.connect(postgres::NoTls).err());
            assert_eq!(said.contains(name), refused, "Postgres {major}: {options}");
        }
        // what SET is refused is said of names that are nobody else's only
        let statement = |name: &str, value: &str| format!("SET {name} = '{value}'");
        let script: String = settings.iter().map(|(name, value)| statement(name, value) + ";\n").collect();
        let said = rejected(vec![("x.sql".into(), script)]);
        assert!(said.len() > 30, "{said:?}");
        for (name, value) in settings.iter().filter(|(name, _)| said.contains(name)) {
            assert!(of_context(client.batch_execute(&statement(name, value)).err()), "Postgres {major}: {name}");
        }
        asked += settings.len();
    }
    println!("{asked} parameters asked");
}

/// Scripts as `psql` runs them: one statement after the other, each on its own.
#[test]
fn a_transaction_refuses_alter_system() {
    let scripts: [(&str, &[usize]); 4] = [
        ("BEGIN;\nALTER SYSTEM SET work_mem = '8MB';\nROLLBACK;\nALTER SYSTEM SET work_mem = '8MB';\n", &[2]),
        ("START TRANSACTION READ WRITE;\nSAVEPOINT a;\nROLLBACK TO a;\nALTER SYSTEM SET jit = off;\nABORT;\n", &[4]),
        ("BEGIN ISOLATION LEVEL SERIALIZABLE;\nCOMMIT AND CHAIN;\nALTER SYSTEM SET jit = off;\nEND;\n", &[3]),
        ("BEGIN WORK;\nEND WORK;\nALTER SYSTEM SET jit = off;\nROLLBACK;\nALTER SYSTEM SET jit = off;\n", &[]),
    ];
    for (major, server) in servers() {
        for (script, expected) in scripts {
            let mut client = server.connect().expect("a session");
            let refused: Vec<usize> = (1..)
                .zip(script.lines())
                .filter(|(_, statement)| {
                    let error = client.batch_execute(statement).err();
                    error.is_some_and(|error| error.code().is_some_and(|code| code.code() == "25001"))
                })
                .map(|(line, _)| line)
                .collect();
            let said: Vec<usize> = found(script, major)
                .into_iter()
                .filter(|(rule, _)| rule == "setting-rejected")
                .map(|(_, line)| line)
                .collect();
            assert_eq!(refused, expected, "Postgres {major}: {script}");
            assert_eq!(said, expected, "{script}");
        }
    }
}

/// What waits for a restart: what the server itself says after the reload.
#[test]
fn what_a_reload_does_not_bring_is_told_of() {
    let settings = [
        ("max_connections", "77"),
        ("shared_buffers", "20MB"),
        ("autovacuum_max_workers", "4"),
        ("work_mem", "9MB"),
        ("checkpoint_timeout", "7min"),
        ("max_wal_senders", "7"),
        ("track_activity_query_size", "2kB"),
    ];
    for (major, server) in servers() {
        let mut client = server.connect().expect("a session");
        let statements = settings.map(|(name, value)| format!("ALTER SYSTEM SET {name} = '{value}'"));
        for statement in &statements {
            client.batch_execute(statement).expect("it is taken");
        }
        client.batch_execute("SELECT pg_reload_conf()").expect("it is read");
        std::thread::sleep(std::time::Duration::from_millis(300));
        let script = statements.join(";\n") + ";\nSELECT pg_reload_conf();\n";
        let said: Vec<usize> = found(&script, major)
            .into_iter()
            .filter(|(rule, _)| rule == "setting-waits-for-restart")
            .map(|(_, line)| line)
            .collect();
        let mut waits = |name: &str| -> bool {
            let query = "SELECT pending_restart FROM pg_settings WHERE name = $1";
            client.query_one(query, &[&name]).expect("a setting").get(0)
        };
        let waiting: Vec<usize> =
            (1..).zip(settings).filter(|(_, (name, _))| waits(name)).map(|(line, _)| line).collect();
        assert_eq!(said, waiting, "Postgres {major}");
    }
}

#[test]
fn the_options_of_a_connection_are_cut_and_read_as_the_server_does() {
    let (mut taken, mut not) = (0, 0);
    for (major, server) in servers() {
        let options = [
            "-c statement_timeout=5sec",
            "-c statement_timeout='5s'",
            "--statement-timeout=5s",
            "-c shared_buffers=1GB",
            r"-c search_path=a,\ b",
            r"-c no_such_parameter=1",
        ];
        let shipped = Shipped::new();
        let versions: [(Name, Name); 1] = [("postgresql".into(), major.to_string().into())];
        let known = trueup::analysis::Known { versions: &versions, ..shipped.known() };
        // each where it can be written: the one format joins lines at a backslash, the other knows quotes
        let input = |(at, option): (usize, &&str)| {
            let (name, text) = match option.contains(['\'', '\\']) {
                true => ("app.properties", format!("PGOPTIONS={}\n", option.replace('\\', "\\\\"))),
                false => ("Dockerfile", format!("FROM shop\nENV PGOPTIONS {option}\n")),
            };
            Input { path: format!("{at}/{name}").into(), bytes: text.into_bytes() }
        };
        let outcome = analyse(known, options.iter().enumerate().map(input).collect());
        let of_value =
            outcome.findings.iter().filter(|one| ["setting-rejected", "setting-unknown"].contains(&&*one.rule));
        let said: Vec<u32> = of_value.map(|finding| finding.primary.file).collect();
        for (at, option) in (0u32..).zip(&options) {
            let connected = postgres::Client::configure()
                .host_path(server.socket())
                .port(5432)
                .user("postgres")
                .dbname("postgres")
                .options(option)
                .connect(postgres::NoTls);
            let refused = said.contains(&at);
            assert_eq!(refused, connected.is_err(), "Postgres {major}: {option}: {:?}", connected.err());
            if refused { not += 1 } else { taken += 1 }
        }
    }
    println!("{taken} options taken, {not} refused");
}

/// A script is run by the shell and the `psql` that there are: what it leaves behind is what was read of it.
#[test]
fn a_script_sets_what_is_read_of_it() {
    const SCRIPT: &str = r##"#!/bin/sh
MEM=3
psql -q <<EOF
ALTER SYSTEM SET work_mem = '2MB'; -- a comment's quote
ALTER SYSTEM SET maintenance_work_mem = '${MEM}MB';
ALTER SYSTEM SET log_line_prefix = '%m ''x'' \d';
DO \$\$ BEGIN PERFORM 1; /* ALTER SYSTEM SET jit = off; */ END \$\$;
ALTER SYSTEM SET max_connections = 77
;
EOF
psql -q <<-'EOF'
	ALTER SYSTEM SET log_min_duration_statement = 250;
	ALTER SYSTEM SET event_source = 'a$MEM';
	ALTER SYSTEM SET cluster_name = 'taken back';
	EOF
psql -qc "ALTER SYSTEM SET temp_buffers = '9MB'" >/dev/null 2>&1
psql -c 'ALTER SYSTEM SET checkpoint_timeout = '\''6min'\''' -tA --command='ALTER SYSTEM SET "autovacuum_naptime" = '"'"'5s'"'"''
psql -c "ALTER SYSTEM SET max_wal_size = '\`echo 2\`GB'" 2>/dev/null
psql -c "ALTER SYSTEM SET min_wal_size = '`echo 128`MB'" -c "ALTER SYSTEM SET \"bgwriter_delay\" = 100"
echo "ALTER SYSTEM SET autovacuum_vacuum_cost_limit = 500;" | psql -q
cat <<EOF | psql -q
ALTER SYSTEM SET random_page_cost = 1.5;
EOF
echo psql -c "ALTER SYSTEM SET random_page_cost = 9.5" >/dev/null
if false; then psql -c "ALTER SYSTEM SET seq_page_cost = 9.5"; fi
psql -c "ALTER SYSTEM RESET cluster_name"
"##;
    // what the shell fills in is set, and is not known
    const FILLED_IN: [&str; 2] = ["maintenance_work_mem", "min_wal_size"];
    let document = parse(SCRIPT, Format::Shell);
    let list = document.entry(document.roots[0], "statements").expect("there are statements");
    let blocks = document.children(list).filter_map(|block| document.entry(block, "system"));
    let read = blocks.flat_map(|block| document.children(block));
    let mut read: Vec<(String, String)> =
        read.map(|id| (document.key(id).expect("a name").to_owned(), document.scalar(id).to_owned())).collect();
    read.sort();
    if !std::process::Command::new("psql").arg("--version").output().is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no psql");
        return;
    }
    for (major, server) in servers() {
        let status = std::process::Command::new("sh")
            .args(["-c", SCRIPT])
            .envs([("PGUSER", "postgres"), ("PGDATABASE", "postgres"), ("PGPORT", "5432")])
            .env("PGHOST", server.socket())
            .stdout(std::process::Stdio::null())
            .status();
        assert!(status.expect("it runs").success());
        let mut client = server.connect().expect("a session");
        let rows = client.query("SELECT name, setting FROM pg_file_settings WHERE sourcefile ~ 'auto.conf'", &[]);
        let mut set: Vec<(String, String)> =
            rows.expect("settings").iter().map(|row| (row.get(0), row.get(1))).collect();
        set.retain(|(name, _)| !FILLED_IN.contains(&name.as_str()));
        set.sort();
        assert_eq!(set, read, "Postgres {major}");
    }
}

#[test]
fn the_statements_of_the_fixtures_are_taken_or_refused_as_is_said() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = [
        "postgres-sql-good/roles.sql",
        "postgres-sql-bad/initdb/10-settings.sql",
        "postgres-sql-bad/initdb/20-roles.sql",
        "postgres-sql-bad/30-tables.sql",
    ];
    for (major, server) in servers() {
        let mut client = server.connect().expect("a session");
        client.batch_execute("CREATE ROLE app LOGIN").expect("a role");
        client.batch_execute("CREATE DATABASE shop OWNER app").expect("a database");
        for file in files {
            let text = std::fs::read_to_string(root.join(file)).expect("it is there");
            let said = found(&text, major);
            let document = parse(&text, Format::Sql);
            let list = document.entry(document.roots[0], "statements").expect("there are statements");
            let mut statements = Vec::new();
            for block in document.children(list) {
                for map in document.children(block).filter(|&id| document.node(id).kind == NodeKind::Map) {
                    statements.extend(document.children(map).map(|id| document.node(id).entry));
                }
            }
            for entry in statements {
                let line = text[..entry.start as usize].matches('\n').count() + 1;
                let start = text[..entry.start as usize].rfind(";\n").map_or(0, |at| at + 2);
                let end = text[entry.end as usize..].find(';').map_or(text.len(), |at| entry.end as usize + at);
                let statement = &text[start..end];
                let expected = !said
                    .iter()
                    .any(|(rule, at)| *at == line && ["setting-rejected", "setting-unknown"].contains(&rule.as_str()));
                let taken = client.batch_execute(statement);
                assert_eq!(taken.is_ok(), expected, "Postgres {major}: {file}: {statement}: {taken:?}");
            }
        }
    }
}
