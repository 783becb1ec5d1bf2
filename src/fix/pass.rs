//! One pass: the fixes whose edits are apart, and the texts they make.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Repair, shared};
use crate::analysis::{self, Input, Judged};
use crate::dialect;
use crate::knowledge::Knowledge;
use crate::model::{Assignment, Effective, Finding, FixOffer, Location, Safety, WrittenBy};
use crate::suppress;
use crate::syntax::edit::{self, Edit};
use crate::syntax::{Document, Span, decode};

/// The fixes of a pass.
pub(super) struct Pass<'a> {
    knowledge: &'a Knowledge,
    inputs: &'a [Input],
    judged: &'a Judged,
    documents: HashMap<u32, Document>,
    /// The fixes, in the order of their findings.
    pub(super) chosen: Vec<Chosen>,
}

/// One fix as edits.
pub(super) struct Chosen {
    pub(super) rule: Arc<str>,
    pub(super) fingerprint: String,
    pub(super) title: String,
    /// The file of the finding.
    pub(super) file: usize,
    pub(super) edits: BTreeMap<u32, Vec<Edit>>,
}

impl<'a> Pass<'a> {
    pub(super) fn new(knowledge: &'a Knowledge, inputs: &'a [Input], judged: &'a Judged) -> Self {
        Pass { knowledge, inputs, judged, documents: HashMap::new(), chosen: Vec::new() }
    }

    /// Takes a fix, unless it touches what another one does: then it waits.
    ///
    /// # Errors
    /// Why it cannot be made at all, in one line.
    pub(super) fn add(&mut self, finding: &Finding, offer: &FixOffer, least: Safety) -> Result<(), String> {
        let mut edits: BTreeMap<u32, Vec<Edit>> = BTreeMap::new();
        let mut assumed = false;
        for set in &offer.sets {
            let resource = self.judged.model.get(set.resource);
            if resource.effective(&set.attribute) == Effective::Known(set.value.clone()) {
                continue;
            }
            let file = self.place(set);
            let knowledge = self.knowledge;
            let document = self.document(file)?;
            let change = dialect::change(knowledge, file, document, resource, &set.attribute, &set.value)
                .map_err(|refusal| format!("{}: {refusal}", set.attribute))?;
            if change.shared {
                let all = shared::by_all(self.judged, (finding, set), (file, &self.documents[&file]), &change.edits);
                if least > Safety::Unsafe || !all {
                    let others = if all { "other resources" } else { "others, where it may be right" };
                    return Err(format!("{} is shared with {others}", change.key));
                }
            }
            assumed |= change.assumed;
            edits.entry(file).or_default().extend(change.edits);
        }
        if let Some(comment) = offer.removes {
            let document = self.document(comment.file)?;
            let place = Span { start: comment.start, end: comment.end };
            let whole = document.comments.iter().position(|comment| comment.span == place);
            let part = || document.comments.iter().position(|comment| comment.span.contains(place));
            let edit = match whole {
                Some(comment) => Some(Edit::RemoveComment { comment }),
                None => part()
                    .zip(suppress::item(&document.text, place))
                    .map(|(comment, part)| Edit::TrimComment { comment, part }),
            };
            edits.entry(comment.file).or_default().push(edit.ok_or("it stands in an embedded text")?);
        }
        if let Some((resource, path)) = &offer.renames {
            let resource = self.judged.model.get(*resource);
            let place = resource.location;
            let written = resource.attributes.values().flat_map(|attribute| &attribute.written);
            let by = written.filter_map(|written| written.by.as_ref()).map(|by| match by {
                WrittenBy::Row { table, .. } | WrittenBy::Parameter { table, .. } => table,
            });
            let table = by
                .into_iter()
                .next()
                .and_then(|table| self.knowledge.table(table))
                .ok_or("no table says how it is written")?;
            let document = self.document(place.file)?;
            let renamed = dialect::rename(document, table, place, path);
            edits.entry(place.file).or_default().extend(renamed.ok_or("it would have to move to another place")?);
        }
        if let Some((resource, text)) = &offer.rewrites {
            let written = self.judged.model.get(*resource).attribute("text").and_then(|text| text.written.first());
            let written = written.ok_or("it is written nowhere")?;
            if written.shared {
                return Err(format!("{} is shared with other resources", written.key));
            }
            let file = written.entry.file;
            let edit = dialect::rewrite(self.knowledge, self.document(file)?, written, text);
            let edit = edit.map_err(|refusal| refusal.to_string())?;
            edits.entry(file).or_default().push(edit);
        }
        if assumed && least > Safety::Unsafe {
            return Err("no table knows the keys to write".into());
        }
        if edits.is_empty() {
            return Err("there is nothing left to write".into());
        }
        for (&file, new) in &edits {
            let document = self.document(file)?;
            let splices = edit::splices(document, new).map_err(|refusal| refusal.to_string())?;
            let text = edit::apply(&document.text, &splices);
            edit::verify(document, &text, new).map_err(|error| error.to_string())?;
            let others = self.chosen.iter().filter_map(|one| one.edits.get(&file)).flatten();
            let all: Vec<Edit> = others.chain(new).cloned().collect();
            if edit::splices(&self.documents[&file], &all).is_err() {
                return Ok(());
            }
        }
        self.chosen.push(Chosen {
            rule: finding.rule.clone(),
            fingerprint: finding.fingerprint.clone(),
            title: if assumed {
                format!("{}, if your program reads these keys", offer.title)
            } else {
                offer.title.clone()
            },
            file: finding.primary.file as usize,
            edits,
        });
        Ok(())
    }

