//! The connections that all clients of a server or pooler may open together.
//!
//! ```text
//! of one container   replicas × processes × min(pools, threads)
//! of a server        the sum over its containers; behind a pooler, what the pooler opens
//! ```
//!
//! What is not known is at least nothing: the sum is then a lower bound, and only a limit below that is violated.

use std::collections::BTreeMap;

use super::Residents;
use super::count::Count;
use super::names::{Edge, linked};
use super::pooled::{self, Upstream};
use crate::model::{
    Attribute, Confidence, Declaration, Effective, Model, Origin, Resource, ResourceId, Value, Written,
};

/// What one container asks.
pub(super) struct Part {
    count: Count,
    /// The same when as many replicas run as the autoscaler or a rollout may start.
    peak: Count,
    text: String,
    peak_text: String,
    /// How often the pools are there at a peak.
    most: Count,
    written: Vec<Written>,
    confidence: Confidence,
    /// The sizes that are in it as factors; `None` where one is written nowhere.
    sizes: Option<Vec<Sized>>,
    /// How many databases of poolers a limit for each would bound, where nothing else does.
    unbounded: Option<i64>,
}

/// The size of a pool.
#[derive(Clone)]
pub(super) struct Sized {
    size: i64,
    /// How many pools of this size there are at most.
    times: i64,
    /// Where it is written.
    written: Written,
}

impl Part {
    /// `factors` times `each`; with the `most` factors at a peak.
    pub(super) fn new(
        name: &str,
        factors: &[Count],
        most: &[Count],
        each: Count,
        written: Vec<Written>,
        confidence: Confidence,
    ) -> Part {
        let product = |factors: &[Count]| factors.iter().fold(each, |product, factor| product.times(*factor));
        let text = |factors: &[Count]| {
            let said = factors.iter().filter(|factor| **factor != Count::exactly(1) && **factor != Count::at_least(1));
            let said: Vec<String> = said.copied().chain([each]).map(Count::text).collect();
            format!("{name} {}", said.join(" × "))
        };
        Part {
            count: product(factors),
            peak: product(most),
            text: text(factors),
            peak_text: text(most),
            most: most.iter().fold(Count::exactly(1), |product, factor| product.times(*factor)),
            written,
            confidence,
            sizes: None,
            unbounded: None,
        }
    }

    /// The same of a pooler, so many of whose databases have no limit.
    pub(super) fn of_unbounded(self, unbounded: Option<i64>) -> Part {
        Part { unbounded, ..self }
    }

    /// The same with the sizes that it comes from, as many as there are of one at a time.
    pub(super) fn of_sizes(self, sizes: Option<Vec<Sized>>) -> Part {
        let times = |one: Sized| Some(Sized { times: one.times.checked_mul(self.most.high?)?, ..one });
        Part { sizes: sizes.and_then(|sizes| sizes.into_iter().map(times).collect()), ..self }
    }
}

/// Adds the sizes that `attributes` set, each of `times` pools; there are none any more where one has a value that is written
/// nowhere.
pub(super) fn sized(resource: &Resource, attributes: &[&str], times: usize, sizes: &mut Option<Vec<Sized>>) {
    let times = i64::try_from(times).unwrap_or(i64::MAX);
    for attribute in attributes.iter().filter_map(|attribute| resource.attribute(attribute)) {
        match (&attribute.effective, attribute.written.first()) {
            (Effective::Known(Value::Int(0)), _) => {}
            (Effective::Known(Value::Int(size)), Some(written)) => {
                let one = Sized { size: *size, times, written: written.clone() };
                sizes.iter_mut().for_each(|sizes| sizes.push(one.clone()));
            }
            _ => *sizes = None,
        }
    }
}

