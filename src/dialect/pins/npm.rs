//! npm: `package-lock.json`, `yarn.lock` of both kinds, `pnpm-lock.yaml`.

use super::{Package, json, lines};
use crate::knowledge::Ecosystem;
use crate::syntax::Span;

/// What stands at the top of `node_modules`, also of a workspace; what only another package uses is passed over.
pub(super) fn package_lock(text: &str) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    json::texts(text, &mut |path, value, span| {
        let (folder, name) = match path {
            ["packages", place, "version"] => match place.split_once("node_modules/") {
                Some((folder, name)) if !name.contains("node_modules/") => (folder.trim_end_matches('/'), name),
                _ => return,
            },
            ["dependencies", name, "version"] => ("", *name),
            _ => return,
        };
        packages.push(Package { folder, ..Package::new(Ecosystem::Npm, name, value, span) });
    });
    packages
}

/// `"pg@^8.7.1", pg@^8.11:` and below it `  version "8.11.3"`; since Yarn 2 `"pg@npm:^8.11":` and `  version: 8.11.3`.
pub(super) fn yarn(text: &str) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    let mut name = None;
    for (start, line) in lines(text) {
        if !line.starts_with([' ', '#']) {
            name = name_of(line.trim_start_matches('"'));
        } else if let Some(rest) = line.strip_prefix("  version")
            && let Some(name) = name.take()
        {
            let version = rest.trim_start_matches(':').trim().trim_matches('"');
            let at = start + line.find(version).unwrap_or(0);
            packages.push(Package::new(Ecosystem::Npm, name, version, Span::new(at, at + version.len())));
        }
    }
    packages
}

/// The keys of `packages`: `pg@8.11.3`, `/pg@8.11.3`, `/pg/8.11.3`, with peers behind `(` or `_`.
pub(super) fn pnpm(text: &str) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    let mut inside = false;
    for (start, line) in lines(text) {
        if !line.starts_with(' ') && !line.is_empty() {
            inside = line == "packages:";
        }
        let Some(key) = line.strip_prefix("  ").filter(|key| inside && !key.starts_with(' ')) else { continue };
        let Some(key) = key.trim_end().trim_end_matches(" {}").strip_suffix(':') else { continue };
        let key = key.trim_matches(['\'', '"']).trim_start_matches('/');
        let key = key.split('(').next().unwrap_or(key);
        let old = key.rsplit_once('/').filter(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()));
        let split = old.or_else(|| name_of(key).map(|name| (name, key.get(name.len() + 1..).unwrap_or(""))));
        let Some((name, version)) = split else { continue };
        let version = version.split('_').next().unwrap_or(version);
        let at = start + line.rfind(version).unwrap_or(0);
        packages.push(Package::new(Ecosystem::Npm, name, version, Span::new(at, at + version.len())));
    }
    packages
}

/// `pg` of `pg@^8.7.1`, `@prisma/client` of `@prisma/client@5.0.0`.
fn name_of(selector: &str) -> Option<&str> {
    let at = selector.get(1..)?.find('@')? + 1;
    Some(&selector[..at])
}
