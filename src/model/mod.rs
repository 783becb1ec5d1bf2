//! Resources, attributes, values, origins: what rules see. No I/O, no syntax, no product.

mod finding;
mod value;

pub use finding::{Confidence, Evidence, Finding, FixOffer, Location, Related, Safety, Severity, Unjudged};
pub use value::{Effective, SECOND, Type, Value, Why};
