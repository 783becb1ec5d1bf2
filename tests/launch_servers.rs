//! What is said of a server's command line, held against the servers: each setting of the fixtures is handed to
//! `postgres -C`, which reads the command line as a start does. Without a server the test says so and passes.

#[path = "support/postgres_server.rs"]
#[allow(dead_code)]
mod postgres_server;

use std::path::Path;
use std::process::{Command, Stdio};

use trueup::analysis::{Input, analyse};
use trueup::model::Name;
use trueup::syntax::embed::Embedded;
use trueup::syntax::{Format, SpanMap, command, parse};
use trueup::workspace::Shipped;

const FILES: [(&str, Format); 12] = [
    ("pg-ctl-bad/start.sh", Format::Shell),
    ("pg-ctl-bad/Dockerfile", Format::Dockerfile),
    ("pg-ctl-bad/orders-db.service", Format::Systemd),
    ("pg-ctl-good/start.sh", Format::Shell),
    ("pg-ctl-good/orders-db.service", Format::Systemd),
    ("systemd-postgres-bad/orders-db.service", Format::Systemd),
    ("systemd-postgres-bad/stock-db.service.d/limits.conf", Format::Systemd),
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
            let program = document.children(command).next().expect("there is a program");
            let settings = document.entry(program, "options").unwrap_or(program);
            for setting in document.children(settings) {
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

/// `pg_ctl` with another program in the server's place, which writes down the words it is called with.
#[test]
fn pg_ctl_cuts_the_options_that_it_hands_on_as_is_said() {
    const TEXTS: [&str; 6] = [
        "-c a=1 --b-c=2",
        "-c a='1 2' -c \"b=3 4\"",
        r#"-c a=\'1\ 2\' -c b="it's""#,
        "  -c\ta=1   -ca=2 ",
        "-c a=b'c d'e",
        "-c a= -c b=''",
    ];
    let user = postgres_server::Unprivileged::find().expect("a user");
    for bin in postgres_server::installed() {
        let folder = tempfile::tempdir().expect("a directory");
        user.own(folder.path()).expect("it can be given away");
        let version = bin.to_string_lossy().split('/').find_map(|part| part.parse::<u16>().ok()).unwrap_or(16);
        let (server, words) = (folder.path().join("server"), folder.path().join("words"));
        let script = format!("#!/bin/sh\nshift 2\nprintf '%s\\n' \"$@\" >{0}.new\nmv {0}.new {0}\n", words.display());
        std::fs::write(&server, script).expect("it can be written");
        std::fs::write(folder.path().join("PG_VERSION"), format!("{version}\n")).expect("it can be written");
        let mut mode = std::fs::metadata(&server).expect("it is there").permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
        std::fs::set_permissions(&server, mode).expect("it can be run");
        for text in TEXTS {
            let _ = std::fs::remove_file(&words);
            let started = user
                .command(&bin.join("pg_ctl"))
                .args(["start", "-s", "-W", "-o", text, "-D"])
                .arg(folder.path())
                .arg("-p")
                .arg(&server)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            assert!(started.expect("it runs").success(), "{}: {text}", bin.display());
            let mut got = None;
            for _ in 0..200 {
                got = std::fs::read_to_string(&words).ok();
                if got.is_some() {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            let embedded = Embedded { text: text.into(), map: SpanMap::identity(), faithful: true };
            let options = command::options(embedded, command::Split::Shell);
            let read: Vec<&str> = options.words().map(|word| options.document.scalar(word)).collect();
            assert_eq!(got.as_deref().map(|got| got.lines().collect()), Some(read), "{}: {text}", bin.display());
        }
    }
}
