//! Where a program in a block of nginx ends: `content_by_lua_block { … }`.
//!
//! Braces count but for those in texts (`"}"`, `'}'`, `[[ } ]]`, `[=[ } ]=]`) and comments (`-- }`, `--[[ } ]]`). A quote
//! that its line does not close is a character like any other. Measured with nginx 1.22 and lua-nginx-module 0.10.23.

/// The place of the brace that closes what is open at `start`.
pub(super) fn end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (start, 1usize);
    let mut open = Open::default();
    loop {
        let rest = bytes.get(at..)?;
        at += match *rest.first()? {
            b'{' => {
                depth += 1;
                1
            }
            b'}' if depth == 1 => return Some(at),
            b'}' => {
                depth -= 1;
                1
            }
            b'[' => open.bracketed(text, at).unwrap_or(1),
            b'-' if rest.get(1) == Some(&b'-') => open
                .bracketed(text, at + 2)
                .map_or_else(|| memchr::memchr(b'\n', rest).unwrap_or(rest.len()), |length| length + 2),
            quote @ (b'"' | b'\'') => open.quoted(bytes, at, quote).unwrap_or(1),
            _ => 1,
        };
    }
}

/// What is known never to be closed, so that it is looked for once.
#[derive(Default)]
struct Open {
    /// Brackets, by the number of `=` between them.
    levels: Vec<usize>,
    /// Quotes, each up to a line end.
    quotes: [(u8, usize); 2],
}

impl Open {
    /// The length of a text in brackets, `[==[ … ]==]`.
    fn bracketed(&mut self, text: &str, at: usize) -> Option<usize> {
        let inner = text.get(at..)?.strip_prefix('[')?;
        let level = inner.bytes().take_while(|&byte| byte == b'=').count();
        let inner = inner[level..].strip_prefix('[')?;
        if self.levels.contains(&level) {
            return None;
        }
        let close = format!("]{}]", "=".repeat(level));
        let found = inner.find(&close).map(|found| found + 2 * close.len());
        if found.is_none() {
            self.levels.push(level);
        }
        found
    }

    /// The length of a text in quotes that ends on its line.
    fn quoted(&mut self, bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
        if self.quotes.iter().any(|&(open, end)| open == quote && start < end) {
            return None;
        }
        let mut at = start + 1;
        loop {
            match bytes.get(at) {
                None | Some(b'\n') => {
                    self.quotes[usize::from(quote == b'"')] = (quote, at);
                    return None;
                }
                Some(b'\\') => at += 2,
                Some(&byte) if byte == quote => return Some(at + 1 - start),
                Some(_) => at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::end;

    #[test]
    fn braces_in_texts_and_comments_do_not_count() {
        for program in [
            "a = { b = {} } ",
            "a = \"}\" b = '{\\'' ",
            "a = [[ } ]] b = [==[ }]] ]=] ]==] c = d[e[1]]",
            "-- } don't\n",
            "--[[ } \n]] --[=[ }]]\n]=] a = 1",
            "a = b - 1 [ = é",
            "a = \" { \n } ",
        ] {
            let text = format!("{program}}} rest }}");
            assert_eq!(end(&text, 0), Some(program.len()), "{program}");
        }
        for open in ["{ }", "a = '}'", "-- }", "[[ } ", "\"\\"] {
            assert_eq!(end(open, 0), if open == "[[ } " { Some(3) } else { None }, "{open}");
        }
    }

    #[test]
    fn what_is_never_closed_is_looked_for_once() {
        for part in ["[[", "[=", "\"", "--[[", "'\\", "[=[[["] {
            assert_eq!(end(&part.repeat(200_000), 0), None);
        }
    }
}
