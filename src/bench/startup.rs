//! The log of a server that did not start, into what the user has to mend.

use std::path::Path;

use super::configuration::Configuration;
use crate::workspace::Problem;

/// A message of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Message<'t> {
    level: &'t str,
    text: &'t str,
    hint: Option<&'t str>,
}

const LEVELS: [&str; 6] = ["LOG", "WARNING", "ERROR", "FATAL", "PANIC", "NOTICE"];

/// What the log of a failed start says, each at the line of the configuration that it is about. `copies` is where the
/// configuration was written to.
pub(super) fn problems(log: &str, configuration: &Configuration, copies: &Path) -> Vec<Problem> {
    let messages = messages(log);
    let fatal = messages.iter().rposition(|message| matches!(message.level, "FATAL" | "PANIC"));
    let Some(last) = fatal else {
        let said = log.lines().last().unwrap_or("it says nothing").trim();
        return vec![Problem::new(configuration.path.clone(), format!("the server does not start: {said}"))];
    };
    // what is wrong with a file is said line by line before the server gives up
    let of_files = messages.iter().take(last).filter(|message| message.level == "LOG");
    let mut found: Vec<&Message<'_>> = match messages.get(last) {
        Some(message) if message.text.contains("contains errors") => of_files.collect(),
        _ => Vec::new(),
    };
    if found.is_empty() {
        found.extend(messages.get(last));
    }
    found.into_iter().map(|message| problem(message, configuration, copies)).collect()
}

fn problem(message: &Message<'_>, configuration: &Configuration, copies: &Path) -> Problem {
    let mut text = message.text.to_owned();
    let mut place = None;
    if let Some((before, rest)) = message.text.split_once(" in file \"")
        && let Some((path, rest)) = rest.split_once("\" line ")
    {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let origin = configuration.origin(copies, path);
        place = origin.and_then(|origin| Some((origin.to_owned(), digits.parse().ok()?)));
        if place.is_some() {
            text = format!("{before}{}", rest.get(digits.len()..).unwrap_or_default());
        }
    }
    if place.is_none()
        && let Some((_, rest)) = message.text.split_once("parameter \"")
        && let Some((name, _)) = rest.split_once('"')
    {
        place = configuration.place(name).map(|(path, line)| (path.to_owned(), line));
    }
    // a token is what secrets are called too, and would be masked
    let text = format!("the server does not start: {}", text.replace("near token", "near"));
    let problem = match place {
        Some((path, line)) => Problem::new(path, text).at(line, 1),
        None => Problem::new(configuration.path.clone(), text),
    };
    match message.hint {
        Some(hint) => problem.advice(hint.trim_end_matches('.')),
        None => problem,
    }
}

/// The messages of a log, whatever stands before their level.
fn messages(log: &str) -> Vec<Message<'_>> {
    let mut found: Vec<Message<'_>> = Vec::new();
    for line in log.lines() {
        let part = |level: &str| line.split_once(&format!("{level}:  ")).map(|(_, text)| text.trim());
        if let Some((level, text)) = LEVELS.iter().find_map(|level| Some((*level, part(level)?))) {
            found.push(Message { level, text, hint: None });
        } else if let (Some(hint), Some(message)) = (part("HINT"), found.last_mut()) {
            message.hint = Some(hint);
        }
    }
    found
}

/// The last that a server says of its end: for one that stops while it is measured.
pub(super) fn last_words(log: &str) -> Option<&str> {
    let messages = messages(log);
    messages.iter().rev().find(|message| matches!(message.level, "FATAL" | "PANIC")).map(|message| message.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_start_is_told_at_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "work_mem = 4MB\nwal_compression = lz4x\nwork_memory = 4MB\n";
        std::fs::write(folder.path().join("a.conf"), text).expect("a file");
        let configuration = Configuration::read("tuned=a.conf", folder.path()).expect("it is read");
        let said = |log: &str| {
            let problems = problems(log, &configuration, Path::new("/copies"));
            problems.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let log = "2026-01-01 00:00:00.000 GMT [1] LOG:  invalid value for parameter \"wal_compression\": \"lz4x\"\n\
                   2026-01-01 00:00:00.000 GMT [1] HINT:  Available values: pglz, lz4, on, off.\n\
                   2026-01-01 00:00:00.000 GMT [1] LOG:  unrecognized configuration parameter \"work_memory\" in file \"/copies/given.conf\" line 3\n\
                   2026-01-01 00:00:00.000 GMT [1] FATAL:  configuration file \"/copies/postgresql.conf\" contains errors\n";
        assert_eq!(
            said(log),
            [
                "a.conf:2:1: the server does not start: invalid value for parameter \"wal_compression\": \"lz4x\"; \
                 Available values: pglz, lz4, on, off",
                "a.conf:3:1: the server does not start: unrecognized configuration parameter \"work_memory\"",
            ]
        );
        let log = "x LOG:  syntax error in file \"/copies/given.conf\" line 1, near token \"MBX\"\n\
                   x FATAL:  configuration file \"/copies/postgresql.conf\" contains errors\n";
        assert_eq!(said(log), ["a.conf:1:1: the server does not start: syntax error, near \"MBX\""]);
        let log = "x FATAL:  could not map anonymous shared memory: Cannot allocate memory\nx HINT:  Reduce it.\n";
        assert_eq!(
            said(log),
            [
                "a.conf: the server does not start: could not map anonymous shared memory: Cannot allocate memory; Reduce it"
            ]
        );
        assert_eq!(said(""), ["a.conf: the server does not start: it says nothing"]);
    }
}
