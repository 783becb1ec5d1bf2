//! `trueup tune`: every plan keeps to its memory, and is what servers accept.

#[path = "support/postgres_server.rs"]
#[allow(dead_code)] // other tests use the rest of it
mod postgres_server;
#[path = "support/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command as Process;

use assert_cmd::Command;
use trueup::quantity::postgres::{check, parameters};
use trueup::tune::{Input, Plan, Storage, Workload, conf, plan, usual_connections};

const MB: f64 = 1024.0 * 1024.0;
const GB: f64 = 1024.0 * MB;

/// Machines from 512 MB to 1 TB and 1 to 128 CPUs, loads and connections, versions and storage in turn.
fn grid() -> Vec<Input> {
    let versions = [13, 14, 15, 16, 17, 18];
    let storages = [Storage::Hdd, Storage::Ssd, Storage::Nvme, Storage::San];
    let mut inputs = Vec::new();
    for memory in [512, 1024, 2048, 3000, 4096, 8192, 24 << 10, 64 << 10, 256 << 10, 1 << 20] {
        for cpus in [1, 2, 4, 8, 32, 128] {
            for workload in [Workload::Web, Workload::Oltp, Workload::Analytics, Workload::Mixed] {
                for connections in [usual_connections(workload).expect("a number"), 10, 300, 5000] {
                    let turn = inputs.len();
                    let (version, storage) = (versions[turn % 6], storages[turn / 6 % 4]);
                    let memory = memory << 20;
                    inputs.push(Input { memory, cpus, storage, workload, connections, version });
                }
            }
        }
    }
    inputs
}

fn plan_of(input: &Input) -> Plan {
    plan(input).unwrap_or_else(|error| panic!("{input:?}: {error}"))
}

/// A number of `postgresql.conf`: a size in bytes, anything else as it is. `bare` is the unit of a bare number.
fn number(text: &str, bare: f64) -> f64 {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" => bare,
        "kB" => 1024.0,
        "MB" => MB,
        "GB" => GB,
        "TB" => GB * 1024.0,
        other => panic!("{text}: what is {other}?"),
    };
    digits.parse::<f64>().expect("a number") * unit
}

/// What is counted of a server's memory.
#[derive(Clone, Copy)]
enum Load {
    /// Every session and every parallel worker hashes twice, and a process takes 10 MB before that.
    Worst,
    /// Every session sorts once; parallel workers do nothing, and processes take nothing else.
    OneSort,
}

/// What a server may take with these settings, by its documentation alone: the sessions as the load says, every
/// autovacuum worker and one maintenance command what they may. In bytes.
fn memory_taken(settings: &BTreeMap<&str, String>, load: Load) -> f64 {
    let get = |name: &str, default: &str| settings.get(name).map_or(default, String::as_str).to_owned();
    let count = |name: &str, default: &str| number(&get(name, default), 1.0);
    let size = |name: &str, default: &str| number(&get(name, default), 1024.0);
    let maintenance = size("maintenance_work_mem", "64MB");
    let for_vacuum = match settings.get("autovacuum_work_mem").map(String::as_str) {
        None | Some("-1") => maintenance,
        Some(text) => number(text, 1024.0),
    };
    let work_mem = size("work_mem", "4MB");
    let (process, session, workers) = match load {
        Load::Worst => {
            (10.0 * MB, 2.0 * work_mem * count("hash_mem_multiplier", "2"), count("max_parallel_workers", "8"))
        }
        Load::OneSort => (0.0, work_mem, 0.0),
    };
    size("shared_buffers", "128MB")
        + (count("max_connections", "100") + workers) * (process + session)
        + count("autovacuum_max_workers", "3") * (process + for_vacuum)
        + maintenance
}

fn emitted(plan: &Plan) -> BTreeMap<&str, String> {
    plan.settings.iter().map(|setting| (setting.parameter, setting.value.clone())).collect()
}

#[test]
fn every_plan_keeps_to_nine_tenths_of_the_memory() {
    let inputs = grid();
    assert!(inputs.len() >= 400);
    for input in &inputs {
        let plan = plan_of(input);
        let worst = memory_taken(&emitted(&plan), Load::Worst);
        assert!(worst <= 0.9 * input.memory as f64, "{input:?}: {worst} with {plan:?}");
        assert!(worst <= plan.budget.sum() as f64, "the budget tells less than may be taken: {input:?}");
        // fewer connections than were asked for are told of, and nothing else is
        let lowered = number(plan.value("max_connections").expect("set"), 1.0) < input.connections as f64;
        assert_eq!(lowered, !plan.warnings.is_empty(), "{input:?}: {:?}", plan.warnings);
    }
}

