//! In-house values backwards: no table says how they are written, but the value that stands there says its unit.
//!
//! ```text
//! timeout_ms: 300000   reads as 5 min, so 5 s is    5000
//! wait: 90s            reads as 90 s,  so 2 s is    2s
//! ```
//!
//! A key that is missing takes the attribute's own name, in the case and with the unit of its neighbours: that the program
//! reads it is an assumption, and said to be one. What comes out is read again before it is written to a file, as
//! everything is that is changed.

use super::casing;
use super::change::{Change, nodes, styled};
use crate::model::{Effective, Resource, SECOND, Value};
use crate::syntax::edit::Edit;
use crate::syntax::{Document, NodeKind, Style};

/// Units that names end in, in nanoseconds.
const UNITS: [(&str, i64); 6] = [
    ("milliseconds", SECOND / 1000),
    ("millis", SECOND / 1000),
    ("ms", SECOND / 1000),
    ("seconds", SECOND),
    ("secs", SECOND),
    ("sec", SECOND),
];

/// Pairs of words for off and on.
const SWITCHES: [[&str; 2]; 5] = [["false", "true"], ["no", "yes"], ["off", "on"], ["disabled", "enabled"], ["0", "1"]];

/// `value` in the way in which `old` says what it means; `None` where that cannot be told from it.
pub(super) fn spell(old: &str, meaning: &Effective, value: &Value) -> Option<String> {
    let Effective::Known(meaning) = meaning else { return None };
    match (meaning, value) {
        (Value::Bool(was), Value::Bool(is)) => {
            let pair = SWITCHES.iter().find(|pair| old.eq_ignore_ascii_case(pair[usize::from(*was)]))?;
            let word = pair[usize::from(*is)];
            let upper = old.chars().next().is_some_and(char::is_uppercase);
            Some(if upper { format!("{}{}", word[..1].to_uppercase(), &word[1..]) } else { word.to_owned() })
        }
        (Value::Duration(was), Value::Duration(is)) | (Value::Size(was), Value::Size(is)) => measured(old, *was, *is),
        // a count of retries reads as one request more
        (Value::Int(was), Value::Int(is)) => {
            let more = was.checked_sub(old.parse::<i64>().ok()?)?;
            (0..=1).contains(&more).then(|| (is - more).to_string())
        }
        (Value::Double(was), Value::Double(is)) if old.parse::<f64>().ok()? == *was => Some(is.to_string()),
        (Value::Text(was), Value::Text(is)) if **was == *old => Some(is.to_string()),
        _ => None,
    }
}

/// The edit that gives a resource a key of its own for `attribute`; `None` where its neighbours do not say how.
pub(super) fn entry(document: &Document, resource: &Resource, attribute: &str, value: &Value) -> Option<Change> {
    if !resource.sites.is_empty() || attribute.contains('.') {
        return None; // a table knows the place
    }
    let map = nodes(document).find(|&id| {
        let node = document.node(id);
        node.kind == NodeKind::Map && node.key.is_some() && node.entry.start == resource.location.start
    })?;
    let siblings: Vec<&str> = document.children(map).filter_map(|child| document.key(child)).collect();
    let (name, text) = match value {
        Value::Bool(value) => (attribute.to_owned(), value.to_string()),
        Value::Text(text) if matches!(&**text, "true" | "false") => (attribute.to_owned(), text.to_string()),
        Value::Int(number) => (attribute.to_owned(), number.to_string()),
        Value::Double(number) => (attribute.to_owned(), number.to_string()),
        Value::Duration(nanos) => {
            let ends_in = |unit: &str| {
                siblings.iter().any(|key| {
                    let plain = key.to_ascii_lowercase();
                    plain
                        .strip_suffix(unit)
                        .is_some_and(|rest| rest.ends_with('_') || rest.ends_with('-') || key.ends_with(&capital(unit)))
                })
            };
            match UNITS.iter().find(|(unit, _)| ends_in(unit)) {
                Some((unit, size)) if nanos % size == 0 => (format!("{attribute}_{unit}"), (nanos / size).to_string()),
                Some(_) => return None,
                None if nanos % SECOND == 0 => (attribute.to_owned(), format!("{}s", nanos / SECOND)),
                None => (attribute.to_owned(), format!("{}ms", nanos / (SECOND / 1000))),
            }
        }
        _ => return None,
    };
    let key = casing::like(&name.replace('_', "-"), siblings.iter().copied());
    let key = if siblings.iter().all(|sibling| !sibling.contains('-')) { key.replace('-', "_") } else { key };
    let value = styled(document, Style::Plain, &text);
    let edits = vec![Edit::InsertEntry { map, key: key.clone(), value }];
    Some(Change { edits, key: key.into(), shared: false, assumed: true })
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

/// A quantity in the unit that `old` has, or in the unit of its suffix.
fn measured(old: &str, was: i64, is: i64) -> Option<String> {
    let digits = old.find(|c: char| !c.is_ascii_digit()).unwrap_or(old.len());
    let (number, suffix) = old.split_at(digits);
    let number: i64 = number.parse().ok().filter(|&number| number > 0)?;
    if was % number != 0 || !suffix.trim_start().bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let unit = was / number;
    if unit > 0 && is % unit == 0 {
        return Some(format!("{}{suffix}", is / unit));
    }
    // a smaller unit of the same notation
    let (smaller, parts) = match suffix.trim_start() {
        "m" | "min" => ("s", 60),
        "h" => ("m", 60),
        "s" => ("ms", 1000),
        _ => return None,
    };
    let unit = (unit % parts == 0).then_some(unit / parts).filter(|unit| *unit > 0 && is % unit == 0)?;
    Some(format!("{}{}", is / unit, suffix.replace(suffix.trim_start(), smaller)))
}

#[cfg(test)]
mod tests {
    use super::spell;
    use crate::model::{Effective, SECOND, Value};

    #[test]
    fn a_value_takes_the_unit_of_the_one_before() {
        let known = |value: &Value| Effective::Known(value.clone());
        let seconds = |seconds: i64| Value::Duration(seconds * SECOND);
        for (old, was, is, new) in [
            ("300000", seconds(300), seconds(5), Some("5000")),
            ("300", seconds(300), seconds(5), Some("5")),
            ("90s", seconds(90), seconds(2), Some("2s")),
            ("5 min", seconds(300), seconds(120), Some("2 min")),
            ("5m", seconds(300), seconds(5), Some("5s")),
            ("0", seconds(0), seconds(5), None),
            ("1m30s", seconds(90), seconds(2), None),
            ("5", Value::Int(5), Value::Int(3), Some("3")),
            ("4", Value::Int(5), Value::Int(3), Some("2")),
            ("Off", Value::Bool(false), Value::Bool(true), Some("On")),
            ("1.5", Value::Double(1.5), Value::Double(2.0), Some("2")),
        ] {
            assert_eq!(spell(old, &known(&was), &is).as_deref(), new, "{old}");
        }
    }
}
