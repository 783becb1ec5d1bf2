//! Programs that serve requests: how many processes and threads a command line starts, whatever image it runs in.

use super::blocks::BlockReader;
use super::fragment::{Reading, Setting};
use super::reading::value_of;
use super::site::Place;
use super::{Text, settle};
use crate::knowledge::{ProgramOption, glob};
use crate::model::{Effective, Location, Name, Origin, Value, Why, Written};
use crate::quantity::{self, Grammar, Wanted};
use crate::syntax::Span;

impl BlockReader<'_, '_> {
    /// What the command line of a container says of its processes and threads, for the workload that it is.
    pub(crate) fn program(&self, place: Place<'_>) -> Vec<Setting> {
        let Some(arguments) = place.arguments() else { return Vec::new() };
        let document = &arguments.document;
        let texts: Vec<&str> = arguments.words().map(|word| document.scalar(word)).collect();
        let named = |word: &&str| {
            let base = word.rsplit('/').next().unwrap_or(word);
            let found =
                self.knowledge.tables.iter().find(|entry| entry.head.programs.iter().any(|name| **name == *base));
            found.map(|entry| (entry.table().clone(), base.to_string()))
        };
        // `bundle exec puma`, `poetry run gunicorn`: the program is one of the first words
        let Some((table, base)) = texts.iter().take(6).find_map(named) else { return Vec::new() };
        let Some(program) = table.program.iter().find(|program| program.names.iter().any(|name| **name == *base))
        else {
            return Vec::new();
        };
        let flags = arguments.flags();
        let locate = |span: Span| {
            let span = document.host(span);
            Location { file: self.source.file, start: span.start, end: span.end }
        };
        let many = program.many.as_ref().is_some_and(|many| {
            let said =
                flags.iter().filter(|flag| many.names.contains(&flag.name)).filter_map(|flag| flag.value.as_ref());
            said.into_iter().any(|value| many.values.iter().any(|pattern| glob(pattern, value)))
        });
        let mut settings = Vec::new();
        for option in &program.option {
            if many && program.many.as_ref().is_some_and(|many| many.unbounds == option.attribute) {
                continue;
            }
            let counts = option.beside.is_empty()
                || flags
                    .iter()
                    .filter(|flag| option.beside.contains(&flag.name))
                    .any(|flag| flag.value.as_ref().is_some_and(|value| !option.beside_not.contains(value)));
            if !counts {
                continue;
            }
            let flag = flags.iter().rev().find_map(|flag| {
                let exact = option.names.contains(&flag.name).then(|| flag.value.clone()).flatten();
                let glued = || {
                    let short =
                        option.names.iter().find(|name| name.len() == 2 && flag.name.starts_with(name.as_str()))?;
                    Some(flag.name[short.len()..].to_string()).filter(|rest| !rest.is_empty())
                };
                Some((flag, exact.or_else(glued)?))
            });
            let (reading, location, key) = match flag {
                Some((flag, value)) => {
                    let node = document.node(flag.word);
                    (
                        self.count(&value, option),
                        locate(flag.value_span.unwrap_or(node.content)),
                        flag.name.as_str().into(),
                    )
                }
                None => match self.by_variable(place, option) {
                    Some((value, location, name)) => (self.count(&value, option), location, name),
                    None => {
                        let hidden = || option.variable.is_some() && has_variable_files(place);
                        let default = option.default.as_ref().filter(|_| !hidden());
                        let reading = match (default, option.at_least) {
                            (Some(default), _) => Reading {
                                origin: Origin::Default { source: table.source.as_str().into() },
                                ..self.count(default, option)
                            },
                            (None, Some(least)) => at_least(least),
                            (None, None) => continue,
                        };
                        let Some(word) = arguments.words().next() else { continue };
                        (reading, locate(document.node(word).content), Name::from(base.as_str()))
                    }
                },
            };
            settings.push(Setting {
                attribute: Some(option.attribute.clone()),
                reading,
                written: Written::new(location, location, key),
                text: "".into(),
                needs: Vec::new(),
            });
        }
        settings
    }

    /// A number on a command line; at least what the program starts anyway, if it cannot be read.
    fn count(&self, text: &str, option: &ProgramOption) -> Reading {
        let (text, origin) = match settle(self.context, self.source.path, self.interpolation, text) {
            Text::Open if option.bare.is_some() => return Reading::unknown(Why::Interpolated),
            Text::Open => return at_least(option.at_least.unwrap_or(0)),
            Text::Written(text) => (text, Origin::Set),
            Text::Filled(text) => (text, Origin::Interpolated),
        };
        if let Some(unit) = option.bare {
            let parsed = quantity::parse(&text, Grammar::Plain, Wanted::Duration, unit);
            return match parsed.map(|parsed| value_of(parsed.quantity)) {
                Ok(value) => Reading { origin, ..Reading::known(value) },
                Err(_) => Reading::unknown(Why::Unreadable),
            };
        }
        // `-t 5:16` gives a least and a most
        let most = text.trim().rsplit(':').next().unwrap_or("");
        match most.parse::<i64>() {
            Ok(number) if number >= 0 => {
                Reading { origin, ..Reading::known(Value::Int(number.max(option.at_least.unwrap_or(0)))) }
            }
            _ => at_least(option.at_least.unwrap_or(0)),
        }
    }

    fn by_variable(&self, place: Place<'_>, option: &ProgramOption) -> Option<(String, Location, Name)> {
        let wanted = option.variable.as_ref()?;
        let (child, name, value) = place.variables().into_iter().rev().find(|(_, name, _)| name == wanted)?;
        let entry = place.view.get(child);
        let node = entry.entry.or(entry.value)?;
        Some((value?.to_string(), self.source.locate(self.source.document.node(node).entry), name))
    }
}

/// Whether a file that is not looked into may hold variables of the container.
fn has_variable_files(place: Place<'_>) -> bool {
    place.site.variable_files.iter().any(|pattern| place.view.one(place.at, pattern).is_some())
}

fn at_least(number: i64) -> Reading {
    Reading { effective: Effective::Between(Some(Value::Int(number)), None), ..Reading::known(Value::Int(number)) }
}
