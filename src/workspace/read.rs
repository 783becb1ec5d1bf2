//! Files into inputs, in parallel; what is too large or unreadable is said, never fatal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::walk::{reason, unreadable};
use super::{Engine, Problem, paths};
use crate::analysis::{File, Input, Status};
use crate::dialect::BUILD_FOLDERS;

/// Larger files are no configuration that people write; reading them would cost memory for nothing.
pub const LARGEST: u64 = 16 << 20;

/// What became of one file.
enum Read {
    /// Its content.
    Input(Input),
    /// It is larger than [`LARGEST`].
    TooLarge(Arc<str>),
    /// It cannot be read.
    Failed(Problem),
}

/// Files with their texts.
#[derive(Default)]
pub(super) struct Texts<'f> {
    /// Those that are judged.
    pub(super) inputs: Vec<Input>,
    /// Where each of them stands.
    pub(super) places: Vec<&'f Path>,
    /// Those that are too large.
    pub(super) skipped: Vec<File>,
    /// Why others could not be read.
    pub(super) problems: Vec<Problem>,
}

impl<'f> Texts<'f> {
    /// The texts of `files`, named as seen from `root`: those that are given, then those that are on disk.
    pub(super) fn read(root: &Path, files: &'f [(PathBuf, Option<Vec<u8>>)]) -> Texts<'f> {
        let mut texts = Texts::default();
        let mut on_disk: Vec<(&Path, Arc<str>)> = Vec::new();
        for (path, bytes) in files {
            let shown: Arc<str> = paths::relative(root, path).into();
            match bytes {
                Some(bytes) => {
                    texts.inputs.push(Input { path: shown, bytes: bytes.clone() });
                    texts.places.push(path);
                }
                None => on_disk.push((path, shown)),
            }
        }
        let read: Vec<Read> = on_disk.par_iter().map(|(path, shown)| read_one(path, shown)).collect();
        for (result, (path, _)) in read.into_iter().zip(on_disk) {
            match result {
                Read::Input(input) => {
                    texts.inputs.push(input);
                    texts.places.push(path);
                }
                Read::TooLarge(path) => {
                    let status = Status::Skipped(format!("larger than {} MiB", LARGEST >> 20));
                    texts.skipped.push(File { path, status, format: None, text: None, secrets: Vec::new() });
                }
                Read::Failed(problem) => texts.problems.push(problem),
            }
        }
        texts
    }
}

/// Reads one file the user named, `target` as written and relative to `cwd`.
pub fn read_file(cwd: &Path, target: &Path) -> Result<Vec<u8>, Problem> {
    let path = paths::absolute(cwd, target);
    let metadata = path.metadata().map_err(|error| unreadable(target, &path, &error))?;
    if !metadata.is_file() {
        return Err(Problem::new(target.display().to_string(), "is no regular file"));
    }
    std::fs::read(&path).map_err(|error| unreadable(target, &path, &error))
}

/// The files that name versions for `places` (absolute): those in the directories above them, up to `root`, without the
/// `known` ones. What cannot be read is passed over.
pub fn versions_around<'p>(
    engine: &dyn Engine,
    root: &Path,
    places: impl IntoIterator<Item = &'p Path>,
    known: &dyn Fn(&Path) -> bool,
) -> Vec<Input> {
    let mut found = BTreeMap::new();
    for folder in version_folders(root, places) {
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            let path = entry.path();
            if engine.names_versions(&path) && !known(&path) && path.is_file() {
                let shown: Arc<str> = paths::relative(root, &path).into();
                if let Read::Input(input) = read_one(&path, &shown) {
                    found.insert(shown, input);
                }
            }
        }
    }
    found.into_values().collect()
}

/// The directories above `places` (absolute), up to `root`, and the folders of build files in them.
pub(super) fn version_folders<'p>(root: &Path, places: impl IntoIterator<Item = &'p Path>) -> BTreeSet<PathBuf> {
    let above = |place: &'p Path| place.ancestors().skip(1).take_while(|directory| directory.starts_with(root));
    let directories: BTreeSet<&Path> = places.into_iter().flat_map(above).collect();
    let with_build_folders = |directory: &Path| {
        let folders: Vec<PathBuf> = BUILD_FOLDERS.iter().map(|folder| directory.join(folder)).collect();
        std::iter::once(directory.to_path_buf()).chain(folders)
    };
    directories.into_iter().flat_map(with_build_folders).collect()
}

fn read_one(path: &Path, shown: &Arc<str>) -> Read {
    let size = match path.metadata() {
        // a pipe or a device could block or never end
        Ok(metadata) if !metadata.is_file() => return Read::Failed(Problem::new(&**shown, "is no regular file")),
        Ok(metadata) => metadata.len(),
        Err(error) => return Read::Failed(Problem::new(&**shown, reason(&error))),
    };
    if size > LARGEST {
        return Read::TooLarge(shown.clone());
    }
    match std::fs::read(path) {
        Ok(bytes) => Read::Input(Input { path: shown.clone(), bytes }),
        Err(error) => Read::Failed(Problem::new(&**shown, reason(&error))),
    }
}
