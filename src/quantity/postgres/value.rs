//! What the server makes of a parameter's text.

use std::fmt;

use super::super::error::QuantityError;
use super::super::unit::Dimension;
use super::super::{Quantity, nearest};
use super::parameter::{EnumValue, Kind, Parameter};
use super::{limits, number};

/// An accepted value.
#[derive(Debug, Clone, PartialEq)]
pub struct PgValue {
    /// The value, numbers in the parameter's base unit.
    pub value: PgQuantity,
    /// The same as a duration, size, number or switch; `None` for words and text.
    pub quantity: Option<Quantity>,
    /// A unit was written.
    pub explicit_unit: bool,
    /// Something above zero was written and became zero, which often means "off".
    pub rounded_to_zero: bool,
    /// The server quietly keeps a larger number than was written.
    pub raised: bool,
    /// The number was written in octal: a leading zero changes it.
    pub octal: bool,
    /// Only some builds of the server accept it.
    pub needs_build: bool,
}

/// A value as the server holds it.
#[derive(Debug, Clone, PartialEq)]
pub enum PgQuantity {
    /// A switch.
    Bool(bool),
    /// A whole number in the base unit.
    Int(i64),
    /// A float in the base unit.
    Real(f64),
    /// The word the server shows for an enumerated value.
    Word(String),
    /// Text as written.
    Text(String),
}

/// A refusal of the server.
#[derive(Debug, Clone, PartialEq)]
pub enum PgValueError {
    /// Not readable as what the parameter holds.
    Unreadable(QuantityError),
    /// Outside the limits.
    OutOfRange {
        /// What was written, in the base unit.
        value: String,
        /// Smallest accepted.
        min: String,
        /// Largest accepted.
        max: String,
    },
    /// Within the limits, and refused all the same.
    Refused {
        /// What is accepted: `write a multiple of 16 pages`.
        rule: &'static str,
    },
    /// Not one of the words.
    UnknownWord {
        /// The words the server lists.
        known: Vec<String>,
    },
    /// Not a switch.
    NotABool,
}

impl PgValueError {
    /// `text` with the unit that was most likely meant.
    pub(crate) fn mended(&self, text: &str) -> Option<String> {
        match self {
            PgValueError::Unreadable(error) => error.mended(text),
            _ => None,
        }
    }
}

impl std::error::Error for PgValueError {}

impl fmt::Display for PgValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PgValueError::Unreadable(error) => error.fmt(f),
            PgValueError::OutOfRange { value, min, max } => {
                write!(f, "{value} is outside the valid range; write {min} to {max}")
            }
            PgValueError::Refused { rule } => write!(f, "the server refuses this number; {rule}"),
            PgValueError::UnknownWord { known } => {
                write!(f, "not a value of this parameter; write {}", known.join(", "))
            }
            PgValueError::NotABool => f.write_str("not a switch; write on or off"),
        }
    }
}

impl PgValue {
    /// The value as `pg_settings.setting` shows it: in the base unit, without it.
    pub fn setting(&self) -> String {
        match &self.value {
            PgQuantity::Bool(true) => "on".into(),
            PgQuantity::Bool(false) => "off".into(),
            PgQuantity::Int(value) => value.to_string(),
            PgQuantity::Real(value) => shortest(*value),
            PgQuantity::Word(text) | PgQuantity::Text(text) => text.clone(),
        }
    }
}

/// What the server makes of `text` for `parameter`.
pub fn check(parameter: &Parameter, text: &str) -> Result<PgValue, PgValueError> {
    let plain = |value: PgQuantity, quantity: Option<Quantity>| PgValue {
        value,
        quantity,
        explicit_unit: false,
        rounded_to_zero: false,
        raised: false,
        octal: false,
        needs_build: false,
    };
    match &parameter.kind {
        Kind::Bool => {
            let value = switch(text).ok_or(PgValueError::NotABool)?;
            Ok(plain(PgQuantity::Bool(value), Some(Quantity::Bool(value))))
        }
        Kind::Int { min, max } => {
            let number = number::integer(text, parameter.unit).map_err(PgValueError::Unreadable)?;
            let value = nearest(number.value).filter(|value| (min..=max).contains(&value));
            let value = value.ok_or_else(|| out_of_range(parameter, number.value, min, max))?;
            let kept = limits::kept(&parameter.name, value).map_err(|rule| PgValueError::Refused { rule })?;
            let number = number::Number { value: if kept == value { number.value } else { kept as f64 }, ..number };
            Ok(PgValue { raised: kept != value, ..with_number(parameter, number, PgQuantity::Int(kept)) })
        }
        Kind::Real { min, max } => {
            let number = number::real(text, parameter.unit).map_err(PgValueError::Unreadable)?;
            if !(min..=max).contains(&&number.value) {
                return Err(out_of_range(parameter, number.value, &shortest(*min), &shortest(*max)));
            }
            Ok(with_number(parameter, number, PgQuantity::Real(number.value)))
        }
        Kind::Enum(values) => {
            let known = |value: &&EnumValue| value.word.eq_ignore_ascii_case(text);
            let Some(value) = values.iter().find(known) else {
                let listed = values.iter().filter(|value| value.listed && !value.word.is_empty());
                return Err(PgValueError::UnknownWord { known: listed.map(|value| value.word.clone()).collect() });
            };
            let word = PgQuantity::Word(value.shown.clone());
            Ok(PgValue { needs_build: value.needs_build, ..plain(word, None) })
        }
        Kind::String => Ok(plain(PgQuantity::Text(text.to_owned()), None)),
    }
}

