//! The servers that files describe: what each is started with, what it may use, and who calls it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::plan::connections_of;
use super::pools::{Pools, pools};
use super::recipe::recipe;
use super::running::Running;
use super::written::written;
use super::{Setting, TuneError};
use crate::analysis::Analysed;
use crate::dialect::value_of;
use crate::model::{Attribute, Effective, Link, Location, Name, Resource, ResourceId, Value, Written};
use crate::quantity::postgres::{check, parameters};
use crate::syntax::{Format, LineIndex};
use crate::workspace::Found;

/// A server as files describe it.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// Which resource it is.
    pub id: ResourceId,
    /// What it is called there, else the file.
    pub name: String,
    /// Where it is described: `compose.yml:12`.
    pub place: String,
    /// Its major version.
    pub version: Option<Found>,
    /// The memory of its container, in bytes: the limit, else what it is given.
    pub memory: Option<Found>,
    /// The CPUs of its container, in the same way; at least one.
    pub cpus: Option<Found>,
    /// The connections that its clients may open together, with those that it keeps back.
    pub clients: Option<Clients>,
    /// The pools that open them.
    pub pools: Pools,
    /// The roles that its clients log in as, as far as that is written; no superuser.
    pub users: Vec<String>,
    /// The connections that it takes, where that is written.
    pub max_connections: Option<Found>,
    /// What it said, where it is a running server that was asked.
    pub running: Option<Running>,
    /// Whether a file of its own holds its settings, and no manifest of others.
    pub is_own_file: bool,
    closed: bool,
    settings: BTreeMap<Name, Said>,
    /// What holds although nothing sets it, as far as it is not the server's own default.
    given: BTreeMap<Name, String>,
}

/// The connections that clients are known to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clients {
    /// So many at most.
    AtMost(Found),
    /// So many at least: some cannot be seen.
    AtLeast(Found),
}

/// What a setting was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Was {
    /// Written there.
    Set(Said),
    /// Not written: the server's default, or what is given to it.
    Default(String),
    /// Not written here, and perhaps elsewhere.
    Unseen,
}

/// A written setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its text, without quotes.
    pub text: String,
    /// Where it is written, or who says it.
    pub place: String,
    /// Whether `ALTER SYSTEM` is over it.
    pub by: By,
    /// What `ALTER SYSTEM` had set it to.
    pub by_statement: Option<String>,
}

/// By what a setting was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A file, or a statement.
    File,
    /// What the server is started with, which nothing else is over.
    CommandLine,
}

impl Server {
    /// What a parameter was before, in a major version.
    pub fn was(&self, parameter: &str, version: u16) -> Was {
        match self.settings.get(parameter) {
            Some(said) => Was::Set(said.clone()),
            None if !self.closed => Was::Unseen,
            None => match self.given.get(parameter).cloned().or_else(|| default(parameter, version)) {
                Some(text) => Was::Default(text),
                None => Was::Unseen,
            },
        }
    }

    /// Whether a setting is written already, and only waits for the server's next start.
    pub fn waits(&self, setting: &Setting, version: u16) -> bool {
        self.waiting(setting.parameter).is_some_and(|text| same(setting.parameter, version, text, &setting.value))
    }

    /// The value of a parameter that the server will have after its next start, where that is another one.
    pub fn waiting(&self, parameter: &str) -> Option<&str> {
        self.running.as_ref().and_then(|running| running.waiting(parameter))
    }

    /// Whether a setting is to be other than it was.
    pub fn changes(&self, setting: &Setting, version: u16) -> bool {
        if self.waits(setting, version) {
            return false;
        }
        match self.was(setting.parameter, version) {
            Was::Set(_) if setting.keeps => false,
            Was::Set(Said { text, .. }) | Was::Default(text) => {
                !same(setting.parameter, version, &text, &setting.value)
            }
            Was::Unseen => true,
        }
    }
}

/// Whether two texts are the same value of a parameter.
fn same(parameter: &str, version: u16, old: &str, new: &str) -> bool {
    let Some(parameter) = parameters().find(parameter, version) else { return false };
    let setting = |text: &str| check(parameter, text).ok().map(|value| value.setting());
    setting(old).is_some_and(|old| setting(new) == Some(old))
}

/// A parameter's default as people write it.
fn default(parameter: &str, version: u16) -> Option<String> {
    let parameter = parameters().find(parameter, version)?;
    // what is below zero means something of its own, and is no amount
    let quantity = check(parameter, &parameter.default).ok()?.quantity.filter(|_| !parameter.default.starts_with('-'));
    Some(quantity.and_then(|quantity| written(&value_of(quantity))).unwrap_or_else(|| parameter.default.clone()))
}

/// What files call the product.
///
/// # Errors
/// The recipe cannot be read.
pub fn product() -> Result<&'static str, TuneError> {
    Ok(&recipe().map_err(TuneError::Recipe)?.product)
}

