//! JUnit XML: a suite per file with findings, a failed case per finding, and an error for what could not be checked.
//!
//! Without any of these there is one case that passed, as readers take a report without cases for a broken one.

use quick_xml::Writer;
use quick_xml::events::{BytesText, Event};

use super::view::Entry;
use super::{Report, Trouble};

type Xml = Writer<Vec<u8>>;

pub(super) fn render(report: &Report<'_>) -> String {
    let problems = &report.summary.problems;
    let (failures, errors) = (report.entries.len(), problems.len());
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = xml.write_event(Event::Text(BytesText::from_escaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")));
    let written = written.and_then(|()| {
        let suites = xml.create_element("testsuites").with_attribute(("name", "trueup"));
        let suites = suites.with_attributes(counts(failures, errors).iter().map(pair));
        suites.write_inner_content(|xml| {
            for of_file in report.entries.chunk_by(|a, b| a.place.path == b.place.path) {
                suite(xml, of_file)?;
            }
            match (problems.is_empty(), report.entries.is_empty()) {
                (false, _) => troubles(xml, problems),
                (true, true) => passed(xml),
                (true, false) => Ok(()),
            }
        })?;
        Ok(())
    });
    written.expect("a list of bytes takes any write");
    let mut text = String::from_utf8(xml.into_inner()).expect("it was written from text");
    text.push('\n');
    text
}

/// The findings of one file.
fn suite(xml: &mut Xml, entries: &[Entry]) -> std::io::Result<()> {
    let Some(first) = entries.first() else { return Ok(()) };
    let path = valid(first.place.shown_from("").as_str());
    let suite = xml.create_element("testsuite").with_attribute(("name", path.as_str()));
    let suite = suite.with_attributes(counts(entries.len(), 0).iter().map(pair));
    suite.write_inner_content(|xml| entries.iter().try_for_each(|entry| case(xml, &path, entry)))?;
    Ok(())
}

fn case(xml: &mut Xml, path: &str, entry: &Entry) -> std::io::Result<()> {
    let (line, column) = (entry.place.range.start.line, entry.place.range.start.column);
    let (name, line_number) = (format!("{} (line {line}, column {column})", entry.rule), line.to_string());
    let attributes = [("name", &*name), ("classname", path), ("file", path), ("line", &*line_number)];
    let message = valid(&entry.headline());
    let text = format!("{path}:{line}:{column}: {}[{}] {message}\n{}", entry.severity, entry.rule, entry.help);
    xml.create_element("testcase").with_attributes(attributes).write_inner_content(|xml| {
        let failure = xml.create_element("failure");
        let failure = failure.with_attributes([("type", entry.severity.word()), ("message", message.as_str())]);
        failure.write_text_content(BytesText::new(valid(text.trim_end()).as_str()))?;
        Ok(())
    })?;
    Ok(())
}

/// What kept something from being checked.
fn troubles(xml: &mut Xml, problems: &[Trouble]) -> std::io::Result<()> {
    let suite = xml.create_element("testsuite").with_attribute(("name", "trueup"));
    let suite = suite.with_attributes(counts(0, problems.len()).iter().map(pair));
    suite.write_inner_content(|xml| {
        for problem in problems {
            let (path, message) = (valid(problem.path.as_str()), valid(problem.message.as_str()));
            let case = xml.create_element("testcase");
            let case = case.with_attributes([("name", path.as_str()), ("classname", "trueup")]);
            case.write_inner_content(|xml| {
                xml.create_element("error").with_attribute(("message", message.as_str())).write_empty()?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

fn passed(xml: &mut Xml) -> std::io::Result<()> {
    let suite = [("name", "trueup"), ("tests", "1"), ("failures", "0"), ("errors", "0")];
    xml.create_element("testsuite").with_attributes(suite).write_inner_content(|xml| {
        let case = [("name", "no findings"), ("classname", "trueup")];
        xml.create_element("testcase").with_attributes(case).write_empty()?;
        Ok(())
    })?;
    Ok(())
}

fn counts(failures: usize, errors: usize) -> [(&'static str, String); 3] {
    let tests = (failures + errors).max(1);
    [("tests", tests.to_string()), ("failures", failures.to_string()), ("errors", errors.to_string())]
}

fn pair<'a>((name, value): &'a (&'static str, String)) -> (&'a str, &'a str) {
    (name, value)
}

/// Text without the two characters that are left of those XML has no way to write: controls are visible already.
fn valid(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
