//! Pages and tables of the user's own, from a folder of `rules = ["./trueup/"]`, added to the shipped knowledge.
//!
//! `*.md` with front matter is a page, any other `*.md` a README beside them; `*.toml` is a table. A page's category is the
//! folder it stands in. Links to directories are not followed.

use std::io::ErrorKind;
use std::path::Path;

use ignore::WalkBuilder;

use super::settings::Named;
use super::walk::reason;
use super::{Problem, Settings, front_matter, paths};
use crate::knowledge::{Knowledge, PageError};

/// Adds what stands in `folder`, which the settings call `named`. What is wrong with one file keeps only that file out.
pub(super) fn add(knowledge: &mut Knowledge, folder: &Path, named: &Named, settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Err(error) = folder.read_dir() {
        let message = match error.kind() {
            ErrorKind::NotFound => format!("`{}`: no such directory", named.name),
            ErrorKind::NotADirectory => format!("`{}` is no directory", named.name),
            _ => format!("`{}` {}", named.name, reason(&error)),
        };
        return vec![settings.problem(named, message)];
    }
    // as the settings file is named, so that a problem names a path the user can open
    let beside = Path::new(&settings.path).parent().unwrap_or(Path::new(""));
    let shown_folder = paths::normal(&beside.join(&named.name));
    let mut builder = WalkBuilder::new(folder);
    builder.standard_filters(false).sort_by_file_name(|a, b| a.cmp(b));
    for entry in builder.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                problems.push(settings.problem(named, error.to_string()));
                continue;
            }
        };
        let path = entry.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if !path.is_file() || !matches!(extension, Some("md" | "toml")) {
            continue;
        }
        let inside = paths::relative(folder, path);
        let shown = if shown_folder.is_empty() { inside } else { format!("{shown_folder}/{inside}") };
        match std::fs::read(path).map_err(|error| reason(&error)).and_then(text) {
            Ok(text) if extension == Some("toml") => {
                problems.extend(knowledge.add_table(&shown, &text).err().as_ref().map(problem))
            }
            Ok(text) if text.starts_with("+++") => problems.extend(page(knowledge, &shown, &text)),
            Ok(_) => {}
            Err(reason) => problems.push(Problem::new(shown, reason)),
        }
    }
    problems
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".into())
}

/// Adds a page: first all that the schema says, then what only the reader knows.
fn page(knowledge: &mut Knowledge, shown: &str, text: &str) -> Vec<Problem> {
    let problems = front_matter::problems(shown, text);
    if !problems.is_empty() {
        return problems;
    }
    knowledge.add_page(shown, text).err().as_ref().map(problem).into_iter().collect()
}

/// An error of the knowledge reader.
pub(super) fn problem(error: &PageError) -> Problem {
    let problem = Problem::new(error.path.clone(), error.message.clone());
    match error.line {
        Some(line) => problem.at(line, error.column.unwrap_or(1)),
        None => problem,
    }
}
