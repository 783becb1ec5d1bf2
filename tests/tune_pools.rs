//! `trueup tune` and the pools of a server's clients: they are made to fit what the server takes where the arithmetic is
//! certain, and told of otherwise.

#[path = "support/program.rs"]
mod program;

use std::fs;

use serde_json::Value;
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
      DB_POOL_SIZE: 20   # as ever
  db:
    image: postgres:16.4
    deploy:
      resources:
        limits:
          memory: 4G
          cpus: \"2\"
";

const POOLED: &str = "services:
  db:
    image: postgres:16
    mem_limit: 4g
    cpus: 2
  bouncer:
    image: edoburu/pgbouncer
    volumes: [\"./pgbouncer.ini:/etc/pgbouncer/pgbouncer.ini\"]
";

const BOUNCER: &str = "[databases]
shop = host=db user=app
stock = host=db user=app pool_size=25
[pgbouncer]
; measured in May
default_pool_size = 60
reserve_pool_size = 5
";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

fn said(folder: &TempDir, arguments: &[&str]) -> (String, String) {
    let (code, out, err) = program::run(folder.path(), "tune", arguments);
    assert_eq!(code, 0, "{out}\n{err}");
    (out, err.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn json(folder: &TempDir, arguments: &[&str]) -> Value {
    let (out, err) = said(folder, &[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"))
}

/// What a file holds once the plan is written; a second run changes nothing.
fn fixed(folder: &TempDir, file: &str, arguments: &[&str]) -> String {
    said(folder, &[arguments, &["--fix"]].concat());
    let text = fs::read_to_string(folder.path().join(file)).expect("a file");
    let (out, err) = said(folder, arguments);
    assert!(out.is_empty() && err.contains("nothing to change") && !err.contains("Pools that fit"), "{out}{err}");
    text
}

#[test]
fn pools_are_made_to_fit() {
    let shop = folder(&[("compose.yml", SHOP)]);
    let plain = json(&shop, &["."]);
    assert_eq!((plain["warnings"].to_string(), plain["notes"].to_string()), ("[]".to_owned(), "[]".to_owned()));
    // 3 × 12 connections are within 40, of which 3 are kept back
    let told = json(&shop, &[".", "--connections", "40"]);
    let notes = told["notes"].to_string();
    assert!(notes.contains("may open 60 connections, and 37 are there for them"), "{told}");
    assert!(notes.contains("Pools that fit: compose.yml:9: 12 instead of 20."), "{told}");
    let text = fixed(&shop, "compose.yml", &[".", "--connections", "40"]);
    assert!(text.contains("      DB_POOL_SIZE: 12   # as ever\n") && text.contains("max_connections=40"), "{text}");
    assert!(text.starts_with("# the shop\n") && text.contains("s3cr3t-canary"), "{text}");
    // statements write no pools
    let other = folder(&[("compose.yml", SHOP)]);
    let (script, _) = said(&other, &[".", "--connections", "40", "--format", "sql"]);
    assert!(
        script.contains("-- The clients' pools may open 60") && script.contains("max_connections = '40'"),
        "{script}"
    );
}

#[test]
fn what_the_memory_holds_is_shared_by_the_pools() {
    let small = folder(&[("compose.yml", &*SHOP.replace("memory: 4G", "memory: 1G"))]);
    let plan = json(&small, &["."]);
    let settings = plan["settings"].as_array().expect("settings");
    let most = settings.iter().find(|one| one["parameter"] == "max_connections").expect("it is there");
    let most: i64 = most["value"].as_str().and_then(|text| text.parse().ok()).expect("a number");
    let text = fixed(&small, "compose.yml", &["."]);
    let size = text.lines().find_map(|line| line.trim().strip_prefix("DB_POOL_SIZE: ")).expect("it is there");
    let size: i64 = size.split(' ').next().and_then(|text| text.parse().ok()).expect("a number");
    // the server takes what the pools open and what it keeps back, and no more
    assert!(size < 20 && most == (3 * size + 3).max(10), "{most}: {text}");
    assert!(
        text.contains(&format!("max_connections={most}")) || text.contains(&format!("max_connections: {most}")),
        "{text}"
    );
    let origin = plan["inputs"]["connections"]["origin"].as_str().expect("an origin");
    assert_eq!(origin, "smaller pools in place of api 3 × 20, and 3 kept back");
}

#[test]
fn a_poolers_own_pools_are_made_to_fit() {
    let pooled = folder(&[("compose.yml", POOLED), ("pgbouncer.ini", BOUNCER)]);
    // 60 + 5 and 25 + 5 are 95; of 50, 3 are kept back
    let text = fixed(&pooled, "pgbouncer.ini", &[".", "--connections", "50"]);
    let expected = BOUNCER
        .replace("pool_size=25", "pool_size=12")
        .replace("default_pool_size = 60", "default_pool_size = 29")
        .replace("reserve_pool_size = 5", "reserve_pool_size = 2");
    assert_eq!(text, expected);
    // a limit for all roles of a database says how many there are
    let limited = BOUNCER.replace("user=app\n", "\n").replace(" user=app ", " ") + "max_db_connections = 40\n";
    let pooled = folder(&[("compose.yml", POOLED), ("pgbouncer.ini", &*limited)]);
    let text = fixed(&pooled, "pgbouncer.ini", &[".", "--connections", "50"]);
    assert_eq!(text, limited.replace("max_db_connections = 40", "max_db_connections = 23"));
    let own = limited.replace("pool_size=25", "pool_size=25 max_db_connections=10");
    let pooled = folder(&[("compose.yml", POOLED), ("pgbouncer.ini", &*own)]);
    let text = fixed(&pooled, "pgbouncer.ini", &[".", "--connections", "30"]);
    let expected = own.replace("max_db_connections=10", "max_db_connections=5");
    assert_eq!(text, expected.replace("max_db_connections = 40", "max_db_connections = 21"));
}

#[test]
fn a_pooler_that_opens_a_pool_for_each_role_gets_a_limit() {
    let open = BOUNCER.replace(" user=app", "");
    let pooled = folder(&[("compose.yml", POOLED), ("pgbouncer.ini", &*open)]);
    let text = fixed(&pooled, "pgbouncer.ini", &["."]);
    // the memory has 79 connections, of which 3 are kept back
    assert_eq!(text, open.clone() + "max_db_connections = 38\n");
    let compose = fs::read_to_string(pooled.path().join("compose.yml")).expect("a file");
    assert!(compose.contains("max_connections=79"), "{compose}");
    // pools that are small enough for several roles are left alone
    let small = open.replace("= 60", "= 10").replace("pool_size=25", "pool_size=5");
    let pooled = folder(&[("compose.yml", POOLED), ("pgbouncer.ini", &*small)]);
    assert_eq!(fixed(&pooled, "pgbouncer.ini", &["."]), small);
}

#[test]
fn what_is_not_certain_is_only_told() {
    let told = |files: &[(&str, &str)], fit: &str| {
        let folder = folder(files);
        let before: Vec<String> = files.iter().map(|(_, text)| (*text).to_owned()).collect();
        let warnings = json(&folder, &[".", "--connections", "40"])["warnings"].to_string();
        assert_eq!(warnings.contains("Pools that fit"), !fit.is_empty(), "{warnings}");
        assert!(warnings.contains(fit), "{warnings}");
        said(&folder, &[".", "--connections", "40", "--fix"]);
        for ((name, _), before) in files.iter().zip(before) {
            let after = fs::read_to_string(folder.path().join(name)).expect("a file");
            let sizes = |text: &str| -> Vec<String> {
                let is_size = |line: &&str| line.to_ascii_lowercase().contains("pool_size");
                text.lines().filter(is_size).map(str::to_owned).collect()
            };
            assert_eq!(sizes(&after), sizes(&before), "{name}");
        }
    };
    // where fewer threads than connections say how many, or a pool's size is written nowhere, no size is known to fit
    told(&[("compose.yml", &SHOP.replace("--threads 25", "--threads 15"))], "");
    told(&[("compose.yml", &SHOP.replace("      DB_POOL_SIZE: 20   # as ever\n", ""))], "");
    // a size from a variable is written elsewhere
    let variable = SHOP.replace("DB_POOL_SIZE: 20", "DB_POOL_SIZE: ${POOL:-20}");
    told(&[("compose.yml", &variable)], "12 instead of 20");
    // another client's pool is not seen
    let more = SHOP.replace(
        "  db:\n",
        "  jobs:\n    image: shop/jobs:1\n    environment:\n      DATABASE_URL: postgresql://app@db:5432/shop\n  db:\n",
    );
    told(&[("compose.yml", &more)], "");
    // one value for two
    let shared = SHOP.replace("services:\n", "x-env: &env { DB_POOL_SIZE: 20 }\nservices:\n").replace(
        "    environment:\n      DATABASE_URL: postgresql://app:s3cr3t-canary@db:5432/shop\n      DB_POOL_SIZE: 20   # as ever\n",
        "    environment:\n      <<: *env\n      DATABASE_URL: postgresql://app:s3cr3t-canary@db:5432/shop\n  other:\n    image: x\n    environment:\n      <<: *env\n",
    );
    told(&[("compose.yml", &shared)], "12 instead of 20");
    // any number of roles, each with a pool
    told(
        &[("compose.yml", POOLED), ("pgbouncer.ini", &BOUNCER.replace("shop = host=db user=app", "shop = host=db"))],
        "",
    );
}
