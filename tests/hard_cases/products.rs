//! Products with ways of their own: inheritance by position, types in the document, keywords with several names.

use trueup::model::{Declaration, Effective, Value, Why};

use super::run::{Run, known, millis, pairs, seconds};

const HAPROXY: &str = "\
[defaults]
timeout connect = 5s
timeout server = 30s

[backend api]
timeout server = 10s

[backend web]
balance = roundrobin

[defaults]
timeout connect = 1s

[backend jobs]
timeout server = 2000
";

#[test]
fn a_backend_takes_what_it_lacks_from_the_nearest_defaults_above_it() {
    let run = Run::of(&["haproxy"], &[("haproxy.ini", HAPROXY)]);
    let times = |name: &str| {
        let backend = run.resource("client", name, None);
        (backend.effective("connect_timeout"), backend.effective("read_timeout"))
    };
    assert_eq!(times("backend api"), (known(seconds(5)), known(seconds(10))));
    assert_eq!(times("backend web"), (known(seconds(5)), known(seconds(30))));
    assert_eq!(times("backend jobs"), (known(seconds(1)), known(seconds(2))));
    let api = run.resource("client", "backend api", None);
    let own = api.attribute("read_timeout").expect("it is set");
    assert_eq!(run.written(own), ["haproxy.ini: timeout server = 10s", "haproxy.ini: timeout server = 30s"]);
    assert_eq!([own.written[0].shared, own.written[1].shared], [false, true]);
    let inherited = run.resource("client", "backend jobs", None).attribute("connect_timeout").expect("it is set");
    assert_eq!(run.written(inherited), ["haproxy.ini: timeout connect = 1s"]);
    assert!(inherited.written[0].shared);
    let spelled = |like| run.spell("test-haproxy", "client", "read_timeout", seconds(3), Some(like));
    assert_eq!(spelled("10s"), Some(("timeout server".into(), "3s".into())));
    assert_eq!(spelled("2000"), Some(("timeout server".into(), "3000".into())));
}

/// A filter with a duration in one of its spellings.
fn envoy(key: &str, duration: &str) -> String {
    format!(
        "filters:\n  - name: http\n    typed_config:\n      \"@type\": type.googleapis.com/envoy.v3.HttpConnectionManager\n      {key}: {duration}\n  - name: other\n    typed_config:\n      \"@type\": type.googleapis.com/envoy.v3.Router\n      {key}: 9s\n"
    )
}

#[test]
fn a_duration_is_text_or_an_object_behind_its_type() {
    for (key, duration, read, new, written) in [
        ("stream_idle_timeout", "0.25s", millis(250), seconds(2), "2s"),
        ("streamIdleTimeout", "\"300s\"", seconds(300), millis(1500), "\"1.5s\""),
        ("stream_idle_timeout", "{seconds: 5, nanos: 0}", seconds(5), millis(5250), "{seconds: 5, nanos: 250000000}"),
        ("streamIdleTimeout", "{seconds: 5}", seconds(5), millis(250), "{seconds: 0, nanos: 250000000}"),
        ("streamIdleTimeout", "{nanos: 250000000}", millis(250), seconds(1), "{nanos: 0, seconds: 1}"),
    ] {
        let text = envoy(key, duration);
        let run = Run::of(&["envoy"], &[("envoy.yaml", &text)]);
        assert_eq!(run.count("client"), 1);
        let client = run.resource("client", "http.http", None);
        assert_eq!(client.effective("idle_timeout"), known(read), "{text}");
        let found = client.attribute("idle_timeout").expect("it is set");
        assert_eq!(run.written(found), [format!("envoy.yaml: {key}: {duration}")]);
        let (changed, _) = run.set("client", "http.http", None, "idle_timeout", new);
        assert_eq!(changed, envoy(key, written));
        // a new key in the case of the one that is there
        let (changed, _) = run.set("client", "http.http", None, "timeout", seconds(15));
        let key = if key.contains('_') { "request_timeout" } else { "requestTimeout" };
        assert!(changed.contains(&format!("      {key}: 15s\n")), "{changed}");
    }
}

#[test]
fn a_keyword_of_a_connection_string_has_several_names() {
    for keyword in ["Maximum Pool Size", "MaximumPoolSize", "Max Pool Size", "MaxPoolSize", "maximum pool size"] {
        let json = |size: &str, password: &str| {
            format!(
                "{{\n  \"ConnectionStrings\": {{\n    \"Shop\": \"Host=db;Password={password};{keyword}={size};Timeout=15\",\n    \"Audit\": \"Host=audit;Database=a;Maximum Pool Size=7\"\n  }}\n}}\n"
            )
        };
        let text = json("200", "pw");
        let run = Run::of(&["appsettings", "npgsql"], &[("appsettings.json", &text)]);
        let pool = run.resource("pool", "Shop.pool", None);
        assert_eq!(pool.effective("max_size"), known(Value::Int(200)), "{keyword}");
        let found = pool.attribute("max_size").expect("it is set");
        assert_eq!(run.written(found), [format!("appsettings.json: {keyword}=200")]);
        assert_eq!(&*found.written[0].key, keyword);
        assert_eq!(run.resource("pool", "Audit.pool", None).effective("max_size"), known(Value::Int(7)));
        let (new, shared) = run.set("pool", "Shop.pool", None, "max_size", Value::Int(50));
        assert_eq!((new, shared), (json("50", "pw"), false));
        // an escape in the text: it can be read, and its parts have no place of their own
        let text = json("200", "\\u0070w");
        let run = Run::of(&["appsettings", "npgsql"], &[("appsettings.json", &text)]);
        let pool = run.resource("pool", "Shop.pool", None);
        assert_eq!(pool.effective("max_size"), known(Value::Int(200)));
        run.refusal(pool, "max_size", Value::Int(50));
    }
}

