//! The past of a repository, asked of the program `git`: what a reference means, which files it holds, and their bytes.
//!
//! Only commands that read objects are run: none looks at the index or the working tree, runs a hook or writes.

use std::io::{BufRead, BufReader, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{LARGEST, Problem};

/// What the problems of this module are about.
const OPTION: &str = "--changed";

/// Where the default branch may be known, the surest first.
const DEFAULT_BRANCHES: [&str; 4] = ["origin/HEAD", "@{upstream}", "origin/main", "origin/master"];

/// A repository, or a folder inside of one: paths count from there.
pub(super) struct Repository<'a> {
    root: &'a Path,
}

/// A commit, and what the user calls it.
#[derive(Debug, Clone)]
pub(super) struct Commit {
    pub(super) name: String,
    pub(super) id: String,
}

/// One file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// From the repository's root.
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    /// The object's id.
    pub(super) id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Link,
    /// Another repository; the id is its commit.
    Submodule,
}

impl<'a> Repository<'a> {
    /// The repository at `root`.
    pub(super) fn open(root: &'a Path) -> Result<Self, Problem> {
        let repository = Repository { root };
        let output = repository.git(["rev-parse", "--git-dir"])?;
        if output.status.success() {
            return Ok(repository);
        }
        let said = first_line(&output.stderr);
        Err(if said.contains("not a git repository") {
            problem("the files stand in no git repository").advice("`--baseline` needs none")
        } else {
            problem(format!("git says: {said}"))
        })
    }

    /// The commit that `reference` names.
    pub(super) fn commit(&self, reference: &str) -> Result<Commit, Problem> {
        match self.resolve(reference)? {
            Some(id) => Ok(Commit { name: reference.to_owned(), id }),
            None => Err(self.if_shallow(problem(format!("no git reference is called `{reference}`")))?),
        }
    }

    /// Where the working tree left the default branch; `HEAD` in a repository that knows no other.
    pub(super) fn default_commit(&self) -> Result<Commit, Problem> {
        for name in DEFAULT_BRANCHES {
            if self.resolve(name)?.is_none() {
                continue;
            }
            let output = self.git(["merge-base", "HEAD", name])?;
            if output.status.success() {
                return Ok(Commit { name: name.to_owned(), id: first_line(&output.stdout) });
            }
            return Err(self.if_shallow(problem(format!("HEAD and {name} have no commit in common")))?);
        }
        let remote = self.git(["for-each-ref", "--count=1", "refs/remotes"])?;
        let shallow = self.is_shallow()?;
        if remote.stdout.is_empty() && !shallow {
            return self.commit("HEAD");
        }
        let advice = match shallow {
            true => {
                "the clone is shallow: fetch all of it (`fetch-depth: 0`) and name the reference, as in --changed=origin/main"
            }
            false => "name the reference, as in --changed=origin/main",
        };
        Err(problem("what to compare with is not known: there is no origin/HEAD").advice(advice))
    }

    /// All files of a commit below the root.
    pub(super) fn entries(&self, commit: &str) -> Result<Vec<Entry>, Problem> {
        let output = self.git(["ls-tree", "-r", "-z", commit])?;
        if !output.status.success() {
            return Err(problem(format!("git says: {}", first_line(&output.stderr))));
        }
        Ok(output.stdout.split(|&byte| byte == 0).filter_map(entry).collect())
    }

    /// The bytes of files, in order; `None` for one larger than [`LARGEST`].
    pub(super) fn read(&self, files: &[&Entry]) -> Result<Vec<Option<Vec<u8>>>, Problem> {
        let mut command = self.command(["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| cannot_run(&error))?;
        let (asks, answers) = (child.stdin.take(), child.stdout.take());
        let mut asks = asks.expect("it was asked for a pipe");
        let mut answers = BufReader::new(answers.expect("it was asked for a pipe"));
        let read = std::thread::scope(|scope| {
            // git answers while it is still being asked: on one thread both could wait for the other
            scope.spawn(move || {
                for file in files {
                    if writeln!(asks, "{}", file.id).is_err() {
                        break; // git has ended, and its answers end too
                    }
                }
            });
            let read: Result<Vec<_>, Problem> = files.iter().map(|file| answer(&mut answers, &file.path)).collect();
            drop(answers); // where reading failed, git must not wait for a reader, nor the thread above for git
            read
        });
        let _ = child.wait(); // all that counts was read
        read
    }

    fn resolve(&self, reference: &str) -> Result<Option<String>, Problem> {
        if reference.starts_with('-') {
            return Ok(None); // no name may begin with it, and git would take it for an option
        }
        let output = self.git(["rev-parse", "--verify", "--quiet", &format!("{reference}^{{commit}}")])?;
        Ok(output.status.success().then(|| first_line(&output.stdout)))
    }

    fn is_shallow(&self) -> Result<bool, Problem> {
        Ok(first_line(&self.git(["rev-parse", "--is-shallow-repository"])?.stdout) == "true")
    }

    /// The problem, with the way out if it is that the clone is not whole.
    fn if_shallow(&self, problem: Problem) -> Result<Problem, Problem> {
        let advice = "the clone is shallow: fetch all of it (`fetch-depth: 0`, or `git fetch --unshallow`)";
        Ok(if self.is_shallow()? { problem.advice(advice) } else { problem })
    }

    fn git<const N: usize>(&self, arguments: [&str; N]) -> Result<Output, Problem> {
        self.command(arguments).output().map_err(|error| cannot_run(&error))
    }

    fn command<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.root).args(arguments).stdin(Stdio::null()).stderr(Stdio::piped());
        // the repository is the one the files stand in, also inside a hook of another
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            command.env_remove(variable);
        }
        command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
        command
    }
}

/// One file of `git ls-tree -r -z`: `mode type id<TAB>path`.
fn entry(line: &[u8]) -> Option<Entry> {
    let tab = line.iter().position(|&byte| byte == b'\t')?;
    let mut words = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
    let kind = match words.next()? {
        "120000" => Kind::Link,
        "160000" => Kind::Submodule,
        _ => Kind::File,
    };
    let id = words.nth(1)?.to_owned();
    Some(Entry { path: path(&line[tab + 1..]), kind, id })
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// One answer of `git cat-file --batch`: `id type size`, a line end, the bytes, a line end.
fn answer(answers: &mut impl BufRead, path: &Path) -> Result<Option<Vec<u8>>, Problem> {
    let missing = || {
        Problem::new(path.display().to_string(), "git has no copy of it as it was; the clone is not whole")
            .advice("fetch all of it (`fetch-depth: 0`, no `--filter`)")
    };
    let mut head = String::new();
    answers.read_line(&mut head).map_err(|_| missing())?;
    let size: u64 = head.trim_end().rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or_else(missing)?;
    let (mut bytes, mut rest) = (Vec::new(), answers.take(size + 1));
    if size > LARGEST {
        std::io::copy(&mut rest, &mut std::io::sink()).map_err(|_| missing())?;
        return Ok(None);
    }
    rest.read_to_end(&mut bytes).map_err(|_| missing())?;
    if bytes.pop().is_none() || bytes.len() as u64 != size {
        return Err(missing()); // git ended in between
    }
    Ok(Some(bytes))
}

fn problem(message: impl Into<String>) -> Problem {
    Problem::new(OPTION, message)
}

fn cannot_run(error: &std::io::Error) -> Problem {
    problem(match error.kind() {
        ErrorKind::NotFound => "needs the program git, which is not installed".to_owned(),
        _ => format!("git cannot be run: {error}"),
    })
}

fn first_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned()
}
