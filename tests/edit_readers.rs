//! Edits judged by readers that are not ours: random edits of every kind in every file, each read before and after by
//! two readers of different descent, which must see the operation and nothing else. No comment is lost or made but those
//! that the operation says.
//!
//! The files are the fixtures, those of `../shared/corpus` and the YAML test suite where they are. A usual run takes a
//! sample; `TRUEUP_EDITS=full` takes 40 edits per operation and file, and 10 more each with CRLF, with a byte order mark
//! and without the last line end (run it optimised: `CARGO_PROFILE_DEV_OPT_LEVEL=2`). `TRUEUP_EDITS_SEED` draws others.

#[path = "support/readers.rs"]
mod readers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use readers::{Reader, Tree};
use trueup::syntax::decode::decode;
use trueup::syntax::edit::{Edit, Splice, apply, spell, splices, verify};
use trueup::syntax::{Document, Format, LineFlavor, NodeId, NodeKind, ScalarType, Span, Style};

/// What an edit is meant to do, in the readers' terms.
#[derive(Debug, Clone)]
enum Meant {
    Set(Tree),
    /// Of the text of a scalar, the bytes of the range.
    Part(Span, String),
    Add(Vec<String>, Tree),
    Push(Tree),
    Remove,
    Rename(String),
    Nothing,
}

/// A step from a collection to what it holds.
#[derive(Debug, Clone)]
enum Step {
    Key(String),
    Item(usize),
}

const OPERATIONS: [&str; 9] = ["replace", "part", "entry", "path", "item", "delete", "rename", "comment", "trim"];

/// New values: what is meant, and its type.
const VALUES: [(&str, ScalarType); 9] = [
    ("zz9", ScalarType::Text),
    ("77", ScalarType::Integer),
    ("true", ScalarType::Bool),
    ("77", ScalarType::Text),
    ("a b", ScalarType::Text),
    ("yes", ScalarType::Text),
    ("it's", ScalarType::Text),
    ("x: y #z", ScalarType::Text),
    ("-", ScalarType::Text),
];

/// A small generator: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn of(name: &str, seed: u64) -> Random {
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Random(hash | 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

/// Counts, by what they are of.
#[derive(Default)]
struct Tally {
    counts: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn count(&mut self, of: impl Into<String>) {
        *self.counts.entry(of.into()).or_default() += 1;
    }

    fn with(mut self, other: Tally) -> Tally {
        for (of, count) in other.counts {
            *self.counts.entry(of).or_default() += count;
        }
        self.wrong.extend(other.wrong);
        self
    }

    fn of(&self, start: &str) -> usize {
        self.counts.iter().filter(|(of, _)| of.starts_with(start)).map(|(_, count)| count).sum()
    }
}

/// Where a node stands, from its document down; several times where aliases lead to it.
fn places(document: &Document, node: NodeId, depth: usize) -> Option<Vec<Vec<Step>>> {
    if depth > 60 {
        return None;
    }
    let mut found = match document.node(node).parent {
        None => vec![Vec::new()],
        Some(parent) => {
            let step = match document.key(node) {
                Some(key) => Step::Key(key.to_owned()),
                None => Step::Item(document.children(parent).position(|child| child == node)?),
            };
            let mut above = places(document, parent, depth + 1)?;
            above.iter_mut().for_each(|place| place.push(step.clone()));
            above
        }
    };
    for (index, other) in document.nodes.iter().enumerate() {
        if other.kind == NodeKind::Alias && other.target == Some(node) {
            found.extend(places(document, NodeId(index as u32), depth + 1)?);
        }
    }
    (found.len() < 100).then_some(found)
}

/// Where an entry or item itself stands.
fn entry(document: &Document, node: NodeId) -> Option<Vec<Vec<Step>>> {
    let parent = document.node(node).parent?;
    let step = match document.key(node) {
        Some(key) => Step::Key(key.to_owned()),
        None => Step::Item(document.children(parent).position(|child| child == node)?),
    };
    let mut above = places(document, parent, 0)?;
    above.iter_mut().for_each(|place| place.push(step.clone()));
    Some(above)
}

/// What stands at a place.
fn at<'t>(tree: &'t mut Tree, place: &[Step]) -> Option<&'t mut Tree> {
    place.iter().try_fold(tree, |tree, step| match (tree, step) {
        (Tree::Map(map), Step::Key(key)) => map.get_mut(key),
        (Tree::List(items), Step::Item(index)) => items.get_mut(*index),
        _ => None,
    })
}

