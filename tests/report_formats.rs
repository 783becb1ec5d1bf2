//! One synthetic set of findings in every format: what people and programs see, and what they must never see.

use std::sync::Arc;

use trueup::analysis::{File, Outcome, Status};
use trueup::model::{Confidence, Evidence, Finding, FixOffer, Location, Missing, Related, Safety, Severity, Unjudged};
use trueup::report::{Format, Options, Paint, Report, render};
use trueup::syntax::Span;
use trueup::workspace::{Checked, Problem, RuleInfo};

const FORMATS: [Format; 5] = [Format::Full, Format::Concise, Format::Json, Format::Sarif, Format::Github];

/// In the files and words below, and in no output.
const CANARIES: [&str; 3] = ["canary-span-1", "canary-words-2", "canary-lexical-3"];

/// Stands for the lexical redactor of the engine.
fn redact(text: &str) -> String {
    text.replace(CANARIES[1], "***").replace(CANARIES[2], "***")
}

const APP: &str = "\
# the shop
spring:
  datasource:
    url: postgresql://shop:canary-span-1@db:5432/shop
    hikari:
      maximum-pool-size: 500
      connection-timeout: 250
      password: canary-lexical-3
      idle-timeout: 0
  application:
    name: shop

retry:
  max-attempts: 10
";

const COMPOSE: &str =
    "services:\n  db:\n    image: postgres:16\n    command: [\"postgres\", \"-c\", \"max_connections=100\"]\n";

/// The place of `needle` in `text`.
fn at(file: u32, text: &str, needle: &str) -> Location {
    let start = text.find(needle).expect("the text holds the needle");
    Location { file, start: start as u32, end: (start + needle.len()) as u32 }
}

fn file(path: &str, status: Status, text: Option<&str>, secrets: Vec<Span>) -> File {
    File { path: path.into(), status, text: text.map(Arc::from), secrets }
}

fn finding(rule: &str, severity: Severity, message: &str, primary: Location) -> Finding {
    Finding {
        rule: rule.into(),
        severity,
        confidence: Confidence::High,
        message: message.into(),
        help: "do it differently".into(),
        primary,
        related: Vec::new(),
        evidence: Vec::new(),
        fixes: Vec::new(),
        fingerprint: "0123456789abcdef".into(),
        state: "fedcba9876543210".into(),
    }
}

fn rules() -> Vec<RuleInfo> {
    vec![RuleInfo {
        id: "pool-over-server-limit".into(),
        title: "More pooled connections than the server accepts".into(),
        category: "pool".into(),
        severity: Severity::Error,
        confidence: Confidence::Certain,
        since: "0.1.0".into(),
        summary: "The pools together may open more connections than the server accepts.".into(),
        page_markdown: "# More pooled connections than the server accepts\n\n## Why\nBecause.\n".into(),
    }]
}

fn checked() -> Checked {
    let secret = at(0, APP, CANARIES[0]);
    let pool = Finding {
        confidence: Confidence::Certain,
        help: "set `maximum-pool-size` to 20 or less, so that all replicas together stay below the server's limit"
            .into(),
        related: vec![
            Related { location: at(0, APP, "connection-timeout: 250"), message: "and callers wait this long".into() },
            Related { location: at(1, COMPOSE, "max_connections=100"), message: "the server accepts 100".into() },
        ],
        evidence: vec![
            Evidence {
                attribute: "self.max_size".into(),
                value: "500".into(),
                origin: "set",
                location: Some(at(0, APP, "500")),
            },
            Evidence {
                attribute: "self.password".into(),
                value: "canary-words-2".into(),
                origin: "set",
                location: None,
            },
        ],
        fixes: vec![FixOffer { title: "set maximum-pool-size to 20".into(), safety: Safety::Unsafe }],
        ..finding(
            "pool-over-server-limit",
            Severity::Error,
            "the pool may open 500 connections, the server accepts 100",
            at(0, APP, "maximum-pool-size: 500"),
        )
    };
    let words = Finding {
        related: vec![Related { location: secret, message: "with canary-words-2".into() }],
        ..finding(
            "dsn-without-timeout",
            Severity::Warning,
            "password=canary-words-2, no timeout\u{1b}[31m, 100 % of the time",
            at(0, APP, "url: postgresql://shop:canary-span-1@db:5432/shop"),
        )
    };
    let several_lines = finding(
        "retry-without-backoff",
        Severity::Info,
        "every retry comes at once",
        at(0, APP, "retry:\n  max-attempts: 10"),
    );
    let beyond = finding(
        "pool-over-server-limit",
        Severity::Warning,
        "said of a file whose text is not kept, by a span that lies beyond it",
        Location { file: 4, start: 900, end: 1000 },
    );
    let reason = "not text".to_owned();
    Checked {
        outcome: Outcome {
            files: vec![
                file(
                    "services/shop/application.yaml",
                    Status::Recognised(vec!["spring".into()]),
                    Some(APP),
                    vec![Span { start: secret.start, end: secret.end }],
                ),
                file("compose.yaml", Status::Recognised(vec!["compose".into()]), Some(COMPOSE), Vec::new()),
                file("chart/values.yaml", Status::Template(Vec::new()), None, Vec::new()),
                file("logo.yaml", Status::Skipped(reason), None, Vec::new()),
                file("a,b: c%.toml", Status::Unknown, None, Vec::new()),
            ],
            // out of order on purpose
            findings: vec![several_lines, beyond, pool, words],
            suppressed: Vec::new(),
            locked: Default::default(),
            unjudged: vec![Unjudged {
                rule: "pool-lifetime-over-server".into(),
                location: at(0, APP, "hikari:"),
                missing: vec![Missing {
                    name: "self.max_lifetime".into(),
                    why: "canary-words-2 its default depends on the version",
                }],
            }],
        },
        hidden: 3,
        passed_over: 2,
        problems: vec![Problem::new("srv", "no such file or directory").meant(Some("src"))],
        rules: rules(),
    }
}

