//! What each span of a node names, format by format: the slices are compared, so a wrong byte shows.

use trueup::syntax::{Document, NodeId, NodeKind, json, toml, yaml};

/// Every entry of a document in text order: `key | content | outer | entry`, with `·` for the start of a line break.
fn table(document: &Document) -> Vec<String> {
    let slice = |span: trueup::syntax::Span| span.slice(&document.text).replace('\r', "␍").replace('\n', "␊");
    let keys: Vec<NodeId> = document.nodes.iter().filter_map(|node| node.key).collect();
    (0..document.nodes.len() as u32)
        .map(NodeId)
        .filter(|id| !keys.contains(id) && document.node(*id).kind != NodeKind::Map)
        .map(|id| {
            let node = document.node(id);
            let key = node.key.map_or(String::new(), |key| slice(document.node(key).content));
            format!("{key} | {} | {} | {}", slice(node.content), slice(node.outer), slice(node.entry))
        })
        .collect()
}

fn check(document: Document, expected: &[&str]) {
    assert!(document.errors.is_empty(), "{:?}", document.errors);
    assert_eq!(table(&document), expected, "{:?}", document.text);
}

#[test]
fn yaml_plain_and_quoted_values() {
    check(
        yaml::parse("a: 1\n'b': \"x\\n\" # c\nc : 'it''s'\n"),
        &["a | 1 | 1 | a: 1", "'b' | \"x\\n\" | \"x\\n\" | 'b': \"x\\n\"", "c | 'it''s' | 'it''s' | c : 'it''s'"],
    );
    check(
        yaml::parse("a: one\n  two\n\n  three   # c\nb: 2"),
        &["a | one␊  two␊␊  three | one␊  two␊␊  three | a: one␊  two␊␊  three", "b | 2 | 2 | b: 2"],
    );
}

#[test]
fn yaml_absent_values_stand_behind_their_indicator() {
    let document = yaml::parse("a:\nb: # c\n  # d\nc: ~\nd: &x\ne: !!null\nf:\n-\n- 1\n");
    check(
        document,
        &[
            "a |  |  | a:",
            "b |  |  | b:",
            "c | ~ | ~ | c: ~",
            "d |  | &x | d: &x",
            "e |  | !!null | e: !!null",
            "f | -␊- 1 | -␊- 1 | f:␊-␊- 1",
            " |  |  | -",
            " | 1 | 1 | - 1",
        ],
    );
}

#[test]
fn yaml_properties_belong_to_outer() {
    check(
        yaml::parse("a: &x !!str 1\nb: !!str &y 2\n&k c: *x\nd: &z\n  - 1\ne: !t { f: 1 }\n"),
        &[
            "a | 1 | &x !!str 1 | a: &x !!str 1",
            "b | 2 | !!str &y 2 | b: !!str &y 2",
            "c | *x | *x | &k c: *x",
            "d | - 1 | &z␊  - 1 | d: &z␊  - 1",
            " | 1 | 1 | - 1",
            "f | 1 | 1 | f: 1",
        ],
    );
}

#[test]
fn yaml_block_scalars() {
    check(
        yaml::parse("a: |  # c\n  x\n   y\n\nb: &s >-\n\n  z\n\n# d\nc: |+\n  k\n\n\nd: |\ne:\n- - |2-\n     m"),
        &[
            "a |   x␊   y | |  # c␊  x␊   y | a: |  # c␊  x␊   y",
            "b | ␊  z | &s >-␊␊  z | b: &s >-␊␊  z",
            "c |   k␊␊ | |+␊  k␊␊ | c: |+␊  k␊␊",
            "d |  | | | d: |",
            "e | - - |2-␊     m | - - |2-␊     m | e:␊- - |2-␊     m",
            " | - |2-␊     m | - |2-␊     m | - - |2-␊     m",
            " |      m | |2-␊     m | - |2-␊     m",
        ],
    );
}

#[test]
fn yaml_compact_and_nested_collections() {
    let document = yaml::parse("- a: 1\n  b:\n    - - x\n      - y\n  # c\n  # d\n- 2\n");
    let all = "- a: 1␊  b:␊    - - x␊      - y␊  # c␊  # d␊- 2";
    check(
        document,
        &[
            &format!(" | {all} | {all} | {all}"),
            "a | 1 | 1 | a: 1",
            "b | - - x␊      - y | - - x␊      - y | b:␊    - - x␊      - y",
            " | - x␊      - y | - x␊      - y | - - x␊      - y",
            " | x | x | - x",
            " | y | y | - y",
            " | 2 | 2 | - 2",
        ],
    );
}

