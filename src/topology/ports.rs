//! Calls at ports where nobody listens: a port that only the host leads on, and a port that the name called does not have.
//!
//! ```text
//! db:  ports 5433:5432      api calls db:5433      there it is 5432: 5433 is the host's
//! Service db: port 5432     api calls db:5433      no such port
//! ```
//!
//! Each call of which that can be told, or could if more were seen, becomes a resource of its own.

use super::Residents;
use super::demand::derived;
use super::groups::{SERVERS, server_with_port};
use super::names::{Names, host_in, host_of};
use crate::model::{
    Attribute, Call, Confidence, Container, Effective, Location, Model, Name, NameMap, Resource, ResourceId, Value,
    Why, Written,
};

/// A call, and whose it is.
pub(super) struct Caller {
    pub(super) unit: Name,
    /// Its container, if one calls.
    pub(super) container: Option<usize>,
    pub(super) call: Call,
}

/// Derives what becomes of every call that names a port.
pub(super) fn derive(model: &mut Model, residents: &Residents, names: &Names) {
    let callers = callers(model, residents);
    let found: Vec<Resource> = callers.iter().filter_map(|caller| judged(model, names, caller)).collect();
    model.resources.extend(found);
}

/// The calls of containers, of the clients in them, and of documents.
fn callers(model: &Model, residents: &Residents) -> Vec<Caller> {
    let mut callers = Vec::new();
    for (index, container) in model.containers.iter().enumerate() {
        let mut add = |call: Call| {
            callers.push(Caller { unit: container.unit.clone(), container: Some(index), call });
        };
        container.calls.iter().cloned().for_each(&mut add);
        // what is read of a variable has been seen as one
        let known = |place: &Location| {
            container.calls.iter().any(|call| {
                let own = &call.written.entry;
                own.file == place.file && own.start <= place.start && place.end <= own.end
            })
        };
        let clients = residents.kind(model, index, "client").chain(residents.kind(model, index, "route"));
        let calls = clients.filter_map(|id| resident_call(model, container, id));
        let groups = residents.kind(model, index, "upstream").chain(residents.kind(model, index, "route"));
        let servers =
            groups.flat_map(|id| SERVERS.iter().filter_map(move |name| server_call(model, container, id, name)));
        calls.chain(servers).filter(|call| !known(&call.written.value)).for_each(add);
    }
    let of_documents = model.calls.iter().cloned();
    callers.extend(of_documents.map(|(unit, call)| Caller { unit, container: None, call }));
    callers
}

/// The call of a client or a proxy's route in a container, if it is in use and names a port.
fn resident_call(model: &Model, container: &Container, id: ResourceId) -> Option<Call> {
    let resource = model.get(id);
    if resource.value("enabled") == Some(&Value::Bool(false)) || resource.profile.is_some() {
        return None;
    }
    let address = ["url", "upstream", "hosts", "host"].iter().find_map(|name| resource.attribute(name))?;
    let Effective::Known(Value::Text(text)) = &address.effective else { return None };
    let (port, from) = match resource.attribute("port") {
        Some(port) => match &port.effective {
            Effective::Known(Value::Int(number)) if !port.written.is_empty() => (number.to_string(), port),
            _ => return None,
        },
        None => (port_in(text)?.to_string(), address),
    };
    let host = match &*resource.kind {
        "client" => host_of(model, id),
        _ => host_in(text),
    }?;
    Some(Call {
        dialect: resource.dialect.clone(),
        caller: container.name.clone(),
        host: host.as_str().into(),
        port: port.as_str().into(),
        confidence: resource.confidence.min(address.confidence).min(from.confidence),
        written: from.written.first()?.clone(),
    })
}

/// The call of a proxy at one server of a group, or of a route.
fn server_call(model: &Model, container: &Container, group: ResourceId, name: &str) -> Option<Call> {
    let resource = model.get(group);
    let attribute = resource.attribute(name)?;
    let Effective::Known(Value::Text(text)) = &attribute.effective else { return None };
    let address = server_with_port(text)?;
    Some(Call {
        dialect: resource.dialect.clone(),
        caller: container.name.clone(),
        host: host_in(address)?.as_str().into(),
        port: port_in(address)?.to_string().as_str().into(),
        confidence: resource.confidence.min(attribute.confidence),
        written: attribute.written.first()?.clone(),
    })
}

/// The port of an address or URL.
fn port_in(address: &str) -> Option<u16> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next()?.rsplit_once(':')?.1.parse().ok()
}

