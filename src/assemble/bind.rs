//! Files that a container reads: what is written in them becomes the container's own.
//!
//! | the container names | then |
//! |---|---|
//! | a file of environment variables | its fragments join those of the container's own variables, which are over them |
//! | a mounted configuration file that its product reads | its fragments join the product's, and no longer stand alone |
//! | any other mounted file | what it describes lives in the container |
//! | the folder its image is built from | the same, for each dialect of which the folder holds one set of files |
//!
//! A file bound to several containers is read in each of them.

use std::collections::{BTreeSet, HashMap};

use super::FileFragments;
use crate::dialect::{Contained, Fragment};
use crate::knowledge::{Knowledge, glob};
use crate::model::Name;

/// The most fragments that binding may add in one run: one file mounted into very many containers stops there.
const MAX_BOUND: usize = 100_000;

/// A file or folder read in a container.
struct Bond {
    file: usize,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// Variables: weaker than the container's own.
    Variables,
    /// The product's own configuration.
    Configuration,
    /// A file that some program in it reads.
    Mounted,
    /// A file of the folder that the image is built from.
    Built,
}

/// Adds to `files` what their containers read from other files.
pub(super) fn bind(knowledge: &Knowledge, files: &mut [FileFragments]) {
    if files.iter().all(|file| file.containers.is_empty()) {
        return;
    }
    let sight = Sight {
        by_path: files.iter().enumerate().map(|(index, file)| (file.path.clone(), index)).collect(),
        sorted: {
            let mut paths: Vec<(Name, usize)> =
                files.iter().enumerate().map(|(index, file)| (file.path.clone(), index)).collect();
            paths.sort();
            paths
        },
    };
    let mut built: HashMap<Name, Vec<usize>> = HashMap::new();
    let mut added: Vec<(usize, Vec<Fragment>)> = Vec::new();
    let mut lengths: HashMap<usize, usize> = HashMap::new();
    let mut absorbed: BTreeSet<usize> = BTreeSet::new();
    let mut left = MAX_BOUND;
    for (host, file) in files.iter().enumerate() {
        for contained in &file.containers {
            for bond in sight.bonds(knowledge, files, host, contained, &mut built) {
                let mut bound = bound(&files[bond.file], bond.how, file, contained);
                if bound.is_empty() || bound.len() > left {
                    continue;
                }
                left -= bound.len();
                if matches!(bond.how, How::Variables | How::Configuration) {
                    absorbed.insert(bond.file);
                }
                let offset = lengths.entry(bond.file).or_insert(files[bond.file].fragments.len());
                for fragment in &mut bound {
                    fragment.parent = fragment.parent.take().map(|(at, link)| (at + *offset, link));
                    fragment.ties.iter_mut().for_each(|(_, at)| *at += *offset);
                }
                *offset += bound.len();
                added.push((bond.file, bound));
            }
        }
    }
    for file in absorbed {
        files[file].fragments.iter_mut().for_each(|fragment| fragment.part = true);
    }
    for (file, bound) in added {
        files[file].fragments.extend(bound);
    }
}

/// The fragments of `file` as they stand in the container, in their order, so that indexes hold.
fn bound(file: &FileFragments, how: How, host: &FileFragments, contained: &Contained) -> Vec<Fragment> {
    let home = &contained.container.home;
    let own = own(host, contained).iter().find(|fragment| Some(&fragment.dialect) == contained.product.as_ref());
    let of_file = file.fragments.iter().take_while(|fragment| fragment.home.is_none());
    of_file
        .cloned()
        .map(|mut fragment| {
            match how {
                How::Variables => fragment.scope = home.clone(),
                How::Configuration => {
                    fragment.part = false;
                    if let Some(own) = own.filter(|own| own.dialect == fragment.dialect && own.kind == fragment.kind) {
                        fragment.scope = home.clone();
                        fragment.identity = own.identity.clone();
                        fragment.version = own.version.clone();
                        fragment.throwaway |= own.throwaway;
                    }
                }
                How::Built if reads_variables(&fragment) => fragment.scope = home.clone(),
                How::Mounted | How::Built => fragment.scope = format!("{home}#{}", fragment.scope).into(),
            }
            fragment.home = Some(home.clone());
            fragment
        })
        .collect()
}

