//! The pools of a server's clients, and how large they may be.

use super::Plan;
use super::recipe::recipe;

/// The pools that open a server's connections.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pools {
    /// The most connections that they may open together.
    pub(super) together: i64,
    /// The connections that the server keeps for others.
    pub(super) reserved: i64,
    /// The size of each, with its place.
    pub(super) sizes: Vec<(String, i64)>,
}

impl Pools {
    /// How large they may be, where a plan has fewer connections than they may open: each in proportion, rounded down, so
    /// that their sum fits.
    pub fn fitting(&self, plan: &Plan) -> Option<String> {
        let most: i64 = plan.value(&recipe().ok()?.bounded_by)?.parse().ok()?;
        let there = (most - self.reserved).max(1);
        if self.together <= there || self.sizes.is_empty() {
            return None;
        }
        let fits = |size: i64| (i128::from(size) * i128::from(there) / i128::from(self.together)).max(1);
        let mut sizes: Vec<String> = Vec::new();
        for (place, size) in self.sizes.iter().filter(|(_, size)| *size > 1) {
            let one = format!("{place}: {} instead of {size}", fits(*size));
            if !sizes.contains(&one) {
                sizes.push(one);
            }
        }
        let together = self.together;
        (!sizes.is_empty()).then(|| {
            format!("The clients' pools may open {together} connections, and {there} are there for them. Pools that fit: {}.", sizes.join(", "))
        })
    }
}