/// Derives the demand on every server and pooler that a client is tied to.
pub(super) fn derive(model: &mut Model, residents: &Residents, edges: &[Edge], upstreams: &[Upstream]) {
    // clients of each target, by container
    let mut targets: BTreeMap<ResourceId, BTreeMap<usize, Vec<ResourceId>>> = BTreeMap::new();
    let mut reached: BTreeMap<usize, Vec<ResourceId>> = BTreeMap::new();
    for edge in edges {
        targets.entry(edge.to).or_default().entry(edge.from).or_default().push(edge.client);
        let of = reached.entry(edge.from).or_default();
        if !of.contains(&edge.to) {
            of.push(edge.to);
        }
    }
    let mut poolers: BTreeMap<ResourceId, Vec<&Upstream>> = BTreeMap::new();
    for upstream in upstreams {
        targets.entry(upstream.server).or_default();
        poolers.entry(upstream.server).or_default().push(upstream);
    }
    for (target, containers) in targets {
        let mut parts = Vec::new();
        let mut complete = true;
        for upstream in poolers.get(&target).into_iter().flatten() {
            match pooled::part(model, upstream) {
                Some(part) => parts.push(part),
                None => complete = false,
            }
        }
        for (container, clients) in &containers {
            let only = reached.get(container).is_some_and(|reached| reached.len() == 1);
            match part(model, residents, *container, clients, only) {
                Some(part) => parts.push(part),
                None => complete = false,
            }
        }
        if !parts.is_empty() {
            set(model, target, &parts, complete);
        }
        let superuser = if poolers.contains_key(&target) { None } else { superuser(model, target, &containers) };
        model.get_mut(target).attributes.extend(superuser.map(|known| {
            let value = Effective::Known(Value::Bool(known));
            ("superuser_clients".into(), derived(value, Vec::new(), Confidence::High))
        }));
    }
}

/// What the pools of `clients` in a container may open; `None` where no pool's size is known. `only` says that all
/// database pools of the container lead to the same place.
fn part(model: &Model, residents: &Residents, container: usize, clients: &[ResourceId], only: bool) -> Option<Part> {
    let mut pools: Vec<ResourceId> = clients.iter().filter_map(|&client| linked(model, client, "pool")).collect();
    if pools.is_empty() && only {
        // a pool whose own client does not say where it calls: `DB_POOL_SIZE` beside `DATABASE_URL`
        pools = residents.kind(model, container, "pool").filter(|&pool| serves_database(model, pool)).collect();
    }
    pools.sort_unstable();
    pools.dedup();
    let name = &*model.containers[container].name;
    let mut confidence = Confidence::Certain;
    let mut written = Vec::new();
    let mut per_process = Count::exactly(0);
    let mut sizes = Some(Vec::new());
    for &pool in &pools {
        let pool = model.get(pool);
        sized(pool, &["max_size", "overflow"], 1, &mut sizes);
        if pool.profile.is_some() || pool.value("enabled") == Some(&Value::Bool(false)) {
            return None;
        }
        let mut size = Count::of(pool, "max_size")?;
        note(pool, "max_size", name, "connections of a pool", &mut written, &mut confidence);
        if let Some(overflow) = Count::of(pool, "overflow") {
            size = size.plus(overflow);
            note(pool, "overflow", name, "connections beyond the pool's size", &mut written, &mut confidence);
        }
        per_process = per_process.plus(size);
        confidence = confidence.min(pool.confidence);
    }
    if pools.is_empty() {
        return None;
    }
    let workload = model.containers[container].workload.map(|id| model.get(id));
    let of = |attribute: &str| workload.and_then(|workload| Count::of(workload, attribute));
    let mut note_workload = |attribute: &str, what: &str| {
        if let Some(workload) = workload {
            note(workload, attribute, name, what, &mut written, &mut confidence);
        }
    };
    if let Some(threads) = of("threads") {
        let fewer = per_process.at_most(threads);
        // then it is not the pools that say how many
        if fewer != per_process {
            sizes = None;
        }
        per_process = fewer;
        note_workload("threads", "threads of a process");
    }
    let processes = of("processes").unwrap_or(Count::at_least(1));
    note_workload("processes", "processes");
    let mut replicas = of("replicas").unwrap_or(Count::at_least(1));
    if model.containers[container].optional {
        replicas.low = 0;
    }
    note_workload("replicas", "replicas");
    let most = of("replicas_max").unwrap_or(replicas);
    note_workload("replicas_max", "replicas at the most");
    let surge = of("surge").unwrap_or(Count::exactly(0));
    let most = most.plus(surge);
    let part = Part::new(name, &[replicas, processes], &[most, processes], per_process, written, confidence);
    Some(part.of_sizes(sizes))
}

