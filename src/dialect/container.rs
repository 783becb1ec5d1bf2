//! Products in containers: an orchestrator's description of a container, read by the product its image holds.

use std::sync::Arc;

use super::blocks::{BlockReader, Frame};
use super::environment::Variable;
use super::fragment::{Fault, Fragment, Reading, Setting};
use super::view::{Found, View, ViewId};
use super::{Context, Read, Source, Text, settle, throwaway};
use crate::knowledge::{Container, ContainerSite, Entry, Knowledge, Table, Version, glob};
use crate::model::{Location, Name, Pin, Why, Written};
use crate::quantity::postgres;
use crate::syntax::{Document, NodeId, NodeKind, Span, command};

impl BlockReader<'_, '_> {
    /// The containers of the document, each read by the product of its image.
    pub(crate) fn containers(&mut self, view: &View<'_>, frame: &Frame, places: &[(ViewId, usize)]) {
        let table = self.table.clone();
        for site in &table.containers {
            for found in view.select(view.root(), &site.at) {
                self.program_environment(view, frame, site, &found);
                let Some(image_at) = view.one(found.id, &site.image) else { continue };
                let Some(image) = view.text(image_at) else { continue };
                let image = match settle(self.context, self.source.path, table.interpolation, image) {
                    Text::Written(image) | Text::Filled(image) => image,
                    // `postgres:${VERSION}` names the product, not the version
                    Text::Open => match image.split_once(":$") {
                        Some((repository, _)) if !repository.contains('$') => repository.to_string(),
                        _ => continue,
                    },
                };
                let (repository, tag) = image_parts(&image);
                let Some(entry) = product_of(self.knowledge, repository) else { continue };
                let product = entry.table().clone();
                let Some(container) = product.container.clone() else { continue };
                let location =
                    view.get(image_at).value.map(|node| self.source.locate(self.source.document.node(node).content));
                let identity: Vec<Name> = found.captures.iter().map(|capture| (**capture).into()).collect();
                let scope: Name = format!("{}#{}", frame.scope, identity.join("/")).into();
                let parent = places
                    .iter()
                    .find(|(place, index)| *place == found.id && self.read.fragments[*index].kind == site.kind);
                let mut inner = ContainerReader {
                    reader: BlockReader {
                        knowledge: self.knowledge,
                        context: self.context,
                        source: self.source,
                        table: &product,
                        how: None,
                        interpolation: table.interpolation,
                        read: &mut Read::default(),
                    },
                    view,
                    at: found.id,
                    site,
                    container: &container,
                    repository,
                };
                let Some(mut fragment) = inner.read(scope, tag, location, identity) else { continue };
                self.read.recognised(&product.id);
                fragment.parent = parent.map(|&(_, index)| (index, "server".into()));
                self.read.fragments.push(fragment);
            }
        }
    }
}

impl BlockReader<'_, '_> {
    /// The environment of a container, read by the products whose keys its variables spell, whatever the image: a part of
    /// their settings, and never all of them.
    fn program_environment(&mut self, view: &View<'_>, frame: &Frame, site: &ContainerSite, found: &Found) {
        let listed = variables(view, found.id, site);
        if listed.is_empty() {
            return;
        }
        let document = self.source.document;
        let mut taken: Vec<&str> = Vec::new();
        for entry in &self.knowledge.tables {
            let names = listed.iter().map(|(_, name, _)| &**name);
            let prefixes = super::environment::prefixes(&entry.head, names, &taken);
            if prefixes.is_empty() {
                continue;
            }
            taken.extend(prefixes);
            let table = entry.table();
            if !super::reads_environment(table) {
                continue;
            }
            let variable = |(child, name, value): &(ViewId, Name, Option<Name>)| {
                let node = view.get(*child).entry.or(view.get(*child).value)?;
                let entry = self.source.locate(document.node(node).entry);
                let shown = match view.get(*child).value.map(|node| self.source.show(node)) {
                    Some(shown) if &*shown == "***" => shown,
                    _ => value.clone().unwrap_or_else(|| "".into()),
                };
                let written = Written::new(entry, entry, name.clone()).shared(view.get(*child).shared);
                Some(Variable { name: name.clone(), value: value.as_deref().map(str::to_string), node, written, shown })
            };
            let list: Vec<Variable> = listed.iter().filter_map(variable).collect();
            let names: Vec<&str> = found.captures.iter().map(|capture| &**capture).collect();
            let place = format!("{}#{}", frame.scope, names.join("/"));
            let pin = self.context.version(table.product(), self.source.path);
            let version = pin.as_ref().and_then(|pin| Version::parse(&pin.version));
            let inner = Frame {
                rehearsal: throwaway::said_by(&table.rehearsal, &place),
                scope: place.into(),
                layer: 0,
                profile: None,
                pin,
                version,
                closed: false,
                part: false,
                throwaway: false,
            };
            let mut read = Read::default();
            BlockReader {
                knowledge: self.knowledge,
                context: self.context,
                source: self.source,
                table,
                how: None,
                interpolation: self.interpolation,
                read: &mut read,
            }
            .environment(&list, &inner);
            if !read.fragments.is_empty() {
                self.read.recognised(&table.id);
                self.read.fragments.append(&mut read.fragments);
            }
        }
    }
}

