//! Fragments from a recognised document: the table's blocks and rows, its parameters, its includes.

use std::sync::Arc;

use super::fragment::{Fragment, IncludeSite, Reading, Setting};
use super::recognise::{directory, file_name, has_key};
use super::site::Place;
use super::view::{Found, View, ViewId};
use super::{Context, Read, Source, Text, data_source, parameter, settle, throwaway};
use crate::knowledge::{Block, Interpolation, Knowledge, Recognise, Selects, Table, Version};
use crate::model::{Confidence, Name, Origin, Pin, SelectedBy, Selection, Site, Type, Value, Why, Written, WrittenBy};
use crate::syntax::{Format, LineFlavor, NodeId, NodeKind};

/// Environments with more nodes are not searched for the variables beside an address.
const MOST_VARIABLES: usize = 10_000;

/// Unknown parameters behind so many settings of one server are reported without a suggestion.
const SUGGESTED: usize = 1_000;

/// Reads one document of one dialect.
pub(crate) struct BlockReader<'a, 'r> {
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) context: &'a Context,
    pub(crate) source: &'a Source<'a>,
    pub(crate) table: &'a Arc<Table>,
    pub(crate) how: Option<&'a Recognise>,
    /// How variables are written: as the document has it, whoever reads its values.
    pub(crate) interpolation: Interpolation,
    pub(crate) read: &'r mut Read,
}

/// What holds for every fragment of one document.
pub(crate) struct Frame {
    pub(crate) scope: Name,
    pub(crate) layer: u8,
    pub(crate) profile: Option<Name>,
    pub(crate) pin: Option<Pin>,
    pub(crate) version: Option<Version>,
    pub(crate) closed: bool,
    pub(crate) part: bool,
    pub(crate) throwaway: bool,
    pub(crate) rehearsal: bool,
}

/// A block under way: which of the table's, and whether what is read there is another resource's.
#[derive(Clone, Copy)]
pub(crate) struct At<'b> {
    pub(crate) block: &'b Block,
    pub(crate) index: usize,
    pub(crate) inherited: bool,
}

impl BlockReader<'_, '_> {
    /// Reads the document below `root`.
    pub(crate) fn document(&mut self, root: NodeId) {
        let view = View::of(self.source.document, root, self.table);
        self.view(&view, root);
    }

    /// Reads the document below `root`, of which `view` is how the product sees it.
    pub(crate) fn view(&mut self, view: &View<'_>, root: NodeId) {
        if self.holds_several() {
            return;
        }
        let frame = self.frame(view, root);
        let mut places: Vec<(ViewId, usize)> = Vec::new();
        if self.source.document.format == Format::Line(LineFlavor::Env)
            && super::environment::reads_environment(self.table)
        {
            self.environment_file(self.source.document.resolve(root), &frame);
            return;
        }
        if self.table.parameters.is_some() {
            self.parameters(view, &frame);
        }
        let table = self.table.clone();
        for (index, block) in table.resource.iter().enumerate() {
            let holds = |when| has_key(self.source.document, root, when);
            if !block.when.as_ref().is_none_or(holds) {
                continue;
            }
            let at = At { block, index, inherited: false };
            for found in std::iter::once(&block.at).chain(&block.also).flat_map(|at| view.select(view.root(), at)) {
                self.block(view, &frame, at, &found, &mut places);
            }
            for place in &block.place {
                for found in view.select(view.root(), &place.at) {
                    match self.place_fault(&frame, place) {
                        Some(fault) => self.lost_place(view, &frame, at, &found, fault),
                        None => self.block(view, &frame, at, &found, &mut places),
                    }
                }
            }
        }
        self.ties(&places);
        self.containers(view, &frame, &places);
        self.addresses(view);
        self.called(view);
        self.carried(view, &places);
    }

    /// Whether a properties file holds documents of several profiles: they are not told apart, so none is read.
    fn holds_several(&self) -> bool {
        let document = self.source.document;
        document.format == Format::Line(LineFlavor::Properties)
            && !self.table.profile_keys.is_empty()
            && document.text.lines().any(|line| matches!(line.trim_end(), "#---" | "!---"))
    }

