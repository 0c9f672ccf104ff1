//! How the moment is told at which a line was written.

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use crate::cluster::logs::Stamp;
use crate::resources::Time;
use crate::views::Look;

/// What stands before each line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// Nothing.
    Off,
    /// How long ago it was.
    Relative,
    /// The time here.
    Local,
    /// The time in UTC.
    Utc,
}

impl Times {
    pub(super) fn next(self) -> Times {
        match self {
            Times::Local => Times::Utc,
            Times::Utc => Times::Relative,
            Times::Relative => Times::Off,
            Times::Off => Times::Local,
        }
    }

    /// How wide it is in cells; `dated` with the day.
    pub(super) fn width(self, dated: bool) -> usize {
        let day = if dated { "11-24 ".len() } else { 0 };
        match self {
            Times::Off => 0,
            Times::Relative => "7y364d".len(),
            Times::Local => "14:31:07.221".len() + day,
            Times::Utc => "14:31:07.221Z".len() + day,
        }
    }

    pub(super) fn write(self, at: Stamp, dated: bool, look: Look<'_>) -> String {
        let civil = |zone: &TimeZone| {
            let at = jiff::Timestamp::from_nanosecond(i128::from(at.0)).unwrap_or_default();
            let civil = zone.to_datetime(at);
            let mut text = String::new();
            if dated {
                let _ = write!(text, "{:02}-{:02} ", civil.month(), civil.day());
            }
            let (hour, minute, second) = (civil.hour(), civil.minute(), civil.second());
            let _ = write!(text, "{hour:02}:{minute:02}:{second:02}.{:03}", civil.millisecond());
            text
        };
        match self {
            Times::Off => String::new(),
            Times::Relative => format!("{:>6}", at.time().age(look.now)),
            Times::Local => civil(look.zone),
            Times::Utc => civil(&TimeZone::UTC) + "Z",
        }
    }

    /// When [`Times::write`] writes something else.
    pub(super) fn next_change(self, at: Stamp, now: Time) -> Option<Time> {
        (self == Times::Relative).then(|| at.time().next_change(now))
    }
}

/// The hour and minute at which something was, there where we are; the second, too, if it is asked for.
pub(super) fn clock(at: Stamp, seconds: bool, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_nanosecond(i128::from(at.0)).unwrap_or_default();
    let civil = zone.to_datetime(at);
    let clock = format!("{:02}:{:02}", civil.hour(), civil.minute());
    if seconds { format!("{clock}:{:02}", civil.second()) } else { clock }
}

/// Whether a moment is not of the day on which we are.
pub(super) fn is_another_day(at: Stamp, look: Look<'_>) -> bool {
    let day = |time: Time| {
        let at = jiff::Timestamp::from_second(time.0).unwrap_or_default();
        look.zone.to_datetime(at).date()
    };
    day(at.time()) != day(look.now)
}
