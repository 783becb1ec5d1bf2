//! An input into a plan: each step of the recipe in turn.

use std::fmt;

use super::input::{Input, Workload};
use super::recipe::{Recipe, Step, recipe};
use super::world::World;
use super::written::{shown, written};
use crate::condition::{Answer, Outcome, Program, Template, compile};
use crate::knowledge::PageError;
use crate::model::Value;
use crate::quantity::postgres::{Context, check, parameters};

/// Settings for a server, and the memory that they may take.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The major version that they are for.
    pub version: u16,
    /// The settings, in the order of the recipe.
    pub settings: Vec<Setting>,
    /// What several of them are computed from.
    pub terms: Vec<Term>,
    /// What the server may take of the memory.
    pub budget: Budget,
    /// What is to be said of it all, a line each.
    pub warnings: Vec<String>,
}

impl Plan {
    /// The value of a setting, as it is written.
    pub fn value(&self, parameter: &str) -> Option<&str> {
        self.settings.iter().find(|setting| setting.parameter == parameter).map(|setting| setting.value.as_str())
    }
}

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The parameter's name.
    pub parameter: &'static str,
    /// Its value as `postgresql.conf` takes it, without quotes.
    pub value: String,
    /// Why, in one line.
    pub why: &'static str,
    /// The expression that gives the value.
    pub formula: &'static str,
    /// The names in it and their values.
    pub inputs: Vec<(String, String)>,
    /// Where the parameter is described.
    pub source: &'static str,
    /// Whether it takes effect only when the server starts.
    pub needs_restart: bool,
    /// Whether the server keeps the same without it.
    pub is_default: bool,
    /// Whether what was set on purpose stays: it is a judgement, and no machine decides it.
    pub keeps: bool,
}

/// A size that settings are computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What expressions call it, behind `term.`.
    pub name: &'static str,
    /// How much, in bytes.
    pub bytes: i64,
    /// The expression that gives it.
    pub formula: &'static str,
}

/// What the server may take of the memory at worst, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// For what.
    pub parts: Vec<Part>,
    /// What it may take at most.
    pub limit: i64,
}

impl Budget {
    /// All parts together.
    pub fn sum(&self) -> i64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }
}

/// A part of a budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What takes it.
    pub name: &'static str,
    /// How much.
    pub bytes: i64,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq)]
pub enum TuneError {
    /// The recipe cannot be read.
    Recipe(PageError),
    /// An expression of the recipe has no value: which step, and why.
    Expression(String, String),
    /// The server would refuse a value.
    Refused(String, String),
    /// The parts come to more than the limit, in bytes.
    TooSmall(i64, i64),
}

impl fmt::Display for TuneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TuneError::Recipe(error) => write!(f, "{error}"),
            TuneError::Expression(step, why) => write!(f, "{step} cannot be computed: {why}"),
            TuneError::Refused(parameter, why) => write!(f, "the server would refuse {parameter}: {why}"),
            TuneError::TooSmall(sum, limit) => {
                let (sum, limit) = (super::size(*sum), super::size(*limit));
                write!(f, "the server may take {sum}, and {limit} are there: give it more memory")
            }
        }
    }
}

impl std::error::Error for TuneError {}

/// The settings for an input.
pub fn plan(input: &Input) -> Result<Plan, TuneError> {
    let recipe = recipe().map_err(TuneError::Recipe)?;
    let mut world = World::new(input);
    let (mut settings, mut terms) = (Vec::new(), Vec::new());
    for step in recipe.step.iter().filter(|step| step.is_for(input.version)) {
        if let Some(term) = &step.term {
            let bytes = bytes(&step.value, term, &world)?;
            terms.push(Term { name: term, bytes, formula: &step.value });
            world.learn(format!("term.{term}"), Value::Size(bytes));
        } else if let Some(setting) = setting(step, input.version, &mut world)? {
            settings.push(setting);
        }
    }
    let budget = budget(recipe, &world)?;
    if budget.sum() > budget.limit {
        return Err(TuneError::TooSmall(budget.sum(), budget.limit));
    }
    Ok(Plan { version: input.version, settings, terms, budget, warnings: warnings(recipe, &world)? })
}

/// How many connections are planned for where nobody says.
pub fn usual_connections(workload: Workload) -> Result<i64, TuneError> {
    connections(&recipe().map_err(TuneError::Recipe)?.connections, &World::of_load(workload))
}

/// How many connections are planned for where clients may open so many, and the server keeps some back.
pub(super) fn connections_of(clients: i64, reserved: i64) -> Result<i64, TuneError> {
    connections(&recipe().map_err(TuneError::Recipe)?.of_clients, &World::of_clients(clients, reserved))
}

