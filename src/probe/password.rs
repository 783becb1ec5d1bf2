//! libpq's password file: `host:port:database:user:password`, the first line that fits
//! (<https://www.postgresql.org/docs/current/libpq-pgpass.html>).

use std::fs;
use std::path::Path;

/// The password that `file` has for host, port, database and user. A file that others may read is passed over, as libpq
/// does, with a note.
pub(super) fn from_file(file: &Path, known: [&str; 4], notes: &mut Vec<String>) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    if others_may_read(file) {
        notes.push(format!("{} is passed over because others may read it: chmod 600", file.display()));
        return None;
    }
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let parts = parts(line);
        let [of_file @ .., password] = parts.as_slice() else { return None };
        let fits = of_file.len() == 4
            && of_file.iter().zip(known).all(|(pattern, known)| {
                pattern == "*" || pattern == known || pattern == "localhost" && known.starts_with('/')
            });
        fits.then(|| password.clone())
    })
}

#[cfg(unix)]
fn others_may_read(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_may_read(_: &Path) -> bool {
    false
}

/// The parts of a line between colons; `\` keeps the next character.
fn parts(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let last = parts.len() - 1;
        match c {
            '\\' => parts[last].extend(chars.next()),
            ':' => parts.push(String::new()),
            c => parts[last].push(c),
        }
    }
    parts
}
