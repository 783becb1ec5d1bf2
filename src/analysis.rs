//! Documents and settings into findings: the whole pipeline as one function, without I/O.
//!
//! Environment files and version pins are read first, then every file on its own and in parallel; what all files say
//! together is assembled into resources and judged once.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use memchr::memmem::Finder;
use rayon::prelude::*;

use crate::assemble::{FileFragments, assemble};
use crate::dialect::{self, BuildProperties, Context, Fault, Fragment, Pinned, Reading, Setting, Source};
use crate::knowledge::Knowledge;
use crate::model::{Finding, Location, Model, Name, Unjudged, Why, Written};
use crate::rule::{Facts, RuleSet, judge};
use crate::suppress::{self, Comment, Date, Suppressed};
use crate::syntax::{self, Document, Format, LineFlavor, Span, decode};
use crate::topology;

/// One file to judge.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its path as reports print it: relative to the root of the run, `/` between parts.
    pub path: Arc<str>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What became of one file.
#[derive(Debug, Clone)]
pub struct File {
    /// As given.
    pub path: Arc<str>,
    /// How it was read.
    pub status: Status,
    /// What it was parsed as.
    pub format: Option<Format>,
    /// The text, kept where a finding or an unjudged rule points into it.
    pub text: Option<Arc<str>>,
    /// Spans of that text that must never be printed.
    pub secrets: Vec<Span>,
}

/// How a file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// These dialects read it.
    Recognised(Vec<Arc<str>>),
    /// Parsed, and no dialect knows it.
    Unknown,
    /// Of a kind trueup does not read.
    Unsupported,
    /// A template, read only as far as certain.
    Template(Vec<Arc<str>>),
    /// Could not be read: not text, too large. The reason in one line.
    Skipped(String),
}

/// What came out.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The files, in the order of the inputs.
    pub files: Vec<File>,
    /// Findings, ordered by path, place and rule; suppressed ones are left out.
    pub findings: Vec<Finding>,
    /// Findings that comments silence.
    pub suppressed: Vec<Suppressed>,
    /// The rules, each with a file in which it found something, that comments cannot silence there.
    pub locked: BTreeSet<(Name, u32)>,
    /// What could not be judged.
    pub unjudged: Vec<Unjudged>,
}

/// What a run knows besides its files.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Vocabulary, tables, pages.
    pub knowledge: &'a Knowledge,
    /// The pages, compiled.
    pub rules: &'a RuleSet,
    /// What the user says of the machine.
    pub facts: &'a Facts,
    /// Versions the user declares: product and version.
    pub versions: &'a [(Name, Name)],
    /// Files beside the inputs that are read for the versions they name, and not judged.
    pub around: &'a [Input],
    /// The day that suppressions are held against.
    pub today: Date,
}

/// What the user chose.
pub trait Choice {
    /// Whether a rule is on in a file, given by its index among the inputs.
    fn is_on(&self, _rule: &str, _file: u32) -> bool {
        true
    }

    /// Whether a rule may not be silenced by comments.
    fn is_locked(&self, _rule: &str) -> bool {
        false
    }

    /// Drops what is not to be shown.
    fn choose(&mut self, outcome: &mut Outcome);
}

/// Every rule is on and none locked.
impl<F: FnMut(&mut Outcome)> Choice for F {
    fn choose(&mut self, outcome: &mut Outcome) {
        self(outcome);
    }
}

/// Everything the files say, and what the rules say of it.
#[derive(Debug, Default)]
pub struct Judged {
    /// The files, in the order of the inputs.
    pub files: Vec<File>,
    /// The resources.
    pub model: Model,
    /// Every finding.
    pub findings: Vec<Finding>,
    /// What could not be judged.
    pub unjudged: Vec<Unjudged>,
    /// Findings that comments silence.
    pub suppressed: Vec<Suppressed>,
}

/// Everything the files say, before it is judged.
#[derive(Debug)]
pub struct Analysed {
    /// The files, in the order of the inputs.
    pub files: Vec<File>,
    /// The resources.
    pub model: Model,
    /// The suppressions among the comments.
    pub comments: Vec<Comment>,
}

/// Judges `inputs`; all that comes out is to be shown.
pub fn analyse(known: Known<'_>, inputs: Vec<Input>) -> Outcome {
    analyse_chosen(known, inputs, &mut |_: &mut Outcome| {})
}

