//! Dialect tables: how one product's configuration is recognised and what each of its keys means.
//!
//! A table is one file, `schema/dialects/<id>.toml`; the field docs below are its reference. Anything in
//! [`Ranged`] may be given per version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pattern::Pattern;
use super::pins::{PinRow, Ships};
use super::version::{Ranged, VersionRange};
use crate::model::{Confidence, Name, Type};
use crate::quantity::{Grammar, Unit};

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
    pub keys: Vec<String>,
    /// Paths of which one must exist; dots within written keys count as steps.
    #[serde(default)]
    pub any_keys: Vec<String>,
    /// Paths that must not exist.
    #[serde(default)]
    pub without: Vec<String>,
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
    pub lines: Vec<String>,
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

/// How a product runs in a container.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Container {
    /// Globs of image names without registry and tag.
    pub images: Vec<String>,
    /// Words that start the product; options after one of them (or without any) are the product's.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Options that are followed by `name=value`.
    #[serde(default)]
    pub assign: Vec<String>,
    /// Whether `--name=value` is a setting.
    #[serde(default)]
    pub long: bool,
    /// Short options for one setting: `-N` for `max_connections`.
    #[serde(default)]
    pub short: Vec<ShortOption>,
    /// The option that names another main configuration file: what is in it is out of sight unless read.
    #[serde(default)]
    pub config_file: Option<String>,
    /// Where it looks for its configuration unless told otherwise, as globs.
    #[serde(default)]
    pub config_paths: Vec<String>,
    /// Targets of mounted files that replace the configuration, as globs.
    #[serde(default)]
    pub config_mounts: Vec<String>,
    /// Where the data is kept, as globs: what is in memory there does not outlive the container.
    #[serde(default)]
    pub data_mounts: Vec<String>,
    /// Environment variables that name the data, such as the database: the name may say what it is for.
    #[serde(default)]
    pub data_names: Vec<Name>,
    /// Texts in a command line that say that the data are removed before the product starts.
    #[serde(default)]
    pub erasers: Vec<String>,
    /// Environment variables the image reads.
    #[serde(default)]
    pub environment: Vec<String>,
    /// A prefix that people put before a parameter's name although the image does not read it.
    #[serde(default)]
    pub ignored_prefix: Option<String>,
    /// The variable that names the role which the image sets the product up with, and that role where it is not set.
    #[serde(default)]
    pub superuser: Option<(Name, Name)>,
    /// Globs of the images of which the fields about variables hold.
    #[serde(default)]
    pub environment_images: Vec<String>,
    /// What stands before the product's version in tags of images that have a version of their own (`2.14-pg16`).
    #[serde(default)]
    pub tag_marker: Option<String>,
    /// Environment variables from which an image makes settings.
    #[serde(default)]
    pub variables: Vec<ImageVariables>,
    /// The layer of the command line.
    pub layer: Name,
}

/// Environment variables from which an image makes the product's settings when it starts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ImageVariables {
    /// Globs of the images.
    pub images: Vec<String>,
    /// What stands before the upper-case name of a setting.
    #[serde(default)]
    pub prefix: String,
    /// The settings it makes; a variable of another name is not read.
    pub only: Vec<Name>,
    /// Whether every version of the image reads these and no others.
    #[serde(default)]
    pub complete: bool,
    /// Variables that hold the host or the address of what the product stands before.
    #[serde(default)]
    pub upstream: Vec<Name>,
    /// Other variables that begin with the prefix and are read for other ends.
    #[serde(default)]
    pub known: Vec<Name>,
    /// What the image writes where its variable is not set.
    #[serde(default)]
    pub given: Vec<Given>,
    /// The file in the container, which, where it is mounted, is used as it is: the variables then count for nothing.
    pub unless_mounted: String,
    /// Whence this is known.
    #[serde(default)]
    pub source: Option<Name>,
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
}

/// A short option for one setting.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ShortOption {
    /// `-N`.
    pub option: String,
    /// The setting it stands for.
    pub name: Name,
    /// The setting's value, for an option without one.
    #[serde(default)]
    pub value: Option<String>,
}

