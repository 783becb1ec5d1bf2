//! Findings into new bytes: the fixes on offer, applied until nothing changes, each proven before it counts.
//!
//! ```text
//! judge → choose fixes → edits of each file → gate of `syntax` → judge again → better? keep : halve and try again
//! ```
//!
//! A pass takes every fix whose edits are apart; those that touch the same bytes wait for the next. Its texts are judged
//! as a whole: each finding that was to be mended must be gone, and nothing that could already be judged may be found
//! anew. A pass that fails is halved until the culprit is alone; it is dropped, keeps its finding, and says why.
//! Nothing is written here: what comes out are bytes, for `workspace` to write or to show.

mod pass;
mod rewritten;
mod settings;
mod shared;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::analysis::{self, Choice, Input, Judged, Known, Outcome};
use crate::model::{Finding, FixOffer, Location, Safety};
use crate::syntax::decode;
use pass::Pass;
pub use rewritten::rewritten;
pub use settings::{Beside, Patched, settings};

/// How many texts of all files are judged at most.
const ATTEMPTS: usize = 200;

/// What came of fixing.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The files that change, by their index among the inputs, in order.
    pub changes: Vec<Change>,
    /// The fixes that were made, in the order in which they were made.
    pub applied: Vec<Applied>,
    /// The fixes on offer that were not made.
    pub refused: Vec<Refused>,
}

/// One file's new text.
#[derive(Debug)]
pub struct Change {
    /// Its index among the inputs.
    pub file: usize,
    /// The new bytes.
    pub bytes: Vec<u8>,
    /// The old text as it may be printed.
    pub before: String,
    /// The new text as it may be printed.
    pub after: String,
    /// The files that change with it: all of them are written, or none.
    pub with: Vec<usize>,
}

/// A fix that was made.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The rule.
    pub rule: Arc<str>,
    /// What it did.
    pub title: String,
    /// The file of the finding, by its index among the inputs.
    pub file: usize,
    /// The finding.
    pub fingerprint: String,
    /// The files that it edited, by their index among the inputs.
    pub edited: BTreeSet<usize>,
}

/// A fix that was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The finding.
    pub fingerprint: String,
    /// Why not, in one line.
    pub why: String,
}

/// Makes the fixes of at least the safety `least` of the findings that `choice` leaves.
pub fn fix(known: Known<'_>, inputs: &[Input], least: Safety, choice: &mut dyn Choice) -> Fixed {
    let mut fixed = Fixed::default();
    let mut refused = Refusals::default();
    let mut current = inputs.to_vec();
    let mut judged = analysis::judged(known, current.clone(), choice);
    let mut together: Vec<Vec<usize>> = Vec::new();
    let mut attempts = 0;
    while attempts < ATTEMPTS {
        let mut pass = Pass::new(known.knowledge, &current, &judged);
        offer(&mut pass, &chosen(&judged, choice), least, &mut refused);
        let Some((made, texts, next)) = settle(known, &current, &judged, pass, choice, &mut refused, &mut attempts)
        else {
            break;
        };
        let Some(texts) = texts else { continue };
        for one in &made {
            let edited: BTreeSet<usize> = one.edits.keys().map(|&file| file as usize).collect();
            together.push(edited.iter().copied().collect());
            fixed.applied.push(Applied {
                rule: one.rule.clone(),
                title: one.title.clone(),
                file: one.file,
                fingerprint: one.fingerprint.clone(),
                edited,
            });
        }
        for (file, text) in texts {
            current[file].bytes = text.into_bytes();
        }
        judged = next;
    }
    let made: BTreeSet<&str> = fixed.applied.iter().map(|applied| applied.fingerprint.as_str()).collect();
    let left = refused.0.into_iter().filter(|(fingerprint, _)| !made.contains(fingerprint.as_str()));
    fixed.refused = left.map(|(fingerprint, (_, why))| Refused { fingerprint, why }).collect();
    fixed.refused.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
    fixed.changes = changes(known, inputs, &current, &together);
    fixed
}

/// A fix as what it replaces in the texts as they are, proven like one that is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The finding.
    pub fingerprint: String,
    /// What it does.
    pub title: String,
    /// Each place that is replaced, empty where text is added, with what stands there then.
    pub edits: Vec<(Location, String)>,
}

/// The fixes of the findings that `choice` leaves which can be made side by side; those that touch the same text as an
/// earlier one are left out.
pub fn repairs(known: Known<'_>, inputs: &[Input], choice: &mut dyn Choice) -> Vec<Repair> {
    let mut refused = Refusals::default();
    let judged = analysis::judged(known, inputs.to_vec(), choice);
    let findings = chosen(&judged, choice);
    let mut attempts = 0;
    while attempts < ATTEMPTS {
        let mut pass = Pass::new(known.knowledge, inputs, &judged);
        offer(&mut pass, &findings, Safety::Unsafe, &mut refused);
        let settled = settle(known, inputs, &judged, pass, choice, &mut refused, &mut attempts);
        let Some((made, texts, _)) = settled else { break };
        if texts.is_some() {
            let mut pass = Pass::new(known.knowledge, inputs, &judged);
            return made.iter().filter_map(|one| pass.repair(one)).collect();
        }
    }
    Vec::new()
}

