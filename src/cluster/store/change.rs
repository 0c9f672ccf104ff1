//! What came of a delta, so that a view can tell cheaply whether its screen changed; and counts by health.

use std::ops::Range;

use crate::resources::Health;

/// What one delta changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use]
pub struct Change {
    /// Whether any row appeared, went or looks different, shown or not.
    pub rows: bool,
    /// Where the row was among the shown ones; `None` if it was not.
    pub before: Option<usize>,
    /// Where the row is now among the shown ones; `None` if it is not.
    pub after: Option<usize>,
    /// Whether [`Store::counts`](super::Store::counts) changed.
    pub counts: bool,
    /// Whether this is about more than one row, or about whether the rows are complete: everything may have
    /// changed, and `before` and `after` are `None`.
    pub many: bool,
}

impl Change {
    pub(super) const NONE: Change =
        Change { rows: false, before: None, after: None, counts: false, many: false };
    pub(super) const MANY: Change =
        Change { rows: true, before: None, after: None, counts: true, many: true };

    /// Whether nothing changed at all.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Change::NONE
    }

    /// Whether the shown rows with these ranks are others, or look different, than before.
    #[must_use]
    pub fn touches(&self, ranks: &Range<usize>) -> bool {
        let (first, last) = match (self.before, self.after) {
            (None, None) => return self.many,
            // A row that comes or goes moves all that follow it.
            (Some(rank), None) | (None, Some(rank)) => (rank, usize::MAX),
            (Some(before), Some(after)) => (before.min(after), before.max(after)),
        };
        first < ranks.end && ranks.start <= last
    }
}

/// How many rows there are of each health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally([usize; Health::ALL.len()]);

impl Tally {
    /// How many are of this health.
    #[must_use]
    pub const fn of(&self, health: Health) -> usize {
        self.0[health as usize]
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    fn add(&mut self, health: Health) {
        self.0[health as usize] += 1;
    }

    fn remove(&mut self, health: Health) {
        self.0[health as usize] -= 1;
    }
}

/// How the rows of a store are doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All rows.
    pub all: Tally,
    /// Those that pass the filter.
    pub shown: Tally,
}

impl Counts {
    pub(super) fn add(&mut self, health: Health, shown: bool) {
        self.all.add(health);
        if shown {
            self.shown.add(health);
        }
    }

    pub(super) fn remove(&mut self, health: Health, shown: bool) {
        self.all.remove(health);
        if shown {
            self.shown.remove(health);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_touches_the_ranks_between_the_old_place_and_the_new() {
        let change = |before, after| Change { rows: true, before, after, ..Change::NONE };
        assert!(change(Some(4), Some(4)).touches(&(4..5)));
        assert!(!change(Some(4), Some(4)).touches(&(5..9)));
        assert!(change(Some(9), Some(2)).touches(&(4..6)));
        assert!(change(None, Some(2)).touches(&(4..6)), "an insertion moves all that follow");
        assert!(!change(Some(6), None).touches(&(4..6)));
        assert!(!change(None, None).touches(&(0..100)));
        assert!(Change::MANY.touches(&(0..1)));
    }
}
