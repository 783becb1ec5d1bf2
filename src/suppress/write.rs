//! Suppressions into the text of a file: comment lines above what is reported, and nothing else changed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Comment, Until, comment};
use crate::model::Name;
use crate::syntax::edit::{Splice, apply};
use crate::syntax::{Document, Format, LineFlavor, NodeKind, Span, parse};

/// One finding that is to be silenced.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Its rule.
    pub rule: Name,
    /// Where it is best mended.
    pub primary: Span,
}

/// The text with its new comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The whole text.
    pub text: String,
    /// How many comments were written.
    pub comments: usize,
    /// What no comment can silence.
    pub left: Vec<Wanted>,
}

/// Why no comment is written into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Its format has no comments.
    NoComments,
    /// It is a template.
    Template,
    /// It does not follow its format.
    Broken,
}

impl Refused {
    /// Why, in a few words.
    pub fn message(self) -> &'static str {
        match self {
            Refused::NoComments => "JSON has no comments; write a [[suppress]] into trueup.toml",
            Refused::Template => "is a template, and those are not changed; write the comment by hand",
            Refused::Broken => "has syntax errors; mend them first",
        }
    }
}

/// Writes comments that silence `wanted` into the text of `document`, in which `may_hold_comments` says whether a JSON
/// file is of the kind that has them. Findings of one line share a comment.
///
/// # Errors
/// Says why nothing may be written at all.
pub fn add(
    document: &Document,
    wanted: &BTreeSet<Wanted>,
    reason: &str,
    until: Option<&Until>,
    may_hold_comments: bool,
) -> Result<Added, Refused> {
    if document.template.is_some() {
        return Err(Refused::Template);
    }
    let marker = match document.format {
        Format::Json if may_hold_comments || !document.comments.is_empty() => "//",
        Format::Json | Format::CommandLine | Format::Dsn => return Err(Refused::NoComments),
        Format::Line(LineFlavor::PgBouncer | LineFlavor::Ini) => ";",
        Format::Yaml
        | Format::Toml
        | Format::Hcl
        | Format::Nginx
        | Format::Odyssey
        | Format::Haproxy
        | Format::Caddyfile
        | Format::Shell
        | Format::Dockerfile
        | Format::Systemd
        | Format::Line(_) => "#",
        Format::Sql => "--",
    };
    if !document.errors.is_empty() && document.format != Format::Json {
        return Err(Refused::Broken);
    }
    let until = until.map_or(String::new(), |until| format!(" until={}", until.text));
    let splice = |line: usize, rules: &BTreeSet<Name>| {
        let rules: Vec<&str> = rules.iter().map(|rule| &**rule).collect();
        let text = &document.text[line..];
        let indent = &text[..text.len() - text.trim_start_matches([' ', '\t']).len()];
        let end = line_end(&document.text, line);
        let comment = format!("{indent}{marker} trueup: ignore[{}]{until} {reason}{end}", rules.join(", "));
        Splice { span: Span::at(line), text: comment }
    };
    let mut lines: BTreeMap<usize, BTreeSet<Name>> = BTreeMap::new();
    let mut left = Vec::new();
    for wanted in wanted {
        let one = BTreeSet::from([wanted.rule.clone()]);
        let fits = |line: &usize| is_silent(document, &splice(*line, &one), wanted);
        match candidates(document, wanted.primary).into_iter().find(fits) {
            Some(line) => {
                lines.entry(line).or_default().insert(wanted.rule.clone());
            }
            None => left.push(wanted.clone()),
        }
    }
    let splices: Vec<Splice> = lines.iter().map(|(line, rules)| splice(*line, rules)).collect();
    Ok(Added { text: apply(&document.text, &splices), comments: splices.len(), left })
}

/// The lines above which a comment may stand: that of the place itself, then those of the entries around it.
fn candidates(document: &Document, primary: Span) -> Vec<usize> {
    let text = &*document.text;
    let start = if document.bom() { '\u{feff}'.len_utf8() } else { 0 };
    let line = |at: u32| text[..at as usize].rfind(['\n', '\r']).map_or(start, |last| last + 1);
    let around = document.nodes.iter().filter(|node| node.key.is_some() && node.entry.contains(primary));
    let mut entries: Vec<Span> = around.map(|node| node.entry).collect();
    entries.sort_by_key(|entry| entry.len());
    let mut lines: Vec<usize> = std::iter::once(primary).chain(entries).map(|span| line(span.start)).collect();
    lines.dedup();
    lines
}