/// The environment variables of the container at `at`: place, name and value, from a map, texts `NAME=value`, or maps
/// with `name` and `value`.
fn variables(view: &View<'_>, at: ViewId, site: &ContainerSite) -> Vec<(ViewId, Name, Option<Name>)> {
    let Some(at) = view.one(at, &site.environment) else { return Vec::new() };
    let variable = |&child: &ViewId| {
        let entry = view.get(child);
        let text = view.text(child);
        if !entry.item {
            return Some((child, entry.written.as_ref().into(), text.map(Name::from)));
        }
        if let Some(text) = text {
            let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
            return Some((child, name.into(), value.map(Name::from)));
        }
        let member = |key| view.child(child, key).and_then(|id| view.text(id)).map(Name::from);
        Some((child, member("name")?, member("value")))
    };
    view.children(at).iter().filter_map(variable).collect()
}

/// `docker.io/library/postgres:16.2@sha256:…` as repository (without a registry host) and tag.
pub(crate) fn image_parts(image: &str) -> (&str, Option<&str>) {
    let image = image.split('@').next().unwrap_or(image).trim();
    let (image, tag) = match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (image, None),
    };
    let repository = match image.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => rest,
        _ => image,
    };
    (repository.strip_prefix("library/").unwrap_or(repository), tag)
}

/// The version of a tag, for an image of `container`'s product.
fn tagged<'t>(container: &Container, repository: &str, tag: Option<&'t str>) -> Option<&'t str> {
    let marked = tag.zip(container.tag_marker.as_ref()).and_then(|(tag, marker)| {
        let (_, rest) = tag.rsplit_once(marker.as_str())?;
        rest.starts_with(|c: char| c.is_ascii_digit()).then_some(rest)
    });
    // without the marker only the product's own images are tagged with its version
    let tag = marked.or(tag.filter(|_| knows_environment(container, repository)));
    tag.filter(|tag| Version::parse(tag).is_some())
}

/// Whether the image's way with environment variables is known: it is the product's own.
fn knows_environment(container: &Container, repository: &str) -> bool {
    let base = repository.rsplit('/').next().unwrap_or(repository);
    let holds = |pattern: &String| glob(pattern, if pattern.contains('/') { repository } else { base });
    container.environment_images.iter().any(holds)
}

/// Pins the versions of products whose images a Dockerfile of `directory` starts from.
pub fn pin_base_image(knowledge: &Knowledge, context: &mut Context, directory: &str, text: &str, file: u32) {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let mut words = line.split_whitespace();
        if words.next().is_some_and(|word| word.eq_ignore_ascii_case("FROM"))
            && let Some(image) = words.find(|word| !word.starts_with("--"))
        {
            let (repository, tag) = image_parts(image);
            let start = (offset + line.find(image).unwrap_or(0)) as u32;
            let location = Location { file, start, end: start + image.len() as u32 };
            if let Some(entry) = product_of(knowledge, repository)
                && let Some(container) = &entry.table().container
                && let Some(version) = tagged(container, repository, tag)
            {
                context.pin(directory, entry.table().product(), version, "base image", location);
            }
        }
        offset += line.len();
    }
}

