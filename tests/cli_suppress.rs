//! Comments that silence findings, from the file to the report, through the real program.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// A pool that opens fewer connections than it keeps, with a comment above the pool and one at the end of the line.
fn pool(above: &str, behind: &str, minimum: u32) -> String {
    format!(
        "spring:\n  datasource:\n{above}    hikari:\n      minimum-idle: {minimum}{behind}\n      maximum-pool-size: 10\n"
    )
}

const RULE: &str = "pool-min-exceeds-max";

/// 1 January 2027.
const TODAY: &str = "1798761600";

/// A repository with the files given.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir(root.path().join(".git")).expect("a repository");
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("files stand in directories")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    root
}

/// Runs trueup on the first of January 2027; the exit code and the output.
fn trueup(root: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    let output = command.current_dir(root).env("SOURCE_DATE_EPOCH", TODAY).args(arguments).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("output is UTF-8");
    (output.status.code().expect("no signal ended it"), text)
}

/// The findings of one file as `line:column rule`, of the rules that speak of pools' sizes and of suppressions.
fn found(name: &str, text: &str) -> Vec<String> {
    let root = repository(&[(name, text)]);
    findings(root.path(), &[])
}

fn findings(root: &Path, arguments: &[&str]) -> Vec<String> {
    let (_, out) = trueup(root, &[&["--format", "concise", "-q", "--pedantic"], arguments].concat());
    out.lines()
        .filter_map(|line| {
            let (address, rest) = line.split_once(": ").expect("address: rest");
            let rule = rest.split(['[', ']']).nth(1).expect("severity[rule]");
            let place = address.split_once(':').expect("path:line").1;
            let ours = [RULE, "fsync-off", "suppression-"].iter().any(|known| rule.starts_with(known));
            ours.then(|| format!("{place} {rule}"))
        })
        .collect()
}

