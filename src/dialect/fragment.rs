//! Fragments: what one place of one file says about one resource. `assemble` folds them.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::view::spelled;
use crate::knowledge::{Given, Row, Table};
use crate::model::{
    Attribute, Confidence, Container, Effective, Location, Name, Origin, Pin, Selection, Site, Type, Value, Why,
    Written,
};

/// One partial assignment of a resource's attributes.
#[derive(Debug, Clone)]
pub struct Fragment {
    /// The table that read it; none for in-house files.
    pub table: Option<Arc<Table>>,
    /// The dialect's id.
    pub dialect: Name,
    /// The kind of resource.
    pub kind: Name,
    /// The product, if known.
    pub product: Option<Name>,
    /// Its version, if pinned.
    pub version: Option<Pin>,
    /// Fragments of one scope may describe the same resource: a file's directory, a compose service.
    pub scope: Name,
    /// Name keys from the outside in.
    pub identity: Vec<Name>,
    /// Strength: the rank of the table's layer.
    pub layer: u8,
    /// The profile it holds for; `None` for all.
    pub profile: Option<Name>,
    /// The whole resource's place.
    pub location: Location,
    /// Where its keys stand, if a table says so.
    pub site: Option<Site>,
    /// Whether what is not set is not set.
    pub closed: bool,
    /// Whether a program's code sets some of it, whatever else is seen: it is never closed then.
    pub open: bool,
    /// How sure the kind is.
    pub confidence: Confidence,
    /// What it sets, in the order written.
    pub settings: Vec<Setting>,
    /// The fragment (of the same file) that it hangs at, and under which link.
    pub parent: Option<(usize, Name)>,
    /// Other fragments of the file that it is tied to, by link name.
    pub ties: Vec<(Name, usize)>,
    /// The block of its table whose rows could set attributes here, for defaults.
    pub block: Option<usize>,
    /// What its carrier sets where nobody else does.
    pub given: Vec<Given>,
    /// Whence that is known.
    pub given_source: Option<Name>,
    /// Files read in its place, with the number of settings before them.
    pub includes: Vec<IncludeSite>,
    /// Whether it counts only where something includes it, and makes no resource by itself.
    pub part: bool,
    /// Which containers it speaks of.
    pub selects: Option<Selection>,
    /// Whether its data need not outlive the run: tests, benchmarks, examples.
    pub throwaway: bool,
    /// Whether nothing more is set elsewhere where the common part of its product's settings stands beside it: a file
    /// of one profile.
    pub completes: bool,
    /// What holds where nothing sets it, by what was read into it: the defaults of the driver that its address names.
    pub defaults: Vec<(Name, Attribute)>,
    /// Whether it is not what serves users: a test's settings, a developer's profile.
    pub rehearsal: bool,
    /// The container it lives in, if it is known.
    pub home: Option<Name>,
    /// Among equals of a layer and a profile the stronger one wins: a container's own variables over those of a file.
    pub rank: u8,
}

impl Fragment {
    /// A fragment of which nothing is said yet but what it is, where it stands, and what it shares with others.
    pub fn new(dialect: Name, kind: Name, scope: Name, location: Location) -> Fragment {
        Fragment {
            table: None,
            dialect,
            kind,
            product: None,
            version: None,
            scope,
            identity: Vec::new(),
            layer: 0,
            profile: None,
            location,
            site: None,
            closed: false,
            open: false,
            confidence: Confidence::Certain,
            settings: Vec::new(),
            parent: None,
            ties: Vec::new(),
            block: None,
            given: Vec::new(),
            given_source: None,
            includes: Vec::new(),
            part: false,
            selects: None,
            throwaway: false,
            rehearsal: false,
            completes: false,
            defaults: Vec::new(),
            home: None,
            rank: 0,
        }
    }

    /// The rows that could set attributes here.
    pub fn rows(&self) -> &[Row] {
        let block = self.table.as_ref().zip(self.block).and_then(|(table, block)| table.resource.get(block));
        block.map_or(&[], |block| &block.key)
    }

    /// Its identity in the one spelling that all spellings of its names share.
    pub fn canonical_identity(&self) -> Vec<Name> {
        match &self.table {
            Some(table) => {
                let same = |name: &Name| match spelled(name, table.spelling) {
                    Cow::Borrowed(_) => name.clone(),
                    Cow::Owned(other) => other.into(),
                };
                self.identity.iter().map(same).collect()
            }
            None => self.identity.clone(),
        }
    }
}

