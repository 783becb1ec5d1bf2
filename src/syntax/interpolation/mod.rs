//! Variables in texts: where they stand, and what a text is once they are known.
//!
//! ```
//! use trueup::syntax::interpolation::{Settled, Syntax, settle};
//!
//! let known = |name: &str| (name == "HOST").then(|| "db".to_owned());
//! assert_eq!(settle("${HOST}:5432", Syntax::Shell, &known), Settled::Settled("db:5432".into()));
//! assert_eq!(settle("${POOL:-20}", Syntax::Shell, &known), Settled::WithDefault("20".into()));
//! assert_eq!(settle("$POOL", Syntax::Shell, &known), Settled::Unsettled { variables: vec!["POOL".into()] });
//! ```

mod caddy;
mod erb;

use super::Span;

/// How a format spells variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `$VAR`, `${VAR}`, `${VAR:-x}` and its kin; `$$` and `\$` are a dollar. Shells, Compose, dotenv.
    Shell,
    /// `${name}`, `${name:default}`, nested; `\${` is literal. Spring.
    Spring,
    /// `$(VAR)`; `$$` is a dollar. Kubernetes commands, arguments and environments.
    Kubernetes,
    /// `%(name)s`; `%%` is a percent sign. Python's `configparser`.
    Percent,
    /// `<%= ENV.fetch("VAR") { 5 } %>`. Ruby's templates.
    Erb,
    /// `{$VAR}`, `{$VAR:x}`; other names in braces are known to Caddy only.
    Caddy,
    /// No variables.
    None,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself.
    Literal(Span),
    /// Two characters of which the second is meant: `$$`, `\$`, `%%`.
    Escaped(Span),
    /// A variable.
    Variable(Variable),
}

/// A variable in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What happens if it has no value.
    pub fallback: Fallback,
    /// All of it, signs included.
    pub span: Span,
}

/// What a variable's spelling says about its absence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fallback {
    /// Nothing: `${VAR}`.
    None,
    /// The text to use if it is not set: `${VAR-x}`, Spring's `${VAR:x}`.
    IfUnset(String),
    /// The text to use if it is not set or empty: `${VAR:-x}`.
    IfEmpty(String),
    /// It must be set: `${VAR:?message}`.
    Required,
    /// The text to use instead if it *is* set, else nothing: `${VAR:+x}`.
    Alternative(String),
}

impl Variable {
    /// The text that stands in for a missing value, if any.
    pub fn default(&self) -> Option<&str> {
        match &self.fallback {
            Fallback::IfUnset(text) | Fallback::IfEmpty(text) => Some(text),
            Fallback::None | Fallback::Required | Fallback::Alternative(_) => None,
        }
    }
}

/// A text after its variables were looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It has no variables; escapes are undone.
    Literal(String),
    /// All its variables are known.
    Settled(String),
    /// At least one default was used, which the missing variable would override.
    WithDefault(String),
    /// Some variables have neither a value nor a default.
    Unsettled {
        /// Their names, in order.
        variables: Vec<String>,
    },
}

/// Defaults nested deeper than this stay unsettled.
const DEPTH: usize = 16;

/// Splits `text` into literal pieces and variables. An unfinished variable is literal.
pub fn parts(text: &str, syntax: Syntax) -> Vec<Part> {
    let sign = match syntax {
        Syntax::Shell | Syntax::Spring | Syntax::Kubernetes => b'$',
        Syntax::Percent => b'%',
        Syntax::Erb => return erb::parts(text),
        Syntax::Caddy => return caddy::parts(text),
        Syntax::None => return literal(0, text.len()),
    };
    let bytes = text.as_bytes();
    if !bytes.contains(&sign) {
        return literal(0, text.len());
    }
    let closing = Closing::new(text, syntax);
    let mut parts = Vec::new();
    let (mut at, mut from) = (0, 0);
    while at < bytes.len() {
        let found = match bytes[at] {
            byte if byte == sign => part(text, at, syntax, &closing),
            b'\\' if matches!(syntax, Syntax::Shell | Syntax::Spring) && bytes.get(at + 1) == Some(&b'$') => {
                Some(Part::Escaped(Span::new(at, at + 2)))
            }
            _ => None,
        };
        let Some(found) = found else {
            at += 1;
            continue;
        };
        let span = match &found {
            Part::Literal(span) | Part::Escaped(span) | Part::Variable(Variable { span, .. }) => *span,
        };
        parts.extend(literal(from, at));
        parts.push(found);
        at = span.end as usize;
        from = at;
    }
    parts.extend(literal(from, text.len()));
    parts
}

fn literal(start: usize, end: usize) -> Vec<Part> {
    if start == end { Vec::new() } else { vec![Part::Literal(Span::new(start, end))] }
}

