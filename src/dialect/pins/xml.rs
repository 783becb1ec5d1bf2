//! The texts and attributes of an XML file with the elements that lead to them, in one pass. Entities are not expanded,
//! nothing is fetched.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::syntax::Span;

/// Deeper elements are passed over.
const DEEPEST: usize = 32;
/// The most attributes read of one element.
const ATTRIBUTES: usize = 64;

/// One thing met on the way through the file.
pub(super) enum Met<'t> {
    /// The innermost element begins.
    Open,
    /// The innermost element ends.
    Close,
    /// The text of the innermost element; that of an attribute, whose name then stands in its place.
    Text(&'t str, Span),
}

/// Calls `visit` with what is met, and the names of the elements around it.
pub(super) fn walk<'t>(text: &'t str, visit: &mut dyn FnMut(&[&'t str], Met<'t>)) {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut path: Vec<&'t str> = Vec::new();
    let mut deeper = 0usize;
    loop {
        let before = reader.buffer_position() as usize;
        let event = reader.read_event();
        let after = (reader.buffer_position() as usize).min(text.len());
        let place = text.get(before..after).unwrap_or("");
        match event {
            Ok(Event::Start(_)) if path.len() >= DEEPEST => deeper += 1,
            Ok(Event::End(_)) if deeper > 0 => deeper -= 1,
            Ok(Event::Start(element)) => {
                open(text, &element, &mut path, visit);
            }
            Ok(Event::Empty(element)) if path.len() < DEEPEST => {
                open(text, &element, &mut path, visit);
                close(&mut path, visit);
            }
            Ok(Event::End(_)) => close(&mut path, visit),
            Ok(Event::Text(_)) if deeper == 0 => {
                let inner = place.trim();
                if !inner.is_empty() {
                    let start = before + (place.len() - place.trim_start().len());
                    visit(&path, Met::Text(inner, Span::new(start, start + inner.len())));
                }
            }
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

fn open<'t>(
    text: &'t str,
    element: &BytesStart<'_>,
    path: &mut Vec<&'t str>,
    visit: &mut dyn FnMut(&[&'t str], Met<'t>),
) {
    let place = |part: &str| place(text, part).map_or(("", Span::at(0)), |span| (span.slice(text), span));
    path.push(place(element.local_name().as_ref()).0);
    visit(path, Met::Open);
    for attribute in element.attributes().with_checks(false).flatten().take(ATTRIBUTES) {
        path.push(place(attribute.key.local_name().as_ref()).0);
        let (value, span) = place(&attribute.value);
        visit(path, Met::Text(value, span));
        path.pop();
    }
}

fn close<'t>(path: &mut Vec<&'t str>, visit: &mut dyn FnMut(&[&'t str], Met<'t>)) {
    visit(path, Met::Close);
    path.pop();
}

/// Where `part`, a piece of `text`, stands in it.
fn place(text: &str, part: &str) -> Option<Span> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (start + part.len() <= text.len()).then(|| Span::new(start, start + part.len()))
}

#[cfg(test)]
mod tests {
    use super::{Met, walk};

    fn read(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        walk(text, &mut |path, met| {
            if let Met::Text(value, span) = met {
                assert_eq!(span.slice(text), value);
                found.push(format!("{}={value}", path.join("/")));
            }
        });
        found
    }

    #[test]
    fn texts_and_attributes_are_found_under_their_elements() {
        let text = "<?xml version='1.0'?>\n<p:a xmlns:p='x' k=\"1\"><!-- <b>0</b> --><b> 2 </b><c n='3'/></p:a>";
        assert_eq!(read(text), ["a/p=x", "a/k=1", "a/b=2", "a/c/n=3"]);
    }

    #[test]
    fn nothing_breaks_it() {
        for text in [
            "",
            "<",
            "<a",
            "<a b",
            "<a b='",
            "</a>",
            "<a></b></c>",
            "&",
            "<a>&x;</a>",
            "<![CDATA[",
            "<!--",
            "\u{fffd}<é/>",
        ] {
            read(text);
        }
        let entities = "<!DOCTYPE a [<!ENTITY b \"cccc\"><!ENTITY d \"&b;&b;\">]><a>&d;</a><z>1</z>";
        assert!(read(entities).iter().all(|text| !text.contains("cccc")));
        assert!(read(&"<x>".repeat(100_000)).is_empty());
        let deep = format!("<a>{}y{}<b>1</b></a>", "<x>".repeat(99), "</x>".repeat(99));
        assert_eq!(read(&deep), ["a/b=1"]);
    }
}
