//! What a table says of a resource and of each of its keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::key_test::KeyTest;
use super::super::pattern::{Globs, Pattern};
use super::super::version::{Ranged, VersionRange};
use crate::model::{Confidence, Name, Type};
use crate::quantity::{Grammar, Unit};

/// A resource and its keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Block {
    /// The kind.
    pub kind: Name,
    /// Where it stands; keys matched by `*` become its identity.
    pub at: Pattern,
    /// Other places with the same keys.
    #[serde(default)]
    pub also: Vec<Pattern>,
    /// Other places with the same keys that only some versions read.
    #[serde(default)]
    pub place: Vec<Place>,
    /// What holds of its document, `path=glob`; `a|b` takes either.
    #[serde(default)]
    pub when: Option<KeyTest>,
    /// Its name where the place gives none.
    #[serde(default)]
    pub name: Option<Name>,
    /// Where its name stands in the document, over the one that the place gives.
    #[serde(default)]
    pub named_by: Option<Pattern>,
    /// Which containers it speaks of: it is tied to their workload.
    #[serde(default)]
    pub selects: Option<Selects>,
    /// Exists also when none of its keys is set, as soon as its place exists.
    #[serde(default)]
    pub exists: bool,
    /// Whether what the first `*` of its place stands for is the profile it holds for (Rails' environments).
    #[serde(default)]
    pub profile: bool,
    /// Profiles that stand for themselves although others take over what they say: else such a place is only a base.
    #[serde(default)]
    pub profiles: Vec<Name>,
    /// Environment variables of its program that say something of it.
    #[serde(default)]
    pub variable: Vec<VariableRow>,
    /// Whether what is not set here is not set anywhere.
    #[serde(default)]
    pub closed: bool,
    /// The key beside which the same holds.
    #[serde(default)]
    pub closed_with: Option<Name>,
    /// Places in its document of a program that sets some of its keys by code: beside one of them it is never closed.
    #[serde(default)]
    pub open_with: Vec<Pattern>,
    /// Whether keys without a row are keys the product does not know.
    #[serde(default)]
    pub keys_closed: bool,
    /// Who refuses its values where they are numbers or switches without quotes around them.
    #[serde(default)]
    pub texts: Option<Name>,
    /// Whether a value that is written there must be a text, whatever others may be.
    #[serde(default)]
    pub quoted: bool,
    /// What becomes of a value that cannot be read, where it is not refused: the key then does nothing.
    #[serde(default)]
    pub unreadable: Option<String>,
    /// Values that are set and not read, of any of its keys that is a number.
    #[serde(default)]
    pub left_open: Globs,
    /// Where it inherits from.
    #[serde(default)]
    pub inherit: Option<Inherit>,
    /// The link under which it hangs at the nearest enclosing resource.
    #[serde(default)]
    pub link: Option<Name>,
    /// Other resources of the document that it works with.
    #[serde(default)]
    pub tie: Vec<Tie>,
    /// Attributes that hold by being here.
    #[serde(default)]
    pub attributes: Vec<Constant>,
    /// Its keys.
    #[serde(default)]
    pub key: Vec<Row>,
}

impl Block {
    /// All places of the block, the first in its own right.
    pub fn places(&self) -> impl Iterator<Item = &Pattern> {
        std::iter::once(&self.at).chain(&self.also).chain(self.place.iter().map(|place| &place.at))
    }

    /// The last part of a resource's identity: the block's name, else the key at which it stands.
    pub fn label(&self) -> Option<&str> {
        self.name.as_deref().or(self.at.last_key())
    }

    /// The variable that one of its rows reads as options of its server.
    pub fn options_variable(&self) -> Option<Name> {
        let row = self.key.iter().find(|row| row.options)?;
        Some(row.key.last_key()?.to_ascii_uppercase().into())
    }
}

/// Another place of a block.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Place {
    /// Where.
    pub at: Pattern,
    /// The versions that read it.
    #[serde(default)]
    pub versions: Option<VersionRange>,
    /// The place that took its place.
    #[serde(default)]
    pub replaced_by: Option<Name>,
}

/// A link to a resource of another block: the only one there, or the one of the same name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tie {
    /// The link's name.
    pub link: Name,
    /// The place of the other block, as its `at` says it.
    pub to: Pattern,
    /// Whether it need not have the same name.
    #[serde(default)]
    pub any_name: bool,
}

