//! One finding's fix on its own: made or refused, and what readers that are not ours see of it.

use std::collections::BTreeSet;

use trueup::analysis::{Input, Known, Outcome, analyse};
use trueup::fix::{fix, repairs};
use trueup::model::{Finding, Location, Safety};
use trueup::syntax::decode::decode;
use trueup::syntax::{Document, Format, LineFlavor, NodeId, Span, parse};

use crate::readers::{self, Tree};

/// What came of it.
#[derive(Default)]
pub(crate) struct Alone {
    /// Whether it was made.
    pub(crate) made: bool,
    /// Why it was not.
    pub(crate) refused: Option<String>,
    /// How many readings of files before and after were compared.
    pub(crate) compared: usize,
    /// What must not be.
    pub(crate) wrong: Vec<String>,
}

/// Makes the fix of one finding, and no other.
pub(crate) fn alone(known: Known<'_>, inputs: &[Input], finding: &Finding) -> Alone {
    let mut out = Alone::default();
    let mut only = |outcome: &mut Outcome| outcome.findings.retain(|other| other.fingerprint == finding.fingerprint);
    let repairs = repairs(known, inputs, &mut only);
    let fixed = fix(known, inputs, Safety::Unsafe, &mut only);
    if fixed.applied.len() + fixed.refused.len() != 1 || repairs.len() != fixed.applied.len() {
        out.wrong.push("it is neither made nor refused once".into());
        return out;
    }
    out.refused = fixed.refused.first().map(|refused| refused.why.clone());
    out.made = out.refused.is_none();
    let mut after = inputs.to_vec();
    for change in &fixed.changes {
        let before = &inputs[change.file];
        let edits = repairs.iter().flat_map(|repair| &repair.edits);
        let mut edits: Vec<_> = edits.filter(|(place, _)| place.file as usize == change.file).collect();
        edits.sort_by_key(|(place, _)| place.start); // stable
        if spliced(&before.bytes, &edits) != change.bytes {
            out.wrong.push(format!("{} is changed elsewhere than declared", before.path));
        }
        out.wrong.extend(compare(before, &change.bytes, &edits, &mut out.compared));
        after[change.file].bytes = change.bytes.clone();
    }
    if out.made {
        let left = analyse(known, after.clone()).findings;
        if left.iter().any(|other| other.fingerprint == finding.fingerprint) {
            out.wrong.push("it is still found".into());
        }
        let mut same = |outcome: &mut Outcome| outcome.findings.retain(|other| other.rule == finding.rule);
        let again = fix(known, &after, Safety::Unsafe, &mut same);
        let other = |applied: &trueup::fix::Applied| applied.fingerprint != finding.fingerprint;
        if !again.applied.iter().all(other) {
            out.wrong.push("a second run makes it again".into());
        }
    }
    out
}

/// The bytes with the edits made.
fn spliced(bytes: &[u8], edits: &[&(Location, String)]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::new(), 0);
    for (place, text) in edits {
        out.extend_from_slice(&bytes[at..place.start as usize]);
        out.extend_from_slice(text.as_bytes());
        at = place.end as usize;
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

pub(crate) fn format_of(path: &str) -> Option<Format> {
    let name = path.rsplit('/').next()?;
    Some(match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("yaml" | "yml") => Format::Yaml,
        Some("json") => Format::Json,
        Some("toml") => Format::Toml,
        Some("properties") => Format::Line(LineFlavor::Properties),
        Some("env") => Format::Line(LineFlavor::Env),
        Some("conf") if name.contains("postgres") => Format::Line(LineFlavor::PostgresConf),
        Some("ini") if name.contains("pgbouncer") => Format::Line(LineFlavor::PgBouncer),
        _ => return None,
    })
}