/// The servers that files describe, in the order of the files.
///
/// # Errors
/// The recipe cannot be read.
pub fn servers(analysed: &Analysed) -> Result<Vec<Server>, TuneError> {
    let recipe = recipe().map_err(TuneError::Recipe)?;
    let sight = Sight { analysed };
    let mut found = Vec::new();
    for (index, resource) in analysed.model.resources.iter().enumerate() {
        let is_one = &*resource.kind == "server" && resource.product.as_deref() == Some(recipe.product.as_str());
        let format = analysed.files.get(resource.location.file as usize).and_then(|file| file.format);
        // statements are for a server that is described elsewhere
        if is_one && resource.profile.is_none() && !matches!(format, Some(Format::Sql | Format::Shell)) {
            found.push(sight.server(ResourceId(index as u32), resource)?);
        }
    }
    Ok(found)
}

/// What files say, as servers are looked for in it.
pub(super) struct Sight<'a> {
    pub(super) analysed: &'a Analysed,
}

impl Sight<'_> {
    fn server(&self, id: ResourceId, resource: &Resource) -> Result<Server, TuneError> {
        let recipe = recipe().map_err(TuneError::Recipe)?;
        let snapshot = self.snapshot(resource);
        let name = resource.identity.iter().map(|name| &**name).collect::<Vec<_>>().join("/");
        let file = self.analysed.files.get(resource.location.file as usize);
        let (mut settings, mut given) = (BTreeMap::new(), BTreeMap::new());
        for (attribute, found) in resource.defaults.iter().chain(&resource.attributes) {
            let Some((_, parameter)) = attribute.split_once('.') else { continue };
            if let Some(said) = self.said(found, parameter, snapshot.as_ref()) {
                settings.insert(parameter.into(), said);
            } else if let Effective::Known(value) = &found.effective {
                given.extend(written(value).map(|text| (parameter.into(), text)));
            }
        }
        let running = snapshot.as_ref().and_then(Running::read);
        given.extend(running.iter().flat_map(Running::defaults).map(|(name, text)| (name.into(), text.to_owned())));
        let workload = match resource.links.get("workload") {
            Some(Link::To(ids)) => ids.first().map(|&id| self.analysed.model.get(id)),
            _ => self.around(id),
        };
        let reserved = recipe.reserved.iter().map(|name| -> i64 {
            let attribute = resource.attributes.iter().find(|(attribute, _)| attribute.ends_with(&format!(".{name}")));
            match attribute.map(|(_, found)| &found.effective) {
                Some(Effective::Known(Value::Int(kept))) => *kept,
                _ => parameters().history(name).last().and_then(|row| row.default.parse().ok()).unwrap_or(0),
            }
        });
        let reserved = reserved.sum();
        Ok(Server {
            id,
            name: if name.is_empty() { file.map_or_else(String::new, |file| file.path.to_string()) } else { name },
            place: self.place(resource.location),
            version: self.version(resource),
            memory: workload
                .and_then(|workload| self.amount(workload, [("memory_limit", "limit"), ("memory_request", "request")])),
            cpus: workload
                .and_then(|workload| self.amount(workload, [("cpu_limit", "limit"), ("cpu_request", "request")])),
            clients: self.clients(resource, reserved)?,
            pools: pools(self, id, resource, reserved),
            users: self.users(id, resource),
            max_connections: self.amount(resource, [("max_connections", "max_connections"); 2]),
            running,
            is_own_file: matches!(file.and_then(|file| file.format), Some(Format::Line(_))),
            closed: resource.closed,
            settings,
            given,
        })
    }

    /// The roles that clients of the server log in as.
    fn users(&self, server: ResourceId, resource: &Resource) -> Vec<String> {
        let calls = |client: &&Resource| {
            &*client.kind == "client" && matches!(client.links.get("server"), Some(Link::To(ids)) if ids == &[server])
        };
        let mut users = Vec::new();
        for client in self.analysed.model.resources.iter().filter(calls) {
            let Some(Value::Text(user)) = client.value("user") else { continue };
            let is_superuser =
                resource.value("superuser").is_some_and(|superuser| *superuser == Value::Text(user.clone()));
            if !is_superuser
                && !user.is_empty()
                && !user.contains(char::is_control)
                && !users.contains(&user.to_string())
            {
                users.push(user.to_string());
            }
        }
        users
    }

    /// The workload that is tied to the server, where the server is not tied to it.
    fn around(&self, server: ResourceId) -> Option<&Resource> {
        let ties = |resource: &&Resource| {
            &*resource.kind == "workload"
                && matches!(resource.links.get("server"), Some(Link::To(ids)) if ids.contains(&server))
        };
        self.analysed.model.resources.iter().find(ties)
    }

    /// The file of what a running server said, if that is what describes it.
    fn snapshot(&self, resource: &Resource) -> Option<Json> {
        let file = self.analysed.files.get(resource.location.file as usize)?;
        let text = file.text.as_deref().filter(|_| file.format == Some(Format::Json))?;
        let whole: Json = serde_json::from_str(text).ok()?;
        whole.get("trueup-probe").is_some().then_some(whole)
    }

    fn version(&self, resource: &Resource) -> Option<Found> {
        let pin = resource.version.as_ref()?;
        let amount = pin.version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        let origin = match pin.location {
            Some(location) => format!("{}, {}", pin.source, self.place(location)),
            None => pin.source.to_string(),
        };
        Some(Found { amount, origin })
    }

    /// The first of the attributes that is known, a whole number of bytes or of CPUs.
    fn amount(&self, resource: &Resource, attributes: [(&str, &str); 2]) -> Option<Found> {
        attributes.into_iter().find_map(|(name, word)| {
            let attribute = resource.attribute(name)?;
            let amount = match &attribute.effective {
                Effective::Known(Value::Size(amount) | Value::Int(amount)) => *amount,
                Effective::Known(Value::Double(amount)) => (amount.floor() as i64).max(1),
                _ => return None,
            };
            let place = self.place(attribute.written.first()?.value);
            Some(Found { amount, origin: format!("{word}, {place}") })
        })
    }

    fn clients(&self, resource: &Resource, reserved: i64) -> Result<Option<Clients>, TuneError> {
        let peak = resource.attribute("client_connections_peak").or(resource.attribute("client_connections"));
        let Some(demand) = peak else { return Ok(None) };
        let text = |name: &str| match resource.value(name) {
            Some(Value::Text(text)) => Some(text.to_string()),
            _ => None,
        };
        let from = text("client_connections_peak_from").or_else(|| text("client_connections_from"));
        let from = from.unwrap_or_default();
        let kept = if reserved > 0 { format!(", and {reserved} kept back") } else { String::new() };
        let of = |clients: i64| -> Result<Found, TuneError> {
            Ok(Found { amount: connections_of(clients, reserved)?, origin: format!("{from}{kept}") })
        };
        Ok(match &demand.effective {
            Effective::Known(Value::Int(clients)) => Some(Clients::AtMost(of(*clients)?)),
            Effective::Between(_, Some(Value::Int(most))) => Some(Clients::AtMost(of(*most)?)),
            Effective::Between(Some(Value::Int(least)), None) if *least > 0 => Some(Clients::AtLeast(of(*least)?)),
            _ => None,
        })
    }

    fn said(&self, found: &Attribute, parameter: &str, snapshot: Option<&Json>) -> Option<Said> {
        let recipe = recipe().ok()?;
        let layers = &recipe.layers;
        let deciding = found.written.first()?;
        let is_in = |written: &Written, layer: &str| written.layer.as_deref() == Some(layer);
        let text = self.text(deciding).unwrap_or_default();
        if let Some(snapshot) = snapshot {
            let source = snapshot.pointer(&format!("/sources/{parameter}")).and_then(Json::as_str).unwrap_or("");
            let file = source.rsplit_once(':').map_or(source, |(file, _)| file);
            // from a file that is not seen it may be either: setting it again restores it in both cases
            let is_by_statement = file.ends_with(&recipe.sources.statements) || file == recipe.sources.unseen;
            let by_statement = is_by_statement.then(|| text.clone());
            let is_stronger = recipe.sources.stronger.iter().any(|stronger| stronger == file);
            let by = if is_stronger { By::CommandLine } else { By::File };
            return Some(Said { text, place: source.to_owned(), by, by_statement });
        }
        let statement = found.written.iter().find(|written| is_in(written, &layers.statements));
        Some(Said {
            text,
            place: self.place(deciding.value),
            by: if is_in(deciding, &layers.stronger) { By::CommandLine } else { By::File },
            by_statement: statement.and_then(|written| self.text(written)),
        })
    }

    /// A value as it is written, without quotes; `None` where it spans lines.
    fn text(&self, written: &Written) -> Option<String> {
        let text = self.analysed.files.get(written.value.file as usize)?.text.as_deref()?;
        let text = text.get(written.value.start as usize..written.value.end as usize)?.trim_matches(['\'', '"']);
        (!text.contains(char::is_control)).then(|| text.to_owned())
    }

    /// `compose.yml:12`.
    pub(super) fn place(&self, location: Location) -> String {
        let Some(file) = self.analysed.files.get(location.file as usize) else { return String::new() };
        let text = file.text.as_deref().unwrap_or_default();
        let (line, _) = LineIndex::new(text).position(text, location.start);
        format!("{}:{line}", file.path)
    }
}
