//! Which server to ask: a data source name, and what libpq's variables and password file add.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use postgres::config::Host;

use super::tls::{Mode, Tls};
use crate::syntax::dsn::{self, DsnKind};

/// A server, and who asks it.
#[derive(Debug, Clone)]
pub struct Target {
    pub(super) config: postgres::Config,
    pub(super) tls: Tls,
    /// Host, port and database.
    pub name: String,
}

/// A variable of the environment.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Target {
    /// Reads a data source name, a URI or libpq's `key=value`; what it leaves out is taken from `PGHOST`, `PGPORT`,
    /// `PGUSER`, `PGDATABASE`, `PGPASSWORD`, `PGSSLMODE` and its kin, and the password file.
    ///
    /// # Errors
    /// What is wrong with it, in one line, without the password.
    pub fn parse(dsn: &str, variable: Variable<'_>) -> Result<Target, String> {
        let (dsn, options) = without(&plain(dsn), &["sslmode", "sslrootcert", "sslcert", "sslkey"]);
        let mut config = postgres::Config::from_str(&dsn)
            .map_err(|error| format!("the address is not understood: {}", super::reason(&error)))?;
        if config.get_hosts().is_empty() {
            let host = variable("PGHOST").unwrap_or_else(|| default_host().into());
            for host in host.split(',') {
                config.host(host);
            }
        }
        if config.get_ports().is_empty()
            && let Some(port) = variable("PGPORT")
        {
            config.port(port.parse().map_err(|_| format!("PGPORT is no port: {port}"))?);
        }
        if config.get_user().is_none() {
            let user = variable("PGUSER").or_else(|| variable("USER")).or_else(|| variable("LOGNAME"));
            config.user(user.as_deref().unwrap_or("postgres"));
        }
        if config.get_dbname().is_none() {
            let database = variable("PGDATABASE").or_else(|| config.get_user().map(str::to_owned));
            config.dbname(database.as_deref().unwrap_or("postgres"));
        }
        let of_socket = matches!(config.get_hosts().first(), Some(Host::Unix(_)));
        let tls = encryption(&options, variable, of_socket)?;
        config.ssl_mode(tls.mode.of_connection());
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            Some(Host::Unix(path)) => path.display().to_string(),
            None => default_host().into(),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let (user, database) = (config.get_user().unwrap_or_default(), config.get_dbname().unwrap_or_default());
        if config.get_password().is_none() {
            let known = [host.as_str(), &port.to_string(), database, user];
            let password = variable("PGPASSWORD").or_else(|| from_file(variable, known));
            if let Some(password) = password {
                config.password(password);
            }
        }
        let name = format!("{host}:{port}/{}", config.get_dbname().unwrap_or_default());
        Ok(Target { config, tls, name })
    }
}

/// What is asked of encryption; nothing through a socket of the same host.
fn encryption(options: &[Option<String>], variable: Variable<'_>, of_socket: bool) -> Result<Tls, String> {
    let [mode, root, certificate, key] = options else { return Ok(Tls::default()) };
    let given = |option: &Option<String>, name: &str| option.clone().or_else(|| variable(name));
    let mode = match given(mode, "PGSSLMODE") {
        Some(word) => Mode::parse(&word).ok_or_else(|| format!("sslmode is none of libpq's: {word}"))?,
        None => Mode::default(),
    };
    let own = |name: &str| variable("HOME").map(|home| Path::new(&home).join(".postgresql").join(name));
    let there = |name: &str| own(name).filter(|path| path.exists());
    let root = given(root, "PGSSLROOTCERT").filter(|root| root != "system").map(PathBuf::from);
    let root = root.or_else(|| there("root.crt").filter(|_| mode != Mode::Prefer));
    let certificate = given(certificate, "PGSSLCERT").map(PathBuf::from).or_else(|| there("postgresql.crt"));
    let key = given(key, "PGSSLKEY").map(PathBuf::from).or_else(|| there("postgresql.key"));
    Ok(Tls { mode: if of_socket { Mode::Disable } else { mode }, root, client: certificate.zip(key) })
}

