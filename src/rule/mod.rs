//! Resources in, findings out: every page compiled once, judged on every resource of its kind.

mod compile;
mod judge;

pub use compile::{Case, Rule, RuleSet};
pub use judge::{Facts, Judgement, judge};
