//! Environment variables that spell a product's keys (Spring's relaxed binding).
//!
//! `SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE`, also with `_` between the words of a key, sets
//! `spring.datasource.hikari.maximum-pool-size`: a partial assignment in the layer of the environment. Variables stand in
//! environment files and in the descriptions of containers, whatever the container's image.

use super::blocks::{At, BlockReader, Frame};
use super::fragment::Fragment;
use super::view::{canonical, relaxed};
use super::{Context, Read, Source, generic};
use crate::knowledge::{Head, Interpolation, Knowledge, Pattern, Row, Segment, Spelling, Table};
use crate::model::{Name, Written};
use crate::syntax::{Format, LineFlavor, NodeId, NodeKind};

/// One variable.
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: Name,
    /// Its value, if it is written beside the name.
    pub(crate) value: Option<String>,
    /// The node of the whole entry.
    pub(crate) node: NodeId,
    /// Where it is written.
    pub(crate) written: Written,
    /// The value for messages.
    pub(crate) shown: Name,
}

/// The prefixes under which variables named `names` set keys of `head`'s dialect; none if they do not, or if another
/// dialect has `taken` them.
pub(crate) fn prefixes<'h, 'n>(
    head: &'h Head,
    mut names: impl Iterator<Item = &'n str>,
    taken: &[&str],
) -> Vec<&'h str> {
    if head.prefixes.iter().any(|prefix| taken.contains(&prefix.as_str())) {
        return Vec::new();
    }
    let begins = |name: &str, prefix: &str| {
        let upper = name.get(..prefix.len()).map(|start| start.replace('.', "_").to_ascii_uppercase());
        upper.is_some_and(|start| start == *prefix)
    };
    if head.prefixes.is_empty() || !names.any(|name| head.prefixes.iter().any(|prefix| begins(name, prefix))) {
        return Vec::new();
    }
    head.prefixes.iter().chain(&head.companions).map(String::as_str).collect()
}

/// Reads a document that nothing else is known of: environment variables by every table that spells its keys as
/// variables, the rest by the words of in-house files. `interpolation` is how variables are written in values, where it
/// is not as each of the products writes them.
pub(super) fn read_all(
    knowledge: &Knowledge,
    context: &Context,
    source: &Source<'_>,
    interpolation: Option<Interpolation>,
    read: &mut Read,
) {
    let taken = read_by(knowledge, context, source, interpolation, read, &|_| true);
    generic::read(knowledge, context, source, &taken, read);
}

/// Reads environment variables by every table that spells its keys as variables and that `reads` these; the beginnings of
/// those that were read.
pub(super) fn read_by<'k>(
    knowledge: &'k Knowledge,
    context: &Context,
    source: &Source<'_>,
    interpolation: Option<Interpolation>,
    read: &mut Read,
    reads: &dyn Fn(&Head) -> bool,
) -> Vec<&'k str> {
    let document = source.document;
    let mut taken: Vec<&str> = Vec::new();
    let roots: &[NodeId] = if document.format == Format::Line(LineFlavor::Env) { &document.roots } else { &[] };
    for &root in roots {
        for entry in knowledge.tables.iter().filter(|entry| reads(&entry.head)) {
            let names = document.children(root).filter_map(|child| document.key(child));
            let prefixes = prefixes(&entry.head, names, &taken);
            if prefixes.is_empty() || !reads_environment(entry.table()) {
                continue;
            }
            taken.extend(prefixes);
            read.recognised(&entry.head.id);
            let table = entry.table();
            let interpolation = interpolation.unwrap_or(table.interpolation);
            BlockReader { knowledge, context, source, table, how: None, interpolation, read }.document(root);
        }
    }
    taken
}

/// Whether environment variables of this document may set keys of `table`.
pub(super) fn reads_environment(table: &Table) -> bool {
    table.environment.is_some() && table.spelling == Spelling::Relaxed
}

