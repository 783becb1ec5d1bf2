//! Helm: a chart's own application version, and the charts it depends on.

use super::Package;
use crate::knowledge::Ecosystem;
use crate::syntax::{Format, NodeId, NodeKind, parse};

/// `Chart.yaml` and `Chart.lock`.
pub(super) fn packages(text: &str) -> Vec<Package<'static>> {
    let document = parse(text, Format::Yaml);
    let mut packages = Vec::new();
    let Some(&root) = document.roots.first() else { return packages };
    let mut add = |ecosystem, map: NodeId, key: &str| {
        let scalar = |key| document.entry(map, key).filter(|&node| document.node(node).kind == NodeKind::Scalar);
        if let (Some(name), Some(version)) = (scalar("name"), scalar(key)) {
            let (name, text) = (document.scalar(name).to_string(), document.scalar(version).to_string());
            packages.push(Package::new(ecosystem, name, text, document.node(version).content));
        }
    };
    add(Ecosystem::HelmApp, root, "appVersion");
    if let Some(list) = document.entry(root, "dependencies") {
        document.children(list).for_each(|item| add(Ecosystem::HelmChart, item, "version"));
    }
    packages
}