/// The table whose product runs in this image.
fn product_of<'k>(knowledge: &'k Knowledge, repository: &str) -> Option<&'k Entry> {
    let base = repository.rsplit('/').next().unwrap_or(repository);
    let holds = |pattern: &String| glob(pattern, if pattern.contains('/') { repository } else { base });
    knowledge.tables.iter().find(|entry| entry.head.images.iter().any(holds))
}

struct ContainerReader<'a, 'r> {
    reader: BlockReader<'a, 'r>,
    view: &'a View<'a>,
    at: ViewId,
    site: &'a ContainerSite,
    container: &'a Container,
    repository: &'a str,
}

/// What a command line says to the product.
#[derive(Default)]
struct Options {
    assignments: Vec<Assignment>,
    /// Whether another program stands before it, which may add to them.
    wrapped: bool,
}

/// An option of a command line.
struct Assignment {
    name: String,
    value: String,
    written: Written,
    shown: Name,
}

impl ContainerReader<'_, '_> {
    /// The server in the container; none where another program is started from the product's image.
    fn read(
        &mut self,
        scope: Name,
        tag: Option<&str>,
        image: Option<Location>,
        identity: Vec<Name>,
    ) -> Option<Fragment> {
        let Options { assignments, wrapped } = self.options()?;
        let table: &Arc<Table> = self.reader.table;
        let pin =
            self.reader.context.version(table.product(), self.reader.source.path).filter(|pin| pin.location.is_none());
        let tagged = tagged(self.container, self.repository, tag).map(|tag| Pin {
            version: tag.into(),
            source: "image tag".into(),
            location: image,
        });
        let pin = pin.or(tagged);
        let version = pin.as_ref().and_then(|pin| Version::parse(&pin.version));
        let node = self.view.get(self.at).entry.expect("a container stands at a node");
        let throwaway = self.throwaway(&scope);
        let frame = Frame {
            scope,
            layer: table.layer(&self.container.layer),
            profile: None,
            pin,
            version,
            closed: false,
            part: false,
            throwaway,
            rehearsal: false,
        };
        let kind: Name = table.parameters.as_ref().map_or("server".into(), |set| set.kind.clone());
        let mut fragment = self.reader.fragment(&frame, &kind, identity, node);
        if let Some(key) = self.reader.source.document.node(node).key {
            fragment.location = self.reader.source.locate(self.reader.source.document.node(key).content);
        }
        let elsewhere = self.config_elsewhere(&assignments);
        // the official images start with the settings initdb writes; what is mounted or built in may say more
        fragment.closed = !elsewhere && !wrapped && knows_environment(self.container, self.repository);
        for assignment in assignments {
            let name = assignment.name.replace('-', "_");
            self.reader.parameter(
                &mut fragment,
                &frame,
                &name,
                &assignment.value,
                assignment.written,
                assignment.shown,
            );
        }
        self.environment(&mut fragment);
        Some(fragment)
    }