fn connections(source: &str, world: &World) -> Result<i64, TuneError> {
    let step = "the number of connections";
    match value(source, step, world)? {
        Value::Int(connections) => Ok(connections),
        other => Err(TuneError::Expression(step.to_owned(), format!("{other} is no number"))),
    }
}

/// One step's setting, which the world then knows; `None` where it does not apply.
fn setting(step: &'static Step, version: u16, world: &mut World) -> Result<Option<Setting>, TuneError> {
    let name = step.parameter.as_deref().unwrap_or_default();
    let refused = |why: String| TuneError::Refused(name.to_owned(), why);
    let Some(parameter) = parameters().find(name, version) else { return Ok(None) };
    if let Some(when) = &step.when
        && !holds(when, name, world)?
    {
        return Ok(None);
    }
    let program = compiled(&step.value, name, world)?;
    let mut found = answer(&program, name, world)?;
    if let (Some(round), Value::Size(bytes)) = (&step.round, &found) {
        let round = self::bytes(&format!("quantity('{round}')"), name, world)?.max(1);
        found = Value::Size(bytes / round * round);
    }
    let text = written(&found).ok_or_else(|| refused(format!("{found} is no value of a parameter")))?;
    let accepted = check(parameter, &text).map_err(|error| refused(error.to_string()))?;
    if accepted.needs_build {
        return Err(refused(format!("not every build knows {text}")));
    }
    let inputs = program.references().iter().filter_map(|reference| {
        let known = world.get(reference.name())?;
        Some((reference.name().to_string(), shown(known)?))
    });
    let inputs = inputs.collect();
    world.learn(format!("set.{name}"), found);
    Ok(Some(Setting {
        parameter: &parameter.name,
        value: text,
        why: &step.why,
        formula: &step.value,
        inputs,
        source: &step.source,
        needs_restart: parameter.context <= Context::Postmaster,
        is_default: accepted.setting() == parameter.default,
        keeps: step.keep,
    }))
}

fn budget(recipe: &'static Recipe, world: &World) -> Result<Budget, TuneError> {
    let part = |part: &'static super::recipe::RecipePart| -> Result<Part, TuneError> {
        Ok(Part { name: &part.name, bytes: bytes(&part.value, &part.name, world)? })
    };
    let parts = recipe.part.iter().map(part).collect::<Result<_, _>>()?;
    Ok(Budget { parts, limit: bytes(&recipe.limit, "the limit", world)? })
}

fn warnings(recipe: &Recipe, world: &World) -> Result<Vec<String>, TuneError> {
    let mut said = Vec::new();
    for warning in &recipe.warning {
        if !holds(&warning.when, "a warning", world)? {
            continue;
        }
        let failed = |why: String| TuneError::Expression("a warning".to_owned(), why);
        let template = Template::compile(&warning.text, world).map_err(|error| failed(error.to_string()))?;
        said.push(template.render(world).map_err(|error| failed(format!("{error:?}")))?);
    }
    Ok(said)
}

fn compiled(source: &str, step: &str, world: &World) -> Result<Program, TuneError> {
    compile(source, world).map_err(|error| TuneError::Expression(step.to_owned(), error.to_string()))
}

fn value(source: &str, step: &str, world: &World) -> Result<Value, TuneError> {
    answer(&compiled(source, step, world)?, step, world)
}

fn bytes(source: &str, step: &str, world: &World) -> Result<i64, TuneError> {
    match value(source, step, world)? {
        Value::Size(bytes) => Ok(bytes),
        other => Err(TuneError::Expression(step.to_owned(), format!("{other} is no size"))),
    }
}

fn answer(program: &Program, step: &str, world: &World) -> Result<Value, TuneError> {
    let failed = |why: String| TuneError::Expression(step.to_owned(), why);
    match program.value(world) {
        Ok(Answer::Known(value)) => Ok(value),
        Ok(Answer::Between(..)) => Err(failed("it is not one value".into())),
        Ok(Answer::Unknown(names)) => {
            let names: Vec<String> = names.map(ToString::to_string).collect();
            Err(failed(format!("{} is not known", names.join(", "))))
        }
        Err(error) => Err(failed(error.to_string())),
    }
}

fn holds(source: &str, step: &str, world: &World) -> Result<bool, TuneError> {
    match compiled(source, step, world)?.judge(world) {
        Outcome::True => Ok(true),
        Outcome::False => Ok(false),
        Outcome::Unknown(_) => Err(TuneError::Expression(step.to_owned(), "it is neither true nor false".into())),
        Outcome::Error(error) => Err(TuneError::Expression(step.to_owned(), error.to_string())),
    }
}
