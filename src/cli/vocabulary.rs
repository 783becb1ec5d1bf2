//! `trueup vocabulary`: the attributes rules may name.

use super::{Console, Ended};
use crate::workspace::{Engine, Exit};

pub(super) fn run(engine: &dyn Engine, console: &mut Console<'_>) -> Ended {
    console.print(&engine.vocabulary()).map_err(|problem| vec![problem])?;
    Ok(Exit::Clean)
}
