//! The map before it is laid out: stacks, nodes, edges and figures.

use std::sync::Arc;

use serde::Serialize;

use crate::model::Severity;
use crate::report::Redacted;

/// Everything that is seen of a run's stacks.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Map {
    /// By deploy unit.
    pub stacks: Vec<Stack>,
    /// Findings that concern nothing in the picture.
    pub elsewhere: usize,
}

/// What is deployed together, or stands in files that no deploy unit is known of.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Stack {
    /// The deploy unit.
    pub name: Redacted,
    /// What runs, and hosts that are only named.
    pub nodes: Vec<Node>,
    /// Calls.
    pub edges: Vec<Edge>,
}

/// What a node is. Ordered from the callers to what is called last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Hands requests on.
    Proxy,
    /// A program.
    Service,
    /// Shares server connections among clients.
    Pooler,
    /// A database, a cache, a broker.
    Server,
    /// A host that is only named.
    Named,
}

impl Role {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Role::Proxy => "proxy",
            Role::Service => "service",
            Role::Pooler => "pooler",
            Role::Server => "server",
            Role::Named => "named only",
        }
    }
}

/// Something that calls or is called.
#[derive(Debug, Clone, Serialize)]
pub struct Node {
    /// Its name.
    pub name: Redacted,
    /// What it is.
    pub role: Role,
    /// The product, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<Redacted>,
    /// Where it is described.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Spot>,
    /// Replicas, limits.
    pub figures: Vec<Figure>,
    /// What is found of it.
    pub marks: Vec<Mark>,
}

/// A call.
#[derive(Debug, Clone, Serialize)]
pub struct Edge {
    /// Index of the caller among the stack's nodes.
    pub from: usize,
    /// Index of what is called.
    pub to: usize,
    /// Where the call is described.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Spot>,
    /// Pool, timeouts, retries.
    pub figures: Vec<Figure>,
    /// What is found of it.
    pub marks: Vec<Mark>,
}

/// A number of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// Of what, in a word or two.
    pub what: &'static str,
    /// The number with its unit; `?` where it is not known.
    pub value: Redacted,
    /// `written`, `default`, `fact`, `interpolated`, `derived`, `absent`, `unknown`.
    pub origin: &'static str,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Spot>,
    /// Why it is not known, whence the default is known, or how it comes about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Redacted>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// The rule's id.
    pub rule: Arc<str>,
    /// How bad.
    pub severity: Severity,
    /// What is wrong.
    pub message: Redacted,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Spot>,
    /// Whether it follows from several programs together.
    pub across: bool,
}

/// A point in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Spot {
    /// The file, from the root of the run.
    pub path: Redacted,
    /// From 1.
    pub line: usize,
}
