//! Rule pages: TOML front matter, prose, examples. One page is one rule, its documentation and its tests.

use serde::{Deserialize, Serialize};

use crate::model::{Confidence, Name, Safety, Severity};

/// A rule page as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page {
    /// The front matter.
    pub rule: Front,
    /// The folder it stands in: `timeouts`, `pools` …
    pub category: Name,
    /// The first heading.
    pub title: String,
    /// The prose, heading included.
    pub body: String,
}

/// The front matter of a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Front {
    /// Kebab-case, the file's name; names the problem.
    pub id: Name,
    /// Former ids.
    #[serde(default)]
    pub aliases: Vec<Name>,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the judgement is, when its evidence is certain.
    pub confidence: Confidence,
    /// The version that brought the rule.
    pub since: String,
    /// The kind that is judged.
    pub on: Name,
    /// Other kinds that have all that the conditions read, and are judged in the same way.
    #[serde(default)]
    pub also_on: Vec<Name>,
    /// What is found, for a page with one case.
    #[serde(default)]
    pub when: Option<String>,
    /// What is wrong, with the numbers; `{expression}` is filled in.
    #[serde(default)]
    pub message: Option<String>,
    /// What to do.
    pub help: String,
    /// The attribute at which the finding stands, such as `self.max_size`; the first set one that the condition reads otherwise.
    #[serde(default)]
    pub at: Option<String>,
    /// Several cases; the first that holds speaks.
    #[serde(default)]
    pub case: Vec<CaseFront>,
    /// Repairs.
    #[serde(default)]
    pub fix: Vec<FixFront>,
}

impl Front {
    /// The kinds that are judged.
    pub fn kinds(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.on).chain(&self.also_on)
    }
}

/// One case of a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CaseFront {
    /// What is found.
    pub when: String,
    /// What is wrong.
    pub message: String,
    /// Where it differs from the page's.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Where it differs from the page's.
    #[serde(default)]
    pub confidence: Option<Confidence>,
}

/// A repair: all of its settings or none.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FixFront {
    /// Whether it may be applied unseen.
    pub safety: Safety,
    /// What it does, with `{expression}` filled in.
    pub title: String,
    /// Attribute to expression.
    #[serde(default)]
    pub set: std::collections::BTreeMap<Name, String>,
    /// Whether it removes the comment at which the finding stands.
    #[serde(default)]
    pub removes_comment: bool,
    /// The key, with its whole path, to which it renames the one at which the finding stands: an expression.
    #[serde(default)]
    pub renames: Option<String>,
    /// The text, letter by letter, that takes the place of the value at which the finding stands: an expression.
    #[serde(default)]
    pub rewrites: Option<String>,
}

/// What an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// The rule finds something here.
    Found,
    /// Nothing to find.
    Clean,
}

/// A fenced block of a page's examples. Blocks of one `group` are files of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub shows: Shows,
    /// The file's path.
    pub path: String,
    /// The file's text.
    pub text: String,
    /// How many findings of this rule are in the group (of the file, for `Found`).
    pub count: usize,
    /// Which run it belongs to.
    pub group: usize,
}

/// Why a page cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageError {
    /// The page.
    pub path: String,
    /// Line from 1, if it is known.
    pub line: Option<usize>,
    /// Column from 1, if it is known.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for PageError {}

/// Line and column (from 1) of a byte offset.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let head = text.get(..offset).unwrap_or(text);
    let line = head.matches('\n').count() + 1;
    let column = head.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

