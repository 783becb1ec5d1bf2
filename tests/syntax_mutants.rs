//! Small texts with random damage: whatever is read has spans in range, on character boundaries and inside each
//! other, and every byte outside of keys, values and comments is blank or an indicator.

#[path = "support/random.rs"]
mod random;

use random::Random;
use trueup::syntax::edit::{self, Edit};
use trueup::syntax::{
    Document, Node, NodeId, NodeKind, Span, caddyfile, haproxy, hcl, json, launch, nginx, odyssey, sql, toml, yaml,
};

/// A generator with a fixed seed, so that a failure comes back.
fn mutant(random: &mut Random, seeds: &[&str], pieces: &[&str]) -> String {
    let mut text = seeds[random.below(seeds.len())].to_owned();
    let place = |random: &mut Random, text: &str| {
        let mut at = random.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    for _ in 0..1 + random.below(4) {
        let at = place(random, &text);
        match random.below(4) {
            0 => text.insert_str(at, pieces[random.below(pieces.len())]),
            1 => {
                let end =
                    text[at..].char_indices().nth(1 + random.below(6)).map_or(text.len(), |(length, _)| at + length);
                text.replace_range(at..end, "");
            }
            2 => {
                let end = place(random, &text).max(at);
                let copy = text[at..end].to_owned();
                let to = place(random, &text);
                text.insert_str(to, &copy);
            }
            _ => text.truncate(at),
        }
    }
    text
}

fn spans(node: &Node) -> [Span; 3] {
    [node.content, node.outer, node.entry]
}

/// Checks what holds for every document; `nested` where children stand inside their parents.
fn check(document: &Document, nested: bool, indicators: &str) -> Result<(), String> {
    let text = &*document.text;
    let on_boundary = |span: Span| text.get(span.range()).is_some();
    for (index, node) in document.nodes.iter().enumerate() {
        let all = spans(node).into_iter().chain(node.anchor).chain(node.tag);
        for span in all {
            if !on_boundary(span) {
                return Err(format!("node {index}: span {span:?} outside the text"));
            }
        }
        if !node.outer.contains(node.content) || !node.entry.contains(node.outer) {
            return Err(format!("node {index}: content, outer and entry are not nested: {node:?}"));
        }
        if node.key.is_some_and(|key| !node.entry.contains(document.node(key).entry)) {
            return Err(format!("node {index}: the key stands outside its entry: {node:?}"));
        }
        let parent = node.parent.filter(|_| nested).map(|parent| document.node(parent));
        if parent.is_some_and(|parent| !parent.content.contains(node.entry)) {
            return Err(format!("node {index}: entry {:?} outside its parent {parent:?}", node.entry));
        }
        let children: Vec<NodeId> = match node.kind {
            NodeKind::Map | NodeKind::Seq => document.children(NodeId(index as u32)).collect(),
            _ => Vec::new(),
        };
        if nested
            && children.windows(2).any(|pair| document.node(pair[0]).entry.end > document.node(pair[1]).entry.start)
        {
            return Err(format!("node {index}: its entries overlap"));
        }
    }
    for span in document.comments.iter().map(|c| c.span).chain(document.errors.iter().map(|e| e.span)) {
        if !on_boundary(span) {
            return Err(format!("a comment or an error outside the text: {span:?}"));
        }
    }
    // where no indicators are named, most of the text is passed over
    if !document.errors.is_empty() || document.template.is_some() || indicators.is_empty() {
        return Ok(());
    }
    let mut known = vec![false; text.len()];
    let scalars = document.nodes.iter().filter(|node| matches!(node.kind, NodeKind::Scalar | NodeKind::Alias));
    let properties = document.nodes.iter().flat_map(|node| [node.anchor, node.tag]).flatten();
    let headers = scalars.clone().filter(|n| text[n.outer.range()].contains(['|', '>'])).map(|n| {
        let end =
            text[n.outer.range()].find(['\n', '\r']).map_or(n.outer.end as usize, |at| n.outer.start as usize + at);
        Span::new(n.outer.start as usize, end)
    });
    let covered = scalars.map(|node| node.content).chain(properties).chain(document.comments.iter().map(|c| c.span));
    for span in covered.chain(headers) {
        known[span.range()].fill(true);
    }
    for (at, c) in text.char_indices() {
        if !known[at] && !c.is_whitespace() && c != '\u{feff}' && !indicators.contains(c) {
            // A directive is a line of its own kind.
            let line = text[..at].rfind(['\n', '\r']).map_or(0, |before| before + 1);
            if !text[line..].trim_start_matches('\u{feff}').starts_with('%') {
                return Err(format!("byte {at} {c:?} belongs to nothing"));
            }
        }
    }
    Ok(())
}

fn run(read: fn(&str) -> Document, nested: bool, indicators: &str, seeds: &[&str], pieces: &[&str]) {
    let mut random = Random(0x5eed_0001);
    let mut sound = 0;
    for round in 0..20_000 {
        let text = mutant(&mut random, seeds, pieces);
        let document = read(&text);
        sound += usize::from(document.errors.is_empty());
        if let Err(problem) = check(&document, nested, indicators) {
            panic!("mutant {round} {text:?}: {problem}");
        }
    }
    eprintln!("{sound} of 20000 mutants are well formed");
    assert!(sound > 1_000, "too few mutants reach the checks on whole documents");
}

#[test]
fn yaml_mutants() {
    let seeds = [
        "a: 1\nb:\n  - x # c\n  - y: 2\n    z: 3\n# d\nc: {e: f, g: [1, 2]}\n",
        "a: &x !!str \"q\\n\"\nb: *x\n<<: *x\n? k\n: v\nc:\n",
        "a: |\n  one\n\n  two\nb: >-\n   folded\n   text\nc: 'it''s'\n",
        "--- # c\n- - a\n  - b\n-\n  c: d\n...\n---\ne: plain\n  more\n",
        "a: {{ x }}\r\n{{- if y }}\r\nb: \"{{ z }}\"\r\n{{- end }}\r\n",
    ];
    let pieces = [
        " ", "\n", "  ", "- ", "? ", ": ", ":", "#", " # c", "&a ", "*a", "!t ", "[", "]", "{", "}", ", ", "|", ">",
        "'", "\"", "---\n", "...\n", "é", "\t", "\r\n", "\u{feff}", "~", "\\", "%", "|+\n", "{{", "}}",
    ];
    run(yaml::parse, true, "-?:,[]{}.", &seeds, &pieces);
}

#[test]
fn json_mutants() {
    let seeds = ["{\"a\": [1, 2.5e3, \"x\\n\", null], \"b\": {\"c\": true}}", "// c\n[{\"é\": \"\"}, /* d */ [],]\r\n"];
    let pieces = [
        " ", "\n", ",", ":", "[", "]", "{", "}", "\"", "1", "-", "null", "true", "//", "/*", "*/", "\\", "é",
        "\u{feff}", "{{x}}",
    ];
    run(json::parse, true, ",:[]{}", &seeds, &pieces);
}

#[test]
fn toml_mutants() {
    let seeds = [
        "a = 1 # c\nb.c = \"x\\n\"\n[t]\nd = [1, 2, # e\n]\n[t.u]\n\"k\" = { l = 'm', n.o = 1979-05-27 }\n",
        "[[a]]\nb = 1\n[[a]]\n[a.c]\nd = '''\nx'''\r\n[e.f]\ng = 1.5\n",
    ];
    let pieces = [
        " ",
        "\n",
        "=",
        ".",
        ",",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "\"",
        "'",
        "'''",
        "#",
        "a",
        "1",
        "\n[a]\n",
        "\n[[a]]\n",
        "\na.b=1\n",
        "é",
        "\r",
    ];
    run(toml::parse, false, ",=[]{}.abcdefghijklmnopqrstuvwxyz\"'", &seeds, &pieces);
}

const SQL: [&str; 3] = [
    "ALTER SYSTEM SET work_mem = '64MB'; -- c\nALTER SYSTEM SET jit TO off;\n",
    "/* a /* b */ */ ALTER ROLE \"a\" IN DATABASE d SET lock_timeout = '5s';\r\nALTER ROLE \"a\" IN DATABASE d SET x.y = 'it''s';",
    "COPY t FROM stdin;\na\n\\.\nCREATE TABLE s.t (a int) WITH (fillfactor = 7, autovacuum_enabled = off);\nDO $$ x $$;",
];
const SQL_PIECES: [&str; 25] = [
    " ",
    "\n",
    ";",
    "'",
    "\"",
    "''",
    "=",
    " TO ",
    "$$",
    "$a$",
    "--",
    "/*",
    "*/",
    "(",
    ")",
    ",",
    ".",
    "\\",
    ":",
    "E",
    "é",
    "\u{feff}",
    "-1",
    "ALTER DATABASE d SET a = 1;",
    "stdin",
];

#[test]
fn sql_mutants() {
    run(sql::parse, true, "", &SQL, &SQL_PIECES);
}

const HCL: [&str; 3] = [
    "# c\nresource \"a\" \"b\" {\n  x = \"y\" # d\n  p {\n    n = 1\n  }\n  p {\n    n = -2 // e\n  }\n  z = [true, 1.5]\n}\n",
    "locals {\r\n  a = { b = \"c\", \"d e\" : null }\r\n  f = var.g\r\n  h = \"${i}-j\"\r\n  k = \"a\\\"b$${c}\"\r\n}\r\n",
    "m \"n\" { o = 1 }\n/* x */ q {\n  r = <<EOT\n# no\nEOT\n  s = a ? b : c\n}\n",
];
const HCL_PIECES: [&str; 24] = [
    " ", "\n", "{", "}", "\"", "=", "[", "]", ",", "#", "//", "/*", "*/", "${", "%{", "(", ")", "é", "\u{feff}",
    "<<E\n", "a = 1\n", "b {\n}\n", "\\", "\r\n",
];

#[test]
fn hcl_mutants() {
    run(hcl::parse, true, "", &HCL, &HCL_PIECES);
}

const SHELL: [&str; 3] = [
    "#!/bin/sh\nset -e\nexec gosu postgres postgres -c work_mem=4MB --jit=off -c 'a.b=c d' \"$@\"\n",
    "if [ $A ]; then\n  exec postgres -c a=1\nfi\ncat <<EOF\nexec postgres -c a=1\nEOF\nexec docker-entrypoint.sh postgres \\\n  -c a=1 \\\n  -c \"b=2\"\n",
    "case $1 in\n  a) x ;;\nesac\nf() {\n  y\n}\nexec sh -c 'exec postgres -c a=1 -cb=2' # c\n",
];
const SHELL_PIECES: [&str; 24] = [
    " ", "\n", ";", "'", "\"", "\\", "=", "$", "`", "(", ")", "{", "}", "<<E\n", "E\n", "&&", "|", "#", "é",
    "\u{feff}", "fi", "exec ", " -c a=1", "\r\n",
];
const UNIT: [&str; 2] = [
    "[Unit]\nA=b\n[Service]\n# c\nExecStart=-/usr/bin/postgres -D /d \\\n# d\n  -c a=1 \\\n  -c 'b=2 3'\nEnvironment=A=1 \"B=2 3\"\n",
    "[Service]\r\nExecStart=\r\nExecStart=/bin/sh -c 'exec postmaster -c a=1 --b=2'\r\nEnvironment=U=postgres://h/d\r\n",
];
const UNIT_PIECES: [&str; 18] = [
    " ",
    "\n",
    ";",
    "'",
    "\"",
    "\\",
    "\\\n",
    "=",
    "$",
    "%",
    "@",
    "#",
    "é",
    "\u{feff}",
    "[Service]\n",
    "ExecStart=",
    " -c a=1",
    "\r\n",
];

const DOCKERFILE: [&str; 2] = [
    "FROM a AS b\n# c\nENTRYPOINT [\"docker-entrypoint.sh\"]\nCMD [\"postgres\", \"-c\", \"a=1\", \\\n  \"-c\", \"b=2 3\"]\n",
    "FROM a\r\nRUN <<E\r\nCMD x\r\nE\r\nCMD postgres -c a=1 --b=2\r\n",
];
const DOCKERFILE_PIECES: [&str; 16] =
    [" ", "\n", "'", "\"", "\\\n", "=", "$", "#", "[", "]", ",", "é", "<<E\n", "CMD ", "FROM a\n", "\r\n"];

#[test]
fn dockerfile_mutants() {
    run(launch::dockerfile, true, "", &DOCKERFILE, &DOCKERFILE_PIECES);
}

#[test]
fn shell_mutants() {
    run(launch::shell, true, "", &SHELL, &SHELL_PIECES);
}

#[test]
fn unit_mutants() {
    run(launch::unit, true, "", &UNIT, &UNIT_PIECES);
}

#[test]
fn values_of_launch_mutants_can_be_changed() {
    let shell = changed(launch::shell, &SHELL, &SHELL_PIECES, &["1", "30s"], &[]);
    assert!(shell > 2_000, "{shell}");
    let dockerfile = changed(launch::dockerfile, &DOCKERFILE, &DOCKERFILE_PIECES, &["1", "30s"], &[]);
    assert!(dockerfile > 2_000, "{dockerfile}");
    let unit = changed(launch::unit, &UNIT, &UNIT_PIECES, &["1", "30s"], &[]);
    assert!(unit > 2_000, "{unit}");
}

#[test]
fn values_of_sql_mutants_can_be_changed() {
    let changed = changed(sql::parse, &SQL, &SQL_PIECES, &["1", "'it''s'"], &["role", "database", "table"]);
    assert!(changed > 4_000, "{changed}");
}

#[test]
fn values_of_hcl_mutants_can_be_changed() {
    // another label is another kind of block
    let changed = changed(hcl::parse, &HCL, &HCL_PIECES, &["1", "\"it's\""], &["kind", "resource", "locals", "m", "q"]);
    assert!(changed > 2_000, "{changed}");
}

/// How many values of mutants can be changed; those of these keys may be refused.
fn changed(read: fn(&str) -> Document, seeds: &[&str], pieces: &[&str], values: &[&str], but: &[&str]) -> usize {
    let mut random = Random(0x5eed_0002);
    let mut changed = 0;
    for _ in 0..5_000 {
        let text = mutant(&mut random, seeds, pieces);
        let document = read(&text);
        if !document.errors.is_empty() || document.template.is_some() {
            continue;
        }
        let is_value = |node: &Node| node.kind == NodeKind::Scalar && node.key.is_some() && !node.content.is_empty();
        for index in (0..document.nodes.len()).filter(|&index| is_value(&document.nodes[index])) {
            for value in values {
                let id = NodeId(index as u32);
                let key = document.key(id).unwrap_or_default();
                let is_label = document.node(id).parent.is_some_and(|parent| document.node(parent).key.is_none());
                let may_be_refused = but.contains(&key) || is_label;
                let edits = [Edit::Replace { node: id, text: (*value).to_owned() }];
                let splices = match edit::splices(&document, &edits) {
                    Ok(splices) => splices,
                    Err(edit::Refusal::Comment) => continue, // it stands among the words of the value
                    Err(_) if may_be_refused => continue,
                    Err(refusal) => panic!("{text:?} {key} {value}: {refusal}"),
                };
                let after = edit::apply(&text, &splices);
                match edit::verify(&document, &after, &edits) {
                    Ok(()) => changed += 1,
                    Err(error) => assert!(may_be_refused, "{text:?} {key} {value}: {error}"),
                }
            }
        }
    }
    changed
}

const NGINX: [&str; 3] = [
    "user www;\nhttp {\n  server { listen 80; # c\n  }\n  server { location ~ \"a{2}\" { return 204; } }\n}\n",
    "upstream a { server b:1 weight=2; server c:2; ip_hash; }\r\nset $x \"a;b\\\"c\";\r\n",
    "proxy_pass http://${h}:80/a#b; x 'it\\'s';\ncontent_by_lua_block {\n  if x then y = { z } end\n}\nz 1;",
];
const NGINX_PIECES: [&str; 20] = [
    " ", "\n", ";", "{", "}", "\"", "'", "#", "\\", "$", "${", "é", "\u{feff}", "a 1;", "b {\n}\n", "\r\n", "\t",
    "server {", "{{ x }}", "%",
];

#[test]
fn nginx_mutants() {
    run(nginx::parse, true, "", &NGINX, &NGINX_PIECES);
}

#[test]
fn values_of_nginx_mutants_can_be_changed() {
    let changed = changed(nginx::parse, &NGINX, &NGINX_PIECES, &["1", "\"it's\""], &["content_by_lua_block"]);
    assert!(changed > 2_000, "{changed}");
}

const CADDYFILE: [&str; 3] = [
    "{\n\tgrace_period 10s # c\n}\n(s) {\n\tlog\n}\na.example, b.example {\n\timport s x\n\treverse_proxy c:1 d:2 {\n\t\tlb_try_duration 5s\n\t}\n}\n",
    "a.example\r\nheader X \"b \\\"c\"\r\nrespond `{d}\r\n` \\\r\n  200\r\nx {$E:f g}\r\n",
    "a,\nb {\n respond <<END\n  {c}\n  END 200\n y \"{$D}e\"\n}\nimport f/*\n",
];
const CADDYFILE_PIECES: [&str; 20] = [
    " ", "\n", "{", "}", "\"", "`", "#", "\\", "\\\n", "{$", "<<E\n", "é", "\u{feff}", "a 1\n", "b {\n}\n", "\r\n",
    "\t", ",", "{{ x }}", "{}",
];

#[test]
fn caddyfile_mutants() {
    run(caddyfile::parse, true, "", &CADDYFILE, &CADDYFILE_PIECES);
}

#[test]
fn values_of_caddyfile_mutants_can_be_changed() {
    // what stands right behind a quote would become part of the new value
    let behind_quotes = ["header", "respond", "y"];
    let changed = changed(caddyfile::parse, &CADDYFILE, &CADDYFILE_PIECES, &["1", "\"it's\""], &behind_quotes);
    assert!(changed > 2_000, "{changed}");
}

const ODYSSEY: [&str; 2] = [
    "workers 4 # c\nlisten {\n  host \"*\" port 6432\n}\ndatabase \"a b\" { user default { pool \"session\" } user \"x\" {} }\n",
    "include \"a\"\r\ninclude \"b\"\r\nlog_format \"%p \\\"x\\\"\"\r\n",
];
const ODYSSEY_PIECES: [&str; 14] =
    [" ", "\n", "{", "}", "\"", "#", "\\", "é", "\u{feff}", "a 1\n", "b {\n}\n", "\r\n", "{{ x }}", "7"];

#[test]
fn odyssey_mutants() {
    run(odyssey::parse, true, "", &ODYSSEY, &ODYSSEY_PIECES);
}

#[test]
fn values_of_odyssey_mutants_can_be_changed() {
    let changed = changed(odyssey::parse, &ODYSSEY, &ODYSSEY_PIECES, &["1", "\"it's\""], &[]);
    assert!(changed > 2_000, "{changed}");
}

const HAPROXY: [&str; 2] = [
    "global\n  maxconn 10 # c\ndefaults\n\ttimeout client 5s\n  no option httplog\nbackend b\n  server s \"h 1\":1 check\n  server t 'h':2\n",
    "defaults a\r\n  mode \\x74cp\r\nlisten b from a\r\n  bind :1\r\n.if true\r\n  retries 1\r\n.endif\r\n  retries 2#d\r\n",
];
const HAPROXY_PIECES: [&str; 16] = [
    " ",
    "\n",
    "\"",
    "'",
    "#",
    "\\",
    "$",
    "é",
    "\u{feff}",
    "\r\n",
    "\t",
    "global\n",
    "\n.if x\n",
    "{{ x }}",
    "timeout ",
    "\\x41",
];

#[test]
fn haproxy_mutants() {
    run(haproxy::parse, true, "", &HAPROXY, &HAPROXY_PIECES);
}

#[test]
fn values_of_haproxy_mutants_can_be_changed() {
    let changed = changed(haproxy::parse, &HAPROXY, &HAPROXY_PIECES, &["1", "\"it's\""], &[]);
    assert!(changed > 2_000, "{changed}");
}
