//! The texts that stand for values: escapes, durations in Go's spelling, quantities in Kubernetes'.

use std::ops::Range;

/// `text` with its escape sequences resolved, or the bytes of one that is none.
pub(super) fn unescape(text: &str) -> Result<String, Range<usize>> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let start = text.len() - escape.len() - 1;
        let letter = escape.chars().next().ok_or(start..text.len())?;
        let width = letter.len_utf8();
        let wrong = start..start + 1 + width;
        let (symbol, length) = match letter {
            'a' => ('\u{7}', 1),
            'b' => ('\u{8}', 1),
            'f' => ('\u{c}', 1),
            'n' => ('\n', 1),
            'r' => ('\r', 1),
            't' => ('\t', 1),
            'v' => ('\u{b}', 1),
            '\\' | '?' | '"' | '\'' | '`' => (letter, 1),
            'x' | 'X' => (code_point(escape, 1, 2, 16).ok_or(wrong)?, 3),
            'u' => (code_point(escape, 1, 4, 16).ok_or(wrong)?, 5),
            'U' => (code_point(escape, 1, 8, 16).ok_or(wrong)?, 9),
            '0'..='3' => (code_point(escape, 0, 3, 8).ok_or(wrong)?, 3),
            _ => return Err(wrong),
        };
        result.push(symbol);
        rest = &escape[length..];
    }
    result.push_str(rest);
    Ok(result)
}

/// The character whose number is the `digits` digits of `text` from `start` on.
fn code_point(text: &str, start: usize, digits: usize, base: u32) -> Option<char> {
    let digits = text.get(start..start + digits)?;
    // from_str_radix takes a sign, an escape does not
    if !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    char::from_u32(u32::from_str_radix(digits, base).ok()?)
}

/// Nanoseconds of `1h30m`, `250ms`, `-1.5s`, `0`; nanosecond fractions are dropped.
pub(super) fn duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = sign(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let number = Decimal::read(&mut rest)?;
        let letters = rest.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(rest.len());
        let (unit, after) = rest.split_at(letters);
        let nanos: i128 = match unit {
            "h" => 3_600_000_000_000,
            "m" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" | "µs" | "μs" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        total = total.checked_add(number.times(nanos)?.0)?;
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// Bytes of `64Mi`, `1.5Gi`, `500M`, `1e3`; only whole numbers of bytes.
pub(super) fn quantity(text: &str) -> Option<i64> {
    let (negative, mut rest) = sign(text);
    let number = Decimal::read(&mut rest)?;
    let factor: i128 = match rest {
        "" => 1,
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        "P" => 1_000_000_000_000_000,
        "E" => 1_000_000_000_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        "Pi" => 1 << 50,
        "Ei" => 1 << 60,
        exponent => {
            let exponent: u32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            10i128.checked_pow(exponent).filter(|factor| *factor <= 1_000_000_000_000_000_000)?
        }
    };
    let (bytes, exact) = number.times(factor)?;
    if !exact {
        return None;
    }
    i64::try_from(if negative { -bytes } else { bytes }).ok()
}

/// Whether `text` begins with a minus, and what follows the sign.
fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A number with a decimal point, exactly: `digits / scale`.
struct Decimal {
    digits: i128,
    scale: i128,
}

impl Decimal {
    /// Takes `12`, `1.5`, `.5` or `1.` from the front of `text`; at most 19 digits.
    fn read(text: &mut &str) -> Option<Decimal> {
        let mut number = Decimal { digits: 0, scale: 1 };
        let mut count = 0;
        let mut point = false;
        let mut length = 0;
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    count += 1;
                    number.digits = number.digits * 10 + i128::from(byte - b'0');
                    if point {
                        number.scale *= 10;
                    }
                }
                b'.' if !point => point = true,
                _ => break,
            }
            if count > 19 {
                return None; // more than an i64 holds; and the products below stay in range
            }
            length += 1;
        }
        *text = text.get(length..)?;
        (count > 0).then_some(number)
    }

    /// This many times `unit`, without the fraction, and whether there was none.
    fn times(&self, unit: i128) -> Option<(i128, bool)> {
        let product = self.digits.checked_mul(unit)?;
        Some((product / self.scale, product % self.scale == 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, nanos) in [
            ("0", Some(0)),
            ("30s", Some(30_000_000_000)),
            ("1h30m", Some(5_400_000_000_000)),
            ("-1.5s", Some(-1_500_000_000)),
            (".5ms", Some(500_000)),
            ("1.9ns", Some(1)),
            ("250µs", Some(250_000)),
            ("", None),
            ("-", None),
            ("30", None),
            ("s", None),
            ("1s ", None),
            ("1d", None),
            ("9999999999h", None),
            ("99999999999999999999999999h", None),
        ] {
            assert_eq!(duration(text), nanos, "{text}");
        }
    }

    #[test]
    fn quantities() {
        for (text, bytes) in [
            ("64Mi", Some(64 << 20)),
            ("1.5Gi", Some(3 << 29)),
            ("500M", Some(500_000_000)),
            ("1e3", Some(1000)),
            ("2E", Some(2_000_000_000_000_000_000)),
            ("128974848", Some(128_974_848)),
            ("-1Ki", Some(-1024)),
            ("8Ei", None),
            ("0.1Ki", None),
            ("100m", None),
            ("1e99999999999", None),
            ("1e-3", None),
            ("64mb", None),
            ("64 Mi", None),
            ("", None),
            (".", None),
        ] {
            assert_eq!(quantity(text), bytes, "{text}");
        }
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape(r#"a\tb\\\"\x41\u00e9\U0001F600\101"#).as_deref(), Ok("a\tb\\\"Aé😀A"));
        for wrong in [r"\q", r"\x4", r"\u+041", r"\ud800", r"\U00110000", r"\9", r"\08", "\\", "\\é"] {
            assert!(unescape(wrong).is_err(), "{wrong}");
        }
    }
}
