//! The front matter of a user's rule page against `schema/rule.schema.json`: every mistake at once, each at its place.
//!
//! ```text
//! +++
//! id = "slow-drain"
//! severity = "eror"        trueup/slow-drain.md:3:12: `severity` is one of info, warning, error; did you mean `error`?
//! ```
//!
//! Whether the names in its conditions exist is not asked here; the schema cannot know them.

use std::ops::Range;
use std::sync::OnceLock;

use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::{Problem, nearest};
use crate::syntax::LineIndex;

/// The schema of a page's front matter.
pub(super) const SCHEMA: &str = include_str!("../../schema/rule.schema.json");

/// The line that opens and closes front matter.
const FENCE: &str = "+++";

/// What the schema has against the page `text`, which problems call `shown`. Nothing for a text without front matter, or
/// whose front matter is no TOML: the reader of pages says that better.
pub(super) fn problems(shown: &str, text: &str) -> Vec<Problem> {
    let Some(range) = front(text) else { return Vec::new() };
    let source = &text[range.clone()]; // between two fences found in this text
    let (Ok(table), Ok(value)) = (DeTable::parse(source), toml::from_str::<Value>(source)) else { return Vec::new() };
    let root = DeValue::Table(table.into_inner());
    let lines = LineIndex::new(text);
    let mut problems: Vec<Problem> = Vec::new();
    for error in validator().iter_errors(&value) {
        for (message, near, span) in words(&error, &root) {
            let start = u32::try_from(range.start + span.start).unwrap_or(u32::MAX);
            let (line, column) = lines.position(text, start);
            problems.push(Problem::new(shown, message).at(line, column).meant(near.as_deref()));
        }
    }
    problems.sort_by_key(|problem| problem.position);
    problems
}

fn validator() -> &'static Validator {
    static COMPILED: OnceLock<Validator> = OnceLock::new();
    COMPILED.get_or_init(|| {
        let schema: Value = serde_json::from_str(SCHEMA).expect("a test reads the schema");
        jsonschema::validator_for(&schema).expect("a test compiles the schema")
    })
}

/// The bytes between the fences.
fn front(text: &str) -> Option<Range<usize>> {
    let start = text.find('\n').filter(|&end| text[..end].trim_end() == FENCE)? + 1;
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if line.trim_end() == FENCE {
            return Some(start..at);
        }
        at += line.len();
    }
    None
}

/// A message, the word that was probably meant, and where in the front matter.
type Words = (String, Option<String>, Range<usize>);

/// An error of the validator in a user's words.
fn words(error: &ValidationError<'_>, root: &DeValue<'_>) -> Vec<Words> {
    let path = error.instance_path();
    let Found { name, value: span, .. } = find(root, path);
    let one = |message: String| vec![(message, None, span.clone())];
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|key| {
                let place = find(root, &path.join(key.as_str())).key;
                let near = nearest(key, allowed(error.schema_path()).iter().map(String::as_str)).map(str::to_owned);
                (format!("unknown key `{key}`"), near, place)
            })
            .collect(),
        ValidationErrorKind::Required { property } => {
            one(format!("{} lacks `{}`", name.map_or("the page".into(), |name| format!("`{name}`")), text(property)))
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<&str> = options.as_array().into_iter().flatten().map(text).collect();
            let near = nearest(text(error.instance()), options.iter().copied()).map(str::to_owned);
            let name = name.unwrap_or_default();
            vec![(format!("`{name}` is one of {}", options.join(", ")), near, span)]
        }
        ValidationErrorKind::Type { kind } => {
            let kind = match kind {
                jsonschema::error::TypeKind::Single(kind) => kind.to_string(),
                jsonschema::error::TypeKind::Multiple(_) => "of another type".into(),
            };
            one(format!("`{}` must be of type {kind}", name.unwrap_or_default()))
        }
        ValidationErrorKind::OneOfNotValid { .. } | ValidationErrorKind::OneOfMultipleValid { .. } => {
            one("a page has either `when` and `message`, or one or more [[case]]".into())
        }
        ValidationErrorKind::Pattern { .. } => {
            let name = name.unwrap_or_default();
            let form = match name.as_str() {
                "id" => "must be words in small letters, joined by hyphens",
                "since" => "must be a version such as \"0.1.0\"",
                "at" => "must be an attribute such as \"self.max_size\"",
                _ => "must be one line, and not empty",
            };
            one(format!("`{name}` {form}"))
        }
        ValidationErrorKind::MaxLength { limit } => {
            one(format!("`{}` is longer than {limit} characters", name.unwrap_or_default()))
        }
        ValidationErrorKind::MinItems { .. } => one(format!("`{}` is empty", name.unwrap_or_default())),
        _ => one(error.to_string()),
    }
}

