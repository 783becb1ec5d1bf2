//! Python: `requirements*.txt`, `uv.lock` and `poetry.lock`, `Pipfile.lock`.

use super::{Package, json, lines};
use crate::knowledge::Ecosystem;
use crate::syntax::Span;

/// `name[extras]==1.2.3 ; marker`: other operators say no exact version.
pub(super) fn requirements(text: &str) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    for (start, line) in lines(text) {
        let end =
            line.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-')).unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        if name.is_empty() || name.starts_with('-') {
            continue;
        }
        let rest = rest.trim_start();
        let rest = if rest.starts_with('[') { rest.split_once(']').map_or("", |(_, rest)| rest) } else { rest };
        let wanted = rest.split([';', '#', '\\']).next().unwrap_or("").split(" --").next().unwrap_or("").trim();
        if wanted.is_empty() {
            continue;
        }
        let version = wanted.strip_prefix("==").unwrap_or(wanted).trim_start_matches('=').trim();
        // `>=2` stays as it is, and is no exact version
        let version = if wanted.starts_with("==") { version } else { wanted };
        let at = start + line.find(version).unwrap_or(0);
        packages.push(Package::new(Ecosystem::Pypi, name, version, Span::new(at, at + version.len())));
    }
    packages
}

/// The `[[package]]` tables of a lock.
pub(super) fn lock(text: &str) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    let mut inside = false;
    let mut name = None;
    for (start, line) in lines(text) {
        if line.starts_with('[') {
            inside = line.trim_end() == "[[package]]";
            name = None;
        } else if !inside {
        } else if let Some(value) = quoted(line, "name") {
            name = Some(value);
        } else if let (Some(version), Some(name)) = (quoted(line, "version"), name) {
            let at = start + line.find(version).unwrap_or(0);
            packages.push(Package::new(Ecosystem::Pypi, name, version, Span::new(at, at + version.len())));
        }
    }
    packages
}

pub(super) fn pipfile(text: &str) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    json::texts(text, &mut |path, value, span| {
        if let ["default" | "develop", name, "version"] = path
            && let Some(version) = value.strip_prefix("==")
        {
            packages.push(Package::new(Ecosystem::Pypi, *name, version, span));
        }
    });
    packages
}

/// `x` of `key = "x"`.
fn quoted<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    let rest = line.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim_start();
    rest.strip_prefix('"')?.split('"').next()
}
