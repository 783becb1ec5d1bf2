//! Keys as words: `maxPoolSize`, `max_pool_size`, `MAX-POOL-SIZE` are all `max pool size`.

use crate::quantity::Unit;

/// The lower-case words of a key: split at case, digits kept with their word, punctuation dropped.
pub(crate) fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    any_word(key, |word| {
        words.push(word.to_string());
        false
    });
    words
}

/// Whether `is` says so of one of the words of a key.
pub(crate) fn any_word(key: &str, mut is: impl FnMut(&str) -> bool) -> bool {
    let mut word = String::with_capacity(key.len().min(128));
    let mut chars = key.chars().take(128).peekable();
    let mut before: Option<char> = None;
    while let Some(c) = chars.next() {
        let last = before.replace(c);
        if !c.is_alphanumeric() {
            if !word.is_empty() && is(&word) {
                return true;
            }
            word.clear();
            continue;
        }
        // `poolSize`, and the last capital of `HTTPTimeout`
        let hump = c.is_uppercase()
            && last.is_some_and(|last| {
                last.is_lowercase()
                    || last.is_ascii_digit()
                    || (last.is_uppercase() && chars.peek().is_some_and(|after| after.is_lowercase()))
            });
        if hump && !word.is_empty() {
            if is(&word) {
                return true;
            }
            word.clear();
        }
        match c.is_ascii() {
            true => word.push(c.to_ascii_lowercase()),
            false => word.extend(c.to_lowercase()),
        }
    }
    !word.is_empty() && is(&word)
}

/// A key as a phrase, its unit apart: `poolTimeoutMs` is `pool timeout` in milliseconds.
pub fn phrase(key: &str) -> (String, Option<Unit>) {
    let words = words(key);
    let (unit, taken) = unit(&words).map_or((None, 0), |(unit, taken)| (Some(unit), taken));
    (words[..words.len() - taken].join(" "), unit) // a unit takes at most all words
}

/// A unit at the end of a key, and how many words it takes: `timeout ms`, `timeout in seconds`.
pub(crate) fn unit(words: &[String]) -> Option<(Unit, usize)> {
    let last = words.last()?;
    let unit = match last.as_str() {
        "ns" | "nanos" | "nanoseconds" | "nsec" => Unit::Nanosecond,
        "us" | "micros" | "microseconds" | "usec" => Unit::Microsecond,
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => Unit::Millisecond,
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Second,
        "mins" | "minute" | "minutes" => Unit::Minute,
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Hour,
        "day" | "days" => Unit::Day,
        "bytes" | "byte" => Unit::Byte,
        "kb" | "kib" | "kilobytes" => Unit::Kilobyte,
        "mb" | "mib" | "megabytes" => Unit::Megabyte,
        "gb" | "gib" | "gigabytes" => Unit::Gigabyte,
        _ => return None,
    };
    let taken = if words.len() > 2 && words[words.len() - 2] == "in" { 2 } else { 1 };
    (words.len() > taken).then_some((unit, taken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_key_are_the_same_words() {
        for key in ["maxPoolSize", "max_pool_size", "MAX-POOL-SIZE", "max.pool.size", "MaxPoolSize"] {
            assert_eq!(words(key).join(" "), "max pool size", "{key}");
        }
        assert_eq!(words("HTTPTimeoutMs").join(" "), "http timeout ms");
        assert_eq!(words("topK").join(" "), "top k");
        assert_eq!(words("p99Latency").join(" "), "p99 latency");
    }

    #[test]
    fn a_unit_ends_a_key() {
        assert_eq!(unit(&words("timeoutMs")), Some((Unit::Millisecond, 1)));
        assert_eq!(unit(&words("timeout_in_seconds")), Some((Unit::Second, 2)));
        assert_eq!(unit(&words("seconds")), None);
        assert_eq!(unit(&words("timeout_min")), None);
    }
}
