//! Products in containers: an orchestrator's description of a container, read by the product its image holds.

use std::sync::Arc;

use super::blocks::{BlockReader, Frame};
use super::command_line::{Assignment, Options};
use super::fragment::{Contained, Fault, Fragment, Reading, Setting};
use super::recognise::{directory, has_key};
use super::site::Place;
use super::variable_map::unit_of;
use super::view::{View, ViewId};
use super::{Read, Source, Text, data_source, join, settle, throwaway};
use crate::knowledge::{self, ContainerSite, Entry, Knowledge, Pattern, Table, Version, glob};
use crate::model::{Container, Location, Name, Origin, Pin, PortNames, Value, Why, Written};
use crate::quantity::postgres;
use crate::syntax::{Document, NodeKind, Span};

impl BlockReader<'_, '_> {
    /// The containers of the document: what each is, what its image's product and its variables say.
    pub(crate) fn containers(&mut self, view: &View<'_>, frame: &Frame, places: &[(ViewId, usize)]) {
        let table = self.table.clone();
        for site in &table.containers {
            for found in view.select(view.root(), &site.at) {
                let identity: Vec<Name> = found.captures.iter().map(|capture| (**capture).into()).collect();
                let home: Name = format!("{}#{}", frame.scope, identity.join("/")).into();
                let workload = places
                    .iter()
                    .find(|(place, index)| *place == found.id && self.read.fragments[*index].kind == site.kind)
                    .map(|&(_, index)| index);
                let place = Place { source: self.source, view, at: found.id, site };
                self.own_texts(place, &home);
                let mut contained = self.contained(place, &identity, home.clone(), workload);
                let first = self.read.fragments.len();
                contained.product = self.product(place, identity, home.clone(), workload);
                if contained.product.is_none() {
                    self.own_variables(place, &contained.container.unit, &home);
                    let settings = self.program(place);
                    if let Some(workload) = workload {
                        self.read.fragments[workload].settings.extend(settings);
                    }
                }
                if let Some(workload) = workload {
                    let unread = self.unread_mounts(place);
                    self.read.fragments[workload].settings.extend(unread);
                }
                for fragment in &mut self.read.fragments[first..] {
                    fragment.home = Some(home.clone());
                }
                contained.fragments = first..self.read.fragments.len();
                self.read.containers.push(contained);
            }
        }
    }

    /// What the description says of the container itself.
    fn contained(&self, place: Place<'_>, identity: &[Name], home: Name, workload: Option<usize>) -> Contained {
        let (view, site) = (place.view, place.site);
        let name: Name = identity.last().cloned().unwrap_or_else(|| site.kind.clone());
        let mut hosts = place.texts(&site.hosts);
        if site.named {
            hosts.push(name.clone());
        }
        let root = view.root();
        let document = self.source.document;
        let host_network = site.host_network.as_ref().is_some_and(|when| {
            [root, place.at].iter().any(|&at| view.get(at).value.is_some_and(|node| has_key(document, node, when)))
        });
        let labels = site.labels.as_ref().and_then(|pattern| view.one(root, pattern));
        let labels = labels.map(|at| self.labels(view, at)).unwrap_or_default();
        let text = |pattern| view.one(root, pattern).and_then(|at| view.text(at)).map(Name::from);
        let owner = site.owner.as_ref().and_then(|[kind, name]| text(kind).zip(text(name)));
        let node = view.get(place.at).entry.expect("a container stands at a node");
        let path = |text: &str| join(directory(self.source.path), text).map(|path| Name::from(&*path));
        let unit = self.unit(view, site.namespace.as_ref());
        let calls = self.calls(place, &unit, &name);
        let whole = document.template.is_none() && view.one(place.at, &site.image).is_some();
        let port_names = site.port_names.as_ref().filter(|_| whole).map(|(own, all)| {
            let texts = |at, pattern: &Pattern| -> Vec<Name> {
                view.select(at, pattern).iter().filter_map(|found| view.text(found.id)).map(Name::from).collect()
            };
            PortNames { own: texts(place.at, own), all: all.iter().flat_map(|pattern| texts(root, pattern)).collect() }
        });
        let mut ports = place.ports(self.context, self.interpolation, self.repository(place).as_deref());
        ports.open |= document.template.is_some();
        ports.open |=
            view.one(place.at, &site.image).is_none() && site.build.iter().all(|at| view.one(place.at, at).is_none());
        let build = place.texts(&site.build).first().and_then(|text| path(text));
        let mounts = place.mounts().into_iter().filter_map(|mount| {
            let (source, target) = (mount.source?, mount.target?);
            Some((
                if source.starts_with('.') { path(&source)? } else { source.as_str().into() },
                target.as_str().into(),
            ))
        });
        Contained {
            container: Container {
                unit,
                home,
                name,
                hosts,
                owner,
                labels,
                host_network,
                optional: site.optional.as_ref().is_some_and(|pattern| view.one(place.at, pattern).is_some()),
                location: self.source.locate(
                    document.node(node).key.map_or(document.node(node).entry, |key| document.node(key).content),
                ),
                workload: None,
                ports,
                port_names,
                calls,
            },
            workload,
            variable_files: place.texts(&site.variable_files).iter().filter_map(|text| path(text)).collect(),
            mounts: mounts.collect(),
            build_file: build.as_ref().and_then(|folder| {
                let named = place.texts(&site.build_file);
                join(folder, named.first().map_or("Dockerfile", |name| name)).map(Name::from)
            }),
            build,
            product: None,
            commanded: place.arguments().is_some(),
            fragments: 0..0,
        }
    }

