//! No text makes a reader of the line family, of commands, addresses, secrets or variables panic, hang, or hand out a
//! span that is not in the text.

use std::time::{Duration, Instant};

use trueup::syntax::{Document, LineFlavor, Span, command, dsn, embed, interpolation, line, secret};

const FLAVORS: [LineFlavor; 5] =
    [LineFlavor::Ini, LineFlavor::Properties, LineFlavor::Env, LineFlavor::PostgresConf, LineFlavor::PgBouncer];
const SYNTAXES: [interpolation::Syntax; 5] = [
    interpolation::Syntax::Shell,
    interpolation::Syntax::Spring,
    interpolation::Syntax::Kubernetes,
    interpolation::Syntax::Percent,
    interpolation::Syntax::None,
];

fn check_span(text: &str, span: Span, what: &str) {
    assert!(span.start <= span.end, "{what} {span:?} of {text:?}");
    assert!(text.get(span.range()).is_some(), "{what} {span:?} of {text:?}");
}

fn check(document: &Document) {
    let text = &document.text;
    for node in &document.nodes {
        check_span(text, node.content, "content");
        check_span(text, node.outer, "outer");
        check_span(text, node.entry, "entry");
        assert!(node.entry.contains(node.content), "{:?} of {text:?}", node.entry);
    }
    for comment in &document.comments {
        check_span(text, comment.span, "comment");
    }
    for error in &document.errors {
        check_span(text, error.span, "error");
    }
    for &span in &document.secrets {
        check_span(text, span, "secret");
    }
    assert!(document.comments.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "comments of {text:?}");
}

fn read_lines(text: &str, flavor: LineFlavor) {
    let mut document = line::parse(text, flavor);
    secret::mark(&mut document);
    check(&document);
    let _ = secret::redact(text, &document.secrets, Span::new(0, text.len()));
    let last = document.roots.first().and_then(|&root| document.node(root).last_child);
    let embedded = last.and_then(|last| embed::scalar(&document, last)).filter(|embedded| embedded.faithful);
    if let Some(embedded) = embedded {
        check_span(text, embedded.map.span(Span::new(0, embedded.text.len())), "embedded");
    }
}

fn read_others(text: &str) {
    let arguments = command::parse(text);
    check(&arguments.document);
    for setting in arguments.settings().iter().chain(&arguments.flags()) {
        for span in [setting.name_span, setting.value_span].into_iter().flatten() {
            check_span(&arguments.document.text, span, "setting");
            let host = arguments.document.host(span);
            assert!(host.end as usize <= text.len(), "{host:?} of {text:?}");
        }
    }
    use dsn::DsnKind::{Ado, Jdbc, KeyValue, Uri};
    for document in [Uri, Jdbc, KeyValue, Ado].into_iter().filter_map(|kind| dsn::parse_as(text, kind)) {
        check(&document);
    }
    let _ = dsn::recognise(text);
    for syntax in SYNTAXES {
        let mut at = 0;
        for part in interpolation::parts(text, syntax) {
            let (interpolation::Part::Literal(span)
            | interpolation::Part::Escaped(span)
            | interpolation::Part::Variable(interpolation::Variable { span, .. })) = part;
            check_span(text, span, "part");
            assert_eq!(span.start, at, "parts follow each other in {text:?}");
            at = span.end;
        }
        assert_eq!(at as usize, text.len(), "parts cover {text:?}");
        let _ = interpolation::settle(text, syntax, &|_| None);
    }
    let _ = secret::is_secret_key(text);
}

