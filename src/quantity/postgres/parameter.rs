//! One parameter of the server, as it is in a range of versions.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::super::Unit;

/// A parameter, in the versions in which everything about it is the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name, in the server's spelling.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// The unit of a bare number.
    pub unit: Option<Unit>,
    /// When it may be changed.
    pub context: Context,
    /// The first of these major versions.
    pub first: u16,
    /// The last of these major versions.
    pub last: u16,
    /// The built-in default, in the base unit, as `pg_settings.boot_val` shows it.
    pub default: String,
    /// The major versions that began without it.
    pub came: Vec<Came>,
}

/// A parameter that came with a minor version, as far as the servers that were asked tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// The major version.
    pub major: u16,
    /// The newest minor version known to lack it.
    pub without: u16,
    /// The oldest minor version known to have it.
    pub with: u16,
}

/// What a parameter holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    /// A switch.
    Bool,
    /// A whole number, limits included, in the base unit.
    Int {
        /// Smallest accepted.
        min: i64,
        /// Largest accepted.
        max: i64,
    },
    /// A float, limits included, in the base unit.
    Real {
        /// Smallest accepted.
        min: f64,
        /// Largest accepted.
        max: f64,
    },
    /// One of some words, compared without case.
    Enum(Vec<EnumValue>),
    /// Text, or a list with a grammar of its own.
    String,
}

/// A word an enumerated parameter accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumValue {
    /// The word.
    pub word: String,
    /// The word the server shows for it: `on` for `true`.
    pub shown: String,
    /// Whether the server lists it, or only accepts it.
    pub listed: bool,
    /// Whether only servers built with a certain library, or for a certain system, accept it.
    pub needs_build: bool,
}

/// When a parameter may be changed, from never to always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// Never: it reports a fact.
    Internal,
    /// At server start.
    Postmaster,
    /// On reload of the configuration.
    Sighup,
    /// At connection start, by a superuser.
    SuperuserBackend,
    /// At connection start.
    Backend,
    /// In a session, by a superuser.
    Superuser,
    /// In a session, by anyone.
    User,
}

impl Parameter {
    /// The versions in which it is as it is here.
    pub fn versions(&self) -> RangeInclusive<u16> {
        self.first..=self.last
    }

    /// With which of a major version's minors it came; `None` where all of them have it.
    pub fn came(&self, major: u16) -> Option<Came> {
        self.came.iter().find(|came| came.major == major).copied()
    }
}
