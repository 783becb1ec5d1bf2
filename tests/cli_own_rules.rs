//! Pages and tables of the user's own, and facts, from `trueup.toml` to the finding, through the real program.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

const PAGE: &str = r#"+++
id = "pool-above-house-limit"
severity = "error"
confidence = "high"
since = "1.0.0"
on = "pool"
at = "self.max_size"
when = "self.max_size > 50"
message = "{self.max_size} connections; we agreed on 50"
help = "ask the database team before going above 50"
+++
# A pool above the house limit

## Why

The house database takes 500 connections, shared by ten services.
"#;

const TABLE: &str = r#"
id = "acme-gateway"
title = "Acme gateway"
grammar = "go"
source = "https://acme.example/docs/gateway"
layers = ["file"]

[[recognise]]
formats = ["yaml"]
names = ["acme.yaml"]
layer = "file"

[[resource]]
kind = "pool"
at = "upstream.pool"
closed = true

[[resource.key]]
key = "slots"
attribute = "max_size"
"#;

/// Settings in the annotations of another product's objects.
const ANNOTATIONS: &str = r#"
id = "acme-edge"
title = "Acme edge"
grammar = "libpq"
source = "https://acme.example/docs/edge"
layers = ["file"]

[[recognise]]
formats = ["yaml"]
keys = ['metadata.labels."acme.example/edge"=on']
beside = true
layer = "file"

[[resource]]
kind = "pool"
at = "metadata.annotations"
closed = true
texts = "Kubernetes"
unreadable = "the edge passes over it"

[[resource.key]]
key = '"acme.example/slots"'
attribute = "max_size"

[[resource.key]]
key = '"acme.example/pool.wait"'
attribute = "acquire_timeout"
bare = "s"

[[resource]]
kind = "route"
at = "spec.retry"

[[resource.key]]
key = "on"
attribute = "retry_on"
joined = ","
"#;

const APP: &str = "database:\n  pool:\n    max_size: 80\n";

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

/// Runs trueup in `root` with `input` as standard input; exit code, standard output, error output.
fn trueup_with(root: &Path, input: &str, arguments: &[&str]) -> (i32, String, String) {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("trueup"))
        .current_dir(root)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("trueup runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("trueup reads");
    let output = child.wait_with_output().expect("trueup ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code().expect("no signal ended it"), text(output.stdout), text(output.stderr))
}

fn trueup(root: &Path, arguments: &[&str]) -> (i32, String, String) {
    trueup_with(root, "", arguments)
}

#[test]
fn a_page_of_ones_own_judges() {
    let root = repository(&[
        ("trueup.toml", "rules = [\"./trueup/\"]\n"),
        ("trueup/pool-above-house-limit.md", PAGE),
        ("trueup/README.md", "# What these pages are\n"),
        ("app.yaml", APP),
    ]);
    let expected = "app.yaml:3:5: error[pool-above-house-limit] 80 connections; we agreed on 50\n";
    let select = ["--select", "pool-above-house-limit", "--format", "concise", "-q"];
    let (code, out, errors) = trueup(root.path(), &select);
    assert_eq!((code, out.as_str(), errors.as_str()), (1, expected, ""));
    // by its category, which is the folder
    let (code, out, _) = trueup(root.path(), &["--select", "trueup", "--format", "concise", "-q"]);
    assert_eq!((code, out.as_str()), (1, expected));
    assert_eq!(trueup(root.path(), &["--ignore", "trueup", "--select", "trueup", "-q"]).0, 0);
    assert!(trueup(root.path(), &["rules"]).1.contains("pool-above-house-limit"));
    assert!(trueup(root.path(), &["explain", "pool-above-house-limit"]).1.starts_with("# A pool above"));
    let (_, out, _) = trueup(root.path(), &["--select", "trueup", "--statistics", "-q", "--format", "concise"]);
    assert!(out.contains("1  error    pool-above-house-limit"), "{out}");
}

#[test]
fn a_table_of_ones_own_reads() {
    let root = repository(&[
        ("trueup.toml", "rules = [\"trueup\"]\n"),
        ("trueup/pools/pool-above-house-limit.md", PAGE),
        ("trueup/acme.toml", TABLE),
        ("deploy/acme.yaml", "upstream:\n  pool:\n    slots: 60\n"),
    ]);
    let (code, out, errors) =
        trueup(root.path(), &["deploy", "--select", "pool-above-house-limit", "--format", "concise", "-q"]);
    let expected = "deploy/acme.yaml:3:5: error[pool-above-house-limit] 60 connections; we agreed on 50\n";
    assert_eq!((code, out.as_str(), errors.as_str()), (1, expected, ""));
    let (_, out, _) = trueup(root.path(), &["inspect", "deploy/acme.yaml"]);
    assert!(out.contains("read as acme-gateway") && out.contains("max_size = 60"), "{out}");
}

#[test]
fn a_table_of_ones_own_reads_and_writes_annotations_of_others() {
    let page = PAGE
        .replace("self.max_size > 50", "self.max_size > 50 && !declared(self.acquire_timeout)")
        .replace("+++\n# A pool", "[[fix]]\nsafety = \"safe\"\ntitle = \"wait 5 s\"\nset = { acquire_timeout = \"duration('5s')\" }\n+++\n# A pool");
    let edge = |annotations: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\n  labels:\n    acme.example/edge: \"on\"\n  \
             annotations:\n{annotations}"
        )
    };
    let slots = "    acme.example/slots: \"60\"\n";
    let other = edge(slots).replace("edge: \"on\"", "edge: \"off\"");
    let root = repository(&[
        ("trueup.toml", "rules = [\"trueup\"]\n"),
        ("trueup/pool-above-house-limit.md", &page),
        ("trueup/edge.toml", ANNOTATIONS),
        ("shop.yaml", &edge(slots)),
        ("retry.yaml", &format!("{}spec:\n  retry: {{ on: [5xx, reset] }}\n", edge(slots))),
        ("other.yaml", &other),
        ("wrong.yaml", &edge("    acme.example/slots: 40\n    acme.example/pool.wait: 30s\n")),
    ]);
    let (_, out, errors) = trueup(root.path(), &["inspect", "shop.yaml"]);
    assert!(out.contains("read as kubernetes, acme-edge") && out.contains("max_size = 60"), "{out}{errors}");
    let (_, out, _) = trueup(root.path(), &["inspect", "retry.yaml"]);
    assert!(out.contains("retry_on = 5xx,reset"), "{out}");
    assert!(!trueup(root.path(), &["inspect", "other.yaml"]).1.contains("acme-edge"));

    let (_, out, _) = trueup(root.path(), &["wrong.yaml", "--format", "concise", "-q"]);
    let (rejected, ignored) = out.split_once('\n').expect("two findings");
    assert!(rejected.starts_with("wrong.yaml:8:5: error[setting-rejected] Kubernetes does not accept"), "{out}");
    assert!(
        ignored.contains("acme.example/pool.wait = 30s has no effect") && ignored.contains("passes over it"),
        "{out}"
    );

    trueup(root.path(), &["--fix", "--unsafe-fixes", "--select", "trueup,setting-rejected,setting-ignored"]);
    let read = |path: &str| fs::read_to_string(root.path().join(path)).expect("the file");
    assert_eq!(read("shop.yaml"), edge(&format!("{slots}    acme.example/pool.wait: \"5\"\n")));
    assert_eq!(read("wrong.yaml"), edge("    acme.example/slots: \"40\"\n    acme.example/pool.wait: \"30\"\n"));
    assert_eq!(read("other.yaml"), other);
}