fn with_number(parameter: &Parameter, number: number::Number, value: PgQuantity) -> PgValue {
    let factor = parameter.unit.map_or(1.0, |unit| unit.factor().value());
    let quantity = match (parameter.unit.map(super::super::Unit::dimension), &value) {
        (Some(Dimension::Time), _) => nearest(number.value * factor).map(Quantity::Duration),
        (Some(Dimension::Size), _) => nearest(number.value * factor).map(Quantity::Size),
        (_, PgQuantity::Int(value)) => Some(Quantity::Int(*value)),
        _ => Some(Quantity::Float(number.value)),
    };
    PgValue {
        value,
        quantity,
        explicit_unit: number.explicit_unit,
        rounded_to_zero: number.value == 0.0 && number.exact != 0.0,
        raised: false,
        octal: number.octal,
        needs_build: false,
    }
}

fn out_of_range(parameter: &Parameter, value: f64, min: &dyn fmt::Display, max: &dyn fmt::Display) -> PgValueError {
    let unit = parameter.unit.map_or(String::new(), |unit| format!(" {}", unit.name()));
    PgValueError::OutOfRange {
        value: format!("{}{unit}", shortest(value)),
        min: format!("{min}{unit}"),
        max: format!("{max}{unit}"),
    }
}

/// A switch, as the server reads one: a word, or the beginning of one that no other word shares. No blanks.
pub(in super::super) fn switch(text: &str) -> Option<bool> {
    let begins = |word: &str, least: usize| {
        text.len() >= least && word.get(..text.len()).is_some_and(|it| it.eq_ignore_ascii_case(text))
    };
    const WORDS: [(&str, usize, bool); 8] = [
        ("true", 1, true),
        ("false", 1, false),
        ("yes", 1, true),
        ("no", 1, false),
        ("on", 2, true),
        ("off", 2, false),
        ("1", 1, true),
        ("0", 1, false),
    ];
    WORDS.iter().find(|(word, least, _)| begins(word, *least)).map(|(_, _, value)| *value)
}

/// C's `%g`: six significant digits, no zeros behind the point.
fn shortest(value: f64) -> String {
    let scientific = format!("{value:.5e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific; // inf
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let without_zeros = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        return without_zeros(&format!("{value:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", without_zeros(mantissa), exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::super::parameters;
    use super::*;

    fn setting(name: &str, text: &str) -> Result<String, String> {
        let parameter = parameters().find(name, 17).expect("a known parameter");
        check(parameter, text).map(|value| value.setting()).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_what_the_server_shows() {
        for (name, text, shown) in [
            ("statement_timeout", "1.5min", "90000"),
            ("shared_buffers", "1GB", "131072"),
            ("work_mem", "64", "64"),
            ("autovacuum_vacuum_cost_delay", "500us", "0.5"),
            ("random_page_cost", "1.10", "1.1"),
            ("jit_above_cost", "1234567", "1.23457e+06"),
            ("max_connections", "0x64", "100"),
            ("synchronous_commit", "TRUE", "on"),
            ("log_min_messages", "debug", "debug2"),
            ("fsync", "of", "off"),
            ("application_name", " x ", " x "),
        ] {
            assert_eq!(setting(name, text).as_deref(), Ok(shown), "{name} = {text}");
        }
    }

    #[test]
    fn refusals_say_what_to_write() {
        for (name, text, message) in [
            ("statement_timeout", "30sec", "'sec' is not a unit here; write 's' (units: d, h, min, s, ms, us)"),
            ("shared_buffers", "1gb", "'gb' is not a unit here; write 'GB' (units: TB, GB, MB, kB, B)"),
            ("work_mem", "4", "4 kB is outside the valid range; write 64 kB to 2147483647 kB"),
            ("max_connections", "100s", "no unit is read here; write the bare number without 's'"),
            ("notify_buffers", "17", "the server refuses this number; write a multiple of 16 pages"),
            ("fsync", "o", "not a switch; write on or off"),
            ("wal_level", "full", "not a value of this parameter; write minimal, replica, logical"),
        ] {
            assert_eq!(setting(name, text), Err(message.to_owned()), "{name} = {text}");
        }
    }

    #[test]
    fn what_misleads_is_marked() {
        let buffers = parameters().find("wal_buffers", 17).expect("a known parameter");
        let few = check(buffers, "8kB").expect("accepted");
        assert!(few.raised && few.quantity == Some(Quantity::Size(32 * 1024)));
        let timeout = parameters().find("statement_timeout", 17).expect("a known parameter");
        let off = check(timeout, "500us").expect("accepted");
        assert!(off.rounded_to_zero && off.quantity == Some(Quantity::Duration(0)));
        assert!(!check(timeout, "0").expect("accepted").rounded_to_zero);
        let octal = check(timeout, "010").expect("accepted");
        assert!(octal.octal && octal.quantity == Some(Quantity::Duration(8_000_000)));
    }
}
