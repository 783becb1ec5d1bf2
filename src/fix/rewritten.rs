//! A file with other values of what it says, whoever asks for them.

use crate::analysis::{self, Input, Known};
use crate::dialect;
use crate::model::{Name, Resource, Value};
use crate::syntax::edit::{self, Edit};
use crate::syntax::{Document, decode};

/// The text of `input` in which attributes of its resources of `kind`, each by its number among them, have other values;
/// and the attributes that could not be changed, each with the reason. Every edit passes the gate.
pub fn rewritten(
    known: Known<'_>,
    input: &Input,
    kind: &str,
    sets: &[(usize, Name, Value)],
) -> (String, Vec<(Name, String)>) {
    let text = match decode::decode(&input.bytes) {
        Ok(text) => text,
        Err(error) => {
            let refused = sets.iter().map(|(_, attribute, _)| (attribute.clone(), error.to_string()));
            return (String::new(), refused.collect());
        }
    };
    let Some(document) = analysis::document(known.knowledge, &input.path, text) else {
        let why = "files of this kind are not edited";
        return (text.into(), sets.iter().map(|(_, attribute, _)| (attribute.clone(), why.to_owned())).collect());
    };
    let model = analysis::resources(known, vec![input.clone()]).model;
    let resources: Vec<&Resource> = model.resources.iter().filter(|resource| &*resource.kind == kind).collect();
    let (mut edits, mut refused): (Vec<Edit>, Vec<_>) = (Vec::new(), Vec::new());
    for (index, attribute, value) in sets {
        let new = match resources.get(*index) {
            Some(resource) => dialect::change(known.knowledge, 0, &document, resource, attribute, value)
                .map_err(|refusal| refusal.to_string()),
            None => Err("it is gone".into()),
        };
        match new {
            Ok(change) if change.shared => refused.push((attribute.clone(), "it is shared with others".into())),
            Ok(change) => {
                let all: Vec<Edit> = edits.iter().cloned().chain(change.edits).collect();
                match apply(&document, &all) {
                    Ok(_) => edits = all,
                    Err(why) => refused.push((attribute.clone(), why)),
                }
            }
            Err(why) => refused.push((attribute.clone(), why)),
        }
    }
    (apply(&document, &edits).unwrap_or_else(|_| text.into()), refused)
}

fn apply(document: &Document, edits: &[Edit]) -> Result<String, String> {
    let splices = edit::splices(document, edits).map_err(|refusal| refusal.to_string())?;
    let text = edit::apply(&document.text, &splices);
    edit::verify(document, &text, edits).map_err(|error| error.to_string())?;
    Ok(text)
}