#[test]
fn a_table_of_ones_own_says_which_package_is_its_product() {
    let pin = "\n[[pin]]\necosystem = \"maven\"\npackages = [\"example.acme:gateway\"]\n";
    let removed = "versions = \"<2\"\nreplaced-by = \"places\"\n";
    let table = format!("{TABLE}{removed}{pin}");
    let pom = "<project>\n<dependencies><dependency>\n<groupId>example.acme</groupId><artifactId>gateway</artifactId>\n\
               <version>2.1.0</version>\n</dependency></dependencies></project>\n";
    let mut files = vec![
        ("trueup.toml", "rules = [\"trueup\"]\n"),
        ("trueup/acme.toml", table.as_str()),
        ("deploy/conf/acme.yaml", "upstream:\n  pool:\n    slots: 60\n"),
    ];
    let (code, out, _) = trueup(repository(&files).path(), &["--format", "concise", "-q"]);
    assert_eq!((code, out.as_str()), (0, ""), "without a version nothing is certain");
    files.push(("deploy/pom.xml", pom));
    let root = repository(&files);
    let (code, out, errors) = trueup(root.path(), &["--format", "concise", "-q"]);
    assert!(out.starts_with("deploy/conf/acme.yaml:3:5:") && out.contains("[setting-removed]"), "{out}{errors}");
    assert_eq!(code, 1);
    // the version counts also where only the file is named, and what says it is not judged
    let (code, file, errors) = trueup(root.path(), &["deploy/conf/acme.yaml", "--format", "concise"]);
    assert!(code == 1 && file.starts_with(out.trim_end()), "{file}{errors}");
    assert!(format!("{file}{errors}").contains("1 file read"), "{file}{errors}");
    let (_, out, _) = trueup(root.path(), &["inspect", "deploy/conf/acme.yaml"]);
    assert!(out.contains("product acme-gateway 2.1.0 (from deploy/pom.xml:4)"), "{out}");
}

