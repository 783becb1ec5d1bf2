//! A configuration as the user names it, and what of it can be in force on a throw-away server.
//!
//! The lines stay where they are, so that the server's words about a line are about the user's line. What is of the
//! server that the file was written for is put behind `#`; includes are copied and point at the copies.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::account::Account;
use super::table::table;
use crate::syntax::{LineFlavor, line};
use crate::workspace::{Problem, paths, read_file};

/// The deepest chain of includes, and the most files; the server's own limit is the former.
const MAX_DEPTH: usize = 10;
const MAX_FILES: usize = 1000;

/// What the copy of the named file is called.
const GIVEN: &str = "given.conf";

/// One of the configurations that are compared.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// What the user calls it.
    pub name: String,
    /// The file, as the user named it.
    pub path: String,
    files: Vec<File>,
}

/// A file, the named one or one that it includes.
#[derive(Debug, Clone)]
struct File {
    /// As the user would name it.
    shown: String,
    /// The name of its copy, below the folder of copies.
    copy: String,
    text: String,
    settings: Vec<Setting>,
}

#[derive(Debug, Clone)]
struct Setting {
    /// In lower case.
    name: String,
    value: String,
    /// From 1.
    line: usize,
    /// Of the value, quotes included.
    span: Range<usize>,
    /// Where it is an include: the name of the copy; `None` where there is none to include.
    include: Option<Option<String>>,
}

/// A setting that is not in force on the servers that are measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Aside {
    /// The parameter.
    pub name: String,
    /// The file that sets it.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// Why it is set aside.
    pub why: String,
}

impl Configuration {
    /// Reads `name=file` and what it includes.
    ///
    /// # Errors
    /// Where it is not of that form, or a file cannot be read.
    pub fn read(argument: &str, cwd: &Path) -> Result<Configuration, Problem> {
        let form = || {
            Problem::new(argument, "is no configuration to measure")
                .advice("write NAME=FILE, such as tuned=tuned.conf; default=/dev/null is what initdb sets")
        };
        let (name, path) = argument.split_once('=').ok_or_else(form)?;
        let is_word = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || path.is_empty() || !name.chars().all(is_word) || name.chars().count() > 20 {
            return Err(form());
        }
        let mut found = Configuration { name: name.into(), path: path.into(), files: Vec::new() };
        if path == "/dev/null" {
            found.files.push(File::parse(path, GIVEN, String::new()));
            return Ok(found);
        }
        let bytes = read_file(cwd, Path::new(path))?;
        found.add(cwd, path, GIVEN, &bytes, 0)?;
        Ok(found)
    }

    /// Adds a file and what it includes.
    fn add(&mut self, cwd: &Path, shown: &str, copy: &str, bytes: &[u8], depth: usize) -> Result<(), Problem> {
        let index = self.files.len();
        self.files.push(File::parse(shown, copy, String::from_utf8_lossy(bytes).into_owned()));
        let settings = self.files.get(index).map(|file| file.settings.clone()).unwrap_or_default();
        for (at, setting) in settings.iter().enumerate() {
            let target = Path::new(shown).parent().unwrap_or(Path::new("")).join(&setting.value);
            let target_shown = target.display().to_string();
            let exists = paths::absolute(cwd, &target).exists();
            let here = |problem: Problem| Problem::new(shown, format!("includes {problem}")).at(setting.line, 1);
            let copied = match setting.name.as_str() {
                "include_if_exists" if !exists => None,
                "include" | "include_if_exists" | "include_dir"
                    if depth >= MAX_DEPTH || self.files.len() >= MAX_FILES =>
                {
                    return Err(Problem::new(shown, "includes too many files").at(setting.line, 1));
                }
                "include" | "include_if_exists" => {
                    let copied = format!("{}.conf", self.files.len());
                    let bytes = read_file(cwd, &target).map_err(here)?;
                    self.add(cwd, &target_shown, &copied, &bytes, depth + 1)?;
                    Some(copied)
                }
                "include_dir" => {
                    let copied = format!("{index}-{}.d", setting.line);
                    for name in listed(&paths::absolute(cwd, &target)).map_err(|error| {
                        here(Problem::new(target_shown.clone(), format!("which cannot be read: {error}")))
                    })? {
                        let file = target.join(&name);
                        let bytes = read_file(cwd, &file).map_err(here)?;
                        let (shown, copy) = (file.display().to_string(), format!("{copied}/{name}"));
                        self.add(cwd, &shown, &copy, &bytes, depth + 1)?;
                    }
                    Some(copied)
                }
                _ => continue,
            };
            if let Some(setting) = self.files.get_mut(index).and_then(|file| file.settings.get_mut(at)) {
                setting.include = Some(copied);
            }
        }
        Ok(())
    }

