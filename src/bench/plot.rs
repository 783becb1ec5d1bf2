//! One comparison as a picture: the rounds as points, the intervals as whiskers, and A/A as a band behind both.

use std::fmt::Write as _;

use super::comparison::{Comparison, Scale};
use super::statistics::Interval;
use super::words::{change, range};
use crate::report::escaped;

/// Width and height, and the margin left and right.
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 96.0;
const MARGIN: f64 = 14.0;

/// Where the label of a row stands, how far below are its points, and where the axis is.
const ROWS: [f64; 2] = [12.0, 46.0];
const BELOW: f64 = 14.0;
const AXIS: f64 = 76.0;

/// How close the label of an end may come to that in the middle.
const APART: f64 = 80.0;

/// Colours and fonts, for a page that defines the variables.
pub(super) const STYLE: &str = "\
.plot{display:block;margin-top:auto;width:100%;max-width:26rem;height:auto}.plot text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:var(--quiet);paint-order:stroke;stroke:var(--box);stroke-width:3px}
.plot .band{fill:var(--edge);opacity:.55}.plot .none,.plot .axis{stroke:var(--line);stroke-width:1}.plot .none{stroke-dasharray:3 3}
.plot .row{stroke:var(--quiet);fill:var(--quiet)}.plot .row.better{stroke:var(--good);fill:var(--good)}.plot .row.worse{stroke:var(--bad);fill:var(--bad)}
.plot .row.other{stroke:var(--link);fill:var(--link)}.plot circle{stroke:none;opacity:.45}.plot .whisker{stroke-width:2;fill:none}.plot .mean{stroke-width:0}
";

/// From values to places.
struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
}

impl Axis {
    fn of(it: &Comparison) -> Axis {
        let points = it.rounds.iter().chain(&it.control_rounds).copied();
        let ends = [it.change.low, it.change.high, it.control.low, it.control.high, it.band.0, it.band.1];
        let all = points.chain(ends).map(|value| on(it.scale, value)).filter(|value| value.is_finite());
        let (low, high) = all.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        // where nothing differs there still is an axis
        let room = ((high - low) * 0.05).max(0.01);
        Axis { scale: it.scale, low: low - room, high: high + room }
    }

    fn place(&self, value: f64) -> f64 {
        let share = (on(self.scale, value) - self.low) / (self.high - self.low);
        MARGIN + share.clamp(0.0, 1.0) * (WIDTH - 2.0 * MARGIN)
    }

    fn value(&self, place: f64) -> f64 {
        let at = self.low + (place - MARGIN) / (WIDTH - 2.0 * MARGIN) * (self.high - self.low);
        match self.scale {
            Scale::Ratio => at.exp(),
            Scale::Difference => at,
        }
    }
}

/// A value on the axis: no change is at zero, and a half is as far from it as the double.
fn on(scale: Scale, value: f64) -> f64 {
    match scale {
        Scale::Ratio => value.ln(),
        Scale::Difference => value,
    }
}

/// The picture. `first` and `other` are the names of the configurations, `class` that of the verdict.
pub(super) fn drawn(it: &Comparison, title: &str, first: &str, other: &str, class: &str) -> String {
    let axis = Axis::of(it);
    let mut text = String::new();
    let said = format!(
        "{title}: {other} changes it to {}, 95 % interval {}; {first} twice: {}",
        change(it.scale, it.change.mean),
        range(it.scale, it.change.low, it.change.high),
        range(it.scale, it.control.low, it.control.high)
    );
    let (left, right) = (axis.place(it.band.0), axis.place(it.band.1));
    let none = axis.place(if it.scale == Scale::Ratio { 1.0 } else { 0.0 });
    // a string takes any write
    let _ = writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">\
         <rect class=\"band\" x=\"{left:.1}\" y=\"2\" width=\"{:.1}\" height=\"{:.1}\"><title>what may be chance</title></rect>\
         <path class=\"none\" d=\"M{none:.1} 2V{AXIS}\"/><path class=\"axis\" d=\"M{MARGIN} {AXIS}H{:.1}\"/>",
        escaped(&said),
        (right - left).max(1.0),
        AXIS - 2.0,
        WIDTH - MARGIN
    );
    let rows = [
        (format!("{first} twice"), "", &it.control, &it.control_rounds),
        (format!("{other} against {first}"), class, &it.change, &it.rounds),
    ];
    for ((label, class, interval, rounds), y) in rows.into_iter().zip(ROWS) {
        row(&mut text, &axis, &label, class, interval, rounds, y);
    }
    for place in [MARGIN, none, WIDTH - MARGIN] {
        let is_end = (place - none).abs() > f64::EPSILON;
        if is_end && (place - none).abs() < APART {
            continue;
        }
        let anchor = match place {
            _ if place <= MARGIN + 20.0 => "start",
            _ if place >= WIDTH - MARGIN - 20.0 => "end",
            _ => "middle",
        };
        let words = if is_end { change(it.scale, axis.value(place)) } else { "no change".to_owned() };
        let _ = write!(text, "<text x=\"{place:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{words}</text>", AXIS + 14.0);
    }
    text + "</svg>\n"
}

