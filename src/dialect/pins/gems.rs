//! `Gemfile.lock`: what was resolved stands four blanks in, as `name (version)`.

use super::{Package, lines};
use crate::knowledge::Ecosystem;
use crate::syntax::Span;

pub(super) fn packages(text: &str) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    for (start, line) in lines(text) {
        let inner = line.strip_prefix("    ").filter(|inner| !inner.starts_with(' '));
        let Some((name, rest)) = inner.and_then(|inner| inner.split_once(" (")) else { continue };
        let Some(version) = rest.strip_suffix(')') else { continue };
        // `1.5.4-x86_64-linux`: the platform is no part of the version
        let version = version.split('-').next().unwrap_or(version);
        let at = start + "    ".len() + name.len() + " (".len();
        packages.push(Package::new(Ecosystem::Gem, name, version, Span::new(at, at + version.len())));
    }
    packages
}
