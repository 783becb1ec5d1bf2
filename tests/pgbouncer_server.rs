//! What PgBouncer accepts and refuses, asked of the program itself: every key that the tables read as a number, a time,
//! a switch or a word, with values on both sides, and the keys of databases and users; and what it makes of those it takes.
//!
//! Needs `pgbouncer`; without it the test says so and passes.

#[path = "support/pgbouncer.rs"]
mod pgbouncer;

use std::path::Path;

use pgbouncer::{PORT, accepts, open, run, version};
use trueup::analysis::{Input, Known, resources};
use trueup::knowledge::Version;
use trueup::model::{Effective, Name, Type, Value};
use trueup::quantity::Unit;
use trueup::workspace::Shipped;

#[test]
fn the_table_refuses_what_the_program_refuses() {
    let Some(version) = version() else {
        println!("skipped: there is no pgbouncer");
        return;
    };
    let engine = Shipped::new();
    let folder = tempfile::tempdir().expect("a folder");
    open(folder.path());
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (section, key, value) in questions(&engine) {
        let (mut database, mut user, mut own) = (String::new(), String::new(), String::new());
        match section {
            Section::Database => database = format!(" {key}={value}"),
            Section::User => user = format!("{key}={value}"),
            Section::Own => own = format!("{key} = {value}\n"),
        }
        let text = format!("[databases]\nx = host=127.0.0.1{database}\n\n[users]\ny = {user}\n\n[pgbouncer]\n{own}");
        let Some(accepted) = accepts(folder.path(), &text, &key) else {
            println!("skipped: pgbouncer cannot be started here");
            return;
        };
        asked += 1;
        let refused = refusals(&engine, &version, &text);
        if accepted != refused.is_empty() {
            wrong.push(format!("{key} = {value}: accepted {accepted}, we say {refused:?}"));
        }
    }
    assert!(asked > 150, "{asked} questions");
    assert!(wrong.is_empty(), "pgbouncer {version}, {asked} questions:\n{}", wrong.join("\n"));
}

#[test]
fn the_table_reads_what_the_program_reads() {
    let Some(version) = version() else {
        println!("skipped: there is no pgbouncer");
        return;
    };
    let engine = Shipped::new();
    let folder = tempfile::tempdir().expect("a folder");
    open(folder.path());
    let (mut asked, mut wrong) = (0, Vec::new());
    for (section, key, value) in questions(&engine) {
        let text = format!("[databases]\nx = host=127.0.0.1\n\n[pgbouncer]\n{key} = {value}\n");
        let Some((ours, unit)) =
            matches!(section, Section::Own).then(|| reading(&engine, &version, &key, &text)).flatten()
        else {
            continue;
        };
        let mut shown = None;
        let Some(up) = run(folder.path(), &text, &key, || shown = show(folder.path(), &key)) else {
            println!("skipped: pgbouncer cannot be started here");
            return;
        };
        if !up {
            continue;
        }
        let Some(theirs) = shown.and_then(|text| text.parse::<f64>().ok()) else { continue };
        asked += 1;
        let same = match ours {
            Value::Bool(on) => on == (theirs != 0.0),
            Value::Int(number) => number as f64 == theirs,
            Value::Duration(nanos) => nanos as f64 == theirs * unit,
            Value::Unlimited | Value::Off => theirs == 0.0,
            _ => false,
        };
        if !same {
            wrong.push(format!("{key} = {value}: it shows {theirs}, we say {ours}"));
        }
    }
    assert!(asked > 60, "{asked} questions");
    assert!(wrong.is_empty(), "pgbouncer {version}, {asked} questions:\n{}", wrong.join("\n"));
}

/// What we read in the one setting of `text`, with the nanoseconds of the unit of bare numbers; none where nothing is known.
fn reading(engine: &Shipped, version: &Version, key: &str, text: &str) -> Option<(Value, f64)> {
    let known = engine.known();
    let table = known.knowledge.table("pgbouncer")?;
    let row = table.resource.iter().flat_map(|block| &block.key).find(|row| row.key.to_string() == key)?;
    let attribute = row.attribute.as_ref()?;
    let versions: [(Name, Name); 1] = [("pgbouncer".into(), version.to_string().into())];
    let known = Known { versions: &versions, ..known };
    let input = Input { path: "pgbouncer.ini".into(), bytes: text.as_bytes().to_vec() };
    let analysed = resources(known, vec![input]);
    let pooler = analysed.model.resources.iter().find(|resource| &*resource.kind == "pooler")?;
    let Effective::Known(value) = &pooler.attribute(attribute)?.effective else { return None };
    let unit = if row.bare.values().next() == Some(&Unit::Millisecond) { 1e6 } else { 1e9 };
    Some((value.clone(), unit))
}

