//! Units: what one of something is worth in nanoseconds, bytes or ones.

use serde::{Deserialize, Serialize};

/// The unit of a bare number, as tables name it (`"ms"`, `"8kB"`, `"count"`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// 10⁻⁹ s
    #[serde(rename = "ns")]
    Nanosecond,
    /// 10⁻⁶ s
    #[serde(rename = "us")]
    Microsecond,
    /// 10⁻³ s
    #[serde(rename = "ms")]
    Millisecond,
    /// 1 s
    #[serde(rename = "s")]
    Second,
    /// 60 s
    #[serde(rename = "min")]
    Minute,
    /// 60 min
    #[serde(rename = "h")]
    Hour,
    /// 24 h
    #[serde(rename = "d")]
    Day,
    /// One byte
    #[serde(rename = "B")]
    Byte,
    /// 1024 bytes
    #[serde(rename = "kB", alias = "KiB")]
    Kilobyte,
    /// 1024² bytes
    #[serde(rename = "MB", alias = "MiB")]
    Megabyte,
    /// 1024³ bytes
    #[serde(rename = "GB", alias = "GiB")]
    Gigabyte,
    /// 1024⁴ bytes
    #[serde(rename = "TB", alias = "TiB")]
    Terabyte,
    /// A Postgres page: 8192 bytes
    #[serde(rename = "8kB")]
    Block8k,
    /// 1000 bytes
    #[serde(rename = "kB-decimal")]
    KilobyteDecimal,
    /// 1000² bytes
    #[serde(rename = "MB-decimal")]
    MegabyteDecimal,
    /// 1000³ bytes
    #[serde(rename = "GB-decimal")]
    GigabyteDecimal,
    /// A plain number
    #[serde(rename = "count")]
    Count,
    /// A hundredth
    #[serde(rename = "percent")]
    Percent,
}

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// Nanoseconds.
    Time,
    /// Bytes.
    Size,
    /// Ones.
    Number,
}

impl Unit {
    /// What it measures.
    pub fn dimension(self) -> Dimension {
        match self {
            Unit::Nanosecond
            | Unit::Microsecond
            | Unit::Millisecond
            | Unit::Second
            | Unit::Minute
            | Unit::Hour
            | Unit::Day => Dimension::Time,
            Unit::Count | Unit::Percent => Dimension::Number,
            _ => Dimension::Size,
        }
    }

    /// Its name, as tables and messages write it.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Nanosecond => "ns",
            Unit::Microsecond => "us",
            Unit::Millisecond => "ms",
            Unit::Second => "s",
            Unit::Minute => "min",
            Unit::Hour => "h",
            Unit::Day => "d",
            Unit::Byte => "B",
            Unit::Kilobyte => "kB",
            Unit::Megabyte => "MB",
            Unit::Gigabyte => "GB",
            Unit::Terabyte => "TB",
            Unit::Block8k => "8kB",
            Unit::KilobyteDecimal => "kB-decimal",
            Unit::MegabyteDecimal => "MB-decimal",
            Unit::GigabyteDecimal => "GB-decimal",
            Unit::Count => "count",
            Unit::Percent => "percent",
        }
    }

    /// Nanoseconds, bytes or ones in one of it; [`Unit::Percent`] counts as one hundredth.
    pub(super) fn factor(self) -> Factor {
        match self {
            Unit::Nanosecond => NS,
            Unit::Microsecond => US,
            Unit::Millisecond => MS,
            Unit::Second => S,
            Unit::Minute => MIN,
            Unit::Hour => H,
            Unit::Day => D,
            Unit::Byte | Unit::Count => ONE,
            Unit::Kilobyte => KIB,
            Unit::Megabyte => MIB,
            Unit::Gigabyte => GIB,
            Unit::Terabyte => TIB,
            Unit::Block8k => Factor::whole(8192),
            Unit::KilobyteDecimal => KILO,
            Unit::MegabyteDecimal => MEGA,
            Unit::GigabyteDecimal => GIGA,
            Unit::Percent => CENTI,
        }
    }
}

/// `multiplier × 10^exponent`: exact for every unit there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Factor {
    pub(super) multiplier: i64,
    pub(super) exponent: i32,
}

impl Factor {
    const fn whole(multiplier: i64) -> Factor {
        Factor { multiplier, exponent: 0 }
    }

    const fn fraction(exponent: i32) -> Factor {
        Factor { multiplier: 1, exponent }
    }

    /// As a float, for ratios and for what servers compute in floats.
    pub(super) fn value(self) -> f64 {
        self.multiplier as f64 * 10f64.powi(self.exponent)
    }
}

pub(super) const NS: Factor = Factor::whole(1);
pub(super) const US: Factor = Factor::whole(1_000);
pub(super) const MS: Factor = Factor::whole(1_000_000);
pub(super) const S: Factor = Factor::whole(1_000_000_000);
pub(super) const MIN: Factor = Factor::whole(60 * S.multiplier);
pub(super) const H: Factor = Factor::whole(60 * MIN.multiplier);
pub(super) const D: Factor = Factor::whole(24 * H.multiplier);
pub(super) const W: Factor = Factor::whole(7 * D.multiplier);
pub(super) const DAYS_365: Factor = Factor::whole(365 * D.multiplier);

pub(super) const KIB: Factor = Factor::whole(1 << 10);
pub(super) const MIB: Factor = Factor::whole(1 << 20);
pub(super) const GIB: Factor = Factor::whole(1 << 30);
pub(super) const TIB: Factor = Factor::whole(1 << 40);
pub(super) const PIB: Factor = Factor::whole(1 << 50);
pub(super) const EIB: Factor = Factor::whole(1 << 60);

pub(super) const NANO: Factor = Factor::fraction(-9);
pub(super) const MICRO: Factor = Factor::fraction(-6);
pub(super) const MILLI: Factor = Factor::fraction(-3);
pub(super) const CENTI: Factor = Factor::fraction(-2);
pub(super) const ONE: Factor = Factor::whole(1);
pub(super) const KILO: Factor = Factor::whole(1_000);
pub(super) const MEGA: Factor = Factor::whole(1_000_000);
pub(super) const GIGA: Factor = Factor::whole(1_000_000_000);
pub(super) const TERA: Factor = Factor::whole(1_000_000_000_000);
pub(super) const PETA: Factor = Factor::whole(1_000_000_000_000_000);
pub(super) const EXA: Factor = Factor::whole(1_000_000_000_000_000_000);
