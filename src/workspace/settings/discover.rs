//! Which settings file governs a file: the nearest one upward, no further than the repository's root.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The names of a settings file; the first wins where a directory has both.
const NAMES: [&str; 2] = ["trueup.toml", ".trueup.toml"];

/// The settings file that stands in `directory` itself.
pub fn settings_in(directory: &Path) -> Option<PathBuf> {
    NAMES.iter().map(|name| directory.join(name)).find(|file| file.is_file())
}

/// Whether a settings file in `directory` would govern the file at `path` (both absolute): it stands at or below, and
/// no other settings and no other repository come between.
pub fn would_govern(directory: &Path, path: &Path) -> bool {
    let between = path.ancestors().skip(1).take_while(|ancestor| *ancestor != directory);
    path.starts_with(directory)
        && !between.into_iter().any(|ancestor| settings_in(ancestor).is_some() || ancestor.join(".git").exists())
}

/// Looks settings files up, each directory once.
///
/// The answer depends on the file's own path only, never on the other files of the run. There is no merging: the nearest
/// file governs alone.
#[derive(Debug, Default)]
pub struct Discovery {
    known: HashMap<PathBuf, Option<PathBuf>>,
}

impl Discovery {
    /// The settings file that governs what stands in `directory` (absolute).
    pub fn governing(&mut self, directory: &Path) -> Option<PathBuf> {
        let mut passed: Vec<&Path> = Vec::new();
        let mut found = None;
        for ancestor in directory.ancestors() {
            if let Some(known) = self.known.get(ancestor) {
                found = known.clone();
                break;
            }
            passed.push(ancestor);
            found = settings_in(ancestor);
            // `.git` is a directory in a clone and a file in a worktree or a submodule
            if found.is_some() || ancestor.join(".git").exists() {
                break;
            }
        }
        for ancestor in passed {
            self.known.insert(ancestor.to_path_buf(), found.clone());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_file_governs_up_to_the_repository() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let at = |path: &str| root.path().join(path);
        for directory in ["outer/repo/a/b", "outer/repo/c"] {
            fs::create_dir_all(at(directory)).expect("a directory");
        }
        fs::write(at("outer/trueup.toml"), "").expect("settings outside the repository");
        fs::write(at("outer/repo/.git"), "gitdir: elsewhere").expect("a repository");
        fs::write(at("outer/repo/a/.trueup.toml"), "").expect("settings inside");

        let mut discovery = Discovery::default();
        for (directory, settings) in [
            ("outer/repo/c", None),
            ("outer/repo", None),
            ("outer/repo/a/b", Some("outer/repo/a/.trueup.toml")),
            ("outer/repo/a", Some("outer/repo/a/.trueup.toml")),
            ("outer", Some("outer/trueup.toml")),
        ] {
            assert_eq!(discovery.governing(&at(directory)), settings.map(at), "{directory}");
        }
    }
}
