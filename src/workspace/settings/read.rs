//! The text of a settings file into [`Settings`], or every problem in it at once, each at its line and column.

use std::ops::Range;
use std::path::Path;

use ignore::gitignore::GitignoreBuilder;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Fact, Facts, Named, Pattern, Settings, Suppression};
use crate::model::Severity;
use crate::syntax::LineIndex;
use crate::workspace::{Problem, nearest, paths};

/// The editions of the default rule set, oldest first.
pub const EDITIONS: [&str; 1] = ["2026.1"];

const KEYS: [&str; 11] = [
    "edition",
    "select",
    "ignore",
    "lock",
    "severity",
    "per-file-ignores",
    "suppress",
    "exclude",
    "rules",
    "baseline",
    "facts",
];

type Value<'a> = Spanned<DeValue<'a>>;

pub(super) fn settings(file: &Path, shown: &str, text: &str) -> Result<Settings, Vec<Problem>> {
    let root = file.parent().unwrap_or(file);
    let mut settings = Settings { path: shown.into(), ..Settings::default_for(root) };
    let mut reader = Reader { shown, text, lines: LineIndex::new(text), root, problems: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => reader.table(table.get_ref(), &mut settings),
        Err(error) => {
            // the library's message may go on in further lines with what it would have accepted
            let message = error.message().lines().next().unwrap_or("not valid TOML").to_owned();
            reader.problem(error.span().unwrap_or(0..0), format!("not valid TOML: {message}"));
        }
    }
    if reader.problems.is_empty() {
        return Ok(settings);
    }
    reader.problems.sort_by_key(|problem| problem.position);
    Err(reader.problems)
}

