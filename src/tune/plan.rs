//! An input into a plan: each step of the recipe in turn.

use std::fmt;

use super::evaluate::{answer, bytes, compiled, holds, inputs, rendered, value};
use super::evidence::{Seen, TablePlan, seen, tables};
use super::input::{Input, Workload};
use super::recipe::{Recipe, Step, recipe};
use super::roles::{RolePlan, roles};
use super::running::{Running, Unfit};
use super::world::World;
use super::written::written;
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
    /// What a running server showed, and what follows from it.
    pub seen: Vec<Seen>,
    /// Tables of a running server that are to be vacuumed otherwise.
    pub tables: Vec<TablePlan>,
    /// Roles of a running server whose sessions are to be bounded.
    pub roles: Vec<RolePlan>,
    /// What may be done besides, a line each.
    pub notes: Vec<String>,
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
///
/// # Errors
/// The recipe cannot be read or computed, or the memory is too small.
pub fn plan(input: &Input) -> Result<Plan, TuneError> {
    plan_on(input, None)
}

/// The settings for an input, and for what a running server showed and takes.
///
/// # Errors
/// As of [`plan`].
pub fn plan_on(input: &Input, running: Option<&Running>) -> Result<Plan, TuneError> {
    let recipe = recipe().map_err(TuneError::Recipe)?;
    let mut world = World::new(input);
    if let Some(running) = running {
        world.meet(running, &recipe.figures);
    }
    let (mut settings, mut terms) = (Vec::new(), Vec::new());
    let mut making = Making { recipe, version: input.version, running, world, seen: Vec::new(), warnings: Vec::new() };
    for step in recipe.step.iter().filter(|step| step.is_for(input.version)) {
        if let Some(term) = &step.term {
            let bytes = bytes(&step.value, term, &making.world)?;
            terms.push(Term { name: term, bytes, formula: &step.value });
            making.world.learn(format!("term.{term}"), Value::Size(bytes));
        } else {
            settings.extend(making.setting(step)?);
        }
    }
    let Making { mut world, seen: mut all, mut warnings, .. } = making;
    let budget = budget(recipe, &world)?;
    if budget.sum() > budget.limit {
        return Err(TuneError::TooSmall(budget.sum(), budget.limit));
    }
    let (mut changed, mut bounded) = (Vec::new(), Vec::new());
    if let Some(running) = running {
        for evidence in recipe.evidence.iter().filter(|one| one.parameter.is_none() && one.is_for(input.version)) {
            all.extend(seen(evidence, &world)?);
        }
        let (of_tables, said) = tables(recipe, running, &mut world)?;
        changed = of_tables;
        all.extend(said);
        let (of_roles, said) = roles(recipe, running, &mut world)?;
        bounded = of_roles;
        all.extend(said);
    }
    warnings.extend(self::warnings(recipe, &world)?);
    Ok(Plan {
        version: input.version,
        settings,
        terms,
        budget,
        seen: all,
        tables: changed,
        roles: bounded,
        notes: Vec::new(),
        warnings,
    })
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

/// A plan that is being made.
struct Making<'r> {
    recipe: &'static Recipe,
    version: u16,
    running: Option<&'r Running>,
    world: World,
    seen: Vec<Seen>,
    warnings: Vec<String>,
}

