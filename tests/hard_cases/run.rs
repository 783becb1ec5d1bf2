//! Files through the public pipeline, with the test tables beside the shipped ones.

use trueup::analysis::{Analysed, Input, Known, resources};
use trueup::dialect::{self, Change, Refusal};
use trueup::knowledge::Version;
use trueup::model::{Attribute, Effective, Location, Name, Resource, SECOND, Value};
use trueup::syntax::{self, edit};
use trueup::workspace::Shipped;

/// The test tables, by name.
const TABLES: [(&str, &str); 9] = [
    ("spring", include_str!("../data/tables/spring.toml")),
    ("haproxy", include_str!("../data/tables/haproxy.toml")),
    ("envoy", include_str!("../data/tables/envoy.toml")),
    ("deployment", include_str!("../data/tables/deployment.toml")),
    ("appsettings", include_str!("../data/tables/appsettings.toml")),
    ("npgsql", include_str!("../data/tables/npgsql.toml")),
    ("pgbouncer", include_str!("../data/tables/pgbouncer.toml")),
    ("roles", include_str!("../data/tables/roles.toml")),
    ("sections", include_str!("../data/tables/sections.toml")),
];

/// What the files say.
pub(crate) struct Run {
    engine: Shipped,
    tables: Vec<String>,
    versions: Vec<(Name, Name)>,
    files: Vec<(String, String)>,
    analysed: Analysed,
}

impl Run {
    /// Reads `files` (path and text) with these test tables.
    pub(crate) fn of(tables: &[&str], files: &[(&str, &str)]) -> Run {
        Run::with(tables, &[], files)
    }

    /// The same, with declared versions.
    pub(crate) fn with(tables: &[&str], versions: &[(&str, &str)], files: &[(&str, &str)]) -> Run {
        let mut knowledge = Shipped::knowledge();
        for name in tables {
            let (_, text) = TABLES.iter().find(|(known, _)| known == name).expect("a test table");
            knowledge.add_table(&format!("{name}.toml"), text).unwrap_or_else(|error| panic!("{error}"));
        }
        let engine = Shipped::over(knowledge);
        let versions: Vec<(Name, Name)> =
            versions.iter().map(|&(product, version)| (product.into(), version.into())).collect();
        let files: Vec<(String, String)> =
            files.iter().map(|&(path, text)| (path.to_string(), text.to_string())).collect();
        let inputs = files.iter().map(|(path, text)| Input { path: path.as_str().into(), bytes: text.clone().into() });
        let known = Known { versions: &versions, ..engine.known() };
        let analysed = resources(known, inputs.collect());
        Run { tables: tables.iter().map(ToString::to_string).collect(), engine, versions, files, analysed }
    }

    /// The only resource of that kind, name and profile.
    pub(crate) fn resource(&self, kind: &str, identity: &str, profile: Option<&str>) -> &Resource {
        let fits = |resource: &&Resource| {
            &*resource.kind == kind && resource.identity.join(".") == identity && resource.profile.as_deref() == profile
        };
        let found: Vec<&Resource> = self.analysed.model.resources.iter().filter(fits).collect();
        match found.as_slice() {
            [one] => one,
            _ => {
                let known = self.analysed.model.resources.iter();
                let known: Vec<String> = known
                    .map(|known| format!("{} {} {:?}", known.kind, known.identity.join("."), known.profile))
                    .collect();
                panic!("{} of {kind} {identity} {profile:?} among\n{}", found.len(), known.join("\n"))
            }
        }
    }

