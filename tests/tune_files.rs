//! `trueup tune` on files: what it reads of them, and what it writes into them.

#[path = "support/postgres_server.rs"]
#[allow(dead_code)] // other tests use the rest of it
mod postgres_server;
#[path = "support/program.rs"]
mod program;
#[path = "support/statements.rs"]
mod statements;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use statements::{run, state};
use tempfile::TempDir;

const SHOP: &str = "\
# the shop
services:
  api:
    image: shop/api:1.4
    command: gunicorn shop.wsgi --workers 1 --threads 25
    deploy: { replicas: 3 }
    environment:
      DATABASE_URL: postgresql://app:s3cr3t-canary@db:5432/shop
      DB_POOL_SIZE: 20
  db:
    image: postgres:16.4   # pinned
    command: postgres -c shared_buffers=128MB -c max_connections=300 -c fsync=on
    environment:
      POSTGRES_PASSWORD: s3cr3t-canary
    deploy:
      resources:
        limits:
          memory: 4G
          cpus: \"2\"
";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, text).expect("written");
    }
    folder
}

fn tune(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    program::run(folder, "tune", arguments)
}

fn said(folder: &Path, arguments: &[&str]) -> (String, String) {
    let (code, out, err) = tune(folder, arguments);
    assert_eq!(code, 0, "{out}\n{err}");
    (out, err)
}

fn read(folder: &TempDir, file: &str) -> String {
    fs::read_to_string(folder.path().join(file)).expect("a file")
}

/// Writes the plan, and holds that a second time changes nothing; the text of the file.
fn fixed(folder: &TempDir, file: &str, arguments: &[&str]) -> String {
    let (out, err) = said(folder.path(), &[arguments, &["--fix"]].concat());
    assert_eq!(out, "", "{err}");
    let once = read(folder, file);
    for again in [&["--fix"][..], &["--format", "diff"], &[]] {
        let (out, err) = said(folder.path(), &[arguments, again].concat());
        assert_eq!(out, "", "{again:?}: {err}");
        assert!(err.contains("nothing to change"), "{again:?}: {err}");
    }
    assert_eq!(read(folder, file), once, "a second run changes nothing");
    once
}

/// The lines of `old`, in their order, are all in `new`, but for those that hold one of `changed`.
fn keeps(old: &str, new: &str, changed: &[&str]) {
    let mut lines = new.lines();
    for line in old.lines().filter(|line| !changed.iter().any(|changed| line.contains(changed))) {
        assert!(lines.any(|kept| kept == line), "{line:?} is lost in\n{new}");
    }
}

#[test]
fn what_the_files_say_is_taken_with_its_place() {
    let shop = folder(&[("compose.yml", SHOP)]);
    let (out, err) = said(shop.path(), &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}\n{err}"));
    for (input, value, origin) in [
        ("version", "16", "image tag, compose.yml:11"),
        ("memory", "4 GB", "limit, compose.yml:18"),
        ("cpus", "2", "limit, compose.yml:19"),
        ("connections", "63", "api 3 × 20, and 3 kept back"),
        ("storage", "ssd", "where nobody says"),
    ] {
        assert_eq!(json["inputs"][input]["value"], value, "{input}: {out}");
        assert_eq!(json["inputs"][input]["origin"], origin, "{input}");
    }
    assert_eq!(json["version"], 16);
    assert_eq!(json["server"]["name"], "db");
    assert!(!out.contains("s3cr3t") && !err.contains("s3cr3t"));
    // what is said is over it
    let (out, _) =
        said(shop.path(), &[".", "--format", "json", "--memory", "8GB", "--connections", "40", "--pg-version", "17"]);
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(json["inputs"]["memory"]["origin"], "--memory");
    assert_eq!(json["inputs"]["connections"]["value"], "40");
    assert_eq!(json["version"], 17);
}

#[test]
fn a_command_line_is_changed_and_added_to() {
    let shop = folder(&[("compose.yml", SHOP)]);
    let (diff, err) = said(shop.path(), &[]);
    assert_eq!(read(&shop, "compose.yml"), SHOP, "a diff writes nothing");
    assert!(
        diff.contains("+    command: postgres -c shared_buffers=1024MB -c max_connections=63 -c fsync=on -c "),
        "{diff}"
    );
    assert!(!diff.contains("s3cr3t"), "{diff}");
    assert!(err.contains("would write ") && err.contains("only at the next start: shared_buffers"), "{err}");
    let text = fixed(&shop, "compose.yml", &[]);
    keeps(SHOP, &text, &["command:"]);
    assert!(text.contains(" -c work_mem="), "{text}");
}

