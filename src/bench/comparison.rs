//! The rounds of two servers, paired, into a judgement.

use serde::Serialize;

use super::statistics::{Interval, mean};
use super::table::{Better, Metric};

/// What is said of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Better than the first configuration, beyond what the same configuration differs from itself.
    Better,
    /// Worse than it, beyond the same.
    Worse,
    /// Chance may have made it.
    NotDistinguishable,
}

impl Verdict {
    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::NotDistinguishable => "not distinguishable",
        }
    }
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// The other divided by the first, round by round; means are geometric.
    Ratio,
    /// The other less the first, where one of them is nearly nothing in some round.
    Difference,
}

/// One configuration against the first, by one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The metric's name.
    pub metric: &'static str,
    /// What is said of it.
    pub verdict: Verdict,
    /// How the two are compared.
    pub scale: Scale,
    /// The mean of the first configuration, in the metric's unit.
    pub first: f64,
    /// The mean of the other.
    pub other: f64,
    /// The change from the first to the other.
    pub change: Interval,
    /// The change from the first to its twin, which is configured in the same way.
    pub control: Interval,
    /// What may be chance: the change to the twin, in both directions.
    pub band: (f64, f64),
    /// The change of each round.
    pub rounds: Vec<f64>,
    /// That of the twin.
    pub control_rounds: Vec<f64>,
}

impl Comparison {
    /// Compares what was measured in the same rounds: of the first configuration, its twin and another one. `None` where
    /// there are fewer than two rounds.
    pub(super) fn of(metric: &'static Metric, first: &[f64], twin: &[f64], other: &[f64]) -> Option<Comparison> {
        // near nothing, a ratio is mostly noise
        let has_ratio = |values: &[f64]| values.iter().all(|&value| value > metric.least * 2.0 && value > 0.0);
        let scale = match has_ratio(first) && has_ratio(twin) && has_ratio(other) {
            true => Scale::Ratio,
            false => Scale::Difference,
        };
        let (control, control_rounds) = changed(scale, first, twin)?;
        let (change, rounds) = changed(scale, first, other)?;
        let band = match scale {
            Scale::Ratio => {
                let most = control.high.max(1.0 / control.low).max(1.0);
                (1.0 / most, most)
            }
            Scale::Difference => {
                let most = control.high.abs().max(control.low.abs());
                (-most, most)
            }
        };
        let (first, other) = (level(scale, first)?, level(scale, other)?);
        let matters = (other - first).abs() >= metric.least;
        let verdict = match (change.low > band.1, change.high < band.0) {
            (true, _) if matters && metric.better == Better::More => Verdict::Better,
            (_, true) if matters && metric.better == Better::Less => Verdict::Better,
            (true, _) | (_, true) if matters => Verdict::Worse,
            _ => Verdict::NotDistinguishable,
        };
        Some(Comparison {
            metric: &metric.name,
            verdict,
            scale,
            first,
            other,
            change,
            control,
            band,
            rounds,
            control_rounds,
        })
    }
}

impl Comparison {
    /// Whether there was nothing to count on any of the servers.
    pub(super) fn is_nothing(&self) -> bool {
        let mut all = self.rounds.iter().chain(&self.control_rounds);
        self.first == 0.0 && self.other == 0.0 && all.all(|&change| change == 0.0)
    }
}

/// The change from one to the other: its interval, and that of each round.
fn changed(scale: Scale, from: &[f64], to: &[f64]) -> Option<(Interval, Vec<f64>)> {
    let pairs = from.iter().zip(to);
    match scale {
        Scale::Ratio => {
            let logs: Vec<f64> = pairs.map(|(from, to)| (to / from).ln()).collect();
            Some((Interval::of(&logs)?.exp(), logs.iter().map(|log| log.exp()).collect()))
        }
        Scale::Difference => {
            let differences: Vec<f64> = pairs.map(|(from, to)| to - from).collect();
            Some((Interval::of(&differences)?, differences))
        }
    }
}

