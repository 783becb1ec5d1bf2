//! One synthetic set of findings in every format: what people and programs see, and what they must never see.

use std::sync::Arc;

use trueup::analysis::{File, Outcome, Status};
use trueup::model::{Confidence, Evidence, Finding, FixOffer, Location, Missing, Related, Safety, Severity, Unjudged};
use trueup::report::{Format, Options, Paint, Picture, Report, annotations, render};
use trueup::syntax::Span;
use trueup::workspace::{Checked, Compared, Problem, RuleInfo, Since};

const FORMATS: [Format; 9] = [
    Format::Full,
    Format::Concise,
    Format::Json,
    Format::Sarif,
    Format::Github,
    Format::Gitlab,
    Format::Junit,
    Format::Markdown,
    Format::Html,
];

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
    File { path: path.into(), status, format: None, text: text.map(Arc::from), secrets }
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
        fixes: vec![FixOffer {
            title: "set maximum-pool-size to 20".into(),
            safety: Safety::Unsafe,
            sets: Vec::new(),
            others: Vec::new(),
            removes: None,
            renames: None,
            rewrites: None,
        }],
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
                missing: [Missing {
                    name: "self.max_lifetime".into(),
                    why: "canary-words-2 its default depends on the version",
                }]
                .into(),
            }],
        },
        hidden: 3,
        passed_over: 2,
        problems: vec![Problem::new("srv", "no such file or directory").meant(Some("src"))],
        rules: rules(),
        ..Checked::default()
    }
}

/// The same set beside a baseline that knows one of its findings with other values, and beside a git reference.
fn compared() -> Checked {
    let mut checked = checked();
    let changed = "00000000000000ff".to_owned();
    checked.outcome.findings[2].fingerprint.clone_from(&changed);
    checked.baseline = Some(Compared { known: 12, changed: [changed].into() });
    checked.since = Some(Since { name: "origin/main".into(), unchanged: 1 });
    checked
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
        &rendered(&compared(), Format::Json, &Options::default()),
    );
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
    assert_valid(&schema, &rendered(&compared(), Format::Sarif, &Options::default()));
    assert_valid(&schema, &rendered(&Checked::default(), Format::Sarif, &Options::default()));
}

#[test]
fn github_says_the_worst_first() {
    insta::assert_snapshot!(rendered(&checked(), Format::Github, &Options::default()));
}

#[test]
fn github_shows_ten_of_each_kind() {
    let severities = [Severity::Warning, Severity::Error, Severity::Info];
    let found = |(i, severity): (usize, Severity)| finding("some-rule", severity, "bad", at(0, APP, &APP[..=i]));
    let findings: Vec<Finding> = severities.into_iter().cycle().take(50).enumerate().map(found).collect();
    let mut checked = checked();
    checked.outcome.findings = findings;
    let text = annotations(&Report::new(&checked, &redact));
    let kinds: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("::")?.split(' ').next()).collect();
    assert_eq!(kinds, [["error"; 10], ["warning"; 10], ["notice"; 10]].concat());
    assert_eq!(rendered(&checked, Format::Github, &Options::default()).matches("::error file").count(), 17);
}

/// What GitLab documents of a Code Quality report: the fields it reads, all of them required.
const CODE_QUALITY: &str = r#"{
  "type": "array",
  "items": {
    "type": "object",
    "required": ["description", "check_name", "fingerprint", "location", "severity"],
    "properties": {
      "description": { "type": "string", "minLength": 1 },
      "check_name": { "type": "string", "minLength": 1 },
      "fingerprint": { "type": "string", "minLength": 1 },
      "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
      "location": {
        "type": "object",
        "required": ["path", "lines"],
        "properties": {
          "path": { "type": "string", "pattern": "^[^./]" },
          "lines": {
            "type": "object",
            "required": ["begin"],
            "properties": { "begin": { "type": "integer", "minimum": 1 } }
          }
        }
      }
    }
  }
}"#;

#[test]
fn gitlab_has_the_documented_fields() {
    let text = rendered(&compared(), Format::Gitlab, &Options::default());
    insta::assert_snapshot!(text);
    assert_valid(CODE_QUALITY, &text);
    assert_eq!(rendered(&Checked::default(), Format::Gitlab, &Options::default()), "[]\n");
}

#[test]
fn junit_is_well_formed_and_counts() {
    let mut checked = compared();
    checked.outcome.findings[3].message = "a < b && \"c\" > 'd' ]]> \u{1b}\u{ffff}".into();
    let text = rendered(&checked, Format::Junit, &Options::default());
    insta::assert_snapshot!(text);
    assert_eq!(elements(&text), [("testsuites", 1), ("testsuite", 3), ("testcase", 5), ("failure", 4), ("error", 1)]);
    let nothing = rendered(&Checked::default(), Format::Junit, &Options::default());
    assert_eq!(
        elements(&nothing),
        [("testsuites", 1), ("testsuite", 1), ("testcase", 1), ("failure", 0), ("error", 0)]
    );
}

