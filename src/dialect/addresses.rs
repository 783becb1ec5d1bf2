//! The names by which a document says that containers are reached, and the ports those names have.

use super::blocks::BlockReader;
use super::recognise::has_key;
use super::view::{Found, View};
use crate::knowledge::Pattern;
use crate::model::{Address, Call, Confidence, Name, Written};

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
            // what is left out or repeated is not seen in a template
            let whole = self.source.document.template.is_none();
            let ports = site.ports.as_ref().filter(|_| whole && !passed_by).and_then(|(items, number, name)| {
                let read = |item: &Found| {
                    let text = |pattern| view.one(item.id, pattern).and_then(|at| view.text(at));
                    Some((text(number)?.parse().ok()?, text(name).map(Name::from)))
                };
                let ports: Option<Vec<_>> = view.select(view.root(), items).iter().map(read).collect();
                ports.filter(|ports| !ports.is_empty())
            });
            let location = self.source.locate(self.source.document.node(node).content);
            let targets = site.targets.as_ref().filter(|_| whole && !passed_by).map(|at| self.targets(view, at, name));
            let targets = targets.unwrap_or_default();
            self.read.addresses.push(Address { unit, name: name.into(), labels, ports, targets, location });
        }
    }

    /// What a name calls at its containers by the names of their ports.
    fn targets(&self, view: &View<'_>, at: &Pattern, name: &str) -> Vec<Call> {
        let targets = view.select(view.root(), at).into_iter().filter_map(|found| {
            let entry = view.get(found.id);
            let port = view.text(found.id).filter(|text| is_port_name(text))?;
            let location = self.source.locate(self.source.document.node(entry.value?).content);
            Some(Call {
                dialect: self.table.id.clone(),
                caller: name.into(),
                host: name.into(),
                port: port.into(),
                confidence: Confidence::Certain,
                written: Written::new(location, location, &*entry.written),
            })
        });
        targets.collect()
    }
}

/// Whether a text names a port, and is neither a number nor a variable.
pub(crate) fn is_port_name(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
