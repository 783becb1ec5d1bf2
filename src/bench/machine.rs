//! What the machine has, and what else it does while a block is measured. Where it is not Linux, nothing is known.

use std::fs;

/// Bytes of memory that programs may take.
pub(super) fn free_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// The load average of the last minute.
pub(super) fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// The time of all processors so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Processors {
    all: f64,
    stolen: f64,
}

impl Processors {
    /// Reads it.
    pub(super) fn now() -> Option<Processors> {
        Processors::parse(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// user, nice, system, idle, iowait, irq, softirq, steal; what follows is part of the first two.
    /// <https://man7.org/linux/man-pages/man5/proc_stat.5.html>
    fn parse(text: &str) -> Option<Processors> {
        let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let times: Vec<f64> = line.split_whitespace().take(8).filter_map(|time| time.parse().ok()).collect();
        Some(Processors { all: times.iter().sum(), stolen: *times.get(7)? })
    }

    /// The share of the time since then that a hypervisor gave to others.
    pub(super) fn stolen_since(self, before: Processors) -> f64 {
        let all = self.all - before.all;
        if all > 0.0 { (self.stolen - before.stolen) / all } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stolen_time_is_a_share() {
        let read = |text: &str| Processors::parse(text).expect("a line");
        let before = read("cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3\n");
        let after = read("cpu  150 0 110 820 0 0 0 20 0 0\n");
        assert!((after.stolen_since(before) - 0.2).abs() < 1e-9);
        assert_eq!(Processors::parse("intr 1"), None);
        assert!(before.stolen_since(before).abs() < 1e-9);
    }
}