#[test]
fn every_value_is_one_that_all_builds_of_its_version_accept() {
    for input in &grid() {
        let plan = plan_of(input);
        for setting in &plan.settings {
            let parameter = parameters().find(setting.parameter, input.version).expect("a parameter of the version");
            let accepted = check(parameter, &setting.value).unwrap_or_else(|error| panic!("{setting:?}: {error}"));
            assert!(!accepted.needs_build && !accepted.rounded_to_zero && !accepted.raised, "{setting:?}");
        }
        let count = |name| number(plan.value(name).expect("set"), 1.0);
        // superuser_reserved_connections is 3 by default, and a server does not start without one beyond them
        assert!(count("max_connections") > 3.0, "{input:?}");
        assert!(count("max_worker_processes") >= 8.0, "{input:?}");
        assert!(count("max_parallel_workers") <= count("max_worker_processes"), "{input:?}");
        assert!(count("max_parallel_workers_per_gather") <= count("max_parallel_workers"), "{input:?}");
        let size = |name| number(plan.value(name).expect("set"), 1024.0);
        assert!(size("work_mem") >= 4.0 * MB, "{input:?}: {:?}", plan.value("work_mem"));
        assert!(size("autovacuum_work_mem") <= GB, "{input:?}");
        assert_eq!(plan.value("effective_io_concurrency").is_none(), input.version == 18);
        assert_eq!(plan.value("client_connection_check_interval").is_none(), input.version == 13);
    }
}

/// PGTune's formulas: <https://github.com/le0pard/pgtune>, `src/features/configuration/configurationSlice.js`.
fn pgtune(input: &Input) -> BTreeMap<&'static str, String> {
    let memory = input.memory as f64;
    let is_analytics = input.workload == Workload::Analytics;
    let connections = match input.workload {
        Workload::Web => 200.0,
        Workload::Oltp => 300.0,
        Workload::Analytics => 40.0,
        Workload::Mixed => 100.0,
    };
    let cpus = input.cpus as f64;
    let workers = if input.cpus >= 4 { cpus } else { 8.0 };
    let buffers = memory / 4.0;
    let maintenance = (memory / if is_analytics { 8.0 } else { 16.0 }).min(8.0 * GB);
    let share = (memory - buffers) / ((connections + workers) * 3.0);
    let share = if matches!(input.workload, Workload::Web | Workload::Oltp) { share } else { share / 2.0 };
    let kilobytes = |bytes: f64| format!("{}kB", (bytes / 1024.0).floor());
    let mut settings = BTreeMap::from([
        ("max_connections", connections.to_string()),
        ("shared_buffers", kilobytes(buffers)),
        ("maintenance_work_mem", kilobytes(maintenance)),
        ("work_mem", kilobytes(share.max(4.0 * MB))),
        ("max_parallel_workers", workers.to_string()),
        ("wal_compression", if input.version >= 15 { "lz4" } else { "on" }.to_owned()),
    ]);
    if maintenance >= 2.0 * GB {
        settings.insert("autovacuum_work_mem", "2GB".to_owned());
    }
    if input.cpus >= 16 {
        settings.insert("autovacuum_max_workers", if input.cpus >= 32 { "5" } else { "4" }.to_owned());
    }
    if input.version < 15 {
        settings.insert("hash_mem_multiplier", "1".to_owned());
    }
    if input.version >= 18 {
        settings.insert("io_method", "io_uring".to_owned());
    }
    settings
}

/// timescaledb-tune's formulas: <https://github.com/timescale/timescaledb-tune>, `pkg/pgtune`.
fn timescaledb_tune(input: &Input) -> BTreeMap<&'static str, String> {
    let gigabytes = input.memory as f64 / GB;
    let connections = match gigabytes {
        g if g <= 2.0 => 25.0,
        g if g <= 4.0 => 50.0,
        g if g <= 6.0 => 75.0,
        _ => 100.0,
    };
    let half = (input.cpus as f64 / 2.0).round().max(1.0);
    let kilobytes = |bytes: f64| format!("{}kB", (bytes / 1024.0).floor());
    let mut settings = BTreeMap::from([
        ("max_connections", connections.to_string()),
        ("shared_buffers", kilobytes(gigabytes * GB / 4.0)),
        ("maintenance_work_mem", kilobytes((gigabytes * 128.0 * MB).min(2047.0 * MB))),
        ("work_mem", kilobytes((gigabytes * 400.0 * MB / connections / half).max(64.0 * 1024.0))),
        ("autovacuum_max_workers", "10".to_owned()),
    ]);
    if input.cpus > 1 {
        settings.insert("max_parallel_workers", input.cpus.to_string());
    }
    if input.version >= 14 {
        settings.insert("default_toast_compression", "lz4".to_owned());
    }
    if input.version < 15 {
        settings.insert("hash_mem_multiplier", "1".to_owned());
    }
    settings
}

