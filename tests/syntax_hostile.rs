//! Inputs made to hurt: they end in a document or in a clean error, quickly, and on a small stack.

use std::time::{Duration, Instant};

use trueup::syntax::decode::{DecodeError, decode};
use trueup::syntax::{Document, caddyfile, json, toml, yaml};

type Read = fn(&str) -> Document;

const FORMATS: [(&str, Read); 3] = [("yaml", yaml::parse), ("json", json::parse), ("toml", toml::parse)];

/// Reads on a stack of 512 KiB within two seconds, without optimisation.
fn survives(name: &str, read: Read, text: String) -> Document {
    survives_within(Duration::from_secs(2), name, read, text)
}

fn survives_within(limit: Duration, name: &str, read: Read, text: String) -> Document {
    let small = std::thread::Builder::new().stack_size(512 << 10);
    let start = Instant::now();
    let work = move || {
        let document = read(&text);
        (document, processor_time())
    };
    let (document, processor) = small.spawn(work).unwrap().join().unwrap_or_else(|_| panic!("{name} panics"));
    let took = processor.unwrap_or_else(|| start.elapsed());
    assert!(took < limit, "{name} takes {took:?}");
    document
}

/// What this thread has used so far, where the system tells: other work on the machine must not fail a test.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn nested_maps(depth: usize) -> String {
    (0..depth).map(|level| format!("{}a:\n", " ".repeat(level))).collect()
}

fn alias_bomb() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let before = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", [before.as_str(); 9].join(", "));
    }
    text
}

#[test]
fn too_deep_is_a_clean_error() {
    for (read, text) in [
        (yaml::parse as Read, "[".repeat(100_000)),
        (yaml::parse, "{a: ".repeat(10_000)),
        (yaml::parse, "- ".repeat(100_000)),
        (yaml::parse, "? ".repeat(50_000)),
        (yaml::parse, nested_maps(3_000)),
        (json::parse, "[".repeat(100_000)),
        (json::parse, "{\"a\":".repeat(100_000)),
        (toml::parse, format!("a = {}", "[".repeat(100_000))),
        (toml::parse, format!("a = {}", "{a = ".repeat(100_000))),
        (toml::parse, format!("{}a = 1", "a.".repeat(100_000))),
        (toml::parse, format!("[{}a]\nb = 1", "a.".repeat(100_000))),
    ] {
        let name = text[..text.len().min(20)].to_owned();
        let document = survives(&name, read, text);
        assert!(!document.errors.is_empty(), "{name}");
        assert!(document.nodes.len() < 100_000, "{name}");
    }
}

#[test]
fn aliases_are_not_expanded() {
    let document = survives("alias bomb", yaml::parse, alias_bomb());
    assert!(document.errors.is_empty());
    assert!(document.nodes.len() < 200);
    let cycle = survives("cycle", yaml::parse, "a: &a [*a]\n".to_owned());
    let list = cycle.lookup(cycle.roots[0], &["a"]).unwrap();
    assert_eq!(cycle.resolve(cycle.children(list).next().unwrap()), list);
    assert_eq!(survives("unknown", yaml::parse, "a: *b\nc: 1\n".to_owned()).errors.len(), 1);
}

#[test]
fn large_ordinary_input_is_read() {
    // The longest takes one to two seconds unoptimised; the limit leaves room for a slower machine.
    let keys = |entry: fn(usize) -> String, head: &str, tail: &str| {
        format!("{head}{}{tail}", (0..300_000).map(entry).collect::<String>())
    };
    let yaml_keys = keys(|i| format!("k{i}: {i}\n"), "", "");
    let json_keys = keys(|i| format!("\"k{i}\": {i},\n"), "{", "\"last\": 0}");
    let toml_keys = keys(|i| format!("k{i} = {i}\n"), "", "");
    for (name, read, text) in [
        ("yaml keys", yaml::parse as Read, yaml_keys),
        ("json keys", json::parse, json_keys),
        ("toml keys", toml::parse, toml_keys),
    ] {
        let document = survives_within(Duration::from_secs(6), name, read, text);
        assert!(document.errors.is_empty(), "{name}: {:?}", document.errors);
        assert!(document.children(document.roots[0]).count() >= 300_000);
    }
    let long = "x".repeat(1 << 20);
    for (name, read, text) in [
        ("yaml line", yaml::parse as Read, format!("a: {long}\nb: 1\n")),
        ("yaml comment", yaml::parse, format!("# {long}\nb: 1\n")),
        ("json line", json::parse, format!("{{\"a\": \"{long}\", \"b\": 1}}")),
        ("toml line", toml::parse, format!("a = \"{long}\"\nb = 1\n")),
    ] {
        let document = survives(name, read, text);
        assert_eq!(document.scalar(document.lookup(document.roots[0], &["b"]).unwrap()), "1", "{name}");
    }
    let comments = format!("a:\n{}  b: 1\n", "  # c\n".repeat(100_000));
    assert!(survives("yaml comments", yaml::parse, comments).errors.is_empty());
}

