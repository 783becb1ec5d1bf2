//! Spring Boot: relaxed and environment spellings, profiles in one file and in several, a setting that needs a sibling.

use trueup::dialect::Refusal;
use trueup::model::{Declaration, Origin, Value};

use super::run::{Run, known, millis, pairs, seconds};

/// The same two settings in every spelling that Spring accepts.
const SPELLINGS: [(&str, &str); 7] = [
    (
        "app/application.yml",
        "spring:\n  datasource:\n    hikari:\n      maximum-pool-size: 40\n      max-lifetime: 1200000\n",
    ),
    ("app/application.yml", "spring:\n  datasource:\n    hikari:\n      maximumPoolSize: 40\n      maxLifetime: 20m\n"),
    (
        "app/application.yml",
        "spring:\n  datasource:\n    hikari:\n      maximum_pool_size: 40\n      max_lifetime: PT20M\n",
    ),
    ("app/application.yml", "spring.datasource:\n  hikari.maximum-pool-size: 40\n  hikari.max-lifetime: 1200s\n"),
    (
        "app/application.properties",
        "spring.datasource.hikari.maximum-pool-size=40\nspring.datasource.hikari.maxLifetime=1200000\n",
    ),
    ("app/.env", "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE=40\nSPRING_DATASOURCE_HIKARI_MAXLIFETIME=1200000\n"),
    ("app/.env", "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE=40\nSPRING_DATASOURCE_HIKARI_MAX_LIFETIME=1200000\n"),
];

#[test]
fn every_spelling_of_a_key_is_read() {
    for (path, text) in SPELLINGS {
        let run = Run::of(&["spring"], &[(path, text)]);
        let pool = run.resource("pool", "hikari", None);
        assert_eq!(pool.effective("max_size"), known(Value::Int(40)), "{text}");
        assert_eq!(pool.effective("max_lifetime"), known(seconds(1200)), "{text}");
        for (attribute, line) in [("max_size", 0), ("max_lifetime", 1)] {
            let found = pool.attribute(attribute).expect("it is set");
            assert_eq!((found.declared, &found.origin), (Declaration::Set, &Origin::Set));
            let lines: Vec<&str> = text.lines().filter(|line| line.to_lowercase().contains("max")).collect();
            let entry = lines[line].trim();
            assert_eq!(run.written(found), [format!("{path}: {entry}")], "{text}");
        }
        assert_eq!(run.faults(), []);
    }
}

#[test]
fn a_value_is_written_in_the_unit_and_style_that_it_has() {
    for ((path, text), lifetime) in SPELLINGS.into_iter().zip(["600000", "10m", "PT10M", "600s"]) {
        let run = Run::of(&["spring"], &[(path, text)]);
        let (new, shared) = run.set("pool", "hikari", None, "max_lifetime", seconds(600));
        let old = text.lines().last().expect("a line");
        let start = old.rfind(' ').expect("a value") + 1;
        assert_eq!(new, text.replace(&old[start..], lifetime));
        assert!(!shared);
        run.set("pool", "hikari", None, "max_size", Value::Int(20));
    }
    // files of the line family are not edited yet: the edit is right, the layer below refuses it
    let spelled = |like| Run::of(&["spring"], &[]).spell("test-spring", "pool", "max_lifetime", seconds(600), like);
    assert_eq!(spelled(Some("1800000")), Some(("max-lifetime".into(), "600000".into())));
    assert_eq!(spelled(Some("30m")), Some(("max-lifetime".into(), "10m".into())));
    assert_eq!(spelled(Some("PT30M")), Some(("max-lifetime".into(), "PT10M".into())));
    // what the pool would reset is not written
    let run = Run::of(&["spring"], &[]);
    assert_eq!(run.spell("test-spring", "pool", "max_lifetime", seconds(5), None), None);
}

#[test]
fn a_missing_key_is_written_as_its_siblings_are() {
    for (text, want) in [
        ("spring:\n  datasource:\n    hikari:\n      maximum-pool-size: 40\n", "      connection-timeout: "),
        ("spring:\n  datasource:\n    hikari:\n      maximumPoolSize: 40\n", "      connectionTimeout: "),
        ("spring:\n  datasource:\n    hikari:\n      maximum_pool_size: 40\n", "      connection_timeout: "),
        ("spring.datasource:\n  hikari.maximumPoolSize: 40\n", "  hikari.connectionTimeout: "),
    ] {
        let run = Run::of(&["spring"], &[("application.yml", text)]);
        let (new, _) = run.set("pool", "hikari", None, "acquire_timeout", seconds(5));
        let added = new.strip_prefix(text).expect("an entry behind the last");
        assert!(added.starts_with(want), "{added}");
    }
}

