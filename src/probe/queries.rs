//! What is asked of the server: `schema/postgres/probe.toml`, and the few queries whose answers are no figures.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

/// The first major version that is asked.
pub(super) const OLDEST: u16 = 13;

/// What every query stands in.
pub(super) const BEGIN: &str = "BEGIN READ ONLY; SET LOCAL statement_timeout = '3s'; SET LOCAL lock_timeout = '500ms'";

/// Version, role, rights and time.
pub(super) const SERVER: &str = "SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS standby, \
     version() AS build, current_database() AS database, \
     pg_has_role(current_user, 'pg_monitor', 'member') AS sees_all, extract(epoch FROM now())::bigint AS epoch, \
     to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS taken";

/// Whether a parameter is a command or a connection string, which may hold passwords: its value never leaves the server.
pub(super) fn may_hold_secrets(name: &str) -> bool {
    name.ends_with("_command") || name.ends_with("conninfo")
}

/// The settings that are not the built-in defaults, with where they come from; commands and connection strings, which may
/// hold secrets, only by whether they are set.
pub(super) const SETTINGS: &str = "SELECT name, \
     CASE WHEN name LIKE '%\\_command' OR name LIKE '%conninfo' \
          THEN CASE WHEN setting = '' THEN '' ELSE '(set)' END \
          ELSE coalesce(current_setting(name, true), setting) END AS value, \
     coalesce(sourcefile || ':' || sourceline, source) AS source, pending_restart AS pending \
     FROM pg_settings \
     WHERE pending_restart OR source NOT IN ('default', 'override', 'client', 'session', 'database', 'user', 'database user') \
     ORDER BY name";

/// What the server takes for each parameter, its built-in default, and who is over its own value in this session.
pub(super) const LIMITS: &str = "SELECT name, min_val AS min, max_val AS max, array_to_string(enumvals, ',') AS words, \
     boot_val AS default, CASE WHEN source IN ('database', 'user', 'database user') THEN source \
     WHEN source = 'client' AND name NOT IN ('application_name', 'client_encoding') THEN source END AS overridden \
     FROM pg_settings ORDER BY name";

/// Who may see what configuration files say: superusers, and those whom they let.
pub(super) const SEES_FILES: &str = "SELECT has_function_privilege('pg_show_all_file_settings()', 'execute') AS may";

/// What configuration files say, the deciding line last. A value that only waits for a restart is not applied.
pub(super) const FILES: &str = "SELECT name, setting AS value FROM pg_file_settings \
     WHERE name IS NOT NULL AND (applied OR error = 'setting could not be applied') ORDER BY seqno";

/// What roles and databases set for their sessions. Names with a dot are an extension's or an application's own, and may
/// hold anything: their values never leave the server.
pub(super) const ROLES: &str = "SELECT coalesce(rolname, '') AS role, coalesce(datname, '') AS database, \
     split_part(one, '=', 1) AS name, substr(one, strpos(one, '=') + 1) AS value \
     FROM pg_db_role_setting LEFT JOIN pg_roles ON pg_roles.oid = setrole LEFT JOIN pg_database ON pg_database.oid = setdatabase, \
     unnest(setconfig) AS one \
     WHERE split_part(one, '=', 1) !~ '[.]|_command$|conninfo$' ORDER BY role, database, name";

/// The extensions of the database, with the schema of each as it is written in a statement.
pub(super) const EXTENSIONS: &str = "SELECT extname AS name, extversion AS version, quote_ident(nspname) AS schema \
     FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace ORDER BY extname";

/// The queries of figures, as the table has them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    query: Vec<Query>,
    list: Vec<List>,
}

/// A query that yields rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    /// What a snapshot calls it.
    pub(super) name: String,
    /// The statement.
    pub(super) sql: String,
    /// The extension it asks, whose schema stands for `{schema}`.
    pub(super) extension: Option<String>,
    /// The columns that are whole numbers.
    int: Vec<String>,
    /// The columns that are true or false; all others are texts.
    #[serde(default)]
    bool: Vec<String>,
}

impl List {
    /// What a text of a column means; nothing where it is none of what the column holds.
    pub(super) fn value(&self, column: &str, text: &str) -> Value {
        let is_among = |columns: &[String]| columns.iter().any(|name| name == column);
        match (is_among(&self.int), is_among(&self.bool)) {
            (true, _) => text.parse::<i64>().map_or(Value::Null, Value::from),
            (_, true) => Value::Bool(text == "t"),
            _ => text.into(),
        }
    }
}

/// A query that yields one row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// What it is about, for telling that it failed.
    pub(super) about: String,
    /// The first major version that knows it.
    since: Option<u16>,
    /// The first that does not.
    before: Option<u16>,
    /// The extension it asks, whose schema stands for `{schema}`.
    pub(super) extension: Option<String>,
    /// A function that the role must be allowed to call.
    pub(super) may: Option<String>,
    /// The statement.
    pub(super) sql: String,
    /// Its columns.
    pub(super) figure: Vec<Figure>,
}

/// One column of an answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Figure {
    /// Its name.
    pub(super) name: String,
    /// How it moves.
    #[serde(default, rename = "type")]
    pub(super) kind: Moves,
    /// What it counts, in a few words.
    pub(super) help: String,
    /// Which way is worse, where one is.
    worse: Option<Worse>,
    /// From how much on growth is told of.
    least: Option<i64>,
}

/// How a figure moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Moves {
    /// Up and down.
    #[default]
    Gauge,
    /// Up, until statistics are reset.
    Counter,
    /// It is a text.
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Worse {
    More,
}

impl Figure {
    /// From how much on its growth is worse; `None` where it is not.
    pub(super) fn worse_from(&self) -> Option<i64> {
        self.worse.map(|Worse::More| self.least.unwrap_or(1))
    }
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        toml::from_str(include_str!("../../schema/postgres/probe.toml")).expect("a test reads the table")
    })
}

/// All queries of figures.
pub(super) fn queries() -> &'static [Query] {
    &table().query
}

/// All queries that yield rows.
pub(super) fn lists() -> &'static [List] {
    &table().list
}

/// Those that a major version knows.
pub(super) fn of_version(major: u16) -> impl Iterator<Item = &'static Query> {
    queries().iter().filter(move |query| {
        query.since.is_none_or(|since| major >= since) && query.before.is_none_or(|before| major < before)
    })
}

/// A figure by its name.
pub(super) fn figure(name: &str) -> Option<&'static Figure> {
    queries().iter().flat_map(|query| &query.figure).find(|figure| figure.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_table_says_the_same_of_a_figure_in_every_version() {
        let mut seen: BTreeMap<&str, (&str, Moves)> = BTreeMap::new();
        for figure in queries().iter().flat_map(|query| &query.figure) {
            let said = (figure.help.as_str(), figure.kind);
            assert_eq!(*seen.entry(&figure.name).or_insert(said), said, "{}", figure.name);
        }
        for major in 13..=18 {
            // version and rights, settings, limits, roles, extensions
            assert!(of_version(major).count() + lists().len() + 5 <= 28, "{major}");
        }
    }
}
