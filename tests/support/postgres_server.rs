//! A Postgres server of its own, in a temporary directory, gone when dropped.
//!
//! `installed()` finds the servers there are: in `TRUEUP_POSTGRES_DIR` (bin directories, separated like `PATH`), in
//! `PATH`, in `/usr/lib/postgresql/*/bin`. A test without any says so and passes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use tempfile::TempDir;

/// A running server.
pub(crate) struct Server {
    process: Child,
    directory: TempDir,
    bin: PathBuf,
    port: u16,
}

/// The bin directories of the installed servers, each once.
pub(crate) fn installed() -> Vec<PathBuf> {
    let listed = |variable| std::env::var_os(variable).map(|list| std::env::split_paths(&list).collect::<Vec<_>>());
    let mut candidates = listed("TRUEUP_POSTGRES_DIR").unwrap_or_default();
    candidates.extend(listed("PATH").unwrap_or_default());
    let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    candidates.extend(packaged.map(|entry| entry.path().join("bin")));

    let mut found: Vec<PathBuf> = Vec::new();
    for candidate in candidates {
        // initdb stands beside the server itself, also where PATH only links to it
        let Ok(server) = candidate.join("postgres").canonicalize() else { continue };
        let Some(bin) = server.parent().map(Path::to_path_buf) else { continue };
        if bin.join("initdb").exists() && !found.contains(&bin) {
            found.push(bin);
        }
    }
    found
}

impl Server {
    /// Creates a database cluster and starts the server of `bin` on a socket in a temporary directory.
    pub(crate) fn start(bin: &Path) -> io::Result<Server> {
        Server::start_on(bin, 5432, &["-c", "listen_addresses="], |_| Ok(Vec::new()))
    }

    /// The same on a port, with options; `files` puts files into the directory before the start, which the server then owns.
    pub(crate) fn start_on(
        bin: &Path,
        port: u16,
        options: &[&str],
        files: impl FnOnce(&Path) -> io::Result<Vec<PathBuf>>,
    ) -> io::Result<Server> {
        Server::start_with(bin, port, options, &[], files)
    }

    /// The same with checksums on its pages.
    pub(crate) fn start_checked(bin: &Path, options: &[&str]) -> io::Result<Server> {
        Server::create(bin, 5432, options, &[], &["--data-checksums"], |_| Ok(Vec::new()))
    }

    /// The same with variables in the server's environment.
    pub(crate) fn start_with(
        bin: &Path,
        port: u16,
        options: &[&str],
        variables: &[(&str, &Path)],
        files: impl FnOnce(&Path) -> io::Result<Vec<PathBuf>>,
    ) -> io::Result<Server> {
        Server::create(bin, port, options, variables, &[], files)
    }

    fn create(
        bin: &Path,
        port: u16,
        options: &[&str],
        variables: &[(&str, &Path)],
        at_creation: &[&str],
        files: impl FnOnce(&Path) -> io::Result<Vec<PathBuf>>,
    ) -> io::Result<Server> {
        let directory = tempfile::Builder::new().prefix("trueup-pg").tempdir()?;
        let user = Unprivileged::find()?;
        user.own(directory.path())?;
        let data = directory.path().join("data");

        let created = user
            .command(&bin.join("initdb"))
            .arg("-D")
            .arg(&data)
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"])
            .args(at_creation)
            .env("LC_ALL", "C")
            .output()?;
        if !created.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&created.stderr).into_owned()));
        }
        for file in files(directory.path())? {
            user.own(&file)?;
        }
        // set by env, which runs as the server does: a library that is loaded opens files of its own
        let process = user
            .command(Path::new("/usr/bin/env"))
            .args(variables.iter().map(|(name, value)| format!("{name}={}", value.display())))
            .arg(bin.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(directory.path())
            .args(options)
            .args(["-c", "fsync=off", "-c", "timezone=UTC", "-c", "log_timezone=UTC"])
            .env("LC_ALL", "C")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Server { process, directory, bin: bin.to_path_buf(), port };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// A new session of the superuser.
    pub(crate) fn connect(&self) -> Result<Client, postgres::Error> {
        Client::configure()
            .host_path(self.directory.path())
            .port(self.port)
            .user("postgres")
            .dbname("postgres")
            .connect_timeout(Duration::from_secs(5))
            .connect(NoTls)
    }

    /// The folder of its socket.
    pub(crate) fn socket(&self) -> &Path {
        self.directory.path()
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// What the server would make of a setting at its start: `postgres -C name -c name=value`.
    pub(crate) fn value_at_start(&self, name: &str, value: &str) -> io::Result<Option<String>> {
        let output = Command::new(self.bin.join("postgres"))
            .args(["-C", name, "-c", "timezone=UTC", "-c", "log_timezone=UTC", "-c", &format!("{name}={value}"), "-D"])
            .arg(self.directory.path().join("data"))
            .env("LC_ALL", "C")
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(output.status.success().then(|| text.strip_suffix('\n').unwrap_or(&text).to_owned()))
    }

    fn wait_until_ready(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait()? {
                return Err(io::Error::other(format!("the server stopped: {status}")));
            }
            if self.connect().is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(50));
        }
        Err(io::Error::other("the server did not become ready within a minute"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is the fast shutdown: sessions are ended and shared memory is released
        let asked = Command::new("kill").arg("-INT").arg(self.process.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            // already gone, or not stoppable in any other way
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// Who runs a server: Postgres and its poolers refuse to run as root.
pub(crate) struct Unprivileged {
    /// User and group ids to change to, when this process is root.
    ids: Option<(u32, u32)>,
}

impl Unprivileged {
    pub(crate) fn find() -> io::Result<Unprivileged> {
        let id = |arguments: &[&str]| -> io::Result<Option<u32>> {
            let output = Command::new("id").args(arguments).output()?;
            Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
        };
        if id(&["-u"])? != Some(0) {
            return Ok(Unprivileged { ids: None });
        }
        for user in ["postgres", "nobody"] {
            if let (Some(uid), Some(gid)) = (id(&["-u", user])?, id(&["-g", user])?) {
                return Ok(Unprivileged { ids: Some((uid, gid)) });
            }
        }
        Err(io::Error::other("running as root, and there is no user postgres or nobody to run the server"))
    }

    pub(crate) fn own(&self, directory: &Path) -> io::Result<()> {
        match self.ids {
            Some((uid, gid)) => std::os::unix::fs::chown(directory, Some(uid), Some(gid)),
            None => Ok(()),
        }
    }

    pub(crate) fn command(&self, program: &Path) -> Command {
        let Some((uid, gid)) = self.ids else { return Command::new(program) };
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={uid}")).arg(format!("--regid={gid}")).arg("--clear-groups").arg(program);
        command
    }
}

/// Runs a test at every installed server, at the same time: most of it is spent waiting.
pub(crate) fn at_each(test: impl Fn(&Path) + Sync) {
    let servers = installed();
    if servers.is_empty() {
        println!("no Postgres server is installed: nothing was asked");
    }
    std::thread::scope(|scope| {
        for bin in &servers {
            scope.spawn(|| test(bin));
        }
    });
}
