//! Edits: the exact text they leave, what they refuse, and the gate over every real file.

use std::path::Path;

use trueup::syntax::decode::decode;
use trueup::syntax::edit::{Edit, GateError, Refusal, apply, spell, spell_key, splices, verify};
use trueup::syntax::{Document, Format, LineFlavor, NodeId, NodeKind, ScalarType, Span, Style};

fn read(format: Format, text: &str) -> Document {
    trueup::syntax::parse(text, format)
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
fn missing_parents_are_made() {
    let path = |document: &Document, path: &str| {
        let keys = ["x", "z", "k"].map(str::to_owned).to_vec();
        Edit::InsertPath { map: at(document, path), keys, value: "9".to_owned() }
    };
    check(
        Format::Yaml,
        path,
        &[
            ("a: 1 # c\n", "", "a: 1 # c\nx:\n  z:\n    k: 9\n"),
            ("a:\n    b: 1\r\nc: 2\r\n", "a", "a:\n    b: 1\r\n    x:\r\n        z:\r\n            k: 9\r\nc: 2\r\n"),
            ("- a: 1", "0", "- a: 1\n  x:\n    z:\n      k: 9"),
            ("a:\n", "a", "a:\n  x:\n    z:\n      k: 9\n"),
            ("a: {b: 1}\n", "a", "a: {b: 1, x: {z: {k: 9}}}\n"),
        ],
    );
    check(Format::Json, path, &[("{\"a\": 1}", "", "{\"a\": 1, \"x\": {\"z\": {\"k\": 9}}}")]);
    check(Format::Toml, path, &[("[t]\na = 1\n", "t", "[t]\na = 1\nx.z.k = 9\n")]);
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
    let ini = Format::Line(LineFlavor::Ini);
    assert_eq!(edited(ini, "a =\n  x: 1\n; c\n  y: 2\n", replace_by_text, "a"), Err(Refusal::Comment));
}

#[test]
fn what_readers_take_differently_is_refused() {
    for (before, make, path, why) in [
        // a line break behind it would become a part of the text
        ("a: 1\nb: |\n  text", insert as Make, "", Refusal::NoPlace),
        ("a: !!int 1\n", replace_by_text as Make, "a", Refusal::Tag),
        (" \t\na: 1\n", set as Make, "a", Refusal::Tabs),
        ("a: |+\n\nb: 1\n", delete as Make, "a", Refusal::BlockScalar),
    ] {
        assert_eq!(edited(Format::Yaml, before, make, path), Err(why), "{before:?}");
    }
    // tabs within a text are its own
    assert!(edited(Format::Yaml, "a: |\n  x\n  \ty\nb: 1\n", set, "b").is_ok());
}

fn replace_by_text(document: &Document, path: &str) -> Edit {
    replace(document, path, "zz")
}

#[test]
fn several_edits_are_one_text() {
    let before = "a: 1\nb: 2\nc: {d: 3}\n";
    let document = read(Format::Yaml, before);
    let edits = [insert(&document, "c"), replace(&document, "a", "x"), delete(&document, "b")];
    let text = apply(before, &splices(&document, &edits).unwrap());
    assert_eq!(text, "a: x\nc: {d: 3, k: 9}\n");
    assert_eq!(verify(&document, &text, &edits), Ok(()));
    let twice = [replace(&document, "a", "x"), delete(&document, "a")];
    assert_eq!(splices(&document, &twice), Err(Refusal::Overlap));
}

#[test]
fn a_new_section_is_begun_once() {
    let document = read(Format::Yaml, "a:\n  b: 1\n");
    let path = |map: &str, keys: &[&str]| Edit::InsertPath {
        map: at(&document, map),
        keys: keys.iter().map(ToString::to_string).collect(),
        value: "9".to_owned(),
    };
    let refused = |edits: &[Edit]| splices(&document, edits).err();
    assert_eq!(refused(&[path("a", &["new", "x"]), path("a", &["new", "y"])]), Some(Refusal::Overlap));
    assert_eq!(refused(&[path("a", &["x"]), path("a", &["y"])]), None);
    assert_eq!(refused(&[path("a", &["new", "x"]), path("", &["new", "x"])]), None);
}

#[test]
fn the_gate_stops_what_is_not_what_was_meant() {
    let before = "a: 1 # c\nb: [2, 3]\nd: &x 4\ne: *x\n";
    let document = read(Format::Yaml, before);
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

type MakeAt = fn(&Document, NodeId, &str) -> Option<Edit>;

/// Tries every kind of edit at every node of a text, at most `limit` of each kind.
fn try_all(format: Format, name: &str, text: &str, limit: usize, tally: &mut Tally) {
    let document = read(format, text);
    if !document.errors.is_empty() || document.template.is_some() {
        return;
    }
    let keys: std::collections::HashSet<NodeId> = document.nodes.iter().filter_map(|node| node.key).collect();
    let nodes: Vec<NodeId> = (0..document.nodes.len() as u32).map(NodeId).filter(|id| !keys.contains(id)).collect();
    let value = if matches!(format, Format::Json | Format::Toml) { "99" } else { "zz9" };
    let owned = |value: &str| value.to_owned();
    let make: [(NodeKind, MakeAt); 8] = [
        (NodeKind::Scalar, |_, node, value| Some(Edit::Replace { node, text: value.to_owned() })),
        (NodeKind::Scalar, |document, node, _| {
            let first = document.scalar(node).chars().next()?.len_utf8();
            Some(Edit::Within { node, range: Span::new(0, first), text: "zz".to_owned() })
        }),
        (NodeKind::Map, |_, map, value| {
            Some(Edit::InsertEntry { map, key: "zzk".to_owned(), value: value.to_owned() })
        }),
        (NodeKind::Seq, |_, seq, value| Some(Edit::InsertItem { seq, value: value.to_owned() })),
        (NodeKind::Scalar, |_, node, _| Some(Edit::Delete { node })),
        (NodeKind::Map, |_, node, _| Some(Edit::Delete { node })),
        (NodeKind::Scalar, |document, node, _| {
            document.node(node).key.map(|_| Edit::Rename { node, key: "zzk".to_owned() })
        }),
        (NodeKind::Map, |document, node, _| {
            document.node(node).key.map(|_| Edit::Rename { node, key: "zzk".to_owned() })
        }),
    ];
    let mut attempt = |edits: [Edit; 1]| {
        let Ok(splices) = splices(&document, &edits) else {
            tally.refused += 1;
            return;
        };
        match verify(&document, &apply(text, &splices), &edits) {
            Ok(()) => tally.passed += 1,
            Err(error) => tally.stopped.push(format!("{name}: {edits:?} {splices:?}: {error:?}")),
        }
    };
    for (kind, make) in make {
        let fitting: Vec<NodeId> = nodes.iter().copied().filter(|id| document.node(*id).kind == kind).collect();
        let step = (fitting.len() / limit).max(1);
        for &id in fitting.iter().step_by(step) {
            if let Some(edit) = make(&document, id, &owned(value)) {
                attempt([edit]);
            }
        }
    }
    let step = (document.comments.len() / limit).max(1);
    for comment in (0..document.comments.len()).step_by(step) {
        attempt([Edit::RemoveComment { comment }]);
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
            Some("properties") => Format::Line(LineFlavor::Properties),
            Some("env") => Format::Line(LineFlavor::Env),
            Some("conf") => Format::Line(LineFlavor::PostgresConf),
            Some("ini") => Format::Line(LineFlavor::PgBouncer),
            Some("cfg") => Format::Line(LineFlavor::Ini),
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

fn edited_by(format: Format, before: &str, edit: impl Fn(&Document) -> Edit) -> Result<String, Refusal> {
    let document = read(format, before);
    let edits = [edit(&document)];
    let text = apply(before, &splices(&document, &edits)?);
    assert_eq!(verify(&document, &text, &edits), Ok(()), "{before:?} became {text:?}");
    Ok(text)
}

#[test]
fn a_part_of_a_scalar_changes_alone() {
    let within = |path: &'static str, old: &'static str, new: &'static str| {
        move |document: &Document| {
            let node = at(document, path);
            let start = document.scalar(node).find(old).unwrap_or(document.scalar(node).len());
            Edit::Within { node, range: Span::new(start, start + old.len()), text: new.to_owned() }
        }
    };
    let conf = "data:\n  postgresql.conf: |\n    max_connections = 100 # few\n\n    fsync = on\nnext: 1\n";
    let changed = edited_by(Format::Yaml, conf, within("data/postgresql.conf", "100", "200"));
    assert_eq!(changed.as_deref(), Ok(&*conf.replace("100", "200")));
    let added =
        edited_by(Format::Yaml, conf, within("data/postgresql.conf", "fsync = on\n", "fsync = on\nwork_mem = 8MB\n"));
    assert_eq!(added.as_deref(), Ok(&*conf.replace("fsync = on\n", "fsync = on\n    work_mem = 8MB\n")));
    let gone = edited_by(Format::Yaml, conf, within("data/postgresql.conf", "max_connections = 100 # few\n", ""));
    assert_eq!(gone.as_deref(), Ok("data:\n  postgresql.conf: |\n\n    fsync = on\nnext: 1\n"));
    // a file that ends with the scalar, without a last line break
    let open = "a: |-\n  x = 1\n  y = 2";
    let longer = |document: &Document| {
        let node = at(document, "a");
        Edit::Within { node, range: Span::at(document.scalar(node).len()), text: "\nz = 3".to_owned() }
    };
    assert_eq!(edited_by(Format::Yaml, open, longer).as_deref(), Ok("a: |-\n  x = 1\n  y = 2\n  z = 3"));
    for (format, before, after) in [
        (Format::Yaml, "url: 'postgresql://h/d?a=1' # c\n", "url: 'postgresql://h/d?a=2' # c\n"),
        (Format::Json, "{\"url\": \"postgresql://h/d?a=1\"}", "{\"url\": \"postgresql://h/d?a=2\"}"),
        (Format::Toml, "url = \"postgresql://h/d?a=1\"\n", "url = \"postgresql://h/d?a=2\"\n"),
        (Format::Line(LineFlavor::Env), "url=postgresql://h/d?a=1\n", "url=postgresql://h/d?a=2\n"),
    ] {
        assert_eq!(edited_by(format, before, within("url", "a=1", "a=2")).as_deref(), Ok(after));
    }
    let folded = "a: >-\n  postgres -c x=1\n  -c y=2\n";
    for (old, new, after) in [
        ("x=1", "x=7", Ok("a: >-\n  postgres -c x=7\n  -c y=2\n")),
        ("x=1 -c y=2", "x=1", Ok("a: >-\n  postgres -c x=1\n")),
        ("x=1", "x=1 -c z=3", Ok("a: >-\n  postgres -c x=1 -c z=3\n  -c y=2\n")),
        ("", " -c z=3", Ok("a: >-\n  postgres -c x=1\n  -c y=2 -c z=3\n")),
        // what the lines are folded into would no longer be what it was
        ("-c y=2", "", Err(Refusal::Spelling)),
        ("-c y=2", " -c y=2", Err(Refusal::Spelling)),
        ("x=1", "x=1\nz", Err(Refusal::Spelling)),
    ] {
        let edit = |document: &Document| {
            let node = at(document, "a");
            let whole = document.scalar(node);
            let start = if old.is_empty() { whole.len() } else { whole.find(old).expect("the part") };
            Edit::Within { node, range: Span::new(start, start + old.len()), text: new.to_owned() }
        };
        assert_eq!(edited_by(Format::Yaml, folded, edit), after.map(str::to_owned), "{old} to {new}");
    }
}

#[test]
fn line_files_are_edited_in_their_own_style() {
    let entry = |key: &'static str, value: &'static str| {
        move |document: &Document| {
            let map = document.children(document.roots[0]).find(|&node| document.node(node).kind == NodeKind::Map);
            let map = map.unwrap_or(document.roots[0]);
            Edit::InsertEntry { map, key: key.to_owned(), value: value.to_owned() }
        }
    };
    for (flavor, before, after) in [
        (LineFlavor::PostgresConf, "a = 1\nb = 2 # c\n", "a = 1\nb = 2 # c\nk = 9\n"),
        (LineFlavor::PostgresConf, "a    = 1\nbcd  = 2", "a    = 1\nbcd  = 2\nk = 9"),
        (LineFlavor::PostgresConf, "a 1\n", "a 1\nk 9\n"),
        (LineFlavor::PostgresConf, "", "k = 9\n"),
        (LineFlavor::PostgresConf, "# nothing yet\r\n", "# nothing yet\r\nk = 9\r\n"),
        (LineFlavor::Properties, "a.b=1\n", "a.b=1\nk=9\n"),
        (LineFlavor::Properties, "a.b: 1\n", "a.b: 1\nk: 9\n"),
        (LineFlavor::Properties, "a = 1,\\\n  2\n", "a = 1,\\\n  2\nk = 9\n"),
        (LineFlavor::Env, "export A=1\n", "export A=1\nexport k=9\n"),
        (
            LineFlavor::PgBouncer,
            "[pgbouncer]\na = 1\n\n[users]\nx = y\n",
            "[pgbouncer]\na = 1\nk = 9\n\n[users]\nx = y\n",
        ),
        (LineFlavor::PgBouncer, "[pgbouncer]\n\n[users]\n", "[pgbouncer]\nk = 9\n\n[users]\n"),
        (LineFlavor::Ini, "[s]\na=1 ; c\n", "[s]\na=1 ; c\nk=9\n"),
    ] {
        assert_eq!(edited_by(Format::Line(flavor), before, entry("k", "9")).as_deref(), Ok(after), "{before:?}");
    }
    let conf = Format::Line(LineFlavor::PostgresConf);
    check(conf, set, &[("a = 1 # c\n", "a", "a = 9 # c\n"), ("a = '1'\n", "a", "a = 9\n")]);
    check(conf, delete, &[("a = 1 # c\nb = 2\n", "a", "b = 2\n"), ("a = 1", "a", "")]);
    let rename = |document: &Document| Edit::Rename { node: at(document, "a"), key: "k".to_owned() };
    assert_eq!(edited_by(conf, "a = 1 # c\n", rename).as_deref(), Ok("k = 1 # c\n"));
    assert_eq!(edited_by(conf, "a = 1\nk = 2\n", rename), Err(Refusal::KeyExists));
}

#[test]
fn items_empty_values_and_comments() {
    let item = |document: &Document| Edit::InsertItem { seq: at(document, "a"), value: "9".to_owned() };
    for (format, before, after) in [
        (Format::Yaml, "a:\n- 1\n", "a:\n- 1\n- 9\n"),
        (Format::Yaml, "a:\n  - 1 # c\nb: 2\n", "a:\n  - 1 # c\n  - 9\nb: 2\n"),
        (Format::Yaml, "a: [1, 2]\n", "a: [1, 2, 9]\n"),
        (Format::Yaml, "a: []\n", "a: [9]\n"),
        (Format::Json, "{\"a\": [\n  1\n]}", "{\"a\": [\n  1,\n  9\n]}"),
        (Format::Toml, "a = [1]\n", "a = [1, 9]\n"),
    ] {
        assert_eq!(edited_by(format, before, item).as_deref(), Ok(after), "{before:?}");
    }
    for (before, after) in [
        ("a:\n", "a:\n  k: 9\n"),
        ("x:\n    y: 1\na: # c\n", "x:\n    y: 1\na: # c\n    k: 9\n"),
        ("a: {}\n", "a: {k: 9}\n"),
    ] {
        assert_eq!(edited_by(Format::Yaml, before, |d| insert(d, "a")).as_deref(), Ok(after), "{before:?}");
    }
    let first = |_: &Document| Edit::RemoveComment { comment: 0 };
    for (format, before, after) in [
        (Format::Yaml, "a: 1 # c\nb: 2\n", "a: 1\nb: 2\n"),
        (Format::Yaml, "a:\n  # c\n  b: 2\n", "a:\n  b: 2\n"),
        (Format::Json, "{\"a\": 1 /* c */, \"b\": 2}", "{\"a\": 1 , \"b\": 2}"),
        (Format::Toml, "# c\na = 1\n", "a = 1\n"),
        (Format::Line(LineFlavor::Properties), "! c\na=1\n", "a=1\n"),
    ] {
        assert_eq!(edited_by(format, before, first).as_deref(), Ok(after), "{before:?}");
    }
}

#[test]
fn two_edits_never_write_one_key_twice() {
    let rename = |document: &Document, key: &str| Edit::Rename { node: at(document, key), key: "k".to_owned() };
    for (format, text) in [
        (Format::Yaml, "a: 1\nb: 2\n"),
        (Format::Json, "{\"a\": 1, \"b\": 2}"),
        (Format::Toml, "a = 1\nb = 2\n"),
        (Format::Line(LineFlavor::Properties), "a=1\nb=2\n"),
    ] {
        let document = trueup::syntax::parse(text, format);
        let both = [rename(&document, "a"), rename(&document, "b")];
        assert_eq!(splices(&document, &both), Err(Refusal::Overlap), "{text:?}");
        let beside =
            [rename(&document, "a"), Edit::InsertEntry { map: document.roots[0], key: "k".into(), value: "3".into() }];
        assert_eq!(splices(&document, &beside), Err(Refusal::Overlap), "{text:?}");
        assert!(splices(&document, &both[..1]).is_ok(), "{text:?}");
    }
}
