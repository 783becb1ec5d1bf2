//! The pools of a server's clients, and how large they may be.

use super::found::Sight;
use super::plan::connections_of;
use super::recipe::recipe;
use super::{Plan, TuneError};
use crate::fix::Beside;
use crate::model::{Confidence, Effective, Link, Location, Model, Name, Resource, ResourceId, Value};

/// The pools that open a server's connections.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pools {
    /// The most connections that they may open together.
    together: i64,
    /// The connections that the server keeps for others.
    reserved: i64,
    /// The sizes that are written.
    sizes: Vec<Size>,
    /// Whether these sizes and nothing else say how many connections there are.
    is_certain: bool,
    /// What bounds a pooler, where nothing does.
    open: Option<Open>,
}

/// A pooler that opens as many connections as roles ask for, beside which all is known.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Open {
    pooler: ResourceId,
    place: String,
    /// Over all of its replicas.
    databases: i64,
    /// What the others may open.
    others: i64,
    /// What it and they open where one role uses it.
    least: i64,
}

/// A size that is written for one or several pools.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Size {
    /// `compose.yml:9`.
    place: String,
    location: Location,
    size: i64,
    /// How many pools have it at most.
    times: i64,
    /// The resource and its attribute; `None` where several are written there.
    at: Option<(ResourceId, Name)>,
}

/// Sizes of pools that fit what a server takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitting {
    /// What was open before, and what fits, for people.
    pub says: String,
    /// The sizes as attributes to write; none where it is not certain that they suffice.
    pub sizes: Vec<Beside>,
    /// The connections that the server needs then.
    pub connections: i64,
}

impl Pools {
    /// How large they may be, where a plan has fewer connections than they may open: each in proportion, rounded down, so
    /// that their sum fits.
    ///
    /// # Errors
    /// The recipe cannot be read.
    pub fn fitting(&self, plan: &Plan) -> Result<Option<Fitting>, TuneError> {
        let recipe = recipe().map_err(TuneError::Recipe)?;
        let Some(most) = plan.value(&recipe.bounded_by).and_then(|most| most.parse::<i64>().ok()) else {
            return Ok(None);
        };
        let there = (most - self.reserved).max(1);
        if let Some(open) = &self.open {
            return open.fitting(there, self.reserved, recipe.roles_of_pooler);
        }
        if self.together <= there {
            return Ok(None);
        }
        let share = |size: i64| i128::from(size) * i128::from(there) / i128::from(self.together);
        let fits = |size: i64| i64::try_from(share(size).max(1)).unwrap_or(i64::MAX);
        let smaller: Vec<&Size> = self.sizes.iter().filter(|one| one.size > 1).collect();
        if smaller.is_empty() {
            return Ok(None);
        }
        let said = |one: &&Size| format!("{}: {} instead of {}", one.place, fits(one.size), one.size);
        let (said, together): (Vec<String>, i64) = (smaller.iter().map(said).collect(), self.together);
        let beside = |one: &&Size| {
            let (resource, attribute) = one.at.clone()?;
            Some(Beside { name: said_at(one), resource, attribute, value: Value::Int(fits(one.size)) })
        };
        let sizes: Option<Vec<Beside>> = smaller.iter().map(beside).collect();
        let then: i64 = self.sizes.iter().map(|one| one.times.saturating_mul(fits(one.size))).sum();
        Ok(Some(Fitting {
            says: format!(
                "The clients' pools may open {together} connections, and {there} are there for them. Pools that fit: {}.",
                said.join(", ")
            ),
            sizes: sizes.filter(|_| self.is_certain && then <= there).unwrap_or_default(),
            connections: connections_of(then, self.reserved)?,
        }))
    }
}

