//! When to draw: at once when somebody waits for it, not more often than a screen is worth looking at.

use std::time::Duration;

use tokio::time::Instant;

/// The pace of frames.
#[derive(Debug)]
pub(super) struct Pace {
    /// The shortest time between two frames.
    frame: Duration,
    last: Option<Instant>,
    /// What the last frame took, in bytes.
    bytes: u32,
    /// Whether a person waits for the next frame.
    awaited: bool,
}

impl Pace {
    /// A frame that a person waits for may follow the last one in this part of the time. It bounds what a flood of
    /// keys costs.
    const HASTE: u32 = 16;
    /// The time between two frames that only show how much has arrived of what never ends: nobody reads faster.
    const CALM: Duration = Duration::from_millis(100);
    /// Such frames take no more than so many bytes a second: a terminal may be far away.
    const BYTES: u32 = 34_000;
    /// But however large they are, that many a second are drawn.
    const CALMEST: Duration = Duration::from_millis(500);

    /// At most this many frames a second.
    pub(super) fn new(fps: u16) -> Pace {
        let frame = Duration::from_secs(1) / u32::from(fps.max(1));
        Pace { frame, last: None, bytes: 0, awaited: true }
    }

    /// A person did something and waits to see what came of it.
    pub(super) fn hurry(&mut self) {
        self.awaited = true;
    }

    /// When the next frame may be drawn, which is a calm one or not; `now` if it may be drawn at once.
    pub(super) fn due(&self, now: Instant, calm: bool) -> Instant {
        let wait = match (self.awaited, calm) {
            (true, _) => self.frame / Self::HASTE,
            (false, false) => self.frame,
            (false, true) => {
                let paid = Duration::from_secs(1) * self.bytes / Self::BYTES;
                self.frame.max(paid.clamp(Self::CALM, Self::CALMEST))
            }
        };
        self.last.map_or(now, |last| (last + wait).max(now))
    }

    /// A frame was drawn, in so many bytes.
    pub(super) fn drew(&mut self, now: Instant, bytes: u32) {
        self.last = Some(now);
        self.bytes = bytes;
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
        assert_eq!(pace.due(start, false), start);
        pace.drew(start, 100);
        assert_eq!(pace.due(start, false), start + Duration::from_millis(20));
        pace.hurry();
        let soon = start + Duration::from_micros(1250);
        assert_eq!(pace.due(start, false), soon, "a key is answered sooner");
        assert_eq!(pace.due(start, true), soon, "whatever else goes on");
        let late = start + Duration::from_secs(1);
        assert_eq!(pace.due(late, false), late);
    }

    #[test]
    fn frames_of_what_never_ends_cost_no_more_than_a_terminal_far_away_can_take() {
        let mut pace = Pace::new(50);
        let start = Instant::now();
        for (bytes, milliseconds) in [(10, 100), (6_800, 200), (1 << 20, 500)] {
            pace.drew(start, bytes);
            assert_eq!(pace.due(start, true), start + Duration::from_millis(milliseconds), "{bytes} bytes");
        }
        assert_eq!(Pace::new(1).due(start, true), start, "the first one is due at once");
    }
}
