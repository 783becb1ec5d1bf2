//! Resources whose parts stand in several documents: what one part lacks, another may say.

use std::collections::HashSet;

use super::FileFragments;
use crate::dialect::Fragment;
use crate::model::{Attribute, Confidence, Declaration, Effective, Name, Origin, Resource, Why};

/// Takes back "does nothing without its sibling" where another part of the same resource sets the sibling: the product
/// puts its documents together before it looks.
pub(super) fn complete(files: &mut [FileFragments], members: &[(usize, usize)]) {
    let own_keys = |fragment: &Fragment| -> Vec<String> {
        let own = fragment.settings.iter().filter(|setting| !setting.written.shared);
        own.map(|setting| plain(&setting.written.key)).collect()
    };
    let keys: Vec<Vec<String>> = members.iter().map(|&(file, index)| own_keys(&files[file].fragments[index])).collect();
    for (at, &(file, index)) in members.iter().enumerate() {
        let elsewhere = |key: &str| {
            let key = plain(key);
            keys.iter().enumerate().any(|(other, keys)| other != at && keys.contains(&key))
        };
        for setting in &mut files[file].fragments[index].settings {
            let lacks = setting.reading.faults.iter().any(|fault| fault.code == "ignored");
            if lacks && setting.needs.iter().any(|need| elsewhere(need)) {
                setting.reading.faults.retain(|fault| fault.code != "ignored");
                setting.reading.set = true;
            }
        }
    }
}

/// Files of one profile are whole where the common part stands beside them and is whole itself.
pub(super) fn close_profiles(files: &mut [FileFragments]) {
    let whole: HashSet<(Name, Name)> = files
        .iter()
        .flat_map(|file| &file.fragments)
        .filter(|fragment| fragment.closed && fragment.profile.is_none())
        .map(|fragment| (fragment.scope.clone(), fragment.dialect.clone()))
        .collect();
    for fragment in files.iter_mut().flat_map(|file| &mut file.fragments).filter(|fragment| fragment.completes) {
        fragment.closed |= whole.contains(&(fragment.scope.clone(), fragment.dialect.clone()));
    }
}

/// A key without case, `-` and `_`.
fn plain(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// What some profile sets and the common part does not is not known to be missing there, and what a profile sets
/// otherwise may never be in force: no program may ever run without a profile.
pub(super) fn leave_to_profiles<'f>(resource: &mut Resource, parts: impl Iterator<Item = &'f Fragment>) {
    // what developers set for themselves says nothing of what serves users
    let serving = parts.filter(|part| part.profile.is_some() && !part.rehearsal);
    for setting in serving.flat_map(|part| &part.settings) {
        let Some(name) = setting.attribute.as_ref().filter(|_| setting.reading.set) else { continue };
        if let Some(own) = resource.attributes.get_mut(name)
            && own.declared == Declaration::Set
        {
            own.confidence = own.confidence.min(Confidence::Medium);
        }
        if resource.declared(name) != Declaration::NotSet {
            continue;
        }
        let open = Attribute {
            declared: Declaration::Unreadable,
            effective: Effective::Unknown(Why::Ambiguous),
            origin: Origin::Absent,
            confidence: Confidence::Certain,
            written: Vec::new(),
        };
        resource.attributes.insert(name.clone(), open);
    }
}
