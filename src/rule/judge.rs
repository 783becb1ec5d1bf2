//! Rules on resources: findings with their evidence, and what could not be judged.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::compile::{Fix, Rule, RuleSet};
use crate::condition::{Answer, Environment, Meaning, Outcome, Program, Reference};
use crate::knowledge::Vocabulary;
use crate::model::{
    Assignment, Attribute, Declaration, Effective, Evidence, Finding, FixOffer, Link, Location, Missing, Model, Name,
    Origin, Related, Resource, ResourceId, Severity, Unjudged, Value, Why, Written,
};

/// What the user's settings say of the machine: `host.memory` and the like.
pub type Facts = BTreeMap<Name, Value>;

/// What came of judging.
#[derive(Debug, Default)]
pub struct Judgement {
    /// Findings by place and rule, equal ones once.
    pub findings: Vec<Finding>,
    /// What could not be judged.
    pub unjudged: Vec<Unjudged>,
}

/// Judges every resource by every rule of its kind. `paths` are the files of the run.
pub fn judge(vocabulary: &Vocabulary, rules: &RuleSet, model: &Model, facts: &Facts, paths: &[Name]) -> Judgement {
    let mut judgement = Judgement::default();
    let mut gaps = Gaps::default();
    for (index, resource) in model.resources.iter().enumerate() {
        let here = Here { model, facts, resource, id: ResourceId(index as u32), vocabulary };
        for rule in rules.of_kind(&resource.kind) {
            judge_one(rule, &here, paths, &mut judgement, &mut gaps);
        }
    }
    settle(judgement)
}

/// What conditions lacked: most resources lack the same, so each list is kept once.
#[derive(Default)]
struct Gaps {
    /// By the condition, which stays where it is.
    of: HashMap<*const Program, Vec<Arc<[Missing]>>, foldhash::fast::RandomState>,
    /// The list under way.
    list: Vec<Missing>,
}

impl Gaps {
    /// The list of what `condition` lacks.
    fn of(&mut self, condition: &Program, missing: impl Iterator<Item = Missing>) -> Arc<[Missing]> {
        self.list.clear();
        self.list.extend(missing);
        let known = self.of.entry(std::ptr::from_ref(condition)).or_default();
        let found = known.iter().find(|known| ***known == *self.list);
        found.cloned().unwrap_or_else(|| {
            let list: Arc<[Missing]> = self.list.as_slice().into();
            known.push(list.clone());
            list
        })
    }
}

/// Orders findings, merges equal ones, and numbers those whose fingerprints are equal.
fn settle(mut judgement: Judgement) -> Judgement {
    // of equal ones the gravest: a profile's resource shares places with the common one
    judgement.findings.sort_by(|a, b| {
        let order = (a.primary, &a.rule).cmp(&(b.primary, &b.rule));
        order.then(b.severity.cmp(&a.severity)).then_with(|| a.message.cmp(&b.message))
    });
    judgement.findings.dedup_by(|later, earlier| {
        let same = later.rule == earlier.rule && later.primary == earlier.primary;
        if same {
            for related in later.related.drain(..) {
                if !earlier.related.contains(&related) {
                    earlier.related.push(related);
                }
            }
            for (offer, other) in earlier.fixes.iter_mut().zip(later.fixes.drain(..)) {
                offer.others.extend(other.sets);
                offer.others.extend(other.others);
            }
        }
        same
    });
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in &mut judgement.findings {
        let ordinal = seen.entry(finding.fingerprint.clone()).or_default();
        *ordinal += 1;
        if *ordinal > 1 {
            finding.fingerprint = hash([finding.fingerprint.as_str(), &ordinal.to_string()]);
        }
    }
    // in full, so that equal ones meet whatever the order of the resources
    judgement.unjudged.sort_unstable_by(|a, b| {
        (a.location, &a.rule).cmp(&(b.location, &b.rule)).then_with(|| a.missing.cmp(&b.missing))
    });
    judgement.unjudged.dedup();
    judgement
}

/// A resource and what it can see.
struct Here<'a> {
    model: &'a Model,
    facts: &'a Facts,
    resource: &'a Resource,
    id: ResourceId,
    vocabulary: &'a Vocabulary,
}