    /// The deploy unit: what names a namespace holds for the folder, anything else stands alone.
    pub(crate) fn unit(&self, view: &View<'_>, namespace: Option<&Pattern>) -> Name {
        match namespace {
            None => self.source.scope.clone(),
            Some(pattern) => {
                let namespace = view.one(view.root(), pattern).and_then(|at| view.text(at)).unwrap_or("");
                unit_of(self.source.path, namespace)
            }
        }
    }

    pub(crate) fn labels(&self, view: &View<'_>, at: ViewId) -> Vec<(Name, Name)> {
        let text = |&child: &ViewId| Some((view.get(child).written.as_ref().into(), view.text(child)?.into()));
        view.children(at).iter().filter_map(text).collect()
    }

    /// What the product in the container's image reads of it; the product's dialect.
    fn product(&mut self, place: Place<'_>, identity: Vec<Name>, scope: Name, workload: Option<usize>) -> Option<Name> {
        let (view, site) = (place.view, place.site);
        let image_at = view.one(place.at, &site.image)?;
        let image = view.text(image_at)?;
        let interpolation = self.table.interpolation;
        let image = match settle(self.context, self.source.path, interpolation, image) {
            Text::Written(image) | Text::Filled(image) => image,
            // `postgres:${VERSION}` names the product, not the version
            Text::Open => match image.split_once(":$") {
                Some((repository, _)) if !repository.contains('$') => repository.to_string(),
                _ => return None,
            },
        };
        let (repository, tag) = image_parts(&image);
        let entry = product_of(self.knowledge, repository)?;
        let product = entry.table().clone();
        let container = product.container.clone()?;
        let location = view.get(image_at).value.map(|node| self.source.locate(self.source.document.node(node).content));
        let mut inner = ContainerReader {
            reader: BlockReader {
                knowledge: self.knowledge,
                context: self.context,
                source: self.source,
                table: &product,
                how: None,
                interpolation,
                read: &mut Read::default(),
            },
            view,
            at: place.at,
            site,
            container: &container,
            repository,
        };
        if let Some(mut fragment) = inner.read(scope, tag, location, identity) {
            self.read.recognised(&product.id);
            fragment.parent = workload.map(|index| (index, fragment.kind.clone()));
            self.read.fragments.push(fragment);
        }
        Some(product.id.clone())
    }

    /// What the container's variables say to the program in it, whatever that is. The program may have other sources:
    /// what is not set here may be set elsewhere.
    fn own_variables(&mut self, place: Place<'_>, unit: &Name, home: &Name) {
        let document = place.environment(self.context, unit);
        let inner = Source::new(self.source.file, self.source.path, home.clone(), true, &document);
        let first = self.read.fragments.len();
        super::environment::read_all(self.knowledge, self.context, &inner, Some(self.interpolation), self.read);
        for fragment in &mut self.read.fragments[first..] {
            fragment.scope = home.clone();
            fragment.closed = false;
            fragment.rank = 1;
        }
        // an address says all there is to say of its own options
        for &root in &document.roots {
            data_source::sweep(self.knowledge, self.context, &inner, self.interpolation, root, self.read);
        }
    }
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
fn tagged<'t>(container: &knowledge::Container, repository: &str, tag: Option<&'t str>) -> Option<&'t str> {
    let marked = tag.zip(container.tag_marker.as_ref()).and_then(|(tag, marker)| {
        let (_, rest) = tag.rsplit_once(marker.as_str())?;
        rest.starts_with(|c: char| c.is_ascii_digit()).then_some(rest)
    });
    // without the marker only the product's own images are tagged with its version
    let tag = marked.or(tag.filter(|_| knows_environment(container, repository)));
    tag.filter(|tag| Version::parse(tag).is_some())
}

/// Whether the image's way with environment variables is known: it is the product's own.
fn knows_environment(container: &knowledge::Container, repository: &str) -> bool {
    let base = repository.rsplit('/').next().unwrap_or(repository);
    let holds = |pattern: &String| glob(pattern, if pattern.contains('/') { repository } else { base });
    container.environment_images.iter().any(holds)
}

