//! ERB: `<%= ENV.fetch("VAR") { 5 } %>`. Ruby is not run; what reads a variable, with or without a value for its
//! absence, is a variable, and every other expression is one that nobody knows.

use super::{Fallback, Part, Span, Variable};

/// The parts of `text`.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("<%").map(|at| from + at) {
        // `<%%` is the sign itself
        if text[start..].starts_with("<%%") {
            parts.extend(super::literal(from, start));
            parts.push(Part::Escaped(Span::new(start, start + 1)));
            parts.extend(super::literal(start, start + 2));
            from = start + 3;
            continue;
        }
        let Some(length) = text[start..].find("%>") else { break };
        let end = start + length + 2;
        let inner = text[start + 2..start + length].trim_end_matches('-');
        parts.extend(super::literal(from, start));
        let (name, fallback) =
            inner.strip_prefix('=').and_then(expression).unwrap_or_else(|| (inner.trim().to_owned(), Fallback::None));
        parts.push(Part::Variable(Variable { name, fallback, span: Span::new(start, end) }));
        from = end;
    }
    parts.extend(super::literal(from, text.len()));
    parts
}

/// `ENV["A"]`, `ENV.fetch("A", x)`, `ENV.fetch("A") { x }`, `ENV["A"] || x`, and a number or text by itself; conversions
/// around them change nothing.
fn expression(text: &str) -> Option<(String, Fallback)> {
    let text = unwrapped(text);
    if let Some(value) = literal(text) {
        return Some((String::new(), Fallback::IfUnset(value.to_owned())));
    }
    let rest = text.strip_prefix("ENV")?;
    if let Some(rest) = rest.strip_prefix(".fetch(") {
        let (name, rest) = quoted(rest.trim_start())?;
        let rest = rest.trim_start();
        if let Some(default) = rest.strip_prefix(',') {
            let default = default.trim().strip_suffix(')')?;
            return Some((name.into(), Fallback::IfUnset(again(default))));
        }
        let rest = rest.strip_prefix(')')?.trim();
        if rest.is_empty() {
            return Some((name.into(), Fallback::Required));
        }
        let default = rest.strip_prefix('{')?.strip_suffix('}')?;
        return Some((name.into(), Fallback::IfUnset(again(default))));
    }
    let (name, rest) = quoted(rest.strip_prefix('[')?.trim_start())?;
    let rest = rest.trim_start().strip_prefix(']')?.trim();
    let (empty, rest) = match rest.strip_prefix(".presence") {
        Some(rest) => (true, rest.trim()),
        None => (false, rest),
    };
    if rest.is_empty() {
        return Some((name.into(), Fallback::None));
    }
    let default = again(rest.strip_prefix("||")?);
    Some((name.into(), if empty { Fallback::IfEmpty(default) } else { Fallback::IfUnset(default) }))
}

/// An expression as a text to expand.
fn again(expression: &str) -> String {
    format!("<%= {} %>", expression.trim())
}

/// Without conversions and brackets around it.
fn unwrapped(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let inner = [".to_i", ".to_f", ".to_s"].into_iter().find_map(|suffix| {
            let inner = text.strip_suffix(suffix)?;
            // of `ENV["A"] || 5.to_i` only the 5 is converted: the same
            Some(inner)
        });
        let inner = inner.or_else(|| {
            let prefix = ["Integer(", "Float(", "("].into_iter().find(|prefix| text.starts_with(prefix))?;
            let inner = &text[prefix.len()..text.len().checked_sub(1)?.max(prefix.len())];
            (text.ends_with(')') && is_balanced(inner)).then_some(inner)
        });
        match inner {
            Some(inner) => text = inner.trim(),
            None => return text,
        }
    }
}

/// Whether no bracket closes what was opened before `text`.
fn is_balanced(text: &str) -> bool {
    let mut depth = 0i64;
    for byte in text.bytes() {
        depth += i64::from(byte == b'(') - i64::from(byte == b')');
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// A number, or a text in quotes.
fn literal(text: &str) -> Option<&str> {
    let number = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.bytes().any(|byte| byte.is_ascii_digit());
    if number {
        return Some(text);
    }
    let (value, rest) = quoted(text)?;
    (rest.is_empty() && !value.contains("#{")).then_some(value)
}

/// The text in the quotes at the start, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, rest) = text[1..].split_once(quote)?;
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::super::{Settled, Syntax, settle};

    #[test]
    fn what_reads_a_variable_is_told() {
        let known = |name: &str| (name == "THREADS").then(|| "16".to_owned());
        let with_default = |value: &str| Settled::WithDefault(value.into());
        for (text, expected) in [
            ("<%= ENV.fetch(\"POOL\") { 5 } %>", with_default("5")),
            ("<%= ENV.fetch('POOL', 5) -%>", with_default("5")),
            ("<%= ENV[\"POOL\"] || 5 %>", with_default("5")),
            ("<%= ENV['POOL'].presence || '7' %>", with_default("7")),
            ("<%= (ENV['POOL'] || 5).to_i %>", with_default("5")),
            ("<%= Integer(ENV['POOL'] || 5) %>", with_default("5")),
            ("<%= ENV.fetch(\"POOL\") { ENV.fetch(\"SIZE\", 9) } %>", with_default("9")),
            ("<%= ENV.fetch(\"POOL\") { ENV.fetch(\"THREADS\", 9) } %>", with_default("16")),
            ("<%= ENV.fetch(\"THREADS\", 5) %>", Settled::Settled("16".into())),
            ("app_<%= ENV['THREADS'] %>", Settled::Settled("app_16".into())),
            ("<%= 5 %>", with_default("5")),
            ("a <%% b", Settled::Literal("a <% b".into())),
        ] {
            assert_eq!(settle(text, Syntax::Erb, &known), expected, "{text}");
        }
        for text in [
            "<%= ENV[\"POOL\"] %>",
            "<%= ENV.fetch(\"THREADS\", 5).to_i + 5 %>",
            "<%= AppConfig.pool %>",
            "<% if x %>",
            "<%= ENV.fetch(\"POOL\") { Rails.env.production? ? 5 : 2 } %>",
            "<%= 'a#{b}' %>",
            "<%= ( %>",
            "<%= ) %>",
        ] {
            assert!(matches!(settle(text, Syntax::Erb, &known), Settled::Unsettled { .. }), "{text}");
        }
    }
}
