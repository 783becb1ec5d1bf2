//! Secrets: which spans of a text must never be printed, and the text without them.
//!
//! A parsed document is [marked](mark) by its keys and, like a text that nobody parsed, by what lexically looks secret:
//! assignments to secret keys, passwords in addresses, bearer tokens, PEM blocks, tokens of well-known shape. Plain
//! references to variables (`${DB_PASSWORD}`) stay readable, and so do `true`, `false` and `null`.
//!
//! ```
//! use trueup::syntax::secret::redact_text;
//!
//! assert_eq!(redact_text("url: amqp://app:hunter2@mq/v # ok"), "url: amqp://app:***@mq/v # ok");
//! assert_eq!(redact_text("DB_PASSWORD=hunter2"), "DB_PASSWORD=***");
//! ```

mod key;
mod scan;

pub use key::is_secret_key;

use super::{Document, NodeId, NodeKind, Span};

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Adds all secrets of `document` to its `secrets`, which are then sorted and merged.
pub fn mark(document: &mut Document) {
    document.secrets = find(document);
}

/// The secrets of `document`, those it has already included: sorted and merged.
pub fn find(document: &Document) -> Vec<Span> {
    let mut found = document.secrets.clone();
    found.extend(scan::scan(&document.text));
    for index in 0..document.nodes.len() {
        let id = NodeId(index as u32);
        let node = document.node(id);
        if node.kind == NodeKind::Map {
            pair_values(document, id, &mut found);
        } else if node.kind == NodeKind::Scalar && is_keyed_secret(document, id) && !is_reference(document.scalar(id)) {
            found.push(node.content);
        }
    }
    found.retain(|span| !span.is_empty());
    merged(found)
}

/// Whether any of the scalar `id` is a secret: what [`find`] says of it, told from what stands around it alone.
pub fn hides(document: &Document, id: NodeId) -> bool {
    let node = document.node(id);
    if is_keyed_secret(document, id) && !is_reference(document.scalar(id)) {
        return true;
    }
    let mut found = document.secrets.clone();
    let around = |id: NodeId| document.node(id).parent.filter(|&map| document.node(map).kind == NodeKind::Map);
    let map = around(id);
    if let Some(map) = map.filter(|_| matches!(document.key(id), Some("value" | "Value"))) {
        pair_values(document, map, &mut found);
    }
    if let Some(outer) = map.filter(|&map| matches!(document.key(map), Some("data" | "stringData"))).and_then(around) {
        pair_values(document, outer, &mut found);
    }
    let text = &document.text;
    let line_end = |at: usize| text[at..].find(['\n', '\r']).map_or(text.len(), |length| at + length);
    let start = text[..node.entry.start as usize].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line = Span::new(start, line_end(node.entry.end.max(node.content.end) as usize));
    let scanned = scan::scan(line.slice(text)).into_iter();
    found.extend(scanned.map(|span| Span { start: span.start + line.start, end: span.end + line.start }));
    found.iter().any(|span| span.start < node.content.end && node.content.start < span.end)
}

/// Whether the scalar stands under a secret key, itself or as an item of a list.
fn is_keyed_secret(document: &Document, id: NodeId) -> bool {
    let node = document.node(id);
    let list = || node.parent.filter(|&parent| document.node(parent).kind == NodeKind::Seq);
    let key = document.key(id).or_else(|| list().and_then(|list| document.key(list)));
    key.is_some_and(is_secret_key)
}

/// Marks the values of maps that name their key (`name: DB_PASSWORD`, `value: …`), and the data of `kind: Secret`.
fn pair_values(document: &Document, map: NodeId, found: &mut Vec<Span>) {
    let (mut named, mut value, mut kind, mut data) = (false, None, false, Vec::new());
    for child in document.children(map) {
        let is = |text: &str| document.scalar(child) == text;
        match document.key(child) {
            Some("name" | "Name" | "key" | "option") => named |= is_secret_key(document.scalar(child)),
            Some("value" | "Value") => value = Some(child),
            Some("kind") => kind |= is("Secret"),
            Some("data" | "stringData") => data.push(child),
            _ => {}
        }
    }
    let values = value.filter(|_| named).into_iter();
    let data = data.into_iter().filter(|_| kind).flat_map(|map| document.children(map));
    for id in values.chain(data) {
        if document.node(id).kind == NodeKind::Scalar && !is_reference(document.scalar(id)) {
            found.push(document.node(id).content);
        }
    }
}

/// Sorts spans and joins those that touch or overlap.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.start <= last.end => *last = last.cover(span),
            _ => out.push(span),
        }
    }
    out
}

/// The part `window` of `text`, with each of `secrets` (sorted, merged) replaced by [`MASK`].
pub fn redact(text: &str, secrets: &[Span], window: Span) -> String {
    let mut out = String::with_capacity(window.len());
    let mut at = window.start;
    let first = secrets.partition_point(|secret| secret.end <= window.start);
    for secret in secrets[first..].iter().take_while(|secret| secret.start < window.end) {
        if secret.start > at {
            out.push_str(Span { start: at, end: secret.start }.slice(text));
        }
        out.push_str(MASK);
        at = secret.end;
    }
    if at < window.end {
        out.push_str(Span { start: at, end: window.end }.slice(text));
    }
    out
}

/// A text that was never parsed, without what looks secret in it.
pub fn redact_text(text: &str) -> String {
    redact(text, &merged(scan::scan(text)), Span::new(0, text.len()))
}

/// Whether a value holds no secret itself: nothing, a boolean, or only the name of a variable.
fn is_reference(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']).trim();
    if matches!(value, "" | "~" | "null" | "true" | "false" | "none" | "None") {
        return true;
    }
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    };
    let between = |open: &str, close: &str| value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    let bare = value.strip_prefix('$').is_some_and(|name| !name.contains(['.', '-']) && is_name(name));
    let template = between("{{", "}}").is_some_and(|inner| !inner.contains(['"', '\'', '{', '}']));
    bare || template
        || [("${", "}"), ("$(", ")"), ("%(", ")s"), ("%", "%")]
            .iter()
            .any(|(open, close)| between(open, close).is_some_and(is_name))
}