/// A program that serves requests, however its image is called.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Program {
    /// Its names on a command line.
    pub names: Vec<Name>,
    /// Options that set attributes of the workload.
    #[serde(default)]
    pub option: Vec<ProgramOption>,
    /// What makes a thread or process serve many requests at a time.
    #[serde(default)]
    pub many: Option<Many>,
}

/// An option of a program.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProgramOption {
    /// Its spellings, dashes included.
    pub names: Vec<String>,
    /// The environment variable that counts where the option is not given.
    #[serde(default)]
    pub variable: Option<Name>,
    /// The attribute of the workload.
    pub attribute: Name,
    /// What it is at least, where nothing that can be seen says more: a file of the program's own may.
    #[serde(default)]
    pub at_least: Option<i64>,
}

/// An option with certain values, under which an attribute no longer bounds the requests at a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Many {
    /// The option's spellings.
    pub names: Vec<String>,
    /// Globs of the values.
    pub values: Vec<String>,
    /// The attribute that then bounds nothing.
    pub unbounds: Name,
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

/// Where an orchestrator describes containers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ContainerSite {
    /// The container.
    pub at: Pattern,
    /// Its image, relative to it.
    pub image: Pattern,
    /// Its program, relative to it.
    #[serde(default)]
    pub entrypoint: Option<Pattern>,
    /// Its arguments, relative to it.
    pub arguments: Pattern,
    /// Its environment: a map, a list of `NAME=value`, or a list of `{name, value}`.
    pub environment: Pattern,
    /// Its mounts: `source:target` texts or maps with `target`/`mountPath`.
    #[serde(default)]
    pub mounts: Option<Pattern>,
    /// Directories kept in memory, relative to it: a text or a list of texts `directory:options`.
    #[serde(default)]
    pub in_memory: Option<Pattern>,
    /// The kind of the resource that the site itself is, tied to the product's resource as `workload`.
    pub kind: Name,
    /// Whether the site's own key is a name by which others reach it.
    #[serde(default)]
    pub named: bool,
    /// Texts that are names by which others reach it, relative to it.
    #[serde(default)]
    pub hosts: Vec<Pattern>,
    /// What holds where it shares its host's network, `path=glob` relative to the document or the site.
    #[serde(default)]
    pub host_network: Option<String>,
    /// What is there where it runs only when asked for, relative to it.
    #[serde(default)]
    pub optional: Option<Pattern>,
    /// Texts that name files of environment variables, relative to it.
    #[serde(default)]
    pub variable_files: Vec<Pattern>,
    /// Items that name a map of variables, all of which it takes over; and the key of its name in them.
    #[serde(default)]
    pub takes_maps: Option<(Pattern, Pattern)>,
    /// Where a variable names one key of a map: the map's name and the key, relative to the variable.
    #[serde(default)]
    pub takes_key: Option<(Pattern, Pattern)>,
    /// Texts that name the folder its image is built from, relative to it.
    #[serde(default)]
    pub build: Vec<Pattern>,
    /// Kind and name of the object that owns it, relative to the document.
    #[serde(default)]
    pub owner: Option<[Pattern; 2]>,
    /// The labels by which an address selects it, relative to the document.
    #[serde(default)]
    pub labels: Option<Pattern>,
    /// The namespace in which its names hold, relative to the document.
    #[serde(default)]
    pub namespace: Option<Pattern>,
}

impl ContainerSite {
    /// The keys by which it takes over maps of variables.
    pub(crate) fn map_takers(&self) -> impl Iterator<Item = Name> + '_ {
        let whole = self.takes_maps.iter().map(|(_, name)| name);
        let keys = self.takes_key.iter().map(|(name, _)| name);
        // `configMapRef.name` is a map's, whatever stands around
        whole.chain(keys).filter_map(|name| name.segments.iter().rev().nth(1)).map(|segment| Name::from(&*segment.key))
    }
}

/// Where an orchestrator describes variables that containers take over by a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VariableMapSite {
    /// What holds of such a document, `path=glob`.
    pub when: String,
    /// The map's name.
    pub name: Pattern,
    /// The namespace in which it holds.
    pub namespace: Pattern,
    /// The map.
    pub at: Pattern,
}

