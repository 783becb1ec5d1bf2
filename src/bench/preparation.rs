//! Before the first block: a cluster, configurations that start, tables, and a server for each.

use std::path::{Path, PathBuf};

use super::configuration::quoted;
use super::counters::{ask, ask_in};
use super::machine::free_memory;
use super::outcome::{Differing, Named};
use super::pgbench::{DATABASE, Load, Script, fill};
use super::process::{finish, go_on};
use super::run::{Run, one, trouble};
use super::server::{Failed, Server, Start};
use super::startup::problems;
use crate::workspace::Problem;

/// The number of the first socket; others follow.
const FIRST_PORT: u16 = 5432;

/// A configuration, ready to be used.
pub(super) struct Ready {
    /// As reports name it.
    pub(super) named: Named,
    /// What the server is started with.
    file: PathBuf,
}

impl Run<'_> {
    /// The script; a file as a copy that the user of the servers may read.
    pub(super) fn script(&self) -> Result<Script, Problem> {
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
    pub(super) fn create(&self) -> Result<PathBuf, Problem> {
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
    pub(super) fn configure(&self, template: &Path) -> Result<Vec<Ready>, Vec<Problem>> {
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
    pub(super) fn fill(&self, template: &Path) -> Result<u64, Problem> {
        let server = self.plain(template)?;
        fill(self.home, &server, self.plan.scale, self.interrupted)?;
        // where the module is not installed, the first rounds take longer to warm the caches
        let _ = ask_in(&server, DATABASE, "CREATE EXTENSION pg_prewarm");
        let rows = ask(&server, "SELECT pg_database_size('bench')")?;
        server.shut_down(self.interrupted)?;
        Ok(rows.into_iter().flatten().flatten().next().and_then(|bytes| bytes.parse().ok()).unwrap_or(0))
    }

    /// One server for each configuration, and one more for the first, each on a copy of the same files.
    pub(super) fn servers(&self, template: &Path, ready: &[Ready]) -> Result<Vec<Server>, Vec<Problem>> {
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
    pub(super) fn warm(&self, servers: &[Server]) -> Result<(), Problem> {
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
    pub(super) fn settings(&self, servers: &[Server]) -> Result<Vec<Differing>, Problem> {
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
    pub(super) fn notes(&self, servers: &[Server], data: u64) -> Result<Vec<String>, Problem> {
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
}
