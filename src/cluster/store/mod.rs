//! The rows of one watch, built by its deltas, seen through an order and a filter.
//!
//! Pure and synchronous: no clock, no I/O, no knowledge of any kind. What a frame asks for costs what is visible, and
//! a delta costs O(log n); only a new order, a new filter and the end of a full list look at every row.
//!
//! Rows are boxed once and stay where they are, in [`Slots`]. One [`Sorted`] holds the slots in the natural
//! order, by namespace and name. Another order gets one of its own beside it, so that it can be sorted by value alone
//! (rows of equal value are in the natural order already) and so that turning back costs nothing. Whether a row
//! passes the filter is a bit in the index that is looked at.

use crate::resources::{Row, RowId};

mod apply;
mod change;
mod fenwick;
mod index;
mod key;
mod order;
mod slots;
mod sorted;

pub use change::{Change, Counts, Tally};
pub use order::{Order, Sort};

use slots::Slots;
use sorted::Sorted;

/// Tells whether a row is to be shown. It must answer the same for the same row each time.
///
/// It may keep a buffer between calls, hence `FnMut`.
pub type Predicate = Box<dyn FnMut(&dyn Row) -> bool + Send>;

/// See the module.
pub struct Store {
    slots: Slots,
    /// Every row, in the natural order. Its bits of what is shown count only while it is what is looked at.
    natural: Sorted,
    /// Every row, in `order`, unless that is the natural order.
    ordered: Option<Sorted>,
    order: Order,
    filter: Option<Predicate>,
    counts: Counts,
    synced: bool,
    /// Whether a full list has begun and is not complete.
    relisting: bool,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("order", &self.order)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

/// What a view reads.
impl Store {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows pass the filter.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.counts.shown.total()
    }

    /// The row at `rank` among the shown ones, counted from 0 in the order of the display.
    #[must_use]
    pub fn row(&self, rank: usize) -> Option<&dyn Row> {
        self.view().shown_at(rank).map(|slot| self.slots.row(slot))
    }

    /// The shown rows from `start` on, at most `n`.
    pub fn window(&self, start: usize, n: usize) -> impl Iterator<Item = &dyn Row> {
        self.view().shown_from(start).take(n).map(|slot| self.slots.row(slot))
    }

    /// The row with this identity, shown or not.
    #[must_use]
    pub fn get(&self, id: RowId) -> Option<&dyn Row> {
        self.slots.find(id).map(|slot| self.slots.row(slot))
    }

    /// Where the row with this identity is among the shown ones; `None` if it is not.
    #[must_use]
    pub fn rank(&self, id: RowId) -> Option<usize> {
        let slot = self.slots.find(id).filter(|slot| self.slots.is_shown(*slot))?;
        let view = self.view();
        Some(view.rank(view.position(&self.slots, slot)))
    }

    /// How many rows there are of each health, in all and among the shown ones.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Whether the rows are all there are. Until the first full list is complete, what is missing may only not have
    /// arrived yet; after that, rows stay through later lists.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.synced
    }

    /// The order of the display.
    #[must_use]
    pub fn order(&self) -> Order {
        self.order
    }

    fn view(&self) -> &Sorted {
        self.ordered.as_ref().unwrap_or(&self.natural)
    }
}

/// What a person changes of it; what the watch changes is in `apply.rs`.
impl Store {
    /// A store without rows.
    #[must_use]
    pub fn new(order: Order) -> Store {
        let mut store = Store {
            slots: Slots::default(),
            natural: Sorted::default(),
            ordered: None,
            order: Order::default(),
            filter: None,
            counts: Counts::default(),
            synced: false,
            relisting: false,
        };
        store.set_order(order);
        store
    }

    /// Shows the rows in another order.
    pub fn set_order(&mut self, order: Order) {
        if order == self.order {
            return;
        }
        self.order = order;
        if order.is_natural() {
            self.ordered = None;
            self.natural.show_all(&self.slots);
        } else {
            self.ordered = Some(Sorted::new(order, &self.slots, &self.natural));
        }
    }

    /// Shows only the rows that pass; `None` shows all.
    pub fn set_filter(&mut self, filter: Option<Predicate>) {
        self.filter = filter;
        self.counts = Counts::default();
        for slot in self.natural.iter() {
            let row = self.slots.row(slot);
            let (health, shown) = (row.health(), passes(&mut self.filter, row));
            self.counts.add(health, shown);
            self.slots.show(slot, shown);
        }
        self.ordered.as_mut().unwrap_or(&mut self.natural).show_all(&self.slots);
    }
}

fn passes(filter: &mut Option<Predicate>, row: &dyn Row) -> bool {
    filter.as_mut().is_none_or(|filter| filter(row))
}

#[cfg(test)]
mod tests;
