//! A run: servers are made, loaded in turn, counted and compared.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::account::Account;
use super::configuration::{Configuration, quoted};
use super::counters::{Counters, ask, ask_in, checkpoint};
use super::machine::{Processors, free_memory, load};
use super::outcome::{Block, Differing, Machine, MetricInfo, Named, Outcome, Round, Setup, compare, place_of};
use super::pgbench::{DATABASE, Load, Ran, Script, Workload, block, fill};
use super::process::{finish, go_on};
use super::programs::Programs;
use super::schedule::{MOST_WARM_UPS, is_warm, order};
use super::server::{Failed, Home, Server, Start};
use super::startup::problems;
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

/// The number of the first socket; others follow.
const FIRST_PORT: u16 = 5432;

/// Bytes of a database for each unit of scale, with its indexes, rounded up.
const BYTES_PER_SCALE: u64 = 16 << 20;

/// Bytes of a new cluster with its first segments of WAL, rounded up.
const BYTES_PER_CLUSTER: u64 = 128 << 20;

/// Measures. All that is started and written is gone when this returns, also where `interrupted` has become true; two whole
/// rounds are then enough for an outcome.
///
/// # Errors
/// What the user has to mend; a configuration that does not start is told before anything is measured.
pub fn run(plan: &Plan, interrupted: &AtomicBool, tell: &dyn Fn(Stage)) -> Result<Outcome, Vec<Problem>> {
    let programs = Programs::find(plan.server_dir.as_deref()).map_err(one)?;
    let account = Account::find().map_err(one)?;
    let home = Home::new(account, programs)
        .map_err(|error| one(Problem::new("bench", format!("there is no place for the servers: {error}"))))?;
    is_room(plan, &home).map_err(one)?;
    Run { plan, home: &home, interrupted, tell }.whole()
}

fn one(problem: Problem) -> Vec<Problem> {
    vec![problem]
}

fn trouble(what: &str, error: impl std::fmt::Display) -> Problem {
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

struct Run<'a> {
    plan: &'a Plan,
    home: &'a Home,
    interrupted: &'a AtomicBool,
    tell: &'a dyn Fn(Stage),
}

/// A configuration, ready to be used.
struct Ready {
    named: Named,
    /// What the server is started with.
    file: PathBuf,
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

    fn say(&self, what: &str) {
        (self.tell)(Stage::Preparing(what.to_owned()));
    }

    /// The script; a file as a copy that the user of the servers may read.
    fn script(&self) -> Result<Script, Problem> {
        let (name, bytes) = match &self.plan.load {
            Load::Builtin(name) => return Ok(Script::Builtin(name.clone())),
            Load::Script { name, bytes } => (name, bytes),
        };
        let copy = self.home.path("load.sql");
        let written = std::fs::write(&copy, bytes).and_then(|()| self.home.account.own(&copy));
        written.map_err(|error| Problem::new(name.clone(), format!("cannot be copied: {error}")))?;
        Ok(Script::File(copy))
    }

