//! What log lines say, and how they are written.

use std::io::Write as _;

use crate::demo::world::naming::scatter;
use crate::demo::world::{Format, Moment, Voice};

/// Lines with which a process begins, close upon one another.
pub(super) const GREETINGS: u64 = 3;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Info,
    Warn,
    Error,
}

/// Writes line `number` of the run with this seed.
pub(super) fn speak(voice: &Voice, seed: u64, number: u64, at: Moment, out: &mut Vec<u8>) {
    if number < GREETINGS {
        let said = ["starting", "configuration read", "listening on :8080"][number as usize];
        return line(voice.format, Level::Info, said, &[], at, out);
    }
    let draw = |what: &str, of: u64| scatter(seed, &[what, &number.to_string()]) % of;
    let (level, status) = match draw("level", 100) {
        0 => (Level::Error, 502),
        1..=3 => (Level::Warn, 429),
        _ => (Level::Info, 200),
    };
    let took = 2 + draw("took", 40) + if level == Level::Info { 0 } else { draw("slow", 3_000) };
    let fields = [
        ("path", format!("/{}/{}", voice.topic, draw("path", 500))),
        ("status", status.to_string()),
        ("took_ms", took.to_string()),
        ("trace", format!("{:08x}", draw("trace", 1 << 32))),
    ];
    let said = match level {
        Level::Info => "request served",
        Level::Warn => "request slow, retrying",
        Level::Error => "request failed",
    };
    line(voice.format, level, said, &fields, at, out);
}

/// Writes one of the lines before the end of a process.
pub(super) fn last_word(format: Format, words: &str, at: Moment, out: &mut Vec<u8>) {
    line(format, Level::Error, words, &[], at, out);
}

fn line(format: Format, level: Level, said: &str, fields: &[(&str, String)], at: Moment, out: &mut Vec<u8>) {
    let name = match level {
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    let time = at.micro();
    match format {
        Format::Json => {
            let mut object = serde_json::json!({"time": time, "level": name, "msg": said});
            for (key, value) in fields {
                object[*key] = value.parse::<i64>().map_or_else(|_| value.clone().into(), Into::into);
            }
            let _ = write!(out, "{object}");
        }
        Format::Logfmt => {
            let _ = write!(out, "time={time} level={name} msg={said:?}");
            for (key, value) in fields {
                let _ = write!(out, " {key}={value}");
            }
        }
        Format::Klog => {
            let letter = name[..1].to_ascii_uppercase();
            let (month, day, clock) = (&time[5..7], &time[8..10], &time[11..26]);
            let _ = write!(out, "{letter}{month}{day} {clock}       1 main.go:101] {said:?}");
            for (key, value) in fields {
                let _ = write!(out, " {key}={value:?}");
            }
        }
        Format::Plain | Format::Colour | Format::Bare => {
            let _ = write!(out, "{} {:5} {said}", &time[..19], name.to_ascii_uppercase());
            for (key, value) in fields {
                let _ = write!(out, " {key} {value}");
            }
        }
    }
}
