//! What proxies pass on, to one server or to a group of them that has a name of its own.
//!
//! ```text
//! upstream api { server orders:8080; }      proxy_pass http://api;         orders
//!                                           proxy_pass http://stock:9000;  stock
//! backend api { server a orders:8080 }                                     orders
//! clusters: [{ name: api, … address: orders }]  route: { cluster: api }    orders
//! providers: { docker: {} }               orders: labels: [traefik.…]      orders
//! ```
//!
//! A name without a port is that of a group, whatever container has the same; groups have no port of their own (nginx
//! refuses one that is given).

use std::collections::HashMap;

use super::Residents;
use super::names::{Names, host_in, host_with_port};
use crate::model::{Model, Name, ResourceId, Value};

/// The attributes of a group, or of a route that has servers of its own, that name its servers as far as they are read.
pub(super) const SERVERS: [&str; 3] = ["first_server", "servers", "second_server"];

/// That a route in one container leads to another container.
pub(super) struct Pass {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) route: ResourceId,
    /// The group it goes through.
    pub(super) group: Option<ResourceId>,
}

/// The groups of servers, each with the container whose proxy has it.
pub(super) struct Groups {
    /// By that container and their name; none of two by one name.
    by_name: HashMap<(usize, Name), Option<ResourceId>>,
    /// Those of the containers of a deploy unit that are found by a label; none of two by one label.
    by_label: HashMap<(Name, Name), Option<(usize, ResourceId)>>,
}

impl Groups {
    pub(super) fn of(model: &Model, residents: &Residents) -> Groups {
        let mut by_name = HashMap::new();
        let mut by_label = HashMap::new();
        for container in 0..model.containers.len() {
            for group in residents.kind(model, container, "upstream") {
                if let Some(label) = text(model, group, "label") {
                    let key = (model.containers[container].unit.clone(), Name::from(label));
                    by_label.entry(key).and_modify(|known| *known = None).or_insert(Some((container, group)));
                    continue;
                }
                // `upstream api`
                let last = || model.get(group).identity.last().and_then(|name| name.rsplit(' ').next());
                let Some(name) = text(model, group, "name").or_else(last) else { continue };
                by_name.entry((container, Name::from(name))).and_modify(|known| *known = None).or_insert(Some(group));
            }
        }
        Groups { by_name, by_label }
    }

    /// Every pass whose target is known.
    pub(super) fn passes(&self, model: &Model, residents: &Residents, names: &Names) -> Vec<Pass> {
        let mut passes = Vec::new();
        for from in 0..model.containers.len() {
            for route in residents.kind(model, from, "route") {
                let resource = model.get(route);
                if resource.value("throwaway") == Some(&Value::Bool(true)) || resource.profile.is_some() {
                    continue;
                }
                if let Some(label) = text(model, route, "label") {
                    let key = (model.containers[from].unit.clone(), Name::from(label));
                    let found = self.by_label.get(&key).copied().flatten().filter(|&(proxy, _)| proxy != from);
                    passes.extend(found.map(|(proxy, group)| Pass {
                        from: proxy,
                        to: from,
                        route,
                        group: Some(group),
                    }));
                    continue;
                }
                let find = |host: &str| names.find(&model.containers[from], host).filter(|&to| to != from);
                let Some(Value::Text(upstream)) = resource.value("upstream") else {
                    let own = SERVERS.iter().filter_map(|name| server_with_port(text(model, route, name)?));
                    for to in own.filter_map(|server| find(&host_in(server)?)) {
                        passes.push(Pass { from, to, route, group: None });
                    }
                    continue;
                };
                if let Some(to) = host_with_port(upstream).and_then(|host| find(&host)) {
                    passes.push(Pass { from, to, route, group: None });
                    continue;
                }
                let Some(group) = host_in(upstream).and_then(|name| self.named(from, &name)) else { continue };
                let servers = SERVERS.iter().filter_map(|name| server(model, group, name));
                for to in servers.filter_map(|server| find(&host_in(server)?)) {
                    passes.push(Pass { from, to, route, group: Some(group) });
                }
            }
        }
        passes
    }

    fn named(&self, container: usize, name: &str) -> Option<ResourceId> {
        *self.by_name.get(&(container, Name::from(name)))?
    }
}

/// The address of one server of a group, without what is said of it.
fn server<'m>(model: &'m Model, group: ResourceId, name: &str) -> Option<&'m str> {
    text(model, group, name)?.split_whitespace().next()
}

fn text<'m>(model: &'m Model, id: ResourceId, name: &str) -> Option<&'m str> {
    match model.get(id).value(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// The address of a server, if it has a port: a name of its own may stand before it.
pub(super) fn server_with_port(text: &str) -> Option<&str> {
    text.split_whitespace().take(2).find(|word| host_with_port(word).is_some())
}