impl Making<'_> {
    /// One step's setting, which the world then knows; `None` where it does not apply, or the server does not take it.
    fn setting(&mut self, step: &'static Step) -> Result<Option<Setting>, TuneError> {
        let name = step.parameter.as_deref().unwrap_or_default();
        let refused = |why: String| TuneError::Refused(name.to_owned(), why);
        let Some(parameter) = parameters().find(name, self.version) else { return Ok(None) };
        let is_except = |running: &Running| {
            step.except.iter().any(|word| running.build.to_ascii_lowercase().contains(&word.to_ascii_lowercase()))
        };
        if self.running.is_some_and(is_except) {
            return Ok(None);
        }
        if let Some(when) = &step.when
            && !holds(when, name, &self.world)?
        {
            return Ok(None);
        }
        let Made { value: found, why, formula, inputs, evidence } = self.value(step, name)?;
        let text = written(&found).ok_or_else(|| refused(format!("{found} is no value of a parameter")))?;
        let accepted = check(parameter, &text).map_err(|error| refused(error.to_string()))?;
        if accepted.needs_build {
            return Err(refused(format!("not every build knows {text}")));
        }
        self.seen.extend(evidence.map(|seen| Seen { value: Some(text.clone()), ..seen }));
        if let Some(unfit) = self.running.and_then(|running| running.takes(name, &text).err()) {
            if let Some(now) = self.world.get(&format!("was.{name}")).cloned() {
                self.world.learn(format!("set.{name}"), now);
            }
            self.warnings.push(match unfit {
                Unfit::Refused(why) => format!("{name} = {text} is left out: {why}"),
                Unfit::Hidden(by) => format!(
                    "{name} = {text} is left out: the {by} that was asked through sets it for itself, so what holds for \
                     all is not seen. Ask as another role, or of another database."
                ),
            });
            return Ok(None);
        }
        // what somebody decided on is what will hold
        if step.keep
            && self.running.is_some_and(|running| running.sets(name))
            && let Some(now) = self.world.get(&format!("was.{name}")).cloned()
        {
            self.world.learn(format!("set.{name}"), now);
        }
        Ok(Some(Setting {
            parameter: &parameter.name,
            value: text,
            why,
            formula,
            inputs,
            source: &step.source,
            needs_restart: parameter.context <= Context::Postmaster,
            is_default: accepted.setting() == parameter.default,
            keeps: step.keep,
        }))
    }

    /// The value of a step: what it computes, what evidence makes of it, or what the server has already.
    fn value(&mut self, step: &'static Step, name: &str) -> Result<Made, TuneError> {
        let program = compiled(&step.value, name, &self.world)?;
        let mut made = Made {
            value: self.rounded(step, name, answer(&program, name, &self.world)?)?,
            why: &step.why,
            formula: &step.value,
            inputs: inputs(&program, &self.world),
            evidence: None,
        };
        self.world.learn(format!("set.{name}"), made.value.clone());
        if self.running.is_none() {
            return Ok(made);
        }
        let of_it = self.recipe.evidence.iter().filter(|one| one.parameter.as_deref() == Some(name));
        for evidence in of_it.filter(|one| one.is_for(self.version)) {
            let Some(seen) = seen(evidence, &self.world)? else { continue };
            let found = value(&evidence.value, name, &self.world)?;
            made.value = self.rounded(step, name, found)?;
            (made.why, made.formula, made.inputs) = (&evidence.why, &evidence.value, seen.inputs.clone());
            made.evidence = Some(seen);
            self.world.learn(format!("set.{name}"), made.value.clone());
        }
        let Some(upto) = &step.upto else { return Ok(made) };
        let more = format!("was.{name} > set.{name} && was.{name} <= {upto}");
        if super::evaluate::shows(&more, name, &self.world)?
            && let Some(now) = self.world.get(&format!("was.{name}")).cloned()
        {
            made.inputs = inputs(&compiled(&more, name, &self.world)?, &self.world);
            (made.value, made.why, made.formula) = (now.clone(), "more than is computed, and it may stay", upto);
            self.world.learn(format!("set.{name}"), now);
        }
        Ok(made)
    }

    fn rounded(&self, step: &Step, name: &str, value: Value) -> Result<Value, TuneError> {
        let (Some(round), Value::Size(size)) = (&step.round, &value) else { return Ok(value) };
        let round = bytes(&format!("quantity('{round}')"), name, &self.world)?.max(1);
        Ok(Value::Size(size / round * round))
    }
}

/// What a step came to.
struct Made {
    value: Value,
    why: &'static str,
    formula: &'static str,
    inputs: Vec<(String, String)>,
    evidence: Option<Seen>,
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
        said.push(rendered(&warning.text, "a warning", world)?);
    }
    Ok(said)
}
