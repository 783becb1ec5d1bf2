//! A canary password, spelled in every way we know, survives neither marking nor lexical redaction.

use trueup::syntax::{Document, Format, LineFlavor, Span, line, secret};

const CANARY: &str = "s3cr3t-canary";

const TEXTS: &[&str] = &[
    "password: s3cr3t-canary",
    "password: 's3cr3t-canary'",
    "password: \"s3cr3t-canary\" # note",
    "  db_password: s3cr3t-canary with blanks s3cr3t-canary",
    "password=s3cr3t-canary",
    "export DB_PASSWORD=\"x s3cr3t-canary\"",
    "DB_PASSWORD = s3cr3t-canary",
    "- POSTGRES_PASSWORD=s3cr3t-canary",
    "- name: DB_PASSWORD\n  value: s3cr3t-canary",
    "- name: \"DB_PASSWORD\"\n  value: \"s3cr3t-canary\"",
    "{\"name\":\"API_KEY\",\"value\":\"s3cr3t-canary\"}",
    "{\"password\":\"s3cr3t-canary\",\"a\":1}",
    "{\"password\" : \"a\\\"s3cr3t-canary\"}",
    "{\"inner\":\"{\\\"password\\\":\\\"s3cr3t-canary\\\"}\"}",
    "{\"password\":\n  \"s3cr3t-canary\"}",
    "{user: a, password: s3cr3t-canary}",
    "{user: a, password: x s3cr3t-canary}",
    "password: |\n  s3cr3t-canary\n  s3cr3t-canary\nnext: 1",
    "password: >-\n  s3cr3t-canary\n",
    "password: |2- # note\n  s3cr3t-canary\n",
    "password:\n  s3cr3t-canary\n",
    "passwords:\n- s3cr3t-canary\n- s3cr3t-canary\n",
    "passwords: [s3cr3t-canary, s3cr3t-canary]",
    "password: !!str s3cr3t-canary",
    "password: !vault |\n  s3cr3t-canary",
    "spring.datasource.password=s3cr3t-canary",
    "spring.datasource.password = s3cr3t-\\\n  canary s3cr3t-canary",
    "password = \"\"\"s3cr3t-canary\"\"\"",
    "password = '''\ns3cr3t-canary'''",
    "password: ''",
    "requirepass s3cr3t-canary",
    "masterauth s3cr3t-canary",
    "ALTER ROLE app PASSWORD 's3cr3t-canary';",
    "CREATE USER a IDENTIFIED BY 's3cr3t-canary'",
    "psql --password s3cr3t-canary -h db",
    "tool --api-key=s3cr3t-canary --x",
    "tool --token 's3cr3t-canary'",
    "url: postgres://app:s3cr3t-canary@db/x",
    "url: postgres://app:s3cr3t-canary@h1,h2:5432/x?email=a@b",
    "url: postgres://app:a/b?s3cr3t-canary@db/x",
    "a://u:s3cr3t-canary@h1,a://u:s3cr3t-canary@h2",
    "{\"url\":\"amqp://app:s3cr3t-canary@mq:5672/v\",\"mail\":\"a@b\"}",
    "redis://:s3cr3t-canary@cache:6379/0",
    "postgres://${USER:-a}:${PW:-s3cr3t-canary}@db/x",
    "jdbc:postgresql://db/x?user=a&password=s3cr3t-canary&ssl=true",
    "host=a user=b password=s3cr3t-canary dbname=c",
    "host=a password='x\\'s3cr3t-canary' dbname=c",
    "Host=a;Username=b;Password=s3cr3t-canary;Timeout=3",
    "Host=a;Password=\"x;\"\"s3cr3t-canary\";Timeout=3",
    "Server=a;Pwd='s3cr3t-canary'",
    "dsn = app:s3cr3t-canary@tcp(db:3306)/x",
    "Authorization: Bearer s3cr3t-canary",
    "Authorization: Basic s3cr3t-canary",
    "header \"authorization\", \"Bearer s3cr3t-canary\"",
    "curl -H 'X-Api-Key: s3cr3t-canary'",
    "<password>s3cr3t-canary</password>",
    "<property name=\"password\" value=\"s3cr3t-canary\"/>",
    "<Connector keystorePass=\"s3cr3t-canary\"/>",
    "# password: s3cr3t-canary",
    "; password = s3cr3t-canary",
    "// apiKey: 's3cr3t-canary'",
    "config['password'] = 's3cr3t-canary'",
    "postgresql['sql_password'] => \"s3cr3t-canary\"",
    "password := \"s3cr3t-canary\"",
    "PASSWORD ?= s3cr3t-canary",
    "ENV DB_PASSWORD s3cr3t-canary",
    "ENV DB_PASSWORD=s3cr3t-canary",
    "DB_PASSWORD: ${DB_PASSWORD:-s3cr3t-canary}",
    "sasl.jaas.config=org.x.PlainLoginModule required username=\"a\" password=\"s3cr3t-canary\";",
    "-----BEGIN PRIVATE KEY-----\ns3cr3t-canary\n-----END PRIVATE KEY-----\n",
    "key: |\n  -----BEGIN RSA PRIVATE KEY-----\n  s3cr3t-canary\n  -----END RSA PRIVATE KEY-----\n",
    "-----BEGIN CERTIFICATE-----\ns3cr3t-canary",
    "ghp_s3cr3t-canary1234",
    "x: sk-s3cr3t-canary",
    "secretKey\t=\ts3cr3t-canary",
    "\u{feff}password=s3cr3t-canary",
    "password=\"s3cr3t-canary",
    "password='é\ns3cr3t-canary'",
];

