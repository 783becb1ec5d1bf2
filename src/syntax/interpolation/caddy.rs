//! Caddyfiles: `{$VAR}` and `{$VAR:default}` are put in before the file is read. Any other `{name}` is a value that only the
//! program knows, and only while it runs.

use super::{Fallback, Part, Span, Variable};

/// The parts of `text`.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find('{').map(|at| from + at) {
        let Some(length) = text[start..].find('}') else { break };
        let end = start + length + 1;
        let inner = &text[start + 1..end - 1];
        parts.extend(super::literal(from, start));
        from = end;
        let (name, fallback) = match inner.strip_prefix('$') {
            Some(variable) => match variable.split_once(':') {
                Some((name, default)) => (name, Fallback::IfUnset(default.to_owned())),
                None => (variable, Fallback::None),
            },
            None => (inner, Fallback::Required),
        };
        if name.is_empty() {
            parts.extend(super::literal(start, end));
            continue;
        }
        parts.push(Part::Variable(Variable { name: name.to_owned(), fallback, span: Span::new(start, end) }));
    }
    parts.extend(super::literal(from, text.len()));
    parts
}

#[cfg(test)]
mod tests {
    use crate::syntax::interpolation::{Settled, Syntax, settle};

    #[test]
    fn only_variables_of_the_environment_are_put_in() {
        let caddy = |text: &str| settle(text, Syntax::Caddy, &|name| (name == "A").then(|| "1".to_owned()));
        assert_eq!(caddy("<{$A}s>"), Settled::Settled("<1s>".into()));
        assert_eq!(caddy("{$B:5s}"), Settled::WithDefault("5s".into()));
        assert_eq!(caddy("{$A:5s}"), Settled::Settled("1".into()));
        assert_eq!(caddy("{$B}"), Settled::Unsettled { variables: vec!["B".into()] });
        assert_eq!(caddy("{args[0]}"), Settled::Unsettled { variables: vec!["args[0]".into()] });
        assert_eq!(caddy("{} {$} {"), Settled::Literal("{} {$} {".into()));
    }
}
