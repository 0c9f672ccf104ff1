//! How log lines are written: which sentence, and in which format.

use std::io::Write as _;

use fastrand::Rng;

use super::stamp::Stamp;
use super::topics::{self, Topic};
use super::words::{Scene, Words};
use crate::demo::world::{Format, Moment, Trouble, Voice};

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Info,
    Warn,
    Error,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }

    const fn capitals(self) -> &'static str {
        match self {
            Level::Info => "INFO ",
            Level::Warn => "WARN ",
            Level::Error => "ERROR",
        }
    }

    /// The colour that terminals are asked for.
    const fn colour(self) -> &'static str {
        match self {
            Level::Info => "\x1b[32m",
            Level::Warn => "\x1b[33m",
            Level::Error => "\x1b[1;31m",
        }
    }
}

/// Seconds that a burst of errors lasts, in milliseconds; one in so many such spans is one.
const BURST_MS: i64 = 20_000;
const BURSTS: u64 = 9;

/// How many lines a process begins with, close upon one another.
pub(super) fn greetings(voice: &Voice) -> u64 {
    topics::find(voice.topic).starts.len() as u64
}

/// Writes line `number` of the run with this seed.
pub(super) fn speak(voice: &Voice, seed: u64, number: u64, scene: Scene<'_>, out: &mut Vec<u8>) {
    let topic = topics::find(voice.topic);
    let mut chance = Rng::with_seed(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    if let Some(said) = topic.starts.get(number as usize) {
        return sentence(voice.format, Level::Info, said, scene, chance, out);
    }
    let level = level(voice.trouble, topic, scene.at, &mut chance);
    let of_level = match level {
        Level::Info => topic.info,
        Level::Warn => topic.warn,
        Level::Error => topic.error,
    };
    // The first sentences are said more often than the last.
    let place = chance.usize(..of_level.len()).min(chance.usize(..of_level.len()));
    sentence(voice.format, level, of_level[place], scene, chance, out);
}

/// Writes one of the lines before the end of a process.
pub(super) fn last_word(format: Format, words: &str, scene: Scene<'_>, out: &mut Vec<u8>) {
    match words.strip_prefix('|') {
        Some(words) => out.extend_from_slice(words.as_bytes()),
        None => sentence(format, Level::Error, words, scene, Rng::with_seed(0), out),
    }
}

fn level(trouble: Trouble, topic: &Topic, at: Moment, chance: &mut Rng) -> Level {
    let (errors, warnings) = match trouble {
        Trouble::Often => (250, 300),
        Trouble::Bursts if is_burst(topic, at) => (550, 200),
        Trouble::Bursts | Trouble::Rare => (6, 30),
    };
    match chance.u32(..1_000) {
        drawn if drawn < errors => Level::Error,
        drawn if drawn < errors + warnings => Level::Warn,
        _ => Level::Info,
    }
}

fn is_burst(topic: &Topic, at: Moment) -> bool {
    let span = at.0.div_euclid(BURST_MS) as u64;
    let name = topic.name.bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    Rng::with_seed(name ^ span).u64(..BURSTS) == 0
}

/// Writes a sentence: its text, and behind ` | ` its fields as `key={word}`.
fn sentence(format: Format, level: Level, said: &str, scene: Scene<'_>, chance: Rng, out: &mut Vec<u8>) {
    let (said, fields) = said.split_once(" | ").unwrap_or((said, ""));
    let fields = fields.split_ascii_whitespace().filter_map(|field| field.split_once('='));
    let mut words = Words::new(scene, level, chance);
    let stamp = Stamp::of(scene.at);
    match format {
        Format::Json => {
            out.extend_from_slice(b"{\"time\":\"");
            stamp.iso(b'T', out);
            let _ = write!(out, "Z\",\"level\":\"{}\",\"msg\":\"", level.name());
            escaped(out, |out| words.fill(said, out));
            out.push(b'"');
            for (key, value) in fields {
                let _ = write!(out, ",\"{key}\":");
                json_value(out, |out| words.fill(value, out));
            }
            out.push(b'}');
        }
        Format::Logfmt => {
            out.extend_from_slice(b"time=");
            stamp.iso(b'T', out);
            let _ = write!(out, "Z level={} msg=\"", level.name());
            escaped(out, |out| words.fill(said, out));
            out.push(b'"');
            pairs(fields, &mut words, false, out);
        }
        Format::Klog => {
            out.push(level.capitals().as_bytes()[0]);
            stamp.month_and_day(out);
            out.push(b' ');
            stamp.clock(out);
            // Where in the program it is said depends on nothing but the words.
            let line = 40 + said.len() * 7;
            let _ = write!(out, "000       1 {}:{line}] \"", topics::file(said));
            escaped(out, |out| words.fill(said, out));
            out.push(b'"');
            pairs(fields, &mut words, true, out);
        }
        Format::Plain => {
            stamp.iso(b' ', out);
            let _ = write!(out, " {} ", level.capitals());
            words.fill(said, out);
            pairs(fields, &mut words, false, out);
        }
        Format::Colour => {
            out.extend_from_slice(b"\x1b[2m");
            stamp.clock(out);
            let _ = write!(out, "\x1b[0m {}{}\x1b[0m ", level.colour(), level.capitals());
            words.fill(said, out);
            for (key, value) in fields {
                let _ = write!(out, " \x1b[36m{key}\x1b[0m=");
                words.fill(value, out);
            }
        }
        Format::Bare => words.fill(said, out),
    }
}

/// Writes ` key=value` for each; what has a space in it, or everything, in quotes.
fn pairs<'f>(
    fields: impl Iterator<Item = (&'f str, &'f str)>,
    words: &mut Words<'_>,
    quoted: bool,
    out: &mut Vec<u8>,
) {
    for (key, value) in fields {
        let _ = write!(out, " {key}=");
        let begin = out.len();
        words.fill(value, out);
        if quoted || out[begin..].contains(&b' ') {
            out.insert(begin, b'"');
            out.push(b'"');
        }
    }
}

/// Writes what `write` writes as a number, where it is one, or as a string.
fn json_value(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let begin = out.len();
    write(out);
    let number = out.len() > begin
        && out[begin..].iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && (out[begin] != b'0' || out.get(begin + 1).is_none_or(|next| *next == b'.'))
        && out[begin..].iter().filter(|byte| **byte == b'.').count() < 2;
    if !number {
        out.insert(begin, b'"');
        escape_from(out, begin + 1);
        out.push(b'"');
    }
}

/// Writes what `write` writes with quotes and backslashes escaped.
fn escaped(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let begin = out.len();
    write(out);
    escape_from(out, begin);
}

fn escape_from(out: &mut Vec<u8>, begin: usize) {
    if memchr::memchr2(b'"', b'\\', &out[begin..]).is_none() {
        return;
    }
    let text = out.split_off(begin);
    for byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
}
