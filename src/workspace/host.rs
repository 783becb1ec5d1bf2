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

/// The memory that may be used, in bytes: the limit of the control group, or of one around it, where it is below what the
/// host has. `root` is where the host's files are, `/` but in tests.
///
/// An error where the host does not say, such as one without `/proc`.
pub fn memory(root: &Path) -> Result<Found, Problem> {
    let physical = read(root, "proc/meminfo").as_deref().and_then(total).ok_or_else(|| {
        Problem::new("--memory", "this host does not say how much memory it has").advice("say it: --memory 16GB")
    })?;
    let groups = read(root, "proc/self/cgroup").unwrap_or_default();
    let limits = limit_files(&groups).into_iter().filter_map(|file| {
        let bytes: i64 = read(root, &file)?.trim().parse().ok()?; // `max` where there is none
        (bytes > 0 && bytes < physical).then_some((bytes, file))
    });
    Ok(match limits.min() {
        Some((amount, file)) => Found { amount, origin: format!("limit in /{file}") },
        None => Found { amount: physical, origin: "this host, /proc/meminfo".into() },
    })
}

/// The files that may hold a limit: those of the groups that `/proc/self/cgroup` names, and of the groups around them.
/// Inside a container the top is the group itself, whatever the path says.
fn limit_files(groups: &str) -> Vec<String> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(group)) = (parts.next(), parts.next(), parts.next()) else { continue };
        // version 2 has one hierarchy without a list of controllers, version 1 one for each
        let (top, file) = match controllers {
            "" => ("sys/fs/cgroup", "memory.max"),
            _ if controllers.split(',').any(|name| name == "memory") => {
                ("sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => continue,
        };
        let around = Path::new(group.trim_start_matches('/')).ancestors();
        files.extend(around.filter_map(|group| Some(Path::new(top).join(group).join(file).to_str()?.to_owned())));
    }
    files
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
    fn the_lowest_limit_of_the_control_groups_counts() {
        let root = tempfile::tempdir().expect("a directory");
        assert!(memory(root.path()).is_err());
        let write = |file: &str, text: &str| {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            std::fs::write(path, text).expect("written");
        };
        let amount = || memory(root.path()).expect("said").amount;
        write("proc/meminfo", "MemTotal:        4194304 kB\nMemFree: 1 kB\n");
        assert_eq!(amount(), 4 << 30);
        write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n");
        // version 1 says that there is none with a number above every host
        write("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(amount(), 4 << 30);
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648\n");
        assert_eq!(amount(), 2 << 30);
        write("proc/self/cgroup", "0::/a/b\n");
        write("sys/fs/cgroup/a/b/memory.max", "max\n");
        assert_eq!(amount(), 4 << 30);
        write("sys/fs/cgroup/a/memory.max", "1073741824\n");
        assert_eq!(amount(), 1 << 30);
    }
}
