//! `trueup explain`: the page of a rule, or what is known of a parameter of Postgres.

use std::fmt::Write;

use clap::Args;

use super::{Console, Ended, scope};
use crate::quantity::Unit;
use crate::quantity::postgres::{Context, Kind, Parameter, check, parameters, renamed};
use crate::workspace::{Engine, Exit, Problem, RuleInfo, nearest};

/// What stands before the name of a parameter.
const PARAMETER: &str = "pg:";

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The rule's id, or `pg:` and a parameter of Postgres
    #[arg(value_name = "RULE")]
    rule: String,
    #[command(flatten)]
    scope: scope::ScopeArguments,
}

pub(super) fn run(engine: &dyn Engine, arguments: &ExplainArguments, console: &mut Console<'_>) -> Ended {
    let own = arguments.scope.engine_here(engine, console)?;
    let rules = own.as_deref().unwrap_or(engine).rules();
    if let Some(name) = arguments.rule.strip_prefix(PARAMETER) {
        let text = parameter(name, rules).map_err(|problem| vec![problem])?;
        console.print(&text).map_err(|problem| vec![problem])?;
        return Ok(Exit::Clean);
    }
    let Some(rule) = rules.iter().find(|rule| rule.id == arguments.rule) else {
        let near = nearest(&arguments.rule, rules.iter().map(|rule| rule.id.as_str()));
        let problem = Problem::new("explain", format!("no rule is called `{}`", arguments.rule));
        let problem = if near.is_some() { problem.meant(near) } else { problem.advice("`trueup rules` lists them") };
        return Err(vec![problem]);
    };
    let (severity, confidence, since) = (rule.severity, rule.confidence, &rule.since);
    let facts = format!("{} · {} · {severity} · {confidence} confidence · since {since}", rule.id, rule.category);
    let text = format!("{}\n\n{facts}\n", rule.page_markdown.trim_end());
    console.print(&text).map_err(|problem| vec![problem])?;
    Ok(Exit::Clean)
}

/// What is known of a parameter: a row per range of versions in which it is the same, and the rules that speak of it.
fn parameter(name: &str, rules: &[RuleInfo]) -> Result<String, Problem> {
    let table = parameters();
    let newest = table.iter().map(|row| row.last).max().unwrap_or_default();
    let name = renamed(name, newest).unwrap_or(name);
    let history = table.history(name);
    let Some(first) = history.first() else {
        let near = nearest(name, table.iter().map(|row| row.name.as_str()));
        let problem = Problem::new("explain", format!("Postgres has no parameter `{name}`"));
        return Err(problem.meant(near.map(|near| format!("{PARAMETER}{near}")).as_deref()));
    };
    let mut text = format!("# {}\n\nA parameter of PostgreSQL, measured from servers 13 to {newest}.\n", first.name);
    for row in history {
        let versions =
            if row.first == row.last { row.first.to_string() } else { format!("{} to {}", row.first, row.last) };
        let _ = write!(text, "\n## {versions}\n\n");
        let unit = row.unit.map(|unit| format!(", a bare number is in {}", unit.name())).unwrap_or_default();
        let _ = writeln!(text, "- type: {}{unit}", kind(&row.kind));
        let default = if row.default.is_empty() { "empty".to_owned() } else { shown(row, &row.default) };
        let _ = writeln!(text, "- default: {default}");
        let _ = writeln!(text, "- may be changed: {}", changed(row.context));
    }
    if history.iter().map(|row| row.last).max() < Some(newest) {
        let _ = writeln!(
            text,
            "\nVersion {} is the last that has it.",
            history.iter().map(|row| row.last).max().unwrap_or_default()
        );
    }
    let code = format!("`{}", first.name);
    let speak = rules.iter().filter(|rule| {
        rule.page_markdown.match_indices(&code).any(|(at, found)| {
            let next = rule.page_markdown[at + found.len()..].chars().next();
            !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    });
    let speak: Vec<&str> = speak.map(|rule| rule.id.as_str()).collect();
    if !speak.is_empty() {
        let _ = writeln!(text, "\nRules that speak of it: {}.", speak.join(", "));
    }
    Ok(text)
}

/// A value as the server shows it, and in a larger unit where that says more.
fn shown(row: &Parameter, value: &str) -> String {
    let read = row.unit.and_then(|unit| Some((value.parse::<i64>().ok().filter(|value| *value > 0)?, unit)));
    match read.and_then(|(count, unit)| larger(count, unit)) {
        Some(said) if check(row, &said).is_ok_and(|read| read.setting() == value) => format!("{value} ({said})"),
        _ => value.to_owned(),
    }
}

/// A count of a unit in the largest unit of the server that has it whole.
fn larger(count: i64, unit: Unit) -> Option<String> {
    let steps: &[(Unit, &str, i64)] = &[
        (Unit::Block8k, "kB", 8),
        (Unit::Byte, "kB", -1024),
        (Unit::Kilobyte, "MB", -1024),
        (Unit::Megabyte, "GB", -1024),
        (Unit::Millisecond, "s", -1000),
        (Unit::Second, "min", -60),
        (Unit::Minute, "h", -60),
    ];
    let (_, name, factor) = steps.iter().find(|(from, ..)| *from == unit)?;
    if *factor > 0 {
        let count = count.checked_mul(*factor)?;
        return if count % 1024 == 0 { Some(format!("{}MB", count / 1024)) } else { Some(format!("{count}{name}")) };
    }
    (count % -factor == 0).then(|| format!("{}{name}", count / -factor))
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "switch".into(),
        Kind::Int { min, max } => format!("whole number from {min} to {max}"),
        Kind::Real { min, max } => format!("number from {min} to {max}"),
        Kind::Enum(values) => {
            let words: Vec<&str> =
                values.iter().filter(|value| value.listed).map(|value| value.word.as_str()).collect();
            format!("one of {}", words.join(", "))
        }
        Kind::String => "text".into(),
    }
}

fn changed(context: Context) -> &'static str {
    match context {
        Context::Internal => "never: it reports a fact",
        Context::Postmaster => "at the server's start",
        Context::Sighup => "by a reload of the configuration",
        Context::SuperuserBackend => "at a connection's start, by a superuser",
        Context::Backend => "at a connection's start",
        Context::Superuser => "in a session, by a superuser",
        Context::User => "in a session, by anyone",
    }
}