const SECTIONS: &str =
    "pool:\n  idleTimeoutMillis: 30000\n  idleTimoutMillis: 1\nclient:\n  timeoutSeconds: 30\n  retries: 3\n";

#[test]
fn a_key_is_unknown_and_absence_is_certain_only_in_a_closed_section() {
    let run = Run::of(&["sections"], &[("sample.yaml", SECTIONS)]);
    assert_eq!(run.faults(), pairs(&[("idleTimoutMillis", "unknown")]));
    let pool = run.resource("pool", "pool", None);
    assert!(pool.closed);
    assert_eq!(pool.declared("max_lifetime"), Declaration::NotSet);
    let client = run.resource("client", "client", None);
    assert!(!client.closed);
    assert_eq!(client.declared("connect_timeout"), Declaration::Unreadable);
    assert_eq!(client.effective("connect_timeout"), Effective::Unknown(Why::NotSet));
    let (new, _) = run.set("pool", "pool", None, "idle_timeout", seconds(10));
    assert_eq!(new, SECTIONS.replace("30000", "10000"));
}

#[test]
fn neighbours_have_units_of_their_own() {
    let text = "pool:\n  idleTimeoutMillis: 30\n  maxLifetimeSeconds: 30\n";
    let run = Run::of(&["sections"], &[("sample.yaml", text)]);
    let pool = run.resource("pool", "pool", None);
    assert_eq!(pool.effective("idle_timeout"), known(millis(30)));
    assert_eq!(pool.effective("max_lifetime"), known(seconds(30)));
    let (new, _) = run.set("pool", "pool", None, "idle_timeout", seconds(60));
    assert_eq!(new, text.replace("Millis: 30", "Millis: 60000"));
    let (new, _) = run.set("pool", "pool", None, "max_lifetime", seconds(60));
    assert_eq!(new, text.replace("Seconds: 30", "Seconds: 60"));
    // a key that is missing comes in the unit of its own row
    let (new, _) = run.set("pool", "pool", None, "keepalive", seconds(90));
    assert_eq!(new, format!("{text}  keepAliveMillis: 90000\n"));
}

#[test]
fn what_a_product_passes_over_is_not_refused() {
    for (path, text) in [
        // a wait before stopping may be a variable, or have no end
        (
            "web.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n    - name: web\n      lifecycle: { preStop: { exec: { command: [sh, -c, \"sleep ${DELAY:-10} && kill 1\"] } } }\n",
        ),
        (
            "web.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n    - name: web\n      lifecycle: { preStop: { exec: { command: [sleep, infinity] } } }\n",
        ),
        // a route whose limit is no number has the gateway's
        (
            "application.yml",
            "spring.cloud.gateway.routes:\n  - id: orders\n    uri: http://orders\n    metadata:\n      response-timeout: soon\n",
        ),
    ] {
        assert_eq!(Run::of(&[], &[(path, text)]).faults(), [], "{text}");
    }
}

#[test]
fn objects_of_others_are_not_those_of_kubernetes() {
    for (version, kind, jobs) in [
        ("batch/v1", "Job", 1),
        // with defaults of their own
        ("run.googleapis.com/v1", "Job", 0),
        ("batch.volcano.sh/v1alpha1", "Job", 0),
        ("release-notes/v2", "bug-fix", 0),
    ] {
        let text = format!(
            "apiVersion: {version}\nkind: {kind}\nmetadata: {{ name: report }}\nspec: {{ template: {{ spec: {{}} }} }}\n"
        );
        assert_eq!(Run::of(&[], &[("job.yaml", &text)]).count("job"), jobs, "{text}");
    }
}

#[test]
fn the_last_of_two_equal_keys_tells_the_product() {
    let others: String = (0..20).map(|i| format!("x{i}: 1\n")).collect();
    for (first, last, jobs) in [("Job", "Pod", 0), ("Pod", "Job", 1)] {
        let text = format!(
            "kind: {first}\n{others}apiVersion: batch/v1\nkind: {last}\nmetadata: {{ name: report }}\nspec: {{}}\n"
        );
        assert_eq!(Run::of(&[], &[("job.yaml", &text)]).count("job"), jobs, "{text}");
    }
}
