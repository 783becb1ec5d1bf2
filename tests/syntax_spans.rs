//! What each span of a node names, format by format: the slices are compared, so a wrong byte shows.

use trueup::syntax::{Document, NodeId, NodeKind, ScalarType, json, toml, yaml};

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
    check(yaml::parse("a: |  # c\n  x\n   y\n\nb: &s >-\n\n  z\n\n# d\nc: |+\n  k\n\n\nd: |\n- - |2-\n   m"), &[]);
}

#[test]
fn yaml_compact_and_nested_collections() {
    check(
        yaml::parse("- a: 1\n  b:\n    - - x\n      - y\n  # c\n  # d\n- 2\n"),
        &["- a: 1␊  b:␊    - - x␊      - y␊  # c␊  # d␊- 2"],
    );
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
        toml::parse(
            "\u{feff}a = 1\r\nb.c = 'x' # d\r\n[t.u]\r\n\"k\" = \"\"\"m\r\nn\"\"\"\r\n[[l]]\r\ni = { j = 2 }\r\n",
        ),
        &[],
    );
}
