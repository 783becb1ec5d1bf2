//! Spring Boot's relaxed binding: every spelling of a key that its documentation allows is read, and those that it does
//! not allow are not. Each group names the rule of
//! <https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.typesafe-configuration-properties.relaxed-binding>
//! that it follows.

use trueup::analysis::{Input, Known, resources};
use trueup::model::{Effective, Resource, Value};
use trueup::workspace::Shipped;

/// A key by its words, the attribute that it sets, a value and what that is.
struct Key {
    /// The steps above the last one.
    path: &'static [&'static str],
    /// The words of the last step.
    words: &'static [&'static str],
    kind: &'static str,
    attribute: &'static str,
    text: &'static str,
    value: Value,
}

const SECOND: i64 = 1_000_000_000;

fn keys() -> Vec<Key> {
    vec![
        Key {
            path: &["spring", "datasource", "hikari"],
            words: &["maximum", "pool", "size"],
            kind: "pool",
            attribute: "max_size",
            text: "40",
            value: Value::Int(40),
        },
        Key {
            path: &["spring", "data", "redis"],
            words: &["connect", "timeout"],
            kind: "client",
            attribute: "connect_timeout",
            text: "2s",
            value: Value::Duration(2 * SECOND),
        },
        Key {
            path: &["spring", "task", "execution", "pool"],
            words: &["queue", "capacity"],
            kind: "executor",
            attribute: "queue_capacity",
            text: "250",
            value: Value::Int(250),
        },
        Key {
            path: &["resilience4j", "ratelimiter", "instances", "api"],
            words: &["limit", "refresh", "period"],
            kind: "rate_limit",
            attribute: "period",
            text: "1s",
            value: Value::Duration(SECOND),
        },
    ]
}

fn kebab(words: &[&str]) -> String {
    words.join("-")
}

fn snake(words: &[&str]) -> String {
    words.join("_")
}

fn upper(words: &[&str]) -> String {
    words.join("_").to_uppercase()
}

fn camel(words: &[&str]) -> String {
    let mut key = words[0].to_string();
    for word in &words[1..] {
        key.push_str(&word[..1].to_uppercase());
        key.push_str(&word[1..]);
    }
    key
}

/// `path` and `last` as nested maps of YAML.
fn nested(path: &[&str], last: &str, text: &str) -> String {
    let mut yaml = String::new();
    for (depth, step) in path.iter().enumerate() {
        yaml.push_str(&format!("{}{step}:\n", "  ".repeat(depth)));
    }
    yaml + &format!("{}{last}: {text}\n", "  ".repeat(path.len()))
}

/// The resources of one file that have a value for the attribute.
fn found(path: &str, text: &str, kind: &str, attribute: &str) -> Vec<Value> {
    let shipped = Shipped::new();
    let input = Input { path: path.into(), bytes: text.as_bytes().to_vec() };
    let known: Known<'_> = shipped.known();
    let model = resources(known, vec![input]).model;
    let set = |resource: &Resource| match resource.attribute(attribute) {
        Some(found) if found.declared == trueup::model::Declaration::Set => match &found.effective {
            Effective::Known(value) => Some(value.clone()),
            _ => None,
        },
        _ => None,
    };
    model.resources.iter().filter(|resource| &*resource.kind == kind).filter_map(set).collect()
}

/// Every spelling of a group is read as the key.
fn all_read(key: &Key, spellings: &[(String, String)], rule: &str) -> usize {
    for (path, text) in spellings {
        let values = found(path, text, key.kind, key.attribute);
        assert_eq!(values, std::slice::from_ref(&key.value), "{rule}\n{path}\n{text}");
    }
    spellings.len()
}

