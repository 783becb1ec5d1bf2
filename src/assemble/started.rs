//! Commands that another file takes the place of: a part of a unit that takes back `ExecStart=`, a container with a command
//! of its own for an image whose Dockerfile names one.

use std::collections::HashMap;

use super::FileFragments;
use crate::model::Name;
use crate::syntax::launch::Start;

/// Leaves out what commands set that are not run.
pub(super) fn apply(files: &mut [FileFragments]) {
    for file in taken_back(files).into_iter().chain(replaced(files)).collect::<Vec<usize>>() {
        for fragment in &mut files[file].fragments {
            let parameters = fragment.table.as_ref().and_then(|table| table.parameters.as_ref());
            if parameters.is_some_and(|parameters| parameters.kind == fragment.kind) {
                fragment.settings.clear();
                fragment.closed = false;
            }
        }
    }
}

/// Units with a part that takes their commands back, and the parts that are read before it.
fn taken_back(files: &[FileFragments]) -> Vec<usize> {
    let mut last: HashMap<&str, &str> = HashMap::new();
    for file in files.iter().filter(|file| file.start == Start::TakesBack) {
        let Some((folder, name)) = file.path.rsplit_once('/').filter(|(folder, _)| folder.ends_with(".d")) else {
            continue;
        };
        let last = last.entry(folder).or_insert(name);
        *last = (*last).max(name);
    }
    if last.is_empty() {
        return Vec::new();
    }
    let is_before = |file: &FileFragments| {
        let in_folder = file.path.rsplit_once('/').and_then(|(folder, name)| Some(name < *last.get(folder)?));
        in_folder.unwrap_or(false) || last.contains_key(format!("{}.d", file.path).as_str())
    };
    files.iter().enumerate().filter(|(_, file)| is_before(file)).map(|(index, _)| index).collect()
}

/// Dockerfiles whose command no container that is built from them runs.
fn replaced(files: &[FileFragments]) -> Vec<usize> {
    let mut commanded: HashMap<&Name, bool> = HashMap::new();
    for contained in files.iter().flat_map(|file| &file.containers) {
        let Some(built_by) = &contained.build_file else { continue };
        *commanded.entry(built_by).or_insert(true) &= contained.commanded;
    }
    let is_replaced =
        |file: &FileFragments| file.start == Start::Replaceable && commanded.get(&file.path) == Some(&true);
    files.iter().enumerate().filter(|(_, file)| is_replaced(file)).map(|(index, _)| index).collect()
}
