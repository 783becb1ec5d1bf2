//! What the expressions of a plan may name, and what is known of it.

use std::collections::BTreeMap;

use super::input::{Input, Workload};
use super::recipe::{Figures, recipe};
use super::running::Running;
use crate::condition::{Declaration, Environment, Meaning, Names, Reference, UnknownName};
use crate::knowledge::parameter_type;
use crate::model::{Effective, Type, Value, Why};
use crate::quantity::postgres::parameters;

/// The names that an input gives, with their types.
const INPUTS: [(&str, &str, Type); 11] = [
    ("host", "memory", Type::Size),
    ("host", "cpus", Type::Int),
    ("host", "storage", Type::Text),
    ("workload", "kind", Type::Text),
    ("workload", "connections", Type::Int),
    ("workload", "clients", Type::Int),
    ("workload", "reserved", Type::Int),
    ("postgres", "version", Type::Int),
    ("table", "rows", Type::Int),
    ("table", "dead", Type::Int),
    ("table", "trigger", Type::Int),
];

/// The names of a plan and their values so far.
pub(super) struct World {
    values: BTreeMap<String, Value>,
}

impl World {
    /// What an input says.
    pub(super) fn new(input: &Input) -> World {
        let values = [
            ("host.memory", Value::Size(input.memory)),
            ("host.cpus", Value::Int(input.cpus)),
            ("host.storage", Value::text(input.storage.word())),
            ("workload.kind", Value::text(input.workload.word())),
            ("workload.connections", Value::Int(input.connections)),
            ("postgres.version", Value::Int(input.version.into())),
        ];
        World { values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() }
    }

    /// What is known before anything but the load is.
    pub(super) fn of_load(workload: Workload) -> World {
        World { values: [("workload.kind".to_owned(), Value::text(workload.word()))].into() }
    }

    /// What is known of connections alone: those that clients may open, and those that the server keeps back.
    pub(super) fn of_clients(clients: i64, reserved: i64) -> World {
        let values = [("workload.clients", clients), ("workload.reserved", reserved)];
        World { values: values.into_iter().map(|(name, value)| (name.to_owned(), Value::Int(value))).collect() }
    }

    /// Makes what a running server showed known: its figures, of these types, and its settings.
    pub(super) fn meet(&mut self, running: &Running, figures: &Figures) {
        for (name, value) in running.figures(figures) {
            self.learn(format!("live.{name}"), value);
        }
        let of_version = parameters().iter().filter(|parameter| parameter.versions().contains(&running.version));
        for parameter in of_version {
            if let Some(value) = running.value(&parameter.name) {
                self.learn(format!("was.{}", parameter.name), value);
            }
        }
    }

    /// Makes a value known to later steps.
    pub(super) fn learn(&mut self, name: String, value: Value) {
        self.values.insert(name, value);
    }

    /// Makes all that stands behind `root.` unknown again.
    pub(super) fn forget(&mut self, root: &str) {
        self.values.retain(|name, _| name.split_once('.').is_none_or(|(of, _)| of != root));
    }

    /// The value of a name, where it has one.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }
}

impl Names for World {
    fn resolve(&self, root: &str, path: &[&str]) -> Result<Meaning, UnknownName> {
        let [name] = path else { return Err(UnknownName::at(path.len().min(1))) };
        match root {
            "live" => match recipe().ok().and_then(|recipe| recipe.figures.get(*name)) {
                Some(&kind) => Ok(Meaning::Attribute(kind)),
                None => Err(UnknownName::at(1)),
            },
            "role" => match recipe().ok().and_then(|recipe| recipe.role_figures.get(*name)) {
                Some(&kind) => Ok(Meaning::Attribute(kind)),
                None => Err(UnknownName::at(1)),
            },
            "set" | "was" | "own" => match parameters().history(name).first() {
                Some(parameter) => Ok(Meaning::Attribute(parameter_type(parameter))),
                None => Err(UnknownName::among(1, name, parameters().iter().map(|known| known.name.as_str()))),
            },
            // every term is a size
            "term" if self.values.contains_key(&format!("term.{name}")) => Ok(Meaning::Attribute(Type::Size)),
            "term" => Err(UnknownName::at(1)),
            _ => match INPUTS.iter().find(|known| known.0 == root && known.1 == *name) {
                Some(known) => Ok(Meaning::Attribute(known.2)),
                None if INPUTS.iter().any(|known| known.0 == root) => {
                    Err(UnknownName::among(1, name, INPUTS.iter().map(|known| known.1)))
                }
                None => Err(UnknownName::among(
                    0,
                    root,
                    ["host", "workload", "postgres", "set", "term", "live", "was", "table", "role", "own"],
                )),
            },
        }
    }
}

impl Environment for World {
    fn attribute(&self, reference: &Reference) -> Effective {
        match self.values.get(&**reference.name()) {
            Some(value) => Effective::Known(value.clone()),
            None => Effective::Unknown(Why::NotSet),
        }
    }

    fn declared(&self, reference: &Reference) -> Declaration {
        if self.values.contains_key(&**reference.name()) { Declaration::Set } else { Declaration::NotSet }
    }

    fn exists(&self, reference: &Reference) -> Option<bool> {
        Some(self.values.contains_key(&**reference.name()))
    }
}
