//! Host names: which container a client means.

use std::collections::HashMap;

use super::Residents;
use crate::model::{Container, Link, Model, Name, ResourceId, Value};

/// The names of every deploy unit.
pub(super) struct Names {
    hosts: HashMap<(Name, Box<str>), Target>,
    /// Those that lead to ports of their own, as the model numbers its addresses; none of two by one name.
    addresses: HashMap<(Name, Box<str>), Option<usize>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Container(usize),
    /// Several containers have the name: which one is meant cannot be told.
    Several,
}

impl Names {
    pub(super) fn of(model: &Model) -> Names {
        let mut names = Names { hosts: HashMap::new(), addresses: HashMap::new() };
        for (index, address) in model.addresses.iter().enumerate() {
            let name = address.name.to_ascii_lowercase().into_boxed_str();
            names
                .addresses
                .entry((address.unit.clone(), name))
                .and_modify(|known| *known = None)
                .or_insert(Some(index));
        }
        for (index, container) in model.containers.iter().enumerate() {
            // names mean nothing to a container in its host's network, and nothing else reaches it by one
            if container.host_network {
                continue;
            }
            for host in &container.hosts {
                names.add(&container.unit, host, index);
            }
        }
        let mut by_unit: HashMap<&Name, Vec<usize>> = HashMap::new();
        for (index, container) in model.containers.iter().enumerate() {
            by_unit.entry(&container.unit).or_default().push(index);
        }
        for address in &model.addresses {
            if address.labels.is_empty() {
                continue;
            }
            let of_unit = by_unit.get(&address.unit).into_iter().flatten();
            for &index in of_unit.filter(|&&index| selects(&address.labels, &model.containers[index])) {
                names.add(&address.unit, &address.name, index);
            }
        }
        names
    }

    fn add(&mut self, unit: &Name, host: &str, container: usize) {
        let host = host.to_ascii_lowercase().into_boxed_str();
        self.hosts
            .entry((unit.clone(), host))
            .and_modify(|target| {
                if *target != Target::Container(container) {
                    *target = Target::Several;
                }
            })
            .or_insert(Target::Container(container));
    }

    /// The container that `from` reaches by `host`.
    pub(super) fn find(&self, from: &Container, host: &str) -> Option<usize> {
        if from.host_network {
            return None;
        }
        match self.hosts.get(&(from.unit.clone(), short(&from.unit, host)?))? {
            Target::Container(index) => Some(*index),
            Target::Several => None,
        }
    }

    /// The address that `host` means in a deploy unit: none where two have the name, and those of other namespaces only
    /// where the folder describes them.
    pub(super) fn address(&self, unit: &Name, host: &str) -> Option<usize> {
        let own = short(unit, host).map(|short| (unit.clone(), short));
        // `db.shop` from elsewhere
        let other = || {
            let (folder, _) = unit.rsplit_once('#')?;
            let namespace = host.split('.').nth(1)?;
            let unit: Name = format!("{folder}#{namespace}").into();
            short(&unit, host).map(|short| (unit, short))
        };
        *self.addresses.get(&own.or_else(other)?)?
    }
}

/// The name that a host has in its deploy unit: `db.shop.svc.cluster.local` is `db` of the namespace `shop`, which is in
/// the unit's name.
fn short(unit: &Name, host: &str) -> Option<Box<str>> {
    let host = host.to_ascii_lowercase();
    let Some((short, rest)) = host.split_once('.') else { return Some(host.into()) };
    let namespace = rest.split('.').next().unwrap_or(rest);
    let own = unit.rsplit_once('#').is_some_and(|(_, own)| own == namespace);
    let suffix = rest.strip_prefix(namespace).unwrap_or("");
    let known = matches!(suffix, "" | ".svc" | ".svc.cluster.local" | ".svc.cluster.local.");
    (own && known).then(|| short.into())
}

pub(super) fn selects(labels: &[(Name, Name)], container: &Container) -> bool {
    labels.iter().all(|label| container.labels.contains(label))
}

/// That a client in one container calls a resource of another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) client: ResourceId,
    pub(super) to: ResourceId,
}

/// Ties every client of a container to the server or pooler that its host name leads to.
pub(super) fn edges(model: &mut Model, residents: &Residents, names: &Names) -> Vec<Edge> {
    let mut edges = Vec::new();
    for from in 0..model.containers.len() {
        for client in residents.kind(model, from, "client") {
            let Some(host) = host_of(model, client) else { continue };
            let Some(to) = names.find(&model.containers[from], &host) else { continue };
            let targets: Vec<ResourceId> =
                ["server", "pooler"].iter().flat_map(|kind| residents.kind(model, to, kind)).collect();
            if let [target] = targets.as_slice() {
                edges.push(Edge { from, client, to: *target });
            }
        }
    }
    for edge in &edges {
        let kind = model.get(edge.to).kind.clone();
        model.link(edge.client, &kind, edge.to);
    }
    edges
}

/// The host that a client calls: said by itself, or by its URL; none where there are several.
pub(super) fn host_of(model: &Model, client: ResourceId) -> Option<String> {
    let client = model.get(client);
    let text = |name: &str| match client.value(name) {
        Some(Value::Text(text)) => Some(text.to_string()),
        _ => None,
    };
    host_in(&text("hosts").or_else(|| text("host")).or_else(|| text("url"))?)
}

/// The host of an address or URL; none where there are several, or where what stands before it could be a password that is
/// not escaped.
pub(crate) fn host_in(address: &str) -> Option<String> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    if authority.contains(',') || rest[authority.len()..].contains('@') {
        return None;
    }
    let host = authority.rsplit('@').next()?.split(':').next()?;
    is_host(host).then(|| host.to_owned())
}

/// The host of a proxy's upstream, where a port stands behind it. Without one, the name may be that of a group of servers,
/// whatever container has the same; groups have no port of their own (nginx refuses one that is given).
pub(super) fn host_with_port(upstream: &str) -> Option<String> {
    let rest = upstream.split_once("://").map_or(upstream, |(_, rest)| rest);
    let (_, port) = rest.split(['/', '?', '#']).next()?.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    host_in(upstream)
}

fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// The one resource behind a link.
pub(super) fn linked(model: &Model, from: ResourceId, link: &str) -> Option<ResourceId> {
    match model.get(from).links.get(link)? {
        Link::To(ids) => match ids.as_slice() {
            [one] => Some(*one),
            _ => None,
        },
        Link::Absent | Link::OutOfSight => None,
    }
}