    /// How many resources of that kind there are.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.analysed.model.resources.iter().filter(|resource| &*resource.kind == kind).count()
    }

    /// The text at a place, behind the name of its file.
    pub(crate) fn text(&self, location: Location) -> String {
        let (path, text) = &self.files[location.file as usize];
        format!("{path}: {}", &text[location.start as usize..location.end as usize])
    }

    /// The entries that write an attribute, the deciding one first.
    pub(crate) fn written(&self, attribute: &Attribute) -> Vec<String> {
        attribute.written.iter().map(|written| self.text(written.entry)).collect()
    }

    /// What is wrong with settings: key and fault, in the order of the files.
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let mut faults: Vec<(Location, String, String)> = Vec::new();
        for setting in self.analysed.model.resources.iter().filter(|resource| &*resource.kind == "setting") {
            let say = |name: &str| setting.value(name).map_or(String::new(), ToString::to_string);
            faults.push((setting.location, say("name"), say("fault")));
        }
        faults.sort();
        faults.into_iter().map(|(_, name, fault)| (name, fault)).collect()
    }

    /// The change of one file that sets an attribute.
    pub(crate) fn change(
        &self,
        file: u32,
        resource: &Resource,
        attribute: &str,
        value: Value,
    ) -> Result<Change, Refusal> {
        let (path, text) = &self.files[file as usize];
        let document = syntax::parse(text, dialect::format_of(path).expect("a format"));
        dialect::change(self.engine.known().knowledge, file, &document, resource, attribute, &value)
    }

    /// The change that sets an attribute, and the text of the file with it, past the gate.
    fn changed(&self, resource: &Resource, attribute: &str, value: &Value) -> Result<(usize, String, bool), Refusal> {
        let place = resource.attribute(attribute).and_then(|found| found.written.first()).map(|written| written.entry);
        let file = place.unwrap_or(resource.location).file;
        let (path, text) = &self.files[file as usize];
        let change = self.change(file, resource, attribute, value.clone())?;
        let document = syntax::parse(text, dialect::format_of(path).expect("a format"));
        let splices = edit::splices(&document, &change.edits).expect("edits that can be made");
        let new = edit::apply(text, &splices);
        assert_eq!(edit::verify(&document, &new, &change.edits), Ok(()), "{new}");
        Ok((file as usize, new, change.shared))
    }

    /// Writes a value, reads all files again, checks that the attribute has it, and gives the new text and whether other
    /// resources share it.
    pub(crate) fn set(
        &self,
        kind: &str,
        identity: &str,
        profile: Option<&str>,
        attribute: &str,
        value: Value,
    ) -> (String, bool) {
        let resource = self.resource(kind, identity, profile);
        let (file, text, shared) = self.changed(resource, attribute, &value).expect("a change");
        let mut files = self.files.clone();
        files[file].1 = text.clone();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let tables: Vec<&str> = self.tables.iter().map(String::as_str).collect();
        let versions: Vec<(&str, &str)> =
            self.versions.iter().map(|(product, version)| (&**product, &**version)).collect();
        let again = Run::with(&tables, &versions, &files);
        let now = again.resource(kind, identity, profile).effective(attribute);
        assert_eq!(now, Effective::Known(value), "{text}");
        (text, shared)
    }

    /// Why a value is not written.
    pub(crate) fn refusal(&self, resource: &Resource, attribute: &str, value: Value) -> Refusal {
        self.changed(resource, attribute, &value).expect_err("no change")
    }

    /// A value as the table with that id spells it, with its key, in the style of `like`.
    pub(crate) fn spell(
        &self,
        table: &str,
        kind: &str,
        attribute: &str,
        value: Value,
        like: Option<&str>,
    ) -> Option<(String, String)> {
        let knowledge = self.engine.known().knowledge;
        let table = knowledge.table(table).expect("a table");
        let version = self.versions.first().and_then(|(_, version)| Version::parse(version));
        let (key, text) = dialect::spell(knowledge, table, kind, attribute, version.as_ref(), &value, like)?;
        Some((key.to_string(), text))
    }
}

/// A duration.
pub(crate) fn seconds(seconds: i64) -> Value {
    Value::Duration(seconds * SECOND)
}

/// A duration.
pub(crate) fn millis(millis: i64) -> Value {
    Value::Duration(millis * (SECOND / 1000))
}

/// A known value.
pub(crate) fn known(value: Value) -> Effective {
    Effective::Known(value)
}

/// Pairs of texts, to compare with.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(a, b)| (a.to_string(), b.to_string())).collect()
}
