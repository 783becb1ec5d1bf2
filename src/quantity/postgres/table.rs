//! All parameters by name and version, from `schema/postgres/parameters.tsv` (written by `scripts/postgres-parameters`).

use std::fmt;
use std::sync::OnceLock;

use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{Deserialize, IntoDeserializer};

use super::super::Unit;
use super::parameter::{Came, Context, EnumValue, Kind, Parameter};

/// The oldest major version the table knows.
pub const OLDEST: u16 = 13;
/// The newest major version the table knows.
pub const NEWEST: u16 = 18;

/// Every parameter, sorted by name without case, then by version.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    rows: Vec<Parameter>,
}

/// A row of the table that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableError {
    /// Its line, from 1.
    pub line: usize,
    /// The column that is wrong.
    pub column: &'static str,
}

impl std::error::Error for TableError {}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: column '{}' is missing or not readable", self.line, self.column)
    }
}

/// The shipped table.
pub fn parameters() -> &'static Parameters {
    static SHIPPED: OnceLock<Parameters> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        Parameters::parse(include_str!("../../../schema/postgres/parameters.tsv"))
            .expect("a test reads the shipped table")
    })
}

/// The new name of a parameter that the server still accepts under its old one.
pub fn renamed(name: &str, version: u16) -> Option<&'static str> {
    const RENAMED: [(&str, &str, u16); 3] =
        [("sort_mem", "work_mem", 0), ("vacuum_mem", "maintenance_work_mem", 0), ("ssl_ecdh_curve", "ssl_groups", 18)];
    let found = RENAMED.iter().find(|(old, _, since)| old.eq_ignore_ascii_case(name) && version >= *since);
    found.map(|(_, new, _)| *new)
}

impl Parameters {
    /// Reads the table: tab-separated, one header line, `#` comments before it.
    pub fn parse(text: &str) -> Result<Parameters, TableError> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
        let mut rows = lines.skip(1).map(|(at, line)| row(line, at + 1)).collect::<Result<Vec<_>, _>>()?;
        rows.sort_by_cached_key(|row| (row.name.to_ascii_lowercase(), row.first));
        Ok(Parameters { rows })
    }

    /// The parameter of this name, compared without case, in a major version. Versions after [`NEWEST`] read as [`NEWEST`].
    pub fn find(&self, name: &str, version: u16) -> Option<&Parameter> {
        let version = version.min(NEWEST);
        self.history(name).iter().find(|row| row.versions().contains(&version))
    }

    /// All rows of this name, oldest first; empty when no version has it.
    pub fn history(&self, name: &str) -> &[Parameter] {
        let order = |row: &Parameter| {
            let lower = |byte: u8| byte.to_ascii_lowercase();
            row.name.bytes().map(lower).cmp(name.bytes().map(lower))
        };
        let start = self.rows.partition_point(|row| order(row).is_lt());
        let rest = &self.rows[start..]; // a partition point is at most the length
        &rest[..rest.partition_point(|row| order(row).is_eq())]
    }

    /// All rows.
    pub fn iter(&self) -> impl Iterator<Item = &Parameter> {
        self.rows.iter()
    }
}

/// One row: name, kind, unit, min, max, values, context, first, last, default, came.
fn row(line: &str, number: usize) -> Result<Parameter, TableError> {
    let bad = |column: &'static str| TableError { line: number, column };
    let mut cells = line.split('\t');
    let mut cell = |column: &'static str| cells.next().ok_or_else(|| bad(column));

    let name = cell("name")?.to_owned();
    let kind = cell("kind")?;
    let unit = cell("unit")?;
    let (min, max) = (cell("min")?, cell("max")?);
    let values = cell("values")?;
    let context = word::<Context>(cell("context")?).ok_or_else(|| bad("context"))?;
    let first = cell("first")?.parse().map_err(|_| bad("first"))?;
    let last = cell("last")?.parse().map_err(|_| bad("last"))?;
    let default = cell("default")?.to_owned();
    let came = cell("came")?.split_whitespace().map(came).collect::<Option<_>>().ok_or_else(|| bad("came"))?;

    let int = |text: &str, column| text.parse::<i64>().map_err(|_| bad(column));
    let real = |text: &str, open: f64, column| match text {
        "" => Ok(open),
        _ => text.parse::<f64>().map_err(|_| bad(column)),
    };
    let kind = match kind {
        "bool" => Kind::Bool,
        "integer" => Kind::Int { min: int(min, "min")?, max: int(max, "max")? },
        "real" => Kind::Real { min: real(min, f64::MIN, "min")?, max: real(max, f64::MAX, "max")? },
        "enum" if values.is_empty() => Kind::Enum(Vec::new()),
        "enum" => Kind::Enum(values.split('|').map(enum_value).collect()),
        "string" => Kind::String,
        _ => return Err(bad("kind")),
    };
    let unit = match unit {
        "" => None,
        _ => Some(word::<Unit>(unit).ok_or_else(|| bad("unit"))?),
    };
    Ok(Parameter { name, kind, unit, context, first, last, default, came })
}

