//! Files get new bytes whole, together or not at all: a reader sees the old ones or the new ones, never a part.
//!
//! Each new text is written beside its file and takes its place by a rename. Before that the file is locked and must
//! still hold the bytes that were read, so that two runs, or an editor and a run, lose nothing. Permissions and owner
//! stay, and a link stays one. If one of several files cannot be replaced, those that were get their old bytes back.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// New bytes for a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replacement<'a> {
    /// The file.
    pub(super) path: &'a Path,
    /// What it must hold still.
    pub(super) old: &'a [u8],
    /// What it is to hold.
    pub(super) new: &'a [u8],
}

/// Which file could not be replaced, and why.
pub(super) type Failure = (PathBuf, String);

/// Replaces all of them, or none.
pub(super) fn replace(files: &[Replacement<'_>]) -> Result<(), Failure> {
    let mut ready = Vec::with_capacity(files.len());
    for file in files {
        let prepared = Ready::prepare(file).map_err(|error| (file.path.to_path_buf(), error.to_string()))?;
        ready.push(prepared);
    }
    for at in 0..ready.len() {
        let Err(error) = ready[at].take_place() else { continue };
        let failure = (files[at].path.to_path_buf(), error.to_string());
        for (done, file) in ready[..at].iter().zip(files) {
            // the new bytes were ours, so the old ones may go back over them
            if let Err(error) = Beside::write(&done.target, file.old).and_then(|mut beside| beside.take_place()) {
                let why = format!("{}; and it keeps its new text: {error}", failure.1);
                return Err((file.path.to_path_buf(), why));
            }
        }
        return Err(failure);
    }
    Ok(())
}

/// A new text beside its file, and the lock on the old one.
struct Ready {
    target: PathBuf,
    beside: Beside,
    /// Locked until the new text has its place.
    _old: File,
}

impl Ready {
    fn prepare(file: &Replacement<'_>) -> io::Result<Ready> {
        let target = file.path.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::new(error.kind(), "it is gone since it was read; run again"),
            _ => error,
        })?;
        if fs::metadata(&target)?.permissions().readonly() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
        }
        let old = File::open(&target)?;
        old.lock()?;
        if fs::read(&target)? != file.old {
            return Err(io::Error::other("it has changed since it was read; run again"));
        }
        let beside = Beside::write(&target, file.new)?;
        Ok(Ready { target, beside, _old: old })
    }

    fn take_place(&mut self) -> io::Result<()> {
        self.beside.take_place()
    }
}

/// A whole text in a file of its own, which is removed unless it takes its target's place.
struct Beside {
    path: PathBuf,
    target: PathBuf,
    placed: bool,
}

impl Beside {
    fn write(target: &Path, bytes: &[u8]) -> io::Result<Beside> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = target.with_file_name(format!(".{name}.trueup-{}-{number}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let beside = Beside { path, target: target.to_path_buf(), placed: false };
        file.write_all(bytes)?;
        keep_owner(target, &beside.path)?;
        fs::set_permissions(&beside.path, fs::metadata(target)?.permissions())?;
        file.sync_all()?;
        Ok(beside)
    }

    fn take_place(&mut self) -> io::Result<()> {
        fs::rename(&self.path, &self.target)?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.placed {
            // what is left of a failed attempt is of no use; the error that is reported is the first one
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Gives `new` the owner and the group of `target`, where they differ.
#[cfg(unix)]
fn keep_owner(target: &Path, new: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let (before, after) = (fs::metadata(target)?, fs::metadata(new)?);
    let differs = |a: u32, b: u32| (a != b).then_some(a);
    let (owner, group) = (differs(before.uid(), after.uid()), differs(before.gid(), after.gid()));
    if owner.is_some() || group.is_some() { chown(new, owner, group) } else { Ok(()) }
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("a file");
        }
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder").flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn one_that_fails_keeps_all_others_as_they_were() {
        let folder = folder(&[("a", "old a"), ("b", "other b")]);
        let (a, b, gone) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("gone"));
        let of = |path, old| Replacement { path, old, new: b"new" };
        for (second, old, why) in [
            (&b, &b"old b"[..], "it has changed since it was read; run again"),
            (&gone, b"old", "it is gone since it was read; run again"),
        ] {
            let failure = replace(&[of(&a, b"old a"), of(second, old)]).expect_err("the second cannot be replaced");
            assert_eq!(failure.0, *second);
            assert!(failure.1.contains(why), "{}", failure.1);
            assert_eq!(fs::read(&a).expect("a file"), b"old a");
            assert_eq!(names(folder.path()), ["a", "b"]);
        }
        replace(&[of(&a, b"old a"), of(&b, b"other b")]).expect("both can be replaced");
        assert_eq!((fs::read(&a).expect("a file"), fs::read(&b).expect("a file")), (b"new".to_vec(), b"new".to_vec()));
        assert_eq!(names(folder.path()), ["a", "b"]);
    }
}