/// Whether the text with that comment is the same tree with one comment more, and the comment reaches the place.
fn is_silent(document: &Document, splice: &Splice, wanted: &Wanted) -> bool {
    let new = parse(&apply(&document.text, std::slice::from_ref(splice)), document.format);
    let added = splice.text.len() as u32;
    let start = wanted.primary.start + if splice.span.start <= wanted.primary.start { added } else { 0 };
    let reaches = |comment: &Comment| {
        let reach = comment.reach.span;
        comment.rules.iter().any(|rule| rule.name == wanted.rule)
            && comment.fault.is_none()
            && (reach.start <= start && start < reach.end || wanted.primary.contains(splice.span))
    };
    let at = splice.span.start;
    let comments = comment::read(&new, 0);
    new.comments.len() == document.comments.len() + 1
        && comments.iter().any(|comment| (at..at + added).contains(&comment.place.start) && reaches(comment))
        && is_same_tree(document, &new)
}

/// Whether two documents hold the same values under the same keys, spelled alike.
fn is_same_tree(old: &Document, new: &Document) -> bool {
    let same = |(index, (a, b)): (usize, (&crate::syntax::Node, &crate::syntax::Node))| {
        let id = crate::syntax::NodeId(index as u32);
        let linked = a.kind == b.kind && a.style == b.style && a.scalar == b.scalar && a.document == b.document;
        let placed = a.key == b.key && a.parent == b.parent && a.next == b.next && a.target == b.target;
        linked && placed && (a.kind != NodeKind::Scalar || old.scalar(id) == new.scalar(id))
    };
    old.nodes.len() == new.nodes.len()
        && old.errors.len() == new.errors.len()
        && new.template.is_none()
        && old.nodes.iter().zip(&new.nodes).enumerate().all(same)
}

/// The end of the line at `line`, or the one that the text uses elsewhere.
fn line_end(text: &str, line: usize) -> &'static str {
    let end = |text: &str| {
        let at = text.find(['\n', '\r'])?;
        Some(if text[at..].starts_with("\r\n") {
            "\r\n"
        } else if text[at..].starts_with('\r') {
            "\r"
        } else {
            "\n"
        })
    };
    end(&text[line..]).or_else(|| end(text)).unwrap_or("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str, format: Format, places: &[(&str, &str)]) -> String {
        let document = parse(text, format);
        let wanted = places
            .iter()
            .map(|(rule, needle)| {
                let start = text.find(needle).expect("the needle is there");
                Wanted { rule: (*rule).into(), primary: Span::new(start, start + needle.len()) }
            })
            .collect();
        let added = add(&document, &wanted, "legacy", None, false).expect("comments are possible");
        assert_eq!(added.left, []);
        added.text
    }

    #[test]
    fn comments_are_laid_out_as_the_file_is() {
        for (text, format, places, expected) in [
            (
                "\u{feff}pool:\r\n  max: 5\r\n",
                Format::Yaml,
                &[("a", "max: 5"), ("b", "max: 5"), ("c", "pool:")][..],
                "\u{feff}# trueup: ignore[c] legacy\r\npool:\r\n  # trueup: ignore[a, b] legacy\r\n  max: 5\r\n",
            ),
            ("p: {max: 5}", Format::Yaml, &[("a", "max: 5")], "# trueup: ignore[a] legacy\np: {max: 5}"),
            (
                "d:\n  x.conf: |\n    a = 1\n    b = 2\n",
                Format::Yaml,
                &[("a", "b = 2")],
                "d:\n  # trueup: ignore[a] legacy\n  x.conf: |\n    a = 1\n    b = 2\n",
            ),
            (
                "[databases]\nx = host=y\n",
                Format::Line(LineFlavor::PgBouncer),
                &[("a", "x = host=y")],
                "[databases]\n; trueup: ignore[a] legacy\nx = host=y\n",
            ),
            (
                "{\n  // c\n  \"a\": 1\n}\n",
                Format::Json,
                &[("a", "\"a\": 1")],
                "{\n  // c\n  // trueup: ignore[a] legacy\n  \"a\": 1\n}\n",
            ),
        ] {
            assert_eq!(added(text, format, places), expected);
        }
    }

    #[test]
    fn what_has_no_comments_is_refused() {
        let refused = |text: &str, format| add(&parse(text, format), &BTreeSet::new(), "x", None, false).err();
        assert_eq!(refused("{}", Format::Json), Some(Refused::NoComments));
        assert_eq!(refused("a: {{ .x }}\n", Format::Yaml), Some(Refused::Template));
        assert_eq!(refused("a: [1\n", Format::Yaml), Some(Refused::Broken));
    }
}
