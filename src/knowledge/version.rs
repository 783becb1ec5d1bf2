//! Versions and ranges of them, and values that hold for a range only.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{self, DeserializeOwned, Deserializer};
use serde::{Deserialize, Serialize};

/// A version as far as it is known: `16` stands for every 16.x.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version(Vec<u32>);

impl Version {
    /// Reads the leading numbers of `16.4`, `v1.24.0`, `16-alpine`; `None` where there are none.
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts = Vec::new();
        for part in text.split('.') {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let Ok(number) = part[..digits].parse() else { break };
            parts.push(number);
            if digits < part.len() || parts.len() == 4 {
                break;
            }
        }
        (!parts.is_empty()).then_some(Version(parts))
    }

    /// The first number.
    pub fn major(&self) -> u32 {
        self.0[0] // `parse` never makes an empty one
    }

    /// Compares with an exact bound; `None` when only some of the versions this one stands for are beyond it.
    fn compare(&self, bound: &Version) -> Option<Ordering> {
        for (i, want) in bound.0.iter().enumerate() {
            match self.0.get(i) {
                Some(have) if have == want => {}
                Some(have) => return Some(have.cmp(want)),
                // a bound of `16.0` begins with every 16.x
                None if bound.0[i..].iter().all(|&n| n == 0) => return Some(Ordering::Equal),
                None => return None,
            }
        }
        Some(Ordering::Equal)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.0.iter().enumerate() {
            write!(f, "{}{part}", if i > 0 { "." } else { "" })?;
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Operator {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Is,
}

/// A conjunction of bounds: `>=1.21, <1.24`. A bound of `16` on the right of `<=` or alone covers every 16.x.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionRange(Vec<(Operator, Version)>);

impl VersionRange {
    /// Reads a range.
    ///
    /// # Errors
    /// Names the bound that is none.
    pub fn parse(text: &str) -> Result<VersionRange, String> {
        let mut bounds = Vec::new();
        for bound in text.split(',') {
            let bound = bound.trim();
            let (operator, rest) = [
                ("<=", Operator::LessEqual),
                (">=", Operator::GreaterEqual),
                ("<", Operator::Less),
                (">", Operator::Greater),
                ("=", Operator::Is),
            ]
            .into_iter()
            .find_map(|(sign, operator)| Some((operator, bound.strip_prefix(sign)?)))
            .unwrap_or((Operator::Is, bound));
            let rest = rest.trim();
            if !rest.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
                return Err(format!("'{bound}' is no version bound; write one such as '>=1.21' or '<6.2'"));
            }
            let version = Version::parse(rest)
                .ok_or_else(|| format!("'{bound}' is no version bound; write one such as '>=1.21' or '<6.2'"))?;
            bounds.push((operator, version));
        }
        Ok(VersionRange(bounds))
    }

    /// Whether `version` lies before everything inside: the product does not have it yet.
    pub fn is_before(&self, version: &Version) -> bool {
        self.0.iter().any(|(operator, bound)| {
            let from = matches!(operator, Operator::Greater | Operator::GreaterEqual | Operator::Is);
            from && version.compare(bound) == Some(Ordering::Less)
        })
    }

    /// Whether every version that `version` stands for lies inside (`true`), outside (`false`), or some do (`None`).
    pub fn contains(&self, version: &Version) -> Option<bool> {
        let mut all = Some(true);
        for (operator, bound) in &self.0 {
            let order = version.compare(bound);
            let inside = match (operator, order) {
                (_, None) => None,
                (Operator::Less, Some(order)) => Some(order == Ordering::Less),
                (Operator::LessEqual, Some(order)) => Some(order != Ordering::Greater),
                (Operator::Greater, Some(order)) => Some(order == Ordering::Greater),
                (Operator::GreaterEqual, Some(order)) => Some(order != Ordering::Less),
                (Operator::Is, Some(order)) => Some(order == Ordering::Equal),
            };
            match inside {
                Some(false) => return Some(false),
                None => all = None,
                Some(true) => {}
            }
        }
        all
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (operator, version)) in self.0.iter().enumerate() {
            let sign = match operator {
                Operator::Less => "<",
                Operator::LessEqual => "<=",
                Operator::Greater => ">",
                Operator::GreaterEqual => ">=",
                Operator::Is => "",
            };
            write!(f, "{}{sign}{version}", if i > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for VersionRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return VersionRange::parse(&text).map_err(de::Error::custom);
        }
        Ok(VersionRange(Vec::deserialize(deserializer)?))
    }
}

/// A field of a row: one value for every version, or one per range.
///
/// In a table: `default = "0"`, or `default = [{ versions = "<6.2", value = "0" }, { versions = ">=6.2", value = "2min" }]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranged<T>(Vec<(Option<VersionRange>, T)>);

/// What a ranged field says for a version that may not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtVersion<T> {
    /// The field says nothing (not there, or not for this version).
    Silent,
    /// This.
    Is(T),
    /// It depends on a version that is not known well enough.
    Depends,
}