#[test]
fn side_by_side_with_formulas_of_others() {
    // they take no wish for connections here, so each machine and load counts once
    let inputs: Vec<Input> = grid().into_iter().step_by(4).collect();
    let count = |settings: &dyn Fn(&Input) -> BTreeMap<&'static str, String>| {
        let beyond = |load| {
            let taken = |input: &&Input| memory_taken(&settings(input), load) > 0.9 * input.memory as f64;
            inputs.iter().filter(taken).count()
        };
        let needs_build = |(name, value): (&&str, &String), version: u16| {
            parameters()
                .find(name, version)
                .is_some_and(|parameter| check(parameter, value).map_or(true, |accepted| accepted.needs_build))
        };
        let refused = inputs.iter().filter(|input| settings(input).iter().any(|one| needs_build(one, input.version)));
        [beyond(Load::Worst), beyond(Load::OneSort), refused.count()]
    };
    let ours = count(&|input| {
        plan_of(input).settings.iter().map(|setting| (setting.parameter, setting.value.clone())).collect()
    });
    let (theirs, timescale) = (count(&pgtune), count(&timescaledb_tune));
    println!(
        "of {} machines and loads, beyond 90 % of the memory at worst, with one sort each, refused by some builds:",
        inputs.len()
    );
    println!("trueup {ours:?}, PGTune {theirs:?}, timescaledb-tune {timescale:?}");
    assert_eq!(ours, [0, 0, 0]);
    for other in [theirs, timescale] {
        assert!(other.iter().all(|count| *count > 0), "the comparison tells nothing: {other:?}");
    }
}

/// The major version of the server in a bin directory.
fn major(bin: &Path) -> Option<u16> {
    let output = Process::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?; // postgres (PostgreSQL) 15.18 (Debian …)
    text.split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}

#[test]
fn servers_read_every_plan() {
    let servers = postgres_server::installed();
    if servers.is_empty() {
        println!("no Postgres server is installed: nothing was asked");
    }
    for bin in servers {
        let Some(version) = major(&bin).filter(|version| (13..=18).contains(version)) else { continue };
        let directory = tempfile::tempdir().expect("a directory");
        for input in grid().into_iter().step_by(15) {
            let input = Input { version, ..input };
            let plan = plan_of(&input);
            let text = conf(&plan, &[]);
            std::fs::write(directory.path().join("postgresql.conf"), &text).expect("written");
            let output = Process::new(bin.join("postgres"))
                .args(["-C", "max_worker_processes", "-D"])
                .arg(directory.path())
                .env("LC_ALL", "C")
                .output()
                .expect("the server runs");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{} refuses\n{text}\n{said}", bin.display());
            let kept = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            assert_eq!(Some(kept.as_str()), plan.value("max_worker_processes"), "{said}");
        }
    }
}

#[test]
fn servers_start_with_the_plan_for_a_small_machine() {
    for bin in postgres_server::installed() {
        let Some(version) = major(&bin).filter(|version| (13..=18).contains(version)) else { continue };
        let workload = Workload::Oltp;
        let input = Input { memory: 512 << 20, cpus: 2, storage: Storage::Ssd, workload, connections: 100, version };
        let plan = plan_of(&input);
        let set: Vec<String> =
            plan.settings.iter().map(|setting| format!("{}={}", setting.parameter, setting.value)).collect();
        let mut options = vec!["-c", "listen_addresses="];
        options.extend(set.iter().flat_map(|set| ["-c", set.as_str()]));
        let server = postgres_server::Server::start_on(&bin, 5432, &options, |_| Ok(Vec::new()))
            .unwrap_or_else(|error| panic!("{} does not start: {error}", bin.display()));
        let mut client = server.connect().expect("a session");
        for setting in &plan.settings {
            let shown: String =
                client.query_one("SELECT current_setting($1)", &[&setting.parameter]).expect("a value").get(0);
            let same = shown == setting.value || (setting.parameter == "wal_compression" && shown == "pglz");
            assert!(same, "{}: {} became {shown}", bin.display(), setting.value);
        }
    }
}

fn tune(arguments: &[&str]) -> (i32, String, String) {
    let empty = tempfile::tempdir().expect("a directory");
    program::run(empty.path(), "tune", arguments)
}

const MACHINE: [&str; 6] = ["--memory", "4GB", "--cpus", "2", "--pg-version", "17"];

