//! Keys outside of every section, whose first words say what they belong to: `DB_POOL_SIZE=40`.

use super::{NEIGHBOURS, Reader, ViewId, tokens};
use crate::knowledge::{Generic, Section};
use crate::model::{Confidence, Name};

/// What flat keys begin with, by what is said of it.
#[derive(Debug, Default)]
pub(super) struct Heads {
    /// `billing`, for `BILLING_API_URL=https://…`.
    addressed: Vec<String>,
    /// `api`, for `API_PORT=8000`.
    listening: Vec<String>,
}

/// How many words before the known ones may name the program: `ORDERS_SERVICE_DB_POOL_SIZE`.
const NAMED_AFTER: usize = 2;

impl<'a> Reader<'a> {
    /// The first words of the flat keys below `at` that say whom they call or where they listen.
    pub(super) fn heads(&self, at: ViewId) -> Heads {
        let mut heads = Heads::default();
        let children = self.view.children(at);
        for &child in children.iter().take(NEIGHBOURS * 10) {
            let Some(text) = self.view.text(child) else { continue };
            let text = text.trim();
            let words = self.words(child);
            let here = matches!(text, "0.0.0.0" | "::" | "localhost" | "127.0.0.1");
            if let [head @ .., last] = &***words
                && (matches!(&**last, "port" | "workers") || (last == "host" && here))
            {
                heads.listening.push(head.join(" "));
            }
            if !text.starts_with("http://") && !text.starts_with("https://") {
                continue;
            }
            for (length, tail) in (1..words.len()).map(|length| (length, words[length..].join(" "))) {
                if matches!(
                    &*tail,
                    "url"
                        | "uri"
                        | "base url"
                        | "api url"
                        | "api base url"
                        | "endpoint"
                        | "api endpoint"
                        | "base uri"
                        | "api base"
                ) {
                    heads.addressed.push(words[..length].join(" "));
                }
            }
        }
        heads
    }

    /// A scalar outside every section; `plain` where nothing around it says what it is about.
    pub(super) fn flat_key(&mut self, at: ViewId, words: &[String], around: &Heads, plain: bool) {
        for (head, rest) in heads(words) {
            let phrase = head.join(" ");
            let Some(section) = flat_section(self.generic, &phrase) else { continue };
            let found = self.find(&section.kind, rest);
            if found.is_empty() {
                continue;
            }
            let skipped = words.len() - head.len() - rest.len();
            let vague = section.role.as_deref().is_none_or(|role| role == "http");
            if vague && around.listening.contains(&phrase) {
                return;
            }
            // deep inside of something else, or behind a name, only what is unmistakable
            if (skipped > 0 && vague) || (!plain && section.role.is_none()) {
                continue;
            }
            // retries of nobody knows what; where tasks stand beside them, of tasks
            let retry = &*section.kind == "retry";
            if retry && self.repeats_tasks(at) {
                return;
            }
            let sure = plain && !retry;
            let confidence = if sure { Confidence::High } else { Confidence::Medium };
            let own = if section.one { section.words[0].to_string() } else { phrase };
            let name: Vec<String> = words[..skipped].iter().cloned().chain([own]).collect();
            let index = self.flat_resource(at, section, name.join(" "), confidence);
            self.record(index, &found, at);
            return;
        }
        let http = || self.generic.section.iter().find(|section| section.role.as_deref() == Some("http"));
        for length in (1..words.len()).rev() {
            let head = words[..length].join(" ");
            if !around.addressed.contains(&head) {
                continue;
            }
            let Some(section) = http() else { return };
            let mut found = self.find(&section.kind, &words[length..]);
            if found.is_empty() {
                // `BILLING_API_TIMEOUT` beside `BILLING_URL`
                let rest = words[length..].strip_prefix(&[String::from("api")]).unwrap_or_default();
                found = if rest.is_empty() { found } else { self.find(&section.kind, rest) };
            }
            if found.is_empty() {
                continue;
            }
            let confidence = if plain { Confidence::High } else { Confidence::Medium };
            let head = head.strip_suffix(" api").unwrap_or(&head).to_string();
            let index = self.flat_resource(at, section, head, confidence);
            self.record(index, &found, at);
            return;
        }
    }

    /// Whether the file, or what the key stands in, is about tasks: what is repeated there is no call.
    fn repeats_tasks(&self, at: ViewId) -> bool {
        let around = self.view.parent(at).unwrap_or(at);
        let of_retries = self.generic.evidence.iter().filter(|evidence| evidence.kind.as_deref() == Some("retry"));
        of_retries
            .flat_map(|evidence| [(around, evidence), (self.view.root(), evidence)])
            .any(|(at, evidence)| self.beside(at, &evidence.without))
    }

    /// The resource of the flat keys that begin with `name`.
    fn flat_resource(&mut self, at: ViewId, section: &'a Section, name: String, confidence: Confidence) -> usize {
        let parent = self.view.parent(at).filter(|&parent| parent != self.view.root());
        let mut identity: Vec<Name> = parent.map(|parent| self.path(parent)).unwrap_or_default();
        identity.push(name.as_str().into());
        let key = identity.join("/");
        if let Some(&index) = self.flat.get(&key) {
            return index;
        }
        let node = self.view.get(at).entry.or(self.view.get(at).value).expect("a scalar has a node");
        let location = self.source.locate(self.source.document.node(node).entry);
        let index = self.add(section, identity, location, None, confidence);
        self.flat.insert(key, index);
        index
    }
}

/// The section that flat keys may begin with.
pub(super) fn flat_section<'a>(generic: &'a Generic, phrase: &str) -> Option<&'a Section> {
    generic.sections(phrase).find(|section| section.prefix && (section.within.is_empty() || section.alone))
}

/// The ways to take the words of a flat key apart: those of its section, behind a program's name, and the rest.
pub(super) fn heads(words: &[String]) -> impl Iterator<Item = (&[String], &[String])> {
    (0..=NAMED_AFTER.min(words.len().saturating_sub(2))).flat_map(|skipped| {
        let rest = &words[skipped..];
        (1..rest.len().min(4)).rev().map(|length| rest.split_at(length))
    })
}

/// The words with the unit at their end taken off.
pub(super) fn without_unit(words: &[String]) -> &[String] {
    &words[..words.len() - tokens::unit(words).map_or(0, |(_, taken)| taken)]
}
