//! Escape sequences of the flavors that have them.

/// Undoes what stands between the single quotes of `postgresql.conf`: `''`, `\n` and friends, octal, `\` before anything.
pub(super) fn postgres(inner: &str) -> String {
    let bytes = inner.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match (byte, bytes.get(at)) {
            (b'\'', Some(b'\'')) => {
                at += 1;
                out.push(b'\'');
            }
            (b'\\', Some(&escaped)) => {
                at += 1;
                match escaped {
                    b'b' => out.push(8),
                    b'f' => out.push(12),
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b't' => out.push(b'\t'),
                    b'0'..=b'7' => {
                        let mut code = u32::from(escaped - b'0');
                        let digits = bytes[at..].iter().take(2).take_while(|digit| matches!(digit, b'0'..=b'7'));
                        for digit in digits {
                            code = code * 8 + u32::from(digit - b'0');
                            at += 1;
                        }
                        out.push((code & 0xff) as u8); // three digits reach 0o777; the server keeps the low byte
                    }
                    other => out.push(other),
                }
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Undoes the escapes of a double-quoted `.env` value. `\$` stays: whether a dollar counts is decided by interpolation.
pub(super) fn env(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(escaped @ ('"' | '\\')) => out.push(escaped),
            Some('\n') => {}
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