/// A container, and the files that others write for it.
#[derive(Debug, Clone)]
pub struct Contained {
    /// What it is; its workload is not tied yet.
    pub container: Container,
    /// The fragment that describes it as a workload.
    pub workload: Option<usize>,
    /// Files of environment variables it is started with, from the weakest to the strongest.
    pub variable_files: Vec<Name>,
    /// Files and folders mounted into it: whence, and where they appear.
    pub mounts: Vec<(Name, Name)>,
    /// The folder its image is built from.
    pub build: Option<Name>,
    /// The file that says how it is built.
    pub build_file: Option<Name>,
    /// The dialect of the product in its image, if it is known.
    pub product: Option<Name>,
    /// Whether the command it runs is written there.
    pub commanded: bool,
    /// The fragments of the same file that live in it.
    pub fragments: Range<usize>,
}

/// Where a fragment reads another file.
#[derive(Debug, Clone)]
pub struct IncludeSite {
    /// Settings before it.
    pub after: usize,
    /// The text that names the file.
    pub target: String,
    /// Where it is written.
    pub written: Written,
    /// Whether it names a directory.
    pub directory: bool,
    /// Whether it may be missing.
    pub optional: bool,
}

/// One written setting.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The attribute it sets; none if it sets none.
    pub attribute: Option<Name>,
    /// What was read.
    pub reading: Reading,
    /// Where it is written.
    pub written: Written,
    /// The value as written, for messages; secrets never get here.
    pub text: Name,
    /// Names of settings that must be set at the same level, or this one does nothing.
    pub needs: Vec<Name>,
}

/// A value as read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What is known of it.
    pub effective: Effective,
    /// Where that comes from.
    pub origin: Origin,
    /// Whether it counts as set (`false` for a value that means "as if absent").
    pub set: bool,
    /// How sure.
    pub confidence: Confidence,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// What is wrong with one setting; becomes a resource of kind `setting`.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// One of the words listed at `setting.fault` in the vocabulary.
    pub code: &'static str,
    /// Why, in the product's terms.
    pub detail: String,
    /// What to write instead.
    pub cure: Option<String>,
    /// What to write instead, letter by letter, where the text leaves no doubt what was meant.
    pub instead: Option<String>,
    /// The value that takes effect.
    pub becomes: Option<String>,
    /// The key that took its place, and means the same.
    pub successor: Option<Name>,
    /// How sure.
    pub confidence: Confidence,
    /// Another place that explains it.
    pub related: Option<(Location, String)>,
    /// Who takes offence, where that is not the product itself.
    pub by: Option<Name>,
}

impl Fault {
    /// A fault that follows from the text.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Fault {
        Fault {
            code,
            detail: detail.into(),
            cure: None,
            instead: None,
            becomes: None,
            successor: None,
            confidence: Confidence::Certain,
            related: None,
            by: None,
        }
    }

    /// The same, with what to write instead.
    pub fn cure(mut self, cure: impl Into<String>) -> Fault {
        self.cure = Some(cure.into());
        self
    }

    /// The same, with what was meant, letter by letter.
    pub fn instead(mut self, text: impl Into<String>) -> Fault {
        self.instead = Some(text.into());
        self
    }

    /// The same, found by another than the product.
    pub fn by(mut self, who: &Name) -> Fault {
        self.by = Some(who.clone());
        self
    }

    /// The same, with what takes effect.
    pub fn becomes(mut self, value: impl Into<String>) -> Fault {
        self.becomes = Some(value.into());
        self
    }
}

impl Reading {
    /// A value that is certain.
    pub fn known(value: Value) -> Reading {
        Reading {
            effective: Effective::Known(value),
            origin: Origin::Set,
            set: true,
            confidence: Confidence::Certain,
            faults: Vec::new(),
        }
    }

    /// A value that is set and not known.
    pub fn unknown(why: Why) -> Reading {
        Reading {
            effective: Effective::Unknown(why),
            origin: Origin::Set,
            set: true,
            confidence: Confidence::Certain,
            faults: Vec::new(),
        }
    }

    /// Makes a refusal of the value what `why` says the product does instead: it passes over it.
    pub(crate) fn pass_over(&mut self, why: &str) {
        for fault in self.faults.iter_mut().filter(|fault| fault.code == "rejected") {
            fault.code = "ignored";
            fault.detail = format!("{}; {why}", fault.detail);
        }
    }

    /// The same, with something wrong.
    pub fn with(mut self, fault: Fault) -> Reading {
        self.faults.push(fault);
        self
    }
}

/// The type that a row's value has in the model.
pub(crate) fn attribute_type(row: &Row, declared: Option<Type>) -> Type {
    row.kind.or(declared).unwrap_or(Type::Text)
}
