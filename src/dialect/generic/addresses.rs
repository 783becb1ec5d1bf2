//! Data source names in in-house files: what they say belongs to the client they stand in.

use std::collections::HashSet;

use super::super::data_source;
use super::super::fragment::{Fragment, Setting};
use super::Reader;
use crate::knowledge::{Interpolation, Section};
use crate::model::Origin;

/// A driver that the address names is over what is said of every client of a program's own.
fn name_driver(fragment: &mut Fragment) {
    let is_driver = |setting: &Setting| setting.attribute.as_deref() == Some("driver");
    if fragment.settings.iter().filter(|setting| is_driver(setting)).count() > 1 {
        let known = fragment.settings.iter().position(is_driver);
        let mut at = 0;
        fragment.settings.retain(|setting| {
            at += 1;
            !is_driver(setting) || Some(at - 1) == known
        });
    }
}

impl Reader<'_> {
    /// Reads the data source names of clients that say more of themselves, and returns where they begin. What a client's
    /// own keys say counts more than its address.
    pub(super) fn own_addresses(&mut self) -> Vec<u32> {
        let mut own = Vec::new();
        let strong = |(_, child): &(&(usize, _), &usize)| self.counts[**child].strong > 0;
        let speaking: HashSet<usize> = self.hanging.iter().filter(strong).map(|((parent, _), _)| *parent).collect();
        for (index, at, node) in std::mem::take(&mut self.addresses) {
            if self.counts[index].strong == 0 && !speaking.contains(&index) {
                continue;
            }
            let first = self.fragments[index].settings.len();
            let client = &mut self.fragments[index];
            let found =
                data_source::of_client(self.knowledge, self.context, self.source, Interpolation::Shell, node, client);
            let Some((start, others)) = found else { continue };
            // what such a section leaves open, code may set
            client.defaults.clear();
            own.push(start);
            let said = client.settings.len() - first;
            client.settings.rotate_right(said);
            name_driver(client);
            for other in others {
                let hangs =
                    |section: &&Section| section.kind == other.kind && section.within.contains(&"client".into());
                let Some(section) = self.generic.section.iter().find(hangs) else { continue };
                if other.settings.iter().any(|setting| setting.reading.origin != Origin::Derived) {
                    let child = self.child(index, section, at);
                    self.fragments[child].settings.splice(0..0, other.settings);
                    name_driver(&mut self.fragments[child]);
                }
            }
        }
        own
    }
}
