//! Byte ranges, and the way back from an embedded text to the file that hosts it.

use std::ops::Range;

/// A half-open byte range `start..end` of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span `start..end`; files over 4 GiB are refused before they are parsed, so offsets fit.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end);
        Span { start: start as u32, end: end as u32 }
    }

    /// An empty span at `offset`.
    pub fn at(offset: usize) -> Self {
        Span::new(offset, offset)
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it covers no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// As a range for slicing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies inside.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that covers both.
    pub fn cover(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text it names, or `""` where it does not fit `text`.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }
}

/// How the offsets of an embedded text map to its host file: sorted pieces of
/// `(start in the inner text, start in the host, length)`.
///
/// An empty map is the identity: the text is the file itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpanMap {
    pieces: Vec<(u32, u32, u32)>,
}

impl SpanMap {
    /// The identity.
    pub fn identity() -> Self {
        SpanMap::default()
    }

    /// Adds a piece: `length` bytes at `inner` stand at `host`. Pieces come in order of `inner`.
    pub fn push(&mut self, inner: usize, host: usize, length: usize) {
        self.pieces.push((inner as u32, host as u32, length as u32));
    }

    /// Whether this text is the file itself.
    pub fn is_identity(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The host's offset of `inner`; between two pieces, the end of the earlier one.
    pub fn offset(&self, inner: u32) -> u32 {
        if self.pieces.is_empty() {
            return inner;
        }
        let after = self.pieces.partition_point(|piece| piece.0 <= inner);
        let Some(&(start, host, length)) = after.checked_sub(1).and_then(|i| self.pieces.get(i)) else {
            return self.pieces[0].1; // before the first piece; the list is not empty
        };
        host + (inner - start).min(length)
    }

    /// The host's span of `inner`. The end of a span belongs to the piece of its last byte.
    pub fn span(&self, inner: Span) -> Span {
        if self.pieces.is_empty() {
            return inner;
        }
        let start = self.offset(inner.start);
        let end = if inner.is_empty() { start } else { self.end(inner.end - 1) };
        Span { start, end: end.max(start) }
    }

    /// One past the host's offset of the byte at `last`, or the end of the piece before it.
    fn end(&self, last: u32) -> u32 {
        let after = self.pieces.partition_point(|piece| piece.0 <= last);
        match after.checked_sub(1).and_then(|i| self.pieces.get(i)) {
            Some(&(start, host, length)) => host + (last - start + 1).min(length),
            None => self.offset(last),
        }
    }

    /// Whether `inner` stands in the host byte for byte and in one stretch, so that it can be replaced there.
    pub fn is_contiguous(&self, inner: Span) -> bool {
        if self.pieces.is_empty() {
            return true;
        }
        let after = self.pieces.partition_point(|piece| piece.0 <= inner.start);
        let Some(first) = after.checked_sub(1) else { return false };
        // pieces that follow each other in both texts are one stretch; one of no length holds nothing
        let mut next: Option<(u32, u32)> = None;
        for &(start, host, length) in &self.pieces[first..] {
            if next.is_some_and(|next| next != (start, host)) {
                return false;
            }
            if length > 0 && inner.end <= start + length {
                return true;
            }
            next = Some((start + length, host + length));
        }
        false
    }

    /// This map seen through an outer one: inner text, embedded in a text that is itself embedded.
    pub fn through(&self, outer: &SpanMap) -> SpanMap {
        if outer.is_identity() {
            return self.clone();
        }
        if self.is_identity() {
            return outer.clone();
        }
        let mut map = SpanMap::default();
        for &(inner, host, length) in &self.pieces {
            let mut done = 0;
            while done < length || length == 0 {
                let at = host + done;
                let next = outer.pieces.partition_point(|piece| piece.0 <= at);
                let boundary = outer.pieces.get(next).map_or(u32::MAX, |piece| piece.0);
                let take = (length - done).min(boundary - at);
                // what an outer piece does not hold stands nowhere
                let within = next.checked_sub(1).and_then(|i| outer.pieces.get(i));
                let held = within.map_or(0, |&(start, _, held)| (start + held).saturating_sub(at)).min(take);
                map.pieces.push((inner + done, outer.offset(at), held));
                done += if held == 0 { take } else { held };
                if take == 0 {
                    break;
                }
            }
        }
        map
    }
}

/// Line starts of a text, for turning byte offsets into lines and columns. LF, CRLF and a lone CR end a line.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text`.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (i, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n')) {
                starts.push(i as u32 + 1);
            }
        }
        LineIndex { starts }
    }

    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub fn position(&self, text: &str, offset: u32) -> (usize, usize) {
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = self.starts[line.saturating_sub(1)] as usize;
        let end = floor_char_boundary(text, offset as usize);
        let column = text.get(start..end.max(start)).map_or(0, |head| head.chars().count());
        (line, column + 1)
    }

    /// The byte offset at which `line` (from 1) begins, if there is one.
    pub fn line_start(&self, line: usize) -> Option<u32> {
        self.starts.get(line.checked_sub(1)?).copied()
    }

    /// How many lines there are.
    pub fn lines(&self) -> usize {
        self.starts.len()
    }
}

/// The greatest character boundary of `text` at or below `offset`.
pub fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inner_span_maps_to_its_host() {
        let mut map = SpanMap::identity();
        map.push(0, 10, 4);
        map.push(4, 20, 4);
        assert_eq!(map.span(Span::new(1, 3)), Span::new(11, 13));
        assert_eq!(map.span(Span::new(4, 8)), Span::new(20, 24));
        assert!(map.is_contiguous(Span::new(4, 8)));
        assert!(!map.is_contiguous(Span::new(2, 6)));
        assert!(!map.is_contiguous(Span::new(6, 9)));
        map.push(8, 24, 2);
        assert!(map.is_contiguous(Span::new(6, 9)));
    }

    #[test]
    fn what_cannot_be_mapped_is_not_contiguous() {
        let mut map = SpanMap::identity();
        map.push(0, 10, 0);
        for inner in [Span::new(0, 1), Span::new(3, 4), Span::new(0, 5), Span::at(0), Span::at(2)] {
            assert!(!map.is_contiguous(inner), "{inner:?}");
        }
        assert!(SpanMap::identity().is_contiguous(Span::new(3, 9)));
    }

    #[test]
    fn maps_compose() {
        let mut outer = SpanMap::identity();
        outer.push(0, 100, 5);
        outer.push(5, 200, 5);
        let mut inner = SpanMap::identity();
        inner.push(0, 3, 4);
        let both = inner.through(&outer);
        assert_eq!(both.offset(0), 103);
        assert_eq!(both.offset(2), 200);
        // what stands nowhere does not through another text either
        let mut clamped = SpanMap::identity();
        clamped.push(0, 100, 2);
        clamped.push(5, 200, 0);
        let both = inner.through(&clamped);
        assert_eq!((both.offset(0), both.offset(1), both.offset(3)), (102, 102, 200));
        assert!(!both.is_contiguous(Span::new(0, 2)));
    }

    #[test]
    fn positions_count_from_one_in_characters() {
        let text = "é: 1\r\nb: 2\rc";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, 0), (1, 1));
        assert_eq!(index.position(text, 2), (1, 2));
        assert_eq!(index.position(text, 7), (2, 1));
        assert_eq!(index.position(text, 12), (3, 1));
    }
}
