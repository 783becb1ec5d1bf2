//! Settings of PostgreSQL servers, planted wherever real files carry them: configuration files, command lines, and the
//! manifests of operators.

use std::collections::BTreeSet;

use trueup::analysis::Analysed;
use trueup::model::{Declaration, Link, Resource, Value};
use trueup::workspace::Shipped;

use super::{Changed, Folder, Plant};

/// Where operators and Patroni keep the settings of servers, and of poolers: what the document must hold, and the keys from its outside in.
const CARRIERS: [(&[&str], &[&str]); 7] = [
    (&["apiVersion: postgresql.cnpg.io/", "kind: Pooler"], &["spec", "pgbouncer", "parameters"]),
    (&["apiVersion: postgresql.cnpg.io/", "kind: Cluster"], &["spec", "postgresql", "parameters"]),
    (&["acid.zalan.do/", "kind: postgresql"], &["spec", "postgresql", "parameters"]),
    (&["kind: PostgresCluster"], &["spec", "patroni", "dynamicConfiguration", "postgresql", "parameters"]),
    (&["kind: PerconaPGCluster"], &["spec", "patroni", "dynamicConfiguration", "postgresql", "parameters"]),
    (&["scope:", "bootstrap:"], &["bootstrap", "dcs", "postgresql", "parameters"]),
    (&["kind: PostgresCluster", "pgBouncer:"], &["spec", "proxy", "pgBouncer", "config", "global"]),
];

/// The path as it would be if the file were not a test's or an example's: the rules look away from those on purpose.
pub(crate) fn in_earnest(engine: &Shipped, path: &str) -> String {
    let known = engine.known();
    let Some(table) = known.knowledge.table("postgresql") else { return path.into() };
    let idle = |part: &str| {
        let mut words = part.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| table.throwaway.iter().any(|known| known.eq_ignore_ascii_case(word)))
    };
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let parts: Vec<&str> = folder.split('/').map(|part| if idle(part) { "deployed" } else { part }).collect();
    format!("{}/{name}", parts.join("/"))
}

/// The folder with more settings in one server, or pooler, of each file that has one.
pub(crate) fn insert(engine: &Shipped, analysed: &Analysed, plant: &Plant, folder: &Folder) -> Vec<Changed> {
    if plant.kind == "pooler" {
        return poolers(analysed, plant, folder);
    }
    let mut files = BTreeSet::new();
    let mut planted = Vec::new();
    let names: Vec<String> =
        plant.insert.iter().map(|pair| format!("postgres.{}", pair.split('=').next().unwrap_or(""))).collect();
    for resource in &analysed.model.resources {
        // rules are silent, or only informative, on a server for tests
        if &*resource.kind != "server"
            || files.contains(&resource.location.file)
            || names.iter().any(|name| resource.attribute(name).is_some_and(|a| !a.written.is_empty()))
            || resource.value("throwaway") != Some(&Value::Bool(false))
            || !wanted(plant, resource)
            || !measured(resource)
        {
            continue;
        }
        let Some(changed) = at(analysed, resource, plant, folder) else { continue };
        if !arrives(engine, &changed, &names, plant.closed) {
            continue;
        }
        files.insert(resource.location.file);
        planted.push(changed);
    }
    planted
}

/// Whether its version, where it is known, is one whose parameters are known.
fn measured(resource: &Resource) -> bool {
    !matches!(resource.value("major"), Some(Value::Int(major)) if !(13..=18).contains(major))
}

fn wanted(plant: &Plant, resource: &Resource) -> bool {
    plant.wanted.iter().all(|(name, text)| {
        resource.value(name).is_some_and(|value| text.split('|').any(|text| value.to_string() == text))
    }) && plant.with.iter().all(|name| resource.declared(name) == Declaration::Set)
}

/// Whether the settings reach a server that has them: what carries them there may drop some, and old versions lack some.
fn arrives(engine: &Shipped, changed: &Changed, names: &[String], closed: bool) -> bool {
    let read = trueup::analysis::resources(engine.known(), super::inputs(&changed.folder));
    let mut settings = read.model.resources.iter().filter(|resource| &*resource.kind == "setting");
    let lost = settings.any(|setting| {
        let text = |name: &str| setting.value(name).map(ToString::to_string).unwrap_or_default();
        let fault = text("fault");
        matches!(fault.as_str(), "ignored" | "reset" | "too-new")
            && names.contains(&format!("postgres.{}", text("name")))
    });
    let mut servers = read.model.resources.iter().filter(|resource| &*resource.kind == "server");
    let has =
        |server: &Resource| names.iter().any(|name| server.attribute(name).is_some_and(|a| !a.written.is_empty()));
    !lost && (!closed || servers.any(|server| server.closed && has(server)))
}

