//! Suppressions: comments that silence findings of a rule at a place.
//!
//! ```text
//! # trueup: ignore[pool-too-large] until=2027-01-31 load test of the new shop
//! # trueup: ignore-file[no-statement-timeout, slow-log-off] a throwaway database
//! ```
//!
//! Comments are read with their file and know what they reach; what the rules found is then matched with them. What is
//! to be said of the suppressions themselves (unused, expired, not understood) is judged by pages like everything
//! else: each rule that a suppression names becomes a resource of the kind `suppression`.

mod comment;
mod date;
mod directive;
mod matching;
mod resource;
mod write;

pub use comment::{Comment, Reach, ReachKind, read};
pub use date::Date;
pub use directive::{Fault, NamedRule, item};
pub use matching::{Run, Suppressed};
pub use write::{Added, Refused, Wanted, add};

use crate::model::{Finding, Model, Name};

/// The kind of resource that a suppression is judged as.
pub const KIND: &str = "suppression";

/// The last day of a suppression, as written and as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Until {
    /// The day.
    pub date: Date,
    /// As written.
    pub text: Name,
}

/// Takes from `findings` those that comments silence. The model is what is to be judged of the comments themselves.
pub fn apply(run: &Run<'_>, comments: &[Comment], findings: &mut Vec<Finding>) -> (Vec<Suppressed>, Model) {
    let (suppressed, named) = matching::silence(run, comments, findings);
    (suppressed, resource::model(run.knowledge, comments, &named))
}
