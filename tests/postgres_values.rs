//! What `quantity::postgres` says of a value is what a real server says of it.
//!
//! Some thousand pairs of parameter and text, the corners of the grammar among them, go to each server there is. It must
//! accept what we accept, refuse what we refuse, and show the value we computed. `TRUEUP_PAIRS` is how many of them are
//! drawn besides the corners (4,000).

#[path = "support/postgres_server.rs"]
#[allow(dead_code)]
mod postgres_server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use postgres::Client;
use postgres_server::Server;
use rayon::prelude::*;
use trueup::quantity::Unit;
use trueup::quantity::postgres::{Context, Kind, Parameter, check, parameters};

#[test]
fn servers_agree() {
    let servers = postgres_server::installed();
    if servers.is_empty() {
        eprintln!("skipped: no Postgres server found in TRUEUP_POSTGRES_DIR, PATH or /usr/lib/postgresql");
    }
    let majors: BTreeMap<u32, PathBuf> = servers.iter().filter_map(|bin| Some((major(bin)?, bin.clone()))).collect();
    let newest = majors.last_key_value().map(|(major, _)| *major);
    majors.par_iter().for_each(|(major, bin)| {
        // the newest is asked everything, each other another part
        let step = if newest == Some(*major) { 1 } else { 5 };
        let server = Server::start(bin).expect("the server starts");
        let mut session = Session::open(&server);
        let mut pairs: Vec<_> = pairs(session.version).into_iter().skip(*major as usize % step).step_by(step).collect();
        pairs.extend(limits(session.version));
        let nobody = session.client.batch_execute("ALTER SYSTEM SET no_such_parameter = 1");
        assert!(nobody.is_err() && parameters().find("no_such_parameter", session.version).is_none());
        let mut disagreements = Vec::new();
        for (parameter, text) in &pairs {
            let ours = check(parameter, text);
            if ours.as_ref().is_ok_and(|value| value.needs_build) {
                continue;
            }
            let theirs = session.ask(parameter, text);
            let ours = ours.map(|value| value.setting());
            if ours.as_ref().ok() != theirs.as_ref().ok() {
                disagreements.push(format!("{} = {text:?}: we say {ours:?}, the server {theirs:?}", parameter.name));
            }
        }
        let refused = pairs.iter().filter(|(parameter, text)| check(parameter, text).is_err()).count();
        eprintln!(
            "Postgres {}: {} pairs, {refused} refused, {} disagreements",
            session.version,
            pairs.len(),
            disagreements.len()
        );
        assert!(disagreements.is_empty(), "Postgres {}:\n{}", session.version, disagreements.join("\n"));
        assert!(pairs.len() >= 300 && refused >= 100 && pairs.len() - refused >= 100);
    });
}

/// The major version of a server.
fn major(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}

/// One session with a server, in which every question leaves everything as it was.
struct Session<'a> {
    server: &'a Server,
    client: Client,
    version: u16,
}

