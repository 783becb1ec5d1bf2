//! The suppressions among the comments of a document, each with what it reaches.
//!
//! ```text
//! # trueup: ignore[a]        the entry that begins next, with all that is in it
//! pool:
//!   max: 500 # trueup: ignore[b]     what stands on this line
//! ```
//!
//! A comment within the span of a finding silences it too, and `ignore-file` all of its text: of an embedded file,
//! that file alone.

use super::directive::{self, MARK, Scope};
use super::{Fault, NamedRule, Until};
use crate::model::{Location, Name};
use crate::syntax::{Document, NodeId, NodeKind, Span};

/// So many of one text are read: more than people write, and few enough that matching them stays quick on any input.
const MOST: usize = 1_000;

/// A comment that silences findings, or is meant to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The comment, marker included.
    pub place: Location,
    /// The rules it names.
    pub rules: Vec<NamedRule<Location>>,
    /// Its last day.
    pub until: Option<Until>,
    /// Why.
    pub reason: Option<Name>,
    /// What it reaches.
    pub reach: Reach,
    /// Why it silences nothing.
    pub fault: Option<Fault>,
    /// Whether the text is a template: what it holds is seen only in part.
    pub template: bool,
}

/// What a comment reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// In which way.
    pub kind: ReachKind,
    /// The bytes of the file.
    pub span: Span,
}

/// In which way a comment reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReachKind {
    /// The line it ends.
    Line,
    /// The entry under it.
    Entry,
    /// The whole text.
    File,
}

/// The suppressions of `document`, which is a text of the file with that index.
pub fn read(document: &Document, file: u32) -> Vec<Comment> {
    // most texts have none, and this is asked of every one
    if memchr::memmem::find(document.text.as_bytes(), MARK.as_bytes()).is_none() {
        return Vec::new();
    }
    let located = |span: Span| {
        let span = document.host(span);
        Location { file, start: span.start, end: span.end }
    };
    let entries = entries(document);
    let mut found = Vec::new();
    for comment in &document.comments {
        let span = comment.span;
        let Some(directive) = directive::read(span.slice(&document.text)) else { continue };
        let reach = match directive.scope {
            Scope::File => Reach { kind: ReachKind::File, span: Span::new(0, document.text.len()) },
            Scope::Here if comment.own_line => {
                let next = entries.partition_point(|&(start, _)| start < span.end);
                let entry = entries.get(next).map_or(span, |&(_, node)| document.node(node).entry);
                Reach { kind: ReachKind::Entry, span: entry }
            }
            Scope::Here => {
                let before = document.text.get(..span.start as usize).unwrap_or("");
                let start = before.rfind(['\n', '\r']).map_or(0, |last| last + 1);
                Reach { kind: ReachKind::Line, span: Span::new(start, span.start as usize) }
            }
        };
        let at = |range: std::ops::Range<usize>| {
            located(Span::new(span.start as usize + range.start, span.start as usize + range.end))
        };
        let rules = directive.rules.into_iter();
        if found.len() == MOST {
            break;
        }
        found.push(Comment {
            place: located(span),
            rules: rules.map(|rule| NamedRule { name: rule.name, place: at(rule.place) }).collect(),
            until: directive.until,
            reason: directive.reason,
            reach: Reach { span: document.host(reach.span), ..reach },
            fault: directive.fault,
            template: document.template.is_some(),
        });
    }
    found
}

