//! Samples into means, intervals and quantiles.

use serde::Serialize;

/// A mean with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// The mean of samples with Student's 95 % interval; `None` for fewer than two.
    pub(super) fn of(samples: &[f64]) -> Option<Interval> {
        let degrees = samples.len().checked_sub(1).filter(|&degrees| degrees > 0)?;
        let mean = mean(samples)?;
        let squares: f64 = samples.iter().map(|sample| (sample - mean).powi(2)).sum();
        let error = (squares / degrees as f64 / samples.len() as f64).sqrt();
        let half = t_quantile(degrees) * error;
        Some(Interval { mean, low: mean - half, high: mean + half })
    }

    /// The same of what the ends are logarithms of.
    pub(super) fn exp(self) -> Interval {
        Interval { mean: self.mean.exp(), low: self.low.exp(), high: self.high.exp() }
    }
}

/// The arithmetic mean; `None` of nothing.
pub(super) fn mean(samples: &[f64]) -> Option<f64> {
    (!samples.is_empty()).then(|| samples.iter().sum::<f64>() / samples.len() as f64)
}

/// The 0.975 quantile of Student's distribution for 1 to 30 degrees of freedom.
/// <https://www.itl.nist.gov/div898/handbook/eda/section3/eda3672.htm>
const T_975: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// The 0.975 quantile of Student's distribution. Beyond the table it is the expansion around the normal distribution,
/// Abramowitz and Stegun 26.7.5, which is right to four digits there.
fn t_quantile(degrees: usize) -> f64 {
    if let Some(known) = degrees.checked_sub(1).and_then(|row| T_975.get(row)) {
        return *known;
    }
    let z: f64 = 1.959_964;
    let n = degrees as f64;
    z + (z.powi(3) + z) / (4.0 * n) + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * n * n)
}

/// What the share `q` of sorted samples stays at or below: the nearest rank.
pub(super) fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, by: f64) {
        assert!((a - b).abs() <= by, "{a} is not {b}");
    }

    #[test]
    fn quantiles_of_students_distribution_are_those_of_the_tables() {
        for (degrees, expected) in [(1, 12.706), (4, 2.776), (30, 2.042), (40, 2.021), (60, 2.000), (100, 1.984)] {
            near(t_quantile(degrees), expected, 0.0006);
        }
        near(t_quantile(1_000_000), 1.960, 0.0001);
        // the expansion meets the table
        assert!(t_quantile(31) < t_quantile(30) && t_quantile(31) > 2.039);
    }

    #[test]
    fn an_interval_is_students() {
        // mean 3, standard deviation 1.5811, error 0.70711, t(4) = 2.776
        let interval = Interval::of(&[1.0, 2.0, 3.0, 4.0, 5.0]).expect("five samples");
        near(interval.mean, 3.0, 1e-12);
        near(interval.low, 3.0 - 1.96293, 1e-4);
        near(interval.high, 3.0 + 1.96293, 1e-4);
        assert_eq!(Interval::of(&[1.0]), None);
        assert_eq!(Interval::of(&[]), None);
        let exact = Interval::of(&[2.0, 2.0]).expect("two samples");
        assert_eq!((exact.low, exact.high), (2.0, 2.0));
    }

    #[test]
    fn a_quantile_is_the_nearest_rank() {
        let sorted: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(quantile(&sorted, 0.95), Some(95.0));
        assert_eq!(quantile(&sorted, 0.99), Some(99.0));
        assert_eq!(quantile(&sorted, 1.0), Some(100.0));
        assert_eq!(quantile(&[7.0], 0.99), Some(7.0));
        assert_eq!(quantile(&[], 0.99), None);
    }
}
