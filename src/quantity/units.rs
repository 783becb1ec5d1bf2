//! The notations: for each grammar, which units it knows and how strict it is. Facts only; [`super::notation`] reads by them.

use super::Grammar;
use super::decimal::{Digits, Rounding};
use super::notation::{Bare, Blanks, Notation, Parts, Units};
use super::unit::*;

/// What a number with units is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Duration,
    Size,
    Number,
}

const BARE: Notation = Notation {
    units: &[],
    ignore_case: false,
    digits: Digits::Exponent,
    sign: true,
    bare: Bare::Yes,
    parts: Parts::One,
    blanks: Blanks::Around,
    rounding: Rounding::Nearest,
    expected: "a plain number, such as 30",
};

const GO: Notation = Notation {
    units: GO_TIME,
    ignore_case: false,
    digits: Digits::Fraction,
    sign: true,
    bare: Bare::OnlyZero,
    parts: Parts::Any,
    blanks: Blanks::Nowhere,
    rounding: Rounding::Down,
    expected: "numbers with units, such as 1m30s",
};

const SUFFIXED: Notation = Notation {
    units: &[],
    ignore_case: false,
    digits: Digits::Whole,
    sign: true,
    bare: Bare::Yes,
    parts: Parts::One,
    blanks: Blanks::Nowhere,
    rounding: Rounding::Nearest,
    expected: "a whole number with a unit, such as 30s",
};

/// The notation of a grammar for what is wanted. Grammars that are no numbers with suffixes
/// (ISO 8601, clock times, Postgres) are read elsewhere; here they have the notation of their bare numbers.
pub(super) fn notation(grammar: Grammar, target: Target) -> Notation {
    use Target::{Duration, Number, Size};
    match (grammar, target) {
        (Grammar::Human, Duration) => Notation { units: HUMAN_TIME, expected: "a duration, such as 30s", ..HUMAN },
        (Grammar::Human, Size) => Notation { units: HUMAN_SIZE, expected: "a size, such as 64MB", ..HUMAN },
        (Grammar::Human, Number) => Notation { units: PERCENT, expected: "a number, such as 10", ..HUMAN },
        (Grammar::Go, Duration) => GO,
        // https://gateway-api.sigs.k8s.io/geps/gep-2257/
        (Grammar::Gep2257, Duration) => Notation {
            units: GATEWAY_TIME,
            digits: Digits::Whole,
            sign: false,
            bare: Bare::No,
            expected: "whole numbers with units, such as 1m30s",
            ..GO
        },
        // https://github.com/linkerd/linkerd2/blob/main/policy-controller/k8s/index/src/outbound/index.rs parse_duration
        (Grammar::Linkerd, Duration) => {
            Notation { units: LINKERD_TIME, sign: false, bare: Bare::OnlyZero, blanks: Blanks::Around, ..SUFFIXED }
        }
        (Grammar::Kubernetes, Duration) => Notation { bare: Bare::Yes, ..GO },
        (Grammar::Kubernetes, Size | Number) => Notation {
            units: KUBERNETES,
            digits: Digits::Exponent,
            rounding: Rounding::Up,
            expected: "a quantity, such as 128Mi or 500m",
            ..SUFFIXED
        },
        (Grammar::Docker, Duration) => Notation { units: DOCKER_TIME, ..GO },
        (Grammar::Docker, Size) => Notation {
            units: DOCKER_SIZE,
            ignore_case: true,
            digits: Digits::Fraction,
            sign: false,
            blanks: Blanks::OneInside,
            rounding: Rounding::Down,
            expected: "a size, such as 512m",
            ..SUFFIXED
        },
        (Grammar::Spring, Duration) => Notation { units: SPRING_TIME, ignore_case: true, ..SUFFIXED },
        (Grammar::Spring, Size) => {
            Notation { units: SPRING_SIZE, expected: "a whole number with a unit, such as 10MB", ..SUFFIXED }
        }
        (Grammar::Nginx, Duration) => Notation {
            units: NGINX_TIME,
            sign: false,
            parts: Parts::Descending,
            blanks: Blanks::BetweenParts,
            expected: "whole numbers with units, such as 1m 30s",
            ..SUFFIXED
        },
        (Grammar::Nginx, Size) => {
            Notation { units: NGINX_SIZE, sign: false, expected: "a whole size, such as 10m", ..SUFFIXED }
        }
        (Grammar::Haproxy, Duration) => Notation { units: HAPROXY_TIME, sign: false, ..SUFFIXED },
        (Grammar::Haproxy, Size) => {
            Notation { units: HAPROXY_SIZE, sign: false, expected: "a whole size, such as 10m", ..SUFFIXED }
        }
        (Grammar::Prometheus, Duration) => Notation {
            units: PROMETHEUS_TIME,
            bare: Bare::OnlyZero,
            sign: false,
            parts: Parts::Descending,
            expected: "whole numbers with units, such as 1h30m",
            ..SUFFIXED
        },
        (Grammar::Prometheus, Size) => Notation {
            units: PROMETHEUS_SIZE,
            bare: Bare::OnlyZero,
            sign: false,
            expected: "a whole size, such as 512MB",
            ..SUFFIXED
        },
        (Grammar::Protobuf, Duration) => Notation {
            units: &[("s", S)],
            digits: Digits::Fraction,
            bare: Bare::No,
            expected: "seconds, such as 30s or 0.25s",
            ..SUFFIXED
        },
        (Grammar::Redis, Size) => {
            Notation { units: REDIS_SIZE, ignore_case: true, expected: "a whole size, such as 64mb", ..SUFFIXED }
        }
        (Grammar::Elasticsearch, Duration) => Notation {
            units: ELASTIC_TIME,
            ignore_case: true,
            bare: Bare::OnlyZero,
            blanks: Blanks::Around,
            ..SUFFIXED
        },
        (Grammar::Elasticsearch, Size) => Notation {
            units: ELASTIC_SIZE,
            ignore_case: true,
            digits: Digits::Fraction,
            bare: Bare::OnlyZero,
            blanks: Blanks::Around,
            rounding: Rounding::Down,
            expected: "a size, such as 512mb",
            ..SUFFIXED
        },
        (Grammar::Libpq, _) => Notation { digits: Digits::Whole, ..BARE },
        (Grammar::TimeSpan | Grammar::Iso8601, Duration) => Notation { digits: Digits::Whole, ..BARE },
        _ => BARE,
    }
}

