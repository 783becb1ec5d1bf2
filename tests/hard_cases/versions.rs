//! What depends on a version: a key that came, a default that changed, the meaning of a value that changed.

use trueup::model::{Declaration, Effective, Origin, Value, Why};

use super::run::{Run, known, pairs, seconds};

#[test]
fn a_key_has_a_default_where_its_version_has_it() {
    let file = ("pgbouncer.ini", "[pgbouncer]\npool_mode = transaction\n");
    for (version, want) in [
        (None, Some(Effective::Unknown(Why::Version))),
        (Some("1"), Some(Effective::Unknown(Why::Version))),
        (Some("1.20"), None),
        (Some("1.22.1"), Some(known(Value::Int(0)))),
        (Some("1.24"), Some(known(Value::Int(200)))),
    ] {
        let versions: Vec<(&str, &str)> = version.iter().map(|version| ("pgbouncer", *version)).collect();
        let run = Run::with(&["pgbouncer"], &versions, &[file]);
        let pooler = run.resource("pooler", "pgbouncer", None);
        let found = pooler.attribute("max_prepared_statements");
        assert_eq!(found.map(|found| found.effective.clone()), want, "{version:?}");
        assert_eq!(pooler.declared("max_prepared_statements"), Declaration::NotSet);
        let by_default = matches!(found.map(|found| &found.origin), Some(Origin::Default { .. }));
        assert_eq!(by_default, matches!(want, Some(Effective::Known(_))));
        assert_eq!(run.faults(), []);
    }
}

#[test]
fn a_key_that_is_too_new_does_nothing() {
    let file = ("pgbouncer.ini", "[pgbouncer]\nmax_prepared_statements = 100\n");
    let run = Run::with(&["pgbouncer"], &[("pgbouncer", "1.20")], &[file]);
    assert_eq!(run.resource("pooler", "pgbouncer", None).value("max_prepared_statements"), None);
    assert_eq!(run.faults(), pairs(&[("max_prepared_statements", "too-new")]));
    assert_eq!(run.spell("test-pgbouncer", "pooler", "max_prepared_statements", Value::Int(50), None), None);
    let run = Run::with(&["pgbouncer"], &[("pgbouncer", "1.22")], &[file]);
    let pooler = run.resource("pooler", "pgbouncer", None);
    assert_eq!(pooler.effective("max_prepared_statements"), known(Value::Int(100)));
    assert_eq!(run.faults(), []);
    let spelled = run.spell("test-pgbouncer", "pooler", "max_prepared_statements", Value::Int(50), Some("100"));
    assert_eq!(spelled, Some(("max_prepared_statements".into(), "50".into())));
}

#[test]
fn the_meaning_of_a_value_changes_with_the_version() {
    let text = "pool:\n  maxLifetimeSeconds: 0\n  keepAliveMillis: 5000\n";
    let read = |version: Option<&str>| {
        let versions: Vec<(&str, &str)> = version.iter().map(|version| ("sample", *version)).collect();
        let run = Run::with(&["sections"], &versions, &[("sample.yaml", text)]);
        let pool = run.resource("pool", "pool", None);
        (pool.effective("max_lifetime"), pool.effective("keepalive"), run.faults())
    };
    assert_eq!(read(Some("1.9")), (known(seconds(0)), known(seconds(5)), Vec::new()));
    let disabled = pairs(&[("keepAliveMillis", "disabled")]);
    assert_eq!(read(Some("2.1")), (known(Value::Unlimited), known(Value::Off), disabled));
    let depends = Effective::Unknown(Why::Version);
    assert_eq!(read(None), (depends.clone(), depends, Vec::new()));

    // a limit that no version crosses is certain without a version
    let text = "pool:\n  maxLifetimeSeconds: 60\n  keepAliveMillis: 60000\n";
    let run = Run::of(&["sections"], &[("sample.yaml", text)]);
    assert_eq!(run.resource("pool", "pool", None).effective("keepalive"), known(seconds(60)));
    // "no limit" is written as the version says it, and not at all where that is not known
    let run = Run::with(&["sections"], &[("sample", "2.0")], &[("sample.yaml", text)]);
    let (new, _) = run.set("pool", "pool", None, "max_lifetime", Value::Unlimited);
    assert_eq!(new, text.replace("Seconds: 60", "Seconds: 0"));
    let run = Run::with(&["sections"], &[("sample", "1.0")], &[("sample.yaml", text)]);
    assert_eq!(run.spell("test-sections", "pool", "max_lifetime", Value::Unlimited, None), None);
    let (new, _) = run.set("pool", "pool", None, "keepalive", seconds(2));
    assert_eq!(new, text.replace("Millis: 60000", "Millis: 2000"));
    let run = Run::of(&["sections"], &[("sample.yaml", text)]);
    assert_eq!(run.spell("test-sections", "pool", "keepalive", seconds(2), None), None);
}

#[test]
fn a_version_is_read_from_the_files_around() {
    let file = ("deploy/pool/pgbouncer.ini", "[pgbouncer]\nmax_prepared_statements = 100\n");
    let image = |tag: &str| format!("FROM edoburu/pgbouncer:{tag}\n");
    let (old, new) = (image("v1.20.1-p0"), image("v1.24.0-p1"));
    let too_new = pairs(&[("max_prepared_statements", "too-new")]);
    for (around, want, source) in [
        (vec![], Vec::new(), None),
        (vec![("deploy/Dockerfile", old.as_str())], too_new.clone(), Some("deploy/Dockerfile:1")),
        // the nearest directory decides, and one that says two things says nothing
        (
            vec![("deploy/Dockerfile", old.as_str()), ("deploy/pool/Dockerfile", new.as_str())],
            Vec::new(),
            Some("deploy/pool/Dockerfile:1"),
        ),
        (vec![("deploy/Dockerfile", old.as_str()), ("deploy/Dockerfile.new", new.as_str())], Vec::new(), None),
        (vec![("other/Dockerfile", old.as_str())], Vec::new(), None),
    ] {
        let files: Vec<(&str, &str)> = std::iter::once(file).chain(around).collect();
        let run = Run::of(&["pgbouncer"], &files);
        assert_eq!(run.faults(), want, "{files:?}");
        let pin = &run.resource("pooler", "pgbouncer", None).version;
        assert_eq!(pin.as_ref().map(|pin| &*pin.source), source, "{files:?}");
    }
    // what the user declares beats what is found
    let run = Run::with(&["pgbouncer"], &[("pgbouncer", "1.22")], &[file, ("deploy/Dockerfile", old.as_str())]);
    assert_eq!(run.faults(), []);
}
