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
    /// The link under which stands what it inherits from: an attribute that it does not set is that resource's.
    #[serde(default)]
    pub inherits: Option<Name>,
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

impl Kind {
    /// Whether resources of this kind may have an attribute of that name, a parameter's included.
    pub fn has(&self, name: &str) -> bool {
        let of_set = |(set, _): (&str, &str)| self.parameters.iter().any(|known| **known == *set);
        self.attributes.contains_key(name) || name.split_once('.').is_some_and(of_set)
    }
}

impl Vocabulary {
    /// The type of an attribute of a kind.
    pub fn attribute(&self, kind: &str, name: &str) -> Option<Type> {
        Some(self.kind.get(kind)?.attributes.get(name)?.kind)
    }
}