/// The mean of values on a scale.
fn level(scale: Scale, values: &[f64]) -> Option<f64> {
    match scale {
        Scale::Ratio => mean(&values.iter().map(|value| value.ln()).collect::<Vec<_>>()).map(f64::exp),
        Scale::Difference => mean(values),
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::table;
    use super::*;

    fn compared(metric: &str, first: &[f64], twin: &[f64], other: &[f64]) -> Comparison {
        let metric = table().metric.iter().find(|row| row.name == metric).expect("a metric");
        Comparison::of(metric, first, twin, other).expect("rounds enough")
    }

    #[test]
    fn rounds_are_paired() {
        // throughput halves from round to round, and the other is always a tenth faster
        let it = compared("throughput", &[1000.0, 500.0, 250.0], &[1000.0, 500.0, 250.0], &[1100.0, 550.0, 275.0]);
        assert!((it.change.mean - 1.1).abs() < 1e-9 && (it.change.high - it.change.low).abs() < 1e-9);
        assert!((it.first - 500.0).abs() < 1e-9 && (it.other - 550.0).abs() < 1e-9);
        assert_eq!((it.scale, it.verdict), (Scale::Ratio, Verdict::Better));
    }

    #[test]
    fn a_difference_within_that_of_the_twins_is_chance() {
        let first = [1000.0, 1010.0, 990.0, 1000.0];
        let other = [1100.0, 1105.0, 1090.0, 1110.0];
        let quiet = [1003.0, 1008.0, 993.0, 998.0];
        assert_eq!(compared("throughput", &first, &quiet, &other).verdict, Verdict::Better);
        // the interval alone would call it better, but the same configuration differs as much
        let loud = [1090.0, 1120.0, 1080.0, 1100.0];
        let it = compared("throughput", &first, &loud, &other);
        assert!(it.change.low > 1.0);
        assert_eq!(it.verdict, Verdict::NotDistinguishable);
        // in whichever direction it differs
        let slow = [900.0, 915.0, 890.0, 905.0];
        assert_eq!(compared("throughput", &first, &slow, &other).verdict, Verdict::NotDistinguishable);
    }

    #[test]
    fn less_of_a_cost_is_better() {
        let (first, twin) = ([9848.0, 7569.0, 8700.0], [9800.0, 7600.0, 8690.0]);
        assert_eq!(compared("wal-bytes", &first, &twin, &[1719.0, 1836.0, 1800.0]).verdict, Verdict::Better);
        assert_eq!(
            compared("wal-bytes", &[1719.0, 1836.0, 1800.0], &[1720.0, 1830.0, 1801.0], &first).verdict,
            Verdict::Worse
        );
    }

    #[test]
    fn zeros_are_compared_by_difference() {
        let it = compared("misses", &[1.364, 1.360, 1.361], &[1.362, 1.361, 1.360], &[0.0, 0.0, 0.001]);
        assert_eq!((it.scale, it.verdict), (Scale::Difference, Verdict::Better));
        assert!((it.change.mean + 1.361).abs() < 0.01);
        // nearly none is as good as none
        let it = compared("misses", &[0.011, 0.016], &[0.019, 0.012], &[1.87, 1.88]);
        assert_eq!((it.scale, it.verdict), (Scale::Difference, Verdict::Worse));
        let none = compared("temporary-bytes", &[0.0; 3], &[0.0; 3], &[0.0; 3]);
        assert_eq!(none.verdict, Verdict::NotDistinguishable);
    }

    #[test]
    fn what_is_too_small_to_matter_is_not_distinguished() {
        let it = compared("misses", &[0.001, 0.001], &[0.001, 0.001], &[0.002, 0.002]);
        assert!(it.change.low > it.band.1);
        assert_eq!(it.verdict, Verdict::NotDistinguishable);
    }
}