/// What a document must say after an operation at `place`; `None` where the reader sees no such place.
fn done(tree: &mut Tree, place: &[Step], meant: &Meant, old: &str) -> Option<()> {
    match meant {
        Meant::Nothing => {}
        Meant::Set(value) => {
            let there = at(tree, place)?;
            // what it reads otherwise than we do is a matter of other tests
            if matches!(&*there, Tree::Leaf(leaf) if leaf.starts_with("s:") && !leaf.contains(readers::TAGGED) && *leaf != format!("s:{old}"))
            {
                return None;
            }
            // a tag of the user's stays
            let tag = match (&*there, value) {
                (Tree::Leaf(old), Tree::Leaf(new)) => {
                    old.find(readers::TAGGED).map(|at| Tree::Leaf(new.clone() + &old[at..]))
                }
                _ => None,
            };
            *there = tag.unwrap_or_else(|| value.clone());
        }
        Meant::Part(range, text) => {
            let leaf = at(tree, place)?;
            if *leaf != readers::text(old) {
                return None;
            }
            let (start, end) = (range.start as usize, range.end as usize);
            *leaf = readers::text(format!("{}{text}{}", &old[..start], &old[end..]));
        }
        Meant::Add(keys, value) => {
            let mut value = value.clone();
            for key in keys.iter().skip(1).rev() {
                value = Tree::Map([(key.clone(), value)].into());
            }
            let map = at(tree, place)?;
            if *map == Tree::Leaf("n:".into()) {
                *map = Tree::Map(BTreeMap::new());
            }
            let Tree::Map(map) = map else { return None };
            map.insert(keys[0].clone(), value);
        }
        Meant::Push(value) => {
            let Tree::List(items) = at(tree, place)? else { return None };
            items.push(value.clone());
        }
        Meant::Remove => {
            let (last, above) = place.split_last()?;
            match (at(tree, above)?, last) {
                (Tree::Map(map), Step::Key(key)) => drop(map.remove(key)?),
                (Tree::List(items), Step::Item(index)) => drop((*index < items.len()).then(|| items.remove(*index))?),
                _ => return None,
            }
        }
        Meant::Rename(new) => {
            let (last, above) = place.split_last()?;
            let (Tree::Map(map), Step::Key(key)) = (at(tree, above)?, last) else { return None };
            let value = map.remove(key)?;
            map.insert(new.clone(), value);
        }
    }
    Some(())
}

/// Whether a key of the place stands twice in its map.
fn is_ambiguous(document: &Document, node: NodeId) -> bool {
    std::iter::successors(Some(node), |&node| document.node(node).parent).any(|node| {
        let (Some(parent), Some(key)) = (document.node(node).parent, document.key(node)) else { return false };
        document.children(parent).filter(|&other| document.key(other) == Some(key)).count() > 1
    })
}

/// What an edit may touch beside inserting.
fn allowed(document: &Document, edit: &Edit, splice: &Splice) -> bool {
    let text = &*document.text;
    let removed = splice.span.slice(text);
    let within = |span: Span| span.start <= splice.span.start && splice.span.end <= span.end;
    match edit {
        Edit::Replace { node, .. } | Edit::Within { node, .. } => within(document.node(*node).entry),
        Edit::InsertEntry { .. } | Edit::InsertPath { .. } | Edit::InsertItem { .. } => removed.trim().is_empty(),
        Edit::Rename { node, .. } => document.node(*node).key.is_some_and(|key| within(document.node(key).content)),
        Edit::TrimComment { part, .. } => within(*part),
        Edit::RemoveComment { comment } => removed.trim() == document.comments[*comment].span.slice(text).trim(),
        Edit::Delete { node } => {
            // its lines, and the comment behind it
            let entry = document.node(*node).entry;
            let (start, end) = (entry.start as usize, entry.end as usize);
            let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
            let last = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
            let before = text[..start].trim_end().trim_end_matches(',').trim_end().len().min(first);
            // in a flow collection also the comma behind it, and what blanks follow
            let behind = text[end..].trim_start();
            let comma = text.len() - behind.strip_prefix(',').unwrap_or(behind).trim_start().len();
            let after = (text.len() - text[last..].trim_start().len()).max(comma);
            splice.span.start as usize >= before && splice.span.end as usize <= after
        }
    }
}