struct Reader<'a> {
    shown: &'a str,
    text: &'a str,
    lines: LineIndex,
    root: &'a Path,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable<'_>, settings: &mut Settings) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "edition" => settings.edition = self.edition(value),
                "select" => settings.select = self.names("select", value),
                "ignore" => settings.ignore = self.names("ignore", value),
                "lock" => settings.lock = self.names("lock", value),
                "severity" => settings.severity = self.severities(value),
                "per-file-ignores" => settings.per_file_ignores = self.per_file_ignores(value),
                "suppress" => settings.suppressions = self.suppressions(value),
                "exclude" => {
                    let lines = self.names("exclude", value);
                    settings.exclude = self.pattern(&lines);
                }
                "rules" => {
                    let names = self.names("rules", value);
                    settings.rules =
                        names.into_iter().map(|name| (paths::absolute(self.root, name.name.as_ref()), name)).collect();
                }
                "baseline" => match value.get_ref().as_str() {
                    Some(name) => {
                        let named = self.named(name, value.span());
                        settings.baseline = Some((paths::absolute(self.root, name.as_ref()), named));
                    }
                    None => self.wrong_type("baseline", "a string", value),
                },
                "facts" => settings.facts = self.facts(value),
                unknown => {
                    let near = nearest(unknown, KEYS);
                    self.problem(key.span(), format!("unknown key `{unknown}`")).meant_here(near);
                }
            }
        }
    }

    fn edition(&mut self, value: &Value<'_>) -> String {
        let Some(edition) = value.get_ref().as_str() else {
            self.wrong_type("edition", "a string", value);
            return String::new();
        };
        if !EDITIONS.contains(&edition) {
            let message = format!("unknown edition `{edition}`; this version knows {}", EDITIONS.join(", "));
            self.problem(value.span(), message);
        }
        edition.into()
    }

    fn names(&mut self, key: &str, value: &Value<'_>) -> Vec<Named> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(key, "a list of strings", value);
            return Vec::new();
        };
        let mut names = Vec::new();
        for item in items.iter() {
            match item.get_ref().as_str() {
                Some(name) => names.push(self.named(name, item.span())),
                None => self.wrong_type(key, "a list of strings", item),
            }
        }
        names
    }

    fn severities(&mut self, value: &Value<'_>) -> Vec<(Named, Severity)> {
        let mut severities = Vec::new();
        for (rule, value) in self.entries("severity", "a table of rule = severity", value) {
            match value.get_ref().as_str().map(str::parse) {
                Some(Ok(severity)) => severities.push((self.named(rule.get_ref(), rule.span()), severity)),
                Some(Err(())) => {
                    let word = value.get_ref().as_str().unwrap_or_default();
                    let message = format!("`{word}` is no severity; it is one of error, warning, info");
                    let near = nearest(word, ["error", "warning", "info"]);
                    self.problem(value.span(), message).meant_here(near);
                }
                None => self.wrong_type(&format!("severity.{}", rule.get_ref()), "a string", value),
            }
        }
        severities
    }

    fn per_file_ignores(&mut self, value: &Value<'_>) -> Vec<(Pattern, Vec<Named>)> {
        let mut ignores = Vec::new();
        for (pattern, rules) in self.entries("per-file-ignores", "a table of \"pattern\" = [rules]", value) {
            let pattern = self.named(pattern.get_ref(), pattern.span());
            let rules = self.names(&format!("per-file-ignores.\"{}\"", pattern.name), rules);
            ignores.push((self.pattern(&[pattern]), rules));
        }
        ignores
    }

    fn suppressions(&mut self, value: &Value<'_>) -> Vec<Suppression> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type("suppress", "a list of tables, `[[suppress]]`", value);
            return Vec::new();
        };
        items.iter().filter_map(|item| self.suppression(item)).collect()
    }

    fn suppression(&mut self, value: &Value<'_>) -> Option<Suppression> {
        let (mut path, mut key, mut rules, mut reason, mut until) = (None, None, Vec::new(), None, None);
        for (name, value) in self.entries("suppress", "a table with path, rules and reason", value) {
            let field = name.get_ref().as_ref();
            let text = value.get_ref().as_str();
            match (field, text) {
                ("rules", _) => rules = self.names("suppress.rules", value),
                ("path", Some(text)) => path = Some(self.named(text, value.span())),
                ("reason", Some(text)) if !text.trim().is_empty() => reason = Some(text.trim().to_owned()),
                ("reason", Some(_)) => {
                    self.problem(value.span(), "`suppress.reason` is empty".into());
                }
                ("key", Some(text)) => match crate::knowledge::Pattern::parse(text) {
                    Ok(pattern) if pattern.segments.iter().all(|step| step.filter.is_none()) => key = Some(pattern),
                    Ok(_) => {
                        self.problem(
                            value.span(),
                            format!("`{text}` has a condition; a key here is plain, with `*` and `[]`"),
                        );
                    }
                    Err(why) => {
                        self.problem(value.span(), format!("`{text}` is no path of keys: {why}"));
                    }
                },
                ("until", Some(text)) => match text.parse() {
                    Ok(date) => until = Some(date),
                    Err(()) => {
                        self.problem(value.span(), format!("`{text}` is no day")).meant_here(Some("2027-01-31"));
                    }
                },
                ("path" | "reason" | "key" | "until", None) => {
                    self.wrong_type(&format!("suppress.{field}"), "a string", value);
                }
                _ => {
                    let near = nearest(field, ["path", "key", "rules", "reason", "until"]);
                    self.problem(name.span(), format!("unknown key `suppress.{field}`")).meant_here(near);
                }
            }
        }
        let missing = [("path", path.is_none()), ("rules", rules.is_empty()), ("reason", reason.is_none())];
        if let Some((field, _)) = missing.iter().find(|(_, missing)| *missing) {
            self.problem(value.span(), format!("`[[suppress]]` needs `{field}`"));
        }
        let place = path?;
        let at = self.pattern(std::slice::from_ref(&place));
        Some(Suppression { place, at, key, rules, reason: reason?, until })
    }

    fn pattern(&mut self, lines: &[Named]) -> Pattern {
        let mut builder = GitignoreBuilder::new("");
        for line in lines {
            // the builder takes a line as `.gitignore` does, so `./a` would never match
            let glob = line.name.strip_prefix("./").map_or_else(|| line.name.clone(), |inside| format!("/{inside}"));
            if let Err(error) = builder.add_line(None, &glob) {
                self.problems.push(
                    Problem::new(self.shown, format!("`{}` is no valid pattern: {}", line.name, glob_error(&error)))
                        .at(line.line, line.column),
                );
            }
        }
        match builder.build() {
            Ok(matcher) => Pattern { root: self.root.to_path_buf(), matcher },
            Err(error) => {
                let (line, column) = lines.first().map_or((1, 1), |line| (line.line, line.column));
                self.problems.push(Problem::new(self.shown, glob_error(&error)).at(line, column));
                Pattern::none()
            }
        }
    }

    fn facts(&mut self, value: &Value<'_>) -> Facts {
        let mut facts = Facts::default();
        for (key, value) in self.entries("facts", "a table of name = value", value) {
            let name = key.get_ref().as_ref();
            if name == "versions" {
                for (product, version) in self.entries("facts.versions", "a table of product = version", value) {
                    let product_name = product.get_ref().to_string();
                    match scalar_text(version.get_ref()) {
                        Some(text) => {
                            let place = self.named(&product_name, product.span());
                            facts.versions.insert(product_name, (text, place));
                        }
                        None => self.wrong_type(&format!("facts.versions.{product_name}"), "a string", version),
                    }
                }
                continue;
            }
            let Some(fact) = fact(value.get_ref()) else {
                self.wrong_type(&format!("facts.{name}"), "a string, a number or a boolean", value);
                continue;
            };
            let expected = match (name, &fact) {
                ("memory", Fact::Float(_) | Fact::Bool(_)) => Some("a size such as \"16GiB\", or bytes"),
                ("cpus", Fact::Text(_) | Fact::Bool(_)) => Some("a number"),
                ("replicas", Fact::Text(_) | Fact::Bool(_) | Fact::Float(_)) => Some("a whole number"),
                ("storage", Fact::Int(_) | Fact::Float(_) | Fact::Bool(_)) => Some("a string such as \"ssd\""),
                _ => None,
            };
            match expected {
                Some(expected) => self.wrong_type(&format!("facts.{name}"), expected, value),
                None => {
                    let place = self.named(name, key.span());
                    facts.values.insert(name.to_owned(), (fact, place));
                }
            }
        }
        facts
    }

    fn entries<'v, 'a>(
        &mut self,
        key: &str,
        expected: &str,
        value: &'v Value<'a>,
    ) -> Vec<(&'v Spanned<DeString<'a>>, &'v Value<'a>)> {
        match value.get_ref() {
            DeValue::Table(table) => table.iter().collect(),
            _ => {
                self.wrong_type(key, expected, value);
                Vec::new()
            }
        }
    }

    fn named(&self, name: &str, span: Range<usize>) -> Named {
        let (line, column) = self.position(span);
        Named { name: name.to_owned(), line, column }
    }

    fn wrong_type(&mut self, key: &str, expected: &str, value: &Value<'_>) {
        let found = value.get_ref().type_str();
        let article = if found.starts_with(['a', 'i']) { "an" } else { "a" };
        self.problem(value.span(), format!("`{key}` must be {expected}, and this is {article} {found}"));
    }

    fn problem(&mut self, span: Range<usize>, message: String) -> &mut Problem {
        let (line, column) = self.position(span);
        self.problems.push(Problem::new(self.shown, message).at(line, column));
        self.problems.last_mut().expect("one was just pushed")
    }

    fn position(&self, span: Range<usize>) -> (usize, usize) {
        self.lines.position(self.text, u32::try_from(span.start).unwrap_or(u32::MAX))
    }
}

