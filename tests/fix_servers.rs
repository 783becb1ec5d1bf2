//! What fixes write, asked of the programs that read it: each `postgresql.conf` as a whole and each parameter in every
//! other carrier of every Postgres there is (`scripts/postgres-servers` fetches 13 to 18), each key of PgBouncer.
//!
//! The fixes are those of the pages' examples, the fixtures and, where they are, the repositories of `../shared/corpus`.
//! Without a server the test says so and passes.

#[path = "support/folders.rs"]
mod folders;
#[path = "support/pgbouncer.rs"]
mod pgbouncer;
#[path = "support/postgres_server.rs"]
#[allow(dead_code)]
mod postgres_server;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::process::Command;

use folders::{inputs, repositories};
use rayon::prelude::*;
use trueup::analysis::{Input, Outcome, judged};
use trueup::fix::fix;
use trueup::knowledge::{Page, Shows};
use trueup::model::{Model, Safety, Type, Written as Place, WrittenBy};
use trueup::syntax::decode::decode;
use trueup::workspace::Shipped;

/// What fixes wrote.
#[derive(Default)]
struct Written {
    /// Whole files of Postgres: before and after.
    files: Vec<(String, Vec<u8>, Vec<u8>)>,
    /// Parameters of Postgres: the major, where it is known, name and value.
    parameters: BTreeSet<(Option<u32>, String, String)>,
    /// Keys of PgBouncer with their values.
    keys: BTreeSet<(String, String)>,
    /// Times, sizes, numbers and switches of Spring Boot: what is meant, and the text.
    spring: HashSet<(Type, String)>,
}

impl Written {
    fn with(mut self, other: Written) -> Written {
        self.files.extend(other.files);
        self.parameters.extend(other.parameters);
        self.keys.extend(other.keys);
        self.spring.extend(other.spring);
        self
    }
}

/// The settings of Postgres servers and of poolers, as they are written: product, major, key, text.
fn settings(model: &Model, inputs: &[Input]) -> BTreeMap<(String, Option<u32>, String, usize), String> {
    let mut found = BTreeMap::new();
    for (index, resource) in model.resources.iter().enumerate() {
        let product = resource.product.as_deref().unwrap_or_default();
        let version = resource.version.as_ref().map(|pin| pin.version.to_string());
        let major = version.and_then(|version| version.split(['.', '-']).next()?.parse().ok());
        for (name, attribute) in &resource.attributes {
            let Some(written) = attribute.written.first().filter(|written| written.by.is_some()) else { continue };
            let (file, span) = (written.value.file as usize, written.value.start as usize..written.value.end as usize);
            let Some(text) = inputs.get(file).and_then(|input| decode(&input.bytes).ok()?.get(span)) else { continue };
            let text = text.trim_matches(['\'', '"']).to_owned();
            if let Some(parameter) = name.strip_prefix("postgres.") {
                found.insert(("postgresql".to_owned(), major, parameter.to_owned(), index), text);
            } else if product == "pgbouncer" && &*resource.kind == "pooler" {
                found.insert((product.to_owned(), None, written.key.to_ascii_lowercase(), index), text);
            }
        }
    }
    found
}

/// The values that tables of Spring Boot read, with their types.
fn spring(shipped: &Shipped, model: &Model, inputs: &[Input]) -> HashSet<(Type, String)> {
    let vocabulary = &shipped.known().knowledge.vocabulary;
    let mut found = HashSet::new();
    for resource in model.resources.iter().filter(|resource| &*resource.dialect == "spring-boot") {
        for (name, attribute) in &resource.attributes {
            let Some(kind) = vocabulary.attribute(&resource.kind, name) else { continue };
            for written in attribute.written.iter().filter(|written| reads(shipped, written)) {
                let (file, span) =
                    (written.value.file as usize, written.value.start as usize..written.value.end as usize);
                let text = inputs.get(file).and_then(|input| decode(&input.bytes).ok()?.get(span));
                found.extend(text.map(|text| (kind, text.trim_matches(['\'', '"']).to_owned())));
            }
        }
    }
    found
}

