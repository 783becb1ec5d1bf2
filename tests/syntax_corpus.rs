//! Real files, where a collection of them is beside the repository: what independent readers accept is read without
//! an error, and gives the same structure.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use trueup::syntax::decode::decode;
use trueup::syntax::yaml::schema;
use trueup::syntax::{Document, NodeId, NodeKind, ScalarType, Style, json, toml, yaml};

fn corpus(extensions: &[&str]) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !folder.exists() {
        eprintln!("skipped: no files at {}", folder.display());
        return Vec::new();
    }
    walkdir::WalkDir::new(folder)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter(|entry| entry.path().extension().is_some_and(|e| extensions.iter().any(|&known| e == known)))
        .filter_map(|entry| {
            let bytes = std::fs::read(entry.path()).ok()?;
            Some((entry.into_path(), decode(&bytes).ok()?.to_owned()))
        })
        .collect()
}

/// An entry's key; one that is a collection has no common spelling.
fn key(document: &Document, entry: NodeId) -> String {
    match document.node(entry).key {
        Some(key) if document.node(key).kind == NodeKind::Scalar => document.scalar(key).to_owned(),
        _ => "a collection".to_owned(),
    }
}

/// The structure two readers can agree on: keys and text, scalars of other types by their text.
fn shape(document: &Document, id: NodeId, depth: usize) -> Value {
    let id = document.resolve(id);
    let node = document.node(id);
    if depth > 200 {
        return Value::Null;
    }
    match node.kind {
        NodeKind::Seq => document.children(id).map(|child| shape(document, child, depth + 1)).collect(),
        NodeKind::Map => Value::Object(
            document.children(id).map(|child| (key(document, child), shape(document, child, depth + 1))).collect(),
        ),
        _ => match node.scalar {
            ScalarType::Null => Value::Null,
            ScalarType::Bool => Value::Bool(document.scalar(id).eq_ignore_ascii_case("true")),
            // The oracle keeps what YAML 1.1 reads as octal as text.
            ScalarType::Integer if schema::ambiguous(document.scalar(id)) => {
                Value::String(document.scalar(id).to_owned())
            }
            ScalarType::Integer | ScalarType::Float => Value::String("a number".to_owned()),
            ScalarType::Text | ScalarType::Date => {
                let text = document.scalar(id).to_owned();
                if node.style == Style::Literal {
                    Value::String(text.replace("\r\n", "\n"))
                } else {
                    Value::String(text)
                }
            }
        },
    }
}

/// The same of another reader's value.
fn normal(value: Value) -> Value {
    match value {
        Value::Number(_) => Value::String("a number".to_owned()),
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(entries) => Value::Object(entries.into_iter().map(|(key, value)| (key, normal(value))).collect()),
        other => other,
    }
}

fn yaml_value(value: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(_) => Value::String("a number".to_owned()),
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => items.into_iter().map(yaml_value).collect(),
        Yaml::Mapping(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let key = match key {
                        Yaml::String(text) => text,
                        Yaml::Mapping(_) | Yaml::Sequence(_) => "a collection".to_owned(),
                        other => serde_yaml::to_string(&other).unwrap_or_default().trim_end().to_owned(),
                    };
                    (key, yaml_value(value))
                })
                .collect(),
        ),
        Yaml::Tagged(tagged) => yaml_value(tagged.value),
    }
}

/// Where two readings begin to differ.
fn difference(ours: &[Value], theirs: &[Value]) -> String {
    let text = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let (ours, theirs) = (text(ours), text(theirs));
    let at = ours.chars().zip(theirs.chars()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| text.chars().skip(at.saturating_sub(40)).take(80).collect::<String>();
    format!("{:?} but {:?}", around(&ours), around(&theirs))
}

#[test]
fn yaml_files() {
    let (mut files, mut same, mut templates, mut rejected_by_both, mut only_ours) = (0, 0, 0, 0, 0);
    let mut wrong = Vec::new();
    for (path, text) in corpus(&["yaml", "yml"]) {
        files += 1;
        let document = yaml::parse(&text);
        if document.template.is_some() {
            templates += 1;
            continue;
        }
        // libyaml ends a block scalar at the end of the file without the line break that the specification adds.
        let ended = if text.ends_with('\n') { text.clone() } else { format!("{text}\n") };
        let theirs: Result<Vec<Value>, _> = serde_yaml::Deserializer::from_str(&ended)
            .map(|one| serde_yaml::Value::deserialize(one).map(yaml_value))
            .collect();
        match theirs {
            Err(error) if document.errors.is_empty() => {
                only_ours += 1;
                eprintln!("only we read {}: {error}", path.display());
            }
            Err(_) => rejected_by_both += 1,
            Ok(_) if !document.errors.is_empty() => wrong.push(format!("{}: {:?}", path.display(), document.errors)),
            Ok(theirs) => {
                let ours: Vec<Value> = document.roots.iter().map(|&root| shape(&document, root, 0)).collect();
                if ours == theirs || (ours.is_empty() && theirs == [Value::Null]) {
                    same += 1;
                } else {
                    wrong.push(format!("{}: {}", path.display(), difference(&ours, &theirs)));
                }
            }
        }
    }
    eprintln!(
        "{files} YAML files: {same} the same, {templates} templates, {rejected_by_both} rejected by both, {only_ours} read only by us"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn json_files() {
    let (mut files, mut same, mut other) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (path, text) in corpus(&["json", "jsonc"]) {
        files += 1;
        let document = json::parse(&text);
        match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
            Ok(theirs)
                if document.errors.is_empty() && shape(&document, document.roots[0], 0) == normal(theirs.clone()) =>
            {
                same += 1
            }
            Ok(_) => wrong.push(format!("{}: {:?}", path.display(), document.errors)),
            Err(_) => {
                other += 1;
                eprintln!("not strict JSON: {} {:?} {:?}", path.display(), document.errors.first(), document.template);
            }
        }
    }
    eprintln!("{files} JSON files: {same} the same, {other} not strict JSON");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn toml_value(value: ::toml::Value) -> Value {
    use ::toml::Value as Toml;
    match value {
        Toml::String(text) => Value::String(text),
        Toml::Integer(_) | Toml::Float(_) => Value::String("a number".to_owned()),
        Toml::Boolean(value) => Value::Bool(value),
        Toml::Datetime(date) => Value::String(date.to_string()),
        Toml::Array(items) => items.into_iter().map(toml_value).collect(),
        Toml::Table(entries) => entries.into_iter().map(|(key, value)| (key, toml_value(value))).collect(),
    }
}

#[test]
fn toml_files() {
    let (mut files, mut same, mut rejected) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (path, text) in corpus(&["toml"]) {
        files += 1;
        let document = toml::parse(&text);
        match text.parse::<::toml::Table>() {
            Ok(theirs) if document.errors.is_empty() => {
                if shape(&document, document.roots[0], 0) == toml_value(::toml::Value::Table(theirs)) {
                    same += 1;
                } else {
                    wrong.push(format!("{}: differs", path.display()));
                }
            }
            Ok(_) => wrong.push(format!("{}: {:?}", path.display(), document.errors)),
            Err(error) => {
                rejected += 1;
                if document.errors.is_empty() && document.template.is_none() {
                    wrong.push(format!("{}: they say {error}", path.display()));
                }
            }
        }
    }
    eprintln!("{files} TOML files: {same} the same, {rejected} rejected by both");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
