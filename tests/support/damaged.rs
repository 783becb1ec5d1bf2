//! A text with one or two places of damage.

use super::random::Random;

/// Puts one of `pieces` somewhere into `seed`, which is ASCII, or takes a character out, once or twice.
pub(crate) fn damaged(random: &mut Random, seed: &str, pieces: &[&str]) -> String {
    let mut text = seed.to_owned();
    for _ in 0..1 + random.below(2) {
        let at = random.below(text.len());
        match random.below(3) {
            0 | 1 => text.insert_str(at, pieces[random.below(pieces.len())]),
            _ => {
                text.remove(at);
            }
        }
    }
    text
}