impl BlockReader<'_, '_> {
    /// Settings by the variables of an environment file, or of a container.
    pub(crate) fn environment_file(&mut self, root: NodeId, frame: &Frame) {
        let document = self.source.document;
        let variable = |node: NodeId| {
            let name = document.key(node)?;
            let value = document.resolve(node);
            let text = (document.node(value).kind == NodeKind::Scalar).then(|| document.scalar(value).to_string());
            let (written, shown) = (self.written(node, name), self.source.show(value));
            Some(Variable { name: name.into(), value: text, node, written, shown })
        };
        let variables: Vec<Variable> = document.children(root).filter_map(variable).collect();
        self.environment(&variables, frame);
    }

    /// Settings by environment variables named after keys.
    pub(crate) fn environment(&mut self, variables: &[Variable], frame: &Frame) {
        let Some(environment) = &self.table.environment else { return };
        let layer = self.table.layer(&environment.layer);
        let table = self.table.clone();
        let words: Vec<Vec<String>> = variables.iter().map(|variable| words(&variable.name)).collect();
        for (index, block) in table.resource.iter().enumerate() {
            let at = At { block, index, inherited: false };
            let mut found: Vec<(Vec<Name>, Fragment)> = Vec::new();
            // a variable of this block begins as one of its places does
            if !block.places().any(|place| words.iter().any(|words| begins(words, place))) {
                continue;
            }
            // what a variable names is in lower case
            for row in block.key.iter().enumerate().filter(|(_, row)| !row.exact) {
                let paths = paths(block.places(), row.1);
                for (variable, words) in variables.iter().zip(&words) {
                    let spelled = paths.iter().find_map(|(names, path)| Some((*names, spells(words, path)?)));
                    let Some((names, mut identity)) = spelled else { continue };
                    if variable.value.as_deref().is_some_and(|text| !self.is_meant(row.1, text)) {
                        continue;
                    }
                    identity.truncate(names);
                    identity.extend(block.label().map(Name::from));
                    let settings = match row.1.options {
                        true => self.session_options(&block.kind, variable),
                        false => vec![self.set_by_variable(frame, at, row, variable)],
                    };
                    if settings.is_empty() {
                        continue;
                    }
                    let at = match found.iter().position(|(known, _)| *known == identity) {
                        Some(at) => at,
                        None => {
                            let mut fragment = self.fragment(frame, &block.kind, identity.clone(), variable.node);
                            fragment.layer = layer;
                            fragment.closed = false;
                            fragment.block = Some(index);
                            found.push((identity, fragment));
                            found.len() - 1
                        }
                    };
                    found[at].1.settings.extend(settings);
                }
            }
            for (identity, mut fragment) in found {
                let name = identity.iter().rev().nth(usize::from(block.label().is_some()));
                self.constants(block, name, &mut fragment);
                self.read.fragments.push(fragment);
            }
        }
    }
}

/// A step of a key as variables spell it: without its dashes, or with `_` in their place.
struct Step<'p> {
    key: &'p str,
    /// Whether it stands for a name of the user's.
    any: bool,
    /// Whether the number of an item follows.
    item: bool,
}

