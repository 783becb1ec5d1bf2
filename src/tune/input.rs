//! What a plan is made from.

/// A machine, its load, and the server's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// What the server and its system may use, in bytes.
    pub memory: i64,
    /// How many CPUs.
    pub cpus: i64,
    /// What the data lie on.
    pub storage: Storage,
    /// What is asked of the server.
    pub workload: Workload,
    /// How many sessions clients hold at once.
    pub connections: i64,
    /// The major version.
    pub version: u16,
}

/// What the data lie on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Storage {
    /// A disk that seeks.
    Hdd,
    /// Flash behind SATA or SAS, or a volume of a cloud.
    Ssd,
    /// Flash behind PCIe.
    Nvme,
    /// An array behind a network.
    San,
}

impl Storage {
    /// The word that expressions know it by.
    pub fn word(self) -> &'static str {
        match self {
            Storage::Hdd => "hdd",
            Storage::Ssd => "ssd",
            Storage::Nvme => "nvme",
            Storage::San => "san",
        }
    }
}

/// What is asked of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Workload {
    /// Many short reads, few writes.
    Web,
    /// Many short transactions that write.
    Oltp,
    /// Few long queries.
    Analytics,
    /// Some of each.
    Mixed,
}

impl Workload {
    /// The word that expressions know it by.
    pub fn word(self) -> &'static str {
        match self {
            Workload::Web => "web",
            Workload::Oltp => "oltp",
            Workload::Analytics => "analytics",
            Workload::Mixed => "mixed",
        }
    }
}

/// Something a plan was made from, for people: what it is, its value, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced {
    /// What it is.
    pub name: &'static str,
    /// Its value as it is shown.
    pub value: String,
    /// Who says so.
    pub origin: String,
}
