//! Parameters of a set (Postgres) as the server of a version, or of every supported version, reads them.

use super::fragment::{Fault, Reading};
use super::reading::value_of;
use crate::knowledge::{Meaning, ParameterSet, SpecialParameters, Version};
use crate::model::{Confidence, Effective, Value, Why, nearest};
use crate::quantity::Unit;
use crate::quantity::postgres::{self, Came, Context, NEWEST, OLDEST, Parameter, PgQuantity, PgValue, PgValueError};

/// What the set's tables say of one name.
fn special<'s>(set: &'s ParameterSet, name: &str) -> impl Iterator<Item = &'s SpecialParameters> {
    let name = name.to_ascii_lowercase();
    set.special.iter().filter(move |special| special.names.iter().any(|known| **known == *name))
}

/// The canonical name of a parameter, if any version has it.
pub(crate) fn canonical(name: &str) -> Option<&'static str> {
    let name = postgres::renamed(name, NEWEST).unwrap_or(name);
    postgres::parameters().history(name).first().map(|parameter| parameter.name.as_str())
}

/// Who may set a parameter, in each of the versions it may be; nothing where it may be a version that was not measured.
fn contexts(set: &ParameterSet, name: &str, version: Option<&Version>) -> Vec<Context> {
    if version.is_none() && set.later.iter().any(|later| is_among(&later.changed, name)) {
        return Vec::new();
    }
    let major = version.map(|version| version.major() as u16);
    let name = postgres::renamed(name, major.unwrap_or(NEWEST)).unwrap_or(name);
    let rows = postgres::parameters().history(name).iter();
    rows.filter(|row| major.is_none_or(|major| row.versions().contains(&major))).map(|row| row.context).collect()
}

/// Whether a parameter takes effect when the server starts only, in each of the versions it may be.
pub(crate) fn at_start(set: &ParameterSet, name: &str, version: Option<&Version>) -> bool {
    contexts(set, name, version).into_iter().max() == Some(Context::Postmaster)
}

/// When a parameter takes effect that sessions may not set, in the versions it may be; `None` where one of them lets them.
pub(crate) fn not_by_sessions(set: &ParameterSet, name: &str, version: Option<&Version>) -> Option<&'static str> {
    let latest = contexts(set, name, version).into_iter().max()?;
    Some(match latest {
        Context::Internal | Context::Postmaster => "when the server starts",
        Context::Sighup => "when the server reloads its files",
        Context::SuperuserBackend | Context::Backend => "when a connection is made",
        Context::Superuser | Context::User => return None,
    })
}

/// The same of what a connection may not set as it is made.
pub(crate) fn not_at_connection(set: &ParameterSet, name: &str, version: Option<&Version>) -> Option<&'static str> {
    let latest = contexts(set, name, version).into_iter().max()?;
    not_by_sessions(set, name, version).filter(|_| latest <= Context::Sighup)
}

/// Reads `name = text`. `name` is lower case with underscores.
pub(crate) fn read(set: &ParameterSet, name: &str, text: &str, version: Option<&Version>) -> Reading {
    let reading = measured(set, name, text, version);
    let major = version.map(|version| version.major() as u16);
    let faulty = !reading.faults.is_empty();
    match set.later.iter().find(|later| major.is_none_or(|major| major >= later.version)) {
        // a version that was not measured may take it
        Some(later) if faulty && major.is_none() && is_among(&later.changed, name) => Reading::unknown(Why::Version),
        Some(later) if major.is_some() && is_among(&later.removed, name) => {
            let (major, last) = (major.unwrap_or_default(), later.version - 1);
            let detail = format!("Postgres {major} does not know it, {last} was the last; the server refuses it");
            Reading::unknown(Why::NotSet).with(Fault::new("removed", detail))
        }
        _ => reading,
    }
}

