//! Settings that an image makes from environment variables when its container starts.

use super::blocks::Frame;
use super::container::ContainerReader;
use super::fragment::{Fault, Fragment, Reading, Setting};
use super::reading::Reader;
use super::view::ViewId;
use super::{Text, settle};
use crate::knowledge::{ImageVariables, Row, glob};
use crate::model::{Confidence, Location, Name, Origin, Value, Why, Written, WrittenBy};
use crate::syntax::{Span, dsn};

/// The row of a table that a variable sets.
struct Target<'t> {
    block: usize,
    index: usize,
    row: &'t Row,
}

impl ContainerReader<'_, '_> {
    /// Reads the variables of an image that makes settings of them; whether they are all there is.
    pub(super) fn image_settings(&self, fragment: &mut Fragment, frame: &Frame) -> bool {
        let base = self.repository.rsplit('/').next().unwrap_or(self.repository);
        let holds = |pattern: &String| glob(pattern, if pattern.contains('/') { self.repository } else { base });
        let Some(image) = self.container.variables.iter().find(|image| image.images.iter().any(holds)) else {
            return false;
        };
        let targets = self.place().mounts().into_iter().filter_map(|mount| mount.target);
        let mounted = targets.into_iter().any(|target| target == image.unless_mounted);
        let instead = mounted.then_some(image.unless_mounted.as_str());
        for variable in self.place().variables() {
            let (_, name, _) = &variable;
            let Some(rest) = name.strip_prefix(image.prefix.as_str()) else {
                fragment.settings.extend(self.without_prefix(image, &variable));
                continue;
            };
            if rest != rest.to_ascii_uppercase() {
                continue;
            }
            let setting = rest.to_ascii_lowercase();
            let Some(target) = self.target(&fragment.kind, &setting) else { continue };
            if image.only.iter().any(|only| **only == *setting) {
                let made = self.made(fragment, frame, &target, &variable, instead);
                fragment.settings.extend(made);
            } else if image.complete && !image.known.contains(name) {
                fragment.settings.push(self.not_read(&variable, None));
            }
        }
        if !mounted {
            fragment.settings.extend(self.upstream(image));
            fragment.given = image.given.clone();
            fragment.given_source = image.source.clone();
        }
        fragment.block = self.reader.table.resource.iter().position(|block| block.kind == fragment.kind);
        let files = |pattern| !self.place().view.select(self.place().at, pattern).is_empty();
        !mounted && !self.site.variable_files.iter().any(files)
    }

    /// A variable that is named like a setting the image makes, but without its prefix: `POOL_MODE` for `PGBOUNCER_POOL_MODE`.
    fn without_prefix(&self, image: &ImageVariables, variable: &(ViewId, Name, Option<Name>)) -> Option<Setting> {
        let (_, name, _) = variable;
        // words that mean something to many programs are left alone
        let is_setting = self.place().arguments().is_none()
            && image.complete
            && name.contains('_')
            && **name == *name.to_ascii_uppercase();
        let made = |only: &Name| only.eq_ignore_ascii_case(name);
        if !is_setting || !image.only.iter().any(made) {
            return None;
        }
        let whole = format!("{}{name}", image.prefix);
        let there = self.place().variables().iter().any(|(_, name, _)| **name == *whole);
        (!there).then(|| self.not_read(variable, Some(format!("write {whole}"))))
    }

    /// A variable that the image does not read.
    fn not_read(&self, (place, name, value): &(ViewId, Name, Option<Name>), cure: Option<String>) -> Setting {
        let mut fault = Fault::new("inert-environment", format!("the image does not read {name}"));
        fault.confidence = Confidence::Medium;
        if let Some(cure) = cure {
            fault = fault.cure(cure);
            fault.confidence = Confidence::High;
        }
        let location = self.variable_location(*place);
        Setting {
            attribute: None,
            reading: Reading::unknown(Why::NotSet).with(fault),
            written: Written::new(location, location, &**name),
            text: value.clone().unwrap_or_default(),
            needs: Vec::new(),
        }
    }

