//! One written value, as its row says the product reads it; and back into the product's own spelling.

use std::cmp::Ordering;

use super::bare;
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

/// What a text comes to as the row's value, in whatever version: `30000` is `30 s`. `None` where that is not certain.
pub fn meant(table: &Table, row: &Row, declared: Option<Type>, text: &str) -> Option<String> {
    let free = Row { needs: Vec::new(), needs_anywhere: Vec::new(), versions: None, ..row.clone() };
    match (Reader { table, version: None }).read(&free, declared, text).effective {
        Effective::Known(value) => Some(value.to_string()),
        _ => None,
    }
}

impl Reader<'_> {
    /// Reads `text`, variables settled, as the row's value. `declared` is the attribute's type.
    pub(crate) fn read(&self, row: &Row, declared: Option<Type>, text: &str) -> Reading {
        if let Some(reading) = self.out_of_version(row) {
            return reading;
        }
        let kind = attribute_type(row, declared);
        if text.trim().is_empty() || text == "null" || text == "~" {
            return match row.empty.at(self.version) {
                AtVersion::Is(meaning) => self.special(row, declared, *meaning, text),
                AtVersion::Depends => Reading::unknown(Why::Version),
                AtVersion::Silent => Reading::unknown(Why::NotSet),
            };
        }
        // products differ in what blanks around a value are to them, down to the single setting
        let blanks = text.len() > text.trim().len() && !matches!(kind, Type::Text | Type::List);
        if row.leaves_open(text) || blanks {
            return Reading::unknown(Why::Unreadable);
        }
        match kind {
            Type::Text | Type::List => self.word(row, text),
            Type::Bool => match quantity::parse(text, self.grammar(row), Wanted::Bool, Unit::Count) {
                Ok(parsed) => Reading::known(value_of(parsed.quantity)),
                Err(_) if row.passed_over => Reading::unknown(Why::Unreadable),
                Err(error) => rejected(error.to_string()),
            },
            Type::Int | Type::Double | Type::Duration | Type::Size => self.number(row, declared, kind, text),
        }
    }

    /// Reads an object whose members hold parts of a quantity (`{seconds: 5, nanos: 0}`); `{seconds: 0}` means what 0 does.
    pub(crate) fn read_object(&self, row: &Row, declared: Option<Type>, members: &[(&str, &str)]) -> Reading {
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
        match row.zero.at(self.version) {
            AtVersion::Is(meaning) if total == 0 => self.special(row, declared, *meaning, "0s"),
            AtVersion::Depends if total == 0 => Reading::unknown(Why::Version),
            _ => Reading::known(Value::Duration(total)),
        }
    }

    /// The row's default, for a version that may be unknown.
    pub(crate) fn default(&self, row: &Row, declared: Option<Type>) -> Option<(Effective, Origin)> {
        let known = match (&row.versions, self.version) {
            (None, _) => Some(true),
            (Some(range), Some(version)) => range.contains(version),
            (Some(_), None) => None,
        };
        match row.default.at(self.version) {
            AtVersion::Silent => None,
            AtVersion::Is(_) if known == Some(false) => None,
            AtVersion::Is(_) if known.is_none() => Some((Effective::Unknown(Why::Version), Origin::Absent)),
            AtVersion::Depends => {
                let unknown = (Effective::Unknown(Why::Version), Origin::Absent);
                Some(self.default_of_every_version(row, declared).unwrap_or(unknown))
            }
            AtVersion::Is(text) => {
                let bare = Row { default: Ranged::default(), needs: Vec::new(), ..row.clone() };
                let effective = self.read(&bare, declared, text).effective;
                let source = row.source.clone().unwrap_or_else(|| self.table.source.as_str().into());
                Some((effective, Origin::Default { source }))
            }
        }
    }

    /// The row's default where every version's comes to the same, however each writes it (`0` for no limit once, `-1` since).
    fn default_of_every_version(&self, row: &Row, declared: Option<Type>) -> Option<(Effective, Origin)> {
        let mut steps = row.default.steps()?;
        for field in [&row.zero, &row.negative, &row.empty] {
            steps.extend(field.steps()?);
        }
        steps.extend(row.bare.steps()?);
        let mut defaults = steps.iter().map(|step| {
            let reader = Reader { table: self.table, version: Some(step) };
            reader.default(row, declared)
        });
        let first = defaults.next()??;
        let known = matches!(first.0, Effective::Known(..));
        (known && defaults.all(|other| other.is_some_and(|other| other.0 == first.0))).then_some(first)
    }

    /// `value` in the spelling of the row's product, in the style of `like` where that can say it.
    pub(crate) fn write(&self, row: &Row, value: &Value, like: Option<&str>) -> Option<String> {
        let quantity = match value {
            Value::Duration(nanos) => Quantity::Duration(*nanos),
            Value::Size(bytes) => Quantity::Size(*bytes),
            Value::Int(number) => Quantity::Int(number.checked_sub(row.plus)?),
            Value::Double(number) => Quantity::Float(*number),
            Value::Bool(value) => Quantity::Bool(*value),
            Value::Text(text) if row.translate.is_empty() => return Some(text.to_string()),
            Value::Text(text) => {
                return row.translate.iter().find(|(_, meant)| ***meant == **text).map(|(word, _)| word.to_string());
            }
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

    /// What is read of a key that the version at hand does not know.
    pub(crate) fn out_of_version(&self, row: &Row) -> Option<Reading> {
        let range = row.versions.as_ref()?;
        let version = self.version?;
        if range.contains(version) != Some(false) {
            return None;
        }
        let product = self.table.product();
        let code = if range.is_before(version) { "too-new" } else { "removed" };
        let mut fault = Fault::new(code, format!("{product} {version} does not read it (versions {range})"));
        // a version that does not know the key yet does not know what came after it either
        if let Some(replacement) = row.replaced_by.as_ref().filter(|_| code == "removed") {
            fault = fault.cure(format!("use '{replacement}'"));
        }
        Some(Reading { set: false, ..Reading::unknown(Why::NotSet) }.with(fault))
    }

    fn word(&self, row: &Row, text: &str) -> Reading {
        if !row.translate.is_empty() {
            let meant = row.translate.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
            return match meant {
                Some((_, meant)) => Reading::known(Value::text(meant)),
                None => Reading { set: false, ..Reading::unknown(Why::NotSet) },
            };
        }
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
            AtVersion::Is(unit) => Ok(*unit),
            AtVersion::Silent if matches!(kind, Type::Int | Type::Double) => Ok(Unit::Count),
            AtVersion::Silent => Ok(row.write.unwrap_or(Unit::Count)),
            // any of them will do for a number that has its own
            AtVersion::Depends => Err(row.bare.values().next().copied().unwrap_or(Unit::Count)),
        };
        // `0s` and `-1ms` mean what 0 and -1 do
        let number = match kind {
            Type::Duration | Type::Size => text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic()),
            _ => text.trim(),
        };
        let plain: Option<f64> = number.parse().ok();
        let special = match plain {
            Some(0.0) => row.zero.at(self.version),
            Some(-1.0) => row.negative.at(self.version),
            _ => AtVersion::Silent,
        };
        // a whole number of more than 32 bits is refused by some, cut by others and meant by few
        let wide = plain.is_some_and(|number| number.abs() > f64::from(i32::MAX) && number.fract() == 0.0);
        if wide && row.max.is_silent() && kind != Type::Size && row.attribute.is_some() {
            return Reading::unknown(Why::Unreadable);
        }
        // -1 is what documentations speak of; of other numbers below 0 a row says something by its least
        let other_negative = plain.is_some_and(|number| number < 0.0 && number != -1.0);
        let spoken_of = !row.min.is_silent() || (row.negative.is_silent() && matches!(kind, Type::Int | Type::Double));
        if other_negative && !spoken_of {
            return Reading::unknown(Why::Unreadable);
        }
        // a zero that the product cannot read means nothing to it
        let (Ok(unit) | Err(unit)) = bare;
        let readable = || quantity::parse(text, self.grammar(row), wanted, unit).is_ok() || row.passed_over;
        match special {
            AtVersion::Is(_) if plain == Some(0.0) && !readable() => {}
            AtVersion::Is(meaning) => return self.special(row, declared, *meaning, text),
            AtVersion::Depends => return Reading::unknown(Why::Version),
            AtVersion::Silent => {}
        }
        let parsed = match quantity::parse(text, self.grammar(row), wanted, unit) {
            Ok(parsed) if bare.is_err() && !parsed.explicit_unit => return Reading::unknown(Why::Version),
            Ok(parsed) => parsed,
            Err(_) if bare.is_err() => return Reading::unknown(Why::Version),
            Err(_) if row.passed_over => return Reading::unknown(Why::Unreadable),
            // the product's own integers may be wider
            Err(error) if error.is_overflow() => return Reading::unknown(Why::Unreadable),
            Err(error) => {
                let mut reading = rejected(error.to_string());
                if let (Some(number), Some(fault)) = (bare::without_unit(text, kind, unit), reading.faults.first_mut())
                    && bare::is_unitless(self.grammar(row))
                {
                    fault.detail = "no unit is read here".into();
                    fault.cure = Some(format!("write {number}, the same without a unit"));
                    fault.instead = Some(number.to_string());
                } else if let (Some(meant), Some(fault)) = (error.mended(text), reading.faults.first_mut())
                    && quantity::parse(&meant, self.grammar(row), wanted, unit).is_ok()
                {
                    fault.cure = Some(format!("write {meant}"));
                    fault.instead = Some(meant);
                }
                return reading;
            }
        };
        let bare = unit;
        let value = value_of(parsed.quantity);
        let mut reading = Reading::known(value.clone());
        if let (Some(exact), AtVersion::Is(meaning @ (Meaning::Unlimited | Meaning::Off))) =
            (parsed.rounded, row.zero.at(self.version))
            && exact > 0.0
            && is_zero(&value)
        {
            let fault = Fault::new("off-by-rounding", "it is rounded to 0, and 0 switches it off").becomes("0");
            return self.special(row, declared, *meaning, text).with(fault);
        }
        let grammar = self.grammar(row);
        let suspicion = bare::suspicion(row, grammar, wanted, bare, &parsed);
        // what is only known, such as the mode of a socket, may be octal on purpose
        let octal = row.attribute.as_ref().and_then(|_| bare::octal(grammar, bare, &parsed));
        reading.faults.extend(suspicion.into_iter().chain(octal));
        if let (Value::Int(number), plus @ 1..) = (&value, row.plus) {
            reading.effective = Effective::Known(Value::Int(number.saturating_add(plus)));
        }
        let limit = |text: &String| {
            let parsed = quantity::parse(text, self.grammar(row), wanted, bare).ok()?;
            Some((value_of(parsed.quantity), text.clone()))
        };
        match self.beyond(&row.min, Ordering::Less, &value, limit) {
            Beyond::No => {}
            Beyond::Depends => return Reading::unknown(Why::Version),
            Beyond::Yes(_, text) => return rejected(format!("the least it accepts is {text}")),
        }
        match self.beyond(&row.max, Ordering::Greater, &value, limit) {
            Beyond::No => {}
            Beyond::Depends => return Reading::unknown(Why::Version),
            Beyond::Yes(_, text) => return rejected(format!("the most it accepts is {text}")),
        }
        match self.beyond(&row.min_effective, Ordering::Less, &value, limit) {
            Beyond::No => reading,
            Beyond::Depends => Reading::unknown(Why::Version),
            Beyond::Yes(least, text) => self.below(row, declared, reading, &least, &text),
        }
    }

    /// Whether `value` lies on the `wrong` side of a bound that may depend on the version.
    fn beyond(
        &self,
        bound: &Ranged<String>,
        wrong: Ordering,
        value: &Value,
        limit: impl Fn(&String) -> Option<(Value, String)>,
    ) -> Beyond {
        let (possible, certain) = bound.possible(self.version);
        let crossed = possible
            .into_iter()
            .filter_map(limit)
            .find(|(bound, _)| value.compare(bound).is_some_and(|order| order == wrong));
        match crossed {
            None => Beyond::No,
            Some((bound, text)) if certain => Beyond::Yes(bound, text),
            Some(_) => Beyond::Depends,
        }
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
            Meaning::Invalid if text.is_empty() => rejected("it may not be empty".into()),
            Meaning::Invalid => rejected(format!("'{text}' is not accepted here")),
            Meaning::Literal if text.is_empty() && attribute_type(row, declared) == Type::Text => {
                Reading::known(Value::text(""))
            }
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

/// How a value stands to a bound.
enum Beyond {
    /// On the right side of it, whatever the version.
    No,
    /// On the wrong side of it: the bound, and as it is written in the table.
    Yes(Value, String),
    /// On the wrong side in some versions that it may be.
    Depends,
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

pub(super) fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Duration(0) | Value::Size(0) | Value::Int(0)) || *value == Value::Double(0.0)
}
