//! Postgres parameters: which there are in each version, and what the server makes of a value.
//!
//! In: a parameter's name, the server's major version, a text. Out: the value the server would keep, or its refusal.
//!
//! ```ignore
//! let timeout = postgres::parameters().find("statement_timeout", 17)?;
//! postgres::check(timeout, "500us")?.rounded_to_zero   // true: the limit is off
//! postgres::check(timeout, "30sec")                    // 'sec' is not a unit here; write 's'
//! ```

mod limits;
pub(super) mod number;
mod parameter;
mod table;
mod value;

pub use number::unit_words;
pub use parameter::{Came, Context, EnumValue, Kind, Parameter};
pub use table::{NEWEST, OLDEST, Parameters, TableError, parameters, renamed};
pub(super) use value::switch;
pub use value::{PgQuantity, PgValue, PgValueError, check};
