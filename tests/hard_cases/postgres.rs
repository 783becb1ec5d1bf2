//! PostgreSQL: files over files, roles over the server, options inside a data source name.

use trueup::model::{Declaration, Link, Origin, Value};

use super::run::{Run, known, pairs, seconds};

#[test]
fn alter_system_is_over_what_is_included_and_that_over_what_stands_before_it() {
    let files = [
        (
            "db/postgresql.conf",
            "work_mem = 4MB\nstatement_timeout = 10s\ninclude_dir 'conf.d'\ninclude_if_exists 'absent.conf'\ninclude 'extra.conf'\nlock_timeout = 2s\n",
        ),
        ("db/conf.d/20-late.conf", "work_mem = 16MB\n"),
        ("db/conf.d/10-early.conf", "work_mem = 8MB\nidle_in_transaction_session_timeout = 60s\n"),
        ("db/extra.conf", "lock_timeout = 1s\nstatement_timeout = '20s'\n"),
        ("db/postgresql.auto.conf", "statement_timeout = '30s'\n"),
    ];
    let run = Run::with(&[], &[("postgresql", "16")], &files);
    assert_eq!(run.count("server"), 1);
    let server = run.resource("server", "", None);
    let places = |name: &str| run.written(server.attribute(name).expect("it is set"));
    assert_eq!(server.effective("postgres.work_mem"), known(Value::Size(16 << 20)));
    assert_eq!(
        places("postgres.work_mem"),
        [
            "db/conf.d/20-late.conf: work_mem = 16MB",
            "db/conf.d/10-early.conf: work_mem = 8MB",
            "db/postgresql.conf: work_mem = 4MB"
        ]
    );
    assert_eq!(server.effective("statement_timeout"), known(seconds(30)));
    assert_eq!(
        places("statement_timeout"),
        [
            "db/postgresql.auto.conf: statement_timeout = '30s'",
            "db/extra.conf: statement_timeout = '20s'",
            "db/postgresql.conf: statement_timeout = 10s"
        ]
    );
    assert_eq!(server.effective("postgres.lock_timeout"), known(seconds(2)));
    assert_eq!(server.effective("postgres.idle_in_transaction_session_timeout"), known(seconds(60)));
    assert_eq!(run.faults(), []);
    let spelled = |like| run.spell("postgresql", "server", "statement_timeout", seconds(45), Some(like));
    assert_eq!(spelled("30s"), Some(("statement_timeout".into(), "45s".into())));
    assert_eq!(spelled("30000"), Some(("statement_timeout".into(), "45000".into())));
    let spelled = run.spell("postgresql", "server", "postgres.work_mem", Value::Size(32 << 20), Some("4096"));
    assert_eq!(spelled, Some(("work_mem".into(), "32768".into())));
}

#[test]
fn a_file_of_one_parameter_counts_only_where_it_is_included() {
    let run = Run::of(&[], &[("db/conf.d/memory.conf", "work_mem = 8MB\n"), ("mosquitto.conf", "port 1883\n")]);
    assert_eq!(run.count("server"), 0);
    // a file that is not to be seen may set anything
    let run =
        Run::of(&[], &[("db/postgresql.conf", "work_mem = 4MB\nport = 5432\nfsync = on\ninclude '/etc/x.conf'\n")]);
    let server = run.resource("server", "", None);
    assert!(!server.closed);
    assert_eq!(server.declared("postgres.lock_timeout"), Declaration::Unreadable);
}

const ROLES: &str = "\
[server]
statement_timeout = \"30s\"

[server.roles.app]
statement_timeout = \"5s\"

[server.roles.report]
";

#[test]
fn a_role_has_its_own_setting_or_the_servers() {
    let run = Run::of(&["roles"], &[("roles.toml", ROLES)]);
    let app = run.resource("session", "app", None);
    let report = run.resource("session", "report", None);
    assert_eq!(app.value("role"), Some(&Value::text("app")));
    assert_eq!(app.effective("statement_timeout"), known(seconds(5)));
    assert_eq!(
        run.written(app.attribute("statement_timeout").expect("its own")),
        ["roles.toml: statement_timeout = \"5s\""]
    );
    let inherited = report.attribute("statement_timeout").expect("the server's");
    assert_eq!((inherited.effective.clone(), inherited.declared), (known(seconds(30)), Declaration::Set));
    assert_eq!(run.written(inherited), ["roles.toml: statement_timeout = \"30s\""]);
    assert!(inherited.written[0].shared);
    assert!(matches!(report.link("server"), Link::To(servers) if servers.len() == 1));
    assert_eq!(run.resource("server", "server", None).effective("statement_timeout"), known(seconds(30)));

    let (new, shared) = run.set("session", "app", None, "statement_timeout", seconds(10));
    assert_eq!((new, shared), (ROLES.replace("\"5s\"", "\"10s\""), false));
    let (new, shared) = run.set("session", "report", None, "statement_timeout", seconds(60));
    assert_eq!((new, shared), (ROLES.replace("\"30s\"", "\"60s\""), true));

    // the server's default reaches the roles too
    let run = Run::of(&["roles"], &[("roles.toml", "[server]\n[server.roles.app]\n")]);
    let app = run.resource("session", "app", None).attribute("statement_timeout").expect("the server's default");
    assert_eq!((app.effective.clone(), app.declared), (known(Value::Unlimited), Declaration::NotSet));
    assert!(matches!(app.origin, Origin::Default { .. }));
}

/// An in-house file with a data source name whose option is a command line.
fn service(dsn: &str) -> String {
    format!("database:\n  url: \"{dsn}\"\n  connect_timeout: 5s\n")
}

#[test]
fn the_options_of_a_data_source_name_are_the_servers_command_line() {
    let text = service("host=db dbname=shop connect_timeout=3 options='-c statement_timeout=5s -c lock_timeout=1000'");
    let run = Run::of(&[], &[("service.yaml", &text)]);
    let client = run.resource("client", "database", None);
    assert_eq!(client.effective("statement_timeout"), known(seconds(5)));
    assert_eq!(client.effective("lock_timeout"), known(seconds(1)));
    let place = run.written(client.attribute("lock_timeout").expect("it is set"));
    assert_eq!(place, ["service.yaml: lock_timeout=1000"]);

    let text = service("postgresql://app@db/shop?options=-cstatement_timeout=5s");
    let run = Run::of(&[], &[("service.yaml", &text)]);
    let client = run.resource("client", "database", None);
    assert_eq!(client.effective("statement_timeout"), known(seconds(5)));
    let found = client.attribute("statement_timeout").expect("it is set");
    assert_eq!(run.written(found), ["service.yaml: statement_timeout=5s"]);
    let (new, _) = run.set("client", "database", None, "statement_timeout", seconds(8));
    assert_eq!(new, text.replace("=5s", "=8s"));

    // escapes: the value is known, its place is the whole option
    let text = service("postgresql://app@db/shop?options=-c%20statement_timeout%3D7000%20-c%20work_mem%3Dx");
    let run = Run::of(&[], &[("service.yaml", &text)]);
    let client = run.resource("client", "database", None);
    assert_eq!(client.effective("statement_timeout"), known(seconds(7)));
    assert_eq!(run.faults(), pairs(&[("work_mem", "rejected")]));
}