impl<'p> Step<'p> {
    fn of(segment: &'p Segment) -> Step<'p> {
        Step { key: &segment.key, any: &*segment.key == "*", item: segment.items }
    }

    /// How many of the first words spell the step: one, or one for each of its parts.
    fn taken(&self, words: &[String]) -> Option<usize> {
        if words.first().is_some_and(|word| relaxed(self.key).eq(word.chars())) {
            return Some(1);
        }
        let mut parts = 0;
        for part in self.key.split('-') {
            if !words.get(parts).is_some_and(|word| part.eq_ignore_ascii_case(word)) {
                return None;
            }
            parts += 1;
        }
        Some(parts)
    }
}

/// Whether a variable's words may spell a key at `place`: they begin with its steps up to the first that is a name of
/// the user's.
fn begins(words: &[String], place: &Pattern) -> bool {
    let mut left = words;
    for step in place.segments.iter().map(Step::of) {
        if step.any || step.item {
            return true;
        }
        let Some(taken) = step.taken(left) else { return false };
        left = &left[taken..]; // no more than was compared
    }
    true
}

/// Every path of a row from the top of the document, with how many names of the user's the way to its block has.
fn paths<'p>(places: impl Iterator<Item = &'p Pattern>, row: &'p Row) -> Vec<(usize, Vec<Step<'p>>)> {
    let keys: Vec<&Pattern> = std::iter::once(&row.key).chain(&row.also).collect();
    let names = |place: &Pattern| {
        let of = |segment: &Segment| usize::from(segment.key.contains('*')) + usize::from(segment.items);
        place.segments.iter().map(of).sum()
    };
    let path =
        |place: &'p Pattern, key: &'p Pattern| place.segments.iter().chain(&key.segments).map(Step::of).collect();
    places.flat_map(|place| keys.iter().map(|key| (names(place), path(place, key))).collect::<Vec<_>>()).collect()
}

/// The words of a variable's name: between `_`, or between dots where it has any.
fn words(name: &str) -> Vec<String> {
    let dotted = name.contains('.');
    let parts = name.split(|c| if dotted { c == '.' || c == '[' || c == ']' } else { c == '_' });
    parts
        .filter(|part| !dotted || !part.is_empty())
        .map(|part| if dotted { canonical(part, Spelling::Relaxed).to_string() } else { part.to_ascii_lowercase() })
        .collect()
}

/// What the user's names in `path` are, where `words` spell it whole.
fn spells(words: &[String], path: &[Step]) -> Option<Vec<Name>> {
    let Some((step, rest)) = path.split_first() else {
        return words.is_empty().then(Vec::new);
    };
    let after = |taken: usize| -> Option<Vec<Name>> {
        let mut left = words.get(taken..)?;
        if step.item {
            let number = left.first().filter(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()))?;
            let mut names = spells(left.get(1..)?, rest)?;
            names.insert(0, number.as_str().into());
            return Some(names);
        }
        left = words.get(taken..)?;
        spells(left, rest)
    };
    if step.any {
        // a name of the user's may hold `_` too: the shortest that lets the rest fit
        return (1..=words.len().min(6)).find_map(|taken| {
            let mut names = after(taken)?;
            names.insert(0, words[..taken].join("_").into());
            Some(names)
        });
    }
    after(step.taken(words)?)
}

#[cfg(test)]
mod tests {
    use super::{Step, spells, words};
    use crate::knowledge::Pattern;

    fn captures(name: &str, path: &str) -> Option<Vec<String>> {
        let pattern = Pattern::parse(path).expect("a pattern");
        let path: Vec<Step> = pattern.segments.iter().map(Step::of).collect();
        Some(spells(&words(name), &path)?.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn names_spell_keys_whole() {
        for (name, path, want) in [
            ("SERVER_PORT", "server.port", Some(vec![])),
            ("SERVERPORT", "server.port", None),
            ("A_MAXIMUMPOOLSIZE", "a.maximum-pool-size", Some(vec![])),
            ("A_MAXIMUM_POOL_SIZE", "a.maximum-pool-size", Some(vec![])),
            ("A_MAXIMUM_POOLSIZE", "a.maximum-pool-size", None),
            ("a.maximumPoolSize", "a.maximum-pool-size", Some(vec![])),
            ("A_INSTANCES_MYAPI_WAITDURATION", "a.instances.*.wait-duration", Some(vec!["myapi"])),
            ("A_INSTANCES_MY_API_WAITDURATION", "a.instances.*.wait-duration", Some(vec!["my_api"])),
            ("A_ROUTES_0_URI", "a.routes[].uri", Some(vec!["0"])),
            ("A_ROUTES_X_URI", "a.routes[].uri", None),
        ] {
            let want: Option<Vec<String>> =
                want.map(|names: Vec<&str>| names.iter().map(ToString::to_string).collect());
            assert_eq!(captures(name, path), want, "{name}");
        }
    }
}
