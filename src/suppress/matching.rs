//! Findings and the suppressions that silence them.

use std::collections::HashMap;

use super::{Comment, Date, ReachKind};
use crate::knowledge::Knowledge;
use crate::model::{Finding, Location, Model, Name, Resource, Unjudged, Why};

/// A finding that is silenced.
#[derive(Debug, Clone, PartialEq)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// The reason that the suppression gives.
    pub reason: Option<Name>,
}

/// What a run knows of its suppressions and of the rules they name.
pub struct Run<'a> {
    /// The rules by id and former id.
    pub knowledge: &'a Knowledge,
    /// What they judged.
    pub model: &'a Model,
    /// What they could not judge.
    pub unjudged: &'a [Unjudged],
    /// The last day of a suppression must not lie before this one.
    pub today: Date,
    /// Whether a rule is on in a file.
    pub is_on: &'a dyn Fn(&str, u32) -> bool,
    /// Whether a rule may not be silenced.
    pub is_locked: &'a dyn Fn(&str) -> bool,
}

/// One rule that a comment names.
pub(super) struct Named<'a> {
    pub(super) comment: &'a Comment,
    /// Which of the comment's rules.
    pub(super) index: usize,
    /// Its id today; `None` where no rule is called so.
    pub(super) rule: Option<Name>,
    pub(super) expired: bool,
    pub(super) lock: Option<Lock>,
    /// Whether it silences a finding, or would if it might.
    pub(super) used: Result<bool, Why>,
}

/// Why a rule may not be silenced by comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lock {
    /// The settings lock it.
    Settings,
    /// It judges suppressions.
    OwnKind,
}

/// Takes from `findings` those that a comment silences; what is known of each rule of each comment comes back as well.
pub(super) fn silence<'a>(
    run: &Run<'_>,
    comments: &'a [Comment],
    findings: &mut Vec<Finding>,
) -> (Vec<Suppressed>, Vec<Named<'a>>) {
    let each = |comment: &'a Comment| (0..comment.rules.len()).map(move |index| (comment, index));
    let mut named: Vec<Named<'a>> =
        comments.iter().flat_map(each).map(|(comment, index)| run.named(comment, index)).collect();
    let mut of_rule: HashMap<Name, Vec<usize>> = HashMap::new();
    for (index, named) in named.iter().enumerate() {
        if let Some(rule) = &named.rule {
            of_rule.entry(rule.clone()).or_default().push(index);
        }
    }
    let mut suppressed = Vec::new();
    findings.retain(|finding| {
        let mut silent: Option<&Comment> = None;
        for &index in of_rule.get(&finding.rule).into_iter().flatten() {
            let named = &mut named[index]; // one of its own indexes
            if reaches(named.comment, finding) {
                named.used = Ok(true);
                if silent.is_none() && named.is_effective() {
                    silent = Some(named.comment);
                }
            }
        }
        if let Some(comment) = silent {
            suppressed.push(Suppressed { finding: finding.clone(), reason: comment.reason.clone() });
        }
        silent.is_none()
    });
    for named in &mut named {
        if named.used == Ok(false)
            && let Some(why) = run.cannot_tell(named)
        {
            named.used = Err(why);
        }
    }
    (suppressed, named)
}

impl Named<'_> {
    fn is_effective(&self) -> bool {
        self.comment.fault.is_none() && !self.expired && self.lock.is_none()
    }
}

/// Whether a comment reaches a finding: by the place where it is best mended, by one that explains it, or from within.
fn reaches(comment: &Comment, finding: &Finding) -> bool {
    let file = comment.place.file;
    let reach = comment.reach.span;
    let holds = |byte: u32| reach.start <= byte && byte < reach.end;
    if comment.reach.kind == ReachKind::File {
        return finding.primary.file == file && (holds(finding.primary.start) || encloses(finding.primary, comment));
    }
    let here = |place: Location| {
        place.file == file
            && (holds(place.start) || comment.reach.kind == ReachKind::Line && place.end > 0 && holds(place.end - 1))
    };
    let related = finding.related.iter().map(|related| related.location);
    let evidence = finding.evidence.iter().filter_map(|evidence| evidence.location);
    encloses(finding.primary, comment) || std::iter::once(finding.primary).chain(related).chain(evidence).any(here)
}

/// Whether the comment stands within the place.
fn encloses(place: Location, comment: &Comment) -> bool {
    place.file == comment.place.file && place.start <= comment.place.start && comment.place.end <= place.end
}

impl<'r> Run<'r> {
    fn named<'a>(&self, comment: &'a Comment, index: usize) -> Named<'a> {
        let page = self.knowledge.page(&comment.rules[index].name); // the caller counts the rules
        let rule = page.map(|page| page.rule.id.clone());
        let lock = match page {
            Some(page) if *page.rule.on == *super::KIND => Some(Lock::OwnKind),
            Some(page) if (self.is_locked)(&page.rule.id) => Some(Lock::Settings),
            _ => None,
        };
        let expired = comment.until.as_ref().is_some_and(|until| until.date < self.today);
        Named { comment, index, rule, expired, lock, used: Ok(false) }
    }

    /// Why it cannot be told whether a suppression that silenced nothing is of use: its rule was off, could not be
    /// judged here, or judges what is seen only with other files.
    fn cannot_tell(&self, named: &Named<'_>) -> Option<Why> {
        let rule = named.rule.as_ref()?;
        let file = named.comment.place.file;
        if named.comment.template {
            return Some(Why::Template);
        }
        if !(self.is_on)(rule, file) {
            return Some(Why::OutOfSight);
        }
        let kind = &self.knowledge.page(rule)?.rule.on;
        let of_kind = || self.model.resources.iter().filter(|resource| resource.kind == *kind);
        let ties = self.knowledge.vocabulary.kind.get(kind).is_some_and(|kind| !kind.links.is_empty());
        if ties && !of_kind().any(|resource| places(resource).any(|place| place.file == file)) {
            return Some(Why::OutOfSight);
        }
        let open = |location: Location| {
            let unjudged = |resource: &&Resource| resource.location == location;
            let touched = |place: Location| touches(named.comment, place);
            touched(location) || of_kind().filter(unjudged).any(|resource| places(resource).any(touched))
        };
        let unjudged = self.unjudged.iter().filter(|unjudged| unjudged.rule == *rule);
        unjudged.map(|unjudged| unjudged.location).any(open).then_some(Why::OutOfSight)
    }
}

/// Whether what stands at `place` may be meant by the comment.
fn touches(comment: &Comment, place: Location) -> bool {
    let reach = comment.reach.span;
    place.file == comment.place.file
        && (encloses(place, comment) || place.start < reach.end && reach.start < place.end.max(place.start + 1))
}

/// Everywhere a resource is written.
fn places(resource: &Resource) -> impl Iterator<Item = Location> + '_ {
    let sites = resource.sites.iter().map(|site| site.entry);
    let written = resource.attributes.values().flat_map(|attribute| &attribute.written);
    std::iter::once(resource.location).chain(sites).chain(written.map(|written| written.entry))
}
