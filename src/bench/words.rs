//! Numbers and sentences that reports share.

use super::comparison::{Comparison, Scale, Verdict};
use super::outcome::{Compared, MetricInfo, Outcome};
use crate::report::counted;

/// A value with three significant digits, thousands set apart.
pub(super) fn figure(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if size >= 99.95 => whole(value),
        0.0 => "0".to_owned(),
        _ if size >= 9.995 => format!("{value:.1}"),
        _ if size >= 0.9995 => format!("{value:.2}"),
        _ if size >= 0.0005 => format!("{value:.3}"),
        // what is left does not show
        _ => "0.000".to_owned(),
    }
}

/// A value without its fraction, thousands set apart.
fn whole(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::from(if value < 0.0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A change: a ratio, or a difference with its sign.
pub(super) fn change(scale: Scale, value: f64) -> String {
    match scale {
        Scale::Ratio if !(0.0995..9.995).contains(&value) => figure(value),
        Scale::Ratio => format!("{value:.2}"),
        // what does not show has no direction
        Scale::Difference if value.abs() < 0.0005 => figure(value.abs()),
        Scale::Difference if value > 0.0 => format!("+{}", figure(value)),
        Scale::Difference => figure(value),
    }
}

/// From one change to another.
pub(super) fn range(scale: Scale, low: f64, high: f64) -> String {
    format!("{}..{}", change(scale, low), change(scale, high))
}

/// The title of a metric with its unit.
pub(super) fn title(outcome: &Outcome, comparison: &Comparison) -> String {
    match outcome.metrics.iter().find(|metric| metric.name == comparison.metric) {
        Some(MetricInfo { title, unit: "", .. }) => (*title).to_owned(),
        Some(MetricInfo { title, unit, .. }) => format!("{title}, {unit}"),
        None => comparison.metric.to_owned(),
    }
}

/// What was measured, in two sentences.
pub(super) fn setup(outcome: &Outcome) -> [String; 2] {
    let setup = &outcome.setup;
    let megabytes = setup.data_bytes as f64 / f64::from(1 << 20);
    let clients = counted(setup.clients as usize, "client");
    let discarded = outcome.rounds.iter().filter(|round| round.warm_up).count();
    let rounds = counted(outcome.rounds.len() - discarded, "round");
    [
        format!(
            "PostgreSQL {}, {}, scale {} ({} MB), {clients}, {}",
            setup.postgres,
            setup.load,
            setup.scale,
            whole(megabytes),
            counted(setup.processors, "processor")
        ),
        format!(
            "{rounds} of {} s on each server, after {discarded} discarded while caches filled",
            setup.block_seconds
        ),
    ]
}

/// How one configuration did against the first.
pub(super) fn heading(outcome: &Outcome, compared: &Compared) -> String {
    let first = outcome.setup.configurations.first().map_or("", |first| first.name.as_str());
    let count = |verdict| format!("{} {}", compared.count(verdict), verdict.words());
    let (better, worse) = (count(Verdict::Better), count(Verdict::Worse));
    format!("{} against {first}: {better}, {worse}, {}", compared.name, count(Verdict::NotDistinguishable))
}

/// How the machine was, where it tells.
pub(super) fn machine(outcome: &Outcome) -> Option<String> {
    let load = outcome.machine.load_most.map(|load| format!("load average up to {}", figure(load)));
    let stolen = outcome.machine.stolen_most.map(|stolen| format!("steal up to {} %", figure(stolen * 100.0)));
    let said: Vec<String> = load.into_iter().chain(stolen).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// How the figures are to be read.
pub(super) const LEGEND: [&str; 3] = [
    "A change compares two servers in the same round: a ratio, or with a sign a difference where one is near zero.",
    "A/A is how much the first configuration differs from itself, on a second server, in both directions.",
    "Better and worse is what lies, with its whole 95 % interval, beyond A/A and beyond no change.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits() {
        let shown: Vec<String> =
            [0.0, 0.0001, 0.0123, 1.234, 12.34, 123.4, 1_234.0, 1_234_567.0, -0.5, -1234.0].map(figure).to_vec();
        assert_eq!(shown, ["0", "0.000", "0.012", "1.23", "12.3", "123", "1,234", "1,234,567", "-0.500", "-1,234"]);
        assert_eq!(change(Scale::Ratio, 0.238), "0.24");
        assert_eq!(change(Scale::Ratio, 0.0042), "0.004");
        assert_eq!(change(Scale::Difference, 1.36), "+1.36");
        assert_eq!(range(Scale::Difference, -1.4, 0.0), "-1.40..0");
        assert_eq!(range(Scale::Difference, -0.0001, 0.0001), "0.000..0.000");
    }
}