/// What the console shows of a setting.
fn show(folder: &Path, key: &str) -> Option<String> {
    let mut config = postgres::Config::new();
    config.host_path(folder).port(PORT).user("anyone").dbname("pgbouncer");
    let mut client = config.connect(postgres::NoTls).ok()?;
    let rows = client.simple_query("SHOW CONFIG").ok()?;
    rows.iter().find_map(|message| match message {
        postgres::SimpleQueryMessage::Row(row) if row.get(0) == Some(key) => row.get(1).map(str::to_owned),
        _ => None,
    })
}

/// Where a key stands.
#[derive(Clone, Copy)]
enum Section {
    Database,
    User,
    Own,
}

/// Keys with values: what is right for their kind, and what is nearly.
fn questions(engine: &Shipped) -> Vec<(Section, String, String)> {
    let known = engine.known();
    let table = known.knowledge.table("pgbouncer").expect("the table is shipped");
    let mut questions = vec![("no_such_key".to_string(), "1".to_string())];
    for row in table.resource.iter().flat_map(|block| &block.key) {
        let key = row.key.to_string();
        let declared = row.attribute.as_ref().and_then(|name| known.knowledge.vocabulary.attribute("pooler", name));
        let values: &[&str] = match row.kind.or(declared) {
            // whole numbers to the program
            Some(Type::Duration) if key.starts_with("tcp_") => &["5", "0", "0x10", "010", "1.5", "1e1", "5s", ""],
            Some(Type::Duration) => &["5", "0", "0x10", "1e1", "5s", "5 s", "1.5", "-1", "", "5 ; note"],
            Some(Type::Int) => &["5", "0", "0x10", "010", "08", "5x", "1.5", "", "5 ; note"],
            Some(Type::Bool) => &["0", "1", "2", "-1", "0x1", "1.5", "on", "yes", "true", ""],
            _ if !row.words.is_empty() => &["nonsense", "", "'session'"],
            _ => continue,
        };
        // a port or a mode of sockets that cannot be had says nothing of the key
        if matches!(key.as_str(), "listen_port" | "pkt_buf" | "so_reuseport" | "peer_id") {
            continue;
        }
        questions.extend(values.iter().map(|value| (key.clone(), value.to_string())));
        questions.extend(row.words.first().map(|word| (key.clone(), word.to_uppercase())));
    }
    questions.retain(|(key, value)| !(key == "auth_type" && value == "ANY"));
    // keys that came with some version: a text will do
    let newer = ["auth_dbname", "auth_ident_file", "auth_ldap_options", "client_tls13_ciphers", "login_notify_message"];
    questions.extend(newer.map(|key| (key.to_string(), "x".to_string())));
    let mut questions: Vec<_> = questions.into_iter().map(|(key, value)| (Section::Own, key, value)).collect();
    for (section, id) in [(Section::Database, "pgbouncer-database"), (Section::User, "pgbouncer-user")] {
        let table = known.knowledge.table(id).expect("the table is shipped");
        let keys = table.resource.iter().flat_map(|block| &block.key).map(|row| row.key.to_string());
        // what patched builds know, and the host that is there already
        let keys = keys.filter(|key| !matches!(key.as_str(), "target_session_attrs" | "host"));
        let value = |key: &str| match key {
            "pool_mode" => "session",
            "load_balance_hosts" => "disable",
            _ => "5",
        };
        questions.extend(keys.map(|key| (section, key.clone(), value(&key).to_string())));
        questions.push((section, "no_such_key".into(), "5".into()));
        questions.push((section, "pool_mode".into(), "nonsense".into()));
    }
    questions
}

/// The keys of `text` that trueup says are refused.
fn refusals(engine: &Shipped, version: &Version, text: &str) -> Vec<String> {
    let versions: [(Name, Name); 1] = [("pgbouncer".into(), version.to_string().into())];
    let known = Known { versions: &versions, ..engine.known() };
    let input = Input { path: "pgbouncer.ini".into(), bytes: text.as_bytes().to_vec() };
    let analysed = resources(known, vec![input]);
    let settings = analysed.model.resources.iter().filter(|resource| &*resource.kind == "setting");
    let text = |resource: &trueup::model::Resource, name: &str| {
        resource.value(name).map(ToString::to_string).unwrap_or_default()
    };
    settings
        .filter(|resource| matches!(text(resource, "fault").as_str(), "rejected" | "unknown" | "too-new" | "removed"))
        .map(|resource| format!("{} {}", text(resource, "fault"), text(resource, "detail")))
        .collect()
}
