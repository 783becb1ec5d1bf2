//! pgbench: its tables, its load, and what it reports.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::process::finish;
use super::server::{Home, Server};
use super::statistics::quantile;
use crate::workspace::Problem;

/// The database of the load.
pub(super) const DATABASE: &str = "bench";

/// What its problems are said to be about.
pub(super) const PGBENCH: &str = "pgbench";

/// About as many latencies of a block are kept.
const SAMPLES: f64 = 50_000.0;

/// What the clients do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Load {
    /// One of the scripts that pgbench brings, by its name.
    Builtin(String),
    /// A file in the language of pgbench.
    Script {
        /// The file, as the user named it.
        name: String,
        /// What it holds.
        bytes: Vec<u8>,
    },
}

impl Load {
    /// Its name for people.
    pub fn name(&self) -> String {
        match self {
            Load::Builtin(name) => name.clone(),
            Load::Script { name, .. } => name.clone(),
        }
    }
}

/// What the clients run, where pgbench finds it.
#[derive(Debug, Clone)]
pub(super) enum Script {
    /// One of those that pgbench brings, by its name.
    Builtin(String),
    /// A file that the user of the servers may read.
    File(PathBuf),
}

/// The load of every block.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    /// What the clients run.
    pub(super) script: Script,
    /// Rows of the tables, in units of 100,000 accounts.
    pub(super) scale: u32,
    /// Connections.
    pub(super) clients: u32,
    /// Threads of pgbench.
    pub(super) threads: u32,
    /// How long a block is.
    pub(super) block: Duration,
}

/// What pgbench says of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ran {
    /// Transactions that were done.
    pub(super) transactions: f64,
    /// Transactions that failed; they are not among those done.
    pub(super) failed: f64,
    /// Transactions per second, connecting left out.
    pub(super) throughput: f64,
    /// In milliseconds.
    pub(super) latency_mean: f64,
    /// In milliseconds, of a sample; `None` where it is empty.
    pub(super) latency_p95: Option<f64>,
    /// In milliseconds, of a sample; `None` where it is empty.
    pub(super) latency_p99: Option<f64>,
}

/// Makes and fills the tables.
pub(super) fn fill(home: &Home, server: &Server, scale: u32, interrupted: &AtomicBool) -> Result<(), Problem> {
    let mut client = server.connect("postgres").map_err(|error| Problem::new("bench", error.to_string()))?;
    client
        .batch_execute(&format!("CREATE DATABASE {DATABASE}"))
        .map_err(|error| Problem::new("bench", format!("a database cannot be created: {error}")))?;
    let mut command = home.account.command(&home.programs.pgbench, home.folder.path());
    command.args(["-i", "-q", "-s", &scale.to_string()]);
    connect(&mut command, home, server);
    let done = finish(command, home.folder.path(), interrupted)?;
    if done.status.success() { Ok(()) } else { Err(complaint("the tables cannot be filled", &done.err)) }
}

/// Loads a server for one block. `seed` makes the random numbers of the clients; `expected` is the throughput, where it
/// is known.
pub(super) fn block(
    home: &Home,
    server: &Server,
    work: &Workload,
    seed: u64,
    expected: Option<f64>,
    interrupted: &AtomicBool,
) -> Result<Ran, Problem> {
    let folder = home.path("latencies");
    let failed = |error: std::io::Error| Problem::new("bench", format!("{}: {error}", folder.display()));
    std::fs::create_dir(&folder).map_err(failed)?;
    home.account.own(&folder).map_err(failed)?;
    let mut command = home.account.command(&home.programs.pgbench, home.folder.path());
    command.args(["-n", "-c", &work.clients.to_string(), "-j", &work.threads.to_string()]);
    command.args(["-T", &work.block.as_secs().max(1).to_string()]);
    // pgbench takes 32 bits
    command.arg(format!("--random-seed={}", seed & 0xffff_ffff));
    match &work.script {
        Script::Builtin(name) => command.args(["-b", name]),
        Script::File(file) => command.args(["-s", &work.scale.to_string()]).arg("-f").arg(file),
    };
    command.arg("--log").arg(format!("--log-prefix={}", folder.join("l").display()));
    let rate = expected.map_or(1.0, |tps| SAMPLES / (tps * work.block.as_secs_f64()).max(1.0));
    if rate < 1.0 {
        command.arg(format!("--sampling-rate={rate:.6}"));
    }
    connect(&mut command, home, server);
    let done = finish(command, home.folder.path(), interrupted)?;
    if !done.status.success() {
        return Err(complaint("the load failed", &done.err));
    }
    let latencies = latencies(&folder).map_err(failed)?;
    std::fs::remove_dir_all(&folder).map_err(failed)?;
    let mut ran = report(&done.out)
        .ok_or_else(|| Problem::new(PGBENCH, "did not report what it did").advice("use pgbench 13 or later"))?;
    if ran.transactions == 0.0 {
        return Err(Problem::new("bench", "no transaction ended within a block").advice("make --block longer"));
    }
    ran.latency_p95 = quantile(&latencies, 0.95);
    ran.latency_p99 = quantile(&latencies, 0.99);
    Ok(ran)
}

