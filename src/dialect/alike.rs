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

use super::change::{Change, nodes, styled};
use super::{casing, tokens};
use crate::model::{Effective, Resource, Value};
use crate::quantity::{Dimension, Grammar, Quantity, Unit, Wanted, parse, print};
use crate::syntax::edit::Edit;
use crate::syntax::{Document, NodeId, NodeKind, Style};

/// Units that a number without one may have.
const UNITS: [Unit; 10] = [
    Unit::Millisecond,
    Unit::Second,
    Unit::Minute,
    Unit::Hour,
    Unit::Day,
    Unit::Microsecond,
    Unit::Nanosecond,
    Unit::Byte,
    Unit::Kilobyte,
    Unit::Megabyte,
];

/// `value` in the way in which `old` says what it means; `None` where that cannot be told from it.
pub(super) fn spell(old: &str, meaning: &Effective, value: &Value) -> Option<String> {
    let Effective::Known(meaning) = meaning else { return None };
    match (meaning, value) {
        (Value::Bool(was), Value::Bool(is)) => spelled(old, Wanted::Bool, Quantity::Bool(*was), Quantity::Bool(*is)),
        (Value::Duration(was), Value::Duration(is)) => {
            spelled(old, Wanted::Duration, Quantity::Duration(*was), Quantity::Duration(*is))
        }
        (Value::Size(was), Value::Size(is)) => spelled(old, Wanted::Size, Quantity::Size(*was), Quantity::Size(*is)),
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

/// `value` where a number stands that has any unit: 0, or -1 for no limit. A count needs none; else the key names it,
/// or the neighbours write theirs behind the number. `None` where nothing tells.
pub(super) fn anew(document: &Document, id: NodeId, meaning: &Effective, value: &Value) -> Option<String> {
    let nothing = Effective::Known(Value::Duration(0)) == *meaning || Effective::Known(Value::Size(0)) == *meaning;
    let is_number = document.scalar(id).parse::<i64>().is_ok();
    if !is_number || !nothing && Effective::Known(Value::Unlimited) != *meaning {
        return None;
    }
    let (quantity, wanted, dimension) = match value {
        Value::Int(number) => return Some(number.to_string()),
        Value::Duration(nanos) => (Quantity::Duration(*nanos), Wanted::Duration, Dimension::Time),
        Value::Size(bytes) => (Quantity::Size(*bytes), Wanted::Size, Dimension::Size),
        _ => return None,
    };
    let words = tokens::words(document.key(id)?);
    if let Some((unit, _)) = tokens::unit(&words).filter(|(unit, _)| unit.dimension() == dimension) {
        let text = print(quantity, Grammar::Human, unit, Some("1"))?;
        return text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text);
    }
    let siblings = document.children(document.node(id).parent?).map(|sibling| document.scalar(sibling));
    let says = |text: &&str| parse(text, Grammar::Human, wanted, UNITS[0]).is_ok_and(|read| read.explicit_unit);
    print(quantity, Grammar::Human, UNITS[0], Some(siblings.into_iter().find(says)?))
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
            let unit = siblings.iter().find_map(|key| {
                let words = tokens::words(key);
                let (unit, taken) = tokens::unit(&words).filter(|(unit, _)| unit.dimension() == Dimension::Time)?;
                Some((unit, words[words.len() - taken..].join("_")))
            });
            let (bare, name) = unit.unwrap_or((Unit::Nanosecond, String::new()));
            let like = (!name.is_empty()).then_some("1");
            let text = print(Quantity::Duration(*nanos), Grammar::Human, bare, like)?;
            if like.is_some() && !text.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let name = if name.is_empty() { attribute.to_owned() } else { format!("{attribute}_{name}") };
            (name, text)
        }
        _ => return None,
    };
    let key = casing::like(&name.replace('_', "-"), siblings.iter().copied());
    let key = if siblings.iter().all(|sibling| !sibling.contains('-')) { key.replace('-', "_") } else { key };
    let value = styled(document, Style::Plain, &text);
    let edits = vec![Edit::InsertEntry { map, key: key.clone(), value }];
    Some(Change { edits, key: key.into(), shared: false, assumed: true })
}

/// `is` as `old` says `was`: in its words, its unit, and without a unit where it has none.
fn spelled(old: &str, wanted: Wanted, was: Quantity, is: Quantity) -> Option<String> {
    let read = |&bare: &Unit| {
        let read = parse(old, Grammar::Human, wanted, bare).ok().filter(|read| read.quantity == was)?;
        Some((bare, read.explicit_unit || wanted == Wanted::Bool))
    };
    let (bare, explicit) = UNITS.iter().find_map(read)?;
    if !explicit && matches!(was, Quantity::Duration(0) | Quantity::Size(0)) {
        return None; // 0 has any unit
    }
    let text = print(is, Grammar::Human, bare, Some(old))?;
    (explicit || text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{anew, spell};
    use crate::model::{Effective, SECOND, Value};
    use crate::syntax::{Format, parse};

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
            ("1m30s", seconds(90), seconds(2), Some("2s")),
            ("5", Value::Int(5), Value::Int(3), Some("3")),
            ("4", Value::Int(5), Value::Int(3), Some("2")),
            ("Off", Value::Bool(false), Value::Bool(true), Some("On")),
            ("1.5", Value::Double(1.5), Value::Double(2.0), Some("2")),
        ] {
            assert_eq!(spell(old, &known(&was), &is).as_deref(), new, "{old}");
        }
    }

    #[test]
    fn a_nothing_takes_the_unit_of_its_key_or_its_neighbours() {
        let nothing = Effective::Known(Value::Duration(0));
        let unlimited = Effective::Known(Value::Unlimited);
        let time = Value::Duration(30 * SECOND);
        for (text, meaning, value, new) in [
            ("wait_ms: 0\n", &nothing, &time, Some("30000")),
            ("wait_minutes: 0\n", &nothing, &time, None),
            ("wait: 0\nidle: 5m\n", &nothing, &time, Some("30s")),
            ("wait: -1\nidle: 5m\n", &unlimited, &time, Some("30s")),
            ("wait: 0\nidle: 5\n", &nothing, &time, None),
            ("wait: none\nidle: 5m\n", &unlimited, &time, None),
            ("limit: 0\n", &unlimited, &Value::Int(100), Some("100")),
        ] {
            let document = parse(text, Format::Yaml);
            let id = document.children(document.roots[0]).next().expect("an entry");
            assert_eq!(anew(&document, id, meaning, value).as_deref(), new, "{text}");
        }
    }
}
