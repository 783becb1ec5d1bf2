//! Fixes of a running server as a script to read and run: `ALTER SYSTEM`, and what it takes to be in force.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::quantity::postgres::{Context, parameters};

/// The statements that lead from one snapshot's settings to another's; `None` where they say the same, or are no snapshots.
pub fn script(before: &str, after: &str) -> Option<String> {
    let (before, after): (Value, Value) = (serde_json::from_str(before).ok()?, serde_json::from_str(after).ok()?);
    let settings = |value: &Value| -> Option<Map<String, Value>> { value.get("settings")?.as_object().cloned() };
    let (old, new) = (settings(&before)?, settings(&after)?);
    let version = before.get("server")?.get("version")?.as_str()?;
    let major = version.split('.').next()?.parse().ok()?;
    let mut statements = String::new();
    let mut restart = Vec::new();
    for (name, value) in &new {
        let Some(value) = value.as_str().filter(|value| old.get(name).and_then(Value::as_str) != Some(*value)) else {
            continue;
        };
        // only what the server knows is a name, so nothing else is ever put into a statement
        let Some(parameter) = parameters().find(name, major) else { continue };
        let was = one_line(old.get(name).and_then(Value::as_str).unwrap_or("the default"));
        let _ =
            writeln!(statements, "ALTER SYSTEM SET {} = '{}'; -- was {was}", parameter.name, value.replace('\'', "''"));
        if parameter.context <= Context::Postmaster {
            restart.push(parameter.name.as_str());
        }
    }
    if statements.is_empty() {
        return None;
    }
    let name = one_line(before.get("server")?.get("name")?.as_str().unwrap_or_default());
    let version = one_line(version);
    let mut text = format!(
        "-- Fixes for PostgreSQL {version} at {name}. Read before you run it as a superuser; trueup changes no server.\n"
    );
    text.push_str(&statements);
    text.push_str("SELECT pg_reload_conf();\n");
    if !restart.is_empty() {
        let _ = writeln!(text, "-- {} takes effect at the next restart.", restart.join(", "));
    }
    Some(text)
}

/// What may stand in a comment.
fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

#[cfg(test)]
mod tests {
    use super::script;

    #[test]
    fn what_differs_becomes_a_statement() {
        let of = |settings: &str| {
            format!("{{\"server\": {{\"name\": \"db\", \"version\": \"16.2\"}}, \"settings\": {{{settings}}}}}")
        };
        let before = of("\"autovacuum\": \"off\", \"work_mem\": \"4MB\"");
        let after =
            of("\"autovacuum\": \"on\", \"work_mem\": \"4MB\", \"shared_buffers\": \"1GB\", \"x; DROP\": \"1\"");
        let text = script(&before, &after).expect("a script");
        assert!(text.contains("ALTER SYSTEM SET autovacuum = 'on'; -- was off\n"), "{text}");
        assert!(text.contains("-- shared_buffers takes effect at the next restart.\n"), "{text}");
        assert!(!text.contains("DROP") && !text.contains("work_mem"), "{text}");
        assert_eq!(script(&before, &before), None);
    }
}
