//! Lines that are objects of JSON. They are scanned, not checked: what does not go on like JSON ends there.

use memchr::memchr2;

use super::{Format, Parsed, Part, Value};
use crate::cluster::logs::Level;

/// The members of an object, in order.
pub(super) struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Members<'a> {
    /// Those of the object that `text` begins with.
    pub(super) fn of(text: &'a [u8]) -> Members<'a> {
        Members { rest: text.get(1..).unwrap_or_default() }
    }

    /// The string whose opening quote is next, without its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let text = self.rest.get(1..)?;
        let end = string_end(text)?;
        self.rest = &text[end + 1..];
        Some(&text[..end])
    }

    fn value(&mut self) -> Option<Value<'a>> {
        let length = match self.rest.first()? {
            b'"' => return self.string().map(Value::quoted),
            b'{' | b'[' => nested_end(self.rest)?,
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
                self.rest.iter().position(ends)?
            }
        };
        let (value, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(Value::bare(value))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let skip = |byte: &u8| *byte == b',' || byte.is_ascii_whitespace();
        let start = self.rest.iter().position(|byte| !skip(byte))?;
        self.rest = &self.rest[start..];
        if self.rest[0] != b'"' {
            return None;
        }
        let key = self.string()?;
        let colon = self.rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        if self.rest[colon] != b':' {
            return None;
        }
        self.rest = self.rest[colon + 1..].trim_ascii_start();
        Some((key, self.value()?))
    }
}

/// The place of the quote that ends a string.
fn string_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// How long the object or array is that `text` begins with.
fn nested_end(text: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0usize);
    loop {
        match text.get(at)? {
            b'"' => at += 1 + string_end(&text[at + 1..])?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return Some(at + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// A line that is an object, taken apart.
pub(super) fn parse(line: &[u8]) -> Option<Parsed<'_>> {
    let text = line.trim_ascii_start();
    if text.first() != Some(&b'{') {
        return None;
    }
    let mut parsed = Parsed {
        format: Format::Json,
        level: None,
        time: None,
        message: Value::bare(b""),
        caller: None,
        rest: text,
    };
    let (mut members, mut any, mut has_message) = (Members::of(text), false, false);
    for (key, value) in members.by_ref() {
        any = true;
        match Part::of(key) {
            Some(Part::Level) if parsed.level.is_none() => parsed.level = level_of(value),
            Some(Part::Time) if parsed.time.is_none() => parsed.time = Some(value),
            Some(Part::Message) if !has_message => (parsed.message, has_message) = (value, true),
            _ => {}
        }
    }
    // A brace at the beginning makes no object.
    (any && members.rest.trim_ascii_start().first() == Some(&b'}')).then_some(parsed)
}

/// The level of an object.
pub(super) fn level(object: &[u8]) -> Option<Level> {
    let mut levels = Members::of(object).filter(|(key, _)| Part::of(key) == Some(Part::Level));
    levels.find_map(|(_, value)| level_of(value))
}

fn level_of(value: Value<'_>) -> Option<Level> {
    let text = value.bytes();
    Level::of_word(&text).or_else(|| Level::of_number(std::str::from_utf8(&text).ok()?.parse().ok()?))
}

/// The member that a path leads to: a key with dots in it, or keys of objects within objects.
pub(super) fn field<'a>(object: &'a [u8], path: &[u8]) -> Option<Value<'a>> {
    let mut within = None;
    for (key, value) in Members::of(object) {
        if key == path {
            return Some(value);
        }
        if within.is_none()
            && let Some([b'.', rest @ ..]) = path.strip_prefix(key)
            && value.raw().first() == Some(&b'{')
        {
            within = Some((value, rest));
        }
    }
    within.and_then(|(value, rest)| field(value.raw(), rest))
}