impl<'a> Session<'a> {
    fn open(server: &'a Server) -> Session<'a> {
        let mut client = server.connect().expect("the server accepts connections");
        let number: String =
            client.query_one("SHOW server_version_num", &[]).expect("every server has a version").get(0);
        let version = number.parse::<u32>().expect("a number") / 10_000;
        // one statement, so that a timeout of 1 ms is set, read and gone before it could strike
        client
            .batch_execute(
                "CREATE FUNCTION pg_temp.try_setting(name text, value text) RETURNS text LANGUAGE plpgsql AS $$
                 BEGIN
                   PERFORM set_config(name, value, true);
                   RETURN (SELECT setting FROM pg_settings WHERE pg_settings.name = $1);
                 END $$",
            )
            .expect("the superuser may create functions");
        Session { server, client, version: version.try_into().expect("a small number") }
    }

    /// The value the server makes of a text, or its refusal.
    fn ask(&mut self, parameter: &Parameter, text: &str) -> Result<String, String> {
        let message = |error: postgres::Error| error.as_db_error().map_or(error.to_string(), |it| it.message().into());
        let name = &parameter.name;
        if matches!(parameter.context, Context::User | Context::Superuser) {
            let row = self.client.query_one("SELECT pg_temp.try_setting($1, $2)", &[name, &text]).map_err(message)?;
            return Ok(row.get(0));
        }
        let quoted = text.replace('\'', "''");
        self.client.batch_execute(&format!("ALTER SYSTEM SET {name} = '{quoted}'")).map_err(message)?;
        self.client.batch_execute(&format!("ALTER SYSTEM RESET {name}")).map_err(message)?;
        let shown = self.server.value_at_start(name, text).expect("the server's program runs");
        shown.ok_or_else(|| "accepted by ALTER SYSTEM, refused at start".into())
    }
}

/// Parameters whose value is judged by something other than its text.
const JUDGED_BY_MORE: [&str; 14] = [
    // together at most 262,143
    "autovacuum_max_workers",
    "max_connections",
    "max_wal_senders",
    "max_worker_processes",
    // shown as 0 on a Unix socket
    "tcp_keepalives_count",
    "tcp_keepalives_idle",
    "tcp_keepalives_interval",
    "tcp_user_timeout",
    // changeable at one moment or place only
    "allow_alter_system",
    "transaction_deferrable",
    "transaction_isolation",
    // raised to 1 MB up to 16, to 64 kB from 17 on
    "autovacuum_work_mem",
    // the build, the machine
    "bonjour",
    "max_stack_depth",
];

/// Whether nothing but its text decides what a server makes of a value.
fn judged_by_text(parameter: &Parameter, version: u16) -> bool {
    parameter.versions().contains(&version)
        && parameter.context != Context::Internal
        && parameter.kind != Kind::String
        && !JUDGED_BY_MORE.contains(&parameter.name.as_str())
}

/// For every parameter its default, and what is just out of its range or none of its words.
fn limits(version: u16) -> Vec<(&'static Parameter, String)> {
    let mut pairs = Vec::new();
    for parameter in parameters().iter().filter(|parameter| judged_by_text(parameter, version)) {
        pairs.push((parameter, parameter.default.clone()));
        match &parameter.kind {
            Kind::Int { min, max } => {
                pairs.extend([(parameter, (min - 1).to_string()), (parameter, (max + 1).to_string())])
            }
            Kind::Real { min, max } if max - min < 1e300 => {
                pairs.extend([(parameter, (min - 1.0).to_string()), (parameter, (max + 1.0).to_string())]);
            }
            _ => pairs.push((parameter, "no_such_word".into())),
        }
    }
    pairs
}

/// The same pairs on every run: all cases of [`CORNERS`], and random texts for random parameters.
fn pairs(version: u16) -> Vec<(&'static Parameter, String)> {
    let mut pairs = Vec::new();
    for (name, texts) in CORNERS {
        if let Some(parameter) = parameters().find(name, version) {
            pairs.extend(texts.iter().map(|text| (parameter, (*text).to_owned())));
        }
    }
    let candidates: Vec<&'static Parameter> =
        parameters().iter().filter(|parameter| judged_by_text(parameter, version)).collect();
    let mut random = Random(0x7275_6575);
    let wanted = std::env::var("TRUEUP_PAIRS").ok().and_then(|count| count.parse().ok()).unwrap_or(4_000);
    for _ in 0..wanted {
        let parameter = *random.one_of(&candidates);
        pairs.push((parameter, random_text(parameter, &mut random)));
    }
    pairs
}

const CORNERS: [(&str, &[&str]); 16] = [
    (
        "statement_timeout",
        &[
            "30",
            "30s",
            "30 s",
            " 30 s ",
            "\t30\ns\n",
            "1.5min",
            "1e3",
            "500us",
            "500.5us",
            "1day",
            "30sec",
            "30S",
            "1d",
            "25d",
            "010",
            "0x10",
            "0X1F",
            "08",
            "0x",
            "0xg",
            "010.5",
            "0x1.8p3",
            "0x1.8",
            "1e",
            "1e+",
            "1E2s",
            "-1",
            "-0",
            "+5",
            "+ 5",
            "",
            " ",
            ".5s",
            "-.5",
            "5.",
            "5.s",
            "1_000",
            "1,000",
            "inf",
            "nan",
            "2147483647",
            "2147483648",
            "2147483647.4",
            "99999999999999999999",
            "1e400",
            "1e-400",
            "s",
            "30 s s",
            "30ss",
            "30minx",
            "1h30m",
            "0.0004s",
            "0.0005s",
            "0.0015s",
            "1.00000001d",
            "0.5d",
            "0s",
            "0x10s",
            "0x1e3",
            "0x1p4s",
            "1e3us",
            "1e3 us",
            "٣",
        ],
    ),
    (
        "work_mem",
        &[
            "4",
            "64",
            "64kB",
            "64KB",
            "64 kB",
            "1MB",
            "1gb",
            "1G",
            "1Gi",
            "2TB",
            "0.5GB",
            "30.1GB",
            "30.123456GB",
            "1.5kB",
            "65536B",
            "65535B",
            "66000B",
            "65kB1",
            "64 k B",
            "2147483647",
            "2048GB",
            "0100",
            "1e2",
            "0.1MB",
        ],
    ),
    (
        "shared_buffers",
        &["1024", "128MB", "15", "16", "8kB", "100kB", "132kB", "1GB", "1.3GB", "0x100", "8TB", "131072B", "131073B"],
    ),
    ("max_wal_size", &["4096", "1GB", "1.5GB", "1500kB", "1", "2MB", "2097152B", "0.01TB", "1 GB ", "3.7MB"]),
    (
        "checkpoint_timeout",
        &["5", "30", "5min", "300", "1d", "86401", "29.5", "29500ms", "29.4s", "30000000us", "0.5h", "90.5s"],
    ),
    ("log_rotation_age", &["1d", "90s", "30s", "29s", "1h", "1440", "0.5h", "100000ms", "45s"]),
    ("max_connections", &["100", "1e2", "100s", "0144", "0x64", "262144", "0", "99.5", "100.5", "20%", "abc"]),
    ("track_activity_query_size", &["1024", "1kB", "1MB", "1.5kB", "1GB", "99", "100B", "1025 B"]),
    (
        "autovacuum_vacuum_cost_delay",
        &["2", "2ms", "0.5", "500us", "1us", "0.1s", "0.11s", "-1", "1s", "2 ms", "0x2", "1.23456789ms", "inf", "nan"],
    ),
    ("vacuum_cost_delay", &["2", "1e-2", "50us", "0.0001", "1e-8ms", "100.0001", "1e-320"]),
    (
        "random_page_cost",
        &[
            "1.1",
            "1,1",
            "1e3",
            "4ms",
            "-1",
            "inf",
            "infinity",
            "0x1.8p1",
            ".5",
            "5.",
            "1e308",
            "1e309",
            "1.10000000001",
            "123456789",
        ],
    ),
    ("autovacuum_vacuum_scale_factor", &["0.2", "20%", "5", "100", "101", "-0.0", "2e-1"]),
    (
        "fsync",
        &[
            "on", "of", "o", "off", "OFF", "true", "T", "tr", "tru", "truee", "f", "y", "n", "no", "nope", "1", "0",
            "01", "", " on", "on ", "yes",
        ],
    ),
    ("enable_seqscan", &["on", "ON", "oN", "o", "fals", "ye", "1", "10", "enabled", "\ttrue"]),
    (
        "synchronous_commit",
        &[
            "on",
            "ON",
            "off",
            "local",
            "LOCAL",
            "remote_write",
            "true",
            "yes",
            "no",
            "1",
            "0",
            "t",
            "y",
            " on",
            "remote",
            "always",
        ],
    ),
    ("wal_level", &["replica", "logical", "minimal", "archive", "hot_standby", "full", "Replica"]),
];

/// A text that is nearly a value of the parameter, or is one.
fn random_text(parameter: &Parameter, random: &mut Random) -> String {
    const NUMBERS: [&str; 30] = [
        "0",
        "1",
        "-1",
        "2",
        "5",
        "10",
        "64",
        "100",
        "128",
        "1000",
        "1024",
        "4096",
        "65536",
        "0.5",
        "1.5",
        "2.5",
        ".25",
        "3.",
        "1e3",
        "2E2",
        "1.25e1",
        "1e-3",
        "010",
        "0x40",
        "0777",
        "-0.4",
        "2147483647",
        "2147483648",
        "1e10",
        "x",
    ];
    const TIME: [&str; 14] = ["", "us", "ms", "s", "min", "h", "d", "sec", "m", "MS", "day", "S", "kB", "s "];
    const SIZE: [&str; 14] = ["", "B", "kB", "MB", "GB", "TB", "KB", "kb", "mb", "G", "Mi", "M", "ms", " MB"];
    const SWITCH: [&str; 16] =
        ["on", "off", "true", "false", "yes", "no", "1", "0", "t", "f", "of", "o", "TRUE", "Off", "", "2"];
    let number = |random: &mut Random, units: &[&str]| {
        let before = random.one_of(&["", "", "", "", " ", "+"]);
        let between = random.one_of(&["", "", " ", "  "]);
        let unit = random.one_of(units);
        format!("{before}{}{between}{unit}", random.one_of(&NUMBERS))
    };
    match &parameter.kind {
        Kind::Bool | Kind::String => (*random.one_of(&SWITCH)).into(),
        Kind::Enum(values) if random.below(3) > 0 => {
            let word = &random.one_of(values).word;
            if random.below(3) == 0 { word.to_uppercase() } else { word.clone() }
        }
        Kind::Enum(_) => (*random.one_of(&SWITCH)).into(),
        Kind::Int { min, max } if random.below(4) == 0 => {
            let limit = *random.one_of(&[*min, *max]);
            (limit + i64::from(random.below(3)) - 1).to_string()
        }
        _ => match parameter.unit {
            None => number(random, &["", "", "", "", "", "s", "kB", "%"]),
            Some(Unit::Millisecond | Unit::Second | Unit::Minute) => number(random, &TIME),
            Some(_) => number(random, &SIZE),
        },
    }
}

/// The same numbers on every run (a linear congruential generator).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(limit)).expect("smaller than the limit")
    }

    fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let count = u32::try_from(choices.len()).expect("few choices");
        &choices[usize::try_from(self.below(count)).expect("an index")]
    }
}
