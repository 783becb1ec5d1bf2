//! Each grammar by a table of its cases; printing and reading back; no text panics.

use proptest::prelude::*;

use super::*;

const US: i64 = 1_000;
const MS: i64 = 1_000_000;
const S: i64 = 1_000_000_000;
const MIN: i64 = 60 * S;
const H: i64 = 60 * MIN;
const D: i64 = 24 * H;
const KIB: i64 = 1 << 10;
const MIB: i64 = 1 << 20;
const GIB: i64 = 1 << 30;

/// What a grammar makes of texts: nanoseconds, bytes or a count, `None` for a refusal.
fn table(grammar: Grammar, wanted: Wanted, bare: Unit, cases: &[(&str, Option<i64>)]) {
    for (text, value) in cases {
        let got = parse(text, grammar, wanted, bare);
        let number = got.as_ref().ok().map(|parsed| match parsed.quantity {
            Quantity::Duration(value) | Quantity::Size(value) | Quantity::Int(value) => value,
            Quantity::Bool(value) => i64::from(value),
            Quantity::Float(value) => panic!("no float is wanted, got {value}"),
        });
        assert_eq!(number, *value, "{grammar:?} {wanted:?} {text:?}: {got:?}");
    }
}

fn floats(grammar: Grammar, cases: &[(&str, Option<f64>)]) {
    for (text, value) in cases {
        let got = parse(text, grammar, Wanted::Float, Unit::Count);
        let quantity = got.as_ref().ok().map(|parsed| parsed.quantity);
        assert_eq!(quantity, value.map(Quantity::Float), "{grammar:?} {text:?}: {got:?}");
    }
}

#[test]
fn plain() {
    table(
        Grammar::Plain,
        Wanted::Duration,
        Unit::Second,
        &[
            ("30", Some(30 * S)),
            (" 30 ", Some(30 * S)),
            ("0.5", Some(S / 2)),
            ("1e3", Some(1000 * S)),
            ("-1", Some(-S)),
            ("+1", Some(S)),
            ("30s", None),
            ("1_000", None),
            ("0x10", None),
            ("", None),
            ("9223372036", Some(9_223_372_036 * S)),
            ("9223372037", None),
            ("-9223372037", None),
        ],
    );
    table(
        Grammar::Plain,
        Wanted::Int,
        Unit::Count,
        &[
            ("10", Some(10)),
            ("1e3", Some(1000)),
            ("1.0", Some(1)),
            ("1.5", None),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("ten", None),
        ],
    );
    floats(
        Grammar::Plain,
        &[
            ("0.1", Some(0.1)),
            ("1e-3", Some(0.001)),
            ("-2", Some(-2.0)),
            ("5%", None),
            ("1e999", None),
            ("nan", None),
            ("", None),
        ],
    );
    table(
        Grammar::Plain,
        Wanted::Bool,
        Unit::Count,
        &[("true", Some(1)), ("False", Some(0)), ("TRUE", Some(1)), ("tRuE", None), ("yes", None), ("", None)],
    );
}

#[test]
fn postgres() {
    table(
        Grammar::Postgres,
        Wanted::Duration,
        Unit::Millisecond,
        &[
            ("30", Some(30 * MS)),
            ("30 s", Some(30 * S)),
            ("1.5min", Some(90 * S)),
            ("500us", Some(0)),
            ("30sec", None),
            ("1day", None),
            ("010", Some(8 * MS)),
        ],
    );
    table(
        Grammar::Postgres,
        Wanted::Size,
        Unit::Block8k,
        &[("1024", Some(8 * MIB)), ("1GB", Some(GIB)), ("1gb", None), ("12kB", Some(16 * KIB))],
    );
    table(Grammar::Postgres, Wanted::Int, Unit::Count, &[("0x10", Some(16)), ("1e2", Some(100)), ("5s", None)]);
    table(Grammar::Postgres, Wanted::Bool, Unit::Count, &[("of", Some(0)), ("o", None), ("Y", Some(1)), (" on", None)]);
    floats(Grammar::Postgres, &[("0.1", Some(0.1)), ("20%", None), ("inf", None)]);
    let rounded = parse("500us", Grammar::Postgres, Wanted::Duration, Unit::Millisecond).map(|parsed| parsed.rounded);
    assert_eq!(rounded, Ok(Some(500_000.0)));
}

