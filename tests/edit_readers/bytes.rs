//! What of a text an edit may touch, and which comments it may take away.

use std::collections::BTreeMap;

use trueup::syntax::edit::{Edit, Splice};
use trueup::syntax::{Document, Span};

/// What an edit may touch beside inserting.
pub(crate) fn allowed(document: &Document, edit: &Edit, splice: &Splice) -> bool {
    let text = &*document.text;
    let removed = splice.span.slice(text);
    let within = |span: Span| span.start <= splice.span.start && splice.span.end <= span.end;
    match edit {
        Edit::Replace { node, .. } | Edit::Within { node, .. } => within(document.node(*node).entry),
        Edit::InsertEntry { .. } | Edit::InsertPath { .. } | Edit::InsertItem { .. } => removed.trim().is_empty(),
        Edit::Rename { node, .. } => document.node(*node).key.is_some_and(|key| within(document.node(key).content)),
        Edit::TrimComment { part, .. } => within(*part),
        Edit::RemoveComment { comment } => removed.trim() == document.comments[*comment].span.slice(text).trim(),
        Edit::Delete { node } => {
            // its lines, and the comment behind it
            let entry = document.node(*node).entry;
            let (start, end) = (entry.start as usize, entry.end as usize);
            let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
            let last = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
            let before = text[..start].trim_end().trim_end_matches(',').trim_end().len().min(first);
            // in a flow collection also the comma behind it, and what blanks follow
            let behind = text[end..].trim_start();
            let comma = text.len() - behind.strip_prefix(',').unwrap_or(behind).trim_start().len();
            let after = (text.len() - text[last..].trim_start().len()).max(comma);
            splice.span.start as usize >= before && splice.span.end as usize <= after
        }
    }
}

/// Whether all comments are there after an edit but those it says, and no others.
pub(crate) fn keeps_comments(old: &Document, new: &Document, edit: &Edit) -> bool {
    let (mut stay, mut may_go) = (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    for (index, comment) in old.comments.iter().enumerate() {
        let mut text = comment.span.slice(&old.text).to_owned();
        let goes = match edit {
            Edit::RemoveComment { comment } => *comment == index,
            // those within, and what is behind it on its last line
            Edit::Delete { node } => {
                let entry = old.node(*node).entry;
                let rest = &old.text[entry.end as usize..];
                let end = entry.end as usize + rest.find(['\n', '\r']).unwrap_or(rest.len());
                entry.start <= comment.span.start && (comment.span.start as usize) < end
            }
            Edit::TrimComment { comment: trimmed, part } if *trimmed == index => {
                let at = |byte: u32| (byte - comment.span.start) as usize;
                text.replace_range(at(part.start)..at(part.end), "");
                false
            }
            _ => false,
        };
        *if goes { &mut may_go } else { &mut stay }.entry(text).or_default() += 1;
    }
    let take = |from: &mut BTreeMap<String, usize>, text: &str| match from.get_mut(text) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    };
    let known = new.comments.iter().all(|comment| {
        let text = comment.span.slice(&new.text);
        take(&mut stay, text) || !matches!(edit, Edit::RemoveComment { .. }) && take(&mut may_go, text)
    });
    known && stay.values().all(|&count| count == 0)
}
