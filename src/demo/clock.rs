//! From real time to the time of the simulated cluster, which can run fast, stand still, or be moved on.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::world::Moment;

/// A clock of the simulated cluster.
#[derive(Debug)]
pub(crate) struct Clock {
    beat: Mutex<Beat>,
}

/// From when on time runs how fast.
#[derive(Debug, Clone, Copy)]
struct Beat {
    since: Instant,
    then: Moment,
    speed: f64,
}

impl Beat {
    fn at(&self, real: Instant) -> Moment {
        let passed = real.saturating_duration_since(self.since).as_secs_f64();
        self.then.plus_ms((passed * 1_000.0 * self.speed) as i64)
    }
}

impl Clock {
    /// A clock that shows `start` now and runs `speed` times as fast as real time; at 0 it stands still.
    #[must_use]
    pub(crate) fn new(start: Moment, speed: f64) -> Clock {
        Clock { beat: Mutex::new(Beat { since: Instant::now(), then: start, speed: speed.max(0.0) }) }
    }

    /// How late it is in the cluster.
    #[must_use]
    pub(crate) fn now(&self) -> Moment {
        self.beat().at(Instant::now())
    }

    /// Changes how fast time runs from now on.
    pub(crate) fn set_speed(&self, speed: f64) {
        let mut beat = self.beat();
        let real = Instant::now();
        *beat = Beat { since: real, then: beat.at(real), speed: speed.max(0.0) };
    }

    /// Moves the clock on.
    pub(crate) fn advance(&self, by: Duration) {
        let mut beat = self.beat();
        beat.then = beat.then.plus_ms(i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 2));
    }

    /// How long it really takes until it is `moment` in the cluster; `None` while time stands still.
    #[must_use]
    pub(crate) fn until(&self, moment: Moment) -> Option<Duration> {
        let beat = self.beat();
        let left = moment.since(beat.at(Instant::now()));
        if left <= 0 {
            return Some(Duration::ZERO);
        }
        // A millisecond more, so that the moment is reached and not just before.
        (beat.speed > 0.0)
            .then(|| Duration::from_secs_f64((left as f64 / 1_000.0 / beat.speed).min(86_400.0)))
            .map(|wait| wait + Duration::from_millis(1))
    }

    fn beat(&self) -> MutexGuard<'_, Beat> {
        self.beat.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment(1_700_000_000_000);

    #[test]
    fn a_clock_that_stands_still_moves_only_when_it_is_moved() {
        let clock = Clock::new(START, 0.0);
        assert_eq!((clock.now(), clock.until(START.plus(1))), (START, None));
        clock.advance(Duration::from_secs(60));
        assert_eq!((clock.now(), clock.until(START.plus(1))), (START.plus(60), Some(Duration::ZERO)));
    }

    #[test]
    fn a_fast_clock_waits_less() {
        let clock = Clock::new(START, 100.0);
        let wait = clock.until(START.plus(1_000)).unwrap();
        assert!(wait <= Duration::from_millis(10_001) && wait > Duration::from_secs(5), "{wait:?}");
        clock.set_speed(0.0);
        let now = clock.now();
        assert_eq!(clock.now(), now);
    }
}
