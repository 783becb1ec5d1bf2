//! The files of a run with what they say, for whoever does more with it than judge it: which settings a server is to have.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::read::{Texts, versions_around};
use super::run::{Request, Scopes, root};
use super::settings::Named;
use super::walk::walk;
use super::write::{Replacement, replace};
use super::{Engine, Problem, Settings, paths};
use crate::analysis::{Analysed, Input};
use crate::fix::{Beside, Change, Patched};
use crate::model::{Name, ResourceId};

/// The files of a run.
pub struct Gathering {
    /// Those that share their settings, together.
    pub parts: Vec<Gathered>,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// Files beside them that name versions.
    around: Vec<Input>,
}

/// Files that share their settings.
pub struct Gathered {
    /// These settings.
    pub settings: Arc<Settings>,
    inputs: Vec<Input>,
    places: Vec<PathBuf>,
    own: Option<Box<dyn Engine>>,
}

/// Reads the files that a request names, as [`super::check`] does. `versions` are those of products, over what settings
/// and files say.
///
/// # Errors
/// A settings file that was named cannot be read.
pub fn gather(
    engine: &dyn Engine,
    request: &Request,
    versions: &[(String, String)],
) -> Result<Gathering, Vec<Problem>> {
    let found = walk(&request.cwd, &request.targets, &|path| engine.wants(path));
    let root = root(&request.cwd);
    let places: Vec<PathBuf> = request.targets.iter().map(|target| paths::absolute(&request.cwd, target)).collect();
    let known = |path: &Path| found.files.contains_key(path);
    let around = versions_around(engine, root, places.iter().map(PathBuf::as_path), &known);
    let (scopes, mut problems) = Scopes::new(request)?.finish(found);
    let mut parts = Vec::new();
    for mut scope in scopes {
        let settings = Arc::make_mut(&mut scope.settings);
        for (product, version) in versions {
            let place = Named { name: product.clone(), line: 0, column: 0 };
            settings.facts.versions.insert(product.clone(), (version.clone(), place));
        }
        match engine.prepare(&scope.settings) {
            Ok(own) => {
                let texts = Texts::read(root, &scope.files);
                problems.extend(texts.problems);
                let places = texts.places.into_iter().map(Path::to_path_buf).collect();
                parts.push(Gathered { inputs: texts.inputs, places, own, settings: scope.settings.clone() });
            }
            Err(trouble) => problems.extend(trouble),
        }
    }
    Ok(Gathering { parts, problems, around })
}

impl Gathering {
    /// What one of the parts says; nothing where there is no such part.
    pub fn resources(&self, engine: &dyn Engine, part: usize) -> Option<Analysed> {
        let part = self.parts.get(part)?;
        Some(part.engine(engine).resources(part.inputs.clone(), &self.around))
    }

    /// The files of a part with other settings of a server, and with what goes with them.
    pub fn patched(
        &self,
        engine: &dyn Engine,
        part: usize,
        server: ResourceId,
        settings: &[(Name, String)],
        beside: &[Beside],
    ) -> Option<Patched> {
        let part = self.parts.get(part)?;
        Some(part.engine(engine).patched(&part.inputs, &self.around, server, settings, beside))
    }
}

impl Gathered {
    fn engine<'e>(&'e self, shipped: &'e dyn Engine) -> &'e dyn Engine {
        self.own.as_deref().unwrap_or(shipped)
    }

    /// How reports call a file.
    pub fn path(&self, file: usize) -> Arc<str> {
        self.inputs.get(file).map_or_else(|| "".into(), |input| input.path.clone())
    }

    /// Writes changes, all or none.
    ///
    /// # Errors
    /// The file that could not be written, and why.
    pub fn write(&self, changes: &[Change]) -> Result<(), Problem> {
        let files = changes.iter().filter_map(|change| {
            let (path, input) = self.places.get(change.file).zip(self.inputs.get(change.file))?;
            Some(Replacement { path, old: &input.bytes, new: &change.bytes })
        });
        let files: Vec<Replacement<'_>> = files.collect();
        replace(&files).map_err(|(path, why)| Problem::new(path.display().to_string(), format!("not written: {why}")))
    }
}
