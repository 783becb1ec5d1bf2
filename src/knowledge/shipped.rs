//! The shipped knowledge: packed by `build.rs`, unpacked at start.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Entry, Generic, Head, Knowledge, Page, Pins, Table, Vocabulary};
use crate::model::Name;

/// What the build writes: everything small decoded at start, tables when first needed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Blob {
    /// `schema/vocabulary.toml`
    pub vocabulary: Vocabulary,
    /// `schema/dialects/generic.toml`
    pub generic: Generic,
    /// `schema/pins.toml`, with the rows of the other tables
    pub pins: Pins,
    /// Heads of the other tables, with their packed bodies.
    pub tables: Vec<(Head, Vec<u8>)>,
    /// `rules/**/*.md`
    pub pages: Vec<Page>,
    /// The parameters that some page reads.
    pub wanted: BTreeSet<Name>,
}

/// Packs knowledge into the blob that [`Knowledge::unpack`] reads; each page comes with the parameters that it reads.
pub fn pack(
    vocabulary: Vocabulary,
    generic: Generic,
    mut pins: Pins,
    tables: Vec<Table>,
    pages: Vec<(Page, BTreeSet<Name>)>,
) -> Vec<u8> {
    for table in &tables {
        pins.add(table.product(), &table.pin, &table.ships);
    }
    let tables = tables
        .into_iter()
        .map(|table| (Head::of(&table), postcard::to_allocvec(&table).expect("tables hold nothing postcard cannot")))
        .collect();
    let (pages, wanted): (Vec<Page>, Vec<BTreeSet<Name>>) = pages.into_iter().unzip();
    let wanted = wanted.into_iter().flatten().collect();
    postcard::to_allocvec(&Blob { vocabulary, generic, pins, tables, pages, wanted }).expect("as above")
}

impl Knowledge {
    /// Reads a blob written by [`pack`].
    ///
    /// # Errors
    /// The blob is of another build.
    pub fn unpack(bytes: &[u8]) -> Result<Knowledge, postcard::Error> {
        let blob: Blob = postcard::from_bytes(bytes)?;
        Ok(Knowledge {
            vocabulary: blob.vocabulary,
            generic: blob.generic,
            pins: blob.pins,
            tables: blob
                .tables
                .into_iter()
                .map(|(head, packed)| Entry { head, packed: packed.into(), body: Default::default() })
                .collect(),
            pages: blob.pages,
            wanted: blob.wanted,
            recognition: Default::default(),
        })
    }
}
