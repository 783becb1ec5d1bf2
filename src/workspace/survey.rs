//! What a directory holds, for whoever writes its settings: products, their versions, folders of tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::read::{Texts, versions_around};
use super::walk::walk;
use super::{Engine, Problem, paths, settings};
use crate::analysis::{Analysed, Status};
use crate::model::{Effective, Model, Name, Resource, Why};

/// The folders whose files are not what runs, by the names that tools and people give them.
const REHEARSALS: [&str; 20] = [
    "__fixtures__",
    "__mocks__",
    "__tests__",
    "demo",
    "demos",
    "e2e",
    "example",
    "examples",
    "fixture",
    "fixtures",
    "mocks",
    "sample",
    "samples",
    "spec",
    "specs",
    "test",
    "test-data",
    "testdata",
    "testing",
    "tests",
];

/// What was found in a directory.
#[derive(Debug, Default)]
pub struct Survey {
    /// How many files were read.
    pub read: usize,
    /// How many of them were recognised.
    pub recognised: usize,
    /// The dialects that read them, each with the number of its files.
    pub dialects: BTreeMap<Name, usize>,
    /// What is known of products' versions, by product. Those whose version decides nothing are left out.
    pub versions: BTreeMap<Name, Versions>,
    /// Folders of tests and examples that hold recognised files, as seen from the directory, each with their number.
    pub rehearsals: BTreeMap<String, usize>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// What files say of a product's version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// The versions, each with the place of its first mention.
    pub said: BTreeMap<Name, Name>,
    /// Whether something remains unknown for want of a version.
    pub lacking: bool,
}

/// Surveys what a settings file in `directory` (absolute) would govern; `root` is where reports name files from.
pub fn survey(engine: &dyn Engine, root: &Path, directory: &Path) -> Survey {
    let found = walk(directory, &[directory.to_path_buf()], &|path| engine.wants(path));
    let mut survey = Survey::default();
    survey.problems.extend(found.problems.into_iter().map(|(_, problem)| problem));
    let governed = |path: &&PathBuf| settings::would_govern(directory, path);
    let files: Vec<(PathBuf, Option<Vec<u8>>)> =
        found.files.keys().filter(governed).map(|path| (path.clone(), None)).collect();
    let Texts { inputs, places, problems, .. } = Texts::read(root, &files);
    survey.problems.extend(problems);
    let known = |path: &Path| found.files.contains_key(path);
    let around = versions_around(engine, root, places.iter().copied(), &known);
    let analysed = engine.resources(inputs, &around);
    survey.count(&analysed, &places, directory);
    survey.note_versions(&analysed);
    survey
}

impl Survey {
    fn count(&mut self, analysed: &Analysed, places: &[&Path], directory: &Path) {
        self.read = analysed.files.len();
        for (file, place) in analysed.files.iter().zip(places) {
            let (Status::Recognised(dialects) | Status::Template(dialects)) = &file.status else { continue };
            if dialects.is_empty() {
                continue;
            }
            self.recognised += 1;
            for dialect in dialects.iter().collect::<BTreeSet<_>>() {
                *self.dialects.entry(dialect.clone()).or_default() += 1;
            }
            if let Some(folder) = rehearsal(&paths::relative(directory, place)) {
                *self.rehearsals.entry(folder).or_default() += 1;
            }
        }
    }

    fn note_versions(&mut self, analysed: &Analysed) {
        let Model { resources, .. } = &analysed.model;
        for resource in resources {
            let Some(product) = &resource.product else { continue };
            match &resource.version {
                Some(pin) => {
                    let file = analysed.files.get(resource.location.file as usize);
                    // a pin from another file names that file and its line
                    let source = match file {
                        Some(file) if !pin.source.contains('/') && !pin.source.contains(':') => {
                            format!("{}, {}", file.path, pin.source).into()
                        }
                        _ => pin.source.clone(),
                    };
                    let versions = self.versions.entry(product.clone()).or_default();
                    versions.said.entry(pin.version.clone()).or_insert(source);
                }
                None if lacks_version(resource) => self.versions.entry(product.clone()).or_default().lacking = true,
                None => {}
            }
        }
    }
}

/// Whether anything of a resource would be known if its product's version were.
fn lacks_version(resource: &Resource) -> bool {
    let mut attributes = resource.attributes.values().chain(resource.defaults.values());
    attributes.any(|attribute| matches!(attribute.effective, Effective::Unknown(Why::Version)))
}

/// The outermost folder of tests or examples on a path.
fn rehearsal(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let (_, folders) = parts.split_last()?;
    let at = folders.iter().position(|folder| REHEARSALS.contains(&folder.to_ascii_lowercase().as_str()))?;
    Some(folders[..=at].join("/"))
}

#[cfg(test)]
mod tests {
    use super::rehearsal;

    #[test]
    fn the_outermost_folder_counts() {
        for (path, folder) in [
            ("tests/fixtures/a/app.yaml", Some("tests")),
            ("services/shop/Test/app.yaml", Some("services/shop/Test")),
            ("tests.yaml", None),
            ("contest/app.yaml", None),
        ] {
            assert_eq!(rehearsal(path).as_deref(), folder, "{path}");
        }
    }
}
