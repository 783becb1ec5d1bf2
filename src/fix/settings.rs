//! A server's settings into the files that configure it, whoever asks for them.
//!
//! ```text
//! setting → edits where it is written, or beside its siblings → gate of `syntax` → read again: it must say that → judge
//! ```
//!
//! What cannot be written is refused with the reason, and the rest is written without it. What touches the same place
//! waits for the next pass.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{Change, changes};
use crate::analysis::{self, Input, Judged, Known, Outcome};
use crate::dialect;
use crate::knowledge::Version;
use crate::model::{
    Confidence, Effective, Finding, Link, Location, Model, Name, Resource, ResourceId, Severity, Value,
};
use crate::syntax::edit::{self, Edit};
use crate::syntax::{Document, decode};

/// What came of writing settings.
#[derive(Debug, Default)]
pub struct Patched {
    /// The files that change, by their index among the inputs, in order. All of them belong together.
    pub changes: Vec<Change>,
    /// The settings that were written.
    pub made: Vec<Name>,
    /// The settings that were not, each with the reason.
    pub refused: Vec<(Name, String)>,
    /// What is found then and was not found before: the rule and its message.
    pub brings: Vec<(Name, String)>,
}

/// An attribute of another resource of the same files, which goes with the settings of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    /// What it is called for people.
    pub name: Name,
    /// The resource.
    pub resource: ResourceId,
    /// The attribute.
    pub attribute: Name,
    /// What it becomes.
    pub value: Value,
}

/// The files with other settings of `server`, a resource of what `inputs` say. Settings are named as the product names
/// them, with the text that it takes; those that the server has already stay as they are. `beside` are changed with them.
pub fn settings(
    known: Known<'_>,
    inputs: &[Input],
    server: ResourceId,
    settings: &[(Name, String)],
    beside: &[Beside],
) -> Patched {
    let everything = |_: &mut Outcome| {};
    let before = analysis::judged(known, inputs.to_vec(), &everything);
    let mut patched = Patched::default();
    loop {
        let is_open = |name: &Name| patched.refused.iter().all(|(refused, _)| refused != name);
        let mut writing = Writing { known, inputs: inputs.to_vec(), made: Vec::new(), refused: Vec::new() };
        let mut open: Vec<Set> = Vec::new();
        for (name, text) in settings.iter().filter(|(name, _)| is_open(name)) {
            match writing.meant(before.model.get(server), name, text) {
                Some((attribute, value)) => open.push(Set { name: name.clone(), of: server, attribute, value }),
                None => writing.refused.push((name.clone(), format!("the server does not take {text}"))),
            }
        }
        open.extend(beside.iter().filter(|one| is_open(&one.name)).map(Set::beside));
        writing.all(&before.model, server, open);
        patched.refused.append(&mut writing.refused);
        let after = analysis::judged(known, writing.inputs.clone(), &everything);
        let new = new_findings(&before, &after);
        let culprits: Vec<(Name, String)> = writing
            .made
            .iter()
            .filter_map(|made| {
                let now = again(&after.model, before.model.get(made.of));
                let now = now.ok_or("what it sets would not be found again".to_owned());
                Some((made.name.clone(), now.and_then(|now| against(now, made, &new)).err()?))
            })
            .collect();
        if !culprits.is_empty() {
            patched.refused.extend(culprits);
            continue;
        }
        let worth =
            |finding: &&&Finding| finding.severity >= Severity::Warning && finding.confidence >= Confidence::Medium;
        patched.brings =
            new.iter().filter(worth).map(|finding| (finding.rule.clone(), finding.message.clone())).collect();
        patched.made = writing.made.into_iter().map(|made| made.name).collect();
        patched.changes = changes(known, inputs, &writing.inputs, &[(0..inputs.len()).collect()]);
        for at in 0..patched.changes.len() {
            patched.changes[at].with = patched.changes.iter().map(|change| change.file).collect();
        }
        return patched;
    }
}

