//! `go.mod`: what is required; a module that is replaced has no version that counts.

use std::collections::HashSet;

use super::{Package, lines};
use crate::knowledge::Ecosystem;
use crate::syntax::Span;

pub(super) fn packages(text: &str) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    let mut replaced: HashSet<&str> = HashSet::new();
    let mut block = "";
    for (start, line) in lines(text) {
        let code = line.split("//").next().unwrap_or(line);
        let mut words = code.split_whitespace();
        let Some(first) = words.next() else { continue };
        let directive = match (first, block) {
            (")", _) => {
                block = "";
                continue;
            }
            ("require" | "replace" | "exclude" | "retract", _) => first,
            (_, "") => continue,
            (_, block) => block,
        };
        let module = if directive == first { words.next() } else { Some(first) };
        match (directive, module) {
            (_, Some("(")) => block = directive,
            ("replace", Some(module)) => {
                replaced.insert(module);
            }
            ("require", Some(module)) => {
                let Some(version) = words.next() else { continue };
                let at = start + line.rfind(version).unwrap_or(0);
                packages.push(Package::new(Ecosystem::Go, module, version, Span::new(at, at + version.len())));
            }
            _ => {}
        }
    }
    for package in &mut packages {
        if replaced.contains(&*package.name) {
            package.version = "replaced".into();
        }
    }
    packages
}
