//! NuGet: references in project files and `Directory.Packages.props`, and `packages.lock.json`.
//!
//! A bare version means "this or later", and the restore takes the lowest that fits: for a direct reference, this one.

use std::borrow::Cow;
use std::collections::HashMap;

use super::xml::{Met, walk};
use super::{Package, json, substitute};
use crate::knowledge::Ecosystem;
use crate::syntax::Span;

/// A reference as far as it was read.
#[derive(Default)]
struct Reference<'t> {
    name: &'t str,
    version: Option<(&'t str, Span)>,
    conditional: bool,
}

pub(super) fn project(text: &str) -> Vec<Package<'_>> {
    let mut properties: HashMap<&str, Option<&str>> = HashMap::new();
    let mut references: Vec<Reference<'_>> = Vec::new();
    let mut group_is_conditional = false;
    walk(text, &mut |path, met| match (path, met) {
        ([_, "ItemGroup" | "PropertyGroup"], Met::Open) => group_is_conditional = false,
        ([_, "ItemGroup" | "PropertyGroup", "Condition"], Met::Text(..)) => group_is_conditional = true,
        ([_, "PropertyGroup", name], Met::Text(value, _)) => {
            let value = (!group_is_conditional).then_some(value);
            let known = properties.entry(name).or_insert(value);
            if *known != value {
                *known = None;
            }
        }
        ([_, "ItemGroup", "PackageReference" | "PackageVersion" | "GlobalPackageReference"], Met::Open) => {
            references.push(Reference { conditional: group_is_conditional, ..Reference::default() });
        }
        (
            [_, "ItemGroup", "PackageReference" | "PackageVersion" | "GlobalPackageReference", part],
            Met::Text(value, span),
        ) => {
            if let Some(reference) = references.last_mut() {
                match *part {
                    "Include" | "Update" => reference.name = value,
                    "Version" | "VersionOverride" => reference.version = Some((value, span)),
                    "Condition" => reference.conditional = true,
                    _ => {}
                }
            }
        }
        _ => {}
    });
    let lookup = |name: &str| properties.get(name).copied().flatten().map(Cow::Borrowed);
    let mut packages = Vec::new();
    for reference in references {
        let Some((value, span)) = reference.version else { continue };
        let value = value.trim();
        let exact = value.strip_prefix('[').and_then(|value| value.strip_suffix(']')).unwrap_or(value);
        let version = match substitute(exact, &lookup) {
            Some(version) if !reference.conditional => version.into_owned(),
            _ => "conditional".into(),
        };
        packages.push(Package::new(Ecosystem::Nuget, reference.name, version, span));
    }
    packages
}

pub(super) fn lock(text: &str) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    json::texts(text, &mut |path, value, span| {
        if let ["dependencies", _, name, "resolved"] = path {
            packages.push(Package::new(Ecosystem::Nuget, *name, value, span));
        }
    });
    packages
}
