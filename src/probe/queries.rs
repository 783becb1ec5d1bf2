//! What is asked of the server. Each query holds for every version from [`OLDEST`] on, unless it is made for one.

/// The first major version that is asked.
pub(super) const OLDEST: u16 = 13;

/// What every query stands in.
pub(super) const BEGIN: &str = "BEGIN READ ONLY; SET LOCAL statement_timeout = '3s'; SET LOCAL lock_timeout = '500ms'";

/// Version, role and rights.
pub(super) const SERVER: &str = "SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS standby, \
     pg_has_role(current_user, 'pg_monitor', 'member') AS sees_all";

/// Whether a parameter is a command or a connection string, which may hold passwords: its value never leaves the server.
pub fn may_hold_secrets(name: &str) -> bool {
    name.ends_with("_command") || name.ends_with("conninfo")
}

/// The settings that are not the built-in defaults, with where they come from; commands and connection strings, which may
/// hold secrets, only by whether they are set.
pub(super) const SETTINGS: &str = "SELECT name, \
     CASE WHEN name LIKE '%\\_command' OR name LIKE '%conninfo' \
          THEN CASE WHEN setting = '' THEN '' ELSE '(set)' END \
          ELSE coalesce(current_setting(name, true), setting) END AS value, \
     coalesce(sourcefile || ':' || sourceline, source) AS source, pending_restart AS pending \
     FROM pg_settings \
     WHERE pending_restart OR source NOT IN ('default', 'override', 'client', 'session', 'database', 'user', 'database user') \
     ORDER BY name";

/// The key figures, each query with what it is about; every column is one figure.
pub(super) fn figures(major: u16) -> Vec<(&'static str, String)> {
    let checkpoints = if major < 17 {
        "SELECT checkpoints_timed, checkpoints_req AS checkpoints_requested FROM pg_stat_bgwriter"
    } else {
        "SELECT num_timed AS checkpoints_timed, num_requested AS checkpoints_requested FROM pg_stat_checkpointer"
    };
    // reserved for other roles since 16
    let reserved = if major < 16 { "0" } else { "current_setting('reserved_connections')::int" };
    vec![
        (
            "sessions",
            format!(
                "SELECT count(*) FILTER (WHERE backend_type = 'client backend') AS connections, \
                 current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int \
                 - {reserved} AS connection_limit, \
                 coalesce(max(extract(epoch FROM now() - state_change)) \
                     FILTER (WHERE state LIKE 'idle in transaction%'), 0)::bigint AS idle_in_transaction_seconds \
                 FROM pg_stat_activity"
            ),
        ),
        (
            "transaction ids",
            "SELECT max(age(datfrozenxid)) AS transaction_id_age, \
             current_setting('autovacuum_freeze_max_age')::bigint AS freeze_max_age FROM pg_database"
                .into(),
        ),
        (
            "prepared transactions",
            "SELECT coalesce(extract(epoch FROM now() - min(prepared)), 0)::bigint AS prepared_transaction_seconds \
             FROM pg_prepared_xacts"
                .into(),
        ),
        (
            "replication slots",
            "SELECT count(*) FILTER (WHERE NOT active) AS inactive_slots, \
             coalesce(max(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() \
                 ELSE pg_current_wal_lsn() END, restart_lsn)) FILTER (WHERE NOT active), 0)::bigint AS slot_wal_bytes \
             FROM pg_replication_slots"
                .into(),
        ),
        ("checkpoints", checkpoints.into()),
        (
            "tables",
            "SELECT coalesce(max(n_dead_tup / greatest(current_setting('autovacuum_vacuum_threshold')::float8 \
             + current_setting('autovacuum_vacuum_scale_factor')::float8 * greatest(reltuples, 0), 1)), 0)::bigint \
             AS dead_rows_by_trigger FROM pg_stat_all_tables AS stat JOIN pg_class ON pg_class.oid = stat.relid \
             WHERE reloptions IS NULL"
                .into(),
        ),
    ]
}
