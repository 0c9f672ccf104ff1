//! Time in the simulated cluster.
//!
//! The world never reads a clock: each call from outside says how late it is. So time can run fast, stand still, or
//! jump, and a test sees the same world twice.

use jiff::Timestamp;

/// A moment of the simulated cluster, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub i64);

impl Moment {
    /// This moment as the API writes times: RFC 3339 in whole seconds.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.timestamp(1_000).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// This moment as the API writes a `MicroTime`.
    #[must_use]
    pub fn micro(self) -> String {
        self.timestamp(1).strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
    }

    /// Reads an RFC 3339 timestamp.
    #[must_use]
    pub fn parse(text: &str) -> Option<Moment> {
        text.parse::<Timestamp>().ok().map(|at| Moment(at.as_millisecond()))
    }

    /// So many seconds later, or earlier.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Moment {
        Moment(self.0 + seconds * 1_000)
    }

    /// So many milliseconds later, or earlier.
    #[must_use]
    pub const fn plus_ms(self, milliseconds: i64) -> Moment {
        Moment(self.0 + milliseconds)
    }

    /// Milliseconds from `earlier` to this moment.
    #[must_use]
    pub const fn since(self, earlier: Moment) -> i64 {
        self.0 - earlier.0
    }

    fn timestamp(self, step: i64) -> Timestamp {
        let milliseconds = self.0.div_euclid(step) * step;
        Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn times_are_written_as_the_api_writes_them() {
        let at = Moment(1_700_000_000_250);
        assert_eq!(at.rfc3339(), "2023-11-14T22:13:20Z");
        assert_eq!(at.micro(), "2023-11-14T22:13:20.250000Z");
        assert_eq!(Moment::parse(&at.micro()), Some(at));
        assert_eq!(Moment::parse("yesterday"), None);
    }
}
