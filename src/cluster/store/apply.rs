//! What each delta does to a [`Store`].
//!
//! Each of these keeps four things in step: the rows, the natural order, the order of the display with its bits of
//! what is shown, and the counts.

use super::index::Position;
use super::order::natural;
use super::{Change, Order, Store, passes};
use crate::cluster::Delta;
use crate::resources::{Row, RowId};

/// Sorting all rows anew costs as much as putting one in this many of them in their places, one by one (measured).
const ANEW: usize = 32;
/// Batches of fewer deltas are taken one by one, so that what changed is known to the row.
const FEW: usize = 64;

impl Store {
    /// Takes in what the watch says, and tells what that changed. The state of the link is not its business.
    pub fn apply(&mut self, delta: Delta) -> Change {
        match delta {
            Delta::Upsert(row) => self.upsert(row),
            Delta::Delete(id) => self.delete(id),
            Delta::Relist => {
                self.slots.unsee_all();
                self.relisting = true;
                Change::NONE
            }
            Delta::Synced => self.complete(),
            Delta::Link(_) | Delta::Undecodable { .. } => Change::NONE,
        }
    }

    /// Takes in a whole batch, and tells what changed, in the order in which it did; nothing if nothing did.
    ///
    /// While the first list arrives, a batch that is a large part of all rows is put into the natural order alone, in
    /// which it mostly comes, and the order of the display is made anew once.
    pub fn apply_all(&mut self, deltas: Vec<Delta>) -> Vec<Change> {
        let order = self.order;
        if order.is_natural() || self.synced || deltas.len() < FEW.max(self.len() / ANEW) {
            let changes = deltas.into_iter().map(|delta| self.apply(delta));
            return changes.filter(|change| !change.is_none()).collect();
        }
        self.set_order(Order::default());
        let mut changed = false;
        for delta in deltas {
            changed |= !self.apply(delta).is_none();
        }
        self.set_order(order);
        if changed { vec![Change::MANY] } else { Vec::new() }
    }

    fn upsert(&mut self, row: Box<dyn Row>) -> Change {
        let Some(slot) = self.slots.find(row.meta().id) else {
            return self.insert(row);
        };
        self.slots.see(slot);
        if self.slots.row(slot).same(&*row) { Change::NONE } else { self.replace(slot, row) }
    }

    fn insert(&mut self, row: Box<dyn Row>) -> Change {
        let shown = passes(&mut self.filter, &*row);
        self.counts.add(row.health(), shown);
        let slot = self.slots.insert(row, shown);
        let (slots, order) = (&self.slots, self.order);
        let row = slots.row(slot);
        let mut position = self.natural.insert(slot, shown, |other| natural(slots.row(other), row));
        if let Some(ordered) = &mut self.ordered {
            position = ordered.insert(slot, shown, |other| order.compare(slots.row(other), row));
        }
        let after = shown.then(|| self.view().rank(position));
        Change { rows: true, before: None, after, counts: true, many: false }
    }

    fn replace(&mut self, slot: u32, row: Box<dyn Row>) -> Change {
        let was_shown = self.slots.is_shown(slot);
        let shown = passes(&mut self.filter, &*row);
        let position = self.position(slot);
        let before = was_shown.then(|| self.view().rank(position));
        let natural_position = self.natural_position_if_it_moves(slot, &*row);

        let old = self.slots.replace(slot, row);
        self.slots.show(slot, shown);
        let (slots, order) = (&self.slots, self.order);
        let row = slots.row(slot);
        let counts = (old.health(), was_shown) != (row.health(), shown);
        self.counts.remove(old.health(), was_shown);
        self.counts.add(row.health(), shown);

        if let (Some(place), Some(_)) = (natural_position, &self.ordered) {
            self.natural.remove(place);
            self.natural.insert(slot, shown, |other| natural(slots.row(other), row));
        }
        let view = self.ordered.as_mut().unwrap_or(&mut self.natural);
        let compare = |other| order.compare(slots.row(other), row);
        let position = if view.is_in_place(position, compare) {
            view.show(position, shown);
            position
        } else {
            view.remove(position);
            view.insert(slot, shown, compare)
        };
        let after = shown.then(|| self.view().rank(position));
        Change { rows: true, before, after, counts, many: false }
    }

    /// Where the slot is in the natural order, if it will not stay there as `row`. Names do not change while the
    /// identity stays, but a server that breaks this must not break us.
    fn natural_position_if_it_moves(&self, slot: u32, row: &dyn Row) -> Option<Position> {
        let old = self.slots.row(slot);
        if natural(old, row).is_eq() {
            return None;
        }
        self.natural.find(|other| natural(self.slots.row(other), old)).ok()
    }

    fn delete(&mut self, id: RowId) -> Change {
        let Some(slot) = self.slots.find(id) else {
            return Change::NONE;
        };
        let position = self.position(slot);
        let before = self.slots.is_shown(slot).then(|| self.view().rank(position));
        let row = self.slots.row(slot);
        self.counts.remove(row.health(), before.is_some());
        if let Some(ordered) = &mut self.ordered {
            ordered.remove(position);
        }
        if let Ok(position) = self.natural.find(|other| natural(self.slots.row(other), row)) {
            self.natural.remove(position);
        }
        self.slots.remove(slot);
        self.give_back_memory();
        Change { rows: true, before, after: None, counts: true, many: false }
    }

    /// The full list is complete: what it did not mention is gone.
    fn complete(&mut self) -> Change {
        let first = !std::mem::replace(&mut self.synced, true);
        let gone = if std::mem::take(&mut self.relisting) { self.slots.unseen() } else { Vec::new() };
        for slot in &gone {
            let shown = self.slots.is_shown(*slot);
            self.counts.remove(self.slots.remove(*slot).health(), shown);
        }
        if !gone.is_empty() {
            for index in [Some(&mut self.natural), self.ordered.as_mut()].into_iter().flatten() {
                index.rebuild(|slot| self.slots.is_used(slot), |slot| slot);
            }
            self.give_back_memory();
        }
        if first || !gone.is_empty() { Change::MANY } else { Change::NONE }
    }

    /// After most rows went (a namespace deleted, a scope narrowed), their memory goes too.
    fn give_back_memory(&mut self) {
        if !self.slots.is_sparse() {
            return;
        }
        let renamed = self.slots.compact(self.natural.iter());
        for index in [Some(&mut self.natural), self.ordered.as_mut()].into_iter().flatten() {
            index.rebuild(|_| true, |slot| renamed[slot as usize]);
        }
    }
}
