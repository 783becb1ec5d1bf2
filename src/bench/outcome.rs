//! What a run has found, before it is written.

use serde::Serialize;

use super::comparison::{Comparison, Verdict};
use super::configuration::Aside;
use super::table::{Better, From, Metric, table};

/// The whole of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// What was measured, and how.
    pub setup: Setup,
    /// What the machine did meanwhile.
    pub machine: Machine,
    /// The parameters in which the servers differed.
    pub settings: Vec<Differing>,
    /// What is compared.
    pub metrics: Vec<MetricInfo>,
    /// Each configuration but the first, against the first.
    pub compared: Vec<Compared>,
    /// All rounds, those that were discarded first.
    pub rounds: Vec<Round>,
    /// What is worth knowing before the figures are believed.
    pub notes: Vec<String>,
}

/// What was measured, and how.
#[derive(Debug, Clone, Serialize)]
pub struct Setup {
    /// The version of the servers.
    pub postgres: String,
    /// The configurations, as the user names them; the first is what others are compared with.
    pub configurations: Vec<Named>,
    /// What the clients did.
    pub load: String,
    /// pgbench's scale.
    pub scale: u32,
    /// Bytes of the database before the first block.
    pub data_bytes: u64,
    /// Connections.
    pub clients: u32,
    /// Threads of pgbench.
    pub threads: u32,
    /// Length of a block, in seconds.
    pub block_seconds: u64,
    /// Where random numbers and orders come from.
    pub seed: u64,
    /// Processors of the machine.
    pub processors: usize,
}

/// A configuration.
#[derive(Debug, Clone, Serialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// The file, as the user named it.
    pub path: String,
    /// What of it was not in force.
    pub aside: Vec<Aside>,
}

/// What the machine did during the rounds that count. `None` where it does not tell.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Machine {
    /// The highest load average of a minute.
    pub load_most: Option<f64>,
    /// The highest share of a block's time that a hypervisor gave to others, from 0 to 1.
    pub stolen_most: Option<f64>,
}

/// A parameter in which servers differed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// Its name.
    pub name: String,
    /// What each configuration had in force, in their order, as `SHOW` writes it.
    pub values: Vec<String>,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MetricInfo {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The unit of its values; empty for a count.
    pub unit: &'static str,
    /// Which way is better.
    pub better: Better,
}

/// One configuration against the first.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// Its name.
    pub name: String,
    /// By each metric that was measured in all rounds.
    pub metrics: Vec<Comparison>,
}

impl Compared {
    /// How many metrics have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.metrics.iter().filter(|metric| metric.verdict == verdict).count()
    }
}

/// A block on each server.
#[derive(Debug, Clone, Serialize)]
pub struct Round {
    /// Whether it was discarded, as caches were not warm.
    pub warm_up: bool,
    /// In the order in which they were measured.
    pub blocks: Vec<Block>,
}

/// Some seconds of load on one server.
#[derive(Debug, Clone, Serialize)]
pub struct Block {
    /// Which server: its configuration's place, from 0; after the last configuration comes the twin of the first.
    pub server: usize,
    /// Transactions that were done.
    pub transactions: f64,
    /// Transactions that failed.
    pub failed: f64,
    /// The load average of the last minute at its end.
    pub load: Option<f64>,
    /// The share of its time that a hypervisor gave to others, from 0 to 1.
    pub stolen: Option<f64>,
    /// The value of each metric, in their order; `None` where it was not measured.
    pub values: Vec<Option<f64>>,
}

impl Round {
    fn block(&self, server: usize) -> Option<&Block> {
        self.blocks.iter().find(|block| block.server == server)
    }
}

impl MetricInfo {
    /// All of them, in the order of reports.
    pub(super) fn all() -> Vec<MetricInfo> {
        let info = |metric: &'static Metric| MetricInfo {
            name: &metric.name,
            title: &metric.title,
            unit: &metric.unit,
            better: metric.better,
        };
        table().metric.iter().map(info).collect()
    }
}

/// The place of a metric that comes from a counter per transaction.
pub(super) fn place_of(name: &str) -> Option<usize> {
    table().metric.iter().position(|metric| matches!(&metric.from, From::Counted { counter, .. } if counter == name))
}

/// Compares the configurations by the rounds that count; the twin of the first is the server behind the last of `names`.
pub(super) fn compare(names: &[String], rounds: &[Round]) -> Vec<Compared> {
    let twin = names.len();
    let counted: Vec<&Round> = rounds.iter().filter(|round| !round.warm_up).collect();
    // the values of a server in all rounds, or none where one lacks
    let values = |server: usize, metric: usize| -> Option<Vec<f64>> {
        counted.iter().map(|round| round.block(server)?.values.get(metric).copied().flatten()).collect()
    };
    let mut compared = Vec::new();
    for (server, name) in names.iter().enumerate().skip(1) {
        let metrics = table().metric.iter().enumerate().filter_map(|(at, metric)| {
            Comparison::of(metric, &values(0, at)?, &values(twin, at)?, &values(server, at)?)
        });
        compared.push(Compared { name: name.clone(), metrics: metrics.collect() });
    }
    compared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_that_are_discarded_do_not_count() {
        let metric = place_of("wal-bytes").expect("a metric");
        let block = |server: usize, value: f64| {
            let mut values = vec![None; table().metric.len()];
            values[metric] = Some(value);
            Block { server, transactions: 1.0, failed: 0.0, load: None, stolen: None, values }
        };
        let round = |warm_up, first, other, twin| Round {
            warm_up,
            blocks: vec![block(1, other), block(2, twin), block(0, first)],
        };
        let rounds =
            [round(true, 1.0, 9000.0, 1.0), round(false, 8000.0, 4000.0, 8000.0), round(false, 6000.0, 3000.0, 6000.0)];
        let compared = compare(&["a".into(), "b".into()], &rounds);
        let [one] = &compared[..] else { panic!("{compared:?}") };
        let [wal] = &one.metrics[..] else { panic!("{one:?}") };
        assert_eq!((wal.metric, wal.verdict), ("wal-bytes", Verdict::Better));
        assert!((wal.change.mean - 0.5).abs() < 1e-9);
        assert_eq!(one.count(Verdict::Better), 1);
    }
}