impl Page {
    /// Reads a page. `path` is `<category>/<id>.md`, for the category and for errors.
    ///
    /// # Errors
    /// Names the line of what is missing or wrong.
    pub fn parse(path: &str, text: &str) -> Result<Page, PageError> {
        let error = |line: usize, message: String| PageError {
            path: path.to_string(),
            line: Some(line),
            column: None,
            message,
        };
        let normalised = text.replace("\r\n", "\n");
        let rest = normalised.strip_prefix("+++\n").ok_or_else(|| {
            error(1, "a rule page begins with a line '+++', its front matter in TOML, and another '+++'".into())
        })?;
        let end = rest.find("\n+++\n").ok_or_else(|| error(1, "the front matter is not closed by '+++'".into()))?;
        let front = &rest[..end + 1];
        let rule: Front = toml::from_str(front).map_err(|e| {
            let (line, column) = e.span().map_or((1, 1), |span| position(front, span.start));
            PageError {
                path: path.to_string(),
                line: Some(line + 1),
                column: Some(column),
                message: e.message().to_string(),
            }
        })?;
        let body = rest[end + 5..].trim_start().to_string();
        let title = body
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# "))
            .ok_or_else(|| error(front.lines().count() + 3, "the page has no '# Title' after its front matter".into()))?
            .to_string();
        let mut parts = path.rsplit('/');
        let file = parts.next().unwrap_or(path);
        let category = parts.next().unwrap_or("custom").into();
        if file.strip_suffix(".md") != Some(&*rule.id) {
            return Err(error(2, format!("the page of rule '{}' must be named '{}.md'", rule.id, rule.id)));
        }
        match (&rule.when, &rule.message, rule.case.is_empty()) {
            (Some(_), Some(_), true) | (None, None, false) => {}
            _ => return Err(error(2, "a page has either 'when' and 'message', or one or more [[case]]".into())),
        }
        Ok(Page { rule, category, title, body })
    }

    /// The cases, also for a page with only one.
    pub fn cases(&self) -> Vec<CaseFront> {
        match (&self.rule.when, &self.rule.message) {
            (Some(when), Some(message)) => {
                vec![CaseFront { when: when.clone(), message: message.clone(), severity: None, confidence: None }]
            }
            _ => self.rule.case.clone(),
        }
    }

    /// The examples of the page: fenced blocks whose info string is `<language> found|clean|with <path> [×N]`.
    /// A block `with` belongs to the run of the block before it.
    pub fn examples(&self) -> Vec<Example> {
        let mut examples: Vec<Example> = Vec::new();
        let mut lines = self.body.lines();
        let mut group = 0;
        while let Some(line) = lines.next() {
            let Some(info) = line.strip_prefix("```") else { continue };
            let mut words = info.split_whitespace().skip(1);
            let shows = words.next();
            let path = words.next();
            let count = words.next().and_then(|word| word.strip_prefix('×')).and_then(|n| n.parse().ok());
            let mut text = String::new();
            for line in lines.by_ref() {
                if line == "```" {
                    break;
                }
                text.push_str(line);
                text.push('\n');
            }
            let (Some(shows), Some(path)) = (shows, path) else { continue };
            let (shows, count) = match shows {
                "found" => (Shows::Found, count.unwrap_or(1)),
                "clean" => (Shows::Clean, 0),
                "with" => (examples.last().map_or(Shows::Clean, |last| last.shows), 0),
                _ => continue,
            };
            if words_start_group(info) {
                group += 1;
            }
            examples.push(Example { shows, path: path.to_string(), text, count, group });
        }
        examples
    }
}

/// Whether the info string begins a run of its own.
fn words_start_group(info: &str) -> bool {
    info.split_whitespace().nth(1) != Some("with")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "+++\nid = \"a-rule\"\nseverity = \"warning\"\nconfidence = \"high\"\nsince = \"0.1.0\"\non = \"pool\"\nwhen = \"true\"\nmessage = \"m\"\nhelp = \"h\"\n+++\n# A title\n\nProse.\n\n## Examples\n\n```yaml found a.yaml\na: 1\n```\n\n```sh with .env\nX=1\n```\n\n```yaml clean a.yaml\na: 2\n```\n";

    #[test]
    fn a_page_has_front_matter_title_and_examples() {
        let page = Page::parse("pools/a-rule.md", PAGE).expect("a page");
        assert_eq!((&*page.rule.id, &*page.category, page.title.as_str()), ("a-rule", "pools", "A title"));
        let examples = page.examples();
        assert_eq!(examples.len(), 3);
        assert_eq!((examples[0].group, examples[1].group, examples[2].group), (1, 1, 2));
        assert_eq!((examples[0].count, examples[1].text.as_str(), examples[2].shows), (1, "X=1\n", Shows::Clean));
    }

    #[test]
    fn errors_name_the_line() {
        let broken = PAGE.replace("severity = \"warning\"", "severity = \"wrong\"");
        let error = Page::parse("pools/a-rule.md", &broken).expect_err("a wrong severity");
        assert_eq!((error.line, error.column), (Some(3), Some(12)));
        assert!(Page::parse("pools/other.md", PAGE).is_err());
        assert!(Page::parse("pools/a-rule.md", "# no front matter").is_err());
    }
}
