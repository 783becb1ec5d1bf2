//! Who reaches whom, for whoever shows it: the same residents and names that the derived attributes come from.

use super::Residents;
use super::names::{self, Names};
use crate::model::{Model, ResourceId};

/// What lives in the containers of a model, and which of them a name leads to.
pub struct Reach<'m> {
    model: &'m Model,
    residents: Residents,
    names: Names,
}

impl<'m> Reach<'m> {
    /// Of a model whose links are tied.
    pub fn of(model: &'m Model) -> Reach<'m> {
        Reach { model, residents: Residents::of(model), names: Names::of(model) }
    }

    /// The resources that live in a container.
    pub fn residents(&self, container: usize) -> &[ResourceId] {
        self.residents.of.get(container).map_or(&[], Vec::as_slice)
    }

    /// The container that `from` reaches by a host name.
    pub fn container(&self, from: usize, host: &str) -> Option<usize> {
        self.names.find(self.model.containers.get(from)?, host)
    }

    /// The host that a client calls.
    pub fn host(&self, client: ResourceId) -> Option<String> {
        names::host_of(self.model, client)
    }

    /// The one resource that `from` is tied to under a name.
    pub fn linked(&self, from: ResourceId, link: &str) -> Option<ResourceId> {
        names::linked(self.model, from, link)
    }
}
