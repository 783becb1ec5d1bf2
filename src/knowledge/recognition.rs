//! Which tables may know a document, by its format: one index for all tables, so that a document is held only against
//! the signs of its own kind.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::Entry;
use super::table::{FormatName, Recognise};

/// The signs of all tables.
#[derive(Debug, Default)]
pub struct Recognition {
    by_format: HashMap<FormatName, Vec<Sign>, RandomState>,
}

/// One way to know a document: the table, and which of its ways.
#[derive(Debug, Clone, Copy)]
struct Sign {
    table: usize,
    how: usize,
}

impl Recognition {
    /// The index of these tables.
    pub fn of(tables: &[Entry]) -> Recognition {
        let mut by_format: HashMap<FormatName, Vec<Sign>, RandomState> = HashMap::default();
        for (table, entry) in tables.iter().enumerate() {
            for (how, recognise) in entry.head.recognise.iter().enumerate() {
                for format in &recognise.formats {
                    by_format.entry(*format).or_default().push(Sign { table, how });
                }
            }
        }
        Recognition { by_format }
    }

    /// The ways to know a document of a format, in the order of the tables they were made of, each with its table.
    pub fn ways<'k>(
        &self,
        tables: &'k [Entry],
        format: FormatName,
    ) -> impl Iterator<Item = (&'k Entry, &'k Recognise)> {
        let signs = self.by_format.get(&format).into_iter().flatten();
        signs.filter_map(|sign| {
            let entry = tables.get(sign.table)?;
            Some((entry, entry.head.recognise.get(sign.how)?))
        })
    }
}
