//! A team writes its findings down and hears only of those that come.

#[path = "support/repository.rs"]
mod repository;

use std::fs;

use repository::{findings, repository, trueup, write};

const CLIENTS: &str = "\
clients:
  payments:
    timeout: 30s
    retries: {max_attempts: 10, backoff: 0s}
datasources:
  - url: jdbc:postgresql://a/x
    pool: {max_size: 10, min_size: 20}
  - url: jdbc:postgresql://b/x
    pool: {max_size: 11, min_size: 21}
";

const STACK: &str = "\
services:
  api:
    image: shop/api:1.4
    deploy: { replicas: 4 }
    environment:
      DATABASE_URL: postgresql://app:s3cr3t-canary@db:5432/shop
      DB_POOL_SIZE: 30
  db:
    image: postgres:16
";

#[test]
fn only_what_is_new_is_reported() {
    let root = repository(&[("app/clients.yaml", CLIENTS), ("compose.yml", STACK)]);
    let at = root.path();
    let before = findings(at, &[]);
    assert_eq!(before.len(), 4, "{before:?}");

    let ran = trueup(at, &["baseline"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "trueup-baseline.json: 4 findings\n", ""));
    assert_eq!(findings(at, &["--baseline", "trueup-baseline.json"]), [""; 0]);
    write(at, "trueup.toml", "baseline = \"trueup-baseline.json\"\n");
    let ran = trueup(at, &["check"]);
    assert!(ran.code == 0 && ran.out.contains("\n4 findings in the baseline\n"), "{}", ran.out);
    assert_eq!(findings(at, &["--no-baseline"]), before);

    // lines move, keys elsewhere are renamed, items and sections change their order, and one problem comes
    let moved =
        format!("# who owns this: payments\n\nowner: payments\n{}", CLIENTS.replace("timeout: 30s", "deadline: 30s"))
            .replace(
                "datasources:\n",
                "datasources:\n  - url: jdbc:postgresql://c/x\n    pool: {max_size: 5, min_size: 6}\n",
            );
    write(at, "app/clients.yaml", &moved);
    write(at, "compose.yml", &STACK.replace("services:\n", "name: shop\nservices:\n  cache:\n    image: redis:7\n"));
    let now = findings(at, &[]);
    assert_eq!(
        now,
        [
            "app/clients.yaml:10:25: error[pool-min-exceeds-max] the pool keeps at least 6 connections and opens at most 5"
        ]
    );
}

#[test]
fn a_known_finding_with_other_values_is_shown_as_that() {
    let root = repository(&[("clients.yaml", CLIENTS), ("compose.yml", STACK)]);
    let at = root.path();
    trueup(at, &["baseline"]);
    write(at, "compose.yml", &STACK.replace("replicas: 4", "replicas: 5"));
    let known = ["--baseline", "trueup-baseline.json"];
    let changed = findings(at, &known);
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].ends_with("150 connections, and it accepts 100: api 5 × 30 (changed since the baseline)"));

    write(at, "other.yaml", CLIENTS);
    let report = trueup(at, &["check", "--baseline", "trueup-baseline.json", "--format", "json"]).out;
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let marks = |key: &str| -> Vec<String> {
        let of = |finding: &serde_json::Value| format!("{} {}", finding["path"], finding[key]);
        report["findings"].as_array().expect("findings").iter().map(of).collect()
    };
    let new = "\"other.yaml\" \"new\"";
    assert_eq!(marks("baseline"), ["\"compose.yml\" \"changed\"", new, new, new]);
    assert_eq!(report["summary"]["baseline"], 3);
    let sarif = trueup(at, &["check", "--baseline", "trueup-baseline.json", "--format", "sarif"]).out;
    assert_eq!(sarif.matches("\"baselineState\": \"updated\"").count(), 1);
    assert_eq!(sarif.matches("\"baselineState\": \"new\"").count(), 3);
}

#[test]
fn the_file_is_made_for_review() {
    let root = repository(&[("b/compose.yml", STACK), ("a/clients.yaml", CLIENTS)]);
    let at = root.path();
    assert_eq!(trueup(&at.join("a"), &["baseline", "..", "--output", "known.json"]).out, "known.json: 4 findings\n");
    let text = fs::read_to_string(at.join("a/known.json")).expect("the baseline");
    assert!(!text.contains("s3cr3t-canary"), "{text}");
    let paths: Vec<&str> = text.lines().filter(|line| line.contains("\"path\"")).collect();
    assert!(paths.is_sorted() && paths.len() == 4, "{text}");
    // the same again, and from another directory
    trueup(at, &["baseline"]);
    assert_eq!(fs::read_to_string(at.join("trueup-baseline.json")).expect("the baseline"), text);
    // one finding more is one entry more
    write(at, "a/more.yaml", "http:\n  timeout: 5s\n  retries: {max_attempts: 10, backoff: 0s}\n");
    trueup(at, &["baseline"]);
    let more = fs::read_to_string(at.join("trueup-baseline.json")).expect("the baseline");
    assert_eq!(more.lines().count(), text.lines().count() + 7);
    assert!(text.lines().all(|line| more.contains(line)));
}

