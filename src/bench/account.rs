//! Who runs the servers: Postgres refuses to run as root.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::workspace::Problem;

/// The users that stand in for root, in order.
const STAND_INS: [&str; 2] = ["postgres", "nobody"];

/// The user that servers and pgbench run as.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    /// User and group to change to; `None` where this process is not root.
    ids: Option<(u32, u32)>,
}

impl Account {
    /// The user of this process, or one that may stand in for root.
    ///
    /// # Errors
    /// Where this is root and there is nobody to stand in.
    pub(super) fn find() -> Result<Account, Problem> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Account { ids: None });
        }
        let id = |option: &str, name: &str| -> Option<u32> {
            let output = Command::new("id").args([option, name]).output().ok()?;
            String::from_utf8_lossy(&output.stdout).trim().parse().ok()
        };
        let found = STAND_INS.iter().find_map(|name| Some((id("-u", name)?, id("-g", name)?)));
        let missing = || {
            Problem::new("bench", "Postgres does not run as root, and there is no user postgres or nobody")
                .advice("run this as an ordinary user")
        };
        found.map(|ids| Account { ids: Some(ids) }).ok_or_else(missing)
    }

    /// A command that runs as this user, out of reach of the terminal's interrupt and of libpq's variables.
    pub(super) fn command(self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        // messages are read, so they are in English
        command.env("LC_ALL", "C").current_dir(folder).process_group(0);
        if let Some((user, group)) = self.ids {
            command.uid(user).gid(group);
        }
        command
    }

    /// Whether this user may work in a directory, which root may in any.
    ///
    /// # Errors
    /// Where it may not, with what to do.
    pub(super) fn may_enter(self, folder: &Path) -> Result<(), Problem> {
        if self.ids.is_none() || self.command(Path::new("true"), folder).status().is_ok() {
            return Ok(());
        }
        let above = folder.parent().unwrap_or(folder).display().to_string();
        let what = format!("Postgres does not run as root, and {} may not enter here", STAND_INS.join(" or "));
        Err(Problem::new(above, what).advice("set TMPDIR to a directory that all may enter"))
    }

    /// Gives a file or directory to this user.
    pub(super) fn own(self, path: &Path) -> io::Result<()> {
        match self.ids {
            Some((user, group)) => std::os::unix::fs::chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }
}
