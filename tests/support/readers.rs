//! Readers that are not ours: what a text says, to each of them, as one kind of tree.

#[path = "python_readers.rs"]
pub(crate) mod python;

use std::collections::BTreeMap;

use trueup::syntax::{Format, LineFlavor};

/// What a document says. Scalars carry their type before a colon, maps are ordered by key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Leaf(String),
    List(Vec<Tree>),
    Map(BTreeMap<String, Tree>),
}

/// Between the text of a leaf and the tag of the user's that it has; in no text of a file.
pub(crate) const TAGGED: &str = "\0 tagged ";

/// A reader.
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    /// Whether a text is of the kind that it reads at all; where it is not, it says nothing.
    pub(crate) takes: fn(&str) -> bool,
    /// What it makes of a text; `None` where it refuses it.
    pub(crate) read: fn(&str) -> Option<Vec<Tree>>,
}

const fn reader(name: &'static str, read: fn(&str) -> Option<Vec<Tree>>) -> Reader {
    Reader { name, takes: |_| true, read }
}

/// The readers of a format, of different descent.
pub(crate) fn of(format: Format) -> &'static [Reader] {
    const YAML: &[Reader] = &[reader("yaml_serde", yaml_serde), reader("yaml-rust2", yaml_rust2)];
    const JSON: &[Reader] = &[reader("serde_json", json), reader("json5", json5)];
    const TOML: &[Reader] = &[reader("toml", toml), reader("basic-toml", basic_toml)];
    const PROPERTIES: &[Reader] = &[
        reader("java-properties", java_properties),
        Reader { name: "by lines", takes: |text| !text.contains(['\\', '"', '\'']), read: lines_properties },
    ];
    const ENV: &[Reader] = &[
        // it fills in variables, and wants quotes around blanks
        Reader { name: "dotenvy", takes: |text| !text.contains(['$', '\\']) && plain_values(text), read: dotenvy },
        Reader { name: "by lines", takes: |text| !text.contains('\\'), read: lines_env },
    ];
    const INI: &[Reader] = &[
        Reader { name: "configparser", takes: |text| !text.contains(['"', '\'']), read: configparser },
        Reader { name: "by lines", takes: |text| !text.contains(['\\', '"', '\'']) && !trails(text), read: lines_ini },
    ];
    const PGBOUNCER: &[Reader] =
        &[Reader { name: "by lines", takes: |text| !text.contains(['\\', '%']), read: lines_ini }];
    const POSTGRES: &[Reader] =
        &[Reader { name: "by lines", takes: |text| !text.contains('\\'), read: lines_postgres }];
    const HCL: &[Reader] =
        &[Reader { name: "python-hcl2", takes: |_| python::has("hcl"), read: |text| python::read("hcl", text) }];
    const NGINX: &[Reader] =
        &[Reader { name: "crossplane", takes: |_| python::has("nginx"), read: |text| python::read("nginx", text) }];
    const SQL: &[Reader] =
        &[Reader { name: "pglast", takes: |_| python::has("sql"), read: |text| python::read("sql", text) }];
    const ODYSSEY: &[Reader] = &[Reader { name: "by words", takes: |text| !text.contains(['\\', '$']), read: odyssey }];
    match format {
        Format::Yaml => YAML,
        Format::Json => JSON,
        Format::Toml => TOML,
        Format::Line(LineFlavor::Properties) => PROPERTIES,
        Format::Line(LineFlavor::Env) => ENV,
        Format::Line(LineFlavor::Ini) => INI,
        Format::Line(LineFlavor::PgBouncer) => PGBOUNCER,
        Format::Line(LineFlavor::PostgresConf) => POSTGRES,
        Format::Hcl => HCL,
        Format::Nginx => NGINX,
        Format::Sql => SQL,
        Format::Odyssey => ODYSSEY,
        _ => &[],
    }
}

/// Whether a comment may stand behind a value.
fn trails(source: &str) -> bool {
    source.lines().map(str::trim).any(|line| !line.starts_with(['#', ';']) && line.contains([';', '#']))
}

