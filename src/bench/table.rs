//! What is set aside, counted and compared: `schema/postgres/bench.toml`.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    aside: Vec<Aside>,
    libraries: Vec<Libraries>,
    counter: Vec<Counter>,
    /// What is compared, in the order of reports.
    pub(super) metric: Vec<Metric>,
}

/// Parameters that are of the server they were written for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aside {
    names: Vec<String>,
    why: String,
}

/// Parameters that list libraries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Libraries {
    names: Vec<String>,
}

/// A figure of the server that only grows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counter {
    /// Its name.
    pub(super) name: String,
    /// The first major version that has it.
    since: Option<u16>,
    /// The first that has not.
    before: Option<u16>,
    /// The expression that yields it.
    pub(super) sql: String,
}

/// What is compared.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metric {
    /// Its name, in kebab-case.
    pub(super) name: String,
    /// What people call it.
    pub(super) title: String,
    /// The unit of its values; empty for a count.
    pub(super) unit: String,
    /// Which way is better.
    pub(super) better: Better,
    /// Where it comes from.
    pub(super) from: From,
    /// The difference below which nothing is made of it.
    #[serde(default)]
    pub(super) least: f64,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// As with throughput.
    More,
    /// As with latency.
    Less,
}

/// Where a metric comes from.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum From {
    /// Transactions per second.
    Throughput,
    /// The mean latency of a transaction, in milliseconds.
    LatencyMean,
    /// What 95 % of the transactions stay below, in milliseconds.
    LatencyP95,
    /// What 99 % stay below.
    LatencyP99,
    /// The growth of a counter.
    #[serde(untagged)]
    Counted {
        /// Its name.
        counter: String,
        /// What it is divided by.
        per: Per,
    },
}

/// What the growth of a counter is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Per {
    /// The transactions of the block.
    Transaction,
    /// Nothing.
    Block,
}

/// The table, read at the first use.
pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        toml::from_str(include_str!("../../schema/postgres/bench.toml")).expect("a test reads the table")
    })
}

impl Table {
    /// Why a parameter (in lower case) is set aside, if it is.
    pub(super) fn aside(&self, name: &str) -> Option<&str> {
        self.aside.iter().find(|row| fits(&row.names, name)).map(|row| row.why.as_str())
    }

    /// Whether a parameter (in lower case) lists libraries.
    pub(super) fn lists_libraries(&self, name: &str) -> bool {
        self.libraries.iter().any(|row| fits(&row.names, name))
    }

    /// The counters that a major version has.
    pub(super) fn counters(&self, major: u16) -> impl Iterator<Item = &Counter> {
        self.counter.iter().filter(move |counter| {
            counter.since.is_none_or(|since| major >= since) && counter.before.is_none_or(|before| major < before)
        })
    }
}

fn fits(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::postgres::parameters;

    #[test]
    fn what_is_named_is_known() {
        let table = table();
        let names = table.aside.iter().flat_map(|row| &row.names);
        for pattern in names.chain(table.libraries.iter().flat_map(|row| &row.names)) {
            let one = std::slice::from_ref(pattern);
            assert!(parameters().iter().any(|parameter| fits(one, &parameter.name)), "{pattern}");
        }
        for metric in &table.metric {
            if let From::Counted { counter, .. } = &metric.from {
                assert!(table.counter.iter().any(|known| known.name == *counter), "{counter}");
            }
        }
    }

    #[test]
    fn a_version_has_each_counter_once() {
        for major in 13..=18 {
            let mut names: Vec<&str> = table().counters(major).map(|counter| counter.name.as_str()).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{major}");
            assert!(names.contains(&"transactions") && names.contains(&"checkpoints-requested"), "{major}");
        }
    }
}
