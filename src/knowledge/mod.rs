//! What is known: the vocabulary, the dialect tables, the words of in-house files, the rule pages. Tables and pages
//! in, validated and typed knowledge out.
//!
//! The shipped knowledge is read and checked when trueup is built and packed into one blob; users' own pages and
//! tables go through the same code at run time.

mod generic;
mod key_test;
mod page;
mod pattern;
mod pins;
mod recognition;
mod shipped;
mod table;
mod validate;
mod version;
mod vocabulary;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

pub use generic::{ADDRESSES, Concept, Generic, Implication, LeftOut, Section, SectionEvidence, Translation};
pub use key_test::{KeyTest, KeyTests};
pub use page::{CaseFront, Example, FixFront, Front, Page, PageError, Shows};
pub use pattern::{Globs, Pattern, Segment, glob, keys_of_path};
pub use pins::{Ecosystem, PinRow, Pins, Ships};
pub use recognition::Recognition;
pub use shipped::{Blob, pack};
pub use table::{
    AddressSite, Block, CallSite, Carried, CarrierKey, Consequence, Constant, Container, ContainerSite, EmbeddedSite,
    EnvironmentLayer, FormatName, FormatSign, Given, ImageVariables, Include, Inherit, Interpolation, LaterVersion,
    Least, Many, Meaning, Member, ParameterSet, Place, PortSite, Program, ProgramOption, Recognise, Row, Selects,
    SharedParameter, ShortOption, SpecialParameters, Spelling, Starter, Table, Tie, UnreadMount, VariableMapSite,
    Withheld,
};
pub use validate::{AttributeNames, parameter_type, validate_generic, validate_page, validate_table};
pub use version::{AtVersion, Ranged, Version, VersionRange};
pub use vocabulary::{AttributeType, Kind, Vocabulary};

use crate::model::Name;

/// The part of a table that decides whether its body is needed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Head {
    /// The table's id.
    pub id: Name,
    /// For people.
    pub title: String,
    /// How documents are recognised.
    pub recognise: Vec<Recognise>,
    /// How its format is told where a file's name does not.
    pub format: Vec<FormatSign>,
    /// Globs of the product's container images.
    pub images: Vec<String>,
    /// What environment variables that set its keys begin with.
    pub prefixes: Vec<String>,
    /// What those begin with that count only beside one of these.
    pub companions: Vec<String>,
    /// What labels of containers begin with that set its keys as variables do.
    pub labels: Vec<String>,
    /// Whether options in the command of a container do.
    pub options: bool,
    /// How its keys may be spelled.
    pub spelling: Spelling,
    /// Names of its programs on command lines.
    pub programs: Vec<Name>,
    /// The variable whose value is a command line of its server.
    pub options_variable: Option<Name>,
    /// Where variables that containers take over are described.
    pub variable_maps: Vec<VariableMapSite>,
    /// The keys by which containers take them over.
    pub map_takers: Vec<Name>,
}

impl Head {
    /// The head of a table.
    pub fn of(table: &Table) -> Head {
        Head {
            id: table.id.clone(),
            title: table.title.clone(),
            recognise: table.recognise.clone(),
            format: table.format.clone(),
            images: table.container.as_ref().map(|container| container.images.clone()).unwrap_or_default(),
            spelling: table.spelling,
            programs: table.program.iter().flat_map(|program| program.names.iter().cloned()).collect(),
            options_variable: table.resource.iter().find_map(Block::options_variable),
            variable_maps: table.variable_maps.clone(),
            map_takers: table.containers.iter().flat_map(ContainerSite::map_takers).collect(),
            prefixes: table.environment.as_ref().map(|layer| layer.prefixes.clone()).unwrap_or_default(),
            companions: table.environment.as_ref().map(|layer| layer.companions.clone()).unwrap_or_default(),
            labels: table.environment.as_ref().map(|layer| layer.labels.clone()).unwrap_or_default(),
            options: table.environment.as_ref().is_some_and(|layer| layer.options),
        }
    }
}

/// A table, its body decoded when it is first needed.
#[derive(Debug)]
pub struct Entry {
    /// What decides whether it is needed.
    pub head: Head,
    packed: Box<[u8]>,
    body: OnceLock<Arc<Table>>,
}

