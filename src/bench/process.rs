//! Programs that are waited for, and stopped where the run is interrupted.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::workspace::Problem;

/// How long a look at a process is apart from the next.
pub(super) const TICK: Duration = Duration::from_millis(20);

/// A program that has ended.
pub(super) struct Ended {
    /// How.
    pub(super) status: ExitStatus,
    /// What it said.
    pub(super) out: String,
    /// What it complained of.
    pub(super) err: String,
}

/// Gone when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // it has ended, or nobody waits for it any more
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What an interrupted run says.
pub(super) fn interruption() -> Problem {
    Problem::new("bench", "interrupted: the servers are stopped and their directory is removed")
}

/// Fails where the run is interrupted.
pub(super) fn go_on(interrupted: &AtomicBool) -> Result<(), Problem> {
    if interrupted.load(Ordering::Relaxed) { Err(interruption()) } else { Ok(()) }
}

/// Runs a program to its end. What it says goes through files in `folder`: no pipe can fill up.
///
/// # Errors
/// Where it cannot be started, or the run is interrupted.
pub(super) fn finish(mut command: Command, folder: &Path, interrupted: &AtomicBool) -> Result<Ended, Problem> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |error: std::io::Error| Problem::new(program.clone(), format!("cannot be run: {error}"));
    let (out, err) = (folder.join("out"), folder.join("err"));
    command.stdin(Stdio::null());
    command.stdout(fs_err::File::create(&out).map_err(failed)?.into_parts().0);
    command.stderr(fs_err::File::create(&err).map_err(failed)?.into_parts().0);
    let mut running = Running(command.spawn().map_err(failed)?);
    let status = loop {
        go_on(interrupted)?;
        if let Some(status) = running.0.try_wait().map_err(failed)? {
            break status;
        }
        sleep(TICK);
    };
    let text = |path: &Path| std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(Ended { status, out: text(&out).map_err(failed)?, err: text(&err).map_err(failed)? })
}
