//! Switches: which words mean on and off, per grammar.

use super::Grammar;
use super::error::{ErrorKind, QuantityError};

/// The words of a grammar's switches.
struct Words {
    /// Pairs of on and off; the first is the one to write.
    pairs: &'static [(&'static str, &'static str)],
    case: Case,
    known: &'static str,
}

#[derive(PartialEq)]
enum Case {
    Exact,
    Ignored,
    /// `true`, `True`, `TRUE`: one of the three usual ways.
    Usual,
}

fn words(grammar: Grammar) -> Words {
    const TRUE: (&str, &str) = ("true", "false");
    const ON: (&str, &str) = ("on", "off");
    const YES: (&str, &str) = ("yes", "no");
    const ONE: (&str, &str) = ("1", "0");
    const ENABLED: (&str, &str) = ("enabled", "disabled");
    match grammar {
        Grammar::Go => Words { pairs: &[TRUE, ONE, ("t", "f"), ("T", "F")], case: Case::Usual, known: "true or false" },
        Grammar::Spring => Words { pairs: &[TRUE, ON, YES, ONE], case: Case::Ignored, known: "true or false" },
        Grammar::Human => Words { pairs: &[TRUE, ON, YES, ONE, ENABLED], case: Case::Ignored, known: "true or false" },
        Grammar::TimeSpan => Words { pairs: &[TRUE], case: Case::Ignored, known: "true or false" },
        Grammar::PgBouncer | Grammar::Strtol | Grammar::Libpq => {
            Words { pairs: &[ONE], case: Case::Exact, known: "1 or 0" }
        }
        Grammar::Nginx | Grammar::Haproxy => Words { pairs: &[ON], case: Case::Ignored, known: "on or off" },
        Grammar::Redis => Words { pairs: &[YES], case: Case::Ignored, known: "yes or no" },
        _ => Words { pairs: &[TRUE], case: Case::Usual, known: "true or false" },
    }
}

/// Reads a switch.
pub(super) fn parse(text: &str, grammar: Grammar) -> Result<bool, QuantityError> {
    let words = words(grammar);
    let word = text.trim();
    if word.is_empty() {
        return Err(QuantityError::new(ErrorKind::Empty, 0));
    }
    let usual = [word.to_ascii_lowercase(), word.to_ascii_uppercase(), title(word)].iter().any(|it| it == word);
    let is = |known: &str| match words.case {
        Case::Exact => word == known,
        Case::Ignored => word.eq_ignore_ascii_case(known),
        Case::Usual => usual && word.eq_ignore_ascii_case(known),
    };
    for (on, off) in words.pairs {
        if is(on) {
            return Ok(true);
        }
        if is(off) {
            return Ok(false);
        }
    }
    let at = text.len() - text.trim_start().len();
    Err(QuantityError::new(ErrorKind::NotABool { known: words.known }, at))
}

/// Writes a switch, with the words and the case of `like` where those are known.
pub(super) fn print(value: bool, grammar: Grammar, like: Option<&str>) -> String {
    const PAIRS: [(&str, &str); 6] =
        [("true", "false"), ("on", "off"), ("yes", "no"), ("1", "0"), ("t", "f"), ("enabled", "disabled")];
    let like = like.map(str::trim).unwrap_or_default();
    let alike = |(on, off): &&(&str, &str)| like.eq_ignore_ascii_case(on) || like.eq_ignore_ascii_case(off);
    let default = if grammar == Grammar::Postgres { ("on", "off") } else { words(grammar).pairs[0] };
    let (on, off) = PAIRS.iter().find(alike).copied().unwrap_or(default);
    let word = if value { on } else { off };
    let has_lower = like.contains(|c: char| c.is_ascii_lowercase());
    match like.chars().next() {
        Some(first) if first.is_ascii_uppercase() && has_lower => title(word),
        Some(first) if first.is_ascii_uppercase() => word.to_ascii_uppercase(),
        _ => word.to_owned(),
    }
}

fn title(word: &str) -> String {
    let mut title = word.to_ascii_lowercase();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}
