//! Environment variables that spell a product's keys (Spring's relaxed binding).
//!
//! `SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE`, also with `_` between the words of a key, sets
//! `spring.datasource.hikari.maximum-pool-size`: a partial assignment in the layer of the environment.

use super::blocks::{At, BlockReader, Frame};
use super::fragment::Fragment;
use super::view::{View, canonical};
use crate::knowledge::{Pattern, Spelling};
use crate::model::Name;

impl BlockReader<'_, '_> {
    /// Settings by environment variables named after keys.
    pub(crate) fn environment(&mut self, view: &View<'_>, frame: &Frame) {
        let Some(layer) = self.table.environment.as_ref().map(|environment| self.table.layer(&environment.layer))
        else {
            return;
        };
        let table = self.table.clone();
        for (index, block) in table.resource.iter().enumerate() {
            let at = At { block, index, inherited: false };
            let mut found: Vec<(Vec<Name>, Fragment)> = Vec::new();
            for &child in view.children(view.root()) {
                let entry = view.get(child);
                let Some(node) = entry.value else { continue };
                for row in block.key.iter().enumerate() {
                    let patterns = std::iter::once(&row.1.key).chain(&row.1.also);
                    let Some(captures) =
                        patterns.filter_map(|pattern| environment_match(&block.at, pattern, &entry.written)).next()
                    else {
                        continue;
                    };
                    let Some(setting) = self.row(view, frame, at, row, child) else { continue };
                    let mut identity: Vec<Name> = captures;
                    if let Some(name) = block.name.as_deref().or(block.at.last_key()) {
                        identity.push(name.into());
                    }
                    let at = match found.iter().position(|(known, _)| *known == identity) {
                        Some(at) => at,
                        None => {
                            let mut fragment = self.fragment(frame, &block.kind, identity.clone(), node);
                            fragment.layer = layer;
                            fragment.rows = block.key.clone();
                            found.push((identity, fragment));
                            found.len() - 1
                        }
                    };
                    found[at].1.settings.push(setting);
                }
            }
            self.read.fragments.extend(found.into_iter().map(|(_, fragment)| fragment));
        }
    }
}

/// The captures of `*` where an environment variable's name spells the key `at.key` (Spring's relaxed binding).
fn environment_match(at: &Pattern, key: &Pattern, name: &str) -> Option<Vec<Name>> {
    let name = canonical(name, Spelling::Relaxed);
    let mut rest: &str = &name;
    let segments: Vec<&str> = at.segments.iter().chain(&key.segments).map(|segment| &*segment.key).collect();
    let mut captures = Vec::new();
    let mut segments = segments.iter().peekable();
    while let Some(segment) = segments.next() {
        if *segment != "*" {
            rest = rest.strip_prefix(&*canonical(segment, Spelling::Relaxed))?;
            continue;
        }
        let next = segments.peek()?;
        let next = canonical(next, Spelling::Relaxed);
        let end = rest.rfind(&*next).filter(|&end| end > 0)?;
        captures.push(rest[..end].into());
        rest = &rest[end..];
    }
    rest.is_empty().then_some(captures)
}
