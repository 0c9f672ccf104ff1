//! Moments and ages, as Kubernetes writes and kubectl shows them.

use std::fmt::Write as _;

/// A moment, in whole seconds since the Unix epoch.
///
/// Kubernetes' own timestamps have this precision; the finer ones of events lose nothing that a table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// Reads an RFC 3339 timestamp; `None` when the text is empty or is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Time> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Time(t.as_second()))
    }

    /// Writes the age of this moment at `now` as kubectl does.
    ///
    /// The steps are those of `HumanDuration` in `k8s.io/apimachinery/pkg/util/duration`: the further back, the
    /// coarser.
    pub fn write_age(self, now: Time, out: &mut String) {
        let seconds = now.0 - self.0;
        let (minutes, hours) = (seconds / 60, seconds / 3600);
        let (days, years) = (hours / 24, hours / 24 / 365);
        let mut two = |big: i64, unit: char, small: i64, small_unit: char| {
            let _ = write!(out, "{big}{unit}");
            if small > 0 {
                let _ = write!(out, "{small}{small_unit}");
            }
        };
        match seconds {
            ..-1 => out.push_str("<invalid>"),
            -1..0 => out.push_str("0s"),
            0..120 => two(seconds, 's', 0, ' '),
            _ if minutes < 10 => two(minutes, 'm', seconds % 60, 's'),
            _ if minutes < 180 => two(minutes, 'm', 0, ' '),
            _ if hours < 8 => two(hours, 'h', minutes % 60, 'm'),
            _ if hours < 48 => two(hours, 'h', 0, ' '),
            _ if days < 8 => two(days, 'd', hours % 24, 'h'),
            _ if years < 2 => two(days, 'd', 0, ' '),
            _ if years < 8 => two(years, 'y', days % 365, 'd'),
            _ => two(years, 'y', 0, ' '),
        }
    }

    /// The age as text; see [`Time::write_age`].
    #[must_use]
    pub fn age(self, now: Time) -> String {
        let mut out = String::new();
        self.write_age(now, &mut out);
        out
    }

    /// The next moment at which [`Time::write_age`] writes something else than it does at `now`.
    ///
    /// An idle screen sleeps until the earliest of these.
    #[must_use]
    pub fn next_change(self, now: Time) -> Time {
        let seconds = now.0 - self.0;
        let step = match seconds {
            ..600 => 1,
            _ if seconds < 8 * 3600 => 60,
            _ if seconds < 8 * 86_400 => 3600,
            _ => 86_400,
        };
        Time(now.0 + step - seconds.rem_euclid(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_written_in_kubectls_steps() {
        let cases = [
            (-5, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (121, "2m1s"),
            (599, "9m59s"),
            (600, "10m"),
            (179 * 60 + 59, "179m"),
            (180 * 60, "3h"),
            (3 * 3600 + 60, "3h1m"),
            (8 * 3600, "8h"),
            (47 * 3600, "47h"),
            (48 * 3600, "2d"),
            (50 * 3600, "2d2h"),
            (8 * 86_400, "8d"),
            (729 * 86_400, "729d"),
            (730 * 86_400, "2y"),
            (731 * 86_400, "2y1d"),
            (8 * 365 * 86_400, "8y"),
        ];
        for (seconds, text) in cases {
            assert_eq!(Time(0).age(Time(seconds)), text, "{seconds} seconds");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_age_stays_the_same_until_its_next_change(seconds in 0i64..4_000_000_000) {
            let now = Time(seconds);
            let next = Time(0).next_change(now);
            proptest::prop_assert!(next > now);
            proptest::prop_assert_eq!(Time(0).age(now), Time(0).age(Time(next.0 - 1)));
        }
    }
}
