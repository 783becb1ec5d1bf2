//! Settings, selection, levels, input and exit codes, with an engine that knows two rules.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use trueup::analysis::{Analysed, Choice, File, Input, Outcome, Status};
use trueup::cli::{Console, GithubActions, run};
use trueup::model::{Confidence, Finding, Location, Model, Severity};
use trueup::workspace::{DialectInfo, Engine, Problem, RuleInfo, Settings};

/// Finds the word `bad` (a certain warning) and the word `odd` (an info) in `.conf` files.
struct Words {
    rules: Vec<RuleInfo>,
}

impl Words {
    fn new(extra: &[&str]) -> Self {
        let rule = |id: &str, severity| RuleInfo {
            id: id.into(),
            title: format!("The rule {id}"),
            category: "words".into(),
            severity,
            confidence: Confidence::Certain,
            since: "0.1.0".into(),
            summary: "A word.".into(),
            page_markdown: format!("# The rule {id}\n"),
        };
        let mut rules = vec![rule("bad-word", Severity::Warning), rule("odd-word", Severity::Info)];
        rules.extend(extra.iter().map(|id| rule(id, Severity::Warning)));
        Words { rules }
    }
}

impl Engine for Words {
    fn wants(&self, path: &Path) -> bool {
        path.extension().is_some_and(|extension| extension == "conf")
    }

    fn prepare(&self, settings: &Settings) -> Result<Option<Box<dyn Engine>>, Vec<Problem>> {
        let Some((directory, named)) = settings.rules.first() else { return Ok(None) };
        if directory.is_dir() {
            return Ok(Some(Box::new(Words::new(&["own-word"]))));
        }
        Err(vec![settings.problem(named, "no such directory")])
    }

    fn analyse(&self, inputs: Vec<Input>, _: &[Input], _: &Settings, choice: &mut dyn Choice) -> Outcome {
        let mut outcome = Outcome::default();
        for (file, input) in inputs.into_iter().enumerate() {
            let text = String::from_utf8(input.bytes).expect("the tests write text");
            for (rule, word, severity) in [
                ("bad-word", "bad", Severity::Warning),
                ("odd-word", "odd", Severity::Info),
                ("own-word", "own", Severity::Warning),
            ] {
                if !self.rules.iter().any(|known| known.id == rule) {
                    continue;
                }
                outcome.findings.extend(text.match_indices(word).map(|(start, _)| Finding {
                    rule: rule.into(),
                    severity,
                    confidence: Confidence::Certain,
                    message: format!("`{word}` stands here"),
                    help: "choose another".into(),
                    primary: Location { file: file as u32, start: start as u32, end: (start + word.len()) as u32 },
                    related: Vec::new(),
                    evidence: Vec::new(),
                    fixes: Vec::new(),
                    fingerprint: "0".repeat(16),
                    state: "0".repeat(16),
                }));
            }
            let status = Status::Recognised(vec!["words".into()]);
            outcome.files.push(File {
                path: input.path,
                status,
                format: None,
                text: Some(text.into()),
                secrets: Vec::new(),
            });
        }
        choice.choose(&mut outcome);
        outcome
    }

    fn resources(&self, inputs: Vec<Input>, _: &[Input]) -> Analysed {
        let file = |input: Input| File {
            path: input.path,
            status: Status::Unknown,
            format: None,
            text: None,
            secrets: Vec::new(),
        };
        Analysed { files: inputs.into_iter().map(file).collect(), model: Model::default(), comments: Vec::new() }
    }

    fn rules(&self) -> &[RuleInfo] {
        &self.rules
    }

    fn dialects(&self) -> Vec<DialectInfo> {
        vec![DialectInfo { id: "words".into(), title: "Words".into(), keys: 2, hooks: vec!["spelling".into()] }]
    }

    fn vocabulary(&self) -> String {
        "word: text\n".into()
    }

    fn names_versions(&self, _: &Path) -> bool {
        false
    }

    fn inspect(&self, input: Input, _: Vec<Input>, _: &Settings) -> String {
        format!("{}: {} bytes, password hunter2\u{1b}[2J", input.path, input.bytes.len())
    }

    fn redact(&self, text: &str) -> String {
        text.replace("hunter2", "***")
    }

    fn rule_schema(&self) -> &str {
        "{}\n"
    }
}

/// What a command printed, and its exit code.
struct Ran {
    code: u8,
    out: String,
    err: String,
}

fn trueup_with(cwd: &Path, input: &str, arguments: &[&str]) -> Ran {
    trueup_in(None, cwd, input, arguments)
}

