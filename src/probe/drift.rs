//! What a file says and the running server does not do.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::Snapshot;
use super::queries::may_hold_secrets;
use crate::analysis::Input;
use crate::model::{Effective, Name, Value, Written};
use crate::quantity::postgres::{Context, parameters};
use crate::workspace::Engine;

/// A parameter that a file sets otherwise than it is in force.
#[derive(Debug, Clone)]
pub struct Drift {
    /// The parameter.
    pub parameter: String,
    /// The attribute it is, and that of which server of the file.
    set: (usize, Name),
    /// The value in force.
    now: Value,
    /// What the server must do to follow the file.
    pub remedy: Remedy,
}

/// What lets a running server follow its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// To read its files again.
    Reload,
    /// To start anew.
    Restart,
    /// To give up what `ALTER SYSTEM` said.
    Reset,
    /// Another command line, or another environment.
    Start,
}

impl Remedy {
    fn word(self) -> &'static str {
        match self {
            Remedy::Reload => "reload",
            Remedy::Restart => "restart",
            Remedy::Reset => "reset",
            Remedy::Start => "start",
        }
    }
}

/// A name under which a snapshot is read.
const SNAPSHOT: &str = "running.probe.json";

/// The parameters that `file` sets otherwise than they are in force, added to `snapshot` as well. Commands and connection
/// strings are not compared: of these it is known only whether they are set.
pub fn drift(engine: &dyn Engine, snapshot: &mut Snapshot, file: &Input) -> Vec<Drift> {
    let running = Input { path: SNAPSHOT.into(), bytes: snapshot.text().into_bytes() };
    let running = engine.resources(vec![running], &[]).model;
    let Some(running) = running.resources.iter().find(|resource| &*resource.kind == "server") else {
        return Vec::new();
    };
    let of_file = engine.resources(vec![file.clone()], &[]).model;
    let servers = of_file.resources.iter().filter(|resource| &*resource.kind == "server");
    let (mut found, mut told) = (Vec::new(), Vec::new());
    for (index, server) in servers.enumerate() {
        for (attribute, said) in &server.attributes {
            let (Some((_, parameter)), Some(written)) = (attribute.split_once('.'), said.written.first()) else {
                continue;
            };
            let (Effective::Known(value), Effective::Known(now)) = (&said.effective, running.effective(attribute))
            else {
                continue;
            };
            if may_hold_secrets(parameter) || *value == now {
                continue;
            }
            let source = snapshot.json.pointer(&format!("/sources/{parameter}")).and_then(Json::as_str);
            let source = source.unwrap_or("default").to_owned();
            let in_force = snapshot.json.pointer(&format!("/settings/{parameter}")).and_then(Json::as_str);
            let remedy = remedy(&source, parameter, &snapshot.json);
            let line = file.bytes.iter().take(written.entry.start as usize).filter(|&&byte| byte == b'\n').count() + 1;
            told.push(json!({
                "parameter": parameter,
                "place": format!("{}:{line}", file.path),
                "said": as_written(file, written).unwrap_or_else(|| value.to_string()),
                "in_force": in_force.map_or_else(|| now.to_string(), str::to_owned),
                "source": source,
                "remedy": remedy.word(),
            }));
            let set = (index, attribute.clone());
            found.push(Drift { parameter: parameter.to_owned(), set, now, remedy });
        }
    }
    let list = snapshot.json.as_object_mut().map(|whole| whole.entry("drift").or_insert_with(|| json!([])));
    if let Some(Json::Array(list)) = list {
        list.extend(told);
    }
    found
}

/// A value as the file spells it, without quotes.
fn as_written(file: &Input, written: &Written) -> Option<String> {
    let bytes = file.bytes.get(written.value.start as usize..written.value.end as usize)?;
    let text = std::str::from_utf8(bytes).ok()?.trim_matches(['\'', '"']);
    (!text.is_empty() && !text.contains(char::is_control)).then(|| text.to_owned())
}

fn remedy(source: &str, parameter: &str, snapshot: &Json) -> Remedy {
    let pending = snapshot.pointer("/figures/restart_pending").and_then(Json::as_str).unwrap_or_default();
    let version = snapshot.pointer("/server/version").and_then(Json::as_str).unwrap_or_default();
    let major = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
    let at_start = || parameters().find(parameter, major).is_some_and(|known| known.context <= Context::Postmaster);
    let file = source.rsplit_once(':').map_or(source, |(file, _)| file);
    match source {
        "command line" | "environment variable" => Remedy::Start,
        _ if file.ends_with("postgresql.auto.conf") => Remedy::Reset,
        _ if pending.split(", ").any(|name| name == parameter) || at_start() => Remedy::Restart,
        _ => Remedy::Reload,
    }
}

/// What taking the running values into a file came to.
#[derive(Debug)]
pub struct Adopted {
    /// Its new text.
    pub text: String,
    /// The parameters that could not be written, each with the reason.
    pub refused: Vec<(String, String)>,
}

/// The text of `file` with the values in force; nothing else changes.
pub fn adopt(engine: &dyn Engine, file: &Input, drift: &[Drift]) -> Adopted {
    let sets: Vec<(usize, Arc<str>, Value)> =
        drift.iter().map(|one| (one.set.0, one.set.1.clone(), one.now.clone())).collect();
    let (text, refused) = engine.rewritten(file, "server", &sets);
    let name =
        |attribute: Arc<str>| attribute.split_once('.').map_or(attribute.to_string(), |(_, name)| name.to_owned());
    Adopted { text, refused: refused.into_iter().map(|(attribute, why)| (name(attribute), why)).collect() }
}
