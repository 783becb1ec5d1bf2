//! What a pooler asks of the server behind it.
//!
//! ```text
//! of a pooler   replicas × the sum over its databases of min(limit of the database, users × (pool + reserve))
//! ```

use super::Residents;
use super::count::Count;
use super::demand::{Part, note, sized};
use super::names::Names;
use crate::model::{Confidence, Link, Model, ResourceId, Value, Written};

/// That a pooler connects to a server with the pools of these databases; none where its databases are not listed.
pub(super) struct Upstream {
    pub(super) pooler: ResourceId,
    pub(super) container: usize,
    pub(super) databases: Vec<ResourceId>,
    pub(super) server: ResourceId,
}

/// Finds the servers behind every pooler that lives in a container.
pub(super) fn upstreams(model: &mut Model, residents: &Residents, names: &Names) -> Vec<Upstream> {
    let mut found: Vec<Upstream> = Vec::new();
    for container in 0..model.containers.len() {
        for pooler in residents.kind(model, container, "pooler") {
            let text = |id: ResourceId, name: &str| match model.get(id).value(name) {
                Some(Value::Text(text)) => Some(text.to_string()),
                _ => None,
            };
            let server = |host: &str| {
                let to = names.find(&model.containers[container], host)?;
                let servers: Vec<ResourceId> = residents.kind(model, to, "server").collect();
                if let [server] = servers.as_slice() { Some(*server) } else { None }
            };
            for &database in linked_pools(model, pooler) {
                let Some(server) = text(database, "host").as_deref().and_then(server) else { continue };
                match found.iter_mut().find(|known| known.pooler == pooler && known.server == server) {
                    Some(known) => known.databases.push(database),
                    None => found.push(Upstream { pooler, container, databases: vec![database], server }),
                }
            }
            let named = text(pooler, "upstream").as_deref().and_then(server);
            if let Some(server) = named.filter(|_| linked_pools(model, pooler).is_empty()) {
                found.push(Upstream { pooler, container, databases: Vec::new(), server });
            }
        }
    }
    for upstream in &found {
        model.link(upstream.pooler, "server", upstream.server);
    }
    found
}

fn linked_pools(model: &Model, pooler: ResourceId) -> &[ResourceId] {
    match model.get(pooler).links.get("pool") {
        Some(Link::To(pools)) => pools,
        _ => &[],
    }
}

/// What the pooler may open at its server; `None` where the size of no pool is known.
pub(super) fn part(model: &Model, upstream: &Upstream) -> Option<Part> {
    let pooler = model.get(upstream.pooler);
    let name = &*model.containers[upstream.container].name;
    let mut written: Vec<Written> = Vec::new();
    let mut confidence = pooler.confidence.min(Confidence::High);
    let usual = Count::of(pooler, "pool_size");
    let reserve = Count::of(pooler, "reserve_size").unwrap_or(Count::at_least(0));
    let limit = Count::of(pooler, "max_database_connections").filter(|limit| limit.high.is_some());
    // a pool for each role; how many there are is seen only where the pooler fixes it
    let one_of = |size: Count, role: bool| {
        let pool = size.plus(reserve);
        let pools = if role { pool } else { Count { high: None, ..pool } };
        limit.map_or(pools, |limit| pools.at_most(limit))
    };
    let mut sum = Count::exactly(0);
    let mut sizes = Some(Vec::new());
    sized(pooler, &["reserve_size"], &mut sizes);
    let mut is_usual = upstream.databases.is_empty();
    // a limit over all pools of a database may be what says how many
    let mut is_limited = limit.is_some();
    for &database in &upstream.databases {
        let pool = model.get(database);
        let size = Count::of(pool, "max_size");
        sized(pool, &["max_size"], &mut sizes);
        is_usual |= size.is_none();
        if size.is_some() {
            note(pool, "max_size", name, "server connections of a pool", &mut written, &mut confidence);
        }
        let own_limit = Count::of(pool, "max_total").filter(|limit| limit.high.is_some());
        is_limited |= own_limit.is_some();
        let pools = one_of(size.or(usual)?, pool.value("user").is_some());
        sum = sum.plus(own_limit.map_or(pools, |limit| pools.at_most(limit)));
    }
    if upstream.databases.is_empty() {
        sum = one_of(usual?, false);
    }
    if is_usual {
        sized(pooler, &["pool_size"], &mut sizes);
    }
    note(pooler, "pool_size", name, "server connections of a pool", &mut written, &mut confidence);
    note(pooler, "reserve_size", name, "server connections in reserve", &mut written, &mut confidence);
    let workload = model.containers[upstream.container].workload.map(|id| model.get(id));
    let of = |attribute: &str| workload.and_then(|workload| Count::of(workload, attribute));
    let replicas = of("replicas").unwrap_or(Count::at_least(1));
    let most = of("replicas_max").unwrap_or(replicas).plus(of("surge").unwrap_or(Count::exactly(0)));
    if let Some(workload) = workload {
        note(workload, "replicas", name, "replicas", &mut written, &mut confidence);
    }
    Some(Part::new(name, &[replicas], &[most], sum, written, confidence).of_sizes(sizes.filter(|_| !is_limited)))
}
