//! Which minors of PostgreSQL lack a parameter is what their servers say of it.
//!
//! `TRUEUP_POSTGRES_MINORS` names the folders of their programs, as `scripts/postgres-servers --minors` prints them.

use std::path::Path;
use std::process::Command;

use trueup::quantity::postgres::parameters;

#[test]
fn minors_lack_what_the_table_says() {
    let Ok(folders) = std::env::var("TRUEUP_POSTGRES_MINORS") else {
        eprintln!("skipped: TRUEUP_POSTGRES_MINORS names no servers");
        return;
    };
    let data = tempfile::tempdir().expect("a folder");
    std::fs::write(data.path().join("postgresql.conf"), "").expect("a file");
    let mut asked = 0;
    for folder in folders.split(':').map(Path::new) {
        let (major, minor) = version(folder);
        for row in parameters().iter().filter(|row| !row.came.is_empty() && row.versions().contains(&major)) {
            let known = knows(folder, data.path(), &row.name);
            match row.came(major) {
                Some(came) if minor <= came.without => assert!(!known, "{} {major}.{minor}", row.name),
                Some(came) if minor < came.with => {}
                _ => assert!(known, "{} {major}.{minor}", row.name),
            }
            asked += 1;
        }
    }
    assert!(asked >= 20, "{asked}");
}

/// Major and minor version of a server.
fn version(folder: &Path) -> (u16, u16) {
    let output = Command::new(folder.join("postgres")).arg("--version").output().expect("a server");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut parts = text.split_whitespace().nth(2).expect("a version").split('.');
    let mut part = || parts.next().and_then(|part| part.parse().ok()).expect("a number");
    (part(), part())
}

/// Whether a server has a value for a parameter.
fn knows(folder: &Path, data: &Path, name: &str) -> bool {
    let output = Command::new(folder.join("postgres")).args(["-C", name, "-D"]).arg(data).output().expect("a server");
    output.status.success()
}
