//! No module uses one that stands below it: the order is the table that opens `src/lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of the table: `//! | [`syntax`] | …`.
fn order(lib: &str) -> Vec<&str> {
    lib.lines().filter_map(|line| line.strip_prefix("//! | [`")?.split_once('`')).map(|(module, _)| module).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The modules that a line of code names as `crate::module` or `crate::{module, …}`.
fn uses(line: &str) -> Vec<&str> {
    let code = line.split("//").next().unwrap_or(line);
    let name = |text: &'_ str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            // `crate::{a::X, b}`: what begins behind a brace or a comma of the outermost list
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (at, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        ' ' => {}
                        _ if start => {
                            start = false;
                            found.push(&list[at..at + name(&list[at..])]);
                        }
                        _ => {}
                    }
                }
            }
            None => found.push(&rest[..name(rest)]),
        }
    }
    found
}

#[test]
fn no_module_uses_one_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(root.join("lib.rs")).expect("src/lib.rs");
    let order = order(&lib);
    let rank = |module: &str| order.iter().position(|known| *known == module);
    let declared: Vec<&str> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    for module in &declared {
        assert!(rank(module).is_some(), "src/lib.rs: the table lacks '{module}'");
    }
    assert_eq!(declared.len(), order.len(), "src/lib.rs: the table names what is no module");

    let mut broken = Vec::new();
    let mut seen = 0;
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).expect("below src");
        let module = inside.iter().next().and_then(|part| part.to_str()).unwrap_or("").trim_end_matches(".rs");
        let Some(own) = rank(module) else { continue }; // lib.rs and main.rs
        let text = fs::read_to_string(&path).expect("a source file");
        for (number, line) in text.lines().enumerate() {
            for used in uses(line) {
                seen += 1;
                if rank(used).is_some_and(|used| used > own) {
                    broken.push(format!("src/{}:{}: {module} uses {used}", inside.display(), number + 1));
                }
            }
        }
    }
    assert!(seen > 50, "the scan finds what modules use");
    assert!(broken.is_empty(), "modules use what stands below them:\n{}", broken.join("\n"));
}

#[test]
fn uses_are_found_in_every_form() {
    assert_eq!(uses("use crate::model::{Name, Value};"), ["model"]);
    assert_eq!(uses("use crate::{model::{Name, Value}, rule::Facts, syntax};"), ["model", "rule", "syntax"]);
    assert_eq!(uses("let x = crate::report::view(crate::cli::y); // crate::workspace"), ["report", "cli"]);
    assert_eq!(uses("/// [`crate::analysis::File`]"), [""; 0]);
}
