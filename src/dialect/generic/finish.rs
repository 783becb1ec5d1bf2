//! Once the whole file is read: what is all there is, what belongs together, what says nothing.

use super::super::fragment::{Fragment, Setting};
use super::Reader;
use crate::knowledge::Generic;
use crate::model::{Effective, Value};

impl Reader<'_> {
    /// Drops what says nothing, decides what is closed, ties what stands apart in the file and belongs together.
    pub(super) fn finish(mut self) -> Vec<Fragment> {
        for index in (0..self.fragments.len()).rev() {
            if let Some((parent, _)) = self.fragments[index].parent {
                let strong = self.counts[index].strong;
                self.counts[parent].strong += strong.min(1);
            }
        }
        for (fragment, count) in self.fragments.iter_mut().zip(&self.counts) {
            fragment.closed = match (&*fragment.kind, count.strong) {
                ("client" | "benchmark", strong) => strong >= 2 || (strong >= 1 && count.weak >= 1),
                (_, strong) => strong >= 1 || fragment.parent.is_some(),
            };
        }
        // what is switched off, or lives in the program's own process, is judged by nothing that is missing
        for index in 0..self.fragments.len() {
            let fragment = &self.fragments[index];
            let around = fragment.parent.as_ref().map(|(parent, _)| *parent);
            let aside =
                &*fragment.kind == "client" && fragment.settings.iter().any(|setting| is_aside(self.generic, setting));
            if aside || self.shared.contains(&index) || around.is_some_and(|parent| self.aside.contains(&parent)) {
                self.fragments[index].closed = false;
                if aside {
                    self.aside.insert(index);
                }
            }
        }
        self.tie();
        // a section in which nothing was understood is not a client; keep indexes stable for parents
        let says = |index: usize| {
            self.counts[index].strong + self.counts[index].weak > 0 || self.fragments[index].parent.is_some()
        };
        if (0..self.fragments.len()).any(says) { self.fragments } else { Vec::new() }
    }

    /// Ties clients to the file's benchmark and its cache server, and to the sections that stand beside them.
    fn tie(&mut self) {
        let of_kind = |kind: &str| -> Vec<usize> {
            (0..self.fragments.len()).filter(|&index| &*self.fragments[index].kind == kind).collect()
        };
        let clients = of_kind("client");
        let with_role = |role: &str| -> Vec<usize> {
            let has = |&&client: &&usize| self.role(client).is_some_and(|own| own == role);
            clients.iter().filter(has).copied().collect()
        };
        let mut ties: Vec<(usize, &str, usize)> = Vec::new();
        if let [benchmark] = of_kind("benchmark").as_slice() {
            ties.extend(clients.iter().map(|&client| (client, "benchmark", *benchmark)));
        }
        let vectors = with_role("vector-database");
        if let Some(&store) = with_role("cache").first() {
            ties.extend(clients.iter().filter(|&&client| client != store).map(|&client| (client, "store", store)));
        }
        for (kind, role) in
            [("cache", None), ("breaker", None), ("pool", Some("database")), ("query", Some("vector-database"))]
        {
            let apart: Vec<usize> =
                of_kind(kind).into_iter().filter(|&index| self.fragments[index].parent.is_none()).collect();
            let without = |&&client: &&usize| !self.hanging.contains_key(&(client, kind.into()));
            match (apart.as_slice(), role) {
                // one of them may serve every client that has none of its own
                ([one, ..], None) => ties.extend(clients.iter().filter(without).map(|&client| (client, kind, *one))),
                ([one], Some(role)) => {
                    let takers = if role == "database" { with_role(role) } else { vectors.clone() };
                    if let [client] = takers.as_slice()
                        && without(&client)
                    {
                        ties.push((*client, kind, *one));
                        ties.push((*one, "client", *client));
                    }
                }
                _ => {}
            }
        }
        for (from, link, to) in ties {
            self.fragments[from].ties.push((link.into(), to));
        }
    }

    /// The role of a client, as its section or its keys say.
    pub(super) fn role(&self, client: usize) -> Option<&str> {
        self.fragments[client].settings.iter().rev().find_map(|setting| match &setting.reading.effective {
            Effective::Known(Value::Text(text)) if setting.attribute.as_deref() == Some("role") => Some(&**text),
            _ => None,
        })
    }
}

/// Whether a setting takes its client out of use, or says that it calls nothing over a network.
fn is_aside(generic: &Generic, setting: &Setting) -> bool {
    let Some(attribute) = &setting.attribute else { return false };
    match (&**attribute, &setting.reading.effective) {
        ("enabled", Effective::Known(Value::Bool(enabled))) => !enabled,
        ("product" | "url", Effective::Known(Value::Text(text))) => {
            let scheme = text.split([':', '+']).next().unwrap_or(text);
            generic.in_process.iter().any(|name| name.eq_ignore_ascii_case(scheme))
        }
        _ => false,
    }
}