#[test]
fn a_container_that_says_nothing_is_started_with_all_of_it() {
    let before =
        "services:\n  db:\n    image: postgres:17 # ours\n    mem_limit: 2g\n    cpus: 2\nvolumes:\n  data: {}\n";
    let bare = folder(&[("compose.yml", before)]);
    let text = fixed(&bare, "compose.yml", &[]);
    keeps(before, &text, &[]);
    assert!(text.contains("    command:\n      - postgres\n      - -c\n      - shared_buffers=512MB\n"), "{text}");
    // another image may start its program with arguments of its own
    let before = before.replace("postgres:17", "supabase/postgres:17.4.1.074");
    let other = folder(&[("compose.yml", &before)]);
    let (_, err) = said(other.path(), &[".", "--pg-version", "17", "--fix"]);
    assert!(err.contains("nothing can be written"), "{err}");
    assert_eq!(read(&other, "compose.yml"), before);
}

#[test]
fn a_configuration_file_keeps_its_comments_and_its_units() {
    let before = "# ours\nshared_buffers = 256MB          # was enough once\nwork_mem = 65536\n#jit = on\n\
                  random_page_cost = 4\ninclude_dir = 'conf.d'\n";
    let facts = "[facts]\nmemory = \"16GiB\"\ncpus = 8\nstorage = \"nvme\"\nversions = { postgresql = \"17\" }\n";
    let server = folder(&[
        ("postgresql.conf", before),
        ("conf.d/10-connections.conf", "max_connections = 200   # the pooler's\n"),
        ("trueup.toml", facts),
    ]);
    let (_, err) = said(server.path(), &[]);
    for origin in ["trueup.toml:2", "trueup.toml:3", "trueup.toml:4", "max_connections, conf.d/10-connections.conf:1"] {
        assert!(err.contains(origin), "{origin}: {err}");
    }
    let text = fixed(&server, "postgresql.conf", &[]);
    keeps(before, &text, &["shared_buffers", "work_mem", "random_page_cost"]);
    assert!(text.contains("shared_buffers = 4096MB          # was enough once\n"), "{text}");
    assert!(
        text.lines().any(|line| line.strip_prefix("work_mem = ").is_some_and(|rest| rest.parse::<u32>().is_ok())),
        "{text}"
    );
    assert!(text.contains("random_page_cost = 1.1\n"), "{text}");
    // what is taken from a file is not written to it
    assert_eq!(read(&server, "conf.d/10-connections.conf"), "max_connections = 200   # the pooler's\n");
}