/// The part that begins with the sign at `at`.
fn part(text: &str, at: usize, syntax: Syntax, closing: &Closing) -> Option<Part> {
    let bytes = text.as_bytes();
    let second = *bytes.get(at + 1)?;
    match (syntax, second) {
        (Syntax::Shell | Syntax::Kubernetes, b'$') | (Syntax::Percent, b'%') => {
            Some(Part::Escaped(Span::new(at, at + 2)))
        }
        (Syntax::Shell, b'{') => {
            let close = closing.of(at)?;
            shell_variable(&text[at + 2..close], Span::new(at, close + 1))
        }
        (Syntax::Shell, _) => {
            let length = name_length(&bytes[at + 1..]);
            let end = at + 1 + length;
            let name = text[at + 1..end].to_owned();
            (length > 0).then(|| variable(name, Fallback::None, Span::new(at, end)))
        }
        (Syntax::Spring, b'{') => {
            let close = closing.of(at)?;
            let inner = &text[at + 2..close];
            let (name, fallback) = match inner.split_once(':') {
                Some((name, default)) => (name, Fallback::IfUnset(default.to_owned())),
                None => (inner, Fallback::None),
            };
            Some(variable(name.to_owned(), fallback, Span::new(at, close + 1)))
        }
        (Syntax::Kubernetes, b'(') => {
            let close = closing.of(at)?;
            let name = text[at + 2..close].to_owned();
            Some(variable(name, Fallback::None, Span::new(at, close + 1)))
        }
        (Syntax::Percent, b'(') => {
            let close = closing.of(at)?;
            let complete = bytes.get(close + 1) == Some(&b's');
            let name = text[at + 2..close].to_owned();
            complete.then(|| variable(name, Fallback::None, Span::new(at, close + 2)))
        }
        _ => None,
    }
}

fn variable(name: String, fallback: Fallback, span: Span) -> Part {
    Part::Variable(Variable { name, fallback, span })
}

fn name_length(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => {
            bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
        }
        _ => 0,
    }
}

/// What stands between `${` and `}` in a shell.
fn shell_variable(inner: &str, span: Span) -> Option<Part> {
    let length = name_length(inner.as_bytes());
    let (name, rest) = inner.split_at(length);
    if name.is_empty() {
        return None;
    }
    let (colon, operator) = match rest.strip_prefix(':') {
        Some(operator) => (true, operator),
        None => (false, rest),
    };
    let word = operator.get(1..).unwrap_or_default().to_owned();
    let fallback = match (colon, operator.bytes().next()) {
        (false, None) => Fallback::None,
        (true, Some(b'-' | b'=')) => Fallback::IfEmpty(word),
        (false, Some(b'-' | b'=')) => Fallback::IfUnset(word),
        (_, Some(b'?')) => Fallback::Required,
        (_, Some(b'+')) => Fallback::Alternative(word),
        _ => return None, // substitutions like `${VAR%x}` need a shell
    };
    Some(variable(name.to_owned(), fallback, span))
}

/// For each opening bracket of a variable, where it closes: found in one pass, so that nesting costs nothing.
struct Closing {
    /// Offsets of the sign and of its closing bracket, sorted by the sign.
    pairs: Vec<(usize, usize)>,
}

impl Closing {
    fn new(text: &str, syntax: Syntax) -> Self {
        let (open, close, sign) = match syntax {
            Syntax::Kubernetes => (b'(', b')', b'$'),
            Syntax::Percent => (b'(', b')', b'%'),
            _ => (b'{', b'}', b'$'),
        };
        let bytes = text.as_bytes();
        let mut pairs = Vec::new();
        let mut stack: Vec<Option<usize>> = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            let next = bytes.get(at + 1).copied();
            let escape = byte == b'\\' && matches!(syntax, Syntax::Shell | Syntax::Spring)
                || byte == sign && syntax != Syntax::Spring;
            if escape && next == Some(sign) {
                at += 2;
                continue;
            }
            if byte == sign && next == Some(open) {
                stack.push(Some(at));
                at += 2;
                continue;
            }
            if byte == open && syntax == Syntax::Spring && !stack.is_empty() {
                stack.push(None); // Spring balances plain braces inside a placeholder
            } else if byte == close
                && let Some(Some(opened)) = stack.pop()
            {
                pairs.push((opened, at));
            }
            at += 1;
        }
        pairs.sort_unstable();
        Closing { pairs }
    }

    fn of(&self, sign: usize) -> Option<usize> {
        let found = self.pairs.binary_search_by_key(&sign, |pair| pair.0).ok()?;
        self.pairs.get(found).map(|pair| pair.1)
    }
}

/// Replaces the variables of `text` by what `lookup` knows. Values found are not expanded again.
pub fn settle(text: &str, syntax: Syntax, lookup: &dyn Fn(&str) -> Option<String>) -> Settled {
    let mut expansion = Expansion { syntax, lookup, seen: false, defaulted: false, missing: Vec::new() };
    let expanded = expansion.expand(text, 0);
    match expansion {
        Expansion { missing, .. } if !missing.is_empty() => Settled::Unsettled { variables: missing },
        Expansion { defaulted: true, .. } => Settled::WithDefault(expanded),
        Expansion { seen: true, .. } => Settled::Settled(expanded),
        _ => Settled::Literal(expanded),
    }
}

