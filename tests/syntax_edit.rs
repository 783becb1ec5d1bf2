//! Edits: the exact text they leave, what they refuse, and the gate over every real file.

use std::path::Path;

use trueup::syntax::decode::decode;
use trueup::syntax::edit::{Edit, GateError, Refusal, apply, spell, spell_key, splices, verify};
use trueup::syntax::{Document, Format, NodeId, NodeKind, ScalarType, Style, json, toml, yaml};

fn read(format: Format, text: &str) -> Document {
    match format {
        Format::Json => json::parse(text),
        Format::Toml => toml::parse(text),
        _ => yaml::parse(text),
    }
}

/// The node at a path of keys and item numbers; from the first document.
fn at(document: &Document, path: &str) -> NodeId {
    path.split('/').filter(|part| !part.is_empty()).fold(document.roots[0], |node, part| match part.parse::<usize>() {
        Ok(index) => document.children(node).nth(index).unwrap(),
        Err(_) => document.entry(node, part).unwrap_or_else(|| panic!("no {part} in {}", document.text)),
    })
}

fn replace(document: &Document, path: &str, text: &str) -> Edit {
    Edit::Replace { node: at(document, path), text: text.to_owned() }
}

fn insert(document: &Document, path: &str) -> Edit {
    Edit::InsertEntry { map: at(document, path), key: "k".to_owned(), value: "9".to_owned() }
}

fn delete(document: &Document, path: &str) -> Edit {
    Edit::Delete { node: at(document, path) }
}

type Make = fn(&Document, &str) -> Edit;

fn set(document: &Document, path: &str) -> Edit {
    replace(document, path, "9")
}

fn edited(format: Format, before: &str, make: Make, path: &str) -> Result<String, Refusal> {
    let document = read(format, before);
    let edits = [make(&document, path)];
    let text = apply(before, &splices(&document, &edits)?);
    assert_eq!(verify(&document, &text, &edits), Ok(()), "{before:?} became {text:?}");
    Ok(text)
}

fn check(format: Format, make: Make, cases: &[(&str, &str, &str)]) {
    for &(before, path, after) in cases {
        assert_eq!(edited(format, before, make, path).as_deref(), Ok(after), "{before:?} {path}");
    }
}

#[test]
fn replace_keeps_what_is_around() {
    check(
        Format::Yaml,
        set,
        &[
            ("a: 1 # c\nb: 2\n", "a", "a: 9 # c\nb: 2\n"),
            ("a: &x !!int 1\nb: *x\n", "a", "a: &x !!int 9\nb: *x\n"),
            ("a:\nb: 2\n", "a", "a: 9\nb: 2\n"),
            ("a: # c\n", "a", "a: 9 # c\n"),
            ("a: &x\n", "a", "a: &x 9\n"),
            ("-\n- 2", "0", "- 9\n- 2"),
            ("\u{feff}a: \"x\"\r\nb: 2\r\n", "a", "\u{feff}a: 9\r\nb: 2\r\n"),
            ("{a: 1, b: }", "b", "{a: 1, b: 9 }"),
            ("a: one\n  two\nb: 1\n", "a", "a: 9\nb: 1\n"),
        ],
    );
    check(Format::Json, set, &[("{\"a\": \"x\" /* c */}", "a", "{\"a\": 9 /* c */}")]);
    check(Format::Toml, set, &[("[t]\na.b = '''\nx''' # c\r\n", "t/a/b", "[t]\na.b = 9 # c\r\n")]);
}

