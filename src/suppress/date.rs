//! A day of the calendar, without time and zone: the last day on which a suppression holds.

use std::fmt;
use std::str::FromStr;

/// A day, as `2027-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Seconds in a day.
const DAY: u64 = 86_400;

impl Date {
    /// The day, in UTC, that holds the second `seconds` after the beginning of 1970; the last day there is for one
    /// beyond the year 9999.
    pub fn of_epoch(seconds: u64) -> Date {
        let mut left = seconds / DAY;
        let mut year = 1970;
        while left >= days_in_year(year) {
            left -= days_in_year(year);
            year += 1;
            if year > 9999 {
                return Date { year: 9999, month: 12, day: 31 };
            }
        }
        let mut month = 1;
        while left >= u64::from(days_in_month(year, month)) {
            left -= u64::from(days_in_month(year, month));
            month += 1;
        }
        Date { year, month, day: left as u8 + 1 } // less than the days of a month
    }
}

impl FromStr for Date {
    type Err = ();

    /// Reads `YYYY-MM-DD`, and only a day that exists.
    fn from_str(text: &str) -> Result<Date, ()> {
        let digits = |part: &str, length: usize| {
            let fits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
            if fits { part.parse::<u16>().map_err(|_| ()) } else { Err(()) }
        };
        let mut parts = text.split('-');
        let mut part = |length| digits(parts.next().unwrap_or(""), length);
        let (year, month, day) = (part(4)?, part(2)? as u8, part(2)? as u8); // two digits fit
        let exists = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
        if exists && parts.next().is_none() { Ok(Date { year, month, day }) } else { Err(()) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in_year(year: u16) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_read() {
        for text in ["2027-01-31", "2024-02-29", "2000-02-29", "1970-01-01"] {
            assert_eq!(text.parse::<Date>().map(|date| date.to_string()), Ok(text.to_owned()));
        }
        for text in
            ["2027-02-29", "1900-02-29", "2027-13-01", "2027-00-10", "2027-1-31", "27-01-31", "2027-01-31x", "soon", ""]
        {
            assert_eq!(text.parse::<Date>(), Err(()), "{text}");
        }
    }

    #[test]
    fn days_are_counted_from_the_epoch() {
        for (seconds, date) in [
            (0, "1970-01-01"),
            (DAY - 1, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_798_675_199, "2026-12-30"),
            (u64::MAX, "9999-12-31"),
        ] {
            assert_eq!(Date::of_epoch(seconds).to_string(), date, "{seconds}");
        }
    }
}