#[test]
fn every_documented_spelling_is_read() {
    let mut read = 0;
    for key in keys() {
        let cases = [kebab(key.words), camel(key.words), snake(key.words), upper(key.words)];
        let path = key.path.join(".");
        let files: Vec<(String, String)> =
            cases.iter().map(|last| ("application.yml".into(), nested(key.path, last, key.text))).collect();
        read += all_read(&key, &files, "YAML files: camel case, kebab case, or underscore notation");

        let files: Vec<(String, String)> = cases
            .iter()
            .map(|last| ("application.properties".into(), format!("{path}.{last}={}\n", key.text)))
            .collect();
        read += all_read(&key, &files, "properties files: camel case, kebab case, or underscore notation");

        let last = kebab(key.words);
        let (head, tail) = key.path.split_at(2);
        let dotted = [
            format!("{path}.{last}: {}\n", key.text),
            format!("{path}:\n  {last}: {}\n", key.text),
            nested(head, &format!("{}.{last}", tail.join(".")), key.text),
        ];
        let dotted: Vec<(String, String)> =
            dotted.into_iter().map(|text| ("application.yaml".to_string(), text)).collect();
        read += all_read(&key, &dotted, "YAML is flattened into keys with dots: dots in its keys mean the same");

        let uniform = format!("{}_{}", key.path.join("_"), key.words.concat()).to_uppercase();
        let legacy = format!("{}_{}", key.path.join("_"), key.words.join("_")).to_uppercase();
        let environment = [
            (".env".to_string(), format!("{uniform}={}\n", key.text)),
            ("app.env".to_string(), format!("export {uniform}=\"{}\"\n", key.text)),
            (
                "compose.yml".to_string(),
                format!("services:\n  app:\n    image: acme/app\n    environment:\n      {uniform}: {}\n", key.text),
            ),
            (
                "compose.yml".to_string(),
                format!("services:\n  app:\n    image: acme/app\n    environment:\n      - {uniform}={}\n", key.text),
            ),
            ("deployment.yml".to_string(), deployment(&uniform, key.text)),
        ];
        read +=
            all_read(&key, &environment, "environment variables: replace dots, remove dashes, convert to upper case");

        let environment = [
            (".env".to_string(), format!("{legacy}={}\n", key.text)),
            ("deployment.yml".to_string(), deployment(&legacy, key.text)),
        ];
        read += all_read(&key, &environment, "environment variables as before 2.0: dashes are underscores");

        let dotted = format!(
            "services:\n  app:\n    image: acme/app\n    environment:\n      {path}.{}: {}\n",
            camel(key.words),
            key.text
        );
        read += all_read(&key, &[("compose.yml".into(), dotted)], "a variable may be named by the property itself");
    }
    assert!(read >= 76, "{read}");
}

fn deployment(name: &str, text: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          \
         image: acme/app\n          env:\n            - name: {name}\n              value: \"{text}\"\n"
    )
}

#[test]
fn elements_of_lists_are_numbered() {
    let route = "spring.cloud.gateway.routes";
    let texts = [
        ("application.properties", format!("{route}[0].id=shop\n{route}[0].metadata.response-timeout=3000\n")),
        ("application.yml", format!("{route}[0].metadata.response-timeout: 3000\n")),
        ("application.yml", format!("{route}:\n  - id: shop\n    metadata:\n      response-timeout: 3000\n")),
    ];
    for (path, text) in texts {
        let found = found(path, &text, "client", "target_timeout");
        assert_eq!(found, [Value::Duration(3 * SECOND)], "list syntax with [ ]: {text}");
    }
    // the gateway looks its metadata up by the one name
    for (path, text) in [
        ("application.properties", format!("{route}[0].id=shop\n{route}[0].metadata.responseTimeout=3000\n")),
        (".env", "SPRING_CLOUD_GATEWAY_ROUTES_0_METADATA_RESPONSE_TIMEOUT=3000\n".to_string()),
    ] {
        assert_eq!(found(path, &text, "client", "target_timeout"), [], "another key of the map: {text}");
    }
    let filter = "SPRING_CLOUD_GATEWAY_ROUTES_0_FILTERS_0";
    let text = format!("{filter}_NAME=Retry\n{filter}_ARGS_RETRIES=4\n");
    assert_eq!(found(".env", &text, "retry", "requests_per_call"), [Value::Int(5)], "in variables between underscores");
}

#[test]
fn map_keys_keep_their_dashes() {
    let base = "resilience4j.retry.instances";
    let texts = [
        ("application.properties", format!("{base}.my-api.wait-duration=2s\n")),
        ("application.properties", format!("{base}[my-api].wait-duration=2s\n")),
        ("application.properties", format!("{base}.[my-api].wait-duration=2s\n")),
        ("application.yml", format!("{base}:\n  my-api:\n    wait-duration: 2s\n")),
        ("application.yml", format!("{base}:\n  \"[my-api]\":\n    wait-duration: 2s\n")),
        ("application.yml", format!("{base}:\n  my-api: {{ waitDuration: 2s }}\n")),
        (".env", "RESILIENCE4J_RETRY_INSTANCES_MYAPI_WAITDURATION=2s\n".to_string()),
        (".env", "RESILIENCE4J_RETRY_INSTANCES_MYAPI_WAIT_DURATION=2s\n".to_string()),
    ];
    for (path, text) in texts {
        let found = found(path, &text, "retry", "initial_delay");
        assert_eq!(found, [Value::Duration(2 * SECOND)], "map keys, with and without brackets: {text}");
    }
}

