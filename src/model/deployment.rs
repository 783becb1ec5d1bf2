//! Where things run: the containers of a deploy unit, and the names by which they reach each other.

use std::collections::BTreeSet;

use super::finding::{Confidence, Location};
use super::resource::{Name, ResourceId, Written};

/// A container as its orchestrator describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// The deploy unit: containers of one unit reach each other by name, those of two do not.
    pub unit: Name,
    /// What the resources that live in it have as their home.
    pub home: Name,
    /// Its name, for messages.
    pub name: Name,
    /// The names under which others of its unit reach it.
    pub hosts: Vec<Name>,
    /// Kind and name of the object that owns it, where one does.
    pub owner: Option<(Name, Name)>,
    /// The labels by which an address selects it.
    pub labels: Vec<(Name, Name)>,
    /// Whether it shares the network of its host, where these names mean nothing.
    pub host_network: bool,
    /// Whether it runs only where someone asks for it.
    pub optional: bool,
    /// Where it is described.
    pub location: Location,
    /// What is said of it as a workload.
    pub workload: Option<ResourceId>,
    /// What is said of its ports.
    pub ports: Ports,
    /// The names of its ports, where all of them are seen.
    pub port_names: Option<PortNames>,
    /// The addresses at which it calls others, as far as its description names them.
    pub calls: Vec<Call>,
}

/// The names that the ports of a container have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PortNames {
    /// Of its own.
    pub own: Vec<Name>,
    /// Of all that are reached at its address.
    pub all: Vec<Name>,
}

/// What the description of a container says of its ports.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ports {
    /// Ports of its host that lead to ports of its own.
    pub published: Vec<Published>,
    /// Numbers that stand anywhere else in its description: it may listen there.
    pub said: BTreeSet<u16>,
    /// Whether something that is not seen may say where it listens.
    pub open: bool,
    /// The container whose network it shares.
    pub joins: Option<Name>,
}

/// That a port of the host leads to one of a container.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The host's port.
    pub host: u16,
    /// The container's port.
    pub own: u16,
    /// How sure that is: a variable may have another value.
    pub confidence: Confidence,
    /// Where it is written.
    pub location: Location,
}

/// An address at which something is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The dialect that read it.
    pub dialect: Name,
    /// Who calls, for messages.
    pub caller: Name,
    /// The host name.
    pub host: Name,
    /// The port: a number, or the name of one.
    pub port: Name,
    /// How sure it is that this is an address, and this one.
    pub confidence: Confidence,
    /// Where it is written.
    pub written: Written,
}

/// A name that leads to the containers with certain labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// The deploy unit.
    pub unit: Name,
    /// The name.
    pub name: Name,
    /// The labels a container must have; with none, nothing is selected.
    pub labels: Vec<(Name, Name)>,
    /// Its ports, each with its name if it has one; none where callers reach the containers themselves, or where they
    /// cannot be read.
    pub ports: Option<Vec<(u16, Option<Name>)>>,
    /// What it calls at the containers, by the names of their ports.
    pub targets: Vec<Call>,
    /// Where it is described.
    pub location: Location,
}

/// Which containers a resource speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The deploy unit.
    pub unit: Name,
    /// By what it selects them.
    pub by: SelectedBy,
}

/// By what containers are selected.
#[derive(Debug, Clone, PartialEq)]
pub enum SelectedBy {
    /// Kind and name of the object that owns them.
    Owner(Name, Name),
    /// Its name.
    Name(Name),
    /// The labels they must have.
    Labels(Vec<(Name, Name)>),
}

impl Selection {
    /// Whether it speaks of that container.
    pub fn takes(&self, container: &Container) -> bool {
        self.unit == container.unit
            && match &self.by {
                SelectedBy::Owner(kind, name) => {
                    container.owner.as_ref().is_some_and(|own| own == &(kind.clone(), name.clone()))
                }
                SelectedBy::Name(name) => container.name == *name,
                SelectedBy::Labels(labels) => {
                    !labels.is_empty() && labels.iter().all(|label| container.labels.contains(label))
                }
            }
    }
}
