//! `trueup explain`: the page of a rule, or what is known of a key of a product.

use std::fmt::Write;

use clap::{Args, ValueEnum};

use super::{Console, Ended, scope};
use crate::report::paragraph;
use crate::workspace::{Engine, Exit, Explained, Problem, RuleInfo, nearest};

/// Columns of a line.
const WIDTH: usize = 80;

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The rule's id; `pg:` and a parameter of Postgres; or a product of `trueup dialects`, `:` and one of its keys
    #[arg(value_name = "RULE|TABLE:KEY")]
    what: String,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    scope: scope::ScopeArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(engine: &dyn Engine, arguments: &ExplainArguments, console: &mut Console<'_>) -> Ended {
    let own = arguments.scope.engine_here(engine, console)?;
    let engine = own.as_deref().unwrap_or(engine);
    let json = arguments.format == Format::Json;
    let text = match arguments.what.split_once(':') {
        // an address is no key: it is refused as a whole, so that what is secret in it is known as such
        Some((table, key)) if !key.starts_with("//") => {
            let explained = engine.explain(table, key).map_err(|problem| vec![problem])?;
            if json { to_json(&explained) } else { text(&explained) }
        }
        _ => {
            let rule = find(engine.rules(), &arguments.what).map_err(|problem| vec![problem])?;
            if json { to_json(rule) } else { page(rule) }
        }
    };
    console.print(&text).map_err(|problem| vec![problem])?;
    Ok(Exit::Clean)
}

fn find<'r>(rules: &'r [RuleInfo], id: &str) -> Result<&'r RuleInfo, Problem> {
    rules.iter().find(|rule| rule.id == id).ok_or_else(|| {
        let near = nearest(id, rules.iter().map(|rule| rule.id.as_str()));
        let problem = Problem::new("explain", format!("no rule is called `{id}`"));
        if near.is_some() { problem.meant(near) } else { problem.advice("`trueup rules` lists them") }
    })
}

fn page(rule: &RuleInfo) -> String {
    let (severity, confidence, since) = (rule.severity, rule.confidence, &rule.since);
    let facts = format!("{} · {} · {severity} · {confidence} confidence · since {since}", rule.id, rule.category);
    format!("{}\n\n{facts}\n", rule.page_markdown.trim_end())
}

fn to_json(what: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(what).expect("strings and words always serialize") + "\n"
}

fn text(explained: &Explained) -> String {
    let mut text = format!("# {}\n\n", explained.name);
    paragraph(&mut text, &explained.summary, "", "", WIDTH);
    for part in &explained.parts {
        text.push('\n');
        if explained.parts.len() > 1 || part.heading != explained.name {
            let _ = write!(text, "## {}\n\n", part.heading); // a string takes any write
        }
        for fact in &part.facts {
            paragraph(&mut text, &format!("- {}: {}", fact.label, fact.text), "", "  ", WIDTH);
        }
    }
    if let Some(note) = &explained.note {
        text.push('\n');
        paragraph(&mut text, note, "", "", WIDTH);
    }
    if !explained.rules.is_empty() {
        text.push('\n');
        paragraph(&mut text, &format!("Rules that speak of it: {}.", explained.rules.join(", ")), "", "", WIDTH);
    }
    text
}
