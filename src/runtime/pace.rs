//! When to draw: at once when somebody waits for it, not more often than a screen is worth looking at.

use std::time::Duration;

use tokio::time::Instant;

/// The pace of frames.
#[derive(Debug)]
pub(super) struct Pace {
    /// The shortest time between two frames.
    frame: Duration,
    last: Option<Instant>,
    /// Whether a person waits for the next frame.
    awaited: bool,
}

impl Pace {
    /// A frame that a person waits for may follow the last one in this part of the time. It bounds what a flood of
    /// keys costs.
    const HASTE: u32 = 16;

    /// At most this many frames a second.
    pub(super) fn new(fps: u16) -> Pace {
        Pace { frame: Duration::from_secs(1) / u32::from(fps.max(1)), last: None, awaited: true }
    }

    /// A person did something and waits to see what came of it.
    pub(super) fn hurry(&mut self) {
        self.awaited = true;
    }

    /// When the next frame may be drawn; `now` if it may be drawn at once.
    pub(super) fn due(&self, now: Instant) -> Instant {
        let wait = if self.awaited { self.frame / Self::HASTE } else { self.frame };
        self.last.map_or(now, |last| (last + wait).max(now))
    }

    /// A frame was drawn.
    pub(super) fn drew(&mut self, now: Instant) {
        self.last = Some(now);
        self.awaited = false;
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
        pace.hurry();
        assert_eq!(pace.due(start), start + Duration::from_micros(1250), "a key is answered sooner");
        let late = start + Duration::from_secs(1);
        assert_eq!(pace.due(late), late);
    }
}
