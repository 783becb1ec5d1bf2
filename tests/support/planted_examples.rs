//! The examples of the rules' own pages, planted into real files: first the one that is clean, then the one in which
//! the rule speaks.

use std::path::Path;

use trueup::analysis::{Analysed, Status};
use trueup::knowledge::{Example, Page, Shows};

use super::{Changed, Folder};

/// One rule with an example in which it speaks and one beside it that is clean, each a single file of the same name.
pub(crate) struct Pair {
    pub(crate) rule: String,
    clean: Example,
    found: Example,
}

/// The pairs of the pages below `rules/`, of the rules that are wanted.
pub(crate) fn pairs(wanted: impl Fn(&str) -> bool) -> Vec<Pair> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut pairs = Vec::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().flatten() {
        if entry.path().extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).expect("a readable page");
        let page = Page::parse(&entry.path().to_string_lossy(), &text).unwrap_or_else(|error| panic!("{error}"));
        if !wanted(&page.rule.id) {
            continue;
        }
        let examples = page.examples();
        let alone = |example: &&Example| examples.iter().filter(|other| other.group == example.group).count() == 1;
        let found = examples.iter().filter(alone).filter(|example| example.shows == Shows::Found);
        let with_clean = |found: &Example| {
            let mut clean = examples.iter().filter(alone).filter(|example| example.shows == Shows::Clean);
            clean.find(|clean| clean.path == found.path).cloned()
        };
        let rule = page.rule.id.to_string();
        pairs
            .extend(found.filter_map(|found| {
                Some(Pair { rule: rule.clone(), clean: with_clean(found)?, found: found.clone() })
            }));
    }
    pairs
}

impl Pair {
    /// The folder with the clean example in its first file that can take it, and with the other in its place.
    pub(crate) fn plant(&self, analysed: &Analysed, folder: &Folder) -> Option<Changed> {
        analysed.files.iter().enumerate().find_map(|(index, file)| {
            let Status::Recognised(dialects) = &file.status else { return None };
            let text = std::str::from_utf8(&folder[index].1).ok()?;
            let dialects: Vec<&str> = dialects.iter().map(|dialect| &**dialect).collect();
            let with = |example: &Example| {
                let mut folder = folder.clone();
                folder[index].1 = self.graft(&file.path, text, &dialects, example)?.into_bytes();
                Some(folder)
            };
            let what = format!("{}: its page's {}", file.path, self.found.path);
            Some(Changed { before: Some(with(&self.clean)?), folder: with(&self.found)?, what })
        })
    }

    /// The text of a real file with an example in it, if it is a file of the same kind without what the example says.
    fn graft(&self, path: &str, text: &str, dialects: &[&str], example: &Example) -> Option<String> {
        if !text.ends_with('\n') || text.contains('\r') {
            return None;
        }
        let both = [&self.clean.text, &self.found.text];
        let read_by = |dialect: &str| dialects.contains(&dialect);
        let only =
            |dialect: &str| read_by(dialect) && dialects.iter().all(|it| *it == dialect || it.starts_with("dsn-"));
        let name = self.found.path.rsplit('/').next()?;
        let added = &example.text;
        match name {
            ".env" => {
                let free = both.iter().all(|text_of| free_of(text, text_of, '='));
                (path.ends_with(".env") && free).then(|| format!("{text}{added}"))
            }
            "postgresql.conf" => {
                let free = both.iter().all(|text_of| free_of(text, text_of, '='));
                (path.ends_with(".conf") && read_by("postgresql") && free).then(|| format!("{text}{added}"))
            }
            "pgbouncer.ini" => (path.ends_with(".ini") && read_by("pgbouncer") && !text.contains("\n%include"))
                .then(|| section(text, &both, added))?,
            _ if added.starts_with("apiVersion:") => {
                (only("kubernetes") && is_yaml(path)).then(|| format!("{text}---\n{added}"))
            }
            _ if added.starts_with("services:\n") => {
                (read_by("compose") && is_yaml(path)).then(|| services(text, &both, added))?
            }
            // Rails reads a file of this very name, with the environments that stand in it already
            "database.yml" => None,
            _ if is_yaml(name) => {
                let spring = name.starts_with("application");
                let dialect = if spring { "spring-boot" } else { "generic" };
                let base = path.rsplit('/').next().and_then(|name| name.split_once('.')).map(|(base, _)| base);
                if spring && base != Some("application") {
                    return None;
                }
                let keys = both.iter().flat_map(|text| text.lines()).filter(|line| is_key(line));
                let mut keys = keys.map(|line| line.split(':').next().unwrap_or(line));
                let one = |text: &str| !text.contains("\n---") && !text.contains("\n...");
                let begins = text.lines().find(|line| !line.starts_with('#') && !line.is_empty()).is_some_and(is_key);
                let fits = only(dialect) && is_yaml(path) && one(text) && one(added) && begins;
                let free = keys.all(|key| text.lines().all(|line| !line.starts_with(key)));
                let added = if spring && !free { dotted(added)? } else { added.clone() };
                (fits && (free || spring) && !text.contains("bench")).then(|| format!("{text}{added}"))
            }
            _ => None,
        }
    }
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// Whether a line of YAML is a key of the root.
fn is_key(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_alphabetic()) && line.contains(':')
}

