//! Scripts of a shell: the command that replaces it in the end, `exec …`, where nothing decides whether it runs; or else
//! one that starts another program with options for that, and which the script does not call again, to stop it.

use std::collections::VecDeque;

use super::program::{HANDED_ON, command};
use super::variables::variable;
use super::{Entry, Launch, place, statements};
use crate::syntax::command::{Word, script};
use crate::syntax::{Comment, Span};

/// Reads a script into `launch`; gives the comments that have their line to themselves.
pub(super) fn read(text: &str, launch: &mut Launch) -> Vec<Comment> {
    let Script { plain, mut comments, bodies } = without_documents(text);
    let with_statements = statements::may_be_in(text);
    // the command whose output the next one reads, and whether it is run in any case
    let (mut producer, mut produced): (&[Word], bool) = (&[], false);
    let words = script(&plain);
    let mut around = Around::default();
    let mut before = "\n";
    for part in words.split_inclusive(|word| word.operator) {
        let (line, operator) = match part.split_last() {
            Some((last, line)) if last.operator => (line, last.text.as_str()),
            _ => (part, "\n"),
        };
        if !line.is_empty() {
            let begins = if before == "|" { produced } else { around.is_free() && ends(before) };
            let certain = around.is_free() && ends(before) && ends(operator);
            around.enter(line, &plain);
            if ends(before) && around.is_free() {
                export(line, &plain, launch);
            }
            if with_statements {
                let known = begins && around.is_free() && operator != "&";
                statements::read(text, &bodies, (producer, line), known, &mut launch.statements);
            }
            let pipes = operator == "|";
            (producer, produced) = (if pipes { line } else { &[] }, pipes && begins && around.is_free());
            let replaces = line[0].text == "exec" && line.len() > 1 && !line[1].text.contains(['<', '>']);
            if certain && around.is_free() && replaces {
                let place = place(&line[1..]).unwrap_or_default();
                launch.command = replacing(place.slice(&plain), place).or(launch.command.take());
                break; // nothing runs behind it
            }
            if ends(before) && matches!(operator, "||" | "&&") | ends(operator) && around.is_free() {
                let starting = starting(line, &plain);
                launch.command = launch.command.take().or(starting);
            }
        }
        // `a &&` goes on in the next line
        if !(line.is_empty() && matches!(before, "&&" | "||" | "|")) {
            before = operator;
        }
    }
    let of_statements = launch.statements.take_comments().into_iter();
    comments.extend(of_statements.map(|span| Comment { span, own_line: begins_line(text, span) }));
    comments.sort_by_key(|comment| comment.span.start);
    comments
}

fn begins_line(text: &str, span: Span) -> bool {
    let before = text.get(..span.start as usize).unwrap_or_default().trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with(['\n', '\r'])
}

/// Whether a command stands alone between such operators.
fn ends(operator: &str) -> bool {
    operator.starts_with('\n') || operator == ";"
}

fn replacing(line: &str, place: Span) -> Option<super::program::Command> {
    // what is run for its output, and where a script within the script has its own
    if line.contains(['`', '(', ')']) {
        return None;
    }
    command(line, place, |text| text.contains('$'))
}

/// The variables that a command sets for programs: `export NAME=value`, `NAME=value command`.
fn export(line: &[Word], plain: &str, launch: &mut Launch) {
    let is_exported = line[0].text == "export";
    let set = line.iter().skip(usize::from(is_exported)).map_while(|word| variable(word, plain, 0));
    let set: Vec<Entry> = set.filter(|entry| !entry.text.contains('`')).collect();
    // without a command behind it, a variable is the script's own
    if is_exported || set.len() < line.len() {
        launch.environment.extend(set);
    }
}

/// A command that starts another program; none where the script may stop it, or starts it upon data that it throws away.
fn starting(line: &[Word], plain: &str) -> Option<super::program::Command> {
    if !line.iter().any(|word| HANDED_ON.iter().any(|option| word.text.starts_with(option))) {
        return None;
    }
    let place = place(line)?;
    let found = replacing(&joined(place.slice(plain)), place).filter(|command| command.hands_on.is_some())?;
    let once = plain.matches(found.program.as_str()).nth(1).is_none();
    let kept = !["mktemp", "/tmp/", "$TMP"].iter().any(|sign| plain.contains(sign));
    (once && kept).then_some(found)
}

/// A command with what joins its lines blanked, byte for byte, where a blank stands beside it: within quotes it is taken
/// away by this shell or by that of the program which starts another.
fn joined(line: &str) -> String {
    let mut bytes = line.as_bytes().to_vec();
    for at in memchr::memmem::find_iter(line.as_bytes(), b"\\\n") {
        let beside = |at: Option<usize>| at.and_then(|at| line.as_bytes().get(at));
        let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
        let before = beside(at.checked_sub(1));
        if before != Some(&b'\\') && (is_blank(before) || is_blank(beside(Some(at + 2)))) {
            bytes[at..at + 2].fill(b' ');
        }
    }
    String::from_utf8(bytes).expect("blanks take the place of ASCII")
}

