//! The addresses that a description calls: in the variables and the command of a container, and where a document names what
//! requests go on to.
//!
//! ```text
//! DATABASE_URL: postgres://app@db:5433/shop     db, 5433
//! DB_HOST: db    DB_PORT: "5433"                db, 5433
//! ```

use super::Source;
use super::blocks::BlockReader;
use super::recognise::has_key;
use super::site::Place;
use super::view::View;
use super::{Text, settle};
use crate::knowledge::CallSite;
use crate::model::{Call, Confidence, Name, Written};
use crate::syntax::{Document, NodeId, NodeKind};

/// From here on numbers behind a name are ports, and not versions.
const FIRST_PORT: u16 = 1024;

/// What the last word of a variable's name is, where it holds the host of which another holds the port.
const HOSTS: [&str; 3] = ["HOST", "HOSTNAME", "SERVER"];

impl BlockReader<'_, '_> {
    /// The addresses in the variables and the command of a container.
    pub(super) fn calls(&self, place: Place<'_>, unit: &Name, caller: &Name) -> Vec<Call> {
        let mut calls = Vec::new();
        let environment = place.environment(self.context, unit);
        let inner = Source::new(self.source.file, self.source.path, "".into(), true, &environment);
        let mut variables: Vec<(&str, NodeId, String, Confidence)> = Vec::new();
        for node in environment.roots.iter().flat_map(|&root| environment.children(root)) {
            let value = environment.resolve(node);
            let Some(name) = environment.key(node).filter(|_| environment.node(value).kind == NodeKind::Scalar) else {
                continue;
            };
            let (text, confidence) = match self.settled(environment.scalar(value)) {
                Some(settled) => settled,
                None => continue,
            };
            for (host, port) in addresses(&text) {
                calls.push(self.call(&inner, value, name, caller, host, port, confidence));
            }
            variables.push((name, value, text, confidence));
        }
        for (name, _, host, confidence) in &variables {
            let Some(stem) = HOSTS.iter().find_map(|word| stem(name, word)) else { continue };
            let is_port = |name: &str| self::stem(name, "PORT") == Some(stem);
            let Some((name, node, port, other)) = variables.iter().find(|(name, ..)| is_port(name)) else { continue };
            if let Ok(port) = port.parse()
                && is_host(host)
            {
                calls.push(self.call(&inner, *node, name, caller, host, port, *confidence.min(other)));
            }
        }
        if let Some(arguments) = place.arguments() {
            let inner = Source::new(self.source.file, self.source.path, "".into(), true, &arguments.document);
            for word in arguments.words() {
                let Some((text, confidence)) = self.settled(arguments.document.scalar(word)) else { continue };
                for (host, port) in addresses(&text) {
                    calls.push(self.call(&inner, word, "command", caller, host, port, confidence));
                }
            }
        }
        calls
    }

