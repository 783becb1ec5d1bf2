//! Resources, attributes, values, origins: what rules see. No I/O, no syntax, no product.

mod deployment;
mod finding;
mod name_map;
mod nearest;
mod resource;
mod value;

pub use deployment::{Address, Call, Container, PortNames, Ports, Published, SelectedBy, Selection};
pub use finding::{
    Assignment, Confidence, Evidence, Finding, FixOffer, Location, Missing, Related, Safety, Severity, Unjudged,
};
pub use name_map::NameMap;
pub use nearest::nearest;
pub use resource::{
    Attribute, Declaration, Link, Model, Name, Origin, Pin, Resource, ResourceId, Site, Written, WrittenBy,
};
pub use value::{Effective, SECOND, Type, Value, Why};