const HUMAN: Notation = Notation {
    units: &[],
    ignore_case: true,
    digits: Digits::Grouped,
    sign: true,
    bare: Bare::Yes,
    parts: Parts::Any,
    blanks: Blanks::Anywhere,
    rounding: Rounding::Nearest,
    expected: "a number",
};

/// The unit a foreign word most likely means, as `units` spell it.
pub(super) fn meant(word: &str, units: Units) -> Option<&'static str> {
    let close = units.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(word));
    let same_worth = || {
        let worths = [HUMAN_TIME, HUMAN_SIZE].into_iter().flatten();
        let mut worths = worths.filter(|(spelling, _)| spelling.eq_ignore_ascii_case(word)).map(|(_, factor)| factor);
        worths.find_map(|worth| units.iter().find(|(_, factor)| factor == worth))
    };
    close.or_else(same_worth).map(|(spelling, _)| *spelling)
}

const GO_TIME: Units = &[("h", H), ("m", MIN), ("s", S), ("ms", MS), ("us", US), ("µs", US), ("μs", US), ("ns", NS)];

const GATEWAY_TIME: Units = &[("h", H), ("m", MIN), ("s", S), ("ms", MS)];

const LINKERD_TIME: Units = &[("d", D), ("h", H), ("m", MIN), ("s", S), ("ms", MS)];

const DOCKER_TIME: Units =
    &[("w", W), ("d", D), ("h", H), ("m", MIN), ("s", S), ("ms", MS), ("us", US), ("µs", US), ("μs", US), ("ns", NS)];

const SPRING_TIME: Units = &[("d", D), ("h", H), ("m", MIN), ("s", S), ("ms", MS), ("us", US), ("ns", NS)];

/// Of the directives that count in milliseconds: nginx knows months and years for some others only.
const NGINX_TIME: Units = &[("w", W), ("d", D), ("h", H), ("m", MIN), ("s", S), ("ms", MS)];

const HAPROXY_TIME: Units = &[("d", D), ("h", H), ("m", MIN), ("s", S), ("ms", MS), ("us", US)];

const PROMETHEUS_TIME: Units = &[("y", DAYS_365), ("w", W), ("d", D), ("h", H), ("m", MIN), ("s", S), ("ms", MS)];

const ELASTIC_TIME: Units = &[("d", D), ("h", H), ("m", MIN), ("s", S), ("ms", MS), ("micros", US), ("nanos", NS)];

