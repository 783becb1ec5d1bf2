//! Dialect tables: how one product's configuration is recognised and what each of its keys means.
//!
//! A table is one file, `schema/dialects/<id>.toml`; the field docs here are its reference. Anything in
//! [`Ranged`](super::Ranged) may be given per version.

mod carried;
mod container;
mod resource;

pub use carried::{Carried, CarrierKey, Given, Least, Withheld};
pub use container::{
    AddressSite, CallSite, Container, ContainerSite, ImageVariables, Many, PortSite, Program, ProgramOption,
    ShortOption, Starter, UnreadMount, VariableMapSite,
};
pub use resource::{Block, Consequence, Constant, Inherit, Meaning, Member, Place, Row, Selects, Tie};

use serde::{Deserialize, Serialize};

use super::key_test::KeyTest;
use super::pattern::Pattern;
use super::pins::{PinRow, Ships};
use crate::model::Name;
use crate::quantity::Grammar;

/// One product's configuration language.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Table {
    /// Kebab-case, the file's name.
    pub id: Name,
    /// For people.
    pub title: String,
    /// The product whose version decides; the id where it is not given.
    #[serde(default)]
    pub product: Option<Name>,
    /// Whence the table's facts are.
    pub source: String,
    /// Whether it is a program that calls others: what its clients call is not it.
    #[serde(default)]
    pub calls_others: bool,
    /// How keys may be spelled.
    #[serde(default)]
    pub spelling: Spelling,
    /// How variables are written in values.
    #[serde(default)]
    pub interpolation: Interpolation,
    /// How quantities are written, unless a row says otherwise.
    #[serde(default)]
    pub grammar: Option<Grammar>,
    /// Layers from the weakest to the strongest. Each fragment belongs to one.
    pub layers: Vec<Name>,
    /// Whether the product's lexer takes lines that the format's does not: nothing is said of those.
    #[serde(default)]
    pub own_lexer: bool,
    /// How a file, or a text inside one, is known to be this.
    #[serde(default)]
    pub recognise: Vec<Recognise>,
    /// How a file whose name says something else is known to be in this product's own format.
    #[serde(default)]
    pub format: Vec<FormatSign>,
    /// Keys of a document whose value is the profile that the document holds for.
    #[serde(default)]
    pub profile_keys: Vec<Pattern>,
    /// Keys whose value is another file, read in their place.
    #[serde(default)]
    pub include: Vec<Include>,
    /// Environment variables that set the same keys.
    #[serde(default)]
    pub environment: Option<EnvironmentLayer>,
    /// How the product is started in a container.
    #[serde(default)]
    pub container: Option<Container>,
    /// The server it connects to: the table that reads what `options` of a data source name sets.
    #[serde(default)]
    pub server: Option<Name>,
    /// The environment variable that the driver reads where an address has no `options`.
    #[serde(default)]
    pub session_variable: Option<Name>,
    /// Whether the environment file of its program stands in the folder above.
    #[serde(default)]
    pub variables_above: bool,
    /// Programs that serve requests, and the options that say with how many processes and threads.
    #[serde(default)]
    pub program: Vec<Program>,
    /// A parameter set whose names are keys at the top of the document (and options on the command line).
    #[serde(default)]
    pub parameters: Option<ParameterSet>,
    /// Where containers are described, for orchestrators.
    #[serde(default)]
    pub containers: Vec<ContainerSite>,
    /// Places whose keys are settings of another product: an operator's map of server parameters.
    #[serde(default)]
    pub carried: Vec<Carried>,
    /// Where names that lead to containers are described.
    #[serde(default)]
    pub addresses: Vec<AddressSite>,
    /// Where addresses stand at which something is called.
    #[serde(default)]
    pub calls: Vec<CallSite>,
    /// Where variables that containers take over are described.
    #[serde(default)]
    pub variable_maps: Vec<VariableMapSite>,
    /// Texts inside the document that are documents of their own.
    #[serde(default)]
    pub embedded: Vec<EmbeddedSite>,
    /// The key of a document that holds a list of documents, each read on its own.
    #[serde(default)]
    pub list: Option<Name>,
    /// Words of a path or of a container's name that say: its data need not outlive the run.
    #[serde(default)]
    pub throwaway: Vec<Name>,
    /// Words of a path or of a profile's name that say: this is not what serves users. What is found there weighs a step
    /// less.
    #[serde(default)]
    pub rehearsal: Vec<Name>,
    /// What stands in the name of a file that is read over the file of the same name without it.
    #[serde(default)]
    pub overlay: Option<String>,
    /// Packages whose version is the product's.
    #[serde(default)]
    pub pin: Vec<PinRow>,
    /// Products it brings along.
    #[serde(default)]
    pub ships: Vec<Ships>,
    /// The resources described.
    #[serde(default)]
    pub resource: Vec<Block>,
}

