//! Lines of text: klog's, logfmt, and whatever people print.

use super::pairs::{self, Pairs};
use super::{Format, Parsed, Part, Value};
use crate::cluster::logs::Level;

/// How many bytes of a line are searched for its level.
const HEAD: usize = 160;

/// The level that a line of text says it has: a word that means one, in capitals, in brackets or before a colon, or
/// the value of a pair like `level=warn`; the first that there is.
pub(super) fn level(line: &[u8]) -> Option<Level> {
    let head = &line[..line.len().min(HEAD)];
    let mut at = 0;
    let mut first = true;
    while at < head.len() {
        match head[at] {
            // A colour stands before the word that it is for.
            0x1b => at += escape(&head[at..]),
            byte if byte.is_ascii_alphabetic() || byte == b'@' => {
                let length = head[at..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count().max(1);
                let word = &head[at..at + length];
                if let Some(level) = level_here(line, at, word, first) {
                    return Some(level);
                }
                at += length;
                first = false;
            }
            _ => at += 1,
        }
    }
    trouble(line)
}

/// The level that a word at this place of a line means.
fn level_here(line: &[u8], at: usize, word: &[u8], first: bool) -> Option<Level> {
    if !(3..=11).contains(&word.len()) {
        return None;
    }
    let next = line.get(at + word.len()).copied();
    if next == Some(b'=') {
        return (Part::of(word) == Some(Part::Level)).then(|| pair_level(&line[at + word.len() + 1..]))?;
    }
    let before = at.checked_sub(1).map(|at| line[at]);
    let ends =
        next.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-' | b'/' | b'.'));
    let begins = before.is_none_or(|byte| !matches!(byte, b'_' | b'-' | b'/' | b'.' | b'0'..=b'9'));
    let marked = word.iter().all(u8::is_ascii_uppercase)
        || matches!(
            (before, next),
            (Some(b'['), Some(b']')) | (Some(b'<'), Some(b'>')) | (Some(b'('), Some(b')'))
        )
        || first && next == Some(b':');
    // Behind a colour's end the letter `m` stands, which is part of no word.
    (ends && begins && marked).then(|| Level::of_word(word))?
}

fn pair_level(value: &[u8]) -> Option<Level> {
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let length = value.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    Level::of_word(&value[..length])
}

/// What the runtimes of languages print when a program fails.
fn trouble(line: &[u8]) -> Option<Level> {
    match line.first()? {
        b'T' if line.starts_with(b"Traceback (most recent call last)") => Some(Level::Error),
        b'E' if line.starts_with(b"Exception in thread ") => Some(Level::Error),
        b't' if line.starts_with(b"thread '") && memchr::memmem::find(line, b"' panicked at ").is_some() => {
            Some(Level::Fatal)
        }
        _ => None,
    }
}

/// How long the escape sequence is that `text` begins with.
fn escape(text: &[u8]) -> usize {
    if text.get(1) != Some(&b'[') {
        return 1;
    }
    let end = text.iter().skip(2).position(|byte| (0x40..=0x7e).contains(byte));
    end.map_or(text.len(), |end| end + 3)
}

/// The level of klog's header, if this line has one: `I1124 14:31:07.221000`.
pub(super) fn klog_level(letter: u8, line: &[u8]) -> Option<Level> {
    let header = line.trim_ascii_start().get(1..14)?;
    let form = b"dddd dd:dd:dd";
    let is = |(byte, form): (&u8, &u8)| if *form == b'd' { byte.is_ascii_digit() } else { byte == form };
    if !header.iter().zip(form).all(is) {
        return None;
    }
    Some(match letter {
        b'I' => Level::Info,
        b'W' => Level::Warn,
        b'E' => Level::Error,
        _ => Level::Fatal,
    })
}

/// A line of klog, taken apart.
pub(super) fn klog(line: &[u8]) -> Option<Parsed<'_>> {
    let level = klog_level(*line.first()?, line).filter(|_| matches!(line[0], b'I' | b'W' | b'E' | b'F'))?;
    let header = memchr::memchr(b']', line)?;
    let mut words = line[1..header].split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let (date, clock) = (words.next()?, words.next()?);
    let caller = words.next_back()?;
    let time = &line[1..1 + date.len() + 1 + clock.len()];
    let text = line[header + 1..].trim_ascii_start();
    let (message, rest) = match pairs::quoted(text) {
        Some((message, length)) => (message, &text[length..]),
        None => message_and_pairs(text),
    };
    let time = Some(Value::bare(time));
    Some(Parsed { format: Format::Klog, level: Some(level), time, message, caller: Some(caller), rest })
}

