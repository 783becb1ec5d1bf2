//! The map for programs: the model as it is, with its version.

use serde::Serialize;

use super::model::{Map, Stack};

/// Raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    stacks: &'a [Stack],
    elsewhere: usize,
}

pub(super) fn render(map: &Map) -> String {
    let written = Written { version: VERSION, stacks: &map.stacks, elsewhere: map.elsewhere };
    serde_json::to_string_pretty(&written).expect("strings, numbers and lists always serialize") + "\n"
}
