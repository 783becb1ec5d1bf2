//! Another key for an entry.

use super::spell::spell_key_like;
use super::{Refusal, Splice};
use crate::syntax::{Document, Format, NodeId, NodeKind, Style};

pub(super) fn splice(document: &Document, id: NodeId, key: &str) -> Result<Splice, Refusal> {
    let node = document.node(id);
    let old = node.key.ok_or(Refusal::Kind)?;
    let (Some(map), NodeKind::Scalar) = (node.parent, document.node(old).kind) else { return Err(Refusal::Kind) };
    if document.entry(map, key).is_some() {
        return Err(Refusal::KeyExists);
    }
    // a TOML table may be named in several headers
    if document.format == Format::Toml && node.kind == NodeKind::Map && node.style != Style::Flow {
        return Err(Refusal::Kind);
    }
    let old = document.node(old);
    // `? |` and the like
    let block = matches!(old.style, Style::Literal | Style::Folded) && document.format == Format::Yaml;
    if old.content.is_empty() || old.anchor.is_some() || block {
        return Err(Refusal::Kind);
    }
    let text = spell_key_like(document.format, old.style, key).ok_or(Refusal::Spelling)?;
    Ok(Splice { span: old.content, text })
}
