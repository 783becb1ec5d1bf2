//! `trueup explain`: the page of a rule.

use clap::Args;

use super::{Console, Ended, scope};
use crate::workspace::{Engine, Exit, Problem, nearest};

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The rule's id
    #[arg(value_name = "RULE")]
    rule: String,
    #[command(flatten)]
    scope: scope::ScopeArguments,
}

pub(super) fn run(engine: &dyn Engine, arguments: &ExplainArguments, console: &mut Console<'_>) -> Ended {
    let own = arguments.scope.engine_here(engine, console)?;
    let rules = own.as_deref().unwrap_or(engine).rules();
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
