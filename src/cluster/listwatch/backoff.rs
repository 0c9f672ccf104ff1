//! How long to wait before the next attempt.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use super::Tuning;

/// The longest that a server can make us wait.
const PATIENCE: Duration = Duration::from_secs(300);

/// Doubling waits, scattered so that many clients of a server that comes back do not come all at once.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure, for which the server may have asked for a wait of its own.
    pub(crate) fn next(&mut self, tuning: &Tuning, asked: Option<Duration>) -> Duration {
        let doubled = tuning.backoff_first.saturating_mul(1 << self.failures.min(16));
        self.failures += 1;
        let own = match asked {
            Some(asked) => asked.min(PATIENCE).max(tuning.backoff_first),
            None => doubled.min(tuning.backoff_last),
        };
        scattered(own)
    }

    /// Forgets the failures.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// The wait, or up to a quarter longer.
pub(super) fn scattered(wait: Duration) -> Duration {
    wait + wait.mul_f64(random() / 4.0)
}

/// A number from 0 to 1, 1 excluded. The standard library seeds its hashers at random, which is random enough to
/// scatter attempts.
pub(super) fn random() -> f64 {
    (RandomState::new().hash_one(0) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_about(wait: Duration, seconds: f64) -> bool {
        (seconds..=seconds * 1.25).contains(&wait.as_secs_f64())
    }

    #[test]
    fn waits_double_up_to_the_last_and_begin_anew() {
        let tuning = Tuning::default();
        let mut backoff = Backoff::default();
        for expected in [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0] {
            let wait = backoff.next(&tuning, None);
            assert!(is_about(wait, expected), "{wait:?} for {expected}");
        }
        let _ = (0..100).map(|_| backoff.next(&tuning, None)).last();
        backoff.reset();
        assert!(is_about(backoff.next(&tuning, None), 0.8));
    }

    #[test]
    fn the_server_may_ask_for_more_but_not_for_a_loop_or_for_ever() {
        let (tuning, mut backoff) = (Tuning::default(), Backoff::default());
        for (asked, expected) in [(60, 60.0), (0, 0.8), (u64::MAX, 300.0)] {
            let wait = backoff.next(&tuning, Some(Duration::from_secs(asked)));
            assert!(is_about(wait, expected), "{wait:?} for {asked}");
        }
    }

    #[test]
    fn attempts_are_scattered() {
        let tuning = Tuning::default();
        let waits: std::collections::HashSet<Duration> =
            (0..10).map(|_| Backoff::default().next(&tuning, None)).collect();
        assert!(waits.len() > 1);
    }
}
