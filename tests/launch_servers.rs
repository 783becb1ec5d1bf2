//! What is said of a server's command line, held against the servers: each setting of the fixtures is handed to
//! `postgres -C`, which reads the command line as a start does. Without a server the test says so and passes.

#[path = "support/postgres_server.rs"]
#[allow(dead_code)]
mod postgres_server;

use std::path::Path;
use std::process::{Command, Stdio};

use trueup::analysis::{Input, analyse};
use trueup::model::Name;
use trueup::syntax::{Format, parse};
use trueup::workspace::Shipped;

const FILES: [(&str, Format); 7] = [
    ("systemd-postgres-bad/orders-db.service", Format::Systemd),
    ("systemd-postgres-bad/orders-db.service.d/limits.conf", Format::Systemd),
    ("systemd-postgres-good/orders-db.service", Format::Systemd),
    ("dockerfile-postgres-bad/Dockerfile", Format::Dockerfile),
    ("dockerfile-postgres-good/Dockerfile", Format::Dockerfile),
    ("shell-postgres-bad/start.sh", Format::Shell),
    ("shell-postgres-good/start.sh", Format::Shell),
];

/// The places at which a setting is said to be refused.
fn refused(path: &str, text: &str, major: u16) -> Vec<usize> {
    let shipped = Shipped::new();
    let versions: [(Name, Name); 1] = [("postgresql".into(), major.to_string().into())];
    let known = trueup::analysis::Known { versions: &versions, ..shipped.known() };
    let outcome = analyse(known, vec![Input { path: path.into(), bytes: text.as_bytes().to_vec() }]);
    let of_server = outcome.findings.iter().filter(|one| ["setting-rejected", "setting-unknown"].contains(&&*one.rule));
    of_server.map(|one| one.primary.start as usize).collect()
}

#[test]
fn the_command_lines_of_the_fixtures_are_taken_or_refused_as_is_said() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (mut taken, mut not) = (0, 0);
    for bin in postgres_server::installed() {
        let version = Command::new(bin.join("postgres")).arg("--version").output().expect("it runs");
        let version = String::from_utf8_lossy(&version.stdout).into_owned();
        let major = version.split([' ', '.', '\n']).find_map(|word| word.parse().ok()).expect("a version");
        let data = tempfile::tempdir().expect("a directory");
        std::fs::write(data.path().join("postgresql.conf"), "").expect("it can be written");
        for (file, format) in FILES {
            let text = std::fs::read_to_string(root.join(file)).expect("it is there");
            let said = refused(file, &text, major);
            let document = parse(&text, format);
            let command = document.entry(document.roots[0], "command").expect("there is a command");
            for setting in document.children(command).flat_map(|program| document.children(program)) {
                let (name, value) = (document.key(setting).expect("a name"), document.scalar(setting));
                let status = Command::new(bin.join("postgres"))
                    .args(["-C", "port", "-c", &format!("{name}={value}"), "-D"])
                    .arg(data.path())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status()
                    .expect("it runs");
                let expected = said.contains(&(document.node(setting).entry.start as usize));
                assert_eq!(!status.success(), expected, "Postgres {major}: {file}: {name}={value}");
                if expected { not += 1 } else { taken += 1 }
            }
        }
    }
    if taken + not == 0 {
        println!("skipped: there is no Postgres server");
        return;
    }
    println!("{taken} settings taken, {not} refused");
    assert!(taken > 0 && not > 0);
}