/// Whether a table reads what is written there as a value of its own.
fn reads(shipped: &Shipped, place: &Place) -> bool {
    let Some(WrittenBy::Row { table, block, row }) = &place.by else { return place.by.is_some() };
    let table = shipped.known().knowledge.table(table).expect("it is shipped");
    table.resource[usize::from(*block)].key[usize::from(*row)].left_open.is_empty()
}

/// Fixes all that can be fixed, and says what that wrote.
fn written(shipped: &Shipped, inputs: &[Input]) -> Written {
    let mut everything = |_: &mut Outcome| {};
    let fixed = fix(shipped.known(), inputs, Safety::Unsafe, &mut everything);
    let mut out = Written::default();
    if fixed.changes.is_empty() {
        return out;
    }
    let mut after = inputs.to_vec();
    for change in &fixed.changes {
        let path = &inputs[change.file].path;
        after[change.file].bytes = change.bytes.clone();
        if path.ends_with(".conf") && path.contains("postgres") {
            out.files.push((path.to_string(), inputs[change.file].bytes.clone(), change.bytes.clone()));
        }
    }
    let model = |inputs: &[Input]| judged(shipped.known(), inputs.to_vec(), &everything).model;
    let before: BTreeSet<_> =
        settings(&model(inputs), inputs).into_iter().map(|((a, b, c, _), text)| (a, b, c, text)).collect();
    out.spring = spring(shipped, &model(&after), &after);
    let old = spring(shipped, &model(inputs), inputs);
    out.spring.retain(|one| !old.contains(one));
    for ((product, major, key, _), text) in settings(&model(&after), &after) {
        if before.contains(&(product.clone(), major, key.clone(), text.clone())) {
            continue;
        }
        if product == "postgresql" {
            out.parameters.insert((major, key, text));
        } else {
            let key = key.strip_prefix("pgbouncer_").unwrap_or(&key).to_owned();
            out.keys.insert((key, text));
        }
    }
    out
}

/// What Spring Boot takes for a value of that type: `DurationStyle`, `DataSize`, and the converters of the framework.
fn spring_takes(kind: Type, text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.len() - unsigned.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = unsigned.split_at(digits);
    let unit_is = |known: &[&str]| !number.is_empty() && known.iter().any(|known| known.eq_ignore_ascii_case(unit));
    match kind {
        Type::Duration => unit_is(&["", "ns", "us", "ms", "s", "m", "h", "d"]) || unsigned.starts_with(['P', 'p']),
        Type::Size => !number.is_empty() && ["", "B", "KB", "MB", "GB", "TB"].contains(&unit),
        Type::Int => unit_is(&[""]),
        Type::Bool => ["true", "on", "yes", "1", "false", "off", "no", "0"].contains(&&*text.to_lowercase()),
        Type::Double => text.parse::<f64>().is_ok(),
        _ => true,
    }
}

fn sources() -> Vec<Vec<Input>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all: Vec<Vec<Input>> = repositories().iter().map(|folder| inputs(folder)).collect();
    let pages = walkdir::WalkDir::new(root.join("rules")).sort_by_file_name().into_iter().flatten();
    for file in pages.filter(|file| file.path().extension().is_some_and(|extension| extension == "md")) {
        let text = std::fs::read_to_string(file.path()).expect("a readable page");
        let path =
            file.path().strip_prefix(root.join("rules")).expect("below rules/").to_string_lossy().replace('\\', "/");
        let page = Page::parse(&path, &text).expect("a page");
        let mut groups: BTreeMap<usize, Vec<Input>> = BTreeMap::new();
        for example in page.examples() {
            let input = Input { path: example.path.as_str().into(), bytes: example.text.clone().into() };
            groups.entry(example.group).or_default().push(input);
        }
        let found = page.examples().into_iter().filter(|example| example.shows == Shows::Found);
        let found: BTreeSet<usize> = found.map(|example| example.group).collect();
        all.extend(groups.into_iter().filter(|(group, _)| found.contains(group)).map(|(_, inputs)| inputs));
    }
    all
}

