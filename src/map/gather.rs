//! What a run found, gathered into a map: who lives where, whom each calls, and what is known of the call.

use std::collections::BTreeMap;

use super::model::{Edge, Figure, Map, Node, Role, Spot, Stack};
use super::{figures, marks};
use crate::analysis::Analysed;
use crate::model::{Link, Location, Name, Resource, ResourceId, Value};
use crate::report::{Redacted, Redactor};
use crate::syntax::LineIndex;
use crate::topology::{Reach, host_in};
use crate::workspace::Checked;

impl Map {
    /// What a run found that was asked for its resources.
    pub fn new(checked: &Checked, redact: Redactor<'_>) -> Map {
        let mut map = Map::default();
        let mut spans = marks::Spans::default();
        for analysed in &checked.analysed {
            Builder::new(analysed, redact).build(&mut map, &mut spans);
        }
        marks::set(&mut map, &spans, checked, redact);
        map
    }
}

/// One line index per file.
pub(super) struct Spots<'a> {
    analysed: &'a Analysed,
    lines: BTreeMap<u32, LineIndex>,
}

impl<'a> Spots<'a> {
    fn spot(&mut self, location: Location) -> Option<Spot> {
        let file = self.analysed.files.get(location.file as usize)?;
        let text = file.text.as_deref()?;
        let lines = self.lines.entry(location.file).or_insert_with(|| LineIndex::new(text));
        let (line, _) = lines.position(text, location.start);
        Some(Spot { path: Redacted::path(&file.path), line })
    }
}

/// A node by what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Container(usize),
    /// What stands in a file that belongs to no container.
    File(u32),
    /// A host; those that mean the program's own machine differ by program.
    Host(String),
}

/// A call as it is gathered.
struct Call {
    host: Option<String>,
    to: Option<usize>,
    place: Location,
    figures: Vec<Figure>,
    resources: Vec<ResourceId>,
    role: Option<String>,
}

struct Builder<'a> {
    analysed: &'a Analysed,
    reach: Reach<'a>,
    redact: Redactor<'a>,
    spots: Spots<'a>,
}

impl<'a> Builder<'a> {
    fn new(analysed: &'a Analysed, redact: Redactor<'a>) -> Self {
        let spots = Spots { analysed, lines: BTreeMap::new() };
        Builder { analysed, reach: Reach::of(&analysed.model), redact, spots }
    }

    fn build(mut self, map: &mut Map, spans: &mut marks::Spans) {
        let model = &self.analysed.model;
        // who lives where
        let homes: std::collections::HashSet<&Name> =
            model.containers.iter().map(|container| &container.home).collect();
        let is_homed = |resource: &Resource| resource.home.as_ref().is_some_and(|home| homes.contains(home));
        // what describes containers, or is mounted into one, is seen there
        let mut seen: std::collections::HashSet<u32> =
            model.containers.iter().map(|container| container.location.file).collect();
        seen.extend(model.resources.iter().filter(|it| is_homed(it)).map(|resource| resource.location.file));
        let mut of_file: BTreeMap<u32, Vec<ResourceId>> = BTreeMap::new();
        for (index, resource) in model.resources.iter().enumerate() {
            if !seen.contains(&resource.location.file) && !is_homed(resource) && is_part(resource) {
                of_file.entry(resource.location.file).or_default().push(ResourceId(index as u32));
            }
        }
        let mut units: BTreeMap<Name, Vec<(Key, Vec<ResourceId>)>> = BTreeMap::new();
        for (index, container) in model.containers.iter().enumerate() {
            let mut residents = self.reach.residents(index).to_vec();
            residents.extend(container.workload.filter(|workload| !residents.contains(workload)));
            units.entry(container.unit.clone()).or_default().push((Key::Container(index), residents));
        }
        let no_unit: Name = "".into();
        for (file, residents) in of_file {
            let is_called = |id: &ResourceId| matches!(&*model.get(*id).kind, "client" | "pooler" | "server" | "route");
            if residents.iter().any(is_called) {
                units.entry(no_unit.clone()).or_default().push((Key::File(file), residents));
            }
        }
        for (unit, members) in units {
            let index = map.stacks.len();
            let stack = self.stack(&unit, &members, index, spans);
            map.stacks.push(stack);
        }
    }

