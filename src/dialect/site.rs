//! A container as its orchestrator describes it: its variables, its mounts, its names.

use super::view::{View, ViewId};
use super::{Context, Source};
use crate::knowledge::{ContainerSite, Pattern};
use crate::model::Name;
use crate::syntax::embed::{self, Embedded};
use crate::syntax::{Document, NodeId, NodeKind, command, environment};

/// The place of one container in a document.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) view: &'a View<'a>,
    pub(crate) at: ViewId,
    pub(crate) site: &'a ContainerSite,
}

/// Something mounted into a container, as far as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    /// The file or folder beside the description, or the volume's name.
    pub(crate) source: Option<String>,
    /// Where it appears.
    pub(crate) target: Option<String>,
}

impl<'a> Place<'a> {
    /// What it runs, as written: its entry point and its command.
    pub(crate) fn commands(&self) -> Vec<&'a str> {
        let (view, document) = (self.view, self.source.document);
        let patterns = self.site.entrypoint.iter().chain([&self.site.arguments]);
        let nodes = patterns.filter_map(|pattern| view.one(self.at, pattern).and_then(|at| view.get(at).value));
        nodes.map(|node| document.node(node).entry.slice(&document.text)).collect()
    }
}

impl Place<'_> {
    /// The environment variables: place, name and value, from a map, texts `NAME=value`, or maps with `name` and `value`.
    pub(crate) fn variables(&self) -> Vec<(ViewId, Name, Option<Name>)> {
        let Some(at) = self.view.one(self.at, &self.site.environment) else { return Vec::new() };
        let variable = |&child: &ViewId| {
            let entry = self.view.get(child);
            let text = self.view.text(child);
            if !entry.item {
                return Some((child, entry.written.as_ref().into(), text.map(Name::from)));
            }
            if let Some(text) = text {
                let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
                return Some((child, name.into(), value.map(Name::from)));
            }
            let member = |key| self.view.child(child, key).and_then(|id| self.view.text(id)).map(Name::from);
            Some((child, member("name")?, member("value")))
        };
        self.view.children(at).iter().filter_map(variable).collect()
    }

    /// The environment as a document of its own: the variables whose values are written there, or in a map of `unit`
    /// that they name.
    pub(crate) fn environment(&self, context: &Context, unit: &Name) -> Document {
        let document = self.source.document;
        let text = |node| embed::scalar(document, node);
        let variables = self.variables().into_iter().filter_map(|(child, name, value)| {
            let entry = self.view.get(child);
            if value.is_none() {
                return self.taken(context, unit, child, &name);
            }
            if !entry.item {
                let key = document.node(entry.entry?).key?;
                return Some(environment::Variable { name: text(key)?, value: Some(text(entry.value?)?) });
            }
            let node = entry.value?;
            if document.node(node).kind == NodeKind::Scalar {
                return Some(environment::Variable { name: text(node)?, value: None });
            }
            let member = |key| self.view.child(child, key).and_then(|id| self.view.get(id).value).and_then(text);
            Some(environment::Variable { name: member("name")?, value: Some(member("value")?) })
        });
        // what a variable says itself is over what whole maps say
        environment::document(self.taken_whole(context, unit).into_iter().chain(variables))
    }

    /// The variable `child`, whose value is one of a map's.
    fn taken(&self, context: &Context, unit: &Name, child: ViewId, name: &str) -> Option<environment::Variable> {
        let (map, key) = self.site.takes_key.as_ref()?;
        let text = |pattern| self.view.one(child, pattern).and_then(|at| self.view.text(at));
        let (map, key) = (context.variable_map(unit, text(map)?)?, text(key)?);
        let (_, value) = map.iter().find(|(known, _)| **known == *key)?;
        let document = self.source.document;
        let at = self.view.child(child, "name").and_then(|id| self.view.get(id).value)?;
        let offset = document.node(at).content.start;
        let value = Embedded::elsewhere(document, value, offset);
        Some(environment::Variable { name: Embedded::elsewhere(document, name, offset), value: Some(value) })
    }

    /// The variables of the maps that are taken over as a whole.
    fn taken_whole(&self, context: &Context, unit: &Name) -> Vec<environment::Variable> {
        let Some((items, name)) = &self.site.takes_maps else { return Vec::new() };
        let document = self.source.document;
        let mut variables = Vec::new();
        for item in self.view.select(self.at, items) {
            let Some(at) = self.view.one(item.id, name) else { continue };
            let (Some(map), Some(node)) = (self.view.text(at), self.view.get(at).value) else { continue };
            let prefix = self.view.child(item.id, "prefix").and_then(|id| self.view.text(id)).unwrap_or("");
            let offset = document.node(node).content.start;
            for (key, value) in context.variable_map(unit, map).into_iter().flatten() {
                let name = Embedded::elsewhere(document, &format!("{prefix}{key}"), offset);
                let value = Embedded::elsewhere(document, value, offset);
                variables.push(environment::Variable { name, value: Some(value) });
            }
        }
        variables
    }

    /// What is mounted: `source:target` texts, or maps.
    pub(crate) fn mounts(&self) -> Vec<Mount> {
        let Some(mounts) = self.site.mounts.as_ref().and_then(|pattern| self.view.one(self.at, pattern)) else {
            return Vec::new();
        };
        let member = |mount, keys: [&str; 2]| {
            let found = keys.iter().find_map(|key| self.view.child(mount, key).and_then(|id| self.view.text(id)));
            found.map(str::to_string)
        };
        let read = |&mount: &ViewId| match self.view.text(mount) {
            Some(text) => {
                let mut parts = text.split(':').map(str::to_string);
                let (source, target) = (parts.next(), parts.next());
                // a lone path is a volume without a name
                if target.is_some() { Mount { source, target } } else { Mount { source: None, target: source } }
            }
            None => Mount { source: member(mount, ["source", "name"]), target: member(mount, ["target", "mountPath"]) },
        };
        self.view.children(mounts).iter().map(read).collect()
    }

    /// The command that runs in it, as far as it is written here.
    pub(crate) fn arguments(&self) -> Option<command::Arguments> {
        let value = |pattern: &Pattern| self.view.one(self.at, pattern).and_then(|id| self.view.get(id).value);
        let entrypoint = self.site.entrypoint.as_ref().and_then(value);
        let nodes: Vec<NodeId> = entrypoint.into_iter().chain(value(&self.site.arguments)).collect();
        if nodes.is_empty() { None } else { command::read(self.source.document, &nodes) }
    }

    /// The texts at the places of `patterns`, below the container.
    pub(crate) fn texts(&self, patterns: &[Pattern]) -> Vec<Name> {
        let places = patterns.iter().flat_map(|pattern| self.view.select(self.at, pattern));
        places.filter_map(|found| self.view.text(found.id)).map(Name::from).collect()
    }
}