    /// What the document as a whole says: its scope, layer, profile, version.
    fn frame(&self, view: &View<'_>, root: NodeId) -> Frame {
        let table = self.table;
        let path = self.source.path;
        let alone = self.how.is_some_and(|how| how.alone);
        let layered = table.layers.len() > 1 && !self.source.embedded && !alone;
        let scope: Name = if layered {
            directory(path).into()
        } else {
            let document = self.source.document;
            // one of a list of documents
            let item = if document.roots.contains(&root) { String::new() } else { format!(".{}", root.0) };
            format!("{}#{}{item}", self.source.scope, document.node(root).document).into()
        };
        let mut profile: Option<Name> = table.profile_keys.iter().find_map(|pattern| {
            let id = view.one(view.root(), pattern)?;
            if let Some(text) = view.text(id) {
                return Some(text.into());
            }
            // a list names each profile
            let items = view.children(id).iter().filter(|&&item| view.get(item).item);
            let names: Vec<&str> = items.filter_map(|&item| view.text(item)).collect();
            (!names.is_empty()).then(|| names.join(",").into())
        });
        if let Some(pattern) = self.how.and_then(|how| how.profile.as_ref())
            && let Some((head, tail)) = pattern.split_once('*')
            && let Some(name) = file_name(path).strip_prefix(head).and_then(|rest| rest.strip_suffix(tail))
        {
            profile = profile.or(Some(name.into()));
        }
        let rehearsal = throwaway::said_by(&table.rehearsal, &self.source.scope)
            || profile.as_ref().is_some_and(|profile| throwaway::said_by(&table.rehearsal, profile));
        let pin = self.context.version(table.product(), path);
        let version = pin.as_ref().and_then(|pin| Version::parse(&pin.version));
        Frame {
            scope,
            layer: self.how.map_or(0, |how| table.layer(&how.layer)),
            profile,
            pin,
            version,
            // what takes settings from its environment too has them all in no text that is handed to it
            closed: self.how.is_some_and(|how| how.closed)
                && self.source.document.template.is_none()
                && !(self.source.embedded && table.environment.is_some())
                && !self.includes_below(view),
            part: self.how.is_some_and(|how| how.part),
            throwaway: throwaway::said_by(&table.throwaway, &self.source.scope),
            rehearsal,
        }
    }

    /// Whether a section of the document includes another file, in which more may be set.
    fn includes_below(&self, view: &View<'_>) -> bool {
        let names = |id: &ViewId| {
            let written = &view.get(*id).written;
            self.table.include.iter().any(|include| *include.key == **written)
        };
        let sections = view.children(view.root()).iter();
        self.table.parameters.is_none() && sections.flat_map(|&section| view.children(section)).any(names)
    }

    /// A fragment without settings.
    pub(crate) fn fragment(&self, frame: &Frame, kind: &Name, identity: Vec<Name>, node: NodeId) -> Fragment {
        let location = self.source.locate(self.source.document.node(node).entry);
        Fragment {
            table: Some(self.table.clone()),
            product: Some(self.table.product().clone()),
            version: frame.pin.clone(),
            identity,
            layer: frame.layer,
            profile: frame.profile.clone(),
            closed: frame.closed,
            part: frame.part,
            throwaway: frame.throwaway,
            rehearsal: frame.rehearsal,
            completes: self.how.is_some_and(|how| how.profile.is_some())
                && self.source.document.template.is_none()
                && !self.source.embedded,
            ..Fragment::new(self.table.id.clone(), kind.clone(), frame.scope.clone(), location)
        }
    }

