//! The program, run in a folder.

use std::path::Path;
use std::process::Command;

/// Runs a command of the program in `folder`: its exit code, what it printed, and what it said beside that.
pub(crate) fn run(folder: &Path, command: &str, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("trueup"))
        .current_dir(folder)
        .arg(command)
        .args(arguments)
        .output()
        .expect("trueup runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code().expect("it ends"), text(output.stdout), text(output.stderr))
}
