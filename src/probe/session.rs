//! One connection, through which each question is asked alone and bounded.

use std::collections::{BTreeMap, BTreeSet};

use postgres::{Client, NoTls, SimpleQueryMessage, SimpleQueryRow};
use serde_json::{Map, Value, json};

use super::queries::{self, List, Moves};
use super::tls::{self, Mode, Tls};
use super::{Snapshot, reason};
use crate::quantity::postgres::{Kind, Parameter, parameters};

/// A connection, and what could not be asked through it.
struct Session {
    client: Client,
    unseen: Vec<String>,
}

/// What the server takes, as far as it is other than other servers of its version do.
#[derive(Default)]
struct Limits {
    /// By parameter: `min`, `max`, `words`, `default`.
    differ: Map<String, Value>,
    /// Parameters that it does not show.
    absent: Vec<String>,
    /// Those whose value the role, the database or the address that is asked through sets for itself, with which of them.
    overridden: Map<String, Value>,
}

/// Asks everything there is to ask of a server.
///
/// # Errors
/// Why there is no answer, in one line, without any secret.
pub(super) fn take(config: &postgres::Config, tls: &Tls, name: String) -> Result<Snapshot, String> {
    let client = match tls.mode {
        Mode::Disable => config.connect(NoTls),
        _ => config.connect(tls::connector(tls)?),
    };
    let mut session = Session { client: client.map_err(|error| reason(&error))?, unseen: Vec::new() };
    let server = session.ask("the server's version", queries::SERVER).and_then(|rows| rows.into_iter().next());
    let Some(server) = server else {
        return Err(session.unseen.pop().unwrap_or_else(|| "the server did not say its version".into()));
    };
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
    let (settings, sources, pending) = session.settings(major);
    let waiting = session.waiting(&pending);
    let limits = session.limits(major);
    let roles = session.roles(major);
    let extensions = session.ask("extensions", queries::EXTENSIONS).unwrap_or_default();
    let mut figures = session.figures(major, &extensions);
    figures.insert("restart_pending".into(), pending.join(", ").into());
    let lists: Vec<(String, Value)> =
        queries::lists().iter().map(|list| (list.name.clone(), session.list(list, &extensions).into())).collect();
    let extension = |row: &SimpleQueryRow| (text(row, "name").to_owned(), text(row, "version").into());
    let mut json = json!({
        "trueup-probe": 1,
        "server": {
            "name": name,
            "version": version,
            "build": text(&server, "build"),
            "database": text(&server, "database"),
            "standby": text(&server, "standby") == "t",
            "taken": text(&server, "taken"),
            "epoch": text(&server, "epoch").parse::<i64>().ok(),
        },
        "settings": settings,
        "sources": sources,
        "waiting": waiting,
        "limits": limits.differ,
        "absent": limits.absent,
        "overridden": limits.overridden,
        "roles": roles,
        "extensions": extensions.iter().map(extension).collect::<Map<String, Value>>(),
        "figures": figures,
    });
    if let Some(whole) = json.as_object_mut() {
        whole.extend(lists);
    }
    Ok(Snapshot { name, json, unseen: session.unseen })
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

    /// The settings that are not defaults, where each comes from, and the names of those that wait for a restart. What
    /// extensions and newer minor versions bring is not known here, and left out.
    fn settings(&mut self, major: u16) -> (Map<String, Value>, Map<String, Value>, Vec<String>) {
        let (mut settings, mut sources, mut pending) = (Map::new(), Map::new(), Vec::new());
        for row in self.ask("settings", queries::SETTINGS).unwrap_or_default() {
            let name = text(&row, "name").to_owned();
            if text(&row, "pending") == "t" {
                pending.push(name.clone());
            }
            if parameters().find(&name, major).is_none() || text(&row, "source") == "default" {
                continue;
            }
            sources.insert(name.clone(), text(&row, "source").into());
            settings.insert(name, text(&row, "value").into());
        }
        (settings, sources, pending)
    }

    /// The new values of parameters that wait for a restart, where the role may see them.
    fn waiting(&mut self, pending: &[String]) -> Map<String, Value> {
        let mut waiting = Map::new();
        if pending.is_empty() {
            return waiting;
        }
        let may = self.ask("configuration files", queries::SEES_FILES).unwrap_or_default();
        if may.first().is_none_or(|row| text(row, "may") != "t") {
            return waiting;
        }
        for row in self.ask("configuration files", queries::FILES).unwrap_or_default() {
            let name = text(&row, "name");
            if pending.iter().any(|pending| pending == name) && !queries::may_hold_secrets(name) {
                waiting.insert(name.to_owned(), text(&row, "value").into());
            }
        }
        waiting
    }

    /// What the server takes for its parameters.
    fn limits(&mut self, major: u16) -> Limits {
        let mut limits = Limits::default();
        let Some(rows) = self.ask("limits of settings", queries::LIMITS) else { return limits };
        let rows: BTreeMap<&str, &SimpleQueryRow> = rows.iter().map(|row| (text(row, "name"), row)).collect();
        for parameter in parameters().iter().filter(|known| known.versions().contains(&major)) {
            let Some(row) = rows.get(parameter.name.as_str()) else {
                limits.absent.push(parameter.name.clone());
                continue;
            };
            let (mut differ, usual) = (Map::new(), usual(parameter));
            for (key, usual) in usual {
                let said = text(row, key);
                if !same(said, &usual) {
                    differ.insert(key.to_owned(), said.into());
                }
            }
            if !differ.is_empty() {
                limits.differ.insert(parameter.name.clone(), differ.into());
            }
            let overridden = text(row, "overridden");
            if !overridden.is_empty() {
                limits.overridden.insert(parameter.name.clone(), overridden.into());
            }
        }
        limits
    }

    /// The rows of a list, each column that has a value by its name.
    fn list(&mut self, list: &List, extensions: &[SimpleQueryRow]) -> Vec<Value> {
        let Some(sql) = with_extension(&list.sql, list.extension.as_deref(), extensions) else { return Vec::new() };
        let one = |row: SimpleQueryRow| {
            let mut entry = Map::new();
            for (index, column) in row.columns().iter().enumerate() {
                let Some(said) = row.try_get(index).ok().flatten() else { continue };
                entry.insert(column.name().to_owned(), list.value(column.name(), said));
            }
            Value::Object(entry)
        };
        self.ask(&list.name, &sql).unwrap_or_default().into_iter().map(one).collect()
    }

    /// What roles and databases set for their sessions.
    fn roles(&mut self, major: u16) -> Vec<Value> {
        let mut found: Vec<(String, String, Map<String, Value>)> = Vec::new();
        for row in self.ask("settings of roles and databases", queries::ROLES).unwrap_or_default() {
            let (role, database, name) = (text(&row, "role"), text(&row, "database"), text(&row, "name"));
            if parameters().find(name, major).is_none() {
                continue;
            }
            let same = |(known, of, _): &(String, String, Map<String, Value>)| known == role && of == database;
            if !found.last().is_some_and(same) {
                found.push((role.to_owned(), database.to_owned(), Map::new()));
            }
            if let Some((_, _, settings)) = found.last_mut() {
                settings.insert(name.to_owned(), text(&row, "value").into());
            }
        }
        let one = |(role, database, settings): (String, String, _)| {
            let mut entry = Map::new();
            for (key, value) in [("role", role), ("database", database)] {
                if !value.is_empty() {
                    entry.insert(key.into(), value.into());
                }
            }
            entry.insert("settings".into(), Value::Object(settings));
            Value::Object(entry)
        };
        found.into_iter().map(one).collect()
    }

    /// The key figures.
    fn figures(&mut self, major: u16, extensions: &[SimpleQueryRow]) -> Map<String, Value> {
        let mut figures = Map::new();
        for query in queries::of_version(major) {
            let Some(sql) = with_extension(&query.sql, query.extension.as_deref(), extensions) else { continue };
            if let Some(function) = &query.may {
                let asked = format!("SELECT has_function_privilege('{function}', 'execute') AS may");
                let answer = self.ask(&query.about, &asked).unwrap_or_default();
                if answer.first().is_none_or(|row| text(row, "may") != "t") {
                    continue;
                }
            }
            let Some(row) = self.ask(&query.about, &sql).and_then(|rows| rows.into_iter().next()) else { continue };
            for figure in &query.figure {
                let Some(said) = row.try_get(figure.name.as_str()).ok().flatten() else { continue };
                let value = match figure.kind {
                    Moves::Text => Some(said.into()),
                    Moves::Gauge | Moves::Counter => said.parse::<i64>().ok().map(Value::from),
                };
                figures.extend(value.map(|value| (figure.name.clone(), value)));
            }
        }
        figures
    }
}

