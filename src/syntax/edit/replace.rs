//! Another text for a scalar.

use super::{Refusal, Splice, spell};
use crate::syntax::Format;
use crate::syntax::{Document, NodeId, NodeKind, ScalarType, Style};

pub(super) fn splice(document: &Document, id: NodeId, text: &str) -> Result<Splice, Refusal> {
    let node = document.node(id);
    match node.kind {
        NodeKind::Alias => return Err(Refusal::Alias),
        NodeKind::Scalar => {}
        _ => return Err(Refusal::Kind),
    }
    // in a file of nginx, a program of several lines
    let has_blocks = matches!(document.format, Format::Yaml | Format::Nginx);
    if matches!(node.style, Style::Literal | Style::Folded) && has_blocks {
        return Err(Refusal::BlockScalar);
    }
    if node.tag.is_some() && spell::type_of(document.format, text) != Some(node.scalar) {
        return Err(Refusal::Tag);
    }
    if is_name(document, id) {
        return Err(Refusal::NoPlace);
    }
    // a comment may stand between the lines of a value in an INI file
    if document.comments.iter().any(|comment| node.content.contains(comment.span)) {
        return Err(Refusal::Comment);
    }
    if !node.content.is_empty() {
        return Ok(Splice { span: node.content, text: text.to_owned() });
    }
    if let Format::Line(_) = document.format {
        // `key =`; a key without a mark has no place for a value
        let marked = node.scalar != ScalarType::Null;
        return if marked { Ok(Splice { span: node.content, text: text.to_owned() }) } else { Err(Refusal::NoPlace) };
    }
    // An absent value needs its indicator, or a property, before it.
    let before = &document.text[..node.content.start as usize];
    if !node.outer.is_empty() || before.ends_with([':', '-']) {
        Ok(Splice { span: node.content, text: format!(" {text}") })
    } else {
        Err(Refusal::NoPlace)
    }
}

/// Whether it says what a statement of SQL or a block of HCL is about, which is no value.
fn is_name(document: &Document, id: NodeId) -> bool {
    let node = document.node(id);
    match document.format {
        Format::Sql => node.key.is_none_or(|key| document.node(key).content.is_empty()),
        // labels stand right below the list of blocks
        Format::Hcl => std::iter::successors(node.parent, |&above| document.node(above).parent).count() == 3,
        _ => false,
    }
}