    /// The parameters at the top of the document, and the files it includes.
    fn parameters(&mut self, view: &View<'_>, frame: &Frame) {
        let Some(set) = &self.table.parameters else { return };
        let Some(root) = view.get(view.root()).value else { return };
        let mut fragment = self.fragment(frame, &set.kind, Vec::new(), root);
        fragment.site =
            Some(Site { table: self.table.id.clone(), block: None, entry: fragment.location, unitless: false });
        let document = self.source.document;
        for child in document.children(root) {
            let Some(key) = document.key(child) else { continue };
            if document.node(child).kind != NodeKind::Scalar {
                continue;
            }
            let written = self.written(child, key);
            if let Some(include) = self.table.include.iter().find(|include| include.key.eq_ignore_ascii_case(key)) {
                fragment.includes.push(IncludeSite {
                    after: fragment.settings.len(),
                    target: document.scalar(child).to_string(),
                    written,
                    directory: include.directory,
                    optional: include.optional,
                });
                continue;
            }
            let span = document.node(child).entry;
            if document.errors.iter().any(|error| error.span.start <= span.end && span.start <= error.span.end) {
                continue; // the line is no setting, and is reported as that
            }
            let text = document.scalar(child);
            self.parameter(&mut fragment, frame, key, text, written, self.source.show(child));
        }
        if let Some(location) = fragment.settings.first().map(|setting| setting.written.entry) {
            fragment.location = location;
        }
        self.read.fragments.push(fragment);
    }

    /// One parameter: its attribute in the namespace, and under its common name where it has one.
    pub(crate) fn parameter(
        &self,
        fragment: &mut Fragment,
        frame: &Frame,
        key: &str,
        text: &str,
        written: Written,
        shown: Name,
    ) {
        let Some(set) = &self.table.parameters else { return };
        let name = key.to_ascii_lowercase();
        let mut reading = match settle(self.context, self.source.path, self.interpolation, text) {
            Text::Open => Reading::unknown(Why::Interpolated),
            _ if self.source.document.is_templated(self.source.document_span(&written)) => {
                Reading::unknown(Why::Template)
            }
            Text::Written(text) => parameter::read(set, &name, &text, frame.version.as_ref()),
            Text::Filled(text) => {
                Reading { origin: Origin::Interpolated, ..parameter::read(set, &name, &text, frame.version.as_ref()) }
            }
        };
        // every suggestion compares with every parameter: beyond this many settings nobody reads them
        if fragment.settings.len() < SUGGESTED {
            parameter::suggest(&mut reading, &name);
        }
        let canonical = parameter::canonical(&name).unwrap_or(&name).to_string();
        let written =
            written.by(WrittenBy::Parameter { table: self.table.id.clone(), name: canonical.as_str().into() });
        let declared = |name: &str| self.knowledge.vocabulary.attribute(&fragment.kind, name).is_some();
        let of_name = set.shared.iter().find(|shared| *shared.name == *canonical);
        if let Some(shared) = of_name.filter(|shared| declared(&shared.attribute)) {
            fragment.settings.push(Setting {
                attribute: Some(shared.attribute.clone()),
                reading: Reading { faults: Vec::new(), ..reading.clone() },
                written: written.clone(),
                text: shown.clone(),
                needs: Vec::new(),
            });
        }
        fragment.settings.push(Setting {
            attribute: Some(format!("{}.{canonical}", set.namespace).into()),
            reading,
            written,
            text: shown,
            needs: Vec::new(),
        });
    }