/// The product whose own image this is, and the version its tag names.
pub(crate) fn base_image<'t>(knowledge: &Knowledge, repository: &str, tag: Option<&'t str>) -> Option<(Name, &'t str)> {
    let table = product_of(knowledge, repository)?.table();
    let version = tagged(table.container.as_ref()?, repository, tag)?;
    Some((table.product().clone(), version))
}

/// The table whose product runs in this image.
fn product_of<'k>(knowledge: &'k Knowledge, repository: &str) -> Option<&'k Entry> {
    let base = repository.rsplit('/').next().unwrap_or(repository);
    let holds = |pattern: &String| glob(pattern, if pattern.contains('/') { repository } else { base });
    knowledge.tables.iter().find(|entry| entry.head.images.iter().any(holds))
}

/// Reads one container as the product of its image.
pub(super) struct ContainerReader<'a, 'r> {
    pub(super) reader: BlockReader<'a, 'r>,
    pub(super) view: &'a View<'a>,
    pub(super) at: ViewId,
    pub(super) site: &'a ContainerSite,
    pub(super) container: &'a knowledge::Container,
    pub(super) repository: &'a str,
}

impl ContainerReader<'_, '_> {
    pub(super) fn place(&self) -> Place<'_> {
        Place { source: self.reader.source, view: self.view, at: self.at, site: self.site }
    }

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
        let described = table.resource.first().map(|block| block.kind.clone());
        let kind: Name = table.parameters.as_ref().map(|set| set.kind.clone()).or(described)?;
        let mut fragment = self.reader.fragment(&frame, &kind, identity, node);
        if let Some(key) = self.reader.source.document.node(node).key {
            fragment.location = self.reader.source.locate(self.reader.source.document.node(key).content);
        }
        let elsewhere = self.config_elsewhere(&assignments);
        // the official images start with the settings initdb writes; what is mounted or built in may say more
        let makes_settings = self.image_settings(&mut fragment, &frame);
        let all_seen =
            makes_settings || self.container.variables.is_empty() && knows_environment(self.container, self.repository);
        fragment.closed = !elsewhere && !wrapped && all_seen;
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
        fragment.settings.extend(self.superuser());
        Some(fragment)
    }

    pub(super) fn locate(&self, document: &Document, span: Span) -> Location {
        let span = document.host(span);
        Location { file: self.reader.source.file, start: span.start, end: span.end }
    }

    /// Whether a configuration file that is not read here takes part.
    fn config_elsewhere(&self, assignments: &[Assignment]) -> bool {
        let named = self.container.config_file.as_ref();
        if assignments.iter().any(|assignment| Some(&assignment.name) == named) {
            return true;
        }
        // a mount that cannot be read may be one
        self.place().mounts().iter().any(|mount| {
            mount
                .target
                .as_ref()
                .is_none_or(|target| self.container.config_mounts.iter().any(|pattern| glob(pattern, target)))
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
            let variables = self.place().variables();
            let mut names = variables.iter().filter(|(_, name, _)| self.container.data_names.contains(name));
            names.any(|(_, _, value)| value.as_ref().is_some_and(|value| throwaway::said_by(words, value)))
        };
        in_memory || mounted || throwaway::said_by(words, scope) || named() || self.erases_data()
    }

    /// Whether the command line removes the data before the product starts.
    fn erases_data(&self) -> bool {
        let texts = self.place().commands();
        texts.iter().any(|text| self.container.erasers.iter().any(|eraser| text.contains(eraser.as_str())))
    }

    /// The role that the image sets the product up with.
    fn superuser(&self) -> Option<Setting> {
        let (variable, otherwise) = self.container.superuser.as_ref()?;
        if !knows_environment(self.container, self.repository) {
            return None;
        }
        let found = self.place().variables().into_iter().rev().find(|(_, name, _)| name == variable);
        let at = found.as_ref().map_or(self.at, |(child, _, _)| *child);
        let (entry, source) = (self.view.get(at), self.reader.source);
        let reading = match found.map(|(_, _, value)| value) {
            None => Reading { origin: Origin::Derived, ..Reading::known(Value::text(otherwise)) },
            Some(None) => Reading::unknown(Why::OutOfSight),
            Some(Some(text)) => match settle(self.reader.context, source.path, self.reader.interpolation, &text) {
                Text::Open => Reading::unknown(Why::Interpolated),
                Text::Written(text) | Text::Filled(text) => Reading::known(Value::text(&text)),
            },
        };
        let location = source.locate(source.document.node(entry.entry.or(entry.value)?).entry);
        Some(Setting {
            attribute: Some("superuser".into()),
            reading,
            written: Written::new(location, location, &**variable),
            text: "".into(),
            needs: Vec::new(),
        })
    }

    /// Environment variables that look like settings and that the image does not read.
    fn environment(&self, fragment: &mut Fragment) {
        let Some(prefix) =
            self.container.ignored_prefix.as_ref().filter(|_| knows_environment(self.container, self.repository))
        else {
            return;
        };
        let document = self.reader.source.document;
        for (child, name, _) in self.place().variables() {
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