/// What becomes of a call; none where there is nothing to say.
fn judged(model: &Model, names: &Names, caller: &Caller) -> Option<Resource> {
    if let Some(address) = names.address(&caller.unit, &caller.call.host) {
        return at_address(model, caller, address);
    }
    let from = &model.containers[caller.container?];
    let to = names.find(from, &caller.call.host).filter(|&to| Some(to) != caller.container)?;
    at_container(model, caller, to)
}

/// A call at a name that has ports of its own.
fn at_address(model: &Model, caller: &Caller, address: usize) -> Option<Resource> {
    let address = &model.addresses[address];
    let ports = address.ports.as_ref()?;
    let port = &*caller.call.port;
    let number = port.parse::<u16>().ok();
    let has = ports.iter().any(|(own, name)| match number {
        Some(number) => *own == number,
        None => name.as_deref() == Some(port),
    });
    let list = ports.iter().map(|(number, name)| match name {
        Some(name) if numberless(port) => format!("{name} ({number})"),
        _ => number.to_string(),
    });
    let list = list.collect::<Vec<_>>().join(", ");
    let place = Written::new(address.location, address.location, format!("its ports: {list}").as_str());
    let mut resource = resource(model, caller);
    // both places, so that each is named by what stands there
    let written = vec![place, caller.call.written.clone()];
    let mut set = |name: &str, value: Value| {
        let attribute = derived(Effective::Known(value), written.clone(), caller.call.confidence);
        resource.attributes.insert(name.into(), attribute);
    };
    set("port_exists", Value::Bool(has));
    set("callee_ports", Value::text(&list));
    Some(resource)
}

fn numberless(port: &str) -> bool {
    port.parse::<u16>().is_err()
}

/// A call at a container, whose host may lead the port on to another one.
fn at_container(model: &Model, caller: &Caller, to: usize) -> Option<Resource> {
    let callee = &model.containers[to];
    let ports = &callee.ports;
    let port: u16 = caller.call.port.parse().ok()?;
    let led: Vec<_> = ports.published.iter().filter(|published| published.host == port).collect();
    let [led] = led.as_slice() else { return None };
    let listens = ports.said.contains(&port) || ports.published.iter().any(|published| published.own == port);
    if listens {
        return None;
    }
    // whoever shares its network may listen there too
    let shared = model.containers.iter().any(|other| {
        let joins = other.ports.joins.as_ref();
        other.unit == callee.unit && joins.is_some_and(|name| *name == callee.name || callee.hosts.contains(name))
    });
    let unseen = ports.open || shared || ports.joins.is_some();
    let confidence = caller.call.confidence.min(led.confidence).min(Confidence::High);
    let label = format!("port {} of the host leads to {}", led.host, led.own);
    let place = Written::new(led.location, led.location, label.as_str());
    let value = |value: Value| if unseen { Effective::Unknown(Why::OutOfSight) } else { Effective::Known(value) };
    let mut resource = resource(model, caller);
    let written = vec![place, caller.call.written.clone()];
    let mut set = |name: &str, value: Effective| {
        resource.attributes.insert(name.into(), derived(value, written.clone(), confidence));
    };
    set("from_host_only", value(Value::Bool(true)));
    set("callee_port", Effective::Known(Value::Int(led.own.into())));
    Some(resource)
}

/// The call as a resource, with what is said in it.
pub(super) fn resource(model: &Model, caller: &Caller) -> Resource {
    let call = &caller.call;
    let container = caller.container.map(|at| &model.containers[at]);
    let workload = container.and_then(|container| container.workload).map(|id| model.get(id));
    let said = |value: &str| {
        let written = vec![call.written.clone()];
        derived(Effective::Known(Value::text(value)), written, call.confidence)
    };
    let attributes: NameMap<Attribute> = [("host", &call.host), ("port", &call.port)]
        .into_iter()
        .map(|(name, value)| (name.into(), said(value)))
        .collect();
    Resource {
        kind: "call".into(),
        dialect: call.dialect.clone(),
        product: None,
        version: None,
        identity: vec![call.caller.clone(), format!("{}:{}", call.host, call.port).as_str().into()],
        profile: None,
        home: container.map(|container| container.home.clone()),
        location: call.written.entry,
        sites: Vec::new(),
        attributes,
        defaults: Default::default(),
        links: NameMap::new(),
        closed: true,
        confidence: call.confidence,
        rehearsal: workload.is_some_and(|workload| workload.rehearsal),
    }
}
