//! `trueup map` through the real program: what is in the drawing, that no box lies over another, that nothing leaks.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use quick_xml::Reader;
use quick_xml::events::Event;

fn here(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// The map of a folder in one format.
fn map(folder: &str, format: &str) -> String {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
    let output = command
        .current_dir(here(folder))
        .args(["map", "--isolated", "--pedantic", "--format", format])
        .output()
        .expect("trueup runs");
    assert!(output.status.success(), "{folder}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

const POOLED: &str = "\
fixtures/budget-pooled-and-direct/compose.yml

[api] service  compose.yml:3
  │ replicas 4 (compose.yml:5)
  └─▶ pgbouncer
       pool 40 (compose.yml:8)
[worker] service  compose.yml:9
  │ replicas 3 (compose.yml:11)
  └─▶ db
       pool 20 (compose.yml:14)
       ✗ info connection-budget-exceeded: its clients may open at least 110
         connections, and it accepts 100: pgbouncer 50 or more + worker 3 × 20
[pgbouncer] pooler · pgbouncer  compose.yml:15
  │ called by api
  │ replicas 1 (default) · mode transaction (compose.yml:19)
  │ max clients 500 (compose.yml:20) · asked 160 or more = api 4 × 40
  └─▶ db
       pool 50 (compose.yml:21) · reserve 0 (default) · most no limit (default)
       ✗ info connection-budget-exceeded: its clients may open at least 110
         connections, and it accepts 100: pgbouncer 50 or more + worker 3 × 20
[db] server · postgresql  compose.yml:22
    called by worker, pgbouncer
    replicas 1 (default) · max connections 100 (default)
    asked 110 or more = pgbouncer 50 or more + worker 3 × 20
    ✗ info connection-budget-exceeded: its clients may open at least 110
      connections, and it accepts 100: pgbouncer 50 or more + worker 3 × 20
";

#[test]
fn the_drawing_shows_calls_pools_and_what_is_exceeded() {
    assert_eq!(map("fixtures/budget-pooled-and-direct", "terminal"), POOLED);
}

#[test]
fn json_says_where_a_figure_stands_and_what_is_not_known() {
    let json: serde_json::Value = serde_json::from_str(&map("tests/data/map-twenty", "json")).expect("JSON");
    let stack = &json["stacks"][0];
    let nodes = stack["nodes"].as_array().expect("nodes");
    let at = |name: &str| nodes.iter().position(|node| node["name"] == name).expect(name) as u64;
    let edge = |from: &str, to: &str| {
        let edges = stack["edges"].as_array().expect("edges");
        edges.iter().find(|edge| edge["from"] == at(from) && edge["to"] == at(to)).expect("the call")["figures"].clone()
    };
    assert_eq!(edge("orders", "pgbouncer")[0]["value"], "8");
    assert_eq!(edge("orders", "pgbouncer")[0]["origin"], "written");
    assert_eq!(edge("orders", "pgbouncer")[0]["place"]["line"], 21);
    assert_eq!(edge("worker", "db")[0]["value"], "?");
    assert_eq!(edge("worker", "db")[0]["origin"], "unknown");
    assert_eq!(nodes[at("carrier.example.com") as usize]["role"], "named");
}

#[test]
fn no_format_prints_a_secret_and_each_is_the_same_twice() {
    for folder in
        ["tests/data/map-twenty", "fixtures/budget-pooled-and-direct", "fixtures/spring-bad", "fixtures/nginx-bad"]
    {
        for format in ["terminal", "json", "dot", "mermaid", "svg", "html"] {
            let text = map(folder, format);
            assert!(!text.contains("s3cr3t-canary"), "{folder} as {format}");
            assert_eq!(text, map(folder, format), "{folder} as {format}");
            if format == "terminal" {
                let widest = text.lines().map(|line| line.chars().count()).max();
                assert!(widest <= Some(80), "{folder}: a line of {widest:?} columns");
            }
        }
    }
}

/// `x`, `y`, `width`, `height` of an element.
fn area(element: &quick_xml::events::BytesStart<'_>, class: &str) -> Option<[f64; 4]> {
    let value = |name: &str| {
        let attribute = element.try_get_attribute(name).expect("attributes are well formed")?;
        Some(attribute.value.to_string())
    };
    value("class").filter(|classes| classes.split(' ').any(|it| it == class))?;
    let number = |name: &str| value(name).expect(name).parse().expect("a number");
    Some([number("x"), number("y"), number("width"), number("height")])
}

#[test]
fn the_picture_is_well_formed_and_no_box_lies_over_another() {
    let svg = map("tests/data/map-twenty", "svg");
    let mut reader = Reader::from_str(&svg);
    let mut boxes = Vec::new();
    let mut links = 0;
    loop {
        match reader.read_event().expect("well formed") {
            Event::Eof => break,
            Event::Start(element) | Event::Empty(element) => {
                boxes.extend(area(&element, "box"));
                if element.name().as_ref() == "a" {
                    let href = element.try_get_attribute("href").expect("well formed").expect("a link leads somewhere");
                    let href = href.value.to_string();
                    let (path, line) = href.split_once("#L").expect("a line");
                    assert!(here("tests/data/map-twenty").join(path).is_file(), "{href}");
                    assert!(line.parse::<usize>().is_ok_and(|line| line > 0), "{href}");
                    links += 1;
                }
            }
            _ => {}
        }
    }
    assert_eq!(boxes.len(), 23, "twenty programs and three hosts");
    assert!(links > 50, "{links} links");
    for (at, a) in boxes.iter().enumerate() {
        for b in &boxes[at + 1..] {
            let apart = a[0] + a[2] <= b[0] || b[0] + b[2] <= a[0] || a[1] + a[3] <= b[1] || b[1] + b[3] <= a[1];
            assert!(apart, "{a:?} and {b:?}");
        }
    }
}

#[test]
fn names_are_text_and_never_markup() {
    let root = tempfile::tempdir().expect("a folder");
    let compose = "services:\n  'a<b>&\"':\n    image: shop/a:1\n    environment:\n      DATABASE_URL: postgresql://app@db/x\n  db:\n    image: postgres:16\n";
    std::fs::write(root.path().join("compose.yml"), compose).expect("a file");
    for format in ["svg", "html", "dot", "mermaid"] {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trueup"));
        let output = command.current_dir(root.path()).args(["map", "--format", format]).output().expect("trueup runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(!text.contains("a<b>&\"") || format == "dot", "{format}: {text}");
        assert!(text.contains("db"), "{format}");
    }
}

#[test]
fn services_that_call_each_other_are_drawn_once_each() {
    let folder = tempfile::tempdir().expect("a folder");
    let compose = "services:\n  a: {image: shop/a:1, environment: {B_URL: 'http://b:8080'}}\n  \
                   b: {image: shop/b:1, environment: {A_URL: 'http://a:8080'}}\n";
    std::fs::write(folder.path().join("compose.yaml"), compose).expect("it can be written");
    let folder = folder.path().to_str().expect("UTF-8");
    let drawing = map(folder, "terminal");
    assert_eq!(drawing.matches("] service").count(), 2, "{drawing}");
    assert!(drawing.contains("─▶ b") && drawing.contains("─▶ a"), "{drawing}");
    let dot = map(folder, "dot");
    assert_eq!(dot.matches(" -> ").count(), 2, "{dot}");
    let svg = map(folder, "svg");
    assert_eq!(svg.matches("class=\"node").count(), 2, "{svg}");
}
