//! Fragments of all files into resources: includes read in their place, layers folded by precedence, one resource
//! per profile, defaults where they are certain, links both ways.

mod bind;
mod fold;
mod include;
mod overlay;
mod split;
mod started;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::dialect::{Contained, Fault, Fragment, Setting};
use crate::knowledge::{Knowledge, Version};
use crate::model::{
    Address, Attribute, Call, Confidence, Container, Declaration, Effective, Link, Model, Name, NameMap, Origin,
    Resource, ResourceId, Value, Written,
};
use crate::syntax::launch::Start;

/// What was read of one file.
#[derive(Debug, Default)]
pub struct FileFragments {
    /// Its path.
    pub path: Name,
    /// Its fragments; parents and ties index into this list.
    pub fragments: Vec<Fragment>,
    /// The containers it describes.
    pub containers: Vec<Contained>,
    /// The names of containers it describes.
    pub addresses: Vec<Address>,
    /// The addresses that something of a deploy unit calls, and is no container.
    pub calls: Vec<(Name, Call)>,
    /// The numbers in it that may be ports, of a file of variables.
    pub numbers: BTreeSet<u16>,
    /// What it says of commands of other files, or they of its own.
    pub start: Start,
}

/// The resources that each fragment (file, index in the file) became part of, one per profile.
type Homes = HashMap<(usize, usize), Vec<(Option<Name>, ResourceId)>>;

/// What makes fragments one resource.
type Key = (Name, Name, Name, Vec<Name>);

/// Folds fragments into the model. `wanted` are the parameters that some rule reads: only their defaults are resolved.
pub fn assemble(knowledge: &Knowledge, wanted: &BTreeSet<Name>, mut files: Vec<FileFragments>) -> Model {
    let missing = include::resolve(&mut files);
    overlay::apply(&mut files);
    started::apply(&mut files);
    bind::bind(knowledge, &mut files);
    let mut groups: BTreeMap<Key, Vec<(usize, usize)>> = BTreeMap::new();
    for (file, read) in files.iter().enumerate() {
        for (index, fragment) in read.fragments.iter().enumerate() {
            if fragment.part {
                continue;
            }
            let key = (
                fragment.scope.clone(),
                fragment.dialect.clone(),
                fragment.kind.clone(),
                fragment.canonical_identity(),
            );
            groups.entry(key).or_default().push((file, index));
        }
    }
    split::close_profiles(&mut files);
    for members in groups.values().filter(|members| members.len() > 1) {
        split::complete(&mut files, members);
    }
    let mut model = Model::default();
    let mut home = Homes::new();
    let mut defaults = fold::Defaults::new(knowledge, wanted);
    for members in groups.values() {
        let get = |&(file, index): &(usize, usize)| &files[file].fragments[index];
        let mut profiles: BTreeSet<Option<Name>> = BTreeSet::new();
        for member in members {
            match &get(member).profile {
                Some(named) => profiles.extend(profile_names(named).map(|name| Some(name.into()))),
                None => {
                    profiles.insert(None);
                }
            }
        }
        for profile in profiles {
            let mut parts: Vec<(usize, usize)> = members
                .iter()
                .copied()
                .filter(|member| {
                    let of = get(member).profile.as_deref();
                    of.is_none_or(|of| profile.as_deref().is_some_and(|one| profile_names(of).any(|name| name == one)))
                })
                .collect();
            // a profile's fragments beat the common ones of the same layer
            parts.sort_by_key(|member| (get(member).layer, get(member).profile.is_some(), get(member).rank));
            let fragments: Vec<&Fragment> = parts.iter().map(get).collect();
            let mut resource = fold::fold(knowledge, &mut defaults, &fragments, profile.clone());
            if profile.is_none() {
                split::leave_to_profiles(&mut resource, members.iter().map(get));
            }
            let id = model.add(resource);
            for part in parts {
                home.entry(part).or_default().push((profile.clone(), id));
            }
        }
    }
    tie(&files, &home, &mut model);
    contain(&mut files, &home, &mut model);
    inherit(knowledge, &mut model);
    for (file, read) in files.iter().enumerate() {
        for (index, fragment) in read.fragments.iter().enumerate() {
            if fragment.part {
                continue;
            }
            let owner = home.get(&(file, index)).and_then(|homes| homes.first()).map(|(_, id)| *id);
            faults(fragment, owner, &mut model);
        }
    }
    for (fragment, setting) in missing {
        add_setting(&fragment, &setting, &setting.reading.faults[0], None, &mut model);
    }
    model
}