/// The same as the servers that were measured read it.
fn measured(set: &ParameterSet, name: &str, text: &str, version: Option<&Version>) -> Reading {
    let name = postgres::renamed(name, version.map_or(NEWEST, |v| v.major() as u16)).unwrap_or(name);
    let history = postgres::parameters().history(name);
    if history.is_empty() {
        return unknown(set, name, version);
    }
    let rows: Vec<&Parameter> = match version.map(|version| version.major() as u16) {
        // a value that every measured version reads alike is taken for others too, faults are not claimed of them
        Some(major) if !(OLDEST..=NEWEST).contains(&major) => {
            let reading = measured(set, name, text, None);
            return match reading.faults.is_empty() {
                true => reading,
                false => Reading::unknown(Why::Version),
            };
        }
        Some(major) => match history.iter().find(|row| row.versions().contains(&major)) {
            Some(row) => match minor_of(row, version) {
                Minor::Has => vec![row],
                Minor::MayHave => return Reading::unknown(Why::Version),
                Minor::Lacks(came) => {
                    let (without, with) = (version.map(Version::to_string).unwrap_or_default(), came.with);
                    let detail =
                        format!("Postgres {without} does not know it, {major}.{with} does; the server refuses it");
                    return Reading::unknown(Why::NotSet).with(Fault::new("too-new", detail));
                }
            },
            None => return out_of_version(name, history, major),
        },
        None => history.iter().collect(),
    };
    let readings: Vec<_> = rows.iter().map(|row| postgres::check(row, text)).collect();
    if let Some(Err(error)) = readings.first()
        && readings.iter().all(Result::is_err)
    {
        let mut reading = super::reading::rejected(error.to_string());
        let meant = error.mended(text).filter(|meant| rows.iter().all(|row| postgres::check(row, meant).is_ok()));
        if let (Some(meant), Some(fault)) = (meant, reading.faults.first_mut()) {
            fault.cure = Some(format!("write '{meant}'"));
            fault.instead = Some(meant);
        }
        return reading;
    }
    let accepted: Vec<&PgValue> = readings.iter().filter_map(|reading| reading.as_ref().ok()).collect();
    let Some(first) = accepted.first() else { return Reading::unknown(Why::Unreadable) };
    if accepted.len() < readings.len() || accepted.iter().any(|value| value.value != first.value) {
        return Reading::unknown(Why::Version);
    }
    let mut reading = Reading::known(value(first));
    let number = match &first.value {
        PgQuantity::Int(number) => Some(*number as f64),
        PgQuantity::Real(number) => Some(*number),
        _ => None,
    };
    for special in special(set, name) {
        let meaning = match number {
            Some(0.0) => special.zero,
            Some(-1.0) => special.negative,
            _ => None,
        };
        match meaning {
            Some(Meaning::Unlimited) => reading.effective = Effective::Known(Value::Unlimited),
            Some(Meaning::Off) => reading.effective = Effective::Known(Value::Off),
            Some(Meaning::Auto) => reading.effective = Effective::Unknown(Why::OutOfSight),
            _ => {}
        }
        if first.rounded_to_zero && special.zero == Some(Meaning::Unlimited) {
            reading.faults.push(
                Fault::new("off-by-rounding", "it is rounded to 0 of the parameter's unit, and 0 means no limit")
                    .becomes("no limit")
                    .cure("write 1ms or more"),
            );
        }
        if let (Some(bound), Some(row)) = (&special.bare_below, rows.last())
            && !first.explicit_unit
            && number.is_some_and(|number| number > 0.0)
            && let Ok(bound) = postgres::check(row, bound)
            && let (Some(have), Some(bound)) = (first.quantity, bound.quantity)
            && value_of(have).compare(&value_of(bound)).is_some_and(|order| order.is_lt())
        {
            let unit = row.unit.map_or("", unit_name);
            let mut fault = Fault::new("suspicious-unit", format!("a number without a unit is read in {unit}"))
                .becomes(value_of(have).to_string())
                .cure(format!("write the unit, such as '{}'", example(row, text)));
            fault.confidence = Confidence::High;
            reading.faults.push(fault);
        }
    }
    if first.raised {
        let kept = value(first);
        let fault = Fault::new("clamped", format!("the server keeps no less than {kept}"));
        reading.faults.push(fault.becomes(kept.to_string()).cure(format!("write {kept} or more")));
    }
    if first.octal && !special(set, name).any(|special| special.octal) {
        let fault = Fault::new("octal", "a number with a leading zero is octal");
        reading.faults.push(fault.becomes(first.setting()).cure(format!("write {}", first.setting())));
    }
    reading
}

/// Whether the minor of a version has a parameter that its major has.
enum Minor {
    /// It does, or the minor is not known: the newest does.
    Has,
    /// No server of that minor was asked.
    MayHave,
    /// It does not.
    Lacks(Came),
}

fn minor_of(row: &Parameter, version: Option<&Version>) -> Minor {
    let minor = version.and_then(Version::minor);
    let came = version.and_then(|version| row.came(version.major() as u16));
    match (came, minor) {
        (Some(came), Some(minor)) if minor <= u32::from(came.without) => Minor::Lacks(came),
        (Some(came), Some(minor)) if minor < u32::from(came.with) => Minor::MayHave,
        _ => Minor::Has,
    }
}