/// What was not found before, and could have been.
fn new_findings<'n>(before: &Judged, after: &'n Judged) -> Vec<&'n Finding> {
    let had = |finding: &Finding| before.findings.iter().any(|known| known.fingerprint == finding.fingerprint);
    after.findings.iter().filter(|finding| !had(finding)).collect()
}

/// Whether a setting reads as it was meant, and no error is found where it is written: the product, or what carries its
/// settings, takes it.
fn against(resource: &Resource, set: &Set, new: &[&Finding]) -> Result<(), String> {
    let found = resource.attribute(&set.attribute);
    if let Some(written) = found.and_then(|found| found.written.first()) {
        let inside = |place: Location| {
            place.file == written.entry.file && written.entry.start <= place.start && place.end <= written.entry.end
        };
        let error = new.iter().find(|finding| finding.severity == Severity::Error && inside(finding.primary));
        if let Some(error) = error {
            return Err(format!("it would bring {}: {}", error.rule, error.message));
        }
    }
    match found {
        Some(found) if found.effective == Effective::Known(set.value.clone()) => Ok(()),
        _ => Err("it would not be in force".into()),
    }
}

/// The resource of another reading of the same files that `like` is.
fn again<'m>(model: &'m Model, like: &Resource) -> Option<&'m Resource> {
    let same = |resource: &&Resource| {
        resource.kind == like.kind
            && resource.dialect == like.dialect
            && resource.identity == like.identity
            && resource.profile == like.profile
            && resource.location.file == like.location.file
    };
    let mut found = model.resources.iter().filter(same);
    let first = found.next()?;
    // of several that are called alike, the one that begins where it did
    match found.next() {
        None => Some(first),
        Some(_) => model.resources.iter().filter(same).find(|resource| resource.location == like.location),
    }
}

/// A setting as an attribute of the model.
#[derive(Clone)]
struct Set {
    name: Name,
    /// Whose it is, as the files were first read.
    of: ResourceId,
    attribute: Name,
    value: Value,
}

impl Set {
    fn beside(one: &Beside) -> Set {
        let Beside { name, resource, attribute, value } = one.clone();
        Set { name, of: resource, attribute, value }
    }
}

struct Writing<'a> {
    known: Known<'a>,
    /// The files as they are so far.
    inputs: Vec<Input>,
    /// What was written.
    made: Vec<Set>,
    refused: Vec<(Name, String)>,
}

