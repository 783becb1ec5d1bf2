//! What is written in a box, line by line: the same for the terminal and the picture.

use super::model::{Edge, Figure, Mark, Node, Role, Spot, Stack};

/// Height of a line of text.
pub(super) const LINE: f64 = 17.0;
/// Width of a letter: those of fixed width fonts at 12 px are 7.2 px wide or a little more.
pub(super) const LETTER: f64 = 7.3;
/// Letters that a line of a box takes.
pub(super) const LETTERS: usize = 31;

/// A line of a box.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// What stands in it, one blank apart.
    pub(super) pieces: Vec<Piece>,
    /// Letters before the first.
    pub(super) indent: usize,
    /// The edge that begins here.
    pub(super) port: Option<usize>,
}

/// Words that belong together.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) class: &'static str,
    pub(super) place: Option<Spot>,
    /// What is said of it when asked.
    pub(super) title: String,
}

impl Piece {
    fn new(text: impl Into<String>, class: &'static str) -> Piece {
        Piece { text: text.into(), class, place: None, title: String::new() }
    }
}

/// The lines of a node's box, its calls included if `calls`.
pub(super) fn rows(stack: &Stack, node: usize, calls: bool) -> Vec<Row> {
    let it = &stack.nodes[node];
    let name = Piece {
        place: it.place.clone(),
        title: titled(it.name.as_str(), it.place.as_ref(), ""),
        ..Piece::new(short(it.name.as_str(), LETTERS), "name")
    };
    let mut rows = vec![Row { pieces: vec![name], ..Row::default() }];
    rows.push(Row { pieces: vec![Piece::new(short(&described(it), LETTERS), "quiet")], ..Row::default() });
    rows.extend(wrapped(it.figures.iter().map(figure).collect(), 0));
    rows.extend(marks(&it.marks, 0));
    if calls {
        for (index, edge) in stack.edges.iter().enumerate().filter(|(_, edge)| edge.from == node) {
            let called = stack.nodes[edge.to].name.as_str();
            let head = Piece {
                place: edge.place.clone(),
                title: titled(&format!("call of {called}"), edge.place.as_ref(), ""),
                ..Piece::new(format!("→ {}", short(called, LETTERS - 2)), "call")
            };
            rows.push(Row { pieces: vec![head], indent: 0, port: Some(index) });
            rows.extend(of_call(edge));
        }
    }
    rows
}

fn of_call(edge: &Edge) -> Vec<Row> {
    let mut rows = wrapped(edge.figures.iter().map(figure).collect(), 2);
    rows.extend(marks(&edge.marks, 2));
    rows
}

/// `database postgres`, or what it is alone.
pub(super) fn described(node: &Node) -> String {
    match (&node.product, node.role) {
        (Some(product), role) => format!("{} · {product}", role.word()),
        (None, Role::Named) => "named, not read".into(),
        (None, role) => role.word().into(),
    }
}

fn figure(figure: &Figure) -> Piece {
    let class = match figure.origin {
        "unknown" => "unknown",
        "default" | "absent" => "default",
        "derived" => "derived",
        _ => "written",
    };
    let note = figure.note.as_ref().map_or("", |note| note.as_str());
    Piece {
        place: figure.place.clone(),
        title: titled(&format!("{} {} ({})", figure.what, figure.value, figure.origin), figure.place.as_ref(), note),
        ..Piece::new(short(&format!("{} {}", figure.what, figure.value), LETTERS - 2), class)
    }
}

/// The rules that see several programs by name, the others counted.
fn marks(marks: &[Mark], indent: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for mark in marks.iter().filter(|mark| mark.across) {
        let class = if mark.severity == crate::model::Severity::Error { "error" } else { "warning" };
        let piece = Piece {
            place: mark.place.clone(),
            title: titled(mark.message.as_str(), mark.place.as_ref(), &mark.rule),
            ..Piece::new(short(&format!("✗ {}", mark.rule), LETTERS - indent), class)
        };
        rows.push(Row { pieces: vec![piece], indent, port: None });
    }
    let own: Vec<&Mark> = marks.iter().filter(|mark| !mark.across).collect();
    if let Some(first) = own.first() {
        let words = if own.len() == 1 { "1 finding".into() } else { format!("{} findings", own.len()) };
        let title: Vec<String> = own.iter().map(|mark| format!("{}: {}", mark.rule, mark.message)).collect();
        let piece = Piece {
            place: first.place.clone(),
            title: title.join("\n"),
            ..Piece::new(format!("! {words}"), "warning")
        };
        rows.push(Row { pieces: vec![piece], indent, port: None });
    }
    rows
}

fn titled(words: &str, place: Option<&Spot>, note: &str) -> String {
    let mut title = words.to_owned();
    if let Some(place) = place {
        title.push_str(&format!("\n{}:{}", place.path, place.line));
    }
    if !note.is_empty() {
        title.push('\n');
        title.push_str(note);
    }
    title
}

/// Pieces in lines that a box takes.
fn wrapped(pieces: Vec<Piece>, indent: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut used = usize::MAX;
    for piece in pieces {
        let letters = piece.text.chars().count();
        // " · " parts two
        if used.saturating_add(letters + 3) > LETTERS {
            rows.push(Row { pieces: Vec::new(), indent, port: None });
            used = indent;
        } else {
            used += 3;
        }
        used += letters;
        if let Some(row) = rows.last_mut() {
            row.pieces.push(piece);
        }
    }
    rows
}

/// A text that fits; its end, where a path says most, is kept.
pub(super) fn short(text: &str, letters: usize) -> String {
    let count = text.chars().count();
    if count <= letters {
        return text.to_owned();
    }
    if text.contains('/') {
        let end: String = text.chars().skip(count - letters + 1).collect();
        return format!("…{end}");
    }
    let start: String = text.chars().take(letters - 1).collect();
    format!("{start}…")
}
