//! The YAML test suite (github.com/yaml/yaml-test-suite), where it is beside the repository: every document of it is
//! read, and the tree is compared with the events the suite expects.

use std::path::Path;

use serde_yaml::Value;
use trueup::syntax::{Document, NodeId, NodeKind, Style, yaml};

struct Case {
    name: String,
    text: String,
    fails: bool,
    tree: String,
}

/// Marks of the suite's own files for characters that do not survive in a block scalar.
fn unescape(text: &str) -> String {
    let text = text.replace('␣', " ").replace('←', "\r").replace('⇔', "\u{feff}").replace('↵', "");
    let text: String = text.chars().filter(|&c| c != '—').collect();
    text.replace('»', "\t").strip_suffix("∎\n").map_or_else(|| text.replace('»', "\t"), str::to_owned)
}

fn cases(folder: &Path) -> Vec<Case> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let id = file.file_stem().unwrap().to_string_lossy().into_owned();
        let Ok(entries) = serde_yaml::from_str::<Vec<Value>>(&std::fs::read_to_string(&file).unwrap()) else {
            continue;
        };
        let (mut text, mut tree) = (String::new(), String::new());
        for (number, entry) in entries.iter().enumerate() {
            // A field that is not given holds as in the entry before.
            let field = |name: &str| entry.get(name).and_then(Value::as_str).map(unescape);
            if let Some(given) = field("yaml") {
                text = given;
            }
            if let Some(given) = field("tree") {
                tree = given;
            }
            let fails = entry.get("fail").is_some();
            if entry.get("skip").is_some() {
                continue;
            }
            cases.push(Case { name: format!("{id}-{number}"), text: text.clone(), fails, tree: tree.clone() });
        }
    }
    cases
}

/// The suite's notation of a document's nodes, without tags' handles and document marks.
fn events(document: &Document) -> Vec<String> {
    enum Step {
        Enter(NodeId),
        Leave(&'static str),
    }
    let mut lines = Vec::new();
    let mut anchors = std::collections::HashMap::new();
    for (id, node) in document.nodes.iter().enumerate() {
        if let Some(anchor) = node.anchor {
            anchors.insert(id, anchor.slice(&document.text).to_owned());
        }
    }
    for &root in &document.roots {
        lines.push("+DOC".to_owned());
        let mut stack = vec![Step::Leave("-DOC"), Step::Enter(root)];
        while let Some(step) = stack.pop() {
            let id = match step {
                Step::Leave(line) => {
                    lines.push(line.to_owned());
                    continue;
                }
                Step::Enter(id) => id,
            };
            let node = document.node(id);
            let anchor = anchors.get(&(id.0 as usize)).map_or(String::new(), |anchor| format!(" {anchor}"));
            match node.kind {
                NodeKind::Map | NodeKind::Seq => {
                    let map = node.kind == NodeKind::Map;
                    lines.push(format!("+{}{anchor}", if map { "MAP" } else { "SEQ" }));
                    stack.push(Step::Leave(if map { "-MAP" } else { "-SEQ" }));
                    let children: Vec<NodeId> = document.children(id).collect();
                    for child in children.into_iter().rev() {
                        stack.push(Step::Enter(child));
                        stack.extend(document.node(child).key.map(Step::Enter));
                    }
                }
                NodeKind::Alias => lines.push(format!("=ALI {}", node.content.slice(&document.text))),
                NodeKind::Scalar => {
                    let style = match node.style {
                        Style::SingleQuoted => '\'',
                        Style::DoubleQuoted => '"',
                        Style::Literal => '|',
                        Style::Folded => '>',
                        _ => ':',
                    };
                    let text = document.scalar(id);
                    let mut escaped = String::new();
                    for c in text.chars() {
                        match c {
                            '\\' => escaped.push_str("\\\\"),
                            '\n' => escaped.push_str("\\n"),
                            '\t' => escaped.push_str("\\t"),
                            '\r' => escaped.push_str("\\r"),
                            '\u{8}' => escaped.push_str("\\b"),
                            _ => escaped.push(c),
                        }
                    }
                    lines.push(format!("=VAL{anchor} {style}{escaped}"));
                }
            }
        }
    }
    lines
}

/// The suite's events in the same notation: no stream, no document marks, no flow marks, no tags.
fn expected(tree: &str) -> Vec<String> {
    tree.lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty() && !line.ends_with("STR"))
        .map(|line| {
            let (mut head, mut rest) = line.split_once(' ').unwrap_or((line, ""));
            if head.ends_with("DOC") {
                rest = "";
            }
            for flow in ["{}", "[]"] {
                rest = rest.strip_prefix(flow).unwrap_or(rest).trim_start();
            }
            let mut anchor = "";
            if rest.starts_with('&') {
                (anchor, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            }
            if rest.starts_with('<') {
                rest = rest.split_once('>').map_or("", |(_, rest)| rest.trim_start_matches(' '));
            }
            head = head.trim_end();
            [head, anchor, rest].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

#[test]
fn the_yaml_test_suite() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/yaml-test-suite");
    if !folder.exists() {
        eprintln!("skipped: no YAML test suite at {}", folder.display());
        return;
    }
    let (mut valid, mut accepted, mut same, mut invalid, mut reported) = (0, 0, 0, 0, 0);
    for case in cases(&folder) {
        let document = yaml::parse(&case.text);
        if case.fails {
            invalid += 1;
            reported += usize::from(!document.errors.is_empty());
            if document.errors.is_empty() {
                eprintln!("accepted though invalid: {}", case.name);
            }
            continue;
        }
        valid += 1;
        accepted += usize::from(document.errors.is_empty());
        let (found, wanted) = (events(&document), expected(&case.tree));
        same += usize::from(found == wanted);
        if !document.errors.is_empty() {
            eprintln!("rejected though valid: {} {:?} {:?}", case.name, document.errors, document.template);
        } else if found != wanted {
            eprintln!("differs: {} {:?}\n  {found:?}\n  {wanted:?}", case.name, case.text);
        }
    }
    eprintln!(
        "valid: {accepted} of {valid} accepted, {same} with the same tree; invalid: {reported} of {invalid} reported"
    );
    assert!(accepted >= 310 && reported >= 91 && same >= 300);
}
