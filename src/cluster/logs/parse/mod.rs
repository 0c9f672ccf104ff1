//! What a line says by its form: JSON, logfmt, klog, and plain text that has a level, or pairs like logfmt's, in it.
//!
//! Nothing is allocated but for a value with escapes. [`level`] runs for every line that arrives, [`parse`] for those
//! in sight, [`field`] for those that a filter looks at.

mod json;
mod pairs;
mod plain;
mod value;

use super::Level;
pub use value::Value;

/// The forms that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An object of JSON.
    Json,
    /// Pairs of key and value, `level=info msg="ready"`.
    Logfmt,
    /// The header of Kubernetes' own components, `I1124 14:31:07.221000       1 main.go:42] ready`.
    Klog,
    /// Anything else. It may have pairs behind the message.
    Plain,
}

/// A line taken apart.
#[derive(Debug, Clone, Copy)]
pub struct Parsed<'a> {
    /// Its form.
    pub format: Format,
    /// Its level.
    pub level: Option<Level>,
    /// The time that it tells itself, as it stands there.
    pub time: Option<Value<'a>>,
    /// What it says, without the level, the time and the fields; empty if all is in the fields.
    pub message: Value<'a>,
    /// Where in the source the line was written, as klog has it: `main.go:42`.
    pub caller: Option<&'a [u8]>,
    /// Where the fields are.
    rest: &'a [u8],
}

/// The part that a field of JSON or logfmt plays by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Level,
    Time,
    Message,
}

impl Part {
    /// The part of the field with this name, as the usual logging libraries name them.
    fn of(key: &[u8]) -> Option<Part> {
        Some(match key {
            b"level" | b"lvl" | b"severity" | b"loglevel" | b"levelname" | b"log.level" | b"@level"
            | b"Level" | b"LEVEL" | b"SEVERITY" | b"log_level" | b"@l" => Part::Level,
            b"ts" | b"time" | b"timestamp" | b"@timestamp" | b"t" | b"datetime" | b"Timestamp"
            | b"asctime" | b"@t" | b"date" => Part::Time,
            b"msg" | b"message" | b"@message" | b"Message" | b"@m" | b"event" => Part::Message,
            _ => return None,
        })
    }
}

/// Takes a line apart.
#[must_use]
pub fn parse(line: &[u8]) -> Parsed<'_> {
    let line = line.trim_ascii_end();
    json::parse(line).or_else(|| plain::klog(line)).unwrap_or_else(|| plain::parse(line))
}

/// The level that a line says it has.
#[must_use]
pub fn level(line: &[u8]) -> Option<Level> {
    match line.trim_ascii_start() {
        object @ [b'{', ..] => json::level(object),
        [letter @ (b'I' | b'W' | b'E' | b'F'), b'0'..=b'9', ..] => {
            plain::klog_level(*letter, line).or_else(|| plain::level(line))
        }
        text => plain::level(text),
    }
}

/// The value of the field with this name, wherever it stands; in JSON a path with dots leads into objects.
#[must_use]
pub fn field<'a>(line: &'a [u8], path: &[u8]) -> Option<Value<'a>> {
    match line.trim_ascii_start() {
        object @ [b'{', ..] => json::field(object, path),
        text => pairs::field(text, path),
    }
}

impl<'a> Parsed<'a> {
    /// The fields in the order in which they stand, without those that are the level, the time and the message.
    pub fn fields(&self) -> impl Iterator<Item = (&'a [u8], Value<'a>)> + use<'a> {
        let known = [Some(self.message), self.time];
        let (format, rest) = (self.format, self.rest);
        let members = (format == Format::Json).then(|| json::Members::of(rest)).into_iter().flatten();
        let pairs = (format != Format::Json).then(|| pairs::Pairs::of(rest)).into_iter().flatten();
        members.chain(pairs).filter(move |(key, value)| {
            !known.iter().flatten().any(|part| part.is_same(value)) && Part::of(key) != Some(Part::Level)
        })
    }
}

#[cfg(test)]
mod tests;
