//! Which day it is, for suppressions that end.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::suppress::Date;

/// The day in UTC; that of `SOURCE_DATE_EPOCH`, in seconds, where a run is to be repeatable.
pub(super) fn today() -> Date {
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    let seconds = given.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs()));
    Date::of_epoch(seconds)
}