    /// The host that the product stands before, as a variable says.
    fn upstream(&self, image: &ImageVariables) -> Option<Setting> {
        let variables = self.place().variables();
        let (place, name, value) =
            image.upstream.iter().find_map(|wanted| variables.iter().rev().find(|(_, name, _)| name == wanted))?;
        let reading = match value.as_deref().and_then(dsn::parse) {
            Some(address) => {
                let host = address.roots.first().and_then(|&root| address.lookup(root, &["host"]));
                host.map(|host| Reading::known(Value::text(address.scalar(host))))
            }
            None => None,
        };
        let text = value.as_deref().filter(|text| !text.contains("://"));
        let settled =
            text.map(|text| settle(self.reader.context, self.reader.source.path, self.reader.interpolation, text));
        let reading = reading.or(match settled {
            Some(Text::Written(text) | Text::Filled(text)) => Some(Reading::known(Value::text(&text))),
            Some(Text::Open) | None => None,
        })?;
        let location = self.variable_location(*place);
        Some(Setting {
            attribute: Some("upstream".into()),
            reading,
            written: Written::new(location, location, &**name),
            text: "".into(),
            needs: Vec::new(),
        })
    }

    /// The row that the variable for `setting` sets.
    fn target(&self, kind: &Name, setting: &str) -> Option<Target<'_>> {
        let blocks = self.reader.table.resource.iter().enumerate().filter(|(_, block)| block.kind == *kind);
        let mut rows = blocks.flat_map(|(block, of)| of.key.iter().enumerate().map(move |row| (block, row)));
        rows.find(|(_, (_, row))| row.key.to_string() == setting).map(|(block, (index, row))| Target {
            block,
            index,
            row,
        })
    }

    /// The setting that the image makes of one variable; none where a mounted file is used `instead`.
    fn made(
        &self,
        fragment: &Fragment,
        frame: &Frame,
        target: &Target<'_>,
        (place, name, value): &(ViewId, Name, Option<Name>),
        instead: Option<&str>,
    ) -> Option<Setting> {
        let (place, value, row) = (*place, value.as_deref(), target.row);
        let reader = Reader { table: self.reader.table, version: frame.version.as_ref() };
        let declared = row
            .attribute
            .as_ref()
            .and_then(|attribute| self.reader.knowledge.vocabulary.attribute(&fragment.kind, attribute));
        let settled =
            value.map(|text| settle(self.reader.context, self.reader.source.path, self.reader.interpolation, text));
        let mut reading = match settled {
            None => Reading::unknown(Why::OutOfSight),
            Some(Text::Open) => Reading::unknown(Why::Interpolated),
            // these images leave out what is empty
            Some(Text::Written(text) | Text::Filled(text)) if text.is_empty() => return None,
            Some(Text::Written(text)) => reader.read(row, declared, &text),
            Some(Text::Filled(text)) => Reading { origin: Origin::Interpolated, ..reader.read(row, declared, &text) },
        };
        if let Some(file) = instead {
            let fault = Fault::new("inert-environment", format!("the image uses the mounted {file} as it is"))
                .cure("set it in that file");
            reading = Reading { set: false, ..Reading::unknown(Why::NotSet) }.with(fault);
        }
        let entry = self.variable_location(place);
        let location = value.and_then(|value| self.value_location(place, value)).unwrap_or(entry);
        let (block, index) = (target.block as u16, target.index as u16);
        let by = WrittenBy::Row { table: self.reader.table.id.clone(), block, row: index };
        Some(Setting {
            attribute: row.attribute.clone(),
            reading,
            written: Written::new(entry, location, &**name).by(by).shared(self.place().view.get(place).shared),
            text: if row.secret { "***".into() } else { value.unwrap_or_default().into() },
            needs: row.needs.clone(),
        })
    }

    fn variable_location(&self, place: ViewId) -> Location {
        let entry = self.place().view.get(place);
        let source = self.reader.source;
        let span = entry.entry.or(entry.value).map_or(Span::at(0), |node| source.document.node(node).entry);
        source.locate(span)
    }

    /// Where the value of a variable stands, if it is written as it is meant.
    fn value_location(&self, place: ViewId, value: &str) -> Option<Location> {
        let document = self.reader.source.document;
        let own = self.place().view.get(place).value?;
        let node = match self.place().view.child(place, "value").and_then(|id| self.place().view.get(id).value) {
            Some(node) => node,
            None => own,
        };
        let content = document.node(node).content;
        let raw = content.slice(&document.text);
        let at = raw.rfind(value)?;
        let start = content.start as usize + at;
        Some(self.reader.source.locate(Span::new(start, start + value.len())))
    }
}
