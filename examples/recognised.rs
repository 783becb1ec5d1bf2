//! Lists every file below a folder with the dialects that read it: `cargo run --example recognised -- FOLDER`.

use std::path::Path;

use trueup::analysis::{Input, analyse};
use trueup::workspace::{Engine, Shipped};

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    let engine = Shipped::new();
    let mut inputs = Vec::new();
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name().into_iter().flatten() {
        if entry.file_type().is_file() && engine.wants(entry.path()) {
            let path =
                entry.path().strip_prefix(Path::new(&folder)).expect("it is below").to_string_lossy().into_owned();
            if let Ok(bytes) = std::fs::read(entry.path()) {
                inputs.push(Input { path: path.into(), bytes });
            }
        }
    }
    for file in analyse(engine.known(), inputs).files {
        println!("{}\t{:?}", file.path, file.status);
    }
}
