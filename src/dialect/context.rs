//! What is read before anything else: variables from environment files, and versions pinned in the repository.

use std::collections::HashMap;
use std::sync::Mutex;

use super::Pinned;
use super::generic::Lexicon;
use super::recognise::directory;
use crate::knowledge::{Pins, Ships, Version};
use crate::model::{Location, Name, Pin};

/// Variables and pins, by directory.
#[derive(Debug, Default)]
pub struct Context {
    variables: HashMap<Box<str>, HashMap<Box<str>, Box<str>>>,
    pins: HashMap<(Box<str>, Name), Said>,
    facts: HashMap<Name, Pin>,
    ships: Vec<Ships>,
    maps: HashMap<(Name, Name), VariableMap>,
    lexicons: Mutex<Vec<Lexicon>>,
}

/// A map of variables that containers of a deploy unit take over by its name: a key and its value each.
pub(crate) type VariableMap = Vec<(Name, Name)>;

/// What the files of one directory say of a product's version.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    /// That it is used, in a version that cannot be told.
    Open,
    /// This one.
    One(Pin),
    /// More than one.
    Several,
}

impl Said {
    fn pin(&self) -> Option<&Pin> {
        match self {
            Said::One(pin) => Some(pin),
            Said::Open | Said::Several => None,
        }
    }
}

impl Context {
    /// Nothing but the knowledge which product brings which.
    pub fn new(pins: &Pins) -> Context {
        Context { ships: pins.ships.clone(), ..Context::default() }
    }

    /// A variable of the environment file of `directory`.
    pub fn set_variable(&mut self, directory: &str, name: &str, value: &str) {
        self.variables.entry(directory.into()).or_default().insert(name.into(), value.into());
    }

    /// A map of variables that containers of `unit` may take over; two of one name are none.
    pub(crate) fn set_map(&mut self, unit: Name, name: Name, map: VariableMap) {
        self.maps.entry((unit, name)).and_modify(Vec::clear).or_insert(map);
    }

    /// The map of variables called `name` in `unit`.
    pub(crate) fn variable_map(&self, unit: &Name, name: &str) -> Option<&VariableMap> {
        self.maps.get(&(unit.clone(), name.into()))
    }

    /// The value of a variable for files of `directory`: only that directory's own file counts.
    pub fn variable(&self, directory: &str, name: &str) -> Option<String> {
        Some(self.variables.get(directory)?.get(name)?.to_string())
    }

    /// What is known of the keys of in-house files, until it is given back; an empty one while others use it.
    pub(crate) fn lexicon(&self) -> Lexicon {
        self.lexicons.lock().ok().and_then(|mut lexicons| lexicons.pop()).unwrap_or_default()
    }

    /// Keeps what is known of keys for the next file.
    pub(crate) fn keep_lexicon(&self, lexicon: Lexicon) {
        if lexicon.is_kept()
            && let Ok(mut lexicons) = self.lexicons.lock()
        {
            lexicons.push(lexicon);
        }
    }

    /// A version found at `location`; `source` names the place for people.
    pub fn pin(&mut self, pinned: &Pinned, source: &Name, location: Location) {
        let said = match &pinned.version {
            Some(version) => {
                Said::One(Pin { version: version.clone(), source: source.clone(), location: Some(location) })
            }
            None => Said::Open,
        };
        let known = self.pins.entry((pinned.directory.clone(), pinned.product.clone())).or_insert(Said::Open);
        match (&*known, &said) {
            (_, Said::Open) | (Said::Several, _) => {}
            (Said::One(known), Said::One(pin)) if known.version == pin.version => {}
            (Said::One(_), _) => *known = Said::Several,
            (Said::Open, _) => *known = said,
        }
    }

    /// A version declared in `trueup.toml`: it beats every pin.
    pub fn declare(&mut self, product: &str, version: &str) {
        let pin = Pin { version: version.into(), source: "trueup.toml".into(), location: None };
        self.facts.insert(product.into(), pin);
    }

    /// The version of `product` for a file at `path`: declared, or pinned in its directory or the nearest one above that
    /// speaks of it or of a product that brings it, or named by a part of the path such as `/etc/postgresql/16/main`.
    pub fn version(&self, product: &str, path: &str) -> Option<Pin> {
        if let Some(pin) = self.facts.get(product) {
            return Some(pin.clone());
        }
        let mut carriers: Vec<&Name> =
            self.ships.iter().filter(|row| *row.brings == *product).filter_map(|row| row.product.as_ref()).collect();
        carriers.dedup();
        let declared = carriers.iter().find_map(|carrier| self.facts.get(*carrier).map(|pin| (*carrier, pin)));
        let mut at = directory(path);
        loop {
            let said = |product: &str| self.pins.get(&(Box::from(at), Name::from(product)));
            if let Some(said) = said(product) {
                return said.pin().cloned();
            }
            let carrier = carriers.iter().find_map(|carrier| said(carrier).map(|said| (*carrier, said)));
            if let Some((carrier, said)) = carrier.filter(|_| declared.is_none()) {
                return self.brought(product, carrier, said.pin()?);
            }
            if at.is_empty() {
                break;
            }
            at = directory(at);
        }
        if let Some((carrier, pin)) = declared {
            return self.brought(product, carrier, pin);
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

    /// The version of `product` that `carrier` brings along.
    fn brought(&self, product: &str, carrier: &Name, pin: &Pin) -> Option<Pin> {
        let version = Version::parse(&pin.version)?;
        let fits = |row: &&Ships| {
            *row.brings == *product
                && row.product.as_ref() == Some(carrier)
                && row.versions.contains(&version) == Some(true)
        };
        let row = self.ships.iter().find(fits)?;
        let source = format!("{carrier} {} in {}", pin.version, pin.source);
        Some(Pin { version: row.version.clone(), source: source.into(), location: pin.location })
    }
}
