//! A plan as `ALTER SYSTEM` statements, and their undoing.

use std::fmt::Write;

use super::conf::heading;
use super::{By, Plan, RolePlan, Server, Setting, Sourced, TableOption, TablePlan, Was};

/// Statements that set all of a plan, or what of it changes on a server, to read and run as a superuser.
pub fn sql(plan: &Plan, inputs: &[Sourced], server: Option<&Server>) -> String {
    let mut text = heading(plan, inputs, "--");
    if let Some(server) = server.filter(|server| server.running.is_none() && !server.is_own_file) {
        let _ = writeln!(
            text,
            "-- The server is described at {}: there, settings outlive its container. --format diff writes them there.",
            server.place
        );
    }
    for setting in changing(plan, server) {
        let value = quoted(&setting.value);
        let was = match server.map(|server| server.was(setting.parameter, plan.version)) {
            Some(Was::Set(said)) if said.by == By::CommandLine => {
                let _ = writeln!(
                    text,
                    "-- not by SQL: {} = {value}; the server is started with {} ({}), and nothing is over that",
                    setting.parameter, said.text, said.place
                );
                continue;
            }
            Some(Was::Set(said)) => format!("was {}, {}: ", said.text, said.place),
            Some(Was::Default(value)) => format!("was {value}, by default: "),
            Some(Was::Unseen) | None => String::new(),
        };
        let _ = writeln!(text, "ALTER SYSTEM SET {} = {value}; -- {was}{}", setting.parameter, setting.why);
    }
    closing(&mut text, plan, server);
    of_roles(&mut text, plan, &|text, role| {
        let (value, says, why) = (quoted(&role.value), &role.says, role.why);
        let _ = writeln!(text, "ALTER ROLE {} SET {} = {value}; -- {says}: {why}", role.quoted(), role.parameter);
    });
    of_tables(&mut text, plan, &|text, table| {
        let set: Vec<String> =
            table.options.iter().map(|option| format!("{} = {}", option.name, option.value)).collect();
        let _ = writeln!(text, "ALTER TABLE {} SET ({}); -- {}", table.quoted(), set.join(", "), table.says);
    });
    text
}

/// Statements that take those of [`sql`] back: what `ALTER SYSTEM` had set before, as far as it was seen, else what the
/// files say.
pub fn undo(plan: &Plan, server: Option<&Server>) -> String {
    let mut text = String::from("-- Takes back what trueup tune proposed: ");
    text.push_str(match server {
        Some(server) if server.running.is_some() => "what held when the server was asked holds again.\n",
        _ => {
            "what postgresql.conf says holds again.\n\
             -- What ALTER SYSTEM had set before is known only where postgresql.auto.conf was read: see there first.\n"
        }
    });
    for setting in changing(plan, server) {
        let before = match server.map(|server| server.was(setting.parameter, plan.version)) {
            Some(Was::Set(said)) if said.by == By::CommandLine => continue,
            Some(Was::Set(said)) => said.by_statement,
            _ => None,
        };
        let waiting = server.and_then(|server| server.waiting(setting.parameter)).map(str::to_owned);
        let before = waiting.or(before);
        let _ = match before {
            Some(value) => writeln!(text, "ALTER SYSTEM SET {} = {};", setting.parameter, quoted(&value)),
            None => writeln!(text, "ALTER SYSTEM RESET {};", setting.parameter),
        };
    }
    closing(&mut text, plan, server);
    of_roles(&mut text, plan, &|text, role| {
        let _ = writeln!(text, "ALTER ROLE {} RESET {};", role.quoted(), role.parameter);
    });
    of_tables(&mut text, plan, &|text, table| {
        let had = |option: &TableOption| Some(format!("{} = {}", option.name, option.was.as_ref()?));
        let set: Vec<String> = table.options.iter().filter_map(had).collect();
        let unset = table.options.iter().filter(|option| option.was.is_none());
        let unset: Vec<&str> = unset.map(|option| option.name).collect();
        for (options, verb) in [(set.join(", "), "SET"), (unset.join(", "), "RESET")] {
            if !options.is_empty() {
                let _ = writeln!(text, "ALTER TABLE {} {verb} ({options});", table.quoted());
            }
        }
    });
    text
}

/// What becomes of roles. Nothing had set it for them, so that taking it back leaves what else they set as it was.
fn of_roles(text: &mut String, plan: &Plan, one: &dyn Fn(&mut String, &RolePlan)) {
    if plan.roles.is_empty() {
        return;
    }
    text.push_str("-- Roles, for all databases; sessions that are open keep what they have:\n");
    plan.roles.iter().for_each(|role| one(text, role));
}

/// What becomes of tables, which has to be said in their database; a busy table is not waited for.
fn of_tables(text: &mut String, plan: &Plan, one: &dyn Fn(&mut String, &TablePlan)) {
    let Some(first) = plan.tables.first() else { return };
    let _ = writeln!(
        text,
        "-- Run the rest in the database {}, as the owner of the tables or a superuser:",
        first.database
    );
    text.push_str("SET lock_timeout = '5s';\n");
    plan.tables.iter().for_each(|table| one(text, table));
    text.push_str("RESET lock_timeout;\n");
}

/// The settings that a server does not have yet; all of them where there is none.
fn changing<'p>(plan: &'p Plan, server: Option<&'p Server>) -> impl Iterator<Item = &'p Setting> {
    let changes = move |setting: &&Setting| server.is_none_or(|server| server.changes(setting, plan.version));
    plan.settings.iter().filter(changes)
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn closing(text: &mut String, plan: &Plan, server: Option<&Server>) {
    text.push_str("SELECT pg_reload_conf();\n");
    let restart: Vec<&str> =
        changing(plan, server).filter(|setting| setting.needs_restart).map(|setting| setting.parameter).collect();
    if !restart.is_empty() {
        text.push_str("-- These take effect at the next restart:\n");
        restart.iter().for_each(|name| {
            let _ = writeln!(text, "--   {name}");
        });
    }
}
