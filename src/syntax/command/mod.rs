//! Command lines: one string, a list of strings, or `command` with `args`, with a shell around them or not.
//!
//! In go the scalars that hold a command, out comes the program that runs in the end with its arguments, each word with
//! its place in the file:
//!
//! ```
//! use trueup::syntax::command;
//!
//! let arguments = command::parse("sh -c 'cd /data && exec postgres -c shared_buffers=1GB'");
//! assert_eq!(arguments.program(), Some("postgres"));
//! let setting = &arguments.settings()[0];
//! assert_eq!((setting.name.as_str(), setting.value.as_deref()), ("shared_buffers", Some("1GB")));
//! let span = setting.value_span.expect("it stands there as it is meant");
//! assert_eq!(span.slice(&arguments.document.text), "1GB");
//! ```
//!
//! `sh -c SCRIPT` is replaced by the script's command: the one with `exec`, else the last; in a pipeline the first
//! program. `exec`, `env`, `nohup` and `NAME=value` before it are left out. Nothing is expanded, loops and conditions are
//! not understood: their words are then the words of some line in them.

mod handed;
mod settings;
mod words;

pub use handed::{Split, options};
pub use settings::Setting;
pub(super) use words::script;
pub use words::{Word, escaped, words};

use super::embed::{self, Embedded};
use super::{Document, Format, Node, NodeId, NodeKind, Span, SpanMap, Style};

/// A command and its arguments.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// A sequence of the words. Its text is made of the texts the words stand in; `map` leads back to the file. A word
    /// can be replaced where its span [is contiguous](SpanMap::is_contiguous) there and not in `read_only`.
    pub document: Document,
    /// Whether the words went through a shell's quoting, so that a new one must be quoted too.
    pub shell: bool,
    /// Spans of the text that stand in the file in another spelling (escaped, folded): they can be read only.
    pub read_only: Vec<Span>,
    /// Whether no program stands before the words.
    pub only_options: bool,
}

impl Arguments {
    /// The words, program first.
    pub fn words(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.document.roots.iter().flat_map(|&root| self.document.children(root))
    }

    /// The program, without its folder.
    pub fn program(&self) -> Option<&str> {
        let word = self.words().next()?;
        Some(base_name(self.document.scalar(word)))
    }
}

/// Reads a command line.
pub fn parse(text: &str) -> Arguments {
    let embedded = Embedded { text: text.to_owned(), map: SpanMap::identity(), faithful: true };
    assemble(vec![Source { embedded, list: false }])
}

/// Reads the command that `nodes` (`entrypoint` or `command`, then `args`) make up: sequences item by item, a scalar
/// split as by a shell. `None` if there is no scalar in them.
pub fn read(host: &Document, nodes: &[NodeId]) -> Option<Arguments> {
    let mut sources = Vec::new();
    for &node in nodes {
        let node = host.resolve(node);
        if host.node(node).kind == NodeKind::Seq {
            let items = host.children(node).filter_map(|item| embed::scalar(host, host.resolve(item)));
            sources.extend(items.map(|embedded| Source { embedded, list: true }));
        } else {
            sources.extend(embed::scalar(host, node).map(|embedded| Source { embedded, list: false }));
        }
    }
    (!sources.is_empty()).then(|| assemble(sources))
}

/// A text that words stand in.
struct Source {
    embedded: Embedded,
    /// Whether it is one word as it stands.
    list: bool,
}

/// A word of a source.
#[derive(Clone)]
struct Found {
    source: usize,
    word: Word,
}

/// Shells within shells deeper than this are taken as they are.
const DEPTH: usize = 4;

fn assemble(mut sources: Vec<Source>) -> Arguments {
    let mut found = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let text = &source.embedded.text;
        if source.list {
            let word = Word { text: text.clone(), span: Span::new(0, text.len()), operator: false };
            found.push(Found { source: index, word });
        } else {
            found.extend(words(text).into_iter().map(|word| Found { source: index, word }));
        }
    }
    for _ in 0..DEPTH {
        found.drain(..wrappers(&found));
        let Some(script) = script_argument(&found) else { break };
        let Some(inner) = unwrap_shell(&mut sources, &found, script) else { break };
        found = inner;
    }
    build(&sources, &found)
}

fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// How many words stand before the program proper.
fn wrappers(found: &[Found]) -> usize {
    let is_wrapper = |found: &&Found| {
        let text = &found.word.text;
        matches!(base_name(text), "exec" | "env" | "command" | "nohup" | "setsid") || is_assignment(text)
    };
    // A command of wrappers only keeps its last word.
    found.iter().take_while(is_wrapper).count().min(found.len().saturating_sub(1))
}

fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    !name.starts_with(|char: char| char.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The index of the script in `sh [-e] [-o pipefail] -c SCRIPT`.
fn script_argument(found: &[Found]) -> Option<usize> {
    let shell = base_name(&found.first()?.word.text);
    if !matches!(shell, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh") {
        return None;
    }
    let mut index = 1;
    loop {
        let text = found.get(index)?.word.text.as_str();
        index += 1;
        let flags = text.strip_prefix(['-', '+'])?;
        if flags.starts_with('-') {
            continue; // `--login`
        }
        index += usize::from(flags.ends_with('o'));
        if flags.contains('c') {
            return (index < found.len()).then_some(index);
        }
    }
}

/// The words of the command that matters in the script at `index`; a source is added if it is not verbatim.
fn unwrap_shell(sources: &mut Vec<Source>, found: &[Found], index: usize) -> Option<Vec<Found>> {
    let script = &found[index];
    let source = &sources[script.source];
    let spelled = script.word.span.slice(&source.embedded.text);
    let quotes = usize::from(spelled != script.word.text);
    let start = script.word.span.start as usize + quotes;
    let verbatim = source.embedded.text.get(start..start + script.word.text.len()) == Some(&script.word.text);
    let (source, offset) = if verbatim {
        (script.source, start)
    } else {
        let map = embed::unmappable(source.embedded.map.offset(script.word.span.start) as usize);
        let embedded = Embedded { text: script.word.text.clone(), map, faithful: false };
        sources.push(Source { embedded, list: false });
        (sources.len() - 1, 0)
    };
    sources[source].list = false;
    let all = words::script(&script.word.text);
    let mut inner: Vec<Found> = command_that_matters(&all)
        .iter()
        .cloned()
        .map(|mut word| {
            word.span = Span::new(word.span.start as usize + offset, word.span.end as usize + offset);
            Found { source, word }
        })
        .collect();
    // `sh -c 'exec "$@"' name postgres -c x=y`
    if inner.last().is_some_and(|last| last.word.text == "$@") {
        inner.pop();
        inner.extend(found.iter().skip(index + 2).cloned());
    }
    (!inner.is_empty()).then_some(inner)
}

fn command_that_matters(words: &[Word]) -> &[Word] {
    let mut last: &[Word] = &[];
    let mut in_pipe = false;
    for command in words.split_inclusive(|word| word.operator) {
        let (command, operator) = match command.split_last() {
            Some((operator, command)) if operator.operator => (command, operator.text.as_str()),
            _ => (command, ""),
        };
        if !command.is_empty() && !in_pipe {
            last = command;
            if command[0].text == "exec" && command.len() > 1 {
                return last; // nothing runs behind it
            }
        }
        in_pipe = operator == "|" || (in_pipe && command.is_empty());
    }
    last
}

/// The document over all sources that the words stand in.
fn build(sources: &[Source], found: &[Found]) -> Arguments {
    let mut text = String::new();
    let mut map = SpanMap::identity();
    let mut read_only = Vec::new();
    let mut offsets = vec![None; sources.len()];
    for word in found {
        if offsets[word.source].is_some() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let embedded = &sources[word.source].embedded;
        offsets[word.source] = Some(text.len());
        let inner = Span::new(text.len(), text.len() + embedded.text.len());
        if !embedded.faithful {
            read_only.push(inner);
        }
        embedded.append(&mut map, text.len());
        text.push_str(&embedded.text);
    }
    let mut document = Document::new(text, Format::CommandLine);
    document.map = map;
    let root = Node::new(NodeKind::Seq, Style::Plain, Span::new(0, document.text.len()));
    let root = document.push(root, None);
    document.roots.push(root);
    let mut shell = false;
    for Found { source, word } in found {
        shell |= !sources[*source].list;
        let offset = offsets[*source].unwrap_or_default(); // set above for each source that a word names
        let span = Span::new(word.span.start as usize + offset, word.span.end as usize + offset);
        let spelled = span.slice(&document.text);
        let style = match spelled.chars().next() {
            _ if sources[*source].list => Style::Plain,
            Some('\'') => Style::SingleQuoted,
            Some('"') => Style::DoubleQuoted,
            _ => Style::Plain,
        };
        let mut node = Node::new(NodeKind::Scalar, style, span);
        node.decoded = (spelled != word.text).then(|| word.text.as_str().into());
        document.push(node, Some(root));
    }
    Arguments { document, shell, read_only, only_options: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(arguments: &Arguments) -> Vec<&str> {
        arguments.words().map(|word| arguments.document.scalar(word)).collect()
    }

    /// A host with `items` as a flow sequence of double-quoted scalars.
    fn sequence(items: &[&str]) -> (Document, NodeId) {
        let mut document = Document::new(format!("{items:?}"), Format::Yaml);
        let root = document.push(Node::new(NodeKind::Seq, Style::Flow, Span::new(0, document.text.len())), None);
        document.roots.push(root);
        let mut at = 1;
        for item in items {
            let spelled = format!("{item:?}");
            let mut node = Node::new(NodeKind::Scalar, Style::DoubleQuoted, Span::new(at, at + spelled.len()));
            node.decoded = Some((*item).into());
            document.push(node, Some(root));
            at += spelled.len() + 2;
        }
        (document, root)
    }

    #[test]
    fn words_undo_quotes_and_keep_variables() {
        let line = r#"a 'b c' "d\"e" f\ g ${X:-h i} $(j k) "#;
        let found: Vec<String> = words(line).into_iter().map(|word| word.text).collect();
        assert_eq!(found, ["a", "b c", "d\"e", "f g", "${X:-h i}", "$(j k)"]);
        assert_eq!(words("''")[0].text, "");
        assert_eq!(words("a\\\nb")[0].text, "ab");
    }

    #[test]
    fn shells_and_wrappers_are_unwrapped() {
        for line in [
            "postgres -c a=b",
            "sh -c 'exec postgres -c a=b'",
            "/bin/bash -euo pipefail -c \"cd /x && A=1 exec postgres -c a=b\"",
            "bash -lc 'wait-for db; postgres -c a=b | tee log'",
            "env A=1 B=2 sh -c 'sh -c \"postgres -c a=b\"'",
            "sh -c 'exec \"$@\"' sh postgres -c a=b",
            "bash -c 'set -e # strict\nexec postgres \\\n  -c a=b\n'",
        ] {
            let arguments = parse(line);
            assert_eq!(text_of(&arguments), ["postgres", "-c", "a=b"], "{line}");
            let value = arguments.settings()[0].value_span.expect("it stands there");
            assert_eq!(value.slice(&arguments.document.text), "b", "{line}");
        }
    }

    #[test]
    fn list_items_map_to_their_places() {
        for items in [&["postgres", "-c", "a=b c"][..], &["sh", "-c", "exec postgres -c a='b c'"]] {
            let (host, node) = sequence(items);
            let arguments = read(&host, &[node]).expect("scalars");
            let setting = &arguments.settings()[0];
            assert_eq!(setting.value.as_deref(), Some("b c"));
            let span = arguments.document.host(setting.value_span.expect("exact"));
            assert_eq!(span.slice(&host.text).trim_matches('\''), "b c");
            assert!(arguments.read_only.is_empty());
        }
    }

    #[test]
    fn an_escaped_item_is_read_only() {
        let (host, node) = sequence(&["sh", "-c", "postgres\n-c a=b"]);
        let arguments = read(&host, &[node]).expect("scalars");
        assert_eq!(arguments.read_only.len(), 1);
    }

    #[test]
    fn settings_in_all_spellings() {
        let arguments = parse("postgres -ca=1 --b=2 -c c=3 -N 200 --help -c 'd=x y' -F -- -c e=5");
        let found: Vec<_> = arguments.settings().into_iter().map(|s| (s.name, s.value.unwrap_or_default())).collect();
        let expected = [("a", "1"), ("b", "2"), ("c", "3"), ("d", "x y")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let flags = arguments.flags();
        assert!(flags.iter().any(|flag| flag.name == "-N" && flag.value.as_deref() == Some("200") && flag.separate));
        assert!(flags.iter().any(|flag| flag.name == "--b" && flag.value.as_deref() == Some("2") && !flag.separate));
        assert!(flags.iter().any(|flag| flag.name == "-F" && flag.value.is_none()));
    }

    #[test]
    fn a_quoted_setting_knows_where_its_value_is() {
        for (line, value) in [("p -c 'a=b c'", "b c"), ("p -c a='b c'", "'b c'"), ("p -c \"a=b c\"", "b c")] {
            let arguments = parse(line);
            let span = arguments.settings()[0].value_span.expect("exact");
            assert_eq!(span.slice(&arguments.document.text), value, "{line}");
        }
        assert_eq!(parse("p -c a=b'c'").settings()[0].value.as_deref(), Some("bc"));
    }
}
