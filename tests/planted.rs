//! Planted recall: a bad value is written into real files where a good one stood, and must be found, with nothing
//! else new beside it. `tests/data/planted.toml` says which value makes which rule speak.
//!
//! Needs the shared corpus; without it the test says so and passes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

#[path = "support/planted_examples.rs"]
mod examples;
#[path = "support/mended.rs"]
mod mended;
#[path = "support/readers.rs"]
mod readers;
#[path = "support/planted_servers.rs"]
mod servers;

use rayon::prelude::*;
use serde::Deserialize;
use trueup::analysis::{Analysed, Input, Status, analyse, resources};
use trueup::model::{Declaration, Effective, Finding, Resource, SECOND, Safety, Value};
use trueup::workspace::{Engine, Shipped};

#[derive(Deserialize)]
struct Plan {
    plant: Vec<Plant>,
}

/// One way to make one rule speak: `value` replaces a good value, `insert` is one more `name=value` of a server,
/// `append` is a section at the end of an in-house file, or of one that another dialect reads.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Plant {
    rule: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    attribute: String,
    /// The bad value: a number in the attribute's unit (seconds, bytes, ones), or the text to write.
    #[serde(default)]
    value: Option<toml::Value>,
    /// Settings to add to a server that sets others, `name=value`.
    #[serde(default)]
    insert: Vec<String>,
    /// A good YAML section to add to a file first.
    #[serde(default)]
    append: Option<String>,
    /// The dialect of the files that it is added to.
    #[serde(default = "in_house")]
    dialect: String,
    /// What is then written in place of what in it; nothing in place of something deletes it.
    #[serde(default)]
    change: Vec<(String, String)>,
    /// Attributes that must be set besides.
    #[serde(default)]
    with: Vec<String>,
    /// What the resource's texts must be.
    #[serde(default, rename = "where")]
    wanted: BTreeMap<String, String>,
    /// Whether it takes a server or a file of which all settings are seen: the rule also asks what is not set.
    #[serde(default)]
    closed: bool,
    /// Other rules that rightly speak of the planted value.
    #[serde(default)]
    also: Vec<String>,
}

fn in_house() -> String {
    "generic".into()
}

/// Files of one folder, which are judged together.
type Folder = Vec<(Arc<str>, Vec<u8>)>;

const PER_PLANT: usize = 12;

/// In how many real files a setting of a server is planted at least.
const LEAST: usize = 10;

#[test]
fn planted_values_are_found() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.is_dir() {
        println!("skipped: there is no shared corpus");
        return;
    }
    let plan: Plan = toml::from_str(include_str!("data/planted.toml")).expect("the plan is TOML");
    let engine = Shipped::new();
    let dialects = plan.plant.iter().map(|plant| plant.dialect.as_str());
    let dialects: BTreeSet<&str> = dialects.chain(["kubernetes", "compose", "pgbouncer", "postgresql"]).collect();
    let folders = folders(&corpus, &engine, &dialects);
    let mut all = Count::default();
    let mut scarce = Vec::new();
    let planted = plan.plant.par_iter().map(|plant| {
        let planted_in = |folder: &Read| {
            let mut changed = plant_in(&engine, plant, folder);
            let speaks = |before: &Option<Folder>| match before {
                Some(before) => findings(&engine, before).iter().any(|finding| *finding.rule == *plant.rule),
                None => folder.findings.iter().any(|finding| *finding.rule == *plant.rule),
            };
            // nothing good stood there
            changed.retain(|changed| plant.insert.is_empty() || !speaks(&changed.before));
            changed
        };
        (plant, judge(&engine, &folders, &plant.rule, &plant.also, planted_in))
    });
    for (plant, count) in planted.collect::<Vec<_>>() {
        if !plant.insert.is_empty() && count.planted < LEAST {
            scarce.push(format!("{}: {}", plant.rule, count.planted));
        }
        let way = if plant.append.is_some() {
            "appended"
        } else if plant.insert.is_empty() {
            "replaced"
        } else {
            "inserted"
        };
        all.add(&plant.rule, way, count);
    }
    let planned = |rule: &str| plan.plant.iter().any(|plant| *plant.rule == *rule);
    let pairs = examples::pairs(|rule| !planned(rule));
    let planted = pairs.par_iter().map(|pair| {
        let planted_in = |read: &Read| pair.plant(&read.analysed, &read.folder).into_iter().collect();
        judge(&engine, &folders, &pair.rule, &[], planted_in)
    });
    for (pair, count) in pairs.iter().zip(planted.collect::<Vec<_>>()) {
        all.add(&pair.rule, "example", count);
    }
    let Count { planted, found, extra, failures, offered, mended, compared, refused, unmended } = all;
    for failure in &failures {
        println!("{failure}");
    }
    println!("planted {planted}, found {found}, new besides {extra}");
    println!("{offered} offer a fix, {mended} are mended, {compared} readings compared");
    for (why, count) in &refused {
        println!("refused {count}: {why}");
    }
    assert!(unmended.is_empty(), "{} wrong:\n{}", unmended.len(), unmended.join("\n"));
    assert!(found * 100 >= planted * 95, "{found} of {planted} found");
    assert!(extra * 100 <= planted * 5, "{extra} findings besides in {planted}");
    assert!(scarce.is_empty(), "planted in fewer than {LEAST} files: {}", scarce.join(", "));
}

