//! Edits judged by readers that are not ours: random edits of every kind in every file, each read before and after by
//! readers of different descent, which must see the operation and nothing else. No comment is lost or made but those
//! that the operation says. Those of HCL, nginx's files and SQL are written in Python: `scripts/edit-readers` installs them.
//!
//! The files are the fixtures, those in `files`, and where they are those of `../shared/corpus`, of the YAML test suite
//! and of the folder that `TRUEUP_EDITS_FILES` names. A usual run takes a sample; `TRUEUP_EDITS=full` takes 40 edits per
//! operation and file, and 10 more each with CRLF, with a byte order mark and without the last line end (run it
//! optimised: `CARGO_PROFILE_DEV_OPT_LEVEL=2`). `TRUEUP_EDITS_SEED` draws others.

mod bytes;
mod drawing;
mod meaning;
#[path = "../support/readers.rs"]
mod readers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::{allowed, keeps_comments};
use drawing::{OPERATIONS, Random, draw, target};
use meaning::{Meant, done, entry, is_ambiguous, places};
use rayon::prelude::*;
use readers::{Reader, Tree};
use trueup::syntax::decode::decode;
use trueup::syntax::edit::{apply, splices, verify};
use trueup::syntax::{Format, LineFlavor, NodeId};

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
        Some("tf" | "tfvars") => Format::Hcl,
        Some("sql") => Format::Sql,
        Some("conf") if name.contains("odyssey") => Format::Odyssey,
        Some("conf") if path.to_string_lossy().contains("nginx") => Format::Nginx,
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
fn other_readers_see_the_operation_and_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = root.join("../shared/corpus");
    let (full, seed) = asked();
    if !corpus.exists() {
        println!("skipped: no files at {}; the fixtures are edited", corpus.display());
    }
    for (format, reader) in [("hcl", "python-hcl2"), ("nginx", "crossplane"), ("sql", "pglast")] {
        if !readers::python::has(format) {
            println!("skipped: no {reader} judges edits: scripts/edit-readers installs it");
        }
    }
    let mut paths = files(&root.join("fixtures"));
    paths.extend(files(&root.join("tests/edit_readers/files")));
    let of_corpus = files(&corpus);
    // a usual run takes every tenth of the small ones
    let small = |path: &PathBuf| path.metadata().is_ok_and(|metadata| metadata.len() < 20_000);
    match full {
        true => paths.extend(of_corpus),
        false => paths.extend(of_corpus.into_iter().filter(small).step_by(10)),
    }
    if let Some(folder) = std::env::var_os("TRUEUP_EDITS_FILES") {
        paths.extend(files(Path::new(&folder)));
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
