//! Maps of variables that containers take over by a name, read before the files that name them.

use super::Context;
use super::recognise::{directory, format_of, has_key};
use super::view::{View, ViewId};
use crate::knowledge::{Knowledge, Spelling, VariableMapSite};
use crate::model::Name;
use crate::syntax::{Format, parse};

/// The deploy unit of a namespace, as files of one folder mean it.
pub(super) fn unit_of(path: &str, namespace: &str) -> Name {
    format!("{}#{namespace}", directory(path)).into()
}

/// The keys by which containers take maps over: without one of them in a folder, its maps are nobody's.
pub fn variable_map_takers(knowledge: &Knowledge) -> Vec<Name> {
    let mut takers: Vec<Name> =
        knowledge.tables.iter().flat_map(|entry| entry.head.map_takers.iter().cloned()).collect();
    takers.sort();
    takers.dedup();
    takers
}

/// Whether a file of that name may describe such maps.
pub fn may_hold_variable_maps(path: &str) -> bool {
    matches!(format_of(path), Some(Format::Yaml | Format::Json))
}

/// Notes the maps of variables that the file describes for containers of its deploy unit.
pub fn note_variable_maps(knowledge: &Knowledge, context: &mut Context, path: &str, text: &str) {
    let sites: Vec<&VariableMapSite> = knowledge.variable_maps().collect();
    // `kind: ConfigMap` and `"kind": "ConfigMap"`; other documents only speak of them
    let named = |site: &&VariableMapSite| {
        site.when.text().split_once('=').is_some_and(|(key, kind)| {
            text.match_indices(kind).any(|(at, _)| {
                let before = text[..at].trim_end_matches(['"', '\'', ' ']);
                before
                    .strip_suffix(':')
                    .is_some_and(|key_end| key_end.trim_end_matches(['"', '\'', ' ']).ends_with(key))
            })
        })
    };
    if !sites.iter().any(named) {
        return;
    }
    let Some(format) = format_of(path) else { return };
    let document = parse(text, format);
    for &root in document.roots.iter().filter(|_| document.template.is_none()) {
        for site in sites.iter().filter(|site| has_key(&document, root, &site.when)) {
            let view = View::new(&document, root, Spelling::Exact);
            let text = |pattern| view.one(view.root(), pattern).and_then(|at| view.text(at));
            let (Some(name), Some(at)) = (text(&site.name), view.one(view.root(), &site.at)) else { continue };
            let entry = |&child: &ViewId| Some((view.get(child).written.as_ref().into(), view.text(child)?.into()));
            let map = view.children(at).iter().filter_map(entry).collect();
            context.set_map(unit_of(path, text(&site.namespace).unwrap_or("")), name.into(), map);
        }
    }
}
