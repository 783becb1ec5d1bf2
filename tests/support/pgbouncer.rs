//! The PgBouncer program: its version, and whether it takes a file.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use trueup::knowledge::Version;

/// Where it listens.
pub(crate) const PORT: u16 = 16432;

/// The version of the program there is.
pub(crate) fn version() -> Option<Version> {
    let output = Command::new("pgbouncer").arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Version::parse(text.lines().next()?.strip_prefix("PgBouncer ")?)
}

/// Whether the program takes the file; `None` where it fails for another reason than what stands in it.
pub(crate) fn accepts(folder: &Path, text: &str, key: &str) -> Option<bool> {
    run(folder, text, key, || ())
}

/// The same; does `when_up` while the program runs with the file, its sockets in `folder` at [`PORT`].
pub(crate) fn run(folder: &Path, text: &str, key: &str, when_up: impl FnOnce()) -> Option<bool> {
    let sockets = folder.display();
    let file = folder.join("pgbouncer.ini");
    let whole = text.replace(
        "[pgbouncer]\n",
        &format!("[pgbouncer]\nlisten_port = {PORT}\nunix_socket_dir = {sockets}\nauth_type = any\n"),
    );
    std::fs::write(&file, whole).expect("the folder can be written");
    // it does not run as root
    let mut command = Command::new("pgbouncer");
    if is_root() {
        command.args(["-u", "nobody"]);
    }
    let mut child =
        command.arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().ok()?;
    let lines = BufReader::new(child.stderr.take()?).lines();
    let started = Instant::now();
    let mut verdict = None;
    for line in lines.map_while(Result::ok) {
        if line.contains("process up") {
            when_up();
            verdict = Some(true);
            break;
        }
        if line.contains(key)
            && ["invalid value", "unknown parameter", "unrecognized"].iter().any(|word| line.contains(word))
        {
            verdict = Some(false);
            break;
        }
        if started.elapsed() > Duration::from_secs(10) {
            break;
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    let _ = std::fs::remove_file(folder.join(format!(".s.PGSQL.{PORT}")));
    verdict
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

/// Lets another user put its socket into the folder.
pub(crate) fn open(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777));
    }
}