/// An environment variable that says something of a resource: the threads that share a pool.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VariableRow {
    /// The variable.
    pub name: Name,
    /// The attribute it sets.
    pub attribute: Name,
}

/// How a resource says which containers it speaks of; the paths are of its document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Selects {
    /// Kind and name of the object that owns them.
    #[serde(default)]
    pub owner: Option<[Pattern; 2]>,
    /// Their labels.
    #[serde(default)]
    pub labels: Option<Pattern>,
    /// Whether its own key, or text, is the container's name.
    #[serde(default)]
    pub named: bool,
    /// Texts in the command of the container around it that say that this waits for others by itself: nothing is
    /// selected then.
    #[serde(default)]
    pub waiting: Vec<String>,
    /// What selects in another way, so that the labels do not say all.
    #[serde(default)]
    pub unless: Option<Pattern>,
    /// The namespace in which it holds, where there are such.
    #[serde(default)]
    pub namespace: Option<Pattern>,
}

/// An attribute that every resource of a block has.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Constant {
    /// Which.
    pub attribute: Name,
    /// Its value, text; `*` for the name that the place gives.
    pub value: String,
}

/// Where a resource takes what it does not set itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Inherit {
    /// The nearest earlier sibling whose key starts with this word (HAProxy `defaults`).
    #[serde(rename = "preceding")]
    Preceding(Name),
    /// The maps around it, of which the nearest counts most (nginx's `http` and `server`).
    #[serde(rename = "around")]
    Around,
    /// The sibling place named by a key, or a fixed one (Resilience4j `base-config`, else `default`).
    #[serde(rename = "named")]
    Named {
        /// The key that names it.
        key: Name,
        /// Where the named ones stand.
        among: Pattern,
        /// The name that counts when the key is not set.
        otherwise: Name,
        /// The versions in which that one counts beside any that is named, too; in others it may not count at all
        /// unless it is named.
        #[serde(default)]
        versions: Option<VersionRange>,
    },
}

/// What a special value of a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// There is no limit.
    Unlimited,
    /// The feature is off.
    Off,
    /// As if the key were absent.
    Default,
    /// The product chooses.
    Auto,
    /// Refused.
    Invalid,
    /// The number it is.
    Literal,
}

impl Meaning {
    /// What it means, for people.
    pub fn said(self) -> &'static str {
        match self {
            Meaning::Unlimited => "no limit",
            Meaning::Off => "off",
            Meaning::Default => "the default",
            Meaning::Auto => "the product chooses",
            Meaning::Invalid => "it is refused",
            Meaning::Literal => "as it is written",
        }
    }
}

/// What happens to a value below the effective minimum, or without a needed sibling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// The product does not start.
    Error,
    /// The minimum is used.
    Clamped,
    /// The default is used.
    Reset,
    /// The feature is switched off.
    Disabled,
    /// The key does nothing.
    Ignored,
}

impl Consequence {
    /// The word conditions and messages use.
    pub fn word(self) -> &'static str {
        match self {
            Consequence::Error => "error",
            Consequence::Clamped => "clamped",
            Consequence::Reset => "reset",
            Consequence::Disabled => "disabled",
            Consequence::Ignored => "ignored",
        }
    }

    /// What happens, for people.
    pub fn said(self) -> &'static str {
        match self {
            Consequence::Error => "it is refused",
            Consequence::Clamped => "the least is used",
            Consequence::Reset => "the default is used",
            Consequence::Disabled => "it is off",
            Consequence::Ignored => "it does nothing",
        }
    }
}

impl Row {
    /// Whether it is meant by a value written so.
    pub fn takes(&self, text: &str) -> bool {
        self.fits.is_empty() || self.fits.fit(text.trim())
    }

    /// Whether a value written so is left to the product: it is set, and nothing more is known of it.
    pub fn leaves_open(&self, text: &str) -> bool {
        !self.left_open.is_empty() && self.left_open.fit(text.trim())
    }
}