    /// One resource of a block.
    fn block(&mut self, view: &View<'_>, frame: &Frame, at: At<'_>, found: &Found, places: &mut Vec<(ViewId, usize)>) {
        let block = at.block;
        let Some(node) = view.first_node(found.id) else { return };
        let mut captures = found.captures.iter().map(|capture| Name::from(&**capture));
        let profile = if block.profile { captures.next() } else { None };
        if profile.as_ref().is_some_and(|profile| self.is_base(view, block, found.id, profile)) {
            return;
        }
        let mut identity: Vec<Name> = captures.collect();
        let named = block.named_by.as_ref().and_then(|by| view.one(view.root(), by)).and_then(|at| view.text(at));
        if let Some(name) = named.or(block.label()) {
            identity.push(name.into());
        }
        let mut fragment = self.fragment(frame, &block.kind, identity, node);
        fragment.throwaway |= found.captures.iter().any(|name| throwaway::said_by(&self.table.throwaway, name));
        fragment.profile = profile.map(|name| name.trim_start_matches(':').into()).or(fragment.profile);
        fragment.site = Some(Site {
            table: self.table.id.clone(),
            block: Some(at.index as u16),
            entry: fragment.location,
            unitless: false,
        });
        let complete = |key: &Name| view.child(found.id, key).is_some() && view.child(found.id, "extends").is_none();
        // what a template renders to may hold more than what is seen of it
        let rendered = self.source.document.template.is_some();
        fragment.closed |= !rendered && (block.closed || block.closed_with.as_ref().is_some_and(complete));
        fragment.open = block.open_with.iter().any(|place| !view.select(view.root(), place).is_empty());
        fragment.block = Some(at.index);
        fragment.selects = self.selection(view, block, found);
        let inherited = self.inherited(view, frame, block, found);
        // what it lacks may be set there
        fragment.open |= inherited.or_more;
        for base in inherited.from {
            self.rows(view, frame, At { inherited: true, ..at }, base, &mut fragment);
        }
        self.rows(view, frame, at, found.id, &mut fragment);
        if fragment.settings.is_empty() && !block.exists {
            return;
        }
        self.address_options(view, block, found, &mut fragment);
        // of a resource spread over half the document, its first setting is a better place than the half
        if block.at.segments.len() == 1
            && block.name.is_some()
            && let Some(setting) = fragment.settings.first()
        {
            fragment.location = setting.written.entry;
        }
        self.said_by_variables(block, &mut fragment);
        self.constants(block, found.captures.last().map(|capture| Name::from(&**capture)).as_ref(), &mut fragment);
        if block.keys_closed {
            self.unknown_keys(view, block, found.id, &mut fragment);
        }
        let index = self.read.fragments.len();
        if let Some(link) = &block.link {
            let mut at = Some(found.id);
            while let Some(id) = at {
                if let Some(&(_, parent)) = places.iter().rev().find(|(place, _)| *place == id) {
                    fragment.parent = Some((parent, link.clone()));
                    break;
                }
                at = view.parent(id);
            }
        }
        places.push((found.id, index));
        self.read.fragments.push(fragment);
    }

    /// Whether a place is only a base: others take over what it says, and its name is no profile's.
    fn is_base(&self, view: &View<'_>, block: &Block, place: ViewId, name: &str) -> bool {
        let anchored = |node: NodeId| self.source.document.node(node).anchor.is_some();
        let is_profile = block.profiles.iter().any(|profile| **profile == *name.trim_start_matches(':'));
        !is_profile && view.get(place).value.is_some_and(anchored)
    }

    /// What environment variables of the program say.
    fn said_by_variables(&self, block: &Block, fragment: &mut Fragment) {
        for variable in &block.variable {
            let beside = self.variable_beside(&variable.name);
            // the file may be that of one machine
            let confidence = if beside.is_some() { Confidence::Certain } else { Confidence::Medium };
            let Some(text) = beside.or_else(|| self.variable(&variable.name)) else { continue };
            let Some(Type::Int) = self.knowledge.vocabulary.attribute(&fragment.kind, &variable.attribute) else {
                continue;
            };
            let Ok(number) = text.trim().parse() else { continue };
            fragment.settings.push(Setting {
                attribute: Some(variable.attribute.clone()),
                reading: Reading { origin: Origin::Interpolated, confidence, ..Reading::known(Value::Int(number)) },
                written: Written::new(fragment.location, fragment.location, variable.name.clone()),
                text: text.as_str().into(),
                needs: Vec::new(),
            });
        }
    }

    /// A variable of the environment that the text itself is a variable of.
    fn variable_beside(&self, name: &str) -> Option<String> {
        // every address looks through all of them
        let environment = self.source.environment.filter(|environment| environment.nodes.len() <= MOST_VARIABLES)?;
        let entry = environment.roots.iter().find_map(|&root| environment.entry(root, name))?;
        match settle(self.context, self.source.path, self.interpolation, environment.scalar(entry)) {
            Text::Written(text) | Text::Filled(text) => Some(text),
            Text::Open => None,
        }
    }

