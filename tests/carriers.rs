//! A fault of each family of rules, written in each carrier of server parameters there is (`tests/data/carriers.toml`):
//! it is found at its place, nothing of it is found once done right, what fixes make of it is free of it, and the servers
//! take both, as the parameters are read from the carrier.

#[path = "support/postgres_server.rs"]
#[allow(dead_code)]
mod postgres_server;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use trueup::analysis::{Input, Outcome, analyse, judged};
use trueup::fix::fix;
use trueup::model::Safety;
use trueup::syntax::decode::decode;
use trueup::workspace::Shipped;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    family: Vec<Family>,
    carrier: Vec<Carrier>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    name: String,
    rule: String,
    /// Name, value at fault, value done right (empty: the line goes).
    parameters: Vec<[String; 3]>,
    /// The values in base units; an empty list where the family needs units.
    base: Option<Vec<[String; 2]>>,
    /// Rules that speak of the same place for the same reason.
    #[serde(default)]
    brings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Carrier {
    name: String,
    file: String,
    major: Option<u32>,
    #[serde(default)]
    is_base: bool,
    /// Families that are not found here, or are found as something else.
    #[serde(default)]
    except: Vec<String>,
    /// Further rules that speak here.
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    before: String,
    line: String,
    #[serde(default)]
    after: String,
    /// Further files: path and text.
    #[serde(default)]
    beside: Vec<[String; 2]>,
}

/// A carrier with every family in it.
struct Written<'a> {
    inputs: Vec<Input>,
    /// Where each family stands in the carrier's file.
    places: Vec<(&'a Family, std::ops::Range<usize>)>,
}

impl Carrier {
    fn write<'a>(&self, families: &'a [Family], is_right: bool) -> Written<'a> {
        let mut text = self.before.strip_prefix('\n').unwrap_or(&self.before).to_owned();
        let mut places = Vec::new();
        for family in families.iter().filter(|family| !self.except.contains(&family.name) || !self.also.is_empty()) {
            let start = text.len();
            for (index, [name, fault, right]) in family.parameters.iter().enumerate() {
                let mut values = [fault, right];
                if let Some(base) = family.base.as_ref().filter(|_| self.is_base) {
                    let Some(pair) = base.get(index) else { continue };
                    values = [&pair[0], &pair[1]];
                }
                let value = values[usize::from(is_right)];
                if !value.is_empty() {
                    text.push_str(&self.line.replace("{name}", name).replace("{value}", value));
                }
            }
            if text.len() > start {
                places.push((family, start..text.len()));
            }
        }
        text.push_str(&self.after);
        let beside = self.beside.iter().map(|[path, text]| (path.as_str(), text.clone()));
        let files = beside.chain([(self.file.as_str(), text)]);
        let mut inputs: Vec<Input> =
            files.map(|(path, text)| Input { path: path.into(), bytes: text.into_bytes() }).collect();
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
        Written { inputs, places }
    }
}

/// Rule and place of all that is found in a file.
fn found(outcome: &Outcome, file: &str) -> Vec<(String, usize)> {
    let in_file = outcome.findings.iter().filter(|one| &*outcome.files[one.primary.file as usize].path == file);
    in_file.map(|one| (one.rule.to_string(), one.primary.start as usize)).collect()
}

/// The server parameters that are read from these files, as they are written.
fn parameters(shipped: &Shipped, inputs: &[Input]) -> BTreeSet<(String, String)> {
    let model = judged(shipped.known(), inputs.to_vec(), &|_: &mut Outcome| {}).model;
    let mut read = BTreeSet::new();
    for (name, attribute) in model.resources.iter().flat_map(|resource| &resource.attributes) {
        let Some(parameter) = name.strip_prefix("postgres.") else { continue };
        let Some(written) = attribute.written.first().filter(|written| written.by.is_some()) else { continue };
        let text = decode(&inputs[written.value.file as usize].bytes).expect("text");
        let value = &text[written.value.start as usize..written.value.end as usize];
        read.insert((parameter.to_owned(), value.trim_matches(['\'', '"']).to_owned()));
    }
    read
}

