//! Few values by their names, ordered by name: what a resource says, and what it is tied to.
//!
//! A run holds a map for each resource, most with a handful of names, so they are kept without room to spare, and the
//! names by themselves: looking for one reads these alone.

use super::Name;

/// How many names are looked through one by one: comparing lengths is cheaper than ordering texts.
const FEW: usize = 32;

/// Values by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameMap<V> {
    /// In order.
    names: Vec<Name>,
    /// In the order of the names.
    values: Vec<V>,
}

impl<V> Default for NameMap<V> {
    fn default() -> Self {
        NameMap { names: Vec::new(), values: Vec::new() }
    }
}

impl<V> NameMap<V> {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.values.get(self.position(name)?)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        let at = self.position(name)?;
        self.values.get_mut(at)
    }

    /// Whether `name` has a value.
    pub fn contains_key(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Gives `name` a value; returns the one it had. Moves all that come after it: to make a large map, collect it.
    pub fn insert(&mut self, name: Name, value: V) -> Option<V> {
        match self.names.binary_search(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.values[at], value)),
            Err(at) => {
                self.names.insert(at, name);
                self.values.insert(at, value);
                None
            }
        }
    }

    /// The value of `name`, which is `value` where it had none.
    pub fn or_insert_with(&mut self, name: Name, value: impl FnOnce() -> V) -> &mut V {
        let at = self.names.binary_search(&name).unwrap_or_else(|at| {
            self.names.insert(at, name);
            self.values.insert(at, value());
            at
        });
        &mut self.values[at]
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &V)> {
        self.names.iter().zip(&self.values)
    }

    /// The values, in the order of their names.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.values.iter()
    }

    fn position(&self, name: &str) -> Option<usize> {
        if self.names.len() <= FEW {
            self.names.iter().position(|known| **known == *name)
        } else {
            self.names.binary_search_by(|known| (**known).cmp(name)).ok()
        }
    }
}

impl<V> FromIterator<(Name, V)> for NameMap<V> {
    /// The last of equal names counts.
    fn from_iter<I: IntoIterator<Item = (Name, V)>>(pairs: I) -> Self {
        let map: std::collections::BTreeMap<Name, V> = pairs.into_iter().collect();
        map.into()
    }
}

impl<V> From<std::collections::BTreeMap<Name, V>> for NameMap<V> {
    fn from(map: std::collections::BTreeMap<Name, V>) -> Self {
        let (mut names, mut values) = (Vec::with_capacity(map.len()), Vec::with_capacity(map.len()));
        for (name, value) in map {
            names.push(name);
            values.push(value);
        }
        NameMap { names, values }
    }
}

impl<V> Extend<(Name, V)> for NameMap<V> {
    fn extend<I: IntoIterator<Item = (Name, V)>>(&mut self, pairs: I) {
        for (name, value) in pairs {
            self.insert(name, value);
        }
    }
}

impl<'a, V> IntoIterator for &'a NameMap<V> {
    type Item = (&'a Name, &'a V);
    type IntoIter = std::iter::Zip<std::slice::Iter<'a, Name>, std::slice::Iter<'a, V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.names.iter().zip(&self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_their_values_whatever_the_order() {
        for count in [0, 1, 5, 100] {
            let name = |i: usize| Name::from(format!("n{:03}", i * 37 % 101));
            let mut map: NameMap<usize> = (0..count).map(|i| (name(i), i)).collect();
            assert!((0..count).all(|i| map.get(&name(i)) == Some(&i)));
            assert_eq!(map.get("x"), None);
            assert!(map.iter().is_sorted_by_key(|(name, _)| (*name).clone()));
            assert_eq!(map.insert("a".into(), 7), None);
            assert_eq!(map.insert("a".into(), 8), Some(7));
            assert_eq!(*map.or_insert_with("a".into(), || 9), 8);
            assert_eq!(*map.or_insert_with("z".into(), || 9), 9);
            assert_eq!((map.len(), map.values().count()), (count + 2, count + 2));
        }
    }
}
