//! Resources: the pools, clients, servers, retry policies that the files describe, whoever wrote them down.

use std::sync::Arc;

use super::deployment::{Address, Call, Container, Selection};
use super::finding::{Confidence, Location};
use super::name_map::NameMap;
use super::value::{Effective, Value, Why};

/// A name of the vocabulary: a kind, an attribute, a link, a product, a dialect.
pub type Name = Arc<str>;

/// Index of a resource in its [`Model`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(pub u32);

/// Whether something sets an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declaration {
    /// A layer sets it.
    Set,
    /// Every layer that could set it is visible, and none does.
    NotSet,
    /// Something may set it that cannot be seen or read.
    Unreadable,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// Written in a file.
    Set,
    /// The product's default for the version at hand.
    Default {
        /// Whence the default is known.
        source: Name,
    },
    /// The user's `trueup.toml`.
    Fact,
    /// A variable's default in the text, or its value in an environment file.
    Interpolated,
    /// Computed from other attributes.
    Derived,
    /// Nothing.
    Absent,
}

impl Origin {
    /// The word reports print.
    pub fn word(&self) -> &'static str {
        match self {
            Origin::Set => "set",
            Origin::Default { .. } => "default",
            Origin::Fact => "fact",
            Origin::Interpolated => "interpolated",
            Origin::Derived => "derived",
            Origin::Absent => "absent",
        }
    }
}

/// One place that writes an attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Key through value.
    pub entry: Location,
    /// The value alone.
    pub value: Location,
    /// The key as spelled in the file.
    pub key: Name,
    /// What read it, and so can write it.
    pub by: Option<WrittenBy>,
    /// Whether other resources read the same text: through an anchor, or because they inherit it.
    pub shared: bool,
    /// The layer that it belongs to, where its table names layers.
    pub layer: Option<Name>,
}

impl Written {
    /// A place of its own, of which nothing more is known.
    pub fn new(entry: Location, value: Location, key: impl Into<Name>) -> Written {
        Written { entry, value, key: key.into(), by: None, shared: false, layer: None }
    }

    /// The same, read by `by`.
    pub fn by(mut self, by: WrittenBy) -> Written {
        self.by = Some(by);
        self
    }

    /// The same, shared with other resources if `shared`.
    pub fn shared(mut self, shared: bool) -> Written {
        self.shared |= shared;
        self
    }
}

/// The part of a dialect table that reads a value; written back, a value is spelled as that part says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrittenBy {
    /// A row.
    Row {
        /// The table's id.
        table: Name,
        /// Which of its blocks.
        block: u16,
        /// Which of the block's rows.
        row: u16,
    },
    /// A parameter of the table's set.
    Parameter {
        /// The table's id.
        table: Name,
        /// The parameter's canonical name.
        name: Name,
    },
}

/// A place where a resource's keys stand, and where a missing one would be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The id of the table that read it.
    pub table: Name,
    /// Which of its blocks; none for the parameters at the top of a document.
    pub block: Option<u16>,
    /// Key through value of the place.
    pub entry: Location,
    /// Whether what reads it refuses units: quantities are numbers in the unit of their own.
    pub unitless: bool,
}

/// What a resource says of one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Whether something sets it.
    pub declared: Declaration,
    /// Its value.
    pub effective: Effective,
    /// Where that comes from.
    pub origin: Origin,
    /// How sure the reading is (unit inference lowers it).
    pub confidence: Confidence,
    /// Where it is written, the deciding place first.
    pub written: Vec<Written>,
}

/// The resources another one is tied to under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// These.
    To(Vec<ResourceId>),
    /// There is none, and it would be seen.
    Absent,
    /// There may be one that cannot be seen.
    OutOfSight,
}

/// A version found in the repository or declared by the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// As written: `16.4`, `1.24`.
    pub version: Name,
    /// Where from, for people: `image tag`, `trueup.toml`.
    pub source: Name,
    /// Where it is written, if in a file.
    pub location: Option<Location>,
}

/// One thing that is configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// What it is: `pool`, `client`, `server` …
    pub kind: Name,
    /// The dialect that read it.
    pub dialect: Name,
    /// The product it belongs to, if it is known.
    pub product: Option<Name>,
    /// The product's version.
    pub version: Option<Pin>,
    /// Its name keys from the outside in; with `kind`, what it is recognised by across runs.
    pub identity: Vec<Name>,
    /// The profile or role it holds for; `None` for all.
    pub profile: Option<Name>,
    /// The container it lives in, if it is known.
    pub home: Option<Name>,
    /// Where it is written.
    pub location: Location,
    /// Where its keys stand, the strongest place last.
    pub sites: Vec<Site>,
    /// What is said of it.
    pub attributes: NameMap<Attribute>,
    /// What holds although nothing sets it, shared by all resources of the product's version.
    pub defaults: Arc<NameMap<Attribute>>,
    /// What it is tied to.
    pub links: NameMap<Link>,
    /// Whether what is not set here is not set at all.
    pub closed: bool,
    /// How sure it is that this is such a resource.
    pub confidence: Confidence,
    /// Whether it is not what serves users, such as a developer's profile: what is found there weighs a step less.
    pub rehearsal: bool,
}

impl Resource {
    /// An attribute, if anything is known of it.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(name).or_else(|| self.defaults.get(name))
    }

    /// Its known value, if it has one.
    pub fn value(&self, name: &str) -> Option<&Value> {
        match &self.attribute(name)?.effective {
            Effective::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Whether `name` is set; absence counts only in a closed resource.
    pub fn declared(&self, name: &str) -> Declaration {
        match self.attribute(name) {
            Some(attribute) => attribute.declared,
            None if self.closed => Declaration::NotSet,
            None => Declaration::Unreadable,
        }
    }

    /// The effective value of `name`.
    pub fn effective(&self, name: &str) -> Effective {
        self.attribute(name).map_or(Effective::Unknown(Why::NotSet), |attribute| attribute.effective.clone())
    }

    /// The resources tied to it as `name`.
    pub fn link(&self, name: &str) -> Link {
        match self.links.get(name) {
            Some(link) => link.clone(),
            None if self.closed => Link::Absent,
            None => Link::OutOfSight,
        }
    }
}

/// All resources of a run.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// [`ResourceId`] indexes here.
    pub resources: Vec<Resource>,
    /// The containers.
    pub containers: Vec<Container>,
    /// The names that lead to them.
    pub addresses: Vec<Address>,
    /// Addresses that documents of a deploy unit call, apart from those of its containers.
    pub calls: Vec<(Name, Call)>,
    /// The resources that speak of some of them.
    pub selections: Vec<(ResourceId, Selection)>,
}

impl Model {
    /// Adds a resource.
    pub fn add(&mut self, resource: Resource) -> ResourceId {
        self.resources.push(resource);
        ResourceId(self.resources.len() as u32 - 1)
    }

    /// The resource behind an id of this model.
    pub fn get(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0 as usize]
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, id: ResourceId) -> &mut Resource {
        &mut self.resources[id.0 as usize]
    }

    /// Ties `from` to `to` under `name`.
    pub fn link(&mut self, from: ResourceId, name: &str, to: ResourceId) {
        let links = &mut self.get_mut(from).links;
        match links.get_mut(name) {
            Some(Link::To(ids)) if !ids.contains(&to) => ids.push(to),
            Some(Link::To(_)) => {}
            _ => {
                links.insert(name.into(), Link::To(vec![to]));
            }
        }
    }
}
