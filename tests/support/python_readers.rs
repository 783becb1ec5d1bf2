//! Readers written in Python, in a process of its own per thread that is fed one text after the other; see
//! `python_readers.py`, and `scripts/edit-readers`, which installs them.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::LazyLock;

use super::Tree;

/// The formats that a Python there is has readers of, and that Python.
static PYTHON: LazyLock<Option<(PathBuf, Vec<String>)>> = LazyLock::new(|| {
    let installed = || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/edit-readers/bin/python");
    let python = std::env::var_os("TRUEUP_EDIT_READERS").map_or_else(installed, PathBuf::from);
    let mut process = Process::start(&python)?;
    let formats = serde_json::from_str(&process.line()?).ok()?;
    Some((python, formats))
});

thread_local! {
    static PROCESS: RefCell<Option<Process>> = const { RefCell::new(None) };
}

struct Process {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Process {
    fn start(python: &Path) -> Option<Process> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/python_readers.py");
        let mut command = Command::new(python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().ok()?;
        let (to, from) = (child.stdin.take(), BufReader::new(child.stdout.take()?));
        Some(Process { child, to, from })
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.from.read_line(&mut line).ok().filter(|&length| length > 0)?;
        Some(line)
    }

    fn ask(&mut self, format: &str, text: &str) -> Option<serde_json::Value> {
        let to = self.to.as_mut()?;
        writeln!(to, "{}", serde_json::json!({ "format": format, "text": text })).ok()?;
        to.flush().ok()?;
        serde_json::from_str(&self.line()?).ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // it ends with its input
        drop(self.to.take());
        let _ = self.child.wait();
    }
}

/// Whether there is a reader of a format.
pub(crate) fn has(format: &str) -> bool {
    PYTHON.as_ref().is_some_and(|(_, formats)| formats.iter().any(|known| known == format))
}

/// What the reader of a format makes of a text; `None` where it refuses it.
pub(super) fn read(format: &str, text: &str) -> Option<Vec<Tree>> {
    let (python, _) = PYTHON.as_ref()?;
    PROCESS.with_borrow_mut(|process| {
        if process.is_none() {
            *process = Process::start(python);
            process.as_mut()?.line()?;
        }
        let answer = process.as_mut()?.ask(format, text);
        let answer = answer.unwrap_or_else(|| panic!("the Python reader of {format} ended at this text:\n{text}"));
        (!answer.is_null()).then(|| vec![tree(&answer)])
    })
}

/// The answer as a tree; its scalars have their types already.
fn tree(value: &serde_json::Value) -> Tree {
    use serde_json::Value;
    match value {
        Value::Object(map) => Tree::Map(map.iter().map(|(key, value)| (key.clone(), tree(value))).collect()),
        Value::Array(items) => Tree::List(items.iter().map(tree).collect()),
        Value::String(text) => Tree::Leaf(text.clone()),
        other => Tree::Leaf(other.to_string()),
    }
}