    /// A variable of the environment file beside the document, or of the one above where that is its program's.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let own = directory(self.source.path);
        let beside = self.context.variable(own, name);
        beside.or_else(|| self.table.variables_above.then(|| self.context.variable(directory(own), name)).flatten())
    }

    /// What holds by being there, unless a row says otherwise; `*` is the name that the place gives.
    pub(crate) fn constants(&self, block: &Block, name: Option<&Name>, fragment: &mut Fragment) {
        let said = fragment.settings.len();
        for constant in &block.attributes {
            let is_it = |setting: &Setting| setting.attribute.as_ref() == Some(&constant.attribute);
            if fragment.settings[..said].iter().any(is_it) {
                continue;
            }
            let value = match (&*constant.value, name) {
                ("*", Some(name)) => name,
                (value, _) => value,
            };
            fragment.settings.push(Setting {
                attribute: Some(constant.attribute.clone()),
                reading: Reading { origin: Origin::Derived, ..Reading::known(Value::text(value)) },
                written: Written::new(fragment.location, fragment.location, constant.attribute.clone()),
                text: value.into(),
                needs: Vec::new(),
            });
        }
    }

    /// Whether an address comes from a variable, or names a database that runs within the program.
    fn is_out_of_sight(&self, node: NodeId) -> bool {
        let text = self.source.document.scalar(node);
        let scheme = text.strip_prefix("jdbc:").unwrap_or(text).split(':').next().unwrap_or(text);
        text.contains('$') || self.knowledge.generic.in_process.iter().any(|name| name.eq_ignore_ascii_case(scheme))
    }

    /// What the data source names say that are values of this block's rows: their options are the resource's.
    fn address_options(&mut self, view: &View<'_>, block: &Block, found: &Found, fragment: &mut Fragment) {
        // of a program's own files; elsewhere an address stands for itself
        if self.source.embedded || self.how.is_none_or(|how| how.alone) {
            return;
        }
        for row in block.key.iter().filter(|row| row.dsn) {
            let places = std::iter::once(&row.key).chain(&row.also).flat_map(|key| view.select(found.id, key));
            let nodes = places.filter_map(|place| view.get(place.id).value);
            for node in nodes.collect::<Vec<_>>() {
                let (knowledge, context, interpolation) = (self.knowledge, self.context, self.interpolation);
                let said = data_source::of_client(knowledge, context, self.source, interpolation, node, fragment);
                match said {
                    Some((start, others)) => {
                        self.read.data_sources.insert(start);
                        self.read.fragments.extend(others);
                    }
                    // an address out of sight may say any of it; a database in the program's own process is not called
                    None if self.is_out_of_sight(node) => fragment.closed = false,
                    None => {}
                }
            }
        }
    }

    /// Which containers a resource speaks of.
    fn selection(&self, view: &View<'_>, block: &Block, found: &Found) -> Option<Selection> {
        let selects = block.selects.as_ref()?;
        if self.source.document.template.is_some() || self.waits(view, block, selects, found.id) {
            return None;
        }
        let text = |pattern| view.one(view.root(), pattern).and_then(|at| view.text(at));
        let by = match &selects.owner {
            Some([kind, name]) => SelectedBy::Owner(text(kind)?.into(), text(name)?.into()),
            None if selects.named => {
                SelectedBy::Name(view.text(found.id).or(found.captures.last().map(|name| &**name))?.into())
            }
            None if selects.unless.as_ref().is_some_and(|unless| view.one(view.root(), unless).is_some()) => {
                return None;
            }
            None => SelectedBy::Labels(self.labels(view, view.one(view.root(), selects.labels.as_ref()?)?)),
        };
        Some(Selection { unit: self.unit(view, selects.namespace.as_ref()), by })
    }

    /// Whether the container around a place waits by itself, as its command says.
    fn waits(&self, view: &View<'_>, block: &Block, selects: &Selects, at: ViewId) -> bool {
        if selects.waiting.is_empty() {
            return false;
        }
        let mut around: Vec<ViewId> = std::iter::successors(Some(at), |&at| view.parent(at)).collect();
        around.reverse();
        let sites = self.table.containers.iter().filter(|site| block.at.segments.starts_with(&site.at.segments));
        let mut places = sites.filter_map(|site| Some((site, *around.get(site.at.segments.len())?)));
        places.any(|(site, at)| {
            let commands = Place { source: self.source, view, at, site }.commands();
            commands.iter().any(|text| selects.waiting.iter().any(|word| text.contains(word.as_str())))
        })
    }
}
