//! Fixes of a running server as a script to read and run: `ALTER SYSTEM`, and what it takes to be in force.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::Snapshot;
use super::drift::{Drift, Remedy};
use crate::quantity::postgres::{Context, parameters};

/// The statements that lead from a snapshot's settings to those of `after`, the text of a snapshot with other settings, and
/// that let the server follow the files it drifted from; `None` where there are none.
pub fn script(before: &Snapshot, after: Option<&str>, drift: &[Drift]) -> Option<String> {
    let settings = |value: &Value| -> Option<Map<String, Value>> { value.get("settings")?.as_object().cloned() };
    let old = settings(&before.json)?;
    let new = after.and_then(|text| settings(&serde_json::from_str(text).ok()?)).unwrap_or_else(|| old.clone());
    let version = before.json.get("server")?.get("version")?.as_str()?;
    let major = version.split('.').next()?.parse().ok()?;
    let mut statements = String::new();
    let (mut restart, mut reload, mut start) = (Vec::new(), false, Vec::new());
    for (name, value) in &new {
        let Some(value) = value.as_str().filter(|value| old.get(name).and_then(Value::as_str) != Some(*value)) else {
            continue;
        };
        // only what the server knows is a name, so nothing else is ever put into a statement
        let Some(parameter) = parameters().find(name, major) else { continue };
        let was = one_line(old.get(name).and_then(Value::as_str).unwrap_or("the default"));
        let value = value.replace('\'', "''");
        let _ = writeln!(statements, "ALTER SYSTEM SET {} = '{value}'; -- was {was}", parameter.name);
        reload = true;
        if parameter.context <= Context::Postmaster {
            restart.push(parameter.name.as_str());
        }
    }
    for one in drift {
        let Some(parameter) = parameters().find(&one.parameter, major) else { continue };
        let name = parameter.name.as_str();
        match one.remedy {
            _ if new.get(name) != old.get(name) => continue, // the fix comes first
            Remedy::Reset => {
                let _ = writeln!(statements, "ALTER SYSTEM RESET {name}; -- the file is followed again");
                if parameter.context <= Context::Postmaster {
                    restart.push(name);
                }
                reload = true;
            }
            Remedy::Reload => reload = true,
            Remedy::Restart => restart.push(name),
            Remedy::Start => start.push(name),
        }
    }
    if !reload && restart.is_empty() && start.is_empty() {
        return None;
    }
    let name = one_line(before.json.get("server")?.get("name")?.as_str().unwrap_or_default());
    let version = one_line(version);
    let mut text = format!(
        "-- Fixes for PostgreSQL {version} at {name}. Read before you run it as a superuser; trueup changes no server.\n"
    );
    text.push_str(&statements);
    if reload {
        text.push_str("SELECT pg_reload_conf();\n");
    }
    for (names, how) in [(restart, "at the next restart"), (start, "when the server is started with other options")] {
        if !names.is_empty() {
            let verb = if names.len() == 1 { "takes" } else { "take" };
            let _ = writeln!(text, "-- {} {verb} effect {how}.", names.join(", "));
        }
    }
    Some(text)
}

/// What may stand in a comment.
fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

#[cfg(test)]
mod tests {
    use super::{Snapshot, script};

    #[test]
    fn what_differs_becomes_a_statement() {
        let of = |settings: &str| {
            let text =
                format!("{{\"server\": {{\"name\": \"db\", \"version\": \"16.2\"}}, \"settings\": {{{settings}}}}}");
            Snapshot { name: "db".into(), json: serde_json::from_str(&text).expect("JSON"), unseen: Vec::new() }
        };
        let before = of("\"autovacuum\": \"off\", \"work_mem\": \"4MB\"");
        let after =
            of("\"autovacuum\": \"on\", \"work_mem\": \"4MB\", \"shared_buffers\": \"1GB\", \"x; DROP\": \"1\"");
        let text = script(&before, Some(&after.text()), &[]).expect("a script");
        assert!(text.contains("ALTER SYSTEM SET autovacuum = 'on'; -- was off\n"), "{text}");
        assert!(text.contains("-- shared_buffers takes effect at the next restart.\n"), "{text}");
        assert!(!text.contains("DROP") && !text.contains("work_mem"), "{text}");
        assert_eq!(script(&before, None, &[]), None);
    }
}
