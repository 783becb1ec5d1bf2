//! Paths and `trueup.toml` into findings: which files are read, which settings govern them, what is shown, how a run ends.
//!
//! ```text
//! targets ──walk──► files ──settings──► scopes ──Engine──► Outcome ──Selection──► Checked ──► report, exit code
//! ```
//!
//! All input and output of a check is here. The engine comes as a parameter ([`Engine`]), so everything in this module
//! can be tested with one that knows a single rule.

mod add_ignore;
mod baseline;
mod before;
mod chosen;
mod engine;
mod explain;
mod front_matter;
mod gather;
mod git;
mod host;
mod inspect;
mod mend;
mod own;
mod past;
pub mod paths;
mod problem;
mod read;
mod run;
mod seen;
mod selection;
pub mod settings;
mod shipped;
mod silence;
mod survey;
mod today;
pub mod walk;
mod write;

pub use crate::model::nearest;
pub use add_ignore::{Written, add_ignore};
pub use baseline::{BASELINE, Baseline, BaselineSource, Known};
pub use before::{Compared, Since};
pub use engine::{DialectInfo, Engine, RuleInfo};
pub use explain::{Explained, Fact, Part};
pub use gather::{Gathered, Gathering, gather};
pub use host::{Found, cpus as host_cpus, memory as host_memory};
pub use mend::{Fixing, Mended, MendedText};
pub use past::Reference;
pub use problem::{Problem, Suggestion};
pub use read::{LARGEST, read_file, versions_around};
pub use run::{Checked, Exit, Request, SettingsSource, check, root, settings_for};
pub use seen::{Seen, Standing};
pub use selection::{Overrides, Selection};
pub use settings::Settings;
pub use shipped::Shipped;
pub use survey::{Survey, Versions, survey};