impl Table {
    /// The product whose version pins count.
    pub fn product(&self) -> &Name {
        self.product.as_ref().unwrap_or(&self.id)
    }

    /// The rank of a layer; unknown names are refused when tables are read.
    pub fn layer(&self, name: &str) -> u8 {
        self.layers.iter().position(|layer| &**layer == name).unwrap_or(0) as u8
    }
}

/// How keys may be spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spelling {
    /// To the letter.
    #[default]
    Exact,
    /// Case, `-` and `_` do not count, keys may be dotted, environment variables are upper case (Spring).
    Relaxed,
    /// Case and blanks do not count (ADO connection strings, pgbouncer).
    Insensitive,
    /// Snake and camel case are the same (protobuf JSON).
    Camel,
}

/// How variables are written in values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interpolation {
    /// They are not.
    #[default]
    None,
    /// `${VAR}`, `${VAR:-x}`, `$VAR`, `$$`.
    Shell,
    /// `${VAR:x}`.
    Spring,
    /// `$(VAR)`.
    Kubernetes,
    /// `<%= ENV.fetch("VAR") { x } %>`.
    Erb,
    /// `{$VAR}`, `{$VAR:x}`; other names in braces are known to the program only.
    Caddy,
}

/// The formats a table may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormatName {
    /// YAML.
    Yaml,
    /// JSON with or without comments.
    Json,
    /// TOML.
    Toml,
    /// INI.
    Ini,
    /// Java properties.
    Properties,
    /// `.env`.
    Env,
    /// `postgresql.conf`.
    PostgresqlConf,
    /// `pgbouncer.ini`.
    PgbouncerIni,
    /// A DSN.
    Dsn,
    /// A command line.
    CommandLine,
    /// SQL of Postgres.
    Sql,
    /// A shell script.
    Shell,
    /// A Dockerfile.
    Dockerfile,
    /// A unit of systemd.
    Systemd,
    /// HCL, the language of Terraform.
    Hcl,
    /// Files of nginx.
    Nginx,
    /// Files of Odyssey.
    Odyssey,
    /// Files of HAProxy.
    Haproxy,
    /// Files of Caddy.
    Caddyfile,
}

/// One way to know a document; all conditions given must hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recognise {
    /// Formats.
    pub formats: Vec<FormatName>,
    /// Globs of the file's name; any of them.
    #[serde(default)]
    pub names: Vec<String>,
    /// Globs of the file's path with `/` between parts; any of them.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Paths that must exist, `path` or `path=glob of its value`; all of them.
    #[serde(default)]
    pub keys: Vec<KeyTest>,
    /// Paths of which one must exist; dots within written keys count as steps.
    #[serde(default)]
    pub any_keys: Vec<String>,
    /// Kinds of Terraform's resources, of which one must be there.
    #[serde(default)]
    pub holds: Vec<String>,
    /// Paths that must not exist.
    #[serde(default)]
    pub without: Vec<KeyTest>,
    /// The layer of what is written there.
    pub layer: Name,
    /// Whether such a document is all there is, so that what is not set in it is not set.
    #[serde(default)]
    pub closed: bool,
    /// At least so many of the top keys must be parameters of the set.
    #[serde(default)]
    pub parameters: usize,
    /// At least half of the top keys must be parameters of the set, includes or names with a dot: other programs name
    /// their files after the product they watch.
    #[serde(default)]
    pub mostly_parameters: bool,
    /// The profile captured by `*` in the name, when the name matches this glob.
    #[serde(default)]
    pub profile: Option<String>,
    /// A document so known stands for itself, whatever lies in its folder.
    #[serde(default)]
    pub alone: bool,
    /// A document counts as so known only where no other table knows it: addresses that every driver reads.
    #[serde(default)]
    pub otherwise: bool,
    /// A document so known is read also where another table knows it, and never instead: annotations for one product on
    /// an object of another.
    #[serde(default)]
    pub beside: bool,
    /// A document so known counts only as a part: it makes resources only where something includes it.
    #[serde(default)]
    pub part: bool,
}

