//! What a running server showed, and what follows from it: a setting, options of a table, or only a word.

use super::TuneError;
use super::evaluate::{compiled, inputs, rendered, shows, value};
use super::recipe::{Evidence, Recipe};
use super::running::{Running, TableSeen};
use super::world::World;
use super::written::written;
use crate::model::Value;

/// Something that a running server showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it is called.
    pub name: &'static str,
    /// What was seen, with its numbers, in one line.
    pub says: String,
    /// The parameter that is set for it.
    pub parameter: Option<&'static str>,
    /// What it is set to.
    pub value: Option<String>,
    /// The condition that it fulfils.
    pub when: &'static str,
    /// The expression that gives the value.
    pub formula: Option<&'static str>,
    /// The names in both and their values.
    pub inputs: Vec<(String, String)>,
    /// Where it is described.
    pub source: &'static str,
}

/// A table of a running server, and the options that it is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePlan {
    /// The database that it is in.
    pub database: String,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What was seen of it, with its numbers, in one line.
    pub says: String,
    /// The options, with the expression of each.
    pub options: Vec<TableOption>,
    /// The names in the condition and the expressions, and their values.
    pub inputs: Vec<(String, String)>,
    /// Where it is described.
    pub source: &'static str,
}

/// An option of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableOption {
    /// What it is called.
    pub name: &'static str,
    /// What it is to be.
    pub value: String,
    /// What the table sets it to; `None` where the server's setting holds.
    pub was: Option<String>,
    /// The expression that gives the value.
    pub formula: &'static str,
}

/// What is seen where a condition holds.
pub(super) fn seen(evidence: &'static Evidence, world: &World) -> Result<Option<Seen>, TuneError> {
    if !shows(&evidence.when, &evidence.name, world)? {
        return Ok(None);
    }
    let mut numbers = inputs(&compiled(&evidence.when, &evidence.name, world)?, world);
    let formula = evidence.parameter.is_some().then_some(evidence.value.as_str());
    if let Some(formula) = formula {
        add(&mut numbers, inputs(&compiled(formula, &evidence.name, world)?, world));
    }
    Ok(Some(Seen {
        name: &evidence.name,
        says: rendered(&evidence.says, &evidence.name, world)?,
        parameter: evidence.parameter.as_deref(),
        value: None,
        when: &evidence.when,
        formula,
        inputs: numbers,
        source: &evidence.source,
    }))
}

/// The tables that are to have other options, and what is only said of tables.
pub(super) fn tables(
    recipe: &'static Recipe,
    running: &Running,
    world: &mut World,
) -> Result<(Vec<TablePlan>, Vec<Seen>), TuneError> {
    let (mut plans, mut said) = (Vec::new(), Vec::new());
    for table in &running.tables {
        for (name, count) in [("rows", table.rows), ("dead", table.dead), ("trigger", table.trigger)] {
            world.learn(format!("table.{name}"), Value::Int(count));
        }
        for evidence in &recipe.table {
            if !shows(&evidence.when, &evidence.name, world)? {
                continue;
            }
            let says = rendered(&evidence.says, &evidence.name, world)?;
            let mut numbers = inputs(&compiled(&evidence.when, &evidence.name, world)?, world);
            let mut options = Vec::new();
            for (name, formula) in &evidence.options {
                add(&mut numbers, inputs(&compiled(formula, name, world)?, world));
                let found = value(formula, name, world)?;
                let refused = || TuneError::Refused(name.clone(), format!("{found} is no value of an option"));
                let value = written(&found).ok_or_else(refused)?;
                options.push(TableOption { name, value, was: table.own.get(name).cloned(), formula });
            }
            let of_table = |says: String| format!("{}: {says}", qualified(table));
            if options.is_empty() {
                said.push(Seen {
                    name: &evidence.name,
                    says: of_table(says),
                    parameter: None,
                    value: None,
                    when: &evidence.when,
                    formula: None,
                    inputs: numbers,
                    source: &evidence.source,
                });
            } else {
                plans.push(TablePlan {
                    database: running.database.clone(),
                    schema: table.schema.clone(),
                    name: table.name.clone(),
                    says,
                    options,
                    inputs: numbers,
                    source: &evidence.source,
                });
            }
        }
    }
    Ok((plans, said))
}

impl TablePlan {
    /// Its name for people.
    pub fn shown(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// Its name in a statement, quoted.
    pub fn quoted(&self) -> String {
        let part = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        format!("{}.{}", part(&self.schema), part(&self.name))
    }
}

fn qualified(table: &TableSeen) -> String {
    format!("{}.{}", table.schema, table.name)
}

/// Adds the names that are not there yet.
fn add(numbers: &mut Vec<(String, String)>, more: Vec<(String, String)>) {
    for one in more {
        if !numbers.contains(&one) {
            numbers.push(one);
        }
    }
}