    fn stack(
        &mut self,
        unit: &str,
        members: &[(Key, Vec<ResourceId>)],
        index: usize,
        spans: &mut marks::Spans,
    ) -> Stack {
        let mut stack = Stack { name: Redacted::words(unit, self.redact), ..Stack::default() };
        let mut at: BTreeMap<Key, usize> = BTreeMap::new();
        for (key, residents) in members {
            at.insert(key.clone(), stack.nodes.len());
            let node = self.node(key, residents);
            for &id in residents {
                spans.node(self.analysed, self.analysed.model.get(id), index, stack.nodes.len());
            }
            if let Key::Container(container) = key {
                let location = self.analysed.model.containers[*container].location;
                spans.add_node(self.analysed, location, index, stack.nodes.len());
            }
            stack.nodes.push(node);
        }
        for (from, (key, residents)) in members.iter().enumerate() {
            for call in self.calls(key, residents) {
                let to = match (&call.to, &call.host) {
                    (Some(container), _) => at.get(&Key::Container(*container)).copied(),
                    (None, Some(host)) => {
                        let host = host.to_ascii_lowercase();
                        let own = is_own(&host).then(|| format!("{from} "));
                        let key = Key::Host(own.unwrap_or_default() + &host);
                        Some(self.named(&mut stack, &mut at, key, &host))
                    }
                    (None, None) => {
                        let what = call.role.as_deref().unwrap_or("something");
                        let key = Key::Host(format!("{from} ? {what}"));
                        Some(self.named(&mut stack, &mut at, key, &format!("{what}, host ?")))
                    }
                };
                let Some(to) = to.filter(|&to| to != from) else { continue };
                let place = self.spots.spot(call.place);
                let edge = match stack.edges.iter().position(|edge| edge.from == from && edge.to == to) {
                    Some(edge) => edge,
                    None => {
                        stack.edges.push(Edge { from, to, place, figures: Vec::new(), marks: Vec::new() });
                        stack.edges.len() - 1
                    }
                };
                merge(&mut stack.edges[edge].figures, call.figures);
                for id in call.resources {
                    spans.edge(self.analysed, self.analysed.model.get(id), index, edge);
                }
            }
        }
        for edge in &mut stack.edges {
            let called = &stack.nodes[edge.to];
            let caller = &stack.nodes[edge.from];
            let has = |what: &str| edge.figures.iter().any(|figure| figure.what == what);
            let decides = match called.role {
                Role::Pooler | Role::Server => "pool",
                _ if caller.role == Role::Proxy => continue,
                _ if has("pool") => continue,
                _ => "timeout",
            };
            let bounded = ["timeout", "read", "statement"].into_iter().any(has);
            if !has(decides) && (decides == "pool" || !bounded) {
                edge.figures.insert(0, figures::unknown(decides, "nothing that was read says it"));
            }
        }
        stack
    }

    fn named(&self, stack: &mut Stack, at: &mut BTreeMap<Key, usize>, key: Key, name: &str) -> usize {
        *at.entry(key).or_insert_with(|| {
            stack.nodes.push(Node {
                name: Redacted::words(name, self.redact),
                role: Role::Named,
                product: None,
                place: None,
                figures: Vec::new(),
                marks: Vec::new(),
            });
            stack.nodes.len() - 1
        })
    }