/// The address without these options, and what they say.
fn without(address: &str, names: &[&str]) -> (String, Vec<Option<String>>) {
    let kind = if address.contains("://") { DsnKind::Uri } else { DsnKind::KeyValue };
    let mut rest = address.to_owned();
    let mut found = vec![None; names.len()];
    for (name, said) in names.iter().zip(&mut found) {
        let Some(document) = dsn::parse_as(&rest, kind) else { continue };
        let options = document.entry(document.roots[0], "options");
        let option = |map| document.entry(map, name);
        let Some(node) = options.and_then(option).or_else(|| option(document.roots[0])) else { continue };
        *said = Some(document.scalar(node).to_owned());
        let (mut start, mut end) = (document.node(node).entry.start as usize, document.node(node).entry.end as usize);
        // with what separates it from its neighbours; a `?` stays where another option follows
        if rest[end..].starts_with('&') {
            end += 1;
        } else if rest[..start].ends_with(['?', '&', ' ']) {
            start -= 1;
        }
        rest.replace_range(start..end, "");
    }
    (rest, found)
}

/// The address without what names a driver, and without keys that only libpq has and that change nothing here.
fn plain(dsn: &str) -> String {
    let dsn = dsn.strip_prefix("jdbc:").unwrap_or(dsn);
    match dsn.split_once("://") {
        Some((scheme, rest)) if scheme.contains('+') => {
            format!("{}://{rest}", scheme.split('+').next().unwrap_or(scheme))
        }
        _ => dsn.to_owned(),
    }
}

fn default_host() -> &'static str {
    let socket = "/var/run/postgresql";
    if Path::new(socket).is_dir() { socket } else { "localhost" }
}

/// The password that the password file has for host, port, database and user.
fn from_file(variable: Variable<'_>, known: [&str; 4]) -> Option<String> {
    let home = || Some(PathBuf::from(variable("HOME")?).join(".pgpass"));
    let file = variable("PGPASSFILE").map(PathBuf::from).or_else(home)?;
    let text = fs::read_to_string(file).ok()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn target(dsn: &str, variables: &[(&str, &str)]) -> Result<Target, String> {
        let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string());
        Target::parse(dsn, &variable)
    }

    #[test]
    fn what_the_address_leaves_out_comes_from_the_variables() {
        for (dsn, variables, name) in [
            ("postgresql://app:x@db:6432/shop", &[][..], "db:6432/shop"),
            ("postgresql+psycopg://app@db/shop", &[], "db:5432/shop"),
            ("host=db user=app dbname=shop", &[("PGPORT", "5433")], "db:5433/shop"),
            ("host=db dbname=shop user=app", &[], "db:5432/shop"),
            ("", &[("PGHOST", "db"), ("PGUSER", "app")], "db:5432/app"),
            ("jdbc:postgresql://db/shop", &[("USER", "me")], "db:5432/shop"),
        ] {
            assert_eq!(target(dsn, variables).expect("a target").name, name, "{dsn}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_said_without_the_password() {
        for (dsn, variables) in [
            ("postgresql://app:s3cret@db/shop?sslmode=maybe", &[][..]),
            ("postgresql://app:s3cret@db:x/shop", &[]),
            ("host=db password=s3cret nonsense=1", &[]),
            ("host=db password=s3cret", &[("PGPORT", "five")]),
        ] {
            let error = target(dsn, variables).expect_err("not a target");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn options_of_encryption_are_taken_out_of_the_address() {
        let names = ["sslmode", "sslrootcert"];
        for (address, rest) in [
            ("postgresql://a:b@db/x?sslmode=require", "postgresql://a:b@db/x"),
            ("postgresql://db/x?sslmode=require&application_name=t", "postgresql://db/x?application_name=t"),
            (
                "postgresql://db/x?application_name=t&sslrootcert=%2Fca%20x&sslmode=require",
                "postgresql://db/x?application_name=t",
            ),
            ("host=db sslmode=require sslrootcert='/ca x' user=app", "host=db user=app"),
            ("host=db password='a sslmode=disable b'", "host=db password='a sslmode=disable b'"),
        ] {
            let (left, said) = super::without(address, &names);
            assert_eq!(left, rest);
            assert!(said[0].as_deref().is_none_or(|mode| mode == "require"), "{said:?}");
            assert!(said[1].as_deref().is_none_or(|file| file == "/ca x"), "{said:?}");
        }
    }

    #[test]
    fn the_password_file_is_read_as_libpq_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pgpass");
        fs::write(&file, "# ours\nother:*:*:*:no\ndb:5432:*:app:a\\:b\\\\c\n").expect("a file");
        let file = file.display().to_string();
        let found = target("host=db user=app dbname=shop", &[("PGPASSFILE", &file)]).expect("a target");
        assert_eq!(found.config.get_password(), Some(&b"a:b\\c"[..]));
    }
}
