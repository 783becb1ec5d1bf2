//! What Pgpool-II accepts and refuses, asked of the program itself: every key that the table reads as a number or a time.
//!
//! Needs `pgpool`; without it the test says so and passes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use trueup::analysis::{Input, resources};
use trueup::model::Type;
use trueup::workspace::Shipped;

/// The least that it starts with, on sockets below `folder` and without a port.
fn file(folder: &Path, line: &str) -> String {
    let at = folder.display();
    format!(
        "backend_clustering_mode = 'raw'\nlisten_addresses = ''\nport = 19999\npcp_port = 19998\npcp_listen_addresses = ''\n\
         socket_dir = '{at}'\nunix_socket_directories = '{at}'\npcp_socket_dir = '{at}'\npid_file_name = '{at}/pid'\nlogdir = '{at}'\n\
         pool_passwd = ''\nnum_init_children = 1\nmax_pool = 1\nbackend_hostname0 = '127.0.0.1'\nbackend_port0 = 54399\n{line}\n"
    )
}

/// Whether the program takes the file; `None` where it says neither.
fn accepts(folder: &Path, text: &str) -> Option<bool> {
    let path = folder.join("pgpool.conf");
    std::fs::write(&path, text).expect("the folder can be written");
    let mut command = Command::new("pgpool");
    command.arg("-n").arg("-f").arg(&path).arg("-F").arg(folder.join("pcp")).arg("-a").arg(folder.join("hba"));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().ok()?;
    let mut verdict = None;
    for line in BufReader::new(child.stderr.take()?).lines().map_while(Result::ok) {
        if line.contains("successfully started") {
            verdict = Some(true);
            break;
        }
        if line.contains("invalid value for parameter") || line.contains("outside the valid range") {
            verdict = Some(false);
            break;
        }
    }
    // a fast shutdown: it ends its children and gives back its shared memory
    let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    let _ = child.wait();
    verdict
}

#[test]
fn the_table_refuses_what_the_program_refuses() {
    if Command::new("pgpool").arg("--version").output().is_err() {
        println!("skipped: there is no pgpool");
        return;
    }
    let engine = Shipped::new();
    let known = engine.known();
    let table = known.knowledge.table("pgpool").expect("the table is shipped");
    let (mut asked, mut wrong) = (0, Vec::new());
    for row in table.resource.iter().flat_map(|block| &block.key) {
        let key = row.key.to_string();
        let declared = row.attribute.as_ref().and_then(|name| known.knowledge.vocabulary.attribute("pooler", name));
        if !matches!(row.kind.or(declared), Some(Type::Int | Type::Duration)) {
            continue;
        }
        for value in ["1", "-1", "5x", "''"] {
            let folder = tempfile::tempdir().expect("a folder");
            let text = file(folder.path(), &format!("{key} = {value}"));
            let Some(accepted) = accepts(folder.path(), &text) else {
                println!("skipped: pgpool cannot be started here");
                return;
            };
            asked += 1;
            let input = Input { path: "pgpool.conf".into(), bytes: text.into_bytes() };
            let analysed = resources(engine.known(), vec![input]);
            let settings = analysed.model.resources.iter().filter(|resource| &*resource.kind == "setting");
            let refused =
                settings.filter(|one| one.value("fault").is_some_and(|fault| fault.to_string() == "rejected"));
            if accepted != (refused.count() == 0) {
                wrong.push(format!("{key} = {value}: accepted {accepted}"));
            }
        }
    }
    assert!(asked > 30, "{asked} questions");
    assert!(wrong.is_empty(), "{asked} questions:\n{}", wrong.join("\n"));
}