    /// The settings on the command line; `None` if another program is started.
    fn options(&self) -> Option<Options> {
        let mut nodes: Vec<NodeId> = Vec::new();
        let place = |pattern| self.view.one(self.at, pattern).and_then(|id| self.view.get(id).value);
        nodes.extend(self.site.entrypoint.as_ref().and_then(&place));
        nodes.extend(place(&self.site.arguments));
        if nodes.is_empty() {
            return Some(Options::default());
        }
        let arguments = command::read(self.reader.source.document, &nodes)?;
        let document = &arguments.document;
        let words: Vec<NodeId> = arguments.words().collect();
        let texts: Vec<&str> = words.iter().map(|&word| document.scalar(word)).collect();
        let starts = |word: &&str| {
            let base = word.rsplit('/').next().unwrap_or(word);
            self.container.programs.iter().any(|program| *program == base)
        };
        let first = match texts.iter().position(starts) {
            Some(at) => at + 1,
            None if texts.first().is_some_and(|word| word.starts_with('-')) => 0,
            None if texts.is_empty() => return Some(Options::default()),
            None => 1, // a script that passes its arguments on, if they are settings
        };
        let wrapped = !texts.iter().take(first).any(starts) && first > 0;
        let mut assignments = Vec::new();
        let mut at = first;
        while at < words.len() {
            let text = texts[at];
            let pair = |word: usize, skip: usize| self.pair(document, words[word], skip);
            if self.container.assign.iter().any(|option| option == text) && at + 1 < words.len() {
                assignments.extend(pair(at + 1, 0));
                at += 2;
                continue;
            }
            let glued = self
                .container
                .assign
                .iter()
                .find(|option| !option.starts_with("--") && text.starts_with(option.as_str()));
            if let Some(option) = glued {
                assignments.extend(pair(at, option.len()));
            } else if self.container.long && text.starts_with("--") {
                assignments.extend(pair(at, 2));
            } else if let Some(short) = self.container.short.iter().find(|short| text.starts_with(&short.option)) {
                match (&short.value, text.len() == short.option.len()) {
                    (Some(value), _) => assignments.push(self.short(document, words[at], &short.name, value)),
                    (None, true) if at + 1 < words.len() => {
                        at += 1;
                        assignments.push(self.short(document, words[at], &short.name, texts[at]));
                    }
                    (None, true) => {}
                    (None, false) => {
                        assignments.push(self.short(document, words[at], &short.name, &text[short.option.len()..]));
                    }
                }
            }
            at += 1;
        }
        let known = |assignment: &Assignment| super::parameter::canonical(&assignment.name.replace('-', "_")).is_some();
        if wrapped && (assignments.is_empty() || !assignments.iter().all(known)) {
            return None;
        }
        Some(Options { assignments, wrapped })
    }

    fn short(&self, document: &Document, word: NodeId, name: &Name, value: &str) -> Assignment {
        let location = self.locate(document, document.node(word).content);
        let written = Written::new(location, location, name.clone());
        Assignment { name: name.to_string(), value: value.into(), written, shown: value.into() }
    }

    /// `name=value` in one word, from byte `skip` of it.
    fn pair(&self, document: &Document, word: NodeId, skip: usize) -> Option<Assignment> {
        let text = document.scalar(word);
        let rest = text.get(skip..)?;
        let (name, value) = rest.split_once('=')?;
        let span = document.node(word).content;
        let raw = span.slice(&document.text);
        // where the word is written as it is meant, name and value have places of their own
        let (entry, value_span) = match raw.find(rest) {
            Some(at) => {
                let start = span.start as usize + at;
                let value_at = start + name.len() + 1;
                (Span::new(start, start + rest.len()), Span::new(value_at, value_at + value.len()))
            }
            None => (span, span),
        };
        let written = Written::new(self.locate(document, entry), self.locate(document, value_span), name);
        Some(Assignment { name: name.into(), value: value.into(), written, shown: value.into() })
    }

    fn locate(&self, document: &Document, span: Span) -> Location {
        let span = document.host(span);
        Location { file: self.reader.source.file, start: span.start, end: span.end }
    }

    /// Whether a configuration file that is not read here takes part.
    fn config_elsewhere(&self, assignments: &[Assignment]) -> bool {
        let named = self.container.config_file.as_ref();
        if assignments.iter().any(|assignment| Some(&assignment.name) == named) {
            return true;
        }
        let Some(mounts) = self.site.mounts.as_ref().and_then(|pattern| self.view.one(self.at, pattern)) else {
            return false;
        };
        self.view.children(mounts).iter().any(|&mount| {
            let target = match self.view.text(mount) {
                Some(text) => text.split(':').nth(1).map(str::to_string),
                None => ["target", "mountPath"]
                    .iter()
                    .find_map(|key| self.view.child(mount, key).and_then(|id| self.view.text(id)))
                    .map(str::to_string),
            };
            match target {
                Some(target) => self.container.config_mounts.iter().any(|pattern| glob(pattern, &target)),
                None => true, // a mount that cannot be read may be one
            }
        })
    }