/// Whether no value of an environment file has blanks or quotes outside of its quotes.
fn plain_values(source: &str) -> bool {
    source.lines().map(str::trim).filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')).all(
        |(key, value)| {
            let value = value.split(" #").next().unwrap_or_default().trim();
            let quoted = unquoted(value) != value;
            !key.contains(['-', '.']) && (quoted || !value.contains([' ', '\'', '"', '#']))
        },
    )
}

pub(crate) fn text(value: impl std::fmt::Display) -> Tree {
    Tree::Leaf(format!("s:{value}"))
}

fn yaml_serde(source: &str) -> Option<Vec<Tree>> {
    use serde::de::Deserialize;
    let documents = serde_yaml::Deserializer::from_str(source.trim_start_matches('\u{feff}'));
    documents.map(|document| Some(of_yaml_serde(&serde_yaml::Value::deserialize(document).ok()?))).collect()
}

fn of_yaml_serde(value: &serde_yaml::Value) -> Tree {
    use serde_yaml::Value;
    match value {
        Value::Null => Tree::Leaf("n:".into()),
        Value::Bool(value) => Tree::Leaf(format!("b:{value}")),
        Value::Number(number) if number.is_f64() => Tree::Leaf(format!("f:{number}")),
        Value::Number(number) => Tree::Leaf(format!("i:{number}")),
        Value::String(value) => text(value),
        Value::Sequence(items) => Tree::List(items.iter().map(of_yaml_serde).collect()),
        Value::Mapping(map) => {
            Tree::Map(map.iter().map(|(key, value)| (name(&of_yaml_serde(key)), of_yaml_serde(value))).collect())
        }
        Value::Tagged(tagged) => match of_yaml_serde(&tagged.value) {
            Tree::Leaf(leaf) => Tree::Leaf(format!("{leaf}{TAGGED}{}", tagged.tag)),
            other => other,
        },
    }
}

/// A key: its text, or for a collection as a key what it says.
fn name(key: &Tree) -> String {
    match key {
        Tree::Leaf(leaf) => leaf.split_once(':').map_or(leaf.clone(), |(_, text)| text.to_owned()),
        other => format!("{other:?}"),
    }
}

fn yaml_rust2(source: &str) -> Option<Vec<Tree>> {
    let documents = yaml_rust2::YamlLoader::load_from_str(source.trim_start_matches('\u{feff}')).ok()?;
    documents.iter().map(of_yaml_rust2).collect()
}

fn of_yaml_rust2(value: &yaml_rust2::Yaml) -> Option<Tree> {
    use yaml_rust2::Yaml;
    Some(match value {
        Yaml::Real(number) => Tree::Leaf(format!("f:{number}")),
        Yaml::Integer(number) => Tree::Leaf(format!("i:{number}")),
        Yaml::String(value) => text(value),
        Yaml::Boolean(value) => Tree::Leaf(format!("b:{value}")),
        Yaml::Null => Tree::Leaf("n:".into()),
        Yaml::Array(items) => Tree::List(items.iter().map(of_yaml_rust2).collect::<Option<_>>()?),
        Yaml::Hash(map) => Tree::Map(
            map.iter()
                .map(|(key, value)| Some((name(&of_yaml_rust2(key)?), of_yaml_rust2(value)?)))
                .collect::<Option<_>>()?,
        ),
        Yaml::Alias(_) | Yaml::BadValue => return None,
    })
}

fn json(source: &str) -> Option<Vec<Tree>> {
    let value: serde_json::Value = serde_json::from_str(source.trim_start_matches('\u{feff}')).ok()?;
    Some(vec![of_json(&value)])
}

fn json5(source: &str) -> Option<Vec<Tree>> {
    let value: serde_json::Value = ::json5::from_str(source.trim_start_matches('\u{feff}')).ok()?;
    Some(vec![of_json(&value)])
}