const COMMON: &str = "\
spring:
  datasource:
    hikari:
      maximum-pool-size: 10
      max-lifetime: 1800000
---
spring:
  config:
    activate:
      on-profile: staging
  datasource:
    hikari:
      maximum-pool-size: 20
---
spring:
  config:
    activate:
      on-profile: [prod, load]
  datasource:
    hikari:
      maximum-pool-size: 30
      max-lifetime: 900000
";
const PROD: &str = "spring:\n  datasource:\n    hikari:\n      maximum-pool-size: 40\n";

#[test]
fn profiles_are_resources_and_the_environment_is_over_them() {
    let run = Run::of(&["spring"], &[("application.yml", COMMON), ("application-prod.yml", PROD)]);
    let sizes = |run: &Run| {
        [None, Some("staging"), Some("load"), Some("prod")].map(|profile| {
            let pool = run.resource("pool", "hikari", profile);
            let size = pool.attribute("max_size").expect("it is set");
            (pool.value("max_size").cloned(), run.written(size).len())
        })
    };
    let size = |size| Some(Value::Int(size));
    assert_eq!(sizes(&run), [(size(10), 1), (size(20), 2), (size(30), 2), (size(40), 3)]);
    assert_eq!(run.count("pool"), 4);
    let prod = run.resource("pool", "hikari", Some("prod"));
    let written = run.written(prod.attribute("max_size").expect("it is set"));
    assert_eq!(
        written,
        [
            "application-prod.yml: maximum-pool-size: 40",
            "application.yml: maximum-pool-size: 30",
            "application.yml: maximum-pool-size: 10"
        ]
    );
    assert_eq!(prod.effective("max_lifetime"), known(seconds(900)));
    assert_eq!(run.resource("pool", "hikari", Some("staging")).effective("max_lifetime"), known(seconds(1800)));

    let environment = ("base.env", "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE=5\n");
    let run = Run::of(&["spring"], &[("application.yml", COMMON), ("application-prod.yml", PROD), environment]);
    assert_eq!(sizes(&run), [(size(5), 2), (size(5), 3), (size(5), 3), (size(5), 4)]);
    let load = run.resource("pool", "hikari", Some("load"));
    let written = run.written(load.attribute("max_size").expect("it is set"));
    assert_eq!(written[0], "base.env: SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE=5");
}

#[test]
fn a_profile_is_changed_where_it_is_written() {
    let run = Run::of(&["spring"], &[("application.yml", COMMON), ("application-prod.yml", PROD)]);
    let (prod, _) = run.set("pool", "hikari", Some("prod"), "max_size", Value::Int(25));
    assert_eq!(prod, PROD.replace("40", "25"));
    let (staging, _) = run.set("pool", "hikari", Some("staging"), "max_size", Value::Int(15));
    assert_eq!(staging, COMMON.replace(": 20", ": 15"));
    let (prod, _) = run.set("pool", "hikari", Some("prod"), "acquire_timeout", seconds(5));
    assert_eq!(prod, format!("{PROD}      connection-timeout: 5s\n"));
}

#[test]
fn a_value_from_a_variable_is_read_and_not_written() {
    let yaml = "spring.datasource.hikari:\n  maximum-pool-size: ${POOL:30}\n  max-lifetime: ${LIFETIME}\n";
    let run = Run::of(&["spring"], &[("application.yml", yaml)]);
    let pool = run.resource("pool", "hikari", None);
    assert_eq!(pool.effective("max_size"), known(Value::Int(30)));
    assert_eq!(pool.attribute("max_size").map(|found| &found.origin), Some(&Origin::Interpolated));
    assert_eq!(pool.declared("max_lifetime"), Declaration::Set);
    assert_eq!(pool.value("max_lifetime"), None);
    assert_eq!(run.refusal(pool, "max_size", Value::Int(5)), Refusal::Interpolated);
    assert_eq!(run.refusal(pool, "max_lifetime", seconds(600)), Refusal::Interpolated);
}

