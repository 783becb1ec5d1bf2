//! A snapshot held against an earlier one of the same server: what changed, and which figure got worse.

use serde_json::{Map, Value, json};

use super::Snapshot;
use super::queries::{self, Moves};

/// How much a figure that moves both ways must have grown to be worse.
const GROWTH: f64 = 1.5;

/// Adds to `snapshot` how it differs from the one in `text`, which `file` holds.
///
/// # Errors
/// The text is no snapshot, or one of another server.
pub fn compare(snapshot: &mut Snapshot, file: &str, text: &str) -> Result<(), String> {
    let earlier: Value =
        serde_json::from_str(text).map_err(|error| format!("{file}:{}: is no JSON: {error}", error.line()))?;
    let server = |value: &Value, key: &str| value.get("server").and_then(|server| server.get(key)).cloned();
    let Some(name) = earlier.get("trueup-probe").and(server(&earlier, "name")) else {
        return Err(format!("{file} is no snapshot: save one with `trueup probe --save {file}`"));
    };
    if name.as_str() != Some(&snapshot.name) {
        let name = name.as_str().unwrap_or_default();
        return Err(format!("{file} is a snapshot of {name}, not of {}", snapshot.name));
    }
    let epoch = |value: &Value| server(value, "epoch").and_then(|epoch| epoch.as_i64());
    let seconds = epoch(&snapshot.json).zip(epoch(&earlier)).map(|(now, then)| (now - then).max(0));
    let said = json!({
        "taken": server(&earlier, "taken"),
        "seconds": seconds,
        "changed": changed(&earlier, &snapshot.json),
        "worse": worse(&earlier, &snapshot.json, seconds),
    });
    if let Some(whole) = snapshot.json.as_object_mut() {
        whole.insert("since".into(), said);
    }
    Ok(())
}

/// What is set otherwise: of the server, then of roles and databases.
fn changed(then: &Value, now: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let version = |value: &Value| value.pointer("/server/version").cloned();
    if version(then) != version(now) {
        found.push(json!({ "what": "the version", "from": version(then), "to": version(now) }));
    }
    let none = Map::new();
    let (old, new) = (settings(then).unwrap_or(&none), settings(now).unwrap_or(&none));
    found.extend(differences(old, new, ""));
    let (old, new) = (of_roles(then), of_roles(now));
    for (whose, settings) in &new {
        let before = old.iter().find(|(known, _)| known == whose).map_or(&none, |(_, settings)| settings);
        found.extend(differences(before, settings, whose));
    }
    for (whose, settings) in old.iter().filter(|(whose, _)| new.iter().all(|(known, _)| known != whose)) {
        found.extend(differences(settings, &none, whose));
    }
    found
}

fn differences(old: &Map<String, Value>, new: &Map<String, Value>, whose: &str) -> Vec<Value> {
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    let differs = names.filter(|name| old.get(*name) != new.get(*name));
    let value = |settings: &Map<String, Value>, name: &String| settings.get(name).cloned().unwrap_or("unset".into());
    let what = |name: &String| if whose.is_empty() { name.clone() } else { format!("{name} of {whose}") };
    differs.map(|name| json!({ "what": what(name), "from": value(old, name), "to": value(new, name) })).collect()
}

fn settings(snapshot: &Value) -> Option<&Map<String, Value>> {
    snapshot.get("settings")?.as_object()
}

/// Whose settings, and which.
fn of_roles(snapshot: &Value) -> Vec<(String, Map<String, Value>)> {
    let entry = |entry: &Value| {
        let part = |key: &str| entry.get(key).and_then(Value::as_str).map(|name| format!("{key} {name}"));
        let whose = [part("role"), part("database")].into_iter().flatten().collect::<Vec<_>>().join(" in ");
        Some((whose, entry.get("settings")?.as_object()?.clone()))
    };
    snapshot.get("roles").and_then(Value::as_array).into_iter().flatten().filter_map(entry).collect()
}

/// The figures that grew and should not have.
fn worse(then: &Value, now: &Value, seconds: Option<i64>) -> Vec<Value> {
    let figures = |snapshot: &Value| snapshot.get("figures").and_then(Value::as_object).cloned().unwrap_or_default();
    let (then, now) = (figures(then), figures(now));
    let restarted = now.get("uptime_seconds").and_then(Value::as_i64).zip(seconds).is_some_and(|(up, past)| up < past);
    let mut found = Vec::new();
    for (name, value) in &now {
        let Some(figure) = queries::figure(name) else { continue };
        let (Some(least), Some(new)) = (figure.worse_from(), value.as_i64()) else { continue };
        let Some(old) = then.get(name).and_then(Value::as_i64) else { continue };
        let grown = match figure.kind {
            // a crash resets statistics, and what was counted before is gone
            Moves::Counter => new - old >= least && !(restarted && old == 0),
            Moves::Gauge => new >= least && new as f64 >= old as f64 * GROWTH && new > old,
            Moves::Text => false,
        };
        if grown {
            found.push(json!({ "figure": name, "help": figure.help, "from": old, "to": new, "seconds": seconds }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(work_mem: &str, deadlocks: i64, slots: i64, epoch: i64) -> Snapshot {
        let json = json!({
            "trueup-probe": 1,
            "server": { "name": "db:5432/shop", "version": "16.2", "epoch": epoch },
            "settings": { "work_mem": work_mem, "autovacuum": "on" },
            "roles": [{ "role": "app", "settings": { "lock_timeout": "2s" } }],
            "figures": { "deadlocks": deadlocks, "inactive_slots": slots, "connections": 5, "uptime_seconds": 90000 },
        });
        Snapshot { name: "db:5432/shop".into(), json, unseen: Vec::new() }
    }

    #[test]
    fn what_changed_and_what_grew_is_told() {
        let earlier = snapshot("4MB", 3, 1, 1000);
        let mut now = snapshot("64MB", 9, 1, 8200);
        now.json["roles"] = json!([]);
        compare(&mut now, "old.json", &earlier.text()).expect("they are of one server");
        assert_eq!(now.json["since"]["seconds"], 7200);
        let changed = [
            json!({ "what": "work_mem", "from": "4MB", "to": "64MB" }),
            json!({ "what": "lock_timeout of role app", "from": "2s", "to": "unset" }),
        ];
        assert_eq!(now.json["since"]["changed"], json!(changed));
        let worse = now.json["since"]["worse"].as_array().expect("a list");
        assert_eq!(worse.len(), 1, "{worse:?}");
        assert_eq!(
            (&worse[0]["figure"], &worse[0]["from"], &worse[0]["to"]),
            (&json!("deadlocks"), &json!(3), &json!(9))
        );
    }

    #[test]
    fn only_snapshots_of_the_same_server_are_compared() {
        let mut now = snapshot("4MB", 0, 0, 0);
        for (text, said) in [
            ("{", "old.json:1: is no JSON"),
            ("{}", "old.json is no snapshot: save one with `trueup probe --save old.json`"),
            (
                "{\"trueup-probe\": 1, \"server\": {\"name\": \"b:1/x\"}}",
                "old.json is a snapshot of b:1/x, not of db:5432/shop",
            ),
        ] {
            let error = compare(&mut now, "old.json", text).expect_err("it is refused");
            assert!(error.starts_with(said), "{error}");
        }
    }
}