/// One key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Row {
    /// The key, relative to the block.
    pub key: Pattern,
    /// Other spellings that mean the same.
    #[serde(default)]
    pub also: Vec<Pattern>,
    /// Whether the key stands at the top of the document instead: what holds for all of its resources.
    #[serde(default)]
    pub top: bool,
    /// Whether the key counts only as it is spelled here, whatever the table's spelling: a name that the product hands on.
    #[serde(default)]
    pub exact: bool,
    /// Only values that these globs fit are meant: a key may take two types.
    #[serde(default)]
    pub fits: Globs,
    /// Values that are set and not read: versions of the product, or its readers, differ in what they make of them.
    #[serde(default)]
    pub left_open: Globs,
    /// The value is the word behind this one, with which a command begins.
    #[serde(default)]
    pub after: Option<Name>,
    /// Whether it holds only where it stands, and is not taken over by what inherits.
    #[serde(default)]
    pub own: bool,
    /// The attribute it sets; none for a key that is only known.
    #[serde(default)]
    pub attribute: Option<Name>,
    /// Whether the value of a variable is a command line of the table's `server`, which holds for the sessions of its program.
    #[serde(default)]
    pub options: bool,
    /// The type as written; the attribute's type where it is not given.
    #[serde(default, rename = "type")]
    pub kind: Option<Type>,
    /// How quantities are written.
    #[serde(default)]
    pub grammar: Option<Grammar>,
    /// The unit of a bare number.
    #[serde(default)]
    pub bare: Ranged<Unit>,
    /// Whether the value may also be an object with these members, each with its unit (`{seconds: 5, nanos: 0}`).
    #[serde(default)]
    pub object: Vec<Member>,
    /// What stands between the items where the value is a list of words that make up one text.
    #[serde(default)]
    pub joined: Option<String>,
    /// Words it accepts, for an enum.
    #[serde(default)]
    pub words: Vec<Name>,
    /// What is added to the number: 1 where retries become requests per call.
    #[serde(default)]
    pub plus: i64,
    /// What 0 means.
    #[serde(default)]
    pub zero: Ranged<Meaning>,
    /// What -1 means.
    #[serde(default)]
    pub negative: Ranged<Meaning>,
    /// What an empty or null value means.
    #[serde(default)]
    pub empty: Ranged<Meaning>,
    /// Its value when nothing sets it, as it would be written.
    #[serde(default)]
    pub default: Ranged<String>,
    /// Whether that holds although more of the resource may be set elsewhere: this key seldom is.
    #[serde(default)]
    pub default_holds: bool,
    /// The least accepted value, as it would be written.
    #[serde(default)]
    pub min: Ranged<String>,
    /// The greatest accepted value, as it would be written.
    #[serde(default)]
    pub max: Ranged<String>,
    /// A bare number that comes out below this was most likely meant in another unit.
    #[serde(default)]
    pub bare_below: Option<String>,
    /// The least value that does what it says.
    #[serde(default)]
    pub min_effective: Ranged<String>,
    /// What happens below it, or without `needs`.
    #[serde(default)]
    pub below: Ranged<Consequence>,
    /// Keys that must be set beside it, at the same level.
    #[serde(default)]
    pub needs: Vec<Name>,
    /// Keys that must be set beside it or where its place inherits from.
    #[serde(default)]
    pub needs_anywhere: Vec<Name>,
    /// What a written word means as the attribute's value; any other word counts as not set.
    #[serde(default)]
    pub translate: BTreeMap<Name, Name>,
    /// Why the key does nothing, for one that people write in vain.
    #[serde(default)]
    pub inert: Option<String>,
    /// Keys beside which it may do something after all.
    #[serde(default)]
    pub unless: Vec<Name>,
    /// How sure it is that the key does nothing.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// The versions that know it.
    #[serde(default)]
    pub versions: Option<VersionRange>,
    /// The key that took its place.
    #[serde(default)]
    pub replaced_by: Option<Name>,
    /// Whether its value is a data source name, whose options are this resource's too.
    #[serde(default)]
    pub dsn: bool,
    /// Whether nothing is said of a value that cannot be read: something else holds then, or its readers differ.
    #[serde(default)]
    pub passed_over: bool,
    /// Whether its value is a secret.
    #[serde(default)]
    pub secret: bool,
    /// The unit in which it is written back.
    #[serde(default)]
    pub write: Option<Unit>,
    /// Whence the row is known.
    #[serde(default)]
    pub source: Option<Name>,
}

/// A member of an object that holds a quantity.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Member {
    /// The member's key.
    pub key: Name,
    /// The unit of its number.
    pub unit: Unit,
}
