//! Orchestrators: variables by name, defaults of variables in argument arrays, anchors that services share.

use trueup::dialect::Refusal;
use trueup::model::{Declaration, Effective, Origin, Value, Why};

use super::run::{Run, known};

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
        - name: shop
          image: shop:1
          env:
            - name: PGHOST
              value: db
            - name: PGMAX
              value: \"50\"
        - name: sidecar
          image: sidecar:1
          env:
            - { name: PGMAX, value: '5' }
";

#[test]
fn an_environment_entry_is_found_by_its_name() {
    let run = Run::of(&["deployment"], &[("deployment.yaml", DEPLOYMENT)]);
    let shop = run.resource("pool", "shop.containers", None);
    assert_eq!(shop.effective("max_size"), known(Value::Int(50)));
    assert_eq!(run.written(shop.attribute("max_size").expect("it is set")), ["deployment.yaml: value: \"50\""]);
    assert_eq!(run.resource("pool", "sidecar.containers", None).effective("max_size"), known(Value::Int(5)));
    let (new, shared) = run.set("pool", "shop.containers", None, "max_size", Value::Int(20));
    assert_eq!((new, shared), (DEPLOYMENT.replace("\"50\"", "\"20\""), false));
    let (new, _) = run.set("pool", "sidecar.containers", None, "max_size", Value::Int(2));
    assert_eq!(new, DEPLOYMENT.replace("'5'", "'2'"));
}

/// A compose file whose server takes its limit from an argument array.
fn compose(argument: &str) -> String {
    format!(
        "services:\n  db:\n    image: postgres:16\n    command: [\"postgres\", \"-c\", \"max_connections={argument}\"]\n"
    )
}

#[test]
fn a_variable_in_an_argument_is_settled_by_its_file_or_its_default() {
    let read = |argument: &str, environment: Option<&str>| {
        let text = compose(argument);
        let mut files = vec![("stack/compose.yaml", text.as_str())];
        files.extend(environment.map(|text| ("stack/.env", text)));
        let run = Run::of(&[], &files);
        let server = run.resource("server", "db", None);
        assert_eq!(run.faults(), []);
        let found = server.attribute("postgres.max_connections").expect("it is written");
        assert_eq!(run.written(found), [format!("stack/compose.yaml: max_connections={argument}")]);
        assert_eq!(server.effective("max_connections"), found.effective);
        (found.effective.clone(), found.origin.clone(), found.declared)
    };
    let set = |number| known(Value::Int(number));
    let unknown = Effective::Unknown(Why::Interpolated);
    assert_eq!(read("${PGMAX:-300}", Some("PGMAX=80\n")), (set(80), Origin::Interpolated, Declaration::Set));
    assert_eq!(read("${PGMAX:-300}", None), (set(300), Origin::Interpolated, Declaration::Set));
    assert_eq!(read("${PGMAX}", Some("PGMAX=80\n")), (set(80), Origin::Interpolated, Declaration::Set));
    assert_eq!(read("${PGMAX}", None).0, unknown);
    assert_eq!(read("300", None), (set(300), Origin::Set, Declaration::Set));
}

#[test]
fn an_argument_is_changed_in_its_word_and_a_variable_is_not() {
    let text = compose("300");
    let run = Run::of(&[], &[("compose.yaml", &text)]);
    let (new, shared) = run.set("server", "db", None, "max_connections", Value::Int(100));
    assert_eq!((new, shared), (compose("100"), false));
    let text = compose("${PGMAX:-300}");
    let run = Run::of(&[], &[("compose.yaml", &text)]);
    let server = run.resource("server", "db", None);
    assert_eq!(run.refusal(server, "max_connections", Value::Int(100)), Refusal::Interpolated);
}

const ANCHORED: &str = "\
x-limits: &limits
  mem_limit: 512m
services:
  db:
    image: postgres:16
    <<: *limits
  cache:
    image: redis:7
    <<: *limits
  own:
    image: redis:7
    mem_limit: 1g
";

#[test]
fn an_anchor_is_read_by_all_its_users_and_written_once() {
    let run = Run::of(&[], &[("compose.yaml", ANCHORED)]);
    for service in ["db", "cache"] {
        let workload = run.resource("workload", service, None);
        assert_eq!(workload.effective("memory_limit"), known(Value::Size(512 << 20)));
        let found = workload.attribute("memory_limit").expect("it is set");
        assert_eq!(run.written(found), ["compose.yaml: mem_limit: 512m"]);
        assert!(found.written[0].shared);
    }
    let own = run.resource("workload", "own", None).attribute("memory_limit").expect("it is set");
    assert!(!own.written[0].shared);
    let (new, shared) = run.set("workload", "cache", None, "memory_limit", Value::Size(256 << 20));
    assert_eq!((new, shared), (ANCHORED.replace("512m", "256m"), true));
    // the one that has the anchor shares it as much as those that refer to it
    let text = "services:\n  a: &a\n    image: redis:7\n    mem_limit: 1g\n  b: *a\n";
    let run = Run::of(&[], &[("compose.yaml", text)]);
    for service in ["a", "b"] {
        let found = run.resource("workload", service, None).attribute("memory_limit").expect("it is set");
        assert!(found.written[0].shared, "{service}");
    }
}