    /// Whether the names around the container, or data kept in memory, say that nothing has to outlive it.
    fn throwaway(&self, scope: &str) -> bool {
        let holds_data = |target: &str| self.container.data_mounts.iter().any(|pattern| glob(pattern, target));
        let in_memory = self.site.in_memory.iter().flat_map(|pattern| self.view.one(self.at, pattern)).any(|at| {
            let items = self.view.children(at).iter().filter_map(|&item| self.view.text(item));
            self.view.text(at).into_iter().chain(items).any(|text| holds_data(text.split(':').next().unwrap_or(text)))
        });
        let mounts = self.site.mounts.iter().flat_map(|pattern| self.view.one(self.at, pattern));
        let mounted = mounts.flat_map(|mounts| self.view.children(mounts)).any(|&mount| {
            let text = |key| self.view.child(mount, key).and_then(|id| self.view.text(id));
            text("type") == Some("tmpfs") && text("target").is_some_and(holds_data)
        });
        let words = &self.reader.table.throwaway;
        let named = || {
            let variables = variables(self.view, self.at, self.site);
            let mut names = variables.iter().filter(|(_, name, _)| self.container.data_names.contains(name));
            names.any(|(_, _, value)| value.as_ref().is_some_and(|value| throwaway::said_by(words, value)))
        };
        in_memory || mounted || throwaway::said_by(words, scope) || named() || self.erases_data()
    }

    /// Whether the command line removes the data before the product starts.
    fn erases_data(&self) -> bool {
        let document = self.reader.source.document;
        let place = |pattern| self.view.one(self.at, pattern).and_then(|id| self.view.get(id).value);
        let commands = self.site.entrypoint.as_ref().and_then(place).into_iter().chain(place(&self.site.arguments));
        let texts: Vec<&str> = commands.map(|node| document.node(node).entry.slice(&document.text)).collect();
        texts.iter().any(|text| self.container.erasers.iter().any(|eraser| text.contains(eraser.as_str())))
    }

    /// Environment variables that look like settings and that the image does not read.
    fn environment(&self, fragment: &mut Fragment) {
        let Some(prefix) =
            self.container.ignored_prefix.as_ref().filter(|_| knows_environment(self.container, self.repository))
        else {
            return;
        };
        let document = self.reader.source.document;
        for (child, name, _) in variables(self.view, self.at, self.site) {
            let entry = self.view.get(child);
            let Some(node) = entry.entry.or(entry.value) else { continue };
            let Some(rest) = name.strip_prefix(prefix.as_str()) else { continue };
            let parameter = rest.to_ascii_lowercase();
            let read = self.container.environment.iter().any(|known| **known == *name);
            if read || postgres::parameters().history(&parameter).is_empty() {
                continue;
            }
            let fault = Fault::new("inert-environment", format!("the image does not read {name}"))
                .cure(format!("pass it on the command line: -c {parameter}=…"));
            let location = self.reader.source.locate(document.node(node).entry);
            fragment.settings.push(Setting {
                attribute: None,
                reading: Reading::unknown(Why::NotSet).with(fault),
                written: Written::new(location, location, &*name).shared(entry.shared),
                text: match document.node(node).kind {
                    NodeKind::Scalar if !entry.item => self.reader.source.show(node),
                    _ => name.clone(),
                },
                needs: Vec::new(),
            });
        }
    }
}

impl Source<'_> {
    /// The inner span of a place of this text, for looking up what is known of it.
    pub(crate) fn document_span(&self, written: &Written) -> Span {
        if self.document.map.is_identity() {
            Span { start: written.value.start, end: written.value.end }
        } else {
            Span::at(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::image_parts;

    #[test]
    fn images_come_apart() {
        for (image, parts) in [
            ("postgres", ("postgres", None)),
            ("postgres:16-alpine", ("postgres", Some("16-alpine"))),
            ("docker.io/library/postgres:16.2@sha256:abc", ("postgres", Some("16.2"))),
            ("localhost:5000/team/postgres", ("team/postgres", None)),
            ("pgvector/pgvector:pg16", ("pgvector/pgvector", Some("pg16"))),
            ("ghcr.io/cloudnative-pg/postgresql:16.4", ("cloudnative-pg/postgresql", Some("16.4"))),
        ] {
            assert_eq!(image_parts(image), parts, "{image}");
        }
    }
}