#[test]
fn insert_follows_its_siblings() {
    check(
        Format::Yaml,
        insert,
        &[
            ("a: 1 # c\n", "", "a: 1 # c\nk: 9\n"),
            ("a: 1", "", "a: 1\nk: 9"),
            ("- a: 1\n  b:\n  - x\n# c\n- 2\n", "0", "- a: 1\n  b:\n  - x\n  k: 9\n# c\n- 2\n"),
            ("a:\r\n    b: |\r\n      x\r\n\r\nc: 1\r\n", "a", "a:\r\n    b: |\r\n      x\r\n    k: 9\r\n\r\nc: 1\r\n"),
            ("a: {b: 1}\n", "a", "a: {b: 1, k: 9}\n"),
            ("a: {}\n", "a", "a: {k: 9}\n"),
            ("a: {\n  b: 1, # c\n}\n", "a", "a: {\n  b: 1, # c\n  k: 9,\n}\n"),
            ("\u{feff}a: 1\n", "", "\u{feff}a: 1\nk: 9\n"),
            ("a:\n  b: 1\n\n  # end\nc: 2\n", "a", "a:\n  b: 1\n  k: 9\n\n  # end\nc: 2\n"),
        ],
    );
    check(
        Format::Json,
        insert,
        &[
            ("{\n  \"a\": 1\n}\n", "", "{\n  \"a\": 1,\n  \"k\": 9\n}\n"),
            ("{\n  \"a\": 1 // c\n}\n", "", "{\n  \"a\": 1, // c\n  \"k\": 9\n}\n"),
            ("{\"a\": {}}", "a", "{\"a\": {\"k\": 9}}"),
            ("{\"a\": 1,}", "", "{\"a\": 1, \"k\": 9,}"),
            ("{\r\n\t\"a\": [\r\n\t\t1\r\n\t]\r\n}", "", "{\r\n\t\"a\": [\r\n\t\t1\r\n\t],\r\n\t\"k\": 9\r\n}"),
        ],
    );
    check(
        Format::Toml,
        insert,
        &[
            ("a = 1\n\n[t]\nb = 2 # c\n\n[u]\n", "t", "a = 1\n\n[t]\nb = 2 # c\nk = 9\n\n[u]\n"),
            ("a = 1\n\n[t]\n", "", "a = 1\nk = 9\n\n[t]\n"),
            ("[t]\n[t.u]\nx = 1\n", "t", "[t]\nk = 9\n[t.u]\nx = 1\n"),
            ("a = { b = 1 }\n", "a", "a = { b = 1, k = 9 }\n"),
            ("[[l]]\na = 1\n[[l]]\na = 2", "l/0", "[[l]]\na = 1\nk = 9\n[[l]]\na = 2"),
        ],
    );
}

#[test]
fn delete_takes_the_entry_and_its_comment() {
    check(
        Format::Yaml,
        delete,
        &[
            ("a: 1\nb: 2 # c\n# d\nc: 3\n", "b", "a: 1\n# d\nc: 3\n"),
            ("- a: 1\n  b: 2\n", "0/a", "- b: 2\n"),
            ("- 1\n- 2\n- 3", "2", "- 1\n- 2\n"),
            ("a: {b: 1, c: 2, d: 3}\n", "a/c", "a: {b: 1, d: 3}\n"),
            ("a: [1, 2]\n", "a/1", "a: [1]\n"),
            ("a: [1, 2,]\n", "a/1", "a: [1,]\n"),
            ("a:\n  b: |\n    x\n\n  c: 1\n", "a/b", "a:\n\n  c: 1\n"),
        ],
    );
    check(
        Format::Json,
        delete,
        &[
            ("{\n  \"a\": 1, // c\n  // d\n  \"b\": 2\n}\n", "a", "{\n  // d\n  \"b\": 2\n}\n"),
            ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "b", "{\n  \"a\": 1\n}\n"),
        ],
    );
    check(Format::Toml, delete, &[("[t]\na = 1\nb.c = 2\n\n[u]\n", "t/a", "[t]\nb.c = 2\n\n[u]\n")]);
}

