//! Words in lines of a width.

/// Adds `words` in lines of at most `width` columns: the first begins with `first`, the others with `indent`. A longer word
/// has a line of its own.
pub(crate) fn paragraph(text: &mut String, words: &str, first: &str, indent: &str, width: usize) {
    let mut start = first;
    let mut column = 0;
    for word in words.split_whitespace() {
        let columns = word.chars().count();
        if column > 0 && column + 1 + columns > width {
            text.push('\n');
            (start, column) = (indent, 0);
        }
        if column == 0 {
            text.push_str(start);
            column = start.chars().count();
        } else {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += columns;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::paragraph;

    #[test]
    fn lines_keep_to_their_width() {
        let set = |words, first, indent, width| {
            let mut text = String::new();
            paragraph(&mut text, words, first, indent, width);
            text
        };
        assert_eq!(set("one two  three four", "  ", "    ", 12), "  one two\n    three\n    four\n");
        assert_eq!(set("- a: longer-than-the-line b", "", "  ", 10), "- a:\n  longer-than-the-line\n  b\n");
        assert_eq!(set("", "", "  ", 10), "\n");
    }
}
