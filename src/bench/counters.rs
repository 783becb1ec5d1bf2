//! The counters of a server, before and after a block.

use std::thread::sleep;
use std::time::{Duration, Instant};

use postgres::SimpleQueryMessage;

use super::server::Server;
use super::startup::last_words;
use super::table::table;
use crate::workspace::Problem;

/// The counter of transactions, by which one sees that all sessions have reported.
const TRANSACTIONS: &str = "transactions";

/// How long sessions may take to report what they did.
const PATIENCE: Duration = Duration::from_secs(5);

/// What all counters stood at.
#[derive(Debug, Clone, Default)]
pub(super) struct Counters(Vec<(&'static str, f64)>);

impl Counters {
    /// Reads them.
    pub(super) fn read(server: &Server, major: u16) -> Result<Counters, Problem> {
        let counters: Vec<_> = table().counters(major).collect();
        let columns: Vec<String> =
            counters.iter().map(|counter| format!("({})::float8 AS \"{}\"", counter.sql, counter.name)).collect();
        let rows = ask(server, &format!("SELECT {}", columns.join(", ")))?;
        let Some(row) = rows.first() else { return Ok(Counters::default()) };
        let value = |at: usize| row.get(at)?.as_deref()?.parse().ok();
        let names = counters.iter().enumerate();
        Ok(Counters(names.filter_map(|(at, counter)| Some((counter.name.as_str(), value(at)?))).collect()))
    }

    /// Reads them once the sessions of `transactions` have all reported: they do so when they end, shortly after their
    /// client has gone.
    pub(super) fn settled(
        server: &Server,
        major: u16,
        before: &Counters,
        transactions: f64,
    ) -> Result<Counters, Problem> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = Counters::read(server, major)?;
            let reported = now.since(before, TRANSACTIONS).is_none_or(|seen| seen >= transactions);
            if reported || Instant::now() > deadline {
                return Ok(now);
            }
            sleep(Duration::from_millis(100));
        }
    }

    /// How much a counter has grown; `None` where the version does not have it.
    pub(super) fn since(&self, before: &Counters, name: &str) -> Option<f64> {
        let of = |counters: &Counters| counters.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        Some((of(self)? - of(before)?).max(0.0))
    }
}

/// Writes a checkpoint, and waits until it is counted.
pub(super) fn checkpoint(server: &Server, major: u16) -> Result<(), Problem> {
    let before = Counters::read(server, major)?;
    ask(server, "CHECKPOINT")?;
    let deadline = Instant::now() + PATIENCE;
    // the checkpointer counts it before it begins, and reports that after it has ended
    while Instant::now() < deadline {
        let counted = Counters::read(server, major)?.since(&before, "checkpoints-requested");
        if counted.is_none_or(|counted| counted > 0.0) {
            return Ok(());
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// The rows of a query, in a session of its own: a configuration may end those that are idle.
pub(super) fn ask(server: &Server, query: &str) -> Result<Vec<Vec<Option<String>>>, Problem> {
    ask_in(server, "postgres", query)
}

/// The same in another database.
pub(super) fn ask_in(server: &Server, database: &str, query: &str) -> Result<Vec<Vec<Option<String>>>, Problem> {
    let failed = |error: postgres::Error| {
        let said = error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned());
        let log = server.log();
        Problem::new("bench", format!("a server cannot be asked: {}", last_words(&log).unwrap_or(&said)))
    };
    let mut client = server.connect(database).map_err(failed)?;
    let mut rows = Vec::new();
    for message in client.simple_query(query).map_err(failed)? {
        if let SimpleQueryMessage::Row(row) = message {
            rows.push((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect());
        }
    }
    Ok(rows)
}