    fn node(&mut self, key: &Key, residents: &[ResourceId]) -> Node {
        let model = &self.analysed.model;
        let of =
            |kind: &str| residents.iter().map(|&id| model.get(id)).find(|it| &*it.kind == kind && it.profile.is_none());
        let role = if of("pooler").is_some() {
            Role::Pooler
        } else if of("server").is_some() {
            Role::Server
        } else if of("route").is_some() && of("client").is_none() {
            Role::Proxy
        } else {
            Role::Service
        };
        let (name, location) = match key {
            Key::Container(index) => {
                (model.containers[*index].name.to_string(), Some(model.containers[*index].location))
            }
            Key::File(file) => {
                let name =
                    self.analysed.files.get(*file as usize).map_or_else(String::new, |file| file.path.to_string());
                (name, residents.first().map(|&id| model.get(id).location))
            }
            Key::Host(host) => (host.clone(), None),
        };
        let main = match role {
            Role::Pooler => of("pooler"),
            Role::Server => of("server"),
            Role::Proxy => of("route"),
            _ => None,
        };
        let product = main.and_then(|main| match main.value("product") {
            Some(Value::Text(product)) => Some(product.to_string()),
            _ => main.product.as_ref().map(ToString::to_string),
        });
        let mut shown = Vec::new();
        let (redact, spots) = (self.redact, &mut self.spots);
        let mut spot = |location| spots.spot(location);
        let workload = match key {
            Key::Container(index) => model.containers[*index].workload.map(|id| model.get(id)),
            _ => of("workload"),
        };
        for (resource, wanted) in [
            (workload, figures::WORKLOAD),
            (main.filter(|_| role == Role::Pooler), figures::POOLER),
            (main.filter(|_| role == Role::Server), figures::SERVER),
        ] {
            shown.extend(resource.into_iter().flat_map(|resource| figures::of(resource, wanted, &mut spot, redact)));
        }
        // what has no autoscaler runs as many as it runs
        let replicas = shown.iter().find(|figure| figure.what == "replicas").map(|figure| figure.value.clone());
        shown.retain(|figure| figure.what != "up to" || Some(&figure.value) != replicas.as_ref());
        Node {
            name: Redacted::words(&name, redact),
            role,
            product: product.map(|product| Redacted::words(&product, redact)),
            place: location.and_then(&mut spot),
            figures: shown,
            marks: Vec::new(),
        }
    }

    fn calls(&mut self, key: &Key, residents: &[ResourceId]) -> Vec<Call> {
        let model = &self.analysed.model;
        let container = match key {
            Key::Container(index) => Some(*index),
            _ => None,
        };
        let mut calls = Vec::new();
        let mut lent: Vec<ResourceId> = Vec::new();
        for &id in residents {
            let resource = model.get(id);
            if !is_in_use(resource) {
                continue;
            }
            match &*resource.kind {
                "client" => {
                    let mut call = self.call(container, id, self.reach.host(id));
                    self.add(&mut call, id, figures::CLIENT);
                    for (link, wanted) in
                        [("pool", figures::POOL), ("retry", figures::RETRY), ("breaker", figures::BREAKER)]
                    {
                        if let Some(linked) = self.reach.linked(id, link) {
                            self.add(&mut call, linked, wanted);
                            lent.push(linked);
                        }
                    }
                    calls.push(call);
                }
                "route" => {
                    let text = |name: &str| match resource.value(name) {
                        Some(Value::Text(text)) => Some(text.to_string()),
                        _ => None,
                    };
                    let mut hosts: Vec<String> = text("upstream").as_deref().and_then(host_in).into_iter().collect();
                    for servers in ["servers", "second_server"] {
                        hosts.extend(text(servers).as_deref().and_then(server_host));
                    }
                    hosts.dedup();
                    for host in hosts {
                        let mut call = self.call(container, id, Some(host));
                        self.add(&mut call, id, figures::ROUTE);
                        calls.push(call);
                    }
                }
                "pooler" => {
                    let pools: &[ResourceId] = match resource.links.get("pool") {
                        Some(Link::To(pools)) => pools,
                        _ => &[],
                    };
                    for &pool in pools {
                        let Some(Value::Text(host)) = model.get(pool).value("host") else { continue };
                        let mut call = self.call(container, pool, host_in(host));
                        self.add(&mut call, pool, figures::POOLED);
                        let mut usual = Vec::new();
                        std::mem::swap(&mut usual, &mut call.figures);
                        self.add(&mut call, id, figures::POOLER_CALL);
                        call.figures.retain(|figure| !usual.iter().any(|own| own.what == figure.what));
                        call.figures.splice(0..0, usual);
                        calls.push(call);
                    }
                    if let (true, Some(Value::Text(host))) = (pools.is_empty(), resource.value("upstream")) {
                        let mut call = self.call(container, id, host_in(host));
                        self.add(&mut call, id, figures::POOLER_CALL);
                        calls.push(call);
                    }
                }
                _ => {}
            }
        }
        self.beside(&mut calls, residents, &lent);
        calls
    }