pub(super) const POSTGRES_TIME: Units = &[("d", D), ("h", H), ("min", MIN), ("s", S), ("ms", MS), ("us", US)];

pub(super) const POSTGRES_SIZE: Units = &[("TB", TIB), ("GB", GIB), ("MB", MIB), ("kB", KIB), ("B", ONE)];

pub(super) const HUMAN_TIME: Units = &[
    ("w", W),
    ("week", W),
    ("weeks", W),
    ("d", D),
    ("day", D),
    ("days", D),
    ("h", H),
    ("hr", H),
    ("hrs", H),
    ("hour", H),
    ("hours", H),
    ("m", MIN),
    ("min", MIN),
    ("mins", MIN),
    ("minute", MIN),
    ("minutes", MIN),
    ("s", S),
    ("sec", S),
    ("secs", S),
    ("second", S),
    ("seconds", S),
    ("ms", MS),
    ("msec", MS),
    ("msecs", MS),
    ("millis", MS),
    ("millisecond", MS),
    ("milliseconds", MS),
    ("us", US),
    ("µs", US),
    ("μs", US),
    ("usec", US),
    ("micros", US),
    ("microsecond", US),
    ("microseconds", US),
    ("ns", NS),
    ("nanos", NS),
    ("nanosecond", NS),
    ("nanoseconds", NS),
];

/// In-house files that write `64kb` nearly always mean 1024.
const HUMAN_SIZE: Units = &[
    ("PB", PIB),
    ("P", PIB),
    ("Pi", PIB),
    ("PiB", PIB),
    ("TB", TIB),
    ("T", TIB),
    ("Ti", TIB),
    ("TiB", TIB),
    ("GB", GIB),
    ("G", GIB),
    ("Gi", GIB),
    ("GiB", GIB),
    ("MB", MIB),
    ("M", MIB),
    ("Mi", MIB),
    ("MiB", MIB),
    ("KB", KIB),
    ("K", KIB),
    ("Ki", KIB),
    ("KiB", KIB),
    ("B", ONE),
    ("byte", ONE),
    ("bytes", ONE),
];

const PERCENT: Units = &[("%", CENTI)];

const KUBERNETES: Units = &[
    ("Ei", EIB),
    ("Pi", PIB),
    ("Ti", TIB),
    ("Gi", GIB),
    ("Mi", MIB),
    ("Ki", KIB),
    ("E", EXA),
    ("P", PETA),
    ("T", TERA),
    ("G", GIGA),
    ("M", MEGA),
    ("k", KILO),
    ("m", MILLI),
    ("u", MICRO),
    ("n", NANO),
];

const DOCKER_SIZE: Units = &[
    ("p", PIB),
    ("pb", PIB),
    ("pib", PIB),
    ("t", TIB),
    ("tb", TIB),
    ("tib", TIB),
    ("g", GIB),
    ("gb", GIB),
    ("gib", GIB),
    ("m", MIB),
    ("mb", MIB),
    ("mib", MIB),
    ("k", KIB),
    ("kb", KIB),
    ("kib", KIB),
    ("b", ONE),
];

const SPRING_SIZE: Units = &[("TB", TIB), ("GB", GIB), ("MB", MIB), ("KB", KIB), ("B", ONE)];

const NGINX_SIZE: Units = &[("g", GIB), ("G", GIB), ("m", MIB), ("M", MIB), ("k", KIB), ("K", KIB)];

const HAPROXY_SIZE: Units = NGINX_SIZE;

const PROMETHEUS_SIZE: Units = &[
    ("EB", EIB),
    ("PB", PIB),
    ("TB", TIB),
    ("GB", GIB),
    ("MB", MIB),
    ("KB", KIB),
    ("B", ONE),
    ("EiB", EIB),
    ("PiB", PIB),
    ("TiB", TIB),
    ("GiB", GIB),
    ("MiB", MIB),
    ("KiB", KIB),
];

/// `1k` is 1000 bytes, `1kb` is 1024.
const REDIS_SIZE: Units = &[("gb", GIB), ("mb", MIB), ("kb", KIB), ("b", ONE), ("g", GIGA), ("m", MEGA), ("k", KILO)];

const ELASTIC_SIZE: Units = &[
    ("pb", PIB),
    ("p", PIB),
    ("tb", TIB),
    ("t", TIB),
    ("gb", GIB),
    ("g", GIB),
    ("mb", MIB),
    ("m", MIB),
    ("kb", KIB),
    ("k", KIB),
    ("b", ONE),
];
