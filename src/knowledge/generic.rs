//! The words of in-house configuration: which section and key names mean which kind and attribute.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::key_test::KeyTests;
use super::pattern::glob;
use super::table::{FormatName, Meaning};
use crate::model::{Confidence, Name};

/// `schema/dialects/generic.toml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Generic {
    /// `generic`.
    pub id: Name,
    /// For people.
    pub title: String,
    /// Whence the words are.
    pub source: String,
    /// Formats it reads.
    pub formats: Vec<FormatName>,
    /// File name globs it does not read: lock files, manifests of other tools.
    pub not_names: Vec<String>,
    /// Path globs it does not read.
    pub not_paths: Vec<String>,
    /// Top-level keys of documents that belong to other tools: all of one entry (`a & b`) present means not ours.
    pub not_keys: Vec<KeyTests>,
    /// Words that only say "configuration" and are skipped: `config`, `settings`, `options`.
    pub filler: Vec<Name>,
    /// Keys of maps that only group what they hold: `resilience`, `performance`, `request handling`.
    pub wrapper: Vec<Name>,
    /// Names of environments, between the root of a file and what holds there: `production`, `staging`.
    pub environment: Vec<Name>,
    /// Keys of maps whose keys leave out a word: `timeouts: { connect: 2s }` is a `connect timeout`.
    pub leaves_out: Vec<LeftOut>,
    /// Keys of maps that describe what serves, inside of what calls: `http: { server: … }`.
    pub serving: Vec<Name>,
    /// Words that mean no limit where a number would.
    pub no_limit: Vec<Name>,
    /// Keys of what listens: a section with one of them is not an HTTP client, whatever it is called.
    pub listener: Vec<Name>,
    /// Products that run in the program's own process: nothing of a network holds for them.
    pub in_process: Vec<Name>,
    /// Sections.
    pub section: Vec<Section>,
    /// Sections that are known by what they hold, whatever they are called.
    pub evidence: Vec<SectionEvidence>,
    /// Keys.
    pub concept: Vec<Concept>,
    /// By phrase; made on first use.
    #[serde(skip)]
    index: OnceLock<Index>,
}

type Phrases<T> = HashMap<Name, T, RandomState>;

/// Sections and concepts by the phrases that mean them.
#[derive(Debug, Clone, Default)]
struct Index {
    section: Phrases<Vec<usize>>,
    concept: Phrases<Phrases<Vec<usize>>>,
    inline: Phrases<Vec<usize>>,
    /// By the keys that tell sections: a bit for each list of keys that one is of.
    evidence: Phrases<u64>,
    /// For each evidence by keys, the bits of all its lists.
    told: Vec<u64>,
    /// Folders of others' files, below the first of a path.
    folders: HashSet<Box<str>, RandomState>,
    /// The patterns of paths that are not such folders.
    patterns: Vec<String>,
    /// The first words of sections' names, also where one is its plural.
    first: HashSet<Box<str>, RandomState>,
    /// Words without one of which no key begins a section or tells of one.
    telling: HashSet<Box<str>, RandomState>,
}

/// Words at the end of a key whose value may be an address, whosever.
pub const ADDRESSES: [&str; 4] = ["url", "uri", "endpoint", "base"];

impl Generic {
    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            for (i, section) in self.section.iter().enumerate() {
                for word in &section.words {
                    index.section.entry(word.clone()).or_default().push(i);
                }
            }
            for (i, concept) in self.concept.iter().enumerate() {
                let own = index.concept.entry(concept.kind.clone()).or_default();
                for word in &concept.words {
                    own.entry(word.clone()).or_default().push(i);
                }
                for word in &concept.inline {
                    index.inline.entry(word.clone()).or_default().push(i);
                }
            }
            for phrase in index.section.keys() {
                let first = phrase.split(' ').next().unwrap_or(phrase);
                index.first.insert(first.into());
                if first.len() == phrase.len() {
                    index.first.insert(format!("{first}s").into());
                }
            }
            for pattern in &self.not_paths {
                let folder = pattern.strip_prefix("*/").and_then(|rest| rest.strip_suffix("/*"));
                match folder.filter(|folder| !folder.contains(['*', '/'])) {
                    Some(folder) => _ = index.folders.insert(folder.into()),
                    None => index.patterns.push(pattern.clone()),
                }
            }
            let mut bit = 0;
            for evidence in self.evidence.iter().filter(|evidence| !evidence.keys.is_empty()) {
                let mut all = 0;
                for list in &evidence.keys {
                    all |= 1u64 << bit;
                    for key in list {
                        *index.evidence.entry(key.clone()).or_default() |= 1 << bit;
                    }
                    bit += 1; // few: the shift would panic in every test
                }
                index.told.push(all);
            }
            let addresses = self.concept.iter().filter(|concept| matches!(&*concept.attribute, "product" | "url"));
            let phrases = addresses.flat_map(|concept| &concept.words).chain(index.evidence.keys());
            let phrases = phrases.chain(self.leaves_out.iter().map(|left| &left.under));
            let words = phrases.flat_map(|phrase| phrase.split(' ')).chain(ADDRESSES);
            index.telling = words.map(Box::from).chain(index.first.iter().cloned()).collect();
            index
        })
    }

    /// Whether a file of that path stands where others' files stand.
    pub fn is_foreign(&self, path: &str) -> bool {
        let index = self.index();
        let folders = path.rsplit('/').skip(1).collect::<Vec<_>>();
        let below = &folders[..folders.len().saturating_sub(1)];
        below.iter().any(|folder| index.folders.contains(*folder))
            || index.patterns.iter().any(|pattern| glob(pattern, path))
    }

    /// What a key called `phrase` tells of a section whose own name does not: bits for [`Generic::told`].
    pub fn tells(&self, phrase: &str) -> u64 {
        self.index().evidence.get(phrase).copied().unwrap_or(0)
    }

    /// Whether keys that tell `bits` together may tell a section.
    pub fn told(&self, bits: u64) -> bool {
        self.index().told.iter().any(|all| bits & all == *all)
    }

    /// Whether a key with this word may begin a section or tell of one; without such a word none does.
    pub fn may_tell(&self, word: &str) -> bool {
        self.index().telling.contains(word)
    }

    /// Whether the name of a section, or its plural, begins with `word`.
    pub fn begins_section(&self, word: &str) -> bool {
        self.index().first.contains(word)
    }

    /// The sections that are called `phrase`, in the order of the table.
    pub fn sections(&self, phrase: &str) -> impl Iterator<Item = &Section> {
        self.index().section.get(phrase).into_iter().flatten().map(|&i| &self.section[i])
    }

    /// The concepts of `kind` that are called `phrase`.
    pub fn concepts(&self, kind: &str, phrase: &str) -> impl Iterator<Item = &Concept> {
        let found = self.index().concept.get(kind).and_then(|own| own.get(phrase));
        found.into_iter().flatten().map(|&i| &self.concept[i])
    }

    /// The concepts of any kind that `phrase` means in an enclosing resource.
    pub fn inline(&self, phrase: &str) -> impl Iterator<Item = &Concept> {
        self.index().inline.get(phrase).into_iter().flatten().map(|&i| &self.concept[i])
    }
}

