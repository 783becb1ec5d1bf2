//! Whole stacks of configuration with the findings expected of them, `fixtures/<stack>/expected.txt`.
//! `TRUEUP_BLESS=1` writes down what is found now.

#[path = "support/fixture.rs"]
mod fixture;

use std::path::{Path, PathBuf};

use trueup::analysis::Outcome;
use trueup::report::{Format, Options, Report, render};
use trueup::workspace::{Checked, Engine, Settings, Shipped};

/// The password in every data source name of the fixtures.
const CANARY: &str = "s3cr3t-canary";

#[test]
fn no_output_shows_a_password() {
    let shipped = Shipped::new();
    let redact = |text: &str| shipped.redact(text);
    let options = Options { statistics: true, show_unjudged: true, ..Options::default() };
    let settings = Settings::default_for(&root());
    let mut canaries = 0;
    for folder in folders(&root()) {
        for input in fixture::inputs(&folder) {
            canaries += String::from_utf8_lossy(&input.bytes).matches(CANARY).count();
            let inspected = shipped.inspect(input, Vec::new(), &settings);
            assert!(!inspected.contains(CANARY), "inspect: {inspected}");
        }
        let outcome = fixture::judge(&shipped, &folder);
        let checked = Checked { outcome, rules: shipped.rules().to_vec(), ..Checked::default() };
        for format in [
            Format::Full,
            Format::Concise,
            Format::Json,
            Format::Sarif,
            Format::Github,
            Format::Gitlab,
            Format::Junit,
            Format::Markdown,
            Format::Html,
        ] {
            let text = render(&Report::new(&checked, &redact), format, &options);
            assert!(!text.contains(CANARY), "{}, {format:?}: {text}", folder.display());
        }
    }
    assert!(canaries > 0, "the fixtures hold passwords");
}

#[test]
fn every_stack_has_the_findings_expected_of_it() {
    let shipped = Shipped::new();
    let bless = std::env::var_os("TRUEUP_BLESS").is_some();
    let folders = folders(&root());
    assert!(!folders.is_empty(), "there are fixtures");
    let mut wrong = Vec::new();
    for folder in folders {
        let found: String = lines(&fixture::judge(&shipped, &folder)).iter().map(|line| format!("{line}\n")).collect();
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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
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

/// `path:line rule` of every finding at the default level, by path, line and rule.
fn lines(outcome: &Outcome) -> Vec<String> {
    let mut found: Vec<(&str, usize, &str)> = outcome
        .findings
        .iter()
        .filter(|finding| fixture::shown_by_default(finding))
        .map(|finding| {
            let file = &outcome.files[finding.primary.file as usize];
            let text = file.text.as_deref().expect("the text of a file with a finding is kept");
            let line = text[..finding.primary.start as usize].matches('\n').count() + 1;
            (&*file.path, line, &*finding.rule)
        })
        .collect();
    found.sort_unstable();
    found.iter().map(|(path, line, rule)| format!("{path}:{line} {rule}")).collect()
}