fn trueup_in(actions: Option<GithubActions>, cwd: &Path, input: &str, arguments: &[&str]) -> Ran {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = {
        let mut console = Console {
            out: Box::new(&mut out),
            err: Box::new(&mut err),
            input: Box::new(input.as_bytes()),
            cwd: cwd.to_path_buf(),
            shows_colour: false,
            shows_progress: false,
            width: 80,
            github_actions: actions,
        };
        let arguments = ["trueup"].iter().chain(arguments).map(OsString::from);
        run(&Words::new(&[]), arguments, &mut console)
    };
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code, out: text(out), err: text(err) }
}

/// Runs with `--format concise --quiet`; returns the exit code and the findings as `path:line:column rule`.
fn findings(cwd: &Path, arguments: &[&str]) -> (u8, Vec<String>) {
    let ran = trueup_with(cwd, "", &[&["--format", "concise", "--quiet"], arguments].concat());
    let line = |line: &str| {
        let (address, rest) = line.split_once(": ").expect("address: rest");
        let rule = rest.split(['[', ']']).nth(1).expect("severity[rule]");
        format!("{address} {rule}")
    };
    (ran.code, ran.out.lines().map(line).collect())
}

/// A repository with the files given.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir(root.path().join(".git")).expect("a repository");
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("files stand in directories")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    root
}

#[test]
fn findings_make_the_exit_code() {
    let root = repository(&[("a.conf", "bad odd"), ("good.conf", "good"), ("other.txt", "bad")]);
    let at = root.path();
    assert_eq!(findings(at, &[]), (1, vec!["a.conf:1:1 bad-word".into()]));
    assert_eq!(findings(at, &["good.conf"]), (0, vec![]));
    assert_eq!(findings(at, &["--fail-on", "error"]).0, 0);
    assert_eq!(findings(at, &["--fail-on", "never"]).0, 0);
    assert_eq!(findings(at, &["other.txt"]).0, 1, "a file that is named is read");
    assert_eq!(findings(at, &["a.conf", "missing"]), (2, vec!["a.conf:1:1 bad-word".into()]));
    let hidden = trueup_with(at, "", &["a.conf"]).out;
    assert!(hidden.contains("1 finding below the default level"), "{hidden}");
}

