//! A plan for programs.

use serde_json::{Map, Value, json as object};

use super::{Plan, Server, Sourced, TableOption, Was};

/// One object: `version`, `server`, `inputs`, `settings`, `terms`, `budget`, `seen`, `tables`, `roles`, `notes`, `warnings`. Sizes are in bytes. `was` is what a
/// setting was on the server: `null` where that was not seen.
pub fn json(plan: &Plan, inputs: &[Sourced], server: Option<&Server>) -> String {
    let named = |inputs: &[(String, String)]| -> Map<String, Value> {
        inputs.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect()
    };
    let inputs: Map<String, Value> = inputs
        .iter()
        .map(|input| (input.name.to_owned(), object!({ "value": input.value, "origin": input.origin })))
        .collect();
    let settings: Vec<Value> = plan
        .settings
        .iter()
        .map(|setting| {
            let was = match server.map(|server| server.was(setting.parameter, plan.version)) {
                Some(Was::Set(said)) => object!({ "value": said.text, "origin": said.place }),
                Some(Was::Default(value)) => object!({ "value": value, "origin": "default" }),
                Some(Was::Unseen) | None => Value::Null,
            };
            object!({
                "parameter": setting.parameter,
                "value": setting.value,
                "why": setting.why,
                "formula": setting.formula.trim(),
                "inputs": named(&setting.inputs),
                "source": setting.source,
                "restart": setting.needs_restart,
                "default": setting.is_default,
                "was": was,
                "changes": server.is_none_or(|server| server.changes(setting, plan.version)),
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
    let seen: Vec<Value> = plan
        .seen
        .iter()
        .map(|seen| {
            object!({
                "name": seen.name,
                "says": seen.says,
                "parameter": seen.parameter,
                "value": seen.value,
                "when": seen.when.trim(),
                "formula": seen.formula.map(str::trim),
                "inputs": named(&seen.inputs),
                "source": seen.source,
            })
        })
        .collect();
    let tables: Vec<Value> = plan
        .tables
        .iter()
        .map(|table| {
            let option = |option: &TableOption| {
                object!({ "name": option.name, "value": option.value, "was": option.was, "formula": option.formula.trim() })
            };
            object!({
                "database": table.database,
                "schema": table.schema,
                "name": table.name,
                "says": table.says,
                "options": table.options.iter().map(option).collect::<Vec<_>>(),
                "inputs": named(&table.inputs),
                "source": table.source,
            })
        })
        .collect();
    let roles: Vec<Value> = plan
        .roles
        .iter()
        .map(|role| {
            object!({
                "role": role.role,
                "says": role.says,
                "parameter": role.parameter,
                "value": role.value,
                "why": role.why,
                "when": role.when.trim(),
                "formula": role.formula.trim(),
                "inputs": named(&role.inputs),
                "source": role.source,
            })
        })
        .collect();
    let whole = object!({
        "version": plan.version,
        "server": server.map(|server| object!({ "name": server.name, "place": server.place })),
        "inputs": inputs,
        "settings": settings,
        "terms": terms,
        "budget": budget,
        "seen": seen,
        "tables": tables,
        "roles": roles,
        "notes": plan.notes,
        "warnings": plan.warnings,
    });
    format!("{whole:#}\n")
}