/// Judges `inputs`. Of what comes out `choice` drops what is not to be shown; the texts of files are kept, and their
/// secrets looked for, only where something is left.
pub fn analyse_chosen(known: Known<'_>, inputs: Vec<Input>, choice: &mut dyn Choice) -> Outcome {
    let Judged { files, findings, unjudged, suppressed, .. } = judged(known, inputs, choice);
    let mut outcome = Outcome { files, findings, unjudged, suppressed, ..Outcome::default() };
    choice.choose(&mut outcome);
    let locked = |rule: &str| choice.is_locked(rule) || known.rules.judges(suppress::KIND, rule);
    let found = outcome.findings.iter().filter(|finding| locked(&finding.rule));
    outcome.locked = found.map(|finding| (finding.rule.clone(), finding.primary.file)).collect();
    let mut pointed = vec![false; outcome.files.len()];
    let mut shown = vec![false; outcome.files.len()];
    let suppressed = outcome.suppressed.iter().map(|suppressed| &suppressed.finding);
    let places = outcome.findings.iter().chain(suppressed).flat_map(|finding| {
        let related = finding.related.iter().map(|related| related.location);
        let evidence = finding.evidence.iter().filter_map(|evidence| evidence.location);
        std::iter::once(finding.primary).chain(related).chain(evidence)
    });
    for location in places {
        if let Some(shown) = shown.get_mut(location.file as usize) {
            *shown = true;
        }
    }
    for location in outcome.unjudged.iter().map(|unjudged| unjudged.location) {
        if let Some(pointed) = pointed.get_mut(location.file as usize) {
            *pointed = true;
        }
    }
    outcome.files.par_iter_mut().zip(pointed).zip(shown).for_each(|((file, pointed), shown)| {
        if shown {
            find_secrets(known.knowledge, file);
        } else if !pointed {
            file.text = None;
        }
    });
    outcome
}

/// Judges `inputs` and keeps the resources that were judged.
pub fn judged(known: Known<'_>, inputs: Vec<Input>, choice: &dyn Choice) -> Judged {
    let Analysed { files, model, comments } = resources(known, inputs);
    let paths: Vec<Name> = files.iter().map(|file| file.path.clone()).collect();
    let judgement = judge(&known.knowledge.vocabulary, known.rules, &model, known.facts, &paths);
    let (findings, unjudged) = (judgement.findings, judgement.unjudged);
    let mut judged = Judged { files, model, findings, unjudged, suppressed: Vec::new() };
    if !comments.is_empty() {
        silence(known, &comments, &paths, choice, &mut judged);
    }
    judged
}

/// A file's tree, by the format that its name and its text tell; `None` where that is none that is read.
pub fn document(knowledge: &Knowledge, path: &str, text: &str) -> Option<Document> {
    let format = dialect::format_in(knowledge, path, text)?;
    Some(syntax::parse(text, format))
}

/// A file's text as it may be printed: `***` for every secret that its reading by itself tells.
pub fn masked(known: Known<'_>, path: &str, text: &str) -> String {
    let input = Input { path: path.into(), bytes: text.as_bytes().to_vec() };
    let mut files = resources(known, vec![input]).files;
    let Some(mut file) = files.pop() else { return String::new() };
    file.text = Some(text.into());
    find_secrets(known.knowledge, &mut file);
    let mut shown = String::with_capacity(text.len());
    let mut done = 0;
    for secret in &file.secrets {
        let (start, end) = (secret.start as usize, secret.end as usize);
        if start >= done && end > start {
            shown.push_str(text.get(done..start).unwrap_or(""));
            shown.push_str("***");
            done = end;
        } else {
            done = done.max(end);
        }
    }
    shown.push_str(text.get(done..).unwrap_or(""));
    shown
}

/// Takes out the findings that comments silence, and adds what the rules say of the comments.
fn silence(known: Known<'_>, comments: &[Comment], paths: &[Name], choice: &dyn Choice, judged: &mut Judged) {
    let run = suppress::Run {
        knowledge: known.knowledge,
        model: &judged.model,
        unjudged: &judged.unjudged,
        today: known.today,
        is_on: &|rule, file| choice.is_on(rule, file),
        is_locked: &|rule| choice.is_locked(rule),
    };
    let (suppressed, of_comments) = suppress::apply(&run, comments, &mut judged.findings);
    let judgement = judge(&known.knowledge.vocabulary, known.rules, &of_comments, known.facts, paths);
    judged.suppressed = suppressed;
    judged.findings.extend(judgement.findings);
    judged.findings.sort_by(|a, b| (a.primary, &a.rule).cmp(&(b.primary, &b.rule)));
    judged.unjudged.extend(judgement.unjudged);
    judged.unjudged.sort_by(|a, b| (a.location, &a.rule).cmp(&(b.location, &b.rule)));
}