    /// A pool or a client that does not say where it calls belongs to the one call that says it.
    fn beside(&mut self, calls: &mut Vec<Call>, residents: &[ResourceId], lent: &[ResourceId]) {
        let model = &self.analysed.model;
        let mut hostless: Vec<Call> = Vec::new();
        let mut index = 0;
        while index < calls.len() {
            if calls[index].host.is_none() { hostless.push(calls.remove(index)) } else { index += 1 }
        }
        for call in hostless {
            let alike: Vec<usize> =
                (0..calls.len()).filter(|&at| calls[at].role.is_some() && calls[at].role == call.role).collect();
            match alike.as_slice() {
                [one] => {
                    merge(&mut calls[*one].figures, call.figures);
                    calls[*one].resources.extend(call.resources);
                }
                // a call that says nothing is no call
                [] if !call.figures.is_empty() && call.role.is_some() => calls.push(call),
                _ => {}
            }
        }
        let databases: Vec<usize> =
            (0..calls.len()).filter(|&at| calls[at].role.as_deref() == Some("database")).collect();
        let [only] = databases.as_slice() else { return };
        for &id in residents.iter().filter(|id| !lent.contains(id)) {
            let pool = model.get(id);
            if &*pool.kind == "pool" && is_in_use(pool) && self.reach.linked(id, "client").is_none() {
                let mut call = self.call(None, id, None);
                self.add(&mut call, id, figures::POOL);
                merge(&mut calls[*only].figures, call.figures);
                calls[*only].resources.push(id);
            }
        }
    }

    fn call(&self, container: Option<usize>, id: ResourceId, host: Option<String>) -> Call {
        let resource = self.analysed.model.get(id);
        let to = container.zip(host.as_deref()).and_then(|(from, host)| self.reach.container(from, host));
        let role = match resource.value("role") {
            // what maps objects to rows calls the database
            Some(Value::Text(role)) if &**role == "orm" => Some("database".to_owned()),
            Some(Value::Text(role)) => Some(role.to_string()),
            _ => None,
        };
        Call { host, to, place: resource.location, figures: Vec::new(), resources: Vec::new(), role }
    }

    fn add(&mut self, call: &mut Call, id: ResourceId, wanted: &[(&'static str, &'static str)]) {
        let resource = self.analysed.model.get(id);
        call.resources.push(id);
        if is_in_use(resource) {
            let spots = &mut self.spots;
            merge(&mut call.figures, figures::of(resource, wanted, &mut |at| spots.spot(at), self.redact));
        }
    }
}

/// Whether a resource is one of those that a picture shows.
fn is_part(resource: &Resource) -> bool {
    matches!(&*resource.kind, "client" | "pool" | "pooler" | "server" | "route" | "workload")
        && resource.profile.is_none()
}

fn is_in_use(resource: &Resource) -> bool {
    resource.value("enabled") != Some(&Value::Bool(false)) && resource.profile.is_none()
}

/// Whether a host is the program's own machine.
fn is_own(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0")
}

/// The host of a server of a proxy: `name host:port options`, or the address alone.
fn server_host(server: &str) -> Option<String> {
    let mut words = server.split_whitespace();
    let first = words.next()?;
    words.next().map_or_else(|| host_in(first), host_in)
}

/// Adds figures that are not there yet; a known one replaces an unknown one.
fn merge(figures: &mut Vec<Figure>, more: Vec<Figure>) {
    for figure in more {
        if figures.iter().any(|known| known.what == figure.what && known.value == figure.value) {
            continue;
        }
        let same = |known: &&mut Figure| known.what == figure.what;
        match figures.iter_mut().find(same) {
            Some(known) if known.origin == "unknown" || (known.origin == "default" && figure.origin == "written") => {
                *known = figure;
            }
            Some(_) if matches!(figure.origin, "unknown" | "default") => {}
            _ => figures.push(figure),
        }
    }
}