/// Where an orchestrator describes a name that leads to containers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AddressSite {
    /// What holds of such a document, `path=glob`.
    pub when: String,
    /// The name.
    pub name: Pattern,
    /// The namespace in which it holds.
    #[serde(default)]
    pub namespace: Option<Pattern>,
    /// The labels of the containers it leads to.
    pub labels: Pattern,
}

/// A place whose keys are settings of another product, read by that product's table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Carried {
    /// The id of the other product's table.
    pub table: Name,
    /// The carrier's name in messages.
    pub title: Name,
    /// The kind of resource that the settings describe.
    pub kind: Name,
    /// The place that stands for the resource.
    pub within: Pattern,
    /// The map of settings, relative to it.
    pub at: Pattern,
    /// The text that names the resource, from the document's root.
    #[serde(default)]
    pub name: Option<Pattern>,
    /// Where the product's version stands, relative to `within`: a number, or an image whose tag it begins.
    #[serde(default)]
    pub version: Vec<Pattern>,
    /// The layer of these settings.
    pub layer: Name,
    /// Keys, relative to `within`, one of each of which must be there: `a|b`.
    #[serde(default)]
    pub needs: Vec<Name>,
    /// Whether the resource exists also where the map does not.
    #[serde(default)]
    pub exists: bool,
    /// What is not set here is not set anywhere, as soon as all of these stand beside it, relative to `within`.
    #[serde(default)]
    pub closed_with: Vec<Pattern>,
    /// Whether every value must be a text: numbers and switches are refused unless they are quoted.
    #[serde(default)]
    pub texts: bool,
    /// Keys of the carrier that say the same as a setting of the product.
    #[serde(default)]
    pub also: Vec<CarrierKey>,
    /// What the carrier sets where nobody else does, in a closed place.
    #[serde(default)]
    pub given: Vec<Given>,
    /// The only settings that the carrier passes on; all of them where it is empty.
    #[serde(default)]
    pub only: Vec<Name>,
    /// Settings that the carrier refuses or does not pass on.
    #[serde(default)]
    pub withheld: Vec<Withheld>,
    /// The least values that the carrier passes on.
    #[serde(default)]
    pub least: Vec<Least>,
    /// Whence this is known.
    #[serde(default)]
    pub source: Option<Name>,
}

/// A key of a carrier that says the same as a setting of the product it carries.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CarrierKey {
    /// The key, relative to `within`.
    pub key: Pattern,
    /// The product's setting.
    pub setting: Name,
}

/// What a carrier sets where nobody else does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Given {
    /// The setting.
    pub name: Name,
    /// Its value, as the product would have it written.
    pub value: Name,
}

/// Settings that a carrier does not let through.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Withheld {
    /// Globs of their names.
    pub names: Vec<Name>,
    /// The values that are not let through; all of them where it is empty.
    #[serde(default)]
    pub values: Vec<Name>,
    /// What happens to them: `error` where the carrier refuses the whole, or `ignored`.
    pub consequence: Consequence,
    /// Why.
    pub detail: Name,
    /// What to do instead.
    #[serde(default)]
    pub cure: Option<Name>,
}

/// The least value that a carrier passes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Least {
    /// The setting.
    pub name: Name,
    /// The least value, as the product would have it written.
    pub value: Name,
    /// What takes its place below that.
    pub otherwise: Name,
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

