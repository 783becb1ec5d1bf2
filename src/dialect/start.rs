//! Settings for a server in a container that nothing starts with any yet: as the arguments of its program.
//!
//! ```text
//! db:                       db:
//!   image: postgres:17        image: postgres:17
//!                       →     command:
//!                               - postgres
//!                               - -c
//!                               - work_mem=16MB
//! ```
//!
//! Only in the product's own images, which start its program and hand it all that follows: another image may start it with
//! arguments of its own, which these would take the place of.

use super::change::{Change, is_at, is_word, keys_of, nodes};
use super::container::image_parts;
use super::write;
use crate::knowledge::{Knowledge, Version};
use crate::model::{Resource, Value};
use crate::syntax::edit::{self, Edit};
use crate::syntax::{Document, Format, NodeKind, ScalarType, Style};

/// The edit of `document`, the file with index `file` of the run, by which the container of `workload` starts `server`
/// with values of these attributes; `None` where it says already how it is started, or that cannot be known.
pub fn start(
    knowledge: &Knowledge,
    file: u32,
    document: &Document,
    (server, workload): (&Resource, &Resource),
    settings: &[(&str, &Value)],
) -> Option<Change> {
    let table = knowledge.table(&server.dialect).filter(|_| server.closed)?;
    let container = table.container.as_ref()?;
    let Some(Value::Text(image)) = workload.value("image") else { return None };
    let (repository, _) = image_parts(image);
    if container.environment_images.iter().all(|own| own != repository) {
        return None;
    }
    let (program, assign) = container.programs.first().zip(container.assign.first())?;
    let version = server.version.as_ref().and_then(|pin| Version::parse(&pin.version));
    let mut words = vec![program.clone()];
    for (attribute, value) in settings {
        let name = write::parameter_name(table, &server.kind, attribute)?;
        let text = write::parameter_text(table, &name, version.as_ref(), value, None).filter(|text| is_word(text))?;
        words.extend([assign.clone(), format!("{name}={text}")]);
    }
    workload.sites.iter().filter(|site| site.entry.file == file).find_map(|site| {
        let carrier = knowledge.table(&site.table)?;
        let map = nodes(document).find(|&id| document.node(id).kind == NodeKind::Map && is_at(document, id, site))?;
        let described = carrier.containers.iter().find(|described| described.kind == workload.kind)?;
        let keys = keys_of(&described.arguments)?;
        let [key] = keys.as_slice() else { return None };
        let program = described.entrypoint.as_ref().and_then(keys_of);
        if std::iter::once(*key).chain(program.into_iter().flatten()).any(|key| document.entry(map, key).is_some()) {
            return None;
        }
        let word = |word: &String| edit::spell(document.format, Style::Plain, word, ScalarType::Text);
        let is_block = document.format == Format::Yaml && document.node(map).style != Style::Flow;
        let value = if is_block {
            let first = document.node(document.children(map).next()?).entry.start as usize;
            let line = document.text[..first].rsplit(['\n', '\r']).next().unwrap_or("");
            let line_break = if document.text.contains("\r\n") { "\r\n" } else { "\n" };
            let indent = format!("{line_break}{}", " ".repeat(line.chars().count() + 2));
            words.iter().map(|text| format!("{indent}- {}", word(text))).collect()
        } else {
            format!("[{}]", words.iter().map(word).collect::<Vec<_>>().join(", "))
        };
        let edit = Edit::InsertEntry { map, key: (*key).to_owned(), value };
        Some(Change { edits: vec![edit], key: (*key).into(), shared: false, assumed: false })
    })
}
