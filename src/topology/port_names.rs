//! Ports that are meant by a name which no container gives to one of its own.
//!
//! ```text
//! container api: ports http, metrics      its check asks at "web"                 no such port
//!                                         a Service leads to "web" of its pods    no such port
//! ```

use std::collections::HashMap;

use super::demand::derived;
use super::names::selects;
use super::ports::{Caller, resource};
use crate::model::{Confidence, Container, Effective, Link, Location, Model, Name, ResourceId, Value, Written};

/// Derives for every port that is named whether it is there.
pub(super) fn derive(model: &mut Model) {
    checks(model);
    targets(model);
}

/// What the checks of a container ask at: one of its own ports.
fn checks(model: &mut Model) {
    let mut found: Vec<(ResourceId, bool, String, Location)> = Vec::new();
    for container in &model.containers {
        let (Some(names), Some(workload)) = (&container.port_names, container.workload) else { continue };
        for id in model.get(workload).links.values().flat_map(linked) {
            let check = model.get(*id);
            let Some(Value::Text(port)) = check.value("port").filter(|_| &*check.kind == "healthcheck") else {
                continue;
            };
            if !port.bytes().any(|byte| byte.is_ascii_alphabetic()) || port.contains(['$', '{']) {
                continue;
            }
            let has = names.own.iter().any(|name| **name == **port);
            found.push((*id, has, list(&names.own), container.location));
        }
    }
    for (id, has, list, location) in found {
        let place = Written::new(location, location, format!("its ports: {list}").as_str());
        let check = model.get_mut(id);
        let own = check.attribute("port").and_then(|port| port.written.first()).cloned();
        let written: Vec<Written> = std::iter::once(place).chain(own).collect();
        for (name, value) in [("port_exists", Value::Bool(has)), ("container_ports", Value::text(&list))] {
            let attribute = derived(Effective::Known(value), written.clone(), Confidence::Certain);
            check.attributes.insert(name.into(), attribute);
        }
    }
}

/// What names lead to: a port of any container that they select.
fn targets(model: &mut Model) {
    let mut by_unit: HashMap<&Name, Vec<&Container>> = HashMap::new();
    for container in &model.containers {
        by_unit.entry(&container.unit).or_default().push(container);
    }
    let mut found = Vec::new();
    for address in model.addresses.iter().filter(|address| !address.targets.is_empty() && !address.labels.is_empty()) {
        let of_unit = by_unit.get(&address.unit).into_iter().flatten();
        let selected: Vec<&&Container> = of_unit.filter(|container| selects(&address.labels, container)).collect();
        let names: Option<Vec<&[Name]>> =
            selected.iter().map(|container| container.port_names.as_ref().map(|names| &*names.all)).collect();
        let (Some(names), Some(first)) = (names, selected.first()) else { continue };
        for call in &address.targets {
            let has = names.iter().any(|names| names.contains(&call.port));
            let list = list(names.first().copied().unwrap_or_default());
            let place = Written::new(first.location, first.location, format!("its ports: {list}").as_str());
            let written = vec![place, call.written.clone()];
            let mut resource =
                resource(model, &Caller { unit: address.unit.clone(), container: None, call: call.clone() });
            for (name, value) in [("port_exists", Value::Bool(has)), ("container_ports", Value::text(&list))] {
                let attribute = derived(Effective::Known(value), written.clone(), Confidence::High);
                resource.attributes.insert(name.into(), attribute);
            }
            found.push(resource);
        }
    }
    model.resources.extend(found);
}

fn linked(link: &Link) -> &[ResourceId] {
    match link {
        Link::To(ids) => ids,
        Link::Absent | Link::OutOfSight => &[],
    }
}

fn list(names: &[Name]) -> String {
    match names {
        [] => "none with a name".into(),
        names => names.join(", "),
    }
}
