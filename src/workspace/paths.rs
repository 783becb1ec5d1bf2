//! How files are named: one form for reports, whatever way the user pointed at them.

use std::path::{Component, Path, PathBuf};

/// `path` made absolute from `base`, with `.` and `..` resolved by name only: no I/O, symbolic links are kept.
pub fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    whole
}

/// A path as people write it: without `.`, and `/` between parts; empty for the place itself.
pub fn normal(path: &Path) -> String {
    let mut parts: Vec<std::borrow::Cow<'_, str>> = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::RootDir => parts.push("".into()),
            Component::ParentDir if parts.last().is_some_and(|last| last != "..") => {
                parts.pop();
            }
            part => parts.push(part.as_os_str().to_string_lossy()),
        }
    }
    parts.join("/")
}

/// The repository that holds `directory`: the nearest ancestor with a `.git`, which is a file in worktrees and submodules.
pub fn repository_root(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|ancestor| ancestor.join(".git").exists())
}

/// `path` as seen from `base`, both absolute, with `/` between parts: `a/b`, `../c`, `.` for the same place.
pub fn relative(base: &Path, path: &Path) -> String {
    let from: Vec<_> = base.components().collect();
    let to: Vec<_> = path.components().collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[shared..].iter().map(|_| "..".into());
    let down = to[shared..].iter().map(|part| part.as_os_str().to_string_lossy());
    let parts: Vec<std::borrow::Cow<'_, str>> = up.chain(down).collect();
    if parts.is_empty() { ".".into() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_named_from_a_base() {
        let base = Path::new("/r/a");
        for (path, name) in [("x/y.yaml", "x/y.yaml"), ("../b/./c", "../b/c"), (".", "."), ("/q", "../../q")] {
            assert_eq!(relative(base, &absolute(base, Path::new(path))), name);
        }
        for (path, name) in
            [("./trueup/", "trueup"), ("x/../y", "y"), ("../../a/.", "../../a"), ("/a/b", "/a/b"), (".", "")]
        {
            assert_eq!(normal(Path::new(path)), name);
        }
    }
}
