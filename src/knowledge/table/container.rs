//! How products run in containers, and where orchestrators describe those.

use crate::quantity::Unit;
use serde::{Deserialize, Serialize};

use super::super::key_test::KeyTest;
use super::super::pattern::Pattern;
use super::Given;
use crate::model::Name;

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
    /// Programs that start the product with options that are handed to them as one text.
    #[serde(default)]
    pub starter: Vec<Starter>,
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

/// A program that starts the product: `pg_ctl start -o "-c work_mem=64MB"`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Starter {
    /// Its name on a command line.
    pub program: Name,
    /// Words of which one must stand behind it: what it starts the product by.
    pub when: Vec<Name>,
    /// The spellings of its option that takes the product's.
    pub options: Vec<String>,
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
    /// The unit of its number, where that is a time.
    #[serde(default)]
    pub bare: Option<Unit>,
    /// What it is at least, where nothing that can be seen says more: a file of the program's own may.
    #[serde(default)]
    pub at_least: Option<i64>,
    /// What it is where neither the option nor the variable is given, of a program that has no file of its own.
    #[serde(default)]
    pub default: Option<String>,
    /// It counts only beside one of these options, with another value than `beside-not`.
    #[serde(default)]
    pub beside: Vec<String>,
    /// Values of those options with which it does not count.
    #[serde(default)]
    pub beside_not: Vec<String>,
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
    pub host_network: Option<KeyTest>,
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
    /// Texts that name the file that says how it is built, relative to that folder, where it is not called as usual.
    #[serde(default)]
    pub build_file: Vec<Pattern>,
    /// Kind and name of the object that owns it, relative to the document.
    #[serde(default)]
    pub owner: Option<[Pattern; 2]>,
    /// The labels by which an address selects it, relative to the document.
    #[serde(default)]
    pub labels: Option<Pattern>,
    /// The labels on it by which other products are told what to do with it, relative to it: maps, or lists of `name=value`.
    #[serde(default)]
    pub own_labels: Vec<Pattern>,
    /// The namespace in which its names hold, relative to the document.
    #[serde(default)]
    pub namespace: Option<Pattern>,
    /// How it speaks of ports.
    #[serde(default)]
    pub ports: Option<PortSite>,
    /// The names of its ports, relative to it; and those of all ports that are reached at its address, relative to the
    /// document.
    #[serde(default)]
    pub port_names: Option<(Pattern, Vec<Pattern>)>,
    /// What images read of the files that are mounted into them.
    #[serde(default)]
    pub unread: Vec<UnreadMount>,
}

/// Configuration files that an image does not read wherever they are mounted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnreadMount {
    /// Globs of the images.
    pub images: Vec<String>,
    /// The names of such files.
    pub files: Vec<String>,
    /// Globs of the targets that it reads by itself.
    #[serde(default)]
    pub read: Vec<String>,
    /// Globs of other targets: what is mounted there may take the file in.
    #[serde(default)]
    pub unless: Vec<String>,
    /// The words with which a command may begin; another program may do anything with the file.
    pub programs: Vec<String>,
    /// What it reads, for people.
    pub detail: String,
    /// How to make it read the file.
    pub cure: String,
}

/// How the description of a container speaks of ports; patterns are relative to the container.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PortSite {
    /// Items that lead from a port of the host to one of its own: texts `host:own`, or maps.
    pub published: Pattern,
    /// The keys of such a map: the host's port, its own.
    pub keys: [Pattern; 2],
    /// A text `kind:name` that names the container whose network it shares.
    pub joins: Pattern,
    /// What is there where more is said of it in another place.
    pub elsewhere: Vec<Pattern>,
    /// Words in the names of variables that may say where it listens.
    pub words: Vec<String>,
    /// Where files are mounted that may say where it listens, as globs.
    pub mounts: Vec<String>,
    /// Globs of images that listen at one port unless they are told otherwise. Of an image that is built here its own
    /// description says what is of use; any other may listen at more ports than are led to.
    pub images: Vec<String>,
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
    pub when: KeyTest,
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
    pub when: KeyTest,
    /// The name.
    pub name: Pattern,
    /// The namespace in which it holds.
    #[serde(default)]
    pub namespace: Option<Pattern>,
    /// The labels of the containers it leads to.
    pub labels: Pattern,
    /// Its ports: items with a number and perhaps a name, under these keys.
    #[serde(default)]
    pub ports: Option<(Pattern, Pattern, Pattern)>,
    /// Where it leads to at the containers: numbers, or names of ports.
    #[serde(default)]
    pub targets: Option<Pattern>,
    /// Where one of these holds, callers reach the containers themselves, whatever its ports.
    #[serde(default)]
    pub passed_by: Vec<KeyTest>,
}

/// Where a document names an address at which something is called.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CallSite {
    /// What holds of such a document, `path=glob`.
    pub when: KeyTest,
    /// The place.
    pub at: Vec<Pattern>,
    /// The name that is called, relative to the place.
    pub name: Pattern,
    /// Its port, relative to the place: a number or a name.
    pub port: Vec<Pattern>,
    /// The namespace of the name, where the place has one of its own, relative to it.
    #[serde(default)]
    pub namespace: Option<Pattern>,
    /// What stands there where another kind of thing than an address is called, `path=glob` relative to the place.
    #[serde(default)]
    pub unless: Vec<KeyTest>,
    /// The namespace of the document.
    pub within: Pattern,
}
