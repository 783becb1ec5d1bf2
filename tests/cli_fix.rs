//! `check --fix` and `--diff` at the command line: what is written, what is left alone, and that no file is ever half written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use tempfile::TempDir;

const OFF: &str = "max_connections = 100\nautovacuum = off   # for the benchmark\n";
const ON: &str = "max_connections = 100\nautovacuum = on   # for the benchmark\n";

/// A directory with a file for each name.
fn scratch(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn program() -> PathBuf {
    assert_cmd::cargo::cargo_bin!("trueup").to_path_buf()
}

fn trueup(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program()).current_dir(folder).arg("check").args(arguments).output().expect("it runs")
}

fn text(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).expect("the file is there")
}

#[test]
fn unsafe_fixes_are_made_only_when_asked_for() {
    let folder = scratch(&[("db/postgresql.conf", OFF)]);
    let done = trueup(folder.path(), &["--fix"]);
    assert_eq!((done.status.code(), &*text(&folder, "db/postgresql.conf")), (Some(1), OFF));
    let done = trueup(folder.path(), &["--fix", "--unsafe-fixes"]);
    assert_eq!((done.status.code(), &*text(&folder, "db/postgresql.conf")), (Some(0), ON));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("fixed 1 finding in 1 file"), "{said}");
    // a second run has nothing to do
    let done = trueup(folder.path(), &["--fix", "--unsafe-fixes"]);
    assert_eq!((done.status.code(), &*text(&folder, "db/postgresql.conf")), (Some(0), ON));
}

#[test]
fn a_diff_writes_nothing_and_reports_the_rest() {
    let config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pg}\ndata:\n  postgresql.conf: |\n    autovacuum = off\n    fsync = off\n";
    let compose =
        "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x, POSTGRES_WORK_MEM: 8MB}\n";
    let folder = scratch(&[("cm.yaml", config_map), ("compose.yaml", compose)]);
    let done = trueup(folder.path(), &["--diff", "--unsafe-fixes", "--format", "concise"]);
    let shown = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!((done.status.code(), &*text(&folder, "cm.yaml")), (Some(1), config_map), "{shown}");
    let diff = "-    autovacuum = off\n-    fsync = off\n+    autovacuum = on\n+    fsync = on\n";
    assert!(shown.contains(diff) && shown.contains("environment-variable-not-read"), "{shown}");
    // nothing to change, nothing found: 0
    let folder = scratch(&[("postgresql.conf", ON)]);
    assert_eq!(trueup(folder.path(), &["--diff", "--unsafe-fixes"]).status.code(), Some(0));
}

