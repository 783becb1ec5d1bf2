//! What stands around a statement in its script: an open transaction block, and what the server is told afterwards.
//!
//! ```text
//! BEGIN; ALTER SYSTEM …; COMMIT;                    inside a transaction block, where the server refuses it
//! ALTER SYSTEM …; SELECT pg_reload_conf();          the server reads its files afterwards, and is not started anew
//! ```

use super::lexer::{Kind, Token};

/// What stands around one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Around {
    /// Nothing that matters.
    Nothing,
    /// A transaction block that the script itself has begun.
    Transaction,
    /// The script has the server read its files afterwards, and says nothing of starting it anew.
    Reload,
}

/// What stands around each of the statements of a script.
pub(super) fn around(text: &str, statements: &[&[Token]]) -> Vec<Around> {
    let reload = statements.iter().rposition(|statement| reloads(text, statement));
    let reload = reload.filter(|_| !mentions(text, "restart"));
    let mut open = false;
    let place = |(index, statement): (usize, &&[Token])| {
        open = match transaction(text, statement) {
            Some(Boundary::Begins) => true,
            Some(Boundary::Ends) => false,
            None => open,
        };
        match reload {
            _ if open => Around::Transaction,
            Some(reload) if index < reload => Around::Reload,
            _ => Around::Nothing,
        }
    };
    statements.iter().enumerate().map(place).collect()
}

/// What a statement does to transaction blocks.
enum Boundary {
    Begins,
    Ends,
}

/// <https://www.postgresql.org/docs/current/sql-begin.html> and the pages it leads to.
fn transaction(text: &str, statement: &[Token]) -> Option<Boundary> {
    let is = |at: usize, words: &[&str]| {
        let token = statement.get(at).filter(|token| token.kind == Kind::Word);
        token.is_some_and(|token| words.iter().any(|word| token.span.slice(text).eq_ignore_ascii_case(word)))
    };
    let begins = is(0, &["begin"])
        && (statement.len() == 1 || is(1, &["work", "transaction", "isolation", "read", "deferrable", "not"]))
        || is(0, &["start"]) && is(1, &["transaction"]);
    if begins {
        return Some(Boundary::Begins);
    }
    let ends = is(0, &["commit", "end", "rollback", "abort"])
        && !is(1, &["prepared", "to"])
        && !(is(1, &["work", "transaction"]) && is(2, &["to"]))
        || is(0, &["prepare"]) && is(1, &["transaction"]);
    // AND CHAIN begins the next one at once
    let at = statement.len().wrapping_sub(2);
    let goes_on = is(at, &["and"]) && is(at.wrapping_add(1), &["chain"]);
    ends.then_some(if goes_on { Boundary::Begins } else { Boundary::Ends })
}

/// Whether it is `SELECT pg_reload_conf()`, or a query with it.
fn reloads(text: &str, statement: &[Token]) -> bool {
    let named =
        |token: &Token| token.kind == Kind::Word && token.span.slice(text).eq_ignore_ascii_case("pg_reload_conf");
    statement.first().is_some_and(|first| first.span.slice(text).eq_ignore_ascii_case("select"))
        && statement.iter().any(named)
}

/// Whether a word stands anywhere, in comments too.
fn mentions(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}