/// A resource and its keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Block {
    /// The kind.
    pub kind: Name,
    /// Where it stands; keys matched by `*` become its identity.
    pub at: Pattern,
    /// Other places with the same keys.
    #[serde(default)]
    pub also: Vec<Pattern>,
    /// Other places with the same keys that only some versions read.
    #[serde(default)]
    pub place: Vec<Place>,
    /// What holds of its document, `path=glob`; `a|b` takes either.
    #[serde(default)]
    pub when: Option<String>,
    /// Its name where the place gives none.
    #[serde(default)]
    pub name: Option<Name>,
    /// Where its name stands in the document, over the one that the place gives.
    #[serde(default)]
    pub named_by: Option<Pattern>,
    /// Which containers it speaks of: it is tied to their workload.
    #[serde(default)]
    pub selects: Option<Selects>,
    /// Exists also when none of its keys is set, as soon as its place exists.
    #[serde(default)]
    pub exists: bool,
    /// Whether what the first `*` of its place stands for is the profile it holds for (Rails' environments).
    #[serde(default)]
    pub profile: bool,
    /// Profiles that stand for themselves although others take over what they say: else such a place is only a base.
    #[serde(default)]
    pub profiles: Vec<Name>,
    /// Environment variables of its program that say something of it.
    #[serde(default)]
    pub variable: Vec<VariableRow>,
    /// Whether what is not set here is not set anywhere.
    #[serde(default)]
    pub closed: bool,
    /// The key beside which the same holds.
    #[serde(default)]
    pub closed_with: Option<Name>,
    /// Whether keys without a row are keys the product does not know.
    #[serde(default)]
    pub keys_closed: bool,
    /// Where it inherits from.
    #[serde(default)]
    pub inherit: Option<Inherit>,
    /// The link under which it hangs at the nearest enclosing resource.
    #[serde(default)]
    pub link: Option<Name>,
    /// Other resources of the document that it works with.
    #[serde(default)]
    pub tie: Vec<Tie>,
    /// Attributes that hold by being here.
    #[serde(default)]
    pub attributes: Vec<Constant>,
    /// Its keys.
    #[serde(default)]
    pub key: Vec<Row>,
}

impl Block {
    /// All places of the block, the first in its own right.
    pub fn places(&self) -> impl Iterator<Item = &Pattern> {
        std::iter::once(&self.at).chain(&self.also).chain(self.place.iter().map(|place| &place.at))
    }

    /// The last part of a resource's identity: the block's name, else the key at which it stands.
    pub fn label(&self) -> Option<&str> {
        self.name.as_deref().or(self.at.last_key())
    }
}

/// Another place of a block.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Place {
    /// Where.
    pub at: Pattern,
    /// The versions that read it.
    #[serde(default)]
    pub versions: Option<VersionRange>,
    /// The place that took its place.
    #[serde(default)]
    pub replaced_by: Option<Name>,
}

/// A link to a resource of another block: the only one there, or the one of the same name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tie {
    /// The link's name.
    pub link: Name,
    /// The place of the other block, as its `at` says it.
    pub to: Pattern,
    /// Whether it need not have the same name.
    #[serde(default)]
    pub any_name: bool,
}

/// An environment variable that says something of a resource: the threads that share a pool.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VariableRow {
    /// The variable.
    pub name: Name,
    /// The attribute it sets.
    pub attribute: Name,
}

/// How a resource says which containers it speaks of; the paths are of its document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Selects {
    /// Kind and name of the object that owns them.
    #[serde(default)]
    pub owner: Option<[Pattern; 2]>,
    /// Their labels.
    #[serde(default)]
    pub labels: Option<Pattern>,
    /// Whether its own key, or text, is the container's name.
    #[serde(default)]
    pub named: bool,
    /// What selects in another way, so that the labels do not say all.
    #[serde(default)]
    pub unless: Option<Pattern>,
    /// The namespace in which it holds, where there are such.
    #[serde(default)]
    pub namespace: Option<Pattern>,
}

/// An attribute that every resource of a block has.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Constant {
    /// Which.
    pub attribute: Name,
    /// Its value, text; `*` for the name that the place gives.
    pub value: String,
}

/// Where a resource takes what it does not set itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Inherit {
    /// The nearest earlier sibling whose key starts with this word (HAProxy `defaults`).
    #[serde(rename = "preceding")]
    Preceding(Name),
    /// The sibling place named by a key, or a fixed one (Resilience4j `base-config`, else `default`).
    #[serde(rename = "named")]
    Named {
        /// The key that names it.
        key: Name,
        /// Where the named ones stand.
        among: Pattern,
        /// The name that counts when the key is not set.
        otherwise: Name,
    },
}

/// What a special value of a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// There is no limit.
    Unlimited,
    /// The feature is off.
    Off,
    /// As if the key were absent.
    Default,
    /// The product chooses.
    Auto,
    /// Refused.
    Invalid,
    /// The number it is.
    Literal,
}

/// What happens to a value below the effective minimum, or without a needed sibling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// The product does not start.
    Error,
    /// The minimum is used.
    Clamped,
    /// The default is used.
    Reset,
    /// The feature is switched off.
    Disabled,
    /// The key does nothing.
    Ignored,
}

