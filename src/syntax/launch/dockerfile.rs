//! Dockerfiles: `CMD`, `ENTRYPOINT` and `ENV` of the last stage (<https://docs.docker.com/reference/dockerfile/#cmd>).

use std::collections::VecDeque;

use super::program::command;
use super::shell::{Opening, openings};
use super::variables::{last_of_each_name, variables};
use super::{Entry, Launch, Start};
use crate::syntax::{Comment, Span};

/// The arguments of an instruction, with what joins their lines blanked, and where they begin.
type Arguments = (String, usize);

/// Reads a Dockerfile into `launch`; gives its comments.
pub(super) fn read(text: &str, launch: &mut Launch) -> Vec<Comment> {
    let mut comments = Vec::new();
    let (mut started, mut entrypoint): (Option<Arguments>, Option<Arguments>) = (None, None);
    let mut instruction: Option<(String, Arguments)> = None;
    let mut until: VecDeque<Opening> = VecDeque::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim_end_matches(['\n', '\r']);
        let trimmed = body.trim_start();
        if let Some(end) = until.front() {
            if body.trim_start_matches('\t') == end.end {
                until.pop_front();
            }
            continue;
        }
        if let Some(comment) = trimmed.strip_prefix('#') {
            // another character than `\` joins lines
            if comment.trim_start().to_ascii_lowercase().starts_with("escape") {
                return Vec::new();
            }
            let from = start + body.len() - trimmed.len();
            comments.push(Comment { span: Span::new(from, start + body.len()), own_line: true });
            if let Some((_, (joined, _))) = &mut instruction {
                joined.push_str(&" ".repeat(line.len()));
            }
            continue;
        }
        let goes_on = body.trim_end().ends_with('\\');
        let kept = if goes_on { &body[..body.trim_end().len() - 1] } else { body };
        match &mut instruction {
            Some((_, (joined, _))) => joined.push_str(kept),
            None => {
                let word = trimmed.find([' ', '\t']).map_or(trimmed, |end| &trimmed[..end]);
                let place = body.len() - trimmed.len() + word.len();
                let rest = kept.get(place..).unwrap_or_default();
                instruction = Some((word.to_ascii_uppercase(), (rest.to_owned(), start + place)));
            }
        }
        until = openings(kept);
        if goes_on {
            if let Some((_, (joined, _))) = &mut instruction {
                joined.push_str(&" ".repeat(line.len() - kept.len()));
            }
            continue;
        }
        match instruction.take() {
            Some((name, _)) if name == "FROM" => {
                (started, entrypoint) = (None, None);
                launch.environment.clear();
            }
            Some((name, (line, place))) if name == "ENV" => environment(&line, place, launch),
            Some((name, arguments)) if name == "CMD" => started = Some(arguments),
            Some((name, arguments)) if name == "ENTRYPOINT" => entrypoint = Some(arguments),
            _ => {}
        }
    }
    last_of_each_name(&mut launch.environment);
    let hands_on =
        |(line, _): &Arguments| line.trim_end().trim_end_matches(']').trim_end().ends_with("entrypoint.sh\"");
    // a container's own command takes the place of `CMD` only
    if started.is_some() {
        launch.start = Start::Replaceable;
    }
    let whole = match (entrypoint, started) {
        (None, command) => command,
        (Some(entrypoint), None) => Some(entrypoint),
        (Some(entrypoint), command) if hands_on(&entrypoint) => command,
        // what is made of the two stands in two places
        (Some(_), Some(_)) => None,
    };
    if let Some((line, place)) = whole {
        let line = if line.trim_start().starts_with('[') { words_of_list(&line) } else { Some(line) };
        let simple = line.filter(|line| !line.contains(['`', '(', ')', ';', '&', '|', '\\']));
        launch.command =
            simple.and_then(|line| command(&line, Span::new(place, place + line.len()), |text| text.contains('$')));
    }
    comments
}

/// `ENV NAME=value …`, or `ENV NAME the rest of the line`.
fn environment(line: &str, place: usize, launch: &mut Launch) {
    let found = if line.contains('\\') { Vec::new() } else { variables(line, place) };
    let body = line.trim();
    let (name, rest) = body.split_once([' ', '\t']).unwrap_or((body, ""));
    if !name.contains('=') {
        let (start, value) = (place + line.len() - line.trim_start().len(), rest.trim_start());
        let at = start + body.len() - value.len();
        if !value.is_empty() && !value.contains(['"', '\'', '\\']) {
            let (key, value_at) = (Span::new(start, start + name.len()), Span::new(at, at + value.len()));
            launch.environment.push(Entry { key, name: name.to_owned(), value: value_at, text: value.to_owned() });
        }
        return;
    }
    launch.environment.extend(found);
}

/// `["a", "b c"]` as `"a" "b c"`, each word where it was; none where a text has escapes.
fn words_of_list(line: &str) -> Option<String> {
    let mut inside = false;
    let blanked = |char: char| {
        inside ^= char == '"';
        if inside || !matches!(char, '[' | ']' | ',') { char } else { ' ' }
    };
    let plain: String = line.chars().map(blanked).collect();
    (!inside && !line.contains('\\')).then_some(plain)
}
