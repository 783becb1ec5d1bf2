//! `trueup dialects`: the products whose configuration is read.

use std::fmt::Write as _;

use super::{Console, Ended};
use crate::workspace::{DialectInfo, Engine, Exit};

pub(super) fn run(engine: &dyn Engine, console: &mut Console<'_>) -> Ended {
    console.print(&table(&engine.dialects())).map_err(|problem| vec![problem])?;
    Ok(Exit::Clean)
}

fn table(dialects: &[DialectInfo]) -> String {
    let width = dialects.iter().map(|dialect| dialect.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for DialectInfo { id, title, keys, hooks } in dialects {
        let _ = write!(text, "{id:<width$}  {keys:>5} keys  {title}"); // a string takes any write
        if !hooks.is_empty() {
            let _ = write!(text, " (hooks: {})", hooks.join(", "));
        }
        text.push('\n');
    }
    text
}