fn row(text: &mut String, axis: &Axis, label: &str, class: &str, interval: &Interval, rounds: &[f64], y: f64) {
    let middle = y + BELOW;
    let _ = write!(text, "<text x=\"{MARGIN}\" y=\"{y}\">{}</text><g class=\"row {class}\">", escaped(label));
    for (at, &value) in rounds.iter().enumerate() {
        // one below the other, so that equal rounds can be told apart
        let y = middle - 6.0 + 12.0 * (at as f64 + 0.5) / rounds.len() as f64;
        let _ = write!(
            text,
            "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"2.6\"><title>round {}: {}</title></circle>",
            axis.place(value),
            at + 1,
            change(axis.scale, value)
        );
    }
    let (low, mean, high) = (axis.place(interval.low), axis.place(interval.mean), axis.place(interval.high));
    let (top, bottom) = (middle - 4.0, middle + 4.0);
    let _ = writeln!(
        text,
        "<path class=\"whisker\" d=\"M{low:.1} {top}V{bottom}M{low:.1} {middle}H{high:.1}M{high:.1} {top}V{bottom}\"/>\
         <path class=\"mean\" d=\"M{mean:.1} {}l5 5l-5 5l-5 -5z\"/></g>",
        middle - 5.0
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_is_even_in_ratios_and_holds_all_points() {
        let interval = |low, mean, high| Interval { mean, low, high };
        let it = Comparison {
            metric: "throughput",
            verdict: super::super::comparison::Verdict::NotDistinguishable,
            scale: Scale::Ratio,
            first: 1.0,
            other: 2.0,
            change: interval(0.5, 1.0, 2.0),
            control: interval(0.9, 1.0, 1.1),
            band: (0.9, 1.11),
            rounds: vec![0.25, 4.0],
            control_rounds: vec![1.0, 1.0],
        };
        let axis = Axis::of(&it);
        let (quarter, one, four) = (axis.place(0.25), axis.place(1.0), axis.place(4.0));
        assert!((one - quarter - (four - one)).abs() < 1e-6);
        assert!(quarter > MARGIN && four < WIDTH - MARGIN);
        assert!((axis.value(axis.place(0.25)) - 0.25).abs() < 1e-9);
        let svg = drawn(&it, "throughput, tps", "a<b", "c", "other");
        assert!(svg.contains("a&lt;b twice") && !svg.contains("a<b") && !svg.contains("NaN"));
    }

    #[test]
    fn where_nothing_differs_there_is_a_picture() {
        let zero = Interval { mean: 0.0, low: 0.0, high: 0.0 };
        let it = Comparison {
            metric: "misses",
            verdict: super::super::comparison::Verdict::NotDistinguishable,
            scale: Scale::Difference,
            first: 0.0,
            other: 0.0,
            change: zero,
            control: zero,
            band: (0.0, 0.0),
            rounds: vec![0.0],
            control_rounds: vec![0.0],
        };
        let svg = drawn(&it, "misses", "a", "b", "");
        assert!(!svg.contains("NaN") && svg.contains("no change"), "{svg}");
    }
}