/// The folder with the settings beside those that the server has, or in the place where it would have them.
fn at(analysed: &Analysed, resource: &Resource, plant: &Plant, folder: &Folder) -> Option<Changed> {
    let file = resource.location.file as usize;
    let carrier = carrier(std::str::from_utf8(&folder.get(file)?.1).ok()?, resource.location.start as usize, false);
    if let Some((keys, document)) = carrier {
        return carried(plant, folder, file, keys, document);
    }
    let place = resource
        .attributes
        .iter()
        .filter(|(name, _)| name.starts_with("postgres."))
        .find_map(|(_, attribute)| attribute.written.first());
    let Some(place) = place else { return command(analysed, resource, plant, folder) };
    let (file, start, end) = (place.entry.file as usize, place.entry.start as usize, place.entry.end as usize);
    let text = std::str::from_utf8(&folder[file].1).ok()?;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let before = &text[line_start..start];
    let conf = !folder[file].0.ends_with("ml");
    let (at, new) = if conf {
        (line_start, plant.insert.iter().map(|pair| format!("{}\n", pair.replacen('=', " = ", 1))).collect::<String>())
    } else if let Some(indent) = before.trim_end_matches(['"', '\'']).strip_suffix("- ") {
        let items = plant.insert.iter().map(|pair| format!("\n{indent}- -c\n{indent}- {pair}"));
        (line_end, items.collect::<String>())
    } else if text[end..].starts_with('"') {
        let items = plant.insert.iter().map(|pair| format!(", \"-c\", \"{pair}\""));
        (end + 1, items.collect::<String>())
    } else {
        (end, plant.insert.iter().map(|pair| format!(" -c {pair}")).collect::<String>())
    };
    let mut changed = folder.clone();
    changed[file].1 = format!("{}{new}{}", &text[..at], &text[at..]).into_bytes();
    let what = format!("{}: {} at byte {at}", folder[file].0, new.trim());
    Some(Changed { before: None, folder: changed, what })
}

/// The keys under which the document around byte `at` keeps parameters, and the document's span.
fn carrier(text: &str, at: usize, pooler: bool) -> Option<(&'static [&'static str], std::ops::Range<usize>)> {
    let start = text[..at].rfind("\n---").map_or(0, |at| at + 1);
    let end = text[at..].find("\n---").map_or(text.len(), |found| at + found + 1);
    let document = &text[start..end];
    let holds = |sign: &&str| document.lines().any(|line| line.replace('"', "").contains(sign.trim_end()));
    let of_kind = |keys: &[&str]| keys.iter().any(|key| key.eq_ignore_ascii_case("pgbouncer")) == pooler;
    let fits = |(signs, keys): &&(&[&str], &[&str])| of_kind(keys) && signs.iter().all(holds);
    CARRIERS.iter().find(fits).map(|(_, keys)| (*keys, start..end))
}

/// The folder with the settings at `keys`, as far as those are there as blocks; the rest is written with them.
fn carried(
    plant: &Plant,
    folder: &Folder,
    file: usize,
    keys: &[&str],
    document: std::ops::Range<usize>,
) -> Option<Changed> {
    let text = std::str::from_utf8(&folder[file].1).ok()?;
    let names: Vec<&str> = plant.insert.iter().filter_map(|pair| pair.split('=').next()).collect();
    // a map has each key once
    if text.contains('\r') || names.iter().collect::<BTreeSet<_>>().len() < names.len() {
        return None;
    }
    let (mut at, mut end, mut indent, mut found) = (document.start, document.end, 0, 0);
    for key in keys {
        let header = format!("{}{key}:", " ".repeat(indent));
        let line = lines(text, at, end).find(|(_, line)| line.trim_end() == header || starts_comment(line, &header));
        let Some((start, line)) = line else { break };
        at = (start + line.len() + 1).min(text.len());
        let inner = lines(text, at, end).find(|(_, line)| !line.trim().is_empty() && !line.trim().starts_with('#'));
        let inner_indent = inner.map_or(0, |(_, line)| line.len() - line.trim_start().len());
        found += 1;
        if inner_indent <= indent {
            indent += 2;
            break;
        }
        indent = inner_indent;
        let leaves = |(_, line): &(usize, &str)| {
            !line.trim().is_empty() && !line.trim().starts_with('#') && line.len() - line.trim_start().len() < indent
        };
        end = lines(text, at, end).find(leaves).map_or(end, |(start, _)| start);
    }
    if found == 0 {
        return None;
    }
    let mut new = String::new();
    for key in &keys[found..] {
        new.push_str(&format!("{}{key}:\n", " ".repeat(indent)));
        indent += 2;
    }
    for pair in &plant.insert {
        let (name, value) = pair.split_once('=')?;
        new.push_str(&format!("{}{name}: \"{value}\"\n", " ".repeat(indent)));
    }
    let mut changed = folder.clone();
    changed[file].1 = format!("{}{new}{}", &text[..at], &text[at..]).into_bytes();
    let what = format!("{}: {} at byte {at}", folder[file].0, new.trim());
    Some(Changed { before: None, folder: changed, what })
}