impl Writing<'_> {
    /// Writes what is open, pass by pass.
    fn all(&mut self, first: &Model, server: ResourceId, mut open: Vec<Set>) {
        let mut next = None;
        while !open.is_empty() {
            let model = next.as_ref().unwrap_or(first);
            let mut found: Vec<(Set, &Resource)> = Vec::new();
            for set in open {
                match again(model, first.get(set.of)) {
                    Some(resource) if resource.effective(&set.attribute) == Effective::Known(set.value.clone()) => {}
                    Some(resource) => found.push((set, resource)),
                    None => self.refused.push((set.name, "what it sets would not be found again".to_owned())),
                }
            }
            open = self.pass((model, again(model, first.get(server))), server, found);
            if !open.is_empty() {
                next = Some(analysis::resources(self.known, self.inputs.clone()).model);
            }
        }
    }

    /// What a setting means.
    fn meant(&self, server: &Resource, name: &str, text: &str) -> Option<(Name, Value)> {
        let table = self.known.knowledge.table(&server.dialect)?;
        let version = server.version.as_ref().and_then(|pin| Version::parse(&pin.version));
        let vocabulary = &self.known.knowledge.vocabulary;
        let declared = |attribute: &str| vocabulary.attribute(&server.kind, attribute);
        match dialect::read_as(table, &server.kind, name, text, version.as_ref(), &declared)? {
            (attribute, Effective::Known(value)) => Some((attribute, value)),
            _ => None,
        }
    }

    /// Writes what can be written side by side; what waits for the next pass comes back.
    fn pass(
        &mut self,
        (model, like): (&Model, Option<&Resource>),
        server: ResourceId,
        open: Vec<(Set, &Resource)>,
    ) -> Vec<Set> {
        let mut edits: BTreeMap<u32, (Document, Vec<Edit>)> = BTreeMap::new();
        let (mut waiting, mut homeless) = (Vec::new(), Vec::new());
        for (set, resource) in open {
            match self.one(resource, &set, &mut edits) {
                Ok(true) => self.made.push(set),
                Ok(false) => waiting.push(set),
                Err(why) if set.of == server => homeless.push((set, why)),
                Err(why) => self.refused.push((set.name, why)),
            }
        }
        // one that nothing configures is started with all of them
        match like.and_then(|resource| self.start((model, resource), &homeless, &mut edits)) {
            Some(()) => self.made.extend(homeless.into_iter().map(|(set, _)| set)),
            None => {
                let unseen = like.is_some_and(|resource| {
                    matches!(resource.links.get("workload"), Some(Link::To(_))) && !resource.closed
                });
                let why =
                    |why| if unseen { "not all is seen that its container starts it with".to_owned() } else { why };
                self.refused.extend(homeless.into_iter().map(|(set, because)| (set.name, why(because))));
            }
        }
        for (file, (document, edits)) in edits {
            if let (Some(input), Ok(text)) = (self.inputs.get_mut(file as usize), apply(&document, &edits)) {
                input.bytes = text.into_bytes();
            }
        }
        waiting
    }

    /// Adds the edits of one setting; `false` where they touch those of another.
    fn one(
        &self,
        resource: &Resource,
        set: &Set,
        edits: &mut BTreeMap<u32, (Document, Vec<Edit>)>,
    ) -> Result<bool, String> {
        let written = resource.attribute(&set.attribute).and_then(|attribute| attribute.written.first());
        let site = || resource.sites.last().map(|site| site.entry.file);
        let file = written.map(|written| written.entry.file).or_else(site).unwrap_or(resource.location.file);
        let (document, made) = match edits.entry(file) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert((self.document(file)?, Vec::new())),
        };
        let change = dialect::change(self.known.knowledge, file, document, resource, &set.attribute, &set.value)
            .map_err(|refusal| refusal.to_string())?;
        if change.shared {
            return Err(format!("{} is shared with others", change.key));
        }
        apply(document, &change.edits)?;
        let all: Vec<Edit> = made.iter().cloned().chain(change.edits).collect();
        if apply(document, &all).is_err() {
            return Ok(false);
        }
        *made = all;
        Ok(true)
    }

    /// Adds the edit by which the server's container starts it with these settings.
    fn start(
        &self,
        (model, resource): (&Model, &Resource),
        settings: &[(Set, String)],
        edits: &mut BTreeMap<u32, (Document, Vec<Edit>)>,
    ) -> Option<()> {
        let Some(Link::To(workloads)) = resource.links.get("workload") else { return None };
        let workload = model.get(*workloads.first().filter(|_| !settings.is_empty())?);
        let file = workload.sites.last()?.entry.file;
        let (document, made) = match edits.entry(file) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert((self.document(file).ok()?, Vec::new())),
        };
        let settings: Vec<(&str, &Value)> = settings.iter().map(|(set, _)| (&*set.attribute, &set.value)).collect();
        let change = dialect::start(self.known.knowledge, file, document, (resource, workload), &settings)?;
        let all: Vec<Edit> = made.iter().cloned().chain(change.edits.into_iter().filter(|_| !change.shared)).collect();
        apply(document, &all).ok()?;
        *made = all;
        Some(())
    }

    fn document(&self, file: u32) -> Result<Document, String> {
        let input = self.inputs.get(file as usize).ok_or("it is written in a file that is not read")?;
        let text = decode::decode(&input.bytes).map_err(|error| error.to_string())?;
        let document = analysis::document(self.known.knowledge, &input.path, text);
        document.ok_or_else(|| "files of this kind are not edited".to_owned())
    }
}

/// The text with the edits made, past the gate.
fn apply(document: &Document, edits: &[Edit]) -> Result<String, String> {
    let splices = edit::splices(document, edits).map_err(|refusal| refusal.to_string())?;
    let text = edit::apply(&document.text, &splices);
    edit::verify(document, &text, edits).map_err(|error| error.to_string())?;
    Ok(text)
}