    /// The new text of each file that the fixes touch, past the gate.
    ///
    /// # Errors
    /// What the gate says, in one line.
    pub(super) fn texts(&mut self) -> Result<Vec<(usize, String)>, String> {
        let mut by_file: BTreeMap<u32, Vec<Edit>> = BTreeMap::new();
        for (&file, edits) in self.chosen.iter().flat_map(|one| &one.edits) {
            by_file.entry(file).or_default().extend(edits.iter().cloned());
        }
        let text = |(file, edits): (u32, Vec<Edit>)| {
            let document = self.document(file)?;
            let splices = edit::splices(document, &edits).map_err(|refusal| refusal.to_string())?;
            let text = edit::apply(&document.text, &splices);
            edit::verify(document, &text, &edits).map_err(|error| error.to_string())?;
            Ok((file as usize, text))
        };
        by_file.into_iter().map(text).collect()
    }

    /// A fix as what it replaces.
    pub(super) fn repair(&mut self, one: &Chosen) -> Option<Repair> {
        let mut edits = Vec::new();
        for (&file, of_file) in &one.edits {
            let document = self.document(file).ok()?;
            let splices = edit::splices(document, of_file).ok()?;
            let place = |span: Span| Location { file, start: span.start, end: span.end };
            edits.extend(splices.into_iter().map(|splice| (place(splice.span), splice.text)));
        }
        Some(Repair { fingerprint: one.fingerprint.clone(), title: one.title.clone(), edits })
    }

    /// The file in which an attribute is set: where it is written, or where its resource's keys stand.
    fn place(&self, set: &Assignment) -> u32 {
        let resource = self.judged.model.get(set.resource);
        let written = resource.attribute(&set.attribute).and_then(|attribute| attribute.written.first());
        let site = || resource.sites.last().map(|site| site.entry.file);
        written.map(|written| written.entry.file).or_else(site).unwrap_or(resource.location.file)
    }

    fn document(&mut self, file: u32) -> Result<&Document, String> {
        if !self.documents.contains_key(&file) {
            let input = self.inputs.get(file as usize).ok_or("it is written in a file that is not checked")?;
            let text = decode::decode(&input.bytes).map_err(|error| error.to_string())?;
            let document = analysis::document(self.knowledge, &input.path, text);
            self.documents.insert(file, document.ok_or("files of this kind are not edited")?);
        }
        Ok(&self.documents[&file])
    }
}