#[test]
fn the_version_has_to_be_said() {
    let (code, out, err) = tune(&["--memory", "4GB", "--cpus", "2"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("--pg-version 17"), "{err}");
    for (option, value) in [("--pg-version", "12"), ("--memory", "100MB"), ("--memory", "lots"), ("--connections", "3")]
    {
        let (code, out, err) = tune(&["--pg-version", "16", option, value]);
        assert!(code == 2 && out.is_empty() && !err.is_empty(), "{option} {value}: {err}");
    }
}

#[test]
fn what_is_not_said_comes_from_the_host() {
    let (code, out, err) = tune(&["--pg-version", "16"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("this host"), "{out}");
}

#[test]
fn a_plan_reads_well_in_eighty_columns() {
    for more in [&["--connections", "500"][..], &["--explain", "--workload", "analytics"]] {
        let (code, out, err) = tune(&[&MACHINE[..], more].concat());
        assert_eq!((code, err.as_str()), (0, ""));
        let wide: Vec<&str> = out.lines().filter(|line| line.chars().count() > 80).collect();
        // an address is not broken
        assert!(wide.iter().all(|line| line.contains("https://")), "{wide:?}");
        assert!(out.contains("Memory at worst"), "{out}");
        assert_eq!(out.contains("with host.memory 4GB"), more.contains(&"--explain"), "{out}");
        assert_eq!(out.contains("Put a pooler before the server"), more.contains(&"500"), "{out}");
    }
}

#[test]
fn the_formats_say_the_same() {
    let of = |format: &[&str]| {
        let (code, out, err) = tune(&[&MACHINE[..], &["--format"], format].concat());
        assert_eq!((code, err.as_str()), (0, ""), "{format:?}");
        out
    };
    let json: serde_json::Value = serde_json::from_str(&of(&["json"])).expect("JSON");
    let settings = json["settings"].as_array().expect("settings");
    let (conf, sql, undo) = (of(&["conf"]), of(&["sql"]), of(&["sql", "--undo"]));
    for setting in settings {
        let (name, value) = (setting["parameter"].as_str().expect("text"), setting["value"].as_str().expect("text"));
        let formats = [
            (&conf, format!("\n{name} = {value}\n")),
            (&sql, format!("\nALTER SYSTEM SET {name} = '{value}'; -- ")),
            (&undo, format!("\nALTER SYSTEM RESET {name};\n")),
        ];
        for (text, line) in formats {
            assert!(text.contains(&line), "{line:?} is not in\n{text}");
        }
    }
    assert_eq!(sql.matches("ALTER SYSTEM SET").count(), settings.len());
    assert_eq!(undo.matches("ALTER SYSTEM RESET").count(), settings.len());
    let (sum, limit) = (json["budget"]["sum"].as_i64(), json["budget"]["limit"].as_i64());
    assert!(sum.is_some() && sum <= limit);
    assert_eq!(json["inputs"]["memory"]["origin"], "--memory");
    assert_eq!(json["inputs"]["storage"]["origin"], "where nobody says");
    assert!(json["terms"].as_array().is_some_and(|terms| !terms.is_empty()));
    let (code, _, err) = tune(&[&MACHINE[..], &["--undo"]].concat());
    assert!(code == 2 && err.contains("--format sql"), "{err}");
}

#[test]
fn a_plan_goes_into_a_file_as_well() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("tuned.conf");
    let path = file.to_str().expect("UTF-8");
    let arguments = [&MACHINE[..], &["--format", "conf"]].concat();
    let (_, printed, _) = tune(&arguments);
    let (code, out, err) = tune(&[&arguments[..], &["--output", path]].concat());
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
    assert_eq!(std::fs::read_to_string(&file).expect("written"), printed);
}

#[test]
fn no_rule_objects_to_what_is_computed() {
    let directory = tempfile::tempdir().expect("a directory");
    // thousands of connections are warned of, whoever asks for them
    let asked = grid().into_iter().filter(|input| input.connections <= 300);
    for (index, input) in asked.enumerate().step_by(7) {
        let folder = directory.path().join(index.to_string());
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join("postgresql.conf"), conf(&plan_of(&input), &[])).expect("written");
        std::fs::write(folder.join("PG_VERSION"), format!("{}\n", input.version)).expect("written");
    }
    let mut check = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    let check = check.args(["check", "--isolated", "--pedantic", "--format", "concise"]).arg(directory.path());
    let printed = check.output().expect("it runs");
    let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
    let found: Vec<&str> = printed.lines().filter(|line| line.contains("postgresql.conf:")).collect();
    assert!(
        found.is_empty(),
        "{} findings, such as\n{}",
        found.len(),
        found.iter().take(8).copied().collect::<Vec<_>>().join("\n")
    );
    assert!(printed.contains(" recognised"), "{printed}");
}
