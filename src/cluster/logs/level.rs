//! How grave a line is.

use std::fmt;

/// The level that a line says it has, from the least to the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// `trace`, and klog's verbosity of 5 and more.
    Trace = 1,
    /// `debug`.
    Debug,
    /// `info`, `notice`.
    Info,
    /// `warn`, `warning`.
    Warn,
    /// `error`, `err`.
    Error,
    /// `fatal`, `critical`, `panic`, `emergency`, `alert`.
    Fatal,
}

impl Level {
    /// All of them, from the least to the gravest.
    pub const ALL: [Level; 6] =
        [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];

    /// Its name, lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
            Level::Fatal => "fatal",
        }
    }

    /// The level that a word means, whatever its case: the names that logging libraries use.
    #[must_use]
    pub fn of_word(word: &[u8]) -> Option<Level> {
        // The longest is `information`. What is longer is none, and is not looked at.
        let mut lower = [0; 11];
        let lower = lower.get_mut(..word.len())?;
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        Some(match &*lower {
            b"trace" | b"trc" | b"finest" | b"silly" => Level::Trace,
            b"debug" | b"dbg" | b"debg" | b"fine" | b"verbose" => Level::Debug,
            b"info" | b"inf" | b"information" | b"notice" => Level::Info,
            b"warn" | b"wrn" | b"warning" => Level::Warn,
            b"error" | b"err" | b"eror" | b"severe" => Level::Error,
            b"fatal" | b"ftl" | b"crit" | b"critical" | b"panic" | b"dpanic" | b"alert" | b"emerg"
            | b"emergency" => Level::Fatal,
            _ => return None,
        })
    }

    /// The level of a number in the scale of bunyan and pino: 10 is trace, 60 is fatal.
    #[must_use]
    pub const fn of_number(number: u64) -> Option<Level> {
        Some(match number {
            10..20 => Level::Trace,
            20..30 => Level::Debug,
            30..40 => Level::Info,
            40..50 => Level::Warn,
            50..60 => Level::Error,
            60..=100 => Level::Fatal,
            _ => return None,
        })
    }

    /// The level whose discriminant this is.
    pub(super) const fn of_bits(bits: u32) -> Option<Level> {
        match bits {
            1..=6 => Some(Level::ALL[bits as usize - 1]),
            _ => None,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_found_by_its_name_and_its_bits() {
        for level in Level::ALL {
            assert_eq!(Level::of_word(level.name().to_uppercase().as_bytes()), Some(level));
            assert_eq!(Level::of_bits(level as u32), Some(level));
        }
        assert_eq!(Level::of_bits(0), None);
        assert_eq!(Level::of_word(b"informational"), None);
        assert_eq!(Level::of_word(b""), None);
        assert!(Level::Warn < Level::Error);
    }
}
