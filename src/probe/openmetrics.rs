//! The key figures of snapshots as OpenMetrics text, for a textfile collector.
//!
//! Names, types and units as <https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md> asks: a
//! unit is the name's end, a counter's samples end in `_total`, labels are escaped, and `# EOF` closes.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;

use super::Snapshot;
use super::queries::{self, Moves};

/// The figures of `snapshots`, and for each of `silent`, a server's name, that it did not answer.
pub fn openmetrics(snapshots: &[Snapshot], silent: &[String]) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "# TYPE trueup_postgres_up gauge\n# HELP trueup_postgres_up Whether the server answered.");
    for snapshot in snapshots {
        let _ = writeln!(text, "trueup_postgres_up{{server=\"{}\"}} 1", label(&snapshot.name));
    }
    for name in silent {
        let _ = writeln!(text, "trueup_postgres_up{{server=\"{}\"}} 0", label(name));
    }
    let mut samples: BTreeMap<&str, Vec<(&str, i64)>> = BTreeMap::new();
    for snapshot in snapshots {
        let figures = snapshot.json.get("figures").and_then(Value::as_object).into_iter().flatten();
        for (name, value) in figures {
            if let Some(value) = value.as_i64() {
                samples.entry(name).or_default().push((&snapshot.name, value));
            }
        }
    }
    for (name, of_servers) in samples {
        let Some(figure) = queries::figure(name) else { continue };
        let (kind, end) = match figure.kind {
            Moves::Gauge => ("gauge", ""),
            Moves::Counter => ("counter", "_total"),
            Moves::Text => continue,
        };
        let metric = format!("trueup_postgres_{name}");
        let _ = writeln!(text, "# TYPE {metric} {kind}");
        if let Some(unit) = ["seconds", "bytes"].into_iter().find(|unit| name.ends_with(&format!("_{unit}"))) {
            let _ = writeln!(text, "# UNIT {metric} {unit}");
        }
        let _ = writeln!(text, "# HELP {metric} {}", sentence(&figure.help));
        for (server, value) in of_servers {
            let _ = writeln!(text, "{metric}{end}{{server=\"{}\"}} {value}", label(server));
        }
    }
    text.push_str("# EOF\n");
    text
}

/// What may stand between the quotes of a label.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", chars.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_become_metrics() {
        let of = |name: &str, deadlocks: i64| Snapshot {
            name: name.into(),
            json: json!({ "figures": { "deadlocks": deadlocks, "slot_wal_bytes": 7, "restart_pending": "", "unknown": 1 } }),
            unseen: Vec::new(),
        };
        let text = openmetrics(&[of("a:5432/x", 1), of("b\"c", 2)], &["gone:5432/x".into()]);
        let expected = "# TYPE trueup_postgres_up gauge\n\
             # HELP trueup_postgres_up Whether the server answered.\n\
             trueup_postgres_up{server=\"a:5432/x\"} 1\n\
             trueup_postgres_up{server=\"b\\\"c\"} 1\n\
             trueup_postgres_up{server=\"gone:5432/x\"} 0\n\
             # TYPE trueup_postgres_deadlocks counter\n\
             # HELP trueup_postgres_deadlocks Deadlocks.\n\
             trueup_postgres_deadlocks_total{server=\"a:5432/x\"} 1\n\
             trueup_postgres_deadlocks_total{server=\"b\\\"c\"} 2\n\
             # TYPE trueup_postgres_slot_wal_bytes gauge\n\
             # UNIT trueup_postgres_slot_wal_bytes bytes\n";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.ends_with("trueup_postgres_slot_wal_bytes{server=\"b\\\"c\"} 7\n# EOF\n"), "{text}");
    }
}
