//! Limits for the sessions of roles: what a running server shows of each role, and what follows from it; where none was
//! asked, what is to be said of it.

use super::evaluate::{compiled, inputs, rendered, shows, value};
use super::evidence::{Seen, add};
use super::recipe::{Recipe, RoleEvidence, recipe};
use super::running::{Login, Running};
use super::world::World;
use super::written::written;
use super::{Input, Server, TuneError, Was};
use crate::condition::Answer;
use crate::model::Value;

/// A parameter that is to be set for the sessions of a role, which nothing sets for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolePlan {
    /// The role's name.
    pub role: String,
    /// What was seen of it, in one line.
    pub says: String,
    /// The parameter's name.
    pub parameter: &'static str,
    /// Its value, without quotes.
    pub value: String,
    /// Why, in one line.
    pub why: &'static str,
    /// The condition that the role fulfils.
    pub when: &'static str,
    /// The expression that gives the value.
    pub formula: &'static str,
    /// The names in both and their values.
    pub inputs: Vec<(String, String)>,
    /// Where the parameter is described.
    pub source: &'static str,
}

impl RolePlan {
    /// The role's name in a statement, quoted.
    pub fn quoted(&self) -> String {
        quoted(&self.role)
    }
}

/// What is to be set for roles, and what is only said of them.
pub(super) fn roles(
    recipe: &'static Recipe,
    running: &Running,
    world: &mut World,
) -> Result<(Vec<RolePlan>, Vec<Seen>), TuneError> {
    let (mut plans, mut said) = (Vec::new(), Vec::new());
    for login in &running.logins {
        meet(recipe, running, login, world)?;
        for evidence in &recipe.role {
            let program = compiled(&evidence.when, &evidence.name, world)?;
            for reference in program.references() {
                let Some(("own", name)) = reference.name().split_once('.') else { continue };
                if let Some(own) = own(running, login, name, world) {
                    world.learn(reference.name().to_string(), own);
                }
            }
            if !shows(&evidence.when, &evidence.name, world)? {
                continue;
            }
            let says = rendered(&evidence.says, &evidence.name, world)?;
            let mut numbers = inputs(&program, world);
            let Some(parameter) = evidence.parameter.as_deref() else {
                said.push(Seen {
                    name: &evidence.name,
                    says: format!("{}: {says}", login.name),
                    parameter: None,
                    value: None,
                    when: &evidence.when,
                    formula: None,
                    inputs: numbers,
                    source: &evidence.source,
                });
                continue;
            };
            if running.of_sessions(&login.name, parameter).next().is_some() {
                continue;
            }
            add(&mut numbers, inputs(&compiled(&evidence.value, parameter, world)?, world));
            let found = value(&evidence.value, parameter, world)?;
            let text = text_of(parameter, &found)?;
            if running.takes(parameter, &text).is_err() {
                continue;
            }
            world.learn(format!("own.{parameter}"), found);
            plans.push(RolePlan {
                role: login.name.clone(),
                says,
                parameter,
                value: text,
                why: &evidence.why,
                when: &evidence.when,
                formula: &evidence.value,
                inputs: numbers,
                source: &evidence.source,
            });
        }
    }
    // they were told of by their sessions, which come and go
    plans.sort_by(|a: &RolePlan, b| a.role.cmp(&b.role));
    Ok((plans, said))
}

/// Makes a role known, and nothing of the one before it.
fn meet(recipe: &Recipe, running: &Running, login: &Login, world: &mut World) -> Result<(), TuneError> {
    world.forget("role");
    world.forget("own");
    for (name, value) in login.figures(&recipe.role_figures) {
        world.learn(format!("role.{name}"), value);
    }
    world.learn("role.wanted".into(), Value::Bool(running.wants(&login.name)));
    for term in &recipe.role_term {
        // what is not told of a role, of an older snapshot for one, leaves what is made from it unknown
        let program = compiled(&term.value, &term.name, world)?;
        let known = match program.value(world) {
            Ok(Answer::Known(value)) => Some(value),
            _ => None,
        };
        known.into_iter().for_each(|value| world.learn(format!("role.{}", term.name), value));
    }
    Ok(())
}

/// What holds of a parameter in the sessions of a role; `None` where it is not one value for all of them.
fn own(running: &Running, login: &Login, name: &str, world: &World) -> Option<Value> {
    if let Some(decided) = world.get(&format!("own.{name}")) {
        return Some(decided.clone());
    }
    let mut set = running.of_sessions(&login.name, name);
    match set.next() {
        None => world.get(&format!("was.{name}")).cloned(),
        Some(first) if set.all(|other| other == first) => running.read_as(name, first),
        Some(_) => None,
    }
}

fn text_of(parameter: &str, value: &Value) -> Result<String, TuneError> {
    let refused = || TuneError::Refused(parameter.to_owned(), format!("{value} is no value of a parameter"));
    written(value).ok_or_else(refused)
}

/// What may be set for the roles of programs, where no server was asked for them: the statements, for the roles that the
/// files name; `None` where there is nothing to say.
///
/// # Errors
/// The recipe cannot be read or computed.
pub fn unasked(input: &Input, server: Option<&Server>) -> Result<Option<String>, TuneError> {
    let recipe = recipe().map_err(TuneError::Recipe)?;
    let world = World::new(input);
    let is_set = |name: &String| server.is_some_and(|server| matches!(server.was(name, input.version), Was::Set(_)));
    if server.is_some_and(|server| server.running.is_some()) || !shows(&recipe.unasked.when, "a note", &world)? {
        return Ok(None);
    }
    let open = |one: &&RoleEvidence| !one.unless.iter().any(is_set);
    let mut statements = Vec::new();
    for evidence in recipe.role.iter().filter(open) {
        let (Some(parameter), Some(formula)) = (&evidence.parameter, &evidence.unasked) else { continue };
        let text = text_of(parameter, &value(formula, parameter, &world)?)?;
        statements.push(format!("SET {parameter} = '{text}'"));
    }
    let named = server.map(|server| server.users.as_slice()).unwrap_or_default();
    let roles: Vec<String> = match named {
        [] => vec!["name".to_owned()],
        named => named.iter().map(|name| quoted(name)).collect(),
    };
    let all = roles.iter().flat_map(|role| statements.iter().map(move |one| format!("ALTER ROLE {role} {one};")));
    let all: Vec<String> = all.collect();
    Ok((!all.is_empty()).then(|| format!("{} {}", recipe.unasked.text, all.join(" "))))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
