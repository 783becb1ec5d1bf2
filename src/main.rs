//! x
fn main() {}
//! The command line: everything is in the library.

use std::path::Path;
use std::process::ExitCode;

use trueup::analysis::{File, Input, Outcome, Status};
use trueup::workspace::{DialectInfo, Engine, Problem, RuleInfo, Settings};

/// Recognises nothing and judges nothing.
struct Blank;

impl Engine for Blank {
    fn wants(&self, _: &Path) -> bool {
        true
    }

    fn prepare(&self, _: &Settings) -> Result<Option<Box<dyn Engine>>, Vec<Problem>> {
        Ok(None)
    }

    fn analyse(&self, inputs: Vec<Input>, _: &Settings) -> Outcome {
        let file = |input: Input| File { path: input.path, status: Status::Unknown, text: None, secrets: Vec::new() };
        Outcome { files: inputs.into_iter().map(file).collect(), ..Outcome::default() }
    }

    fn rules(&self) -> &[RuleInfo] {
        &[]
    }

    fn dialects(&self) -> Vec<DialectInfo> {
        Vec::new()
    }

    fn vocabulary(&self) -> String {
        String::new()
    }

    fn inspect(&self, _: Input, _: &Settings) -> String {
        String::new()
    }

    fn redact(&self, text: &str) -> String {
        text.to_owned()
    }

    fn rule_schema(&self) -> &str {
        "{}\n"
    }
}

fn main() -> ExitCode {
    trueup::cli::main(&Blank)
}
