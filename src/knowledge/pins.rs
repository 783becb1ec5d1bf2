//! Which package of which ecosystem says what version of a product is used, and which product brings which other.

use serde::{Deserialize, Serialize};

use super::version::VersionRange;
use crate::model::Name;

/// Where packages have their names from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ecosystem {
    /// `group:artifact`, in a `pom.xml`, a Gradle build or a version catalog; `${name}` is a property of the build.
    Maven,
    /// Ids of Gradle plugins.
    GradlePlugin,
    /// RubyGems.
    Gem,
    /// npm, whatever client installs it.
    Npm,
    /// The Python Package Index.
    Pypi,
    /// NuGet.
    Nuget,
    /// Go modules.
    Go,
    /// Charts that a Helm chart depends on, by their own version.
    HelmChart,
    /// A Helm chart itself, by the version of the application it carries.
    HelmApp,
    /// Container images a Dockerfile starts from.
    Image,
}

/// Packages whose version is that of a product.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PinRow {
    /// The product; in a dialect table its own where it is not given.
    #[serde(default)]
    pub product: Option<Name>,
    /// Where the packages have their names from.
    pub ecosystem: Ecosystem,
    /// Their names, as globs.
    pub packages: Vec<Name>,
}

/// A product that brings another in a version of its choice.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ships {
    /// The product that brings it; in a dialect table its own where it is not given.
    #[serde(default)]
    pub product: Option<Name>,
    /// In these versions.
    pub versions: VersionRange,
    /// What it brings.
    pub brings: Name,
    /// In which version, as far as it is the same for all of `versions`.
    pub version: Name,
    /// Whence it is known.
    pub source: String,
}

/// `schema/pins.toml`, and what dialect tables add to it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pins {
    /// Packages.
    #[serde(default)]
    pub pin: Vec<PinRow>,
    /// What products bring.
    #[serde(default)]
    pub ships: Vec<Ships>,
}

impl Pins {
    /// Adds the rows of a dialect table, whose product is `product` where they name none.
    pub fn add(&mut self, product: &Name, pins: &[PinRow], ships: &[Ships]) {
        let own = |named: &Option<Name>| Some(named.as_ref().unwrap_or(product).clone());
        self.pin.extend(pins.iter().map(|row| PinRow { product: own(&row.product), ..row.clone() }));
        self.ships.extend(ships.iter().map(|row| Ships { product: own(&row.product), ..row.clone() }));
    }

    /// Whether any package of these ecosystems says anything.
    pub fn reads(&self, ecosystems: &[Ecosystem]) -> bool {
        self.pin.iter().any(|row| ecosystems.contains(&row.ecosystem))
    }
}