/// `off`, `on=pglz` (shown as `pglz`), `+true=pglz` (accepted without being listed), `lz4?` (in some builds).
fn enum_value(text: &str) -> EnumValue {
    let (text, listed) = text.strip_prefix('+').map_or((text, true), |text| (text, false));
    let (text, needs_build) = text.strip_suffix('?').map_or((text, false), |text| (text, true));
    let (word, shown) = text.split_once('=').unwrap_or((text, text));
    EnumValue { word: word.to_owned(), shown: shown.to_owned(), listed, needs_build }
}

/// `16.11-16.12`: the newest minor without it, the oldest with it.
fn came(text: &str) -> Option<Came> {
    let (without, with) = text.split_once('-')?;
    let (major, without) = without.split_once('.')?;
    let (same, with) = with.split_once('.')?;
    (major == same).then_some(())?;
    Some(Came { major: major.parse().ok()?, without: without.parse().ok()?, with: with.parse().ok()? })
}

/// A word as serde names it.
fn word<'de, T: Deserialize<'de>>(text: &'de str) -> Option<T> {
    let deserializer: StrDeserializer<'de, WordError> = text.into_deserializer();
    T::deserialize(deserializer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_complete() {
        let count = |version| parameters().iter().filter(|row| row.versions().contains(&version)).count();
        let counts: Vec<usize> = (OLDEST..=NEWEST).map(count).collect();
        assert_eq!(counts, [331, 346, 353, 362, 378, 398]);
    }

    #[test]
    fn versions_differ() {
        let default = |name: &str, version| parameters().find(name, version).map(|row| row.default.as_str());
        assert_eq!(default("hash_mem_multiplier", 14), Some("1"));
        assert_eq!(default("HASH_MEM_multiplier", 15), Some("2"));
        assert_eq!(default("transaction_timeout", 16), None);
        assert_eq!(default("transaction_timeout", 17), Some("0"));
        assert_eq!(default("transaction_timeout", 19), Some("0"));
        assert_eq!(default("old_snapshot_threshold", 17), None);
        assert_eq!(renamed("Sort_Mem", 15), Some("work_mem"));
        assert_eq!(renamed("ssl_ecdh_curve", 17), None);
    }

    #[test]
    fn some_came_with_a_minor() {
        let came = |name: &str, major| {
            let row = parameters().find(name, major).expect("the newest minor has it");
            row.came(major).map(|came| (came.without, came.with))
        };
        assert_eq!(
            [13, 14, 15].map(|major| came("allow_in_place_tablespaces", major)),
            [Some((6, 10)), Some((3, 5)), None]
        );
        assert_eq!(
            [16, 17, 18].map(|major| came("file_extend_method", major)),
            [Some((11, 12)), Some((7, 8)), Some((1, 2))]
        );
        let restrict = [13, 14, 15, 16, 17].map(|major| came("restrict_nonsystem_relation_kind", major));
        assert_eq!(restrict, [Some((13, 16)), Some((11, 15)), Some((6, 8)), Some((2, 4)), None]);
        let others = parameters().iter().filter(|row| !row.came.is_empty());
        assert_eq!(others.count(), 3);
    }

    #[test]
    fn every_default_is_a_value_its_server_accepts() {
        // facts about the running server, not settings: their built-in value is a placeholder
        for row in parameters().iter().filter(|row| row.context != Context::Internal) {
            let checked = super::super::check(row, &row.default);
            assert!(checked.is_ok(), "{} {}: {:?}", row.name, row.first, checked);
        }
    }

    #[test]
    fn a_broken_row_is_named() {
        let error =
            Parameters::parse("name\tkind\nx\tinteger\t\tone\t2\t\tuser\t13\t18\t1\t\n").expect_err("no number");
        assert_eq!(error, TableError { line: 2, column: "min" });
    }
}
