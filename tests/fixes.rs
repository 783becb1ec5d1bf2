//! Fixes: what a page offers mends what its example shows, a second run changes nothing, and files keep all else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use trueup::analysis::{Input, Outcome, analyse};
use trueup::fix::fix;
use trueup::knowledge::{Page, Shows};
use trueup::model::Safety;
use trueup::workspace::Shipped;

fn pages() -> Vec<Page> {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let files = walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().flatten();
    let pages = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "md"));
    pages
        .map(|file| {
            let path = file.path().strip_prefix(&root).expect("below rules/").to_string_lossy().replace('\\', "/");
            let text = std::fs::read_to_string(file.path()).expect("a readable page");
            Page::parse(&path, &text).unwrap_or_else(|error| panic!("{error}"))
        })
        .collect()
}

/// What became of the examples of one page.
#[derive(Default)]
struct Tally {
    mended: usize,
    refused: Vec<String>,
}

#[test]
fn what_a_page_offers_mends_its_examples_or_says_why_not() {
    let shipped = Shipped::new();
    let (mut with_fix, mut mending, mut mended, mut refused) = (0, 0, 0, 0);
    let mut wrong: Vec<String> = Vec::new();
    for page in pages().iter().filter(|page| page.rule.fix.iter().any(|fix| fix.safety >= Safety::Unsafe)) {
        with_fix += 1;
        let mut tally = Tally::default();
        let examples = page.examples();
        let groups = examples.iter().filter(|example| example.shows == Shows::Found).map(|example| example.group);
        for group in groups {
            let of_group = examples.iter().filter(|example| example.group == group);
            let input = |example: &trueup::knowledge::Example| Input {
                path: example.path.as_str().into(),
                bytes: example.text.clone().into(),
            };
            let inputs: Vec<Input> = of_group.map(input).collect();
            let id: Arc<str> = page.rule.id.clone();
            let mut only = |outcome: &mut Outcome| outcome.findings.retain(|finding| finding.rule == id);
            let fixed = fix(shipped.known(), &inputs, Safety::Unsafe, &mut only);
            let mut after = inputs.clone();
            for change in &fixed.changes {
                after[change.file].bytes = change.bytes.clone();
            }
            let left = analyse(shipped.known(), after.clone()).findings;
            let left = left.iter().filter(|finding| finding.rule == page.rule.id && !finding.fixes.is_empty()).count();
            tally.mended += fixed.applied.len();
            tally.refused.extend(fixed.refused.iter().map(|refused| refused.why.clone()));
            if left > fixed.refused.len() {
                wrong.push(format!("{}: {left} findings left, and {} refusals", page.rule.id, fixed.refused.len()));
            }
            let again = fix(shipped.known(), &after, Safety::Unsafe, &mut only);
            if !again.applied.is_empty() || !again.changes.is_empty() {
                wrong.push(format!("{}: a second run changes something", page.rule.id));
            }
        }
        if tally.mended == 0 {
            println!("{}: {}", page.rule.id, tally.refused.join("; "));
        }
        mending += usize::from(tally.mended > 0);
        mended += tally.mended;
        refused += tally.refused.len();
    }
    println!(
        "{with_fix} pages offer a fix, of {mending} it mends an example; {mended} findings mended, {refused} refused"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_key_that_leaves_another_one_open_is_not_written_over() {
    let shipped = Shipped::new();
    let known = shipped.known();
    let text = "resilience4j:\n  retry:\n    instances:\n      api:\n        max-attempts: 5\n        wait-duration: 1s\n        \
                enable-randomized-wait: true\n";
    let input = Input { path: "application.yml".into(), bytes: text.into() };
    let model = trueup::analysis::resources(known, vec![input]).model;
    let retry = model.resources.iter().find(|resource| &*resource.kind == "retry").expect("a retry");
    let document = trueup::analysis::document(known.knowledge, "application.yml", text).expect("a document");
    let change = |name: &str, value| trueup::dialect::change(known.knowledge, 0, &document, retry, name, &value);
    let longest = change("max_delay", trueup::model::Value::Duration(30_000_000_000));
    assert_eq!(longest.err(), Some(trueup::dialect::Refusal::LeftOpen));
    assert!(change("initial_delay", trueup::model::Value::Duration(2_000_000_000)).is_ok());
}
