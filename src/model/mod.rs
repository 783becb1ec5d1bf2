//! Resources, attributes, values, origins: what rules see. No I/O, no syntax, no product.

mod nearest;
mod value;

pub use nearest::nearest;
pub use value::{Effective, SECOND, Type, Value, Why};
