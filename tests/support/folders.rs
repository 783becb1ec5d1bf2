//! Folders of configuration as inputs: the fixtures, and the repositories of `../shared/corpus` where they are.

use std::path::{Path, PathBuf};

use trueup::analysis::Input;

/// The repositories there are: the folders of the fixtures, then those of the corpus.
pub(crate) fn repositories() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = root.join("../shared/corpus");
    if !corpus.exists() {
        println!("skipped: no files at {}; the fixtures are taken alone", corpus.display());
    }
    let folders = |root: PathBuf| std::fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    folders(root.join("fixtures")).chain(folders(corpus)).filter(|path| path.is_dir()).collect()
}

/// The files of a repository.
pub(crate) fn inputs(folder: &Path) -> Vec<Input> {
    let entries = walkdir::WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file());
    let input = |entry: walkdir::DirEntry| {
        let path = entry.path().strip_prefix(folder).ok()?.to_str()?.replace('\\', "/");
        Some(Input { path: path.as_str().into(), bytes: std::fs::read(entry.path()).ok()? })
    };
    files.filter_map(input).collect()
}
