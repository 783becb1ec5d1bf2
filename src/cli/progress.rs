//! A line on the terminal that says what is being done, once it has taken a while.

use std::io::Write as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Shorter runs say nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// The line. It is gone when this is dropped.
pub(super) struct Progress(Option<Line>);

struct Line {
    stage: Arc<Mutex<String>>,
    end: Sender<()>,
    thread: JoinHandle<()>,
}

impl Progress {
    /// Starts the clock, if `shown`.
    pub(super) fn new(shown: bool) -> Self {
        if !shown {
            return Progress(None);
        }
        let stage = Arc::new(Mutex::new(String::new()));
        let (end, ended) = channel();
        let thread = std::thread::spawn({
            let stage = stage.clone();
            move || {
                let mut is_shown = false;
                while ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    let text = stage.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    draw(&format!("\r\u{1b}[K{text} ..."));
                    is_shown = true;
                }
                if is_shown {
                    draw("\r\u{1b}[K");
                }
            }
        });
        Progress(Some(Line { stage, end, thread }))
    }

    /// Says what is being done now.
    pub(super) fn stage(&self, text: &str) {
        if let Some(line) = &self.0 {
            *line.stage.lock().unwrap_or_else(PoisonError::into_inner) = text.to_owned();
        }
    }

    /// Takes the line away, before anything else is printed.
    pub(super) fn end(self) {}
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(line) = self.0.take() {
            drop(line.end);
            // the thread only sleeps and prints; if it failed, the line is all that is lost
            let _ = line.thread.join();
        }
    }
}

fn draw(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes()); // progress is not worth an error
}
