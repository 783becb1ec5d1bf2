//! Units of systemd: `ExecStart=` and `Environment=` of `[Service]`
//! (<https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines>).

use super::program::command;
use super::variables::{last_of_each_name, variables};
use super::{Launch, Start};
use crate::syntax::{Comment, Span};

/// Reads a unit into `launch`; gives its comments.
pub(super) fn read(text: &str, launch: &mut Launch) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut in_service = false;
    let mut starts: Vec<(String, usize)> = Vec::new();
    // the entry under way: where its value begins, its key, and its lines with what joins them blanked
    let mut entry: Option<(usize, String, String)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim_end_matches(['\n', '\r']);
        let trimmed = body.trim_start();
        if trimmed.starts_with(['#', ';']) {
            let from = start + body.len() - trimmed.len();
            comments.push(Comment { span: Span::new(from, start + body.len()), own_line: true });
            if let Some((_, _, joined)) = &mut entry {
                joined.push_str(&" ".repeat(line.len()));
            }
            continue;
        }
        let goes_on = body.ends_with('\\');
        let kept = if goes_on { &body[..body.len() - 1] } else { body };
        match &mut entry {
            Some((_, _, joined)) => joined.push_str(kept),
            None if trimmed.starts_with('[') => {
                in_service = trimmed.trim_end() == "[Service]";
                continue;
            }
            None => {
                let Some((key, value)) = kept.split_once('=') else { continue };
                entry = Some((start + key.len() + 1, key.trim().to_owned(), value.to_owned()));
            }
        }
        if goes_on {
            if let Some((_, _, joined)) = &mut entry {
                joined.push_str(&" ".repeat(line.len() - kept.len()));
            }
        } else if let Some((place, key, value)) = entry.take().filter(|_| in_service) {
            take(&key, value, place, &mut starts, launch);
        }
    }
    if let Some((place, key, value)) = entry.filter(|_| in_service) {
        take(&key, value, place, &mut starts, launch);
    }
    // the last of a name holds, and `%` is put in by systemd
    last_of_each_name(&mut launch.environment);
    launch.environment.retain(|entry| !entry.text.contains('%'));
    // several commands run one after the other
    if let [(line, place)] = &starts[..] {
        let place = Span::new(*place, place + line.len());
        launch.command = command(line, place, |text| text.contains(['$', '%']));
    }
    comments
}

/// Takes one entry of `[Service]`; an empty one takes back those before it.
fn take(key: &str, value: String, place: usize, starts: &mut Vec<(String, usize)>, launch: &mut Launch) {
    match key {
        "ExecStart" if value.trim().is_empty() => {
            starts.clear();
            launch.start = Start::TakesBack;
        }
        "ExecStart" => {
            let line = value.trim_start();
            let prefix = line.len() - line.trim_start_matches(['-', '+', '!', ':']).len();
            let line = &line[prefix..];
            // what `@` says is the program's name, and escapes are not those of a shell
            let other = line.starts_with(['@', '|']) || line.contains('\\') || line.split(' ').any(|word| word == ";");
            let place = place + value.len() - line.len();
            starts.push((if other { String::new() } else { line.to_owned() }, place));
        }
        "Environment" if value.trim().is_empty() => launch.environment.clear(),
        // escapes are not those of a shell
        "Environment" if !value.contains('\\') => {
            // a quote within a word is a character
            let whole = variables(&value, place).into_iter().filter(|entry| entry.value.len() == entry.text.len());
            launch.environment.extend(whole);
        }
        _ => {}
    }
}
