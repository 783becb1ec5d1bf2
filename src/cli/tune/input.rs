//! What a plan is made from: what is said, else what the files say, else what the settings or the host say.

use std::path::Path;

use super::chosen::Chosen;
use super::{Amount, StorageName, TuneArguments, WorkloadName};
use crate::model::Value;
use crate::quantity::postgres::{NEWEST, OLDEST};
use crate::tune::{Clients, Input, Running, Server, Sourced, Storage, Workload, size, usual_connections};
use crate::workspace::{Found, Problem, host_cpus, host_memory};

/// The least memory that a plan is made for: 512 MB.
const LEAST_MEMORY: i64 = 512 << 20;
/// The most: 16 TB.
const MOST_MEMORY: i64 = 16 << 40;
/// The most CPUs: `max_parallel_workers` takes no more.
const MOST_CPUS: i64 = 1024;
/// The most connections.
const MOST_CONNECTIONS: i64 = 100_000;

/// The input of a plan, and each part of it with who says so.
pub(super) fn input(
    arguments: &TuneArguments,
    chosen: Option<&Chosen>,
    running: Option<&Running>,
) -> Result<(Input, Vec<Sourced>), Problem> {
    let server = chosen.map(|chosen| &chosen.server);
    let version = version(arguments, server, running)?;
    let memory = memory(arguments, chosen)?;
    let cpus = cpus(arguments, chosen)?;
    let (storage, storage_origin) = storage(arguments, chosen);
    let workload = match arguments.workload.unwrap_or(WorkloadName::Mixed) {
        WorkloadName::Web => Workload::Web,
        WorkloadName::Oltp => Workload::Oltp,
        WorkloadName::Analytics => Workload::Analytics,
        WorkloadName::Mixed => Workload::Mixed,
    };
    let connections = connections(arguments, server, running, workload)?;
    let show = |name, value: String, origin: &str| Sourced { name, value, origin: origin.to_owned() };
    let mut inputs: Vec<Sourced> =
        server.map(|server| show("server", server.name.clone(), &server.place)).into_iter().collect();
    // the server that was asked, where another one is named above
    if let Some(running) = running.filter(|_| server.is_some_and(|server| server.running.is_none())) {
        inputs.push(show("asked", running.name.clone(), "for what it takes and shows"));
    }
    if server.is_some() {
        inputs.push(show("version", version.amount.to_string(), &version.origin));
    }
    let workload_origin = if arguments.workload.is_some() { "--workload" } else { NOBODY };
    inputs.extend([
        show("memory", size(memory.amount), &memory.origin),
        show("cpus", cpus.amount.to_string(), &cpus.origin),
        show("storage", storage.word().to_owned(), &storage_origin),
        show("workload", workload.word().to_owned(), workload_origin),
        show("connections", connections.amount.to_string(), &connections.origin),
    ]);
    let input = Input {
        memory: memory.amount,
        cpus: cpus.amount,
        storage,
        workload,
        connections: connections.amount,
        version: u16::try_from(version.amount).unwrap_or(NEWEST),
    };
    Ok((input, inputs))
}

const NOBODY: &str = "where nobody says";

fn said(amount: i64, option: &str) -> Found {
    Found { amount, origin: option.to_owned() }
}

fn version(arguments: &TuneArguments, server: Option<&Server>, running: Option<&Running>) -> Result<Found, Problem> {
    if let Some(running) = running {
        let said_otherwise = arguments.pg_version.filter(|version| *version != running.version);
        if let Some(other) = said_otherwise {
            let message = format!("{other} is not what {} runs: {}", running.name, running.version);
            return Err(Problem::new("--pg-version", message).advice("leave it out: the server is asked"));
        }
    }
    let in_files = match running {
        Some(running) => Some(said(running.version.into(), &format!("{} says so", running.name))),
        None => server.and_then(|server| server.version.clone()),
    };
    let version = arguments.pg_version.map(|version| said(version.into(), "--pg-version")).or(in_files);
    let version = version.ok_or_else(|| {
        let what = match server {
            Some(server) => format!("the files do not say which version {} ({}) is", server.name, server.place),
            None => "which settings there are depends on the version".to_owned(),
        };
        Problem::new("--pg-version", what).advice("say it: --pg-version 17; `SHOW server_version` tells")
    })?;
    if !(i64::from(OLDEST)..=i64::from(NEWEST)).contains(&version.amount) {
        let message = format!("{} ({}) is not known: {OLDEST} to {NEWEST} are", version.amount, version.origin);
        return Err(Problem::new("--pg-version", message));
    }
    Ok(version)
}

