//! What the workspace and the command line need of the engine behind them.
//!
//! The engine knows dialects and rules and does no I/O; the workspace knows files and settings and no rule by name.

use std::path::Path;

use serde::Serialize;

use super::{Explained, Problem, Settings};
use crate::analysis::{Analysed, Choice, Input, Outcome};
use crate::fix::{Beside, Fixed, Patched, Repair};
use crate::model::{Confidence, Name, ResourceId, Safety, Severity, Value};

/// The knowledge and the judgement, behind one interface.
pub trait Engine: Sync {
    /// Whether a file of this name may hold configuration. Cheap: decides which files of a directory are read at all.
    fn wants(&self, path: &Path) -> bool;

    /// This engine with what the settings add (pages, tables, facts); `None` where they add nothing.
    /// Errors name the page, table or settings file, with line and column.
    fn prepare(&self, settings: &Settings) -> Result<Option<Box<dyn Engine>>, Vec<Problem>>;

    /// Judges the files of one settings scope. Returns one [`crate::analysis::File`] per input, in the same order.
    /// `around` are files beside them that name versions, and are not judged; `choice` says what is on, locked and shown.
    fn analyse(&self, inputs: Vec<Input>, around: &[Input], settings: &Settings, choice: &mut dyn Choice) -> Outcome;

    /// Makes the fixes, of at least the safety `least`, of the findings that `choice` leaves; by default there are none.
    fn fix(&self, _inputs: &[Input], _around: &[Input], _least: Safety, _choice: &mut dyn Choice) -> Fixed {
        Fixed::default()
    }

    /// Those of them that can be made side by side, as what they replace.
    fn repairs(&self, _inputs: &[Input], _around: &[Input], _choice: &mut dyn Choice) -> Vec<Repair> {
        Vec::new()
    }

    /// The text of a file in which attributes of its resources of a kind (each by its number among them) have other values,
    /// and the attributes that could not be changed, each with the reason. Nothing else changes; by default nothing does.
    fn rewritten(&self, input: &Input, _kind: &str, sets: &[(usize, Name, Value)]) -> (String, Vec<(Name, String)>) {
        let refused = sets.iter().map(|(_, attribute, _)| (attribute.clone(), "it is not edited".to_owned())).collect();
        (String::from_utf8_lossy(&input.bytes).into_owned(), refused)
    }

    /// The files with other settings of a server, a resource of [`Engine::resources`], and with what goes with them; by default
    /// none is written.
    fn patched(
        &self,
        _inputs: &[Input],
        _around: &[Input],
        _server: ResourceId,
        settings: &[(Name, String)],
        beside: &[Beside],
    ) -> Patched {
        let names = settings.iter().map(|(name, _)| name).chain(beside.iter().map(|one| &one.name));
        let refused = names.map(|name| (name.clone(), "it is not edited".to_owned())).collect();
        Patched { refused, ..Patched::default() }
    }

    /// Everything the files say, before it is judged.
    fn resources(&self, inputs: Vec<Input>, around: &[Input]) -> Analysed;

    /// Every rule, ordered by id.
    fn rules(&self) -> &[RuleInfo];

    /// Every product it reads, ordered by id.
    fn dialects(&self) -> Vec<DialectInfo>;

    /// What is known of a key of a product, or of a parameter of Postgres (`pg`).
    ///
    /// # Errors
    /// Nothing is known of it.
    fn explain(&self, table: &str, _key: &str) -> Result<Explained, Problem> {
        Err(Problem::new("explain", format!("no product is called `{table}`")))
    }

    /// The attributes rules may name, as text.
    fn vocabulary(&self) -> String;

    /// Whether a file of this name says what versions of products others are read for.
    fn names_versions(&self, path: &Path) -> bool;

    /// What it understands of one file, as text without secrets. `around` are the files that name versions for it.
    fn inspect(&self, input: Input, around: Vec<Input>, settings: &Settings) -> String;

    /// Masks what looks like a secret in any text: the last line of defence before printing.
    fn redact(&self, text: &str) -> String;

    /// The JSON Schema of a rule page's front matter.
    fn rule_schema(&self) -> &str;
}

/// A rule as reports and listings show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// Its id, kebab-case.
    pub id: String,
    /// The heading of its page.
    pub title: String,
    /// The folder of its page.
    pub category: String,
    /// How bad a finding is, at worst.
    pub severity: Severity,
    /// How sure a finding is, at best.
    pub confidence: Confidence,
    /// The version that brought it.
    pub since: String,
    /// One sentence.
    pub summary: String,
    /// The whole page, without front matter.
    #[serde(rename = "page")]
    pub page_markdown: String,
}

/// A product as listings show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DialectInfo {
    /// Its id, kebab-case.
    pub id: String,
    /// Its name.
    pub title: String,
    /// How many keys its table knows.
    pub keys: usize,
    /// The named Rust hooks it needs beside its table.
    pub hooks: Vec<String>,
}