#[test]
fn repeated_starts_stay_linear() {
    for text in [
        "{{ ",
        "{% ",
        "<% ",
        "{{ x }}",
        "x{{ y }}",
        "\"x{{ y }}, ",
        "? a : b, ",
        "{{ x }}\n",
        "\"",
        "'",
        "# ",
        "/*",
        "//\n",
        "&a ",
        "*a ",
        "!t ",
        "? ",
        ": ",
        "|\n",
        "a: |+\n\n\n",
        "---\n",
        "--- [\n",
        "[x]\n",
        "[[x]]\n",
        "a = 1\n",
        "a.b = 1\n",
        "\r",
        "\u{feff}",
        "%YAML 1.2\n",
    ] {
        for (format, read) in FORMATS {
            survives(&format!("{format} {text:?}"), read, text.repeat(300_000 / text.len()));
            survives(&format!("{format} a: {text:?}"), read, format!("a: {}", text.repeat(300_000 / text.len())));
            survives(&format!("{format} [{text:?}"), read, format!("[{{ a: {}", text.repeat(300_000 / text.len())));
        }
    }
}

#[test]
fn caddyfiles_stay_linear() {
    for text in [
        "{$",
        "{$A",
        "{",
        "{ ",
        "}\n",
        "a {\n",
        "a,\n",
        "a, ",
        "\"",
        "\"a\" ",
        "`",
        "`a` ",
        "<<E\n",
        "<< ",
        "<<E ",
        "\\\n",
        "\\ ",
        "\\",
        "\r",
        "a\r",
        "\\\r",
        "#",
        "#\n",
        "x y\n",
        "x {\n}\n",
        "x \"\\\"\n",
        "import a\n",
        "{{ x }}",
        "é",
    ] {
        for before in ["", "a {\n", "a \""] {
            let repeated = format!("{before}{}", text.repeat(100_000 / text.len()));
            survives(&format!("{before:?} {text:?}"), caddyfile::parse, repeated);
        }
    }
}

#[test]
fn a_text_cut_anywhere_is_read_to_the_cut() {
    let texts = [
        "# c\nserver:\n  timeout: &t 30s # x\n  hosts: [\"a\", 'b', {c: d}]\n  text: |\n    line\n    more\n  x: *t\n---\nb: !!str 1\n",
        "{\"a\": [1, 2.5, \"x\\ny\", {\"b\": null}], // c\n \"d\": {\"e\": true}}\n",
        "# c\na = 1\n[t.u]\nb = \"x\\ny\" # d\nc = [1, {d = 2}]\n[[l]]\ne = '''\nm'''\n",
    ];
    for text in texts {
        for (format, read) in FORMATS {
            for piece in 0..50 {
                survives(format, read, text[..text.len() * piece / 50].to_owned());
            }
        }
    }
}

#[test]
fn line_ends_and_marks_are_no_obstacle() {
    for text in ["a: 1\rb: 2\r", "\u{feff}a: 1\nb: 2", "a: 1\r\nb: 2\r\n"] {
        let document = yaml::parse(text);
        assert!(document.errors.is_empty(), "{text:?}");
        assert_eq!(document.scalar(document.lookup(document.roots[0], &["b"]).unwrap()), "2", "{text:?}");
    }
    for text in ["", "\u{feff}", "\n", "\r\n", "# c"] {
        for (format, read) in FORMATS {
            survives(format, read, text.to_owned());
        }
    }
}

#[test]
fn what_is_no_text_is_refused() {
    assert_eq!(decode(b"a: \0"), Err(DecodeError::NotText { at: 3 }));
    assert_eq!(decode(b"a: \xe9"), Err(DecodeError::NotText { at: 3 }));
    assert_eq!(decode(b"\xfe\xff\0a"), Err(DecodeError::Utf16));
    assert_eq!(decode(b"a\0:\0 \0"), Err(DecodeError::Utf16));
    assert_eq!(decode(&vec![b' '; (16 << 20) + 1]), Err(DecodeError::TooLarge { bytes: (16 << 20) + 1 }));
    for (format, read) in FORMATS {
        survives(format, read, "a: \0\n\u{7}".to_owned());
    }
}