fn fact(value: &DeValue<'_>) -> Option<Fact> {
    Some(match value {
        DeValue::String(text) => Fact::Text(text.to_string()),
        DeValue::Integer(number) => Fact::Int(i64::from_str_radix(number.as_str(), number.radix()).ok()?),
        DeValue::Float(number) => Fact::Float(number.as_str().parse().ok()?),
        DeValue::Boolean(value) => Fact::Bool(*value),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => return None,
    })
}

/// A version as written: `16`, `3.10` and `"3.10"` alike.
fn scalar_text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        _ => None,
    }
}

/// The reason alone: the caller names the pattern.
fn glob_error(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        match Settings::parse(Path::new("/r/trueup.toml"), "trueup.toml", text) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn an_empty_file_is_valid() {
        assert_eq!(problems(""), Vec::<String>::new());
        assert_eq!(problems("# nothing yet\n"), Vec::<String>::new());
    }

    #[test]
    fn every_key_is_read() {
        let text = r#"
edition = "2026.1"
select = ["a-b"]
ignore = ["c"]
lock = ["e"]
exclude = ["legacy/", "./gen.yaml"]
rules = ["./trueup/"]
baseline = "ci/known.json"
[severity]
a-b = "error"
[per-file-ignores]
"bench/**" = ["d"]
[facts]
memory = "16GiB"
cpus = 7.5
replicas = 0x3
region = "north"
versions = { postgresql = 16, pgbouncer = 1.20 }
"#;
        let settings = Settings::parse(Path::new("/r/trueup.toml"), "trueup.toml", text).expect("valid settings");
        assert_eq!(settings.select[0], Named { name: "a-b".into(), line: 3, column: 11 });
        assert_eq!(settings.severity[0].1, Severity::Error);
        assert_eq!(settings.rules[0].0, Path::new("/r/trueup"));
        assert_eq!(settings.baseline.expect("a baseline").0, Path::new("/r/ci/known.json"));
        for (path, excluded) in
            [("/r/legacy/x/y.yaml", true), ("/r/gen.yaml", true), ("/r/a/gen.yaml", false), ("/q", false)]
        {
            assert_eq!(settings.exclude.matches(Path::new(path)), excluded, "{path}");
        }
        assert!(settings.per_file_ignores[0].0.matches(Path::new("/r/bench/x.yaml")));
        assert_eq!(settings.facts.values["replicas"].0, Fact::Int(3));
        assert_eq!(settings.facts.values["cpus"].0, Fact::Float(7.5));
        assert_eq!(settings.facts.versions["postgresql"].0, "16");
        assert_eq!(settings.facts.versions["pgbouncer"].0, "1.20");
    }

    #[test]
    fn problems_say_where_and_what() {
        insta::assert_snapshot!(problems(
            "selct = []\nedition = \"2031.1\"\nignore = \"x\"\nexclude = [\"a{b\", 3]\n[severity]\nx = \"eror\"\ny = 1\n[facts]\ncpus = \"eight\"\nwhen = 2026-01-01\nlist = []\n"
        ).join("\n"), @r#"
        trueup.toml:1:1: unknown key `selct`; did you mean `select`?
        trueup.toml:2:11: unknown edition `2031.1`; this version knows 2026.1
        trueup.toml:3:10: `ignore` must be a list of strings, and this is a string
        trueup.toml:4:12: `a{b` is no valid pattern: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)
        trueup.toml:4:19: `exclude` must be a list of strings, and this is an integer
        trueup.toml:6:5: `eror` is no severity; it is one of error, warning, info; did you mean `error`?
        trueup.toml:7:5: `severity.y` must be a string, and this is an integer
        trueup.toml:9:8: `facts.cpus` must be a number, and this is a string
        trueup.toml:10:8: `facts.when` must be a string, a number or a boolean, and this is a datetime
        trueup.toml:11:8: `facts.list` must be a string, a number or a boolean, and this is an array
        "#);
        insta::assert_snapshot!(problems("select = [\n").join("\n"), @"trueup.toml:1:11: not valid TOML: unclosed array, expected `]`");
        insta::assert_snapshot!(problems("a = 1\na = 2\n").join("\n"), @"trueup.toml:2:1: not valid TOML: duplicate key");
    }
}
