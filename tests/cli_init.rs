//! `trueup init` through the real program: what it writes is accepted, and changes no finding.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const COMPOSE: &str = "services:\n  db:\n    image: postgres:16\n    command: postgres -c fsync=off\n";

/// A repository with a Compose file, and one more in a folder of tests.
fn repository() -> TempDir {
    let root = tempfile::tempdir().expect("a temporary directory");
    for folder in [".git", "deploy", "tests/data"] {
        fs::create_dir_all(root.path().join(folder)).expect("a folder");
    }
    for file in ["deploy/compose.yaml", "tests/data/compose.yaml"] {
        fs::write(root.path().join(file), COMPOSE).expect("a file");
    }
    root
}

/// Runs trueup in `root`; returns the exit code, the standard output and the error output.
fn trueup(root: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    let output = command.current_dir(root).args(arguments).output().expect("trueup runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code().expect("trueup is not killed"), text(output.stdout), text(output.stderr))
}

#[test]
fn what_is_written_is_accepted_and_changes_no_finding() {
    let root = repository();
    let check = ["check", "--format", "concise", "--quiet", "--pedantic"];
    let before = trueup(root.path(), &check);
    assert_eq!(before.0, 1, "{before:?}");

    let (code, out, errors) = trueup(root.path(), &["init"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert_eq!(out, "trueup.toml written: 2 files recognised (compose 2, postgresql 2)\n");
    assert_eq!(trueup(root.path(), &check), before);
}

#[test]
fn what_was_found_stands_in_it() {
    let root = repository();
    let (code, out, errors) = trueup(root.path(), &["init", "--stdout"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    for line in ["edition = \"2026.1\"", "#    \"/tests/\", # 1 file recognised", "#   compose     2 files"] {
        assert!(out.lines().any(|it| it == line), "{line}\n{out}");
    }
    assert!(out.contains("#postgresql = \"16\" # deploy/compose.yaml, image tag\n"), "{out}");
    assert!(!root.path().join("trueup.toml").exists());
    assert_eq!(trueup(root.path(), &["init", "--stdout"]).1, out, "the same each time");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
}

#[test]
fn nothing_is_overwritten_and_nothing_displaced_unasked() {
    let root = repository();
    fs::write(root.path().join("trueup.toml"), "# mine\n").expect("settings");
    let (code, out, errors) = trueup(root.path(), &["init"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(errors, "error: trueup.toml: is there already; --force writes a new trueup.toml\n");

    let (code, _, errors) = trueup(root.path(), &["init", "deploy"]);
    assert_eq!(code, 2);
    assert!(errors.starts_with("error: trueup.toml: governs this directory"), "{errors}");
    assert!(!root.path().join("deploy/trueup.toml").exists());
    assert_eq!(fs::read_to_string(root.path().join("trueup.toml")).expect("settings"), "# mine\n");

    assert_eq!(trueup(root.path(), &["init", "--force"]).0, 0);
    assert_ne!(fs::read_to_string(root.path().join("trueup.toml")).expect("settings"), "# mine\n");
}

#[test]
fn a_place_that_is_none_is_named() {
    let root = repository();
    for place in ["deplyo", "deploy/compose.yaml"] {
        let (code, out, errors) = trueup(root.path(), &["init", place]);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(errors.starts_with(&format!("error: {place}: no such directory;")), "{errors}");
    }
}
