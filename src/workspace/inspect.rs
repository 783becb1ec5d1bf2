//! What trueup understands of a file, as text: for authors of tables, and for doubters.

use std::fmt::Write;

use crate::analysis::{Input, Known, Status, resources};
use crate::knowledge::Vocabulary;
use crate::model::{Declaration, Effective, Link, Origin, Resource};
use crate::syntax::LineIndex;

/// The resources of one file with their attributes: declared and effective value, origin, version, place.
pub(super) fn inspect(known: Known<'_>, input: Input) -> String {
    let path = input.path.clone();
    let analysed = resources(known, vec![input]);
    let mut out = String::new();
    let Some(file) = analysed.files.first() else { return out };
    let status = match &file.status {
        Status::Recognised(dialects) => format!("read as {}", dialects.join(", ")),
        Status::Template(dialects) if dialects.is_empty() => "a template that no dialect knows".to_string(),
        Status::Template(dialects) => format!("a template, read as far as certain as {}", dialects.join(", ")),
        Status::Unknown => "no dialect knows it".to_string(),
        Status::Unsupported => "of a kind that is not read".to_string(),
        Status::Skipped(reason) => format!("not read: {reason}"),
    };
    let _ = writeln!(out, "{path}: {status}");
    let text = file.text.as_deref().unwrap_or("");
    let lines = LineIndex::new(text);
    for resource in analysed.model.resources.iter() {
        let (line, _) = lines.position(text, resource.location.start);
        let _ = write!(out, "\n{} {}", resource.kind, resource.identity.join("."));
        if let Some(profile) = &resource.profile {
            let _ = write!(out, " (profile {profile})");
        }
        let _ = writeln!(out, "  [{}, line {line}]", resource.dialect);
        let closed = if resource.closed { "what is not set here is not set" } else { "more may be set elsewhere" };
        let _ = writeln!(out, "  confidence {}, {closed}", resource.confidence);
        match (&resource.product, &resource.version) {
            (Some(product), Some(pin)) => {
                let _ = writeln!(out, "  product {product} {} (from {})", pin.version, pin.source);
            }
            (Some(product), None) => {
                let _ = writeln!(out, "  product {product}, version not known");
            }
            _ => {}
        }
        attributes(resource, text, &lines, &mut out);
        for (name, link) in &resource.links {
            let target = match link {
                Link::To(ids) => {
                    let names = ids.iter().map(|id| {
                        let to = analysed.model.get(*id);
                        format!("{} {}", to.kind, to.identity.join("."))
                    });
                    names.collect::<Vec<_>>().join(", ")
                }
                Link::Absent => "none".into(),
                Link::OutOfSight => "not to be seen".into(),
            };
            let _ = writeln!(out, "  {name} -> {target}");
        }
    }
    out
}

fn attributes(resource: &Resource, text: &str, lines: &LineIndex, out: &mut String) {
    let absent = resource.defaults.iter().filter(|(name, _)| !resource.attributes.contains_key(name));
    for (name, attribute) in resource.attributes.iter().chain(absent) {
        let value = match &attribute.effective {
            Effective::Known(value) => value.to_string(),
            Effective::Between(low, high) => {
                let end = |end: &Option<crate::model::Value>| end.as_ref().map_or("?".to_string(), ToString::to_string);
                format!("between {} and {}", end(low), end(high))
            }
            Effective::Unknown(why) => format!("unknown: {}", why.sentence()),
        };
        let declared = match attribute.declared {
            Declaration::Set => "set",
            Declaration::NotSet => "not set",
            Declaration::Unreadable => "not readable",
        };
        let _ = write!(out, "  {name} = {value}  ({declared}");
        match &attribute.origin {
            Origin::Default { source } => {
                let _ = write!(out, ", default: {source}");
            }
            Origin::Set | Origin::Absent => {}
            origin => {
                let _ = write!(out, ", {}", origin.word());
            }
        }
        if let Some(written) = attribute.written.first().filter(|_| attribute.declared == Declaration::Set) {
            let (line, column) = lines.position(text, written.value.start);
            let _ = write!(out, ", {line}:{column}");
            if attribute.confidence != crate::model::Confidence::Certain {
                let _ = write!(out, ", {} confidence", attribute.confidence);
            }
        }
        out.push_str(")\n");
    }
}

/// The vocabulary as text.
pub(super) fn vocabulary(vocabulary: &Vocabulary) -> String {
    let mut out = String::new();
    for (name, kind) in &vocabulary.kind {
        let _ = writeln!(out, "{name}: {}", kind.doc);
        for (attribute, described) in &kind.attributes {
            let _ = writeln!(out, "  self.{attribute}: {} — {}", described.kind, described.doc);
        }
        for namespace in &kind.parameters {
            let _ = writeln!(out, "  self.{namespace}.<parameter>: every parameter of the set");
        }
        for (link, target) in &kind.links {
            let _ = writeln!(out, "  self.{link}: the {target} it is tied to");
        }
        out.push('\n');
    }
    out
}
