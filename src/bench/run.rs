//! A run: servers are prepared, loaded in turn, counted and compared.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::account::Account;
use super::configuration::Configuration;
use super::counters::{Counters, checkpoint};
use super::machine::{Processors, load};
use super::outcome::{Block, Machine, MetricInfo, Outcome, Round, Setup, compare, place_of};
use super::pgbench::{Load, PGBENCH, Ran, Workload, block};
use super::programs::Programs;
use super::schedule::{MOST_WARM_UPS, is_warm, order};
use super::server::{Home, Server};
use super::table::{From, Per, table};
use crate::report::counted;
use crate::workspace::Problem;

/// What is measured, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The directory of the server's programs; `None` where they are looked for.
    pub server_dir: Option<PathBuf>,
    /// The configurations; the first is what others are compared with.
    pub configurations: Vec<Configuration>,
    /// What the clients do.
    pub load: Load,
    /// pgbench's scale: units of 100,000 accounts.
    pub scale: u32,
    /// Connections; `None` is two for each processor.
    pub clients: Option<u32>,
    /// Rounds that count.
    pub rounds: u32,
    /// Length of a block; whole seconds.
    pub block: Duration,
    /// Where random numbers come from.
    pub seed: u64,
}

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Before the first block.
    Preparing(String),
    /// Blocks that are done, and how many there will be at least; what is left takes about so long.
    Measuring {
        /// Blocks that are done.
        done: usize,
        /// All that are planned.
        all: usize,
        /// About how long the rest takes.
        left: Duration,
    },
}

/// With fewer rounds an interval is narrow by chance too often.
const LEAST_ROUNDS: usize = 3;

/// Bytes of a database for each unit of scale, with its indexes, rounded up.
const BYTES_PER_SCALE: u64 = 16 << 20;

/// Bytes of a new cluster with its first segments of WAL, rounded up.
const BYTES_PER_CLUSTER: u64 = 128 << 20;

/// Measures. All that is started and written is gone when this returns, also where `interrupted` has become true; three
/// rounds that count are then enough for an outcome.
///
/// # Errors
/// What the user has to mend; a configuration that does not start is told before anything is measured.
pub fn run(plan: &Plan, interrupted: &AtomicBool, tell: &dyn Fn(Stage)) -> Result<Outcome, Vec<Problem>> {
    let programs = Programs::find(plan.server_dir.as_deref()).map_err(one)?;
    let account = Account::find().map_err(one)?;
    let home = Home::new(account, programs)
        .map_err(|error| one(Problem::new("bench", format!("there is no place for the servers: {error}"))))?;
    account.may_enter(home.folder.path()).map_err(one)?;
    is_room(plan, &home).map_err(one)?;
    Run { plan, home: &home, interrupted, tell }.whole()
}

/// A problem that comes alone.
pub(super) fn one(problem: Problem) -> Vec<Problem> {
    vec![problem]
}

/// What does not work, and why.
pub(super) fn trouble(what: &str, error: impl std::fmt::Display) -> Problem {
    Problem::new("bench", format!("{what}: {error}"))
}

/// Whether the disk holds the servers.
fn is_room(plan: &Plan, home: &Home) -> Result<(), Problem> {
    // the one that is copied, the copies, and the twin of the first
    let servers = plan.configurations.len() as u64 + 2;
    let needed = servers * (u64::from(plan.scale) * BYTES_PER_SCALE + BYTES_PER_CLUSTER);
    let Ok(disk) = rustix::fs::statvfs(home.folder.path()) else { return Ok(()) };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free >= needed {
        return Ok(());
    }
    let giga = |bytes: u64| (bytes as f64 / f64::from(1 << 30) * 10.0).round() / 10.0;
    let folder = std::env::temp_dir().display().to_string();
    Err(Problem::new(folder, format!("has {} GB free, and the servers need {} GB", giga(free), giga(needed)))
        .advice("set TMPDIR to a larger disk, or take a smaller --scale"))
}

/// A run that has begun.
pub(super) struct Run<'a> {
    /// What is to be measured.
    pub(super) plan: &'a Plan,
    /// Where everything stands.
    pub(super) home: &'a Home,
    /// Whether it is to end.
    pub(super) interrupted: &'a AtomicBool,
    /// Who is told how far it is.
    tell: &'a dyn Fn(Stage),
}