/// Whether a pool is one of database connections, and its client does not say that it calls elsewhere.
fn serves_database(model: &Model, pool: ResourceId) -> bool {
    let Some(client) = linked(model, pool, "client").map(|id| model.get(id)) else { return false };
    client.value("role") == Some(&Value::text("database")) && client.value("url").is_none()
}

/// Keeps where `attribute` is written, and how sure it is.
pub(super) fn note(
    resource: &Resource,
    attribute: &str,
    name: &str,
    what: &str,
    written: &mut Vec<Written>,
    confidence: &mut Confidence,
) {
    let Some(found) = resource.attribute(attribute) else { return };
    if let Some(place) = found.written.first() {
        let label = match &found.effective {
            Effective::Known(value) => format!("{name}: {what}: {value}"),
            _ => format!("{name}: {what}"),
        };
        written.push(Written { key: label.as_str().into(), ..place.clone() });
    }
    if found.declared == Declaration::Set {
        *confidence = (*confidence).min(found.confidence);
    }
}

/// Writes the sum down at the target.
fn set(model: &mut Model, target: ResourceId, parts: &[Part], complete: bool) {
    let confidence = parts.iter().map(|part| part.confidence).min().unwrap_or(Confidence::Low);
    let written: Vec<Written> = parts.iter().flat_map(|part| part.written.iter().cloned()).collect();
    let sum = |count: fn(&Part) -> Count| {
        let sum = parts.iter().map(count).fold(Count::exactly(0), Count::plus);
        if complete { sum } else { Count { high: None, ..sum } }
    };
    let text = |text: fn(&Part) -> &str| {
        let mut text = parts.iter().map(text).collect::<Vec<_>>().join(" + ");
        if !complete {
            text.push_str(" + what cannot be seen");
        }
        Effective::Known(Value::text(&text))
    };
    let attributes = [
        ("client_connections", sum(|part| part.count).effective()),
        ("client_connections_peak", sum(|part| part.peak).effective()),
        ("client_connections_from", text(|part| &part.text)),
        ("client_connections_peak_from", text(|part| &part.peak_text)),
    ];
    for (name, effective) in attributes {
        let attribute = derived(effective, written.clone(), confidence);
        model.get_mut(target).attributes.insert(name.into(), attribute);
    }
    // all is known but what one pooler opens
    let mut open = parts.iter().filter(|part| part.peak.high.is_none());
    if let (true, Some(Some(databases)), None) = (complete, open.next().map(|part| part.unbounded), open.next()) {
        let others = parts.iter().filter_map(|part| part.peak.high).fold(0, i64::saturating_add);
        for (name, number) in [("unbounded_databases", databases), ("other_connections", others)] {
            let attribute = derived(Effective::Known(Value::Int(number)), Vec::new(), confidence);
            model.get_mut(target).attributes.insert(name.into(), attribute);
        }
    }
    let Some(sizes) = parts.iter().map(|part| part.sizes.clone()).collect::<Option<Vec<_>>>() else { return };
    let sizes: Vec<Sized> = sizes.into_iter().flatten().collect();
    for (name, number) in
        [("client_pools", (|one| one.size) as fn(&Sized) -> i64), ("client_pools_times", |one| one.times)]
    {
        let written = sizes.iter().map(|one| one.written.clone()).collect();
        let list = Effective::Known(Value::List(sizes.iter().map(|one| Value::Int(number(one))).collect()));
        model.get_mut(target).attributes.insert(name.into(), derived(list, written, confidence));
    }
}

/// Whether the clients of every container log in as the role that may use the reserved connections; `None` where that
/// cannot be told.
fn superuser(model: &Model, target: ResourceId, containers: &BTreeMap<usize, Vec<ResourceId>>) -> Option<bool> {
    let superuser = model.get(target).value("superuser")?;
    let mut all = true;
    for clients in containers.values() {
        let mut users = clients.iter().filter_map(|&client| model.get(client).attribute("user")).peekable();
        users.peek()?;
        for user in users {
            let Effective::Known(user) = &user.effective else { return None };
            all &= user == superuser;
        }
    }
    (!containers.is_empty()).then_some(all)
}

pub(super) fn derived(effective: Effective, written: Vec<Written>, confidence: Confidence) -> Attribute {
    Attribute { declared: Declaration::NotSet, effective, origin: Origin::Derived, confidence, written }
}
