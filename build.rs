//! Reads and checks the knowledge in `schema/` and `rules/` with the very code that the program uses for users' own
//! pages and tables, and packs it into one blob. A name that does not exist fails the build.

#[allow(dead_code, unused_imports, unreachable_pub, missing_docs)]
#[path = "src/condition/mod.rs"]
mod condition;
#[allow(dead_code, unused_imports, unreachable_pub, missing_docs)]
#[path = "src/knowledge/mod.rs"]
mod knowledge;
#[allow(dead_code, unused_imports, unreachable_pub, missing_docs)]
#[path = "src/model/mod.rs"]
mod model;
#[allow(dead_code, unused_imports, unreachable_pub, missing_docs)]
#[path = "src/quantity/mod.rs"]
mod quantity;

use std::path::{Path, PathBuf};

use knowledge::{Generic, Page, PageError, Pins, Table, Vocabulary};

fn main() {
    for watched in ["schema", "rules", "src/condition", "src/knowledge", "src/model", "src/quantity", "build.rs"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    match blob(Path::new(".")) {
        Ok(bytes) => {
            let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("knowledge.bin");
            std::fs::write(out, bytes).expect("the output folder can be written");
        }
        Err(errors) => {
            for error in errors {
                println!("cargo::error={error}");
            }
        }
    }
}

/// Everything under `root`, checked and packed; or everything that is wrong.
fn blob(root: &Path) -> Result<Vec<u8>, Vec<String>> {
    let mut errors = Vec::new();
    let read = |path: &str| std::fs::read_to_string(root.join(path)).map_err(|error| vec![format!("{path}: {error}")]);
    let vocabulary_text = read("schema/vocabulary.toml")?;
    let vocabulary: Vocabulary =
        knowledge::from_toml("schema/vocabulary.toml", &vocabulary_text).map_err(|error| vec![error.to_string()])?;
    let mut keep = |result: Result<(), PageError>| {
        if let Err(error) = result {
            errors.push(error.to_string());
        }
    };

    let generic_path = "schema/dialects/generic.toml";
    let generic_text = read(generic_path)?;
    let generic: Generic =
        knowledge::from_toml(generic_path, &generic_text).map_err(|error| vec![error.to_string()])?;
    keep(knowledge::validate_generic(&vocabulary, generic_path, &generic_text, &generic));

    let pins_path = "schema/pins.toml";
    let pins: Pins = knowledge::from_toml(pins_path, &read(pins_path)?).map_err(|error| vec![error.to_string()])?;

    let mut tables: Vec<Table> = Vec::new();
    for path in files(&root.join("schema/dialects"), "toml") {
        if path == generic_path {
            continue;
        }
        let text = read(&path)?;
        let table = match knowledge::parse_table(&path, &text) {
            Ok(table) => table,
            Err(error) => {
                keep(Err(error));
                continue;
            }
        };
        keep(knowledge::validate_table(&vocabulary, &path, &text, &table));
        tables.push(table);
    }

    let mut pages = Vec::new();
    for path in files(&root.join("rules"), "md") {
        let text = read(&path)?;
        match Page::parse(&path, &text) {
            Ok(page) => match knowledge::validate_page(&vocabulary, &path, &text, &page) {
                Ok(wanted) => pages.push((page, wanted)),
                Err(error) => keep(Err(error)),
            },
            Err(error) => keep(Err(error)),
        }
    }
    pages.sort_by(|(a, _), (b, _)| a.rule.id.cmp(&b.rule.id));
    for pair in pages.windows(2) {
        let [(one, _), (next, _)] = pair else { continue };
        if one.rule.id == next.rule.id {
            errors.push(format!("two pages have the id '{}'", one.rule.id));
        }
    }
    if errors.is_empty() { Ok(knowledge::pack(vocabulary, generic, pins, tables, pages)) } else { Err(errors) }
}

/// The files with that extension under `folder`, in order, as paths from the project's root.
fn files(folder: &Path, extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let path = path.strip_prefix(".").unwrap_or(&path);
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}
