//! Changes to a [`Document`] as splices of its bytes: what is not named stays as it is, byte for byte.
//!
//! Edits name nodes; [`splices`] turns them into text at places or refuses; [`apply`] writes; [`verify`] reads the
//! result again and compares it with what was meant, and nothing may be written to a file that it does not pass.
//!
//! ```
//! use trueup::syntax::edit::{Edit, apply, splices, verify};
//! use trueup::syntax::yaml;
//! let document = yaml::parse("pool:\n  max: 10 # enough\n");
//! let max = document.lookup(document.roots[0], &["pool", "max"]).unwrap();
//! let edits = [Edit::Replace { node: max, text: "20".to_owned() }];
//! let text = apply(&document.text, &splices(&document, &edits).unwrap());
//! assert_eq!(text, "pool:\n  max: 20 # enough\n");
//! assert_eq!(verify(&document, &text, &edits), Ok(()));
//! ```

mod comment;
mod delete;
mod gate;
mod hcl;
mod insert;
mod line;
mod lines;
mod rename;
mod replace;
mod spell;
mod within;

use std::fmt;

pub use gate::{GateError, verify};
pub use spell::{spell, spell_key};

use super::Format;
use super::document::{Document, NodeId};
use super::span::Span;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Another text for a scalar; its anchor, tag and comment stay.
    Replace {
        /// The scalar.
        node: NodeId,
        /// The new value, spelled as the format wants it (see [`spell`]).
        text: String,
    },
    /// Another text for a part of a scalar: of a data source name, a command line, a whole file in a block scalar.
    Within {
        /// The scalar.
        node: NodeId,
        /// The part, as bytes of the scalar's decoded text.
        range: Span,
        /// What stands there then, as the scalar is to be read.
        text: String,
    },
    /// A new entry behind the last one of a map.
    InsertEntry {
        /// The map.
        map: NodeId,
        /// The key, not yet spelled.
        key: String,
        /// The value, spelled as the format wants it; a block of YAML begins with its line break, and is indented as it is
        /// to stand there.
        value: String,
    },
    /// A new entry with maps around it, for a value whose parents are missing: `limits: {memory: 1Gi}`.
    InsertPath {
        /// The map.
        map: NodeId,
        /// The keys from the outside in, not yet spelled; at least one.
        keys: Vec<String>,
        /// The value, spelled as the format wants it.
        value: String,
    },
    /// A new item behind the last one of a sequence.
    InsertItem {
        /// The sequence.
        seq: NodeId,
        /// The item, spelled as the format wants it.
        value: String,
    },
    /// An entry or item less, with the comment on its line.
    Delete {
        /// The entry's value, or the item.
        node: NodeId,
    },
    /// Another key for an entry.
    Rename {
        /// The entry's value.
        node: NodeId,
        /// The new key, not yet spelled.
        key: String,
    },
    /// A part of a comment less.
    TrimComment {
        /// The comment, by its place in [`Document::comments`].
        comment: usize,
        /// The part, as bytes of the document.
        part: Span,
    },
    /// A comment less, and its line where it has one to itself.
    RemoveComment {
        /// The comment, by its place in [`Document::comments`].
        comment: usize,
    },
}

/// New text for a range of the old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// What is replaced; empty where text is inserted.
    pub span: Span,
    /// What stands there then.
    pub text: String,
}

impl Splice {
    fn insert(at: usize, text: impl Into<String>) -> Self {
        Splice { span: Span::at(at), text: text.into() }
    }

    fn remove(start: usize, end: usize) -> Self {
        Splice { span: Span::new(start, end), text: String::new() }
    }
}

/// Why an edit is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Edits of this format are not known.
    Format,
    /// The text does not follow its format, so its tree is not to be trusted.
    Broken,
    /// Tabs indent a line of YAML, which readers take differently.
    Tabs,
    /// The text is a template.
    Template,
    /// The value is an alias: it is written elsewhere.
    Alias,
    /// An alias elsewhere refers to what would be deleted.
    Anchored,
    /// A block scalar.
    BlockScalar,
    /// A tag says what type the value has, and the new one has another.
    Tag,
    /// A scalar is needed here, or a map.
    Kind,
    /// There is no place for a value or an entry here.
    NoPlace,
    /// The map has this key already.
    KeyExists,
    /// The last entry of its collection.
    OnlyEntry,
    /// A comment stands where it would be lost or change its owner.
    Comment,
    /// The value is spelled in a way that cannot be changed in part: folded, or with escapes.
    Spelling,
    /// Two edits touch the same bytes.
    Overlap,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Format => "files of this format are not edited",
            Refusal::Broken => "the file has syntax errors",
            Refusal::Tabs => "a line is indented by tabs, which readers take differently",
            Refusal::Template => "the file is a template",
            Refusal::Alias => "the value is an alias of one written elsewhere",
            Refusal::Anchored => "an alias elsewhere refers to it",
            Refusal::BlockScalar => "the value is a block scalar",
            Refusal::Tag => "a tag says that the value is of another type",
            Refusal::Kind => "not the kind of value that this changes",
            Refusal::NoPlace => "there is no place to write it",
            Refusal::KeyExists => "the key is already there",
            Refusal::OnlyEntry => "it is the only entry",
            Refusal::Comment => "a comment would be lost",
            Refusal::Spelling => "the value is folded or escaped",
            Refusal::Overlap => "another edit touches the same place",
        })
    }
}