/// Adds to a file's secrets those of its own text: no line of it is shown without them.
fn find_secrets(knowledge: &Knowledge, file: &mut File) {
    let Some(text) = file.text.clone() else { return };
    let Some(document) = document(knowledge, &file.path, &text) else { return };
    file.secrets.extend(syntax::secret::find(&document));
    file.secrets.sort_unstable();
}

/// Reads `inputs` into resources.
pub fn resources(known: Known<'_>, inputs: Vec<Input>) -> Analysed {
    let context = context(known, &inputs);
    let read: Vec<(File, FileFragments, Vec<Comment>)> = inputs
        .into_par_iter()
        .enumerate()
        .map(|(index, input)| read_file(known.knowledge, &context, index as u32, input))
        .collect();
    let mut files = Vec::with_capacity(read.len());
    let mut fragments = Vec::with_capacity(read.len());
    let mut comments = Vec::new();
    for (file, of_file, in_file) in read {
        files.push(file);
        fragments.push(of_file);
        comments.extend(in_file);
    }
    let mut model = assemble(known.knowledge, &known.knowledge.wanted, fragments);
    topology::derive(&mut model);
    Analysed { files, model, comments }
}

/// Whether a file of that name is worth reading at all.
pub fn wants(knowledge: &Knowledge, path: &str) -> bool {
    dialect::format_of(path).is_some()
        || dialect::may_be_told(knowledge, path)
        || dialect::names_versions(knowledge, path)
}

/// The folder of a file.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Variables of environment files, and versions from build files, lock files and base images.
fn context(known: Known<'_>, inputs: &[Input]) -> Context {
    let mut context = Context::new(&known.knowledge.pins);
    for (product, version) in known.versions {
        context.declare(product, version);
    }
    let mut properties = BuildProperties::default();
    let takers = dialect::variable_map_takers(known.knowledge);
    // only where something in the folder takes variables over by a map's name
    let finders: Vec<Finder> = takers.iter().map(|taker| Finder::new(taker.as_bytes())).collect();
    let takes = |input: &Input| {
        finders.iter().any(|taker| taker.find(&input.bytes).is_some()).then(|| folder(&input.path).to_string())
    };
    let may = |input: &&Input| dialect::may_hold_variable_maps(&input.path);
    let taking: HashSet<String> = inputs.par_iter().filter(|input| may(input)).filter_map(takes).collect();
    for input in inputs.iter().chain(known.around) {
        let (directory, name) = input.path.rsplit_once('/').unwrap_or(("", &input.path));
        if name == ".env" {
            let Ok(text) = decode::decode(&input.bytes) else { continue };
            let document = syntax::parse(text, Format::Line(LineFlavor::Env));
            for &root in &document.roots {
                for child in document.children(root) {
                    if let Some(key) = document.key(child) {
                        context.set_variable(directory, key, document.scalar(child));
                    }
                }
            }
        } else if dialect::may_hold_variable_maps(&input.path) && taking.contains(directory) {
            let Ok(text) = decode::decode(&input.bytes) else { continue };
            dialect::note_variable_maps(known.knowledge, &mut context, &input.path, text);
        } else if BuildProperties::concerns(&input.path)
            && let Ok(text) = decode::decode(&input.bytes)
        {
            properties.read(&input.path, text);
        }
    }
    let pinned = |(index, input): (usize, &Input)| {
        let text = dialect::names_versions(known.knowledge, &input.path).then(|| decode::decode(&input.bytes).ok());
        let text = text.flatten()?;
        let found = dialect::pinned(known.knowledge, &properties, &input.path, text);
        let pin = |pinned: Pinned| {
            let line = text.as_bytes()[..pinned.span.start as usize].iter().filter(|&&byte| byte == b'\n').count() + 1;
            (pinned, Name::from(format!("{}:{line}", input.path)), index as u32)
        };
        (!found.is_empty()).then(|| found.into_iter().map(pin).collect::<Vec<_>>())
    };
    let pinned: Vec<Vec<_>> = inputs.par_iter().chain(known.around).enumerate().filter_map(pinned).collect();
    for (pinned, source, file) in pinned.into_iter().flatten() {
        let location = Location { file, start: pinned.span.start, end: pinned.span.end };
        context.pin(&pinned, &source, location);
    }
    context
}