#[test]
fn go() {
    table(
        Grammar::Go,
        Wanted::Duration,
        Unit::Count,
        &[
            ("1m30s", Some(90 * S)),
            ("1.5h", Some(90 * MIN)),
            ("-1.5h", Some(-90 * MIN)),
            ("300ms", Some(300 * MS)),
            ("1µs", Some(US)),
            ("1μs", Some(US)),
            (".5s", Some(S / 2)),
            ("1.s", Some(S)),
            ("1.5ns", Some(1)),
            ("0", Some(0)),
            ("+0", Some(0)),
            ("30", None),
            ("1d", None),
            ("1m 30s", None),
            (" 1s", None),
            ("1S", None),
            (".s", None),
            ("3000000h", None),
            ("2562047h47m16.854775807s", Some(i64::MAX)),
            ("-2562047h47m16.854775808s", Some(i64::MIN)),
            ("1e3s", None),
        ],
    );
    table(Grammar::Go, Wanted::Bool, Unit::Count, &[("t", Some(1)), ("1", Some(1)), ("yes", None)]);
}

#[test]
fn spring() {
    table(
        Grammar::Spring,
        Wanted::Duration,
        Unit::Millisecond,
        &[
            ("30", Some(30 * MS)),
            ("10s", Some(10 * S)),
            ("10S", Some(10 * S)),
            ("-1", Some(-MS)),
            ("1m", Some(MIN)),
            ("PT10S", Some(10 * S)),
            ("pt1m30s", Some(90 * S)),
            ("P1D", Some(D)),
            ("P1W", None),
            ("1.5s", None),
            ("10 s", None),
            ("10min", None),
            ("1m30s", None),
        ],
    );
    table(
        Grammar::Spring,
        Wanted::Size,
        Unit::Byte,
        &[("10MB", Some(10 * MIB)), ("512", Some(512)), ("10mb", None), ("10KB", Some(10 * KIB)), ("1.5MB", None)],
    );
    table(Grammar::Spring, Wanted::Bool, Unit::Count, &[("on", Some(1)), ("NO", Some(0)), ("2", None)]);
}

#[test]
fn iso8601() {
    table(
        Grammar::Iso8601,
        Wanted::Duration,
        Unit::Count,
        &[
            ("PT30S", Some(30 * S)),
            ("PT0.5S", Some(S / 2)),
            ("PT0,5S", Some(S / 2)),
            ("P1DT12H", Some(36 * H)),
            ("P2W", Some(14 * D)),
            ("-PT5M", Some(-5 * MIN)),
            ("PT-5M", Some(-5 * MIN)),
            ("-PT-5M", Some(5 * MIN)),
            ("PT36H", Some(36 * H)),
            ("P1M", None),
            ("P1Y", None),
            ("PT", None),
            ("P", None),
            ("P1DT", None),
            ("PT1S1M", None),
            ("PT1.5M", None),
            ("PT1M30", None),
            ("30", None),
            ("P99999999999999999999D", None),
        ],
    );
}

#[test]
fn kubernetes() {
    table(
        Grammar::Kubernetes,
        Wanted::Size,
        Unit::Byte,
        &[
            ("128Mi", Some(128 * MIB)),
            ("1G", Some(1_000_000_000)),
            ("1.5Gi", Some(3 * GIB / 2)),
            ("1e3", Some(1000)),
            ("1E3", Some(1000)),
            ("1E", Some(1_000_000_000_000_000_000)),
            ("100m", Some(1)),
            ("1K", None),
            ("128MB", None),
            ("128 Mi", None),
            ("16Ei", None),
        ],
    );
    table(
        Grammar::Kubernetes,
        Wanted::Int,
        Unit::Count,
        &[("2", Some(2)), ("2k", Some(2000)), ("2000m", Some(2)), ("500m", None)],
    );
    floats(Grammar::Kubernetes, &[("500m", Some(0.5)), ("2", Some(2.0)), ("1.5", Some(1.5)), ("1c", None)]);
    table(
        Grammar::Kubernetes,
        Wanted::Duration,
        Unit::Second,
        &[("30", Some(30 * S)), ("30s", Some(30 * S)), ("1d", None)],
    );
}

#[test]
fn docker() {
    table(
        Grammar::Docker,
        Wanted::Size,
        Unit::Byte,
        &[
            ("512m", Some(512 * MIB)),
            ("1g", Some(GIB)),
            ("64mb", Some(64 * MIB)),
            ("64MB", Some(64 * MIB)),
            ("64MiB", Some(64 * MIB)),
            ("1.5 g", Some(3 * GIB / 2)),
            ("1024", Some(1024)),
            ("1  g", None),
            ("-1", None),
            ("1x", None),
        ],
    );
    table(
        Grammar::Docker,
        Wanted::Duration,
        Unit::Count,
        &[("1m30s", Some(90 * S)), ("2d", Some(2 * D)), ("30", None), ("0", Some(0))],
    );
}

