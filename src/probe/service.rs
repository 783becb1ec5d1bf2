//! libpq's connection service file: named sets of connection parameters.
//!
//! `PGSERVICEFILE`, else `~/.pg_service.conf`; where the service is not there, `pg_service.conf` in `PGSYSCONFDIR`
//! (<https://www.postgresql.org/docs/current/libpq-pgservice.html>).

use std::fs;
use std::path::{Path, PathBuf};

use super::target::Variable;

/// Names and values.
pub(super) type Parameters = Vec<(String, String)>;

/// The parameters of a service.
///
/// # Errors
/// The file that cannot be read, the line that is wrong, or that there is no such service.
pub(super) fn parameters(name: &str, variable: Variable<'_>) -> Result<Parameters, String> {
    let own = variable("PGSERVICEFILE").map(PathBuf::from);
    let own = own.or_else(|| Some(Path::new(&variable("HOME")?).join(".pg_service.conf")));
    let shared = variable("PGSYSCONFDIR").map(|folder| Path::new(&folder).join("pg_service.conf"));
    let shared = shared.unwrap_or_else(|| PathBuf::from("/etc/postgresql-common/pg_service.conf"));
    for (file, must) in [(own, variable("PGSERVICEFILE").is_some()), (Some(shared), false)] {
        let Some(file) = file else { continue };
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if must => return Err(format!("{}: cannot be read: {error}", file.display())),
            Err(_) => continue,
        };
        if let Some(found) = section(&text, name).map_err(|(line, why)| format!("{}:{line}: {why}", file.display()))? {
            return Ok(found);
        }
    }
    Err(format!("no service file has the service {name}: name the file in PGSERVICEFILE"))
}

/// The parameters of the first section of that name; `None` where there is none.
fn section(text: &str, name: &str) -> Result<Option<Parameters>, (usize, &'static str)> {
    let mut found: Option<Parameters> = None;
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if let Some(title) = text.strip_prefix('[') {
            if found.is_some() {
                return Ok(found);
            }
            found = (title.strip_suffix(']') == Some(name)).then(Vec::new);
            continue;
        }
        let Some(found) = &mut found else { continue };
        let (key, value) = text.split_once('=').ok_or((line, "there is no '=' between a parameter and its value"))?;
        if key == "service" {
            return Err((line, "a service cannot name another"));
        }
        // the first of the same name counts
        if found.iter().all(|(known, _)| known != key) {
            found.push((key.to_owned(), value.to_owned()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::section;

    #[test]
    fn a_section_is_read_as_libpq_reads_it() {
        let text = "# ours\n[a]\nhost=one\n[shop]\nhost=db\n port=6432 \n# and\npassword=x y=z\nhost=late\n[shop]\nhost=again\n";
        let found = section(text, "shop").expect("it is read").expect("it is there");
        let expected = [("host", "db"), ("port", "6432"), ("password", "x y=z")];
        assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(section(text, "none"), Ok(None));
        assert_eq!(section("[shop]\nhost\n", "shop"), Err((2, "there is no '=' between a parameter and its value")));
    }
}