/// The profiles for which a fragment of profile `named` holds: a list names several; an expression (`!a`, `a & b`) is
/// a profile of its own, as which of the others fit it cannot be told.
fn profile_names(named: &str) -> impl Iterator<Item = &str> {
    let list = if named.contains(['!', '&', '|', '(']) { None } else { Some(',') };
    let mut rest = Some(named);
    std::iter::from_fn(move || {
        let text = rest?;
        let (name, after) = match list.and_then(|comma| text.split_once(comma)) {
            Some((name, after)) => (name, Some(after)),
            None => (text, None),
        };
        rest = after;
        Some(name.trim())
    })
}

/// Takes over the containers with what they are as workloads.
fn contain(files: &mut [FileFragments], home: &Homes, model: &mut Model) {
    let numbers: HashMap<Name, BTreeSet<u16>> =
        files.iter_mut().map(|file| (file.path.clone(), std::mem::take(&mut file.numbers))).collect();
    for (file, read) in files.iter_mut().enumerate() {
        for mut contained in read.containers.drain(..) {
            for named in &contained.variable_files {
                match numbers.get(named).filter(|numbers| !numbers.is_empty()) {
                    Some(numbers) => contained.container.ports.said.extend(numbers),
                    None => contained.container.ports.open = true,
                }
            }
            let resource = |index| home.get(&(file, index)).and_then(|homes| homes.first()).map(|(_, id)| *id);
            let workload = contained.workload.and_then(resource);
            model.containers.push(Container { workload, ..contained.container });
        }
        model.addresses.append(&mut read.addresses);
        model.calls.append(&mut read.calls);
        for (index, fragment) in read.fragments.iter_mut().enumerate() {
            let Some(selection) = fragment.selects.take() else { continue };
            let resources = home.get(&(file, index)).into_iter().flatten();
            model.selections.extend(resources.map(|&(_, id)| (id, selection.clone())));
        }
    }
}

/// Ties resources whose fragments hang together.
fn tie(files: &[FileFragments], home: &Homes, model: &mut Model) {
    for (file, read) in files.iter().enumerate() {
        for (index, fragment) in read.fragments.iter().enumerate() {
            let Some(own) = home.get(&(file, index)) else { continue };
            if let Some((parent, link)) = &fragment.parent
                && let Some(others) = home.get(&(file, *parent))
            {
                for &(ref profile, id) in others {
                    match partner(own, profile.as_ref()) {
                        Some(child) => model.link(id, link, child),
                        // it has one, in some profiles
                        None => out_of_sight(model, id, link),
                    }
                }
                for &(ref profile, id) in own {
                    let base = partner(others, profile.as_ref()).or(others.first().map(|&(_, id)| id));
                    let Some(base) = base else { continue };
                    let kind = model.get(base).kind.clone();
                    model.link(id, &kind, base);
                }
            }
            // "a client is measured by a benchmark": the tie is written at the client
            for (link, target) in &fragment.ties {
                let Some(others) = home.get(&(file, *target)) else { continue };
                for &(ref profile, id) in own {
                    match partner(others, profile.as_ref()) {
                        Some(other) => model.link(id, link, other),
                        None => out_of_sight(model, id, link),
                    }
                }
            }
        }
    }
}

/// Of the resources that one fragment became, the one that holds where `profile` does: its own, else the common one.
fn partner(homes: &[(Option<Name>, ResourceId)], profile: Option<&Name>) -> Option<ResourceId> {
    let of = |wanted: Option<&Name>| homes.iter().find(|(of, _)| of.as_ref() == wanted).map(|&(_, id)| id);
    of(profile).or_else(|| of(None))
}

/// Notes that a link may lead somewhere, unless it is known to.
fn out_of_sight(model: &mut Model, id: ResourceId, link: &Name) {
    model.get_mut(id).links.or_insert_with(link.clone(), || Link::OutOfSight);
}

/// What a resource does not set and its kind inherits (a role's session from its server) becomes its own, in force and
/// written where the other has it.
fn inherit(knowledge: &Knowledge, model: &mut Model) {
    for index in 0..model.resources.len() {
        let resource = &model.resources[index];
        let Some(kind) = knowledge.vocabulary.kind.get(&resource.kind) else { continue };
        let Some(link) = &kind.inherits else { continue };
        let Link::To(bases) = resource.link(link) else { continue };
        let [base] = bases.as_slice() else { continue };
        let free = |name: &str| {
            resource.attribute(name).is_none_or(|own| own.declared == Declaration::NotSet && own.written.is_empty())
        };
        let base = model.get(*base);
        let unset = base.defaults.iter().filter(|(name, _)| !base.attributes.contains_key(name));
        let taken: Vec<(Name, Attribute)> = base
            .attributes
            .iter()
            .chain(unset)
            .filter(|(name, _)| kind.has(name) && free(name))
            .map(|(name, attribute)| {
                let written = attribute.written.iter().map(|written| written.clone().shared(true)).collect();
                (name.clone(), Attribute { written, ..attribute.clone() })
            })
            .collect();
        model.resources[index].attributes.extend(taken);
    }
}

