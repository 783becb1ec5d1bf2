//! Variables inside a data source name: what stands in them separates nothing.

use super::Span;

/// Which bytes stand inside a variable and separate nothing: one pass, sorted spans.
pub(super) struct Hidden(Vec<Span>);

impl Hidden {
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut spans = Vec::new();
        let mut open: Vec<u8> = Vec::new();
        let mut start = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| bytes[before]);
            match byte {
                b'{' if matches!(before, Some(b'$' | b'{' | b'#')) || !open.is_empty() => {
                    if open.is_empty() {
                        start = at - 1; // there is a byte before it
                    }
                    open.push(b'}');
                }
                b'(' if before == Some(b'$') => {
                    if open.is_empty() {
                        start = at - 1;
                    }
                    open.push(b')');
                }
                _ if open.last() == Some(&byte) => {
                    open.pop();
                    if open.is_empty() {
                        spans.push(Span::new(start, at + 1));
                    }
                }
                _ => {}
            }
        }
        if !open.is_empty() {
            spans.push(Span::new(start, text.len()));
        }
        Hidden(spans)
    }

    pub(super) fn hides(&self, at: usize) -> bool {
        let after = self.0.partition_point(|span| span.start as usize <= at);
        after.checked_sub(1).is_some_and(|index| at < self.0[index].end as usize)
    }

    /// The first (or last) of `wanted` in `range` that no variable hides.
    pub(super) fn find(&self, text: &str, range: std::ops::Range<usize>, wanted: &[u8]) -> Option<usize> {
        let bytes = text.as_bytes();
        range.into_iter().find(|&at| wanted.contains(&bytes[at]) && !self.hides(at))
    }

    pub(super) fn rfind(&self, text: &str, range: std::ops::Range<usize>, wanted: u8) -> Option<usize> {
        let bytes = text.as_bytes();
        range.into_iter().rev().find(|&at| bytes[at] == wanted && !self.hides(at))
    }
}