/// The value the server of that version has when nothing sets it.
pub(crate) fn default(set: &ParameterSet, name: &str, version: Option<&Version>) -> Option<Effective> {
    let history = postgres::parameters().history(name);
    if version.is_none() && set.later.iter().any(|later| is_among(&later.defaults, name)) {
        return Some(Effective::Unknown(Why::Version));
    }
    let initial = special(set, name).find_map(|special| special.initial.as_ref());
    let mut known: Option<Value> = None;
    for row in history {
        let major = version.map(|version| version.major() as u16);
        if major.is_some_and(|major| !row.versions().contains(&major)) {
            continue;
        }
        if !matches!(minor_of(row, version), Minor::Has) {
            continue;
        }
        let text = initial.unwrap_or(&row.default);
        let Effective::Known(value) = read_default(set, row, text) else { return None };
        match &known {
            Some(other) if *other != value => return Some(Effective::Unknown(Why::Version)),
            _ => known = Some(value),
        }
    }
    known.map(Effective::Known)
}

fn read_default(set: &ParameterSet, row: &Parameter, text: &str) -> Effective {
    let Ok(checked) = postgres::check(row, text) else { return Effective::Unknown(Why::Unreadable) };
    let number = match &checked.value {
        PgQuantity::Int(number) => Some(*number as f64),
        PgQuantity::Real(number) => Some(*number),
        _ => None,
    };
    for special in special(set, &row.name) {
        let meaning = match number {
            Some(0.0) => special.zero,
            Some(-1.0) => special.negative,
            _ => None,
        };
        match meaning {
            Some(Meaning::Unlimited) => return Effective::Known(Value::Unlimited),
            Some(Meaning::Off) => return Effective::Known(Value::Off),
            Some(Meaning::Auto) => return Effective::Unknown(Why::OutOfSight),
            _ => {}
        }
    }
    Effective::Known(value(&checked))
}

/// Where a parameter with a unit counts, its unit decides the type; elsewhere the number does.
fn value(checked: &PgValue) -> Value {
    match (&checked.quantity, &checked.value) {
        (Some(quantity), _) => value_of(*quantity),
        (None, PgQuantity::Bool(value)) => Value::Bool(*value),
        (None, PgQuantity::Int(value)) => Value::Int(*value),
        (None, PgQuantity::Real(value)) => Value::Double(*value),
        (None, PgQuantity::Word(text) | PgQuantity::Text(text)) => Value::text(text),
    }
}

/// Adds to an unknown parameter's fault the name that was probably meant.
pub(crate) fn suggest(reading: &mut Reading, name: &str) {
    for fault in reading.faults.iter_mut().filter(|fault| fault.code == "unknown") {
        let near = nearest(name, postgres::parameters().iter().map(|row| row.name.as_str()));
        fault.cure = near.map(|near| format!("did you mean '{near}'?"));
    }
}

fn is_among(names: &[crate::model::Name], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn unknown(set: &ParameterSet, name: &str, version: Option<&Version>) -> Reading {
    let reading = Reading::unknown(Why::NotSet);
    let foreign = set.foreign.iter().any(|prefix| name.starts_with(prefix.as_str()));
    if let Some(later) = set.later.iter().find(|later| is_among(&later.names, name)) {
        let (first, major) = (later.version, version.map(|version| version.major() as u16));
        return match major.filter(|&major| major < first) {
            Some(major) => {
                let detail = format!("Postgres {major} does not know it, it came with {first}; the server refuses it");
                reading.with(Fault::new("too-new", detail))
            }
            None => reading,
        };
    }
    let unlisted = set.unlisted.iter().any(|known| known.eq_ignore_ascii_case(name));
    if name.contains('.') || foreign || unlisted {
        return reading; // extensions and forks bring their own
    }
    if let Some(gone) = set.gone.iter().find(|gone| gone.name.eq_ignore_ascii_case(name)) {
        let detail = format!("Postgres {} was the last to know it; the server refuses it", gone.last);
        let fault = Fault::new("removed", detail);
        return reading.with(match &gone.instead {
            Some(instead) => fault.cure(instead.as_str()),
            None => fault,
        });
    }
    let fault = Fault::new("unknown", "no supported version has such a parameter; the server refuses it");
    if version.is_some_and(|version| version.major() as u16 > NEWEST) {
        return reading;
    }
    reading.with(fault)
}

fn out_of_version(name: &str, history: &[Parameter], major: u16) -> Reading {
    let first = history.first().map_or(OLDEST, |row| row.first);
    let last = history.last().map_or(NEWEST, |row| row.last);
    let fault = if major < first {
        Fault::new("too-new", format!("Postgres {major} does not know it, it came with {first}; the server refuses it"))
    } else {
        Fault::new("removed", format!("Postgres {major} does not know it, {last} was the last; the server refuses it"))
    };
    let _ = name;
    Reading::unknown(Why::NotSet).with(fault)
}

pub(crate) fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Millisecond => "milliseconds",
        Unit::Second => "seconds",
        Unit::Minute => "minutes",
        Unit::Kilobyte => "kilobytes",
        Unit::Block8k => "pages of 8 kB",
        Unit::Megabyte => "megabytes",
        Unit::Byte => "bytes",
        _ => "a unit of its own",
    }
}

