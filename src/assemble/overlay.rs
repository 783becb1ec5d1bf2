//! Files that are read over others of nearly the same name: `compose.override.yml` over `compose.yml`.
//!
//! What they say of a resource is folded over what the other file says; a container that both describe is one. A
//! command replaces the other file's command as a whole, so what that one set is no longer there.

use std::collections::HashMap;
use std::sync::Arc;

use super::FileFragments;
use crate::dialect::{Contained, MOUNT_NOT_READ};
use crate::knowledge::Table;
use crate::model::Name;

/// Lays every overlay over its file.
pub(super) fn apply(files: &mut [FileFragments]) {
    let by_path: HashMap<Name, usize> =
        files.iter().enumerate().map(|(index, file)| (file.path.clone(), index)).collect();
    for over in 0..files.len() {
        let Some(infix) = infix_of(&files[over]) else { continue };
        let (folder, name) = files[over].path.rsplit_once('/').unwrap_or(("", &files[over].path));
        let base = if folder.is_empty() { String::new() } else { format!("{folder}/") } + &name.replacen(&infix, "", 1);
        let Some(&base) = by_path.get(&*base).filter(|&&base| base != over) else { continue };
        lay(files, base, over);
    }
}

/// What marks the file as an overlay, if its name has it.
fn infix_of(file: &FileFragments) -> Option<String> {
    let name = file.path.rsplit('/').next()?;
    let tables = file.fragments.iter().filter_map(|fragment| fragment.table.as_ref());
    let infix = |table: &Arc<Table>| table.overlay.clone().filter(|infix| name.contains(infix.as_str()));
    tables.into_iter().find_map(infix)
}

fn lay(files: &mut [FileFragments], base: usize, over: usize) {
    let (from, to) = (files[over].path.clone(), files[base].path.clone());
    let moved = |name: &Name| name.strip_prefix(&*from).map(|rest| Name::from(format!("{to}{rest}")));
    for fragment in &mut files[over].fragments {
        fragment.scope = moved(&fragment.scope).unwrap_or_else(|| fragment.scope.clone());
        fragment.home = fragment.home.as_ref().and_then(moved).or_else(|| fragment.home.clone());
        fragment.rank += 2; // a container's own variables are 1
    }
    let below: HashMap<Name, usize> =
        files[base].containers.iter().enumerate().map(|(at, below)| (below.container.home.clone(), at)).collect();
    let containers = std::mem::take(&mut files[over].containers);
    for mut contained in containers {
        contained.container.home = moved(&contained.container.home).unwrap_or(contained.container.home);
        contained.container.unit = moved(&contained.container.unit).unwrap_or(contained.container.unit);
        let Some(below) = below.get(&contained.container.home).and_then(|&at| files[base].containers.get_mut(at))
        else {
            files[over].containers.push(contained);
            continue;
        };
        let replaced = contained.commanded && below.product.is_some();
        let own = below.fragments.clone();
        let started_anew = below.workload.filter(|_| contained.commanded);
        merge(below, contained);
        if let Some(workload) = started_anew.and_then(|at| files[base].fragments.get_mut(at)) {
            // the other command may name the file
            workload
                .settings
                .retain(|setting| !setting.reading.faults.iter().any(|fault| fault.code == MOUNT_NOT_READ));
        }
        if replaced {
            for fragment in files[base].fragments.get_mut(own).unwrap_or_default() {
                fragment.settings.clear();
                fragment.closed = false;
            }
        }
    }
}

/// One container of two descriptions.
fn merge(below: &mut Contained, over: Contained) {
    below.container.hosts.extend(over.container.hosts);
    below.container.host_network |= over.container.host_network;
    below.container.ports.published.extend(over.container.ports.published);
    below.container.ports.said.extend(over.container.ports.said);
    below.container.ports.open |= over.container.ports.open;
    below.container.ports.joins = over.container.ports.joins.or(below.container.ports.joins.take());
    below.container.calls.extend(over.container.calls);
    below.variable_files.extend(over.variable_files);
    below.mounts.extend(over.mounts);
    below.build = over.build.or(below.build.take());
    below.build_file = over.build_file.or(below.build_file.take());
    below.commanded |= over.commanded;
}