impl Open {
    /// A limit for each of its databases, where so many roles would have more than there is.
    fn fitting(&self, there: i64, reserved: i64, roles: i64) -> Result<Option<Fitting>, TuneError> {
        let Open { pooler, place, databases, others, least } = self;
        let each = there.saturating_sub(*others) / (*databases).max(1);
        let all = others.saturating_add(least.saturating_sub(*others).saturating_mul(roles));
        if each < 1 || all <= there {
            return Ok(None);
        }
        let then = others.saturating_add(databases.saturating_mul(each));
        Ok(Some(Fitting {
            says: format!(
                "The pooler at {place} opens a pool for each role: with {roles} of them there would be {all} connections, \
                 and {there} are there. Pools that fit: {each} connections for each of its databases."
            ),
            sizes: vec![Beside {
                name: format!("the limit of the pooler at {place}").as_str().into(),
                resource: *pooler,
                attribute: "max_database_connections".into(),
                value: Value::Int(each),
            }],
            connections: connections_of(then, reserved)?,
        }))
    }
}

/// What the change of a size is called.
fn said_at(size: &Size) -> Name {
    format!("the pool at {}", size.place).as_str().into()
}

/// The pools of a server, which keeps `reserved` of its connections.
pub(super) fn pools(sight: &Sight<'_>, id: ResourceId, resource: &Resource, reserved: i64) -> Pools {
    if let Some(open) = open(sight, id, resource) {
        return Pools { reserved, open: Some(open), ..Pools::default() };
    }
    let peak = resource.attribute("client_connections_peak").or(resource.attribute("client_connections"));
    let together = match peak.map(|peak| &peak.effective) {
        Some(Effective::Known(Value::Int(most)) | Effective::Between(_, Some(Value::Int(most)))) => *most,
        _ => return Pools::default(),
    };
    let list = |name: &str| match resource.attribute(name) {
        Some(found) => match &found.effective {
            Effective::Known(Value::List(numbers)) => Some((numbers, found)),
            _ => None,
        },
        None => None,
    };
    let (Some((sizes, found)), Some((times, _))) = (list("client_pools"), list("client_pools_times")) else {
        return Pools::default();
    };
    let mut known: Vec<Size> = Vec::new();
    for ((size, times), written) in sizes.iter().zip(times.iter()).zip(&found.written) {
        let (Value::Int(size), Value::Int(times)) = (size, times) else { continue };
        let location = written.value;
        // what several containers read from one place
        if let Some(same) = known.iter_mut().find(|one| one.location == location) {
            same.times = same.times.saturating_add(*times);
            continue;
        }
        let at = written_at(&sight.analysed.model, location);
        known.push(Size { place: sight.place(location), location, size: *size, times: *times, at });
    }
    known.sort_by_key(|one| (one.location.file, one.location.start));
    let sum: i64 = known.iter().map(|one| one.times.saturating_mul(one.size)).fold(0, i64::saturating_add);
    let is_certain = sum == together && found.confidence >= Confidence::High;
    Pools { together, reserved, sizes: known, is_certain, open: None }
}

/// The one pooler whose connections to a server nothing bounds.
fn open(sight: &Sight<'_>, id: ResourceId, resource: &Resource) -> Option<Open> {
    let int = |name: &str| match resource.value(name) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    };
    let demand = resource.attribute("client_connections").filter(|demand| demand.confidence >= Confidence::High)?;
    let Effective::Between(Some(Value::Int(least)), None) = &demand.effective else { return None };
    let (databases, others) = (int("unbounded_databases")?, int("other_connections")?);
    let serves = |pooler: &Resource| {
        &*pooler.kind == "pooler" && matches!(pooler.links.get("server"), Some(Link::To(ids)) if ids == &[id])
    };
    let all = sight.analysed.model.resources.iter().enumerate();
    let mut poolers = all.filter(|(_, pooler)| serves(pooler));
    let (index, pooler) = poolers.next()?;
    let place = sight.place(pooler.location);
    let one = Open { pooler: ResourceId(index as u32), place, databases, others, least: *least };
    poolers.next().is_none().then_some(one)
}

/// The one attribute whose value is written at a place.
fn written_at(model: &Model, place: Location) -> Option<(ResourceId, Name)> {
    let mut found = None;
    for (index, resource) in model.resources.iter().enumerate() {
        let is_counted = matches!(&*resource.kind, "pool" | "pooler");
        for (attribute, _) in resource.attributes.iter().filter(|(_, attribute)| {
            is_counted && attribute.written.first().is_some_and(|written| written.value == place)
        }) {
            if found.is_some() {
                return None;
            }
            found = Some((ResourceId(index as u32), attribute.clone()));
        }
    }
    found
}
