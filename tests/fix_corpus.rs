//! Every fix of every finding in real files: the fixtures, and the repositories of `../shared/corpus` where they are.
//! Made all at once and one by one: the finding is gone, a second run changes nothing, and readers that are not ours see
//! changes only where an edit is. Nothing is written to disk.

#[path = "support/folders.rs"]
mod folders;
#[path = "support/mended.rs"]
mod mended;
#[path = "support/readers.rs"]
mod readers;

use std::collections::BTreeMap;
use std::path::PathBuf;

use folders::{inputs, repositories};
use mended::alone;
use rayon::prelude::*;
use trueup::analysis::{Input, Outcome, analyse, judged};
use trueup::fix::{Fixed, fix};
use trueup::model::Safety;
use trueup::workspace::Shipped;

#[derive(Default)]
struct Tally {
    findings: usize,
    offered: usize,
    mended: usize,
    together: usize,
    compared: usize,
    refused: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn with(mut self, other: Tally) -> Tally {
        self.findings += other.findings;
        self.offered += other.offered;
        self.mended += other.mended;
        self.together += other.together;
        self.compared += other.compared;
        for (why, count) in other.refused {
            *self.refused.entry(why).or_default() += count;
        }
        self.wrong.extend(other.wrong);
        self
    }
}

/// The inputs as they are after fixing.
fn after(inputs: &[Input], fixed: &Fixed) -> Vec<Input> {
    let mut inputs = inputs.to_vec();
    for change in &fixed.changes {
        inputs[change.file].bytes = change.bytes.clone();
    }
    inputs
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
        let one = alone(known, inputs, finding);
        tally.mended += usize::from(one.made);
        tally.compared += one.compared;
        if let Some(why) = one.refused {
            *tally.refused.entry(format!("{}: {why}", finding.rule)).or_default() += 1;
        }
        let file = &inputs[finding.primary.file as usize].path;
        tally.wrong.extend(one.wrong.iter().map(|wrong| format!("{name}: {file}: {}: {wrong}", finding.rule)));
    }
    tally
}

#[test]
fn every_fix_of_every_finding_mends_it_and_changes_nothing_else() {
    let shipped = Shipped::new();
    let all = repositories();
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
        tally.compared
    );
    for (why, count) in &tally.refused {
        println!("refused {count}: {why}");
    }
    assert!(tally.wrong.is_empty(), "{} wrong:\n{}", tally.wrong.len(), tally.wrong.join("\n"));
    assert!(tally.mended > 100, "too few were made");
}
