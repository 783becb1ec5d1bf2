//! Which dialect a document belongs to.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::view::canonical;
use crate::knowledge::{Entry, FormatName, KeyTest, Knowledge, Recognise, Spelling, glob};
use crate::quantity::postgres;
use crate::syntax::{Document, Format, LineFlavor, NodeId, NodeKind};

/// The format a file is parsed as, by its name; `None` for kinds that are not read.
pub fn format_of(path: &str) -> Option<Format> {
    let name = file_name(path).to_ascii_lowercase();
    let line = |flavor| Some(Format::Line(flavor));
    let base = name.strip_suffix(".sample").or(name.strip_suffix(".example")).unwrap_or(&name);
    // of Ruby's templates only YAML is read as it comes out
    let base =
        base.strip_suffix(".erb").filter(|base| base.ends_with(".yml") || base.ends_with(".yaml")).unwrap_or(base);
    match base {
        "dockerfile" | "containerfile" => return Some(Format::Dockerfile),
        _ if base.starts_with("dockerfile.") => return Some(Format::Dockerfile),
        ".env" | "env.example" | "dotenv" => return line(LineFlavor::Env),
        _ if base == "pgbouncer.ini" || base.starts_with("pgbouncer.ini.") => return line(LineFlavor::PgBouncer),
        _ => {}
    }
    if base.starts_with(".env.") || base.ends_with(".env") {
        return line(LineFlavor::Env);
    }
    match base.rsplit_once('.').map(|(_, extension)| extension) {
        Some("yaml" | "yml") => Some(Format::Yaml),
        Some("json" | "jsonc" | "json5") => Some(Format::Json),
        Some("toml") => Some(Format::Toml),
        Some("properties") => line(LineFlavor::Properties),
        Some("ini") => line(LineFlavor::Ini),
        Some("sql") => Some(Format::Sql),
        Some("tf" | "hcl") => Some(Format::Hcl),
        Some("conf") if base.contains("odyssey") => Some(Format::Odyssey),
        Some("conf" | "nginx") if base.contains("nginx") => Some(Format::Nginx),
        Some("cfg" | "conf") if base.contains("haproxy") => Some(Format::Haproxy),
        Some("sh" | "bash") => Some(Format::Shell),
        Some("service") => Some(Format::Systemd),
        Some("conf") if directory(path).ends_with(".service.d") => Some(Format::Systemd),
        Some("conf") if is_postgres_conf(base) => line(LineFlavor::PostgresConf),
        _ => None,
    }
}

/// The format of a file: by its lines where a product has such a sign, else by its name; `None` for kinds that are not read.
pub fn format_in(knowledge: &Knowledge, path: &str, text: &str) -> Option<Format> {
    format_told(knowledge, path, text).or_else(|| format_of(path))
}

/// Whether the lines of a file of that name may tell its format.
pub fn may_be_told(knowledge: &Knowledge, path: &str) -> bool {
    let name = file_name(path);
    let mut signs = knowledge.tables.iter().flat_map(|entry| &entry.head.format);
    signs.any(|sign| sign.names.iter().any(|pattern| glob(pattern, name)))
}

/// The format that the lines of a text tell, where a product has such a sign for files of that name.
fn format_told(knowledge: &Knowledge, path: &str, text: &str) -> Option<Format> {
    let name = file_name(path);
    let signs = knowledge.tables.iter().flat_map(|entry| &entry.head.format);
    let mut fitting = signs.filter(|sign| sign.names.iter().any(|pattern| glob(pattern, name))).peekable();
    fitting.peek()?;
    let has = |wanted: &String| text.lines().any(|line| line.trim() == wanted);
    // between words there may be tabs
    let spaced = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") + " ";
    let begins = |wanted: &String| {
        let first = wanted.split(' ').next().unwrap_or_default();
        let mut lines = text.lines().filter(|line| line.trim_start().starts_with(first));
        lines.any(|line| spaced(line).starts_with(wanted.as_str()))
    };
    let fits = |sign: &&crate::knowledge::FormatSign| sign.lines.iter().all(has) && sign.begins.iter().all(begins);
    fitting.find(fits).map(|sign| format_named(sign.format))
}