/// What a path of names leads to.
enum Target<'a, 'r> {
    Attribute(&'a Resource, &'r str),
    Resources(&'a [ResourceId]),
    Absent,
    OutOfSight,
    Several,
}

impl<'a> Here<'a> {
    /// Follows links from `self`, then takes the rest as an attribute's name.
    fn target<'r>(&self, reference: &'r Reference) -> Target<'a, 'r> {
        let path = reference.path();
        let ends_in_resource = matches!(reference.meaning(), Meaning::Resource);
        let mut at = self.resource;
        for (i, part) in path.iter().enumerate() {
            let last = i + 1 == path.len();
            if last && !ends_in_resource {
                return Target::Attribute(at, part);
            }
            match at.links.get(part) {
                Some(Link::To(ids)) if last => return Target::Resources(ids),
                Some(Link::To(ids)) => match ids.as_slice() {
                    [one] => at = self.model.get(*one),
                    _ => return Target::Several,
                },
                Some(Link::Absent) => return Target::Absent,
                None if self.is_parameter(at, &path[i..]) => return Target::Attribute(at, reference.last_two()),
                None if at.closed => return Target::Absent,
                Some(Link::OutOfSight) | None => return Target::OutOfSight,
            }
        }
        Target::OutOfSight
    }

    /// Whether `path` names a parameter of a set that resources of this kind have: `pg.work_mem`.
    fn is_parameter(&self, at: &Resource, path: &[Box<str>]) -> bool {
        let [namespace, _] = path else { return false };
        let kind = self.vocabulary.kind.get(&at.kind);
        kind.is_some_and(|kind| kind.parameters.iter().any(|set| **set == **namespace))
    }

    fn attribute_of(&self, reference: &Reference) -> Option<(&'a Resource, &'a Attribute)> {
        match self.target(reference) {
            Target::Attribute(resource, name) => Some((resource, resource.attribute(name)?)),
            _ => None,
        }
    }
}

impl Environment for Here<'_> {
    fn attribute(&self, reference: &Reference) -> Effective {
        if reference.root() == "host" {
            let fact = reference.path().first().and_then(|name| self.facts.get(&**name));
            return fact.map_or(Effective::Unknown(Why::OutOfSight), |value| Effective::Known(value.clone()));
        }
        match self.target(reference) {
            Target::Attribute(resource, name) => resource.effective(name),
            Target::Several => Effective::Unknown(Why::Ambiguous),
            Target::Absent | Target::Resources(_) => Effective::Unknown(Why::NotSet),
            Target::OutOfSight => Effective::Unknown(Why::OutOfSight),
        }
    }

    fn declared(&self, reference: &Reference) -> Declaration {
        match self.target(reference) {
            Target::Attribute(resource, name) => resource.declared(name),
            Target::Absent => Declaration::NotSet,
            Target::Resources(_) => Declaration::Set,
            Target::Several | Target::OutOfSight => Declaration::Unreadable,
        }
    }

    fn exists(&self, reference: &Reference) -> Option<bool> {
        match self.target(reference) {
            Target::Resources(_) | Target::Several => Some(true),
            Target::Absent => Some(false),
            Target::OutOfSight => None,
            Target::Attribute(resource, name) => match resource.declared(name) {
                Declaration::Set => Some(true),
                // a default is a value too
                Declaration::NotSet => Some(!matches!(resource.effective(name), Effective::Unknown(_))),
                Declaration::Unreadable => None,
            },
        }
    }
}