/// What came of planting.
#[derive(Default)]
struct Count {
    planted: usize,
    found: usize,
    /// Findings of other rules that are new as well.
    extra: usize,
    failures: Vec<String>,
    /// Findings that were planted and offer a fix.
    offered: usize,
    /// Those that the fix mends.
    mended: usize,
    /// Readings of files before and after fixing that were compared.
    compared: usize,
    /// Why the others are not mended.
    refused: BTreeMap<String, usize>,
    /// What fixes did that they must not.
    unmended: Vec<String>,
}

impl Count {
    fn add(&mut self, rule: &str, way: &str, other: Count) {
        println!("{rule:44} {way} {:3}  found {:3}", other.planted, other.found);
        self.planted += other.planted;
        self.found += other.found;
        self.extra += other.extra;
        self.failures.extend(other.failures);
        self.offered += other.offered;
        self.mended += other.mended;
        self.compared += other.compared;
        for (why, count) in other.refused {
            *self.refused.entry(why).or_default() += count;
        }
        self.unmended.extend(other.unmended);
    }

    /// Makes the fix of a planted finding, if it has one.
    fn mend(&mut self, engine: &Shipped, name: &str, changed: &Changed, finding: &Finding) {
        if !finding.fixes.iter().any(|fix| fix.safety >= Safety::Unsafe) {
            return;
        }
        let one = mended::alone(engine.known(), &inputs(&changed.folder), finding);
        self.offered += 1;
        self.mended += usize::from(one.made);
        self.compared += one.compared;
        if let Some(why) = one.refused {
            *self.refused.entry(format!("{}: {why}", finding.rule)).or_default() += 1;
        }
        let wrong = one.wrong.iter();
        self.unmended.extend(wrong.map(|wrong| format!("{}: {name}: {}: {wrong}", finding.rule, changed.what)));
    }
}

/// Plants for one rule in folder after folder, until there are enough, and looks for what is new.
fn judge(
    engine: &Shipped,
    folders: &[Read],
    rule: &str,
    also: &[String],
    planted_in: impl Fn(&Read) -> Vec<Changed>,
) -> Count {
    let mut count = Count::default();
    // in an order that mixes the sources, so that no folder's files fill the quota
    for folder in folders {
        for changed in planted_in(folder) {
            if count.planted >= PER_PLANT {
                return count;
            }
            count.planted += 1;
            let before = match &changed.before {
                Some(before) => findings(engine, before),
                None => folder.findings.clone(),
            };
            let after = findings(engine, &changed.folder);
            let known: BTreeSet<&String> = before.iter().map(|finding| &finding.fingerprint).collect();
            let new: Vec<&Finding> = after.iter().filter(|finding| !known.contains(&finding.fingerprint)).collect();
            if new.iter().any(|finding| *finding.rule == *rule) {
                count.found += 1;
            } else {
                count.failures.push(format!("{rule}: not found in {}: {}", folder.name, changed.what));
            }
            for finding in new.iter().filter(|finding| *finding.rule == *rule) {
                count.mend(engine, &folder.name, &changed, finding);
            }
            for finding in
                new.iter().filter(|finding| *finding.rule != *rule && !also.iter().any(|it| **it == *finding.rule))
            {
                count.extra += 1;
                let (other, message) = (&finding.rule, &finding.message);
                let what = &changed.what;
                count.failures.push(format!("{rule}: {other} is new as well in {}: {what} ({message})", folder.name));
            }
        }
    }
    count
}

