//! Whole stacks of configuration with the findings expected of them, `fixtures/<stack>/expected.txt`.
//! `TRUEUP_BLESS=1` writes down what is found now.

#[path = "support/fixture.rs"]
mod fixture;

use std::path::{Path, PathBuf};

use trueup::analysis::Outcome;
use trueup::workspace::Shipped;

#[test]
fn every_stack_has_the_findings_expected_of_it() {
    let shipped = Shipped::new();
    let bless = std::env::var_os("TRUEUP_BLESS").is_some();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folders = folders(&root);
    assert!(!folders.is_empty(), "there are fixtures");
    let mut wrong = Vec::new();
    for folder in folders {
        let found: String =
            lines(&fixture::judge(&shipped, &folder)).iter().map(|line| format!("{line}\n")).collect();
        let file = folder.join("expected.txt");
        if bless {
            std::fs::write(&file, &found).expect("the fixture is writable");
            continue;
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
        if found != expected {
            wrong.push(format!("{}\n--- expected\n{expected}--- found\n{found}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The folders below `root` that hold a fixture.
fn folders(root: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("the fixtures stand in the project")
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// `path:line rule` of every finding at the default level, sorted.
fn lines(outcome: &Outcome) -> Vec<String> {
    let mut lines: Vec<String> = outcome
        .findings
        .iter()
        .filter(|finding| fixture::shown_by_default(finding))
        .map(|finding| {
            let file = &outcome.files[finding.primary.file as usize];
            let text = file.text.as_deref().expect("the text of a file with a finding is kept");
            let line = text[..finding.primary.start as usize].matches('\n').count() + 1;
            format!("{}:{line} {}", file.path, finding.rule)
        })
        .collect();
    lines.sort();
    lines
}
