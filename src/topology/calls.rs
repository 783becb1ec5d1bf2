//! Calls through several programs: whom a client reaches, how its retries multiply with those before it, and what it waits
//! for in the end.
//!
//! ```text
//! gateway ──5 requests──▶ orders ──5 requests──▶ stock: 25 requests for one, "gateway 5 × orders 5"
//! proxy ──4 requests──▶ orders ──3 requests──▶ stock: 12 requests for one, "proxy 4 × orders 3"
//! gateway waits 10 s for orders, which may wait 5 × 5 s for stock
//! proxy waits 5 s for the next byte of orders, which may wait 5 × 5 s for stock
//! proxy keeps idle connections to orders for 60 s, which keeps them for 5 s
//! ```
//!
//! A client without retries passes a request on once. What is not known counts as one request, so that a product is the
//! least that the most can be; a path never enters a container twice.

use super::Residents;
use super::bodies;
use super::demand::{derived, note};
use super::groups::{Groups, Pass};
use super::names::{Names, host_of, linked};
use crate::model::{Attribute, Confidence, Effective, Model, Origin, ResourceId, Value, Written};

/// Longer paths are cut.
const LONGEST: usize = 8;

/// So many steps are looked at for one call: where everything calls everything, not every path is.
const STEPS: usize = 2_000;

/// That a client, or the route of a proxy, in one container calls another container.
struct Call {
    from: usize,
    to: usize,
    client: ResourceId,
    requests: i64,
    /// What says how many, if anything does.
    repeats: Option<ResourceId>,
    /// Whether it is what follows of any call to its container, as far as can be told.
    follows: bool,
}

/// Retries along the way to a client, its own included.
#[derive(Clone, Default)]
struct Path {
    requests: i64,
    /// The clients that repeat.
    repeating: Vec<usize>,
}

/// Derives what follows of calls through several containers.
pub(super) fn derive(model: &mut Model, residents: &Residents, names: &Names) {
    let groups = Groups::of(model, residents);
    let passes = groups.passes(model, residents, names);
    let mut calls = calls(model, residents, names);
    let by_clients = calls.len();
    calls.extend(passes.iter().map(|pass| passed(model, &passes, pass)));
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); model.containers.len()];
    let mut out: Vec<Vec<usize>> = into.clone();
    for (index, call) in calls.iter().enumerate() {
        into[call.to].push(index);
        // a proxy waits for itself, whatever stands behind it
        if index < by_clients {
            out[call.from].push(index);
        }
    }
    for (index, call) in calls.iter().enumerate() {
        let path = most(&calls, &into, index, &mut vec![call.to, call.from], &mut { STEPS });
        if path.repeating.len() > 1 {
            multiplied(model, &calls, call, &path);
        }
        waits(model, &calls, &out[call.to], call);
    }
    bodies::derive(model, residents, &passes);
    for Pass { to, route, group, .. } in passes {
        if let Some(group) = group {
            idles(model, residents, route, group, to);
        }
    }
}

/// A pass as a call. It counts as a repeated one only where requests that were sent are repeated, whatever their method.
fn passed(model: &Model, passes: &[Pass], pass: &Pass) -> Call {
    let &Pass { from, to, route, .. } = pass;
    let said = model.get(route);
    let repeats = said.closed && said.value("repeats").is_some() && said.attribute("repeats_withheld").is_none();
    let requests = match said.value("requests_per_call") {
        Some(Value::Int(requests)) if repeats => (*requests).max(1),
        _ => 1,
    };
    // which of its routes a call to a proxy takes is not known
    let follows = passes.iter().all(|other| other.from != from || other.to == to);
    Call { from, to, client: route, requests, repeats: Some(route), follows }
}

/// The calls of clients that are in use, by their host names.
fn calls(model: &Model, residents: &Residents, names: &Names) -> Vec<Call> {
    let mut calls = Vec::new();
    for from in 0..model.containers.len() {
        for client in residents.kind(model, from, "client") {
            let resource = model.get(client);
            let is_off = resource.value("enabled") == Some(&Value::Bool(false));
            let is_rehearsal = resource.value("throwaway") == Some(&Value::Bool(true));
            if is_off || is_rehearsal || resource.profile.is_some() {
                continue;
            }
            let Some(host) = host_of(model, client) else { continue };
            let Some(to) = names.find(&model.containers[from], &host).filter(|&to| to != from) else { continue };
            let repeats = linked(model, client, "retry");
            let requests = match repeats.and_then(|retry| model.get(retry).value("requests_per_call")) {
                Some(Value::Int(requests)) => (*requests).max(1),
                _ => 1,
            };
            calls.push(Call { from, to, client, requests, repeats, follows: true });
        }
    }
    calls
}

/// The most requests that one at the start of a path to `call` may become.
fn most(calls: &[Call], into: &[Vec<usize>], call: usize, entered: &mut Vec<usize>, left: &mut usize) -> Path {
    let own = &calls[call];
    let mut best = Path { requests: 1, repeating: Vec::new() };
    if entered.len() <= LONGEST && own.follows {
        for &before in &into[own.from] {
            if entered.contains(&calls[before].from) || *left == 0 {
                continue;
            }
            *left -= 1;
            entered.push(calls[before].from);
            let path = most(calls, into, before, entered, left);
            entered.pop();
            if path.requests > best.requests {
                best = path;
            }
        }
    }
    if own.requests > 1 {
        best.requests = best.requests.saturating_mul(own.requests);
        best.repeating.push(call);
    }
    best
}

