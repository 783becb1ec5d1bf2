//! Durations, most of which are bare numbers: the unit is told by a ladder, each step less sure than the one before.
//!
//! ```text
//! timeout: 30s                 the value says it            certain
//! timeout_ms: 30               the key says it              certain
//! timeout: 30  # seconds       a comment says it            high
//! timeout: 30, delay_ms: 5     its neighbour's unit         medium
//! timeout: 30000               its magnitude                high to unknown
//! ```

use super::super::{Reading, tokens};
use super::concept::Match;
use super::{NEIGHBOURS, Reader, ViewId};
use crate::model::{Confidence, Value, Why};
use crate::quantity::{self, Grammar, Quantity, Unit, Wanted};
use crate::syntax::NodeId;

impl Reader<'_> {
    /// A duration; the unit of a bare number by the ladder: the key, its neighbours, a comment, the magnitude.
    pub(super) fn duration(
        &self,
        found: &Match<'_>,
        text: &str,
        number: Option<f64>,
        at: ViewId,
        node: NodeId,
    ) -> Reading {
        let with =
            |unit: Unit, confidence: Confidence| match quantity::parse(text, Grammar::Human, Wanted::Duration, unit)
                .map(|parsed| parsed.quantity)
            {
                Ok(Quantity::Duration(nanos)) => Reading { confidence, ..Reading::known(Value::Duration(nanos)) },
                _ => Reading::unknown(Why::Unreadable),
            };
        let Some(number) = number else { return with(found.unit.unwrap_or(Unit::Second), Confidence::Certain) };
        if let Some(unit) = found.unit {
            return with(unit, Confidence::Certain);
        }
        if let Some(unit) = self.unit_key(at) {
            return with(unit, Confidence::Certain);
        }
        match self.comment(node).map(|comment| said_by(&comment, number)) {
            Some(Said::Unit(unit)) => return with(unit, Confidence::High),
            Some(Said::SomethingElse) => return Reading::unknown(Why::Unit),
            Some(Said::Nothing) | None => {}
        }
        if let Some(unit) = self.neighbour_unit(at) {
            return with(unit, Confidence::Medium);
        }
        self.by_magnitude(found, number, at, with)
    }

    /// The unit that a bare number's size tells. A wait is a few seconds or hundreds of milliseconds, a lifetime a round
    /// number of seconds; what lies between is not guessed.
    fn by_magnitude(
        &self,
        found: &Match<'_>,
        number: f64,
        at: ViewId,
        with: impl Fn(Unit, Confidence) -> Reading,
    ) -> Reading {
        const ROUND: [f64; 10] = [60.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0, 7200.0, 86400.0, 604_800.0];
        // these are as often minutes or hours as seconds
        let kept = matches!(&*found.concept.attribute, "ttl" | "max_lifetime" | "duration");
        let round = ROUND.contains(&number);
        match number {
            _ if kept && round => with(Unit::Second, Confidence::High),
            number if number.fract() != 0.0 && number < 100.0 => with(Unit::Second, Confidence::High),
            number if number >= 1000.0 && number % 100.0 == 0.0 && !round => with(Unit::Millisecond, Confidence::High),
            number if !kept && (1.0..=60.0).contains(&number) => with(Unit::Second, Confidence::High),
            number if (1.0..=120.0).contains(&number) => with(Unit::Second, Confidence::Medium),
            // a neighbour of a few units makes them seconds: nobody connects within 5 ms
            number if (number < 1000.0 || round) && self.neighbour_in_seconds(at, found) => {
                with(Unit::Second, Confidence::High)
            }
            _ if round => with(Unit::Second, Confidence::Medium),
            _ => Reading::unknown(Why::Unit),
        }
    }

    /// Whether another bare duration of the same map is one of a few units, and none is of thousands.
    fn neighbour_in_seconds(&self, at: ViewId, found: &Match<'_>) -> bool {
        let Some(parent) = self.view.parent(at) else { return false };
        let numbers = self.view.children(parent).iter().take(NEIGHBOURS).filter(|&&sibling| sibling != at);
        let numbers: Vec<f64> = numbers
            .filter(|&&sibling| {
                let words = tokens::words(&self.view.get(sibling).written);
                tokens::unit(&words).is_none()
                    && words.iter().any(|word| matches!(&**word, "timeout" | "delay" | "backoff" | "recycle" | "wait"))
            })
            .filter_map(|&sibling| self.view.text(sibling)?.trim().parse().ok())
            .collect();
        found.unit.is_none()
            && numbers.iter().any(|number| (1.0..=30.0).contains(number))
            && !numbers.iter().any(|number| *number >= 4000.0)
    }

    /// `timeoutUnit: seconds` beside `timeout`.
    fn unit_key(&self, at: ViewId) -> Option<Unit> {
        let own = self.view.get(at).written.to_ascii_lowercase();
        let parent = self.view.parent(at)?;
        self.view.children(parent).iter().take(NEIGHBOURS).find_map(|&sibling| {
            let key = self.view.get(sibling).written.to_ascii_lowercase();
            let key = key.strip_suffix("unit")?.trim_end_matches(['_', '-']);
            if key != own && key != "time" {
                return None;
            }
            let word = tokens::words(self.view.text(sibling)?);
            tokens::unit(&[String::from("in"), word.last()?.clone()]).map(|(unit, _)| unit)
        })
    }

    /// The words of the comment at the end of the value's line.
    fn comment(&self, node: NodeId) -> Option<Vec<String>> {
        let document = self.source.document;
        let end = document.node(node).content.end;
        let after = document.comments.partition_point(|comment| comment.span.start < end);
        let comment = document.comments.get(after).filter(|comment| !comment.own_line)?;
        let between = document.text.get(end as usize..comment.span.start as usize)?;
        (!between.contains('\n')).then(|| tokens::words(comment.span.slice(&document.text)))
    }

    /// The one unit that the keys beside this one name.
    fn neighbour_unit(&self, at: ViewId) -> Option<Unit> {
        let parent = self.view.parent(at)?;
        let mut units = self
            .view
            .children(parent)
            .iter()
            .take(NEIGHBOURS)
            .filter(|&&sibling| sibling != at)
            .map(|&sibling| tokens::words(&self.view.get(sibling).written))
            // a rate per minute says nothing of the durations beside it
            .filter(|words| !words.iter().any(|word| word == "per"))
            .filter_map(|words| tokens::unit(&words).map(|(unit, _)| unit))
            .filter(|unit| unit.dimension() == crate::quantity::Dimension::Time);
        let first = units.next()?;
        units.all(|unit| unit == first).then_some(first)
    }
}