    /// A new cluster, which is filled once and then copied for each server.
    fn create(&self) -> Result<PathBuf, Problem> {
        let data = self.home.path("template");
        let mut command = self.home.account.command(&self.home.programs.initdb, self.home.folder.path());
        command.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]);
        let done = finish(command, self.home.folder.path(), self.interrupted)?;
        if done.status.success() {
            return Ok(data);
        }
        let said = done.err.lines().find(|line| line.contains("error:")).or_else(|| done.err.lines().last());
        Err(trouble("initdb fails", said.unwrap_or("it does not say why")))
    }

    /// The cluster's own server, under what initdb sets, made to write fast.
    fn plain(&self, template: &Path) -> Result<Server, Problem> {
        let settings = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_wal_size=4GB"];
        let start = Start { data: template, configuration: None, port: FIRST_PORT, settings: &settings };
        Server::start(self.home, &start, self.interrupted).map_err(|failed| match failed {
            Failed::Problem(problem) => problem,
            Failed::Log(log) => trouble("the server does not start", log.lines().last().unwrap_or("it says nothing")),
        })
    }

    /// Writes the configurations and starts a server under each, once, before anything takes time.
    fn configure(&self, template: &Path) -> Result<Vec<Ready>, Vec<Problem>> {
        let server = self.plain(template).map_err(one)?;
        let rows = ask(&server, "SELECT setting FROM pg_config WHERE name = 'PKGLIBDIR'").map_err(one)?;
        server.shut_down(self.interrupted).map_err(one)?;
        let libraries = rows.into_iter().flatten().flatten().next().map(PathBuf::from);
        let is_installed = |name: &str| {
            let (Some(folder), false) = (&libraries, name.contains('/')) else { return false };
            ["so", "dylib"].iter().any(|ending| folder.join(format!("{name}.{ending}")).exists())
        };
        let failed = |error| one(trouble("a configuration cannot be written", error));
        let base = std::fs::read_to_string(template.join("postgresql.conf")).map_err(failed)?;
        let (mut ready, mut wrong) = (Vec::new(), Vec::new());
        for (at, configuration) in self.plan.configurations.iter().enumerate() {
            self.say(&format!("starting {}", configuration.name));
            let folder = self.home.path(&format!("conf-{at}"));
            std::fs::create_dir(&folder).map_err(failed)?;
            self.home.account.own(&folder).map_err(failed)?;
            let account = self.home.account;
            let (given, aside) = configuration.write(&folder, account, &is_installed).map_err(failed)?;
            let file = folder.join("postgresql.conf");
            let include = quoted(&given.display().to_string());
            std::fs::write(&file, format!("{base}\ninclude {include}\n")).map_err(failed)?;
            account.own(&file).map_err(failed)?;
            let start = Start { data: template, configuration: Some(&file), port: FIRST_PORT, settings: &[] };
            match Server::start(self.home, &start, self.interrupted) {
                Ok(server) => server.shut_down(self.interrupted).map_err(one)?,
                Err(Failed::Problem(problem)) => return Err(one(problem)),
                Err(Failed::Log(log)) => wrong.extend(problems(&log, configuration, &folder)),
            }
            let (name, path) = (configuration.name.clone(), configuration.path.clone());
            ready.push(Ready { named: Named { name, path, aside }, file });
        }
        if wrong.is_empty() { Ok(ready) } else { Err(wrong) }
    }

    /// Makes the tables, and returns how many bytes they have.
    fn fill(&self, template: &Path) -> Result<u64, Problem> {
        let server = self.plain(template)?;
        fill(self.home, &server, self.plan.scale, self.interrupted)?;
        // where the module is not installed, the first rounds take longer to warm the caches
        let _ = ask_in(&server, DATABASE, "CREATE EXTENSION pg_prewarm");
        let rows = ask(&server, "SELECT pg_database_size('bench')")?;
        server.shut_down(self.interrupted)?;
        Ok(rows.into_iter().flatten().flatten().next().and_then(|bytes| bytes.parse().ok()).unwrap_or(0))
    }

    /// One server for each configuration, and one more for the first, each on a copy of the same files.
    fn servers(&self, template: &Path, ready: &[Ready]) -> Result<Vec<Server>, Vec<Problem>> {
        let mut places = Vec::new();
        for (at, ready) in ready.iter().chain(ready.first()).enumerate() {
            self.say(&format!("copying the tables for {}", ready.named.name));
            let data = self.home.path(&format!("data-{at}"));
            let mut command = self.home.account.command(Path::new("cp"), self.home.folder.path());
            command.arg("-Rp").arg(template).arg(&data);
            let done = finish(command, self.home.folder.path(), self.interrupted).map_err(one)?;
            if !done.status.success() {
                return Err(one(trouble("the tables cannot be copied", done.err.trim())));
            }
            places.push((at, data, ready));
        }
        std::fs::remove_dir_all(template).map_err(|error| one(trouble("files cannot be removed", error)))?;
        self.say("writing the tables to disk");
        // else they are written while the first rounds are measured
        rustix::fs::sync();
        let mut servers = Vec::new();
        for (at, data, ready) in places {
            go_on(self.interrupted).map_err(one)?;
            self.say(&format!("starting {}", ready.named.name));
            let port = FIRST_PORT + u16::try_from(at).unwrap_or(0);
            let start = Start { data: &data, configuration: Some(&ready.file), port, settings: &[] };
            servers.push(Server::start(self.home, &start, self.interrupted).map_err(|failed| match failed {
                Failed::Problem(problem) => one(problem),
                // each starts alone, but not beside the others: memory, most likely
                Failed::Log(log) => {
                    let configuration = self.plan.configurations.get(at % self.plan.configurations.len().max(1));
                    let said = configuration.map(|it| problems(&log, it, ready.file.parent().unwrap_or(&data)));
                    said.unwrap_or_default()
                }
            })?);
        }
        Ok(servers)
    }

    /// Reads all tables and indexes of each server into its cache, as far as they fit: a large cache would else take
    /// many rounds to fill, and look worse until then.
    fn warm(&self, servers: &[Server]) -> Result<(), Problem> {
        let is_there = "SELECT 1 FROM pg_extension WHERE extname = 'pg_prewarm'";
        for server in servers {
            go_on(self.interrupted)?;
            if !ask_in(server, DATABASE, is_there)?.is_empty() {
                ask_in(
                    server,
                    DATABASE,
                    "SELECT sum(pg_prewarm(oid)) FROM pg_class WHERE relkind IN ('r', 'i') \
                     AND relnamespace = 'public'::regnamespace",
                )?;
            }
        }
        Ok(())
    }

    /// The parameters in which the servers of the configurations differ. Paths are left out, and what may hold secrets.
    fn settings(&self, servers: &[Server]) -> Result<Vec<Differing>, Problem> {
        let configurations = self.plan.configurations.len();
        let mut found: Vec<Differing> = Vec::new();
        for (at, server) in servers.iter().take(configurations).enumerate() {
            let rows = ask(
                server,
                "SELECT name, current_setting(name) FROM pg_settings WHERE context <> 'internal' \
                 AND category NOT LIKE 'File Locations' AND name NOT IN ('port', 'unix_socket_directories') \
                 AND name NOT LIKE '%\\_command' AND name NOT LIKE '%conninfo' \
                 AND source NOT IN ('client', 'session') ORDER BY name",
            )?;
            for row in rows {
                let mut row = row.into_iter();
                let (Some(Some(name)), Some(value)) = (row.next(), row.next()) else { continue };
                let place = found.binary_search_by(|known| known.name.cmp(&name)).unwrap_or_else(|place| {
                    found.insert(place, Differing { name, values: vec![String::new(); configurations] });
                    place
                });
                if let Some(cell) = found.get_mut(place).and_then(|known| known.values.get_mut(at)) {
                    *cell = value.unwrap_or_default();
                }
            }
        }
        found.retain(|known| known.values.iter().any(|value| Some(value) != known.values.first()));
        Ok(found)
    }

    /// What is worth knowing before the first block.
    fn notes(&self, servers: &[Server], data: u64) -> Result<Vec<String>, Problem> {
        let mut notes = Vec::new();
        let mut needed = 0;
        for server in servers {
            let rows = ask(server, "SELECT setting::bigint * 8192 FROM pg_settings WHERE name = 'shared_buffers'")?;
            let buffers: u64 = rows.into_iter().flatten().flatten().next().and_then(|it| it.parse().ok()).unwrap_or(0);
            // no more is touched than there is to read
            needed += buffers.min(data.saturating_mul(2));
        }
        if free_memory().is_some_and(|free| needed > free) {
            notes.push(
                "the shared buffers of all servers do not fit into memory together: measure fewer at once".to_owned(),
            );
        }
        Ok(notes)
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
                    Err(_) if counting >= 2 && self.interrupted.load(Ordering::Relaxed) => {
                        let planned = self.plan.rounds;
                        notes.push(format!("interrupted after {} of {planned}", counted(counting, "round")));
                        return Ok(rounds);
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
