//! Gradle: builds in Groovy and Kotlin as far as they are plain texts, `gradle.properties`, version catalogs.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Package, substitute};
use crate::knowledge::Ecosystem;
use crate::syntax::{Document, Format, NodeId, NodeKind, Span, parse};

/// Longer lines are generated, and passed over.
const LONGEST: usize = 2_000;

/// Plugins with a version and coordinates in a build script. `outer` knows the properties of `gradle.properties`.
pub(super) fn script<'t>(text: &'t str, outer: &dyn Fn(&str) -> Option<String>) -> Vec<Package<'t>> {
    let lines = lines(text);
    // a variable that is set twice is not known
    let mut variables: HashMap<&str, Option<(&str, Span)>> = HashMap::new();
    for (name, value, span) in lines.iter().filter_map(assignment) {
        let known = variables.entry(name).or_insert(Some((value, span)));
        if known.is_some_and(|(known, _)| known != value) {
            *known = None;
        }
    }
    let lookup = |name: &str| match variables.get(name) {
        Some(known) => known.map(|(value, _)| Cow::Borrowed(value)),
        None => outer(name).map(Cow::Owned),
    };
    let version = |value: &'t str| substitute(value, &lookup).unwrap_or(Cow::Borrowed(value));
    let mut packages = Vec::new();
    for (name, known) in &variables {
        if let Some((value, span)) = *known {
            packages.push(Package::new(Ecosystem::Maven, format!("${{{name}}}"), version(value), span));
        }
    }
    for line in &lines {
        if let Some((id, value, span)) = plugin(line) {
            let value = match value {
                Value::Text(value) => version(value),
                Value::Name(name) => lookup(name).unwrap_or(Cow::Borrowed(name)),
            };
            packages.push(Package::new(Ecosystem::GradlePlugin, id, value, span));
        }
        for &(text, span) in &line.texts {
            let mut parts = text.split(':');
            if let (Some(group), Some(artifact), Some(value)) = (parts.next(), parts.next(), parts.next())
                && !group.is_empty()
                && !text.contains(' ')
            {
                let value = value.split('@').next().unwrap_or(value);
                packages.push(Package::new(Ecosystem::Maven, format!("{group}:{artifact}"), version(value), span));
            }
        }
        if let [Some(group), Some(name), Some(value)] = ["group", "name", "version"].map(|label| line.labelled(label)) {
            packages.push(Package::new(Ecosystem::Maven, format!("{}:{}", group.0, name.0), version(value.0), value.1));
        }
    }
    packages
}

/// The properties of a `gradle.properties`.
pub(super) fn properties(text: &str) -> impl Iterator<Item = (&str, &str, Span)> {
    let mut offset = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = offset;
        offset += line.len();
        let (name, value) = line.split_once('=')?;
        let (name, inner) = (name.trim(), value.trim());
        let at = start + (line.len() - value.len()) + (value.len() - value.trim_start().len());
        (!name.is_empty() && !name.starts_with(['#', '!']) && !inner.is_empty())
            .then(|| (name, inner, Span::new(at, at + inner.len())))
    })
}

/// The libraries and plugins of a version catalog.
pub(super) fn catalog(text: &str) -> Vec<Package<'static>> {
    let document = parse(text, Format::Toml);
    let mut packages = Vec::new();
    let Some(&root) = document.roots.first() else { return packages };
    let versions = document.entry(root, "versions");
    for (section, ecosystem, name) in
        [("libraries", Ecosystem::Maven, "module"), ("plugins", Ecosystem::GradlePlugin, "id")]
    {
        let Some(section) = document.entry(root, section) else { continue };
        for entry in document.children(section) {
            let scalar = |node: NodeId| document.node(node).kind == NodeKind::Scalar;
            let text = |key: &str| document.entry(entry, key).filter(|&node| scalar(node));
            let (package, version) = if scalar(entry) {
                let Some((package, _)) = document.scalar(entry).rsplit_once(':') else { continue };
                (package.to_string(), Some(entry))
            } else {
                let parts = [text("group"), text("name")].map(|part| part.map(|node| document.scalar(node)));
                let package = match (text(name), parts) {
                    (Some(node), _) => document.scalar(node).to_string(),
                    (None, [Some(group), Some(name)]) => format!("{group}:{name}"),
                    _ => continue,
                };
                let reference = document.lookup(entry, &["version", "ref"]);
                let version = match (reference, versions) {
                    (Some(reference), Some(versions)) => document.entry(versions, document.scalar(reference)),
                    _ => text("version"),
                };
                (package, version)
            };
            let Some(version) = version else { continue };
            let value = written(&document, version).rsplit(':').next().unwrap_or_default().to_string();
            packages.push(Package::new(ecosystem, package, value, document.node(version).content));
        }
    }
    packages
}