#[test]
fn pgbouncer_and_libpq() {
    table(
        Grammar::PgBouncer,
        Wanted::Duration,
        Unit::Second,
        &[
            ("15", Some(15 * S)),
            ("0.5", Some(S / 2)),
            ("1e2", Some(100 * S)),
            ("010", Some(10 * S)),
            ("0x10", Some(16 * S)),
            ("0x1p3", Some(8 * S)),
            ("0x", None),
            ("15s", None),
            ("", None),
        ],
    );
    table(
        Grammar::PgBouncer,
        Wanted::Int,
        Unit::Count,
        &[("20", Some(20)), ("020", Some(16)), ("0x20", Some(32)), ("20.5", None), ("20x", None)],
    );
    table(
        Grammar::PgBouncer,
        Wanted::Bool,
        Unit::Count,
        &[("1", Some(1)), ("0", Some(0)), ("2", Some(1)), ("-1", Some(1)), ("0x0", Some(0)), ("yes", None), ("", None)],
    );
    table(
        Grammar::Strtol,
        Wanted::Duration,
        Unit::Second,
        &[
            ("30", Some(30 * S)),
            ("010", Some(8 * S)),
            ("0x10", Some(16 * S)),
            ("1.5", None),
            ("1e1", None),
            ("5s", None),
        ],
    );
    table(Grammar::Libpq, Wanted::Bool, Unit::Count, &[(" 2 ", Some(1)), ("-1", Some(1)), ("0x1", None), ("on", None)]);
    table(
        Grammar::Libpq,
        Wanted::Duration,
        Unit::Second,
        &[(" 10 ", Some(10 * S)), ("-1", Some(-S)), ("010", Some(10 * S)), ("1.5", None), ("10s", None), ("1e1", None)],
    );
}

#[test]
fn human() {
    table(
        Grammar::Human,
        Wanted::Duration,
        Unit::Second,
        &[
            ("30 seconds", Some(30 * S)),
            ("5 Minutes", Some(5 * MIN)),
            ("1 hour 30 min", Some(90 * MIN)),
            ("30s", Some(30 * S)),
            ("0.5h", Some(30 * MIN)),
            ("00:00:30", Some(30 * S)),
            ("PT30S", Some(30 * S)),
            ("10_000ms", Some(10 * S)),
            ("30", Some(30 * S)),
            ("30 bananas", None),
            ("1h 30", Some(H + 30 * S)),
            ("30 1h", None),
        ],
    );
    table(Grammar::Human, Wanted::Duration, Unit::Count, &[("30", None), ("30 ms", Some(30 * MS))]);
    table(
        Grammar::Human,
        Wanted::Size,
        Unit::Byte,
        &[("64KB", Some(64 * KIB)), ("64 kib", Some(64 * KIB)), ("1.5G", Some(3 * GIB / 2)), ("2 bytes", Some(2))],
    );
    table(Grammar::Human, Wanted::Bool, Unit::Count, &[("Enabled", Some(1)), ("off", Some(0)), ("maybe", None)]);
    floats(Grammar::Human, &[("20%", Some(0.2)), ("20 %", Some(0.2)), ("1_000.5", Some(1000.5))]);
}

#[test]
fn time_span() {
    table(
        Grammar::TimeSpan,
        Wanted::Duration,
        Unit::Second,
        &[
            ("00:00:30", Some(30 * S)),
            ("1.12:00:00", Some(36 * H)),
            ("00:30", Some(30 * MIN)),
            ("-00:00:01.5", Some(-3 * S / 2)),
            ("00:00:00.0000001", Some(100)),
            ("30", Some(30 * D)),
            ("24:00:00", None),
            ("00:75:00", None),
            ("00:00", Some(0)),
            ("30s", None),
            ("1:2:3:4", None),
            ("a:b", None),
            ("999999999.00:00:00", None),
        ],
    );
}