fn judge_one(rule: &Rule, here: &Here<'_>, paths: &[Name], judgement: &mut Judgement, gaps: &mut Gaps) {
    for case in &rule.cases {
        match case.when.judge(here) {
            Outcome::True => {}
            Outcome::False | Outcome::Error(_) => continue,
            Outcome::Unknown(references) => {
                let missing = gaps.of(&case.when, references.map(|reference| why(here, reference)));
                judgement.unjudged.push(Unjudged { rule: rule.id.clone(), location: here.resource.location, missing });
                continue;
            }
        }
        let Ok(message) = case.message.render(here) else { continue };
        let help = rule.help.render(here).unwrap_or_default();
        let mut evidence: Vec<Evidence> = Vec::new();
        let mut confidence = case.confidence.min(here.resource.confidence);
        let mut places: Vec<(Location, String)> = Vec::new();
        let mut own_place: Option<Location> = None;
        for reference in case.when.references() {
            let Some(found) = evidence_of(here, reference) else { continue };
            if let Some((resource, attribute)) = here.attribute_of(reference)
                && (attribute.declared == Declaration::Set || attribute.origin == Origin::Derived)
            {
                confidence = confidence.min(attribute.confidence).min(resource.confidence);
            }
            if let Some(location) = found.location {
                // what the resource itself says, in whichever of its files
                let own = here.attribute_of(reference).is_some_and(|(of, attribute)| {
                    std::ptr::eq(of, here.resource) && attribute.origin != Origin::Derived
                });
                if own {
                    own_place = own_place.or(Some(location));
                }
                // what follows from several places names each of them
                match here.attribute_of(reference) {
                    Some((_, attribute)) if attribute.origin == Origin::Derived && attribute.written.len() > 1 => {
                        let each = |written: &Written| (written.entry, written.key.to_string());
                        places.extend(attribute.written.iter().map(each));
                    }
                    _ => places.push((location, format!("{} is {}", reference.path().join("."), found.value))),
                }
            }
            evidence.push(found);
        }
        let primary =
            rule.at.as_ref().and_then(|at| place_of(here, at)).or(own_place).unwrap_or(here.resource.location);
        let mut related: Vec<Related> = Vec::new();
        for (location, message) in places {
            if location != primary && !related.iter().any(|related| related.location == location) {
                related.push(Related { location, message });
            }
        }
        if let Some(written) = here.resource.attribute("becomes").and_then(|attribute| attribute.written.first())
            && written.entry != here.resource.location
        {
            related = vec![Related { location: written.entry, message: written.key.to_string() }];
        }
        let attributes = case.when.references().iter().map(ToString::to_string).collect();
        judgement.findings.push(finding(
            rule,
            here,
            paths,
            Parts {
                attributes,
                severity: weighed(case.severity, here.resource),
                confidence,
                message,
                help,
                primary,
                related,
                evidence,
            },
        ));
        return;
    }
}

/// A step less where nothing serves users.
fn weighed(severity: Severity, resource: &Resource) -> Severity {
    match severity {
        _ if !resource.rehearsal => severity,
        Severity::Error => Severity::Warning,
        Severity::Warning | Severity::Info => Severity::Info,
    }
}

struct Parts {
    /// What the condition names, whether or not anything is known of it: a fact told later makes no other finding.
    attributes: Vec<String>,
    severity: Severity,
    confidence: crate::model::Confidence,
    message: String,
    help: String,
    primary: Location,
    related: Vec<Related>,
    evidence: Vec<Evidence>,
}

fn finding(rule: &Rule, here: &Here<'_>, paths: &[Name], parts: Parts) -> Finding {
    let resource = here.resource;
    let path = paths.get(parts.primary.file as usize).map_or("", |path| path);
    let profile = resource.profile.as_deref().unwrap_or("");
    let attributes = parts.attributes.join(",");
    let state = hash(parts.evidence.iter().map(|evidence| evidence.value.as_str()));
    let (identity, values) = identity(resource, &state);
    let fingerprint = hash([&*rule.id, path, &*resource.kind, &identity, profile, &attributes, values]);
    let fixes = rule.fixes.iter().filter_map(|fix| offer(fix, here, parts.primary)).collect();
    Finding {
        rule: rule.id.clone(),
        severity: parts.severity,
        confidence: parts.confidence,
        message: parts.message,
        help: parts.help,
        primary: parts.primary,
        related: parts.related,
        evidence: parts.evidence,
        fixes,
        fingerprint,
        state,
    }
}

/// What a resource is recognised by across runs: its names. Its place in a list is none, as an item put before it would
/// move it; what tells items without a name apart is the values that are judged.
fn identity<'s>(resource: &Resource, state: &'s str) -> (String, &'s str) {
    let is_index = |part: &Name| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = resource.identity.iter().map(|part| if is_index(part) { "*" } else { part }).collect();
    (parts.join("/"), if resource.identity.iter().any(is_index) { state } else { "" })
}

