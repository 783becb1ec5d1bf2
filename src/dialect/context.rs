//! What is read before anything else: variables from environment files, and versions pinned in the repository.

use std::collections::HashMap;

use crate::knowledge::Version;
use crate::model::{Location, Name, Pin};

/// Variables and pins, by directory.
#[derive(Debug, Default)]
pub struct Context {
    variables: HashMap<Box<str>, HashMap<Box<str>, Box<str>>>,
    pins: HashMap<(Box<str>, Name), Pin>,
    facts: HashMap<Name, Pin>,
}

impl Context {
    /// A variable of the environment file of `directory`.
    pub fn set_variable(&mut self, directory: &str, name: &str, value: &str) {
        self.variables.entry(directory.into()).or_default().insert(name.into(), value.into());
    }

    /// The value of a variable for files of `directory`: only that directory's own file counts.
    pub fn variable(&self, directory: &str, name: &str) -> Option<String> {
        Some(self.variables.get(directory)?.get(name)?.to_string())
    }

    /// A version found in a file of `directory`.
    pub fn pin(&mut self, directory: &str, product: &Name, version: &str, source: &str, location: Location) {
        let pin = Pin { version: version.into(), source: source.into(), location: Some(location) };
        self.pins.insert((directory.into(), product.clone()), pin);
    }

    /// A version declared in `trueup.toml`: it beats every pin.
    pub fn declare(&mut self, product: &str, version: &str) {
        let pin = Pin { version: version.into(), source: "trueup.toml".into(), location: None };
        self.facts.insert(product.into(), pin);
    }

    /// The version of `product` for a file at `path`: declared, or pinned in its directory or the nearest one above,
    /// or named by a part of the path such as `/etc/postgresql/16/main`.
    pub fn version(&self, product: &str, path: &str) -> Option<Pin> {
        if let Some(pin) = self.facts.get(product) {
            return Some(pin.clone());
        }
        let mut directory = super::recognise::directory(path);
        loop {
            if let Some(pin) = self.pins.get(&(directory.into(), product.into())) {
                return Some(pin.clone());
            }
            if directory.is_empty() {
                break;
            }
            directory = super::recognise::directory(directory);
        }
        // a folder named by a number alone: `pgbouncer/00-cluster.yaml` is no version
        let folders: Vec<&str> = super::recognise::directory(path).split('/').collect();
        let is_version = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let named = |pair: &&[&str]| pair[0] == product && is_version(pair[1]) && Version::parse(pair[1]).is_some();
        folders.windows(2).find(named).map(|pair| Pin {
            version: pair[1].into(),
            source: "path".into(),
            location: None,
        })
    }
}