impl Run<'_> {
    fn whole(&self) -> Result<Outcome, Vec<Problem>> {
        let plan = self.plan;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let clients = plan.clients.unwrap_or_else(|| u32::try_from(processors * 2).unwrap_or(2));
        let workload = Workload {
            script: self.script().map_err(one)?,
            scale: plan.scale,
            clients,
            threads: clients.min(u32::try_from(processors).unwrap_or(1)),
            block: plan.block,
        };
        self.say("creating a database cluster");
        let template = self.create().map_err(one)?;
        let ready = self.configure(&template)?;
        self.say(&format!("filling the tables, scale {}", plan.scale));
        let data_bytes = self.fill(&template).map_err(one)?;
        let servers = self.servers(&template, &ready)?;
        let settings = self.settings(&servers).map_err(one)?;
        let mut notes = self.notes(&servers, data_bytes).map_err(one)?;
        self.say("warming caches");
        self.warm(&servers).map_err(one)?;
        let rounds = self.rounds(&servers, &workload, &mut notes).map_err(one)?;
        let names: Vec<String> = ready.iter().map(|ready| ready.named.name.clone()).collect();
        let counting = || rounds.iter().filter(|round| !round.warm_up).flat_map(|round| &round.blocks);
        let failed: f64 = counting().map(|block| block.failed).sum();
        if failed > 0.0 {
            notes.push(format!("{} failed; they are not counted as done", counted(failed as usize, "transaction")));
        }
        let machine = Machine {
            load_most: counting().filter_map(|block| block.load).reduce(f64::max),
            stolen_most: counting().filter_map(|block| block.stolen).reduce(f64::max),
        };
        if let Some(stolen) = machine.stolen_most.filter(|stolen| *stolen >= 0.05) {
            let share = (stolen * 100.0).round();
            notes.push(format!("other machines of the host took up to {share} % of a block's time"));
        }
        let setup = Setup {
            postgres: self.home.programs.version.clone(),
            configurations: ready.into_iter().map(|ready| ready.named).collect(),
            load: plan.load.name(),
            scale: plan.scale,
            data_bytes,
            clients: workload.clients,
            threads: workload.threads,
            block_seconds: plan.block.as_secs().max(1),
            seed: plan.seed,
            processors,
        };
        let compared = compare(&names, &rounds);
        Ok(Outcome { setup, machine, settings, metrics: MetricInfo::all(), compared, rounds, notes })
    }

    /// Tells what is being prepared.
    pub(super) fn say(&self, what: &str) {
        (self.tell)(Stage::Preparing(what.to_owned()));
    }

    fn rounds(&self, servers: &[Server], workload: &Workload, notes: &mut Vec<String>) -> Result<Vec<Round>, Problem> {
        let misses = place_of("misses");
        let mut expected: Vec<Option<f64>> = vec![None; servers.len()];
        let mut rounds: Vec<Round> = Vec::new();
        let started = Instant::now();
        let (mut done, mut warm, mut before) = (0, false, Vec::new());
        while rounds.iter().filter(|round| !round.warm_up).count() < self.plan.rounds as usize {
            let mut blocks = Vec::new();
            for server in order(rounds.len(), servers.len()) {
                let counting = rounds.iter().filter(|round| !round.warm_up).count();
                let all = (rounds.len().max(1) - counting + self.plan.rounds as usize) * servers.len();
                let each = if done > 0 {
                    started.elapsed() / u32::try_from(done).unwrap_or(1)
                } else {
                    workload.block + Duration::from_secs(1)
                };
                let left = each * u32::try_from(all.saturating_sub(done)).unwrap_or(0);
                (self.tell)(Stage::Measuring { done, all, left });
                let Some(running) = servers.get(server) else { continue };
                let tps = expected.get(server).copied().flatten();
                // the same random numbers for all servers of a round
                let seed = self.plan.seed.wrapping_add(rounds.len() as u64);
                let (block, ran) = match self.block(server, running, workload, seed, tps) {
                    Ok(measured) => measured,
                    // what is measured so far is worth a report
                    Err(_) if counting >= LEAST_ROUNDS && self.interrupted.load(Ordering::Relaxed) => {
                        let planned = self.plan.rounds;
                        notes.push(format!("interrupted after {} of {planned}", counted(counting, "round")));
                        return Ok(rounds);
                    }
                    Err(problem) if problem.path == PGBENCH => {
                        // what the load does not get is the configuration's
                        let of = self.plan.configurations.get(server).or(self.plan.configurations.first());
                        let path = of.map_or_else(|| problem.path.clone(), |of| of.path.clone());
                        return Err(Problem { path, ..problem });
                    }
                    Err(problem) => return Err(problem),
                };
                if let Some(known) = expected.get_mut(server) {
                    *known = Some(ran.throughput);
                }
                blocks.push(block);
                done += 1;
            }
            let mut now = vec![0.0; servers.len()];
            for block in &blocks {
                let missed = misses.and_then(|at| block.values.get(at).copied().flatten()).unwrap_or(0.0);
                if let Some(cell) = now.get_mut(block.server) {
                    *cell = missed;
                }
            }
            // the first round is never counted, later ones once caches are as warm as they get
            let late = rounds.len() >= MOST_WARM_UPS;
            if !warm && !rounds.is_empty() && (late || is_warm(&before, &now)) {
                warm = true;
                if late && !is_warm(&before, &now) {
                    let rounds = counted(rounds.len(), "round");
                    notes.push(format!("caches were still filling after {rounds}: take longer blocks"));
                }
            }
            before = now;
            rounds.push(Round { warm_up: !warm, blocks });
        }
        Ok(rounds)
    }

    /// One block on one server: a checkpoint, the counters, the load, the counters, and a checkpoint, so that it has
    /// nothing to write while others are measured.
    fn block(
        &self,
        server: usize,
        running: &Server,
        workload: &Workload,
        seed: u64,
        expected: Option<f64>,
    ) -> Result<(Block, Ran), Problem> {
        let major = self.home.programs.major;
        checkpoint(running, major)?;
        let before = Counters::read(running, major)?;
        let processors = Processors::now();
        let ran = block(self.home, running, workload, seed, expected, self.interrupted)?;
        let stolen = processors.and_then(|before| Some(Processors::now()?.stolen_since(before)));
        let load = load();
        let after = Counters::settled(running, major, &before, ran.transactions)?;
        checkpoint(running, major)?;
        let value = |from: &From| match from {
            From::Throughput => Some(ran.throughput),
            From::LatencyMean => Some(ran.latency_mean),
            From::LatencyP95 => ran.latency_p95,
            From::LatencyP99 => ran.latency_p99,
            From::Counted { counter, per } => {
                let grown = after.since(&before, counter)?;
                Some(match per {
                    Per::Transaction => grown / ran.transactions,
                    Per::Block => grown,
                })
            }
        };
        let values = table().metric.iter().map(|metric| value(&metric.from)).collect();
        let (transactions, failed) = (ran.transactions, ran.failed);
        Ok((Block { server, transactions, failed, load, stolen, values }, ran))
    }
}