fn major(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    String::from_utf8_lossy(&output.stdout).split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}

/// What the server says against these options, if anything.
fn refused(bin: &Path, folder: &Path, parameters: &BTreeSet<(String, String)>) -> Option<String> {
    let empty = folder.join("empty.conf");
    std::fs::write(&empty, "").expect("the folder can be written");
    let mut command = Command::new(bin.join("postgres"));
    command.args(["-C", "max_connections", "-D"]).arg(folder).env("LC_ALL", "C");
    command.arg("-c").arg(format!("config_file={}", empty.display()));
    for (name, value) in parameters {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    let output = command.output().expect("the server can be asked");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn each_family_is_found_in_each_carrier_and_its_fixed_form_is_taken() {
    let cases = include_str!("data/carriers.toml");
    let Cases { family: families, carrier: carriers } = toml::from_str(cases).expect("the cases are in order");
    let shipped = Shipped::new();
    let servers: Vec<_> =
        postgres_server::installed().into_iter().filter_map(|bin| Some((major(&bin)?, bin))).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let (mut planted, mut mended, mut asked) = (0, 0, 0);
    let mut wrong = Vec::new();
    for carrier in &carriers {
        let name = &carrier.name;
        let bad = carrier.write(&families, false);
        let good = carrier.write(&families, true);
        let at_fault = found(&analyse(shipped.known(), bad.inputs.clone()), &carrier.file);
        for (family, place) in bad.places.iter().filter(|(family, _)| !carrier.except.contains(&family.name)) {
            planted += 1;
            if !at_fault.iter().any(|(rule, at)| *rule == family.rule && place.contains(at)) {
                wrong.push(format!("{name}: the fault of {} is not found as {}", family.name, family.rule));
            }
        }
        for (rule, at) in &at_fault {
            let is_of = |family: &Family| {
                let here = if carrier.except.contains(&family.name) { &carrier.also } else { &family.brings };
                *rule == family.rule || here.contains(rule)
            };
            if !bad.places.iter().any(|(family, place)| is_of(family) && place.contains(at)) {
                wrong.push(format!("{name}: {rule} is found where it was not planted, at {at}"));
            }
        }
        let of_families = |rule: &str| families.iter().any(|family| family.rule == rule);
        let found_in_good = found(&analyse(shipped.known(), good.inputs.clone()), &carrier.file);
        for (rule, at) in found_in_good.iter().filter(|(rule, _)| !carrier.also.contains(rule)) {
            wrong.push(format!("{name}, done right: {rule} is found at {at}"));
        }
        let fixed = fix(shipped.known(), &bad.inputs, Safety::Unsafe, &mut |_: &mut Outcome| {});
        let mut after = bad.inputs.clone();
        for change in &fixed.changes {
            after[change.file].bytes = change.bytes.clone();
        }
        let left = found(&analyse(shipped.known(), after.clone()), &carrier.file);
        let left = left.iter().filter(|(rule, _)| of_families(rule)).count();
        mended += bad.places.len().saturating_sub(left);
        println!("{name}: {} planted, {left} left after fixes", bad.places.len());
        for (major, bin) in servers.iter().filter(|(major, _)| carrier.major.is_none_or(|wanted| wanted == *major)) {
            let read = parameters(&shipped, &good.inputs);
            if read.len() + 1 < good.places.len() {
                wrong.push(format!("{name}: only {} parameters are read", read.len()));
            }
            let mut written = parameters(&shipped, &after);
            // what no fix is offered for stays as it is, at fault
            written.retain(|(name, _)| name != "temp_buffrs");
            for (form, parameters) in [("done right", &read), ("fixed", &written)] {
                asked += parameters.len();
                if let Some(said) = refused(bin, folder.path(), parameters) {
                    wrong.push(format!("{name}, {form}: Postgres {major} says {said}"));
                }
            }
        }
    }
    println!("{} carriers, {planted} planted, {mended} mended, {asked} parameters asked", carriers.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
