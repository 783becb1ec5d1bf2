//! Which server to ask: a data source name, and what libpq's variables and password file add.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use postgres::config::{Host, TargetSessionAttrs};

use super::tls::{Mode, Tls};
use super::{password, service};
use crate::syntax::dsn::{self, DsnKind};

/// A server, and who asks it.
#[derive(Debug, Clone)]
pub struct Target {
    pub(super) config: postgres::Config,
    pub(super) tls: Tls,
    /// What was passed over, each in one line.
    pub(super) notes: Vec<String>,
    /// Host, port and database.
    pub name: String,
}

/// A variable of the environment.
pub(super) type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// libpq's parameters that are heeded here, not by the client library.
const OWN: [&str; 6] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "service", "passfile"];

/// libpq's parameters that change nothing of what is asked, or how safely.
const PASSED_OVER: [&str; 8] = [
    "client_encoding",
    "fallback_application_name",
    "gssencmode",
    "gssdelegation",
    "gsslib",
    "krbsrvname",
    "sslcompression",
    "sslsni",
];

/// What a parameter is where the address leaves it out: of the service, else a variable.
struct Besides<'a> {
    service: service::Parameters,
    variable: Variable<'a>,
}

impl Besides<'_> {
    fn of_service(&self, parameter: &str) -> Option<String> {
        self.service.iter().find(|(key, _)| key == parameter).map(|(_, value)| value.clone())
    }

    fn get(&self, parameter: &str, name: &str) -> Option<String> {
        self.of_service(parameter).or_else(|| (self.variable)(name)).filter(|value| !value.is_empty())
    }
}

impl Target {
    /// Reads a data source name, a URI or libpq's `key=value`; what it leaves out is taken from the service it names, from
    /// `PGHOST`, `PGPORT`, `PGUSER`, `PGDATABASE`, `PGPASSWORD`, `PGSSLMODE` and their kin, and from the password file.
    ///
    /// # Errors
    /// What is wrong with it, in one line, without the password.
    pub fn parse(dsn: &str, variable: Variable<'_>) -> Result<Target, String> {
        let names: Vec<&str> = OWN.into_iter().chain(PASSED_OVER).collect();
        let (dsn, mut options) = without(&plain(dsn), &names);
        options.truncate(OWN.len());
        let [mode, root, certificate, key, service, passfile] =
            <[Option<String>; OWN.len()]>::try_from(options).unwrap_or_default();
        let service = match service.or_else(|| variable("PGSERVICE")).filter(|name| !name.is_empty()) {
            Some(name) => service::parameters(&name, variable)?,
            None => Vec::new(),
        };
        let besides = Besides { service, variable };
        let mut config = postgres::Config::from_str(&dsn)
            .map_err(|error| format!("the address is not understood: {}", super::reason(&error)))?;
        complete(&mut config, &besides)?;
        let of_socket = matches!(config.get_hosts().first(), Some(Host::Unix(_)));
        let tls = encryption([mode, root, certificate, key], &besides, of_socket)?;
        config.ssl_mode(tls.mode.of_connection());
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            Some(Host::Unix(path)) => path.display().to_string(),
            None => default_host().into(),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let (user, database) = (config.get_user().unwrap_or_default(), config.get_dbname().unwrap_or_default());
        let mut notes = Vec::new();
        if config.get_password().is_none() {
            let known = [host.as_str(), &port.to_string(), database, user];
            let given = besides.get("password", "PGPASSWORD");
            let file = passfile.or_else(|| besides.get("passfile", "PGPASSFILE")).map(PathBuf::from);
            let file = file.or_else(|| Some(Path::new(&variable("HOME")?).join(".pgpass")));
            let kept = || password::from_file(&file?, known, &mut notes);
            if let Some(password) = given.or_else(kept) {
                config.password(password);
            }
        }
        let name = format!("{host}:{port}/{}", config.get_dbname().unwrap_or_default());
        Ok(Target { config, tls, notes, name })
    }
}

