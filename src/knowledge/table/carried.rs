//! Places in one product's file whose keys are settings of another.

use serde::{Deserialize, Serialize};

use super::super::pattern::Pattern;
use super::Consequence;
use crate::model::Name;

/// A place whose keys are settings of another product, read by that product's table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Carried {
    /// The id of the other product's table.
    pub table: Name,
    /// The carrier's name in messages.
    pub title: Name,
    /// The kind of resource that the settings describe.
    pub kind: Name,
    /// The place that stands for the resource.
    pub within: Pattern,
    /// The map of settings, relative to it.
    pub at: Pattern,
    /// The text that names the resource, from the document's root.
    #[serde(default)]
    pub name: Option<Pattern>,
    /// Where the product's version stands, relative to `within`: a number, or an image whose tag it begins.
    #[serde(default)]
    pub version: Vec<Pattern>,
    /// The layer of these settings.
    pub layer: Name,
    /// Keys, relative to `within`, one of each of which must be there: `a|b`.
    #[serde(default)]
    pub needs: Vec<Name>,
    /// Whether the resource exists also where the map does not.
    #[serde(default)]
    pub exists: bool,
    /// What is not set here is not set anywhere, as soon as all of these stand beside it, relative to `within`.
    #[serde(default)]
    pub closed_with: Vec<Pattern>,
    /// Whether every value must be a text: numbers and switches are refused unless they are quoted.
    #[serde(default)]
    pub texts: bool,
    /// Keys of the carrier that say the same as a setting of the product.
    #[serde(default)]
    pub also: Vec<CarrierKey>,
    /// What the carrier sets where nobody else does, in a closed place.
    #[serde(default)]
    pub given: Vec<Given>,
    /// The only settings that the carrier passes on; all of them where it is empty.
    #[serde(default)]
    pub only: Vec<Name>,
    /// The keys of name and value, where the settings are a list of such pairs.
    #[serde(default)]
    pub pairs: Option<[Name; 2]>,
    /// Globs of values that the carrier makes the value of: formulas, names of variables.
    #[serde(default)]
    pub filled_in: Vec<String>,
    /// The variable of its formulas that holds the bytes of the machine's memory.
    #[serde(default)]
    pub memory_variable: Option<Name>,
    /// Whether quantities are numbers in the parameter's own unit: one with a unit is refused.
    #[serde(default)]
    pub unitless: bool,
    /// Whether the carrier has settings of its own among them: a name that the product does not know is no fault.
    #[serde(default)]
    pub own_names: bool,
    /// Whether they are set for sessions: what a session may not set is refused.
    #[serde(default)]
    pub sessions: bool,
    /// Globs of the settings that are read, where others may be another product's; all of them where it is empty.
    #[serde(default)]
    pub names: Vec<Name>,
    /// The product is only told to read its files again, and what takes effect when it starts waits: unless a word of the
    /// path is one of these.
    #[serde(default)]
    pub reloaded_unless: Vec<Name>,
    /// Settings that the carrier refuses or does not pass on.
    #[serde(default)]
    pub withheld: Vec<Withheld>,
    /// The least values that the carrier passes on.
    #[serde(default)]
    pub least: Vec<Least>,
    /// Whence this is known.
    #[serde(default)]
    pub source: Option<Name>,
}

/// A key of a carrier that says the same as a setting of the product it carries.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CarrierKey {
    /// The key, relative to `within`.
    pub key: Pattern,
    /// The product's setting.
    pub setting: Name,
}

/// What a carrier sets where nobody else does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Given {
    /// The setting.
    pub name: Name,
    /// Its value, as the product would have it written.
    pub value: Name,
}

/// Settings that a carrier does not let through.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Withheld {
    /// Globs of their names.
    pub names: Vec<Name>,
    /// The values that are not let through; all of them where it is empty.
    #[serde(default)]
    pub values: Vec<Name>,
    /// What happens to them: `error` where the carrier refuses the whole, or `ignored`.
    pub consequence: Consequence,
    /// Why.
    pub detail: Name,
    /// What to do instead.
    #[serde(default)]
    pub cure: Option<Name>,
}

/// The least value that a carrier passes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Least {
    /// The setting.
    pub name: Name,
    /// The least value, as the product would have it written.
    pub value: Name,
    /// What takes its place below that.
    pub otherwise: Name,
}
