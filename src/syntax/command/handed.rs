//! Options that a program hands to another one, all of them in one text: `pg_ctl -o "-c work_mem=64MB" start`.

use super::{Arguments, Found, Source, build, escaped, words};
use crate::syntax::embed::{self, Embedded};
use crate::syntax::{NodeId, SpanMap};

/// How a text of options is cut into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// By a shell.
    Shell,
    /// By a Postgres server, as [`escaped`] says.
    Server,
}

/// Reads a text of options, before which no program stands.
///
/// ```
/// use trueup::syntax::{SpanMap, command, embed::Embedded};
///
/// let text = Embedded { text: "-c jit=off --work-mem=4MB".into(), map: SpanMap::identity(), faithful: true };
/// let settings = command::options(text, command::Split::Server).settings();
/// assert_eq!(settings[1].value.as_deref(), Some("4MB"));
/// ```
pub fn options(text: Embedded, split: Split) -> Arguments {
    let cut = match split {
        Split::Shell => words(&text.text),
        Split::Server => escaped(&text.text),
    };
    let found: Vec<Found> = cut.into_iter().map(|word| Found { source: 0, word }).collect();
    let arguments = build(&[Source { embedded: text, list: false }], &found);
    Arguments { only_options: true, shell: split == Split::Shell, ..arguments }
}

impl Arguments {
    /// The values of an option: `-o TEXT`, `-oTEXT`, `--options TEXT`, `--options=TEXT`.
    pub fn values(&self, names: &[impl AsRef<str>]) -> Vec<Embedded> {
        let mut values = Vec::new();
        let mut words = self.words().skip(usize::from(!self.only_options));
        while let Some(word) = words.next() {
            let text = self.document.scalar(word);
            let rest = names.iter().find_map(|name| {
                let rest = text.strip_prefix(name.as_ref())?;
                let long = name.as_ref().starts_with("--");
                if rest.is_empty() || !long { Some(rest) } else { rest.strip_prefix('=') }
            });
            values.extend(match rest {
                Some("") if text.ends_with('=') => None,
                Some("") => words.next().and_then(|next| self.text_behind(next, 0)),
                Some(rest) => self.text_behind(word, text.len() - rest.len()),
                None => None,
            });
        }
        values
    }

    /// The text of a word behind its first `skip` bytes.
    fn text_behind(&self, word: NodeId, skip: usize) -> Option<Embedded> {
        let whole = embed::scalar(&self.document, word)?;
        let text = whole.text.get(skip..)?.to_owned();
        let place = self.document.node(word).content;
        let raw = place.slice(&self.document.text);
        // in quotes by itself: `--options="…"`
        let quoted = |quote: char| raw.get(skip..)?.strip_prefix(quote)?.strip_suffix(quote);
        let apart = skip > 0
            && self.shell
            && raw.get(..skip) == whole.text.get(..skip)
            && ['"', '\''].into_iter().any(|quote| quoted(quote) == Some(&*text));
        let editable = !self.read_only.iter().any(|span| span.contains(place));
        let faithful = editable && (whole.faithful || apart);
        let mut map = SpanMap::identity();
        match (faithful, apart) {
            (true, true) => {
                map.push(0, place.start as usize + skip + 1, text.len());
                map = map.through(&self.document.map);
            }
            (true, false) => {
                map.push(0, skip, text.len());
                map = map.through(&whole.map);
            }
            (false, _) => map = embed::unmappable(whole.map.offset(0) as usize),
        }
        Some(Embedded { text, map, faithful })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::command::parse;

    #[test]
    fn options_are_found_in_all_spellings_with_their_places() {
        for line in [
            "pg_ctl start -o '-c a=1 --b-c=2'",
            "pg_ctl -o\"-c a=1 --b-c=2\" start",
            "pg_ctl '--options=-c a=1 --b-c=2'",
            "pg_ctl --options '-c a=1 --b-c=2'",
            "pg_ctl -o '-c a=1' -w -o --b-c=2",
        ] {
            let arguments = parse(line);
            let inner = arguments.values(&["-o", "--options"]).into_iter().map(|text| options(text, Split::Shell));
            let mut found = Vec::new();
            for inner in inner {
                for setting in inner.settings() {
                    let span = inner.document.host(setting.value_span.expect("it stands there"));
                    found.push((setting.name, span.slice(line).to_owned()));
                }
            }
            assert_eq!(found, [("a".into(), "1".to_owned()), ("b-c".into(), "2".into())], "{line}");
        }
    }

    #[test]
    fn a_server_knows_no_quotes() {
        let text = Embedded { text: r"-c a='b c' --d=e\ f\".into(), map: SpanMap::identity(), faithful: true };
        let settings = options(text, Split::Server).settings();
        let found: Vec<_> = settings.iter().map(|one| (one.name.as_str(), one.value.as_deref())).collect();
        assert_eq!(found, [("a", Some("'b")), ("d", Some("e f"))]);
        assert_eq!(settings[1].value_span, None);
    }
}
