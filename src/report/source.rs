//! The text of one file, with lines, columns and secrets looked up in time that does not grow with the file.

use std::ops::Range;
use std::sync::Arc;

use super::place::Position;
use crate::syntax::{LineIndex, Span, floor_char_boundary};

/// Bytes between two counted characters: the most a column look-up walks.
const STEP: usize = 1024;

/// A file that something points into. Private to the report: no renderer sees it.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) text: Arc<str>,
    lines: LineIndex,
    /// Characters before each multiple of [`STEP`].
    characters: Vec<usize>,
    /// Sorted, disjoint.
    secrets: Vec<Span>,
}

impl Source {
    pub(super) fn new(text: Arc<str>, secrets: &[Span]) -> Self {
        let mut characters = vec![0];
        let mut count = 0;
        for (i, byte) in text.bytes().enumerate() {
            if i > 0 && i % STEP == 0 {
                characters.push(count);
            }
            count += usize::from(!is_continuation(byte));
        }
        let lines = LineIndex::new(&text);
        Source { text, lines, characters, secrets: merged(secrets) }
    }

    /// The position of a byte offset, clamped into the text.
    pub(super) fn position(&self, offset: u32) -> Position {
        let byte = floor_char_boundary(&self.text, offset as usize);
        let line = self.line_of(byte);
        let column = self.characters_before(byte).saturating_sub(self.characters_before(self.line(line).start)) + 1;
        Position { line, column, byte }
    }

    /// The line (from 1) that holds a byte.
    pub(super) fn line_of(&self, byte: usize) -> usize {
        let (mut low, mut high) = (1, self.lines.lines());
        while low < high {
            let middle = (low + high).div_ceil(2);
            match self.lines.line_start(middle) {
                Some(start) if start as usize <= byte => low = middle,
                _ => high = middle - 1,
            }
        }
        low
    }

    /// The bytes of a line (from 1), without its end.
    pub(super) fn line(&self, line: usize) -> Range<usize> {
        let start = self.lines.line_start(line).map_or(self.text.len(), |start| start as usize);
        let end = self.lines.line_start(line + 1).map_or(self.text.len(), |next| next as usize);
        let text = self.text.get(start..end).unwrap_or_default();
        start..start + text.trim_end_matches(['\r', '\n']).len()
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.lines.lines()
    }

    /// The end of the secret that covers a byte, if one does.
    pub(super) fn secret_at(&self, byte: usize) -> Option<usize> {
        let after = self.secrets.partition_point(|secret| secret.start as usize <= byte);
        let secret = self.secrets.get(after.checked_sub(1)?)?;
        (byte < secret.end as usize).then_some(secret.end as usize)
    }

    fn characters_before(&self, byte: usize) -> usize {
        let step = (byte / STEP).min(self.characters.len() - 1); // the list starts with 0 and is never empty
        let rest = self.text.as_bytes().get(step * STEP..byte).unwrap_or_default();
        self.characters[step] + rest.iter().filter(|&&byte| !is_continuation(byte)).count()
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

fn merged(secrets: &[Span]) -> Vec<Span> {
    let mut sorted = secrets.to_vec();
    sorted.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(sorted.len());
    for span in sorted {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_agree_with_the_line_index() {
        let text: String = (0..900).map(|i| if i % 97 == 0 { "é\n" } else { "漢a" }).collect();
        let index = LineIndex::new(&text);
        let source = Source::new(text.as_str().into(), &[]);
        for offset in 0..text.len() as u32 + 5 {
            let at = source.position(offset);
            assert_eq!((at.line, at.column), index.position(&text, offset.min(text.len() as u32)), "{offset}");
        }
    }

    #[test]
    fn secrets_are_found_where_they_overlap() {
        let source = Source::new("0123456789".into(), &[Span::new(4, 6), Span::new(2, 5)]);
        let covered: Vec<_> = (0..10).filter(|&byte| source.secret_at(byte).is_some()).collect();
        assert_eq!(covered, [2, 3, 4, 5]);
    }
}
