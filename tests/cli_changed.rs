//! Only what changed since a git reference is reported, wherever the change was made.

#[path = "support/repository.rs"]
mod repository;

use std::fs;
use std::path::Path;

use repository::{findings, git, repository, trueup, write};

const STACK: &str = "\
services:
  pgbouncer:
    image: edoburu/pgbouncer:v1.24.1-p1
    volumes: ['./pgbouncer.ini:/etc/pgbouncer/pgbouncer.ini:ro']
  db:
    image: postgres:16
    command: postgres -c max_connections=200
";

const POOLER: &str = "\
[databases]
shop = host=db dbname=shop user=app pool_size=20

[pgbouncer]
pool_mode = transaction
max_client_conn = 1000
max_db_connections = 150
max_prepared_statements = 200
";

const RETRY: &str = "http:\n  timeout: 5s\n  retries: {max_attempts: 10, backoff: 0s}\n";

/// Commits everything.
fn commit(root: &Path) {
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message=a state"]);
}

#[test]
fn the_change_may_be_in_another_place_than_the_finding() {
    let root = repository(&[("compose.yml", STACK), ("pgbouncer.ini", POOLER), ("app.yaml", RETRY)]);
    let at = root.path();
    commit(at);
    assert_eq!(findings(at, &["--changed"]), [""; 0]);

    let lowered = |limit: &str| write(at, "compose.yml", &STACK.replace("=200", limit));
    lowered("=120");
    let changed = findings(at, &["--changed"]);
    assert_eq!(
        changed,
        [
            "pgbouncer.ini:7:1: warning[pooler-cap-above-server-limit] it caps a database at 150 connections, and the server \
          accepts 120: the cap never comes into play"
        ]
    );
    let ran = trueup(at, &["--changed"]);
    assert!(ran.out.contains("\n1 finding unchanged since HEAD\n"), "{}", ran.out);

    // once it is committed, only an older reference knows another state
    commit(at);
    assert_eq!(findings(at, &["--changed=HEAD"]), [""; 0]);
    assert_eq!(findings(at, &["--changed=HEAD~1"]), changed);
    // the value changes, and the finding stays
    lowered("=110");
    let again = findings(at, &["--changed"]);
    assert!(again.len() == 1 && again[0].contains("accepts 110"), "{again:?}");
}

#[test]
fn files_that_are_new_gone_and_renamed() {
    let root = repository(&[("a.yaml", RETRY), ("gone.yaml", RETRY), ("größe und maß/b c.yaml", RETRY)]);
    let at = root.path();
    write(at, ".gitignore", "ignored.yaml\n");
    commit(at);
    fs::remove_file(at.join("gone.yaml")).expect("the file was there");
    write(at, "größe und maß/neu\".yaml", RETRY);
    assert_eq!(findings(at, &["--changed"]).len(), 1);
    assert!(findings(at, &["--changed"])[0].starts_with("größe und maß/neu\".yaml:3:"));
    fs::rename(at.join("a.yaml"), at.join("renamed.yaml")).expect("a new name");
    let changed = findings(at, &["--changed"]);
    assert!(changed.len() == 2 && changed[1].starts_with("renamed.yaml:"), "{changed:?}");
    write(at, "ignored.yaml", RETRY);
    assert_eq!(findings(at, &["--changed"]).len(), 2);
    // from a directory below, and of a part
    assert_eq!(findings(&at.join("größe und maß"), &["--changed"]).len(), 1);
    assert_eq!(findings(at, &["--changed", "größe und maß/b c.yaml"]), [""; 0]);
}

#[test]
fn without_a_reference_it_is_where_the_default_branch_was_left() {
    let upstream = repository(&[("a.yaml", RETRY)]);
    commit(upstream.path());
    let parent = tempfile::tempdir().expect("a temporary directory");
    let source = upstream.path().to_str().expect("a plain path");
    git(parent.path(), &["clone", "--quiet", source, "clone"]);
    let at = &parent.path().join("clone");
    git(at, &["switch", "--quiet", "--create", "work"]);
    write(at, "b.yaml", RETRY);
    commit(at);
    // what others did meanwhile is not part of the change
    write(upstream.path(), "a.yaml", "http: {}\n");
    commit(upstream.path());
    git(at, &["fetch", "--quiet"]);
    let changed = findings(at, &["--changed"]);
    assert!(changed.len() == 1 && changed[0].starts_with("b.yaml:"), "{changed:?}");
    assert!(trueup(at, &["--changed"]).out.contains("1 finding unchanged since origin/HEAD\n"));
    assert_eq!(findings(at, &["--changed=origin/main"]).len(), 2);

    // a worktree has a file for `.git`, and so has a submodule
    git(at, &["worktree", "add", "--quiet", "--detach", "../tree"]);
    let tree = &parent.path().join("tree");
    write(tree, "c.yaml", RETRY);
    assert_eq!(findings(tree, &["--changed=HEAD"]).len(), 1);
}