fn memory(arguments: &TuneArguments, chosen: Option<&Chosen>) -> Result<Found, Problem> {
    let fact = || match fact(chosen, "memory") {
        Some((Value::Size(bytes), origin)) => Some(Found { amount: bytes, origin }),
        _ => None,
    };
    let memory = match (arguments.memory, chosen) {
        (Some(Amount::Of(bytes)), _) => said(bytes, "--memory"),
        (Some(Amount::Host), _) | (None, None) => host_memory(Path::new("/"))?,
        (None, Some(Chosen { server, .. })) => server.memory.clone().or_else(fact).ok_or_else(|| {
            let message = match server.running {
                Some(_) => format!("{} ({}) does not say how much it may use", server.name, server.place),
                None => format!("the files do not say how much {} ({}) may use", server.name, server.place),
            };
            Problem::new("--memory", message).advice("say it: --memory 16GB, or --memory host for what this host has")
        })?,
    };
    if !(LEAST_MEMORY..=MOST_MEMORY).contains(&memory.amount) {
        let (amount, origin) = (size(memory.amount), &memory.origin);
        let message = format!("{amount} of memory ({origin}): plans are made for 512 MB to 16 TB");
        return Err(Problem::new("--memory", message));
    }
    Ok(memory)
}

fn cpus(arguments: &TuneArguments, chosen: Option<&Chosen>) -> Result<Found, Problem> {
    let fact = || match fact(chosen, "cpus") {
        Some((Value::Double(cpus), origin)) => Some(Found { amount: (cpus.floor() as i64).max(1), origin }),
        _ => None,
    };
    let cpus = match (arguments.cpus, chosen) {
        (Some(Amount::Of(cpus)), _) => said(cpus, "--cpus"),
        (Some(Amount::Host), _) | (None, None) => host_cpus()?,
        (None, Some(Chosen { server, .. })) => server.cpus.clone().or_else(fact).ok_or_else(|| {
            let message = match server.running {
                Some(_) => format!("{} ({}) does not say how many it may use", server.name, server.place),
                None => format!("the files do not say how many {} ({}) may use", server.name, server.place),
            };
            Problem::new("--cpus", message).advice("say it: --cpus 4, or --cpus host for those of this host")
        })?,
    };
    Ok(Found { amount: cpus.amount.clamp(1, MOST_CPUS), ..cpus })
}

fn storage(arguments: &TuneArguments, chosen: Option<&Chosen>) -> (Storage, String) {
    if let Some(name) = arguments.storage {
        let storage = match name {
            StorageName::Hdd => Storage::Hdd,
            StorageName::Ssd => Storage::Ssd,
            StorageName::Nvme => Storage::Nvme,
            StorageName::San => Storage::San,
        };
        return (storage, "--storage".into());
    }
    if let Some((Value::Text(word), origin)) = fact(chosen, "storage") {
        let all = [Storage::Hdd, Storage::Ssd, Storage::Nvme, Storage::San];
        if let Some(storage) = all.into_iter().find(|storage| storage.word() == &*word) {
            return (storage, origin);
        }
    }
    (Storage::Ssd, NOBODY.into())
}

fn connections(
    arguments: &TuneArguments,
    server: Option<&Server>,
    running: Option<&Running>,
    workload: Workload,
) -> Result<Found, Problem> {
    if let Some(connections) = arguments.connections {
        return Ok(said(connections, "--connections"));
    }
    let written = server.and_then(|server| server.max_connections.clone());
    let usual = || -> Result<Found, Problem> {
        let amount = usual_connections(workload).map_err(|error| Problem::new("tune", error.to_string()))?;
        Ok(Found { amount, origin: format!("{NOBODY}, for {}", workload.word()) })
    };
    let without = || written.map_or_else(usual, Ok);
    let found = match server.and_then(|server| server.clients.clone()) {
        Some(Clients::AtMost(clients)) => clients,
        Some(Clients::AtLeast(clients)) => {
            let other = without()?;
            if clients.amount >= other.amount {
                clients
            } else {
                Found {
                    origin: format!("{}; of clients {} are seen: {}", other.origin, clients.amount, clients.origin),
                    ..other
                }
            }
        }
        None => without()?,
    };
    // no fewer than are open now
    let open = running.and_then(|running| running.figure("connections")).filter(|open| *open > found.amount);
    let found = open.map_or(found, |open| said(open, "open now"));
    Ok(Found { amount: found.amount.clamp(1, MOST_CONNECTIONS), ..found })
}

/// Says that the connections are those of pools that are made smaller.
pub(super) fn connect(inputs: &mut [Sourced], connections: i64) {
    for input in inputs.iter_mut().filter(|input| input.name == "connections") {
        (input.value, input.origin) = (connections.to_string(), format!("smaller pools in place of {}", input.origin));
    }
}

/// What the settings file says of the machine, and where.
fn fact(chosen: Option<&Chosen>, name: &str) -> Option<(Value, String)> {
    let settings = &chosen?.part()?.settings;
    let (fact, place) = settings.facts.values.get(name)?;
    Some((fact.value(name)?, format!("{}:{}", settings.path, place.line)))
}
