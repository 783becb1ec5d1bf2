//! The running server that is tuned, asked now: what it says is a file like any other.

use std::time::Duration;

use super::super::Console;
use super::TuneArguments;
use super::chosen::{Chosen, among, reading};
use crate::probe::{Target, snapshot};
use crate::workspace::{Engine, Found, Problem, gather};

/// What the server of `--dsn` says; `None` where there is none.
///
/// # Errors
/// It cannot be asked.
pub(super) fn asked(
    engine: &dyn Engine,
    arguments: &TuneArguments,
    console: &mut Console<'_>,
) -> Result<Option<Chosen>, Vec<Problem>> {
    let Some(dsn) = &arguments.dsn else { return Ok(None) };
    let target = Target::parse(dsn, &|name| std::env::var(name).ok());
    let target = target.map_err(|why| vec![Problem::new("--dsn", why)])?;
    let said = snapshot(&target, Duration::from_secs(arguments.timeout));
    let said = said.map_err(|why| vec![Problem::new(target.name.clone(), why)])?;
    let notes: Vec<Problem> = said.unseen.iter().map(|note| Problem::new(said.name.clone(), note.clone())).collect();
    console.notes(engine, &notes);
    let text = (said.file_name().into(), said.text().into_bytes());
    let request = reading(arguments, console, Vec::new(), vec![text]);
    let gathering = gather(engine, &request, &[])?;
    let mut all = among(engine, &gathering)?;
    if all.len() != 1 {
        return Err(vec![Problem::new(said.name, "what the server said is not understood")]);
    }
    let (part, mut server) = all.remove(0);
    // what it said stands in no file that anybody could look into
    server.place = "asked just now".to_owned();
    server.max_connections = server.max_connections.map(|found| Found { origin: "what it takes now".into(), ..found });
    Ok(Some(Chosen { gathering, server, part }))
}
