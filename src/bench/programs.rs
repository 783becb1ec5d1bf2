//! Where `initdb`, `postgres` and `pgbench` are.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::Problem;

/// Where Debian and its kin, and Red Hat's kin, put the programs of each version.
const PACKAGED: [(&str, &str); 2] = [("/usr/lib/postgresql", "bin"), ("/usr", "bin")];

/// The programs of one version, and a pgbench.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    /// Creates a database cluster.
    pub(super) initdb: PathBuf,
    /// The server.
    pub(super) postgres: PathBuf,
    /// The load.
    pub(super) pgbench: PathBuf,
    /// The version of the server, as it says it: `15.18`.
    pub(super) version: String,
    /// The major one.
    pub(super) major: u16,
}

impl Programs {
    /// Those in a directory of programs (or above it), else those in `PATH`, else the newest that are installed. A pgbench
    /// of another version will do where there is none beside the server.
    ///
    /// # Errors
    /// Which is missing, and what to do.
    pub(super) fn find(given: Option<&Path>) -> Result<Programs, Problem> {
        let packaged = packaged();
        let searched = match given {
            Some(folder) => vec![folder.to_owned(), folder.join("bin")],
            None => in_path().into_iter().chain(packaged.iter().cloned()).collect(),
        };
        let bin = searched.iter().find_map(|folder| {
            // initdb stands beside the server itself, also where PATH only links to it
            let bin = folder.join("postgres").canonicalize().ok()?.parent()?.to_owned();
            bin.join("initdb").exists().then_some(bin)
        });
        let Some(bin) = bin else { return Err(missing_server(given)) };
        let pgbench = std::iter::once(bin.clone()).chain(packaged).chain(in_path());
        let pgbench = pgbench.map(|folder| folder.join("pgbench")).find(|program| program.exists());
        let pgbench = pgbench.ok_or_else(|| {
            let what = format!("there is no pgbench, neither in {} nor elsewhere", bin.display());
            Problem::new("bench", what).advice("install postgresql-contrib, or give the directory of another server")
        })?;
        let postgres = bin.join("postgres");
        let said = Command::new(&postgres).arg("--version").output();
        let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let version = said.split_whitespace().nth(2).unwrap_or_default().to_owned();
        let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
        match digits.parse() {
            Ok(major) if major >= 13 => Ok(Programs { initdb: bin.join("initdb"), postgres, pgbench, version, major }),
            Ok(_) => Err(Problem::new(postgres.display().to_string(), format!("is PostgreSQL {version}"))
                .advice("13 and later are measured")),
            Err(_) => Err(Problem::new(postgres.display().to_string(), "does not say its version")),
        }
    }
}

fn missing_server(given: Option<&Path>) -> Problem {
    match given {
        Some(folder) => Problem::new(folder.display().to_string(), "holds no postgres with an initdb beside it")
            .advice("give the directory of a server's programs, such as /usr/lib/postgresql/17/bin"),
        None => Problem::new("bench", "there is no Postgres server on this machine")
            .advice("install one (Debian: postgresql), or name the directory of its programs with --server-dir"),
    }
}

fn in_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|list| std::env::split_paths(&list).collect()).unwrap_or_default()
}

/// The directories of packaged versions, the newest first.
fn packaged() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (folder, bin) in PACKAGED {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version = name.trim_start_matches("pgsql-").parse::<u16>();
            found.extend(version.ok().map(|version| (version, entry.path().join(bin))));
        }
    }
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, bin)| bin).collect()
}