#[test]
fn nginx_and_haproxy() {
    table(
        Grammar::Nginx,
        Wanted::Duration,
        Unit::Second,
        &[
            ("60", Some(60 * S)),
            ("1m 30s", Some(90 * S)),
            ("1h30m", Some(90 * MIN)),
            ("1M", None),
            ("500ms", Some(500 * MS)),
            ("30s 1m", None),
            ("1s1s", None),
            ("1.5s", None),
            ("-1", None),
            ("1min", None),
        ],
    );
    table(
        Grammar::Nginx,
        Wanted::Size,
        Unit::Byte,
        &[("10m", Some(10 * MIB)), ("8K", Some(8 * KIB)), ("10mb", None), ("1t", None)],
    );
    table(Grammar::Nginx, Wanted::Bool, Unit::Count, &[("on", Some(1)), ("true", None)]);
    table(
        Grammar::Haproxy,
        Wanted::Duration,
        Unit::Millisecond,
        &[("5000", Some(5 * S)), ("30s", Some(30 * S)), ("1m30s", None), ("30S", None), ("-5s", None)],
    );
    table(Grammar::Haproxy, Wanted::Size, Unit::Byte, &[("64k", Some(64 * KIB)), ("1x", None)]);
}

#[test]
fn other_products() {
    table(
        Grammar::Prometheus,
        Wanted::Duration,
        Unit::Count,
        &[("1h30m", Some(90 * MIN)), ("15d", Some(15 * D)), ("30m1h", None), ("1.5h", None), ("30", None)],
    );
    table(
        Grammar::Gep2257,
        Wanted::Duration,
        Unit::Count,
        &[
            ("1h30m", Some(90 * MIN)),
            ("500ms", Some(500 * MS)),
            ("0s", Some(0)),
            ("1.5s", None),
            ("500us", None),
            ("10", None),
            ("0", None),
            ("-1s", None),
            ("1d", None),
        ],
    );
    table(
        Grammar::Linkerd,
        Wanted::Duration,
        Unit::Count,
        &[
            ("500ms", Some(500 * MS)),
            ("1d", Some(D)),
            ("0", Some(0)),
            ("10", None),
            ("0.5s", None),
            ("1m30s", None),
            ("-5s", None),
        ],
    );
    table(Grammar::Protobuf, Wanted::Duration, Unit::Count, &[("0.25s", Some(250 * MS)), ("250ms", None), ("3", None)]);
    table(
        Grammar::Redis,
        Wanted::Size,
        Unit::Byte,
        &[("1k", Some(1000)), ("1kb", Some(1024)), ("1GB", Some(GIB)), ("64", Some(64))],
    );
    table(
        Grammar::Elasticsearch,
        Wanted::Duration,
        Unit::Count,
        &[("500micros", Some(500 * US)), ("30s", Some(30 * S)), ("30", None), ("0", Some(0))],
    );
    table(Grammar::Elasticsearch, Wanted::Size, Unit::Byte, &[("512mb", Some(512 * MIB)), ("1gb", Some(GIB))]);
}

#[test]
fn errors_say_where_and_what_to_write() {
    for (text, grammar, wanted, bare, at, message) in [
        (
            "30 sec",
            Grammar::Postgres,
            Wanted::Duration,
            Unit::Millisecond,
            3,
            "'sec' is not a unit here; write 's' (units: d, h, min, s, ms, us)",
        ),
        (
            "1m",
            Grammar::Postgres,
            Wanted::Duration,
            Unit::Second,
            1,
            "'m' is not a unit here; write 'min' (units: d, h, min, s, ms, us)",
        ),
        (
            "1Gi",
            Grammar::Postgres,
            Wanted::Size,
            Unit::Kilobyte,
            1,
            "'Gi' is not a unit here; write 'GB' (units: TB, GB, MB, kB, B)",
        ),
        ("30", Grammar::Go, Wanted::Duration, Unit::Count, 2, "the unit is missing; add one of h, m, s, ms, us, ns"),
        (
            "15s",
            Grammar::PgBouncer,
            Wanted::Duration,
            Unit::Second,
            2,
            "no unit is read here; write the bare number without 's'",
        ),
        (
            "1.5s",
            Grammar::Haproxy,
            Wanted::Duration,
            Unit::Millisecond,
            1,
            "only whole numbers are read here; use a smaller unit or round",
        ),
        (
            "128MB",
            Grammar::Kubernetes,
            Wanted::Size,
            Unit::Byte,
            3,
            "'MB' is not a unit here; write 'Mi' (units: Ei, Pi, Ti, Gi, Mi, Ki, E, P, T, G, M, k, m, u, n)",
        ),
        ("", Grammar::Plain, Wanted::Int, Unit::Count, 0, "the value is empty"),
        (
            "soon",
            Grammar::Go,
            Wanted::Duration,
            Unit::Count,
            0,
            "not a number; write numbers with units, such as 1m30s",
        ),
        (
            "10\u{1b}[31m",
            Grammar::Haproxy,
            Wanted::Duration,
            Unit::Millisecond,
            2,
            "'\\u{1b}[31m' does not belong to the value; remove it",
        ),
    ] {
        let error = parse(text, grammar, wanted, bare).expect_err(text);
        assert_eq!((error.at, error.to_string().as_str()), (at, message), "{text:?}");
    }
}

