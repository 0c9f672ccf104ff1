//! How the cluster's time passes, against ours: the embedded cluster's may run fast, or stand still.

use crate::resources::Time;

/// A cluster's time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tempo {
    since: Time,
    speed: f64,
}

impl Default for Tempo {
    /// As ours.
    fn default() -> Tempo {
        Tempo { since: Time(0), speed: 1.0 }
    }
}

impl Tempo {
    /// From `since` on, which was the same moment there and here, `speed` times as fast as ours; at 0 it stands still.
    #[must_use]
    pub const fn new(since: Time, speed: f64) -> Tempo {
        Tempo { since, speed }
    }

    /// How late it is there at the end of our second `here`: nothing that has happened there is in the future.
    #[must_use]
    pub fn there(&self, here: Time) -> Time {
        let passed = (here.0 - self.since.0 + 1) as f64 * self.speed;
        Time(self.since.0 + (passed as i64 - 1).max(0))
    }

    /// The first of our seconds in which it is `there` or later; `None` if that never comes.
    #[must_use]
    pub fn here(&self, there: Time) -> Option<Time> {
        let needed = (there.0 - self.since.0 + 1) as f64 / self.speed;
        needed.is_finite().then(|| Time(self.since.0 + needed.ceil() as i64 - 1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn time_that_stands_still_never_gets_later() {
        let still = Tempo::new(Time(1_000), 0.0);
        assert_eq!((still.there(Time(1_000)), still.there(Time(9_000))), (Time(1_000), Time(1_000)));
        assert_eq!(still.here(Time(1_001)), None);
    }

    proptest! {
        #[test]
        fn ours_is_ours(now in 1i64 << 20..1 << 40) {
            prop_assert_eq!(Tempo::default().there(Time(now)), Time(now));
            prop_assert_eq!(Tempo::default().here(Time(now)), Some(Time(now)));
        }

        #[test]
        fn a_moment_there_comes_in_the_second_that_is_said(speed in 1u32..1_000, passed in 0i64..100_000) {
            let tempo = Tempo::new(Time(1_000), f64::from(speed));
            let there = Time(1_000 + passed);
            let here = tempo.here(there).unwrap();
            prop_assert!(tempo.there(here) >= there, "it is so late by then");
            prop_assert!(here.0 < 1_000 || tempo.there(Time(here.0 - 1)) < there, "and not before");
        }
    }
}