/// The folder with settings of one pooler of each file that has one, in place of those that it has.
fn poolers(analysed: &Analysed, plant: &Plant, folder: &Folder) -> Vec<Changed> {
    let mut files = BTreeSet::new();
    let mut planted = Vec::new();
    for resource in analysed.model.resources.iter().filter(|resource| &*resource.kind == "pooler") {
        let file = resource.location.file as usize;
        let text = folder.get(file).and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
        let Some(text) = text.filter(|text| !text.contains('\r') && !files.contains(&file)) else { continue };
        if resource.value("throwaway") != Some(&Value::Bool(false)) {
            continue;
        }
        let mut folder = folder.clone();
        let changed = match carrier(text, resource.location.start as usize, true) {
            Some((keys, document)) => {
                let (text, rest) = without(text, &document, plant);
                let end = document.end + text.len() - folder[file].1.len();
                folder[file].1 = text.into_bytes();
                let pairs = Plant { insert: rest, ..plant.clone() };
                carried(&pairs, &folder, file, keys, document.start..end)
            }
            None => section(text, plant).map(|new| {
                folder[file].1 = new.into_bytes();
                let what = format!("{}: {}", folder[file].0, plant.insert.join(", "));
                Changed { before: None, folder, what }
            }),
        };
        if let Some(changed) = changed {
            files.insert(file);
            planted.push(changed);
        }
    }
    planted
}

/// A manifest without the settings that are planted, and those that still are to be: the mode has a key of its own.
fn without(text: &str, document: &std::ops::Range<usize>, plant: &Plant) -> (String, Vec<String>) {
    let mut rest = plant.insert.clone();
    let mut mode = rest.iter().position(|pair| pair.starts_with("pool_mode=")).map(|at| rest.remove(at));
    let names: Vec<String> = rest.iter().filter_map(|pair| Some(format!("{}:", pair.split('=').next()?))).collect();
    let mut new = text[..document.start].to_string();
    for line in text[document.clone()].split_inclusive('\n') {
        let bare = line.trim_start();
        let indent = &line[..line.len() - bare.len()];
        if names.iter().any(|name| bare.starts_with(name.as_str())) {
            continue;
        }
        match mode.as_ref().and_then(|mode| mode.split_once('=')) {
            Some((_, value)) if bare.starts_with("poolMode:") => {
                new.push_str(&format!("{indent}poolMode: {value}\n"));
                mode = None;
            }
            _ => new.push_str(line),
        }
    }
    // Crunchy's map has the mode among the others
    rest.extend(mode);
    new.push_str(&text[document.end..]);
    (new, rest)
}

/// The text of a `pgbouncer.ini` with the settings right behind the header of their section, and nowhere else in it.
fn section(text: &str, plant: &Plant) -> Option<String> {
    let names: Vec<&str> = plant.insert.iter().filter_map(|pair| pair.split('=').next()).collect();
    let (mut new, mut inside, mut found) = (String::new(), false, false);
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') {
            inside = line.trim_end() == "[pgbouncer]";
        }
        let key = line.split('=').next().unwrap_or("").trim();
        if inside && names.contains(&key) {
            continue;
        }
        new.push_str(line);
        if inside && line.starts_with('[') {
            found = true;
            new.extend(plant.insert.iter().map(|pair| format!("{}\n", pair.replacen('=', " = ", 1))));
        }
    }
    found.then_some(new)
}

fn starts_comment(line: &str, header: &str) -> bool {
    line.strip_prefix(header).is_some_and(|rest| rest.trim_start().starts_with('#'))
}

/// The lines between two bytes, with where they start.
fn lines(text: &str, from: usize, to: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut at = from;
    text[from..to.max(from)].split('\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        (start, line)
    })
}

/// The folder with a command line for a compose service that has none, below its image.
fn command(analysed: &Analysed, server: &Resource, plant: &Plant, folder: &Folder) -> Option<Changed> {
    let Link::To(workloads) = server.link("workload") else { return None };
    let image = analysed.model.get(*workloads.first()?).attribute("image")?.written.first()?;
    let (file, start, end) = (image.entry.file as usize, image.entry.start as usize, image.entry.end as usize);
    let text = std::str::from_utf8(&folder[file].1).ok()?;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line_start..start];
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let service_ends =
        text[line_end..].lines().skip(1).take_while(|line| line.starts_with(indent) || line.trim().is_empty());
    if !indent.trim().is_empty()
        || text.contains('\r')
        || service_ends.into_iter().any(|line| line.contains("command:"))
    {
        return None;
    }
    let settings: String = plant.insert.iter().map(|pair| format!(" -c {pair}")).collect();
    let mut changed = folder.clone();
    changed[file].1 =
        format!("{}\n{indent}command: postgres{settings}{}", &text[..line_end], &text[line_end..]).into_bytes();
    Some(Changed { before: None, folder: changed, what: format!("{}: command with{settings}", folder[file].0) })
}