/// A repair whose values are all known, and whose attributes have a resource to set them.
fn offer(fix: &Fix, here: &Here<'_>, primary: Location) -> Option<FixOffer> {
    let set = |(name, program): &(Name, Program)| {
        let Ok(Answer::Known(value)) = program.value(here) else { return None };
        let (resource, attribute) = holder(here, name)?;
        Some(Assignment { resource, attribute, value })
    };
    let sets = fix.set.iter().map(set).collect::<Option<_>>()?;
    let removes = fix.removes_comment.then_some(primary);
    let text = |program: &Option<Program>| match program {
        None => Some(None),
        Some(program) => match program.value(here) {
            Ok(Answer::Known(Value::Text(text))) => Some(Some((here.id, text.as_ref().into()))),
            _ => None,
        },
    };
    let (renames, rewrites) = (text(&fix.renames)?, text(&fix.rewrites)?);
    let title = fix.title.render(here).ok()?;
    Some(FixOffer { title, safety: fix.safety, sets, others: Vec::new(), removes, renames, rewrites })
}

/// The resource that has the attribute `name`, a path below `self`, and the attribute's own name there.
fn holder(here: &Here<'_>, name: &str) -> Option<(ResourceId, Name)> {
    let parts: Vec<&str> = name.split('.').collect();
    let mut at = here.id;
    for (i, part) in parts.iter().enumerate() {
        let resource = here.model.get(at);
        let rest = parts[i..].join(".");
        let is_parameter = || {
            let kind = here.vocabulary.kind.get(&resource.kind)?;
            (parts.len() - i == 2 && kind.parameters.iter().any(|set| **set == **part)).then_some(())
        };
        if here.vocabulary.attribute(&resource.kind, &rest).is_some() || is_parameter().is_some() {
            return Some((at, rest.into()));
        }
        match resource.links.get(part)? {
            Link::To(ids) if ids.len() == 1 => at = ids[0],
            _ => return None,
        }
    }
    None
}

/// What is known of a name that a condition read; nothing for what neither is nor could be there.
fn evidence_of(here: &Here<'_>, reference: &Reference) -> Option<Evidence> {
    if reference.root() == "host" {
        let value = here.facts.get(&**reference.path().first()?)?;
        return Some(Evidence {
            attribute: reference.to_string().into(),
            value: value.to_string(),
            origin: "fact",
            location: None,
        });
    }
    if let Target::Resources(ids) = here.target(reference) {
        let location = ids.first().map(|id| here.model.get(*id).location);
        return Some(Evidence {
            attribute: reference.to_string().into(),
            value: "present".into(),
            origin: "set",
            location,
        });
    }
    let found = here.attribute_of(reference);
    let (value, origin, location) = match found {
        Some((_, attribute)) => (
            match &attribute.effective {
                Effective::Known(value) => value.to_string(),
                Effective::Between(Some(low), Some(high)) => format!("{low} to {high}"),
                Effective::Between(Some(low), None) => format!("at least {low}"),
                Effective::Between(None, Some(high)) => format!("at most {high}"),
                Effective::Between(None, None) => "unknown".into(),
                Effective::Unknown(_) => "unknown".into(),
            },
            attribute.origin.word(),
            attribute.written.first().map(|written| written.entry),
        ),
        None => ("not set".into(), "absent", None),
    };
    Some(Evidence { attribute: reference.to_string().into(), value, origin, location })
}

/// The place of `path` below `self`: where the attribute is written, or where the resource stands.
fn place_of(here: &Here<'_>, path: &[Name]) -> Option<Location> {
    let mut at = here.resource;
    for (i, part) in path.iter().enumerate() {
        let rest = path[i..].join(".");
        if let Some(attribute) = at.attribute(&rest) {
            return attribute.written.first().map(|written| written.entry);
        }
        match at.link(part) {
            Link::To(ids) => at = here.model.get(*ids.first()?),
            _ => return None,
        }
    }
    Some(at.location)
}

fn why(here: &Here<'_>, reference: &Reference) -> Missing {
    let sentence = match here.attribute(reference) {
        Effective::Unknown(why) => why.sentence(),
        _ => "it is known only within bounds",
    };
    Missing { name: reference.name().clone(), why: sentence }
}

/// FNV-1a over the parts, with a separator that no part contains: stable across versions of everything.
fn hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}
