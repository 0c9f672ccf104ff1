//! Pairs of key and value, as logfmt has them and as many other lines have them behind their message.

use memchr::memmem;

use super::Value;

/// The pairs of a text, in order; words between them are passed over.
pub(super) struct Pairs<'a> {
    rest: &'a [u8],
}

impl<'a> Pairs<'a> {
    /// Those of `text`.
    pub(super) const fn of(text: &'a [u8]) -> Pairs<'a> {
        Pairs { rest: text }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.rest = self.rest.trim_ascii_start();
            if self.rest.is_empty() {
                return None;
            }
            if let Some(length) = key(self.rest) {
                let (name, rest) = (&self.rest[..length], &self.rest[length + 1..]);
                let (value, length) = value(rest);
                self.rest = &rest[length..];
                return Some((name, value));
            }
            self.rest = &self.rest[word(self.rest)..];
        }
    }
}

/// Where the first pair of a text begins.
pub(super) fn start(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_ascii_start().len();
        if at == text.len() {
            return None;
        }
        if key(&text[at..]).is_some() {
            return Some(at);
        }
        at += word(&text[at..]);
    }
}

/// How long the key is that `text` begins with, if it begins with a pair: a key begins with a letter, and an equals
/// sign follows it, but not two.
fn key(text: &[u8]) -> Option<usize> {
    let first = text.first()?;
    if !(first.is_ascii_alphabetic() || matches!(first, b'_' | b'@')) {
        return None;
    }
    let length = text.iter().position(|byte| !is_in_key(*byte))?;
    (text[length] == b'=' && text.get(length + 1) != Some(&b'=')).then_some(length)
}

const fn is_in_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@' | b'/')
}

/// How long the word is that `text` begins with.
fn word(text: &[u8]) -> usize {
    text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len())
}

/// The value that `text` begins with, and how long it is there.
fn value(text: &[u8]) -> (Value<'_>, usize) {
    match quoted(text) {
        Some((value, length)) => (value, length),
        None => {
            let length = word(text);
            (Value::bare(&text[..length]), length)
        }
    }
}

/// The text in quotes that `text` begins with, and how long it is with its quotes.
pub(super) fn quoted(text: &[u8]) -> Option<(Value<'_>, usize)> {
    let [b'"', rest @ ..] = text else { return None };
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', rest.get(at..)?)?;
        if rest[at] == b'"' {
            return Some((Value::quoted(&rest[..at]), at + 2));
        }
        at += 2;
    }
}

/// The value of the first pair with this key.
pub(super) fn field<'a>(text: &'a [u8], path: &[u8]) -> Option<Value<'a>> {
    memmem::find_iter(text, path).find_map(|at| {
        let begins = at == 0 || text[at - 1].is_ascii_whitespace();
        (begins && key(&text[at..]) == Some(path.len())).then(|| value(&text[at + path.len() + 1..]).0)
    })
}