/// The example with the keys that stand alone at its outside joined by dots, as Spring takes them beside a section.
fn dotted(text: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let mut key = String::new();
    loop {
        let (first, rest) = lines.split_first()?;
        let alone = rest.iter().all(|line| line.starts_with("  "));
        let (Some(name), true) = (first.strip_suffix(':'), alone) else { break };
        key = if key.is_empty() { name.to_string() } else { format!("{key}.{name}") };
        lines = rest.iter().map(|line| &line[2..]).collect();
    }
    match lines.as_slice() {
        [single] if !key.is_empty() => Some(format!("{key}.{single}\n")),
        lines if key.contains('.') => {
            Some(format!("{key}:\n{}", lines.iter().map(|line| format!("  {line}\n")).collect::<String>()))
        }
        _ => None,
    }
}

/// Whether no line of a text sets what a line of the other one does.
fn free_of(text: &str, added: &str, separator: char) -> bool {
    let name = |line: &str| line.split(separator).next().unwrap_or("").trim().to_ascii_lowercase();
    let names: Vec<String> = added.lines().map(name).filter(|name| !name.is_empty()).collect();
    text.lines().all(|line| !names.contains(&name(line)))
}

/// The settings of an example's `[pgbouncer]` in place of those of the text, and its other sections left out.
fn section(text: &str, both: &[&String], added: &str) -> Option<String> {
    const HEADER: &str = "[pgbouncer]";
    let settings = |example: &str| -> Vec<String> {
        let lines = example.lines().skip_while(|line| *line != HEADER).skip(1);
        lines.take_while(|line| !line.starts_with('[')).map(str::to_string).collect()
    };
    // what the other sections say must be the same, for it is left out
    let others = |example: &str| example.split(HEADER).next().unwrap_or("").to_string();
    if others(both[0]) != others(both[1]) || !text.lines().any(|line| line == HEADER) {
        return None;
    }
    let name = |line: &str| line.split('=').next().unwrap_or("").trim().to_string();
    let names: Vec<String> = both.iter().flat_map(|example| settings(example)).map(|line| name(&line)).collect();
    let kept = text.lines().filter(|line| line.trim().is_empty() || !names.contains(&name(line)));
    let lines = kept.flat_map(|line| {
        let here = if line == HEADER { settings(added) } else { Vec::new() };
        std::iter::once(line.to_string()).chain(here)
    });
    Some(lines.map(|line| line + "\n").collect())
}

/// The services of an example among those of the text, at their depth.
fn services(text: &str, both: &[&String], added: &str) -> Option<String> {
    let only_services = |example: &str| example.lines().filter(|line| is_key(line)).count() == 1;
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| *line == "services:")?;
    let next = lines[at + 1..].iter().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))?;
    let depth = next.len() - next.trim_start().len();
    let names =
        both.iter().flat_map(|text| text.lines()).filter(|line| line.starts_with("  ") && !line[2..].starts_with(' '));
    let taken = names.map(str::trim).any(|name| text.lines().any(|line| line.trim() == name));
    if !both.iter().all(|example| only_services(example)) || depth == 0 || taken || text.contains("network_mode") {
        return None;
    }
    let indented = added.lines().skip(1).map(|line| match line.strip_prefix("  ") {
        Some(rest) => " ".repeat(depth) + rest,
        None => line.to_string(),
    });
    let mut all: Vec<String> = lines.iter().map(ToString::to_string).collect();
    all.splice(at + 1..at + 1, indented);
    Some(all.into_iter().map(|line| line + "\n").collect())
}
