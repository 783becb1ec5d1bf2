//! The order of the blocks, and which rounds count.

/// The order in which the servers of a round are measured: rotated by one from round to round, so that each server is
/// at each place once in as many rounds as there are servers; then the same backwards, so that each follows each.
pub(super) fn order(round: usize, servers: usize) -> Vec<usize> {
    if servers == 0 {
        return Vec::new();
    }
    let mut order: Vec<usize> = (0..servers).map(|place| (place + round) % servers).collect();
    if (round / servers) % 2 == 1 {
        order.reverse();
    }
    order
}

/// The most rounds that are discarded until caches are warm.
pub(super) const MOST_WARM_UPS: usize = 5;

/// Whether the caches are as warm as they get: no server misses much less than in the round before. Both lists hold the
/// misses of each server per transaction.
pub(super) fn is_warm(before: &[f64], now: &[f64]) -> bool {
    // within a fifth, or so few that it does not show
    before.iter().zip(now).all(|(before, now)| before - now <= (before * 0.2).max(0.05))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_is_at_each_place_once_and_follows_each() {
        for servers in 2..6 {
            for start in [0, servers] {
                for place in 0..servers {
                    let mut seen: Vec<usize> = (start..start + servers).map(|r| order(r, servers)[place]).collect();
                    seen.sort_unstable();
                    assert_eq!(seen, (0..servers).collect::<Vec<_>>());
                }
            }
        }
        assert_eq!(order(0, 3), [0, 1, 2]);
        assert_eq!(order(1, 3), [1, 2, 0]);
        assert_eq!(order(3, 3), [2, 1, 0]);
        assert!(order(3, 0).is_empty());
    }

    #[test]
    fn caches_are_warm_when_misses_no_longer_fall() {
        assert!(!is_warm(&[2.3, 2.2], &[2.3, 0.3]));
        assert!(is_warm(&[2.3, 0.3], &[2.2, 0.26]));
        // it may get worse while data grow
        assert!(is_warm(&[1.0], &[1.5]));
    }
}