#[test]
fn options_select() {
    let root = repository(&[("a.conf", "bad odd")]);
    let both = vec!["a.conf:1:1 bad-word".to_owned(), "a.conf:1:5 odd-word".to_owned()];
    for (arguments, expected) in [
        (&["--pedantic"][..], &both[..]),
        (&["--pedantic", "--ignore", "bad-word"], &both[1..]),
        (&["--select", "odd-word"], &both[1..]),
        (&["--select", "odd-word,bad-word"], &both),
        (&["--select", "words"], &both),
        (&["--ignore", "words"], &[]),
    ] {
        assert_eq!(findings(root.path(), arguments).1, expected, "{arguments:?}");
    }
    let ran = trueup_with(root.path(), "", &["--select", "bad-wrod"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(ran.err, "error: --select: no rule is called `bad-wrod`; did you mean `bad-word`?\n");
}

#[test]
fn each_file_has_the_settings_above_it() {
    let root = repository(&[
        ("trueup.toml", "[severity]\nodd-word = \"error\"\n[per-file-ignores]\n\"legacy/\" = [\"bad-word\"]\n"),
        ("a.conf", "bad odd"),
        ("legacy/b.conf", "bad odd"),
        ("team/.trueup.toml", "ignore = [\"bad-word\"]\nexclude = [\"skip*\"]\n"),
        ("team/c.conf", "bad odd"),
        ("team/skipped.conf", "bad"),
    ]);
    let (code, found) = findings(root.path(), &[]);
    assert_eq!(code, 1);
    assert_eq!(found, ["a.conf:1:1 bad-word", "a.conf:1:5 odd-word", "legacy/b.conf:1:5 odd-word"]);
    let isolated = findings(root.path(), &["--isolated", "team"]).1;
    assert_eq!(isolated, ["team/c.conf:1:1 bad-word", "team/skipped.conf:1:1 bad-word"]);
    assert_eq!(findings(root.path(), &["--config", "team/.trueup.toml", "a.conf"]).1, Vec::<String>::new());
    assert_eq!(findings(root.path(), &["--isolated", "team/skipped.conf"]).1.len(), 1);
    assert_eq!(findings(root.path(), &["--force-exclude", "team/skipped.conf"]).1, Vec::<String>::new());
    assert_eq!(findings(&root.path().join("legacy"), &["..", "--isolated"]).1[0], "../a.conf:1:1 bad-word");
}

#[test]
fn broken_settings_stop_only_their_own_files() {
    let root = repository(&[
        ("a.conf", "bad"),
        ("x/trueup.toml", "ignore = [\"bad-wrod\"]\n"),
        ("x/b.conf", "bad"),
        ("y/trueup.toml", "rules = [\"./missing\"]\n"),
        ("y/c.conf", "bad"),
    ]);
    let ran = trueup_with(root.path(), "", &["--format", "concise"]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.starts_with("a.conf:1:1: warning[bad-word]"), "{}", ran.out);
    let expected = "error: y/trueup.toml:1:10: no such directory\n\
                    error: x/trueup.toml:1:11: no rule is called `bad-wrod`; did you mean `bad-word`?\n";
    assert_eq!(ran.err, expected);
}

#[test]
fn rules_of_ones_own_can_be_selected() {
    let root = repository(&[("trueup.toml", "rules = [\"./trueup/\"]\n"), ("trueup/x.md", ""), ("a.conf", "own bad")]);
    assert_eq!(findings(root.path(), &["--select", "own-word"]).1, ["a.conf:1:1 own-word"]);
    assert!(trueup_with(root.path(), "", &["rules"]).out.contains("own-word"));
    assert!(trueup_with(root.path(), "", &["explain", "own-word"]).out.starts_with("# The rule own-word\n"));
}

#[test]
fn what_git_ignores_is_not_read_and_hidden_files_are() {
    let root = repository(&[
        (".gitignore", "out/\n"),
        ("out/a.conf", "bad"),
        ("node_modules/b.conf", "bad"),
        ("vendor/c.conf", "bad"),
        (".hidden/d.conf", "bad"),
        (".e.conf", "bad"),
    ]);
    assert_eq!(findings(root.path(), &[]).1, [".e.conf:1:1 bad-word", ".hidden/d.conf:1:1 bad-word"]);
    let summary = trueup_with(root.path(), "", &[]).out;
    assert!(summary.contains("2 directories of others passed over"), "{summary}");
    assert_eq!(
        findings(root.path(), &["out/a.conf", "vendor"]).1,
        ["out/a.conf:1:1 bad-word", "vendor/c.conf:1:1 bad-word"]
    );
}

#[test]
fn the_standard_input_goes_by_a_name() {
    let root = repository(&[("team/trueup.toml", "ignore = [\"bad-word\"]\n")]);
    let ran = trueup_with(root.path(), "bad", &["-", "--stdin-filename", "x/new.conf", "--format", "concise", "-q"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, "x/new.conf:1:1: warning[bad-word] `bad` stands here\n"));
    let ran = trueup_with(root.path(), "bad", &["-", "--stdin-filename", "team/new.conf", "-q"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
}

#[test]
fn a_report_can_go_to_a_file() {
    let root = repository(&[("a.conf", "bad")]);
    let ran = trueup_with(root.path(), "", &["--format", "json", "--output", "report.json"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    let report = fs::read_to_string(root.path().join("report.json")).expect("the report");
    assert!(report.contains("\"rule\": \"bad-word\""), "{report}");
    assert_eq!(trueup_with(root.path(), "", &["--output", "missing/report.json"]).code, 2);
}

#[test]
fn several_reports_come_from_one_run() {
    let root = repository(&[("a.conf", "bad")]);
    let read = |name: &str| fs::read_to_string(root.path().join(name)).expect("a report");
    let pairs =
        ["--format", "sarif", "--output", "a.sarif", "--format", "concise", "--format", "json", "--output", "a.json"];
    let ran = trueup_with(root.path(), "", &pairs);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert!(ran.out.starts_with("a.conf:1:1: warning[bad-word]"), "{}", ran.out);
    assert!(read("a.sarif").contains("\"version\": \"2.1.0\"") && read("a.json").contains("\"fingerprint\""));
    let ran = trueup_with(root.path(), "", &["check", "--output", "a.xml", "--format", "junit"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(read("a.xml").starts_with("<?xml"));
    for (arguments, expected) in [
        (&["--format", "full", "--format", "json"][..], "two reports go to the standard output"),
        (&["--output", "x", "--output", "y"], "'--output x' and '--output y' belong to one '--format'"),
        (&["--output", "x", "--format", "full", "--format", "json"], "'--output x' comes before every '--format'"),
        (&["--format", "full", "--output", "x", "--format", "json", "--output", "x"], "two reports go to 'x'"),
    ] {
        let ran = trueup_with(root.path(), "", arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.starts_with(&format!("error: {expected}")), "{}", ran.err);
    }
    assert!(!root.path().join("x").exists());
}

#[test]
fn github_actions_gets_annotations_unless_a_format_is_named() {
    let root = repository(&[("a.conf", "bad")]);
    let actions = || Some(GithubActions { files: "https://github.com/acme/shop/blob/abc/".into() });
    let ran = trueup_in(actions(), root.path(), "", &[]);
    assert!(ran.out.starts_with("::warning file=a.conf,line=1"), "{}", ran.out);
    assert!(ran.out.contains("warning[bad-word]") && ran.out.contains("1 warning in 1 file"), "{}", ran.out);
    for arguments in [&["--format", "full"][..], &["--format", "concise"], &["--output", "x"]] {
        assert!(!trueup_in(actions(), root.path(), "", arguments).out.contains("::warning"), "{arguments:?}");
    }
    let markdown = trueup_in(actions(), root.path(), "", &["--format", "markdown"]).out;
    assert!(markdown.contains("[a.conf:1](https://github.com/acme/shop/blob/abc/a.conf#L1)"), "{markdown}");
}

#[test]
fn colour_is_a_choice() {
    let root = repository(&[("a.conf", "bad")]);
    for (when, coloured) in [("always", true), ("never", false), ("auto", false)] {
        for format in ["full", "concise"] {
            let out = trueup_with(root.path(), "", &["--color", when, "--format", format]).out;
            assert_eq!(out.contains('\u{1b}'), coloured, "{when} {format}");
        }
    }
}

#[test]
fn what_is_inspected_is_redacted() {
    let root = repository(&[("a.conf", "bad")]);
    let ran = trueup_with(root.path(), "", &["inspect", "a.conf"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "a.conf: 3 bytes, password ***␛[2J\n"));
}

#[test]
fn listings_are_one_line_each() {
    let root = repository(&[]);
    let out = |arguments: &[&str]| trueup_with(root.path(), "", arguments).out;
    assert_eq!(out(&["dialects"]), "words      2 keys  Words (hooks: spelling)\n");
    assert_eq!(out(&["vocabulary"]), "word: text\n");
    assert_eq!(
        out(&["rules"]),
        "bad-word  warning  certain  The rule bad-word\nodd-word  info     certain  The rule odd-word\n"
    );
}

#[test]
fn the_settings_schema_knows_the_same_keys() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../schema/settings.schema.json")).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    for key in schema["properties"].as_object().expect("properties").keys() {
        let text = format!("{key} = 2026-01-01\n");
        let problems =
            Settings::parse(Path::new("/r/trueup.toml"), "trueup.toml", &text).expect_err("no key is a date");
        assert!(!problems[0].message.contains("unknown key"), "{key} is in the schema only");
    }
    let everything = "edition = '2026.1'\nselect = ['a']\nignore = []\nlock = ['a']\nexclude = ['x']\nrules = ['./r']\nbaseline = 'known.json'\nseverity = { a = 'error' }\n\
                      per-file-ignores = { 'x/**' = ['a'] }\n\
                      facts = { memory = '1GiB', cpus = 2, replicas = 1, storage = 'ssd', own = true, versions = { postgresql = 16 } }\n";
    Settings::parse(Path::new("/r/trueup.toml"), "trueup.toml", everything).expect("valid settings");
    let everything: serde_json::Value = toml::from_str(everything).expect("TOML");
    let errors: Vec<String> = validator.iter_errors(&everything).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn a_parameter_of_postgres_is_explained_by_version() {
    let root = tempfile::tempdir().expect("a folder");
    let said = trueup_with(root.path(), "", &["explain", "pg:shared_buffers"]).out;
    assert!(said.starts_with("# shared_buffers\n"), "{said}");
    assert!(said.contains("## 13 to 14\n") && said.contains("- default: 16384 (128MB)\n"), "{said}");
    assert!(trueup_with(root.path(), "", &["explain", "pg:sort_mem"]).out.starts_with("# work_mem\n"));
    let unknown = trueup_with(root.path(), "", &["explain", "pg:wrk_mem"]);
    assert!(
        unknown.err.contains("Postgres has no parameter `wrk_mem`; did you mean `pg:work_mem`?"),
        "{}",
        unknown.err
    );
}
