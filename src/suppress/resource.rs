//! Suppressions as resources: what the pages in `rules/suppressions` judge.

use std::sync::Arc;

use super::matching::{Lock, Named};
use super::{Comment, KIND};
use crate::knowledge::Knowledge;
use crate::model::{
    Attribute, Confidence, Declaration, Effective, Location, Model, Name, NameMap, Origin, Resource, Value, Written,
    nearest,
};

/// One resource per rule that a comment names, and one per comment that is not understood.
pub(super) fn model(knowledge: &Knowledge, comments: &[Comment], named: &[Named<'_>]) -> Model {
    let mut model = Model::default();
    for comment in comments {
        if let Some(fault) = &comment.fault {
            let mut resource = resource(comment.place, "fault");
            text(&mut resource, "fault", "form");
            text(&mut resource, "detail", &fault.message());
            text(&mut resource, "cure", fault.cure());
            model.add(resource);
        }
    }
    for named in named.iter().filter(|named| named.comment.fault.is_none()) {
        model.add(of_rule(knowledge, named));
    }
    model
}

fn of_rule(knowledge: &Knowledge, named: &Named<'_>) -> Resource {
    let comment = named.comment;
    let rule = &comment.rules[named.index]; // one of the comment's
    // where only one rule is named, the comment goes with it
    let place = if comment.rules.len() == 1 { comment.place } else { rule.place };
    let mut resource = resource(place, &rule.name);
    text(&mut resource, "rule", named.rule.as_ref().unwrap_or(&rule.name));
    if let Some(reason) = &comment.reason {
        text(&mut resource, "reason", reason);
    }
    if named.rule.is_none() {
        text(&mut resource, "fault", "unknown-rule");
        text(&mut resource, "detail", &unknown(knowledge, &rule.name));
        return resource;
    }
    if let Some(until) = &comment.until {
        let mut attribute = set(Effective::Known(Value::Text(until.text.clone())), Origin::Set);
        attribute.written.push(Written::new(comment.place, comment.place, "until"));
        resource.attributes.insert("until".into(), attribute);
    }
    if let Some(lock) = named.lock {
        text(
            &mut resource,
            "detail",
            match lock {
                Lock::Settings => "the settings lock it",
                Lock::OwnKind => "it judges comments such as this one",
            },
        );
    }
    let used = named.used.map_or_else(Effective::Unknown, |used| Effective::Known(Value::Bool(used)));
    resource.attributes.insert("used".into(), set(used, Origin::Derived));
    for (name, value) in [("expired", named.expired), ("locked", named.lock.is_some())] {
        resource.attributes.insert(name.into(), set(Effective::Known(Value::Bool(value)), Origin::Derived));
    }
    resource
}

/// What to say of a name that no rule has.
fn unknown(knowledge: &Knowledge, name: &str) -> String {
    if knowledge.pages.iter().any(|page| *page.category == *name) {
        return format!("'{name}' is a category; a comment names the rule");
    }
    let ids = knowledge.pages.iter().flat_map(|page| page.rule.aliases.iter().chain([&page.rule.id]));
    match nearest(name, ids.map(|id| &**id)) {
        Some(near) => format!("no rule is called '{name}'; did you mean '{near}'?"),
        None => format!("no rule is called '{name}'"),
    }
}

fn text(resource: &mut Resource, name: &str, value: &str) {
    resource.attributes.insert(name.into(), set(Effective::Known(Value::text(value)), Origin::Set));
}

fn set(effective: Effective, origin: Origin) -> Attribute {
    Attribute { declared: Declaration::Set, effective, origin, confidence: Confidence::Certain, written: Vec::new() }
}

fn resource(location: Location, name: &str) -> Resource {
    Resource {
        kind: KIND.into(),
        dialect: KIND.into(),
        product: None,
        version: None,
        identity: vec![Name::from(name)],
        profile: None,
        home: None,
        location,
        sites: Vec::new(),
        attributes: NameMap::new(),
        defaults: Arc::default(),
        links: NameMap::new(),
        closed: true,
        confidence: Confidence::Certain,
        rehearsal: false,
    }
}
