//! A DSN inside an in-house file: what it says belongs to the client that uses it.

use super::blocks::BlockReader;
use super::fragment::{Fragment, Reading};
use super::recognise::recognise;
use super::{Context, Read, Source};
use crate::knowledge::Knowledge;
use crate::model::Why;
use crate::syntax::{NodeId, command, dsn, embed};

/// Adds what the DSN at `node` says to `client`.
pub(crate) fn read(knowledge: &Knowledge, context: &Context, source: &Source<'_>, node: NodeId, client: &mut Fragment) {
    let Some(embedded) = embed::scalar(source.document, node) else { return };
    let Some(mut document) = dsn::parse(&embedded.text) else { return };
    document.map = document.map.through(&embedded.map);
    let inner = Source {
        file: source.file,
        path: source.path,
        scope: source.scope.clone(),
        embedded: true,
        document: &document,
    };
    for &root in &document.roots {
        for entry in &knowledge.tables {
            let Some(how) = recognise(&entry.head, &document, root, source.path) else { continue };
            let mut read = Read::default();
            let mut reader = BlockReader {
                knowledge,
                context,
                source: &inner,
                table: entry.table(),
                how: Some(how),
                interpolation: entry.table().interpolation,
                read: &mut read,
            };
            reader.document(root);
            for fragment in read.fragments.into_iter().filter(|fragment| fragment.kind == client.kind) {
                client.product = client.product.take().or(fragment.product);
                client.settings.extend(fragment.settings);
            }
        }
        // `options=-c statement_timeout=5s` is a command line of the server
        let options = document.lookup(root, &["options", "options"]).or_else(|| document.lookup(root, &["options"]));
        let Some(options) = options else { continue };
        for setting in command::parse(&format!("postgres {}", document.scalar(options))).settings() {
            let name = setting.name.replace('-', "_");
            let known = knowledge.vocabulary.attribute(&client.kind, &name).is_some();
            if known && let Some(template) = client.settings.first().cloned() {
                client.settings.push(super::Setting {
                    attribute: Some(name.as_str().into()),
                    reading: Reading::unknown(Why::Unreadable),
                    ..template
                });
            }
        }
    }
}
