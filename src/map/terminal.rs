//! The map for a terminal: box by box from the callers to what is called last, each call an arrow with its figures.

use std::fmt::Write as _;

use super::Options;
use super::drawing::{described, short};
use super::layout::layers;
use super::model::{Figure, Map, Mark, Stack};

pub(super) fn render(map: &Map, options: &Options<'_>) -> String {
    let width = options.width.clamp(40, 160);
    let mut text = String::new();
    if map.stacks.is_empty() {
        text.push_str("nothing that calls or is called was recognised\n");
    }
    for (index, stack) in map.stacks.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let name = title(stack);
        let _ = writeln!(text, "{}\n", short(&name, width)); // a string takes any write
        drawn(&mut text, stack, width, options);
    }
    if map.elsewhere > 0 {
        let _ = writeln!(text, "\n{} of what is not shown here", crate::report::counted(map.elsewhere, "finding"));
    }
    text
}

/// What a stack is called.
pub(super) fn title(stack: &Stack) -> String {
    match stack.name.as_str() {
        "" => "files of no deploy unit".into(),
        name => name.into(),
    }
}

fn drawn(text: &mut String, stack: &Stack, width: usize, options: &Options<'_>) {
    let (layers, alone) = layers(stack);
    let callers = |node: usize| {
        let from = stack.edges.iter().filter(|edge| edge.to == node).map(|edge| stack.nodes[edge.from].name.as_str());
        from.collect::<Vec<_>>().join(", ")
    };
    let quiet: Vec<&str> = alone
        .iter()
        .filter(|&&node| stack.nodes[node].figures.is_empty() && stack.nodes[node].marks.is_empty())
        .map(|&node| stack.nodes[node].name.as_str())
        .collect();
    let order = layers.iter().flatten().chain(&alone);
    for &node in order.filter(|&&node| !quiet.contains(&stack.nodes[node].name.as_str()) || !alone.contains(&node)) {
        let it = &stack.nodes[node];
        let place = it
            .place
            .as_ref()
            .map_or_else(String::new, |place| format!("  {}:{}", (options.address)(place.path.as_str()), place.line));
        let head = format!("[{}] {}", short(it.name.as_str(), 40), described(it));
        let room = width.saturating_sub(head.chars().count());
        let place = if place.chars().count() <= room { place } else { String::new() };
        let _ = writeln!(text, "{head}{place}");
        let calls: Vec<_> = stack.edges.iter().filter(|edge| edge.from == node).collect();
        let bar = if calls.is_empty() { "    " } else { "  │ " };
        let from = callers(node);
        if !from.is_empty() {
            lines(text, bar, vec![format!("called by {from}")], width);
        }
        lines(text, bar, it.figures.iter().map(figure).collect(), width);
        marked(text, bar, &it.marks, width);
        for (at, edge) in calls.iter().enumerate() {
            let last = at + 1 == calls.len();
            let _ = writeln!(
                text,
                "  {}─▶ {}",
                if last { "└" } else { "├" },
                short(stack.nodes[edge.to].name.as_str(), width - 6)
            );
            let bar = if last { "       " } else { "  │    " };
            lines(text, bar, edge.figures.iter().map(figure).collect(), width);
            marked(text, bar, &edge.marks, width);
        }
    }
    if !quiet.is_empty() {
        lines(text, "", vec![format!("no calls seen: {}", quiet.join(", "))], width);
    }
}

/// `pool 20 (compose.yml:7)`, `connect ?`, `lifetime 30 min (default)`.
fn figure(figure: &Figure) -> String {
    let origin = match (&figure.place, figure.origin) {
        (Some(place), "written") => format!(" ({}:{})", file_name(place.path.as_str()), place.line),
        (Some(place), "interpolated") => format!(" (variable, {}:{})", file_name(place.path.as_str()), place.line),
        (Some(place), "unknown") => format!(" ({}:{})", file_name(place.path.as_str()), place.line),
        (_, "derived") => match &figure.note {
            Some(note) => format!(" = {note}"),
            None => String::new(),
        },
        (_, "unknown" | "written") => String::new(),
        (_, origin) => format!(" ({origin})"),
    };
    format!("{} {}{origin}", figure.what, figure.value)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn marked(text: &mut String, bar: &str, marks: &[Mark], width: usize) {
    for mark in marks.iter().filter(|mark| mark.across) {
        let words = format!("✗ {} {}: {}", mark.severity, mark.rule, mark.message);
        wrapped(text, bar, &words, "  ", width);
    }
    let own = marks.iter().filter(|mark| !mark.across).count();
    if own > 0 {
        let _ = writeln!(text, "{bar}! {}", crate::report::counted(own, "finding"));
    }
}

/// Parts one beside the other, no line wider than `width`.
fn lines(text: &mut String, bar: &str, parts: Vec<String>, width: usize) {
    let mut line = String::new();
    for part in parts {
        if !line.is_empty() && bar.chars().count() + line.chars().count() + 3 + part.chars().count() > width {
            wrapped(text, bar, &line, "  ", width);
            line.clear();
        }
        if !line.is_empty() {
            line.push_str(" · ");
        }
        line.push_str(&part);
    }
    if !line.is_empty() {
        wrapped(text, bar, &line, "  ", width);
    }
}

/// Words in lines no wider than `width`; what is longer than a line is cut.
fn wrapped(text: &mut String, bar: &str, words: &str, indent: &str, width: usize) {
    let room = width.saturating_sub(bar.chars().count()).max(20);
    let mut line = String::new();
    for word in words.split(' ') {
        let word = short(word, room - indent.len());
        if !line.trim().is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            let _ = writeln!(text, "{bar}{line}");
            line = indent.to_owned();
        } else if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    let _ = writeln!(text, "{bar}{line}");
}