    fn settled(&self, text: &str) -> Option<(String, Confidence)> {
        match settle(self.context, self.source.path, self.interpolation, text) {
            Text::Written(text) => Some((text, Confidence::Certain)),
            Text::Filled(text) => Some((text, Confidence::Medium)),
            Text::Open => None,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one per fact")]
    fn call(
        &self,
        source: &Source<'_>,
        node: NodeId,
        key: &str,
        caller: &Name,
        host: &str,
        port: u16,
        confidence: Confidence,
    ) -> Call {
        let node = source.document.node(node);
        let (entry, value) = (source.locate(node.entry), source.locate(node.content));
        Call {
            dialect: self.table.id.clone(),
            caller: caller.clone(),
            host: host.into(),
            port: port.to_string().into(),
            confidence,
            written: Written::new(entry, value, key),
        }
    }

    /// What the document itself calls.
    pub(super) fn called(&mut self, view: &View<'_>) {
        let Some(root) = view.get(view.root()).value else { return };
        let table = self.table.clone();
        let document = self.source.document;
        for site in table.calls.iter().filter(|site| has_key(document, root, &site.when)) {
            let unit = self.unit(view, Some(&site.within));
            for found in site.at.iter().flat_map(|at| view.select(view.root(), at)) {
                let Some(node) = view.get(found.id).value else { continue };
                if site.unless.iter().any(|test| has_key(document, node, test)) {
                    continue;
                }
                self.read.calls.extend(self.site_call(view, site, &found).map(|call| (unit.clone(), call)));
            }
        }
    }

    fn site_call(&self, view: &View<'_>, site: &CallSite, found: &super::view::Found) -> Option<Call> {
        let place = |pattern| view.one(found.id, pattern);
        let text = |pattern| place(pattern).and_then(|at| view.text(at));
        let host = text(&site.name)?;
        let port_at = site.port.iter().find_map(place)?;
        let port = view.text(port_at)?;
        if host.contains(['$', '{']) || port.contains(['$', '{']) {
            return None;
        }
        let host = match site.namespace.as_ref().and_then(text) {
            Some(namespace) => format!("{host}.{namespace}"),
            None => host.to_string(),
        };
        let document: &Document = self.source.document;
        let node = document.node(view.get(port_at).value?);
        let location = self.source.locate(node.content);
        Some(Call {
            dialect: self.table.id.clone(),
            caller: found.captures.last().map_or_else(|| self.table.id.clone(), |capture| (**capture).into()),
            host: host.as_str().into(),
            port: port.into(),
            confidence: Confidence::Certain,
            written: Written::new(location, location, &*view.get(port_at).written),
        })
    }
}

/// The name without its last word, if that is `word`: `DB_` of `DB_HOST`.
fn stem<'n>(name: &'n str, word: &str) -> Option<&'n str> {
    let at = name.len().checked_sub(word.len())?;
    let last = name.get(at..)?;
    last.eq_ignore_ascii_case(word).then(|| &name[..at]).filter(|stem| !stem.is_empty())
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_host_byte)
}

/// Every `host:port` in a text: behind a scheme, or with a port that is no version.
pub(crate) fn addresses(text: &str) -> impl Iterator<Item = (&str, u16)> {
    text.match_indices(':').filter_map(|(colon, _)| {
        let (head, tail) = (&text[..colon], &text[colon + 1..]);
        let start = head.bytes().rposition(|byte| !is_host_byte(byte)).map_or(0, |at| at + 1);
        let host = head.get(start..).filter(|host| host.bytes().any(|byte| byte.is_ascii_alphabetic()))?;
        let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
        let port: u16 = tail[..digits].parse().ok()?;
        let ends = tail[digits..].chars().next().is_none_or(|c| " \t\r\n/,;?#&\"'`)]}|".contains(c));
        let before = &head[..start];
        let addressed = before.ends_with("//") || before.ends_with('@');
        let begins = addressed || before.chars().next_back().is_none_or(|c| " \t\r\n,;=\"'`([{|".contains(c));
        (begins && ends && (addressed || port >= FIRST_PORT)).then_some((host, port))
    })
}

#[cfg(test)]
mod tests {
    use super::{addresses, stem};

    #[test]
    fn addresses_are_told_from_versions_and_passwords() {
        for (text, found) in [
            ("postgres://app:1234@db:5433/shop", vec![("db", 5433)]),
            ("http://api", vec![]),
            ("http://api:80/x?y=z:90", vec![("api", 80)]),
            ("kafka-1:29092,kafka-2:29092", vec![("kafka-1", 29092), ("kafka-2", 29092)]),
            ("postgres:16", vec![]),
            ("registry:5000/app:2", vec![("registry", 5000)]),
            ("./data:8080:9090", vec![]),
            ("127.0.0.1:8080", vec![]),
            ("api:99999", vec![]),
            ("--upstream=http://api.shop.svc:8080", vec![("api.shop.svc", 8080)]),
            ("jdbc:postgresql://db:5433/shop", vec![("db", 5433)]),
            ("é:8080", vec![]),
        ] {
            assert_eq!(addresses(text).collect::<Vec<_>>(), found, "{text}");
        }
    }

    #[test]
    fn names_of_hosts_and_ports_belong_together() {
        assert_eq!(stem("DB_HOST", "HOST"), Some("DB_"));
        assert_eq!(stem("PGPORT", "PORT"), Some("PG"));
        assert_eq!(stem("HOST", "HOST"), None);
    }
}