#[test]
fn huge_and_odd_texts_are_read_in_time() {
    let big = 50_000;
    let units = [
        "a",
        "a=",
        "=",
        "'",
        "\"",
        "\\",
        "\0",
        "${",
        "$(",
        "{{",
        "}",
        "a='",
        "a=\"",
        "\n",
        "\r",
        "\r\n",
        "[",
        "]",
        "[a",
        "#",
        " #",
        " ",
        "\t",
        "a b ",
        "é",
        "\u{feff}",
        "://",
        "a://b:c@",
        "@tcp(",
        "a@tcp(",
        "password=",
        "password='",
        "password ",
        "password:",
        "password: \\\"",
        "password=x ",
        "password=|1",
        "name: password\n",
        "password=[",
        "password:\n",
        "-",
        "- ",
        "-----BEGIN ",
        "ghp_123456789012/",
        "bearer ",
        "postgres://",
        "a=b;",
        "a=b ",
        "k='''",
        "\\u",
        "\\\n",
        "a \\\n",
        "a=\n b\n",
        "a=1\n",
        "a=\"x\n",
        "a='x\n",
        "a='\\'\n",
        "a=\"\\\"\n",
        "%",
        "%(",
        "sh -c '",
        "-c a=b ",
        "&&",
        "a.",
        "A",
        "aA",
        "\"\"\"",
        "IDENTIFIED BY ",
        "value=",
        "<password>",
        "a?b&c=d&",
        "%41",
        "h:1,",
        "[::1]:1,",
        "a=x #y\n # z\n",
        "|",
        "'a'",
        "$a",
        "$$",
    ];
    let mut slowest = (Duration::ZERO, String::new());
    for unit in units {
        for prefix in ["", "password=", "postgres://"] {
            let text = format!("{prefix}{}", unit.repeat(big / unit.len()));
            let mut time = |what: &str, read: &dyn Fn()| {
                let start = Instant::now();
                read();
                let taken = start.elapsed();
                if taken > slowest.0 {
                    slowest = (taken, format!("{what} {prefix:?} {unit:?}"));
                }
                assert!(taken < Duration::from_secs(2), "{what} of {prefix:?} and many {unit:?} took {taken:?}");
            };
            if prefix.is_empty() || unit.len() > 3 {
                for flavor in FLAVORS {
                    time(&format!("{flavor:?}"), &|| read_lines(&text, flavor));
                }
                time("others", &|| read_others(&text));
                time("redaction", &|| drop(secret::redact_text(&text)));
            }
        }
    }
    println!("slowest: {slowest:?}");
}

#[test]
fn many_keys_and_long_lines() {
    let mut keys: String = (0..300_000).map(|number| format!("key{number} = {number}\n")).collect();
    keys.insert_str(0, "[s]\n");
    let line = format!("key = {}", "x".repeat(1_000_000));
    for flavor in FLAVORS {
        for (text, entries) in [(&keys, 300_000), (&line, 1)] {
            let start = Instant::now();
            let document = line::parse(text, flavor);
            println!("{flavor:?}, {} bytes: {:?}", text.len(), start.elapsed());
            assert!(document.nodes.len() > entries);
        }
    }
}

const SEEDS: &[&str] = &[
    "[a]\nb = 'c''d' # e\n; f\n\"g h\" = i\\\n  j\nk:\n  l = m\n  n\n%include x\n",
    "export A=\"b\\n${C:-d}\" # e\nF='g\nh'\nI\nPASSWORD=x\n\u{feff}é: ü\r\nA= # x\r\n",
    "! c\nk\\ ey : v\\u00e4\\ud83d\\ude00 \\\n   w\n=x\n\\u12\n",
    "a.b = 'x\\'y' # c\ninclude 'f'\nx 1.5e+3\ny = 0x1Fkb\nz = a,b\n'",
    "sh -euo pipefail -c \"exec env A=b postgres -c a='b c' --d=e -cf=g; h | i\" # j",
    "postgres://u:p%40@h:1,[::1]:2/d?a=${B:-c}&password=x",
    "Host=a;Password=\"b;\"\"c\";Maximum Pool Size=20; Pwd='d'",
    "host=a password='b\\'c' dbname = d $(E) %(f)s $$ \\$",
    "password: |\n  x\n- name: TOKEN\n  value: \"y\"\n<password>z</password> Bearer abcdefg12 {\\\"secret\\\":\\\"k\\\"}\n",
];

#[test]
fn mutated_texts_keep_their_spans() {
    let mut state: u64 = 0x2545_f491_4f6c_dd1d;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % limit.max(1) as u64) as usize
    };
    let signs: Vec<char> = "'\"\\#;=:[]{}()$%&@,|<>!-+. \t\r\n\0é\u{feff}😀aZ0_/".chars().collect();
    for _ in 0..20_000 {
        let mut text: Vec<char> = SEEDS[below(SEEDS.len())].chars().collect();
        for _ in 0..1 + below(6) {
            let at = below(text.len() + 1);
            match below(4) {
                0 if at < text.len() => drop(text.remove(at)),
                1 => text.truncate(at.max(1)),
                2 if at < text.len() => text[at] = signs[below(signs.len())],
                _ => text.insert(at, signs[below(signs.len())]),
            }
        }
        let text: String = text.into_iter().collect();
        for flavor in FLAVORS {
            read_lines(&text, flavor);
        }
        read_others(&text);
    }
}