/// Sets what the address leaves out.
fn complete(config: &mut postgres::Config, besides: &Besides<'_>) -> Result<(), String> {
    if config.get_hostaddrs().is_empty()
        && let Some(addresses) = besides.get("hostaddr", "PGHOSTADDR")
    {
        for address in addresses.split(',') {
            config.hostaddr(address.parse().map_err(|_| format!("hostaddr is no address: {address}"))?);
        }
    }
    if config.get_hosts().is_empty() {
        let given = besides.get("host", "PGHOST");
        // an address is enough, and is then the name as well
        let address = config.get_hostaddrs().first().map(|address| address.to_string());
        for host in given.or(address).unwrap_or_else(|| default_host().into()).split(',') {
            config.host(host);
        }
    }
    if config.get_ports().is_empty()
        && let Some(ports) = besides.get("port", "PGPORT")
    {
        for port in ports.split(',') {
            config.port(port.parse().map_err(|_| format!("the port is no number: {port}"))?);
        }
    }
    if config.get_user().is_none() {
        let variable = besides.variable;
        let user = besides.get("user", "PGUSER").or_else(|| variable("USER")).or_else(|| variable("LOGNAME"));
        config.user(user.as_deref().unwrap_or("postgres"));
    }
    if config.get_dbname().is_none() {
        let database = besides.get("dbname", "PGDATABASE").or_else(|| config.get_user().map(str::to_owned));
        config.dbname(database.as_deref().unwrap_or("postgres"));
    }
    if config.get_options().is_none()
        && let Some(options) = besides.get("options", "PGOPTIONS")
    {
        config.options(&options);
    }
    if config.get_target_session_attrs() == TargetSessionAttrs::Any
        && let Some(word) = besides.get("target_session_attrs", "PGTARGETSESSIONATTRS")
    {
        config.target_session_attrs(match word.as_str() {
            "any" => TargetSessionAttrs::Any,
            "read-write" | "primary" => TargetSessionAttrs::ReadWrite,
            "read-only" | "standby" => TargetSessionAttrs::ReadOnly,
            _ => return Err(format!("target_session_attrs is not known here: {word}")),
        });
    }
    Ok(())
}

/// What is asked of encryption; nothing through a socket of the same host.
fn encryption(options: [Option<String>; 4], besides: &Besides<'_>, of_socket: bool) -> Result<Tls, String> {
    let [mode, root, certificate, key] = options;
    let given = |option: Option<String>, parameter: &str, name: &str| option.or_else(|| besides.get(parameter, name));
    let mode = match given(mode, "sslmode", "PGSSLMODE") {
        Some(word) => Mode::parse(&word).ok_or_else(|| format!("sslmode is none of libpq's: {word}"))?,
        None => Mode::default(),
    };
    let own = |name: &str| (besides.variable)("HOME").map(|home| Path::new(&home).join(".postgresql").join(name));
    let there = |name: &str| own(name).filter(|path| path.exists());
    let root = given(root, "sslrootcert", "PGSSLROOTCERT").filter(|root| root != "system").map(PathBuf::from);
    let root = root.or_else(|| there("root.crt").filter(|_| mode != Mode::Prefer));
    let certificate = given(certificate, "sslcert", "PGSSLCERT").map(PathBuf::from).or_else(|| there("postgresql.crt"));
    let key = given(key, "sslkey", "PGSSLKEY").map(PathBuf::from).or_else(|| there("postgresql.key"));
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
        std::fs::write(&file, "# ours\nother:*:*:*:no\ndb:5432:*:app:a\\:b\\\\c\n").expect("a file");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("a mode");
            mode(0o644);
            let name = file.display().to_string();
            let open = target("host=db user=app dbname=shop", &[("PGPASSFILE", &name)]).expect("a target");
            assert_eq!(open.config.get_password(), None);
            assert!(open.notes[0].contains("others may read it"), "{:?}", open.notes);
            mode(0o600);
        }
        let file = file.display().to_string();
        let found = target("host=db user=app dbname=shop", &[("PGPASSFILE", &file)]).expect("a target");
        assert_eq!(found.config.get_password(), Some(&b"a:b\\c"[..]));
    }

    #[test]
    fn a_service_says_what_the_address_leaves_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("services");
        std::fs::write(&file, "[shop]\nhost=db\nport=6432\nuser=app\npassword=s3cret\n").expect("a file");
        let file = file.display().to_string();
        let named = [("PGSERVICEFILE", file.as_str()), ("PGSERVICE", "shop"), ("PGHOST", "elsewhere"), ("PGPORT", "1")];
        assert_eq!(target("", &named).expect("a target").name, "db:6432/app");
        let found = target("service=shop host=other dbname=x", &named[..1]).expect("a target");
        assert_eq!((found.name.as_str(), found.config.get_password()), ("other:6432/x", Some(&b"s3cret"[..])));
        let error = target("service=none", &named[..1]).expect_err("there is none");
        assert_eq!(error, "no service file has the service none: name the file in PGSERVICEFILE");
    }
}
