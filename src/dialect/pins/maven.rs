//! `pom.xml`: the parent, dependencies, managed dependencies and properties. Profiles are passed over: they may not hold.

use std::borrow::Cow;
use std::collections::HashMap;

use super::xml::{Met, walk};
use super::{Package, substitute};
use crate::knowledge::Ecosystem;
use crate::syntax::Span;

/// A `parent` or `dependency` as far as it was read.
#[derive(Default)]
struct Coordinates<'t> {
    group: &'t str,
    artifact: &'t str,
    version: Option<(&'t str, Span)>,
}

pub(super) fn packages(text: &str) -> Vec<Package<'_>> {
    let mut properties: HashMap<&str, (&str, Span)> = HashMap::new();
    let mut read: Vec<Coordinates<'_>> = Vec::new();
    walk(text, &mut |path, met| match (path, met) {
        (
            ["project", "parent"]
            | ["project", "dependencies", "dependency"]
            | ["project", "dependencyManagement", "dependencies", "dependency"],
            Met::Open,
        ) => read.push(Coordinates::default()),
        (["project", "properties", name], Met::Text(value, span)) => {
            properties.insert(name, (value, span));
        }
        (
            ["project", "parent", part]
            | ["project", "dependencies", "dependency", part]
            | ["project", "dependencyManagement", "dependencies", "dependency", part],
            Met::Text(value, span),
        ) => {
            if let Some(last) = read.last_mut() {
                match *part {
                    "groupId" => last.group = value,
                    "artifactId" => last.artifact = value,
                    "version" => last.version = Some((value, span)),
                    _ => {}
                }
            }
        }
        _ => {}
    });
    let lookup = |name: &str| properties.get(name).map(|(value, _)| Cow::Borrowed(*value));
    let package = |name: String, value, span| {
        Package::new(Ecosystem::Maven, name, substitute(value, &lookup).unwrap_or(Cow::Borrowed(value)), span)
    };
    let named = properties.iter().map(|(name, &(value, span))| package(format!("${{{name}}}"), value, span));
    let mut packages: Vec<Package<'_>> = named.collect();
    for Coordinates { group, artifact, version } in &read {
        if let Some((value, span)) = *version {
            packages.push(package(format!("{group}:{artifact}"), value, span));
        }
    }
    packages
}
