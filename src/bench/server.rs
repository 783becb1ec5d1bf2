//! A server of its own: a data directory, a socket, no network. Stopped when dropped.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::AtomicBool;
use std::thread::sleep;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::account::Account;
use super::process::{TICK, go_on};
use super::programs::Programs;
use crate::workspace::Problem;

/// How long a server may take to come up, and to go.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where everything of a run stands: the sockets, data directories, copies and logs. Removed when dropped.
pub(super) struct Home {
    /// The directory.
    pub(super) folder: TempDir,
    /// Who owns it.
    pub(super) account: Account,
    /// What runs in it.
    pub(super) programs: Programs,
}

impl Home {
    /// A new directory, in the one for temporary files.
    pub(super) fn new(account: Account, programs: Programs) -> io::Result<Home> {
        // a path of a socket has at most some hundred bytes
        let folder = tempfile::Builder::new().prefix("trueup-bench-").tempdir()?;
        account.own(folder.path())?;
        Ok(Home { folder, account, programs })
    }

    /// The path of something in it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// How a server is started.
pub(super) struct Start<'a> {
    /// Its data directory.
    pub(super) data: &'a Path,
    /// Its configuration file, where it is not that of the data directory.
    pub(super) configuration: Option<&'a Path>,
    /// The number of its socket.
    pub(super) port: u16,
    /// Other settings, `name=value`, which are stronger than the file.
    pub(super) settings: &'a [&'a str],
}

/// A running server.
pub(super) struct Server {
    process: Child,
    socket: PathBuf,
    log: PathBuf,
    /// The number of its socket.
    pub(super) port: u16,
    major: u16,
}

/// Why a server did not come up.
pub(super) enum Failed {
    /// It stopped, or never answered; this is its log.
    Log(String),
    /// Something else.
    Problem(Problem),
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Failed::Problem(problem)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Failed::Problem(Problem::new("bench", format!("a server cannot be started: {error}")))
    }
}

impl Server {
    /// Starts a server and waits until it answers.
    pub(super) fn start(home: &Home, start: &Start<'_>, interrupted: &AtomicBool) -> Result<Server, Failed> {
        let log = home.path(&format!("{}.log", start.port));
        let folder = home.folder.path();
        let mut command = home.account.command(&home.programs.postgres, folder);
        command.arg("-D").arg(start.data).arg("-k").arg(folder).arg("-p").arg(start.port.to_string());
        command.args(["-c", "listen_addresses="]);
        if let Some(file) = start.configuration {
            command.arg("-c").arg(format!("config_file={}", file.display()));
        }
        for setting in start.settings {
            command.args(["-c", setting]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&log)?);
        let process = command.spawn()?;
        let mut server =
            Server { process, socket: folder.to_owned(), log, port: start.port, major: home.programs.major };
        let deadline = Instant::now() + PATIENCE;
        loop {
            go_on(interrupted)?;
            if server.process.try_wait()?.is_some() || Instant::now() > deadline {
                return Err(Failed::Log(server.log()));
            }
            if server.connect("postgres").is_ok() {
                return Ok(server);
            }
            sleep(TICK);
        }
    }

    /// What it has logged.
    pub(super) fn log(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// A new session of the superuser, without the limits that the configuration sets for sessions.
    pub(super) fn connect(&self, database: &str) -> Result<Client, postgres::Error> {
        let mut options = "-c statement_timeout=0 -c lock_timeout=0 -c default_transaction_read_only=off".to_owned();
        if self.major >= 17 {
            options.push_str(" -c transaction_timeout=0");
        }
        let mut config = Client::configure();
        config.host_path(&self.socket).port(self.port).user("postgres").dbname(database).options(&options);
        config.application_name("trueup").connect_timeout(Duration::from_secs(5)).connect(NoTls)
    }

    /// Ends it in order, with a checkpoint, so that its data directory is whole.
    pub(super) fn shut_down(mut self, interrupted: &AtomicBool) -> Result<(), Problem> {
        let _ = self.signal(Signal::INT); // if it is gone already, the status says so
        let deadline = Instant::now() + PATIENCE;
        loop {
            go_on(interrupted)?;
            match self.process.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(None) if Instant::now() < deadline => sleep(TICK),
                _ => return Err(Problem::new("bench", "a server did not shut down in order")),
            }
        }
    }

    fn signal(&self, signal: Signal) -> Option<()> {
        let process = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw)?;
        kill_process(process, signal).ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(Some(_))) {
            return;
        }
        // the immediate shutdown: sessions end and shared memory is released, nothing is written any more
        let asked = self.signal(Signal::QUIT);
        let deadline = Instant::now() + Duration::from_secs(10);
        while asked.is_some() && Instant::now() < deadline {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            sleep(TICK);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
