//! The baseline: findings that a team knows of and does not want to hear about again.
//!
//! ```json
//! {
//!   "version": 1,
//!   "findings": [
//!     {
//!       "path": "compose.yaml",
//!       "rule": "client-without-pool",
//!       "fingerprint": "0123456789abcdef",
//!       "state": "fedcba9876543210",
//!       "message": "each call opens a connection of its own"
//!     }
//!   ]
//! }
//! ```
//!
//! What decides is `fingerprint` and `state`; the rest is for whoever reviews the file. It holds no line numbers and is
//! sorted, so that a change of the configuration changes no more of it than the findings it concerns.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use serde::de::{Deserializer, Error as _, Unexpected};
use serde::{Deserialize, Serialize};

use super::walk::reason;
use super::{Problem, Seen};

/// The file's name where nothing else is said, in the root of the repository.
pub const BASELINE: &str = "trueup-baseline.json";

/// The version of the format: grows when a reader of the old one would go wrong.
const VERSION: u32 = 1;

/// Where the baseline of a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaselineSource {
    /// Where the settings of each file say, if they do.
    Settings,
    /// In this file, for everything.
    File(std::path::PathBuf),
    /// Nowhere: everything is shown.
    Nowhere,
}

/// The findings known. Ordered by path, rule and fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline(BTreeSet<Known>);

/// One finding that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// The file, from the root of the repository, `/` between parts.
    pub path: String,
    /// The rule's id.
    pub rule: String,
    /// Which finding it is: [`crate::model::Finding::fingerprint`].
    #[serde(deserialize_with = "hash")]
    pub fingerprint: String,
    /// The values it was judged from: [`crate::model::Finding::state`].
    #[serde(deserialize_with = "hash")]
    pub state: String,
    /// What was wrong when it was written down, secrets masked.
    pub message: String,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    findings: &'a BTreeSet<Known>,
}

#[derive(Deserialize)]
struct Read {
    #[serde(rename = "version", deserialize_with = "version")]
    _version: u32,
    findings: BTreeSet<Known>,
}

impl Baseline {
    /// Reads the file at `path`, which problems call `shown`; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be read, or is no baseline: with line and column.
    pub fn read(path: &Path, shown: &str) -> Result<Option<Self>, Problem> {
        match std::fs::read(path) {
            Ok(bytes) => Self::parse(shown, &bytes).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Problem::new(shown, reason(&error))),
        }
    }

    /// Reads the content of a file that problems call `shown`.
    ///
    /// # Errors
    /// It is no baseline: with line and column.
    pub fn parse(shown: &str, bytes: &[u8]) -> Result<Self, Problem> {
        let read: Result<Read, _> = serde_json::from_slice(bytes);
        read.map(|read| Baseline(read.findings)).map_err(|error| {
            let text = error.to_string();
            let message = text.split(" at line ").next().unwrap_or_default();
            Problem::new(shown, format!("no valid baseline: {message}"))
                .at(error.line().max(1), error.column().max(1))
                .advice("remove the file and write it anew with `trueup baseline`")
        })
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let written = Written { version: VERSION, findings: &self.0 };
        serde_json::to_string_pretty(&written).expect("strings and numbers always serialize") + "\n"
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps what `keep` is true of.
    pub fn retain(&mut self, keep: impl FnMut(&Known) -> bool) {
        self.0.retain(keep);
    }

    /// Adds findings.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Known>) {
        self.0.extend(findings);
    }

    /// The findings to compare with.
    pub fn seen(&self) -> Seen {
        self.0.iter().map(|known| (known.fingerprint.clone(), known.state.clone())).collect()
    }
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        VERSION => Ok(VERSION),
        other => Err(D::Error::custom(format!("version {other}, and this trueup reads version {VERSION}"))),
    }
}

fn hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text);
    }
    Err(D::Error::invalid_value(Unexpected::Str(&text), &"16 hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &str, fingerprint: &str) -> Known {
        let (path, fingerprint) = (path.to_owned(), fingerprint.repeat(16));
        Known { path, rule: "a-rule".into(), state: fingerprint.clone(), fingerprint, message: "it is bad".into() }
    }

    #[test]
    fn what_is_written_is_read_and_sorted() {
        let mut baseline = Baseline::default();
        baseline.extend([known("b.yaml", "1"), known("a.yaml", "2"), known("a.yaml", "1")]);
        let text = baseline.text();
        assert_eq!(Baseline::parse("x", text.as_bytes()), Ok(baseline));
        let order: Vec<usize> = ["\"a.yaml\"", "\"2222222222222222\"", "\"b.yaml\""]
            .map(|part| text.find(part).expect("it is there"))
            .into();
        assert!(order.is_sorted(), "{text}");
    }

    #[test]
    fn a_broken_one_says_where() {
        let problem = |text: &str| Baseline::parse("b.json", text.as_bytes()).expect_err("it is broken").to_string();
        let entry = "{\n\"version\": 1,\n\"findings\": [\n{\"path\": \"a\", \"rule\": \"b\",";
        for (text, expected) in [
            ("".to_owned(), "1:1: no valid baseline: EOF while parsing a value"),
            ("{\n\"version\": 2, \"findings\": []}".into(), "2:12: no valid baseline: version 2, and"),
            ("{\n\"version\": 1\n}".into(), "3:1: no valid baseline: missing field `findings`"),
            (
                format!("{entry}\n\"fingerprint\": \"xyz\"}}]}}"),
                "5:21: no valid baseline: invalid value: string \"xyz\"",
            ),
            (format!("{entry}\n\"state\": 5}}]}}"), "5:10: no valid baseline: invalid type: integer `5`"),
            (format!("{entry}\n<<<<<<< HEAD\n"), "5:1: no valid baseline: key must be a string"),
        ] {
            assert!(problem(&text).starts_with(&format!("b.json:{expected}")), "{}", problem(&text));
        }
    }
}