fn of_json(value: &serde_json::Value) -> Tree {
    use serde_json::Value;
    match value {
        Value::Null => Tree::Leaf("n:".into()),
        Value::Bool(value) => Tree::Leaf(format!("b:{value}")),
        Value::Number(number) if number.is_f64() => Tree::Leaf(format!("f:{number}")),
        Value::Number(number) => Tree::Leaf(format!("i:{number}")),
        Value::String(value) => text(value),
        Value::Array(items) => Tree::List(items.iter().map(of_json).collect()),
        Value::Object(map) => Tree::Map(map.iter().map(|(key, value)| (key.clone(), of_json(value))).collect()),
    }
}

fn toml(source: &str) -> Option<Vec<Tree>> {
    let table: ::toml::Table = source.trim_start_matches('\u{feff}').parse().ok()?;
    Some(vec![of_toml(&::toml::Value::Table(table))])
}

fn of_toml(value: &::toml::Value) -> Tree {
    use ::toml::Value;
    match value {
        Value::String(value) => text(value),
        Value::Integer(number) => Tree::Leaf(format!("i:{number}")),
        Value::Float(number) => Tree::Leaf(format!("f:{number}")),
        Value::Boolean(value) => Tree::Leaf(format!("b:{value}")),
        Value::Datetime(date) => Tree::Leaf(format!("d:{date}")),
        Value::Array(items) => Tree::List(items.iter().map(of_toml).collect()),
        Value::Table(map) => Tree::Map(map.iter().map(|(key, value)| (key.clone(), of_toml(value))).collect()),
    }
}

/// Reads no dates.
fn basic_toml(source: &str) -> Option<Vec<Tree>> {
    let value: serde_json::Value = ::basic_toml::from_str(source.trim_start_matches('\u{feff}')).ok()?;
    Some(vec![of_json(&value)])
}

fn flat(pairs: impl IntoIterator<Item = (String, String)>) -> Option<Vec<Tree>> {
    Some(vec![Tree::Map(pairs.into_iter().map(|(key, value)| (key, text(value))).collect())])
}

fn java_properties(source: &str) -> Option<Vec<Tree>> {
    let source = source.trim_start_matches('\u{feff}');
    let mut iterator = ::java_properties::PropertiesIter::new(source.as_bytes());
    let mut pairs = Vec::new();
    iterator.read_into(|key, value| pairs.push((key, value))).ok()?;
    flat(pairs)
}

fn dotenvy(source: &str) -> Option<Vec<Tree>> {
    let pairs: Result<Vec<_>, _> =
        ::dotenvy::from_read_iter(source.trim_start_matches('\u{feff}').as_bytes()).collect();
    flat(pairs.ok()?)
}

fn configparser(source: &str) -> Option<Vec<Tree>> {
    let mut parser = ::configparser::ini::Ini::new_cs();
    let sections = parser.read(source.trim_start_matches('\u{feff}').to_owned()).ok()?;
    let mut root = BTreeMap::new();
    for (section, entries) in sections {
        let entries: BTreeMap<String, Tree> =
            entries.into_iter().map(|(key, value)| (key, text(unquoted(value.unwrap_or_default().trim())))).collect();
        if section == "default" {
            root.extend(entries);
        } else {
            root.insert(section, Tree::Map(entries));
        }
    }
    Some(vec![Tree::Map(root)])
}

fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// How the lines of a flavor are understood by the plain reader.
struct Lines {
    comments: &'static [char],
    sections: bool,
    /// What separates key and value; a blank, where it is empty.
    separators: &'static [char],
    /// What ends a value that is not quoted.
    ends: &'static [&'static str],
    /// Whether a quote within quotes is written twice.
    doubled: bool,
}

