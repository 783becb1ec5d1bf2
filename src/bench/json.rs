//! The outcome for programs: all of it, with its version.

use serde::Serialize;
use serde_json::Value;

use super::outcome::Outcome;
use crate::report::{Redacted, Redactor};

/// Raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

pub(super) fn render(outcome: &Outcome, redact: Redactor<'_>) -> String {
    let mut value = serde_json::to_value(Written { version: VERSION, outcome })
        .expect("strings, numbers and lists always serialize");
    masked(&mut value, redact);
    format!("{value:#}\n")
}

/// Redacts every text; how deep they nest is given by the types.
fn masked(value: &mut Value, redact: Redactor<'_>) {
    match value {
        Value::String(text) => *text = Redacted::words(text, redact).as_str().to_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| masked(item, redact)),
        Value::Object(fields) => fields.values_mut().for_each(|field| masked(field, redact)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