#[test]
fn printing_keeps_the_style() {
    use Quantity::{Bool, Duration, Float, Int, Size};
    for (quantity, grammar, bare, like, text) in [
        (Duration(30 * MIN), Grammar::Spring, Unit::Millisecond, Some("600000"), Some("1800000")),
        (Duration(30 * MIN), Grammar::Spring, Unit::Millisecond, Some("600s"), Some("1800s")),
        (Duration(30 * MIN), Grammar::Spring, Unit::Millisecond, Some("PT10M"), Some("PT30M")),
        (Duration(30 * MIN), Grammar::Spring, Unit::Millisecond, None, Some("30m")),
        (Duration(90 * S), Grammar::Postgres, Unit::Millisecond, Some("1min"), Some("90s")),
        (Duration(90 * S), Grammar::Postgres, Unit::Millisecond, Some("1 s"), Some("90 s")),
        (Duration(90 * S), Grammar::Postgres, Unit::Millisecond, Some("1.2min"), Some("1.5min")),
        (Duration(US), Grammar::Postgres, Unit::Millisecond, None, None),
        (Size(GIB), Grammar::Postgres, Unit::Block8k, Some("128MB"), Some("1024MB")),
        (Size(GIB), Grammar::Postgres, Unit::Block8k, Some("16384"), Some("131072")),
        (Size(GIB), Grammar::Kubernetes, Unit::Byte, Some("512Mi"), Some("1024Mi")),
        (Size(GIB), Grammar::Kubernetes, Unit::Byte, None, Some("1Gi")),
        (Size(64 * MIB), Grammar::Docker, Unit::Byte, Some("32MB"), Some("64MB")),
        (Duration(90 * S), Grammar::Go, Unit::Count, Some("1m"), Some("90s")),
        (Duration(0), Grammar::Go, Unit::Count, None, Some("0")),
        (Duration(500 * MS), Grammar::Protobuf, Unit::Count, Some("1s"), Some("0.5s")),
        (Duration(500 * MS), Grammar::PgBouncer, Unit::Second, Some("15"), Some("0.5")),
        (Duration(500 * MS), Grammar::Libpq, Unit::Second, Some("15"), None),
        (Duration(36 * H), Grammar::TimeSpan, Unit::Day, None, Some("1.12:00:00")),
        (Duration(5 * MIN), Grammar::Human, Unit::Second, Some("1 minute"), Some("5 minutes")),
        (Duration(MIN), Grammar::Human, Unit::Second, Some("5 minutes"), Some("1 minute")),
        (Duration(45 * S), Grammar::Human, Unit::Second, Some("00:00:30"), Some("00:00:45")),
        (Float(0.07), Grammar::Human, Unit::Count, Some("20 %"), Some("7 %")),
        (Float(0.5), Grammar::Kubernetes, Unit::Count, None, Some("0.5")),
        (Int(20_000), Grammar::Kubernetes, Unit::Count, None, Some("20000")),
        (Int(20), Grammar::PgBouncer, Unit::Count, Some("100"), Some("20")),
        (Bool(false), Grammar::Postgres, Unit::Count, Some("TRUE"), Some("FALSE")),
        (Bool(true), Grammar::Postgres, Unit::Count, None, Some("on")),
        (Bool(true), Grammar::Spring, Unit::Count, Some("No"), Some("Yes")),
        (Bool(true), Grammar::Nginx, Unit::Count, Some("false"), Some("on")),
    ] {
        let printed = print(quantity, grammar, bare, like);
        assert_eq!(printed.as_deref(), text, "{quantity:?} {grammar:?} like {like:?}");
    }
}

#[test]
fn units_are_named_as_serde_names_them() {
    for unit in [Unit::Nanosecond, Unit::Block8k, Unit::Kilobyte, Unit::MegabyteDecimal, Unit::Percent, Unit::Day] {
        let deserializer: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
            serde::de::IntoDeserializer::into_deserializer(unit.name());
        assert_eq!(Unit::deserialize(deserializer), Ok(unit));
    }
}