fn connect(command: &mut std::process::Command, home: &Home, server: &Server) {
    command.arg("-h").arg(home.folder.path());
    command.args(["-p", &server.port.to_string(), "-U", "postgres", DATABASE]);
}

/// What pgbench complains of, in one line.
fn complaint(what: &str, said: &str) -> Problem {
    let line = said.lines().find(|line| line.contains("error:") || line.contains("ERROR:") || line.contains("FATAL:"));
    let line = line.or_else(|| said.lines().last()).unwrap_or("it does not say why").trim();
    Problem::new(PGBENCH, format!("{what}: {}", line.trim_start_matches("pgbench: error: ")))
}

/// The report: <https://www.postgresql.org/docs/current/pgbench.html>. Before 14 there are two lines of `tps`, of which the
/// second leaves connecting out.
fn report(text: &str) -> Option<Ran> {
    let number = |start: &str| {
        let line = text.lines().rev().find_map(|line| line.strip_prefix(start))?;
        let digits = line.trim_start().find(|c: char| !c.is_ascii_digit() && c != '.');
        let line = line.trim_start();
        line.get(..digits.unwrap_or(line.len()))?.parse::<f64>().ok()
    };
    Some(Ran {
        transactions: number("number of transactions actually processed:")?,
        failed: number("number of failed transactions:").unwrap_or(0.0),
        throughput: number("tps =")?,
        latency_mean: number("latency average =")?,
        latency_p95: None,
        latency_p99: None,
    })
}

/// The latencies of the logs in a folder, sorted, in milliseconds. The third column of a line is the time in
/// microseconds, or a word for a transaction that failed or was skipped.
fn latencies(folder: &Path) -> std::io::Result<Vec<f64>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let text = std::fs::read_to_string(entry?.path())?;
        let times = text.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok());
        found.extend(times.map(|microseconds| microseconds / 1000.0));
    }
    found.sort_by(f64::total_cmp);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_each_version_is_read() {
        let new = "pgbench (15.18)\ntransaction type: <builtin: TPC-B (sort of)>\nscaling factor: 1\n\
                   number of transactions actually processed: 1234\nnumber of failed transactions: 3 (0.243%)\n\
                   latency average = 0.812 ms\ninitial connection time = 2.300 ms\n\
                   tps = 1231.520000 (without initial connection time)\n";
        let ran = report(new).expect("a report");
        assert_eq!((ran.transactions, ran.failed, ran.throughput, ran.latency_mean), (1234.0, 3.0, 1231.52, 0.812));
        let old = "number of transactions actually processed: 10/10\nlatency average = 11.013 ms\n\
                   tps = 85.184871 (including connections establishing)\ntps = 85.296346 (excluding connections establishing)\n";
        let ran = report(old).expect("a report");
        assert_eq!((ran.transactions, ran.failed, ran.throughput), (10.0, 0.0, 85.296_346));
        assert_eq!(report("pgbench: error: no"), None);
    }

    #[test]
    fn latencies_are_read_from_all_logs() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a log");
        write("l.1", "0 199 2241 0 1175850568 995598\n0 200 failed 0 1175850568 998079\n");
        write("l.1.1", "1 1 500 0 1175850568 995598\n");
        assert_eq!(latencies(folder.path()).expect("they are read"), [0.5, 2.241]);
    }

    #[test]
    fn a_complaint_is_one_line() {
        let said =
            "pgbench (15.18)\npgbench: error: connection to server failed: FATAL:  sorry, too many clients already\n";
        let problem = complaint("the load failed", said);
        assert_eq!(
            problem.to_string(),
            "pgbench: the load failed: connection to server failed: FATAL:  sorry, too many clients already"
        );
    }
}
