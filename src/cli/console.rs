//! What a command shares with the outside: its streams, its directory, and what its terminal can show.

use std::io::{self, ErrorKind, IsTerminal as _, Read, Write};
use std::path::PathBuf;

use crate::report::Redacted;
use crate::workspace::{Engine, Problem};

/// The columns reports are laid out for where no terminal and no `COLUMNS` says otherwise.
const COLUMNS: usize = 80;

/// The surroundings of a command.
pub struct Console<'a> {
    /// Where reports go.
    pub out: Box<dyn Write + 'a>,
    /// Where errors, warnings and progress go.
    pub err: Box<dyn Write + 'a>,
    /// What `-` reads.
    pub input: Box<dyn Read + 'a>,
    /// The working directory, absolute.
    pub cwd: PathBuf,
    /// Whether `out` is a terminal that shows colours and the user has not declined them.
    pub shows_colour: bool,
    /// Whether `err` is a terminal, so that progress makes sense.
    pub shows_progress: bool,
    /// Columns to lay out for.
    pub width: usize,
    /// GitHub Actions, if the command runs there.
    pub github_actions: Option<GithubActions>,
}

/// What GitHub Actions says of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubActions {
    /// Where the files of the run are shown, a URL that ends with `/`; empty if it does not say.
    pub files: String,
}

impl GithubActions {
    fn from_environment() -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        variable("GITHUB_ACTIONS").filter(|value| value == "true")?;
        let files = || {
            let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
            Some(format!("{server}/{repository}/blob/{}/", variable("GITHUB_SHA")?))
        };
        Some(GithubActions { files: files().unwrap_or_default() })
    }
}

impl Console<'_> {
    /// The surroundings of this process.
    pub fn process() -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        Console {
            shows_colour: io::stdout().is_terminal() && !set("NO_COLOR") && !is_dumb,
            shows_progress: io::stderr().is_terminal() && !is_dumb,
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            input: Box::new(io::stdin()),
            // a directory that was removed under the process: relative paths then fail one by one, each with its name
            cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            // beyond some 120 columns a sentence is no longer read in one glance
            width: columns.or_else(terminal_width).unwrap_or(COLUMNS).clamp(40, 120),
            github_actions: GithubActions::from_environment(),
        }
    }

    /// Prints to the standard output. A reader that has gone away is not an error.
    pub(super) fn print(&mut self, text: &str) -> Result<(), Problem> {
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Problem::new("standard output", format!("cannot be written: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Prints to the error output. If that fails there is nobody left to tell.
    pub(super) fn say(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
    }

    /// Says what is wrong, one line each.
    pub(super) fn problems(&mut self, engine: &dyn Engine, problems: &[Problem]) {
        self.lines(engine, "error", problems);
    }

    /// What is worth knowing and no trouble.
    pub(super) fn notes(&mut self, engine: &dyn Engine, notes: &[Problem]) {
        self.lines(engine, "note", notes);
    }

    fn lines(&mut self, engine: &dyn Engine, word: &str, problems: &[Problem]) {
        for problem in problems {
            let text = Redacted::lines(&problem.to_string(), &|text| engine.redact(text));
            self.say(&format!("{word}: {text}\n"));
        }
    }

    /// Reads the standard input to its end.
    pub(super) fn read(&mut self) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        match self.input.read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => Err(Problem::new("standard input", format!("cannot be read: {error}"))),
        }
    }
}

/// The columns of the terminal that the standard output is, if it is one.
fn terminal_width() -> Option<usize> {
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(columns))
}
