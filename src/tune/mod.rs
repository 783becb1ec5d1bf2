//! Settings of a Postgres server, computed from its machine and its load, and held against what files say of it.
//!
//! In: an [`Input`]: memory, CPUs, storage, kind of load, connections, major version. Out: a [`Plan`]: each setting with
//! its value, why, and the expression it comes from; what the server may take of the memory at worst; what is to be said.
//! Also in: what files say ([`servers`]), and so what each setting was before; and what a running server showed and takes
//! ([`Running`]), from which settings, limits of roles and options of tables follow ([`plan_on`]). No I/O. The expressions are data, in `schema/postgres/tune.toml`.
//!
//! ```
//! use trueup::tune::{Input, Storage, Workload, plan};
//!
//! let input = Input {
//!     memory: 16 << 30,
//!     cpus: 4,
//!     storage: Storage::Ssd,
//!     workload: Workload::Oltp,
//!     connections: 100,
//!     version: 16,
//! };
//! let plan = plan(&input)?;
//! assert_eq!(plan.value("shared_buffers"), Some("4GB"));
//! assert!(plan.budget.sum() <= plan.budget.limit);
//! # Ok::<(), trueup::tune::TuneError>(())
//! ```

mod conf;
mod evaluate;
mod evidence;
mod found;
mod input;
mod json;
mod plan;
mod pools;
mod recipe;
mod roles;
mod running;
mod sql;
mod summary;
mod text;
mod world;
mod written;

pub use conf::conf;
pub use evidence::{Seen, TableOption, TablePlan};
pub use found::{By, Clients, Said, Server, Was, product, servers};
pub use input::{Input, Sourced, Storage, Workload};
pub use json::json;
pub use plan::{Budget, Part, Plan, Setting, Term, TuneError, plan, plan_on, usual_connections};
pub use pools::{Fitting, Pools};
pub use roles::{RolePlan, unasked};
pub use running::Running;
pub use sql::{sql, undo};
pub use summary::summary;
pub use text::{explanation, table};
pub use written::size;
