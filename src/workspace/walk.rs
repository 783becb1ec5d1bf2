//! Paths into the files to read: sorted, each once, and what could not be listed.
//!
//! What git ignores is passed over, and so are trees that others wrote ([`PASSED_OVER`]); hidden files are read, because
//! much configuration is hidden. A file or directory the user names is always read. Links are not followed in a
//! directory, except to a file outside of it.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ignore::{DirEntry, WalkBuilder};

use super::{Problem, nearest, paths};

/// Directories that hold other people's work, or what a build made. `dist` is none of them: where a build makes it git
/// ignores it, and where it is committed it was meant to be used.
pub const PASSED_OVER: [&str; 15] = [
    ".git",
    ".hg",
    ".jj",
    ".svn",
    ".gradle",
    ".terraform",
    ".tox",
    ".venv",
    "__pycache__",
    "bower_components",
    "node_modules",
    "target",
    "third_party",
    "vendor",
    "venv",
];

/// The files found.
#[derive(Debug, Default)]
pub struct Found {
    /// Absolute paths, sorted, each with the way it was found.
    pub files: BTreeMap<PathBuf, Origin>,
    /// What could not be listed, each with the absolute path it is about.
    pub problems: Vec<(PathBuf, Problem)>,
    /// How many directories of [`PASSED_OVER`] were met, hidden ones not counted: nobody expects those to be read.
    pub passed_over: usize,
}

/// How a file came into the run. Ordered: what the user named outranks what a directory held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Found in a directory; `exclude` applies.
    Walked,
    /// Named by the user; nothing but its absence keeps it from being read.
    Named,
}

/// Lists the files at and below `targets` (as the user wrote them, relative to `cwd`).
/// In directories only files whose name `wants` accepts are listed.
pub fn walk(cwd: &Path, targets: &[PathBuf], wants: &(dyn Fn(&Path) -> bool + '_)) -> Found {
    let mut found = Found::default();
    for target in targets {
        let path = paths::absolute(cwd, target);
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => found.directory(cwd, &path, wants),
            Ok(_) => found.file(path, Origin::Named),
            Err(error) => {
                let problem = unreadable(target, &path, &error);
                found.problems.push((path, problem));
            }
        }
    }
    found
}

impl Found {
    fn file(&mut self, path: PathBuf, origin: Origin) {
        let known = self.files.entry(path).or_insert(origin);
        *known = origin.max(*known);
    }

    fn directory(&mut self, cwd: &Path, root: &Path, wants: &dyn Fn(&Path) -> bool) {
        let passed_over = Arc::new(AtomicUsize::new(0));
        let counter = passed_over.clone();
        let walk = WalkBuilder::new(root)
            .hidden(false)
            .ignore(false)
            .git_global(false) // the same files on every machine
            .follow_links(false)
            .filter_entry(move |entry| {
                let enters = !is_passed_over(entry);
                if !enters && !entry.file_name().as_encoded_bytes().starts_with(b".") {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
                enters
            })
            .build();
        for entry in walk {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let (path, problem) = walk_problem(cwd, root, &error);
                    self.problems.push((path, problem));
                    continue;
                }
            };
            let Some(kind) = entry.file_type() else { continue };
            if kind.is_symlink() {
                self.link(cwd, root, entry.into_path(), wants);
            } else if kind.is_file() && wants(entry.path()) {
                self.file(entry.into_path(), Origin::Walked);
            }
        }
        self.passed_over += passed_over.load(Ordering::Relaxed);
    }

    /// A link inside a walked directory. A file inside the same directory is read where it stands; a dangling link is
    /// nobody's configuration; a link to a directory around it is a loop.
    fn link(&mut self, cwd: &Path, root: &Path, link: PathBuf, wants: &dyn Fn(&Path) -> bool) {
        let shown = paths::relative(cwd, &link);
        match link.canonicalize() {
            Ok(target) => {
                if target.is_dir() {
                    let place = link.parent().and_then(|parent| parent.canonicalize().ok());
                    if place.is_some_and(|place| place.starts_with(&target)) {
                        let message = format!("a directory loop: a link back to {}", paths::relative(cwd, &target));
                        let advice = "name it under `exclude` in trueup.toml if it is meant to be there";
                        self.problems.push((link, Problem::new(shown, message).advice(advice)));
                    }
                } else if target.is_file()
                    && wants(&link)
                    && !root.canonicalize().is_ok_and(|root| target.starts_with(root))
                {
                    self.file(link, Origin::Walked);
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => self.problems.push((link, Problem::new(shown, reason(&error)))),
        }
    }
}

fn is_passed_over(entry: &DirEntry) -> bool {
    entry.depth() > 0
        && entry.file_type().is_some_and(|kind| kind.is_dir())
        && entry.file_name().to_str().is_some_and(|name| PASSED_OVER.contains(&name))
}

fn walk_problem(cwd: &Path, root: &Path, error: &ignore::Error) -> (PathBuf, Problem) {
    let mut path = root.to_path_buf();
    let mut inner = error;
    loop {
        match inner {
            ignore::Error::WithPath { path: at, err } => {
                path.clone_from(at);
                inner = err;
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => inner = err,
            _ => break,
        }
    }
    let message = match inner.io_error() {
        Some(error) => reason(error),
        None => inner.to_string(),
    };
    let shown = paths::relative(cwd, &path);
    (path, Problem::new(shown, message))
}

/// What is wrong with a path the user named, `target` as written, and the one that was probably meant.
pub(super) fn unreadable(target: &Path, path: &Path, error: &std::io::Error) -> Problem {
    let shown = target.display().to_string();
    match error.kind() {
        ErrorKind::NotFound if path.is_symlink() => Problem::new(shown, "is a link to a file that does not exist"),
        ErrorKind::NotFound => Problem::new(shown, reason(error)).meant(sibling(target, path).as_deref()),
        _ => Problem::new(shown, reason(error)),
    }
}

/// An I/O error in words, without the system's error number.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => "cannot be read: permission denied".into(),
        ErrorKind::NotFound => "no such file or directory".into(),
        _ => {
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default();
            if text.contains("symbolic links") {
                "a directory loop: its links lead back to themselves".into()
            } else {
                format!("cannot be read: {}", text.to_lowercase())
            }
        }
    }
}

/// What stands beside a missing path under a similar name, spelled as the user spelled the rest.
fn sibling(target: &Path, path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    // with a mistake further up, suggest that part
    let parent = path.parent()?;
    if !parent.is_dir() {
        return sibling_of_ancestor(target, path);
    }
    let near = near_name(parent, name)?;
    Some(target.with_file_name(near).display().to_string())
}

/// The first part of the path that does not exist, mended.
fn sibling_of_ancestor(target: &Path, path: &Path) -> Option<String> {
    let missing = path.ancestors().take_while(|ancestor| !ancestor.exists()).last()?;
    let below = path.strip_prefix(missing).ok()?;
    let near = near_name(missing.parent()?, missing.file_name()?.to_str()?)?;
    let depth = below.components().count();
    let head = target.ancestors().nth(depth)?;
    Some(head.with_file_name(near).join(below).display().to_string())
}

fn near_name(directory: &Path, name: &str) -> Option<String> {
    let mut names: Vec<String> =
        directory.read_dir().ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
}