/// The keys that stand beside the `additionalProperties` at this place of the schema.
fn allowed(schema_path: &Location) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    let parent = schema_path.as_str().rsplit_once('/').map_or("", |(parent, _)| parent);
    let properties = schema.pointer(&format!("{parent}/properties")).and_then(Value::as_object);
    properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A place of the front matter.
#[derive(Default)]
struct Found {
    /// The last key of the path to it.
    name: Option<String>,
    /// Where that key is written.
    key: Range<usize>,
    /// Where the value is written: its key again, for a table or a list.
    value: Range<usize>,
}

/// The place at `path`, as far as it exists.
fn find(root: &DeValue<'_>, path: &Location) -> Found {
    let (mut at, mut found) = (root, Found::default());
    for segment in path {
        match (segment, at) {
            (LocationSegment::Property(key), DeValue::Table(table)) => {
                let entry = table.iter().find(|(known, _)| known.get_ref() == key.as_ref());
                let Some((known, value)) = entry else { break };
                let is_inside = matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_));
                let value_span = if is_inside { known.span() } else { value.span() };
                found = Found { name: Some(key.into_owned()), key: known.span(), value: value_span };
                at = value.get_ref();
            }
            (LocationSegment::Index(index), DeValue::Array(items)) => {
                let Some(value) = items.get(index) else { break };
                found.value = value.span();
                at = value.get_ref();
            }
            _ => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "+++\nid = \"slow-drain\"\nseverity = \"warning\"\nconfidence = \"high\"\nsince = \"0.1.0\"\non = \"pool\"\n\
                        when = \"self.max_size > 100\"\nmessage = \"m\"\nhelp = \"h\"\n+++\n# Slow drain\n";

    fn lines(text: &str) -> Vec<String> {
        problems("slow-drain.md", text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_page_has_no_problem() {
        assert_eq!(lines(GOOD), Vec::<String>::new());
        assert_eq!(lines(&GOOD.replace('\n', "\r\n")), Vec::<String>::new());
        assert_eq!(lines("# No front matter\n"), Vec::<String>::new());
        assert_eq!(
            lines("+++\nid = \n+++\n"),
            Vec::<String>::new(),
            "the reader of pages says where the TOML is wrong"
        );
    }

    #[test]
    fn every_mistake_is_named_at_its_place() {
        let text = GOOD
            .replace("\"warning\"", "\"warnin\"")
            .replace("id = \"slow-drain\"", "id = \"Slow Drain\"")
            .replace("since", "sinse")
            .replace("\"m\"", "3");
        insta::assert_snapshot!(lines(&text).join("\n"), @r"
        slow-drain.md:2:1: the page lacks `since`
        slow-drain.md:2:6: `id` must be words in small letters, joined by hyphens
        slow-drain.md:3:12: `severity` is one of info, warning, error; did you mean `warning`?
        slow-drain.md:5:1: unknown key `sinse`; did you mean `since`?
        slow-drain.md:8:11: `message` must be of type string
        ");
        let cases =
            GOOD.replace("help", "[[case]]\nwhen = \"true\"\nmesage = \"x\"\n[[fix]]\nsafety = \"sure\"\ntitle");
        insta::assert_snapshot!(lines(&cases).join("\n"), @r"
        slow-drain.md:2:1: the page lacks `help`
        slow-drain.md:2:1: a page has either `when` and `message`, or one or more [[case]]
        slow-drain.md:9:1: `case` lacks `message`
        slow-drain.md:11:1: unknown key `mesage`; did you mean `message`?
        slow-drain.md:13:10: `safety` is one of safe, unsafe, suggest
        ");
    }

    #[test]
    fn every_shipped_page_follows_the_schema() {
        let pages = ignore::WalkBuilder::new("rules").build().filter_map(Result::ok);
        let pages = pages.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "md"));
        let mut count = 0;
        for page in pages {
            let text = std::fs::read_to_string(page.path()).expect("a page");
            let found = problems(&page.path().display().to_string(), &text);
            assert!(found.is_empty(), "{}", found.iter().map(|problem| format!("{problem}\n")).collect::<String>());
            count += 1;
        }
        assert!(count > 0);
    }
}