/// Any other line, taken apart: logfmt if it begins with a pair.
pub(super) fn parse(line: &[u8]) -> Parsed<'_> {
    let level = super::level(line);
    if pairs::start(line) == line.iter().position(|byte| !byte.is_ascii_whitespace()) && !line.is_empty() {
        return logfmt(line, level);
    }
    let mut text = line.trim_ascii_start();
    let time_length = time(text);
    let time = (time_length > 0).then(|| Value::bare(trim_brackets(&text[..time_length])));
    text = text[time_length..].trim_ascii_start();
    if level.is_some() {
        text = text[level_word(text)..].trim_ascii_start();
    }
    let (message, rest) = message_and_pairs(text);
    Parsed { format: Format::Plain, level, time, message, caller: None, rest }
}

fn logfmt(line: &[u8], level: Option<Level>) -> Parsed<'_> {
    let mut parsed = Parsed {
        format: Format::Logfmt,
        level,
        time: None,
        message: Value::bare(b""),
        caller: None,
        rest: line,
    };
    for (key, value) in Pairs::of(line) {
        match Part::of(key) {
            Some(Part::Time) if parsed.time.is_none() => parsed.time = Some(value),
            Some(Part::Message) if parsed.message.is_empty() => parsed.message = value,
            _ => {}
        }
    }
    parsed
}

/// The message, and the rest from the first pair on.
fn message_and_pairs(text: &[u8]) -> (Value<'_>, &[u8]) {
    let start = pairs::start(text).unwrap_or(text.len());
    (Value::bare(text[..start].trim_ascii_end()), &text[start..])
}

/// How long the time is that `text` begins with, with a date or without, in brackets or without; 0 if it begins with
/// none.
fn time(text: &[u8]) -> usize {
    let open = usize::from(text.first() == Some(&b'['));
    let run = |text: &[u8]| {
        let is = |byte: &&u8| {
            byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'/' | b'.' | b',' | b'T' | b'Z' | b'+')
        };
        text.iter().take_while(is).count()
    };
    let count = |text: &[u8], byte: u8| text.iter().filter(|other| **other == byte).count();
    let first = run(&text[open..]);
    let head = &text[open..open + first];
    if !head.first().is_some_and(u8::is_ascii_digit) {
        return 0;
    }
    let mut end = open + first;
    if count(head, b':') < 2 {
        let is_date = count(head, b'-') == 2 || count(head, b'/') == 2;
        let clock = text.get(end + 1..).map_or(0, run);
        if !is_date || text[end] != b' ' || count(&text[end + 1..end + 1 + clock], b':') < 2 {
            return 0;
        }
        end += 1 + clock;
    }
    let closed = open == 1 && text.get(end) == Some(&b']');
    if open == 1 && !closed { 0 } else { end + usize::from(closed) }
}

fn trim_brackets(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]")).unwrap_or(text)
}

/// How long the word for a level is that `text` begins with, with what marks it.
fn level_word(text: &[u8]) -> usize {
    let length = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let is_mark = |byte: &u8| matches!(byte, b'[' | b']' | b'<' | b'>' | b'(' | b')' | b':' | b'|');
    let word = &text[..length];
    let start = word.iter().position(|byte| !is_mark(byte)).unwrap_or(length);
    let end = word.iter().rposition(|byte| !is_mark(byte)).map_or(start, |at| at + 1);
    if Level::of_word(&word[start..end]).is_some() { length } else { 0 }
}
