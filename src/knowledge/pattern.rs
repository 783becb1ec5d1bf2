//! Path patterns of tables: where in a document something stands.
//!
//! ```text
//! spring.datasource.hikari            keys, spelled as the table says
//! services.*                          any key; it becomes part of the resource's identity
//! spec.containers[]                   every item of a sequence
//! env[name=PGMAX].value               items (or the map itself) whose `name` is that; `*` may stand at an end
//! metadata.annotations."acme.io/wait"  a key with a dot, quoted
//! ```

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// One step of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The key; `*` for any.
    pub key: Box<str>,
    /// Whether the step goes on into the items of a sequence.
    pub items: bool,
    /// A condition on the items, or on the map itself: `key = glob`.
    pub filter: Option<(Box<str>, Box<str>)>,
}

/// A sequence of steps; empty for the document itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Pattern {
    /// The steps from the outside in.
    pub segments: Vec<Segment>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Pattern, String> {
        let mut segments = Vec::new();
        if text.is_empty() || text == "." {
            return Ok(Pattern { segments });
        }
        let mut rest = text;
        loop {
            let key;
            if let Some(quoted) = rest.strip_prefix('"') {
                let end = quoted.find('"').ok_or_else(|| format!("'{text}': a quote is not closed"))?;
                key = &quoted[..end];
                rest = &quoted[end + 1..];
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                key = &rest[..end];
                rest = &rest[end..];
            }
            if key.is_empty() {
                return Err(format!("'{text}': a key is empty"));
            }
            let mut segment = Segment { key: key.into(), items: false, filter: None };
            if let Some(inner) = rest.strip_prefix('[') {
                let end = inner.find(']').ok_or_else(|| format!("'{text}': a bracket is not closed"))?;
                segment.items = true;
                if !inner[..end].is_empty() {
                    let (name, glob) = inner[..end]
                        .split_once('=')
                        .ok_or_else(|| format!("'{text}': a bracket holds nothing or 'key=value'"))?;
                    segment.filter = Some((name.into(), glob.into()));
                }
                rest = &inner[end + 1..];
            }
            segments.push(segment);
            match rest.strip_prefix('.') {
                Some(next) => rest = next,
                None if rest.is_empty() => return Ok(Pattern { segments }),
                None => return Err(format!("'{text}': expected '.' before '{rest}'")),
            }
        }
    }

    /// The last key, unless it stands for several.
    pub fn last_key(&self) -> Option<&str> {
        self.segments.last().map(|segment| &*segment.key).filter(|key| !key.contains('*'))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.segments.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            if segment.key.contains(['.', '[']) {
                write!(f, "\"{}\"", segment.key)?
            } else {
                f.write_str(&segment.key)?
            }
            match &segment.filter {
                Some((name, glob)) => write!(f, "[{name}={glob}]")?,
                None if segment.items => f.write_str("[]")?,
                None => {}
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return Pattern::parse(&text).map_err(serde::de::Error::custom);
        }
        Ok(Pattern { segments: Vec::deserialize(deserializer)? })
    }
}

/// The keys of a plain path from the outside in, without the quotes around those that hold dots: `a."b.c"` is `a`, `b.c`.
pub fn keys_of_path(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let text = rest?;
        if let Some((key, after)) = text.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
            rest = after.strip_prefix('.');
            return Some(key);
        }
        let (key, after) = text.split_once('.').map_or((text, None), |(key, after)| (key, Some(after)));
        rest = after;
        Some(key)
    })
}

/// Whether `text` matches `glob`, in which `*` stands for any run of characters. Linear in `text` per `*`.
pub fn glob(glob: &str, text: &str) -> bool {
    let Some(star) = memchr::memchr(b'*', glob.as_bytes()) else { return glob == text };
    let (head, tail) = (&glob[..star], &glob[star + 1..]);
    let Some(mut rest) = text.strip_prefix(head) else { return false };
    let mut parts = tail.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.len() >= part.len() && rest.ends_with(part);
        }
        let Some(at) = memchr::memmem::find(rest.as_bytes(), part.as_bytes()) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

/// Globs of texts, written as one or as a list; those with `!` before them name what is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Globs(pub Vec<String>);

impl Globs {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `text` fits one of them (any text where all of them leave out), and none that leaves out.
    pub fn fit(&self, text: &str) -> bool {
        let mut wanted = self.0.iter().filter(|glob| !glob.starts_with('!')).peekable();
        let left_out = || self.0.iter().filter_map(|glob| glob.strip_prefix('!')).any(|out| glob(out, text));
        (wanted.peek().is_none() || wanted.any(|wanted| glob(wanted, text))) && !left_out()
    }
}

impl<'de> Deserialize<'de> for Globs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            One(String),
            Several(Vec<String>),
        }
        if deserializer.is_human_readable() {
            return Ok(Globs(match Written::deserialize(deserializer)? {
                Written::One(glob) => vec![glob],
                Written::Several(globs) => globs,
            }));
        }
        Ok(Globs(Vec::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_globs_add_up_and_leave_out() {
        let globs = |globs: &[&str]| Globs(globs.iter().map(|glob| glob.to_string()).collect());
        for (globs, text, want) in [
            (globs(&["*ms", "*us"]), "5us", true),
            (globs(&["*ms", "*us"]), "5s", false),
            (globs(&["!*ms", "!*.*"]), "5s", true),
            (globs(&["!*ms", "!*.*"]), "0.5s", false),
            (globs(&["*s", "!*ms"]), "5ms", false),
        ] {
            assert_eq!(globs.fit(text), want, "{globs:?} {text}");
        }
    }

    #[test]
    fn patterns_read_and_print() {
        for text in
            ["spring.datasource.hikari", "services.*", "spec.containers[].env[name=PGMAX].value", "\"a.b\".c", "*"]
                .into_iter()
                .chain(["metadata.annotations.\"acme.io/wait\"", "labels.\"a.b/c\"[x=1].d", "\"a[b\""])
        {
            assert_eq!(Pattern::parse(text).expect(text).to_string(), text);
        }
        for text in ["a..b", "a[", "a[x]", "a]b.", "\"a"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn paths_fall_into_their_keys() {
        for (path, keys) in [
            ("kind", &["kind"][..]),
            ("metadata.name", &["metadata", "name"]),
            ("metadata.labels.\"app.kubernetes.io/name\"", &["metadata", "labels", "app.kubernetes.io/name"]),
            ("\"a.b\".c", &["a.b", "c"]),
            ("\"open.c", &["\"open", "c"]),
            ("", &[""]),
        ] {
            assert_eq!(keys_of_path(path).collect::<Vec<_>>(), keys, "{path}");
        }
    }

    #[test]
    fn globs_match_ends_and_middles() {
        for (pattern, text, want) in [
            ("*", "", true),
            ("postgres*", "postgres:16", true),
            ("*/postgres:*", "docker.io/library/postgres:16", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxcyyb", false),
            ("a*a", "a", false),
            ("plain", "plain", true),
        ] {
            assert_eq!(glob(pattern, text), want, "{pattern} {text}");
        }
    }
}
