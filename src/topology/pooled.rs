//! What a pooler asks of the server behind it.
//!
//! ```text
//! of a pooler   replicas × the sum over its databases of min(limit of the database, else of the pooler, users × (pool + reserve))
//! ```

use super::Residents;
use super::count::Count;
use super::demand::{Part, note, sized};
use super::names::Names;
use crate::model::{Confidence, Declaration, Link, Model, ResourceId, Value, Written};

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

/// What an entry is called that stands for every database that is not listed.
const EVERY_DATABASE: &str = "*";

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
        if role { pool } else { Count { high: None, ..pool } }
    };
    let mut sum = Count::exactly(0);
    let mut sizes = Some(Vec::new());
    // the databases whose connections nothing bounds but how many roles there are
    let mut unbounded = Some(0);
    // how many of its pools have the usual size, how many a reserve, and how many databases the usual limit is what holds for
    let (mut usual_pools, mut reserves, mut limited) = (0, 0, 0);
    for &database in &upstream.databases {
        let pool = model.get(database);
        let size = Count::of(pool, "max_size");
        if size.is_some() {
            note(pool, "max_size", name, "server connections of a pool", &mut written, &mut confidence);
        }
        let pools = one_of(size.or(usual)?, pool.value("user").is_some());
        let own_limit = Count::of(pool, "max_total").filter(|limit| limit.high.is_some());
        let mut of_database = own_limit.or(limit).map_or(pools, |limit| pools.at_most(limit));
        // the entry stands for any database that is asked for
        if pool.identity.first().is_some_and(|name| &**name == EVERY_DATABASE) {
            of_database.high = None;
            (sizes, unbounded) = (None, None);
        }
        sum = sum.plus(of_database);
        match own_limit {
            Some(_) => unbounded = None,
            None => unbounded.iter_mut().for_each(|databases| *databases += 1),
        }
        let binds = |limit: &Count| pools.high.is_none_or(|most| Some(most) >= limit.high);
        match (own_limit, limit) {
            (Some(own), _) if binds(&own) => sized(pool, &["max_total"], 1, &mut sizes),
            (None, Some(limit)) if binds(&limit) => limited += 1,
            _ => {
                sized(pool, &["max_size"], 1, &mut sizes);
                usual_pools += usize::from(size.is_none());
                reserves += 1;
                // a reserve of its own is not the pooler's
                if pool.attribute("reserve_size").is_some() {
                    sizes = None;
                }
            }
        }
    }
    if upstream.databases.is_empty() {
        let pools = one_of(usual?, false);
        sum = limit.map_or(pools, |limit| pools.at_most(limit));
        (usual_pools, reserves) = (1, 1);
        // how many databases there are is not seen
        unbounded = None;
        if limit.is_some() {
            sizes = None;
        }
    }
    for (attribute, times) in
        [("pool_size", usual_pools), ("reserve_size", reserves), ("max_database_connections", limited)]
    {
        if times > 0 {
            sized(pooler, &[attribute], times, &mut sizes);
        }
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
    let part = Part::new(name, &[replicas], &[most], sum, written, confidence);
    let declared =
        pooler.attribute("max_database_connections").is_some_and(|limit| limit.declared != Declaration::NotSet);
    let unbounded = unbounded
        .filter(|_| sum.high.is_none() && !declared)
        .and_then(|databases| Some(most.high?.checked_mul(databases)?).filter(|databases| *databases > 0));
    Some(part.of_sizes(sizes).of_unbounded(unbounded))
}