#[test]
fn yaml_flow_and_explicit_keys() {
    check(
        yaml::parse("a: {b: 1, c, ? d : , \"e\":2}\n? f\n: 3\n? g\n: - 4\n? h\ni: [j: 5]\nk: [ ]\n"),
        &[
            "b | 1 | 1 | b: 1",
            "c |  |  | c",
            "d |  |  | ? d :",
            "\"e\" | 2 | 2 | \"e\":2",
            "f | 3 | 3 | ? f␊: 3",
            "g | - 4 | - 4 | ? g␊: - 4",
            " | 4 | 4 | - 4",
            "h |  |  | ? h",
            "i | [j: 5] | [j: 5] | i: [j: 5]",
            "j | 5 | 5 | j: 5",
            "k | [ ] | [ ] | k: [ ]",
        ],
    );
}

#[test]
fn yaml_marks_line_ends_and_several_documents() {
    let document = yaml::parse("\u{feff}a: 1\r\nb:\r\n  - é # c\r\n---\r\nc: |\r\n  x\r\n...\r\n--- d\r\n");
    assert_eq!(document.roots.iter().map(|&root| document.node(root).document).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(document.comments.iter().map(|c| c.span.slice(&document.text)).collect::<Vec<_>>(), ["# c"]);
    check(
        document,
        &[
            "a | 1 | 1 | a: 1",
            "b | - é | - é | b:␍␊  - é",
            " | é | é | - é",
            "c |   x | |␍␊  x | c: |␍␊  x",
            " | d | d | d",
        ],
    );
}

#[test]
fn a_broken_document_does_not_hide_the_others() {
    let document = yaml::parse("a: 1\nb: [2\n---\nc: 3\n");
    assert_eq!(document.errors.len(), 1);
    let (broken, whole) = (document.roots[0], document.roots[1]);
    assert_eq!(document.scalar(document.lookup(broken, &["a"]).unwrap()), "1");
    assert_eq!(document.scalar(document.lookup(whole, &["c"]).unwrap()), "3");
}

#[test]
fn comments_know_whether_they_have_their_line() {
    let placed = |document: Document| document.comments.iter().map(|comment| comment.own_line).collect::<Vec<_>>();
    assert_eq!(placed(yaml::parse("# a\nb: 1 # c\n  # d\n")), [true, false, true]);
    assert_eq!(placed(json::parse("// a\n{ /* b */ }")), [true, false]);
    assert_eq!(placed(toml::parse("# a\nb = 1 # c\n")), [true, false]);
}

#[test]
fn json_values() {
    check(
        json::parse("\u{feff}{\r\n \"a\": [1, \"x\\n\"], // c\r\n \"b\" : null,\r\n}"),
        &[
            "\"a\" | [1, \"x\\n\"] | [1, \"x\\n\"] | \"a\": [1, \"x\\n\"]",
            " | 1 | 1 | 1",
            " | \"x\\n\" | \"x\\n\" | \"x\\n\"",
            "\"b\" | null | null | \"b\" : null",
        ],
    );
}

#[test]
fn toml_values() {
    check(
        toml::parse(concat!(
            "\u{feff}a = 1\r\nb.c = 'x' # d\r\n[t.u]\r\n\"k\" = \"\"\"m\r\nn\"\"\"\r\n",
            "[[l]]\r\ni = { j = 2 }\r\n[[l]]\r\n[l.m]\r\nn = [ 1979-05-27, 1.5 ]",
        )),
        &[
            "a | 1 | 1 | a = 1",
            "c | 'x' | 'x' | b.c = 'x'",
            "\"k\" | \"\"\"m␍␊n\"\"\" | \"\"\"m␍␊n\"\"\" | \"k\" = \"\"\"m␍␊n\"\"\"",
            "l | [[l]]␍␊i = { j = 2 }␍␊[[l]] | [[l]]␍␊i = { j = 2 }␍␊[[l]] | [[l]]␍␊i = { j = 2 }␍␊[[l]]",
            "j | 2 | 2 | j = 2",
            "n | [ 1979-05-27, 1.5 ] | [ 1979-05-27, 1.5 ] | n = [ 1979-05-27, 1.5 ]",
            " | 1979-05-27 | 1979-05-27 | 1979-05-27",
            " | 1.5 | 1.5 | 1.5",
        ],
    );
}

#[test]
fn toml_tables_reach_from_their_header_to_their_last_pair() {
    let document = toml::parse("[a]\nx = 1\n[b]\n[a.c]\ny.z = 2\n# end\n[d.e]\n");
    let entry = |path: &[&str]| {
        let id = document.lookup(document.roots[0], path).unwrap();
        document.node(id).entry.slice(&document.text)
    };
    assert_eq!(entry(&["a"]), "[a]\nx = 1");
    assert_eq!(entry(&["b"]), "[b]");
    assert_eq!(entry(&["a", "c"]), "[a.c]\ny.z = 2");
    assert_eq!(entry(&["a", "c", "y"]), "y.z = 2");
    assert_eq!(entry(&["d"]), "[d.e]");
}

#[test]
fn toml_keeps_and_records_duplicates() {
    let document = toml::parse("a = 1\na = 2\n[t]\n[t]\nb = 3\n");
    let messages: Vec<_> = document.errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(messages, ["`a` is defined twice", "`t` is defined twice"]);
    assert_eq!(document.children(document.roots[0]).count(), 4);
}