/// The offers that were refused: how many of each finding's, and why the first was.
#[derive(Default)]
struct Refusals(HashMap<String, (usize, String)>);

impl Refusals {
    fn add(&mut self, fingerprint: &str, why: String) {
        self.0.entry(fingerprint.to_owned()).or_insert((0, why)).0 += 1;
    }

    /// The next offer of a finding that may be made.
    fn next<'f>(&self, finding: &'f Finding, least: Safety) -> Option<&'f FixOffer> {
        let refused = self.0.get(&finding.fingerprint).map_or(0, |(count, _)| *count);
        finding.fixes.iter().filter(|offer| offer.safety >= least).nth(refused)
    }
}

/// Puts to a pass what the findings offer and was not refused before, the first offer that can be made of each.
fn offer(pass: &mut Pass<'_>, findings: &[Finding], least: Safety, refused: &mut Refusals) {
    for finding in findings {
        while let Some(offer) = refused.next(finding, least) {
            match pass.add(finding, offer, least) {
                Ok(()) => break,
                Err(why) => refused.add(&finding.fingerprint, why),
            }
        }
    }
}

/// What a pass came to: the fixes made, the new texts (none where the last fix was refused), and what is said of them.
type Settled = (Vec<pass::Chosen>, Option<Vec<(usize, String)>>, Judged);

/// Tries a pass, and ever smaller parts of it, until one is better than what was; nothing where no fix is left.
fn settle(
    known: Known<'_>,
    current: &[Input],
    judged: &Judged,
    mut pass: Pass<'_>,
    choice: &dyn Choice,
    refused: &mut Refusals,
    attempts: &mut usize,
) -> Option<Settled> {
    while !pass.chosen.is_empty() && *attempts < ATTEMPTS {
        *attempts += 1;
        let why = match pass.texts() {
            Ok(texts) => {
                let mut inputs = current.to_vec();
                for (file, text) in &texts {
                    inputs[*file].bytes = text.clone().into_bytes();
                }
                let next = analysis::judged(known, inputs, choice);
                match worse(judged, &next, &pass.chosen) {
                    None => return Some((pass.chosen, Some(texts), next)),
                    Some(why) => why,
                }
            }
            Err(why) => why,
        };
        match pass.chosen.len() {
            1 => {
                refused.add(&pass.chosen[0].fingerprint, why);
                return Some((Vec::new(), None, Judged::default()));
            }
            several => pass.chosen.truncate(several / 2),
        }
    }
    None
}

/// The findings that `choice` leaves, in their order.
fn chosen(judged: &Judged, choice: &mut dyn Choice) -> Vec<Finding> {
    let (files, findings) = (judged.files.clone(), judged.findings.clone());
    let mut outcome = Outcome { files, findings, ..Outcome::default() };
    choice.choose(&mut outcome);
    outcome.findings
}

/// Why the new state is no better than the old one, if it is not.
fn worse(old: &Judged, new: &Judged, made: &[pass::Chosen]) -> Option<String> {
    let left = made.iter().find(|one| new.findings.iter().any(|finding| finding.fingerprint == one.fingerprint));
    if left.is_some() {
        return Some("it would still be found".into());
    }
    let had = |finding: &Finding| old.findings.iter().any(|before| before.fingerprint == finding.fingerprint);
    let could = |finding: &Finding| !old.unjudged.iter().any(|unjudged| unjudged.rule == finding.rule);
    let found = new.findings.iter().find(|finding| !had(finding) && could(finding));
    found.map(|finding| format!("it would bring {}", finding.rule))
}

/// The files whose bytes differ, with those that must be written together.
fn changes(known: Known<'_>, inputs: &[Input], current: &[Input], together: &[Vec<usize>]) -> Vec<Change> {
    let changed: Vec<usize> = (0..inputs.len()).filter(|&file| inputs[file].bytes != current[file].bytes).collect();
    let shown = |input: &Input| {
        let text = decode::decode(&input.bytes).unwrap_or("");
        analysis::masked(known, &input.path, text)
    };
    let change = |&file: &usize| {
        let mut with: Vec<usize> = vec![file];
        // what was changed together, and together with that
        loop {
            let joined = together.iter().filter(|group| group.iter().any(|other| with.contains(other)));
            let more: Vec<usize> = joined.flatten().copied().filter(|other| !with.contains(other)).collect();
            if more.is_empty() {
                break;
            }
            with.extend(more);
            with.sort_unstable();
            with.dedup();
        }
        let (before, after) = (shown(&inputs[file]), shown(&current[file]));
        Change { file, bytes: current[file].bytes.clone(), before, after, with }
    };
    changed.iter().map(change).collect()
}