/// How often each element of JUnit stands in a document that a strict reader takes.
fn elements(text: &str) -> [(&'static str, usize); 5] {
    use quick_xml::events::Event;
    let mut counts = ["testsuites", "testsuite", "testcase", "failure", "error"].map(|name| (name, 0));
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut depth = 0;
    loop {
        let event = reader.read_event().expect("well-formed XML");
        depth += usize::from(matches!(event, Event::Start(_)));
        match event {
            Event::Start(element) | Event::Empty(element) => {
                for attribute in element.attributes() {
                    attribute
                        .expect("an attribute")
                        .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                        .expect("an escaped value");
                }
                let count = counts.iter_mut().find(|(name, _)| *name == element.name().as_ref());
                count.expect("an element of JUnit").1 += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Text(text) => {
                let valid = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
                assert!(text.chars().all(valid));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "every element ends");
    counts
}

#[test]
fn markdown_says_the_worst_first() {
    let options = Options { files: "https://github.com/acme/shop/blob/abc/".into(), ..everything("services") };
    insta::assert_snapshot!(rendered(&compared(), Format::Markdown, &options));
}

#[test]
fn markdown_cannot_be_acted_upon() {
    let mut checked = checked();
    checked.outcome.findings.truncate(1);
    for (message, shown) in [
        ("`max_size` is 5 | <b>", "`max_size` is 5 \\| &lt;b&gt; (`"),
        ("an odd ` [x](y) @all", "an odd \\` \\[x\\](y) &#64;all (`"),
        ("![i](j) *a* _b_ `<i>`", "\\!\\[i\\](j) \\*a\\* \\_b\\_ `<i>` (`"),
    ] {
        checked.outcome.findings[0].message = message.into();
        let text = rendered(&checked, Format::Markdown, &Options::default());
        assert!(text.contains(shown), "{text}");
    }
}

#[test]
fn a_page_shows_the_lines_and_needs_nothing_but_itself() {
    let picture = Picture { style: ".drawn{}".into(), body: "<p class=\"drawn\">stack</p>\n".into() };
    let text = rendered(&compared(), Format::Html, &Options { picture: Some(picture), ..everything("services") });
    insta::assert_snapshot!(text);
    for outside in ["<script", "<link", "src=", "@import", "url("] {
        assert!(!text.contains(outside), "{outside}");
    }
}

#[test]
fn a_page_cannot_be_acted_upon() {
    let mut checked = checked();
    checked.outcome.findings.truncate(1);
    checked.outcome.findings[0].message = "`<i>` & <script>alert('x')</script> \"".into();
    let text = rendered(&checked, Format::Html, &Options::default());
    let shown = "<code>&lt;i&gt;</code> &amp; &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot;";
    assert!(text.contains(shown), "{text}");
}

#[test]
fn markdown_stays_within_what_github_takes() {
    let mut checked = checked();
    let one = finding("some-rule", Severity::Info, &"long ".repeat(100), at(0, APP, "retry"));
    let worst = finding("worst-rule", Severity::Error, "bad", at(0, APP, "name"));
    checked.outcome.findings = vec![one; 3000];
    checked.outcome.findings.push(worst);
    let text = rendered(&checked, Format::Markdown, &everything(""));
    assert!(text.len() <= 1 << 20 && text.len() > 1_000_000, "{}", text.len());
    assert!(text.contains("\n- **error** ") && text.contains(" more findings would go beyond"), "{}", &text[..500]);
    assert!(text.contains("\n    4 files read"), "the summary stays");
}

#[test]
fn what_changed_since_the_baseline_is_marked() {
    let checked = compared();
    let mark = "the server accepts 100 (changed since the baseline)";
    for format in [Format::Concise, Format::Github, Format::Gitlab, Format::Junit, Format::Markdown, Format::Html] {
        assert!(rendered(&checked, format, &Options::default()).contains(mark), "{format:?}");
    }
    let full = rendered(&checked, Format::Full, &Options { width: 120, ..Options::default() });
    assert!(full.contains(mark), "{full}");
    assert!(full.contains("\n12 findings in the baseline\n1 finding unchanged since origin/main\n"), "{full}");
    let json = rendered(&checked, Format::Json, &Options::default());
    assert_eq!(
        (json.matches("\"baseline\": \"changed\"").count(), json.matches("\"baseline\": \"new\"").count()),
        (1, 3)
    );
    let sarif = rendered(&checked, Format::Sarif, &Options::default());
    assert_eq!(sarif.matches("\"baselineState\": \"updated\"").count(), 1);
    assert_eq!(sarif.matches("\"baselineState\": \"new\"").count(), 3);
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
    assert!(start.elapsed().as_secs() < FORMATS.len() as u64, "took {:?}", start.elapsed());
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
