//! Texts that a template engine renders before their format's reader sees them.
//!
//! A marker inside a scalar or a comment (`"{{ name }}"`, `${{ secrets.X }}`) leaves the text readable as it is. A
//! marker that stands where the grammar wants a value, or alone on its line, is structural: the text is then read from
//! a copy in which markers are filled up to the same length, so that every span still fits, and
//! [`Document::template`] says that it is opaque.

use super::Format;
use super::document::{Document, NodeKind, ScalarType, Template};
use super::span::Span;

/// A marker with its language.
struct Marker {
    span: Span,
    language: Template,
}

/// Reads `text` with `read`, through a copy whose markers are replaced by `filler` if it needs one.
pub(super) fn parse(text: &str, filler: u8, read: fn(&str) -> Document) -> Document {
    let found = markers(text);
    let mut plain = read(text);
    if found.is_empty() {
        return plain;
    }
    let spans: Vec<Span> = found.iter().map(|marker| marker.span).collect();
    let lines = matches!(plain.format, Format::Line(_));
    let alone = if lines { alone_on_line(&plain, &found) } else { None };
    let Some(language) = alone.or_else(|| structural(&plain, &found)) else {
        plain.markers = spans;
        return plain;
    };
    let mut masked = read(&mask(text, &spans, filler));
    // A template is opaque, not broken: what the mask could not make readable is no mistake of its author.
    masked.errors.clear();
    masked.text = text.into();
    masked.template = Some(language);
    masked.markers = spans;
    for index in 0..masked.nodes.len() {
        let content = masked.nodes[index].content;
        if masked.nodes[index].kind == NodeKind::Scalar && masked.is_templated(content) {
            let node = &mut masked.nodes[index];
            node.scalar = ScalarType::Text;
            node.decoded = None;
        }
    }
    masked
}

/// Where the markers of `text` stand, in order.
pub(super) fn spans(text: &str) -> Vec<Span> {
    markers(text).into_iter().map(|marker| marker.span).collect()
}

/// All markers of `text` in order.
fn markers(text: &str) -> Vec<Marker> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    // A closing mark that is not found once will not be found further on.
    let mut closed = [true; 3];
    while at + 1 < bytes.len() {
        let (language, close) = match (bytes[at], bytes[at + 1]) {
            (b'{', b'{') => (Template::Curly, "}}"),
            (b'{', b'%') => (Template::Percent, "%}"),
            (b'<', b'%') => (Template::Erb, "%>"),
            _ => {
                at += 1;
                continue;
            }
        };
        if !closed[language as usize] {
            at += 1;
            continue;
        }
        match text[at + 2..].find(close) {
            Some(length) => {
                let mut end = at + 2 + length + close.len();
                // `{{ {a: {b: 1}} }}` closes at the last of a run of braces.
                while language == Template::Curly && bytes.get(end) == Some(&b'}') {
                    end += 1;
                }
                found.push(Marker { span: Span::new(at, end), language });
                at = end;
            }
            None => {
                closed[language as usize] = false;
                at += 1;
            }
        }
    }
    found
}

/// The language of the first marker that begins a line and is no part of a comment: where every line is an entry, it is
/// none.
fn alone_on_line(document: &Document, markers: &[Marker]) -> Option<Template> {
    let begins = |marker: &&Marker| {
        let before = document.text.get(..marker.span.start as usize).unwrap_or("");
        let at = document.comments.partition_point(|comment| comment.span.end <= marker.span.start);
        let comment = document.comments.get(at).is_some_and(|comment| comment.span.start <= marker.span.start);
        before.trim_end_matches([' ', '\t']).ends_with(['\n', '\r']) && !comment
            || before.trim_matches([' ', '\t', '\u{feff}']).is_empty()
    };
    markers.iter().find(begins).map(|marker| marker.language)
}

/// The language of the first marker that stands where the grammar wants something else.
fn structural(document: &Document, markers: &[Marker]) -> Option<Template> {
    let mut covered: Vec<Span> = document
        .nodes
        .iter()
        .filter(|node| node.kind == NodeKind::Scalar)
        .map(|node| node.content)
        .chain(document.comments.iter().map(|comment| comment.span))
        .filter(|span| !span.is_empty())
        .collect();
    covered.sort_unstable();
    let broken = document.errors.iter().map(|error| error.span.start).min().unwrap_or(u32::MAX);
    let inside = |marker: &Marker| {
        let after = covered.partition_point(|span| span.start <= marker.span.start);
        after.checked_sub(1).and_then(|at| covered.get(at)).is_some_and(|span| span.contains(marker.span))
    };
    let mut behind = 0;
    for marker in markers {
        let start = marker.span.start as usize;
        if !inside(marker) && (marker.span.start < broken || wants_value(&document.text, behind, start)) {
            return Some(marker.language);
        }
        behind = marker.span.end as usize;
    }
    None
}

