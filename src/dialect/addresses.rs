//! The names by which a document says that containers are reached, and the ports those names have.

use super::blocks::BlockReader;
use super::recognise::has_key;
use super::view::{Found, View};
use crate::knowledge::Pattern;
use crate::model::{Address, Name};

impl BlockReader<'_, '_> {
    /// The names that lead to containers.
    pub(super) fn addresses(&mut self, view: &View<'_>) {
        let Some(root) = view.get(view.root()).value else { return };
        for site in &self.table.addresses {
            if !has_key(self.source.document, root, &site.when) {
                continue;
            }
            let Some(name_at) = view.one(view.root(), &site.name) else { continue };
            let (Some(name), Some(node)) = (view.text(name_at), view.get(name_at).value) else { continue };
            let labels = view.one(view.root(), &site.labels).map(|at| self.labels(view, at)).unwrap_or_default();
            let unit = self.unit(view, Some(site.namespace.as_ref().unwrap_or(&Pattern::default())));
            let passed_by = site.passed_by.iter().any(|test| has_key(self.source.document, root, test));
            let ports = site.ports.as_ref().filter(|_| !passed_by).and_then(|(items, number, name)| {
                let read = |item: &Found| {
                    let text = |pattern| view.one(item.id, pattern).and_then(|at| view.text(at));
                    Some((text(number)?.parse().ok()?, text(name).map(Name::from)))
                };
                let ports: Option<Vec<_>> = view.select(view.root(), items).iter().map(read).collect();
                ports.filter(|ports| !ports.is_empty())
            });
            let location = self.source.locate(self.source.document.node(node).content);
            self.read.addresses.push(Address { unit, name: name.into(), labels, ports, location });
        }
    }
}