struct Changed {
    /// The folder before the bad value, where that is not the one of the corpus.
    before: Option<Folder>,
    folder: Folder,
    what: String,
}

/// The folder with the bad value where it fits: once, or once in each file that has servers.
fn plant_in(engine: &Shipped, plant: &Plant, read: &Read) -> Vec<Changed> {
    let Read { analysed, findings: before, folder, .. } = read;
    if let Some(section) = &plant.append {
        return append(analysed, plant, section, folder).into_iter().collect();
    }
    if !plant.insert.is_empty() {
        return servers::insert(engine, analysed, plant, folder);
    }
    replace(plant, analysed, before, folder).into_iter().collect()
}

/// The folder with the bad value in the first place where it fits.
fn replace(plant: &Plant, analysed: &Analysed, before: &[Finding], folder: &Folder) -> Option<Changed> {
    for resource in &analysed.model.resources {
        if *resource.kind != *plant.kind || !fits(plant, resource) {
            continue;
        }
        let attribute = resource.attribute(&plant.attribute)?;
        let written = attribute.written.first()?;
        let (file, start, end) =
            (written.value.file as usize, written.value.start as usize, written.value.end as usize);
        let already =
            before.iter().any(|finding| *finding.rule == *plant.rule && finding.primary.file == written.value.file);
        let text = std::str::from_utf8(&folder[file].1).ok()?;
        let old = text.get(start..end)?;
        if already || old.contains('\n') || old.is_empty() {
            continue;
        }
        let Some(new) = spelled(plant, &attribute.effective, old) else { continue };
        let mut changed = folder.clone();
        changed[file].1 = format!("{}{new}{}", &text[..start], &text[end..]).into_bytes();
        let what = format!("{}: {old} -> {new} at byte {start}", folder[file].0);
        return Some(Changed { before: None, folder: changed, what });
    }
    None
}

/// The folder with a good section at the end of its first YAML file of the plant's dialect, and the same with the section spoiled.
fn append(analysed: &Analysed, plant: &Plant, section: &str, folder: &Folder) -> Option<Changed> {
    let first_key = section.split(':').next()?;
    for (index, file) in analysed.files.iter().enumerate() {
        let yaml = file.path.ends_with(".yaml") || file.path.ends_with(".yml");
        let Status::Recognised(dialects) = &file.status else { continue };
        let text = std::str::from_utf8(&folder[index].1).ok()?;
        let fits = text.ends_with('\n')
            && !text.contains("\n---")
            && !text.contains('\r')
            && !text.contains("\n...")
            && text.lines().all(|line| !line.starts_with(first_key))
            && text
                .lines()
                .find(|line| !line.starts_with('#') && !line.is_empty())
                .is_some_and(|line| line.starts_with(|c: char| c.is_alphabetic()) && line.contains(':'));
        // a name that other sections share would change what they belong to
        let others = |dialect: &Arc<str>| **dialect != *plant.dialect && !dialect.starts_with("dsn-");
        if !yaml || dialects.is_empty() || dialects.iter().any(others) || !fits || text.contains("bench") {
            continue;
        }
        let whole = |resource: &Resource| {
            resource.closed && resource.location.file == index as u32 && *resource.dialect == *plant.dialect
        };
        if plant.closed && !analysed.model.resources.iter().any(whole) {
            continue;
        }
        let mut before = folder.clone();
        before[index].1 = format!("{text}{section}").into_bytes();
        let mut spoiled = section.to_string();
        for (good, bad) in &plant.change {
            assert!(spoiled.contains(good.as_str()), "{}: the section has no '{good}'", plant.rule);
            spoiled = spoiled.replacen(good.as_str(), bad, 1);
        }
        let mut changed = folder.clone();
        changed[index].1 = format!("{text}{spoiled}").into_bytes();
        let what = format!("{}: section '{first_key}' spoiled", file.path);
        return Some(Changed { before: Some(before), folder: changed, what });
    }
    None
}

