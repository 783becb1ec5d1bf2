//! What speaks of a set of containers: autoscalers, disruption budgets.

use std::collections::HashMap;

use crate::model::{Attribute, Container, Declaration, Model, Name, ResourceId, SelectedBy};

/// The most containers looked at for one selection.
const MOST: usize = 1_000;

/// Ties each selection to the workload it takes, and gives that workload what an autoscaler says of it.
///
/// Several containers of one object are one workload as far as its replicas go, so the first stands for all; containers of
/// several objects are none that could be meant.
pub(super) fn tie(model: &mut Model) {
    let selections = std::mem::take(&mut model.selections);
    if selections.is_empty() {
        return;
    }
    // found by one thing they must have, so that many selections among many containers stay cheap
    let mut index: HashMap<(Name, Name, Name), Vec<usize>> = HashMap::new();
    for (at, container) in model.containers.iter().enumerate() {
        let own = (Name::from(""), container.name.clone());
        for (key, value) in container.owner.iter().chain(&container.labels).chain(std::iter::once(&own)) {
            index.entry((container.unit.clone(), key.clone(), value.clone())).or_default().push(at);
        }
    }
    let none = Name::from("");
    for (resource, selection) in selections {
        let (key, value) = match &selection.by {
            SelectedBy::Owner(kind, name) => (kind, name),
            SelectedBy::Name(name) => (&none, name),
            SelectedBy::Labels(labels) => match labels.first() {
                Some((key, value)) => (key, value),
                None => continue,
            },
        };
        let candidates = index.get(&(selection.unit.clone(), key.clone(), value.clone()));
        let candidates = candidates.into_iter().flatten().map(|&at| &model.containers[at]).take(MOST);
        let taken: Vec<&Container> = candidates.filter(|container| selection.takes(container)).collect();
        let Some(first) = taken.first() else { continue };
        // one object: the same document describes them all
        let document = |home: &str| home.rsplit_once('#').map_or(home, |(document, _)| document).to_string();
        if taken.iter().any(|other| other.owner != first.owner || document(&other.home) != document(&first.home)) {
            continue;
        }
        let workloads: Vec<ResourceId> = taken.iter().filter_map(|container| container.workload).collect();
        let Some(&workload) = workloads.first() else { continue };
        let kind = model.get(resource).kind.clone();
        model.link(resource, "workload", workload);
        for &workload in &workloads {
            model.link(workload, &kind, resource);
            if let Some(most) = model.get(resource).attribute("max_replicas").cloned() {
                let most = Attribute { declared: Declaration::Set, ..most };
                model.get_mut(workload).attributes.or_insert_with("replicas_max".into(), || most);
            }
        }
    }
}
