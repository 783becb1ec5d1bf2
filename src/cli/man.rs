//! `trueup man`: the manual page, in roff.

use super::{Console, Ended, definition};
use crate::workspace::{Exit, Problem};

pub(super) fn run(console: &mut Console<'_>) -> Ended {
    let mut page = Vec::new();
    clap_mangen::Man::new(definition())
        .render(&mut page)
        .map_err(|error| vec![Problem::new("man", format!("cannot be rendered: {error}"))])?;
    console.print(&String::from_utf8_lossy(&page)).map_err(|problem| vec![problem])?;
    Ok(Exit::Clean)
}