/// What the container's own description says.
fn own<'f>(host: &'f FileFragments, contained: &Contained) -> &'f [Fragment] {
    host.fragments.get(contained.fragments.clone()).unwrap_or_default()
}

/// The files of the run, by path.
struct Sight {
    by_path: HashMap<Name, usize>,
    sorted: Vec<(Name, usize)>,
}

impl Sight {
    fn bonds(
        &self,
        knowledge: &Knowledge,
        files: &[FileFragments],
        host: usize,
        contained: &Contained,
        built: &mut HashMap<Name, Vec<usize>>,
    ) -> Vec<Bond> {
        let mut bonds = Vec::new();
        let named = |path: &Name| self.by_path.get(path).copied().filter(|&file| file != host);
        for file in contained.variable_files.iter().filter_map(named) {
            bonds.push(Bond { file, how: How::Variables });
        }
        for (source, target) in &contained.mounts {
            match &contained.product {
                Some(product) => {
                    let live = live_files(knowledge, &files[host], contained, product);
                    let (file, at) = match named(source) {
                        Some(file) => (Some(file), target.to_string()),
                        // a folder: the file in it that appears where the product looks
                        None => match live.iter().find_map(|live| Some((live, live.strip_prefix(&**target)?))) {
                            Some((live, rest)) => {
                                (named(&format!("{source}/{}", rest.trim_start_matches('/')).into()), live.to_string())
                            }
                            None => (None, String::new()),
                        },
                    };
                    if let Some(file) = file.filter(|_| live.iter().any(|live| glob(live, &at))) {
                        bonds.push(Bond { file, how: How::Configuration });
                    }
                }
                None => bonds.extend(named(source).map(|file| Bond { file, how: How::Mounted })),
            }
        }
        if let Some(folder) = contained.build.as_ref().filter(|_| contained.product.is_none()) {
            let inside = built.entry(folder.clone()).or_insert_with(|| self.built(files, folder));
            bonds.extend(inside.iter().map(|&file| Bond { file, how: How::Built }));
        }
        bonds
    }

    /// The configuration files in the folder that an image is built from: of each dialect, if they are one set.
    fn built(&self, files: &[FileFragments], folder: &str) -> Vec<usize> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let first = self.sorted.partition_point(|(path, _)| **path < *prefix);
        let inside = self.sorted[first..].iter().take_while(|(path, _)| path.starts_with(&prefix));
        let mut sets: HashMap<&Name, (BTreeSet<&Name>, BTreeSet<usize>)> = HashMap::new();
        for &(_, file) in inside {
            for fragment in files[file].fragments.iter().filter(|fragment| is_programs_own(fragment)) {
                let (scopes, members) = sets.entry(&fragment.dialect).or_default();
                scopes.insert(&fragment.scope);
                members.insert(file);
            }
        }
        let one = sets.into_values().filter(|(scopes, _)| scopes.len() == 1).flat_map(|(_, members)| members);
        one.collect::<BTreeSet<usize>>().into_iter().collect()
    }
}

/// Whether variables of the container are over what the fragment says.
fn reads_variables(fragment: &Fragment) -> bool {
    fragment.table.as_ref().is_some_and(|table| table.environment.is_some())
}

/// Whether a fragment says what a program reads, and not for tests: how a program is deployed is no part of its image.
fn is_programs_own(fragment: &Fragment) -> bool {
    let deployed = matches!(&*fragment.kind, "server" | "workload" | "healthcheck" | "setting");
    !deployed && !fragment.throwaway && !fragment.part && fragment.home.is_none()
}

/// Where the product in a container looks for its configuration: where its command line says, else where it always does.
fn live_files(knowledge: &Knowledge, host: &FileFragments, contained: &Contained, product: &Name) -> Vec<Name> {
    let Some(container) = knowledge.table(product).and_then(|table| table.container.as_ref()) else {
        return Vec::new();
    };
    let is_named = |key: &str| container.config_file.as_ref().is_some_and(|option| option == key);
    let named = own(host, contained)
        .iter()
        .flat_map(|fragment| &fragment.settings)
        .find(|setting| is_named(&setting.written.key));
    match named {
        Some(setting) => vec![setting.text.clone()],
        None => container.config_paths.iter().map(|path| path.as_str().into()).collect(),
    }
}
