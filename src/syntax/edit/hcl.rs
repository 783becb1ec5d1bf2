//! Entries of HCL: a new line behind the last entry of a block.

use super::{Refusal, Splice, lines};
use crate::syntax::{Document, NodeId, NodeKind, Style};

pub(super) fn entry(document: &Document, map: NodeId, key: &str, value: &str) -> Result<Vec<Splice>, Refusal> {
    let node = document.node(map);
    let is_name = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if node.kind != NodeKind::Map || node.style != Style::Plain || !is_name {
        return Err(Refusal::NoPlace);
    }
    let text = &*document.text;
    let last = node.last_child.ok_or(Refusal::NoPlace)?;
    let after = document.node(last).entry.end as usize;
    let end = lines::end(text, after);
    // a block on one line holds one entry at most; a heredoc ends with its own line
    if end >= node.content.end as usize || !lines::begins(text, document.node(last).entry.start as usize) {
        return Err(Refusal::NoPlace);
    }
    let start = lines::start(text, document.node(last).entry.start as usize);
    let indent = &text[start..document.node(last).entry.start as usize];
    let line_break = lines::break_at(text, end);
    Ok(vec![Splice::insert(end + line_break.len(), format!("{indent}{key} = {value}{line_break}"))])
}