/// `postgresql.conf` and its kin, and files in a `conf.d`, which are told by their content.
fn is_postgres_conf(name: &str) -> bool {
    !matches!(name, "redis.conf" | "supervisord.conf" | "httpd.conf" | "my.conf" | "pg_hba.conf" | "pg_ident.conf")
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The path without its last part.
pub(crate) fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The root of a document, asked by many tables for their keys.
struct Top<'d> {
    document: &'d Document,
    root: NodeId,
    path: &'d str,
    name: &'d str,
    /// Whether so many keys will be asked for that an index is worth its making.
    indexed: bool,
    /// The last entry of each key: the one that counts where duplicates are accepted.
    keys: OnceCell<HashMap<&'d str, NodeId, foldhash::fast::RandomState>>,
}

/// So many keys are looked through for each.
const FEW: usize = 6;

impl<'d> Top<'d> {
    fn new(document: &'d Document, root: NodeId, path: &'d str, indexed: bool) -> Self {
        Top { document, root, path, name: file_name(path), indexed, keys: OnceCell::new() }
    }

    /// The last entry of the root map called `key`.
    fn entry(&self, key: &str) -> Option<NodeId> {
        let (document, root) = (self.document, self.document.resolve(self.root));
        if !self.indexed || document.children(root).nth(FEW).is_none() {
            return document.entry(root, key);
        }
        let keyed = |child| Some((document.key(child)?, child));
        self.keys.get_or_init(|| document.children(root).filter_map(keyed).collect()).get(key).copied()
    }
}

/// The first table that knows `root` of `document`, and how; one that reads what no other does comes last.
pub(crate) fn first_known<'k>(
    knowledge: &'k Knowledge,
    document: &Document,
    root: NodeId,
    path: &str,
) -> Option<(&'k Entry, &'k Recognise)> {
    let top = Top::new(document, root, path, true);
    let mut otherwise: Option<(&Entry, &Recognise)> = None;
    let of_format = knowledge.recognition().ways(&knowledge.tables, format_name(document.format));
    for (entry, how) in of_format.filter(|(_, how)| !how.beside) {
        // a table's first way to know a document counts
        if otherwise.is_some_and(|(other, _)| how.otherwise || std::ptr::eq(other, entry)) || !fits(how, entry, &top) {
            continue;
        }
        if !how.otherwise {
            return Some((entry, how));
        }
        otherwise = Some((entry, how));
    }
    otherwise
}

/// The tables that read `root` of `document` beside the one that knows it.
pub(crate) fn beside<'k>(
    knowledge: &'k Knowledge,
    document: &Document,
    root: NodeId,
    path: &str,
) -> Vec<(&'k Entry, &'k Recognise)> {
    let top = Top::new(document, root, path, false);
    let mut found: Vec<(&Entry, &Recognise)> = Vec::new();
    let of_format = knowledge.recognition().ways(&knowledge.tables, format_name(document.format));
    for (entry, how) in of_format.filter(|(_, how)| how.beside) {
        if !found.last().is_some_and(|(last, _)| std::ptr::eq(*last, entry)) && fits(how, entry, &top) {
            found.push((entry, how));
        }
    }
    found
}

