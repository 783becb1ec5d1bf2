//! What is shown of a resource: attributes of the vocabulary, each with the short word the picture has room for.

use super::model::{Figure, Spot};
use crate::model::{Attribute, Declaration, Effective, Origin, Resource, Value};
use crate::report::{Redacted, Redactor};

pub(super) const CLIENT: &[(&str, &str)] = &[
    ("connect_timeout", "connect"),
    ("timeout", "timeout"),
    ("target_timeout", "timeout"),
    ("read_timeout", "read"),
    ("statement_timeout", "statement"),
    ("lock_timeout", "lock"),
];
pub(super) const POOL: &[(&str, &str)] =
    &[("max_size", "pool"), ("overflow", "overflow"), ("acquire_timeout", "checkout"), ("max_lifetime", "lifetime")];
pub(super) const RETRY: &[(&str, &str)] = &[("requests_per_call", "requests per call"), ("budget", "retry budget")];
pub(super) const BREAKER: &[(&str, &str)] = &[("failure_threshold", "breaker opens at")];
pub(super) const POOLED: &[(&str, &str)] = &[("max_size", "pool"), ("reserve_size", "reserve"), ("max_total", "most")];
pub(super) const POOLER_CALL: &[(&str, &str)] =
    &[("pool_size", "pool"), ("reserve_size", "reserve"), ("max_database_connections", "most")];
pub(super) const WORKLOAD: &[(&str, &str)] =
    &[("replicas", "replicas"), ("replicas_max", "up to"), ("processes", "processes"), ("threads", "threads")];
pub(super) const POOLER: &[(&str, &str)] =
    &[("mode", "mode"), ("max_clients", "max clients"), ("client_connections", "asked")];
pub(super) const SERVER: &[(&str, &str)] =
    &[("max_connections", "max connections"), ("client_connections", "asked"), ("client_connections_peak", "at peak")];
pub(super) const ROUTE: &[(&str, &str)] = &[
    ("connect_timeout", "connect"),
    ("read_timeout", "read"),
    ("requests_per_call", "requests per call"),
    ("queue_timeout", "queue"),
];

/// The figures of `resource` that something is known of, or that are written and cannot be told.
pub(super) fn of(
    resource: &Resource,
    wanted: &[(&'static str, &'static str)],
    spot: &mut dyn FnMut(crate::model::Location) -> Option<Spot>,
    redact: Redactor<'_>,
) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    for &(name, what) in wanted {
        let Some(attribute) = resource.attribute(name) else { continue };
        let Some(value) = shown(attribute) else { continue };
        // a peak that is no higher says nothing more
        if what == "at peak" && figures.last().is_some_and(|last| last.what == "asked" && last.value.as_str() == value)
        {
            continue;
        }
        let written = attribute.written.first();
        let note = match (&attribute.effective, &attribute.origin) {
            (Effective::Unknown(why), _) => Some(why.sentence().to_owned()),
            (_, Origin::Default { source }) => Some(format!("default: {source}")),
            (_, Origin::Derived) => match resource.value(&format!("{name}_from")) {
                Some(Value::Text(text)) => Some(text.to_string()),
                _ => None,
            },
            _ => None,
        };
        figures.push(Figure {
            what,
            value: Redacted::words(&value, redact),
            origin: match &attribute.effective {
                Effective::Unknown(_) => "unknown",
                _ => origin(&attribute.origin),
            },
            place: written.filter(|_| attribute.origin != Origin::Derived).and_then(|written| spot(written.value)),
            note: note.map(|note| Redacted::words(&note, redact)),
        });
    }
    figures
}

/// A figure that decides, and of which nothing is known.
pub(super) fn unknown(what: &'static str, why: &str) -> Figure {
    let note = Some(Redacted::words(why, &str::to_owned));
    Figure { what, value: Redacted::words("?", &str::to_owned), origin: "unknown", place: None, note }
}

fn origin(origin: &Origin) -> &'static str {
    match origin {
        Origin::Set => "written",
        Origin::Default { .. } => "default",
        Origin::Fact => "fact",
        Origin::Interpolated => "interpolated",
        Origin::Derived => "derived",
        Origin::Absent => "absent",
    }
}

/// A value in a few letters; `None` where there is nothing to say.
fn shown(attribute: &Attribute) -> Option<String> {
    let end = |end: &Option<Value>| end.as_ref().map(ToString::to_string);
    Some(match &attribute.effective {
        Effective::Known(value) => value.to_string(),
        Effective::Between(low, high) => match (end(low), end(high)) {
            (Some(low), Some(high)) => format!("{low} to {high}"),
            (Some(low), None) => format!("{low} or more"),
            (None, Some(high)) => format!("up to {high}"),
            (None, None) => "?".into(),
        },
        Effective::Unknown(_) if attribute.declared == Declaration::Set => "?".into(),
        Effective::Unknown(_) => return None,
    })
}