/// A statement with the schema of the extension that it asks; `None` where the database has no such extension.
fn with_extension(sql: &str, extension: Option<&str>, extensions: &[SimpleQueryRow]) -> Option<String> {
    let Some(extension) = extension else { return Some(sql.to_owned()) };
    let row = extensions.iter().find(|row| text(row, "name") == extension)?;
    Some(sql.replace("{schema}", text(row, "schema")))
}

/// What servers of a version take for a parameter, as `pg_settings` shows it: limits or words, and the default where that
/// is a number, a word or a switch.
fn usual(parameter: &Parameter) -> Vec<(&'static str, String)> {
    let mut usual = match &parameter.kind {
        Kind::Int { min, max } => vec![("min", min.to_string()), ("max", max.to_string())],
        Kind::Real { min, max } => vec![("min", min.to_string()), ("max", max.to_string())],
        Kind::Enum(words) => {
            let listed = words.iter().filter(|word| word.listed).map(|word| word.word.as_str());
            vec![("words", listed.collect::<Vec<_>>().join(","))]
        }
        Kind::Bool => Vec::new(),
        Kind::String => return Vec::new(),
    };
    usual.push(("default", parameter.default.clone()));
    usual
}

/// Whether two texts are the same words in any order, or the same number: `1e+06` is `1000000`, and large ones are shown
/// rounded.
fn same(one: &str, other: &str) -> bool {
    let words = |text: &str| text.split(',').map(str::to_owned).collect::<BTreeSet<String>>();
    let numbers = one.parse::<f64>().ok().zip(other.parse::<f64>().ok());
    words(one) == words(other) || numbers.is_some_and(|(one, other)| (one - other).abs() <= one.abs() * 1e-5)
}

/// A column of a row; empty where it is null.
fn text<'r>(row: &'r SimpleQueryRow, name: &str) -> &'r str {
    row.try_get(name).ok().flatten().unwrap_or_default()
}
