//! When to draw: at once when somebody waits for it, not more often than a screen is worth looking at.

use std::time::Duration;

use tokio::time::Instant;

/// The pace of frames.
#[derive(Debug)]
pub(super) struct Pace {
    /// The shortest time between two frames.
    frame: Duration,
    last: Option<Instant>,
}

impl Pace {
    /// At most this many frames a second.
    pub(super) fn new(fps: u16) -> Pace {
        Pace { frame: Duration::from_secs(1) / u32::from(fps.max(1)), last: None }
    }

    /// When the next frame may be drawn; `now` if it may be drawn at once.
    pub(super) fn due(&self, now: Instant) -> Instant {
        self.last.map_or(now, |last| (last + self.frame).max(now))
    }

    /// A frame was drawn.
    pub(super) fn drew(&mut self, now: Instant) {
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frame_is_due_at_once_and_the_next_after_its_interval() {
        let mut pace = Pace::new(50);
        let start = Instant::now();
        assert_eq!(pace.due(start), start);
        pace.drew(start);
        assert_eq!(pace.due(start), start + Duration::from_millis(20));
        let late = start + Duration::from_secs(1);
        assert_eq!(pace.due(late), late);
    }
}