const GRAMMARS: [Grammar; 20] = [
    Grammar::Plain,
    Grammar::Postgres,
    Grammar::Go,
    Grammar::Gep2257,
    Grammar::Linkerd,
    Grammar::Spring,
    Grammar::Iso8601,
    Grammar::Kubernetes,
    Grammar::Docker,
    Grammar::PgBouncer,
    Grammar::Strtol,
    Grammar::Libpq,
    Grammar::Human,
    Grammar::TimeSpan,
    Grammar::Nginx,
    Grammar::Haproxy,
    Grammar::Prometheus,
    Grammar::Protobuf,
    Grammar::Redis,
    Grammar::Elasticsearch,
];

const WANTED: [Wanted; 5] = [Wanted::Duration, Wanted::Size, Wanted::Int, Wanted::Float, Wanted::Bool];

fn bare_unit(wanted: Wanted) -> impl Strategy<Value = Unit> {
    match wanted {
        Wanted::Duration => prop::sample::select(vec![Unit::Millisecond, Unit::Second, Unit::Minute, Unit::Count]),
        Wanted::Size => prop::sample::select(vec![Unit::Byte, Unit::Kilobyte, Unit::Megabyte, Unit::Block8k]),
        _ => prop::sample::select(vec![Unit::Count, Unit::Count, Unit::Percent, Unit::Second]),
    }
}

fn quantity(wanted: Wanted) -> BoxedStrategy<Quantity> {
    let round = prop_oneof![Just(1i64), Just(US), Just(MS), Just(S), Just(MIN), Just(KIB), Just(MIB), Just(GIB)];
    let number = prop_oneof![(-2_000_000i64..2_000_000, round).prop_map(|(n, unit)| n * unit), any::<i64>()];
    match wanted {
        Wanted::Duration => number.prop_map(Quantity::Duration).boxed(),
        Wanted::Size => number.prop_map(Quantity::Size).boxed(),
        Wanted::Int => number.prop_map(Quantity::Int).boxed(),
        Wanted::Float => any::<f64>().prop_map(Quantity::Float).boxed(),
        Wanted::Bool => any::<bool>().prop_map(Quantity::Bool).boxed(),
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-+]?[0-9_]{0,22}[.,:]?[0-9]{0,22}([eE][-+]?[0-9]{1,9})?[ ]{0,2}[a-zA-Zµ%]{0,4}",
        "[-+]?P?T?([0-9.:]{1,4} ?[a-zA-Z]{1,3} ?){1,4}",
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back_the_same(
        (wanted, quantity, bare) in prop::sample::select(WANTED.to_vec())
            .prop_flat_map(|wanted| (Just(wanted), quantity(wanted), bare_unit(wanted))),
        grammar in prop::sample::select(GRAMMARS.to_vec()),
        like in prop::option::of(text()),
    ) {
        if let Some(printed) = print(quantity, grammar, bare, like.as_deref()) {
            let parsed = parse(&printed, grammar, wanted, bare);
            prop_assert_eq!(parsed.map(|parsed| parsed.quantity), Ok(quantity), "{}", printed);
        }
    }

    #[test]
    fn whole_seconds_print_in_every_grammar_of_durations(
        seconds in 0i64..1_000_000,
        grammar in prop::sample::select(GRAMMARS.to_vec()),
    ) {
        let quantity = Quantity::Duration(seconds * S);
        let writes_durations = grammar != Grammar::Redis;
        prop_assert!(!writes_durations || print(quantity, grammar, Unit::Second, None).is_some());
    }

    #[test]
    fn no_text_panics_and_errors_point_into_it(
        text in text(),
        wanted in prop::sample::select(WANTED.to_vec()),
        grammar in prop::sample::select(GRAMMARS.to_vec()),
    ) {
        for bare in [Unit::Second, Unit::Block8k, Unit::Count] {
            if let Err(error) = parse(&text, grammar, wanted, bare) {
                prop_assert!(error.at <= text.len() && !error.to_string().contains('\n'));
            }
        }
    }

    #[test]
    fn no_text_panics_as_a_parameter(text in text(), at in 0usize..400) {
        if let Some(parameter) = super::postgres::parameters().iter().nth(at) {
            let _ = super::postgres::check(parameter, &text);
        }
    }
}
