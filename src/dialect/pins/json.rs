//! The texts of a JSON file with the keys that lead to them, in one pass and without a tree: lock files are large.

use crate::syntax::Span;

/// Deeper objects are passed over.
const DEEPEST: usize = 16;

/// Calls `visit` for every text value with the keys around it (an item of a list has an empty one) and its place,
/// quotes excluded. Escapes are left as written; what is no JSON is read as far as it goes.
pub(super) fn texts<'t>(text: &'t str, visit: &mut dyn FnMut(&[&'t str], &'t str, Span)) {
    let bytes = text.as_bytes();
    let mut path: Vec<&str> = Vec::new();
    let mut depth = 0usize;
    let mut key: Option<&str> = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let start = at + 1;
                let end = string_end(bytes, start);
                let inner = text.get(start..end).unwrap_or("");
                at = end + 1;
                let colon = bytes[at.min(bytes.len())..].iter().position(|byte| !byte.is_ascii_whitespace());
                if colon.is_some_and(|skip| bytes[at + skip] == b':') {
                    key = Some(inner);
                } else if depth < DEEPEST {
                    path.push(key.take().unwrap_or(""));
                    visit(&path, inner, Span::new(start, end));
                    path.pop();
                }
                continue;
            }
            b'{' | b'[' => {
                // the outermost object has no key
                if depth > 0 && depth < DEEPEST {
                    path.push(key.take().unwrap_or(""));
                }
                depth += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth > 0 && depth < DEEPEST {
                    path.pop();
                }
            }
            b',' => key = None,
            _ => {}
        }
        at += 1;
    }
}

/// Where the string that begins at `start` ends: its closing quote, or the end of the text.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::texts;

    fn read(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        texts(text, &mut |path, value, span| {
            assert_eq!(span.slice(text), value);
            found.push(format!("{}={value}", path.join("/")));
        });
        found
    }

    #[test]
    fn every_text_is_found_under_its_keys() {
        let text = r#"{"a": {"b": "1", "c": ["x", {"d": "2"}]}, "n": 3, "e\"f": "4", "g" : "5"}"#;
        assert_eq!(read(text), ["a/b=1", "a/c/=x", "a/c//d=2", "e\\\"f=4", "g=5"]);
    }

    #[test]
    fn nothing_breaks_it() {
        for text in ["", "\"", "{\"a\": \"b", "}}}}", "{\"a\\", "[[[[", "{\"a\":{\"b\":", "\u{fffd}\"é\\"] {
            read(text);
        }
        let deep = format!("{}\"a\":\"b\"", "{\"x\":".repeat(100_000));
        assert!(read(&deep).is_empty());
        let deep = format!("{{\"a\": {}\"y\"{}, \"b\": \"1\"}}", "[".repeat(99), "]".repeat(99));
        assert_eq!(read(&deep), ["b=1"]);
    }
}
