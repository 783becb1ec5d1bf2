//! Files that other files include: their settings are read in the place of the directive.

use std::collections::HashMap;

use super::FileFragments;
use crate::dialect::{Fault, Fragment, IncludeSite, Reading, Setting, join};
use crate::model::Why;

/// The deepest chain of includes that is followed, as the server does.
const MAX_DEPTH: usize = 10;

/// The most included texts and settings that one run reads: files that include each other, often, double at every step.
const MAX_READ: usize = 100_000;

/// Reads the settings of included files in the including fragment; what stood in them alone is then only a part. A fragment with an include
/// that is not among the files is no longer closed. Returns a setting with a fault for each file that must be there,
/// stands in a folder of the run, and is missing.
pub(super) fn resolve(files: &mut [FileFragments]) -> Vec<(Fragment, Setting)> {
    let by_path: HashMap<Box<str>, usize> =
        files.iter().enumerate().map(|(index, file)| (Box::from(&*file.path), index)).collect();
    let mut missing = Vec::new();
    let mut included: Vec<usize> = Vec::new();
    let mut left = MAX_READ;
    let mut expanded: Vec<(usize, usize, Vec<Setting>, bool)> = Vec::new();
    for (file, read) in files.iter().enumerate() {
        for (index, fragment) in read.fragments.iter().enumerate() {
            if fragment.includes.is_empty() || fragment.part {
                continue;
            }
            let mut walk =
                Walk { files, by_path: &by_path, included: &mut included, missing: &mut missing, left: &mut left };
            let (settings, complete) = walk.expand(file, index, 0);
            expanded.push((file, index, settings, complete));
        }
    }
    for (file, index, settings, complete) in expanded {
        let fragment = &mut files[file].fragments[index];
        fragment.settings = settings;
        fragment.closed &= complete;
        fragment.includes.clear();
    }
    for file in included {
        for fragment in &mut files[file].fragments {
            fragment.part |= fragment.table.as_ref().is_some_and(|table| !table.include.is_empty());
        }
    }
    missing
}

struct Walk<'a> {
    files: &'a [FileFragments],
    by_path: &'a HashMap<Box<str>, usize>,
    included: &'a mut Vec<usize>,
    missing: &'a mut Vec<(Fragment, Setting)>,
    /// What may still be read of [`MAX_READ`].
    left: &'a mut usize,
}

impl Walk<'_> {
    /// The settings of a fragment with those of included files in their places, and whether all of them were there.
    fn expand(&mut self, file: usize, index: usize, depth: usize) -> (Vec<Setting>, bool) {
        let fragment = &self.files[file].fragments[index];
        let mut settings = Vec::new();
        let mut complete = depth < MAX_DEPTH;
        let mut done = 0;
        for include in &fragment.includes {
            settings.extend(fragment.settings[done..include.after.min(fragment.settings.len())].iter().cloned());
            done = include.after.min(fragment.settings.len());
            let targets = self.targets(file, include);
            if targets.is_empty() {
                complete = false;
            }
            for target in targets {
                if depth + 1 >= MAX_DEPTH || target == file || *self.left == 0 {
                    complete = false;
                    continue;
                }
                self.included.push(target);
                // read by another dialect, or by none: what it sets is out of sight
                complete &= self.files[target].fragments.iter().any(|inner| inner.dialect == fragment.dialect);
                for index in 0..self.files[target].fragments.len() {
                    if self.files[target].fragments[index].dialect == fragment.dialect {
                        let (inner, all) = self.expand(target, index, depth + 1);
                        *self.left = self.left.saturating_sub(1 + inner.len());
                        settings.extend(inner);
                        complete &= all;
                    }
                }
            }
        }
        settings.extend(fragment.settings[done..].iter().cloned());
        (settings, complete)
    }

    /// The files an include names, in the order they are read.
    fn targets(&mut self, file: usize, include: &IncludeSite) -> Vec<usize> {
        let Some(path) = join(directory(&self.files[file].path), &include.target) else { return Vec::new() };
        if !include.directory {
            let found: Vec<usize> = self.by_path.get(&*path).copied().into_iter().collect();
            if found.is_empty() && !include.optional && self.is_in_sight(&path) {
                self.report(file, include);
            }
            return found;
        }
        let prefix = format!("{path}/");
        let mut found: Vec<(&str, usize)> = self
            .files
            .iter()
            .enumerate()
            .filter_map(|(index, file)| {
                let name = file.path.strip_prefix(&prefix)?;
                (name.ends_with(".conf") && !name.contains('/') && !name.starts_with('.')).then_some((name, index))
            })
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, index)| index).collect()
    }

    /// Whether other files of that folder are part of the run, so that a missing one is missing.
    fn is_in_sight(&self, path: &str) -> bool {
        let Some((folder, _)) = path.rsplit_once('/') else { return false };
        let beside = self.files.iter().filter(|file| file.path.rsplit_once('/').is_some_and(|(of, _)| of == folder));
        beside.count() > 1
    }

    fn report(&mut self, file: usize, include: &IncludeSite) {
        let Some(fragment) = self.files[file].fragments.first() else { return };
        let mut fault = Fault::new("include-missing", "there is no such file; the server does not start")
            .cure("name a file that exists, or use include_if_exists");
        // the repository need not hold what the server's folder holds
        fault.confidence = crate::model::Confidence::Medium;
        let setting = Setting {
            attribute: None,
            reading: Reading::unknown(Why::NotSet).with(fault),
            written: include.written.clone(),
            text: include.target.as_str().into(),
            needs: Vec::new(),
        };
        self.missing.push((Fragment { settings: Vec::new(), ..fragment.clone() }, setting));
    }
}

/// The folder of a file.
fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}
