//! The highlighted row: by identity, never by position.

use crate::cluster::store::Store;
use crate::resources::RowId;
use crate::views::scrolled;

/// Which row is highlighted, and which part of the rows is in sight.
///
/// The identity is what counts. The rank is where that row was last seen: it serves to keep the row on its line of the
/// screen while others come and go, and to find a neighbour when the row itself goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The highlighted row; none when nothing is shown.
    pub(super) id: Option<RowId>,
    /// Where it is among the shown rows.
    pub(super) rank: usize,
    /// The first row in sight.
    pub(super) top: usize,
}

impl Cursor {
    /// Follows the highlighted row after the rows changed. When it is gone, its next neighbour is highlighted instead.
    pub(super) fn follow(&mut self, store: &Store, rows: usize) {
        let last = store.shown().saturating_sub(1);
        if let Some(rank) = self.id.and_then(|id| store.rank(id)) {
            // Someone who scrolled keeps looking at the same lines; someone at the top sees what arrives there.
            if self.top > 0 {
                self.top = (self.top + rank).saturating_sub(self.rank);
            }
            self.rank = rank;
        } else {
            self.rank = self.rank.min(last);
            self.id = store.row(self.rank).map(|row| row.meta().id);
        }
        self.keep_in_sight(store, rows);
    }

    /// Highlights the row at this rank.
    pub(super) fn go(&mut self, rank: usize, store: &Store, rows: usize) {
        self.rank = rank.min(store.shown().saturating_sub(1));
        self.id = store.row(self.rank).map(|row| row.meta().id);
        self.keep_in_sight(store, rows);
    }

    /// Scrolls to the highlighted row, and not past the end.
    pub(super) fn keep_in_sight(&mut self, store: &Store, rows: usize) {
        self.top = scrolled(self.top, self.rank, rows).min(store.shown().saturating_sub(rows));
    }
}
