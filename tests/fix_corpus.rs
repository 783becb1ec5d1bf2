//! Every fix of every finding in real files: the fixtures, and the repositories of `../shared/corpus` where they are.
//! Made all at once and one by one: the finding is gone, a second run changes nothing, and readers that are not ours see
//! no more changes than there are edits. Nothing is written to disk.

#[path = "support/readers.rs"]
mod readers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use readers::Tree;
use trueup::analysis::{Input, Outcome, analyse, judged};
use trueup::fix::{Fixed, fix, repairs};
use trueup::model::Safety;
use trueup::syntax::decode::decode;
use trueup::syntax::{Format, LineFlavor};
use trueup::workspace::Shipped;

#[derive(Default)]
struct Tally {
    findings: usize,
    offered: usize,
    mended: usize,
    together: usize,
    judged: usize,
    refused: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn with(mut self, other: Tally) -> Tally {
        self.findings += other.findings;
        self.offered += other.offered;
        self.mended += other.mended;
        self.together += other.together;
        self.judged += other.judged;
        for (why, count) in other.refused {
            *self.refused.entry(why).or_default() += count;
        }
        self.wrong.extend(other.wrong);
        self
    }
}

/// The files of a repository.
fn inputs(folder: &Path) -> Vec<Input> {
    let entries = walkdir::WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file());
    let input = |entry: walkdir::DirEntry| {
        let path = entry.path().strip_prefix(folder).ok()?.to_str()?.replace('\\', "/");
        Some(Input { path: path.as_str().into(), bytes: std::fs::read(entry.path()).ok()? })
    };
    files.filter_map(input).collect()
}

/// The inputs as they are after fixing.
fn after(inputs: &[Input], fixed: &Fixed) -> Vec<Input> {
    let mut inputs = inputs.to_vec();
    for change in &fixed.changes {
        inputs[change.file].bytes = change.bytes.clone();
    }
    inputs
}

fn format_of(path: &str) -> Option<Format> {
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

/// How many entries two trees differ in.
fn differences(old: &Tree, new: &Tree) -> usize {
    match (old, new) {
        (Tree::Map(old), Tree::Map(new)) => {
            let gone = old.keys().filter(|key| !new.contains_key(*key)).count();
            let come = new.keys().filter(|key| !old.contains_key(*key)).count();
            let changed = old.iter().filter_map(|(key, value)| Some(differences(value, new.get(key)?)));
            gone + come + changed.sum::<usize>()
        }
        (Tree::List(old), Tree::List(new)) => {
            let changed: usize = old.iter().zip(new).map(|(old, new)| differences(old, new)).sum();
            changed + old.len().abs_diff(new.len())
        }
        (old, new) => usize::from(old != new),
    }
}

/// Has the readers compare a file before and after; how many did, and what they say against it.
fn compare(before: &Input, after: &[u8], edits: usize) -> (usize, Option<String>) {
    let (Some(format), Ok(before_text), Ok(after_text)) =
        (format_of(&before.path), decode(&before.bytes), decode(after))
    else {
        return (0, None);
    };
    let mut count = 0;
    for reader in readers::of(format) {
        if !(reader.takes)(before_text) || !(reader.takes)(after_text) {
            continue;
        }
        let Some(old) = (reader.read)(before_text) else { continue };
        count += 1;
        let Some(new) = (reader.read)(after_text) else {
            return (count, Some(format!("{} no longer reads {}", reader.name, before.path)));
        };
        let found: usize = old.iter().zip(&new).map(|(old, new)| differences(old, new)).sum();
        // a renamed key is one gone and one come
        if old.len() != new.len() || found == 0 && edits > 0 || found > 2 * edits {
            return (count, Some(format!("{} sees {found} changes of {edits} edits in {}", reader.name, before.path)));
        }
    }
    (count, None)
}

/// All fixes of one repository, together and one by one.
fn all_of(shipped: &Shipped, name: &str, inputs: &[Input]) -> Tally {
    let mut tally = Tally::default();
    let known = shipped.known();
    let mut everything = |_: &mut Outcome| {};
    let found = judged(known, inputs.to_vec(), &everything).findings;
    tally.findings = found.len();
    let offered: Vec<_> =
        found.iter().filter(|finding| finding.fixes.iter().any(|fix| fix.safety >= Safety::Unsafe)).collect();
    tally.offered = offered.len();
    if offered.is_empty() {
        return tally;
    }
    let fixed = fix(known, inputs, Safety::Unsafe, &mut everything);
    tally.together = fixed.applied.len();
    let mended = after(inputs, &fixed);
    let again = fix(known, &mended, Safety::Unsafe, &mut everything);
    if !again.changes.is_empty() {
        tally.wrong.push(format!("{name}: a second run changes {} files", again.changes.len()));
    }
    let left = analyse(known, mended).findings;
    for one in &fixed.applied {
        if left.iter().any(|finding| finding.fingerprint == one.fingerprint) {
            tally.wrong.push(format!("{name}: {} is still found", one.rule));
        }
    }
    for finding in offered {
        let mut only = |outcome: &mut Outcome| {
            outcome.findings.retain(|other| other.fingerprint == finding.fingerprint);
        };
        let edits = repairs(known, inputs, &mut only);
        let fixed = fix(known, inputs, Safety::Unsafe, &mut only);
        for refused in &fixed.refused {
            *tally.refused.entry(format!("{}: {}", finding.rule, refused.why)).or_default() += 1;
        }
        tally.mended += fixed.applied.len();
        if fixed.applied.len() + fixed.refused.len() != 1 || edits.len() != fixed.applied.len() {
            tally.wrong.push(format!("{name}: {} is neither made nor refused once", finding.rule));
            continue;
        }
        for change in &fixed.changes {
            let count = edits.iter().flat_map(|repair| &repair.edits);
            let count = count.filter(|(place, _)| place.file as usize == change.file).count();
            let (judges, complaint) = compare(&inputs[change.file], &change.bytes, count);
            tally.judged += judges;
            tally.wrong.extend(complaint.map(|complaint| format!("{name}: {}: {complaint}", finding.rule)));
        }
    }
    tally
}

#[test]
fn every_fix_of_every_finding_mends_it_and_changes_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = root.join("../shared/corpus");
    if !corpus.exists() {
        println!("skipped: no files at {}; the fixtures are fixed", corpus.display());
    }
    let folders = |root: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
    };
    let shipped = Shipped::new();
    let all: Vec<PathBuf> = folders(&root.join("fixtures")).into_iter().chain(folders(&corpus)).collect();
    let each = |folder: &PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        all_of(&shipped, &name, &inputs(folder))
    };
    let tally = all.par_iter().map(each).reduce(Tally::default, Tally::with);
    println!(
        "{} repositories: {} findings, {} offer a fix; one by one {} are made, together {}; {} readings compared",
        all.len(),
        tally.findings,
        tally.offered,
        tally.mended,
        tally.together,
        tally.judged
    );
    for (why, count) in &tally.refused {
        println!("refused {count}: {why}");
    }
    assert!(tally.wrong.is_empty(), "{} wrong:\n{}", tally.wrong.len(), tally.wrong.join("\n"));
    assert!(tally.mended > 100, "too few were made");
}
