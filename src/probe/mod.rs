//! A running Postgres server asked for its settings and key figures; what it says is a file like any other, which tables
//! and pages read and judge.
//!
//! ```text
//! DSN → target → session, each query alone and bounded → Snapshot → JSON
//! ```
//!
//! Only read: every query is a transaction that may not write, with limits on its time and on waiting for locks. Nothing
//! is prepared, so a pooler in transaction mode may stand between. What a role may not see is said, not guessed.

mod queries;
mod script;
mod target;
mod tls;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use postgres::{Client, NoTls, SimpleQueryMessage, SimpleQueryRow};
use serde_json::{Map, Value, json};

use crate::quantity::postgres::parameters;
pub use queries::may_hold_secrets;
pub use script::script;
pub use target::Target;
use tls::{Mode, Tls};

/// What a server said.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Its name: host, port and database.
    pub name: String,
    /// The whole of it, as it is saved.
    pub json: Value,
    /// What could not be asked, each with the reason.
    pub unseen: Vec<String>,
}

impl Snapshot {
    /// Adds what was found out besides.
    pub fn note(&mut self, figure: &str, text: &str) {
        if let Some(figures) = self.json.get_mut("figures").and_then(Value::as_object_mut) {
            figures.insert(figure.to_owned(), text.into());
        }
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(&self.json).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// Takes a snapshot of the server behind `target`, in at most `bound`.
///
/// # Errors
/// Why there is none, in one line, without any secret.
pub fn snapshot(target: &Target, bound: Duration) -> Result<Snapshot, String> {
    let (send, receive) = mpsc::channel();
    let mut config = target.config.clone();
    config.connect_timeout(bound.min(Duration::from_secs(5))).application_name("trueup");
    let (name, tls) = (target.name.clone(), target.tls.clone());
    // a server that hangs is left to itself
    thread::spawn(move || {
        let _ = send.send(take(&config, &tls, name));
    });
    match receive.recv_timeout(bound) {
        Ok(snapshot) => snapshot,
        Err(_) => Err(format!("no answer within {} s", bound.as_secs())),
    }
}

fn take(config: &postgres::Config, tls: &Tls, name: String) -> Result<Snapshot, String> {
    let client = match tls.mode {
        Mode::Disable => config.connect(NoTls),
        _ => config.connect(tls::connector(tls)?),
    };
    let client = client.map_err(|error| reason(&error))?;
    let mut session = Session { client, unseen: Vec::new() };
    let server = session.ask("the server's version", queries::SERVER).and_then(|rows| rows.into_iter().next());
    let Some(server) = server else {
        return Err(session.unseen.pop().unwrap_or_else(|| "the server did not say its version".into()));
    };
    let text = |row: &SimpleQueryRow, name: &str| row.try_get(name).ok().flatten().unwrap_or_default().to_owned();
    let version = text(&server, "version").split(' ').next().unwrap_or_default().to_owned();
    let major: u16 =
        version.split(|c: char| !c.is_ascii_digit()).next().and_then(|major| major.parse().ok()).unwrap_or(0);
    if major < queries::OLDEST {
        return Err(format!("PostgreSQL {version} is older than what is known here ({} and later)", queries::OLDEST));
    }
    if text(&server, "sees_all") != "t" {
        session
            .unseen
            .push("the role is no member of pg_monitor: sessions of others and some settings are not seen".into());
    }
    let (mut settings, mut sources, mut pending) = (Map::new(), Map::new(), Vec::new());
    for row in session.ask("settings", queries::SETTINGS).unwrap_or_default() {
        let name = text(&row, "name");
        if text(&row, "pending") == "t" {
            pending.push(name.clone());
        }
        // what extensions and newer minor versions bring is not known here
        if parameters().find(&name, major).is_none() || text(&row, "source") == "default" {
            continue;
        }
        sources.insert(name.clone(), text(&row, "source").into());
        settings.insert(name, text(&row, "value").into());
    }
    let mut figures = Map::new();
    for (what, query) in queries::figures(major) {
        for row in session.ask(what, &query).unwrap_or_default() {
            for column in row.columns() {
                let value = row.try_get(column.name()).ok().flatten();
                if let Some(number) = value.and_then(|value| value.parse::<i64>().ok()) {
                    figures.insert(column.name().to_owned(), number.into());
                }
            }
        }
    }
    figures.insert("restart_pending".into(), pending.join(", ").into());
    let json = json!({
        "trueup-probe": 1,
        "server": { "name": name, "version": version, "standby": text(&server, "standby") == "t" },
        "settings": settings,
        "sources": sources,
        "figures": figures,
    });
    Ok(Snapshot { name, json, unseen: session.unseen })
}

/// A connection, and what could not be asked through it.
struct Session {
    client: Client,
    unseen: Vec<String>,
}

impl Session {
    /// The rows of a query, in a transaction of its own; none, with a note, where the server refuses it.
    fn ask(&mut self, what: &str, query: &str) -> Option<Vec<SimpleQueryRow>> {
        let whole = format!("{}; {query}; COMMIT", queries::BEGIN);
        match self.client.simple_query(&whole) {
            Ok(messages) => {
                let row = |message| match message {
                    SimpleQueryMessage::Row(row) => Some(row),
                    _ => None,
                };
                Some(messages.into_iter().filter_map(row).collect())
            }
            Err(error) => {
                let _ = self.client.simple_query("ROLLBACK");
                self.unseen.push(format!("{what}: {}", reason(&error)));
                None
            }
        }
    }
}

/// What an error says, and what caused it, in one line.
fn reason(error: &postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return said.message().to_owned();
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = inner.source();
    }
    text.replace(['\n', '\r'], " ")
}