/// Has the readers compare a file before and after: what they say against it.
fn compare(before: &Input, after: &[u8], edits: &[&(Location, String)], compared: &mut usize) -> Vec<String> {
    let (Some(format), Ok(old_text), Ok(new_text)) = (format_of(&before.path), decode(&before.bytes), decode(after))
    else {
        return Vec::new();
    };
    let declared = declared(&parse(old_text, format), &parse(new_text, format), edits);
    let mut complaints = Vec::new();
    for reader in readers::of(format).iter().filter(|reader| (reader.takes)(old_text) && (reader.takes)(new_text)) {
        let Some(old) = (reader.read)(old_text) else { continue };
        *compared += 1;
        let Some(new) = (reader.read)(new_text) else {
            complaints.push(format!("{} no longer reads {}", reader.name, before.path));
            continue;
        };
        let mut changed = Vec::new();
        changes(&Tree::List(old), &Tree::List(new), String::new(), &mut changed);
        if changed.is_empty() && !declared.is_empty() {
            complaints.push(format!("{} sees no change of {declared:?} in {}", reader.name, before.path));
        }
        for path in changed {
            if !declared.iter().any(|declared| holds(declared, &path) || holds(&path, declared)) {
                complaints.push(format!("{} sees {path} of {declared:?} change in {}", reader.name, before.path));
            }
        }
    }
    complaints
}

/// Whether a path is the other or one above it.
fn holds(above: &str, path: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The paths at which two trees differ; a list that has grown or shrunk is one.
fn changes(old: &Tree, new: &Tree, at: String, into: &mut Vec<String>) {
    let below = |key: &str| if at.is_empty() { key.to_lowercase() } else { format!("{at}.{}", key.to_lowercase()) };
    match (old, new) {
        (Tree::Map(old), Tree::Map(new)) => {
            for key in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
                let name = key.split_once(':').map_or(key.as_str(), |(_, name)| name);
                match (old.get(key), new.get(key)) {
                    (Some(old), Some(new)) => changes(old, new, below(name), into),
                    _ => into.push(below(name)),
                }
            }
        }
        (Tree::List(old), Tree::List(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                changes(old, new, below(&index.to_string()), into);
            }
        }
        (old, new) if old != new => into.push(at),
        _ => {}
    }
}

/// The paths of the values that edits touch: those that were where they cut, and those that are where they write.
fn declared(old: &Document, new: &Document, edits: &[&(Location, String)]) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let mut shift = 0;
    for (place, text) in edits {
        paths.extend(touched(old, place.start as usize, place.end as usize));
        let start = (place.start as usize).wrapping_add_signed(shift);
        let bare = text.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let kept = bare.trim_end_matches(|c: char| c.is_whitespace() || c == ',');
        let start_of = start + text.len() - bare.len();
        paths.extend(touched(new, start_of, start_of + kept.len()));
        shift += text.len() as isize - (place.end - place.start) as isize;
    }
    paths
}

/// The paths of the values without children whose entries share a byte with a span.
fn touched(document: &Document, start: usize, end: usize) -> Vec<String> {
    let shares = |span: Span| (span.start as usize) < end && start < span.end as usize;
    let keys: BTreeSet<u32> = document.nodes.iter().filter_map(|node| node.key).map(|key| key.0).collect();
    let ids = (0..document.nodes.len() as u32).filter(|id| !keys.contains(id)).map(NodeId);
    let leaves = ids.filter(|&id| document.node(id).first_child.is_none() && shares(document.node(id).entry));
    leaves.map(|id| path(document, id)).collect()
}

/// Document, keys and indexes down to a node.
fn path(document: &Document, id: NodeId) -> String {
    let mut parts = Vec::new();
    let mut at = id;
    while let Some(parent) = document.node(at).parent {
        let index = || document.children(parent).position(|child| child == at).unwrap_or_default().to_string();
        parts.push(document.key(at).map_or_else(index, str::to_lowercase));
        at = parent;
    }
    parts.push(document.node(at).document.to_string());
    parts.reverse();
    parts.join(".")
}
