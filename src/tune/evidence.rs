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
pub(super) fn add(numbers: &mut Vec<(String, String)>, more: Vec<(String, String)>) {
    for one in more {
        if !numbers.contains(&one) {
            numbers.push(one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::evaluate::compiled;
    use super::super::input::{Input, Storage, Workload};
    use super::super::recipe::recipe;
    use super::super::running::Running;
    use super::super::world::World;
    use crate::condition::Template;
    use crate::model::{Type, Value};
    use crate::quantity::postgres::parameters;

    #[test]
    fn every_piece_of_evidence_reads_and_names_what_there_is() {
        let recipe = recipe().expect("the recipe reads");
        let asked = include_str!("../../schema/postgres/probe.toml");
        for (figure, _) in recipe.figures.iter().filter(|(_, kind)| **kind != Type::Bool) {
            assert!(asked.contains(&format!("name = \"{figure}\"\n")), "{figure} is asked of no server");
        }
        let (storage, workload) = (Storage::Ssd, Workload::Oltp);
        let input = Input { memory: 1 << 34, cpus: 4, storage, workload, connections: 100, version: 17 };
        let mut world = World::new(&input);
        let mut running = Running::default();
        running.version = 17;
        world.meet(&running, &recipe.figures);
        for term in recipe.step.iter().filter_map(|step| step.term.as_ref()) {
            world.learn(format!("term.{term}"), Value::Size(1 << 20));
        }
        let reads = |source: &str, name: &str| {
            compiled(source, name, &world).unwrap_or_else(|error| panic!("{name}: {error}"));
        };
        let says = |text: &str, name: &str| {
            Template::compile(text, &world).unwrap_or_else(|error| panic!("{name}: {error}"));
        };
        assert!(recipe.evidence.len() > 8 && recipe.table.len() == 2);
        for one in &recipe.evidence {
            reads(&one.when, &one.name);
            says(&one.says, &one.name);
            assert!(one.source.starts_with("https://"), "{}", one.name);
            let Some(parameter) = &one.parameter else { continue };
            reads(&one.value, &one.name);
            assert!(recipe.step.iter().any(|step| step.parameter.as_ref() == Some(parameter)), "{}", one.name);
            assert!(!one.why.is_empty() && one.why.len() <= 110, "{}: {}", one.name, one.why);
        }
        let figures = recipe.role_figures.keys().filter(|name| !["name", "wanted"].contains(&name.as_str()));
        for figure in figures.filter(|name| recipe.role_term.iter().all(|term| term.name != **name)) {
            assert!(asked.contains(&format!("AS {figure}")), "{figure} is asked of no server");
        }
        recipe.role_term.iter().for_each(|term| reads(&term.value, &term.name));
        for one in &recipe.role {
            reads(&one.when, &one.name);
            says(&one.says, &one.name);
            one.unasked.iter().for_each(|value| reads(value, &one.name));
            assert!(one.source.starts_with("https://"), "{}", one.name);
            let Some(parameter) = &one.parameter else { continue };
            reads(&one.value, &one.name);
            assert!(!parameters().history(parameter).is_empty(), "{}", one.name);
            assert!(!one.why.is_empty() && one.why.len() <= 110, "{}: {}", one.name, one.why);
        }
        for one in &recipe.table {
            reads(&one.when, &one.name);
            says(&one.says, &one.name);
            one.options.values().for_each(|value| reads(value, &one.name));
            // an option of a table is called as the parameter that it is over
            assert!(one.options.keys().all(|name| !parameters().history(name).is_empty()), "{}", one.name);
        }
    }
}