    /// Writes the copies into `folder`, and returns the first of them with what is set aside, libraries that are not
    /// installed among it.
    pub(super) fn write(
        &self,
        folder: &Path,
        account: Account,
        is_installed: &dyn Fn(&str) -> bool,
    ) -> io::Result<(PathBuf, Vec<Aside>)> {
        let mut aside: Vec<Aside> = Vec::new();
        for file in &self.files {
            let mut text = file.text.clone();
            for setting in file.settings.iter().rev() {
                let mut leave = |why: String| {
                    let (name, path) = (setting.name.clone(), file.shown.clone());
                    aside.push(Aside { name, path, line: setting.line, why });
                };
                let start = text.get(..setting.span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
                match &setting.include {
                    Some(Some(copy)) => {
                        // a directory may hold nothing that is read
                        if setting.name == "include_dir" {
                            std::fs::create_dir_all(folder.join(copy))?;
                            account.own(&folder.join(copy))?;
                        }
                        text.replace_range(setting.span.clone(), &quoted(&folder.join(copy).display().to_string()));
                        continue;
                    }
                    Some(None) => {
                        text.insert(start, '#');
                        continue;
                    }
                    None => {}
                }
                if let Some(why) = table().aside(&setting.name) {
                    text.insert(start, '#');
                    leave(why.to_owned());
                } else if table().lists_libraries(&setting.name) {
                    let libraries = setting.value.split(',').map(|name| name.trim().trim_matches('"'));
                    let libraries = libraries.filter(|name| !name.is_empty());
                    let (kept, missing): (Vec<&str>, Vec<&str>) = libraries.partition(|name| is_installed(name));
                    if !missing.is_empty() {
                        text.replace_range(setting.span.clone(), &quoted(&kept.join(", ")));
                        leave(format!("not installed here: {}", missing.join(", ")));
                    }
                }
            }
            let copy = folder.join(&file.copy);
            std::fs::write(&copy, text)?;
            account.own(&copy)?;
        }
        aside.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
        Ok((folder.join(GIVEN), aside))
    }

    /// The file that a path of a copy in `folder` stands for.
    pub(super) fn origin(&self, folder: &Path, copy: &str) -> Option<&str> {
        let copy = Path::new(copy).strip_prefix(folder).ok()?;
        self.files.iter().find(|file| Path::new(&file.copy) == copy).map(|file| file.shown.as_str())
    }

    /// Where a parameter is set last: the file and the line.
    pub(super) fn place(&self, parameter: &str) -> Option<(&str, usize)> {
        let parameter = parameter.to_ascii_lowercase();
        self.files.iter().rev().find_map(|file| {
            let setting = file.settings.iter().rev().find(|setting| setting.name == parameter)?;
            Some((file.shown.as_str(), setting.line))
        })
    }
}

impl File {
    fn parse(shown: &str, copy: &str, text: String) -> File {
        let document = line::parse(&text, LineFlavor::PostgresConf);
        let lines = document.line_index();
        let mut settings = Vec::new();
        for &root in &document.roots {
            for child in document.children(root) {
                let Some(name) = document.key(child) else { continue };
                let node = document.node(child);
                settings.push(Setting {
                    name: name.to_ascii_lowercase(),
                    value: document.scalar(child).to_owned(),
                    line: lines.position(&document.text, node.entry.start).0,
                    span: node.content.range(),
                    include: None,
                });
            }
        }
        File { shown: shown.into(), copy: copy.into(), text, settings }
    }
}

/// The files that `include_dir` takes, in its order: those that end with `.conf` and do not begin with a dot.
fn listed(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".conf") && !name.starts_with('.') && entry.path().is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// A text as a value of `postgresql.conf`.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(files: &[(&str, &str)]) -> (Configuration, PathBuf, tempfile::TempDir, Vec<Aside>) {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let copies = folder.path().join("copies");
        std::fs::create_dir(&copies).expect("a folder");
        let read = Configuration::read("tuned=a.conf", folder.path()).expect("it is read");
        let account = Account::find().expect("a user");
        let (first, aside) = read.write(&copies, account, &|name| name == "auto_explain").expect("it is written");
        (read, first, folder, aside)
    }

    #[test]
    fn what_is_of_another_server_is_set_aside_and_lines_stay() {
        let text = "# ours\nPort = 6543\nwork_mem = 8MB # per sort\nssl_cert_file '/etc/x.pem'\n\
                    shared_preload_libraries = 'pg_stat_kcache, auto_explain'\n";
        let (read, first, _folder, aside) = written(&[("a.conf", text)]);
        let text = std::fs::read_to_string(first).expect("the copy");
        assert_eq!(
            text,
            "# ours\n#Port = 6543\nwork_mem = 8MB # per sort\n#ssl_cert_file '/etc/x.pem'\n\
             shared_preload_libraries = 'auto_explain'\n"
        );
        let named: Vec<(&str, usize)> = aside.iter().map(|aside| (aside.name.as_str(), aside.line)).collect();
        assert_eq!(named, [("port", 2), ("ssl_cert_file", 4), ("shared_preload_libraries", 5)]);
        assert_eq!(read.place("WORK_MEM"), Some(("a.conf", 3)));
    }

    #[test]
    fn includes_are_copied_and_point_at_the_copies() {
        let (read, first, folder, aside) = written(&[
            (
                "a.conf",
                "include 'more/b.conf'\ninclude_if_exists = 'gone.conf'\ninclude_dir 'conf.d'\ninclude_dir 'none.d'\n",
            ),
            ("more/b.conf", "include 'c.conf'\nport = 1\n"),
            ("more/c.conf", "work_mem = 1MB\n"),
            ("conf.d/01.conf", "listen_addresses = '*'\n"),
            ("conf.d/.hidden.conf", "port = 2\n"),
            ("none.d/README", "port = 3\n"),
        ]);
        let copies = first.parent().expect("a folder");
        let text = std::fs::read_to_string(&first).expect("the copy");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], format!("include '{}'", copies.join("1.conf").display()));
        assert_eq!(lines[1], "#include_if_exists = 'gone.conf'");
        assert_eq!(lines[2], format!("include_dir '{}'", copies.join("0-3.d").display()));
        assert!(copies.join("0-4.d").is_dir(), "the server refuses to start without it");
        let shown: Vec<(&str, usize)> = aside.iter().map(|aside| (aside.path.as_str(), aside.line)).collect();
        assert_eq!(shown, [("conf.d/01.conf", 1), ("more/b.conf", 2)]);
        let copy = copies.join("2.conf");
        assert_eq!(read.origin(copies, &copy.display().to_string()), Some("more/c.conf"));
        drop(folder);
    }

    #[test]
    fn a_file_that_includes_itself_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.conf"), "\ninclude 'a.conf'\n").expect("a file");
        let problem = Configuration::read("x=a.conf", folder.path()).expect_err("it has no end");
        assert_eq!(problem.to_string(), "a.conf:2:1: includes too many files");
        let problem = Configuration::read("a.conf", folder.path()).expect_err("it has no name");
        assert!(problem.to_string().contains("NAME=FILE"), "{problem}");
    }
}
