//! The memory and the CPUs of this host, as far as they are for this process.

use std::path::Path;

use super::Problem;

/// An amount, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Bytes, or CPUs.
    pub amount: i64,
    /// Who says so, for people.
    pub origin: String,
}

/// The memory that may be used, in bytes: the limit of the control group where it is below what the host has. `root` is
/// where the host's files are, `/` but in tests.
///
/// An error where the host does not say, such as one without `/proc`.
pub fn memory(root: &Path) -> Result<Found, Problem> {
    let physical = read(root, "proc/meminfo").as_deref().and_then(total).ok_or_else(|| {
        Problem::new("--memory", "this host does not say how much memory it has").advice("say it: --memory 16GB")
    })?;
    let limits = ["sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let limit = limits.into_iter().find_map(|file| {
        let bytes: i64 = read(root, file)?.trim().parse().ok()?; // `max` where there is none
        (bytes > 0 && bytes < physical).then(|| Found { amount: bytes, origin: format!("limit in /{file}") })
    });
    Ok(limit.unwrap_or_else(|| Found { amount: physical, origin: "this host, /proc/meminfo".into() }))
}

/// The CPUs that may be used: affinity and the quota of the control group count.
pub fn cpus() -> Result<Found, Problem> {
    let advice = "say it: --cpus 4";
    let found = std::thread::available_parallelism().map_err(|error| {
        Problem::new("--cpus", format!("this host does not say how many CPUs it has: {error}")).advice(advice)
    })?;
    Ok(Found { amount: i64::try_from(found.get()).unwrap_or(i64::MAX), origin: "this host".into() })
}

fn read(root: &Path, file: &str) -> Option<String> {
    std::fs::read_to_string(root.join(file)).ok()
}

/// The line `MemTotal: 24689672 kB`, in bytes.
fn total(meminfo: &str) -> Option<i64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<i64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::memory;

    #[test]
    fn the_limit_of_the_control_group_counts_where_it_is_lower() {
        let root = tempfile::tempdir().expect("a directory");
        assert!(memory(root.path()).is_err());
        std::fs::create_dir_all(root.path().join("proc")).expect("created");
        std::fs::create_dir_all(root.path().join("sys/fs/cgroup/memory")).expect("created");
        let write = |file: &str, text: &str| std::fs::write(root.path().join(file), text).expect("written");
        let amount = || memory(root.path()).expect("said").amount;
        write("proc/meminfo", "MemTotal:        4194304 kB\nMemFree: 1 kB\n");
        assert_eq!(amount(), 4 << 30);
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(amount(), 4 << 30);
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648\n");
        assert_eq!(amount(), 2 << 30);
        write("sys/fs/cgroup/memory.max", "max\n");
        assert_eq!(amount(), 2 << 30);
        write("sys/fs/cgroup/memory.max", "1073741824\n");
        assert_eq!(amount(), 1 << 30);
    }
}
