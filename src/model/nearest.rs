//! "Did you mean …?": the known word closest to a mistyped one.

/// Words longer than this are not compared: nobody mistypes them, and the comparison is quadratic.
const LONGEST: usize = 64;

/// The candidate closest to `word`, ignoring case, if it is close enough to be meant: at most a third of the letters wrong.
/// Of several equally close, the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = letters(word)?;
    let mut best = None;
    let mut limit = (word.len() / 3).max(1);
    for candidate in candidates {
        let Some(letters) = letters(candidate) else { continue };
        if letters.len().abs_diff(word.len()) > limit {
            continue;
        }
        let distance = distance(&word, &letters);
        if distance <= limit {
            best = Some(candidate);
            if distance == 0 {
                break;
            }
            limit = distance - 1; // only a strictly closer one replaces it
        }
    }
    best
}

/// The letters of a word in lower case, unless there are too many.
fn letters(word: &str) -> Option<Vec<char>> {
    (word.len() <= LONGEST).then(|| word.chars().map(|letter| letter.to_ascii_lowercase()).collect())
}

/// How many letters to insert, delete, replace or swap with their neighbour to get from one word to the other.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last = vec![0; to.len() + 1];
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut row = last.clone();
    for (i, a) in from.iter().enumerate() {
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = last[j] + usize::from(a != b);
            let mut cost = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                cost = cost.min(before_last[j - 1] + 1);
            }
            row[j + 1] = cost;
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_word_is_found_and_a_strange_one_is_not() {
        let known = ["max_size", "min_size", "max_lifetime", "jitter"];
        for (word, expected) in [
            ("max_lifetme", Some("max_lifetime")),
            ("maxsize", Some("max_size")),
            ("Max_Size", Some("max_size")),
            ("jittre", Some("jitter")),
            ("mix_size", Some("max_size")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
    }

    #[test]
    fn distances() {
        for (from, to, expected) in [("", "abc", 3), ("abc", "acb", 1), ("kitten", "sitting", 3), ("ab", "ab", 0)] {
            let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
            assert_eq!(distance(&from, &to), expected);
            assert_eq!(distance(&to, &from), expected);
        }
    }
}
