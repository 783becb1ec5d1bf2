//! A few lines of a file, cut to a width, with secrets masked and every character visible; marks moved along.
//!
//! Its cost does not grow with the file: of a line of a megabyte only what stands around the mark is looked at. That also
//! keeps the terminal renderer within what it can lay out.

use std::borrow::Cow;
use std::ops::Range;

use super::redact::{MASK, Redacted, Redactor, escape};
use super::source::Source;
use crate::syntax::floor_char_boundary;

/// Bytes looked at on either side of a mark. What tells the lexical redactor that a word is a secret stands well within.
const REACH: usize = 4096;

/// The widest excerpt, in columns.
pub(super) const WIDEST: usize = 200;

/// What stands for the part of a line that is cut off.
const CUT: char = '…';

/// Lines that may be printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The lines, separated by `\n`.
    pub(super) text: Redacted,
    /// The number of the first one, from 1.
    pub(super) first_line: usize,
    /// Byte ranges of `text`, each within one line.
    pub(super) marks: Vec<Range<usize>>,
}

/// One printed character, or several for one that was replaced, and the byte of the source it stands for.
struct Cell {
    byte: usize,
    shown: Cow<'static, str>,
    columns: usize,
}

impl Cell {
    fn new(byte: usize, shown: Cow<'static, str>) -> Self {
        // from Hangul on most letters take two columns; a guess on the safe side, without a table
        let columns = shown.chars().map(|c| if c >= '\u{1100}' && !is_narrow(c) { 2 } else { 1 }).sum();
        Cell { byte, shown, columns }
    }
}

fn is_narrow(c: char) -> bool {
    ('\u{2000}'..='\u{2e7f}').contains(&c)
}

/// The lines that hold `spans` (the first is the main one; a span of several lines is marked on its first), and `context`
/// lines around them. `None` for an empty text, or if a secret in it goes over several lines and cannot be masked in place.
pub(super) fn cut(
    source: &Source,
    spans: &[Range<usize>],
    context: usize,
    width: usize,
    redact: Redactor<'_>,
) -> Option<Excerpt> {
    if source.text.is_empty() || spans.is_empty() {
        return None;
    }
    let width = width.clamp(20, WIDEST);
    let lines: Vec<usize> = spans.iter().map(|span| source.line_of(span.start)).collect();
    let first_line = lines.iter().min()?.saturating_sub(context).max(1);
    let last_line = (lines.iter().max()? + context).min(source.lines());
    let mut texts = Vec::new();
    let mut marks = vec![0..0; spans.len()];
    let mut offset = 0;
    for line in first_line..=last_line {
        let here: Vec<usize> = (0..spans.len()).filter(|&i| lines[i] == line).collect();
        let shown = Line::cut(source, line, here.first().map(|&i| &spans[i]), width, redact);
        for i in here {
            let inside = shown.mark(&spans[i]);
            marks[i] = offset + inside.start..offset + inside.end;
        }
        offset += shown.text.len() + 1;
        texts.push(shown.text);
    }
    // a blank line at the edge says nothing; one at the end would also be taken for the end of the text
    while texts.last().is_some_and(String::is_empty) && marks.iter().all(|mark| mark.end < offset - 1) {
        texts.pop();
        offset -= 1;
    }
    let text = texts.join("\n");
    // what only the lines together give away, such as a key in PEM
    let redacted = redact(&text);
    if redacted == text {
        return Some(Excerpt { text: Redacted::assembled(text), first_line, marks });
    }
    None
}

/// One line, cut.
struct Line {
    text: String,
    /// Source byte and offset in `text` of each cell shown, ascending, and of the end.
    map: Vec<(usize, usize)>,
}

impl Line {
    fn cut(source: &Source, line: usize, mark: Option<&Range<usize>>, width: usize, redact: Redactor<'_>) -> Line {
        let whole = source.line(line);
        let at = mark.map_or(whole.start, |mark| mark.start.min(whole.end));
        let from = floor_char_boundary(&source.text, whole.start.max(at.saturating_sub(REACH)));
        let to = floor_char_boundary(&source.text, whole.end.min(at.saturating_add(REACH)));
        let cells = escaped(redacted(masked(source, from..to), redact));

        // scroll so that the mark is in view, with what leads to it
        let before = |byte: usize| cells.iter().take_while(|cell| cell.byte < byte).map(|cell| cell.columns).sum();
        let (column, end): (usize, usize) = (before(at), before(mark.map_or(at, |mark| mark.end.min(to))));
        let skip = if end < width && from == whole.start { 0 } else { column.saturating_sub(width / 3) };

        let mut text = String::new();
        let mut map = Vec::new();
        let (mut passed, mut used) = (0, 0);
        let mut cells = cells.into_iter().peekable();
        while let Some(cell) = cells.next_if(|_| passed < skip) {
            passed += cell.columns;
        }
        if passed > 0 || from > whole.start {
            text.push(CUT);
            used = 1;
        }
        let mut is_cut = to < whole.end;
        for cell in cells {
            if used + cell.columns >= width {
                is_cut = true;
                break;
            }
            map.push((cell.byte, text.len()));
            used += cell.columns;
            text.push_str(&cell.shown);
        }
        let shown = text.trim_end().len();
        if !is_cut {
            text.truncate(shown);
        }
        map.push((usize::MAX, text.len()));
        if is_cut {
            text.push(CUT);
        }
        map.iter_mut().for_each(|(_, offset)| *offset = (*offset).min(text.len()));
        Line { text, map }
    }

