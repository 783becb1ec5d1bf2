//! What a running server said of itself, as far as a plan heeds it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::recipe::Figures;
use crate::dialect::value_of;
use crate::model::{Type, Value};
use crate::quantity::postgres::{PgQuantity, check, parameters};

/// A running server: its figures, its settings, and what it takes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Running {
    /// Host, port and database.
    pub name: String,
    /// The database that was asked.
    pub database: String,
    /// Its major version.
    pub version: u16,
    /// Its version and what it was built for, in its own words.
    pub build: String,
    /// The tables that it told of.
    pub(super) tables: Vec<TableSeen>,
    /// The roles that may log in, those with most sessions first.
    pub(super) logins: Vec<Login>,
    /// What is set for sessions: by role, else for all of them, whatever the database.
    sessions: Vec<(Option<String>, BTreeMap<String, String>)>,
    /// The roles that somebody named.
    wanted: Vec<String>,
    figures: Map<String, Json>,
    /// What is said of the server itself.
    switches: Map<String, Json>,
    settings: BTreeMap<String, String>,
    /// New values that wait for a restart.
    waiting: BTreeMap<String, String>,
    limits: Map<String, Json>,
    absent: Vec<String>,
    overridden: BTreeMap<String, String>,
}

/// A table that has more dead rows than make autovacuum start.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TableSeen {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) rows: i64,
    pub(super) dead: i64,
    pub(super) trigger: i64,
    /// What the table sets for itself, by option.
    pub(super) own: BTreeMap<String, String>,
}

/// A role that may log in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Login {
    pub(super) name: String,
    /// What the server told of it.
    figures: Map<String, Json>,
}

impl Login {
    /// Its figures, of the types that the recipe gives them.
    pub(super) fn figures<'a>(&'a self, types: &'a Figures) -> impl Iterator<Item = (&'a str, Value)> {
        types.iter().filter_map(|(name, kind)| Some((name.as_str(), figure(*kind, self.figures.get(name)?)?)))
    }
}

/// Why a setting is not for a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is not there, or takes other values: why, after its name and value.
    Refused(String),
    /// What holds for everybody is not seen.
    Hidden(String),
}

impl Running {
    /// Reads what `trueup probe` saved; `None` where it is nothing of that kind.
    pub(super) fn read(snapshot: &Json) -> Option<Running> {
        let server = snapshot.get("server")?;
        let text = |value: &Json, key: &str| value.get(key).and_then(Json::as_str).map(one_line).unwrap_or_default();
        let object = |key: &str| snapshot.get(key).and_then(Json::as_object).cloned().unwrap_or_default();
        let texts = |map: Map<String, Json>| -> BTreeMap<String, String> {
            map.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
        };
        let list = |key: &str| snapshot.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
        let version = text(server, "version");
        let statements = list("statements_of_logins");
        let of_roles = |entry: &Json| -> Option<(Option<String>, BTreeMap<String, String>)> {
            let role = entry.get("role").and_then(Json::as_str).map(str::to_owned);
            Some((role, texts(entry.get("settings")?.as_object()?.clone())))
        };
        Some(Running {
            name: text(server, "name"),
            database: text(server, "database"),
            version: version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?,
            build: text(server, "build"),
            tables: list("tables").iter().filter_map(table).collect(),
            logins: list("logins").iter().filter_map(|entry| login(entry, &statements)).collect(),
            sessions: list("roles").iter().filter_map(of_roles).collect(),
            wanted: Vec::new(),
            figures: object("figures"),
            switches: object("server"),
            settings: texts(object("settings")),
            waiting: texts(object("waiting")),
            limits: object("limits"),
            absent: list("absent").iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect(),
            overridden: texts(object("overridden")),
        })
    }

