//! An entry or item less.

use super::insert::comma_behind;
use super::{Refusal, Splice, line, lines};
use crate::syntax::{Document, Format, NodeId, NodeKind, Span, Style};

pub(super) fn splice(document: &Document, id: NodeId) -> Result<Splice, Refusal> {
    let node = document.node(id);
    let Some(parent) = node.parent else { return Err(Refusal::OnlyEntry) };
    if matches!(document.format, Format::Line(_)) {
        // a section is a map; its lines may stand apart
        return if node.kind == NodeKind::Scalar { Ok(line::delete(document, node.entry)) } else { Err(Refusal::Kind) };
    }
    let siblings: Vec<NodeId> = document.children(parent).collect();
    let Some(place) = siblings.iter().position(|&sibling| sibling == id) else { return Err(Refusal::Kind) };
    if siblings.len() < 2 {
        return Err(Refusal::OnlyEntry);
    }
    let before = place.checked_sub(1).and_then(|at| siblings.get(at)).map(|&id| document.node(id).entry);
    let after = siblings.get(place + 1).map(|&id| document.node(id).entry);
    // Lines of a TOML table may stand anywhere in the file.
    if document.format == Format::Toml && node.kind != NodeKind::Scalar && node.style != Style::Flow {
        return Err(Refusal::Kind);
    }
    // what it keeps of the blank lines behind it goes with it, and what is left is read differently
    let keeps = || node.outer.slice(&document.text).lines().next().is_some_and(|header| header.contains('+'));
    if matches!(node.style, Style::Literal | Style::Folded) && document.format == Format::Yaml && keeps() {
        return Err(Refusal::BlockScalar);
    }
    let splice = if document.node(parent).style == Style::Flow {
        flow(document, node.entry, before, after)?
    } else {
        lines_of(document, node.entry, after)?
    };
    anchored(document, splice.span)?;
    Ok(splice)
}

/// Whether an alias that stays refers to what goes.
fn anchored(document: &Document, gone: Span) -> Result<(), Refusal> {
    let inside = |id: NodeId| gone.contains(document.node(id).content);
    let dangling = document
        .nodes
        .iter()
        .any(|node| node.kind == NodeKind::Alias && !gone.contains(node.content) && node.target.is_some_and(inside));
    if dangling { Err(Refusal::Anchored) } else { Ok(()) }
}

/// From a block: its lines, with what else is on the last.
fn lines_of(document: &Document, entry: Span, after: Option<Span>) -> Result<Splice, Refusal> {
    let text = &*document.text;
    let (start, end) = (entry.start as usize, entry.end as usize);
    if lines::begins(text, start) {
        let line_end = lines::end(text, end);
        return Ok(Splice::remove(lines::start(text, start), line_end + lines::break_at(text, line_end).len()));
    }
    // The first of a compact collection leaves its place to the next.
    let next = after.ok_or(Refusal::NoPlace)?.start as usize;
    if comments_between(document, end, next).next().is_some() {
        return Err(Refusal::Comment);
    }
    Ok(Splice::remove(start, next))
}

/// From `{…}` or `[…]`: with the comma that is then one too many.
fn flow(document: &Document, entry: Span, before: Option<Span>, after: Option<Span>) -> Result<Splice, Refusal> {
    let (start, end) = (entry.start as usize, entry.end as usize);
    if let Some(after) = after {
        let next = after.start as usize;
        // A comment on its own line belongs to what follows.
        let end = comments_between(document, end, next).find(|(_, own_line)| *own_line).map_or(next, |(at, _)| at);
        return Ok(Splice::remove(start, end));
    }
    let before = before.ok_or(Refusal::OnlyEntry)?.end as usize;
    if comments_between(document, before, start).next().is_some() {
        return Err(Refusal::Comment);
    }
    match comma_behind(document, end) {
        Some(comma) if comments_between(document, end, comma).next().is_some() => Err(Refusal::Comment),
        Some(comma) => Ok(Splice::remove(comma_behind(document, before).map_or(start, |at| at + 1), comma + 1)),
        None => Ok(Splice::remove(before, end)),
    }
}

/// Starts of the comments between two offsets, and whether they have their line.
fn comments_between(document: &Document, start: usize, end: usize) -> impl Iterator<Item = (usize, bool)> {
    let comments = document.comments.iter().map(|comment| (comment.span.start as usize, comment.own_line));
    comments.filter(move |&(at, _)| start <= at && at < end)
}