#[test]
fn what_cannot_be_done_surely_is_refused() {
    for (before, make, path, refusal) in [
        ("a: &x 1\nb: *x\n", set as Make, "b", Refusal::Alias),
        ("a: |\n  x\n", set, "a", Refusal::BlockScalar),
        ("a: [1]\n", set, "a", Refusal::Kind),
        ("a: {b}\n", set, "a/b", Refusal::NoPlace),
        ("a: {{ x }}\n", set, "a", Refusal::Template),
        ("a: 1\nb: [\n", set, "a", Refusal::Broken),
        ("k: 1\n", insert, "", Refusal::KeyExists),
        ("a: [b: 1]\n", insert, "a/0", Refusal::NoPlace),
        ("a: &x 1\nb: *x\n", delete, "a", Refusal::Anchored),
        ("a:\n  b: 1\n", delete, "a/b", Refusal::OnlyEntry),
        ("- a: 1 # c\n  b: 2\n", delete, "0/a", Refusal::Comment),
    ] {
        assert_eq!(edited(Format::Yaml, before, make, path), Err(refusal), "{before:?}");
    }
    assert_eq!(edited(Format::Toml, "[a.b]\nc = 1\n", insert, "a"), Err(Refusal::NoPlace));
    assert_eq!(edited(Format::Toml, "[a]\n[b]\n", delete, "a"), Err(Refusal::Kind));
}

#[test]
fn several_edits_are_one_text() {
    let before = "a: 1\nb: 2\nc: {d: 3}\n";
    let document = yaml::parse(before);
    let edits = [insert(&document, "c"), replace(&document, "a", "x"), delete(&document, "b")];
    let text = apply(before, &splices(&document, &edits).unwrap());
    assert_eq!(text, "a: x\nc: {d: 3, k: 9}\n");
    assert_eq!(verify(&document, &text, &edits), Ok(()));
    let twice = [replace(&document, "a", "x"), delete(&document, "a")];
    assert_eq!(splices(&document, &twice), Err(Refusal::Overlap));
}

#[test]
fn the_gate_stops_what_is_not_what_was_meant() {
    let before = "a: 1 # c\nb: [2, 3]\nd: &x 4\ne: *x\n";
    let document = yaml::parse(before);
    for text in ["x: y", "1 # d", "\"", "1\nz: 2", "&y 1", "!!str 1", "[", "|\n  x"] {
        let edits = [replace(&document, "a", text)];
        let new = apply(before, &splices(&document, &edits).unwrap());
        assert!(verify(&document, &new, &edits).is_err(), "{text:?} passed");
    }
    let edits = [replace(&document, "b/0", "2, 5")];
    let new = apply(before, &splices(&document, &edits).unwrap());
    assert!(matches!(verify(&document, &new, &edits), Err(GateError::Tree(_))));
    assert_eq!(verify(&document, &new.replace("# c", "# e"), &edits), Err(GateError::Bytes));
    assert_eq!(verify(&document, before, &edits), Err(GateError::Bytes));
}

#[test]
fn what_is_spelled_reads_back() {
    let texts = [
        "",
        " ",
        "a b",
        "30s",
        "a: b",
        "a:",
        "a #b",
        "- x",
        "-x",
        "yes",
        "010",
        "1:30",
        "2026-11-22",
        "~",
        "null",
        "true",
        "1e3",
        "0x1F",
        "*a",
        "&a",
        "!t",
        "%",
        "@x",
        "`",
        "=",
        "<<",
        "---",
        "...",
        "'",
        "\"",
        "\\",
        "it's",
        "é",
        "a\nb",
        "\t",
        "\r\n",
        "\u{85}",
        "\u{2028}",
        "\u{7f}",
        "\u{0}",
        "\u{feff}x",
        "[a]",
        "{a: 1}",
        "a,b",
        "http://u:p@h:1/d?x=y#z",
        "x ",
    ];
    for format in [Format::Yaml, Format::Json, Format::Toml] {
        for style in [Style::Plain, Style::SingleQuoted, Style::DoubleQuoted, Style::Literal] {
            for text in texts {
                let (key, value) = (spell_key(format, text), spell(format, style, text, ScalarType::Text));
                let source = match format {
                    Format::Json => format!("{{{key}: {value}}}"),
                    Format::Toml => format!("{key} = {value}"),
                    _ => format!("{key}: {value}"),
                };
                let document = read(format, &source);
                assert!(document.errors.is_empty(), "{source:?}: {:?}", document.errors);
                let entry = document.children(document.roots[0]).next().unwrap();
                assert_eq!((document.key(entry), document.scalar(entry)), (Some(text), text), "{source:?}");
                assert_eq!(document.node(entry).scalar, ScalarType::Text, "{source:?}");
            }
        }
        for (text, scalar) in [("30", ScalarType::Integer), ("1.5", ScalarType::Float), ("true", ScalarType::Bool)] {
            assert_eq!(spell(format, Style::DoubleQuoted, text, scalar), text);
            assert_ne!(spell(format, Style::Plain, text, ScalarType::Text), text);
        }
    }
}

