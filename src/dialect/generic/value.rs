//! The text behind a key into a value, by what people mean and not by a product's grammar.

use super::super::reading::value_of;
use super::super::{Reading, Text, settle, tokens};
use super::concept::Match;
use super::{Reader, ViewId};
use crate::knowledge::{Interpolation, Meaning};
use crate::model::{Origin, Type, Value, Why};
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
        let null = self.source.document.node(node).scalar == ScalarType::Null || text.trim().is_empty();
        if null {
            return special(concept.empty).unwrap_or(Reading { set: false, ..Reading::unknown(Why::NotSet) });
        }
        let number: Option<f64> = text.trim().parse().ok();
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
            Type::Duration => self.duration(found, text, number, at, node),
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
