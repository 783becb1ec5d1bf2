//! The server that is tuned, among those that the files describe.

use std::path::PathBuf;

use super::super::Console;
use super::TuneArguments;
use crate::fix::{Beside, Patched};
use crate::model::Name;
use crate::tune::{Server, TuneError, product, servers};
use crate::workspace::{BaselineSource, Engine, Gathered, Gathering, Overrides, Problem, Request, gather, nearest};

/// A server of the files that were read.
pub(super) struct Chosen {
    /// What was read.
    pub(super) gathering: Gathering,
    /// What is said of the server.
    pub(super) server: Server,
    /// In which part of what was read.
    pub(super) part: usize,
}

impl Chosen {
    /// The files that it is among.
    pub(super) fn part(&self) -> Option<&Gathered> {
        self.gathering.parts.get(self.part)
    }

    /// These files with other settings of the server, and with what goes with them.
    pub(super) fn patched(&self, engine: &dyn Engine, settings: &[(Name, String)], beside: &[Beside]) -> Patched {
        self.gathering.patched(engine, self.part, self.server.id, settings, beside).unwrap_or_default()
    }
}

/// Reads what the arguments name and finds the server; `None` where nothing is to be read.
///
/// # Errors
/// There is none, or it is not clear which of several is meant.
pub(super) fn chosen(
    engine: &dyn Engine,
    arguments: &TuneArguments,
    console: &Console<'_>,
) -> Result<Option<Chosen>, Vec<Problem>> {
    if arguments.paths.is_empty() && arguments.pg_version.is_some() && arguments.server.is_none() && !arguments.fix {
        return Ok(None);
    }
    let here = [PathBuf::from(".")];
    let targets = if arguments.paths.is_empty() { &here[..] } else { &arguments.paths };
    let request = reading(arguments, console, targets.to_vec(), Vec::new());
    // all that is read then speaks of this version
    let versions: Vec<(String, String)> = match arguments.pg_version {
        Some(version) => vec![(product().map_err(trouble)?.to_owned(), version.to_string())],
        None => Vec::new(),
    };
    let gathering = gather(engine, &request, &versions)?;
    let all = among(engine, &gathering)?;
    let shown = targets.iter().map(|target| target.display().to_string()).collect::<Vec<_>>().join(", ");
    if all.is_empty() {
        let mut problems = vec![
            Problem::new(shown, "describes no PostgreSQL server")
                .advice("name the files that do, or compute settings for a machine: --pg-version 17"),
        ];
        problems.extend(gathering.problems);
        return Err(problems);
    }
    let (part, server) = pick(all, arguments.server.as_deref()).map_err(|problem| vec![problem])?;
    Ok(Some(Chosen { gathering, server, part }))
}

/// A run that reads `targets` and `texts` into resources, and nothing else.
pub(super) fn reading(
    arguments: &TuneArguments,
    console: &Console<'_>,
    targets: Vec<PathBuf>,
    texts: Vec<(PathBuf, Vec<u8>)>,
) -> Request {
    Request {
        cwd: console.cwd.clone(),
        targets,
        texts,
        settings: arguments.scope.source(),
        overrides: Overrides::default(),
        baseline: BaselineSource::Nowhere,
        changed: None,
        fixing: None,
        repairs: false,
        resources: true,
    }
}

/// The servers that are described, each with the part of what was read.
pub(super) fn among(engine: &dyn Engine, gathering: &Gathering) -> Result<Vec<(usize, Server)>, Vec<Problem>> {
    let mut all: Vec<(usize, Server)> = Vec::new();
    for part in 0..gathering.parts.len() {
        let Some(analysed) = gathering.resources(engine, part) else { continue };
        all.extend(servers(&analysed).map_err(trouble)?.into_iter().map(|server| (part, server)));
    }
    Ok(all)
}

fn trouble(error: TuneError) -> Vec<Problem> {
    vec![Problem::new("tune", error.to_string())]
}

/// The one that is meant.
fn pick(mut all: Vec<(usize, Server)>, wanted: Option<&str>) -> Result<(usize, Server), Problem> {
    let listed = |servers: &[(usize, Server)]| {
        let one = |(_, server): &(usize, Server)| match server.place.starts_with(&server.name) {
            true => server.place.clone(),
            false => format!("{} ({})", server.name, server.place),
        };
        servers.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let Some(wanted) = wanted else {
        if all.len() == 1 {
            return Ok(all.remove(0));
        }
        let message = format!("several servers are described: {}", listed(&all));
        return Err(Problem::new("--server", message).advice("say which, by its name or its place"));
    };
    let known = listed(&all);
    let is_meant = |server: &Server| {
        let file = server.place.rsplit_once(':').map_or(&*server.place, |(file, _)| file);
        server.name == wanted || server.place == wanted || file == wanted
    };
    let near = nearest(wanted, all.iter().map(|(_, server)| server.name.as_str())).map(str::to_owned);
    let mut meant: Vec<(usize, Server)> = all.into_iter().filter(|(_, server)| is_meant(server)).collect();
    match meant.len() {
        1 => Ok(meant.remove(0)),
        0 => Err(Problem::new("--server", format!("no server is called `{wanted}`: {known}")).meant(near.as_deref())),
        _ => {
            let message = format!("several servers are called `{wanted}`: {}", listed(&meant));
            Err(Problem::new("--server", message).advice("say which, by its place"))
        }
    }
}
