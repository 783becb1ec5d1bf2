//! Where something stands, as reports say it.

use std::sync::Arc;

use serde::Serialize;

use super::redact::Redacted;
use crate::workspace::paths;

/// A point in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// From 0.
    pub byte: usize,
}

/// A stretch of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Range {
    /// Where it begins.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
}

/// A stretch of a named file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, from the root of the run, `/` between parts: for machines.
    pub path: Arc<str>,
    /// Where in it.
    pub range: Range,
    /// The file's index in the outcome.
    pub(super) file: usize,
}

impl Place {
    /// The file's name for people: as seen from the directory `from`, itself named from the root of the run.
    pub fn shown_from(&self, from: &str) -> Redacted {
        Redacted::path(&path_from(&self.path, from))
    }

    /// `path:line:column` for people.
    pub fn address_from(&self, from: &str) -> String {
        let start = self.range.start;
        format!("{}:{}:{}", self.shown_from(from), start.line, start.column)
    }
}

/// `path` as seen from the directory `from`, both named from the root of the run.
fn path_from(path: &str, from: &str) -> String {
    if from.is_empty() || from == "." || path.starts_with('/') {
        return path.to_owned();
    }
    // any absolute directory serves as the root, as long as it is deep enough for leading `..`
    let root = std::path::Path::new("/1/2/3/4/5/6/7/8/9");
    let depth = path.split('/').take_while(|part| *part == "..").count();
    if depth > 9 {
        return path.to_owned();
    }
    paths::relative(&paths::absolute(root, from.as_ref()), &paths::absolute(root, path.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_paths_from_where_they_are() {
        for (path, from, shown) in [
            ("a/b.yaml", "", "a/b.yaml"),
            ("a/b.yaml", "a", "b.yaml"),
            ("c/b.yaml", "a/x", "../../c/b.yaml"),
            ("../c.yaml", "a", "../../c.yaml"),
        ] {
            assert_eq!(path_from(path, from), shown);
        }
    }
}