/// A version's text; nothing exact where it is a table of bounds.
fn written(document: &Document, node: NodeId) -> &str {
    if document.node(node).kind == NodeKind::Scalar { document.scalar(node) } else { "[]" }
}

/// One line of a script, comments taken away.
struct Line<'t> {
    code: &'t str,
    start: usize,
    /// Its texts without quotes, in order.
    texts: Vec<(&'t str, Span)>,
}

impl<'t> Line<'t> {
    /// The code before a text, quotes excluded.
    fn before(&self, text: Span) -> &'t str {
        self.code.get(..(text.start as usize - self.start).saturating_sub(1)).unwrap_or("")
    }

    /// The text behind `label:`.
    fn labelled(&self, label: &str) -> Option<(&'t str, Span)> {
        let is_label = |before: &str| before.trim_end().strip_suffix(':').is_some_and(|before| before.ends_with(label));
        self.texts.iter().copied().find(|&(_, span)| is_label(self.before(span)))
    }
}

/// A version as a plugin names it.
enum Value<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// `id 'x' version 'y'`, `id("x") version "y"`, `id("x") version y`.
fn plugin<'t>(line: &Line<'t>) -> Option<(&'t str, Value<'t>, Span)> {
    let &(id, span) = line.texts.first()?;
    let before = line.before(span).trim_end().trim_end_matches('(').trim_end();
    if before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next() != Some("id") {
        return None;
    }
    let from = span.end as usize - line.start;
    let rest = line.code.get(from..)?;
    let at = rest.find("version")? + "version".len();
    if let Some(&(value, span)) = line.texts.get(1).filter(|(_, span)| span.start as usize - line.start >= from + at) {
        return Some((id, Value::Text(value), span));
    }
    let name = rest.get(at..)?.trim_matches(|c: char| !is_name(c));
    let name = &name[..name.find(|c: char| !is_name(c)).unwrap_or(name.len())];
    Some((id, Value::Name(name.rsplit('.').next().unwrap_or(name)), span))
}

/// `name = 'x'`, `ext.name = 'x'`, `ext['name'] = 'x'`, `set('name', 'x')`.
fn assignment<'t>(line: &Line<'t>) -> Option<(&'t str, &'t str, Span)> {
    match *line.texts.as_slice() {
        [(value, span)] => {
            let left = line.before(span).trim_end().strip_suffix('=')?.trim_end();
            let name = left.rsplit(|c: char| !is_name(c)).next()?;
            Some((name.rsplit('.').next()?, value, span))
        }
        [(name, first), (value, span)] => {
            let between = line.code.get(first.end as usize - line.start..)?;
            let sets = line.before(first).trim_end().ends_with("set(")
                && between.trim_start_matches(['"', '\'']).trim_start().starts_with(',');
            let indexes = line.before(first).ends_with('[') && line.before(span).trim_end().ends_with('=');
            (sets || indexes).then_some((name, value, span))
        }
        _ => None,
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.')
}

/// The lines of a script with their texts, without comments.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut offset = 0;
    let mut commented = false;
    for whole in text.split_inclusive('\n') {
        let start = offset;
        offset += whole.len();
        if whole.len() > LONGEST {
            continue;
        }
        let bytes = whole.as_bytes();
        let mut line = Line { code: whole, start, texts: Vec::new() };
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            if commented {
                commented = !rest.starts_with(b"*/");
                at += 1 + usize::from(!commented);
            } else if rest.starts_with(b"/*") {
                commented = true;
                at += 2;
            } else if rest.starts_with(b"//") {
                line.code = &whole[..at];
                break;
            } else if matches!(rest[0], b'"' | b'\'') {
                let end = rest[1..].iter().position(|&byte| byte == rest[0]).map_or(bytes.len(), |end| at + 1 + end);
                if let Some(inner) = whole.get(at + 1..end) {
                    line.texts.push((inner, Span::new(start + at + 1, start + end)));
                }
                at = end + 1;
            } else {
                at += 1;
            }
        }
        lines.push(line);
    }
    lines
}
