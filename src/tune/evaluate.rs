//! Expressions and messages of the recipe, with what is known so far.

use super::TuneError;
use super::world::World;
use crate::condition::{Answer, Outcome, Program, Template, compile};
use crate::model::Value;

/// An expression, ready to be asked.
pub(super) fn compiled(source: &str, step: &str, world: &World) -> Result<Program, TuneError> {
    compile(source, world).map_err(|error| TuneError::Expression(step.to_owned(), error.to_string()))
}

/// What an expression comes to.
pub(super) fn value(source: &str, step: &str, world: &World) -> Result<Value, TuneError> {
    answer(&compiled(source, step, world)?, step, world)
}

/// The size that an expression comes to.
pub(super) fn bytes(source: &str, step: &str, world: &World) -> Result<i64, TuneError> {
    match value(source, step, world)? {
        Value::Size(bytes) => Ok(bytes),
        other => Err(TuneError::Expression(step.to_owned(), format!("{other} is no size"))),
    }
}

/// What a program comes to.
pub(super) fn answer(program: &Program, step: &str, world: &World) -> Result<Value, TuneError> {
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

/// Whether a condition holds, which has to be known.
pub(super) fn holds(source: &str, step: &str, world: &World) -> Result<bool, TuneError> {
    match compiled(source, step, world)?.judge(world) {
        Outcome::True => Ok(true),
        Outcome::False => Ok(false),
        Outcome::Unknown(_) => Err(TuneError::Expression(step.to_owned(), "it is neither true nor false".into())),
        Outcome::Error(error) => Err(TuneError::Expression(step.to_owned(), error.to_string())),
    }
}

/// Whether a condition on what a server showed holds: not where it did not show it.
pub(super) fn shows(source: &str, step: &str, world: &World) -> Result<bool, TuneError> {
    match compiled(source, step, world)?.judge(world) {
        Outcome::True => Ok(true),
        Outcome::False | Outcome::Unknown(_) => Ok(false),
        Outcome::Error(error) => Err(TuneError::Expression(step.to_owned(), error.to_string())),
    }
}

/// A message with the values of its expressions.
pub(super) fn rendered(text: &str, step: &str, world: &World) -> Result<String, TuneError> {
    let failed = |why: String| TuneError::Expression(step.to_owned(), why);
    let template = Template::compile(text, world).map_err(|error| failed(error.to_string()))?;
    template.render(world).map_err(|error| failed(format!("{error:?}")))
}

/// The names in an expression that have values, and these.
pub(super) fn inputs(program: &Program, world: &World) -> Vec<(String, String)> {
    let known = |reference: &crate::condition::Reference| {
        let value = super::written::shown(world.get(reference.name())?)?;
        Some((reference.name().to_string(), value))
    };
    program.references().iter().filter_map(known).collect()
}