/// Whether a document of the right format is known this way.
fn fits(recognise: &Recognise, entry: &Entry, top: &Top<'_>) -> bool {
    let Top { document, root, path, name, .. } = *top;
    let spelling = entry.head.spelling;
    (recognise.names.is_empty() || recognise.names.iter().any(|pattern| glob(pattern, name)))
        && (recognise.paths.is_empty() || recognise.paths.iter().any(|pattern| glob(pattern, path)))
        && recognise.keys.iter().all(|key| is_there(top, key, spelling))
        && (recognise.any_keys.is_empty() || recognise.any_keys.iter().any(|path| reaches(document, root, path)))
        && (recognise.holds.is_empty() || holds(document, root, &recognise.holds))
        && !recognise.without.iter().any(|key| is_there(top, key, spelling))
        && (spelling != Spelling::Relaxed || !recognise.without.iter().any(|key| reaches(document, root, key.text())))
        && (recognise.parameters == 0 || has_parameters(document, root, recognise.parameters))
        && (!recognise.mostly_parameters || has_mostly_parameters(document, root))
}

/// Whether the document has, below `root`, what the test asks for.
pub(crate) fn has_key(document: &Document, root: NodeId, key: &KeyTest) -> bool {
    is_there(&Top::new(document, root, "", false), key, Spelling::Exact)
}

/// The same, where case and blanks may not count.
fn is_there(top: &Top<'_>, key: &KeyTest, spelling: Spelling) -> bool {
    let (document, root) = (top.document, top.document.resolve(top.root));
    let mut at = root;
    for step in key.steps() {
        let mut any = false;
        let found = step.iter().find_map(|key| {
            any = &**key == "*";
            if any {
                return document.node(at).first_child;
            }
            if spelling != Spelling::Insensitive {
                return if at == root { top.entry(key) } else { document.entry(at, key) };
            }
            let wanted = canonical(key, spelling);
            document
                .children(at)
                .filter(|&child| document.key(child).is_some_and(|key| canonical(key, spelling) == wanted))
                .last()
        });
        match found {
            Some(node) if document.node(at).kind == NodeKind::Map || any => at = document.resolve(node),
            _ => return false,
        }
    }
    let is_map = document.node(at).kind == NodeKind::Map;
    key.takes(is_map, document.scalar(at))
}

/// Whether a block of HCL is a resource of one of these kinds.
fn holds(document: &Document, root: NodeId, kinds: &[String]) -> bool {
    let blocks = document.entry(root, "blocks").into_iter().flat_map(|list| document.children(list));
    let mut resources = blocks.filter_map(|block| document.entry(block, "resource"));
    resources.any(|kind| kinds.iter().any(|known| known == document.scalar(kind)))
}

/// Whether some entry stands at or below `path`, dots within written keys counting as steps: `spring.datasource` is
/// reached by nested maps and by `spring.datasource.url=…`.
fn reaches(document: &Document, root: NodeId, path: &str) -> bool {
    let mut work = vec![(document.resolve(root), path)];
    while let Some((map, path)) = work.pop() {
        if document.node(map).kind != NodeKind::Map {
            continue;
        }
        for child in document.children(map) {
            let Some(key) = document.key(child) else { continue };
            if key.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])) {
                return true;
            }
            if let Some(rest) = path.strip_prefix(key).and_then(|rest| rest.strip_prefix('.'))
                && !key.is_empty()
            {
                work.push((document.resolve(child), rest));
            }
        }
    }
    false
}

/// The entries that may be parameters: those of the root; of SQL, what its statements set.
fn keys(document: &Document, root: NodeId) -> Box<dyn Iterator<Item = NodeId> + '_> {
    if document.format != Format::Sql {
        return Box::new(document.children(root));
    }
    let statements = document.entry(root, "statements").into_iter().flat_map(|list| document.children(list));
    let maps = statements.flat_map(|one| document.children(one)).filter(|&id| document.node(id).kind == NodeKind::Map);
    Box::new(maps.flat_map(|map| document.children(map)))
}

fn has_parameters(document: &Document, root: NodeId, least: usize) -> bool {
    let known = keys(document, root)
        .filter_map(|child| document.key(child))
        .filter(|key| key.starts_with("autovacuum_") || !postgres::parameters().history(key).is_empty());
    known.take(least).count() == least
}