#[test]
fn lexical_redaction_lets_no_canary_through() {
    for newline in ["\n", "\r\n"] {
        for text in TEXTS {
            let text = format!("a: 1\n{text}\nb: 2\n").replace('\n', newline);
            let redacted = secret::redact_text(&text);
            assert!(!redacted.contains("canary"), "{text:?} became {redacted:?}");
            assert!(redacted.starts_with("a: 1"), "{text:?} became {redacted:?}");
        }
    }
}

#[test]
fn marking_lets_no_canary_through_in_any_flavor() {
    let flavors =
        [LineFlavor::Ini, LineFlavor::Properties, LineFlavor::Env, LineFlavor::PostgresConf, LineFlavor::PgBouncer];
    for flavor in flavors {
        for text in TEXTS {
            let mut document = line::parse(text, flavor);
            assert_redacted(&mut document);
        }
    }
    for text in TEXTS {
        assert_redacted(&mut Document::new(*text, Format::Yaml));
    }
}

fn assert_redacted(document: &mut Document) {
    secret::mark(document);
    let redacted = secret::redact(&document.text, &document.secrets, Span::new(0, document.text.len()));
    assert!(!redacted.contains("canary"), "{:?} became {redacted:?}", document.text);
    assert!(document.secrets.windows(2).all(|pair| pair[0].end < pair[1].start), "sorted and merged");
}

#[test]
fn a_window_shows_no_part_of_a_secret() {
    let text = format!("password: {CANARY}!");
    let mut document = line::parse(&text, LineFlavor::Ini);
    secret::mark(&mut document);
    for start in 0..text.len() {
        for end in start..=text.len() {
            let shown = secret::redact(&text, &document.secrets, Span::new(start, end));
            assert!(shown.replace(secret::MASK, "").chars().all(|char| "password: ".contains(char)), "{shown}");
        }
    }
}

#[test]
fn what_is_no_secret_stays() {
    for text in [
        "password: ${DB_PASSWORD}",
        "password: $DB_PASSWORD",
        "password: {{ .Values.password }}",
        "url: postgres://app:${PW}@db/x",
        "url: http://host:8080/path?mail=a@b",
        "max_tokens: 4096",
        "password_encryption = scram-sha-256",
        "token: true",
        "passwordFile: /run/secrets/db",
        "primary_key: id",
        "work_mem = 64MB # per sort",
        "- name: POOL\n  value: \"20\"",
        "- name: PASSWORD\n  valueFrom: x",
        "# a token is a word of the input",
        "auth_type = md5",
        "secrets:\n  - db",
    ] {
        assert_eq!(secret::redact_text(text), text);
    }
}
