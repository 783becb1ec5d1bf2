//! What the description of a container says of its ports: which of its host lead to which of its own, and which numbers
//! stand anywhere else in it, as it may listen there.

use std::collections::{BTreeSet, HashSet};

use super::site::Place;
use super::tokens::any_word;
use super::view::ViewId;
use super::{Context, Text, settle};
use crate::knowledge::{Interpolation, PortSite, glob};
use crate::model::{Confidence, Ports, Published};

/// What one item of the published ports says.
#[derive(Debug, PartialEq, Eq)]
enum Item {
    /// A port of the host leads to one of the container.
    Pair(u16, u16),
    /// A port of the container, reached from the host by one that is chosen later.
    Own(u16),
}

impl Place<'_> {
    /// What is said of its ports; nothing where the site does not speak of them.
    /// `repository` is its image's, where that is known and not built here.
    pub(super) fn ports(&self, context: &Context, interpolation: Interpolation, repository: Option<&str>) -> Ports {
        let mut ports = Ports::default();
        let Some(site) = &self.site.ports else { return ports };
        let settled = |text: &str| settle(context, self.source.path, interpolation, text);
        let items = self.view.select(self.at, &site.published);
        let built = self.site.build.iter().any(|pattern| self.view.one(self.at, pattern).is_some());
        let one_port = repository.is_some_and(|name| site.images.iter().any(|pattern| glob(pattern, name)));
        let sure = if built || one_port { Confidence::Certain } else { Confidence::Medium };
        for item in &items {
            self.published(site, item.id, sure, &settled, &mut ports);
        }
        let published: HashSet<ViewId> = items.iter().map(|item| item.id).collect();
        self.others(site, &published, &settled, &mut ports);
        ports.open |= site.elsewhere.iter().any(|pattern| self.view.one(self.at, pattern).is_some());
        ports.open |= self.mounts().iter().any(|mount| {
            // a mount that cannot be read may be one
            mount.target.as_ref().is_none_or(|target| site.mounts.iter().any(|pattern| glob(pattern, target)))
        });
        let joined = self.view.one(self.at, &site.joins).and_then(|at| self.view.text(at));
        ports.joins = joined.and_then(|text| text.split_once(':')).map(|(_, name)| name.into());
        ports
    }

    /// One of the ports that the host leads on; `sure` that nothing listens at another.
    fn published(
        &self,
        site: &PortSite,
        item: ViewId,
        sure: Confidence,
        settled: &dyn Fn(&str) -> Text,
        ports: &mut Ports,
    ) {
        let mut confidence = sure;
        let mut read = |text: &str| match settled(text) {
            Text::Written(text) => Some(text),
            Text::Filled(text) => {
                confidence = Confidence::Medium;
                Some(text)
            }
            Text::Open => None,
        };
        let found = match self.view.text(item) {
            Some(text) => read(text).and_then(|text| short_form(&text)),
            None => {
                let [host, own] = &site.keys;
                let mut member = |key| self.view.one(item, key).and_then(|at| self.view.text(at)).map(&mut read);
                match (member(host), member(own)) {
                    (Some(host), Some(own)) => host
                        .zip(own)
                        .and_then(|(host, own)| Some(Item::Pair(host.trim().parse().ok()?, own.trim().parse().ok()?))),
                    (None, Some(own)) => own.and_then(|own| Some(Item::Own(own.trim().parse().ok()?))),
                    (_, None) => None,
                }
            }
        };
        match found {
            Some(Item::Pair(host, own)) => {
                let entry = self.view.get(item);
                let Some(node) = entry.entry.or(entry.value) else { return };
                let location = self.source.locate(self.source.document.node(node).content);
                ports.published.push(Published { host, own, confidence, location });
            }
            Some(Item::Own(own)) => {
                ports.said.insert(own);
            }
            None => ports.open = true,
        }
    }

    /// The numbers in everything else that is said of it.
    fn others(&self, site: &PortSite, published: &HashSet<ViewId>, settled: &dyn Fn(&str) -> Text, ports: &mut Ports) {
        let commands = self.site.entrypoint.iter().chain([&self.site.arguments]);
        let commands: Vec<ViewId> = commands.filter_map(|pattern| self.view.one(self.at, pattern)).collect();
        let mut work = vec![(self.at, false)];
        while let Some((id, commanded)) = work.pop() {
            if published.contains(&id) {
                continue;
            }
            let commanded = commanded || commands.contains(&id);
            work.extend(self.view.children(id).iter().map(|&child| (child, commanded)));
            let Some(text) = self.view.text(id) else { continue };
            match settled(text) {
                Text::Written(text) | Text::Filled(text) => numbers(&text, &mut ports.said),
                Text::Open => {
                    numbers(text, &mut ports.said);
                    let is_one = |word: &str| site.words.iter().any(|known| known == word);
                    ports.open |= commanded || any_word(&self.view.get(id).written, is_one) || any_word(text, is_one);
                }
            }
        }
    }
}

/// `[address:][host:]own[/protocol]`; none where it is anything else, such as a range.
fn short_form(text: &str) -> Option<Item> {
    let (text, protocol) = text.trim().split_once('/').unwrap_or((text.trim(), "tcp"));
    let mut parts = text.rsplitn(3, ':');
    let own = parts.next()?.parse().ok()?;
    let host = parts.next().filter(|host| !host.is_empty());
    match host {
        Some(host) if protocol == "tcp" => Some(Item::Pair(host.parse().ok()?, own)),
        _ => Some(Item::Own(own)),
    }
}

/// The numbers in `text` that may be ports.
pub fn port_numbers(text: &str) -> BTreeSet<u16> {
    let mut found = BTreeSet::new();
    numbers(text, &mut found);
    found
}

fn numbers(text: &str, found: &mut BTreeSet<u16>) {
    let runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| (2..=5).contains(&run.len()));
    found.extend(runs.filter_map(|run| run.parse::<u16>().ok()));
}

#[cfg(test)]
mod tests {
    use super::{Item, short_form};

    #[test]
    fn published_ports_come_apart() {
        for (text, item) in [
            ("5433:5432", Some(Item::Pair(5433, 5432))),
            ("127.0.0.1:5433:5432/tcp", Some(Item::Pair(5433, 5432))),
            ("[::1]:5433:5432", Some(Item::Pair(5433, 5432))),
            ("127.0.0.1::5432", Some(Item::Own(5432))),
            ("5432", Some(Item::Own(5432))),
            ("5433:5432/udp", Some(Item::Own(5432))),
            ("5433-5435:5432-5434", None),
            ("127.0.0.1:5432", None),
            ("99999:5432", None),
        ] {
            assert_eq!(short_form(text), item, "{text}");
        }
    }
}