/// Reads one file; its tree does not outlive this.
fn read_file(
    knowledge: &Knowledge,
    context: &Context,
    index: u32,
    input: Input,
) -> (File, FileFragments, Vec<Comment>) {
    let Input { path, bytes } = input;
    let nothing = |status, text, secrets| {
        let file = File { path: path.clone(), status, format: None, text, secrets };
        (file, FileFragments { path: path.clone(), ..FileFragments::default() }, Vec::new())
    };
    let by_name = dialect::format_of(&path).is_some() || dialect::may_be_told(knowledge, &path);
    if !by_name || dialect::only_versions(&path) {
        return nothing(Status::Unsupported, None, Vec::new());
    }
    let text = match decode::decode(&bytes) {
        Ok(text) => text,
        Err(error) => return nothing(Status::Skipped(error.to_string()), None, Vec::new()),
    };
    let Some(format) = dialect::format_in(knowledge, &path, text) else {
        return nothing(Status::Unsupported, None, Vec::new());
    };
    let document = syntax::parse(text, format);
    drop(bytes);
    let source = Source::new(index, &path, path.clone(), false, &document);
    let mut read = dialect::read(knowledge, context, &source);
    if read.dialects.is_empty() {
        let status = match document.errors.first() {
            Some(error) if document.template.is_none() && !matches!(format, Format::Line(_)) => {
                let (line, column) = document.line_index().position(&document.text, error.span.start);
                Status::Skipped(format!("line {line}, column {column}: {}", error.message))
            }
            _ if document.template.is_some() => Status::Template(Vec::new()),
            _ => Status::Unknown,
        };
        let (file, fragments, comments) = nothing(status, None, Vec::new());
        return (file, FileFragments { start: syntax::launch::start(&document), ..fragments }, comments);
    }
    // also a comment of an embedded file speaks of what stands here
    let texts = std::iter::once(&document).chain(&read.embedded);
    let comments = texts.flat_map(|document| suppress::read(document, index)).collect();
    // what counts only where it is included is no file of a dialect by itself
    let part = read.fragments.iter().all(|fragment| fragment.part) && !read.fragments.is_empty();
    let own_lexer = |id: &Name| knowledge.table(id).is_some_and(|table| table.own_lexer);
    if !part && !read.dialects.iter().any(own_lexer) {
        broken(&source, &mut read);
    }
    // the file's own are looked for where something points into it
    let secrets = read.secrets;
    let status = match document.template {
        None if part => Status::Unknown,
        Some(_) => Status::Template(read.dialects),
        None => Status::Recognised(read.dialects),
    };
    let fragments = FileFragments {
        path: path.clone(),
        fragments: read.fragments,
        containers: read.containers,
        addresses: read.addresses,
        calls: read.calls,
        numbers: match document.format {
            Format::Line(LineFlavor::Env) => dialect::port_numbers(&document.text),
            _ => BTreeSet::new(),
        },
        start: syntax::launch::start(&document),
    };
    (File { path, status, format: Some(format), text: Some((&*document.text).into()), secrets }, fragments, comments)
}

/// A recognised file that does not follow its format: each place becomes a fault.
fn broken(source: &Source<'_>, read: &mut dialect::Read) {
    let document: &Document = source.document;
    if document.template.is_some() {
        return;
    }
    for error in document.errors.iter().take(20) {
        let span = document.host(error.span);
        let location = Location { file: source.file, start: span.start, end: span.end };
        let name: Name = read.dialects.first().cloned().unwrap_or_else(|| "file".into());
        let reading = Reading::unknown(Why::Unreadable).with(Fault::new("syntax", error.message.clone()));
        let scope = format!("{}#error{}", source.path, error.span.start).into();
        read.fragments.push(Fragment {
            identity: vec!["syntax".into()],
            settings: vec![Setting {
                attribute: None,
                reading,
                written: Written::new(location, location, "syntax"),
                text: "".into(),
                needs: Vec::new(),
            }],
            ..Fragment::new(name, "setting".into(), scope, location)
        });
    }
}
