//! Files made to hurt, under names that are read as configuration: the whole engine answers, soon, without a panic.

#[path = "support/random.rs"]
mod random;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use random::Random;
use trueup::analysis::{Input, Outcome, Status, analyse};
use trueup::workspace::{Engine as _, Shipped};

/// What one hostile input may take. Unoptimised code is some six times slower than what is shipped.
const LIMIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 12 } else { 2 });

/// What [`known_work`] takes where the limit was set.
const KNOWN_WORK: Duration = Duration::from_millis(if cfg!(debug_assertions) { 450 } else { 120 });

/// A stack smaller than that of any thread the program uses.
const STACK: usize = 1 << 20;

/// One name for each way a file is read.
const NAMES: [&str; 10] = [
    "docker-compose.yml",
    "app.yaml",
    "deployment.yaml",
    "app.json",
    "app.toml",
    ".env",
    "application.properties",
    "pgbouncer.ini",
    "postgresql.conf",
    "conf.d/tuning.conf",
];

/// Analyses `files` on one thread with a small stack, within [`LIMIT`] of processor time.
fn survives(name: &str, files: Vec<(&str, Vec<u8>)>) -> Outcome {
    let engine = Shipped::new();
    let inputs = files.into_iter().map(|(path, bytes)| Input { path: path.into(), bytes }).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK).build().expect("a thread");
    let (outcome, took) = pool.install(|| {
        let (start, before) = (Instant::now(), processor_time());
        let outcome = analyse(engine.known(), inputs);
        let spent = processor_time().zip(before).map(|(after, before)| after - before);
        (outcome, spent.unwrap_or_else(|| start.elapsed()))
    });
    // a slower machine, or one that others slow down, is given as much more as it needs for known work
    let limit = || LIMIT.mul_f64((known_work().as_secs_f64() / KNOWN_WORK.as_secs_f64()).max(1.0));
    assert!(took < LIMIT || took < limit(), "{name} takes {took:?}");
    outcome
}

/// Processor time of work that is always the same: texts made, ordered and thrown away.
fn known_work() -> Duration {
    let (start, before) = (Instant::now(), processor_time());
    let texts: BTreeMap<String, usize> = (0..200_000).map(|i: usize| (format!("k{}", i * 7919 % 200_003), i)).collect();
    assert_eq!(texts.len(), 200_000);
    drop(texts);
    processor_time().zip(before).map_or_else(|| start.elapsed(), |(after, before)| after - before)
}

/// What this thread has used so far, where the system tells: other work on the machine must not fail a test.
fn processor_time() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn text(name: &str, text: String) -> Outcome {
    survives(&format!("{name} {:?}", &text[..text.len().min(24)]), vec![(name, text.into_bytes())])
}

