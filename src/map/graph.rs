//! The map for programs that lay graphs out themselves: Graphviz and Mermaid.

use std::fmt::Write as _;

use super::drawing::described;
use super::model::{Edge, Map, Mark, Node, Role};
use super::terminal::title;

/// For Graphviz.
pub(super) fn dot(map: &Map) -> String {
    let mut text = String::from("digraph stack {\n  rankdir=LR;\n  node [shape=box, fontname=\"monospace\"];\n");
    for (at, stack) in map.stacks.iter().enumerate() {
        let _ = writeln!(text, "  subgraph cluster_{at} {{\n    label={};", quoted(&title(stack))); // a string takes any write
        for (index, node) in stack.nodes.iter().enumerate() {
            let shape = match node.role {
                Role::Server => ", shape=cylinder",
                Role::Named => ", style=dashed",
                _ => "",
            };
            let colour = if across(&node.marks) { ", color=red" } else { "" };
            let _ = writeln!(text, "    n{at}_{index} [label={}{shape}{colour}];", quoted(&of_node(node, "\n")));
        }
        text.push_str("  }\n");
        for edge in &stack.edges {
            let colour = if across(&edge.marks) { ", color=red" } else { "" };
            let label = quoted(&of_edge(edge, "\n"));
            let _ = writeln!(text, "  n{at}_{} -> n{at}_{} [label={label}{colour}];", edge.from, edge.to);
        }
    }
    text + "}\n"
}

/// For Mermaid.
pub(super) fn mermaid(map: &Map) -> String {
    let mut text = String::from("flowchart LR\n");
    for (at, stack) in map.stacks.iter().enumerate() {
        let _ = writeln!(text, "  subgraph s{at}[\"{}\"]", entities(&title(stack)));
        for (index, node) in stack.nodes.iter().enumerate() {
            let (open, close) = match node.role {
                Role::Server => ("[(", ")]"),
                Role::Named => ("([", "])"),
                _ => ("[", "]"),
            };
            let _ = writeln!(
                text,
                "    n{at}_{index}{open}\"{}\"{close}",
                of_node(node, "\n").lines().map(entities).collect::<Vec<_>>().join("<br>")
            );
        }
        text.push_str("  end\n");
        for edge in &stack.edges {
            let label = of_edge(edge, "\n").lines().map(entities).collect::<Vec<_>>().join("<br>");
            let arrow = if label.is_empty() { "-->".into() } else { format!("-->|\"{label}\"|") };
            let _ = writeln!(text, "  n{at}_{} {arrow} n{at}_{}", edge.from, edge.to);
        }
        for (index, _) in stack.nodes.iter().enumerate().filter(|(_, node)| across(&node.marks)) {
            let _ = writeln!(text, "  style n{at}_{index} stroke:#c00,stroke-width:2px");
        }
    }
    text
}

fn of_node(node: &Node, part: &str) -> String {
    let mut lines = vec![node.name.to_string(), described(node)];
    lines.extend(node.figures.iter().map(|figure| format!("{} {}", figure.what, figure.value)));
    lines.extend(of_marks(&node.marks));
    lines.join(part)
}

fn of_edge(edge: &Edge, part: &str) -> String {
    let figures = edge.figures.iter().map(|figure| format!("{} {}", figure.what, figure.value));
    figures.chain(of_marks(&edge.marks)).collect::<Vec<_>>().join(part)
}

fn of_marks(marks: &[Mark]) -> Vec<String> {
    let mut lines: Vec<String> =
        marks.iter().filter(|mark| mark.across).map(|mark| format!("✗ {}", mark.rule)).collect();
    let own = marks.iter().filter(|mark| !mark.across).count();
    if own > 0 {
        lines.push(crate::report::counted(own, "finding"));
    }
    lines
}

fn across(marks: &[Mark]) -> bool {
    marks.iter().any(|mark| mark.across)
}

/// A string of the DOT language: quotes and backslashes are escaped, line ends are `\n`.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// Mermaid's own entities: nothing of a text is markup, or ends the label.
fn entities(text: &str) -> String {
    let mut written = String::new();
    for c in text.chars() {
        if c.is_alphanumeric()
            || matches!(c, ' ' | '-' | '_' | '.' | '·' | '✗' | '?' | '…' | ',' | '/' | ':' | '(' | ')')
        {
            written.push(c);
        } else {
            let _ = write!(written, "#{};", c as u32);
        }
    }
    written
}