#[test]
fn an_operators_manifest_takes_texts_in_quotes() {
    let before = "\
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: shop-db
spec:
  instances: 3
  imageName: ghcr.io/cloudnative-pg/postgresql:16.4
  storage:
    size: 100Gi
  resources:
    requests: { memory: 8Gi, cpu: \"4\" }
    limits: { memory: 8Gi, cpu: \"4\" }
  postgresql:
    parameters:
      # as measured
      shared_buffers: \"512MB\"
      max_connections: \"100\"
";
    let cluster = folder(&[("cluster.yaml", before)]);
    let text = fixed(&cluster, "cluster.yaml", &[]);
    keeps(before, &text, &["shared_buffers"]);
    assert!(text.contains("      shared_buffers: \"2048MB\"\n"), "{text}");
    assert!(text.contains("      max_worker_processes: \"8\"\n"), "{text}");
}

#[test]
fn what_comes_from_a_variable_is_not_written() {
    let before = SHOP.replace("max_connections=300", "max_connections=${MAX_CONNECTIONS}");
    let shop = folder(&[("compose.yml", &before)]);
    let (_, err) = said(shop.path(), &["--fix"]);
    let err = err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(err.contains("not written, as its value comes from a variable: max_connections = 63"), "{err}");
    assert!(read(&shop, "compose.yml").contains("-c max_connections=${MAX_CONNECTIONS} -c fsync=on"));
}

#[test]
fn of_several_servers_one_is_to_be_named() {
    let two = folder(&[
        ("compose.yml", SHOP),
        ("old/postgresql.conf", "shared_buffers = 1GB\nwork_mem = 8MB\nport = 5433\n"),
    ]);
    let (code, out, err) = tune(two.path(), &[]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("db (compose.yml:10), old/postgresql.conf:1"), "{err}");
    let (_, err) = said(two.path(), &["--server", "db"]);
    assert!(err.contains("compose.yml:10"), "{err}");
    let more = ["--server", "old/postgresql.conf", "--pg-version", "15", "--memory", "4GB", "--cpus", "2"];
    let (out, _) = said(two.path(), &more);
    assert!(out.starts_with("--- a/old/postgresql.conf\n"), "{out}");
    let (code, _, err) = tune(two.path(), &["--server", "bd"]);
    assert!(code == 2 && err.contains("did you mean `db`?"), "{err}");
}

#[test]
fn what_no_file_says_has_to_be_said() {
    let bare = folder(&[("compose.yml", "services:\n  db:\n    image: postgres\n")]);
    for (more, missing) in [
        (&[][..], "--pg-version: "),
        (&[".", "--pg-version", "17"], "--memory: "),
        (&[".", "--pg-version", "17", "--memory", "4GB"], "--cpus: "),
    ] {
        let (code, out, err) = tune(bare.path(), more);
        assert!(code == 2 && out.is_empty() && err.contains(missing), "{more:?}: {err}");
    }
    let (out, _) = said(bare.path(), &[".", "--pg-version", "17", "--memory", "4GB", "--cpus", "host"]);
    assert!(out.contains("+      - shared_buffers=1GB"), "{out}");
    let empty = folder(&[]);
    let (code, _, err) = tune(empty.path(), &[]);
    assert!(code == 2 && err.contains("describes no PostgreSQL server"), "{err}");
}

#[test]
fn an_explanation_says_what_was_and_where() {
    let shop = folder(&[("compose.yml", SHOP)]);
    let (out, _) = said(shop.path(), &["--explain"]);
    let lines: Vec<&str> = out.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| line.starts_with("shared_buffers ")).expect("the setting");
    assert!(lines[at].ends_with("restart"), "{out}");
    assert_eq!(lines[at + 1], "was 128MB, compose.yml:12");
    assert!(lines[at + 2..at + 6].contains(&"= host.memory / 4"), "{out}");
    assert!(lines.contains(&"was 4MB, by default"), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 80 || line.contains("https://")), "{out}");
}

#[test]
#[cfg(feature = "probe")]
fn an_undo_script_restores_what_a_server_had() {
    for bin in postgres_server::installed() {
        let options = ["-c", "listen_addresses=", "-c", "max_parallel_workers=3"];
        let server = postgres_server::Server::start_on(&bin, 5432, &options, |_| Ok(Vec::new()))
            .unwrap_or_else(|error| panic!("{} does not start: {error}", bin.display()));
        let mut client = server.connect().expect("a session");
        run(&mut client, "ALTER SYSTEM SET work_mem = '7MB';\nALTER SYSTEM SET random_page_cost = '3.5';");
        let before = state(&mut client);
        let folder = tempfile::tempdir().expect("a folder");
        let mut probe = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
        let dsn = format!("host={} user=postgres dbname=postgres", server.socket().display());
        let probe = probe.current_dir(folder.path()).args(["probe", &dsn, "--save", "db.probe.json", "--quiet"]);
        let probed = probe.output().expect("trueup runs");
        assert!(folder.path().join("db.probe.json").exists(), "{}", String::from_utf8_lossy(&probed.stderr));

        let machine = ["db.probe.json", "--memory", "1GB", "--cpus", "2"];
        let (script, _) = said(folder.path(), &machine);
        assert!(script.contains("ALTER SYSTEM SET work_mem = "), "{script}");
        assert!(script.contains("-- was 7MB, "), "{script}");
        assert!(
            script.contains("-- not by SQL: max_parallel_workers = '1'; the server is started with 3 "),
            "{script}"
        );
        let (undo, _) = said(folder.path(), &[&machine[..], &["--format", "sql", "--undo"]].concat());
        for restored in ["work_mem = '7MB'", "random_page_cost = '3.5'"] {
            assert!(undo.contains(&format!("ALTER SYSTEM SET {restored};\n")), "{undo}");
        }
        assert!(undo.contains("ALTER SYSTEM RESET shared_buffers;\n"), "{undo}");

        run(&mut client, &script);
        let tuned = state(&mut client);
        assert_ne!(before, tuned);
        let cost: String = client.query_one("SHOW random_page_cost", &[]).expect("a value").get(0);
        assert_eq!(cost, "1.1", "what needs no restart is in force");
        run(&mut client, &undo);
        assert_eq!(before, state(&mut client), "{}", bin.display());
    }
}