#[test]
fn deep_nesting() {
    for head in ["", "services:\n  db: ", "{\"services\": ", "a = ", "command: postgres -c "] {
        for piece in ["[", "{a: ", "{\"a\":", "- ", "? ", "$(", "${A:-", "{{ ", "sh -c '"] {
            for name in NAMES {
                text(name, format!("{head}{}", piece.repeat(20_000)));
            }
        }
    }
    let maps: String = (0..1_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    text("docker-compose.yml", format!("services:\n{maps}"));
    text("app.yaml", maps);
}

#[test]
fn alias_bombs() {
    let mut bomb = "services:\n  db: {image: \"postgres:16\", environment: *a9}\na0: &a0 {x: y}\n".to_owned();
    for level in 1..30 {
        bomb += &format!("a{level}: &a{level} {{a: *a{0}, b: *a{0}, c: *a{0}, <<: *a{0}}}\n", level - 1);
    }
    for name in ["docker-compose.yml", "app.yaml", "deployment.yaml"] {
        text(name, bomb.clone());
        text(name, "services: &a\n  db: *a\n  x: {<<: *a}\n  image: postgres\n".into());
        text(name, "services:\n  a: &a {<<: [*a, *b, *b]}\n  b: &b {<<: [*a, *a, *b], image: 'postgres:16'}\n".into());
    }
}

#[test]
fn many_keys() {
    let lines = |line: fn(usize) -> String| (0..300_000).map(line).collect::<String>();
    text("app.yaml", lines(|i| format!("k{i}: {i}\n")));
    text("app.yaml", format!("database:\n{}", lines(|i| format!("  pool_{i}: {i}\n"))));
    text("app.json", format!("{{{}\"z\": 0}}", lines(|i| format!("\"k{i}\": {i},\n"))));
    text("app.toml", format!("[database.pool]\n{}", lines(|i| format!("max_size_{i} = {i}\n"))));
    text(".env", lines(|i| format!("DB_POOL_SIZE_{i}={i}\n")));
    text("application.properties", lines(|i| format!("spring.datasource.k{i}={i}\n")));
    text("pgbouncer.ini", format!("[databases]\n{}", lines(|i| format!("d{i} = host=h dbname=d\n"))));
    text("postgresql.conf", lines(|i| format!("a.k{i} = {i}\n")));
}

#[test]
fn the_same_key_again_and_again() {
    text("postgresql.conf", "work_mem = 4MB\n".repeat(100_000));
    text("postgresql.conf", "work_mem = 4MBs\n".repeat(20_000));
    text("app.yaml", format!("database:\n{}", "  timeout: 5\n".repeat(100_000)));
    text("app.json", format!("{{\"database\": {{{}\"timeout\": 5}}}}", "\"timeout\": 5,\n".repeat(100_000)));
    text(".env", "DB_POOL_SIZE=4\n".repeat(100_000));
    text("pgbouncer.ini", format!("[pgbouncer]\n{}", "pool_mode = transaction\n".repeat(100_000)));
    text("pgbouncer.ini", "[pgbouncer]\n".repeat(50_000));
}

#[test]
fn many_addresses() {
    let many = |line: fn(usize) -> String| (0..5_000).map(line).collect::<String>();
    let address = |i| format!("  k{i}: postgres://h/d?connect_timeout={i}\n");
    text("app.yaml", many(|i| format!("k{i}: postgres://h/d?connect_timeout={i}\n")));
    text("app.yaml", format!("- name: a\n{}", many(address)));
    text(".env", many(|i| format!("K{i}=postgres://h/d?pool={i}\n")));
    text(
        "app.yaml",
        format!(
            "databases:\n{}",
            many(|i| format!("  d{i}:\n    database:\n      url: postgres://h/d\n      pool_size: {i}\n"))
        ),
    );
    text("app.yaml", format!("a: \"postgres://{}\"\n", "h,".repeat(1_500)));
    text("app.yaml", format!("a: \"jdbc:postgresql://h/d?{}\"\n", "socketTimeout=1&".repeat(200)));
    text("app.yaml", format!("a: \"jdbc:{}\"\n", "mysql:".repeat(500)));
    text("config/database.yml", format!("production:\n  pool: <%= {} %>\n", "(ENV['A'] || ".repeat(50_000)));
    text(
        "config/database.yml",
        format!("production:\n  pool: <%= {}5{} %>\n", "ENV.fetch('A') { ".repeat(20_000), "}".repeat(20_000)),
    );
}

#[test]
fn many_resources() {
    let services: String = (0..10_000)
        .map(|i| {
            format!(
                "  s{i}:\n    image: postgres:16\n    command: postgres -c work_mem=64MBs\n    depends_on: [s{}]\n",
                i / 2
            )
        })
        .collect();
    let outcome = text("docker-compose.yml", format!("services:\n{services}"));
    assert!(matches!(outcome.files[0].status, Status::Recognised(_)));
    let sections: String = (0..5_000)
        .map(|i| format!("database_{i}:\n  database:\n    pool: {{max_size: 0}}\n    retry: {{max_attempts: 5}}\n"))
        .collect();
    text("app.yaml", sections);
    let documents =
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata:\n  postgresql.conf: |\n    work_mem = 4MBs\n---\n";
    text("deployment.yaml", documents.repeat(1_000));
    text("app.yaml", "---\ndatabase: {pool: {max_size: 0}}\n".repeat(5_000));
    text("app.toml", "[[database]]\npool.max_size = 0\n".repeat(5_000));
}

#[test]
fn long_lines() {
    let long = "x".repeat(1 << 20);
    for name in NAMES {
        text(name, format!("a: {long}\nb: 1\n"));
        text(name, format!("# {long}\nwork_mem = 4MBs\n"));
    }
    let long = "x".repeat(1 << 18);
    for name in NAMES {
        for line in [
            format!("{long}: 1\n"),
            format!("{{\"a\": \"{long}\", \"b\": 1}}"),
            format!("a = \"{long}\"\n"),
            format!("work_mem = {}\n", "9".repeat(1 << 18)),
            format!("DB_TIMEOUT={}s\n", "9".repeat(1 << 18)),
            format!("database: {{url: \"postgres://u:{long}@h/d?a={long}\"}}\n"),
            format!("DATABASE_URL=postgres://{}\n", "a:b@".repeat(1 << 16)),
            format!(
                "services: {{db: {{image: 'postgres:16', command: \"postgres {}\"}}}}\n",
                "-c a=b ".repeat(1 << 15)
            ),
        ] {
            text(name, line);
        }
    }
    text("app.yaml", format!("{} 1\n", "retry_".repeat(100_000)));
    text("app.yaml", format!("database:\n  {}: 1\n", "pool_max_".repeat(10_000)));
    text("app.yaml", format!("database:\n  {}: 1\n", "MaxSize".repeat(10_000)));
}

#[test]
fn what_is_no_text() {
    for name in NAMES {
        for bytes in [
            b"a: \0\n".to_vec(),
            b"\xff\xfea\0:\0 \x001\0".to_vec(),
            b"\xfe\xff\0a\0:\0 \x001".to_vec(),
            b"a: \xe9\n".to_vec(),
            vec![0; 1 << 20],
            vec![b' '; (16 << 20) + 1],
        ] {
            let outcome = survives(name, vec![(name, bytes)]);
            assert!(matches!(outcome.files[0].status, Status::Skipped(_)), "{name}: {:?}", outcome.files[0].status);
        }
        for text in ["", "\u{feff}", "\n", "\r", "\r\n", "#", "a: 1\rb: 2\r", "\u{7}\u{1b}[2J: \u{202e}1\n"] {
            survives(name, vec![(name, text.as_bytes().to_vec())]);
        }
    }
}

#[test]
fn circular_includes() {
    let conf = |text: &str| text.as_bytes().to_vec();
    survives("itself", vec![("postgresql.conf", conf("include 'postgresql.conf'\nwork_mem = 4MBs\n"))]);
    survives("itself, often", vec![("postgresql.conf", conf(&"include 'postgresql.conf'\n".repeat(10_000)))]);
    survives(
        "each other",
        vec![
            ("a/postgresql.conf", conf("include 'b.conf'\n")),
            ("a/b.conf", conf("include 'postgresql.conf'\nport = 1\n")),
        ],
    );
    let each_other = |other: &str| conf(&format!("work_mem = 4MB\n{}", format!("include '{other}'\n").repeat(100)));
    survives(
        "each other, often",
        vec![("a/postgresql.conf", each_other("b.conf")), ("a/b.conf", each_other("postgresql.conf"))],
    );
    survives(
        "a folder that holds itself",
        vec![("conf.d/postgresql.conf", conf("include_dir '.'\ninclude_dir '../conf.d'\n"))],
    );
    let names: Vec<String> = (0..12).map(|i| format!("p/{i}.conf")).collect();
    let chain = (0..12).map(|i| {
        let next = format!("include '{}.conf'\n", i + 1).repeat(50);
        (names[i].as_str(), conf(&format!("work_mem = {i}MB\nfsync = on\nmax_connections = 10\n{next}")))
    });
    survives("a chain that doubles", chain.collect());
    let long: Vec<String> = (0..2_000).map(|i| format!("conf.d/{i}.conf")).collect();
    let mut files: Vec<(&str, Vec<u8>)> =
        long.iter().map(|name| (name.as_str(), conf("work_mem = 4MB\nfsync = on\nport = 1\n"))).collect();
    files.push(("postgresql.conf", conf(&"include_dir 'conf.d'\n".repeat(50))));
    survives("a large folder, often", files);
}

/// A generator with a fixed seed, so that a failure comes back.
const SEEDS: [(&str, &str); 9] = [
    (
        "docker-compose.yml",
        "x-db: &db\n  environment: &env {POSTGRES_USER: a, PGOPTIONS: \"-c work_mem=4MB\"}\nservices:\n  db:\n    <<: *db\n    image: postgres:${PG:-16}\n    command: [\"postgres\", \"-c\", \"max_connections=${MAX:-300}\", \"-c\", \"shared_buffers=4GB\"]\n    deploy: {resources: {limits: {memory: 2g}}, replicas: 3}\n    healthcheck: {test: [\"CMD\", \"pg_isready\"], interval: 10s, timeout: 5s, retries: 5}\n  app:\n    image: app\n    environment:\n      - DATABASE_URL=postgres://u:p@db/app?connect_timeout=3\n      - DB_POOL_SIZE=40\n",
    ),
    (
        "deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: pg}\nspec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n        - name: pg\n          image: postgres:15.2\n          args: [\"-c\", \"fsync=off\"]\n          env: [{name: PGMAX, value: \"10\"}]\n          resources: {limits: {memory: 1Gi, cpu: 500m}}\n---\napiVersion: v1\nkind: ConfigMap\ndata:\n  postgresql.conf: |\n    work_mem = 64MB # c\n    statement_timeout = '30s'\n",
    ),
    (
        "bench.yaml",
        "benchmark: {duration: 60s, concurrency: 64}\nvector_db:\n  timeout_seconds: 300\n  retry:\n    max_attempts: 5\n    delay_seconds: 2\n  search: {top_k: 10000, include_values: true}\npostgres:\n  url: postgres://u:p@h:5432/d\n  pool: {max_size: 20, idle_timeout_ms: 0}\n",
    ),
    (
        "app.json",
        "{\"http\": {\"requestTimeoutMs\": 600000, \"retry\": {\"attempts\": 3, \"backoff\": \"fixed\"}}, // c\n \"cache\": {\"ttl\": \"1h\"}}\n",
    ),
    (
        "app.toml",
        "[database]\nurl = \"postgres://u:p@h/d\"\npool.max_connections = 40\nconnect_timeout = \"5s\"\n[[client]]\nretry = {max = 3}\n",
    ),
    (
        ".env",
        "DB_POOL_SIZE=40\nexport DB_TIMEOUT_MS=30000\nDATABASE_URL=postgres://u:p@h/d?sslmode=off\nPGOPTIONS='-c statement_timeout=0'\n",
    ),
    (
        "postgresql.conf",
        "# c\nshared_buffers = 128MB\nwork_mem=4 MB\ninclude_if_exists 'x.conf'\nstatement_timeout '1min'\nmax_connections = 0x10\n",
    ),
    (
        "pgbouncer.ini",
        "[databases]\n* = host=h port=5432 pool_size=10\n[pgbouncer]\npool_mode = transaction\nmax_client_conn = 100\nserver_lifetime = 0\n",
    ),
    (
        "application.properties",
        "spring.datasource.hikari.maximum-pool-size=10\nspring.datasource.hikari.connectionTimeout=${T:30000}\nserver.tomcat.threads.max=200\n",
    ),
];

const PIECES: [&str; 40] = [
    ":",
    " ",
    "\n",
    "\n  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "#",
    "&a ",
    "*a",
    "<<: *db\n",
    "!!str ",
    "|\n",
    "${X",
    "${X:-1}",
    "{{ x }}",
    "=",
    "-c ",
    "--",
    "$(",
    "\\",
    "\t",
    "\r",
    "é",
    "漢",
    "\u{feff}",
    "0",
    "-1",
    "99999999999999999999",
    "1e309",
    "5 min",
    "64MBs",
    "off",
    "null",
    "postgres",
    "include 'postgresql.conf'\n",
];

fn mutant(random: &mut Random, seed: &str) -> String {
    let mut text = seed.to_owned();
    let place = |random: &mut Random, text: &str| {
        let mut at = random.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    for _ in 0..1 + random.below(5) {
        let at = place(random, &text);
        match random.below(5) {
            0 | 1 => text.insert_str(at, PIECES[random.below(PIECES.len())]),
            2 => {
                let end =
                    text[at..].char_indices().nth(1 + random.below(6)).map_or(text.len(), |(length, _)| at + length);
                text.replace_range(at..end, "");
            }
            3 => {
                let end = place(random, &text).max(at);
                let copy = text[at..end].to_owned();
                let to = place(random, &text);
                text.insert_str(to, &copy);
            }
            _ => text.truncate(at),
        }
    }
    text
}

#[test]
fn mutants_are_analysed() {
    let engine = Shipped::new();
    let mut random = Random(0x5eed_0002);
    let (mut recognised, mut found) = (0, 0);
    for round in 0..4_000 {
        let files: Vec<(&str, String)> = (0..3)
            .map(|_| {
                let (name, seed) = SEEDS[random.below(SEEDS.len())];
                (name, mutant(&mut random, seed))
            })
            .collect();
        let inputs = files.iter().map(|(path, text)| Input { path: (*path).into(), bytes: text.clone().into_bytes() });
        let inputs: Vec<Input> = inputs.collect();
        let outcome = std::panic::catch_unwind(|| analyse(engine.known(), inputs));
        let outcome = outcome.unwrap_or_else(|_| panic!("round {round} panics: {files:?}"));
        recognised += outcome.files.iter().filter(|file| matches!(file.status, Status::Recognised(_))).count();
        found += outcome.findings.len();
        for finding in &outcome.findings {
            let places = std::iter::once(finding.primary).chain(finding.related.iter().map(|related| related.location));
            for place in places {
                let text = &files[place.file as usize].1;
                let inside = text.get(place.start as usize..place.end as usize);
                assert!(inside.is_some(), "round {round}: {} points outside of {text:?}", finding.rule);
            }
            assert!(!finding.message.is_empty() && !finding.message.contains('\n'), "round {round}: {finding:?}");
        }
    }
    eprintln!("{recognised} of 12000 mutants recognised, {found} findings");
    assert!(
        recognised > 6_000 && found > 100,
        "{recognised} recognised, {found} findings: the mutants miss the engine"
    );
}

#[test]
fn fixtures_with_damage_are_inspected() {
    let engine = Shipped::new();
    let settings = trueup::workspace::Settings::default_for(Path::new("/"));
    let mut random = Random(0x5eed_0003);
    for _ in 0..300 {
        let (name, seed) = SEEDS[random.below(SEEDS.len())];
        let bytes = mutant(&mut random, seed).into_bytes();
        assert!(!engine.inspect(Input { path: name.into(), bytes }, Vec::new(), &settings).is_empty());
    }
}

mod program {
    //! The same through the real program: what the user sees, and the exit code.

    use super::*;
    use assert_cmd::Command;

    fn check(root: &Path, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
        let output = command.current_dir(root).arg("check").args(arguments).output().expect("trueup runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        (output.status.code().expect("no signal ended it"), text(output.stdout), text(output.stderr))
    }

    #[test]
    fn what_cannot_be_read_is_counted_with_its_reason() {
        let root = tempfile::tempdir().expect("a temporary directory");
        for (name, bytes) in [
            ("docker-compose.yml", &b"services: \0\n"[..]),
            ("app.yaml", b"\xff\xfea\0:\0"),
            ("app.json", b"{\"a\": "),
            ("postgresql.conf", b"work_mem = 4MB\n"),
        ] {
            fs::write(root.path().join(name), bytes).expect("a file");
        }
        let (code, out, errors) = check(root.path(), &[]);
        assert_eq!((code, errors.as_str()), (0, ""), "{out}");
        assert!(out.contains("1 file read, 1 recognised"), "{out}");
        assert!(out.contains("1 file skipped: encoded as UTF-16"), "{out}");
    }

    #[test]
    fn a_damaged_file_of_a_known_kind_is_a_finding_or_is_named() {
        let root = tempfile::tempdir().expect("a temporary directory");
        fs::write(root.path().join("docker-compose.yml"), "services:\n  db:\n    image: \"postgres:16\n")
            .expect("a file");
        let (code, out, _) = check(root.path(), &["--format", "json"]);
        assert!(code <= 1, "{out}");
        let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        let skipped = report["summary"]["files"]["skipped"].as_array().map_or(0, Vec::len);
        let findings = report["findings"].as_array().map_or(0, Vec::len);
        assert!(skipped + findings > 0, "{out}");
    }
}