fn multiplied(model: &mut Model, calls: &[Call], call: &Call, path: &Path) {
    let mut written = Vec::new();
    let mut confidence = Confidence::Certain;
    let mut parts = Vec::new();
    for &at in &path.repeating {
        let name = model.containers[calls[at].from].name.clone();
        parts.push(format!("{name} {}", calls[at].requests));
        confidence = confidence.min(model.get(calls[at].client).confidence);
        if let Some(repeats) = calls[at].repeats {
            note(model.get(repeats), "requests_per_call", &name, "requests per call", &mut written, &mut confidence);
        }
    }
    let mut set = |name: &str, value: Value| {
        let attribute = derived(Effective::Known(value), written.clone(), confidence);
        model.get_mut(call.client).attributes.insert(name.into(), attribute);
    };
    set("requests_along_path", Value::Int(path.requests));
    set("requests_along_path_from", Value::text(&parts.join(" × ")));
}

/// The longest that the program behind `call` may wait for one of its own calls.
fn waits(model: &mut Model, calls: &[Call], out: &[usize], call: &Call) {
    let mut longest: Option<(i64, &Call)> = None;
    for next in out.iter().map(|&next| &calls[next]).filter(|next| next.to != call.from) {
        let Some(Value::Duration(each)) = model.get(next.client).value("timeout") else { continue };
        let all = each.saturating_mul(next.requests);
        if longest.is_none_or(|(most, _)| all > most) {
            longest = Some((all, next));
        }
    }
    let Some((all, next)) = longest else { return };
    let name = model.containers[next.from].name.clone();
    let mut confidence = model.get(next.client).confidence.min(model.get(call.client).confidence);
    let mut written: Vec<Written> = Vec::new();
    note(model.get(next.client), "timeout", &name, "a call of its own", &mut written, &mut confidence);
    if let Some(repeats) = next.repeats {
        note(model.get(repeats), "requests_per_call", &name, "requests per call", &mut written, &mut confidence);
    }
    let times = if next.requests > 1 { format!("{} × ", next.requests) } else { String::new() };
    let each = Value::Duration(all / next.requests);
    let text = format!("{name} waits up to {times}{each} for {}", model.containers[next.to].name);
    let mut set = |name: &str, value: Value| {
        let attribute = derived(Effective::Known(value), written.clone(), confidence);
        model.get_mut(call.client).attributes.insert(name.into(), attribute);
    };
    set("callee_wait", Value::Duration(all));
    set("callee_wait_from", Value::text(&text));
}

/// How long the group of a route, and the program behind it, keep a connection between two requests.
fn idles(model: &mut Model, residents: &Residents, route: ResourceId, group: ResourceId, to: usize) {
    let reused = Value::text("reused");
    let is_reused = model.get(group).value("server_connections") == Some(&reused);
    if !is_reused && !matches!(model.get(group).value("idle_connections"), Some(Value::Int(1..))) {
        return;
    }
    let Some(kept) = model.get(group).attribute("idle_timeout").cloned() else { return };
    let callee = &model.containers[to];
    let listeners: Vec<ResourceId> = residents.kind(model, to, "listener").collect();
    let found = match (callee.workload, listeners.as_slice()) {
        (_, [listener]) => model.get(*listener).attribute("idle_timeout"),
        (Some(workload), []) => model.get(workload).attribute("keep_alive"),
        _ => None,
    };
    let Some(found) = found.cloned() else { return };
    let Effective::Known(value) = &found.effective else { return };
    let by = found.written.first().map_or("", |written| &written.key);
    let by = if matches!(found.origin, Origin::Default { .. }) { format!("{by}'s default") } else { by.to_string() };
    let text = format!("{} for {value} ({by})", callee.name);
    let place = |attribute: &Attribute, label: String| {
        attribute.written.first().map(|written| Written { key: label.as_str().into(), ..written.clone() })
    };
    let mut written: Vec<Written> =
        place(&found, format!("{} keeps them for {value} ({by})", callee.name)).into_iter().collect();
    let own = model.get(group);
    let connections = own.attribute("idle_connections").and_then(|kept| place(kept, "connections are kept".into()));
    let themselves = is_reused.then(|| Written::new(own.location, own.location, "connections are kept"));
    written.extend(place(&kept, "how long they are kept".into()).or(connections).or(themselves));
    let confidence = own.confidence.min(kept.confidence).min(found.confidence);
    // of several servers the one that gives up first
    let route = model.get_mut(route);
    if let (Some(Value::Duration(known)), Value::Duration(new)) = (route.value("callee_keep_alive"), value)
        && known <= new
    {
        return;
    }
    if is_reused {
        let by_itself = derived(Effective::Known(reused), Vec::new(), confidence);
        route.attributes.insert("server_connections".into(), by_itself);
    }
    for (name, value) in [
        ("kept_idle", kept.effective.clone()),
        ("callee_keep_alive", found.effective.clone()),
        ("callee_keep_alive_from", Effective::Known(Value::text(&text))),
    ] {
        route.attributes.insert(name.into(), derived(value, written.clone(), confidence));
    }
}
