//! Which node or call a finding concerns: the smallest stretch of text that belongs to one and holds the finding.

use std::collections::HashMap;

use super::model::{Map, Mark, Spot};
use crate::analysis::Analysed;
use crate::model::{Location, Resource};
use crate::report::{Redacted, Redactor};
use crate::syntax::LineIndex;
use crate::workspace::Checked;

impl Target {
    /// The stack and the node: a call is its caller's.
    fn owner(self, map: &Map) -> Option<(usize, usize)> {
        match self {
            Target::Node(stack, node) => Some((stack, node)),
            Target::Edge(stack, edge) => Some((stack, map.stacks.get(stack)?.edges.get(edge)?.from)),
        }
    }
}

/// Stretches of text, by file, each with what it belongs to.
#[derive(Default)]
pub(super) struct Spans {
    of: HashMap<String, Vec<(u32, u32, Target)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Edge(usize, usize),
    Node(usize, usize),
}

impl Spans {
    /// A resource of a node.
    pub(super) fn node(&mut self, analysed: &Analysed, resource: &Resource, stack: usize, node: usize) {
        self.resource(analysed, resource, Target::Node(stack, node));
    }

    /// Where a node is described.
    pub(super) fn add_node(&mut self, analysed: &Analysed, location: Location, stack: usize, node: usize) {
        self.add(analysed, location, Target::Node(stack, node));
    }

    /// A resource of a call.
    pub(super) fn edge(&mut self, analysed: &Analysed, resource: &Resource, stack: usize, edge: usize) {
        self.resource(analysed, resource, Target::Edge(stack, edge));
    }

    fn resource(&mut self, analysed: &Analysed, resource: &Resource, target: Target) {
        self.add(analysed, resource.location, target);
        for attribute in resource.attributes.values() {
            if matches!(attribute.origin, crate::model::Origin::Derived) {
                continue;
            }
            for written in &attribute.written {
                self.add(analysed, written.entry, target);
            }
        }
    }

    fn add(&mut self, analysed: &Analysed, location: Location, target: Target) {
        if let Some(file) = analysed.files.get(location.file as usize) {
            self.of.entry(file.path.to_string()).or_default().push((location.start, location.end, target));
        }
    }

    /// The smallest stretch that holds a place; of equal ones that of a call.
    fn at(&self, path: &str, start: u32) -> Option<Target> {
        let holds = |span: &&(u32, u32, Target)| span.0 <= start && start < span.1.max(span.0 + 1);
        self.of.get(path)?.iter().filter(holds).min_by_key(|span| (span.1 - span.0, span.2)).map(|span| span.2)
    }
}

/// Marks what the findings of a run concern.
pub(super) fn set(map: &mut Map, spans: &Spans, checked: &Checked, redact: Redactor<'_>) {
    let mut lines: HashMap<u32, LineIndex> = HashMap::new();
    for finding in &checked.outcome.findings {
        let Some(file) = checked.outcome.files.get(finding.primary.file as usize) else { continue };
        let place = file.text.as_deref().map(|text| {
            let lines = lines.entry(finding.primary.file).or_insert_with(|| LineIndex::new(text));
            Spot { path: Redacted::path(&file.path), line: lines.position(text, finding.primary.start).0 }
        });
        let Some(target) = spans.at(&file.path, finding.primary.start) else {
            map.elsewhere += 1;
            continue;
        };
        let owner = target.owner(map);
        let mut others: Vec<Target> = finding
            .related
            .iter()
            .filter_map(|related| {
                let file = checked.outcome.files.get(related.location.file as usize)?;
                spans.at(&file.path, related.location.start)
            })
            .filter(|other| *other != target)
            .collect();
        others.sort_unstable();
        others.dedup();
        let mark = Mark {
            rule: finding.rule.clone(),
            severity: finding.severity,
            message: Redacted::words(&finding.message, redact),
            place,
            across: finding.evidence.iter().any(|evidence| evidence.origin == "derived")
                && others.iter().any(|other| other.owner(map) != owner),
        };
        push(map, target, &mark);
        // the calls whose numbers it is made of
        for other in others.into_iter().filter(|other| mark.across && matches!(other, Target::Edge(..))) {
            push(map, other, &mark);
        }
    }
    let sort = |marks: &mut Vec<Mark>| {
        marks.sort_by(|a, b| (b.across, b.severity, &a.rule).cmp(&(a.across, a.severity, &b.rule)));
    };
    for stack in &mut map.stacks {
        stack.nodes.iter_mut().for_each(|node| sort(&mut node.marks));
        stack.edges.iter_mut().for_each(|edge| sort(&mut edge.marks));
    }
}

fn push(map: &mut Map, target: Target, mark: &Mark) {
    let marks = match target {
        Target::Node(stack, node) => {
            map.stacks.get_mut(stack).and_then(|it| it.nodes.get_mut(node)).map(|it| &mut it.marks)
        }
        Target::Edge(stack, edge) => {
            map.stacks.get_mut(stack).and_then(|it| it.edges.get_mut(edge)).map(|it| &mut it.marks)
        }
    };
    if let Some(marks) = marks.filter(|marks| !marks.contains(mark)) {
        marks.push(mark.clone());
    }
}
