//! Moments to the nanosecond, as container runtimes write them before each line.

use std::fmt;

use crate::resources::Time;

/// A moment, in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Stamp(pub i64);

/// Nanoseconds in a second.
pub(super) const SECOND: i64 = 1_000_000_000;

impl Stamp {
    /// The same moment without its fraction of a second.
    #[must_use]
    pub const fn time(self) -> Time {
        Time(self.0.div_euclid(SECOND))
    }

    /// Reads an RFC 3339 timestamp. It is read for every line, so that it is read digit by digit.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Stamp> {
        let (stamp, length) = Stamp::at_start(text)?;
        (length == text.len()).then_some(stamp)
    }

    /// Reads the RFC 3339 timestamp that `text` begins with, and tells how long it is.
    #[must_use]
    pub fn at_start(text: &[u8]) -> Option<(Stamp, usize)> {
        let head: &[u8; 19] = text.first_chunk()?;
        if [head[4], head[7], head[13], head[16]] != *b"--::" || !matches!(head[10], b'T' | b't' | b' ') {
            return None;
        }
        let two = |at: usize| Some(digit(head[at])? * 10 + digit(head[at + 1])?);
        let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
        let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let (fraction, at) = fraction(text, 19);
        let (offset, length) = offset(text, at)?;
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
        // Nanoseconds of an i64 end in the years 1677 and 2262.
        Some((Stamp(seconds.checked_mul(SECOND)?.checked_add(fraction)?), length))
    }

    /// Writes it as RFC 3339 in UTC, with all nine digits of the fraction.
    pub fn write(self, out: &mut Vec<u8>) {
        let seconds = self.0.div_euclid(SECOND);
        let (year, month, day) = civil(seconds.div_euclid(86_400));
        let rest = seconds.rem_euclid(86_400);
        for (number, digits, before) in [
            (year, 4, b' '),
            (month, 2, b'-'),
            (day, 2, b'-'),
            (rest / 3_600, 2, b'T'),
            (rest / 60 % 60, 2, b':'),
            (rest % 60, 2, b':'),
            (self.0.rem_euclid(SECOND), 9, b'.'),
        ] {
            if before != b' ' {
                out.push(before);
            }
            out.extend((0..digits).rev().map(|place| b'0' + (number / 10i64.pow(place) % 10) as u8));
        }
        out.push(b'Z');
    }
}

impl fmt::Display for Stamp {
    /// As [`Stamp::write`] writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.write(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

fn digit(byte: u8) -> Option<i64> {
    let value = byte.wrapping_sub(b'0');
    (value < 10).then_some(i64::from(value))
}

/// The fraction of a second that begins at `at`, in nanoseconds, and where it ends. Digits behind the ninth are
/// passed over.
fn fraction(text: &[u8], mut at: usize) -> (i64, usize) {
    if text.get(at).is_none_or(|byte| !matches!(byte, b'.' | b',')) {
        return (0, at);
    }
    at += 1;
    let (mut value, mut unit) = (0, SECOND / 10);
    while let Some(digit) = text.get(at).and_then(|byte| digit(*byte)) {
        value += digit * unit;
        unit /= 10;
        at += 1;
    }
    (value, at)
}

/// The offset from UTC that stands at `at`, in seconds, and where it ends.
fn offset(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let sign = match text.get(at)? {
        b'Z' | b'z' => return Some((0, at + 1)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let two = |at: usize| Some(digit(*text.get(at)?)? * 10 + digit(*text.get(at + 1)?)?);
    let colon = usize::from(text.get(at + 3) == Some(&b':'));
    let (hours, minutes) = (two(at + 1)?, two(at + 3 + colon)?);
    Some((sign * (hours * 3_600 + minutes * 60), at + 5 + colon))
}

/// Days from the epoch to a date of the proleptic Gregorian calendar. Years are counted from March, as the leap day
/// ends them.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date so many days from the epoch: year, month and day; see [`days`].
pub(crate) const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + (month <= 2) as i64, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_and_is_what_others_read(nanos in -2_000_000_000 * SECOND..9_000_000_000 * SECOND) {
            let text = Stamp(nanos).to_string();
            proptest::prop_assert_eq!(Stamp::parse(text.as_bytes()), Some(Stamp(nanos)));
            let theirs: jiff::Timestamp = text.parse().unwrap();
            proptest::prop_assert_eq!(theirs.as_nanosecond(), i128::from(nanos));
        }

        #[test]
        fn no_bytes_do_harm(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
            let _ = Stamp::parse(&bytes);
        }
    }

    #[test]
    fn fractions_and_offsets_may_be_written_in_any_way() {
        let whole = Stamp::parse(b"2026-11-24T14:31:07Z").unwrap();
        for (text, nanos) in [
            ("2026-11-24T14:31:07.5Z", SECOND / 2),
            ("2026-11-24T14:31:07.123456789Z", 123_456_789),
            ("2026-11-24T14:31:07.1234567891Z", 123_456_789),
            ("2026-11-24T15:31:07.25+01:00", SECOND / 4),
            ("2026-11-24T05:01:07-0930", 0),
        ] {
            assert_eq!(Stamp::parse(text.as_bytes()), Some(Stamp(whole.0 + nanos)), "{text}");
        }
        for text in [
            "",
            "2026-11-24T14:31:07",
            "2026-13-24T14:31:07Z",
            "2026-11-24T14:31:07Z ",
            "hello there, 2026-1",
        ] {
            assert_eq!(Stamp::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(whole.time(), Time::parse("2026-11-24T14:31:07Z").unwrap());
    }
}