#[test]
fn a_comment_silences_above_inside_behind_and_for_the_file() {
    let above = format!("    # trueup: ignore[{RULE}] until=2027-01-01 warmed up by hand\n");
    let behind = format!(" # trueup: ignore[{RULE}] warmed up by hand");
    let file = format!("# trueup: ignore-file[{RULE}] warmed up by hand\n{}", pool("", "", 20));
    assert_eq!(found("application.yaml", &pool("", "", 20)), [format!("4:7 {RULE}")], "without a comment");
    for text in [pool(&above, "", 20), pool("", &behind, 20), file] {
        assert_eq!(found("application.yaml", &text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn every_format_with_comments_has_them() {
    for (name, text) in [
        (
            "application.properties",
            "# trueup: ignore[pool-min-exceeds-max] why\nspring.datasource.hikari.minimum-idle=20\nspring.datasource.hikari.maximum-pool-size=10\n",
        ),
        ("postgresql.conf", "max_connections = 100\nfsync = off  # trueup: ignore[fsync-off] a replica of nothing\n"),
        (
            "app.jsonc",
            "{\n  \"database\": {\n    // trueup: ignore[pool-min-exceeds-max] why\n    \"pool\": {\"min_size\": 20, \"max_size\": 10}\n  }\n}\n",
        ),
        (
            "app.toml",
            "# trueup: ignore[pool-min-exceeds-max] why\r\n[database.pool]\r\nmin_size = 20\r\nmax_size = 10\r\n",
        ),
        (
            "map.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: db\ndata:\n  postgresql.conf: |\n    # trueup: ignore[fsync-off] a replica of nothing\n    fsync = off\n",
        ),
    ] {
        let without: String = text.split_inclusive('\n').map(|line| line.replace("trueup: ", "true up: ")).collect();
        assert_eq!(found(name, &without).len(), 1, "{name} without the comment");
        assert_eq!(found(name, text), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_comment_silences_only_what_it_names_and_reaches() {
    let other = "    # trueup: ignore[pool-of-one] another rule\n";
    let both = ["3:5 suppression-unused".to_owned(), format!("5:7 {RULE}")];
    assert_eq!(found("application.yaml", &pool(other, "", 20)), both);
    // where nothing of the rule's kind is seen, its use cannot be told
    let foreign = "    # trueup: ignore[fsync-off] another rule\n";
    assert_eq!(found("application.yaml", &pool(foreign, "", 20)), both[1..]);
    let text = format!("{}server:\n  port: 1 # trueup: ignore[{RULE}] elsewhere\n", pool("", "", 20));
    assert_eq!(found("application.yaml", &text), [format!("4:7 {RULE}"), "7:11 suppression-unused".into()]);
}

#[test]
fn an_unused_suppression_is_reported() {
    let above = format!("    # trueup: ignore[{RULE}] warmed up by hand\n");
    let root = repository(&[("application.yaml", &pool(&above, "", 5))]);
    let (code, out) = trueup(root.path(), &["--format", "concise", "-q"]);
    let expected =
        format!("application.yaml:3:5: warning[suppression-unused] no finding of {RULE} is here to silence\n");
    assert_eq!((code, out), (1, expected));
    // of several rules the one that is not used
    let two = format!("    # trueup: ignore[{RULE}, pool-of-one] warmed up by hand\n");
    assert_eq!(found("application.yaml", &pool(&two, "", 20)), ["3:44 suppression-unused"]);
    // a rule that is off found nothing because it was not asked
    for arguments in [["--ignore", RULE], ["--select", "suppressions,fsync-off"]] {
        assert_eq!(findings(root.path(), &arguments), Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn what_could_not_be_judged_is_not_called_unused() {
    let text = pool(&format!("    # trueup: ignore[{RULE}] why\n"), "", 5).replace("size: 10", "size: ${SIZE}");
    assert_eq!(found("application.yaml", &text), Vec::<String>::new());
    let template =
        format!("{{{{- if .Values.x }}}}\n# trueup: ignore-file[{RULE}] why\n{}{{{{- end }}}}\n", pool("", "", 5));
    assert_eq!(found("application.yaml", &template), Vec::<String>::new());
}

#[test]
fn an_expired_suppression_is_reported_and_silences_nothing() {
    let ends = |day: &str| pool(&format!("    # trueup: ignore[{RULE}] until={day} warmed up by hand\n"), "", 20);
    assert_eq!(found("application.yaml", &ends("2027-01-01")), Vec::<String>::new(), "it holds on its last day");
    let root = repository(&[("application.yaml", &ends("2026-12-31"))]);
    let (code, out) = trueup(root.path(), &["--format", "concise", "-q"]);
    let mut lines = out.lines();
    let first = format!(
        "application.yaml:3:5: warning[suppression-expired] this suppression ended on 2026-12-31: {RULE} is reported again"
    );
    assert_eq!((code, lines.next()), (1, Some(first.as_str())));
    assert!(lines.next().is_some_and(|line| line.contains(RULE)), "{out}");
    let gone = ends("2026-12-31").replace("idle: 20", "idle: 5");
    assert_eq!(found("application.yaml", &gone), ["3:5 suppression-expired"], "and not unused as well");
}

#[test]
fn a_locked_rule_is_reported_all_the_same() {
    let above = format!("    # trueup: ignore[{RULE}] warmed up by hand\n");
    let settings = format!("lock = [\"{RULE}\"]\n");
    let root = repository(&[("trueup.toml", &settings), ("application.yaml", &pool(&above, "", 20))]);
    let (code, out) = trueup(root.path(), &["--format", "concise", "-q"]);
    let first = format!(
        "application.yaml:3:5: warning[suppression-locked] a comment cannot silence {RULE}: the settings lock it"
    );
    assert_eq!((code, out.lines().next()), (1, Some(first.as_str())));
    assert!(out.lines().any(|line| line.starts_with("application.yaml:5:7: ")), "{out}");
    // settings name rules that exist
    let root = repository(&[("trueup.toml", "lock = [\"pool-min\"]\n"), ("application.yaml", &pool("", "", 20))]);
    assert_eq!(trueup(root.path(), &["-q"]).0, 2);
}

#[test]
fn what_is_not_understood_is_reported_and_stops_nothing() {
    for (comment, message) in [
        (
            "ignore[pool-min-exceed-max] x",
            "[suppression-of-unknown-rule] no rule is called 'pool-min-exceed-max'; did you mean 'pool-min-exceeds-max'?",
        ),
        ("ignore[pools] x", "[suppression-of-unknown-rule] 'pools' is a category; a comment names the rule"),
        ("ignore everything", "[suppression-malformed] this silences nothing: it names no rule"),
        ("ignore[pool-min-exceeds-max] until=soon", "[suppression-malformed] this silences nothing: 'soon' is no date"),
    ] {
        let text = pool(&format!("    # trueup: {comment}\n"), "", 20);
        let root = repository(&[("application.yaml", &text)]);
        let (code, out) = trueup(root.path(), &["--format", "concise", "-q"]);
        assert_eq!(code, 1);
        assert!(out.contains(message) && out.contains(&format!("[{RULE}]")), "{out}");
    }
}

#[test]
fn what_is_silenced_is_counted() {
    let above = format!("    # trueup: ignore[{RULE}] warmed up by hand\n");
    let root = repository(&[("application.yaml", &pool(&above, "", 20))]);
    let (code, out) = trueup(root.path(), &[]);
    assert_eq!(code, 0);
    assert!(out.contains("no findings\n") && out.contains("\n1 finding suppressed\n"), "{out}");
    let (_, json) = trueup(root.path(), &["--format", "json"]);
    let log: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(log["summary"]["suppressed"], 1);
}

#[test]
fn suppressions_are_written_in_bulk_and_a_second_run_is_clean() {
    let files = [
        ("application.yaml", pool("", "", 20)),
        ("postgresql.conf", "max_connections = 100\r\nfsync = off\r\n".into()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let root = repository(&files);
    let before = findings(root.path(), &[]);
    assert_eq!(before.len(), 2);
    let add = ["--add-ignore", "known, see OPS-12", "--until", "2027-06-30", "-q", "--format", "concise"];
    assert_eq!(trueup(root.path(), &add), (0, String::new()));
    let text = fs::read_to_string(root.path().join("postgresql.conf")).expect("the file");
    let expected =
        "max_connections = 100\r\n# trueup: ignore[fsync-off] until=2027-06-30 known, see OPS-12\r\nfsync = off\r\n";
    assert_eq!(text, expected);
    let text = fs::read_to_string(root.path().join("application.yaml")).expect("the file");
    let line = format!("      # trueup: ignore[{RULE}] until=2027-06-30 known, see OPS-12\n");
    assert_eq!(text.replace(&line, ""), pool("", "", 20));
    assert_eq!(trueup(root.path(), &["-q"]), (0, String::new()));
    assert_eq!(trueup(root.path(), &add), (0, String::new()), "again there is nothing to write");
    assert_eq!(fs::read_to_string(root.path().join("application.yaml")).expect("the file"), text);
}

#[test]
fn what_may_not_be_silenced_stays() {
    let json = "{\"database\": {\"pool\": {\"min_size\": 20, \"max_size\": 10}}}\n";
    let root = repository(&[("app.json", json)]);
    let add = ["--add-ignore", "known", "-q"];
    assert_eq!(trueup(root.path(), &add).0, 2, "JSON has no comments");
    assert_eq!(fs::read_to_string(root.path().join("app.json")).expect("the file"), json);
    let settings = format!("lock = [\"{RULE}\"]\n");
    let root = repository(&[("trueup.toml", &settings), ("application.yaml", &pool("", "", 20))]);
    assert_eq!(trueup(root.path(), &add).0, 1, "the rule is locked");
    assert_eq!(fs::read_to_string(root.path().join("application.yaml")).expect("the file"), pool("", "", 20));
    for arguments in [["--add-ignore", " "], ["--until", "2027-01-01"], ["--add-ignore", "a\nb"]] {
        assert_eq!(trueup(root.path(), &arguments).0, 2, "{arguments:?}");
    }
}

/// The whole outcome of a check.
fn run(root: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    let command = command.current_dir(root).env("SOURCE_DATE_EPOCH", TODAY).arg("check").args(arguments);
    command.output().expect("it runs")
}

#[test]
fn settings_silence_what_stands_at_a_key_of_a_file_without_comments() {
    let pools = "{\"database\": {\"pool\": {\"max_size\": 4, \"min_size\": 9}}, \"redis\": {\"pool\": {\"max_size\": 4, \"min_size\": 9}}}\n";
    let suppress = |key: &str, more: &str| {
        format!(
            "[[suppress]]\npath = \"conf/*.json\"\nkey = \"{key}\"\nrules = [\"pool-min-exceeds-max\"]\nreason = \"OPS-12\"\n{more}"
        )
    };
    for (settings, left, note) in [
        (suppress("database.pool", ""), 1, None),
        (suppress("*.pool.min_size", ""), 0, None),
        (suppress("c", ""), 2, Some("note: trueup.toml:2:8: this suppression silences nothing; delete it")),
        (suppress("database", "until = \"2020-01-31\"\n"), 2, Some("this suppression ended on 2020-01-31; delete it")),
        (format!("lock = [\"pool-min-exceeds-max\"]\n{}", suppress("database", "")), 2, None),
    ] {
        let folder = repository(&[("conf/app.json", pools), ("trueup.toml", &settings)]);
        let done = run(folder.path(), &["--format", "concise"]);
        let (said, noted) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert_eq!(said.matches("error[pool-min-exceeds-max]").count(), left, "{settings}{said}");
        assert!(note.is_none_or(|note| noted.contains(note)), "{settings}{noted}");
        assert_eq!(note.is_none(), noted.is_empty(), "{noted}");
    }
    let folder =
        repository(&[("conf/app.json", pools), ("trueup.toml", "[[suppress]]\npath = \"a\"\nrules = [\"x\"]\n")]);
    let done = run(folder.path(), &[]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("error: trueup.toml:1:1: `[[suppress]]` needs `reason`"), "{said}");
    assert_eq!(done.status.code(), Some(2));
}
