//! `trueup explain`: rules, parameters of Postgres by version, keys of products.

use std::path::Path;
use std::process::Command;

use trueup::workspace::{Engine, Shipped};

/// Runs `trueup explain` in `root`; exit code, standard output, error output.
fn explain_in(root: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    let output = command.current_dir(root).arg("explain").args(arguments).output().expect("trueup runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code().expect("no signal ended it"), text(output.stdout), text(output.stderr))
}

fn explain(what: &str) -> String {
    let root = tempfile::tempdir().expect("a folder");
    let (code, out, err) = explain_in(root.path(), &[what]);
    assert_eq!((code, err.as_str()), (0, ""), "{what}");
    out
}

fn refused(what: &str) -> String {
    let root = tempfile::tempdir().expect("a folder");
    let (code, out, err) = explain_in(root.path(), &[what]);
    assert_eq!((code, out.as_str()), (2, ""), "{what}");
    err.trim_end().trim_start_matches("error: explain: ").to_owned()
}

fn has(text: &str, lines: &[&str]) {
    let missing: Vec<_> = lines.iter().filter(|line| !text.lines().any(|known| known == **line)).collect();
    assert!(missing.is_empty(), "{missing:?} in\n{text}");
}

#[test]
fn a_parameter_of_postgres_is_explained_by_version() {
    has(&explain("pg:shared_buffers"), &["# shared_buffers", "## 13 to 14", "- default: 16384 (128MB)"]);
    assert!(explain("pg:sort_mem").starts_with("# work_mem\n"));
    assert_eq!(explain("postgres:work_mem"), explain("postgresql:work_mem"));
    has(&explain("pg:checkpoint_timeout"), &["- default: 300 (5min)"]);
    has(&explain("pg:deadlock_timeout"), &["- default: 1000 (1s)"]);
    has(&explain("pg:wal_buffers"), &["- default: -1", "- -1 means: the product chooses"]);
    has(&explain("pg:statement_timeout"), &["- default: 0"]);
}

#[test]
fn what_came_with_a_minor_version_is_told() {
    let said = explain("pg:file_extend_method");
    has(&said, &["- came with a minor: 16.12; 17.8; 18.2"]);
    let said = explain("pg:allow_in_place_tablespaces");
    has(&said, &["- came with a minor: 13.10 has it, 13.6 does not; 14.5 has it, 14.3 does not"]);
}

#[test]
fn version_19_is_told_as_its_release_notes_tell_it() {
    let notes = "## 19, from its release notes";
    let source = "- source: https://www.postgresql.org/docs/19/release-19.html, not a server";
    let new = explain("pg:io_min_workers");
    has(&new, &[notes, source, "- comes: with this version"]);
    assert!(new.contains("A parameter of PostgreSQL that no server from 13 to 18 has.\n"), "{new}");
    has(&explain("pg:escape_string_warning"), &["## 13 to 18", notes, source, "- goes: this version does not know it"]);
    has(&explain("pg:jit"), &["- default: on", notes, source, "- default: another than before"]);
    has(&explain("pg:io_workers"), &[notes, "- changes: takes other values than before, or may be set by others"]);
    assert!(!explain("pg:work_mem").contains("19"));
    let root = tempfile::tempdir().expect("a folder");
    let (_, json, _) = explain_in(root.path(), &["pg:io_min_workers", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["name"], "io_min_workers");
    assert_eq!(json["parts"][0]["heading"], "19, from its release notes");
    assert_eq!(json["parts"][0]["facts"][0], serde_json::json!({ "label": "comes", "text": "with this version" }));
}

#[test]
fn a_key_of_a_product_is_explained_by_its_rows() {
    let said = explain("pgbouncer:pool_mode");
    has(&said, &["# pgbouncer.pool_mode", "- one of: session, transaction, statement", "- default: session"]);
    assert!(said.contains("pooler-statement-mode"), "{said}");
    let said = explain("spring:spring.datasource.hikari.connection-timeout");
    has(
        &said,
        &["- a bare number is in: ms", "- default: 30000 (30 s)", "- 0 means: no limit", "- -1 means: it is refused"],
    );
    assert!(said.contains("pool-wait-unlimited"), "{said}");
    // in versions
    has(&explain("npgsql:MaxPoolSize"), &["- default: 100 (versions >=3.1); 20 (versions <3.1)"]);
    let said = explain("spring:server.tomcat.max-threads");
    has(&said, &["- versions: <2.5", "- replaced by: server.tomcat.threads.max"]);
    has(&explain("spring:spring.session.redis.namespace"), &["- place replaced by: spring.session.data.redis"]);
    // what a program's command line says, and another product's settings
    has(
        &explain("gunicorn:workers"),
        &["- option: -w, --workers", "- where it is not given: the variable WEB_CONCURRENCY"],
    );
    let said = explain("cloudnative-pg:archive_mode");
    has(&said, &["- setting of: PostgreSQL: see `trueup explain postgresql:archive_mode`"]);
    has(&said, &["- refused: it sets this itself and refuses a manifest that does; delete it"]);
    has(&explain("patroni:max_connections"), &["- least: 25; below that 100 is set"]);
    // words of in-house files
    has(&explain("generic:poolTimeoutMs"), &["# pool timeout", "- a bare number is in: ms", "- 0 means: no limit"]);
}

#[test]
fn a_key_may_be_spelled_in_any_way_and_be_only_the_end_of_its_path() {
    let canonical = explain("spring-boot:spring.datasource.hikari.maximum-pool-size");
    for spelled in [
        "spring:spring.datasource.hikari.maximumPoolSize",
        "spring:hikari.maximum_pool_size",
        "spring:SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE",
    ] {
        assert_eq!(explain(spelled), canonical, "{spelled}");
    }
    let said = explain("compose:services.web.stop_grace_period");
    assert!(said.starts_with("# services.*.stop_grace_period\n"), "{said}");
    let said = explain("haproxy:backend.timeout connect");
    assert!(said.starts_with("# backend*.timeout connect\n"), "{said}");
    // of the tables of a product, where the first does not know it
    has(&explain("pgbouncer:pool_size"), &["## pool_size (pgbouncer-database)", "## pool_size (pgbouncer-user)"]);
}

#[test]
fn of_an_unknown_key_the_nearest_is_named() {
    for (what, said) in [
        ("pg:wrk_mem", "Postgres has no parameter `wrk_mem`; did you mean `pg:work_mem`?"),
        ("pg:io_min_wrkers", "Postgres has no parameter `io_min_wrkers`; did you mean `pg:io_min_workers`?"),
        ("pg:wal_bu", "Postgres has no parameter `wal_bu`; known are `pg:wal_buffers`"),
        (
            "pg:max_fsm_pages",
            "PostgreSQL 8.3 was the last that had `max_fsm_pages`; delete it: the free space map sizes itself",
        ),
        ("pgbouncr:pool_mode", "no product is called `pgbouncr`; did you mean `pgbouncer:pool_mode`?"),
        ("nothing:x", "no product is called `nothing`; `trueup dialects` lists them"),
        ("pgbouncer:", "`pgbouncer:` names no key"),
        (":pool_mode", "no product is called ``; `trueup dialects` lists them"),
    ] {
        assert_eq!(refused(what), said);
    }
    let said = refused("pgbouncer:pool_mod");
    assert!(said.ends_with("; did you mean `pgbouncer:pool_mode`?"), "{said}");
    let said = refused("haproxy:timeout");
    assert!(said.contains("known are `haproxy:timeout queue`, "), "{said}");
    let said = refused("postgres://monitor:canary@db/shop");
    assert!(!said.contains("canary"), "{said}");
}

#[test]
fn a_rule_is_explained_in_json() {
    let root = tempfile::tempdir().expect("a folder");
    let (code, json, _) = explain_in(root.path(), &["retry-without-backoff", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((code, &json["id"]), (0, &serde_json::json!("retry-without-backoff")));
}

#[test]
fn a_key_of_ones_own_table_is_explained() {
    let table = "id = 'acme-gateway'\ntitle = 'Acme gateway'\nsource = 'https://acme.example'\nlayers = ['file']\n\
                 [[recognise]]\nformats = ['yaml']\nnames = ['acme.yaml']\nlayer = 'file'\n\
                 [[resource]]\nkind = 'pool'\nat = 'pool'\n[[resource.key]]\nkey = 'slots'\nattribute = 'max_size'\n";
    let root = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(root.path().join("trueup")).expect("a folder");
    std::fs::write(root.path().join("trueup/acme-gateway.toml"), table).expect("a table");
    std::fs::write(root.path().join("trueup.toml"), "rules = ['./trueup/']\n").expect("settings");
    let (code, out, err) = explain_in(root.path(), &["acme:slots"]);
    assert_eq!((code, err.as_str()), (0, ""));
    has(&out, &["# pool.slots", "A key of the table acme-gateway (Acme gateway).", "- source: https://acme.example"]);
}

#[test]
fn every_key_of_every_table_is_explained() {
    let engine = Shipped::new();
    let knowledge = Shipped::knowledge();
    let mut asked = 0;
    for entry in &knowledge.tables {
        let table = entry.table();
        for (block, row) in table.resource.iter().flat_map(|block| block.key.iter().map(move |row| (block, row))) {
            let place = if row.top || block.at.segments.is_empty() { String::new() } else { format!("{}.", block.at) };
            let key = format!("{place}{}", row.key);
            let key = key.trim_end_matches('.');
            if key.is_empty() {
                continue;
            }
            let explained = engine.explain(&table.id, key).unwrap_or_else(|problem| panic!("{}: {problem}", table.id));
            assert!(!explained.parts.is_empty() && explained.parts.iter().all(|part| !part.facts.is_empty()));
            asked += 1;
        }
    }
    assert!(asked > 500, "{asked}");
}

#[test]
fn lines_are_at_most_80_columns_wide() {
    for what in ["pg:wal_sync_method", "dsn:connect_timeout", "generic:maxPoolSize", "spring:max-attempts"] {
        for line in explain(what).lines() {
            let unbroken = line.trim_start_matches(['#', '-', ' ']).split(' ').count() == 1; // an address, a path
            assert!(line.chars().count() <= 80 || unbroken || line.starts_with("## "), "{what}: {line}");
        }
    }
}