impl<T> Default for Ranged<T> {
    fn default() -> Self {
        Ranged(Vec::new())
    }
}

impl<T: PartialEq> Ranged<T> {
    /// The same value for every version.
    pub fn always(value: T) -> Self {
        Ranged(vec![(None, value)])
    }

    /// Whether nothing is said at all.
    pub fn is_silent(&self) -> bool {
        self.0.is_empty()
    }

    /// Every value that holds for some version.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Every value that may hold at `version`, and whether one of them must.
    pub fn possible(&self, version: Option<&Version>) -> (Vec<&T>, bool) {
        let mut possible: Vec<&T> = Vec::new();
        for (range, value) in &self.0 {
            let inside = match (range, version) {
                (None, _) => Some(true),
                (Some(range), Some(version)) => range.contains(version),
                (Some(_), None) => None,
            };
            match inside {
                Some(true) => return (vec![value], true),
                Some(false) => {}
                None => possible.push(value),
            }
        }
        (possible, false)
    }

    /// The versions at which the value may change, the lowest of all among them; `None` where a bound does not say so
    /// (`<=`, `>` and `=` change behind the last version they stand for).
    pub(crate) fn steps(&self) -> Option<Vec<Version>> {
        let bounds = self.0.iter().filter_map(|(range, _)| range.as_ref()).flat_map(|range| &range.0);
        let steps = bounds.map(|(operator, bound)| match operator {
            Operator::Less | Operator::GreaterEqual => Some(bound.clone()),
            Operator::LessEqual | Operator::Greater | Operator::Is => None,
        });
        std::iter::once(Some(Version(vec![0]))).chain(steps).collect()
    }

    /// The value at `version`.
    pub fn at(&self, version: Option<&Version>) -> AtVersion<&T> {
        match self.possible(version) {
            (possible, true) => possible.first().map_or(AtVersion::Silent, |one| AtVersion::Is(one)),
            (possible, false) if possible.is_empty() => AtVersion::Silent,
            _ => AtVersion::Depends,
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Ranged<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Case<T> {
            versions: VersionRange,
            value: T,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written<T> {
            Cases(Vec<Case<T>>),
            Always(T),
        }
        if deserializer.is_human_readable() {
            return Ok(match Written::deserialize(deserializer)? {
                Written::Always(value) => Ranged(vec![(None, value)]),
                Written::Cases(cases) => {
                    Ranged(cases.into_iter().map(|case| (Some(case.versions), case.value)).collect())
                }
            });
        }
        Ok(Ranged(Vec::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(range: &str, version: &str) -> Option<bool> {
        VersionRange::parse(range).expect("a range").contains(&Version::parse(version).expect("a version"))
    }

    #[test]
    fn a_range_is_certain_only_for_versions_known_well_enough() {
        assert_eq!(inside(">=1.21,<1.24", "1.22.1"), Some(true));
        assert_eq!(inside(">=1.21,<1.24", "1.24"), Some(false));
        assert_eq!(inside(">=1.24", "1"), None);
        assert_eq!(inside(">=16", "16"), Some(true));
        assert_eq!(inside("<6.2", "6.3.0"), Some(false));
        assert_eq!(inside("=16", "16.4"), Some(true));
        assert!(VersionRange::parse(">=x").is_err());
        let since = VersionRange::parse(">=1.21,<1.24").expect("a range");
        let before = |version: &str| since.is_before(&Version::parse(version).expect("a version"));
        assert_eq!([before("1.20"), before("1.21"), before("1.25"), before("1")], [true, false, false, false]);
    }

    #[test]
    fn a_field_depends_on_an_unknown_version() {
        let field = Ranged(vec![
            (Some(VersionRange::parse("<1.24").expect("a range")), 0),
            (Some(VersionRange::parse(">=1.24").expect("a range")), 200),
        ]);
        assert_eq!(field.at(None), AtVersion::Depends);
        assert_eq!(field.at(Version::parse("1.25.2").as_ref()), AtVersion::Is(&200));
        assert_eq!(field.at(Version::parse("1.9").as_ref()), AtVersion::Is(&0));
        assert_eq!(Ranged::always(7).at(None), AtVersion::Is(&7));
    }
}