#[test]
fn the_environment_is_over_the_file_beside_it() {
    let shipped = Shipped::new();
    let inputs = [
        (
            "app/application.yml",
            "resilience4j.retry.instances:\n  my-api:\n    wait-duration: 2s\n    max-attempts: 4\n",
        ),
        ("app/.env", "RESILIENCE4J_RETRY_INSTANCES_MYAPI_WAITDURATION=5s\n"),
    ]
    .map(|(path, text)| Input { path: path.into(), bytes: text.as_bytes().to_vec() });
    let model = resources(shipped.known(), inputs.into()).model;
    let retries: Vec<&Resource> = model.resources.iter().filter(|resource| &*resource.kind == "retry").collect();
    let [retry] = retries.as_slice() else { panic!("one retry policy, not {}", retries.len()) };
    assert_eq!(retry.value("initial_delay"), Some(&Value::Duration(5 * SECOND)));
    assert_eq!(retry.value("requests_per_call"), Some(&Value::Int(4)));
}

#[test]
fn other_spellings_are_not_read() {
    for (path, text) in [
        // underscores separate the steps of a key: they may not be left out
        (".env", "SPRING_DATASOURCEHIKARI_MAXIMUMPOOLSIZE=40\n"),
        (".env", "SPRINGDATASOURCE_HIKARI_MAXIMUMPOOLSIZE=40\n"),
        // dashes go all or none
        (".env", "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOLSIZE=40\n"),
        (".env", "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOL_SIZE=40\n"),
        // another key
        (".env", "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE_X=40\n"),
        (".env", "APP_SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE=40\n"),
        ("application.yml", "spring:\n  datasource:\n    hikari:\n      max-pool-size: 40\n"),
        ("application.properties", "spring.datasource.hikari.maximum.pool.size=40\n"),
        ("application.properties", "springdatasource.hikari.maximum-pool-size=40\n"),
        // common words by themselves are anybody's
        (".env", "SERVER_TOMCAT_THREADS_MAX=40\n"),
    ] {
        assert_eq!(found(path, text, "pool", "max_size"), [], "{text}");
        assert_eq!(found(path, text, "listener", "max_threads"), [], "{text}");
    }
    let both = "SPRING_APPLICATION_NAME=shop\nSERVER_TOMCAT_THREADS_MAX=40\n";
    assert_eq!(found(".env", both, "listener", "max_threads"), [Value::Int(40)]);
}

#[test]
fn variables_of_others_stay_in_house() {
    let text = "SPRING_PROFILES_ACTIVE=prod\nDB_POOL_MIN=20\nDB_POOL_MAX=10\n";
    assert_eq!(found(".env", text, "pool", "max_size"), [Value::Int(10)]);
}

#[test]
fn a_properties_file_of_several_documents_is_not_taken_for_one() {
    let text = "spring.datasource.hikari.maximum-pool-size=40\n#---\nspring.config.activate.on-profile=prod\n\
                spring.datasource.hikari.maximum-pool-size=5\n";
    assert_eq!(found("application.properties", text, "pool", "max_size"), []);
}

/// The keys of a map are names that Spring hands on as they are written, whatever its own keys may look like.
#[test]
fn names_in_a_map_count_as_they_are_spelled() {
    let logs = |text: &str| found("src/main/resources/application.properties", text, "client", "statement_log");
    for (text, read) in [
        ("logging.level.org.hibernate.SQL=debug\n", true),
        ("logging.level.org.hibernate.sql=debug\n", false),
        ("spring.jpa.properties.hibernate.show_sql=true\n", true),
        ("spring.jpa.properties.hibernate.show-sql=true\n", false),
        ("spring.jpa.showSql=true\n", true),
    ] {
        assert_eq!(!logs(text).is_empty(), read, "{text}");
    }
}
