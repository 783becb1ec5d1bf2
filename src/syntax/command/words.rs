//! A command line into words, as a POSIX shell splits it, without expanding anything.

use crate::syntax::Span;

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What the program gets: quotes and escapes undone, variables kept.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
    /// Whether it is an operator that ends a command (`&&`, `;`, `|`, a line end); only in scripts.
    pub operator: bool,
}

/// Splits one command. An unclosed quote or `${` reaches to the end.
///
/// ```
/// let words = trueup::syntax::command::words("postgres -c log_line_prefix='%m '");
/// assert_eq!(words[2].text, "log_line_prefix=%m ");
/// ```
pub fn words(text: &str) -> Vec<Word> {
    Splitter::new(text, false).split()
}

/// Splits options as a Postgres server does that a client hands them: at blanks, and a backslash keeps what follows it.
/// Quotes are characters like any other (`pg_split_opts`).
///
/// ```
/// let words = trueup::syntax::command::escaped(r"-c search_path=a,\ b");
/// assert_eq!(words[1].text, "search_path=a, b");
/// ```
pub fn escaped(text: &str) -> Vec<Word> {
    let mut splitter = Splitter::new(text, false);
    while let Some(char) = splitter.next() {
        let start = splitter.at - char.len_utf8();
        match char {
            ' ' | '\t' | '\r' | '\n' | '\u{b}' | '\u{c}' => splitter.end(start),
            '\\' => {
                let kept = splitter.next();
                splitter.begin(start).extend(kept);
            }
            _ => splitter.push(start, char),
        }
    }
    splitter.end(text.len());
    splitter.words
}

/// Splits a script: operators are words of their own, comments are left out.
pub(in crate::syntax) fn script(text: &str) -> Vec<Word> {
    Splitter::new(text, true).split()
}

struct Splitter<'a> {
    text: &'a str,
    script: bool,
    at: usize,
    words: Vec<Word>,
    /// Where the word under way began, and its text so far.
    word: Option<(usize, String)>,
    /// Open `${` and `$(`: blanks in them do not split.
    open: Vec<char>,
}

impl<'a> Splitter<'a> {
    fn new(text: &'a str, script: bool) -> Self {
        Splitter { text, script, at: 0, words: Vec::new(), word: None, open: Vec::new() }
    }

    fn split(mut self) -> Vec<Word> {
        while let Some(char) = self.next() {
            let start = self.at - char.len_utf8();
            match char {
                '\'' => self.single(start),
                '"' => self.double(start),
                '\\' => self.escape(start),
                '$' if matches!(self.peek(), Some('{' | '(')) => {
                    let open = if self.peek() == Some('{') { '}' } else { ')' };
                    self.open.push(open);
                    self.push(start, '$');
                    self.at += 1;
                    self.push(start, if open == '}' { '{' } else { '(' });
                }
                _ if self.open.last() == Some(&char) => {
                    self.open.pop();
                    self.push(start, char);
                }
                _ if !self.open.is_empty() => self.push(start, char),
                '\n' if self.script => self.operator(start),
                ' ' | '\t' | '\r' | '\n' => self.end(start),
                // `2>&1` and `&>log` lead output elsewhere
                '&' if self.text[..start].ends_with(['>', '<']) || self.peek() == Some('>') => self.push(start, char),
                ';' | '&' | '|' if self.script => self.operator(start),
                '#' if self.script && self.word.is_none() => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                _ => self.push(start, char),
            }
        }
        self.end(self.text.len());
        self.words
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    /// The text of the word under way, begun at `start` if there is none.
    fn begin(&mut self, start: usize) -> &mut String {
        &mut self.word.get_or_insert_with(|| (start, String::new())).1
    }

    fn push(&mut self, start: usize, char: char) {
        self.begin(start).push(char);
    }

    fn end(&mut self, end: usize) {
        if let Some((start, text)) = self.word.take() {
            self.words.push(Word { text, span: Span::new(start, end), operator: false });
        }
    }

    fn operator(&mut self, start: usize) {
        self.end(start);
        while matches!(self.peek(), Some(';' | '&' | '|')) {
            self.at += 1;
        }
        let text = self.text[start..self.at].to_owned();
        self.words.push(Word { text, span: Span::new(start, self.at), operator: true });
    }

    fn single(&mut self, start: usize) {
        let rest = &self.text[self.at..];
        let length = rest.find('\'').unwrap_or(rest.len());
        self.begin(start).push_str(&rest[..length]);
        self.at = (self.at + length + 1).min(self.text.len());
    }

    fn double(&mut self, start: usize) {
        self.begin(start);
        while let Some(char) = self.next() {
            match char {
                '"' => return,
                '\\' => match self.peek() {
                    Some('\n') => self.at += 1,
                    Some(escaped @ ('"' | '\\' | '$' | '`')) => {
                        self.at += 1;
                        if escaped == '$' {
                            self.push(start, '\\'); // stays literal for whoever looks for variables
                        }
                        self.push(start, escaped);
                    }
                    _ => self.push(start, '\\'),
                },
                _ => self.push(start, char),
            }
        }
    }

    fn escape(&mut self, start: usize) {
        match self.next() {
            Some('\n') => {}
            Some('\r') if self.peek() == Some('\n') => self.at += 1,
            Some('$') => self.begin(start).push_str("\\$"),
            Some(escaped) => self.push(start, escaped),
            None => self.push(start, '\\'),
        }
    }
}
