//! The text of one comment: `trueup: ignore[rule-a, rule-b] until=2027-01-31 reason`.

use std::ops::Range;

use super::{Date, Until};
use crate::model::{Name, nearest};
use crate::syntax::Span;

/// What a comment must begin with to be one of ours.
pub(super) const MARK: &str = "trueup:";

/// Why a comment that is meant as a suppression silences nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The word behind the mark is nearly one that is known.
    Word {
        /// As written.
        found: Name,
        /// What was meant.
        meant: &'static str,
    },
    /// It names no rule.
    NoRule,
    /// The bracket is not closed.
    Unclosed,
    /// Its last day is no day.
    Date {
        /// As written.
        found: Name,
    },
}

impl Fault {
    /// What is wrong, in one line.
    pub fn message(&self) -> String {
        match self {
            Fault::Word { found, meant } => format!("'{found}' silences nothing; did you mean '{meant}'?"),
            Fault::NoRule => "this silences nothing: it names no rule".into(),
            Fault::Unclosed => "this silences nothing: the list of rules has no ']'".into(),
            Fault::Date { found } => format!("this silences nothing: '{found}' is no date"),
        }
    }

    /// What to write instead.
    pub fn cure(&self) -> &'static str {
        match self {
            Fault::Word { .. } | Fault::NoRule | Fault::Unclosed => "write 'trueup: ignore[rule-id] reason'",
            Fault::Date { .. } => "write a day that exists, as 'until=2027-01-31'",
        }
    }
}

/// A rule as a comment names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRule<P> {
    /// As written.
    pub name: Name,
    /// Where.
    pub place: P,
}

/// How far a comment wants to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// `ignore`: where it stands.
    Here,
    /// `ignore-file`: the whole text.
    File,
}

/// A comment as understood; places are ranges of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) scope: Scope,
    pub(super) rules: Vec<NamedRule<Range<usize>>>,
    pub(super) until: Option<Until>,
    pub(super) reason: Option<Name>,
    pub(super) fault: Option<Fault>,
}

/// The words behind the mark.
const WORDS: [&str; 2] = ["ignore", "ignore-file"];

/// Reads a comment, its marker included; `None` for one that has nothing to do with suppressions.
pub(super) fn read(comment: &str) -> Option<Directive> {
    let marker = ["#", "//", "/*", "--", ";", "!"].into_iter().find(|marker| comment.starts_with(marker))?;
    let body = comment.trim_start_matches(&marker[..1]).trim_start_matches('*').trim_start();
    let rest = body.strip_prefix(MARK)?.trim_start();
    let rest = if marker == "/*" { rest.trim_end().trim_end_matches("*/") } else { rest };
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let (word, behind) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
    let scope = match word {
        "ignore" => Scope::Here,
        "ignore-file" => Scope::File,
        // a sentence about trueup is no suppression, a slip of the pen is
        _ => {
            let meant = WORDS.into_iter().find(|known| nearest(word, WORDS) == Some(known))?;
            return Some(Directive::faulty(Fault::Word { found: word.into(), meant }));
        }
    };
    let Some(list) = behind.trim_start().strip_prefix('[') else {
        return Some(Directive { scope, ..Directive::faulty(Fault::NoRule) });
    };
    let Some((list, behind)) = list.split_once(']') else {
        return Some(Directive { scope, ..Directive::faulty(Fault::Unclosed) });
    };
    let offset = |part: &str| part.as_ptr() as usize - comment.as_ptr() as usize; // both are of one text
    let rules: Vec<NamedRule<Range<usize>>> = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| NamedRule { name: name.into(), place: offset(name)..offset(name) + name.len() })
        .collect();
    let mut fault = rules.is_empty().then_some(Fault::NoRule);
    let mut until = None;
    let mut words: Vec<&str> = behind.split_whitespace().collect();
    if let Some(at) = words.iter().position(|word| word.starts_with("until=")) {
        let text = words.remove(at).trim_start_matches("until=");
        match text.parse::<Date>() {
            Ok(date) => until = Some(Until { date, text: text.into() }),
            Err(()) => fault = fault.or(Some(Fault::Date { found: text.into() })),
        }
    }
    let reason = (!words.is_empty()).then(|| words.join(" ").into());
    Some(Directive { scope, rules, until, reason, fault })
}

/// A rule in the list of a comment, which stands at `rule` in `text`, with the comma that goes with it; `None` where it is
/// the only one.
pub fn item(text: &str, rule: Span) -> Option<Span> {
    let (before, behind) = (text.get(..rule.start as usize)?, text.get(rule.end as usize..)?);
    if let Some(rest) = behind.trim_start_matches(' ').strip_prefix(',') {
        return Some(Span::new(rule.start as usize, text.len() - rest.trim_start_matches(' ').len()));
    }
    let rest = before.trim_end_matches(' ').strip_suffix(',')?;
    Some(Span::new(rest.trim_end_matches(' ').len(), rule.end as usize))
}

impl Directive {
    fn faulty(fault: Fault) -> Directive {
        Directive { scope: Scope::Here, rules: Vec::new(), until: None, reason: None, fault: Some(fault) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(comment: &str) -> Vec<String> {
        let directive = read(comment).expect("a suppression");
        assert_eq!(directive.fault, None, "{comment}");
        for rule in &directive.rules {
            assert_eq!(&comment[rule.place.clone()], &*rule.name);
        }
        directive.rules.iter().map(|rule| rule.name.to_string()).collect()
    }

    #[test]
    fn every_marker_is_read() {
        for comment in [
            "# trueup: ignore[a-b, c]",
            "#trueup:ignore[a-b,c] why",
            "## trueup: ignore [ a-b , c ] why",
            "; trueup: ignore[a-b, c]",
            "! trueup: ignore[a-b, c]",
            "// trueup: ignore-file[a-b, c] why",
            "/* trueup: ignore[a-b, c] why */",
        ] {
            assert_eq!(names(comment), ["a-b", "c"], "{comment}");
        }
    }

    #[test]
    fn date_and_reason_stand_behind_the_rules() {
        let directive = read("# trueup: ignore[a] until=2027-01-31 see  TICKET-1: load test").expect("a suppression");
        assert_eq!(directive.until.map(|until| until.text.to_string()), Some("2027-01-31".into()));
        assert_eq!(directive.reason.as_deref(), Some("see TICKET-1: load test"));
        assert_eq!(read("/* trueup: ignore[a] why */").expect("a suppression").reason.as_deref(), Some("why"));
        assert_eq!(read("# trueup: ignore[a]").expect("a suppression").reason, None);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (comment, message) in [
            ("# trueup: ignore", "this silences nothing: it names no rule"),
            ("# trueup: ignore everything", "this silences nothing: it names no rule"),
            ("# trueup: ignore[]", "this silences nothing: it names no rule"),
            ("# trueup: ignore[a", "this silences nothing: the list of rules has no ']'"),
            ("# trueup: ignore[a] until=2027-02-30", "this silences nothing: '2027-02-30' is no date"),
            ("# trueup: ingore[a]", "'ingore' silences nothing; did you mean 'ignore'?"),
            ("# trueup: ignore_file[a]", "'ignore_file' silences nothing; did you mean 'ignore-file'?"),
        ] {
            assert_eq!(read(comment).and_then(|it| it.fault).map(|it| it.message()).as_deref(), Some(message));
        }
    }

    #[test]
    fn other_comments_are_none() {
        for comment in
            ["# a pool", "# trueup: a linter", "# see trueup: ignore[a]", "#", "# trueup", "trueup: ignore[a]"]
        {
            assert_eq!(read(comment), None, "{comment}");
        }
    }
}