#[test]
fn a_submodule_is_compared_with_the_commit_it_was_at() {
    let inner = repository(&[("a.yaml", RETRY)]);
    commit(inner.path());
    let root = repository(&[("own.yaml", RETRY)]);
    let at = root.path();
    git(at, &["submodule", "--quiet", "add", inner.path().to_str().expect("a plain path"), "sub"]);
    commit(at);
    assert_eq!(findings(at, &["--changed"]), [""; 0]);
    write(at, "sub/b.yaml", RETRY);
    let changed = findings(at, &["--changed"]);
    assert!(changed.len() == 1 && changed[0].starts_with("sub/b.yaml:"), "{changed:?}");
    assert_eq!(
        findings(&at.join("sub"), &["--changed"]),
        ["b.yaml:3:31: warning[retry-without-delay] 10 requests per call without a wait between them"]
    );
}

#[test]
fn it_goes_with_a_baseline() {
    let root = repository(&[("a.yaml", RETRY)]);
    let at = root.path();
    commit(at);
    write(at, "b.yaml", RETRY);
    write(at, "c.yaml", RETRY);
    trueup(at, &["baseline", "b.yaml"]);
    let both = findings(at, &["--changed", "--baseline", "trueup-baseline.json"]);
    assert!(both.len() == 1 && both[0].starts_with("c.yaml:"), "{both:?}");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let error = |at: &Path, arguments: &[&str]| {
        let ran = trueup(at, arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        ran.err
    };
    let plain = tempfile::tempdir().expect("a temporary directory");
    write(plain.path(), "a.yaml", RETRY);
    assert_eq!(
        error(plain.path(), &["--changed"]),
        "error: --changed: the files stand in no git repository; `--baseline` needs none\n"
    );
    let root = repository(&[("a.yaml", RETRY)]);
    assert_eq!(error(root.path(), &["--changed"]), "error: --changed: no git reference is called `HEAD`\n");
    commit(root.path());
    for name in ["origin/mian", "--output=x"] {
        let expected = format!("error: --changed: no git reference is called `{name}`\n");
        assert_eq!(error(root.path(), &[&format!("--changed={name}")]), expected);
    }
    let stdin = error(root.path(), &["-", "--changed"]);
    assert_eq!(stdin, "error: --changed: git knows nothing of the standard input; name files or directories\n");

    commit_twice(root.path());
    let parent = tempfile::tempdir().expect("a temporary directory");
    let source = format!("file://{}", root.path().display());
    git(parent.path(), &["clone", "--quiet", "--depth=1", &source, "clone"]);
    let shallow = error(&parent.path().join("clone"), &["--changed=HEAD~1"]);
    assert!(shallow.contains("`HEAD~1`; the clone is shallow: fetch all of it (`fetch-depth: 0`"), "{shallow}");
    git(&parent.path().join("clone"), &["remote", "remove", "origin"]);
    let shallow = error(&parent.path().join("clone"), &["--changed"]);
    assert!(shallow.contains("there is no origin/HEAD; the clone is shallow"), "{shallow}");
}

#[test]
fn a_clone_without_the_bytes_of_the_past_is_named() {
    let source = repository(&[("a.yaml", RETRY)]);
    commit(source.path());
    write(source.path(), "a.yaml", &RETRY.replace("10", "11"));
    commit(source.path());
    git(source.path(), &["config", "uploadpack.allowFilter", "true"]);
    let parent = tempfile::tempdir().expect("a temporary directory");
    let address = format!("file://{}", source.path().display());
    git(parent.path(), &["clone", "--quiet", "--filter=blob:none", &address, "clone"]);
    let clone = parent.path().join("clone");
    git(&clone, &["config", "remote.origin.url", "file:///nowhere"]);
    let ran = trueup(&clone, &["--changed=HEAD~1"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error: a.yaml: git has no copy of it as it was"), "{}", ran.err);
}

fn commit_twice(at: &Path) {
    for text in ["one", "two"] {
        write(at, "notes.txt", text);
        commit(at);
    }
}

#[test]
fn it_runs_inside_a_hook_of_another_repository() {
    let (root, other) = (repository(&[("a.yaml", RETRY)]), repository(&[("b.yaml", RETRY)]));
    commit(root.path());
    commit(other.path());
    let mut command = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    command.current_dir(root.path()).env("GIT_DIR", other.path().join(".git"));
    command.args(["--changed=HEAD", "-q", "--format", "concise"]).assert().success().stdout("");
}