#[derive(Default, Debug)]
struct Tally {
    passed: usize,
    refused: usize,
    stopped: Vec<String>,
}

type MakeAt = fn(NodeId, &str) -> Edit;

/// Tries every kind of edit at every node of a text, at most `limit` of each kind.
fn try_all(format: Format, name: &str, text: &str, limit: usize, tally: &mut Tally) {
    let document = read(format, text);
    if !document.errors.is_empty() || document.template.is_some() {
        return;
    }
    let keys: std::collections::HashSet<NodeId> = document.nodes.iter().filter_map(|node| node.key).collect();
    let nodes: Vec<NodeId> = (0..document.nodes.len() as u32).map(NodeId).filter(|id| !keys.contains(id)).collect();
    let value = if format == Format::Yaml { "zz9" } else { "99" };
    let make: [(NodeKind, MakeAt); 4] = [
        (NodeKind::Scalar, |node, value| Edit::Replace { node, text: value.to_owned() }),
        (NodeKind::Map, |map, value| Edit::InsertEntry { map, key: "zzk".to_owned(), value: value.to_owned() }),
        (NodeKind::Scalar, |node, _| Edit::Delete { node }),
        (NodeKind::Map, |node, _| Edit::Delete { node }),
    ];
    for (kind, make) in make {
        let fitting: Vec<NodeId> = nodes.iter().copied().filter(|id| document.node(*id).kind == kind).collect();
        let step = (fitting.len() / limit).max(1);
        for &id in fitting.iter().step_by(step) {
            let edits = [make(id, value)];
            let Ok(splices) = splices(&document, &edits) else {
                tally.refused += 1;
                continue;
            };
            match verify(&document, &apply(text, &splices), &edits) {
                Ok(()) => tally.passed += 1,
                Err(error) => tally.stopped.push(format!("{name}: {edits:?} {splices:?}: {error:?}")),
            }
        }
    }
}

#[test]
fn the_gate_over_real_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !folder.exists() {
        eprintln!("skipped: no files at {}", folder.display());
        return;
    }
    let mut tally = Tally::default();
    let mut marked = Tally::default();
    for entry in walkdir::WalkDir::new(folder).follow_links(true).into_iter().filter_map(Result::ok) {
        let format = match entry.path().extension().and_then(|extension| extension.to_str()) {
            Some("yaml" | "yml") => Format::Yaml,
            Some("json") => Format::Json,
            Some("toml") => Format::Toml,
            _ => continue,
        };
        let Ok(bytes) = std::fs::read(entry.path()) else { continue };
        let Ok(text) = decode(&bytes) else { continue };
        if text.len() > 10_000 {
            continue;
        }
        let name = entry.path().to_string_lossy();
        try_all(format, &name, text, 3, &mut tally);
        let other = format!("\u{feff}{}", text.trim_end().replace("\r\n", "\n").replace('\n', "\r\n"));
        try_all(format, &name, &other, 1, &mut marked);
    }
    for (what, tally) in [("as they are", tally), ("with a mark, CRLF and no last break", marked)] {
        let Tally { passed, refused, stopped } = tally;
        eprintln!("{what}: {passed} edits pass the gate, {refused} refused, {} stopped", stopped.len());
        assert!(stopped.is_empty(), "{}", stopped[..stopped.len().min(20)].join("\n"));
        assert!(passed > 1_000);
    }
}
