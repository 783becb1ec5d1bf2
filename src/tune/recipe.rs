//! The steps of a plan, as `schema/postgres/tune.toml` holds them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::knowledge::{PageError, from_toml};
use crate::model::Type;

const PATH: &str = "schema/postgres/tune.toml";

/// Figures of a running server that expressions may name, with their types.
pub(super) type Figures = BTreeMap<String, Type>;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Recipe {
    pub(super) limit: String,
    pub(super) connections: String,
    pub(super) of_clients: String,
    pub(super) reserved: Vec<String>,
    /// The parameter that bounds the connections.
    pub(super) bounded_by: String,
    /// The roles that a pooler is to have room for, where it opens a pool for each.
    pub(super) roles_of_pooler: i64,
    pub(super) product: String,
    pub(super) layers: Layers,
    pub(super) sources: Sources,
    pub(super) figures: Figures,
    /// What is known of a role, with its types.
    pub(super) role_figures: Figures,
    /// What of that is made from the rest.
    pub(super) role_term: Vec<RoleTerm>,
    pub(super) role: Vec<RoleEvidence>,
    pub(super) unasked: Warning,
    pub(super) step: Vec<Step>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) table: Vec<TableEvidence>,
    pub(super) part: Vec<RecipePart>,
    pub(super) warning: Vec<Warning>,
}

/// Names of layers of the product's table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layers {
    /// What statements write.
    pub(super) statements: String,
    /// What is over that.
    pub(super) stronger: String,
}

/// What a running server calls them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sources {
    /// How the name of the file ends that statements write.
    pub(super) statements: String,
    /// What stands for a file that the role may not see.
    pub(super) unseen: String,
    /// What is over them.
    pub(super) stronger: Vec<String>,
}

/// One setting, or a term that later steps name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) parameter: Option<String>,
    pub(super) term: Option<String>,
    pub(super) value: String,
    pub(super) when: Option<String>,
    pub(super) since: Option<u16>,
    pub(super) before: Option<u16>,
    pub(super) round: Option<String>,
    /// Up to what a running server's larger value stays.
    pub(super) upto: Option<String>,
    /// Words of a server's build where it refuses the parameter.
    #[serde(default)]
    pub(super) except: Vec<String>,
    #[serde(default)]
    pub(super) keep: bool,
    #[serde(default)]
    pub(super) why: String,
    #[serde(default)]
    pub(super) source: String,
}

impl Step {
    /// Whether it holds for a major version.
    pub(super) fn is_for(&self, version: u16) -> bool {
        is_within(version, self.since, self.before)
    }
}

/// What a running server shows, and the setting that follows from it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Evidence {
    pub(super) name: String,
    pub(super) when: String,
    pub(super) says: String,
    pub(super) parameter: Option<String>,
    #[serde(default)]
    pub(super) value: String,
    since: Option<u16>,
    before: Option<u16>,
    #[serde(default)]
    pub(super) why: String,
    pub(super) source: String,
}

impl Evidence {
    /// Whether it holds for a major version.
    pub(super) fn is_for(&self, version: u16) -> bool {
        is_within(version, self.since, self.before)
    }
}

/// What a table of a running server shows, and the options that follow from it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableEvidence {
    pub(super) name: String,
    pub(super) when: String,
    pub(super) says: String,
    #[serde(default)]
    pub(super) options: BTreeMap<String, String>,
    pub(super) source: String,
}

/// A figure of a role that is made from others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleTerm {
    pub(super) name: String,
    pub(super) value: String,
}

/// What a role shows, and what is set for its sessions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleEvidence {
    pub(super) name: String,
    pub(super) parameter: Option<String>,
    pub(super) when: String,
    pub(super) says: String,
    #[serde(default)]
    pub(super) value: String,
    /// The value for the role of a program, where no server was asked.
    pub(super) unasked: Option<String>,
    /// Parameters of the server that stand for it.
    #[serde(default)]
    pub(super) unless: Vec<String>,
    #[serde(default)]
    pub(super) why: String,
    pub(super) source: String,
}

fn is_within(version: u16, since: Option<u16>, before: Option<u16>) -> bool {
    since.is_none_or(|since| version >= since) && before.is_none_or(|before| version < before)
}

/// A part of what the server may take of the memory.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecipePart {
    pub(super) name: String,
    pub(super) value: String,
}

/// What is said where something holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Warning {
    pub(super) when: String,
    pub(super) text: String,
}

/// The recipe, read when it is first asked for.
pub(super) fn recipe() -> Result<&'static Recipe, PageError> {
    static RECIPE: OnceLock<Result<Recipe, PageError>> = OnceLock::new();
    let read = || from_toml(PATH, include_str!("../../schema/postgres/tune.toml"));
    RECIPE.get_or_init(read).as_ref().map_err(PageError::clone)
}

#[cfg(test)]
mod tests {
    use super::recipe;
    use crate::quantity::postgres::parameters;

    #[test]
    fn every_step_says_what_it_makes_and_why() {
        let recipe = recipe().expect("the recipe reads");
        assert!(recipe.step.len() > 30);
        for step in &recipe.step {
            assert!(step.parameter.is_some() != step.term.is_some(), "{step:?}");
            let Some(parameter) = &step.parameter else { continue };
            assert!(!parameters().history(parameter).is_empty(), "there is no {parameter}");
            assert!(step.source.starts_with("https://"), "{parameter} needs a source");
            assert!(!step.why.is_empty() && step.why.len() <= 110, "{parameter} needs a reason of one line");
        }
    }
}