/// What a command stands in.
#[derive(Default)]
struct Around {
    /// Open `if`, loops and choices.
    blocks: usize,
    /// Of these, `case`: a parenthesis in it is a pattern's.
    cases: usize,
    /// Open braces and parentheses.
    groups: usize,
}

impl Around {
    fn is_free(&self) -> bool {
        self.blocks == 0 && self.groups == 0
    }

    fn enter(&mut self, line: &[Word], text: &str) {
        for (index, word) in line.iter().enumerate() {
            let spelled = word.span.slice(text);
            match spelled {
                "{" => self.groups += 1,
                "}" => self.groups = self.groups.saturating_sub(1),
                // such a word begins a command at the start, and behind another one
                "if" | "while" | "until" | "for" | "select" if opens(line, index) => self.blocks += 1,
                "case" if opens(line, index) => {
                    self.blocks += 1;
                    self.cases += 1;
                }
                "fi" | "done" if index == 0 => self.blocks = self.blocks.saturating_sub(1),
                "esac" if index == 0 => {
                    self.blocks = self.blocks.saturating_sub(1);
                    self.cases = self.cases.saturating_sub(1);
                }
                _ if self.cases == 0 && !spelled.contains(['\'', '"', '$', '\\']) => {
                    self.groups += spelled.matches('(').count();
                    self.groups = self.groups.saturating_sub(spelled.matches(')').count());
                }
                _ => {}
            }
        }
    }
}

/// Whether the word at `index` may begin a command.
fn opens(line: &[Word], index: usize) -> bool {
    index == 0 || matches!(line[index - 1].text.as_str(), "then" | "else" | "do" | "!" | "{" | "time") || {
        line[index - 1].text.ends_with([')', '('])
    }
}

/// A here-document.
#[derive(Debug)]
pub(super) struct Body {
    /// Where its operator stands.
    pub(super) operator: u32,
    pub(super) span: Span,
    /// Whether nothing is filled in.
    pub(super) literal: bool,
}

/// A script in parts.
struct Script {
    /// The text with the bodies of here-documents blanked, byte for byte; what stands behind one without an end is blank
    /// too.
    plain: String,
    /// The comments on lines of their own.
    comments: Vec<Comment>,
    /// The here-documents, in the order of their operators.
    bodies: Vec<Body>,
}

fn without_documents(text: &str) -> Script {
    let mut script = Script { plain: String::with_capacity(text.len()), comments: Vec::new(), bodies: Vec::new() };
    let mut until: VecDeque<Opening> = VecDeque::new();
    let mut body_start = 0;
    for line in text.split_inclusive('\n') {
        let start = script.plain.len();
        let body = line.trim_end_matches(['\n', '\r']);
        let trimmed = body.trim_start();
        if let Some(opening) = until.front() {
            if body.trim_start_matches('\t') == opening.end {
                let span = Span::new(body_start, start);
                script.bodies.push(Body { operator: opening.at as u32, span, literal: opening.literal });
                body_start = start + line.len();
                until.pop_front();
            }
            script.plain.push_str(&" ".repeat(body.len()));
            script.plain.push_str(&line[body.len()..]);
            continue;
        }
        if trimmed.starts_with('#') {
            let from = start + body.len() - trimmed.len();
            script.comments.push(Comment { span: Span::new(from, start + body.len()), own_line: true });
        } else {
            until = openings(body);
            until.iter_mut().for_each(|opening| opening.at += start);
            body_start = start + line.len();
        }
        script.plain.push_str(line);
    }
    script
}

/// Where a here-document is begun, and how it ends.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) at: usize,
    pub(super) end: String,
    pub(super) literal: bool,
}

/// The here-documents that a line begins.
pub(super) fn openings(line: &str) -> VecDeque<Opening> {
    let mut found = VecDeque::new();
    for (at, _) in line.match_indices("<<") {
        let (before, rest) = (&line[..at], &line[at + 2..]);
        if before.ends_with('<') || rest.starts_with('<') {
            continue;
        }
        let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start();
        let quoted = |char: char| matches!(char, '\'' | '"' | '\\');
        let ends = |char: char| char.is_whitespace() || matches!(char, ';' | '|' | '&' | ')' | '>' | '<');
        let end: String = rest.chars().filter(|&char| !quoted(char)).take_while(|&char| !ends(char)).collect();
        // what is shifted to the left is a number
        if end.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        found.push_back(Opening { at, literal: rest.starts_with(quoted), end });
    }
    found
}
