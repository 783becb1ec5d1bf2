//! Bare numbers: whether a unit may stand behind one, and what is suspicious about one that stands alone.

use super::fragment::Fault;
use super::parameter::unit_name;
use super::reading::{is_zero, value_of};
use crate::knowledge::Row;
use crate::model::{Confidence, Type};
use crate::quantity::{self, Grammar, Parsed, Quantity, Unit, Wanted};

/// Whether no unit may stand behind a number.
pub(super) fn is_unitless(grammar: Grammar) -> bool {
    matches!(grammar, Grammar::Plain | Grammar::PgBouncer | Grammar::Strtol | Grammar::Libpq)
}

/// The whole number of `bare` units that a duration with a unit of its own comes to: `30m` is 1800 s. What is
/// read nowhere else but in one way only.
pub(super) fn without_unit(text: &str, kind: Type, bare: Unit) -> Option<i64> {
    if kind != Type::Duration || !text.trim_end().ends_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let nanos = |text: &str, grammar| match quantity::parse(text, grammar, Wanted::Duration, bare).ok()?.quantity {
        Quantity::Duration(nanos) => Some(nanos),
        _ => None,
    };
    let one = nanos("1", Grammar::Plain).filter(|&one| one > 0)?;
    let meant = nanos(&text.replace(' ', ""), Grammar::Go)?;
    (meant % one == 0).then_some(meant / one)
}

/// A number without a unit that is below what the row takes for meant.
pub(super) fn suspicion(row: &Row, grammar: Grammar, wanted: Wanted, bare: Unit, parsed: &Parsed) -> Option<Fault> {
    let bound = row.bare_below.as_deref().filter(|_| !parsed.explicit_unit)?;
    let bound = value_of(quantity::parse(bound, grammar, wanted, bare).ok()?.quantity);
    let value = value_of(parsed.quantity);
    if is_zero(&value) || !value.compare(&bound)?.is_lt() {
        return None;
    }
    let unit = unit_name(bare);
    let cure = match is_unitless(grammar) {
        true => format!("write it in {unit}"),
        false => "write the unit".to_owned(),
    };
    let detail = format!("a number without a unit is read in {unit}");
    let mut fault = Fault::new("suspicious-unit", detail).becomes(value.to_string()).cure(cure);
    fault.confidence = Confidence::High;
    Some(fault)
}

/// A number that its leading zero makes another one.
pub(super) fn octal(grammar: Grammar, bare: Unit, parsed: &Parsed) -> Option<Fault> {
    let fault = parsed.octal.then(|| Fault::new("octal", "a number with a leading zero is octal"))?;
    Some(match quantity::print(parsed.quantity, grammar, bare, Some("1")) {
        Some(decimal) => fault.cure(format!("write {decimal}")).becomes(decimal),
        None => fault,
    })
}
