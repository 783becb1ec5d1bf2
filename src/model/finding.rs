//! What a rule says about a resource: the one thing every report, exit code and baseline is made of.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Name, ResourceId, Value};

/// How bad it is if the finding is true. Ordered: `Info < Warning < Error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Will hurt under load or on failure.
    Warning,
    /// Does not start, loses data, or certainly does not do what is written.
    Error,
}

/// How sure trueup is that the finding is true. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A hint.
    Low,
    /// More likely than not (0.7 and above).
    Medium,
    /// Nearly always right (0.85 and above).
    High,
    /// Follows from the text and the product's own code (0.95 and above).
    Certain,
}

/// Whether a fix may be applied unseen. Ordered: `Suggest < Unsafe < Safe`, so "may this be written?" is one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// Shown, never written.
    Suggest,
    /// Changes run-time behaviour by judgement.
    Unsafe,
    /// Cannot change what a correct system does other than what the finding is about.
    Safe,
}

macro_rules! words {
    ($type:ident { $($variant:ident => $word:literal),+ }) => {
        impl $type {
            /// The word users write and read.
            pub fn word(self) -> &'static str {
                match self { $($type::$variant => $word),+ }
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
        impl std::str::FromStr for $type {
            type Err = ();
            fn from_str(word: &str) -> Result<Self, ()> {
                match word { $($word => Ok($type::$variant),)+ _ => Err(()) }
            }
        }
    };
}

words!(Severity { Info => "info", Warning => "warning", Error => "error" });
words!(Confidence { Low => "low", Medium => "medium", High => "high", Certain => "certain" });
words!(Safety { Suggest => "suggest", Unsafe => "unsafe", Safe => "safe" });

/// A byte range of one file of the run, by index into [`crate::analysis::Outcome::files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Which file.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A second place that explains the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub location: Location,
    /// What stands there, in a few words.
    pub message: String,
}

/// An attribute the judgement read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Its name as rules write it, such as `self.max_size`.
    pub attribute: Arc<str>,
    /// Its value as messages print it; `***` for a secret.
    pub value: String,
    /// Where the value comes from: `set`, `default`, `fact`, `interpolated`, `derived`, `live`, `absent`.
    pub origin: &'static str,
    /// Where it is written, if it is.
    pub location: Option<Location>,
}

/// A repair on offer.
#[derive(Debug, Clone, PartialEq)]
pub struct FixOffer {
    /// What it would do.
    pub title: String,
    /// Whether it may be applied unseen.
    pub safety: Safety,
    /// What it sets, all or nothing.
    pub sets: Vec<Assignment>,
    /// What it would set for other resources that have the same finding at the same place.
    pub others: Vec<Assignment>,
    /// The comment that it removes.
    pub removes: Option<Location>,
    /// The entry whose key it changes, and the path of the new one.
    pub renames: Option<(ResourceId, Name)>,
    /// The setting whose text it changes, and the new one.
    pub rewrites: Option<(ResourceId, Name)>,
}

/// A new value for an attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Whose, in the model that was judged.
    pub resource: ResourceId,
    /// Which.
    pub attribute: Name,
    /// The value.
    pub value: Value,
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's id, kebab-case.
    pub rule: Arc<str>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What is wrong here, with the numbers; one line.
    pub message: String,
    /// What to do; one line.
    pub help: String,
    /// Where it is best mended.
    pub primary: Location,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// What the judgement read.
    pub evidence: Vec<Evidence>,
    /// Repairs on offer.
    pub fixes: Vec<FixOffer>,
    /// Identity across runs: 16 hexadecimal digits of rule, file, resource, attributes and ordinal.
    pub fingerprint: String,
    /// Hash of the evidence's values, secrets excluded: changes when the facts do.
    pub state: String,
}

/// A rule that could not be judged on a resource, and what it would have needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged {
    /// The rule's id.
    pub rule: Arc<str>,
    /// The resource's place.
    pub location: Location,
    /// The attributes that are unknown, each with the reason.
    pub missing: Arc<[Missing]>,
}

/// A name of a condition that is unknown, and why: printed as `self.max_lifetime: its default depends on …`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The name.
    pub name: Arc<str>,
    /// Why it is unknown, in a sentence.
    pub why: &'static str,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.why)
    }
}