/// The word that the keys of a map leave out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The map's key: `timeouts`.
    pub under: Name,
    /// The word: `timeout`.
    pub word: Name,
}

/// A map that is a section because of its keys and values.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SectionEvidence {
    /// The role of the section that it is then.
    #[serde(default)]
    pub role: Option<Name>,
    /// The kind of that section, where it has no role.
    #[serde(default)]
    pub kind: Option<Name>,
    /// None of these may be a key of it or of what it stands in: a task that is repeated calls nobody.
    #[serde(default)]
    pub without: Vec<Name>,
    /// How sure that is; high unless said otherwise.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// One key of each list must be there, units taken off.
    #[serde(default)]
    pub keys: Vec<Vec<Name>>,
    /// With one of these values, a product's or a URL's scheme, under a key for the product or the URL.
    #[serde(default)]
    pub values: Vec<Name>,
    /// Whether a concept of the section, other than its address, must be there besides.
    #[serde(default)]
    pub concept: bool,
}

/// A section: a map whose key is one of these phrases.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Section {
    /// The kind of resource it describes.
    pub kind: Name,
    /// The phrases, lower case, words apart: `vector db`.
    pub words: Vec<Name>,
    /// The role it gives its resource.
    #[serde(default)]
    pub role: Option<Name>,
    /// The product it gives its resource.
    #[serde(default)]
    pub product: Option<Name>,
    /// Kinds it can hang under, as `link`. Without any it stands for itself.
    #[serde(default)]
    pub within: Vec<Name>,
    /// Whether it also stands for itself, under a name that is not known: `payments: { retry: … }`.
    #[serde(default)]
    pub alone: bool,
    /// The link's name at the enclosing resource.
    #[serde(default)]
    pub link: Option<Name>,
    /// Whether the phrases may begin environment variables and flat keys: `DB_POOL_SIZE`.
    #[serde(default)]
    pub prefix: bool,
    /// Whether its phrases all name one thing: `DATABASE_URL` and `DB_POOL_SIZE` are of one client.
    #[serde(default)]
    pub one: bool,
    /// Whether a file of this name is such a section: `redis.yaml`.
    #[serde(default)]
    pub file: bool,
}

/// A key, or the rest of one behind a section's words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Concept {
    /// The kind it belongs to.
    pub kind: Name,
    /// The attribute it sets.
    pub attribute: Name,
    /// Phrases inside a section of the kind, unit words left out.
    pub words: Vec<Name>,
    /// Phrases that mean it in an enclosing resource, without a section of its own.
    #[serde(default)]
    pub inline: Vec<Name>,
    /// What is added to a number: 1 where retries become requests.
    #[serde(default)]
    pub plus: i64,
    /// What 0 means.
    #[serde(default)]
    pub zero: Option<Meaning>,
    /// What -1 means.
    #[serde(default)]
    pub negative: Option<Meaning>,
    /// What null means.
    #[serde(default)]
    pub empty: Option<Meaning>,
    /// Words of the value that stand for others: `exponential = true`.
    #[serde(default)]
    pub values: Vec<Translation>,
    /// What the words say besides, where no key says it.
    #[serde(default)]
    pub implies: Vec<Implication>,
    /// How sure the words are.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// Whether an embedded DSN under this key describes the same resource.
    #[serde(default)]
    pub dsn: bool,
    /// Whether it is too common a word to make a section count as closed.
    #[serde(default)]
    pub weak: bool,
    /// Whether a value that is none of `values` says something else, and nothing of this: `type: primary`.
    #[serde(default)]
    pub listed: bool,
}

/// A word of a value and what it stands for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// The word, lower case.
    pub word: Name,
    /// The attribute's value, as text.
    pub is: Name,
}

/// What a word says of another attribute.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Implication {
    /// The attribute.
    pub attribute: Name,
    /// Its value, as text.
    pub is: Name,
}
