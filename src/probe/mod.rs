//! A running Postgres server asked for its settings and key figures; what it says is a file like any other, which tables
//! and pages read and judge.
//!
//! ```text
//! DSN → target → session, each query alone and bounded → Snapshot → JSON
//! ```
//!
//! Only read: every query is a transaction that may not write, with limits on its time and on waiting for locks. Nothing
//! is prepared, so a pooler in transaction mode may stand between. What a role may not see is said, not guessed.

mod drift;
mod openmetrics;
mod origin;
mod password;
mod queries;
mod script;
mod service;
mod session;
mod since;
mod target;
mod tls;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

pub use drift::{Adopted, Drift, Remedy, adopt, drift};
pub use openmetrics::openmetrics;
pub use origin::point_at_files;
pub use script::script;
pub use since::compare;
pub use target::Target;

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
    /// The text of the file.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(&self.json).unwrap_or_default();
        text.push('\n');
        text
    }

    /// A name for the file, of letters, digits, dots and dashes.
    pub fn file_name(&self) -> String {
        let safe = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '-' };
        let name: String = self.name.chars().map(safe).collect();
        format!("{}.probe.json", name.trim_start_matches(['-', '.']))
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
        let _ = send.send(session::take(&config, &tls, name));
    });
    let said = receive.recv_timeout(bound).unwrap_or_else(|_| Err(format!("no answer within {} s", bound.as_secs())));
    said.map(|mut snapshot| {
        snapshot.unseen.splice(0..0, target.notes.iter().cloned());
        snapshot
    })
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
