//! The command line: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // it lives as long as the program: taking it down piece by piece would only cost time
    trueup::cli::main(Box::leak(Box::new(trueup::workspace::Shipped::new())))
}