/// Whether all comments are there after an edit but those it says, and no others.
fn keeps_comments(old: &Document, new: &Document, edit: &Edit) -> bool {
    let (mut stay, mut may_go) = (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    for (index, comment) in old.comments.iter().enumerate() {
        let mut text = comment.span.slice(&old.text).to_owned();
        let goes = match edit {
            Edit::RemoveComment { comment } => *comment == index,
            // those within, and what is behind it on its last line
            Edit::Delete { node } => {
                let entry = old.node(*node).entry;
                let rest = &old.text[entry.end as usize..];
                let end = entry.end as usize + rest.find(['\n', '\r']).unwrap_or(rest.len());
                entry.start <= comment.span.start && (comment.span.start as usize) < end
            }
            Edit::TrimComment { comment: trimmed, part } if *trimmed == index => {
                let at = |byte: u32| (byte - comment.span.start) as usize;
                text.replace_range(at(part.start)..at(part.end), "");
                false
            }
            _ => false,
        };
        *if goes { &mut may_go } else { &mut stay }.entry(text).or_default() += 1;
    }
    let take = |from: &mut BTreeMap<String, usize>, text: &str| match from.get_mut(text) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    };
    let known = new.comments.iter().all(|comment| {
        let text = comment.span.slice(&new.text);
        take(&mut stay, text) || !matches!(edit, Edit::RemoveComment { .. }) && take(&mut may_go, text)
    });
    known && stay.values().all(|&count| count == 0)
}

/// One drawn edit of an operation, and what it is meant to do.
fn draw(document: &Document, operation: &str, nodes: &[NodeId], random: &mut Random) -> Option<(Edit, Meant)> {
    let fitting = |node: &&NodeId| {
        let found = document.node(**node);
        match operation {
            "replace" | "part" => found.kind == NodeKind::Scalar,
            "entry" | "path" => {
                found.kind == NodeKind::Map || found.kind == NodeKind::Scalar && found.content.is_empty()
            }
            "item" => found.kind == NodeKind::Seq,
            "rename" => found.key.is_some(),
            _ => true,
        }
    };
    let is_line = matches!(document.format, Format::Line(_));
    let (value, scalar) = VALUES[random.below(VALUES.len())];
    let scalar = if is_line { ScalarType::Text } else { scalar };
    let leaf = match scalar {
        ScalarType::Integer => Tree::Leaf(format!("i:{value}")),
        ScalarType::Bool => Tree::Leaf(format!("b:{value}")),
        _ => readers::text(value),
    };
    if operation == "comment" {
        let count = document.comments.len();
        return (count > 0).then(|| (Edit::RemoveComment { comment: random.below(count) }, Meant::Nothing));
    }
    if operation == "trim" {
        let comment = random.below(document.comments.len());
        let span = document.comments.get(comment)?.span;
        let text = span.slice(&document.text);
        let edges: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
        let (a, b) = (edges[random.below(edges.len())], edges[random.below(edges.len())]);
        let start = span.start as usize;
        let part = Span::new(start + a.min(b), start + a.max(b));
        return Some((Edit::TrimComment { comment, part }, Meant::Nothing));
    }
    let fitting: Vec<NodeId> = nodes.iter().filter(fitting).copied().collect();
    let node = *fitting.get(random.below(fitting.len()))?;
    let spelled = |style: Style| spell(document.format, style, value, scalar);
    Some(match operation {
        "replace" => {
            let text = spelled(document.node(node).style);
            (Edit::Replace { node, text }, Meant::Set(leaf))
        }
        "part" => {
            let text = document.scalar(node);
            let edges: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
            let (a, b) = (edges[random.below(edges.len())], edges[random.below(edges.len())]);
            let range = Span::new(a.min(b), a.max(b));
            let new = ["zz", "=5", " -c k=v"][random.below(3)].to_owned();
            (Edit::Within { node, range, text: new.clone() }, Meant::Part(range, new))
        }
        "entry" => {
            let dotted = !matches!(document.format, Format::Line(LineFlavor::Env));
            let key = ["zzk", "zz-k.l"][random.below(1 + usize::from(dotted))].to_owned();
            (
                Edit::InsertEntry { map: node, key: key.clone(), value: spelled(Style::Plain) },
                Meant::Add(vec![key], leaf),
            )
        }
        "path" => {
            let keys = vec!["zzk".to_owned(), "inner".to_owned(), "k".to_owned()];
            (Edit::InsertPath { map: node, keys: keys.clone(), value: spelled(Style::Plain) }, Meant::Add(keys, leaf))
        }
        "item" => (Edit::InsertItem { seq: node, value: spelled(Style::Plain) }, Meant::Push(leaf)),
        "delete" => (Edit::Delete { node }, Meant::Remove),
        _ => (Edit::Rename { node, key: "zzk".to_owned() }, Meant::Rename("zzk".to_owned())),
    })
}

