//! A plan for programs.

use serde_json::{Map, Value, json as object};

use super::{Plan, Sourced};

/// One object: `version`, `inputs`, `settings`, `terms`, `budget`, `warnings`. Sizes are in bytes.
pub fn json(plan: &Plan, inputs: &[Sourced]) -> String {
    let inputs: Map<String, Value> = inputs
        .iter()
        .map(|input| (input.name.to_owned(), object!({ "value": input.value, "origin": input.origin })))
        .collect();
    let settings: Vec<Value> = plan
        .settings
        .iter()
        .map(|setting| {
            let inputs: Map<String, Value> =
                setting.inputs.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
            object!({
                "parameter": setting.parameter,
                "value": setting.value,
                "why": setting.why,
                "formula": setting.formula.trim(),
                "inputs": inputs,
                "source": setting.source,
                "restart": setting.needs_restart,
                "default": setting.is_default,
            })
        })
        .collect();
    let terms: Vec<Value> = plan
        .terms
        .iter()
        .map(|term| object!({ "name": term.name, "bytes": term.bytes, "formula": term.formula.trim() }))
        .collect();
    let parts: Vec<Value> =
        plan.budget.parts.iter().map(|part| object!({ "name": part.name, "bytes": part.bytes })).collect();
    let budget = object!({ "parts": parts, "sum": plan.budget.sum(), "limit": plan.budget.limit });
    let whole = object!({
        "version": plan.version,
        "inputs": inputs,
        "settings": settings,
        "terms": terms,
        "budget": budget,
        "warnings": plan.warnings,
    });
    format!("{whole:#}\n")
}
