//! What only the whole can know: which resource reaches which, and what all of them together ask of one.
//!
//! In goes the model with its containers and their names, out come links (`client.server`, `pool.workload`) and derived
//! attributes (`server.client_connections`), which pages judge like any other. Nothing is guessed: names hold within
//! their deploy unit, a name that leads to two places leads nowhere, a number that is not known becomes an interval.
//!
//! ```text
//! compose.yml   api: 3 replicas, 2 processes, pool 20 ──host db──▶ db: max_connections 100
//!               server db: client_connections = 120, client_connections_from = "api 3 × 2 × 20"
//! ```

mod bodies;
mod calls;
mod count;
mod demand;
mod groups;
mod names;
mod pooled;
mod port_names;
mod ports;
mod reach;
mod selection;

pub(crate) use names::host_in;
pub use reach::Reach;

use crate::model::{Model, ResourceId};

/// Ties the resources of the containers to each other and derives what follows.
pub fn derive(model: &mut Model) {
    if model.containers.is_empty() && model.calls.is_empty() {
        return;
    }
    let residents = Residents::of(model);
    residents.tie(model);
    selection::tie(model);
    let names = names::Names::of(model);
    let edges = names::edges(model, &residents, &names);
    let upstreams = pooled::upstreams(model, &residents, &names);
    demand::derive(model, &residents, &edges, &upstreams);
    calls::derive(model, &residents, &names);
    ports::derive(model, &residents, &names);
    port_names::derive(model);
}

/// The resources that live in each container.
struct Residents {
    /// By container, as the model numbers them.
    of: Vec<Vec<ResourceId>>,
}

impl Residents {
    fn of(model: &Model) -> Residents {
        let by_home: std::collections::HashMap<_, _> =
            model.containers.iter().enumerate().map(|(index, container)| (container.home.clone(), index)).collect();
        let mut of = vec![Vec::new(); model.containers.len()];
        for (index, resource) in model.resources.iter().enumerate() {
            let container = resource.home.as_ref().and_then(|home| by_home.get(home));
            if let Some(&container) = container {
                of[container].push(ResourceId(index as u32));
            }
        }
        Residents { of }
    }

    /// Ties what lives in a container to it as a workload.
    fn tie(&self, model: &mut Model) {
        for (container, residents) in self.of.iter().enumerate() {
            let Some(workload) = model.containers[container].workload else { continue };
            for &id in residents.iter().filter(|&&id| id != workload) {
                if matches!(&*model.get(id).kind, "client" | "pool" | "server" | "pooler" | "listener") {
                    model.link(id, "workload", workload);
                }
            }
        }
    }

    /// The residents of one kind.
    fn kind<'a>(&'a self, model: &'a Model, container: usize, kind: &'a str) -> impl Iterator<Item = ResourceId> + 'a {
        self.of[container].iter().copied().filter(move |&id| &*model.get(id).kind == kind)
    }
}