/// Whether the attribute is set, known, and everything else that the plant asks for holds.
fn fits(plant: &Plant, resource: &Resource) -> bool {
    let set = |name: &str| resource.declared(name) == Declaration::Set;
    let known = resource.attribute(&plant.attribute).is_some_and(|attribute| {
        attribute.declared == Declaration::Set
            && attribute.origin == trueup::model::Origin::Set
            && matches!(attribute.effective, Effective::Known(_))
            && attribute.confidence >= trueup::model::Confidence::High
    });
    known
        && resource.confidence >= trueup::model::Confidence::High
        && plant.with.iter().all(|name| set(name))
        && plant.wanted.iter().all(|(name, text)| {
            resource.value(name).is_some_and(|value| text.split('|').any(|text| value.to_string() == text))
        })
}

/// The bad value in the spelling of the old one: numbers keep their unit, texts their quotes.
fn spelled(plant: &Plant, old_value: &Effective, old: &str) -> Option<String> {
    let quote = old.chars().next().filter(|c| matches!(c, '"' | '\''));
    let quoted = |text: String| match quote {
        Some(quote) => format!("{quote}{text}{quote}"),
        None => text,
    };
    let target = match plant.value.as_ref()? {
        toml::Value::String(text) => return Some(quoted(text.clone())),
        toml::Value::Boolean(value) => return Some(quoted(value.to_string())),
        toml::Value::Integer(number) => *number as f64,
        toml::Value::Float(number) => *number,
        _ => return None,
    };
    let Effective::Known(value) = old_value else { return None };
    let (have, is_time) = match value {
        Value::Duration(nanos) => (*nanos as f64 / SECOND as f64, true),
        Value::Size(bytes) => (*bytes as f64, false),
        Value::Int(number) => (*number as f64, false),
        Value::Double(number) => (*number, false),
        _ => return None,
    };
    let bare = old.trim_matches(['"', '\'']);
    match bare.parse::<f64>() {
        Ok(number) if number != 0.0 && have != 0.0 => {
            let scaled = target * number / have;
            let text = if scaled.fract().abs() < 1e-9 { format!("{scaled:.0}") } else { format!("{scaled}") };
            Some(quoted(text))
        }
        Ok(_) => None,
        Err(_) if is_time && bare.ends_with(|c: char| c.is_ascii_alphabetic()) => Some(quoted(format!("{target:.0}s"))),
        Err(_) if matches!(value, Value::Size(_)) => Some(quoted(format!("{:.0}kB", target / 1024.0))),
        Err(_) => None,
    }
}

fn inputs(folder: &Folder) -> Vec<Input> {
    folder.iter().map(|(path, bytes)| Input { path: path.clone(), bytes: bytes.clone() }).collect()
}

fn findings(engine: &Shipped, folder: &Folder) -> Vec<Finding> {
    analyse(engine.known(), inputs(folder)).findings
}

/// A folder with what it says.
struct Read {
    name: String,
    folder: Folder,
    analysed: Analysed,
    findings: Vec<Finding>,
}

/// The folders in which anything can be planted, in an order that mixes the sources: by a hash of the path.
fn folders(corpus: &Path, engine: &Shipped, dialects: &BTreeSet<&str>) -> Vec<Read> {
    let mut folders: BTreeMap<String, Folder> = BTreeMap::new();
    for entry in walkdir::WalkDir::new(corpus).sort_by_file_name().into_iter().flatten() {
        if !entry.file_type().is_file() || !engine.wants(entry.path()) {
            continue;
        }
        let path = entry.path().strip_prefix(corpus).expect("it is below").to_string_lossy().replace('\\', "/");
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_string();
        let bytes = std::fs::read(entry.path()).expect("the corpus can be read");
        let path = servers::in_earnest(engine, &path);
        folders.entry(folder).or_default().push((path.into(), bytes));
    }
    let mut folders: Vec<Read> = folders
        .into_iter()
        .map(|(name, folder)| {
            let analysed = resources(engine.known(), inputs(&folder));
            let findings = findings(engine, &folder);
            Read { name, folder, analysed, findings }
        })
        .filter(|read| {
            let wanted = |file: &trueup::analysis::File| match &file.status {
                Status::Recognised(by) => by.iter().any(|dialect| dialects.contains(&**dialect)),
                _ => false,
            };
            read.analysed.files.iter().any(wanted)
                || read.analysed.model.resources.iter().any(|r| matches!(&*r.kind, "server" | "pooler"))
        })
        .collect();
    folders.sort_by_cached_key(|read| {
        read.name.bytes().fold(17u64, |hash, byte| hash.wrapping_mul(1_099_511_628_211) ^ u64::from(byte))
    });
    folders
}