struct Expansion<'a> {
    syntax: Syntax,
    lookup: &'a dyn Fn(&str) -> Option<String>,
    seen: bool,
    defaulted: bool,
    missing: Vec<String>,
}

impl Expansion<'_> {
    /// Expands `text`; recursion goes into defaults only and ends at [`DEPTH`].
    fn expand(&mut self, text: &str, depth: usize) -> String {
        let mut out = String::with_capacity(text.len());
        for part in parts(text, self.syntax) {
            match part {
                Part::Literal(span) => out.push_str(span.slice(text)),
                Part::Escaped(span) => out.extend(span.slice(text).chars().skip(1)),
                Part::Variable(variable) => self.variable(variable, depth, &mut out),
            }
        }
        out
    }

    fn variable(&mut self, variable: Variable, depth: usize, out: &mut String) {
        self.seen = true;
        let value = (self.lookup)(&variable.name);
        let default = match (variable.fallback, value) {
            (Fallback::IfEmpty(default), value) => match value.filter(|value| !value.is_empty()) {
                Some(value) => return out.push_str(&value),
                None => Some(default),
            },
            (Fallback::Alternative(alternative), Some(_)) => Some(alternative),
            (Fallback::Alternative(_), None) => Some(String::new()),
            (_, Some(value)) => return out.push_str(&value),
            (Fallback::IfUnset(default), None) => Some(default),
            (Fallback::None | Fallback::Required, None) => None,
        };
        match default {
            Some(default) if depth < DEPTH => {
                self.defaulted = true;
                let expanded = self.expand(&default, depth + 1);
                out.push_str(&expanded);
            }
            _ => self.missing.push(variable.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> Option<String> {
        match name {
            "A" => Some("1".into()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    fn shell(text: &str) -> Settled {
        settle(text, Syntax::Shell, &known)
    }

    #[test]
    fn a_shell_text_settles() {
        assert_eq!(shell("no $ variable, 5$"), Settled::Literal("no $ variable, 5$".into()));
        assert_eq!(shell("$$A \\$A"), Settled::Literal("$A $A".into()));
        assert_eq!(shell("<$A${A}>"), Settled::Settled("<11>".into()));
        assert_eq!(shell("${EMPTY:-x}${EMPTY-y}"), Settled::WithDefault("x".into()));
        assert_eq!(shell("${B:-${C:-${A}}}"), Settled::WithDefault("1".into()));
        assert_eq!(shell("${A:+yes}${B:+no}"), Settled::WithDefault("yes".into()));
        assert_eq!(shell("${B:?must}$C"), Settled::Unsettled { variables: vec!["B".into(), "C".into()] });
    }

    #[test]
    fn what_needs_a_real_shell_is_literal() {
        assert_eq!(shell("${A%%x} $(date) ${"), Settled::Literal("${A%%x} $(date) ${".into()));
    }

    #[test]
    fn spring_nests_in_names_defaults_and_braces() {
        let spring = |text: &str| settle(text, Syntax::Spring, &known);
        assert_eq!(spring("${pool.size:20}"), Settled::WithDefault("20".into()));
        assert_eq!(spring("${x:${A:9}}"), Settled::WithDefault("1".into()));
        assert_eq!(spring("${x:{\"a\":{}}}!"), Settled::WithDefault("{\"a\":{}}!".into()));
        assert_eq!(spring("$A"), Settled::Literal("$A".into()));
    }

    #[test]
    fn kubernetes_uses_parentheses() {
        let kubernetes = |text: &str| settle(text, Syntax::Kubernetes, &known);
        assert_eq!(kubernetes("$(A)/$$(A)/${A}"), Settled::Settled("1/$(A)/${A}".into()));
    }

    #[test]
    fn percent_is_configparser() {
        assert_eq!(settle("%(A)s%%%(A)d", Syntax::Percent, &known), Settled::Settled("1%%(A)d".into()));
    }

    #[test]
    fn deep_nesting_is_linear_and_bounded() {
        for syntax in [Syntax::Shell, Syntax::Spring, Syntax::Kubernetes, Syntax::Percent, Syntax::Caddy] {
            for unit in ["${", "{$", "{$a:", "${A:-", "$(", "%(", "}", "$", "\\"] {
                let text = unit.repeat(200_000);
                assert!(!parts(&text, syntax).is_empty());
                let _ = settle(&text, syntax, &known);
            }
        }
        let closed = format!("{}x{}", "${B:-".repeat(100_000), "}".repeat(100_000));
        assert_eq!(shell(&closed), Settled::Unsettled { variables: vec!["B".into()] });
    }
}
