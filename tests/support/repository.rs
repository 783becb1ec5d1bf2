//! A scratch repository, and trueup in it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// What a command printed, and its exit code.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A repository with the files given.
pub(crate) fn repository(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("a temporary directory");
    git(root.path(), &["init", "--quiet", "--initial-branch=main"]);
    for (path, text) in files {
        write(root.path(), path, text);
    }
    root
}

/// Writes a file, with its directories.
pub(crate) fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("files stand in directories")).expect("a directory");
    fs::write(path, text).expect("a file");
}

/// Runs git, which must succeed, without anybody's settings.
pub(crate) fn git(root: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(root).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for (name, value) in [("NAME", "Ann"), ("EMAIL", "ann@example.com")] {
        command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
    }
    command.args(["-c", "protocol.file.allow=always"]).args(arguments).assert().success();
}

/// Runs trueup in `root`.
pub(crate) fn trueup(root: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    command.env_remove("GITHUB_ACTIONS");
    let output = command.current_dir(root).args(arguments).output().expect("trueup runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: output.status.code().expect("no signal ended it"), out: text(output.stdout), err: text(output.stderr) }
}

/// The findings of a check, one line each.
pub(crate) fn findings(root: &Path, arguments: &[&str]) -> Vec<String> {
    let ran = trueup(root, &[&["check", "--format", "concise", "--quiet"], arguments].concat());
    assert_eq!((ran.err.as_str(), ran.code), ("", i32::from(!ran.out.is_empty())), "{arguments:?}: {}", ran.out);
    ran.out.lines().map(str::to_owned).collect()
}
