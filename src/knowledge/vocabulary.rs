//! The vocabulary: kinds, their attributes and their links; what rules and tables may name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Name, Type};

/// `schema/vocabulary.toml`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    /// The kinds by name.
    pub kind: BTreeMap<Name, Kind>,
}

/// One kind of resource.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// One line of meaning.
    pub doc: String,
    /// What a message calls one: `connection pool`.
    pub noun: String,
    /// What it can be tied to: link name to kind.
    #[serde(default)]
    pub links: BTreeMap<Name, Name>,
    /// Parameter sets whose names are attributes under the set's namespace.
    #[serde(default)]
    pub parameters: Vec<Name>,
    /// Its attributes.
    #[serde(default)]
    pub attributes: BTreeMap<Name, AttributeType>,
}

/// One attribute.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeType {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Type,
    /// One line of meaning.
    pub doc: String,
}

impl Vocabulary {
    /// The type of an attribute of a kind.
    pub fn attribute(&self, kind: &str, name: &str) -> Option<Type> {
        Some(self.kind.get(kind)?.attributes.get(name)?.kind)
    }
}