/// Whether, as far as its line tells, a value or an entry would have to begin at `at`; the last marker before ends at
/// `behind`, and what follows one on its line is no longer told.
fn wants_value(text: &str, behind: usize, at: usize) -> bool {
    let Some(line) =
        text[behind..at].rfind(['\n', '\r']).map(|before| behind + before + 1).or((behind == 0).then_some(0))
    else {
        return false;
    };
    let before = text[line..at].trim_end_matches([' ', '\t']);
    let spaced = before.len() < at - line;
    match before.as_bytes().last() {
        None => true,
        Some(b':' | b'-' | b'?') => spaced,
        Some(b'[' | b'{' | b',' | b'=') => true,
        _ => false,
    }
}

/// A copy of `text` of the same length: lines of nothing but markers are blank, other markers are runs of `filler`.
fn mask(text: &str, markers: &[Span], filler: u8) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let mut group = 0;
    while group < markers.len() {
        // Markers with nothing but blanks between them stand or fall together.
        let mut last = group;
        while let Some(next) = markers.get(last + 1) {
            let between = &text.as_bytes()[markers[last].end as usize..next.start as usize];
            if !between.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
                break;
            }
            last += 1;
        }
        let (start, end) = (markers[group].start as usize, markers[last].end as usize);
        let head = text[..start].trim_end_matches([' ', '\t', '\u{feff}']);
        let tail = text[end..].trim_start_matches([' ', '\t']);
        let alone =
            (head.is_empty() || head.ends_with(['\n', '\r'])) && (tail.is_empty() || tail.starts_with(['\n', '\r']));
        for marker in &markers[group..=last] {
            for byte in &mut bytes[marker.range()] {
                match alone {
                    true if is_blank(byte) => {}
                    true => *byte = b' ',
                    false => *byte = filler,
                }
            }
        }
        group = last + 1;
    }
    // Whole markers were replaced by ASCII, so this never changes anything.
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{json, yaml};

    fn language(text: &str) -> Option<Template> {
        yaml::parse(text).template
    }

    #[test]
    fn a_marker_inside_a_scalar_leaves_the_text_readable() {
        for text in [
            "a: \"{{ x }}\"",
            "a: ${{ secrets.X }}",
            "a: up {{ $labels.x }} down",
            "a: 1 # {{ x }}",
            "a: |\n  {{ x }}\n",
            "<%= x %>a: 1",
        ] {
            assert_eq!(language(text), None, "{text:?}");
            assert!(yaml::parse(text).errors.is_empty(), "{text:?}");
            assert_eq!(yaml::parse(text).markers.len(), 1, "{text:?}");
        }
    }

    #[test]
    fn a_marker_in_the_structure_makes_the_text_opaque() {
        for (text, expected) in [
            ("a: {{ .Values.x }}\n", Template::Curly),
            ("{{- if .x }}\na: 1\n{{- end }}\n", Template::Curly),
            ("{% if x %}\na: 1\n{% endif %}\n", Template::Percent),
            ("<% if x %>\na: 1\n<% end %>\n", Template::Erb),
            ("a:\n{{ toYaml .x | indent 2 }}\nb: [1\n", Template::Curly),
        ] {
            let document = yaml::parse(text);
            assert_eq!(document.template, Some(expected), "{text:?}");
            assert!(document.errors.is_empty(), "{text:?}");
            assert_eq!(&*document.text, text);
        }
    }

    #[test]
    fn what_stands_between_the_markers_is_read() {
        let text = "{{- if .x }}\na:\n  b: {{ .b | default \"é\" }}\n  c: 30 # {{ c }}\n  {{ $k }}: 1\n{{- end }}\n";
        let document = yaml::parse(text);
        let value = |path: &[&str]| document.lookup(document.roots[0], path).unwrap();
        assert_eq!(document.scalar(value(&["a", "c"])), "30");
        let b = value(&["a", "b"]);
        assert_eq!(document.scalar(b), "{{ .b | default \"é\" }}");
        assert!(document.is_templated(document.node(b).content));
        assert!(!document.is_templated(document.node(value(&["a", "c"])).content));
        value(&["a", "{{ $k }}"]);
    }

    #[test]
    fn other_formats_have_templates_too() {
        let document = json::parse("{\"a\": {{ x }}, \"b\": 2}");
        assert_eq!(document.template, Some(Template::Curly));
        assert_eq!(document.scalar(document.lookup(document.roots[0], &["b"]).unwrap()), "2");
        assert_eq!(json::parse("{\"a\": \"{{ x }}\"}").template, None);
    }
}
