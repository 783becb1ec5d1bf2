//! Keys that a document must have to be known, or to be read in some way.

use serde::{Deserialize, Serialize};

use super::pattern::{glob, keys_of_path};

/// `path`, or `path=glob` of what stands there: `kind=Deployment|StatefulSet`, `spec.replicas`, `services={}` for a map.
/// `a|b` takes either key, `*` the first entry or item; a key with dots stands in quotes. Taken apart when it is read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct KeyTest {
    text: Box<str>,
    steps: Box<[Step]>,
    value: Wanted,
}

/// One step of the path: any of these keys.
type Step = Box<[Box<str>]>;

/// What must stand at the end of the path.
#[derive(Debug, Clone)]
enum Wanted {
    Anything,
    Map,
    Text(Box<[Box<str>]>),
}

impl KeyTest {
    /// As it is written in the table.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The keys from the outside in.
    pub fn steps(&self) -> &[Box<[Box<str>]>] {
        &self.steps
    }

    /// Whether what stands at the end of the path will do: a map, or a scalar of this text (of what else it is empty).
    pub fn takes(&self, is_map: bool, text: &str) -> bool {
        match &self.value {
            Wanted::Anything => true,
            Wanted::Map => is_map,
            Wanted::Text(globs) => globs.iter().any(|pattern| glob(pattern, text)),
        }
    }
}

impl From<&str> for KeyTest {
    fn from(text: &str) -> KeyTest {
        let (path, value) = text.split_once('=').map_or((text, None), |(path, value)| (path, Some(value)));
        let either = |text: &str| text.split('|').map(Box::from).collect::<Box<[_]>>();
        let value = match value {
            None => Wanted::Anything,
            Some("{}") => Wanted::Map,
            Some(globs) => Wanted::Text(either(globs)),
        };
        KeyTest { text: text.into(), steps: keys_of_path(path).map(either).collect(), value }
    }
}

impl From<String> for KeyTest {
    fn from(text: String) -> KeyTest {
        text.as_str().into()
    }
}

impl From<KeyTest> for String {
    fn from(test: KeyTest) -> String {
        test.text.into()
    }
}

/// Several of them, all of which must hold: `a & b`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct KeyTests(pub Box<[KeyTest]>);

impl From<String> for KeyTests {
    fn from(text: String) -> KeyTests {
        KeyTests(text.split('&').map(|one| KeyTest::from(one.trim())).collect())
    }
}

impl From<KeyTests> for String {
    fn from(tests: KeyTests) -> String {
        tests.0.iter().map(KeyTest::text).collect::<Vec<_>>().join(" & ")
    }
}
