//! Paths and `trueup.toml` into findings: which files are read, which settings govern them, what is shown, how a run ends.
//!
//! ```text
//! targets ──walk──► files ──settings──► scopes ──Engine──► Outcome ──Selection──► Checked ──► report, exit code
//! ```
//!
//! All input and output of a check is here. The engine comes as a parameter ([`Engine`]), so everything in this module
//! can be tested with one that knows a single rule.

mod add_ignore;
mod engine;
mod front_matter;
mod inspect;
mod own;
pub mod paths;
mod problem;
mod read;
mod run;
mod selection;
pub mod settings;
mod shipped;
mod today;
pub mod walk;

pub use crate::model::nearest;
pub use add_ignore::{Written, add_ignore};
pub use engine::{DialectInfo, Engine, RuleInfo};
pub use problem::{Problem, Suggestion};
pub use read::{LARGEST, read_file, versions_around};
pub use run::{Checked, Exit, Request, SettingsSource, check, root, settings_for};
pub use selection::{Overrides, Selection};
pub use settings::Settings;
pub use shipped::Shipped;
