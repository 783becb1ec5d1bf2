//! What each flavor of the line family reads from a text.

use trueup::syntax::{Document, LineFlavor, NodeKind, ScalarType, line};

/// `section.key=value` for each entry; `key` alone where there is no value.
fn entries(text: &str, flavor: LineFlavor) -> Vec<String> {
    let document = line::parse(text, flavor);
    assert_eq!(document.errors, [], "{text:?}");
    list(&document)
}

fn list(document: &Document) -> Vec<String> {
    let mut out = Vec::new();
    for child in document.children(document.roots[0]) {
        let key = document.key(child).unwrap_or("?").to_owned();
        let inner =
            [child].into_iter().filter(|&id| document.node(id).kind != NodeKind::Map).map(|id| (String::new(), id));
        let nested = document.children(child).map(|id| (format!("{key}."), id));
        for (section, id) in inner.chain(nested) {
            let key = document.key(id).unwrap_or("?");
            let value = if document.node(id).scalar == ScalarType::Null {
                String::new()
            } else {
                format!("={}", document.scalar(id))
            };
            out.push(format!("{section}{key}{value}"));
        }
    }
    out
}

fn comments(text: &str, flavor: LineFlavor) -> Vec<(String, bool)> {
    let document = line::parse(text, flavor);
    document.comments.iter().map(|comment| (comment.span.slice(text).to_owned(), comment.own_line)).collect()
}

#[test]
fn ini() {
    let read = |text| entries(text, LineFlavor::Ini);
    assert_eq!(
        read("a=1\n[s]\nb : x ; c\nskip-networking\nb = \"x ; y\" # z\n"),
        ["a=1", "s.b=x", "s.skip-networking", "s.b=\"x ; y\""]
    );
    assert_eq!(
        read("[remote \"a]b\"]\r\n\turl = u#v\r\n[core] bare = true\r[e]\r"),
        ["remote \"a]b\".url=u#v", "core.bare=true"]
    );
    assert_eq!(
        read("[o]\nx =\n  a==1\n  # note\n  b\ny = 1\n  more\n  z = 2\n"),
        ["o.x=a==1\nb", "o.y=1\nmore", "o.z=2"]
    );
    assert_eq!(read("Exec=/bin/a \\\n  -b \\\n  -c\nDir=C:\\\nx="), ["Exec=/bin/a -b -c", "Dir=C:\\", "x="]);
    assert_eq!(
        comments("; a\nb = c ;d\n #e", LineFlavor::Ini),
        [("; a".into(), true), (";d".into(), false), ("#e".into(), true)]
    );
    assert_eq!(line::parse("[open\n=x\n", LineFlavor::Ini).errors.len(), 2);
}

#[test]
fn spans_of_an_entry_and_its_section() {
    let text = "\u{feff}[s]\n  key  =  value  # c\n\n[t]\n";
    let document = line::parse(text, LineFlavor::Ini);
    let section = document.entry(document.roots[0], "s").expect("the section");
    let entry = document.entry(section, "key").expect("the entry");
    assert_eq!(document.node(entry).content.slice(text), "value");
    assert_eq!(document.node(entry).entry.slice(text), "key  =  value");
    assert_eq!(document.node(section).entry.slice(text), "[s]\n  key  =  value");
    let empty = document.entry(document.roots[0], "t").expect("the empty section");
    assert_eq!(document.node(empty).content.start as usize, text.len() - 1);
}

#[test]
fn properties() {
    let read = |text| entries(text, LineFlavor::Properties);
    assert_eq!(read("a=1\n b : 2\nc 3\nd\ne=\n"), ["a=1", "b=2", "c=3", "d", "e="]);
    assert_eq!(read("a\\ b\\==x\\\n    y \n"), ["a b==xy "]);
    assert_eq!(read("u=\\u00e4\\ud83d\\ude00\\ud83d\\q\\t"), ["u=ä😀\u{fffd}q\t"]);
    assert_eq!(read("a=b # no comment\n#c\n!d\nx=\\\n#e\n"), ["a=b # no comment", "x=#e"]);
    assert_eq!(comments("#c\n ! d\n", LineFlavor::Properties), [("#c".into(), true), ("! d".into(), true)]);
    assert_eq!(line::parse("a=\\u12", LineFlavor::Properties).errors.len(), 1);
}

#[test]
fn env() {
    let read = |text| entries(text, LineFlavor::Env);
    assert_eq!(read("export A=1\nB = x # c\nC=x#y\nD\nE=\nF: y\n"), ["A=1", "B=x", "C=x#y", "D", "E=", "F=y"]);
    assert_eq!(
        read("A=\"b\nc\\n\\\"d\\$x\" # e\nF='g\\n${H}'\nI='Let\\'s'\n"),
        ["A=b\nc\n\"d\\$x", "F=g\\n${H}", "I=Let's"]
    );
    assert_eq!(read("export=1\nDIR='C:\\'\nX=${Y:-z}\n"), ["export=1", "DIR=C:\\", "X=${Y:-z}"]);
    let broken = line::parse("A=\"open\nB=\"x\"\n", LineFlavor::Env);
    assert_eq!(broken.errors.len(), 1);
    assert_eq!(list(&broken), ["A=\"open", "B=x"]);
}

#[test]
fn an_empty_value_before_a_comment_has_room() {
    for flavor in [LineFlavor::Ini, LineFlavor::Env] {
        let document = line::parse("A= # c\n", flavor);
        let entry = document.entry(document.roots[0], "A").expect("the entry");
        assert_eq!(document.node(entry).content.start, 2);
    }
}

#[test]
fn postgres() {
    let read = |text| entries(text, LineFlavor::PostgresConf);
    assert_eq!(
        read("a = 1 # x\nb 'it''s \\'\\101\\n'#y\ninclude_dir 'conf.d'\r\na=on"),
        ["a=1", "b=it's 'A\n", "include_dir=conf.d", "a=on"]
    );
    let broken = line::parse("a = 1,1 # c\nb = 2\nc =\n", LineFlavor::PostgresConf);
    assert_eq!(list(&broken), ["a=1,1", "b=2", "c"]);
    assert_eq!(broken.errors.len(), 2);
    assert_eq!(broken.comments.len(), 1);
}

#[test]
fn pgbouncer() {
    let read = |text| entries(text, LineFlavor::PgBouncer);
    assert_eq!(
        read(
            "%include a.ini\n[databases]\n\"x-y\" = host=a dbname=b\n* = port=1\n[pgbouncer]\r\n ; c\r\nsize = 20 ; no\r\n"
        ),
        ["%include=a.ini", "databases.x-y=host=a dbname=b", "databases.*=port=1", "pgbouncer.size=20 ; no"]
    );
    for text in ["a = 1\n", "[s\n", "[s]\nnope\n", "[s]\na b = 1\n"] {
        assert_ne!(line::parse(text, LineFlavor::PgBouncer).errors, [], "{text:?}");
    }
}