/// Every fault of a fragment's settings as a resource that rules can judge.
fn faults(fragment: &Fragment, owner: Option<ResourceId>, model: &mut Model) {
    let mut last: HashMap<&Name, &Setting> = HashMap::new();
    // what is switched off may never be looked at: nothing then refuses it
    let off = owner.is_some_and(|owner| model.get(owner).value("enabled") == Some(&Value::Bool(false)));
    for setting in &fragment.settings {
        for fault in setting.reading.faults.iter().filter(|fault| !(off && fault.code == "rejected")) {
            add_setting(fragment, setting, fault, owner, model);
        }
        let Some(attribute) = &setting.attribute else { continue };
        if fragment.table.is_none() || !setting.reading.set {
            continue;
        }
        if let Some(earlier) = last.insert(attribute, setting)
            && earlier.written.entry.file == setting.written.entry.file
            && earlier.written.entry != setting.written.entry
            && differs(&earlier.reading.effective, &setting.reading.effective)
            && fragment.table.as_ref().is_some_and(|table| table.parameters.is_some())
            && attribute.contains('.')
        {
            let mut fault = Fault::new("overridden", format!("set again below, to {}", setting.text))
                .becomes(setting.text.to_string())
                .cure("keep one of the two");
            fault.related = Some((setting.written.entry, "this one counts".into()));
            add_setting(fragment, earlier, &fault, owner, model);
        }
    }
}

fn differs(a: &Effective, b: &Effective) -> bool {
    matches!((a, b), (Effective::Known(a), Effective::Known(b)) if a != b)
}

fn add_setting(fragment: &Fragment, setting: &Setting, fault: &Fault, owner: Option<ResourceId>, model: &mut Model) {
    let mut attributes = BTreeMap::new();
    let mut say = |name: &str, text: Option<&str>| {
        let (declared, effective) = match text {
            Some(text) => (Declaration::Set, Effective::Known(Value::text(text))),
            None => (Declaration::NotSet, Effective::Unknown(crate::model::Why::NotSet)),
        };
        attributes.insert(
            name.into(),
            Attribute {
                declared,
                effective,
                origin: Origin::Set,
                confidence: fault.confidence,
                written: vec![setting.written.clone()],
            },
        );
    };
    say("name", Some(&setting.written.key));
    say("text", Some(&setting.text));
    let product = fragment.table.as_ref().map_or(&*fragment.dialect, |table| &table.title);
    say("product", Some(fault.by.as_deref().unwrap_or(product)));
    say("fault", Some(fault.code));
    say("detail", Some(&fault.detail));
    say("cure", fault.cure.as_deref());
    say("instead", fault.instead.as_deref());
    say("becomes", fault.becomes.as_deref());
    say("successor", fault.successor.as_deref());
    if let Some((location, message)) = &fault.related
        && let Some(attribute) = attributes.get_mut("becomes")
    {
        attribute.written = vec![Written::new(*location, *location, message.as_str())];
    }
    let mut identity = fragment.identity.clone();
    identity.push(setting.written.key.clone());
    let id = model.add(Resource {
        kind: "setting".into(),
        dialect: fragment.dialect.clone(),
        product: fragment.product.clone(),
        version: fragment.version.clone(),
        identity,
        profile: fragment.profile.clone(),
        home: fragment.home.clone(),
        location: setting.written.entry,
        sites: Vec::new(),
        attributes: attributes.into(),
        defaults: Default::default(),
        links: NameMap::new(),
        closed: true,
        confidence: fault.confidence.min(fragment.confidence),
        rehearsal: fragment.rehearsal,
    });
    if let Some(owner) = owner {
        let kind = model.get(owner).kind.clone();
        model.link(id, &kind, owner);
    }
}

/// The version behind a pin.
fn version_of(fragment: &Fragment) -> Option<Version> {
    Version::parse(&fragment.version.as_ref()?.version)
}

/// An attribute that nothing writes.
fn derived(value: Value, origin: Origin) -> Attribute {
    Attribute {
        declared: Declaration::NotSet,
        effective: Effective::Known(value),
        origin,
        confidence: Confidence::Certain,
        written: Vec::new(),
    }
}
