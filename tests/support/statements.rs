//! Scripts of `trueup tune`, run on a server, and what they come to there.

/// Runs the statements of a script, one by one: each stands on a line of its own, and `ALTER SYSTEM` runs in no transaction.
pub(crate) fn run(client: &mut postgres::Client, script: &str) {
    for line in script.lines().filter(|line| !line.starts_with("--")) {
        let statement = line.split(" -- ").next().unwrap_or(line);
        client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// What the server would start with, and what of it is in force: settings from all files, by `pg_file_settings`, and those
/// of the session's server.
#[allow(dead_code)] // where only roles are looked at
pub(crate) fn state(client: &mut postgres::Client) -> Vec<String> {
    client.batch_execute("SELECT pg_reload_conf(), pg_sleep(0.5)").expect("reloaded");
    let query = "SELECT 'file ' || name || ' = ' || setting || ' ' || applied::text FROM pg_file_settings \
                 UNION ALL SELECT 'now ' || name || ' = ' || setting || ' ' || pending_restart::text || ' ' || source FROM pg_settings \
                 WHERE source NOT IN ('client', 'session') ORDER BY 1";
    let rows = client.query(query, &[]).expect("settings");
    rows.iter().map(|row| row.get(0)).collect()
}