/// Line by line: a blank one, a comment, a section, or a key and its value. Nothing else is read: no continuations, no
/// values over several lines, no escapes, no key twice.
fn by_lines(source: &str, how: &Lines) -> Option<Vec<Tree>> {
    let mut root: BTreeMap<String, Tree> = BTreeMap::new();
    let mut section: Option<String> = None;
    for line in source.trim_start_matches('\u{feff}').split(['\n', '\r']) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(how.comments) {
            continue;
        }
        if how.sections && line.starts_with('[') {
            let name = line.strip_prefix('[')?.strip_suffix(']')?.trim();
            if root.insert(name.into(), Tree::Map(BTreeMap::new())).is_some() {
                return None;
            }
            section = Some(name.into());
            continue;
        }
        let (key, rest) = line.split_at(line.find(|c: char| how.separators.contains(&c) || c.is_whitespace())?);
        let rest = rest.trim_start();
        let rest = rest.strip_prefix(how.separators).unwrap_or(rest).trim();
        let value = match rest.chars().next().filter(|_| !how.ends.is_empty() || how.doubled) {
            Some(quote @ ('\'' | '"')) => {
                let (value, behind) = until(&rest[1..], quote, how.doubled)?;
                if !(behind.trim().is_empty() || behind.trim().starts_with(how.comments)) {
                    return None;
                }
                value
            }
            _ => {
                let end = how.ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
                rest[..end].trim_end().to_owned()
            }
        };
        let value = text(value);
        let map = match &section {
            Some(name) => match root.get_mut(name) {
                Some(Tree::Map(map)) => map,
                _ => return None,
            },
            None => &mut root,
        };
        if map.insert(key.trim().into(), value).is_some() {
            return None;
        }
    }
    Some(vec![Tree::Map(root)])
}

/// What stands before the closing quote, and what stands behind it.
fn until(source: &str, quote: char, doubled: bool) -> Option<(String, &str)> {
    let (mut value, mut rest) = (String::new(), source);
    loop {
        let end = rest.find(quote)?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix(quote).filter(|_| doubled) {
            Some(more) => {
                value.push(quote);
                rest = more;
            }
            None => return Some((value, rest)),
        }
    }
}

fn lines_properties(source: &str) -> Option<Vec<Tree>> {
    by_lines(
        source,
        &Lines { comments: &['#', '!'], sections: false, separators: &['=', ':'], ends: &[], doubled: false },
    )
}

fn lines_env(source: &str) -> Option<Vec<Tree>> {
    by_lines(
        source,
        &Lines { comments: &['#'], sections: false, separators: &['='], ends: &[" #", "\t#"], doubled: false },
    )
}

fn lines_ini(source: &str) -> Option<Vec<Tree>> {
    by_lines(source, &Lines { comments: &['#', ';'], sections: true, separators: &['='], ends: &[], doubled: false })
}

fn lines_postgres(source: &str) -> Option<Vec<Tree>> {
    by_lines(
        source,
        &Lines { comments: &['#'], sections: false, separators: &['='], ends: &["#", " ", "\t"], doubled: true },
    )
}

/// Word by word, as blanks and quotes cut them: a word and its value, or a word, its name and a block in braces.
fn odyssey(source: &str) -> Option<Vec<Tree>> {
    let mut words = Vec::new();
    for line in source.trim_start_matches('\u{feff}').lines() {
        let mut rest = line.trim_start();
        while !rest.is_empty() && !rest.starts_with('#') {
            let end = match rest.strip_prefix('"') {
                Some(inner) => inner.find('"')? + 2,
                None if rest.starts_with(['{', '}']) => 1,
                None => rest.find(|c: char| c.is_whitespace() || "{}\"#".contains(c)).unwrap_or(rest.len()),
            };
            words.push(&rest[..end]);
            rest = rest[end..].trim_start();
        }
    }
    let mut open: Vec<(String, BTreeMap<String, Tree>)> = vec![(String::new(), BTreeMap::new())];
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let (key, value) = if word == "}" {
            let (key, block) = open.pop()?;
            (key, Tree::Map(block))
        } else {
            let next = words.next().filter(|&next| next != "}")?;
            let named = next != "{" && words.next_if_eq(&"{").is_some();
            if named || next == "{" {
                let name = if named { format!("{word} {}", unquoted(next)) } else { word.to_owned() };
                open.push((name, BTreeMap::new()));
                continue;
            }
            (word.to_owned(), text(unquoted(next)))
        };
        let (_, block) = open.last_mut()?;
        let numbered = (2..).map(|number| format!("{key}#{number}"));
        let key = std::iter::once(key.clone()).chain(numbered).find(|key| !block.contains_key(key))?;
        block.insert(key, value);
    }
    let (_, root) = open.pop().filter(|_| open.is_empty())?;
    Some(vec![Tree::Map(root)])
}
