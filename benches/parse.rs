//! Reads, or reads and parses, the files that `trueup check` would: what a whole check is measured against.
//!
//! ```text
//! parse read|parse PATH...     prints the number of files and bytes
//! ```
//!
//! The time is taken from outside, by `scripts/bench`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rayon::prelude::*;
use trueup::workspace::walk::walk;
use trueup::{dialect, syntax};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let parses = match arguments.next().as_deref() {
        Some("read") => false,
        Some("parse") => true,
        _ => {
            println!("usage: parse read|parse PATH... (scripts/bench runs it)");
            return ExitCode::SUCCESS;
        }
    };
    let targets: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let cwd = std::env::current_dir().expect("the working directory exists");
    let found = walk(&cwd, &targets, &|path| path.to_str().is_some_and(|path| dialect::format_of(path).is_some()));
    let files: Vec<PathBuf> = found.files.into_keys().collect();
    let read: Vec<(PathBuf, Vec<u8>)> =
        files.into_par_iter().filter_map(|path| Some((path.clone(), std::fs::read(path).ok()?))).collect();
    let (count, bytes) = (read.len(), read.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
    if !parses {
        println!("{count} files, {bytes} bytes");
        return ExitCode::SUCCESS;
    }
    let nodes: usize = read.into_par_iter().map(|(path, bytes)| nodes(&path, &bytes)).sum();
    println!("{count} files, {bytes} bytes, {nodes} nodes");
    ExitCode::SUCCESS
}

/// Parses one file and drops its tree, as a check does; how many nodes it had.
fn nodes(path: &Path, bytes: &[u8]) -> usize {
    let Some(format) = path.to_str().and_then(dialect::format_of) else { return 0 };
    let Ok(text) = syntax::decode::decode(bytes) else { return 0 };
    syntax::parse(text, format).nodes.len()
}
