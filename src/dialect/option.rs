//! One more option of a data source name, wherever it stands.
//!
//! ```text
//! postgresql://db/shop                →  postgresql://db/shop?connect_timeout=5
//! jdbc:postgresql://db/shop?ssl=true  →  jdbc:postgresql://db/shop?ssl=true&connectTimeout=5
//! host=db dbname=shop                 →  host=db dbname=shop connect_timeout=5
//! Host=db;Database=shop;              →  Host=db;Database=shop;Timeout=5
//! ```

use super::change::{Change, Refusal, host, inside, is_word};
use super::write;
use crate::knowledge::{FormatName, Knowledge, Table, Version};
use crate::model::{Resource, Site, Value};
use crate::syntax::dsn::{self, DsnKind};
use crate::syntax::edit::Edit;
use crate::syntax::{Document, Span};

/// Whether the table reads data source names.
pub(super) fn reads(table: &Table) -> bool {
    table.recognise.iter().any(|recognise| recognise.formats.contains(&FormatName::Dsn))
}

/// The edit that says `attribute` at the end of the data source name that stands at `site`.
///
/// # Errors
/// Where its end is not known, or the driver has no such option.
pub(super) fn insert(
    knowledge: &Knowledge,
    table: &Table,
    document: &Document,
    resource: &Resource,
    site: &Site,
    (attribute, value): (&str, &Value),
) -> Result<Change, Refusal> {
    let place = Span { start: site.entry.start, end: site.entry.end };
    let (host, whole) = host(document, place).ok_or(Refusal::Embedded)?;
    let start = inside(&whole, place.start).ok_or(Refusal::Embedded)?;
    let text = whole.text.get(start..start + place.len()).ok_or(Refusal::Embedded)?.trim_end();
    // a variable at the end may bring options of its own
    if text.contains('#') || text.ends_with(['}', ')', '%', '>', '$']) {
        return Err(Refusal::Interpolated);
    }
    let kind = dsn::recognise(text).ok_or(Refusal::Embedded)?;
    let version = resource.version.as_ref().and_then(|pin| Version::parse(&pin.version));
    let block = site.block.and_then(|block| table.resource.get(usize::from(block))).ok_or(Refusal::NoKey)?;
    let mut refusal = Refusal::NoKey;
    for row in write::rows(&block.key, attribute, version.as_ref()) {
        let keys = std::iter::once(&row.key).chain(&row.also).map(ToString::to_string);
        let key = match kind {
            DsnKind::Uri | DsnKind::Jdbc => {
                keys.into_iter().find_map(|key| Some(key.strip_prefix("options.")?.to_owned()))
            }
            DsnKind::KeyValue | DsnKind::Ado => keys.into_iter().find(|key| !key.starts_with("options.")),
        };
        let Some(key) = key.filter(|key| key.split(' ').all(is_word)) else { continue };
        match write::row_text(knowledge, table, &block.kind, row, version.as_ref(), value, None) {
            Some(said) if is_word(&said) => {
                let before = before(text, kind).ok_or(Refusal::NoPlace)?;
                let range = Span::at(start + text.len());
                let edit = Edit::Within { node: host, range, text: format!("{before}{key}={said}") };
                return Ok(Change { edits: vec![edit], key: key.into(), shared: false, assumed: false });
            }
            _ => refusal = Refusal::Value,
        }
    }
    Err(refusal)
}

/// What stands between a data source name and one more option; `None` where it has options of another form.
fn before(text: &str, kind: DsnKind) -> Option<&'static str> {
    Some(match kind {
        DsnKind::KeyValue => " ",
        DsnKind::Ado if text.ends_with(';') => "",
        DsnKind::Ado => ";",
        _ if text.contains(';') => return None,
        _ if text.ends_with(['?', '&']) => "",
        _ if text.contains('?') => "&",
        _ => "?",
    })
}

#[cfg(test)]
mod tests {
    use super::before;
    use crate::syntax::dsn::recognise;

    #[test]
    fn options_are_separated_as_the_form_has_it() {
        for (text, between) in [
            ("postgresql://db/shop", Some("?")),
            ("postgresql://db/shop?a=1", Some("&")),
            ("postgresql://db/shop?", Some("")),
            ("jdbc:sqlserver://db;encrypt=true", None),
            ("host=db dbname=shop", Some(" ")),
            ("Host=db;Database=shop;Username=app", Some(";")),
            ("Host=db;Database=shop;", Some("")),
        ] {
            assert_eq!(before(text, recognise(text).expect("a data source name")), between, "{text}");
        }
    }
}
