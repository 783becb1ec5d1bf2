//! The text behind a key into a value, by what people mean and not by a product's grammar.

use super::super::reading::value_of;
use super::super::{Reading, Text, settle, tokens};
use super::concept::Match;
use super::{Reader, ViewId};
use crate::knowledge::{Interpolation, Meaning};
use crate::model::{Effective, Origin, Type, Value, Why};
use crate::quantity::{self, Grammar, Unit, Wanted};
use crate::syntax::{NodeId, ScalarType};

impl Reader<'_> {
    /// What the value at `node` means as this concept.
    pub(super) fn reading(&self, found: &Match<'_>, at: ViewId, node: NodeId) -> Reading {
        let concept = found.concept;
        let Some(declared) = self.knowledge.vocabulary.attribute(&concept.kind, &concept.attribute) else {
            return Reading::unknown(Why::Unreadable);
        };
        let document = self.source.document;
        if document.is_templated(document.node(node).content) {
            return Reading::unknown(Why::Template);
        }
        match settle(self.context, self.source.path, Interpolation::Shell, document.scalar(node)) {
            Text::Open => Reading::unknown(Why::Interpolated),
            Text::Written(text) => self.value(found, declared, &text, at, node),
            Text::Filled(text) => {
                Reading { origin: Origin::Interpolated, ..self.value(found, declared, &text, at, node) }
            }
        }
    }

    /// Reads a value by what people mean, not by a product's grammar.
    fn value(&self, found: &Match<'_>, declared: Type, text: &str, at: ViewId, node: NodeId) -> Reading {
        let concept = found.concept;
        let special = |meaning: Option<Meaning>| match meaning {
            Some(Meaning::Unlimited) => Some(Reading::known(Value::Unlimited)),
            Some(Meaning::Off) => Some(Reading::known(Value::Off)),
            _ => None,
        };
        let document = self.source.document;
        // `timeout: ""` leaves the program's default in force; `timeout: null` says that there is none
        let unset = text.trim().is_empty() && document.node(node).scalar != ScalarType::Null;
        if unset || document.node(node).scalar == ScalarType::Null {
            let meaning = concept.empty.filter(|_| !unset);
            return special(meaning).unwrap_or(Reading { set: false, ..Reading::unknown(Why::NotSet) });
        }
        if self.generic.no_limit.iter().any(|word| word.eq_ignore_ascii_case(text.trim()))
            && let Some(reading) = special(concept.negative.or(concept.zero))
        {
            return reading;
        }
        let number: Option<f64> = number(text.trim());
        let meaning = match number {
            Some(0.0) => concept.zero,
            Some(number) if number < 0.0 => concept.negative,
            _ => None,
        };
        if let Some(reading) = special(meaning) {
            return reading;
        }
        match declared {
            Type::Text | Type::List => {
                let lower = tokens::words(text).join(" ");
                let translated = concept.values.iter().find(|value| *value.word == *lower);
                match translated {
                    Some(translation) => Reading::known(Value::text(&translation.is)),
                    None if concept.values.is_empty() => Reading::known(Value::text(text.trim())),
                    None => Reading::unknown(Why::Unreadable),
                }
            }
            Type::Bool if !concept.values.is_empty() => {
                let said = tokens::words(text).join(" ");
                match concept.values.iter().find(|value| *value.word == *said) {
                    Some(translation) => Reading::known(Value::Bool(&*translation.is == "true")),
                    None => Reading::unknown(Why::Unreadable),
                }
            }
            Type::Bool => match quantity::parse(text, Grammar::Human, Wanted::Bool, Unit::Count) {
                Ok(parsed) => Reading::known(value_of(parsed.quantity)),
                Err(_) => Reading::unknown(Why::Unreadable),
            },
            Type::Int => match number {
                Some(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                    Reading::known(Value::Int(number as i64 + concept.plus))
                }
                _ => Reading::unknown(Why::Unreadable),
            },
            Type::Double => match number {
                Some(number) if number.is_finite() => Reading::known(Value::Double(number)),
                _ => Reading::unknown(Why::Unreadable),
            },
            Type::Duration => {
                let reading = self.duration(found, text, number, at, node);
                let none = matches!(reading.effective, Effective::Known(Value::Duration(0)));
                special(concept.zero).filter(|_| none).unwrap_or(reading)
            }
            Type::Size => {
                let bare = found.unit.unwrap_or(Unit::Byte);
                match quantity::parse(text, Grammar::Human, Wanted::Size, bare) {
                    Ok(parsed) if parsed.explicit_unit || found.unit.is_some() => {
                        Reading::known(value_of(parsed.quantity))
                    }
                    _ => Reading::unknown(Why::Unit),
                }
            }
        }
    }
}

/// A plain number; digits may be grouped by `_`.
fn number(text: &str) -> Option<f64> {
    let grouped = text.contains('_') && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return None;
    }
    if grouped { text.replace('_', "").parse().ok() } else { text.parse().ok() }
}
