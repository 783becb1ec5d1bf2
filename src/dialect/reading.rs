//! One written value, as its row says the product reads it; and back into the product's own spelling.

use super::fragment::{Fault, Reading, attribute_type};
use crate::knowledge::{AtVersion, Consequence, Meaning, Ranged, Row, Table, Version};
use crate::model::{Confidence, Effective, Origin, Type, Value, Why};
use crate::quantity::{self, Grammar, Quantity, Unit, Wanted};

/// What a value is read with.
pub(crate) struct Reader<'a> {
    /// The table, for its grammar.
    pub(crate) table: &'a Table,
    /// The product's version, if pinned.
    pub(crate) version: Option<&'a Version>,
}

impl Reader<'_> {
    /// Reads `text`, variables settled, as the row's value. `declared` is the attribute's type.
    pub(crate) fn read(&self, row: &Row, declared: Option<Type>, text: &str) -> Reading {
        if let Some(reading) = self.out_of_version(row) {
            return reading;
        }
        let kind = attribute_type(row, declared);
        if text.trim().is_empty() || text == "null" || text == "~" {
            return match self.meaning(&row.empty) {
                Some(meaning) => self.special(row, declared, meaning, text),
                None => Reading::unknown(Why::NotSet),
            };
        }
        match kind {
            Type::Text | Type::List => self.word(row, text),
            Type::Bool => match quantity::parse(text, self.grammar(row), Wanted::Bool, Unit::Count) {
                Ok(parsed) => Reading::known(value_of(parsed.quantity)),
                Err(error) => rejected(error.to_string()),
            },
            Type::Int | Type::Double | Type::Duration | Type::Size => self.number(row, declared, kind, text),
        }
    }

    /// Reads an object whose members hold parts of a quantity (`{seconds: 5, nanos: 0}`).
    pub(crate) fn read_object(&self, row: &Row, members: &[(&str, &str)]) -> Reading {
        let mut total = 0i64;
        for (key, text) in members {
            let Some(member) = row.object.iter().find(|member| &*member.key == *key) else {
                return rejected(format!("'{key}' is no part of this value"));
            };
            match quantity::parse(text, Grammar::Plain, Wanted::Duration, member.unit).map(|parsed| parsed.quantity) {
                Ok(Quantity::Duration(nanos)) => total = total.saturating_add(nanos),
                Ok(_) => return Reading::unknown(Why::Unreadable),
                Err(error) => return rejected(error.to_string()),
            }
        }
        Reading::known(Value::Duration(total))
    }

    /// The row's default, for a version that may be unknown.
    pub(crate) fn default(&self, row: &Row, declared: Option<Type>) -> Option<(Effective, Origin)> {
        match row.default.at(self.version) {
            AtVersion::Silent => None,
            AtVersion::Depends => Some((Effective::Unknown(Why::Version), Origin::Absent)),
            AtVersion::Is(text) => {
                let bare = Row { default: Ranged::default(), needs: Vec::new(), ..row.clone() };
                let effective = self.read(&bare, declared, text).effective;
                let source = row.source.clone().unwrap_or_else(|| self.table.source.as_str().into());
                Some((effective, Origin::Default { source }))
            }
        }
    }

    /// `value` in the spelling of the row's product, in the style of `like` where that can say it.
    pub(crate) fn write(&self, row: &Row, value: &Value, like: Option<&str>) -> Option<String> {
        let quantity = match value {
            Value::Duration(nanos) => Quantity::Duration(*nanos),
            Value::Size(bytes) => Quantity::Size(*bytes),
            Value::Int(number) => Quantity::Int(number.checked_sub(row.plus)?),
            Value::Double(number) => Quantity::Float(*number),
            Value::Bool(value) => Quantity::Bool(*value),
            Value::Text(text) => return Some(text.to_string()),
            Value::Unlimited => return self.special_text(row, Meaning::Unlimited),
            Value::Off => return self.special_text(row, Meaning::Off),
            Value::List(_) => return None,
        };
        let bare = self.bare(row).or(row.write).unwrap_or(Unit::Count);
        quantity::print(quantity, self.grammar(row), bare, like)
    }

    fn special_text(&self, row: &Row, meaning: Meaning) -> Option<String> {
        if self.meaning(&row.zero) == Some(meaning) {
            Some("0".into())
        } else if self.meaning(&row.negative) == Some(meaning) {
            Some("-1".into())
        } else {
            None
        }
    }

    fn out_of_version(&self, row: &Row) -> Option<Reading> {
        let range = row.versions.as_ref()?;
        let version = self.version?;
        if range.contains(version) != Some(false) {
            return None;
        }
        let product = self.table.product();
        let mut fault = Fault::new("removed", format!("{product} {version} does not read it (versions {range})"));
        if let Some(replacement) = &row.replaced_by {
            fault = fault.cure(format!("use '{replacement}'"));
        }
        Some(Reading { set: false, ..Reading::unknown(Why::NotSet) }.with(fault))
    }

    fn word(&self, row: &Row, text: &str) -> Reading {
        if !row.words.is_empty() && !row.words.iter().any(|word| word.eq_ignore_ascii_case(text)) {
            let known: Vec<&str> = row.words.iter().map(|word| &**word).collect();
            return rejected(format!("not one of {}", known.join(", ")));
        }
        let canonical = row.words.iter().find(|word| word.eq_ignore_ascii_case(text));
        Reading::known(Value::text(canonical.map_or(text, |word| word)))
    }

    fn number(&self, row: &Row, declared: Option<Type>, kind: Type, text: &str) -> Reading {
        let wanted = match kind {
            Type::Duration => Wanted::Duration,
            Type::Size => Wanted::Size,
            Type::Int => Wanted::Int,
            _ => Wanted::Float,
        };
        let bare = match row.bare.at(self.version) {
            AtVersion::Is(unit) => *unit,
            AtVersion::Silent if matches!(kind, Type::Int | Type::Double) => Unit::Count,
            AtVersion::Silent => row.write.unwrap_or(Unit::Count),
            AtVersion::Depends => return Reading::unknown(Why::Version),
        };
        let plain: Option<f64> = text.trim().parse().ok();
        let special = match plain {
            Some(0.0) => self.meaning(&row.zero),
            Some(-1.0) => self.meaning(&row.negative),
            _ => None,
        };
        if let Some(meaning) = special {
            return self.special(row, declared, meaning, text);
        }
        let parsed = match quantity::parse(text, self.grammar(row), wanted, bare) {
            Ok(parsed) => parsed,
            Err(error) => return rejected(error.to_string()),
        };
        let mut value = value_of(parsed.quantity);
        let mut reading = Reading::known(value.clone());
        if let (Some(exact), Some(Meaning::Unlimited | Meaning::Off)) = (parsed.rounded, self.meaning(&row.zero))
            && exact > 0.0
            && is_zero(&value)
        {
            let fault = Fault::new("off-by-rounding", "it is rounded to 0, and 0 switches it off").becomes("0");
            reading = self.special(row, declared, Meaning::Unlimited, text).with(fault);
            return reading;
        }
        if let (Value::Int(number), plus @ 1..) = (&value, row.plus) {
            value = Value::Int(number.saturating_add(plus));
            reading.effective = Effective::Known(value.clone());
        }
        let limit = |bound: &Ranged<String>| match bound.at(self.version) {
            AtVersion::Is(text) => quantity::parse(text, self.grammar(row), wanted, bare)
                .ok()
                .map(|parsed| (value_of(parsed.quantity), text.clone())),
            _ => None,
        };
        if let Some((least, text)) = limit(&row.min)
            && value.compare(&least).is_some_and(|order| order.is_lt())
        {
            return rejected(format!("the least it accepts is {text}"));
        }
        if let Some((most, text)) = limit(&row.max)
            && value.compare(&most).is_some_and(|order| order.is_gt())
        {
            return rejected(format!("the most it accepts is {text}"));
        }
        if let Some((least, least_text)) = limit(&row.min_effective)
            && value.compare(&least).is_some_and(|order| order.is_lt())
        {
            return self.below(row, declared, reading, &least, &least_text);
        }
        reading
    }

    /// A value below the least effective one.
    fn below(&self, row: &Row, declared: Option<Type>, reading: Reading, least: &Value, text: &str) -> Reading {
        let consequence = match row.below.at(self.version) {
            AtVersion::Is(consequence) => *consequence,
            _ => return Reading::unknown(Why::Version),
        };
        let (effective, detail, becomes) = match consequence {
            Consequence::Error => {
                return rejected(format!("the least it accepts is {least}")).with_code("error");
            }
            Consequence::Clamped => {
                (Effective::Known(least.clone()), format!("below {least} it is raised to {least}"), least.to_string())
            }
            Consequence::Reset => {
                let default = self.default(row, declared).map(|(effective, _)| effective);
                let default = default.unwrap_or(Effective::Unknown(Why::NotSet));
                let shown = match &default {
                    Effective::Known(value) => value.to_string(),
                    _ => "its default".into(),
                };
                (default, format!("below {least} it is reset to the default"), shown)
            }
            Consequence::Disabled => {
                (Effective::Known(Value::Off), format!("below {least} it is switched off"), "off".to_string())
            }
            Consequence::Ignored => {
                (Effective::Unknown(Why::NotSet), format!("below {least} it is ignored"), "ignored".to_string())
            }
        };
        let fault = Fault::new(consequence.word(), detail).becomes(becomes).cure(format!("write {text} or more"));
        Reading { effective, ..reading }.with(fault)
    }

    fn special(&self, row: &Row, declared: Option<Type>, meaning: Meaning, text: &str) -> Reading {
        match meaning {
            Meaning::Unlimited => Reading::known(Value::Unlimited),
            Meaning::Off => Reading::known(Value::Off),
            Meaning::Auto => Reading::unknown(Why::OutOfSight),
            Meaning::Invalid => rejected(format!("'{text}' is not accepted here")),
            Meaning::Literal => {
                let plain = Row {
                    zero: Ranged::default(),
                    negative: Ranged::default(),
                    empty: Ranged::default(),
                    ..row.clone()
                };
                self.read(&plain, declared, text)
            }
            Meaning::Default => {
                let (effective, origin) =
                    self.default(row, declared).unwrap_or((Effective::Unknown(Why::NotSet), Origin::Absent));
                Reading { effective, origin, set: false, confidence: Confidence::Certain, faults: Vec::new() }
            }
        }
    }

    fn meaning(&self, field: &Ranged<Meaning>) -> Option<Meaning> {
        match field.at(self.version) {
            AtVersion::Is(meaning) => Some(*meaning),
            _ => None,
        }
    }

    fn bare(&self, row: &Row) -> Option<Unit> {
        match row.bare.at(self.version) {
            AtVersion::Is(unit) => Some(*unit),
            _ => None,
        }
    }

    fn grammar(&self, row: &Row) -> Grammar {
        row.grammar.or(self.table.grammar).unwrap_or(Grammar::Plain)
    }
}

impl Reading {
    fn with_code(mut self, code: &'static str) -> Reading {
        for fault in &mut self.faults {
            fault.code = code;
        }
        self
    }
}

/// A value the product refuses.
pub(crate) fn rejected(detail: String) -> Reading {
    Reading { effective: Effective::Unknown(Why::Unreadable), ..Reading::unknown(Why::Unreadable) }
        .with(Fault::new("rejected", detail))
}

/// A quantity as a value of the model.
pub(crate) fn value_of(quantity: Quantity) -> Value {
    match quantity {
        Quantity::Duration(nanos) => Value::Duration(nanos),
        Quantity::Size(bytes) => Value::Size(bytes),
        Quantity::Int(number) => Value::Int(number),
        Quantity::Float(number) => Value::Double(number),
        Quantity::Bool(value) => Value::Bool(value),
    }
}

fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Duration(0) | Value::Size(0) | Value::Int(0)) || *value == Value::Double(0.0)
}
