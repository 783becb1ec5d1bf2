//! The known word a misspelt one was meant to be.
//!
//! ```
//! use trueup::workspace::nearest;
//! assert_eq!(nearest("selct", ["select", "ignore"]), Some("select"));
//! assert_eq!(nearest("zebra", ["select", "ignore"]), None);
//! ```

/// Longer words are compared by their first characters only, which bounds the work.
const LONGEST: usize = 80;

/// The candidate closest to `word`, if one is close: at most a third of its characters differ. The first of equals wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = letters(word);
    let allowed = (word.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &letters(candidate)), candidate))
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

fn letters(word: &str) -> Vec<char> {
    word.chars().take(LONGEST).flat_map(char::to_lowercase).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && *x == b[j - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()] // every row has one cell more than `b` has letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_edits() {
        for (a, b, edits) in [("", "ab", 2), ("ab", "ba", 1), ("kitten", "sitting", 3), ("same", "same", 0)] {
            assert_eq!(distance(&letters(a), &letters(b)), edits, "{a} {b}");
        }
    }

    #[test]
    fn a_short_word_may_differ_by_one() {
        assert_eq!(nearest("bb", ["ab"]), Some("ab"));
        assert_eq!(nearest("xy", ["ab"]), None);
    }
}
