//! What the user got wrong, through the real program: named, with the near word, and exit code 2.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// A repository with one file.
fn repository() -> TempDir {
    let root = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir_all(root.path().join(".git")).expect("a repository");
    fs::create_dir_all(root.path().join("config")).expect("a directory");
    fs::write(root.path().join("config/app.yaml"), "name: shop\n").expect("a file");
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
fn a_missing_path_is_named_and_the_near_one_suggested() {
    let root = repository();
    for (path, near) in
        [("confg", "config"), ("config/ap.yaml", "config/app.yaml"), ("confg/app.yaml", "config/app.yaml")]
    {
        let (code, _, errors) = trueup(root.path(), &["check", path]);
        assert_eq!(code, 2);
        let expected = format!("error: {path}: no such file or directory; did you mean `{near}`?\n");
        assert!(errors.starts_with(&expected), "{errors}");
    }
    let (code, _, errors) = trueup(root.path(), &["inspect", "config/ap.yaml"]);
    assert_eq!(code, 2);
    assert!(errors.contains("did you mean `config/app.yaml`?"), "{errors}");
}

#[test]
fn the_rest_is_checked_when_a_path_is_missing() {
    let root = repository();
    let (code, out, _) = trueup(root.path(), &["missing", "config"]);
    assert_eq!(code, 2);
    assert!(out.contains("1 file read"), "{out}");
    assert!(out.contains("1 problem kept something from being checked"), "{out}");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = repository();
    let file = root.path().join("config/secret.yaml");
    fs::write(&file, "a: 1\n").expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("permissions");
    if fs::read(&file).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let (code, out, errors) = trueup(root.path(), &["."]);
    assert_eq!(code, 2);
    assert!(errors.contains("error: config/secret.yaml: cannot be read: permission denied"), "{errors}");
    assert!(out.contains("1 file read"), "{out}");
}

#[cfg(unix)]
#[test]
fn a_directory_loop_is_named_and_can_be_excluded() {
    use std::os::unix::fs::symlink;
    let root = repository();
    symlink("..", root.path().join("config/up")).expect("a link");
    symlink("itself", root.path().join("config/itself")).expect("a link");
    symlink("nowhere", root.path().join("config/dangling")).expect("a link");
    let (code, out, errors) = trueup(root.path(), &["."]);
    assert_eq!(code, 2);
    assert!(errors.contains("error: config/up: a directory loop: a link back to"), "{errors}");
    assert!(errors.contains("error: config/itself: a directory loop"), "{errors}");
    assert!(!errors.contains("dangling"), "{errors}");
    assert!(out.contains("1 file read"), "{out}");

    fs::write(root.path().join("trueup.toml"), "exclude = [\"config/up\", \"itself\", \"trueup.toml\"]\n")
        .expect("settings");
    assert_eq!(trueup(root.path(), &["."]).0, 0);
}

#[test]
fn broken_settings_point_at_the_line() {
    let root = repository();
    fs::write(root.path().join("trueup.toml"), "edition = \"2026.1\"\n\nigonre = []\n").expect("settings");
    let (code, _, errors) = trueup(root.path(), &["config"]);
    assert_eq!(code, 2);
    assert!(errors.starts_with("error: trueup.toml:3:1: unknown key `igonre`; did you mean `ignore`?\n"), "{errors}");

    assert_eq!(trueup(root.path(), &["config", "--isolated"]).0, 0);
    let (code, _, errors) = trueup(root.path(), &["config", "--config", "treup.toml"]);
    assert_eq!(code, 2);
    assert!(
        errors.starts_with("error: treup.toml: no such file or directory; did you mean `trueup.toml`?\n"),
        "{errors}"
    );
}

#[test]
fn an_unknown_rule_is_named() {
    let root = repository();
    for arguments in [["--select", "no-such-rule"], ["--ignore", "no-such-rule"], ["explain", "no-such-rule"]] {
        let (code, out, errors) = trueup(root.path(), &arguments);
        assert_eq!((code, out.as_str()), (2, ""));
        let expected =
            format!("error: {}: no rule is called `no-such-rule`; `trueup rules` lists them\n", arguments[0]);
        assert_eq!(errors, expected);
    }
}

#[test]
fn a_wrong_option_is_a_usage_error() {
    let root = repository();
    let (code, _, errors) = trueup(root.path(), &["--formt", "json"]);
    assert_eq!(code, 2);
    assert!(errors.contains("--format"), "{errors}");
    assert_eq!(trueup(root.path(), &["--config", "a", "--isolated"]).0, 2);
}

#[test]
fn nothing_recognised_is_a_warning() {
    let root = repository();
    let (code, _, errors) = trueup(root.path(), &[]);
    assert_eq!(code, 0);
    assert_eq!(errors, "warning: no configuration recognised (files: 1)\n");
    let (code, _, errors) = trueup(root.path(), &["--quiet"]);
    assert_eq!((code, errors.as_str()), (0, ""));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::{Command, Stdio};
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    let mut child = command
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("trueup runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("trueup ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_texts_about_itself_are_there() {
    let root = repository();
    for (arguments, part) in [
        (&["--version"][..], "trueup 0"),
        (&["--help"], "Usage: trueup"),
        (&["man"], ".TH trueup"),
        (&["completions", "zsh"], "#compdef trueup"),
        (&["schema"], "Findings of trueup"),
        (&["schema", "settings"], "Settings of trueup"),
        (&["rules", "--format", "json"], "["),
    ] {
        let (code, out, errors) = trueup(root.path(), arguments);
        assert_eq!((code, errors.as_str()), (0, ""), "{arguments:?}");
        assert!(out.contains(part), "{arguments:?}: {out}");
    }
}