/// Entries of maps and items of lists by their first byte; of several that begin together the innermost, so that a
/// comment above one table of TOML does not reach its siblings of the same parent.
fn entries(document: &Document) -> Vec<(u32, NodeId)> {
    let is_list = |node: NodeId| document.node(node).kind == NodeKind::Seq;
    let nodes = document.nodes.iter().enumerate();
    let mut entries: Vec<(u32, NodeId)> = nodes
        .filter(|(_, node)| node.key.is_some() || node.parent.is_some_and(is_list))
        .map(|(index, node)| (node.entry.start, NodeId(index as u32)))
        .collect();
    // a parent comes before its children
    entries.sort_by_key(|&(start, node)| (start, std::cmp::Reverse(node)));
    entries.dedup_by_key(|(start, _)| *start);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Format, LineFlavor, embed, parse};

    /// What each comment of a text reaches.
    fn reached(text: &str, format: Format) -> Vec<(ReachKind, &str)> {
        let document = parse(text, format);
        let comments = read(&document, 0);
        comments.iter().map(|comment| (comment.reach.kind, comment.reach.span.slice(text))).collect()
    }

    #[test]
    fn a_comment_reaches_the_entry_under_it() {
        use ReachKind::Entry;
        for (text, format, entry) in [
            ("# trueup: ignore[a]\n# why\n\npool:\n  max: 5\nx: 1\n", Format::Yaml, "pool:\n  max: 5"),
            (
                "pools:\n  # trueup: ignore[a]\n  - max: 5\n    min: 1\n  - max: 6\n",
                Format::Yaml,
                "- max: 5\n    min: 1",
            ),
            ("# trueup: ignore[a]\n[p.a]\nx = 1\n[p.b]\nx = 2\n", Format::Toml, "[p.a]\nx = 1"),
            ("# trueup: ignore[a]\n[[p]]\nx = 1\n[[p]]\nx = 2\n", Format::Toml, "[[p]]\nx = 1"),
            ("{\n  // trueup: ignore[a]\n  \"a\": {\"b\": 1},\n  \"c\": 2\n}\n", Format::Json, "\"a\": {\"b\": 1}"),
            ("; trueup: ignore[a]\n[x]\na = 1\n[y]\n", Format::Line(LineFlavor::PgBouncer), "[x]\na = 1"),
            ("! trueup: ignore[a]\na.b=1\nc=2\n", Format::Line(LineFlavor::Properties), "a.b=1"),
            ("# trueup: ignore[a]\nexport A=1\nB=2\n", Format::Line(LineFlavor::Env), "export A=1"),
        ] {
            assert_eq!(reached(text, format), [(Entry, entry)], "{text}");
        }
    }

    #[test]
    fn a_comment_at_the_end_reaches_its_line() {
        let text = "pool:\r\n  max: 5 # trueup: ignore[a]\r\n  min: 1\r\n";
        assert_eq!(reached(text, Format::Yaml), [(ReachKind::Line, "  max: 5 ")]);
        let text = "a = 1 # trueup: ignore[a]\nb = 2\n";
        assert_eq!(reached(text, Format::Line(LineFlavor::PostgresConf)), [(ReachKind::Line, "a = 1 ")]);
    }

    #[test]
    fn a_comment_with_nothing_under_it_reaches_nothing() {
        let text = "a: 1\n# trueup: ignore[a]\n";
        assert_eq!(reached(text, Format::Yaml), [(ReachKind::Entry, "# trueup: ignore[a]")]);
    }

    #[test]
    fn of_an_embedded_file_places_are_those_of_the_host() {
        let text =
            "data:\n  postgresql.conf: |\n    # trueup: ignore[a, b]\n    fsync = off\n    # trueup: ignore-file[c]\n";
        let host = parse(text, Format::Yaml);
        let node = host.lookup(host.roots[0], &["data", "postgresql.conf"]).expect("the text");
        let inner = embed::scalar(&host, node)
            .expect("a scalar")
            .document(|text| parse(text, Format::Line(LineFlavor::PostgresConf)));
        let comments = read(&inner, 3);
        let slice = |place: Location| &text[place.start as usize..place.end as usize];
        assert_eq!(slice(comments[0].place), "# trueup: ignore[a, b]");
        assert_eq!(slice(comments[0].rules[1].place), "b");
        assert_eq!(comments[0].reach.span.slice(text), "fsync = off");
        assert!(comments[1].reach.span.slice(text).starts_with("# trueup: ignore[a, b]"));
    }
}