/// The same digits with the unit people most likely meant.
fn example(row: &Parameter, text: &str) -> String {
    use crate::quantity::{Dimension, Unit};
    let unit = match row.unit.map(Unit::dimension) {
        Some(Dimension::Time) => "s",
        _ => "MB",
    };
    format!("{}{unit}", text.trim())
}

/// What a text is as the value of a parameter that has a unit, where units are not known.
pub(crate) enum OwnUnit {
    /// A number.
    Number,
    /// A number with a unit; without, it is this one.
    Converted(String),
    /// Something else.
    Other,
}

/// The same for the parameter `name`; `None` where it has no unit.
pub(crate) fn in_own_unit(name: &str, text: &str, version: Option<&Version>) -> Option<OwnUnit> {
    let name = postgres::renamed(name, NEWEST).unwrap_or(name);
    let major = version.map(|version| version.major() as u16);
    let mut rows = postgres::parameters().history(name).iter();
    let row = rows.find(|row| major.is_none_or(|major| row.versions().contains(&major)))?;
    row.unit?;
    if text.trim().parse::<f64>().is_ok() {
        return Some(OwnUnit::Number);
    }
    let meant = |error: PgValueError| error.mended(text).and_then(|meant| postgres::check(row, &meant).ok());
    Some(match postgres::check(row, text).or_else(|error| meant(error).ok_or(())) {
        Ok(value) if value.explicit_unit => OwnUnit::Converted(value.setting()),
        _ => OwnUnit::Other,
    })
}

/// The unit of a parameter's bare numbers, if it has one.
pub(crate) fn unit(name: &str, version: Option<&Version>) -> Option<Unit> {
    let name = postgres::renamed(name, NEWEST).unwrap_or(name);
    let major = version.map(|version| version.major() as u16);
    let mut rows = postgres::parameters().history(name).iter();
    rows.find(|row| major.is_none_or(|major| row.versions().contains(&major)))?.unit
}

/// What to write where seconds or megabytes were meant by a number without a unit.
pub(crate) fn meant_without_unit(name: &str, text: &str) -> Option<String> {
    let row = postgres::parameters().history(postgres::renamed(name, NEWEST).unwrap_or(name)).last()?;
    let meant = example(row, text);
    let value = postgres::check(row, &meant).ok()?;
    Some(format!("write {} for {meant}", value.setting()))
}

/// `value` as the server of that version writes it, in the style of `like`; in its parameter's unit where that is bare.
pub(crate) fn write(
    set: &ParameterSet,
    name: &str,
    version: Option<&Version>,
    value: &Value,
    like: Option<&str>,
) -> Option<String> {
    use crate::quantity::{Grammar, Quantity, Unit};
    let history = postgres::parameters().history(name);
    let row = match version.map(|version| version.major() as u16) {
        Some(major) => history.iter().find(|row| row.versions().contains(&major))?,
        None => history.last()?,
    };
    let quantity = match value {
        // who writes switches as numbers may have to: some carriers keep no other, and would see a change for ever
        Value::Bool(value) if matches!(like.map(str::trim), Some("0" | "1")) => {
            return Some(if *value { "1" } else { "0" }.into());
        }
        Value::Bool(value) => return Some(if *value { "on" } else { "off" }.into()),
        Value::Text(text) => return Some(text.to_string()),
        Value::Int(number) => Quantity::Int(*number),
        Value::Double(number) => Quantity::Float(*number),
        Value::Duration(nanos) => Quantity::Duration(*nanos),
        Value::Size(bytes) => Quantity::Size(*bytes),
        Value::Unlimited | Value::Off => {
            let meaning = if *value == Value::Off { Meaning::Off } else { Meaning::Unlimited };
            return special(set, name).find_map(|special| match meaning {
                _ if special.zero == Some(meaning) => Some("0".to_string()),
                _ if special.negative == Some(meaning) => Some("-1".to_string()),
                _ => None,
            });
        }
        Value::List(_) => return None,
    };
    crate::quantity::print(quantity, Grammar::Postgres, row.unit.unwrap_or(Unit::Count), like)
}