#[test]
fn what_is_not_checked_stays() {
    let root = repository(&[("a/clients.yaml", CLIENTS), ("b/clients.yaml", CLIENTS), ("c/clients.yaml", CLIENTS)]);
    let at = root.path();
    trueup(at, &["baseline"]);
    for folder in ["a", "b"] {
        write(at, &format!("{folder}/clients.yaml"), "clients: {}\n");
    }
    assert_eq!(trueup(at, &["baseline", "--prune", "a"]).out, "trueup-baseline.json: 3 dropped, 6 left\n");
    fs::remove_file(at.join("b/clients.yaml")).expect("the file was there");
    assert_eq!(trueup(at, &["baseline", "--prune", "a", "c"]).out, "trueup-baseline.json: 0 dropped, 6 left\n");
    assert_eq!(trueup(at, &["baseline", "--prune"]).out, "trueup-baseline.json: 3 dropped, 3 left\n");
    write(at, "c/clients.yaml", &CLIENTS.replace("max_size: 10", "max_size: 9"));
    // a value of an item without a name is another finding; prune adds none
    assert_eq!(trueup(at, &["baseline", "--prune"]).out, "trueup-baseline.json: 1 dropped, 2 left\n");
    assert_eq!(findings(at, &["--baseline", "trueup-baseline.json"]).len(), 1);
    assert_eq!(trueup(at, &["baseline", "c"]).out, "trueup-baseline.json: 3 findings\n");
}

#[test]
fn each_settings_file_has_its_own() {
    let root = repository(&[
        ("clients.yaml", CLIENTS),
        ("team/trueup.toml", "baseline = \"known.json\"\n"),
        ("team/clients.yaml", CLIENTS),
    ]);
    let at = root.path();
    let ran = trueup(at, &["check", "-q"]);
    assert_eq!(ran.code, 2);
    assert_eq!(ran.err, "error: team/trueup.toml:1:12: `known.json`: no such file; `trueup baseline` writes it\n");
    assert_eq!(trueup(at, &["baseline"]).out, "team/known.json: 3 findings\ntrueup-baseline.json: 3 findings\n");
    assert_eq!(findings(at, &["team"]), [""; 0]);
    assert_eq!(findings(at, &[]).len(), 3);
}

#[test]
fn what_is_wrong_with_it_is_said() {
    let root = repository(&[("clients.yaml", CLIENTS)]);
    let at = root.path();
    let error = |arguments: &[&str]| {
        let ran = trueup(at, arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        ran.err
    };
    assert_eq!(
        error(&["check", "--baseline", "missing.json"]),
        "error: missing.json: no such file or directory; `trueup baseline` writes it\n"
    );
    assert_eq!(
        error(&["baseline", "--prune"]),
        "error: trueup-baseline.json: no such file or directory; `trueup baseline` writes it\n"
    );
    trueup(at, &["baseline"]);
    let file = at.join("trueup-baseline.json");
    let text = fs::read_to_string(&file).expect("the baseline");
    let anew = "remove the file and write it anew with `trueup baseline`";
    for (from, to, expected) in [
        ("\"version\": 1", "\"version\": 9", "2:14: no valid baseline: version 9, and this trueup reads version 1"),
        ("  \"findings\": [", "<<<<<<< HEAD\n", "3:1: no valid baseline: key must be a string"),
        ("\"fingerprint\": \"", "\"fingerprint\": \"x", "7:40: no valid baseline: invalid value: string \"x"),
    ] {
        fs::write(&file, text.replacen(from, to, 1)).expect("a broken baseline");
        let said = error(&["check", "--baseline", "trueup-baseline.json"]);
        assert!(said.starts_with(&format!("error: trueup-baseline.json:{expected}")), "{said}");
        assert!(said.ends_with(&format!("; {anew}\n")), "{said}");
    }
    // nothing is written over what could not be checked
    fs::write(&file, &text).expect("the baseline");
    assert!(error(&["baseline", "client.yaml"]).contains("did you mean `clients.yaml`?"));
    assert_eq!(fs::read_to_string(&file).expect("the baseline"), text);
}

#[test]
fn the_fingerprint_is_the_same_everywhere() {
    let root = repository(&[("clients.yaml", CLIENTS), ("compose.yml", STACK)]);
    let at = root.path();
    trueup(at, &["baseline"]);
    let baseline = fs::read_to_string(at.join("trueup-baseline.json")).expect("the baseline");
    let output = |format: &str| trueup(at, &["check", "--format", format]).out;
    let (json, sarif, gitlab) = (output("json"), output("sarif"), output("gitlab"));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let findings = json["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 4);
    for finding in findings {
        let fingerprint = finding["fingerprint"].to_string();
        assert!(sarif.contains(&format!("\"trueup/v1\": {fingerprint}")), "{fingerprint} in {sarif}");
        for text in [&baseline, &gitlab] {
            assert!(text.contains(&format!("\"fingerprint\": {fingerprint}")), "{fingerprint} in {text}");
        }
    }
}