/// Whether at least half of the keys are parameters, or there are no keys at all.
fn has_mostly_parameters(document: &Document, root: NodeId) -> bool {
    let (mut known, mut all) = (0usize, document.errors.len());
    for key in keys(document, root).filter_map(|child| document.key(child)) {
        all += 1;
        let is_known = |key: &str| {
            key.contains('.') || key.starts_with("autovacuum_") || !postgres::parameters().history(key).is_empty()
        };
        known += usize::from(is_known(key) || key.to_ascii_lowercase().starts_with("include"));
    }
    known * 2 >= all
}

/// The format of a table's word.
fn format_named(name: FormatName) -> Format {
    match name {
        FormatName::Yaml => Format::Yaml,
        FormatName::Json => Format::Json,
        FormatName::Toml => Format::Toml,
        FormatName::Ini => Format::Line(LineFlavor::Ini),
        FormatName::Properties => Format::Line(LineFlavor::Properties),
        FormatName::Env => Format::Line(LineFlavor::Env),
        FormatName::PostgresqlConf => Format::Line(LineFlavor::PostgresConf),
        FormatName::PgbouncerIni => Format::Line(LineFlavor::PgBouncer),
        FormatName::CommandLine => Format::CommandLine,
        FormatName::Dsn => Format::Dsn,
        FormatName::Sql => Format::Sql,
        FormatName::Shell => Format::Shell,
        FormatName::Dockerfile => Format::Dockerfile,
        FormatName::Systemd => Format::Systemd,
        FormatName::Hcl => Format::Hcl,
        FormatName::Nginx => Format::Nginx,
        FormatName::Odyssey => Format::Odyssey,
        FormatName::Haproxy => Format::Haproxy,
        FormatName::Caddyfile => Format::Caddyfile,
    }
}

/// The table's word for a format.
pub(crate) fn format_name(format: Format) -> FormatName {
    match format {
        Format::Yaml => FormatName::Yaml,
        Format::Json => FormatName::Json,
        Format::Toml => FormatName::Toml,
        Format::Line(LineFlavor::Ini) => FormatName::Ini,
        Format::Line(LineFlavor::Properties) => FormatName::Properties,
        Format::Line(LineFlavor::Env) => FormatName::Env,
        Format::Line(LineFlavor::PostgresConf) => FormatName::PostgresqlConf,
        Format::Line(LineFlavor::PgBouncer) => FormatName::PgbouncerIni,
        Format::CommandLine => FormatName::CommandLine,
        Format::Dsn => FormatName::Dsn,
        Format::Sql => FormatName::Sql,
        Format::Shell => FormatName::Shell,
        Format::Dockerfile => FormatName::Dockerfile,
        Format::Systemd => FormatName::Systemd,
        Format::Hcl => FormatName::Hcl,
        Format::Nginx => FormatName::Nginx,
        Format::Odyssey => FormatName::Odyssey,
        Format::Haproxy => FormatName::Haproxy,
        Format::Caddyfile => FormatName::Caddyfile,
    }
}

#[cfg(test)]
mod tests {
    use super::has_mostly_parameters;
    use crate::syntax::{Format, LineFlavor, parse};

    #[test]
    fn files_named_after_the_server_are_not_all_its_own() {
        for (text, its_own) in [
            ("", true),
            ("shared_buffers = 1GB\nstatment_timeout = 30s\n", true),
            ("include_dir = 'conf.d'\npg_stat_statements.max = 1000\n", true),
            ("[postgresql]\nenabled = true\nport = 5432\nfilter = postgresql\nmaxretry = 3\n", false),
            ("[program:postgresql]\ncommand=/usr/bin/postgres -D /data\nuser=postgres\n", false),
            ("/var/log/postgresql/*.log {\n    size 50M\n    rotate 3\n    compress\n}\n", false),
        ] {
            let document = parse(text, Format::Line(LineFlavor::PostgresConf));
            let root = document.roots.first().copied().expect("a line file has a root");
            assert_eq!(has_mostly_parameters(&document, root), its_own, "{text}");
        }
    }
}