/// The node of an edit.
fn target(edit: &Edit) -> Option<NodeId> {
    match edit {
        Edit::Replace { node, .. } | Edit::Within { node, .. } | Edit::Delete { node } | Edit::Rename { node, .. } => {
            Some(*node)
        }
        Edit::InsertEntry { map, .. } | Edit::InsertPath { map, .. } => Some(*map),
        Edit::InsertItem { seq, .. } => Some(*seq),
        Edit::RemoveComment { .. } | Edit::TrimComment { .. } => None,
    }
}

/// Draws `count` edits of each operation in a text, and has those that pass the gate judged.
fn try_text(name: &str, variant: &str, format: Format, text: &str, (count, seed): (usize, u64)) -> Tally {
    let mut tally = Tally::default();
    let document = trueup::syntax::parse(text, format);
    if !document.errors.is_empty() || document.template.is_some() {
        tally.count("files that are not edited");
        return tally;
    }
    let judges: Vec<(&Reader, Vec<Tree>)> =
        readers::of(format).iter().filter_map(|reader| Some((reader, known(reader, text)??))).collect();
    let keys: std::collections::HashSet<NodeId> = document.nodes.iter().filter_map(|node| node.key).collect();
    let nodes: Vec<NodeId> = (0..document.nodes.len() as u32).map(NodeId).filter(|id| !keys.contains(id)).collect();
    let mut random = Random::of(&format!("{name} {variant}"), seed);
    tally.count("files");
    for operation in OPERATIONS {
        for _ in 0..count {
            let Some((edit, meant)) = draw(&document, operation, &nodes, &mut random) else { break };
            let edits = [edit];
            let splices = match splices(&document, &edits) {
                Ok(splices) => splices,
                Err(refusal) => {
                    tally.count(format!("refused: {refusal}"));
                    continue;
                }
            };
            let new = apply(text, &splices);
            if let Err(error) = verify(&document, &new, &edits) {
                let error = error.to_string();
                tally.count(format!("stopped by the gate: {}", error.split(':').next().unwrap_or_default()));
                continue;
            }
            let [edit] = &edits;
            tally.count(format!("accepted: {operation}"));
            tally.count(format!("format: {format:?}"));
            tally.count(format!("variant: {variant}"));
            let complaint = |by: &str, what: &str| {
                format!("{name} ({variant}), {operation}, {by}: {what}\n  {edit:?}\n  {splices:?}")
            };
            if !splices.iter().all(|splice| allowed(&document, edit, splice)) {
                tally.wrong.push(complaint("the text", "more is removed than the edit says"));
            }
            if !keeps_comments(&document, &trueup::syntax::parse(&new, format), edit) {
                tally.wrong.push(complaint("the comments", "others are lost or made than the edit says"));
            }
            let node = target(edit);
            let places = match node {
                Some(node) if is_ambiguous(&document, node) => None,
                // what an alias leads to has keys of its own
                Some(node) if matches!(meant, Meant::Remove | Meant::Rename(_)) => entry(&document, node),
                Some(node) => places(&document, node, 0),
                None => Some(Vec::new()),
            };
            let Some(places) = places else {
                tally.count("a key stands twice there");
                continue;
            };
            let (number, old) =
                node.map_or((0, ""), |node| (document.node(node).document as usize, document.scalar(node)));
            for (reader, before) in &judges {
                let mut expected = before.clone();
                let seen = places
                    .iter()
                    .all(|place| expected.get_mut(number).is_some_and(|tree| done(tree, place, &meant, old).is_some()));
                let after = known(reader, &new).filter(|_| seen);
                tally.count(format!("{}: {}", if after.is_some() { "judged" } else { "not judged" }, reader.name));
                let what = match after {
                    Some(Some(after)) if after != expected => "differs by more",
                    Some(None) => "is no longer read",
                    _ => continue,
                };
                tally.wrong.push(complaint(reader.name, what));
            }
        }
    }
    tally
}

/// What a reader makes of a text, if it takes it.
fn known(reader: &Reader, text: &str) -> Option<Option<Vec<Tree>>> {
    (reader.takes)(text).then(|| (reader.read)(text))
}