#[test]
fn a_multiplier_counts_only_beside_a_wait() {
    let yaml = "\
resilience4j:
  retry:
    configs:
      default:
        wait-duration: 1s
        max-attempts: 4
      slow:
        waitDuration: 2s
        exponential-backoff-multiplier: 3
    instances:
      inert:
        exponential-backoff-multiplier: 2
      whole:
        wait-duration: 200ms
        exponential-backoff-multiplier: 2
      named:
        base-config: slow
        max-attempts: 5
";
    let run = Run::of(&["spring"], &[("application.yml", yaml)]);
    let inert = run.resource("retry", "inert", None);
    assert_eq!(inert.value("multiplier"), None);
    assert_eq!(inert.effective("initial_delay"), known(seconds(1)));
    assert_eq!(inert.effective("requests_per_call"), known(Value::Int(4)));
    let whole = run.resource("retry", "whole", None);
    assert_eq!(whole.effective("multiplier"), known(Value::Double(2.0)));
    assert_eq!(whole.effective("initial_delay"), known(millis(200)));
    let named = run.resource("retry", "named", None);
    assert_eq!(named.effective("multiplier"), known(Value::Double(3.0)));
    assert_eq!(named.effective("initial_delay"), known(seconds(2)));
    assert_eq!(named.effective("requests_per_call"), known(Value::Int(5)));
    assert_eq!(run.faults(), pairs(&[("exponential-backoff-multiplier", "ignored")]));

    // what is inherited is written where others read it too
    let (new, shared) = run.set("retry", "named", None, "initial_delay", seconds(4));
    assert_eq!((new, shared), (yaml.replace("waitDuration: 2s", "waitDuration: 4s"), true));
    let (new, shared) = run.set("retry", "whole", None, "multiplier", Value::Double(1.5));
    assert_eq!(
        (new, shared),
        (
            yaml.replacen(
                "200ms\n        exponential-backoff-multiplier: 2",
                "200ms\n        exponential-backoff-multiplier: 1.5",
                1
            ),
            false
        )
    );

    // a variable names the instance in its own spelling
    let text = yaml.replace("whole:", "my-api:");
    let environment = ("prod.env", "RESILIENCE4J_RETRY_INSTANCES_MYAPI_WAITDURATION=3s\n");
    let run = Run::of(&["spring"], &[("application.yml", &text), environment]);
    assert_eq!(run.count("retry"), 3);
    assert_eq!(run.resource("retry", "my-api", None).effective("initial_delay"), known(seconds(3)));

    // with the sibling at its own level, the inert one counts
    let mended = yaml.replace("inert:\n", "inert:\n        wait-duration: 1s\n");
    let run = Run::of(&["spring"], &[("application.yml", &mended)]);
    assert_eq!(run.resource("retry", "inert", None).effective("multiplier"), known(Value::Double(2.0)));
    assert_eq!(run.faults(), []);
}

#[test]
fn what_stands_elsewhere_is_not_changed_here() {
    let run = Run::of(&["spring"], &[("application.yml", COMMON), ("application-prod.yml", PROD)]);
    let prod = run.resource("pool", "hikari", Some("prod"));
    let place = prod.attribute("max_size").expect("it is set").written[0].entry;
    assert_eq!(run.change(0, prod, "max_size", Value::Int(5)).err(), Some(Refusal::Elsewhere(place)));
    assert!(run.change(1, prod, "max_size", Value::Int(5)).is_ok());
    assert_eq!(run.change(1, prod, "max_size", seconds(5)).err(), Some(Refusal::Value));
    assert_eq!(run.change(1, prod, "overflow", Value::Int(5)).err(), Some(Refusal::NoPlace));
    // no table says how the keys of in-house files are written: the value that stands there does
    let run = Run::of(&[], &[("service.yaml", "database:\n  url: postgres://db/x\n  pool:\n    max_size: 10\n")]);
    let pool = run.resource("pool", "database.pool", None);
    assert!(run.change(0, pool, "max_size", Value::Int(5)).is_ok());
    assert_eq!(run.change(0, pool, "max_size", seconds(5)).err(), Some(Refusal::Value));
}

#[test]
fn line_files_are_changed_in_their_own_unit() {
    let text = "spring.datasource.hikari.max-lifetime=1800000\n";
    let run = Run::of(&["spring"], &[("application.properties", text)]);
    let (changed, _) = run.set("pool", "hikari", None, "max_lifetime", seconds(600));
    assert_eq!(changed, "spring.datasource.hikari.max-lifetime=600000\n");
    let (added, _) = run.set("pool", "hikari", None, "max_size", Value::Int(5));
    assert_eq!(added, format!("{text}spring.datasource.hikari.maximum-pool-size=5\n"));
}
