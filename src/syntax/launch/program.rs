//! The program that a command line runs, with its settings.

use std::collections::HashSet;

use super::{Entry, TEMPLATE};
use crate::syntax::command::{self, Arguments, Word};
use crate::syntax::{NodeId, Span};

/// A program with its settings.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) program: String,
    pub(super) span: Span,
    pub(super) settings: Vec<Entry>,
    /// Where the settings are those of a program that this one starts: the plain words of its command.
    pub(super) hands_on: Option<Vec<Entry>>,
}

/// Spellings of the option by which a program hands options on to the one that it starts.
pub(super) const HANDED_ON: [&str; 2] = ["-o", "--options"];

/// The command at `place` of a text of which `line` is that part, without comments; `is_open` tells of a value that
/// something else fills in. None where it has no settings that stand there as they are meant.
pub(super) fn command(line: &str, place: Span, is_open: fn(&str) -> bool) -> Option<Command> {
    if is_script_of_many(line) {
        return None;
    }
    let arguments = command::parse(line);
    // words that a shell within a shell unquotes twice stand elsewhere
    if !arguments.read_only.is_empty() || !arguments.document.text.starts_with(line) {
        return None;
    }
    let program = handed_on(&arguments)?;
    let texts = arguments.values(&HANDED_ON);
    let inner: Vec<Arguments> = texts
        .iter()
        // the shell of the program that starts another ends the command with a line
        .filter(|text| text.faithful && !text.text.contains('\n'))
        .map(|text| command::options(text.clone(), command::Split::Shell))
        .collect();
    if inner.iter().all(|inner| inner.settings().is_empty()) {
        let settings = settings(std::slice::from_ref(&arguments), place, is_open)?;
        return (!settings.is_empty()).then_some(Command { program, span: place, settings, hands_on: None });
    }
    // of options that are read one by one, the last decides
    if inner.len() < texts.len() {
        return None;
    }
    let settings = settings(&inner, place, is_open)?;
    let is_plain = |word: &NodeId| {
        let text = arguments.document.scalar(*word);
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    let word = |word: NodeId| {
        let span = arguments.document.node(word).content;
        let key = Span { start: span.start + place.start, end: span.end + place.start };
        let value = Span { start: key.end, end: key.end };
        Entry { key, name: arguments.document.scalar(word).to_owned(), value, text: String::new() }
    };
    let mut words: Vec<Entry> = arguments.words().skip(1).filter(is_plain).map(word).collect();
    let mut known = HashSet::new();
    words.retain(|word| word.name != "options" && known.insert(word.name.clone()));
    (!settings.is_empty()).then_some(Command { program, span: place, settings, hands_on: Some(words) })
}

/// The settings of one command line, in order, as they stand at `place`; none where some may stand there otherwise.
fn settings(lines: &[Arguments], place: Span, is_open: fn(&str) -> bool) -> Option<Vec<Entry>> {
    let mut settings = Vec::new();
    let mut known = HashSet::new();
    for arguments in lines.iter().rev() {
        for setting in arguments.settings().into_iter().rev() {
            let name = setting.name.replace('-', "_").to_ascii_lowercase();
            let (Some(text), Some(key), Some(value)) = (setting.value, setting.name_span, setting.value_span) else {
                return None;
            };
            if name.is_empty() || is_open(&name) {
                return None;
            }
            if known.insert(name.clone()) && !is_open(&text) && !text.contains(TEMPLATE) {
                let within = |span: Span| {
                    let span = arguments.document.host(span);
                    Span { start: span.start + place.start, end: span.end + place.start }
                };
                settings.push(Entry { key: within(key), name, value: within(value), text });
            }
        }
    }
    settings.reverse();
    Some(settings)
}

/// Whether a shell is handed a script in which more than one command stands: one may decide about the others.
fn is_script_of_many(line: &str) -> bool {
    let is_shell = |word: &Word| {
        let base = word.text.rsplit('/').next().unwrap_or_default();
        matches!(base, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh")
    };
    line.contains([';', '&', '|', '\n']) && command::words(line).iter().any(is_shell)
}

/// The program that runs in the end: `…entrypoint.sh` runs the command it is handed, `gosu` and `su-exec` run it as
/// another user.
fn handed_on(arguments: &Arguments) -> Option<String> {
    let base = |word: NodeId| arguments.document.scalar(word).rsplit('/').next().unwrap_or_default();
    let mut words = arguments.words();
    loop {
        match base(words.next()?) {
            "gosu" | "su-exec" => words.next().map(drop)?,
            "exec" | "env" | "nohup" => {}
            script if script.ends_with("entrypoint.sh") => {}
            program if program.starts_with('-') || program.contains('$') => return None,
            program => return Some(program.to_owned()),
        }
    }
}