impl Consequence {
    /// The word conditions and messages use.
    pub fn word(self) -> &'static str {
        match self {
            Consequence::Error => "error",
            Consequence::Clamped => "clamped",
            Consequence::Reset => "reset",
            Consequence::Disabled => "disabled",
            Consequence::Ignored => "ignored",
        }
    }
}

/// One key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Row {
    /// The key, relative to the block.
    pub key: Pattern,
    /// Other spellings that mean the same.
    #[serde(default)]
    pub also: Vec<Pattern>,
    /// Whether the key stands at the top of the document instead: what holds for all of its resources.
    #[serde(default)]
    pub top: bool,
    /// Only values that this glob fits are meant, or with `!` before it, only the others: a key may take two types.
    #[serde(default)]
    pub fits: Option<String>,
    /// The value is the word behind this one, with which a command begins.
    #[serde(default)]
    pub after: Option<Name>,
    /// The attribute it sets; none for a key that is only known.
    #[serde(default)]
    pub attribute: Option<Name>,
    /// The type as written; the attribute's type where it is not given.
    #[serde(default, rename = "type")]
    pub kind: Option<Type>,
    /// How quantities are written.
    #[serde(default)]
    pub grammar: Option<Grammar>,
    /// The unit of a bare number.
    #[serde(default)]
    pub bare: Ranged<Unit>,
    /// Whether the value may also be an object with these members, each with its unit (`{seconds: 5, nanos: 0}`).
    #[serde(default)]
    pub object: Vec<Member>,
    /// Words it accepts, for an enum.
    #[serde(default)]
    pub words: Vec<Name>,
    /// What is added to the number: 1 where retries become requests per call.
    #[serde(default)]
    pub plus: i64,
    /// What 0 means.
    #[serde(default)]
    pub zero: Ranged<Meaning>,
    /// What -1 means.
    #[serde(default)]
    pub negative: Ranged<Meaning>,
    /// What an empty or null value means.
    #[serde(default)]
    pub empty: Ranged<Meaning>,
    /// Its value when nothing sets it, as it would be written.
    #[serde(default)]
    pub default: Ranged<String>,
    /// The least accepted value, as it would be written.
    #[serde(default)]
    pub min: Ranged<String>,
    /// The greatest accepted value, as it would be written.
    #[serde(default)]
    pub max: Ranged<String>,
    /// The least value that does what it says.
    #[serde(default)]
    pub min_effective: Ranged<String>,
    /// What happens below it, or without `needs`.
    #[serde(default)]
    pub below: Ranged<Consequence>,
    /// Keys that must be set beside it, at the same level.
    #[serde(default)]
    pub needs: Vec<Name>,
    /// Keys that must be set beside it or where its place inherits from.
    #[serde(default)]
    pub needs_anywhere: Vec<Name>,
    /// What a written word means as the attribute's value; any other word counts as not set.
    #[serde(default)]
    pub translate: BTreeMap<Name, Name>,
    /// Why the key does nothing, for one that people write in vain.
    #[serde(default)]
    pub inert: Option<String>,
    /// Keys beside which it may do something after all.
    #[serde(default)]
    pub unless: Vec<Name>,
    /// How sure it is that the key does nothing.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// The versions that know it.
    #[serde(default)]
    pub versions: Option<VersionRange>,
    /// The key that took its place.
    #[serde(default)]
    pub replaced_by: Option<Name>,
    /// Whether its value is a data source name, whose options are this resource's too.
    #[serde(default)]
    pub dsn: bool,
    /// Whether a value that cannot be read is passed over, and something else holds.
    #[serde(default)]
    pub passed_over: bool,
    /// Whether its value is a secret.
    #[serde(default)]
    pub secret: bool,
    /// The unit in which it is written back.
    #[serde(default)]
    pub write: Option<Unit>,
    /// Whence the row is known.
    #[serde(default)]
    pub source: Option<Name>,
}

/// A member of an object that holds a quantity.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Member {
    /// The member's key.
    pub key: Name,
    /// The unit of its number.
    pub unit: Unit,
}
