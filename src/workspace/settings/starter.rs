//! The settings file that `trueup init` writes: every key with its meaning, filled with what was found, and switched off.
//!
//! Prose is a comment with a space (`# why`), a setting one without (`#key = value`), as in `postgresql.conf`; taking
//! the `#` away from any of them, or from all, leaves a valid file.

use std::fmt::Write as _;

use super::EDITIONS;
use crate::workspace::{Survey, Versions};

/// The text of a settings file for what `survey` found; `rule` is the rule named in examples.
pub fn starter(survey: &Survey, rule: &str) -> String {
    let mut text = String::from(HEAD);
    found(&mut text, survey);
    let edition = EDITIONS[EDITIONS.len() - 1]; // the list of editions is never empty
    let _ = writeln!(text, "{EDITION}edition = {}", quoted(edition)); // a string takes any write, here and below
    let _ = writeln!(text, "{IGNORE}#ignore = [{}]", quoted(rule));
    exclude(&mut text, survey);
    text.push_str(RULES);
    let _ = write!(text, "{SEVERITY}#[severity]\n#{} = \"error\"\n", quoted_key(rule));
    let _ = write!(text, "{PER_FILE}#[per-file-ignores]\n#\"bench/**\" = [{}]\n", quoted(rule));
    text.push_str(FACTS);
    versions(&mut text, survey);
    text
}

const HEAD: &str = "\
# Settings of trueup for this directory and what is below it.
#
# `# text` explains. `#key = value` is a setting that is off: take the # away to
# use it. `trueup schema settings` describes every key.
";

const EDITION: &str = "
# The rules that are on by default. Rules of a later edition join only when you
# name that edition here.
";

const IGNORE: &str = "
# Without these rules or categories. `trueup rules` lists them, and
# `trueup explain RULE` says when a rule does not fit.
";

const RULES: &str = "
# Folders with rules and tables of your own.
#rules = []
";

const SEVERITY: &str = "
# Another severity for a rule or a category: error, warning or info.
";

const PER_FILE: &str = "
# Rules that are off in some files.
";

const FACTS: &str = "
# What no file says: the machine that a server runs on. Rules that need it are
# silent without it.
#[facts]
#memory = \"16GiB\"
#cpus = 8
#storage = \"ssd\"
#replicas = 3
";

/// What was found, in a paragraph of comments.
fn found(text: &mut String, survey: &Survey) {
    let Survey { read, recognised, dialects, .. } = survey;
    if *recognised == 0 {
        text.push_str("#\n# No configuration that trueup recognises was found when this was written.\n");
        return;
    }
    let _ = writeln!(text, "#\n# Found when this was written, {recognised} of {} recognised:", files(*read));
    let width = dialects.keys().map(|dialect| dialect.len()).max().unwrap_or(0);
    for (dialect, number) in dialects {
        let _ = writeln!(text, "#   {:<width$}  {}", one_line(dialect), files(*number));
    }
}

/// The key `exclude`, with the folders of tests and examples that were found.
fn exclude(text: &mut String, survey: &Survey) {
    text.push_str("\n# Files that are not read unless they are named: patterns as in .gitignore.\n");
    if survey.rehearsals.is_empty() {
        text.push_str("#exclude = []\n");
        return;
    }
    text.push_str("# By their names, these folders hold tests or examples:\n#exclude = [\n");
    for (folder, number) in &survey.rehearsals {
        let _ = writeln!(text, "#    {}, # {} recognised", quoted(&pattern(folder)), files(*number));
    }
    text.push_str("#]\n");
}

/// The table `facts.versions`, with the versions that files say.
fn versions(text: &mut String, survey: &Survey) {
    let said = |versions: &&Versions| !versions.said.is_empty();
    if survey.versions.values().any(|versions| said(&versions)) {
        text.push_str("\n# Versions that files say. A version given here stands above all of them.\n");
    } else {
        text.push_str("\n# Versions of products, where no file says them: postgresql = \"16\".\n");
    }
    text.push_str("#[facts.versions]\n");
    for (product, versions) in &survey.versions {
        match versions.said.iter().collect::<Vec<_>>()[..] {
            [] => {}
            [(version, source)] => {
                let line = format!("{} = {}", quoted_key(product), quoted(version));
                let _ = writeln!(text, "#{line} # {}", one_line(source));
            }
            ref several => {
                let _ = writeln!(text, "# {}, several versions:", one_line(product));
                for (version, source) in several {
                    let _ = writeln!(text, "#   {}  {}", one_line(version), one_line(source));
                }
            }
        }
    }
    let lacking = survey.versions.iter().filter(|(_, versions)| versions.lacking).map(|(product, _)| one_line(product));
    let lacking: Vec<String> = lacking.collect();
    if !lacking.is_empty() {
        text.push_str(
            "# Some files do not say which version they are for; what depends on it is not\n# judged there:\n",
        );
        for product in lacking {
            let _ = writeln!(text, "#   {product}");
        }
    }
}

/// `1 file`, `2 files`.
fn files(number: usize) -> String {
    format!("{number} file{}", if number == 1 { "" } else { "s" })
}

/// A folder as an anchored pattern that means it alone.
fn pattern(folder: &str) -> String {
    let mut pattern = String::from("/");
    for c in folder.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern + "/"
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(one_line(text)).to_string()
}

/// A TOML key.
fn quoted_key(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if bare { key.into() } else { quoted(key) }
}

/// A text that cannot leave its line: names of files may hold anything.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::Name;
    use crate::workspace::Settings;

    fn said(versions: &[(&str, &str)], lacking: bool) -> Versions {
        let said = versions.iter().map(|(version, source)| (Name::from(*version), Name::from(*source))).collect();
        Versions { said, lacking }
    }

    #[test]
    fn any_setting_may_be_switched_on() {
        let survey = Survey {
            read: 9,
            recognised: 7,
            dialects: [("compose".into(), 1), ("generic".into(), 6)].into(),
            versions: [
                ("pgbouncer".into(), said(&[("1.24", "a\nfacts = 1/compose.yaml, image tag")], false)),
                ("postgresql".into(), said(&[("15", "a/Dockerfile:1"), ("16", "b/Dockerfile:1")], true)),
            ]
            .into(),
            rehearsals: [("odd [\"{name\n*".into(), 2), ("tests".into(), 3)].into(),
            problems: Vec::new(),
        };
        let text = starter(&survey, "some-rule");
        let read = |text: &str| Settings::parse(Path::new("/r/trueup.toml"), "trueup.toml", text);
        let off = read(&text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
        assert!(off.ignore.is_empty() && off.facts.values.is_empty() && off.facts.versions.is_empty());

        let switched = |line: &str| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') || setting.starts_with("    ") => format!("{setting}\n"),
            _ => format!("{line}\n"),
        };
        let all: String = text.lines().map(switched).collect();
        let on = read(&all).unwrap_or_else(|problems| panic!("{problems:?}\n{all}"));
        assert_eq!(on.facts.versions.keys().collect::<Vec<_>>(), ["pgbouncer"]);
        assert_eq!(on.facts.values.len(), 4);
        for (path, excluded) in [("/r/tests/x.yaml", true), ("/r/a/tests/x.yaml", false), ("/r/x.yaml", false)] {
            assert_eq!(on.exclude.matches(Path::new(path)), excluded, "{path}");
        }
    }
}
