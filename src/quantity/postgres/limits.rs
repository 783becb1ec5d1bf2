//! What the server decides about a number beyond its limits: gaps it refuses, small values it raises.
//! Measured, like the table; `pg_settings` does not show any of it.

/// The number the server keeps, or the rule by which it refuses one that is within the limits; in the base unit.
pub(super) fn kept(name: &str, value: i64) -> Result<i64, &'static str> {
    match name {
        "wal_buffers" if (0..4).contains(&value) => Ok(4),
        "vacuum_buffer_usage_limit" if (1..128).contains(&value) => Err("write 0 or at least 128 kB"),
        "io_max_concurrency" if value == 0 => Err("write -1, which is automatic, or at least 1"),
        "commit_timestamp_buffers"
        | "multixact_member_buffers"
        | "multixact_offset_buffers"
        | "notify_buffers"
        | "serializable_buffers"
        | "subtransaction_buffers"
        | "transaction_buffers"
            if value % 16 != 0 =>
        {
            Err("write a multiple of 16 pages")
        }
        _ => Ok(value),
    }
}
