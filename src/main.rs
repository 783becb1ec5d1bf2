//! The command line: everything is in the library.

use std::process::ExitCode;

/// Most of a check's work is small texts made and dropped; the system's allocator takes a fifth longer over them.
/// Without huge pages, and its version 2: with them, or with 3, a small run takes twice the memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // it lives as long as the program: taking it down piece by piece would only cost time
    trueup::cli::main(Box::leak(Box::new(trueup::workspace::Shipped::new())))
}