impl std::error::Error for Refusal {}

/// The splices that make `edits`, in order and apart.
pub fn splices(document: &Document, edits: &[Edit]) -> Result<Vec<Splice>, Refusal> {
    if matches!(document.format, Format::CommandLine | Format::Dsn) {
        return Err(Refusal::Format);
    }
    if document.template.is_some() {
        return Err(Refusal::Template);
    }
    if !document.errors.is_empty() {
        return Err(Refusal::Broken);
    }
    if lines::indented_by_tabs(document) {
        return Err(Refusal::Tabs);
    }
    if writes_one_key_twice(document, edits) {
        return Err(Refusal::Overlap);
    }
    let mut all = Vec::new();
    for edit in edits {
        match edit {
            // statements keep their form: only values change
            Edit::Within { .. }
            | Edit::InsertEntry { .. }
            | Edit::InsertPath { .. }
            | Edit::InsertItem { .. }
            | Edit::Delete { .. }
            | Edit::Rename { .. }
                if matches!(
                    document.format,
                    Format::Sql | Format::Nginx | Format::Odyssey | Format::Haproxy | Format::Caddyfile
                ) =>
            {
                return Err(Refusal::NoPlace);
            }
            // so do the words of a command
            Edit::InsertEntry { .. }
            | Edit::InsertPath { .. }
            | Edit::InsertItem { .. }
            | Edit::Delete { .. }
            | Edit::Rename { .. }
                if matches!(document.format, Format::Shell | Format::Dockerfile | Format::Systemd) =>
            {
                return Err(Refusal::NoPlace);
            }
            Edit::Within { .. } | Edit::InsertItem { .. } | Edit::Delete { .. } | Edit::Rename { .. }
                if document.format == Format::Hcl =>
            {
                return Err(Refusal::NoPlace);
            }
            Edit::Replace { node, text } => all.push(replace::splice(document, *node, text)?),
            Edit::Within { node, range, text } => all.push(within::splice(document, *node, *range, text)?),
            Edit::InsertEntry { map, key, value } => {
                all.extend(insert::entry(document, *map, std::slice::from_ref(key), value)?);
            }
            Edit::InsertPath { map, keys, value } => all.extend(insert::entry(document, *map, keys, value)?),
            Edit::InsertItem { seq, value } => all.extend(insert::item(document, *seq, value)?),
            Edit::Delete { node } => all.push(delete::splice(document, *node)?),
            Edit::Rename { node, key } => all.push(rename::splice(document, *node, key)?),
            Edit::TrimComment { comment, part } => all.push(comment::trim(document, *comment, *part)?),
            Edit::RemoveComment { comment } => all.push(comment::splice(document, *comment)?),
        }
    }
    all.sort_by_key(|splice| (splice.span.start, splice.span.end));
    if all.windows(2).any(|pair| pair[0].span.end > pair[1].span.start) {
        return Err(Refusal::Overlap);
    }
    Ok(all)
}

/// Whether two edits write the same key into one map: two sections of one name where there must be one, or two old keys
/// that both have the same successor.
fn writes_one_key_twice(document: &Document, edits: &[Edit]) -> bool {
    let new = |edit: &Edit| match edit {
        Edit::InsertEntry { map, key, .. } => Some((*map, key.clone())),
        Edit::InsertPath { map, keys, .. } => Some((*map, keys.first()?.clone())),
        Edit::Rename { node, key } => Some((document.node(*node).parent?, key.clone())),
        _ => None,
    };
    let mut seen = std::collections::HashSet::new();
    !edits.iter().filter_map(new).all(|key| seen.insert(key))
}

/// `text` with `splices` made, which come in order and apart, as from [`splices`].
pub fn apply(text: &str, splices: &[Splice]) -> String {
    let mut result = String::with_capacity(text.len() + splices.iter().map(|splice| splice.text.len()).sum::<usize>());
    let mut done = 0;
    for splice in splices {
        result.push_str(text.get(done..splice.span.start as usize).unwrap_or(""));
        result.push_str(&splice.text);
        done = splice.span.end as usize;
    }
    result.push_str(text.get(done..).unwrap_or(""));
    result
}