    /// Where a span of the source stands in the text: at least one character, if there is one.
    fn mark(&self, span: &Range<usize>) -> Range<usize> {
        let offset = |byte: usize| {
            let next = self.map.partition_point(|&(at, _)| at < byte);
            self.map.get(next).map_or(self.text.len(), |&(_, offset)| offset)
        };
        // a mark inside a masked secret, or between two bytes of one cell, belongs to the cell it is in
        let start = match self.map.partition_point(|&(at, _)| at <= span.start).checked_sub(1) {
            Some(i) => self.map[i].1, // `i` is below the length: one less than a partition point
            None => offset(span.start),
        };
        let end = offset(span.end.max(span.start + 1)).max(start);
        let text = &self.text[..end];
        let end = start + text.get(start..).unwrap_or_default().trim_end().len();
        if end > start {
            return start..end;
        }
        match self.text.get(start..).and_then(|rest| rest.chars().next()) {
            Some(c) => start..start + c.len_utf8(),
            None => start..start,
        }
    }
}

/// The characters of a range, each secret as one mask.
fn masked(source: &Source, range: Range<usize>) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut secret_end = 0;
    for (i, c) in source.text.get(range.clone()).unwrap_or_default().char_indices() {
        let byte = range.start + i;
        if byte < secret_end {
            continue;
        }
        match source.secret_at(byte) {
            Some(end) => {
                secret_end = end;
                cells.push(Cell::new(byte, MASK.into()));
            }
            None => cells.push(Cell::new(byte, c.to_string().into())),
        }
    }
    cells
}

/// The cells after the lexical redactor: what it changed becomes one cell.
fn redacted(cells: Vec<Cell>, redact: Redactor<'_>) -> Vec<Cell> {
    let text: String = cells.iter().map(|cell| &*cell.shown).collect();
    let clean = redact(&text);
    if clean == text {
        return cells;
    }
    let same = text.bytes().zip(clean.bytes()).take_while(|(a, b)| a == b).count();
    let head = floor_char_boundary(&text, same).min(floor_char_boundary(&clean, same));
    let longest = text.len().min(clean.len()) - head;
    let mut tail = text.bytes().rev().zip(clean.bytes().rev()).take(longest).take_while(|(a, b)| a == b).count();
    while !text.is_char_boundary(text.len() - tail) || !clean.is_char_boundary(clean.len() - tail) {
        tail -= 1;
    }
    let mut kept = Vec::with_capacity(cells.len());
    let mut at = 0;
    let mut replacement = Some(clean.get(head..clean.len() - tail).unwrap_or(MASK).to_owned());
    for cell in cells {
        let (start, end) = (at, at + cell.shown.len());
        at = end;
        if end <= head || start >= text.len() - tail {
            kept.push(cell);
        } else if let Some(replacement) = replacement.take() {
            kept.push(Cell::new(cell.byte, replacement.into()));
        }
    }
    kept
}

/// The cells with every character visible.
fn escaped(cells: Vec<Cell>) -> Vec<Cell> {
    cells
        .into_iter()
        .map(|cell| {
            if cell.shown.chars().all(|c| escape(c).is_none()) {
                return cell;
            }
            let shown = super::redact::visible(&cell.shown).into_owned();
            Cell::new(cell.byte, shown.into())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Span;

    fn lexical(text: &str) -> String {
        text.replace("hunter2", MASK)
    }

    fn show(text: &str, secrets: &[Span], mark: Range<usize>, width: usize) -> (String, String) {
        let source = Source::new(text.into(), secrets);
        let excerpt = cut(&source, std::slice::from_ref(&mark), 1, width, &lexical).expect("an excerpt");
        let marked = excerpt.text.as_str()[excerpt.marks[0].clone()].to_owned();
        (excerpt.text.as_str().to_owned(), marked)
    }

    #[test]
    fn a_mark_moves_with_what_is_masked_before_it() {
        let text = "url: postgres://me:secret@host/db max: 5";
        let (shown, marked) = show(text, &[Span::new(19, 25)], 34..40, 80);
        assert_eq!(shown, "url: postgres://me:***@host/db max: 5");
        assert_eq!(marked, "max: 5");
    }

    #[test]
    fn what_only_the_redactor_knows_is_masked_too() {
        let (shown, marked) = show("a: hunter2 # b: hunter2 é\nmax: 5", &[], 27..30, 80);
        assert_eq!(shown, "a: *** # b: *** é\nmax: 5");
        assert_eq!(marked, "max");
    }

    #[test]
    fn a_mark_inside_a_secret_marks_the_mask() {
        let (_, marked) = show("password: secret", &[Span::new(10, 16)], 12..14, 80);
        assert_eq!(marked, "***");
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides() {
        let text = format!("{}max: 500,{}", "a: 1, ".repeat(200_000), "b: 2, ".repeat(100_000));
        let at = 1_200_000;
        let (shown, marked) = show(&text, &[], at..at + 8, 60);
        assert_eq!(marked, "max: 500");
        assert!(shown.starts_with('…') && shown.ends_with('…') && shown.chars().count() <= 60, "{shown}");
    }

    #[test]
    fn a_span_of_several_lines_is_marked_on_its_first() {
        let (_, marked) = show("pool:\n  max: 5\n  min: 1\n", &[], 0..22, 80);
        assert_eq!(marked, "pool:");
    }

    #[test]
    fn every_span_of_a_text_can_be_shown() {
        let text = "é: \u{202e}1\r\n\r\n\tb: hunter2 漢\r\n";
        for start in 0..text.len() + 3 {
            for end in start..text.len() + 3 {
                let source = Source::new(text.into(), &[Span::new(4, 6)]);
                let at = source.position(start as u32).byte..source.position(end as u32).byte;
                let excerpt = cut(&source, std::slice::from_ref(&at), 2, 20, &lexical).expect("an excerpt");
                assert!(excerpt.text.as_str().get(excerpt.marks[0].clone()).is_some(), "{start}..{end}");
            }
        }
    }
}
