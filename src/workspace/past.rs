//! The files of a run as they were at a git reference.
//!
//! A file that is there now was there then if the commit holds it. Of files that are gone, those count that a run would
//! have read. What git does not know, such as a new file, has no past.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::git::{Commit, Entry, Kind, Repository};
use super::walk::{Found, PASSED_OVER};
use super::{Engine, Problem, paths};
use crate::analysis::Input;

/// What the present is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// Where the working tree left the default branch.
    Default,
    /// What git knows by this name.
    Named(String),
}

/// The run as it is now, and the engine that says which names count.
pub(super) struct Present<'a> {
    pub(super) engine: &'a dyn Engine,
    /// What reports name files from.
    pub(super) root: &'a Path,
    /// The files and directories the user named, absolute.
    pub(super) places: &'a [PathBuf],
    pub(super) found: &'a Found,
    /// The folders whose files say versions for the run.
    pub(super) version_folders: &'a BTreeSet<PathBuf>,
}

/// The files of the run as they were.
pub(super) struct Past {
    /// What the user calls the reference.
    pub(super) name: String,
    /// Files to judge: absolute paths and contents.
    pub(super) files: Vec<(PathBuf, Vec<u8>)>,
    /// Files that name versions for them.
    pub(super) around: Vec<Input>,
}

/// What a file is to the run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Judged,
    Around,
}

impl Past {
    /// Reads the files of `present` as they were at `reference`.
    pub(super) fn read(present: &Present<'_>, reference: &Reference) -> Result<Past, Problem> {
        let repository = Repository::open(present.root)?;
        let commit = match reference {
            Reference::Default => repository.default_commit()?,
            Reference::Named(name) => repository.commit(name)?,
        };
        let mut past = Past { name: commit.name.clone(), files: Vec::new(), around: Vec::new() };
        past.add(present, present.root, &commit)?;
        Ok(past)
    }

    /// Adds what the repository at `root` held, then what its submodules did.
    fn add(&mut self, present: &Present<'_>, root: &Path, commit: &Commit) -> Result<(), Problem> {
        let repository = Repository::open(root)?;
        let entries = repository.entries(&commit.id)?;
        let by_path: HashMap<&Path, &Entry> = entries.iter().map(|entry| (entry.path.as_path(), entry)).collect();
        let (mut wanted, mut contents) = (Vec::new(), Vec::new());
        for entry in &entries {
            let path = root.join(&entry.path);
            let content = match entry.kind {
                Kind::File => Some(entry),
                // what a link of now leads to, as it was
                Kind::Link => linked(root, &path).and_then(|target| by_path.get(target.as_path()).copied()),
                Kind::Submodule => None,
            };
            if let (Some(role), Some(content)) = (present.role(&path), content) {
                wanted.push((path, role));
                contents.push(content);
            }
        }
        for ((path, role), bytes) in wanted.into_iter().zip(repository.read(&contents)?) {
            match (role, bytes) {
                (_, None) => {} // too large to be judged, then as now
                (Role::Judged, Some(bytes)) => self.files.push((path, bytes)),
                (Role::Around, Some(bytes)) => {
                    self.around.push(Input { path: paths::relative(present.root, &path).into(), bytes });
                }
            }
        }
        for entry in entries.iter().filter(|entry| entry.kind == Kind::Submodule) {
            let root = root.join(&entry.path);
            // one that is not checked out has no files now, and nothing to compare
            if root.join(".git").exists() {
                self.add(present, &root, &Commit { name: commit.name.clone(), id: entry.id.clone() })?;
            }
        }
        Ok(())
    }
}

impl Present<'_> {
    fn role(&self, path: &Path) -> Option<Role> {
        if self.found.files.contains_key(path) {
            return Some(Role::Judged);
        }
        let below = |place: &PathBuf| path.strip_prefix(place).ok();
        if let Some(inside) = self.places.iter().find_map(below) {
            let passed_over = |part: &std::ffi::OsStr| part.to_str().is_some_and(|part| PASSED_OVER.contains(&part));
            let is_passed_over = inside.parent().is_some_and(|folder| folder.iter().any(passed_over));
            if !is_passed_over && self.engine.wants(path) && !path.exists() {
                return Some(Role::Judged);
            }
        }
        let is_around = path.parent().is_some_and(|folder| self.version_folders.contains(folder));
        (is_around && self.engine.names_versions(path)).then_some(Role::Around)
    }
}

/// What the link at `path` leads to, from `root`.
fn linked(root: &Path, path: &Path) -> Option<PathBuf> {
    let (root, target) = (root.canonicalize().ok()?, path.canonicalize().ok()?);
    target.strip_prefix(root).ok().map(Path::to_path_buf)
}
