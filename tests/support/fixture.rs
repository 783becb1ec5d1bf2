//! Folders of configuration judged whole.

use std::path::Path;
use std::sync::Arc;

use trueup::analysis::{Input, Outcome, analyse};
use trueup::model::{Confidence, Finding, Severity};
use trueup::workspace::Shipped;

/// The inputs of a folder, in the order of their paths; `expected.txt` and what is not configuration is left out.
pub(crate) fn inputs(folder: &Path) -> Vec<Input> {
    let mut inputs: Vec<Input> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file() && entry.file_name() != "expected.txt")
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).expect("it was found below the folder");
            let path: Arc<str> = path.to_string_lossy().replace('\\', "/").into();
            Input { path, bytes: std::fs::read(entry.path()).expect("a readable fixture") }
        })
        .collect();
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    inputs
}

/// Judges a folder.
pub(crate) fn judge(shipped: &Shipped, folder: &Path) -> Outcome {
    analyse(shipped.known(), inputs(folder))
}

/// Whether a finding is shown without `--pedantic`.
pub(crate) fn shown_by_default(finding: &Finding) -> bool {
    finding.severity >= Severity::Warning && finding.confidence >= Confidence::High
}