/// What a comment says of the unit of a bare number.
#[derive(Debug, PartialEq)]
enum Said {
    /// This: `# in seconds`, or `# 30 seconds` behind 30000, which makes it milliseconds.
    Unit(Unit),
    /// A quantity that the number is in no unit.
    SomethingElse,
    /// Nothing.
    Nothing,
}

/// A single word for a unit of time.
fn time_unit(word: &str) -> Option<Unit> {
    let unit = match word {
        "min" => Unit::Minute,
        _ => tokens::unit(&[String::from("in"), word.to_string()])?.0,
    };
    (unit.dimension() == quantity::Dimension::Time).then_some(unit)
}

/// What the words of a comment say of `number`.
fn said_by(words: &[String], number: f64) -> Said {
    const UNITS: [Unit; 6] =
        [Unit::Millisecond, Unit::Second, Unit::Minute, Unit::Hour, Unit::Microsecond, Unit::Nanosecond];
    let nanos = |number: f64, unit: Unit| {
        let text = number.to_string();
        match quantity::parse(&text, Grammar::Human, Wanted::Duration, unit).map(|parsed| parsed.quantity) {
            Ok(Quantity::Duration(nanos)) => Some(nanos),
            _ => None,
        }
    };
    let mut restated = false;
    for (i, word) in words.iter().enumerate() {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let Ok(said) = word[..digits].parse::<f64>() else { continue };
        let glued = time_unit(&word[digits..]);
        let Some(unit) = glued.or_else(|| words.get(i + 1).filter(|_| digits == word.len()).and_then(|w| time_unit(w)))
        else {
            continue;
        };
        restated = true;
        let meant = nanos(said, unit);
        if let Some(unit) = UNITS.into_iter().find(|&unit| meant.is_some() && nanos(number, unit) == meant) {
            return Said::Unit(unit);
        }
    }
    if restated {
        return Said::SomethingElse;
    }
    let known = ["seconds", "secs", "sec", "milliseconds", "millis", "ms", "minutes", "mins", "hours"];
    let named: Vec<&String> = words.iter().filter(|word| known.contains(&word.as_str())).collect();
    match named.as_slice() {
        [one] => time_unit(one).map_or(Said::Nothing, Said::Unit),
        _ => Said::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_names_the_unit_or_restates_the_value() {
        for (comment, number, said) in [
            ("seconds", 30.0, Said::Unit(Unit::Second)),
            ("timeout in ms", 500.0, Said::Unit(Unit::Millisecond)),
            ("10 seconds", 10_000.0, Said::Unit(Unit::Millisecond)),
            ("24 hours", 86_400.0, Said::Unit(Unit::Second)),
            ("recycled every 5 minutes", 300.0, Said::Unit(Unit::Second)),
            ("5s", 5000.0, Said::Unit(Unit::Millisecond)),
            ("10 min", 600.0, Said::Unit(Unit::Second)),
            ("at most 7 seconds", 30.0, Said::SomethingElse),
            ("how long we wait", 30.0, Said::Nothing),
        ] {
            assert_eq!(said_by(&tokens::words(comment), number), said, "{comment}");
        }
    }
}
