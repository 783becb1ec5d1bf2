//! The types of plain scalars in YAML 1.2's core schema.
//!
//! `yes`, `on` and `010` are what 1.1 and 1.2 readers disagree about: here they are text, text and an integer, and
//! [`ambiguous`] tells that others see something else.

use crate::syntax::ScalarType;

/// How YAML 1.2 types the plain scalar `text`.
pub fn scalar_type(text: &str) -> ScalarType {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ScalarType::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return ScalarType::Bool,
        ".nan" | ".NaN" | ".NAN" => return ScalarType::Float,
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return ScalarType::Text;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return ScalarType::Float;
    }
    let radix = |prefix: &str, digit: fn(u8) -> bool| {
        text.strip_prefix(prefix).is_some_and(|digits| !digits.is_empty() && digits.bytes().all(digit))
    };
    if all_digits(unsigned) || radix("0x", |b| b.is_ascii_hexdigit()) || radix("0o", |b| matches!(b, b'0'..=b'7')) {
        return ScalarType::Integer;
    }
    if is_float(unsigned) { ScalarType::Float } else { ScalarType::Text }
}

/// Whether readers of YAML 1.1 take the plain scalar `text` for something else than YAML 1.2 does.
pub fn ambiguous(text: &str) -> bool {
    if matches!(text.to_ascii_lowercase().as_str(), "y" | "n" | "yes" | "no" | "on" | "off" | "=" | "<<") {
        return true;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let octal = unsigned.len() > 1 && unsigned.starts_with('0') && all_digits(unsigned);
    let binary = unsigned.strip_prefix("0b").is_some_and(|digits| !digits.is_empty());
    let grouped = unsigned.contains('_') && unsigned.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-+".contains(&b));
    let sexagesimal = unsigned.contains(':') && unsigned.bytes().all(|b| b.is_ascii_digit() || b":._".contains(&b));
    let signed_radix = unsigned.len() < text.len() && (unsigned.starts_with("0x") || unsigned.starts_with("0o"));
    octal || binary || grouped || sexagesimal || signed_radix || is_date(text)
}

/// Whether some reader of YAML makes a whole number of the plain scalar `text`, other than of decimal digits alone:
/// `30_000`, `0x7d0`, `0b11`, and `30.0` where what stands behind the point is cut off.
pub fn spelled_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let radix = ["0x", "0o", "0b"].iter().any(|prefix| unsigned.starts_with(prefix));
    let digits = |b: u8| b.is_ascii_digit() || b == b'_' || (radix && b.is_ascii_alphanumeric());
    let spelled = unsigned.starts_with(|c: char| c.is_ascii_digit())
        && (radix || unsigned.contains('_'))
        && unsigned.bytes().all(digits);
    spelled || is_float(unsigned) && !all_digits(unsigned)
}

/// `2026-11-22`, with or without a time behind it.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let year = parts.next().is_some_and(|year| year.len() == 4 && all_digits(year));
    let month = parts.next().is_some_and(|month| matches!(month.len(), 1 | 2) && all_digits(month));
    year && month && parts.next().is_some_and(|day| day.starts_with(|c: char| c.is_ascii_digit()))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?` or the same with nothing before the point.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    if exponent.is_some_and(|exponent| !all_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))) {
        return false;
    }
    match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            (all_digits(whole) && (fraction.is_empty() || all_digits(fraction)))
                || (whole.is_empty() && all_digits(fraction))
        }
        None => all_digits(mantissa),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_schema_types_plain_scalars() {
        for (text, expected) in [
            ("", ScalarType::Null),
            ("~", ScalarType::Null),
            ("True", ScalarType::Bool),
            ("yes", ScalarType::Text),
            ("-12", ScalarType::Integer),
            ("010", ScalarType::Integer),
            ("0x1F", ScalarType::Integer),
            ("-0x1F", ScalarType::Text),
            ("0o17", ScalarType::Integer),
            ("1.", ScalarType::Float),
            (".5", ScalarType::Float),
            (".", ScalarType::Text),
            ("1e3", ScalarType::Float),
            ("1e", ScalarType::Text),
            ("-.inf", ScalarType::Float),
            (".nan", ScalarType::Float),
            ("30s", ScalarType::Text),
            ("1.2.3", ScalarType::Text),
            ("-", ScalarType::Text),
        ] {
            assert_eq!(scalar_type(text), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_in_other_spellings_are_told() {
        for text in ["30_000", "0x7D0", "0o17", "0b11", "-1_0", "1.5", "-3e2"] {
            assert!(spelled_number(text), "{text:?}");
        }
        for text in ["30000", "-5", "30_000ms", "_1", "0.5_0", "", "30s"] {
            assert!(!spelled_number(text), "{text:?}");
        }
    }

    #[test]
    fn what_yaml_1_1_reads_otherwise_is_ambiguous() {
        for text in ["yes", "Off", "n", "010", "1:30", "190:20:30", "1_000", "0b11", "2026-11-22", "<<", "+0x1f"] {
            assert!(ambiguous(text), "{text:?}");
        }
        for text in ["yes please", "10", "0", "1.5", "30s", "host:5432", "1.2.3", "a_b", "true", "postgres:16"] {
            assert!(!ambiguous(text), "{text:?}");
        }
    }
}