/// Whether a server takes these options.
fn takes(bin: &Path, options: &[String]) -> bool {
    let folder = std::env::temp_dir();
    let mut command = Command::new(bin.join("postgres"));
    command.args(["-C", "max_connections", "-D"]).arg(folder).args(options).env("LC_ALL", "C");
    command.output().is_ok_and(|output| output.status.success())
}

fn major(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}

#[test]
fn the_programs_take_what_fixes_write() {
    let servers = postgres_server::installed();
    if servers.is_empty() {
        println!("skipped: there is no Postgres server");
    }
    let shipped = Shipped::new();
    let all = sources().par_iter().map(|inputs| written(&shipped, inputs)).reduce(Written::default, Written::with);
    let folder = tempfile::tempdir().expect("a folder");
    pgbouncer::open(folder.path());
    let mut wrong = Vec::new();
    let (mut asked, mut whole) = (0, 0);
    for bin in &servers {
        let Some(major) = major(bin) else { continue };
        // no cluster is needed to read a file that is named
        let empty = folder.path().join("empty.conf");
        std::fs::write(&empty, "").expect("the folder can be written");
        let base = vec!["-c".to_owned(), format!("config_file={}", empty.display())];
        assert!(takes(bin, &base), "Postgres {major} does not even read an empty file");
        for (of, name, value) in &all.parameters {
            if of.is_some_and(|of| of != major) {
                continue;
            }
            asked += 1;
            let options = [base.clone(), vec!["-c".to_owned(), format!("{name}={value}")]].concat();
            if !takes(bin, &options) {
                wrong.push(format!("Postgres {major} refuses {name} = {value}"));
            }
        }
        for (number, (path, before, after)) in all.files.iter().enumerate() {
            let file = folder.path().join(format!("{number}.conf"));
            let reads = |bytes: &[u8]| {
                std::fs::write(&file, bytes).expect("the folder can be written");
                takes(bin, &["-c".to_owned(), format!("config_file={}", file.display())])
            };
            if reads(before) {
                whole += 1;
                if !reads(after) {
                    wrong.push(format!("Postgres {major} no longer reads {path}"));
                }
            }
        }
    }
    for (kind, text) in all.spring.iter().filter(|(kind, text)| !spring_takes(*kind, text)) {
        wrong.push(format!("Spring Boot refuses {text} for a {kind:?}"));
    }
    println!("Spring Boot: {} values", all.spring.len());
    println!(
        "{} parameters and {} files written by fixes; {} servers asked {asked} parameters and {whole} files",
        all.parameters.len(),
        all.files.len(),
        servers.len()
    );
    assert!(servers.is_empty() || asked > 10 && whole > 0, "too little was asked");
    match pgbouncer::version() {
        None => println!("skipped: there is no pgbouncer"),
        Some(version) => {
            let table = shipped.known().knowledge.table("pgbouncer").expect("the table is shipped");
            // what came with a later version than the one at hand
            let is_newer = |key: &str| {
                let mut rows = table.resource.iter().flat_map(|block| &block.key);
                rows.any(|row| {
                    let range = row.versions.as_ref().filter(|_| row.key.to_string() == key);
                    range.is_some_and(|range| range.contains(&version) == Some(false))
                })
            };
            for (key, value) in all.keys.iter().filter(|(key, _)| !is_newer(key)) {
                let text = format!("[databases]\nx = host=127.0.0.1\n\n[pgbouncer]\n{key} = {value}\n");
                if pgbouncer::accepts(folder.path(), &text, key) == Some(false) {
                    wrong.push(format!("PgBouncer {version} refuses {key} = {value}"));
                }
            }
            println!("PgBouncer {version} asked {} keys", all.keys.len());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