#[test]
fn a_diff_shows_no_secret() {
    let env = "POSTGRES_PASSWORD=canary-hunter2\n";
    let compose = "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: canary-hunter2\n    command: postgres -c autovacuum=off\n";
    let folder = scratch(&[(".env", env), ("compose.yaml", compose)]);
    let done = trueup(folder.path(), &["--diff", "--unsafe-fixes"]);
    let shown = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(shown.contains("-    command: postgres -c autovacuum=off"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn the_standard_input_is_not_fixed() {
    let folder = scratch(&[]);
    let done = trueup(folder.path(), &["-", "--fix"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("the standard input is none"));
    assert_eq!(trueup(folder.path(), &["--unsafe-fixes"]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn mode_and_links_stay_and_what_is_read_only_is_left_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = scratch(&[("real/conf.txt", OFF), ("db/.keep", "")]);
    let (real, link) = (folder.path().join("real/conf.txt"), folder.path().join("db/postgresql.conf"));
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("a mode");
    symlink("../real/conf.txt", &link).expect("a link");
    trueup(folder.path(), &["db/postgresql.conf", "--fix", "--unsafe-fixes"]);
    assert_eq!(fs::read_to_string(&real).expect("the file"), ON);
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert_eq!(fs::metadata(&real).expect("the file").permissions().mode() & 0o777, 0o640);

    let folder = scratch(&[("postgresql.conf", OFF)]);
    fs::set_permissions(folder.path().join("postgresql.conf"), fs::Permissions::from_mode(0o444)).expect("a mode");
    let done = trueup(folder.path(), &["--fix", "--unsafe-fixes"]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!((done.status.code(), &*text(&folder, "postgresql.conf")), (Some(2), OFF), "{said}");
    assert!(said.contains("postgresql.conf: not fixed: it is read-only"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left behind");
}

#[test]
fn line_ends_a_mark_and_a_missing_last_break_stay() {
    let compose = "\u{feff}services:\r\n  db:\r\n    image: postgres:16\r\n    command: postgres -c autovacuum=off\r\n";
    let conf = "max_connections = 100\r\nautovacuum = off";
    for (name, before) in [("compose.yaml", compose), ("postgresql.conf", conf)] {
        let folder = scratch(&[(name, before)]);
        trueup(folder.path(), &["--fix", "--unsafe-fixes"]);
        assert_eq!(text(&folder, name), before.replace("off", "on"));
    }
}

/// Files of many folders, each with one finding that has a fix.
fn many(count: usize) -> (TempDir, Vec<String>) {
    let names: Vec<String> = (0..count).map(|i| format!("db{i}/postgresql.conf")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), OFF)).collect();
    (scratch(&files), names)
}

#[test]
fn killed_at_any_moment_each_file_is_old_or_new() {
    let (folder, names) = many(20);
    let mut seed: u64 = 20_261_126;
    let (mut untouched, mut all) = (0, 0);
    for _ in 0..200 {
        for name in &names {
            fs::write(folder.path().join(name), OFF).expect("the old text");
        }
        let mut child = Command::new(program())
            .current_dir(folder.path())
            .args(["check", "--fix", "--unsafe-fixes", "--quiet"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("it runs");
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros((seed >> 33) % 200_000));
        let _ = child.kill();
        let _ = child.wait();
        let texts: Vec<String> = names.iter().map(|name| text(&folder, name)).collect();
        assert!(texts.iter().all(|text| text == OFF || text == ON), "a file is neither");
        untouched += usize::from(texts.iter().all(|text| text == OFF));
        all += usize::from(texts.iter().all(|text| text == ON));
    }
    println!("of 200 runs {untouched} were killed before a file was written, {all} after all were");
}

#[test]
fn two_runs_at_once_lose_nothing() {
    let (folder, names) = many(20);
    let spawn = || {
        let mut command = Command::new(program());
        command.current_dir(folder.path()).args(["check", "--fix", "--unsafe-fixes", "--quiet"]);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("it runs")
    };
    for _ in 0..5 {
        for name in &names {
            fs::write(folder.path().join(name), OFF).expect("the old text");
        }
        let (mut one, mut other) = (spawn(), spawn());
        one.wait().expect("it ends");
        other.wait().expect("it ends");
        assert!(names.iter().all(|name| text(&folder, name) == ON));
    }
}

#[test]
fn comments_that_silence_nothing_are_removed_safely() {
    let before = "max_connections = 100\n# trueup: ignore[autovacuum-off] it was once\nautovacuum = on\nfsync = on # trueup: ignore[fsync-off] nor this\n";
    let folder = scratch(&[("postgresql.conf", before)]);
    let done = trueup(folder.path(), &["--fix"]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(text(&folder, "postgresql.conf"), "max_connections = 100\nautovacuum = on\nfsync = on\n", "{said}");
    assert_eq!(done.status.code(), Some(0));
    // of a list only what silences nothing goes
    let lists = "# trueup: ignore[fsync-off, autovacuum-off, full-page-writes-off] a copy\nautovacuum = off\n";
    let folder = scratch(&[("postgresql.conf", lists)]);
    trueup(folder.path(), &["--fix"]);
    let left = "# trueup: ignore[autovacuum-off] a copy\nautovacuum = off\n";
    assert_eq!(text(&folder, "postgresql.conf"), left);
}

#[test]
fn a_parameter_goes_where_the_others_of_its_server_are() {
    let select = ["--fix", "--unsafe-fixes", "--pedantic", "--select", "effective-cache-below-shared-buffers"];
    let line = "services:\n  db:\n    image: postgres:16\n    command: postgres -c shared_buffers=6GB # big\n";
    let flow =
        "services:\n  db:\n    image: postgres:16\n    command: [\"postgres\", \"-c\", \"shared_buffers=6GB\"]\n";
    let block = "services:\n  db:\n    image: postgres:16\n    command:\n      - -c\n      - 'shared_buffers=6GB'\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pg}\ndata:\n  postgresql.conf: |\n    shared_buffers = 6GB # big\n    fsync = on\n";
    for (before, old, new) in [
        (line, "shared_buffers=6GB", "shared_buffers=6GB -c effective_cache_size=12GB"),
        (flow, "\"shared_buffers=6GB\"", "\"shared_buffers=6GB\", \"-c\", \"effective_cache_size=12GB\""),
        (block, "'shared_buffers=6GB'\n", "'shared_buffers=6GB'\n      - -c\n      - 'effective_cache_size=12GB'\n"),
        (map, "fsync = on\n", "fsync = on\n    effective_cache_size = 12GB\n"),
    ] {
        let name = if before == map { "cm.yaml" } else { "compose.yaml" };
        let folder = scratch(&[(name, before)]);
        trueup(folder.path(), &select);
        assert_eq!(text(&folder, name), before.replace(old, new));
    }
}

/// A rule that sets a limit for connecting on every client of a database.
const CONNECT: &str = r#"+++
id = "house-connect-timeout"
severity = "warning"
confidence = "high"
since = "1.0.0"
on = "client"
at = "self"
when = "self.driver != 'own' && self.connect_timeout != duration('2s')"
message = "not the limit of the house"
help = "write 2 s"

[[fix]]
safety = "unsafe"
title = "give up after 2 s"
[fix.set]
connect_timeout = "duration('2s')"
+++
# The limit of the house

## Why

It is ours.
"#;

#[test]
fn an_option_of_an_address_goes_to_its_end() {
    for (name, before, old, new) in [
        ("app.env", "URL=jdbc:postgresql://db/shop\r\n", "shop", "shop?connectTimeout=2"),
        ("app.yaml", "dsn: 'jdbc:postgresql://db/shop?ssl=true' # ours\n", "true", "true&connectTimeout=2"),
        ("app.json", "{\"dsn\": \"Host=db;Database=shop;Pooling=true\"}", "=true", "=true;Timeout=2"),
        ("app.yaml", "dsn: jdbc:postgresql://db/${NAME}\n", "x", "x"),
        ("app.env", "URL=postgresql://db/shop?x=1&connect_timeout=9\n", "=9", "=2"),
    ] {
        let settings = "rules = [\"./house/\"]\n";
        let folder = scratch(&[(name, before), ("trueup.toml", settings), ("house/house-connect-timeout.md", CONNECT)]);
        let done = trueup(folder.path(), &["--fix", "--unsafe-fixes", "--select", "house-connect-timeout"]);
        let said = String::from_utf8_lossy(&done.stdout);
        assert_eq!(text(&folder, name), before.replace(old, new), "{said}");
    }
}

#[test]
fn what_an_anchor_shares_changes_when_all_who_read_it_have_the_finding() {
    let both = "defaults: &d\n  timeout_seconds: 300\nvector_db:\n  <<: *d\n  url: http://qdrant:6333\nother_vector_db:\n  <<: *d\n  url: http://milvus:19530\n  kind: milvus\n";
    let besides = format!("{both}nightly:\n  <<: *d\n");
    let folder = scratch(&[("all.yaml", both), ("some.yaml", &besides)]);
    let done = trueup(folder.path(), &["--fix", "--unsafe-fixes"]);
    assert_eq!(text(&folder, "all.yaml"), both.replace("300", "5"));
    assert_eq!(text(&folder, "some.yaml"), besides);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.contains("timeout_seconds is shared with others, where it may be right"), "{said}");
}

#[test]
fn a_key_that_another_replaced_is_renamed_where_both_mean_the_same() {
    let select = ["--fix", "--unsafe-fixes", "--select", "setting-ignored,setting-removed"];
    let flat = "spring.datasource.url=jdbc:postgresql://db/shop?socketTimeout=30\nspring.datasource.max-wait=10000\n";
    let nested =
        "spring:\n  datasource:\n    url: jdbc:postgresql://db/shop?socketTimeout=30\n    maximumPoolSize: 20 # all\n";
    let beside = "spring:\n  datasource:\n    url: jdbc:postgresql://db/shop?socketTimeout=30\n    maximum-pool-size: 20\n    hikari:\n      idle-timeout: 60000\n";
    let moved = "spring:\n  datasource:\n    url: jdbc:postgresql://db/shop?socketTimeout=30\n    hikari:\n      idle-timeout: 60000\n      maximum-pool-size: 20\n";
    // attempts are not retries
    let other = "spring:\n  rabbitmq:\n    listener:\n      simple:\n        retry:\n          enabled: true\n          max-attempts: 3\n";
    for (name, before, after) in [
        ("application.properties", flat, flat.replace("max-wait", "hikari.connection-timeout")),
        ("application.yml", nested, nested.replace("maximumPool", "hikari.maximumPool")),
        ("application.yml", beside, moved.to_owned()),
        ("application.yml", other, other.to_owned()),
    ] {
        let pom = "<project><parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>4.0.0</version></parent></project>";
        let pinned = scratch(&[(name, before), ("pom.xml", pom)]);
        let folder = if before == other { pinned } else { scratch(&[(name, before)]) };
        let done = trueup(folder.path(), &select);
        assert_eq!(text(&folder, name), after, "{}", String::from_utf8_lossy(&done.stderr));
    }
}

#[test]
fn sarif_holds_the_fixes_as_they_are_made() {
    let before = "vector_db:\n  url: http://qdrant:6333\n  timeout_seconds: 300 # é\n  retry:\n    max_attempts: 5\n    delay_seconds: 2\n";
    let folder = scratch(&[("config.yaml", before)]);
    let done = trueup(folder.path(), &["--format", "sarif"]);
    let log: serde_yaml::Value = serde_yaml::from_slice(&done.stdout).expect("JSON is YAML");
    let results = log["runs"][0]["results"].as_sequence().expect("results");
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    for change in results.iter().filter_map(|result| result["fixes"][0]["artifactChanges"].as_sequence()).flatten() {
        assert_eq!(change["artifactLocation"]["uri"].as_str(), Some("config.yaml"));
        for replacement in change["replacements"].as_sequence().expect("replacements") {
            let number = |name: &str| replacement["deletedRegion"][name].as_u64().expect("a number") as usize;
            let text = replacement["insertedContent"]["text"].as_str().expect("a text");
            edits.push((number("byteOffset"), number("byteLength"), text.to_owned()));
        }
    }
    edits.sort_by_key(|(at, ..)| *at); // stable
    let mut after = before.to_owned();
    for (at, length, text) in edits.iter().rev() {
        after.replace_range(*at..at + length, text);
    }
    trueup(folder.path(), &["--fix", "--unsafe-fixes"]);
    let fixed: serde_yaml::Value = serde_yaml::from_str(&text(&folder, "config.yaml")).expect("YAML");
    assert_eq!(serde_yaml::from_str::<serde_yaml::Value>(&after).expect("YAML"), fixed);
    assert!(after.contains("timeout_seconds: 5 # é"), "{after}");
}

#[test]
fn a_variable_goes_beside_those_of_its_resource() {
    let map = "services:\n  pooler:\n    image: edoburu/pgbouncer:v1.24.1-p1\n    environment:\n      POOL_MODE: transaction # shared\n      DEFAULT_POOL_SIZE: \"20\"\n";
    let list = "services:\n  pooler:\n    image: bitnami/pgbouncer:1.24.1\n    environment:\n      - PGBOUNCER_POOL_MODE=transaction\n      - PGBOUNCER_DEFAULT_POOL_SIZE=20\n";
    for (before, last, new) in [
        (map, "DEFAULT_POOL_SIZE: \"20\"\n", "      IDLE_TRANSACTION_TIMEOUT: \"60\"\n"),
        (list, "PGBOUNCER_DEFAULT_POOL_SIZE=20\n", "      - PGBOUNCER_IDLE_TRANSACTION_TIMEOUT=60\n"),
    ] {
        let folder = scratch(&[("compose.yaml", before)]);
        let select = ["--fix", "--unsafe-fixes", "--select", "pooler-idle-transaction-unlimited"];
        let done = trueup(folder.path(), &select);
        let after = before.replace(last, &format!("{last}{new}"));
        assert_eq!(text(&folder, "compose.yaml"), after, "{}", String::from_utf8_lossy(&done.stderr));
    }
}

/// A file system of a few kilobytes, where this process may mount one.
struct Small(TempDir);

impl Small {
    fn mount() -> Option<Small> {
        let folder = TempDir::new().expect("a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"]).arg(folder.path());
        mount.output().is_ok_and(|output| output.status.success()).then(|| Small(folder))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_is_told_of_and_leaves_every_file_as_it_was() {
    let Some(small) = Small::mount() else {
        println!("skipped: this process may not mount a small file system");
        return;
    };
    let folder = small.0.path();
    let long = format!("{OFF}{}", "# a line of no meaning\n".repeat(300));
    fs::write(folder.join("postgresql.conf"), &long).expect("there is room");
    let rest = vec![b'x'; 64 << 10];
    let _ = fs::write(folder.join("rest"), &rest); // as much as there is room for
    let done = trueup(folder, &["--fix", "--unsafe-fixes"]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("postgresql.conf: not fixed: No space left on device"), "{said}");
    assert_eq!(done.status.code(), Some(2));
    assert_eq!(fs::read_to_string(folder.join("postgresql.conf")).expect("the file"), long);
    let mut names: Vec<_> =
        fs::read_dir(folder).expect("the folder").flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    assert_eq!(names, ["postgresql.conf", "rest"]);
    // with room again, it is fixed
    fs::remove_file(folder.join("rest")).expect("it goes");
    let _ = trueup(folder, &["--fix", "--unsafe-fixes"]);
    assert_eq!(fs::read_to_string(folder.join("postgresql.conf")).expect("the file"), long.replace("= off", "= on"));
}

#[test]
fn where_the_first_offer_cannot_be_made_the_next_is() {
    let before = "resilience4j:\n  retry:\n    instances:\n      backend:\n        max-attempts: 4\n        wait-duration: 500ms\n";
    let folder = scratch(&[("application.yml", before)]);
    trueup(folder.path(), &["--fix", "--unsafe-fixes", "--select", "retry-without-backoff"]);
    let after = text(&folder, "application.yml");
    // alone, a multiplier has no effect
    assert!(after.contains("        enable-exponential-backoff: true\n"), "{after}");
    assert!(after.contains("        exponential-backoff-multiplier: 2\n"), "{after}");
    assert!(after.starts_with(before), "{after}");
}
