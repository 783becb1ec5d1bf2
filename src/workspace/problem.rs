//! What kept a run from doing what was asked: a path, a setting, an option.

use std::fmt;

use serde::Serialize;

/// Something the user has to mend, other than a finding. One or more of them make the exit code 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, directory or option it is about, as the user named it.
    pub path: String,
    /// Line and column, both from 1, where it is about a place in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<(usize, usize)>,
    /// What is wrong, in one line.
    pub message: String,
    /// The word or path that was probably meant, or a way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Suggestion>,
}

/// What to do about a [`Problem`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suggestion {
    /// This was probably meant.
    Meant(String),
    /// An advice, a clause that stands on its own.
    Advice(String),
}

impl Problem {
    /// A problem with a whole path or option.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Problem { path: path.into(), position: None, message: message.into(), suggestion: None }
    }

    /// The same, at a line and a column.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.position = Some((line, column));
        self
    }

    /// The same, with the word that was probably meant, if one is near.
    #[must_use]
    pub fn meant(mut self, word: Option<&str>) -> Self {
        self.meant_here(word);
        self
    }

    /// Adds the word that was probably meant, if one is near.
    pub fn meant_here(&mut self, word: Option<&str>) {
        if let Some(word) = word {
            self.suggestion = Some(Suggestion::Meant(word.into()));
        }
    }

    /// The same, with an advice.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.suggestion = Some(Suggestion::Advice(advice.into()));
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.suggestion {
            Some(Suggestion::Meant(word)) => write!(f, "; did you mean `{word}`?"),
            Some(Suggestion::Advice(advice)) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}
