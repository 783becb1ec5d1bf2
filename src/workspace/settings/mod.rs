//! What the user decided: `trueup.toml`, found from a file's path upward.
//!
//! ```toml
//! edition = "2026.1"               # the default set of rules
//! select = ["retry-without-backoff"]   # only these, whatever their level
//! ignore = ["idle-timeout-off"]
//! lock = ["fsync-off"]             # comments cannot silence these
//! exclude = ["legacy/", "*.generated.yaml"]     # patterns as in .gitignore, relative to this file
//! rules = ["./trueup/"]            # pages and tables of your own
//! baseline = "trueup-baseline.json"    # findings that are known
//!
//! [severity]
//! pool-without-limit = "error"
//!
//! [per-file-ignores]
//! "bench/**" = ["statement-timeout-off"]
//!
//! [facts]                          # what no file can say
//! memory = "16GiB"
//! cpus = 8
//! storage = "ssd"
//! replicas = 3
//! versions = { postgresql = "16" }
//! ```
//!
//! Every key may be missing, and so may every line. A rule id stands for one rule, a category for all its rules.

mod discover;
mod read;
mod starter;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ignore::gitignore::Gitignore;

pub use discover::{Discovery, settings_in, would_govern};
pub use read::EDITIONS;
pub use starter::starter;

use super::Problem;
use crate::model::{Severity, Value};
use crate::quantity::{self, Grammar, Quantity, Unit, Wanted};
use crate::suppress::Date;

/// The settings of one scope.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file they come from, as problems name it; empty for the defaults.
    pub path: String,
    /// The directory relative paths and patterns start from.
    pub root: PathBuf,
    /// The edition whose default rules apply.
    pub edition: String,
    /// Only these rules, if any are named.
    pub select: Vec<Named>,
    /// Without these rules.
    pub ignore: Vec<Named>,
    /// Rules that comments cannot silence.
    pub lock: Vec<Named>,
    /// Severities other than the rules' own.
    pub severity: Vec<(Named, Severity)>,
    /// Rules that are off in some files.
    pub per_file_ignores: Vec<(Pattern, Vec<Named>)>,
    /// Findings that are silenced, in files without comments.
    pub suppressions: Vec<Suppression>,
    /// Files that are not read.
    pub exclude: Pattern,
    /// Directories with the user's own pages and tables, made absolute; each with its place in the file.
    pub rules: Vec<(PathBuf, Named)>,
    /// The file with the findings that are known, made absolute; with its place in this file.
    pub baseline: Option<(PathBuf, Named)>,
    /// What no file can say.
    pub facts: Facts,
}

impl Settings {
    /// The defaults, for files below `root`.
    pub fn default_for(root: &Path) -> Self {
        Settings {
            path: String::new(),
            root: root.to_path_buf(),
            edition: EDITIONS[EDITIONS.len() - 1].into(), // the list of editions is never empty
            select: Vec::new(),
            ignore: Vec::new(),
            lock: Vec::new(),
            severity: Vec::new(),
            per_file_ignores: Vec::new(),
            suppressions: Vec::new(),
            exclude: Pattern::none(),
            rules: Vec::new(),
            baseline: None,
            facts: Facts::default(),
        }
    }

    /// Reads `text`, the content of the settings file at `file`; problems call it `shown`. All problems are reported at once.
    pub fn parse(file: &Path, shown: &str, text: &str) -> Result<Self, Vec<Problem>> {
        read::settings(file, shown, text)
    }

    /// A problem at a name of this file.
    pub fn problem(&self, at: &Named, message: impl Into<String>) -> Problem {
        Problem::new(self.path.clone(), message).at(at.line, at.column)
    }
}

/// A word of the settings file, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The word.
    pub name: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
}

/// Findings that are silenced from the settings.
#[derive(Debug, Clone)]
pub struct Suppression {
    /// The files, and where it stands.
    pub place: Named,
    /// The files.
    pub at: Pattern,
    /// The key below which they stand; all of the file without one.
    pub key: Option<crate::knowledge::Pattern>,
    /// The rules.
    pub rules: Vec<Named>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
}

/// What the user knows about the systems and no file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// `memory`, `cpus`, `storage`, `replicas` and any further name, each with its place in the file.
    pub values: BTreeMap<String, (Fact, Named)>,
    /// Versions by product, as written.
    pub versions: BTreeMap<String, (String, Named)>,
}

/// The value of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Text, such as `16GiB`.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
}

impl Fact {
    /// The fact as a value: `memory` is a size in bytes, `cpus` a number that may be broken, others are what they are.
    /// `None` where a size cannot be read.
    pub fn value(&self, name: &str) -> Option<Value> {
        Some(match self {
            Fact::Text(text) if name == "memory" => {
                match quantity::parse(text, Grammar::Human, Wanted::Size, Unit::Byte).ok()?.quantity {
                    Quantity::Size(bytes) => Value::Size(bytes),
                    _ => return None,
                }
            }
            Fact::Text(text) => Value::text(text),
            Fact::Int(number) if name == "memory" => Value::Size(*number),
            Fact::Int(number) if name == "cpus" => Value::Double(*number as f64),
            Fact::Int(number) => Value::Int(*number),
            Fact::Float(number) => Value::Double(*number),
            Fact::Bool(value) => Value::Bool(*value),
        })
    }
}

/// Patterns as in `.gitignore`, relative to the settings file.
#[derive(Debug, Clone)]
pub struct Pattern {
    root: PathBuf,
    matcher: Gitignore,
}

impl Pattern {
    /// Matches nothing.
    pub fn none() -> Self {
        Pattern { root: PathBuf::new(), matcher: Gitignore::empty() }
    }

    /// Whether it covers the file at `path` (absolute), or a directory the file is in.
    pub fn matches(&self, path: &Path) -> bool {
        if self.matcher.is_empty() {
            return false;
        }
        path.strip_prefix(&self.root)
            .is_ok_and(|inside| self.matcher.matched_path_or_any_parents(inside, false).is_ignore())
    }
}