    /// The figures, of the types that the recipe gives them; whether it is a standby is one of them.
    pub(super) fn figures<'a>(&'a self, types: &'a Figures) -> impl Iterator<Item = (&'a str, Value)> {
        types.iter().filter_map(|(name, kind)| {
            let told = if *kind == Type::Bool { &self.switches } else { &self.figures };
            Some((name.as_str(), figure(*kind, told.get(name)?)?))
        })
    }

    /// The same, with roles that are to be bounded whoever they are.
    ///
    /// # Errors
    /// The first of them that the server did not tell of, and the roles that it did.
    pub fn wanting(self, roles: &[String]) -> Result<Running, (String, Vec<String>)> {
        let known = |role: &&String| self.logins.iter().any(|login| login.name == **role);
        match roles.iter().find(|role| !known(role)) {
            Some(role) => Err((role.clone(), self.logins.into_iter().map(|login| login.name).collect())),
            None => Ok(Running { wanted: roles.to_vec(), ..self }),
        }
    }

    /// Whether somebody named a role.
    pub(super) fn wants(&self, role: &str) -> bool {
        self.wanted.iter().any(|wanted| wanted == role)
    }

    /// Whether a parameter is set by files or statements, and not only by default.
    pub(super) fn sets(&self, name: &str) -> bool {
        self.settings.contains_key(name)
    }

    /// The values of a parameter that sessions of a role may get, where the role, a database or everybody sets it.
    pub(super) fn of_sessions<'a>(&'a self, role: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of_role = move |of: &Option<String>| of.as_deref().is_none_or(|of| of == role);
        let entries = self.sessions.iter().filter(move |(of, _)| of_role(of));
        entries.filter_map(|(_, settings)| settings.get(name).map(String::as_str))
    }

    /// One of the figures.
    pub fn figure(&self, name: &str) -> Option<i64> {
        self.figures.get(name)?.as_i64()
    }

    /// The built-in defaults that are other than those of most servers of its version.
    pub(super) fn defaults(&self) -> impl Iterator<Item = (&str, &str)> {
        self.limits.iter().filter_map(|(name, limits)| Some((name.as_str(), limits.get("default")?.as_str()?)))
    }

    /// The value of a parameter that will hold after a restart.
    pub(super) fn waiting(&self, name: &str) -> Option<&str> {
        self.waiting.get(name).map(String::as_str)
    }

    /// What a parameter is set to there, or is by default; `None` where that is not seen.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        let parameter = parameters().find(name, self.version)?;
        if self.overridden.contains_key(name) || self.absent.iter().any(|absent| absent == name) {
            return None;
        }
        let limit = |key: &str| self.limits.get(name).and_then(|limits| limits.get(key)).and_then(Json::as_str);
        let text = self.settings.get(name).map(String::as_str);
        self.read_as(name, text.or_else(|| limit("default")).unwrap_or(&parameter.default))
    }

    /// What a text means for a parameter.
    pub(super) fn read_as(&self, name: &str, text: &str) -> Option<Value> {
        let value = check(parameters().find(name, self.version)?, text).ok()?;
        match (value.quantity, value.value) {
            (Some(quantity), _) => Some(value_of(quantity)),
            (None, PgQuantity::Word(word) | PgQuantity::Text(word)) => Some(Value::text(&word)),
            _ => None,
        }
    }

    /// Whether the server takes a value for a parameter, and whether what it holds now is seen.
    pub(super) fn takes(&self, name: &str, text: &str) -> Result<(), Unfit> {
        let refused = |why: String| Err(Unfit::Refused(why));
        if self.absent.iter().any(|absent| absent == name) {
            return refused("this server has no such parameter".into());
        }
        if let Some(by) = self.overridden.get(name) {
            return Err(Unfit::Hidden(by.clone()));
        }
        let Some(parameter) = parameters().find(name, self.version) else {
            return refused("this server has no such parameter".into());
        };
        let value = match check(parameter, text) {
            Ok(value) => value.value,
            Err(error) => return refused(error.to_string()),
        };
        let Some(limits) = self.limits.get(name) else { return Ok(()) };
        let limit = |key: &str| limits.get(key).and_then(Json::as_str);
        let number = match &value {
            PgQuantity::Int(value) => Some(*value as f64),
            PgQuantity::Real(value) => Some(*value),
            _ => None,
        };
        let bound = |key: &str| limit(key).and_then(|text| text.parse::<f64>().ok());
        if let (Some(number), Some(min)) = (number, bound("min"))
            && number < min
        {
            return refused(format!("this server takes no less than {min}"));
        }
        if let (Some(number), Some(max)) = (number, bound("max"))
            && number > max
        {
            return refused(format!("this server takes no more than {max}"));
        }
        if let Some(words) = limit("words")
            && !words.split(',').any(|word| word.eq_ignore_ascii_case(text))
        {
            return refused(format!("this server takes only {}", one_line(&words.replace(',', ", "))));
        }
        Ok(())
    }
}

/// A figure of a type; durations are told in seconds.
fn figure(kind: Type, told: &Json) -> Option<Value> {
    Some(match kind {
        Type::Bool => Value::Bool(told.as_bool()?),
        Type::Text => Value::text(told.as_str()?),
        Type::Size => Value::Size(told.as_i64()?),
        Type::Duration => Value::Duration(told.as_i64()?.checked_mul(crate::model::SECOND)?),
        _ => Value::Int(told.as_i64()?),
    })
}

/// A role, with what is known of its statements.
fn login(entry: &Json, statements: &[Json]) -> Option<Login> {
    let name = entry.get("role").and_then(Json::as_str)?;
    // such names stand on no line of a script
    if name.is_empty() || name.contains(char::is_control) {
        return None;
    }
    let mut figures = entry.as_object()?.clone();
    let of_it = |one: &&Json| one.get("role").and_then(Json::as_str) == Some(name);
    let told = statements.iter().find(of_it).and_then(Json::as_object);
    figures.extend(told.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
    figures.insert("name".into(), name.into());
    Some(Login { name: name.to_owned(), figures })
}

fn table(entry: &Json) -> Option<TableSeen> {
    let entry = entry.as_object()?;
    let text = |key: &str| entry.get(key).and_then(Json::as_str);
    let number = |key: &str| entry.get(key).and_then(Json::as_i64);
    let (schema, name) = (text("schema")?.to_owned(), text("name")?.to_owned());
    // such names stand on no line of a script
    if [&schema, &name].iter().any(|name| name.is_empty() || name.contains(char::is_control)) {
        return None;
    }
    let (rows, dead, trigger) = (number("rows")?, number("dead")?, number("trigger")?);
    let is_number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
    let own = entry.iter().filter_map(|(key, value)| {
        let value = value.as_str().filter(|value| is_number(value))?;
        Some((key.clone(), value.to_owned()))
    });
    Some(TableSeen { schema, name, rows, dead, trigger, own: own.collect() })
}

fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}
