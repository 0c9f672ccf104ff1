//! What each delta does to a [`Store`].
//!
//! Each of these keeps four things in step: the rows, the natural order, the order of the display with its bits of
//! what is shown, and the counts.

use super::order::natural;
use super::{Change, Store, passes};
use crate::cluster::Delta;
use crate::resources::{Row, RowId};

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
    pub fn apply_all(&mut self, deltas: Vec<Delta>) -> Vec<Change> {
        let changes = deltas.into_iter().map(|delta| self.apply(delta));
        changes.filter(|change| !change.is_none()).collect()
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
        let mut position = self.natural.insert(&self.slots, slot);
        if let Some(ordered) = &mut self.ordered {
            position = ordered.insert(&self.slots, slot);
        }
        let after = shown.then(|| self.view().rank(position));
        Change { rows: true, before: None, after, counts: true, many: false }
    }

    fn replace(&mut self, slot: u32, row: Box<dyn Row>) -> Change {
        let was_shown = self.slots.is_shown(slot);
        let shown = passes(&mut self.filter, &*row);
        let position = self.view().position(&self.slots, slot);
        let before = was_shown.then(|| self.view().rank(position));
        // Names do not change while the identity stays, but a server that breaks this must not break us.
        let is_renamed = natural(self.slots.row(slot), &*row).is_ne();
        let in_natural =
            (is_renamed && self.ordered.is_some()).then(|| self.natural.position(&self.slots, slot));

        let (old, new) = (self.slots.row(slot).health(), row.health());
        self.counts.remove(old, was_shown);
        self.counts.add(new, shown);
        self.slots.replace(slot, row, shown);

        if let Some(position) = in_natural {
            self.natural.update(&self.slots, slot, position);
        }
        let view = self.ordered.as_mut().unwrap_or(&mut self.natural);
        let position = view.update(&self.slots, slot, position);
        let after = shown.then(|| self.view().rank(position));
        Change { rows: true, before, after, counts: (old, was_shown) != (new, shown), many: false }
    }

    fn delete(&mut self, id: RowId) -> Change {
        let Some(slot) = self.slots.find(id) else {
            return Change::NONE;
        };
        let position = self.view().position(&self.slots, slot);
        let before = self.slots.is_shown(slot).then(|| self.view().rank(position));
        if let Some(ordered) = &mut self.ordered {
            ordered.remove(position);
            self.natural.remove(self.natural.position(&self.slots, slot));
        } else {
            self.natural.remove(position);
        }
        let row = self.slots.remove(slot);
        self.counts.remove(row.health(), before.is_some());
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
            self.natural.sweep(&self.slots);
            if let Some(ordered) = &mut self.ordered {
                ordered.sweep(&self.slots);
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
        self.natural.rename(&renamed);
        if let Some(ordered) = &mut self.ordered {
            ordered.rename(&renamed);
        }
    }
}