/// What tells the format of a file whose name does not.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FormatSign {
    /// The format it then is.
    pub format: FormatName,
    /// Globs of the file's name; any of them.
    pub names: Vec<String>,
    /// Lines that must all be there.
    #[serde(default)]
    pub lines: Vec<String>,
    /// What some line must begin with, each of these.
    #[serde(default)]
    pub begins: Vec<String>,
}

/// A key whose value names a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Include {
    /// The key.
    pub key: Name,
    /// Whether it names a directory, all of whose `*.conf` are read in order.
    #[serde(default)]
    pub directory: bool,
    /// Whether the file may be missing.
    #[serde(default)]
    pub optional: bool,
}

/// Environment variables that set a product's keys, spelled after them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EnvironmentLayer {
    /// What their names begin with; any of them.
    pub prefixes: Vec<String>,
    /// What the names of others begin with that count only beside one of those: the words are too common by themselves.
    #[serde(default)]
    pub companions: Vec<String>,
    /// The layer.
    pub layer: Name,
    /// What labels of containers begin with that, named after keys as such variables may be, set them too.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether options `--name=value` in the command of a container do.
    #[serde(default)]
    pub options: bool,
}

/// A parameter set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ParameterSet {
    /// Its namespace in conditions: `self.postgres.work_mem`.
    pub namespace: Name,
    /// The kind of resource its parameters describe.
    pub kind: Name,
    /// Parameters that are also known under a name of the vocabulary.
    #[serde(default)]
    pub shared: Vec<SharedParameter>,
    /// What the parameter table cannot say of some parameters.
    #[serde(default)]
    pub special: Vec<SpecialParameters>,
    /// Prefixes of names that some fork or service adds: never unknown.
    #[serde(default)]
    pub foreign: Vec<String>,
    /// Parameters that servers accept and do not list.
    #[serde(default)]
    pub unlisted: Vec<Name>,
    /// Parameters of versions before the first whose parameters are known.
    #[serde(default)]
    pub gone: Vec<GoneParameter>,
    /// What versions after the last that was measured are known to change, from their release notes.
    #[serde(default)]
    pub later: Vec<LaterVersion>,
}

/// What a version changes that was not measured: where the version of a server is not known, nothing is claimed of these.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LaterVersion {
    /// The version.
    pub version: u16,
    /// Whence this is known.
    pub source: Name,
    /// Parameters that came with it.
    pub names: Vec<Name>,
    /// Parameters that it no longer knows.
    #[serde(default)]
    pub removed: Vec<Name>,
    /// Parameters that take other values, or may be set by others.
    #[serde(default)]
    pub changed: Vec<Name>,
    /// Parameters with another default.
    #[serde(default)]
    pub defaults: Vec<Name>,
}

/// What the parameter table cannot say.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SpecialParameters {
    /// The parameters.
    pub names: Vec<Name>,
    /// What 0 means.
    #[serde(default)]
    pub zero: Option<Meaning>,
    /// What -1 means.
    #[serde(default)]
    pub negative: Option<Meaning>,
    /// A bare number that comes out below this was most likely meant in another unit.
    #[serde(default)]
    pub bare_below: Option<String>,
    /// Whether a leading zero is meant: file modes.
    #[serde(default)]
    pub octal: bool,
    /// The value a new cluster is given instead of the built-in default.
    #[serde(default)]
    pub initial: Option<String>,
}

/// A parameter that was gone before the first version whose parameters are known.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GoneParameter {
    /// The parameter.
    pub name: Name,
    /// The last version that had it.
    pub last: String,
    /// What to do instead.
    #[serde(default)]
    pub instead: Option<String>,
}

/// A parameter under its common name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SharedParameter {
    /// The parameter.
    pub name: Name,
    /// The attribute of the vocabulary.
    pub attribute: Name,
}

/// A text inside a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EmbeddedSite {
    /// The texts; what `*` stands for is the file's name.
    #[serde(default)]
    pub files: Option<Pattern>,
    /// The file's name, where the place says none.
    #[serde(default)]
    pub named: Option<Name>,
    /// Values that are data source names, read by the dialect of their driver.
    #[serde(default)]
    pub dsn: Option<Pattern>,
    /// The table that reads them as `key=value` pairs, whatever keys they have.
    #[serde(default)]
    pub table: Option<Name>,
    /// The link under which what they describe hangs at the document's first resource.
    #[serde(default)]
    pub link: Option<Name>,
}
