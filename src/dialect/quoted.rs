//! Values that must be texts: `16` and `on` without quotes are a number and a switch, and refused.

use super::fragment::Fault;
use super::view::View;
use crate::model::Name;
use crate::syntax::yaml::schema;
use crate::syntax::{Format, NodeId, ScalarType, Style};

/// The fault of a scalar that is no text to every reader; `who` refuses it.
pub(super) fn fault(view: &View<'_>, node: NodeId, text: &str, who: &Name) -> Option<Fault> {
    let refused = || {
        Fault::new("rejected", "it takes texts only, and this is a number or a switch")
            .by(who)
            .cure(format!("quote it: \"{text}\""))
    };
    (!is_text(view, node)).then(refused)
}

/// Whether a scalar is a text to every reader.
fn is_text(view: &View<'_>, node: NodeId) -> bool {
    let document = view.document;
    let found = document.node(node);
    if document.format != Format::Yaml {
        return found.scalar == ScalarType::Text;
    }
    let switch = || matches!(document.scalar(node).to_ascii_lowercase().as_str(), "on" | "off" | "yes" | "no");
    let typed = || !matches!(schema::scalar_type(document.scalar(node)), ScalarType::Text | ScalarType::Null);
    found.style != Style::Plain || !(switch() || typed())
}