fn everything(from: &str) -> Options {
    Options { statistics: true, show_unjudged: true, from: from.into(), ..Options::default() }
}

fn rendered(checked: &Checked, format: Format, options: &Options) -> String {
    render(&Report::new(checked, &redact), format, options)
}

#[test]
fn full_shows_the_lines() {
    insta::assert_snapshot!(rendered(&checked(), Format::Full, &Options::default()));
}

#[test]
fn full_fits_eighty_columns() {
    for line in rendered(&checked(), Format::Full, &everything("")).lines() {
        // an address stands alone on its line and may be as long as the path is
        if !line.contains("╭─[") && !line.contains(": unjudged[") {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn concise_is_one_line_each() {
    insta::assert_snapshot!(rendered(&checked(), Format::Concise, &everything("services")));
}

#[test]
fn json_has_the_documented_shape() {
    let text = rendered(&checked(), Format::Json, &everything("services"));
    insta::assert_snapshot!(text);
    assert_valid(include_str!("../schema/findings.schema.json"), &text);
    assert_valid(
        include_str!("../schema/findings.schema.json"),
        &rendered(&Checked::default(), Format::Json, &Options::default()),
    );
}

#[test]
fn sarif_is_valid() {
    // the official schema has a stray bracket in the pattern of `language`, which strict readers of patterns refuse
    let schema = include_str!("data/sarif-schema-2.1.0.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$");
    let text = rendered(&checked(), Format::Sarif, &Options::default());
    insta::assert_snapshot!(text);
    assert_valid(&schema, &text);
    assert_valid(&schema, &rendered(&Checked::default(), Format::Sarif, &Options::default()));
}

#[test]
fn github_says_the_worst_first() {
    insta::assert_snapshot!(rendered(&checked(), Format::Github, &Options::default()));
}

#[test]
fn an_empty_run_says_so() {
    let nothing = Checked::default();
    let summary = "no findings\n0 files read, 0 recognised\n";
    for format in [Format::Full, Format::Concise, Format::Github] {
        assert_eq!(rendered(&nothing, format, &Options::default()), summary);
        assert_eq!(rendered(&nothing, format, &Options { quiet: true, ..Options::default() }), "");
    }
}

#[test]
fn secrets_never_appear() {
    for format in FORMATS {
        for paint in [Paint::Plain, Paint::Coloured] {
            for width in [20, 80, 200] {
                let text = rendered(&checked(), format, &Options { paint, width, ..everything("services") });
                for canary in CANARIES {
                    assert!(!text.contains(canary), "{canary} in {format:?}");
                }
            }
        }
    }
}

#[test]
fn nothing_acts_on_the_terminal() {
    let text = "a\u{1b}]0;title\u{7}: \u{202e}evil\u{2066}\r\nb\u{9b}31m: 1\0\n";
    let spans = (0..text.len() as u32 + 2).map(|start| Location { file: 0, start, end: start + 3 });
    let found = Checked {
        outcome: Outcome {
            files: vec![file("a\u{1b}[2J\u{202e}.yaml", Status::Unknown, Some(text), Vec::new())],
            findings: spans.map(|at| finding("some-rule", Severity::Error, "odd \u{1b}[2J\u{202e}", at)).collect(),
            suppressed: Vec::new(),
            locked: Default::default(),
            unjudged: Vec::new(),
        },
        ..Checked::default()
    };
    for format in [Format::Full, Format::Concise] {
        let shown = rendered(&found, format, &Options::default());
        let acting = shown.chars().find(|c| {
            (c.is_control() && *c != '\n')
                || ('\u{202a}'..='\u{2069}').contains(c) && !('\u{2030}'..='\u{205f}').contains(c)
        });
        assert_eq!(acting, None, "{format:?}");
    }
}

#[test]
fn a_line_of_a_megabyte_is_shown_in_part_and_at_once() {
    let text = "pool: {max: 500}, ".repeat(60_000);
    let places = (0..200u32).map(|i| Location { file: 0, start: i * 5_000, end: i * 5_000 + 8 });
    let found = Checked {
        outcome: Outcome {
            files: vec![file("long.yaml", Status::Unknown, Some(&text), Vec::new())],
            findings: places.map(|at| finding("some-rule", Severity::Error, "too long", at)).collect(),
            suppressed: Vec::new(),
            locked: Default::default(),
            unjudged: Vec::new(),
        },
        ..Checked::default()
    };
    let start = std::time::Instant::now();
    for format in FORMATS {
        let shown = rendered(&found, format, &Options::default());
        assert!(shown.len() < 300_000, "{format:?} prints {} bytes", shown.len());
    }
    let last = rendered(&found, Format::Concise, &Options::default());
    assert!(last.contains("long.yaml:1:995001: error[some-rule] too long"));
    assert!(start.elapsed().as_secs() < 5, "took {:?}", start.elapsed());
}

#[test]
fn the_order_does_not_depend_on_the_order_of_arrival() {
    let (forward, mut backward) = (checked(), checked());
    backward.outcome.findings.reverse();
    for format in FORMATS {
        let options = everything("");
        assert_eq!(rendered(&forward, format, &options), rendered(&backward, format, &options), "{format:?}");
    }
}

/// Checks `document` against a JSON Schema.
fn assert_valid(schema: &str, document: &str) {
    let schema: serde_json::Value = serde_json::from_str(schema).expect("the schema is JSON");
    let document: serde_json::Value = serde_json::from_str(document).expect("the output is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());
}
