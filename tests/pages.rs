//! Every rule page keeps its promises: its front matter follows the schema, it has all its parts, and its examples are
//! found or clean as it says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use trueup::analysis::{Input, analyse};
use trueup::knowledge::{Example, Page, Shows};
use trueup::workspace::Shipped;

/// The pages with their paths below `rules/`.
fn pages() -> Vec<(String, String, Page)> {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut pages: Vec<(String, String, Page)> = walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "md"))
        .map(|entry| {
            let path = entry.path().strip_prefix(&root).expect("below rules/").to_string_lossy().replace('\\', "/");
            let text = std::fs::read_to_string(entry.path()).expect("a readable page");
            let page = Page::parse(&path, &text).unwrap_or_else(|error| panic!("{error}"));
            (path, text, page)
        })
        .collect();
    pages.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!pages.is_empty(), "there are pages");
    pages
}

#[test]
fn front_matter_follows_the_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../schema/rule.schema.json")).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let mut wrong = Vec::new();
    for (path, text, _) in pages() {
        let front = text.split("+++\n").nth(1).expect("a page has front matter");
        let front: serde_json::Value = toml::from_str(front).expect("front matter is TOML");
        wrong.extend(validator.iter_errors(&front).map(|error| format!("{path}: {error}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_says_why_its_fix_is_safe_or_why_it_has_none() {
    let mut wrong = Vec::new();
    for (path, _, page) in pages() {
        let body = page.body.split_whitespace().collect::<Vec<_>>().join(" ");
        let has = |word: &str| {
            ["The fix is", "It is", "and is", "The fixes are"]
                .iter()
                .any(|start| body.contains(&format!("{start} {word}")))
        };
        match page.rule.fix.first().map(|fix| fix.safety) {
            None if body.contains("There is no fix") => {}
            None => wrong.push(format!("{path}: it has no fix, and does not say why")),
            Some(safety) => {
                let word = safety.to_string();
                if !has(&word) || body.contains("There is no fix") {
                    wrong.push(format!("{path}: it does not say that its fix is {word}, and why"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_has_all_its_parts() {
    let mut wrong = Vec::new();
    for (path, _, page) in pages() {
        for heading in ["## Why", "## What to do", "## When this is fine", "## Examples"] {
            if !page.body.lines().any(|line| line == heading) {
                wrong.push(format!("{path}: no '{heading}'"));
            }
        }
        for (shows, word) in [(Shows::Found, "found"), (Shows::Clean, "clean")] {
            if !page.examples().iter().any(|example| example.shows == shows) {
                wrong.push(format!("{path}: no example that is {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_are_found_or_clean_as_their_pages_say() {
    let shipped = Shipped::new();
    let mut wrong = Vec::new();
    for (path, _, page) in pages() {
        let mut groups: BTreeMap<usize, Vec<Example>> = BTreeMap::new();
        for example in page.examples() {
            groups.entry(example.group).or_default().push(example);
        }
        for (number, group) in groups {
            wrong.extend(judge(&shipped, &page, &group).err().map(|e| format!("{path}, example {number}: {e}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs the files of one example together.
fn judge(shipped: &Shipped, page: &Page, group: &[Example]) -> Result<(), String> {
    let input = |example: &Example| Input { path: example.path.as_str().into(), bytes: example.text.clone().into() };
    let outcome = analyse(shipped.known(), group.iter().map(input).collect());
    let found: Vec<&str> = outcome
        .findings
        .iter()
        .filter(|finding| finding.rule == page.rule.id)
        .map(|finding| &*outcome.files[finding.primary.file as usize].path)
        .collect();
    for (index, example) in group.iter().enumerate() {
        let here = found.iter().filter(|path| **path == example.path).count();
        let with = index > 0;
        let expected = if with { here } else { example.count };
        if here != expected {
            let others: Vec<&str> = outcome.findings.iter().map(|finding| &*finding.rule).collect();
            let unjudged: Vec<String> = outcome
                .unjudged
                .iter()
                .filter(|unjudged| unjudged.rule == page.rule.id)
                .map(|unjudged| unjudged.missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
                .collect();
            return Err(format!(
                "{}: {here} findings instead of {expected}; found in all: {others:?}; not judged: {unjudged:?}",
                example.path
            ));
        }
        if example.shows == Shows::Clean && !found.is_empty() {
            return Err(format!("{}: clean, and found in {found:?}", example.path));
        }
    }
    Ok(())
}
