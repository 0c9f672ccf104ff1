//! Times as logs write them. A log of a thousand lines a second is mostly times, so that they are written digit by digit.

use crate::cluster::logs::civil;
use crate::demo::world::Moment;

/// A moment, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    milli: u32,
}

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

impl Stamp {
    /// Takes a moment apart, in UTC.
    pub(super) fn of(at: Moment) -> Stamp {
        let (days, rest) = (at.0.div_euclid(86_400_000), at.0.rem_euclid(86_400_000) as u32);
        let (year, month, day) = civil(days);
        Stamp {
            year: year as u32,
            month: month as u32,
            day: day as u32,
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1_000 % 60,
            milli: rest % 1_000,
        }
    }

    /// `2026-03-01T07:08:09.123`, with this between the date and the time.
    pub(super) fn iso(&self, between: u8, out: &mut Vec<u8>) {
        digits(self.year, 4, out);
        for number in [self.month, self.day] {
            out.push(b'-');
            digits(number, 2, out);
        }
        out.push(between);
        self.clock(out);
    }

    /// `07:08:09.123`
    pub(super) fn clock(&self, out: &mut Vec<u8>) {
        self.time(out);
        out.push(b'.');
        digits(self.milli, 3, out);
    }

    /// `0301`: month and day, as klog has them.
    pub(super) fn month_and_day(&self, out: &mut Vec<u8>) {
        digits(self.month, 2, out);
        digits(self.day, 2, out);
    }

    /// `01/Mar/2026:07:08:09 +0000`, as web servers write it.
    pub(super) fn common(&self, out: &mut Vec<u8>) {
        digits(self.day, 2, out);
        out.push(b'/');
        out.extend_from_slice(MONTHS[(self.month as usize + 11) % 12]);
        out.push(b'/');
        digits(self.year, 4, out);
        out.push(b':');
        self.time(out);
        out.extend_from_slice(b" +0000");
    }

    fn time(&self, out: &mut Vec<u8>) {
        digits(self.hour, 2, out);
        for number in [self.minute, self.second] {
            out.push(b':');
            digits(number, 2, out);
        }
    }
}

/// Writes a number in so many digits.
pub(super) fn digits(number: u32, count: u32, out: &mut Vec<u8>) {
    for place in (0..count).rev() {
        out.push(b'0' + (number / 10u32.pow(place) % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times_are_those_that_the_calendar_says() {
        for day in 0..40_000 {
            let at = Moment(day * 86_400_000 + day * 7_919 % 86_400_000);
            let stamp = Stamp::of(at);
            assert_eq!(written(|out| stamp.iso(b'T', out)), at.micro()[..23]);
        }
        let stamp = Stamp::of(Moment::parse("2024-02-29T23:05:09.007Z").unwrap());
        assert_eq!(written(|out| stamp.common(out)), "29/Feb/2024:23:05:09 +0000");
        assert_eq!(written(|out| stamp.month_and_day(out)), "0229");
    }
}