#[test]
fn mistakes_in_pages_and_tables_are_named_at_their_place() {
    for (file, text, expected) in [
        (
            "trueup/pool-above-house-limit.md",
            PAGE.replace("self.max_size > 50", "self.max_sise > 50"),
            "trueup/pool-above-house-limit.md:8:14: `self` has no `max_sise`; did you mean `max_size`?",
        ),
        (
            "trueup/pool-above-house-limit.md",
            PAGE.replace("\"error\"", "\"eror\""),
            "trueup/pool-above-house-limit.md:3:12: `severity` is one of info, warning, error; did you mean `error`?",
        ),
        (
            "trueup/pool-above-house-limit.md",
            PAGE.replace("help =", "hlep ="),
            "trueup/pool-above-house-limit.md:10:1: unknown key `hlep`; did you mean `help`?",
        ),
        (
            "trueup/pool-above-house-limit.md",
            PAGE.replace("on = \"pool\"", "on = \"poool\""),
            "trueup/pool-above-house-limit.md:6:1: there is no kind 'poool'; did you mean 'pool'?",
        ),
        (
            "trueup/pool-above-house-limit.md",
            PAGE.replace("on = \"pool\"", "on = \"pool\"\nalso-on = [\"route\"]"),
            "trueup/pool-above-house-limit.md:9:14: also-on 'route': `self` has no `max_size`",
        ),
        (
            "trueup/pool-above-house-limit.md",
            PAGE.replace("id = \"pool-above-house-limit\"", "id = "),
            "trueup/pool-above-house-limit.md:2:",
        ),
        (
            "trueup/retry-without-backoff.md",
            PAGE.replace("pool-above-house-limit", "retry-without-backoff"),
            "trueup/retry-without-backoff.md:2:1: there is already a rule 'retry-without-backoff'; choose another id",
        ),
        (
            "trueup/acme.toml",
            TABLE.replace("\"max_size\"", "\"max_sice\""),
            "trueup/acme.toml:20:13: a pool has no attribute 'max_sice'; did you mean 'max_size'?",
        ),
    ] {
        let root = repository(&[("trueup.toml", "rules = [\"./trueup/\"]\n"), (file, &text), ("app.yaml", APP)]);
        let (code, _, errors) = trueup(root.path(), &["app.yaml", "--select", "pool-above-house-limit"]);
        assert_eq!(code, 2, "{errors}");
        assert!(errors.contains(&format!("error: {expected}")), "expected {expected}, found {errors}");
    }
}

#[test]
fn every_mistake_of_a_folder_is_said_at_once() {
    let root = repository(&[
        ("trueup.toml", "rules = [\"trueup\", \"missing\"]\n"),
        ("trueup/a.md", "+++\nid = \"a\"\n+++\n# A\n"),
        ("trueup/b.toml", "id = 1\n"),
        ("app.yaml", APP),
    ]);
    let (code, _, errors) = trueup(root.path(), &["app.yaml"]);
    assert_eq!(code, 2);
    for part in [
        "trueup/a.md:2:1: the page lacks `on`",
        "trueup/b.toml:1:6: ",
        "trueup.toml:1:20: `missing`: no such directory",
    ] {
        assert!(errors.contains(&format!("error: {part}")), "no {part} in {errors}");
    }
}

#[test]
fn facts_are_evidence() {
    let page = PAGE
        .replace("self.max_size > 50", "self.max_size > 50 && host.memory < quantity('32Gi')")
        .replace("we agreed on 50", "the machine has {host.memory}");
    let root = repository(&[
        ("trueup.toml", "rules = [\"trueup\"]\n[facts]\nmemory = \"16GiB\"\nversions = { postgresql = \"16\" }\n"),
        ("trueup/pool-above-house-limit.md", &page),
        ("app.yaml", APP),
        ("postgresql.conf", "work_mem = 4MB\n"),
    ]);
    let (code, out, errors) = trueup(root.path(), &["--select", "trueup", "--format", "concise", "-q"]);
    assert_eq!((code, errors.as_str()), (1, ""), "{out}");
    assert!(out.contains("80 connections; the machine has 16 GiB"), "{out}");
    let (_, out, _) = trueup(root.path(), &["inspect", "postgresql.conf"]);
    assert!(out.contains("product postgresql 16 (from trueup.toml)"), "{out}");
    let (code, _, _) = trueup(root.path(), &["--select", "trueup", "--format", "concise", "-q", "--isolated"]);
    assert_eq!(code, 2, "without the settings there is no such rule");

    fs::write(root.path().join("trueup.toml"), "[facts]\nmemory = \"16 apples\"\n").expect("settings");
    let (code, _, errors) = trueup(root.path(), &["app.yaml"]);
    assert_eq!(code, 2);
    assert!(errors.starts_with("error: trueup.toml:2:1: memory is a size"), "{errors}");
}

#[test]
fn the_standard_input_is_read_under_a_name() {
    let root = repository(&[("trueup.toml", "rules = [\"trueup\"]\n"), ("trueup/pool-above-house-limit.md", PAGE)]);
    let arguments = ["-", "--stdin-filename", "x/app.yaml", "--select", "trueup", "--format", "concise", "-q"];
    let (code, out, errors) = trueup_with(root.path(), APP, &arguments);
    assert_eq!((code, errors.as_str()), (1, ""));
    assert!(out.starts_with("x/app.yaml:3:5: error[pool-above-house-limit]"), "{out}");
}

#[test]
fn the_schema_of_a_page_is_printed() {
    let root = repository(&[]);
    let (code, out, _) = trueup(root.path(), &["schema", "rule"]);
    assert_eq!(code, 0);
    let schema: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema");
}