fn format_of(path: &Path) -> Option<Format> {
    let name = path.file_name()?.to_str()?;
    Some(match path.extension().and_then(|extension| extension.to_str()) {
        Some("yaml" | "yml") => Format::Yaml,
        Some("json") => Format::Json,
        Some("toml") => Format::Toml,
        Some("properties") => Format::Line(LineFlavor::Properties),
        Some("env") => Format::Line(LineFlavor::Env),
        _ if name.starts_with(".env") => Format::Line(LineFlavor::Env),
        Some("conf") if name.contains("postgres") => Format::Line(LineFlavor::PostgresConf),
        Some("ini") if name.contains("pgbouncer") => Format::Line(LineFlavor::PgBouncer),
        Some("ini" | "cfg") => Format::Line(LineFlavor::Ini),
        _ => return None,
    })
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).follow_links(true).sort_by_file_name();
    entries
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect()
}

/// Whether a full run is asked for, and the seed.
fn asked() -> (bool, u64) {
    let full = std::env::var("TRUEUP_EDITS").is_ok_and(|value| value == "full");
    (full, std::env::var("TRUEUP_EDITS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1))
}

#[test]
fn two_readers_see_the_operation_and_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = root.join("../shared/corpus");
    let (full, seed) = asked();
    if !corpus.exists() {
        println!("skipped: no files at {}; the fixtures are edited", corpus.display());
    }
    let mut paths = files(&root.join("fixtures"));
    let of_corpus = files(&corpus);
    // a usual run takes every tenth of the small ones
    let small = |path: &PathBuf| path.metadata().is_ok_and(|metadata| metadata.len() < 20_000);
    match full {
        true => paths.extend(of_corpus),
        false => paths.extend(of_corpus.into_iter().filter(small).step_by(10)),
    }
    let (count, varied) = if full { (40, 10) } else { (3, 1) };
    let each = |path: &PathBuf| {
        let Some(format) = format_of(path) else { return Tally::default() };
        let Ok(bytes) = std::fs::read(path) else { return Tally::default() };
        let Ok(text) = decode(&bytes) else { return Tally::default() };
        let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
        let plain = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let variants = [
            ("as it is", text.to_owned(), count),
            ("with CRLF", plain.replace('\n', "\r\n"), varied),
            ("with a mark", format!("\u{feff}{plain}"), varied),
            ("without last end", plain.trim_end_matches('\n').to_owned(), varied),
        ];
        let tried =
            variants.iter().map(|(variant, text, count)| try_text(&name, variant, format, text, (*count, seed)));
        tried.fold(Tally::default(), Tally::with)
    };
    report(paths.par_iter().map(each).reduce(Tally::default, Tally::with), if full { 150_000 } else { 500 });
}

#[test]
fn also_in_the_cases_of_the_yaml_test_suite() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/yaml-test-suite");
    if !folder.exists() {
        println!("skipped: no files at {}", folder.display());
        return;
    }
    let (full, seed) = asked();
    let texts: Vec<(String, String)> = files(&folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .flat_map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let cases: Vec<serde_yaml::Value> = std::fs::read_to_string(&path)
                .ok()
                .and_then(|text| serde_yaml::from_str(&text).ok())
                .unwrap_or_default();
            let texts = cases.into_iter().filter_map(|case| case.get("yaml")?.as_str().map(unescape));
            texts.map(move |text| (name.clone(), text)).collect::<Vec<_>>()
        })
        .collect();
    let count = if full { 40 } else { 5 };
    let each = |(name, text): &(String, String)| try_text(name, "suite", Format::Yaml, text, (count, seed));
    report(texts.par_iter().map(each).reduce(Tally::default, Tally::with), 100);
}

/// Marks of the suite's own files for characters that do not survive in a block scalar.
fn unescape(text: &str) -> String {
    let text = text.replace('␣', " ").replace('←', "\r").replace('⇔', "\u{feff}").replace('↵', "");
    let text: String = text.chars().filter(|&c| c != '—').collect();
    text.replace('»', "\t").strip_suffix("∎\n").map_or_else(|| text.replace('»', "\t"), str::to_owned)
}

fn report(tally: Tally, least: usize) {
    for (of, count) in &tally.counts {
        println!("{of}: {count}");
    }
    println!("accepted in all: {}, wrong: {}", tally.of("accepted: "), tally.wrong.len());
    let shown: Vec<&str> = tally.wrong.iter().take(20).map(String::as_str).collect();
    assert!(tally.wrong.is_empty(), "{} wrong:\n{}", tally.wrong.len(), shown.join("\n"));
    assert!(tally.of("accepted: ") >= least, "too few edits were accepted");
}
