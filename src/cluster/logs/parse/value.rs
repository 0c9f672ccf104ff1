//! The value of a field, as it stands in the line.

use std::borrow::Cow;

/// A value: bare, or in quotes and perhaps with escapes, or an object or array of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    /// Without the quotes.
    raw: &'a [u8],
    escaped: bool,
}

impl<'a> Value<'a> {
    /// A value that is meant as it stands.
    pub(super) const fn bare(raw: &'a [u8]) -> Value<'a> {
        Value { raw, escaped: false }
    }

    /// What stands between two quotes.
    pub(super) fn quoted(raw: &'a [u8]) -> Value<'a> {
        Value { raw, escaped: memchr::memchr(b'\\', raw).is_some() }
    }

    /// Whether it is there and is not empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// What is meant. It is copied only if it has escapes.
    #[must_use]
    pub fn bytes(&self) -> Cow<'a, [u8]> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }

    /// How it stands in the line, without quotes.
    pub(super) const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Whether both stand in the same place of the same line.
    pub(super) fn is_same(&self, other: &Value<'_>) -> bool {
        std::ptr::eq(self.raw, other.raw)
    }
}

/// Takes the escapes of JSON and of Go's quoted strings for what they mean; others stay as they are.
fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let taken = escape(&rest[at..], &mut out);
        rest = &rest[at + taken..];
    }
    out.extend_from_slice(rest);
    out
}

/// Takes the escape that `text` begins with, and tells how long it is.
fn escape(text: &[u8], out: &mut Vec<u8>) -> usize {
    let simple = match text.get(1) {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(byte @ (b'"' | b'\\' | b'/')) => *byte,
        Some(b'x') => {
            let Some(byte) = hex(text.get(2..4)) else { return verbatim(text, out) };
            out.push(byte as u8);
            return 4;
        }
        Some(b'u') => return unicode(text, out),
        _ => return verbatim(text, out),
    };
    out.push(simple);
    2
}

/// `\u0041`, or two of them for a character that needs two.
fn unicode(text: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(first) = hex(text.get(2..6)) else { return verbatim(text, out) };
    let second = || text.get(6..8).filter(|mark| mark == b"\\u").and_then(|_| hex(text.get(8..12)));
    let (code, length) = match (first, second()) {
        (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) => {
            (0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12)
        }
        _ => (first, 6),
    };
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    length
}

/// A backslash that means itself.
fn verbatim(text: &[u8], out: &mut Vec<u8>) -> usize {
    out.push(text[0]);
    1
}

fn hex(digits: Option<&[u8]>) -> Option<u32> {
    digits?.iter().try_fold(0, |value, byte| Some(value << 4 | char::from(*byte).to_digit(16)?))
}