impl Entry {
    /// An entry that is already decoded.
    pub fn new(table: Table) -> Entry {
        Entry { head: Head::of(&table), packed: Box::default(), body: OnceLock::from(Arc::new(table)) }
    }

    /// The table.
    pub fn table(&self) -> &Arc<Table> {
        self.body.get_or_init(|| {
            Arc::new(postcard::from_bytes(&self.packed).expect("the build packed this table with the same code"))
        })
    }
}

/// All that is known.
#[derive(Debug)]
pub struct Knowledge {
    /// Kinds, attributes, links.
    pub vocabulary: Vocabulary,
    /// Dialect tables.
    pub tables: Vec<Entry>,
    /// The words of in-house files.
    pub generic: Generic,
    /// What says which version of a product is used.
    pub pins: Pins,
    /// Rule pages, by id.
    pub pages: Vec<Page>,
    /// The parameters that some page reads, as `namespace.name`.
    pub wanted: BTreeSet<Name>,
    /// Which tables may know a document; made on first use.
    recognition: OnceLock<Recognition>,
}

impl Knowledge {
    /// Which tables may know a document.
    pub fn recognition(&self) -> &Recognition {
        self.recognition.get_or_init(|| Recognition::of(&self.tables))
    }

    /// The table with that id.
    pub fn table(&self, id: &str) -> Option<&Arc<Table>> {
        self.tables.iter().find(|entry| &*entry.head.id == id).map(Entry::table)
    }

    /// Where variables that containers take over are described.
    pub fn variable_maps(&self) -> impl Iterator<Item = &VariableMapSite> {
        self.tables.iter().flat_map(|entry| &entry.head.variable_maps)
    }

    /// The page of a rule, by id or former id.
    pub fn page(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| &*page.rule.id == id || page.rule.aliases.iter().any(|alias| &**alias == id))
    }

    /// Adds a user's page.
    ///
    /// # Errors
    /// Names the place of what is wrong with it, or the rule that has its id already.
    pub fn add_page(&mut self, path: &str, text: &str) -> Result<(), PageError> {
        let page = Page::parse(path, text)?;
        let wanted = validate_page(&self.vocabulary, path, text, &page)?;
        if self.page(&page.rule.id).is_some() {
            return Err(PageError {
                path: path.into(),
                line: Some(2),
                column: None,
                message: format!("there is already a rule '{}'; choose another id", page.rule.id),
            });
        }
        self.pages.push(page);
        self.wanted.extend(wanted);
        Ok(())
    }

    /// Adds a user's table: it reads what it recognises before the shipped ones do.
    ///
    /// # Errors
    /// Names the place of what is wrong with it, or of the id that another table has.
    pub fn add_table(&mut self, path: &str, text: &str) -> Result<(), PageError> {
        let table = parse_table(path, text)?;
        validate_table(&self.vocabulary, path, text, &table)?;
        if let Some(line) = self.table(&table.id).and_then(|_| text.lines().position(|line| line.starts_with("id"))) {
            return Err(PageError {
                path: path.into(),
                line: Some(line + 1),
                column: None,
                message: format!("there is already a table '{}'; choose another id", table.id),
            });
        }
        self.pins.add(table.product(), &table.pin, &table.ships);
        let users = self.tables.iter().take_while(|entry| entry.packed.is_empty()).count();
        self.tables.insert(users, Entry::new(table));
        self.recognition = OnceLock::new();
        Ok(())
    }
}

/// Reads a table.
///
/// # Errors
/// Names line and column of what the reader does not understand.
pub fn parse_table(path: &str, text: &str) -> Result<Table, PageError> {
    from_toml(path, text)
}

/// Reads any of the knowledge's TOML files.
///
/// # Errors
/// Names line and column of what the reader does not understand.
pub fn from_toml<T: serde::de::DeserializeOwned>(path: &str, text: &str) -> Result<T, PageError> {
    toml::from_str(text).map_err(|error| {
        let (line, column) = error.span().map_or((1, 1), |span| page::position(text, span.start));
        PageError {
            path: path.to_string(),
            line: Some(line),
            column: Some(column),
            message: error.message().to_string(),
        }
    })
}
