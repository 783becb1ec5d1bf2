//! Resources, attributes, values, origins: what rules see. No I/O, no syntax, no product.

mod value;

pub use value::{Effective, SECOND, Type, Value, Why};
